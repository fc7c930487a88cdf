/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman in a group of 20 bits: whoever listens finds x from 2^x, and reads the chat.
 *
 *      question   none: this attacker only listens                     empty: all that went over the wire
 *      answer     y_a || y_b || the line that a sends to b, sealed under Z = y_b^x_a (sealed_line.h); a public value
 *      has
 *                 4 bytes for the twin and 384 for the real code
 *
 * Shanks's baby steps and giant steps: write x = i m - j, with j < m. Then 2^(i m) = y 2^j: the right sides go into a
 * table, and the left ones are tried one by one. With m near the square root of the number of possible x that is never
 * more than 2 m products.
 *
 * The real code is ffdhe3072 (crypto/dh.h). There the attack is allowed BUDGET steps of either kind, and then says how
 * many it would have needed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/sealed_line.h"
#include "app/workbench/labs/dh_small.h"
#include "crypto/bignum.h"
#include "crypto/dh.h"

#define BUDGET 16384
#define SMALL_LEN 4
#define LIMBS BIGNUM_LIMBS(DH_PUBLIC_MAX_LEN)

struct world {
    uint8_t heard[LAB_ANSWER_MAX];
    size_t heard_len;
};

static void make_small(struct world *w, struct rng *rng, const char *secret)
{
    uint8_t random[8], z[SMALL_LEN];
    size_t line_len;
    rng_key(rng, random, sizeof random);
    uint32_t x_a = bytes_load_be32(random) % (LAB_DH_SMALL_P / 2), x_b = bytes_load_be32(random + 4);
    uint32_t y_a = lab_dh_small_power(LAB_DH_SMALL_G, x_a), y_b = lab_dh_small_power(LAB_DH_SMALL_G, x_b);
    bytes_store_be32(w->heard, y_a);
    bytes_store_be32(w->heard + SMALL_LEN, y_b);
    bytes_store_be32(z, lab_dh_small_power(y_b, x_a));
    sealed_line_make(w->heard + 2 * SMALL_LEN, &line_len, rng, secret, z, sizeof z);
    w->heard_len = 2 * SMALL_LEN + line_len;
}

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    const struct dh_group *group = dh_group(DH_FFDHE3072);
    struct dh_key_pair a, b;
    uint8_t z[DH_PUBLIC_MAX_LEN];
    size_t line_len = 0;
    if (side == LAB_TWIN) {
        make_small(w, rng, secret);
        return;
    }
    dh_generate(&a, group, rng);
    dh_generate(&b, group, rng);
    memcpy(w->heard, a.y, group->p_len);
    memcpy(w->heard + group->p_len, b.y, group->p_len);
    if (dh_derive(z, &a, b.y, group->p_len) == 0)
        sealed_line_make(w->heard + 2 * group->p_len, &line_len, rng, secret, z, group->p_len);
    w->heard_len = 2 * group->p_len + line_len;
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    const struct world *w = world;
    (void)question;
    if (question_len > 0)
        return -1;
    memcpy(out, w->heard, w->heard_len);
    *out_len = w->heard_len;
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* A group that 2 generates, and numbers in it: n limbs, or the bytes of the wire. */
struct field {
    mp_limb_t p[LIMBS];
    mp_size_t n;
    size_t len;
};

static void load(mp_limb_t *r, const struct field *f, const uint8_t *bytes)
{
    if (f->len == SMALL_LEN)
        r[0] = bytes_load_be32(bytes);
    else
        bignum_from_bytes(r, bytes, f->len);
}

static void set_up_field(struct field *f, enum lab_side side)
{
    const struct dh_group *group = dh_group(DH_FFDHE3072);
    uint8_t small[SMALL_LEN];
    bytes_store_be32(small, LAB_DH_SMALL_P);
    f->len = side == LAB_TWIN ? SMALL_LEN : group->p_len;
    f->n = side == LAB_TWIN ? 1 : (mp_size_t)BIGNUM_LIMBS(f->len);
    load(f->p, f, side == LAB_TWIN ? small : group->p);
}

static void power(mp_limb_t *r, const struct field *f, const mp_limb_t *base, uint64_t x)
{
    uint8_t bytes[8];
    mp_limb_t e[BIGNUM_LIMBS(sizeof bytes)];
    bytes_store_be64(bytes, x);
    bignum_from_bytes(e, bytes, sizeof bytes);
    bignum_powm(r, base, f->n, e, 64, f->p, f->n);
}

/* y 2^j, of which the lowest limb is kept: what seems to be found is worked out anew. */
struct baby {
    mp_limb_t key;
    uint64_t j;
};

