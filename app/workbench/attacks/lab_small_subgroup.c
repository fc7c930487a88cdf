/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman in a group with small subgroups, and nobody looks at public values: x is found piece by piece.
 *
 *      question   the attacker's public value h [128]                  empty: what another client and the server said
 *      answer     yes and "hello", sealed under h^x (sealed_line.h); no: the value is refused
 *                 empty: the server's y [128] || the client's y [128] || the client's line, sealed under their Z
 *                 (256 in the place of 128 for the real code)
 *
 * Where a small prime r divides p - 1, h = a^((p-1)/r) has order r: h^x is one of r numbers, and which one it is tells
 * x mod r. The answer is sealed under it, so the attacker tries all r. From x mod 3, mod 5, mod 7, ... the Chinese
 * remainder theorem makes x, as soon as the product of the primes is larger than x: C. H. Lim and P. J. Lee, 1997.
 *
 * The server uses the same x again and again, as one with a static key does. The real code is dh_derive with ffdhe2048,
 * whose (p-1)/2 is a prime: there is no such r, and what else there is, is refused. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/sealed_line.h"
#include "app/workbench/labs/dh_smooth.h"
#include "app/workbench/labs/dh_unchecked.h"
#include "crypto/bignum.h"
#include "crypto/dh.h"
#include "crypto/rng.h"

#define LEN_MAX 256
#define X_LEN 32
#define PRIME_MAX 199
#define LIMBS BIGNUM_LIMBS(LEN_MAX)
#define X_LIMBS (BIGNUM_LIMBS(X_LEN) + 2) /* room for the product of the primes, which is larger than x */

struct world {
    enum lab_side side;
    const struct dh_group *group;
    struct dh_key_pair pair; /* the server's */
    struct rng *rng;
    uint8_t heard[LAB_ANSWER_MAX];
    size_t heard_len;
};

static const struct dh_group *group_of(enum lab_side side)
{
    return side == LAB_TWIN ? &lab_dh_smooth : dh_group(DH_FFDHE2048);
}

static void make_pair(struct dh_key_pair *pair, enum lab_side side, struct rng *rng)
{
    if (side == LAB_REAL) {
        dh_generate(pair, group_of(side), rng);
        return;
    }
    pair->group = &lab_dh_smooth;
    rng_key(rng, pair->x, X_LEN);
    lab_dh_unchecked(pair->y, &lab_dh_smooth, pair->x, lab_dh_smooth_g);
}

static int derive(const struct world *w, uint8_t *z, const uint8_t *peer, size_t peer_len)
{
    if (w->side == LAB_REAL)
        return dh_derive(z, &w->pair, peer, peer_len);
    lab_dh_unchecked(z, w->pair.group, w->pair.x, peer);
    return 0;
}

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    struct dh_key_pair client;
    uint8_t z[LEN_MAX];
    size_t line_len = 0, len = group_of(side)->p_len;
    w->side = side;
    w->rng = rng;
    make_pair(&w->pair, side, rng);
    make_pair(&client, side, rng);
    memcpy(w->heard, w->pair.y, len);
    memcpy(w->heard + len, client.y, len);
    if (derive(w, z, client.y, len) == 0)
        sealed_line_make(w->heard + 2 * len, &line_len, rng, secret, z, len);
    w->heard_len = 2 * len + line_len;
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    const struct world *w = world;
    uint8_t z[LEN_MAX];
    if (question_len == 0) {
        memcpy(out, w->heard, w->heard_len);
        *out_len = w->heard_len;
        return 0;
    }
    if (question_len != w->pair.group->p_len || derive(w, z, question, question_len) != 0)
        return -1;
    sealed_line_make(out, out_len, w->rng, "hello", z, question_len);
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

struct hunt {
    mp_limb_t p[LIMBS], p_1[LIMBS]; /* p - 1 */
    mp_size_t n;
    size_t len;
    mp_limb_t x[X_LIMBS], product[X_LIMBS]; /* x mod product is known */
    unsigned primes;
};

static void set_up_hunt(struct hunt *hunt, enum lab_side side)
{
    const struct dh_group *group = group_of(side);
    memset(hunt, 0, sizeof *hunt);
    hunt->len = group->p_len;
    hunt->n = (mp_size_t)BIGNUM_LIMBS(group->p_len);
    bignum_from_bytes(hunt->p, group->p, group->p_len);
    memcpy(hunt->p_1, hunt->p, sizeof hunt->p);
    hunt->p_1[0] -= 1; /* p is odd */
    hunt->product[0] = 1;
}

static bool is_prime(unsigned r)
{
    for (unsigned i = 2; i * i <= r; i++)
        if (r % i == 0)
            return false;
    return true;
}

/* h = a^((p-1)/r), of order r: for most a, so the first that is not 1. */
static void find_element(mp_limb_t h[static LIMBS], const struct hunt *hunt, unsigned r)
{
    mp_limb_t quotient[LIMBS], one[LIMBS] = {1};
    mpn_divrem_1(quotient, 0, hunt->p_1, hunt->n, r);
    for (mp_limb_t a = 2;; a++) {
        mp_limb_t base[LIMBS] = {a};
        bignum_powm(h, base, hunt->n, quotient, 8 * hunt->len, hunt->p, hunt->n);
        if (memcmp(h, one, (size_t)hunt->n * sizeof *h) != 0)
            return;
    }
}

