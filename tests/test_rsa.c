/* SPDX-License-Identifier: MIT */
/* Known answers, and keys that were damaged: such a key must not sign, as a wrong signature gives its factors away. */
#include "crypto/rsa.h"

#include <gmp.h>

#include "crypto/rng.h"
#include "tests/bignum_backends.h"
#include "tests/rsa_key.h"
#include "tests/test.h"
#include "tests/vec.h"

static uint8_t fixed_salt[32];
static bool salt_served;

/* Serves the salt that a vector asks for, and then bytes that are random enough to blind with. */
static void serve_salt(struct rng *rng, uint8_t *out, size_t len)
{
    static uint32_t state = 1;
    (void)rng;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        out[i] = (uint8_t)(state >> 24);
    }
    if (!salt_served) {
        assert_int_equal(len, sizeof fixed_salt);
        memcpy(out, fixed_salt, len);
        salt_served = true;
    }
}

static void check_signing(struct vec *v, const struct rsa_private *key, const uint8_t *msg, size_t msg_len)
{
    struct rng rng;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rng_init(&rng);
    rng.source = serve_salt;
    memcpy(fixed_salt, vec_hex_n(v, "salt", sizeof fixed_salt), sizeof fixed_salt);
    salt_served = false;
    assert_int_equal(rsa_pss_sign(sig, key, msg, msg_len, &rng), 0);
    vec_check(v, "sig", sig, sizeof sig);
    for (size_t i = 0; i < bignum_backends(); i++) {
        salt_served = false;
        memset(sig, 0, sizeof sig);
        assert_int_equal(rsa_pss_sign_with(bignum_backend(i), sig, key, msg, msg_len, &rng), 0);
        vec_check(v, "sig", sig, sizeof sig);
    }
    rng_wipe(&rng);
}

/* Records with `n` are keys. The others name theirs: 1, 2, or the last public one. */
static void vectors(void **state)
{
    (void)state;
    struct rsa_private key[2];
    struct rsa_public last = {{0}}, pub;
    rsa_key(&key[0], 1);
    rsa_key(&key[1], 2);
    struct vec *v = vec_open("rsa");
    for (int i = 0; i < 2; i++) {
        vec_next(v);
        static const char *const fields[] = {"n", "d", "p", "q", "dp", "dq", "qinv"};
        for (size_t j = 0; j < sizeof fields / sizeof *fields; j++)
            vec_text(v, fields[j]); /* rsa_key has read them */
    }
    while (vec_next(v)) {
        if (vec_has(v, "n")) {
            memcpy(last.n, vec_hex_n(v, "n", sizeof last.n), sizeof last.n);
            continue;
        }
        const char *name = vec_text(v, "key");
        size_t msg_len;
        const uint8_t *msg = vec_hex(v, "msg", &msg_len);
        if (name[0] == '1' || name[0] == '2')
            rsa_public_of(&pub, &key[name[0] - '1']);
        else
            pub = last;
        int want = vec_rejects(v) ? -1 : 0;
        if (rsa_pss_verify(&pub, msg, msg_len, vec_hex_n(v, "sig", RSA_SIGNATURE_LEN)) != want)
            fail_msg("%s: %s", vec_name(v), want == 0 ? "refused" : "accepted");
        for (size_t i = 0; i < bignum_backends(); i++)
            if (rsa_pss_verify_with(bignum_backend(i), &pub, msg, msg_len, vec_hex_n(v, "sig", RSA_SIGNATURE_LEN)) !=
                want)
                fail_msg("%s: %s by %s", vec_name(v), want == 0 ? "refused" : "accepted", bignum_backend(i)->name);
        if (vec_has(v, "salt"))
            check_signing(v, &key[name[0] - '1'], msg, msg_len);
    }
    vec_close(v);
}

static void every_signature_is_another(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rsa_public pub;
    struct rng rng;
    uint8_t a[RSA_SIGNATURE_LEN], b[RSA_SIGNATURE_LEN];
    rsa_key(&key, 2);
    rsa_public_of(&pub, &key);
    rng_init(&rng);
    assert_int_equal(rsa_pss_sign(a, &key, "message", 7, &rng), 0);
    assert_int_equal(rsa_pss_sign(b, &key, "message", 7, &rng), 0);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(rsa_pss_verify(&pub, "message", 7, a), 0);
    assert_int_equal(rsa_pss_verify(&pub, "message", 7, b), 0);
    assert_int_equal(rsa_pss_verify(&pub, "message", 6, b), -1);
    for (size_t i = 0; i < sizeof a; i += 13) {
        a[i] ^= 1;
        assert_int_equal(rsa_pss_verify(&pub, "message", 7, a), -1);
        a[i] ^= 1;
    }
    rng_wipe(&rng);
}

