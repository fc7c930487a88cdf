/* SPDX-License-Identifier: MIT */
/* Two ways to the same answer, one that remembers and one that does not.
 *
 * Baby steps, giant steps: write x = i n + j with j below n. Then 2^j = y (2^-n)^i: all values of the left side go into
 * a table once, and those of the right are tried one by one.
 *
 *      exponent  0 1 2 .. n-1                 baby steps: in the table
 *                |.......|.......|.......|.......|
 *                                     x              giant steps: back from x by n until the table is met
 *
 * Kangaroos: there are 32 jumps of random lengths, and the lowest bits of a number choose which is taken from there.
 * Two that ever land on the same spot stay together from then on. */
#include "app/workbench/bench/dlog.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

void dlog_group_init(struct dlog_group *group, unsigned bits)
{
    assert(bits >= 8 && bits <= 62);
    uint64_t p = ((uint64_t)1 << bits) - 1; /* 7 modulo 8, and so are all that follow */
    while (!mod64_is_prime(p) || !mod64_is_prime(p / 2))
        p -= 8;
    *group = (struct dlog_group){.p = p, .q = p / 2, .bits = bits};
    mod64_init(&group->mod, p);
    group->g = mod64_in(&group->mod, 2);
}

uint64_t dlog_public(const struct dlog_group *group, uint64_t x)
{
    return mod64_power(&group->mod, group->g, x);
}

/* --- Baby steps, giant steps -------------------------------------------------------------------------------------- */

/* A slot is 8 bytes: the lower 24 are j + 1 (0: empty), the upper 40 what tells its number from others that begin to
 * be looked for at the same slot. What seems to be found is computed anew, so a coincidence costs time alone. */
#define INDEX_BITS 24
#define INDEX_MASK (((uint64_t)1 << INDEX_BITS) - 1)

struct table {
    uint64_t *slot;
    size_t mask;   /* slots - 1, slots being a power of 2 */
    uint64_t baby; /* steps that go into it: at most half of the slots, or searches get long */
};

static uint64_t mix(uint64_t value)
{
    value *= 0x9e3779b97f4a7c15; /* 2^64 over the golden ratio: neighbours end up far from each other */
    return value ^ value >> 32;
}

/* How large a table is: sqrt(q) baby steps or what fits. */
static struct table plan(const struct dlog_group *group, size_t memory)
{
    struct table t = {.mask = 15, .baby = (uint64_t)ceil(sqrt((double)group->q))};
    while ((t.mask + 1) / 2 < t.baby && (t.mask + 1) * 2 <= memory / sizeof *t.slot && t.mask < INDEX_MASK / 2)
        t.mask = t.mask * 2 + 1;
    if (t.baby > (t.mask + 1) / 2)
        t.baby = (t.mask + 1) / 2;
    return t;
}

double dlog_steps_expected(const struct dlog_group *group, size_t memory, size_t *table)
{
    struct table t = plan(group, memory);
    *table = (t.mask + 1) * sizeof *t.slot;
    return (double)t.baby + (double)group->q / (double)t.baby / 2;
}

static void table_add(struct table *t, uint64_t value, uint64_t j)
{
    uint64_t h = mix(value);
    size_t at = (size_t)h & t->mask;
    while (t->slot[at] != 0)
        at = (at + 1) & t->mask;
    t->slot[at] = (h & ~INDEX_MASK) | (j + 1);
}

/* The j with 2^j = value, or t->baby where there is none. */
static uint64_t table_find(const struct table *t, const struct dlog_group *group, uint64_t value)
{
    uint64_t h = mix(value);
    for (size_t at = (size_t)h & t->mask; t->slot[at] != 0; at = (at + 1) & t->mask)
        if (((t->slot[at] ^ h) & ~INDEX_MASK) == 0) {
            uint64_t j = (t->slot[at] & INDEX_MASK) - 1;
            if (dlog_public(group, j) == value)
                return j;
        }
    return t->baby;
}

