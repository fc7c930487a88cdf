/* SPDX-License-Identifier: MIT */
/* The product is the backend's own. What is left out is look_up, which reads the whole table: here the cache shows which
 * entry was read, five bits of the exponent each time. */
#include "tests/ct/leaky_window.h"

#define IFMA_MODEL_NAMES
#include "tests/ifma_model.h"

#include "crypto/bignum_ifma_product.h"

#define WINDOW 5
#define ENTRIES (1 << WINDOW)

enum { N = BIGNUM_LIMBS(256) };

static size_t window(const mp_limb_t *e, size_t e_bits, size_t at)
{
    size_t u = 0;
    for (size_t bit = at; bit < at + WINDOW && bit < e_bits; bit++)
        u |= (size_t)(e[bit / GMP_NUMB_BITS] >> bit % GMP_NUMB_BITS & 1) << (bit - at);
    return u;
}

void leaky_window_powm(const struct bignum_power *p, size_t e_bits)
{
    static const mp_limb_t one_limbs[N] = {1};
    struct modulus k;
    struct digits table[ENTRIES], base, power, one;
    modulus_init(&k, 0, p->m, N);
    to_digits(&base, 0, p->base, N);
    to_digits(&one, 0, one_limbs, N);
    multiply(&table[0], &k.r2, &one, &k, N, 1);
    multiply(&table[1], &k.r2, &base, &k, N, 1);
    for (size_t i = 2; i < ENTRIES; i++)
        multiply(&table[i], &table[i - 1], &table[1], &k, N, 1);
    power = table[0];
    for (size_t at = (e_bits + WINDOW - 1) / WINDOW * WINDOW; at > 0;) {
        at -= WINDOW;
        for (size_t i = 0; i < WINDOW; i++)
            multiply(&power, &power, &power, &k, N, 1);
        multiply(&power, &table[window(p->e, e_bits, at)], &power, &k, N, 1); /* the leak */
    }
    multiply(&power, &power, &one, &k, N, 1);
    result(p->r, &power, 0, p->m, N);
}
