/* SPDX-License-Identifier: MIT */
/* What the primitives leave on the stack (tests/leftovers.h). */
#include <sys/types.h>

#include "crypto/bignum.h"
#include "crypto/bytes.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/etm_impl.h"
#include "crypto/etm_many_impl.h"
#include "crypto/hkdf.h"
#include "crypto/pbkdf2_impl.h"
#include "crypto/pbkdf2_many_impl.h"
#include "crypto/rng.h"
#include "crypto/sha256_impl.h"
#include "tests/aes_backends.h"
#include "tests/bignum_backends.h"
#include "tests/fill.h"
#include "tests/leftovers.h"
#include "tests/test.h"

#define BLOCKS 41

/* All that the work on that stack reads and writes; none of it is on the stack itself. */
static struct {
    uint8_t enc_key[32], mac_key[32], in[16 * BLOCKS], out[16 * BLOCKS + 64], iv[16], tag[32];
    size_t key_len;
    const struct aes_impl *aes_impl;
    const struct etm_impl *etm_impl;
    const struct pbkdf2_impl *pbkdf2_impl;
    const struct sha256_impl *sha256_impl;
    const struct sha256_many_impl *many_impl;
    struct aes_key aes;
    struct hmac_key mac;
    struct etm_key etm;
    struct rng rng;
    int opened;
} job;

static int set_up(void **state)
{
    fill(&job, offsetof(__typeof__(job), key_len), 1);
    return leftovers_set_up(state);
}

/* --- The finder itself -------------------------------------------------------------------------------------------- */

static void leave_key(void)
{
    volatile uint8_t copy[sizeof job.mac_key];
    for (size_t i = 0; i < sizeof copy; i++)
        copy[i] = job.mac_key[i];
}

static void test_what_is_left_is_found(void **state)
{
    (void)state;
    leftovers_run(leave_key);
    assert_int_equal(leftovers_found(job.mac_key, sizeof job.mac_key), sizeof job.mac_key / 8);
}

/* --- AES ---------------------------------------------------------------------------------------------------------- */

static void expand(void)
{
    aes_key_init_with(&job.aes, job.aes_impl, job.enc_key, job.key_len);
}

static void cbc(void)
{
    cbc_encrypt(&job.aes, job.iv, job.out, job.in, BLOCKS);
    cbc_decrypt(&job.aes, job.iv, job.out, job.out, BLOCKS);
}

static void blocks(void)
{
    aes_encrypt(&job.aes, job.out, job.in, BLOCKS);
    aes_decrypt(&job.aes, job.out, job.out, BLOCKS);
}

static uint8_t encrypted[16][16 * BLOCKS];

static void cbc_many(void)
{
    struct aes_cbc_stream s[16];
    for (size_t j = 0; j < 16; j++)
        s[j] = (struct aes_cbc_stream){&job.aes, job.iv, encrypted[j], job.in};
    cbc_encrypt_many(s, 16, BLOCKS);
}

/* What goes into the first round of each block: the round key w[0] is all that it hides. */
static void expect_no_chain(const char *what, const char *by, const struct aes_key *k, const uint8_t *out)
{
    uint8_t state[AES_BLOCK_LEN];
    const uint8_t *before = job.iv;
    for (size_t at = 0; at < sizeof job.in; at += AES_BLOCK_LEN) {
        bytes_xor(state, before, job.in + at, AES_BLOCK_LEN);
        bytes_xor(state, state, k->enc, AES_BLOCK_LEN);
        leftovers_expect_none(what, by, state, sizeof state);
        before = out + at;
    }
}

static void check_aes(const struct aes_impl *impl)
{
    static void (*const works[])(void) = {expand, cbc, blocks, cbc_many};
    static const char *const names[] = {"expand", "cbc", "aes", "cbc_many"};
    job.aes_impl = impl;
    for (job.key_len = AES128_KEY_LEN; job.key_len <= AES256_KEY_LEN; job.key_len += 16)
        for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
            leftovers_run(works[i]);
            leftovers_expect_none(names[i], impl->name, job.enc_key, job.key_len);
            leftovers_expect_none(names[i], impl->name, job.aes.enc, sizeof job.aes.enc);
            leftovers_expect_none(names[i], impl->name, job.aes.dec, sizeof job.aes.dec);
            if (works[i] == cbc_many)
                expect_no_chain(names[i], impl->name, &job.aes, encrypted[0]);
        }
}