static int compare(const void *a, const void *b)
{
    mp_limb_t x = ((const struct baby *)a)->key, y = ((const struct baby *)b)->key;
    return x < y ? -1 : x > y;
}

static void make_babies(struct baby *baby, size_t m, const struct field *f, const mp_limb_t *y)
{
    mp_limb_t value[LIMBS], two[LIMBS] = {2};
    memcpy(value, y, (size_t)f->n * sizeof *value);
    for (size_t j = 0; j < m; j++) {
        baby[j] = (struct baby){value[0], j};
        bignum_mulm(value, value, two, f->p, f->n);
    }
    qsort(baby, m, sizeof *baby, compare);
}

/* x with 2^x = y, of at most m^2; false where there is none. */
static bool find_log(uint64_t *x, struct steps *steps, struct baby *baby, size_t m, const struct field *f,
                     const mp_limb_t *y)
{
    mp_limb_t giant[LIMBS], stride[LIMBS], check[LIMBS], two[LIMBS] = {2};
    make_babies(baby, m, f, y);
    steps_think(steps, "%zu baby steps: y 2^j mod p for j = 0 to %zu, sorted.", m, m - 1);
    power(stride, f, two, m);
    memcpy(giant, stride, sizeof giant);
    for (uint64_t i = 1; i <= m + 1; i++) {
        const struct baby *met = bsearch(&(struct baby){giant[0], 0}, baby, m, sizeof *baby, compare);
        if (met != NULL) {
            *x = i * m - met->j;
            power(check, f, two, *x);
        }
        if (met != NULL && memcmp(check, y, (size_t)f->n * sizeof *y) == 0) {
            steps_think(steps, "Giant step %llu meets the table: 2^(%llu * %zu) = y 2^%llu, so x = %llu.",
                        (unsigned long long)i, (unsigned long long)i, m, (unsigned long long)met->j,
                        (unsigned long long)*x);
            return true;
        }
        if (i <= 2)
            steps_think(steps, "Giant step %llu: 2^(%llu * %zu) is not in the table.", (unsigned long long)i,
                        (unsigned long long)i, m);
        bignum_mulm(giant, giant, stride, f->p, f->n);
    }
    return false;
}

/* Z = y_b^x, and the line under it. */
static bool read_line(struct oracle *o, const struct field *f, uint64_t x, char found[static LAB_SECRET_MAX + 1])
{
    mp_limb_t y[LIMBS], z[LIMBS];
    uint8_t bytes[DH_PUBLIC_MAX_LEN];
    load(y, f, o->answer + f->len);
    power(z, f, y, x);
    if (f->len == SMALL_LEN)
        bytes_store_be32(bytes, (uint32_t)z[0]);
    else
        bignum_to_bytes(bytes, f->len, z);
    steps_think(o->steps, "Z = y_b^x mod p = %02x%02x%02x%02x...; the key is HKDF's of it.", bytes[0], bytes[1],
                bytes[2], bytes[3]);
    return sealed_line_open(found, o->answer + 2 * f->len, o->answer_len - 2 * f->len, bytes, f->len);
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    struct field f = {.n = 0};
    mp_limb_t y[LIMBS];
    uint64_t x = 0;
    set_up_field(&f, o->steps->side);
    lab_listen(o);
    load(y, &f, o->answer);
    double bits = o->steps->side == LAB_TWIN ? 19 : 8 * (double)dh_group(DH_FFDHE3072)->x_len; /* of x */
    double needed = ceil(exp2(bits / 2));
    size_t m = needed < BUDGET ? (size_t)needed : BUDGET;
    steps_say(o->steps, "Overheard: y_a, y_b, and a sealed line. p has %zu bits, x %.0f.",
              o->steps->side == LAB_TWIN ? (size_t)20 : 8 * f.len, bits);
    struct baby *baby = calloc(m, sizeof *baby);
    bool has = baby != NULL && find_log(&x, o->steps, baby, m, &f, y);
    free(baby);
    if (has && read_line(o, &f, x, found))
        steps_result(o->steps, "x = %llu found with %zu products at most, and the line read", (unsigned long long)x,
                     2 * m);
    else
        steps_result(o->steps, "given up after %zu steps: x has %.0f bits, which takes 2^%.0f of them", 2 * m, bits,
                     bits / 2 + 1);
}

const struct lab lab_small_prime = {
    .name = "small-prime",
    .what = "with a prime of 20 bits, whoever listens finds x",
    .twin = "app/workbench/labs/dh_small.c",
    .real = "crypto/dh.c with ffdhe3072",
    .hello = "no questions: the empty line gives y_a[4] y_b[4] line",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
