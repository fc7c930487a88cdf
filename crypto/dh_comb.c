/* SPDX-License-Identifier: MIT */
/* The exponent's bits are laid out in TEETH rows of `columns` bits. One column is a number of TEETH bits, and a table
 * says what that column contributes; going from one column to the next squares what there is. So an exponent of 320
 * bits takes 54 products and, with the columns in two blocks that have a table each, 27 squarings, where the general
 * method takes 320 squarings and more.
 *
 *      bit     53 ........ 27 26 ......... 0
 *      row 0   x53 ...... x27 x26 ........ x0           table[0]: columns 0 to 26, entry u = product of
 *      row 1   x107 ..... x81 x80 ....... x54                      2^(2^(54 i)) over the bits i of u
 *      ...                                              table[1]: columns 27 to 53, the same raised to 2^27
 *      row 5   x323 .............. x296 ...            (bits beyond the exponent are 0)
 *
 * Everything is in Montgomery form, a B^n mod p for a, so that products need no division. */
#include "crypto/dh_comb.h"

#include <pthread.h>
#include <string.h>

#include "crypto/bignum.h"
#include "crypto/ct.h"

#define TEETH 6
#define BLOCKS 2
#define ENTRIES (1 << TEETH)
#define P_LIMBS BIGNUM_LIMBS(DH_PUBLIC_MAX_LEN)

struct comb {
    mp_limb_t p[P_LIMBS], one[P_LIMBS], minus_inverse; /* one: B^n mod p, 1 in Montgomery form */
    mp_size_t n;
    size_t columns, per_block;                  /* bits of a row; columns of a block */
    mp_limb_t table[BLOCKS][ENTRIES * P_LIMBS]; /* entries of n limbs */
};

static struct comb combs[3]; /* written once each, then only read */

static mp_limb_t *entry(struct comb *c, size_t block, size_t u)
{
    return c->table[block] + u * (size_t)c->n;
}

static void multiply(const struct comb *c, mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b)
{
    bignum_montgomery(r, a, b, c->p, c->minus_inverse, c->n);
}

/* r = B^n mod p: p's top bit is set, so that is B^n - p. */
static void set_one(struct comb *c)
{
    mp_limb_t zero[P_LIMBS] = {0};
    mpn_cnd_sub_n(1, c->one, zero, c->p, c->n);
}

/* Entry u with lowest bit i is entry 2^i times the entry of the other bits; entries 2^i are 2^(2^(columns i)), squared
 * on for the second block. */
static void fill_table(struct comb *c)
{
    mp_limb_t g[P_LIMBS];
    size_t bytes = (size_t)c->n * sizeof *g;
    mpn_lshift(g, c->one, c->n, 1); /* 2 in Montgomery form; one's top limb is 0, as p's top 64 bits are all set */
    for (size_t i = 0; i < TEETH; i++)
        for (size_t k = 0; k < c->columns; k++) {
            if (k % c->per_block == 0)
                memcpy(entry(c, k / c->per_block, (size_t)1 << i), g, bytes);
            multiply(c, g, g, g);
        }
    for (size_t block = 0; block < BLOCKS; block++) {
        memcpy(entry(c, block, 0), c->one, bytes);
        for (size_t u = 1; u < ENTRIES; u++)
            if ((u & (u - 1)) != 0)
                multiply(c, entry(c, block, u), entry(c, block, u & (u - 1)), entry(c, block, u & (0 - u)));
    }
}

static void make(struct comb *c, const struct dh_group *group)
{
    c->n = (mp_size_t)BIGNUM_LIMBS(group->p_len);
    c->columns = (8 * group->x_len + TEETH - 1) / TEETH;
    c->per_block = (c->columns + BLOCKS - 1) / BLOCKS;
    bignum_from_bytes(c->p, group->p, group->p_len);
    c->minus_inverse = bignum_minus_inverse(c->p[0]);
    set_one(c);
    fill_table(c);
}

static void make_ffdhe2048(void)
{
    make(&combs[0], dh_group(DH_FFDHE2048));
}

static void make_ffdhe3072(void)
{
    make(&combs[1], dh_group(DH_FFDHE3072));
}

static void make_ffdhe4096(void)
{
    make(&combs[2], dh_group(DH_FFDHE4096));
}

static const struct comb *comb_of(const struct dh_group *group)
{
    static pthread_once_t once[3] = {PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT};
    static void (*const makers[3])(void) = {make_ffdhe2048, make_ffdhe3072, make_ffdhe4096};
    size_t i = (size_t)group->id - DH_FFDHE2048;
    pthread_once(&once[i], makers[i]);
    return &combs[i];
}

/* The bits of column k, row 0 lowest. Which bits are looked at depends on k alone. */
static mp_limb_t column(const struct comb *c, const uint8_t *x, size_t x_len, size_t k)
{
    mp_limb_t u = 0;
    for (size_t i = 0; i < TEETH && c->columns * i + k < 8 * x_len; i++) {
        size_t bit = c->columns * i + k;
        u |= (mp_limb_t)(x[x_len - 1 - bit / 8] >> bit % 8 & 1) << i;
    }
    return u;
}

/* CAUTION: mpn_sec_tabselect reads the whole table; an index here would show six bits of the exponent to the cache. */
void dh_comb_power(uint8_t *out, const struct dh_group *group, const uint8_t *x)
{
    const struct comb *c = comb_of(group);
    mp_limb_t r[P_LIMBS], factor[P_LIMBS], plain_one[P_LIMBS] = {1};
    memcpy(r, c->one, sizeof r);
    for (size_t k = c->per_block; k-- > 0;) {
        multiply(c, r, r, r);
        for (size_t block = 0; block < BLOCKS && c->per_block * block + k < c->columns; block++) {
            mp_limb_t u = column(c, x, group->x_len, c->per_block * block + k);
            mpn_sec_tabselect(factor, c->table[block], c->n, ENTRIES, (mp_size_t)u);
            multiply(c, r, r, factor);
        }
    }
    multiply(c, r, r, plain_one); /* out of Montgomery form */
    bignum_to_bytes(out, group->p_len, r);
    ct_wipe(r, sizeof r);
    ct_wipe(factor, sizeof factor);
}