static void test_aes(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    each_aes_backend(check_aes);
}

/* --- States of SHA-256 -------------------------------------------------------------------------------------------- */

/* Eight words of a state in each order in which the code may hold them: as numbers, as bytes, and as vector registers
 * have them: for the SHA instructions (ABEF and CDGH), and in columns of sixteen messages, which are all the same
 * here. */
static void expect_no_state(const char *what, const char *by, const uint32_t h[8])
{
    static const size_t order[8] = {5, 4, 1, 0, 7, 6, 3, 2};
    uint32_t sorted[8], columns[16];
    uint8_t bytes[32];
    for (size_t i = 0; i < 8; i++) {
        sorted[i] = h[order[i]];
        columns[2 * i] = columns[2 * i + 1] = h[i];
        bytes_store_be32(bytes + 4 * i, h[i]);
    }
    leftovers_expect_none(what, by, h, sizeof bytes);
    leftovers_expect_none(what, by, bytes, sizeof bytes);
    leftovers_expect_none(what, by, sorted, sizeof sorted);
    leftovers_expect_none(what, by, columns, sizeof columns);
}

/* 32 bytes as they are hashed: in words. */
static void expect_no_words(const char *what, const char *by, const uint8_t bytes[32])
{
    uint32_t words[8];
    for (size_t i = 0; i < 8; i++)
        words[i] = bytes_load_be32(bytes + 4 * i);
    leftovers_expect_none(what, by, words, sizeof words);
}

/* A key of HMAC as it is hashed: xored with ipad and opad. */
static void expect_no_pads(const char *what, const char *by, const uint8_t key[32])
{
    for (unsigned pad = 0x36; pad <= 0x5c; pad += 0x5c - 0x36) {
        uint8_t bytes[32];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(key[i] ^ pad);
        leftovers_expect_none(what, by, bytes, sizeof bytes);
        expect_no_words(what, by, bytes);
    }
}

/* The key's own states, and what the inner hash makes of the message: it is the outer hash's input and never leaves. */
static void expect_no_mac(const char *what, const char *by, const struct hmac_key *mac, const void *msg, size_t len)
{
    uint8_t digest[32];
    uint32_t h[8];
    sha256_finish(digest, sha256_fastest(), mac->inner, NULL, SHA256_BLOCK_LEN, msg, len);
    for (size_t i = 0; i < 8; i++)
        h[i] = bytes_load_be32(digest + 4 * i);
    expect_no_state(what, by, h);
    expect_no_state(what, by, mac->inner);
    expect_no_state(what, by, mac->outer);
}

/* --- Encrypt-then-MAC --------------------------------------------------------------------------------------------- */

static void seal(void)
{
    etm_key_init_with(&job.etm, job.etm_impl, job.enc_key, job.key_len, job.mac_key);
    for (size_t n = 1; n <= 9; n += 4)
        etm_seal(&job.etm, job.out, job.iv, job.iv, 12, job.in, n);
    etm_seal(&job.etm, job.out, job.iv, job.iv, 12, job.in, BLOCKS);
}

static void unseal(void)
{
    static uint8_t out[sizeof job.in];
    job.opened = etm_open(&job.etm, out, job.iv, job.iv, 12, job.out, BLOCKS);
}

static uint8_t sealed[16][16 * BLOCKS + ETM_TAG_LEN];

static void seal_many(void)
{
    struct etm_one one[16];
    for (size_t j = 0; j < 16; j++)
        one[j] = (struct etm_one){&job.etm, sealed[j], job.iv, job.iv};
    etm_seal_batch(job.many_impl, one, 16, 12, job.in, BLOCKS);
}

