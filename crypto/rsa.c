/* SPDX-License-Identifier: MIT */
/* The owner of a key knows the primes p and q, everybody else only n = p q. Raising to e can be undone by whoever knows
 * d, and d is found from p and q. A signature is a number whose e-th power is the encoded message.
 *
 * The encoding (PSS) is random: a fresh salt goes into the hash, and the hash masks the salt. Without any encoding one
 * could multiply two signatures into a third.
 *
 * Three protections surround the private operation. It is worked out modulo p and modulo q apart (CRT, four times
 * faster); then one wrong bit in either half would give gcd(s^e - m, n) = q to whoever sees the signature, so it is
 * verified before it leaves. It is done on m r^e for a random r and divided by r afterwards (blinding), so that nobody
 * chooses what the exponentiation works on. And all of it takes the same steps whatever the numbers are (bignum.h).
 */
#include "crypto/rsa.h"

#include <assert.h>
#include <string.h>

#include "crypto/bignum_impl.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/rng.h"
#include "crypto/sha256.h"

enum { N = BIGNUM_LIMBS(RSA_MODULUS_LEN), HALF = BIGNUM_LIMBS(RSA_PRIME_LEN) };

/* EMSA-PSS, RFC 8017 section 9.1. */

#define HASH_LEN SHA256_DIGEST_LEN
#define SALT_LEN 32
#define EM_LEN RSA_MODULUS_LEN
#define DB_LEN (EM_LEN - HASH_LEN - 1)
#define PS_LEN (DB_LEN - SALT_LEN - 1) /* the zeros in front of the 01 */
#define TRAILER 0xbc

/* out = out xor MGF1(seed), RFC 8017 B.2.1. */
static void mgf1_xor(uint8_t *out, size_t out_len, const uint8_t seed[static HASH_LEN])
{
    uint8_t counter[4], mask[HASH_LEN];
    for (uint32_t i = 0; out_len > 0; i++) {
        struct sha256 s;
        bytes_store_be32(counter, i);
        sha256_init(&s);
        sha256_update(&s, seed, HASH_LEN);
        sha256_update(&s, counter, sizeof counter);
        sha256_final(&s, mask);
        size_t len = out_len < sizeof mask ? out_len : sizeof mask;
        bytes_xor(out, out, mask, len);
        out += len;
        out_len -= len;
    }
}

/* H = Hash(eight zero bytes || mHash || salt). */
static void pss_hash(uint8_t h[static HASH_LEN], const void *msg, size_t msg_len, const uint8_t salt[static SALT_LEN])
{
    static const uint8_t padding1[8];
    uint8_t m_hash[HASH_LEN];
    struct sha256 s;
    sha256_digest(m_hash, msg, msg_len);
    sha256_init(&s);
    sha256_update(&s, padding1, sizeof padding1);
    sha256_update(&s, m_hash, sizeof m_hash);
    sha256_update(&s, salt, SALT_LEN);
    sha256_final(&s, h);
}

static void pss_encode(uint8_t em[static EM_LEN], const void *msg, size_t msg_len, const uint8_t salt[static SALT_LEN])
{
    uint8_t *h = em + DB_LEN;
    memset(em, 0, PS_LEN);
    em[PS_LEN] = 0x01;
    memcpy(em + PS_LEN + 1, salt, SALT_LEN);
    pss_hash(h, msg, msg_len, salt);
    mgf1_xor(em, DB_LEN, h);
    em[0] &= 0x7f; /* emBits is 3,071: one bit less than n has, so that EM < n */
    em[EM_LEN - 1] = TRAILER;
}

/* RFC 8017 section 9.1.2, steps 4 to 14. All values are public, so each step may stop at once. em is spoiled. */
static int pss_check(uint8_t em[static EM_LEN], const void *msg, size_t msg_len)
{
    const uint8_t *h = em + DB_LEN;
    uint8_t want[HASH_LEN];
    if (em[EM_LEN - 1] != TRAILER || (em[0] & 0x80) != 0)
        return -1;
    mgf1_xor(em, DB_LEN, h);
    em[0] &= 0x7f;
    for (size_t i = 0; i < PS_LEN; i++)
        if (em[i] != 0)
            return -1;
    if (em[PS_LEN] != 0x01)
        return -1;
    pss_hash(want, msg, msg_len, em + PS_LEN + 1);
    return ct_equal(want, h, HASH_LEN) ? 0 : -1;
}

/* The public operation. */

/* What a modulus or a prime of the right size looks like. GMP's divisions need the top bit, its powers that it is
 * odd. */