int dlog_steps(const struct dlog_group *group, uint64_t y, size_t memory, uint64_t *x, uint64_t *steps)
{
    struct table t = plan(group, memory);
    t.slot = calloc(t.mask + 1, sizeof *t.slot);
    if (t.slot == NULL)
        return -1;
    uint64_t value = group->mod.one, giants = group->q / t.baby + 1, i, j = t.baby;
    for (uint64_t baby = 0; baby < t.baby; baby++) {
        table_add(&t, value, baby);
        value = mod64_mul(&group->mod, value, group->g);
    }
    uint64_t back = dlog_public(group, group->q - t.baby % group->q); /* 2^-n: the exponents go round modulo q */
    for (i = 0, value = y; i < giants; i++) {
        j = table_find(&t, group, value);
        if (j < t.baby)
            break;
        value = mod64_mul(&group->mod, value, back);
    }
    free(t.slot);
    *steps += t.baby + i;
    if (i == giants)
        return -1;
    *x = i * t.baby + j;
    return 0;
}

/* --- Kangaroos ---------------------------------------------------------------------------------------------------- */

#define JUMPS 32

/* In terms of sqrt(q): the mean jump is m = 0.52, and the tame one jumps t = 1.8 times as often as the mean is long.
 * On its way each place is one of its spots with probability 1 / mean, so a wild one that comes past misses them all
 * with probability f = e^-t, one time in six; then both start afresh on other ground, as on the same ground the next
 * wild one would soon follow the last. Without the start inside the tame one's way, which the cyclic group makes
 * possible, that would be 2 t m + 1 / (2 m) steps where the trap is found at once, and f / (1 - f) times 2 t m + 1 / m
 * more for attempts that failed: 3.6 in all. With it, integrated over x, it is 2.84, and this m and t are the lowest
 * point; 32 jumps that are not quite random add a little. */
#define MEAN_JUMP 0.52
#define TAME_JUMPS 1.8

struct ground {
    uint64_t length[JUMPS], power[JUMPS]; /* power = 2^length */
    uint64_t tame_jumps;
};

/* Random lengths, another ground for every number. */
static void lay_ground(struct ground *ground, const struct dlog_group *group, uint64_t number)
{
    double mean = MEAN_JUMP * sqrt((double)group->q);
    for (int i = 0; i < JUMPS; i++) {
        number = number * 6364136223846793005 + 1442695040888963407; /* Knuth, TAOCP 3.3.4, table 1 */
        ground->length[i] = (number >> 33) % (uint64_t)(2 * mean) + 1;
        ground->power[i] = dlog_public(group, ground->length[i]);
    }
    ground->tame_jumps = (uint64_t)(TAME_JUMPS * mean) + 1;
}

/* Jumps once: moves to where the ground says, and returns how far that was. */
static inline uint64_t jump(const struct ground *ground, const struct mod64 *mod, uint64_t *place)
{
    size_t i = (size_t)(*place % JUMPS);
    *place = mod64_mul(mod, *place, ground->power[i]);
    return ground->length[i];
}

void dlog_kangaroo(const struct dlog_group *group, uint64_t y, uint64_t *x, uint64_t *steps)
{
    const struct mod64 *mod = &group->mod;
    struct ground ground;
    for (uint64_t attempt = 0;; attempt++) {
        lay_ground(&ground, group, y + attempt);
        uint64_t trap_at = group->q - 1, trap = dlog_public(group, trap_at); /* the tame one starts at the end */
        for (uint64_t i = 0; i < ground.tame_jumps; i++)
            trap_at += jump(&ground, mod, &trap);
        uint64_t place = y, way = 0, jumps = 0; /* the wild one starts at x: way > trap_at is past the trap */
        for (; place != trap && way <= trap_at; jumps++)
            way += jump(&ground, mod, &place);
        *steps += ground.tame_jumps + jumps;
        if (place == trap) {
            *x = (trap_at % group->q + group->q - way % group->q) % group->q;
            return;
        }
    }
}
