/* SPDX-License-Identifier: MIT */
/* Powers on AVX-512 IFMA, by a window of five bits of the exponent at a time: a table has the base to each power from 0
 * to 31, and every five squarings are followed by a product with one of them (Handbook of Applied Cryptography,
 * algorithm 14.82). crypto/bignum_ifma_product.h has the product.
 *
 * CAUTION: each look into the table reads all of it, and keeps one entry by a mask. A plain index would show the
 * exponent to the cache, five bits at a time; `make ct` has such a window among what it must see
 * (tests/ct/leaky_window.c).
 *
 * The halves of an RSA signature are two powers of 1,536 bits, and go side by side: while the one's rows wait, the
 * other's fill the time.
 */
#include "crypto/bignum_impl.h"
#include "crypto/cpu.h"

#if CPU_X86_BACKENDS

#include <assert.h>
#include <string.h>

#include "crypto/bignum_ifma_product.h"
#include "crypto/ct.h"

#define WINDOW 5
#define ENTRIES (1 << WINDOW)

static bool usable(void)
{
    return (cpu_features() & CPU_IFMA) != 0;
}

/* r = entry u[j] of the table for number j. Reads every entry. */
INLINE void look_up(struct digits *r, const struct digits table[], const uint64_t u[], size_t n, size_t numbers)
{
    const size_t all = numbers * VECTORS(n);
    __m512i x[VECTORS_MAX];
    load(x, table[0].d, all);
    for (size_t i = 1; i < ENTRIES; i++) {
        UNROLL
        for (size_t v = 0; v < all; v++) {
            __m512i wanted = _mm512_set1_epi64((long long)u[v / VECTORS(n)]);
            __mmask8 here = _mm512_cmpeq_epu64_mask(wanted, _mm512_set1_epi64((long long)i));
            x[v] = _mm512_mask_mov_epi64(x[v], here, _mm512_load_si512(table[i].d + LANES * v));
        }
    }
    store(r->d, x, all);
}

/* How many limbs, how many numbers side by side, and what works on these. The functions are called, not inlined: what
 * their registers have no room for is below the caller's frame then, where ct_wipe_stack reaches it. */
struct shape {
    size_t n, numbers;
    void (*multiply)(struct digits *r, const struct digits *a, const struct digits *b, const struct modulus *k);
    void (*look_up)(struct digits *r, const struct digits table[], const uint64_t u[]);
};

#define SHAPE(LIMBS, NUMBERS)                                                                                          \
    static __attribute__((noinline)) void multiply_##LIMBS(struct digits *r, const struct digits *a,                   \
                                                           const struct digits *b, const struct modulus *k)            \
    {                                                                                                                  \
        multiply(r, a, b, k, LIMBS, NUMBERS);                                                                          \
    }                                                                                                                  \
    static __attribute__((noinline)) void look_up_##LIMBS(struct digits *r, const struct digits table[],               \
                                                          const uint64_t u[])                                          \
    {                                                                                                                  \
        look_up(r, table, u, LIMBS, NUMBERS);                                                                          \
    }                                                                                                                  \
    static const struct shape shape_##LIMBS = {LIMBS, NUMBERS, multiply_##LIMBS, look_up_##LIMBS}

SHAPE(24, 2);
SHAPE(32, 1);
SHAPE(48, 1);
SHAPE(64, 1);

/* WINDOW bits of e from bit `at` on. */
static uint64_t window(const mp_limb_t *e, size_t e_bits, size_t at)
{
    size_t limb = at / 64, shift = at % 64;
    uint64_t bits = e[limb] >> shift;
    if (shift > 64 - WINDOW && 64 * (limb + 1) < e_bits)
        bits |= e[limb + 1] << (64 - shift);
    return bits % ENTRIES;
}

/* Everything in a power that depends on a secret, so that it can be wiped in one place. */
struct work {
    struct modulus k;
    struct digits table[ENTRIES], power, factor, one;
    uint64_t u[2];
};

static void fill_table(struct work *w, const struct shape *s, const struct bignum_power p[])
{
    static const mp_limb_t one[BIGNUM_MAX_LIMBS] = {1};
    for (size_t j = 0; j < s->numbers; j++) {
        modulus_init(&w->k, j, p[j].m, s->n);
        to_digits(&w->factor, j, p[j].base, s->n);
        to_digits(&w->one, j, one, s->n);
    }
    s->multiply(&w->table[0], &w->k.r2, &w->one, &w->k);
    s->multiply(&w->table[1], &w->k.r2, &w->factor, &w->k);
    for (size_t i = 2; i < ENTRIES; i++)
        s->multiply(&w->table[i], &w->table[i - 1], &w->table[1], &w->k);
}

static void powers(const struct shape *s, const struct bignum_power p[], size_t e_bits)
{
    struct work w;
    assert(e_bits % 64 == 0);
    fill_table(&w, s, p);
    w.power = w.table[0];
    for (size_t at = (e_bits + WINDOW - 1) / WINDOW * WINDOW; at > 0;) {
        at -= WINDOW;
        for (size_t i = 0; i < WINDOW; i++)
            s->multiply(&w.power, &w.power, &w.power, &w.k);
        for (size_t j = 0; j < s->numbers; j++)
            w.u[j] = window(p[j].e, e_bits, at);
        s->look_up(&w.factor, w.table, w.u);
        s->multiply(&w.power, &w.power, &w.factor, &w.k);
    }
    s->multiply(&w.power, &w.power, &w.one, &w.k); /* out of Montgomery's form */
    for (size_t j = 0; j < s->numbers; j++)
        result(p[j].r, &w.power, j, p[j].m, s->n);
    ct_wipe(&w, sizeof w);
    ct_wipe_stack(CT_STACK_MAX);
}

static void powm(const struct bignum_power *p, size_t e_bits, mp_size_t n)
{
    assert(n == 32 || n == 48 || n == 64);
    powers(n == 32 ? &shape_32 : n == 48 ? &shape_48 : &shape_64, p, e_bits);
}

static void powm_two(const struct bignum_power p[2], size_t e_bits, mp_size_t n)
{
    assert(n == 24);
    powers(&shape_24, p, e_bits);
}

/* As powm_by in crypto/bignum.c: the last product, with base as it is, leads out of Montgomery's form. */
static void powm_e(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n)
{
    struct modulus k;
    struct digits plain, form, power;
    assert(n == 48 && e >= 3 && e % 2 == 1);
    modulus_init(&k, 0, m, 48);
    to_digits(&plain, 0, base, 48);
    multiply_48(&form, &plain, &k.r2, &k);
    power = form;
    unsigned bit = 1;
    while (bit <= e / 2)
        bit *= 2;
    while (bit > 1) {
        bit /= 2;
        multiply_48(&power, &power, &power, &k);
        if ((e & bit) != 0)
            multiply_48(&power, &power, bit > 1 ? &form : &plain, &k);
    }
    result(r, &power, 0, m, 48);
    ct_wipe(&plain, sizeof plain);
    ct_wipe(&form, sizeof form);
    ct_wipe(&power, sizeof power);
    ct_wipe_stack(CT_STACK_MAX);
}

const struct bignum_impl bignum_ifma = {
    .name = "ifma",
    .usable = usable,
    .powm = powm,
    .powm_two = powm_two,
    .powm_e = powm_e,
    .powm_public = powm_e, /* as fast as it would be otherwise */
};

#endif