/* Zeros for the blinding can't be inverted, so a failure shows that it takes part. Such a generator must not cost the
 * key. */
static void serve_zeros(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    memset(out, 0, len);
}

static void blinding_takes_part(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rng rng;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rsa_key(&key, 1);
    rng_init(&rng);
    rng.source = serve_zeros;
    assert_int_equal(rsa_pss_sign(sig, &key, "abc", 3, &rng), -1);
    for (size_t k = 0; k < sizeof sig; k++)
        assert_int_equal(sig[k], 0);
    rng_wipe(&rng);
}

/* A fault in any CRT part must give -1 and not one bit of a signature. */
static void a_damaged_key_signs_nothing(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rng rng;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rsa_key(&key, 1);
    rng_init(&rng);
    uint8_t *const parts[] = {key.p, key.q, key.dp, key.dq, key.qinv};
    static const size_t at[] = {0, 1, 100, RSA_PRIME_LEN - 1};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t j = 0; j < sizeof at / sizeof *at; j++) {
            parts[i][at[j]] ^= 0x41;
            memset(sig, 0xaa, sizeof sig);
            assert_int_equal(rsa_pss_sign(sig, &key, "abc", 3, &rng), -1);
            for (size_t k = 0; k < sizeof sig; k++)
                assert_int_equal(sig[k], 0);
            assert_int_equal(rsa_private_check(&key), -1);
            for (size_t k = 0; k < bignum_backends() && j == 2; k++)
                assert_int_equal(rsa_pss_sign_with(bignum_backend(k), sig, &key, "abc", 3, &rng), -1);
            parts[i][at[j]] ^= 0x41;
        }
    memset(key.p, 0, sizeof key.p); /* must not divide by zero */
    assert_int_equal(rsa_pss_sign(sig, &key, "abc", 3, &rng), -1);
    rng_wipe(&rng);
}

static void private_check(void **state)
{
    (void)state;
    struct rsa_private key, other;
    rsa_key(&key, 1);
    rsa_key(&other, 2);
    assert_int_equal(rsa_private_check(&key), 0);
    assert_int_equal(rsa_private_check(&other), 0);
    uint8_t *const bytes = (uint8_t *)&key;
    for (size_t i = 0; i < sizeof key; i += 31) { /* hits every part, n and d too */
        bytes[i] ^= 0x10;
        assert_int_equal(rsa_private_check(&key), -1);
        bytes[i] ^= 0x10;
    }
    /* d and a multiple of lcm(p-1, q-1): works as d does, but is not below n */
    mpz_t p, q, d, n;
    mpz_inits(p, q, d, n, NULL);
    mpz_import(p, sizeof key.p, 1, 1, 1, 0, key.p);
    mpz_import(q, sizeof key.q, 1, 1, 1, 0, key.q);
    mpz_import(d, sizeof key.d, 1, 1, 1, 0, key.d);
    mpz_mul(n, p, q);
    mpz_sub_ui(p, p, 1);
    mpz_sub_ui(q, q, 1);
    mpz_lcm(p, p, q);
    while (mpz_cmp(d, n) < 0)
        mpz_add(d, d, p);
    assert_int_equal(mpz_sizeinbase(d, 2), RSA_MODULUS_LEN * 8);
    mpz_export(key.d, NULL, 1, 1, 1, 0, d);
    assert_int_equal(rsa_private_check(&key), -1);
    mpz_sub(d, d, p);
    memset(key.d, 0, sizeof key.d);
    size_t len = (mpz_sizeinbase(d, 2) + 7) / 8;
    mpz_export(key.d + sizeof key.d - len, NULL, 1, 1, 1, 0, d);
    assert_int_equal(rsa_private_check(&key), 0); /* one less, and it is: other programs take d modulo (p-1)(q-1) */
    mpz_clears(p, q, d, n, NULL);
    /* the right n, but two parts of another key that fit each other */
    memcpy(key.p, other.p, sizeof key.p);
    memcpy(key.dp, other.dp, sizeof key.dp);
    assert_int_equal(rsa_private_check(&key), -1);
}