static int well_formed(const uint8_t *a, size_t len)
{
    int formed = a[0] >> 7 & a[len - 1] & 1;
    ct_public(&formed, sizeof formed); /* the verdict: two bits that every prime has alike */
    return formed;
}

int rsa_public_check(const struct rsa_public *pub)
{
    return well_formed(pub->n, sizeof pub->n) ? 0 : -1;
}

void rsa_public_of(struct rsa_public *pub, const struct rsa_private *key)
{
    memcpy(pub->n, key->n, sizeof pub->n);
}

int rsa_pss_verify_with(const struct bignum_impl *impl, const struct rsa_public *pub, const void *msg, size_t msg_len,
                        const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    mp_limb_t n[N], s[N], m[N];
    uint8_t em[EM_LEN];
    if (rsa_public_check(pub) != 0)
        return -1;
    bignum_from_bytes(n, pub->n, sizeof pub->n);
    bignum_from_bytes(s, sig, RSA_SIGNATURE_LEN);
    if (!bignum_less(s, n, N)) /* or s + n would be a second signature for every small s */
        return -1;
    impl->powm_public(m, s, RSA_E, n, N);
    bignum_to_bytes(em, sizeof em, m);
    return pss_check(em, msg, msg_len);
}

int rsa_pss_verify(const struct rsa_public *pub, const void *msg, size_t msg_len,
                   const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    return rsa_pss_verify_with(&bignum_gmp, pub, msg, msg_len, sig);
}

/* The private operation. */

/* A key as numbers. */
struct numbers {
    mp_limb_t n[N], p[HALF], q[HALF], dp[HALF], dq[HALF], qinv[HALF];
};

/* -1 where the key is too damaged even to compute with. */
static int numbers_of(struct numbers *k, const struct rsa_private *key)
{
    if (!well_formed(key->n, RSA_MODULUS_LEN) || !well_formed(key->p, RSA_PRIME_LEN) ||
        !well_formed(key->q, RSA_PRIME_LEN))
        return -1;
    bignum_from_bytes(k->n, key->n, sizeof key->n);
    bignum_from_bytes(k->p, key->p, sizeof key->p);
    bignum_from_bytes(k->q, key->q, sizeof key->q);
    bignum_from_bytes(k->dp, key->dp, sizeof key->dp);
    bignum_from_bytes(k->dq, key->dq, sizeof key->dq);
    bignum_from_bytes(k->qinv, key->qinv, sizeof key->qinv);
    return 0;
}

/* A number below n, uniform but for 2^-128: 16 bytes more are drawn than n has. */
static void random_below(mp_limb_t r[static N], const mp_limb_t n[static N], struct rng *rng)
{
    uint8_t bytes[RSA_MODULUS_LEN + 16];
    mp_limb_t wide[BIGNUM_LIMBS(sizeof bytes)];
    rng_fill(rng, bytes, sizeof bytes);
    bignum_from_bytes(wide, bytes, sizeof bytes);
    bignum_mod(r, wide, BIGNUM_LIMBS(sizeof bytes), n, N);
    ct_wipe(bytes, sizeof bytes);
    ct_wipe(wide, sizeof wide);
}

/* factor = r^e and unfactor = r^-1 for a random r. Inverting isn't done in constant time, so what is inverted is r u,
 * for another random u: that is as random as u, and says nothing of r. Then r^-1 = (r u)^-1 u. */
static int blinding(const struct bignum_impl *impl, mp_limb_t factor[static N], mp_limb_t unfactor[static N],
                    const mp_limb_t n[static N], struct rng *rng)
{
    mp_limb_t r[N], u[N], product[N];
    random_below(r, n, rng);
    random_below(u, n, rng);
    bignum_mulm(product, r, u, n, N);
    ct_public(product, sizeof product); /* as random as u, see above */
    int result = bignum_invert_public(unfactor, product, n, N);
    bignum_mulm(unfactor, unfactor, u, n, N);
    impl->powm_e(factor, r, RSA_E, n, N);
    ct_wipe(r, sizeof r);
    ct_wipe(u, sizeof u);
    return result;
}

/* s = c^d mod n by the Chinese remainder theorem, RFC 8017 section 5.1.2 step 2b (Garner): s is m2 modulo q and m1
 * modulo p. */