/* x is k mod r: the one below product * r that is so and what it was mod product. */
static void take_remainder(struct hunt *hunt, unsigned r, unsigned k)
{
    unsigned x = (unsigned)mpn_mod_1(hunt->x, X_LIMBS, r), step = (unsigned)mpn_mod_1(hunt->product, X_LIMBS, r), t = 0;
    for (; x != k; t++)
        x = (x + step) % r;
    mpn_addmul_1(hunt->x, hunt->product, X_LIMBS, t);
    mpn_mul_1(hunt->product, hunt->product, X_LIMBS, r);
    hunt->primes++;
}

/* Which h^k the answer is sealed under; -1 for none. */
static int find_remainder(const struct oracle *o, const struct hunt *hunt, const mp_limb_t *h, unsigned r)
{
    mp_limb_t z[LIMBS] = {1};
    uint8_t bytes[LEN_MAX];
    char text[LAB_SECRET_MAX + 1];
    for (unsigned k = 0; k < r; k++) {
        bignum_to_bytes(bytes, hunt->len, z);
        if (sealed_line_open(text, o->answer, o->answer_len, bytes, hunt->len))
            return (int)k;
        bignum_mulm(z, z, h, hunt->p, hunt->n);
    }
    return -1;
}

static void show_known(struct oracle *o, const struct hunt *hunt)
{
    uint8_t bytes[X_LEN];
    bignum_to_bytes(bytes, sizeof bytes, hunt->x);
    steps_know_all(o->steps, bytes, sizeof bytes);
}

static size_t bits_of(const mp_limb_t product[static X_LIMBS])
{
    mp_size_t n = X_LIMBS;
    while (n > 1 && product[n - 1] == 0)
        n--;
    size_t bits = mpn_sizeinbase(product, n, 2);
    return bits < 8 * X_LEN ? bits : 8 * X_LEN;
}

static void try_prime(struct oracle *o, struct hunt *hunt, unsigned r)
{
    mp_limb_t h[LIMBS];
    uint8_t question[LEN_MAX];
    find_element(h, hunt, r);
    bignum_to_bytes(question, hunt->len, h);
    if (lab_ask(o, question, hunt->len) != 0) {
        steps_say(o->steps, "h = a^((p-1)/%u), of order %u: refused.", r, r);
        return;
    }
    int k = find_remainder(o, hunt, h, r);
    if (k < 0)
        return;
    take_remainder(hunt, r, (unsigned)k);
    steps_say(o->steps,
              "h = a^((p-1)/%u) has order %u. The answer opens with Z = h^%d, so x = %d mod %u. With the rest: %zu "
              "of %d bits.",
              r, r, k, k, r, bits_of(hunt->product), 8 * X_LEN);
}

/* With x: the Z of the client that was overheard. */
static bool read_line(struct oracle *o, const struct hunt *hunt, const uint8_t *heard, size_t heard_len,
                      char found[static LAB_SECRET_MAX + 1])
{
    uint8_t x[X_LEN], z[LEN_MAX];
    bignum_to_bytes(x, sizeof x, hunt->x);
    lab_dh_unchecked(z, group_of(o->steps->side), x, heard + hunt->len);
    return sealed_line_open(found, heard + 2 * hunt->len, heard_len - 2 * hunt->len, z, hunt->len);
}

/* What there is in a group with a safe prime: order 1, and 2, and 2q, which tells x mod 2. */
static void try_the_rest(struct oracle *o, struct hunt *hunt)
{
    uint8_t question[LEN_MAX];
    mp_limb_t value[LIMBS] = {1};
    bignum_to_bytes(question, hunt->len, value);
    if (lab_ask(o, question, hunt->len) != 0)
        steps_say(o->steps, "h = 1, of order 1: refused.");
    try_prime(o, hunt, 2);
    memcpy(value, hunt->p, sizeof value);
    value[0] -= 2;
    bignum_to_bytes(question, hunt->len, value);
    if (lab_ask(o, question, hunt->len) != 0)
        steps_say(o->steps, "h = p - 2, no square, of order 2q: refused, by its Legendre symbol.");
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    struct hunt hunt;
    uint8_t heard[LAB_ANSWER_MAX];
    unsigned without = 0;
    set_up_hunt(&hunt, o->steps->side);
    lab_listen(o);
    size_t heard_len = o->answer_len;
    memcpy(heard, o->answer, heard_len);
    steps_unknown(o->steps, X_LEN);
    steps_say(o->steps, "Overheard: y of the server, y of a client, and the client's sealed line.");
    for (unsigned r = 3; r <= PRIME_MAX; r += 2) {
        if (!is_prime(r))
            continue;
        if (mpn_mod_1(hunt.p_1, hunt.n, r) == 0)
            try_prime(o, &hunt, r);
        else
            without++;
    }
    if (without > 0)
        steps_think(o->steps, "%u of the 45 odd primes below 200 don't divide p - 1: nothing has such an order.",
                    without);
    if (hunt.primes > 0 && read_line(o, &hunt, heard, heard_len, found)) {
        show_known(o, &hunt);
        steps_think(o->steps, "The Chinese remainder theorem: x, from %u remainders. Z = (the client's y)^x.",
                    hunt.primes);
        steps_result(o->steps, "all of x from %u remainders, and the line of another client read", hunt.primes);
        return;
    }
    try_the_rest(o, &hunt);
    steps_result(o->steps, "(p-1)/2 is prime, so only the orders 1, 2 and 2q are there beside q: %llu of %llu refused",
                 (unsigned long long)(o->asked - 1), (unsigned long long)(o->asked - 1));
}

const struct lab lab_small_subgroup = {
    .name = "small-subgroup",
    .what = "small subgroups give the exponent away, piece by piece",
    .twin = "app/workbench/labs/dh_smooth.c",
    .real = "crypto/dh.c: dh_derive",
    .hello = "h[128], your public value: ok and hello sealed under h^x",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