static void expect_no_etm_key(const char *what, const char *by, const uint8_t *ciphertext)
{
    uint8_t msg[12 + 16 + sizeof job.in];
    memcpy(msg, job.iv, 12);
    memcpy(msg + 12, job.iv, 16);
    memcpy(msg + 28, ciphertext, sizeof job.in);
    expect_no_mac(what, by, &job.etm.mac, msg, sizeof msg);
    expect_no_chain(what, by, &job.etm.aes, ciphertext);
    expect_no_pads(what, by, job.mac_key);
    leftovers_expect_none(what, by, job.enc_key, job.key_len);
    leftovers_expect_none(what, by, job.mac_key, sizeof job.mac_key);
    leftovers_expect_none(what, by, job.etm.aes.enc, sizeof job.etm.aes.enc);
    leftovers_expect_none(what, by, job.etm.aes.dec, sizeof job.etm.aes.dec);
}

static void test_etm(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    for (size_t i = 0; etm_impls[i] != NULL; i++)
        for (job.key_len = 16; job.key_len <= 32 && etm_impls[i]->usable(); job.key_len += 16) {
            job.etm_impl = etm_impls[i];
            leftovers_run(seal);
            expect_no_etm_key("seal", etm_impls[i]->name, job.out);
            leftovers_run(unseal);
            expect_no_etm_key("open", etm_impls[i]->name, job.out);
            assert_int_equal(job.opened, 0);
        }
}

/* The right tag of a forgery is what the forger is after. */
static void test_refused(void **state)
{
    (void)state;
    uint8_t right[sizeof job.tag], *tag = job.out + sizeof job.in;
    if (!leftovers_can_look() || sha256_fastest() == &sha256_unrolled) /* as in test_hkdf */
        skip();
    job.etm_impl = &etm_portable;
    job.key_len = 16;
    leftovers_run(seal);
    memcpy(right, tag, sizeof right);
    tag[31] ^= 1;
    leftovers_run(unseal);
    assert_int_equal(job.opened, -1);
    leftovers_expect_none("open", "of a forgery", right, sizeof right);
}

static void test_etm_many(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        for (job.key_len = 16; job.key_len <= 32 && sha256_many_impls[i]->usable(); job.key_len += 16) {
            job.many_impl = sha256_many_impls[i];
            etm_key_init(&job.etm, job.enc_key, job.key_len, job.mac_key);
            leftovers_run(seal_many);
            expect_no_etm_key("seal_many", sha256_many_impls[i]->name, sealed[0]);
        }
}

/* --- What is made of SHA-256 -------------------------------------------------------------------------------------- */

static void hmac_key(void)
{
    hmac_key_init(&job.mac, job.mac_key, sizeof job.mac_key);
}

static void hmac(void)
{
    struct hmac h;
    hmac_message(job.tag, &job.mac, job.in, 150);
    hmac_init(&h, &job.mac);
    hmac_update(&h, job.in, 70);
    hmac_final(&h, job.tag);
    hmac_tag(job.tag, job.mac_key, sizeof job.mac_key, job.in, 20);
}

static void test_hmac(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    static void (*const works[])(void) = {hmac_key, hmac};
    for (size_t i = 0; i < 2; i++) {
        leftovers_run(works[i]);
        leftovers_expect_none("hmac", "picked", job.mac_key, sizeof job.mac_key);
        leftovers_expect_none("hmac", "picked", &job.mac, sizeof job.mac);
        expect_no_pads("hmac", "picked", job.mac_key);
        expect_no_words("hmac", "picked", job.in);
        expect_no_words("hmac", "picked", job.in + 128);
    }
}

/* --- SHA-256 on the way to a tag ---------------------------------------------------------------------------------- */

static void finish(void)
{
    sha256_finish(job.tag, job.sha256_impl, job.mac.inner, job.mac.outer, SHA256_BLOCK_LEN, job.in, 150);
}

static void streamed(void)
{
    struct hmac h;
    hmac_init(&h, &job.mac);
    hmac_update(&h, job.in, 70);
    hmac_update(&h, job.in + 70, 80);
    hmac_final(&h, job.tag);
}

