/* SPDX-License-Identifier: MIT */
/* The GMP corner against GMP's ordinary functions, which are another implementation of the same arithmetic. */
#include "crypto/bignum.h"

#include <pthread.h>

#include "crypto/dh.h"
#include "tests/aborts.h"
#include "tests/sanitized.h"
#include "tests/test.h"

enum { N = BIGNUM_LIMBS(384), SMALL = BIGNUM_LIMBS(40) };

/* Memory that has run out: the system's malloc with a switch in front. A sanitizer has its own. */
#if MALLOC_IS_OURS
static bool no_memory;

void *__libc_malloc(size_t len);

void *malloc(size_t len)
{
    return no_memory ? NULL : __libc_malloc(len);
}
#else
static bool no_memory;
#endif

/* Numbers that look random and are the same each time. */
static void fill(mp_limb_t *a, size_t n, uint8_t seed)
{
    uint8_t bytes[2 * BIGNUM_MAX_LEN];
    uint32_t state = seed;
    for (size_t i = 0; i < n * BIGNUM_LIMB_LEN; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
    bignum_from_bytes(a, bytes, n * BIGNUM_LIMB_LEN);
}

static void modulus(mp_limb_t *m, uint8_t seed)
{
    fill(m, N, seed);
    m[0] |= 1;
    m[N - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
}

/* Fills a with a number below m. */
static void below(mp_limb_t *a, const mp_limb_t *m, uint8_t seed)
{
    fill(a, N, seed);
    bignum_mod(a, a, N, m, N);
}

static void expect(const mpz_t want, const mp_limb_t *got, mp_size_t n)
{
    mpz_t got_mpz;
    assert_int_equal(mpz_cmp(want, mpz_roinit_n(got_mpz, got, n)), 0);
}

static void bytes_go_round(void **state)
{
    (void)state;
    uint8_t in[40], out[40];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i < 3 ? 0 : i); /* leading zeros stay */
    mp_limb_t a[SMALL];
    bignum_from_bytes(a, in, sizeof in);
    assert_int_equal(a[0] & 0xffff, 0x2627);
    bignum_to_bytes(out, sizeof out, a);
    assert_memory_equal(out, in, sizeof in);
    mpz_t want;
    mpz_init(want);
    mpz_import(want, sizeof in, 1, 1, 1, 0, in);
    expect(want, a, SMALL);
    mpz_clear(want);
}

static void arithmetic_agrees_with_mpz(void **state)
{
    (void)state;
    mpz_t a_mpz, b_mpz, m_mpz, e_mpz, want;
    mpz_init(want);
    for (uint8_t seed = 1; seed <= 20; seed++) {
        mp_limb_t a[N], b[N], m[N], e[SMALL], r[N], product[2 * N];
        modulus(m, seed);
        below(a, m, (uint8_t)(seed + 50));
        below(b, m, (uint8_t)(seed + 100));
        fill(e, SMALL, (uint8_t)(seed + 150));
        mpz_roinit_n(a_mpz, a, N), mpz_roinit_n(b_mpz, b, N), mpz_roinit_n(m_mpz, m, N), mpz_roinit_n(e_mpz, e, SMALL);

        bignum_mul(product, a, b, N);
        mpz_mul(want, a_mpz, b_mpz);
        expect(want, product, 2 * N);
        mpz_mod(want, want, m_mpz);
        bignum_mulm(r, a, b, m, N);
        expect(want, r, N);
        bignum_mod(r, product, 2 * N, m, N);
        expect(want, r, N);
        mpz_sub(want, a_mpz, b_mpz);
        mpz_mod(want, want, m_mpz);
        bignum_subm(r, a, b, m, N);
        expect(want, r, N);
        assert_int_equal(bignum_less(a, b, N), mpz_cmp(a_mpz, b_mpz) < 0);
        assert_int_equal(bignum_less(a, a, N), 0);
        bignum_powm(r, a, N, e, SMALL * GMP_NUMB_BITS, m, N);
        mpz_powm(want, a_mpz, e_mpz, m_mpz);
        expect(want, r, N);
    }
    mpz_clear(want);
}

static void powers_of_little_exponents(void **state)
{
    (void)state;
    mp_limb_t m[N], r[N];
    modulus(m, 7);
    const mp_limb_t two = 2, none = 0, ten = 10;
    mpz_t want;
    mpz_init_set_ui(want, 1);
    bignum_powm(r, &two, 1, &none, GMP_NUMB_BITS, m, N);
    expect(want, r, N);
    mpz_set_ui(want, 1024);
    bignum_powm(r, &two, 1, &ten, GMP_NUMB_BITS, m, N);
    expect(want, r, N);
    mpz_clear(want);
}

/* Exponents of each shape that the loop knows: one bit below the highest, all bits, RSA's, random ones. */
static void powers_of_public_exponents(void **state)
{
    (void)state;
    static const unsigned exponents[] = {3, 5, 7, 17, 65537, 65539, 0x7fffffff, 0x80000001, 0xfffffffd, 0xffffffff};
    mpz_t base_mpz, m_mpz, want;
    mpz_init(want);
    for (uint8_t seed = 1; seed <= 10; seed++) {
        mp_limb_t m[N], base[N], r[N];
        modulus(m, seed);
        m[N - 1] >>= seed % 3;               /* smaller moduli, too: less is left over then */
        fill(base, N, (uint8_t)(seed + 50)); /* may be more than m */
        if (seed <= 2)
            mpn_sub_1(base, m, N, seed); /* m - 1 and m - 2 */
        for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
            mpz_powm_ui(want, mpz_roinit_n(base_mpz, base, N), exponents[i], mpz_roinit_n(m_mpz, m, N));
            bignum_powm_e(r, base, exponents[i], m, N);
            expect(want, r, N);
            memcpy(r, base, sizeof r);
            bignum_powm_public(r, r, exponents[i], m, N);
            expect(want, r, N);
        }
        memset(base, 0, sizeof base);
        bignum_powm_public(r, base, 65537, m, N);
        assert_memory_equal(r, base, sizeof r);
    }
    mpz_clear(want);
}