static void power_crt(const struct bignum_impl *impl, mp_limb_t s[static N], const mp_limb_t c[static N],
                      const struct numbers *k)
{
    mp_limb_t c_mod_p[HALF], c_mod_q[HALF], m1[HALF], m2[N] = {0}, m2_mod_p[HALF], h[HALF];
    const struct bignum_power two[2] = {{m1, c_mod_p, k->dp, k->p}, {m2, c_mod_q, k->dq, k->q}};
    bignum_mod(c_mod_p, c, N, k->p, HALF);
    bignum_mod(c_mod_q, c, N, k->q, HALF);
    impl->powm_two(two, RSA_PRIME_LEN * 8, HALF); /* m2's upper half stays 0 */
    bignum_mod(m2_mod_p, m2, HALF, k->p, HALF);   /* other programs' keys may have p < q */
    bignum_subm(h, m1, m2_mod_p, k->p, HALF);
    bignum_mulm(h, h, k->qinv, k->p, HALF);
    bignum_mul(s, h, k->q, HALF);
    mpn_cnd_add_n(1, s, s, m2, N);
    ct_wipe(c_mod_p, sizeof c_mod_p);
    ct_wipe(c_mod_q, sizeof c_mod_q);
    ct_wipe(m1, sizeof m1);
    ct_wipe(m2, sizeof m2);
    ct_wipe(m2_mod_p, sizeof m2_mod_p);
    ct_wipe(h, sizeof h);
}

/* s = m^d mod n, blinded, and -1 unless s^e is m again. */
static int private_operation(const struct bignum_impl *impl, mp_limb_t s[static N], const mp_limb_t m[static N],
                             const struct numbers *k, struct rng *rng)
{
    mp_limb_t factor[N], unfactor[N], again[N];
    int result = blinding(impl, factor, unfactor, k->n, rng);
    if (result == 0) {
        bignum_mulm(factor, factor, m, k->n, N);
        power_crt(impl, s, factor, k);
        bignum_mulm(s, s, unfactor, k->n, N);
        /* CAUTION: without this check one flipped bit in p, q, dp, dq or qinv, or in the work on them, publishes the
         * key; test_rsa's a_damaged_key_signs_nothing would notice. */
        impl->powm_e(again, s, RSA_E, k->n, N);
        result = ct_equal(again, m, sizeof again) ? 0 : -1;
        ct_public(&result, sizeof result); /* the verdict of the self-check */
    }
    ct_wipe(factor, sizeof factor);
    ct_wipe(unfactor, sizeof unfactor);
    ct_wipe(again, sizeof again);
    return result;
}

int rsa_pss_sign_with(const struct bignum_impl *impl, uint8_t sig[static RSA_SIGNATURE_LEN],
                      const struct rsa_private *key, const void *msg, size_t msg_len, struct rng *rng)
{
    uint8_t salt[SALT_LEN], em[EM_LEN];
    mp_limb_t m[N], s[N];
    struct numbers k;
    int result = -1;
    memset(sig, 0, RSA_SIGNATURE_LEN);
    if (numbers_of(&k, key) != 0)
        return -1;
    rng_fill(rng, salt, sizeof salt);
    pss_encode(em, msg, msg_len, salt);
    bignum_from_bytes(m, em, sizeof em);
    if (private_operation(impl, s, m, &k, rng) == 0) {
        bignum_to_bytes(sig, RSA_SIGNATURE_LEN, s);
        result = 0;
    }
    ct_wipe(&k, sizeof k);
    ct_wipe(s, sizeof s); /* a faulty one gives the key away */
    return result;
}

int rsa_pss_sign(uint8_t sig[static RSA_SIGNATURE_LEN], const struct rsa_private *key, const void *msg, size_t msg_len,
                 struct rng *rng)
{
    return rsa_pss_sign_with(&bignum_gmp, sig, key, msg, msg_len, rng);
}

void rsa_wipe(struct rsa_private *key)
{
    ct_wipe(key, sizeof *key);
}

/* Keys. */

/* 1 where a b = 1 mod m, for a and b of HALF limbs. */
static uint32_t are_inverse(const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m)
{
    static const mp_limb_t one[HALF] = {1};
    mp_limb_t product[HALF];
    bignum_mulm(product, a, b, m, HALF);
    uint32_t result = (uint32_t)ct_equal(product, one, sizeof one);
    ct_wipe(product, sizeof product);
    return result;
}

/* 1 where exponent = d mod (prime - 1) and e exponent = 1 mod (prime - 1). */
static uint32_t exponent_fits(const mp_limb_t *exponent, const mp_limb_t *d, const mp_limb_t *prime)
{
    static const mp_limb_t e[HALF] = {RSA_E};
    mp_limb_t prime_1[HALF], want[HALF];
    memcpy(prime_1, prime, sizeof prime_1);
    prime_1[0] -= 1; /* it is odd */
    bignum_mod(want, d, N, prime_1, HALF);
    uint32_t result = (uint32_t)ct_equal(want, exponent, sizeof want) & are_inverse(e, exponent, prime_1);
    ct_wipe(prime_1, sizeof prime_1);
    ct_wipe(want, sizeof want);
    return result;
}