static void test_finish(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    hmac_key_init(&job.mac, job.mac_key, sizeof job.mac_key);
    for (size_t i = 0; sha256_impls[i] != NULL; i++)
        if (sha256_impls[i]->usable()) {
            job.sha256_impl = sha256_impls[i];
            leftovers_run(finish);
            expect_no_mac("finish", sha256_impls[i]->name, &job.mac, job.in, 150);
        }
    leftovers_run(streamed);
    expect_no_mac("streamed", "picked", &job.mac, job.in, 150);
}

static void hkdf(void)
{
    hkdf_extract(job.tag, job.in, 64, job.mac_key, sizeof job.mac_key);
    hkdf_expand(job.out, 64, job.tag, "info", 4);
}

static void test_hkdf(void **state)
{
    (void)state;
    if (!leftovers_can_look() || sha256_fastest() == &sha256_unrolled) /* where gcc 12 spills half of the last output */
        skip();
    leftovers_run(hkdf);
    leftovers_expect_none("hkdf", "picked", job.mac_key, sizeof job.mac_key);
    leftovers_expect_none("hkdf", "picked", job.tag, sizeof job.tag);
    leftovers_expect_none("hkdf", "picked", job.out, 64);
    expect_no_pads("hkdf", "picked", job.tag);
    expect_no_words("hkdf", "picked", job.out); /* T(1), of which T(2) is made */
}

static void pbkdf2(void)
{
    pbkdf2_derive_with(job.pbkdf2_impl, job.out, 32, job.mac_key, sizeof job.mac_key, job.in, 16, 5);
}

static void pbkdf2_many(void)
{
    struct pbkdf2_one one[16];
    static uint8_t outs[16][32];
    for (size_t j = 0; j < 16; j++)
        one[j] = (struct pbkdf2_one){outs[j], job.mac_key, sizeof job.mac_key, job.in, 16, 5};
    pbkdf2_derive_batch(job.many_impl, one, 16, 0);
    memcpy(job.out, outs[0], 32);
}

static void expect_no_password(const char *what, const char *by)
{
    hmac_key_init(&job.mac, job.mac_key, sizeof job.mac_key);
    leftovers_expect_none(what, by, job.mac_key, sizeof job.mac_key);
    leftovers_expect_none(what, by, &job.mac, sizeof job.mac);
    leftovers_expect_none(what, by, job.out, 32);
    expect_no_pads(what, by, job.mac_key);
}

static void test_pbkdf2(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        if (pbkdf2_impls[i]->usable()) {
            job.pbkdf2_impl = pbkdf2_impls[i];
            leftovers_run(pbkdf2);
            expect_no_password("pbkdf2", pbkdf2_impls[i]->name);
        }
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        if (sha256_many_impls[i]->usable()) {
            job.many_impl = sha256_many_impls[i];
            leftovers_run(pbkdf2_many);
            expect_no_password("pbkdf2_many", sha256_many_impls[i]->name);
        }
}

/* --- Big numbers -------------------------------------------------------------------------------------------------- */

#define LIMBS BIGNUM_LIMBS(128)

/* m has all the bits of its limbs, and a and b are below it. */
static mp_limb_t a[LIMBS], b[LIMBS], m[LIMBS], wide[2 * LIMBS], r[LIMBS], shifted[2 * LIMBS], minus_inverse;

static void reduce(void)
{
    bignum_mod(r, wide, 2 * LIMBS, m, LIMBS);
}

static void multiply(void)
{
    bignum_mulm(r, a, b, m, LIMBS);
}

static void raise_to_power(void)
{
    bignum_powm(r, a, LIMBS, b, 300, m, LIMBS);
}

static void raise_to_public_power(void)
{
    bignum_powm_e(r, a, 17, m, LIMBS);
}

static void multiply_as_montgomery(void)
{
    bignum_montgomery(r, a, b, m, minus_inverse, LIMBS);
}

static void compare(void)
{
    job.opened = bignum_less(a, b, LIMBS);
}