/* Other programs may store the smaller prime first; then qinv is the other one's. */
static void primes_in_the_other_order(void **state)
{
    (void)state;
    struct rsa_private key, swapped;
    struct rng rng;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rsa_key(&key, 1);
    swapped = key;
    memcpy(swapped.p, key.q, sizeof key.p);
    memcpy(swapped.q, key.p, sizeof key.p);
    memcpy(swapped.dp, key.dq, sizeof key.p);
    memcpy(swapped.dq, key.dp, sizeof key.p);
    assert_int_equal(rsa_private_check(&swapped), -1); /* qinv doesn't fit */
    mpz_t p, q;
    mpz_inits(p, q, NULL);
    mpz_import(p, sizeof swapped.p, 1, 1, 1, 0, swapped.p);
    mpz_import(q, sizeof swapped.q, 1, 1, 1, 0, swapped.q);
    mpz_invert(q, q, p);
    memset(swapped.qinv, 0, sizeof swapped.qinv);
    size_t len = (mpz_sizeinbase(q, 2) + 7) / 8;
    mpz_export(swapped.qinv + sizeof swapped.qinv - len, NULL, 1, 1, 1, 0, q);
    mpz_clears(p, q, NULL);
    assert_int_equal(rsa_private_check(&swapped), 0);
    rng_init(&rng);
    for (int i = 0; i < 5; i++)
        assert_int_equal(rsa_pss_sign(sig, &swapped, "abc", 3, &rng), 0);
    rng_wipe(&rng);
}

static void public_check(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rsa_public pub;
    uint8_t sig[RSA_SIGNATURE_LEN] = {0};
    rsa_key(&key, 1);
    rsa_public_of(&pub, &key);
    assert_int_equal(rsa_public_check(&pub), 0);
    pub.n[0] &= 0x7f;
    assert_int_equal(rsa_public_check(&pub), -1);
    assert_int_equal(rsa_pss_verify(&pub, "abc", 3, sig), -1);
    pub.n[0] |= 0x80;
    pub.n[383] &= 0xfe;
    assert_int_equal(rsa_public_check(&pub), -1);
    assert_int_equal(rsa_pss_verify(&pub, "abc", 3, sig), -1);
    memset(&pub, 0, sizeof pub);
    assert_int_equal(rsa_public_check(&pub), -1);
}

/* What FIPS 186-5 A.1.3 asks of a key, asked of a fresh one. */
static void a_fresh_key(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rsa_public pub;
    struct rng rng;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rng_init(&rng);
    rsa_generate(&key, &rng);
    assert_int_equal(rsa_private_check(&key), 0);
    assert_int_equal(key.p[0] >> 6, 3);
    assert_int_equal(key.q[0] >> 6, 3);
    assert_true(memcmp(key.p, key.q, sizeof key.p) > 0);
    mpz_t p, q;
    mpz_inits(p, q, NULL);
    mpz_import(p, sizeof key.p, 1, 1, 1, 0, key.p);
    mpz_import(q, sizeof key.q, 1, 1, 1, 0, key.q);
    assert_int_not_equal(mpz_probab_prime_p(p, 25), 0);
    assert_int_not_equal(mpz_probab_prime_p(q, 25), 0);
    mpz_sub(p, p, q);
    assert_true(mpz_sizeinbase(p, 2) > 1536 - 100);
    mpz_import(p, sizeof key.d, 1, 1, 1, 0, key.d);
    assert_true(mpz_sizeinbase(p, 2) > 1536);
    mpz_clears(p, q, NULL);
    rsa_public_of(&pub, &key);
    assert_int_equal(rsa_pss_sign(sig, &key, "abc", 3, &rng), 0);
    assert_int_equal(rsa_pss_verify(&pub, "abc", 3, sig), 0);
    rsa_wipe(&key);
    const uint8_t *bytes = (const uint8_t *)&key;
    for (size_t i = 0; i < sizeof key; i++)
        assert_int_equal(bytes[i], 0);
    rng_wipe(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(every_signature_is_another),
        cmocka_unit_test(blinding_takes_part),
        cmocka_unit_test(a_damaged_key_signs_nothing),
        cmocka_unit_test(private_check),
        cmocka_unit_test(primes_in_the_other_order),
        cmocka_unit_test(public_check),
        cmocka_unit_test(a_fresh_key),
    };
    return RUN(tests);
}
