/* SPDX-License-Identifier: MIT */
/* What needs no speed: making a modulus ready, powers, and the test for primes. */
#include "app/workbench/bench/mod64.h"

#include <assert.h>
#include <stddef.h>

/* 2a mod n. */
static uint64_t twice(uint64_t a, uint64_t n)
{
    a <<= 1; /* n is below 2^63 */
    return a >= n ? a - n : a;
}

void mod64_init(struct mod64 *m, uint64_t n)
{
    assert(n % 2 == 1 && n >= 3 && n >> 63 == 0);
    uint64_t inverse = n; /* right in its three lowest bits; each step doubles those that are right */
    for (int i = 0; i < 5; i++)
        inverse *= 2 - n * inverse;
    *m = (struct mod64){.n = n, .inverse = 0 - inverse, .one = 1};
    for (int i = 0; i < 64; i++)
        m->one = twice(m->one, n);
    m->square = m->one;
    for (int i = 0; i < 64; i++)
        m->square = twice(m->square, n);
}

uint64_t mod64_in(const struct mod64 *m, uint64_t a)
{
    assert(a < m->n);
    return mod64_mul(m, a, m->square);
}

uint64_t mod64_out(const struct mod64 *m, uint64_t a)
{
    return mod64_mul(m, a, 1);
}

uint64_t mod64_power(const struct mod64 *m, uint64_t a, uint64_t exponent)
{
    uint64_t power = m->one;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1)
            power = mod64_mul(m, power, a);
        a = mod64_mul(m, a, a);
    }
    return power;
}

/* Whether a, below n, shows that n = d * 2^s + 1 is no prime: modulo a prime only 1 and -1 have the square 1. */
static bool is_witness(const struct mod64 *m, uint64_t a, uint64_t d, unsigned s)
{
    uint64_t minus_one = m->n - m->one, x = mod64_power(m, mod64_in(m, a), d);
    if (x == m->one || x == minus_one)
        return false;
    for (unsigned i = 1; i < s; i++) {
        x = mod64_mul(m, x, x);
        if (x == minus_one)
            return false;
    }
    return true;
}

bool mod64_is_prime(uint64_t n)
{
    static const uint8_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    for (size_t i = 0; i < sizeof primes; i++)
        if (n % primes[i] == 0)
            return n == primes[i];
    if (n < 2)
        return false;
    struct mod64 m;
    mod64_init(&m, n);
    uint64_t d = n - 1;
    unsigned s = 0;
    for (; d % 2 == 0; d /= 2)
        s++;
    for (size_t i = 0; i < sizeof primes; i++)
        if (is_witness(&m, primes[i], d, s))
            return false;
    return true;
}