static void set_up_numbers(void)
{
    fill(a, sizeof a, 3);
    fill(b, sizeof b, 4);
    fill(m, sizeof m, 5);
    fill(wide, sizeof wide, 6);
    m[0] |= 1;
    m[LIMBS - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
    a[LIMBS - 1] >>= 1;
    b[LIMBS - 1] >>= 1;
    minus_inverse = bignum_minus_inverse(m[0]);
    /* A library's first call of each function is resolved by the linker, which puts all registers on the stack. */
    reduce();
    multiply();
    raise_to_power();
    raise_to_public_power();
    multiply_as_montgomery();
    compare();
}

/* What powers are worked out with: a times 2 to the bits of m, modulo m. */
static void shift_base(void)
{
    memset(shifted, 0, sizeof shifted);
    memcpy(shifted + LIMBS, a, sizeof a);
    bignum_mod(shifted, shifted, 2 * LIMBS, m, LIMBS);
}

/* For each: what went in, what came out, and what was in between. */
static void test_numbers(void **state)
{
    (void)state;
    mp_limb_t product[2 * LIMBS], other[LIMBS];
    if (!leftovers_can_look())
        skip();
    set_up_numbers();
    leftovers_run(reduce);
    leftovers_expect_none("bignum_mod", "what was reduced", wide, sizeof wide);
    leftovers_expect_none("bignum_mod", "the remainder", r, sizeof r);
    m[LIMBS - 1] >>= 1; /* then GMP divides twice the number by twice m */
    leftovers_run(reduce);
    mpn_lshift(other, r, LIMBS, 1);
    assert_in_range(leftovers_found(other, sizeof other), 0,
                    2); /* a limb may be in a frame of GMP's own, but not all */
    leftovers_run(multiply);
    mpn_mul_n(product, a, b, LIMBS);
    leftovers_expect_none("bignum_mulm", "the product", product, sizeof product);
    leftovers_expect_none("bignum_mulm", "its remainder", r, sizeof r);
    shift_base();
    leftovers_run(raise_to_power);
    leftovers_expect_none("bignum_powm", "the base", a, sizeof a);
    leftovers_expect_none("bignum_powm", "the base as it works with it", shifted, sizeof *shifted * LIMBS);
    leftovers_expect_none("bignum_powm", "the power", r, sizeof r);
    leftovers_run(raise_to_public_power);
    leftovers_expect_none("bignum_powm_e", "the base", a, sizeof a);
    leftovers_expect_none("bignum_powm_e", "the base as it works with it", shifted, sizeof *shifted * LIMBS);
    leftovers_expect_none("bignum_powm_e", "the power", r, sizeof r);
    mpn_add_n(other, r, m, LIMBS); /* it may have been that, or what is below it, before it was reduced */
    leftovers_expect_none("bignum_powm_e", "the power and m", other, sizeof other);
    leftovers_run(compare);
    mpn_sub_n(other, a, b, LIMBS);
    leftovers_expect_none("bignum_less", "the difference", other, sizeof other);
}

/* What is below 2m before it is reduced, and what it is less m: one of these is the product. */
static void test_montgomery(void **state)
{
    (void)state;
    mp_limb_t other[LIMBS], t[2 * LIMBS];
    if (!leftovers_can_look())
        skip();
    for (int round = 0; round < 8; round++) {
        set_up_numbers();
        fill(a, sizeof a - 1, (uint8_t)(10 + round));
        leftovers_run(multiply_as_montgomery);
        mpn_mul_n(t, a, b, LIMBS);
        for (size_t i = 0; i < LIMBS; i++)
            t[i] = mpn_addmul_1(t + i, m, LIMBS, t[i] * minus_inverse);
        leftovers_expect_none("bignum_montgomery", "what it works with", t, sizeof t);
        leftovers_expect_none("bignum_montgomery", "the product", r, sizeof r);
        mpn_sub_n(other, r, m, LIMBS);
        leftovers_expect_none("bignum_montgomery", "the product less m", other, sizeof other);
        mpn_add_n(other, r, m, LIMBS);
        leftovers_expect_none("bignum_montgomery", "the product and m", other, sizeof other);
    }
}

/* --- The backends of powers --------------------------------------------------------------------------------------- */

enum { WIDE = BIGNUM_LIMBS(256), HALF = BIGNUM_LIMBS(192), DIGIT_BITS = 52 };

static const struct bignum_impl *powers;
static mp_limb_t base[2][WIDE], exponent[2][2], prime[2][WIDE], power[2][WIDE];

static void raise_wide(void)
{
    powers->powm(&(struct bignum_power){power[0], base[0], exponent[0], prime[0]}, 2 * GMP_NUMB_BITS, WIDE);
}

static void raise_two(void)
{
    const struct bignum_power two[2] = {{power[0], base[0], exponent[0], prime[0]},
                                        {power[1], base[1], exponent[1], prime[1]}};
    powers->powm_two(two, 2 * GMP_NUMB_BITS, HALF);
}

/* As the IFMA backend works with the base: times 2 to the bits of all its digits, modulo m, a word for each digit. */
static void digits_of_base(uint64_t *digits, size_t count, mp_size_t n)
{
    mp_limb_t form[BIGNUM_MOD_MAX_LIMBS] = {0};
    size_t bits = DIGIT_BITS * count, limbs = bits / GMP_NUMB_BITS;
    memcpy(form + limbs, base[0], (size_t)n * sizeof *form);
    form[limbs + (size_t)n] = mpn_lshift(form + limbs, form + limbs, n, bits % GMP_NUMB_BITS);
    bignum_mod(form, form, (mp_size_t)(limbs + (size_t)n + 1), prime[0], n);
    for (size_t i = 0; i < count; i++) {
        size_t limb = DIGIT_BITS * i / GMP_NUMB_BITS, shift = DIGIT_BITS * i % GMP_NUMB_BITS;
        mp_limb_t above = shift > 12 && limb + 1 < (size_t)n ? form[limb + 1] << (GMP_NUMB_BITS - shift) : 0;
        digits[i] = limb < (size_t)n ? ((form[limb] >> shift) | above) & ((UINT64_C(1) << DIGIT_BITS) - 1) : 0;
    }
}

static void expect_no_power(const char *what, size_t count, mp_size_t n)
{
    uint64_t digits[40];
    size_t len = (size_t)n * sizeof(mp_limb_t);
    leftovers_expect_none(what, powers->name, base[0], len);
    leftovers_expect_none(what, powers->name, power[0], len);
    leftovers_expect_none(what, powers->name, exponent[0], sizeof exponent[0]);
    digits_of_base(digits, count, n);
    leftovers_expect_none(what, "digits", digits, count * sizeof *digits);
}

static void test_powers(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    fill(base, sizeof base, 20);
    fill(exponent, sizeof exponent, 21);
    for (size_t i = 0; i < bignum_backends(); i++) {
        powers = bignum_backend(i);
        for (size_t j = 0; j < 2; j++) {
            fill(prime[j], sizeof prime[j], (uint8_t)(22 + j));
            prime[j][0] |= 1;
            prime[j][WIDE - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
            prime[j][HALF - 1] |= (mp_limb_t)1 << (GMP_NUMB_BITS - 1);
        }
        raise_wide(); /* for the linker, as above */
        leftovers_run(raise_wide);
        expect_no_power("powm", 40, WIDE);
        leftovers_run(raise_two);
        expect_no_power("powm_two", 30, HALF);
    }
}

/* --- What is made of these ---------------------------------------------------------------------------------------- */

static uint8_t seed[RNG_KEY_LEN];

/* Takes the place of the system's, so that what the generator gets from the kernel is known here. */
ssize_t getrandom(void *buf, size_t len, unsigned flags);

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < len; i++)
        ((volatile uint8_t *)buf)[i] = seed[i % sizeof seed];
    return (ssize_t)len;
}

static void random_bytes(void)
{
    rng_init(&job.rng);
    rng_fill(&job.rng, job.out, 100);
}

static void test_rng(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    fill(seed, sizeof seed, 2);
    leftovers_run(random_bytes);
    leftovers_expect_none("rng_fill", "its seed", seed, sizeof seed);
    leftovers_expect_none("rng_fill", "its key", job.rng.key, sizeof job.rng.key);
    leftovers_expect_none("rng_fill", "its bytes", job.out, 96);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_left_is_found),
        cmocka_unit_test(test_aes),
        cmocka_unit_test(test_etm),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_etm_many),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_hkdf),
        cmocka_unit_test(test_pbkdf2),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_montgomery),
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_rng),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