static void inverses(void **state)
{
    (void)state;
    mp_limb_t m[N], a[N], r[N], one[N];
    modulus(m, 9);
    below(a, m, 10);
    assert_int_equal(bignum_invert_public(r, a, m, N), 0);
    bignum_mulm(one, r, a, m, N);
    mpz_t want;
    mpz_init_set_ui(want, 1);
    expect(want, one, N);
    memset(a, 0, sizeof a);
    assert_int_equal(bignum_invert_public(r, a, m, N), -1);
    mpz_clear(want);
}

static void *set_up(void *arg)
{
    bignum_setup();
    return arg;
}

/* Threads that begin at once all come back with the same allocator in place, and it keeps what realloc must keep. */
static void the_allocator_is_set_once(void **state)
{
    (void)state;
    pthread_t thread[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, set_up, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    void *(*allocate)(size_t), *(*reallocate)(void *, size_t, size_t);
    void (*release)(void *, size_t);
    mp_get_memory_functions(&allocate, &reallocate, &release);
    char *p = allocate(4);
    memcpy(p, "abc", 4);
    p = reallocate(p, 4, 1000);
    assert_string_equal(p, "abc");
    p = reallocate(p, 1000, 2);
    assert_memory_equal(p, "ab", 2);
    release(p, 2);
    bignum_setup();
    void (*again)(void *, size_t);
    mp_get_memory_functions(NULL, NULL, &again);
    assert_true(again == release);
}

static void *(*allocate)(size_t);
static void *(*reallocate)(void *, size_t, size_t);
static void (*release)(void *, size_t);

/* Takes more than the reserve has, in pieces each of which would fit. */
static void take_too_much(void)
{
    no_memory = true;
    for (size_t i = 0; i < 5; i++)
        (void)allocate(4000);
}

/* Where the system has no memory the thread's reserve stands in: its blocks don't overlap, it is whole again
 * once the last is given back, and asking for more than it has ends the program. */
static void the_reserve(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS) {
        puts("skipped: running out of memory");
        return;
    }
    bignum_setup();
    mp_get_memory_functions(&allocate, &reallocate, &release);
    void *first = NULL;
    for (int round = 0; round < 3; round++) {
        no_memory = true;
        uint8_t *a = allocate(4001), *b = allocate(4001), *c;
        memset(a, 0xaa, 4001);
        memset(b, 0xbb, 4001);
        c = reallocate(a, 4001, 8000);
        memset(c + 4001, 0xcc, 8000 - 4001);
        no_memory = false;
        assert_true(first == NULL || first == a);
        first = a;
        for (size_t i = 0; i < 8000; i++) {
            assert_int_equal(b[i % 4001], 0xbb);
            assert_int_equal(c[i], i < 4001 ? 0xaa : 0xcc);
            assert_true(i >= 4001 || a[i] == 0); /* what was moved was wiped */
        }
        assert_int_equal((uintptr_t)b % _Alignof(max_align_t), 0);
        release(b, 4001);
        release(c, 8000);
    }
    assert_true(aborts(take_too_much));
}

/* Montgomery's product times B^n is the plain product modulo m, for the largest numbers too. */
static void montgomery(void **state)
{
    (void)state;
    for (size_t id = 1; id <= 6; id++) { /* the second time with a smaller m, so that a number below 2m has no carry */
        const struct dh_group *g = dh_group((int)(id - 1) % 3 + 1);
        mp_size_t n = (mp_size_t)BIGNUM_LIMBS(g->p_len);
        mp_limb_t m[BIGNUM_MAX_LIMBS], a[BIGNUM_MAX_LIMBS], b[BIGNUM_MAX_LIMBS], r[BIGNUM_MAX_LIMBS],
            want[BIGNUM_MAX_LIMBS], shifted[2 * BIGNUM_MAX_LIMBS];
        bignum_from_bytes(m, g->p, g->p_len);
        m[n - 1] >>= id <= 3 ? 0 : 3;
        mp_limb_t minus_inverse = bignum_minus_inverse(m[0]);
        assert_true(minus_inverse * m[0] + 1 == 0);
        for (int round = 0; round < 50; round++) {
            fill(a, (size_t)n, (uint8_t)round);
            fill(b, (size_t)n, (uint8_t)(round + 100));
            if (round < 2) /* m - 1, the largest */
                mpn_sub_1(a, m, n, 1);
            if (round < 1)
                mpn_sub_1(b, m, n, 1);
            bignum_mod(a, a, n, m, n);
            bignum_mod(b, b, n, m, n);
            bignum_montgomery(r, a, b, m, minus_inverse, n);
            assert_true(bignum_less(r, m, n));
            memset(shifted, 0, sizeof shifted);
            memcpy(shifted + n, r, (size_t)n * sizeof *r);
            bignum_mod(shifted, shifted, 2 * n, m, n);
            bignum_mulm(want, a, b, m, n);
            assert_memory_equal(shifted, want, (size_t)n * sizeof *want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_round),
        cmocka_unit_test(arithmetic_agrees_with_mpz),
        cmocka_unit_test(powers_of_little_exponents),
        cmocka_unit_test(powers_of_public_exponents),
        cmocka_unit_test(montgomery),
        cmocka_unit_test(inverses),
        cmocka_unit_test(the_allocator_is_set_once),
        cmocka_unit_test(the_reserve),
    };
    return RUN(tests);
}