int rsa_private_check(const struct rsa_private *key)
{
    struct numbers k;
    mp_limb_t d[N], product[N];
    if (numbers_of(&k, key) != 0)
        return -1;
    bignum_from_bytes(d, key->d, sizeof key->d);
    bignum_mul(product, k.p, k.q, HALF);
    uint32_t fits = (uint32_t)ct_equal(product, k.n, sizeof product);
    fits &= (uint32_t)bignum_less(d, k.n, N);
    fits &= exponent_fits(k.dp, d, k.p) & exponent_fits(k.dq, d, k.q);
    fits &= (uint32_t)bignum_less(k.qinv, k.p, HALF) & are_inverse(k.qinv, k.q, k.p);
    ct_wipe(&k, sizeof k);
    ct_wipe(d, sizeof d);
    ct_wipe(product, sizeof product);
    ct_public(&fits, sizeof fits); /* the verdict */
    return fits ? 0 : -1;
}

/* FIPS 186-5 A.1.3 step 4: a random prime of 1,536 bits. Its top two bits are set, so that n has 3,072. GMP divides by
 * small primes first, then (from 6.2 on) does a Baillie-PSW test and 16 rounds of Miller-Rabin; FIPS 186-5 table B.1
 * asks for 4. */
static void random_prime(mpz_t prime, struct rng *rng)
{
    uint8_t bytes[RSA_PRIME_LEN];
    do {
        rng_key(rng, bytes, sizeof bytes);
        bytes[0] |= 0xc0;
        bytes[sizeof bytes - 1] |= 1;
        mpz_import(prime, sizeof bytes, 1, 1, 1, 0, bytes);
        /* e is prime, so it divides prime - 1 or has no factor in common with it */
    } while (mpz_fdiv_ui(prime, RSA_E) == 1 || mpz_probab_prime_p(prime, 40) == 0);
    ct_wipe(bytes, sizeof bytes);
}

/* Two primes with p > q, far enough from each other (step 5.4): |p - q| > 2^(1536 - 100), else n is easily factored. */
static void random_primes(mpz_t p, mpz_t q, struct rng *rng)
{
    mpz_t difference;
    mpz_init(difference);
    random_prime(p, rng);
    do {
        random_prime(q, rng);
        mpz_sub(difference, p, q);
    } while (mpz_sizeinbase(difference, 2) <= RSA_PRIME_LEN * 8 - 100);
    if (mpz_sgn(difference) < 0)
        mpz_swap(p, q);
    mpz_clear(difference);
}

static void store(uint8_t *out, size_t out_len, const mpz_t a)
{
    mp_limb_t limbs[N] = {0};
    assert(mpz_size(a) <= BIGNUM_LIMBS(out_len));
    memcpy(limbs, mpz_limbs_read(a), mpz_size(a) * sizeof *limbs);
    bignum_to_bytes(out, out_len, limbs);
    ct_wipe(limbs, sizeof limbs);
}

/* Sets everything of key from p and q, FIPS 186-5 A.1.1. -1 where d is too small (never, in practice). */
static int complete(struct rsa_private *key, const mpz_t p, const mpz_t q)
{
    mpz_t p_1, q_1, d, t;
    mpz_inits(p_1, q_1, d, t, NULL);
    mpz_sub_ui(p_1, p, 1);
    mpz_sub_ui(q_1, q, 1);
    mpz_lcm(t, p_1, q_1);
    mpz_set_ui(d, RSA_E);
    mpz_invert(d, d, t);
    int result = mpz_sizeinbase(d, 2) > RSA_MODULUS_LEN * 8 / 2 ? 0 : -1;
    store(key->d, sizeof key->d, d);
    store(key->p, sizeof key->p, p);
    store(key->q, sizeof key->q, q);
    mpz_mul(t, p, q);
    store(key->n, sizeof key->n, t);
    mpz_mod(t, d, p_1);
    store(key->dp, sizeof key->dp, t);
    mpz_mod(t, d, q_1);
    store(key->dq, sizeof key->dq, t);
    mpz_invert(t, q, p);
    store(key->qinv, sizeof key->qinv, t);
    mpz_clears(p_1, q_1, d, t, NULL);
    return result;
}

void rsa_generate(struct rsa_private *key, struct rng *rng)
{
    mpz_t p, q;
    bignum_setup();
    mpz_inits(p, q, NULL);
    do {
        random_primes(p, q, rng);
    } while (complete(key, p, q) != 0);
    mpz_clears(p, q, NULL);
    assert(rsa_private_check(key) == 0);
}
