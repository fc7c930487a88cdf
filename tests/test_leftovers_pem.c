/* SPDX-License-Identifier: MIT */
/* What reading a key leaves on the stack: nothing of the password, of what was derived from it, or of the key. What GMP
 * keeps is its own, and in another order of bytes. */
#include "crypto/pem.h"

#include "crypto/aes.h"
#include "crypto/pbes2.h"
#include "crypto/prf.h"
#include "crypto/rng.h"
#include "crypto/sha512.h"
#include "tests/leftovers.h"
#include "tests/rsa_key.h"
#include "tests/test.h"

enum { LINE_LEN = 64, SALT_LEN = 16, ITERATIONS = 3, KEY_LEN = AES256_KEY_LEN };

static const uint8_t password[] = "a long password, of three words and more";
static uint8_t salt[SALT_LEN], derived[2 * SHA512_DIGEST_LEN], mac[ITERATIONS][SHA512_DIGEST_LEN];
static const struct prf_hash *hash;
static struct sha512 inner, outer; /* what HMAC goes on from: they do where the password is not known, too */
static struct rsa_private key, again;
static char plain[PEM_MAX_LEN], encrypted[PEM_MAX_LEN];
static enum pem_result result;

static int set_up(void **state)
{
    struct rng rng;
    rng_init(&rng);
    rng_fill(&rng, salt, sizeof salt);
    rsa_key(&key, 1);
    assert_int_equal(pem_encode_private(plain, sizeof plain, &key), 0);
    assert_int_equal(pem_encode_private_encrypted(encrypted, sizeof encrypted, &key, password, sizeof password - 1,
                                                  ITERATIONS, &rng),
                     0);
    rng_wipe(&rng);
    return leftovers_set_up(state);
}

static void expect_no_key(const char *by)
{
    leftovers_expect_none("p", by, key.p, sizeof key.p);
    leftovers_expect_none("q", by, key.q, sizeof key.q);
    leftovers_expect_none("d", by, key.d, sizeof key.d);
    leftovers_expect_none("base64", by, plain + sizeof "-----BEGIN PRIVATE KEY-----", LINE_LEN);
}

/* --- The password ------------------------------------------------------------------------------------------------- */

/* The password's block of RFC 2104 with ipad or opad, as it is hashed first. */
static void mask(uint8_t block[static SHA512_BLOCK_LEN], uint8_t pad)
{
    for (size_t i = 0; i < SHA512_BLOCK_LEN; i++)
        block[i] = (uint8_t)((i < sizeof password - 1 ? password[i] : 0) ^ pad);
}

static void expect_no_password(const char *by)
{
    uint8_t block[SHA512_BLOCK_LEN];
    leftovers_expect_none("password", by, password, sizeof password - 1);
    mask(block, 0x36);
    leftovers_expect_none("password ^ ipad", by, block, sizeof password - 1);
    sha512_init(&inner);
    sha512_update(&inner, block, sizeof block);
    mask(block, 0x5c);
    leftovers_expect_none("password ^ opad", by, block, sizeof password - 1);
    sha512_init(&outer);
    sha512_update(&outer, block, sizeof block);
    /* Of HMAC-SHA-512; with the others nothing is like them. */
    leftovers_expect_none("inner hash", by, inner.h, sizeof inner.h);
    leftovers_expect_none("outer hash", by, outer.h, sizeof outer.h);
}

static void derive(void)
{
    prf_pbkdf2(derived, 2 * prf_tag_len(hash), hash, password, sizeof password - 1, salt, sizeof salt, ITERATIONS);
}

/* U_1, U_2, ... of RFC 8018 section 5.2 for the last block, from which it follows. */
static void make_macs(void)
{
    uint8_t msg[SALT_LEN + 4] = {0};
    memcpy(msg, salt, sizeof salt);
    msg[SALT_LEN + 3] = 2;
    prf_hmac(mac[0], hash, password, sizeof password - 1, msg, sizeof msg);
    for (int i = 1; i < ITERATIONS; i++)
        prf_hmac(mac[i], hash, password, sizeof password - 1, mac[i - 1], prf_tag_len(hash));
}

static void check_pbkdf2(void)
{
    make_macs();
    leftovers_run(derive);
    expect_no_password("prf_pbkdf2");
    leftovers_expect_none("key", "prf_pbkdf2", derived, 2 * prf_tag_len(hash));
    for (int i = 0; i < ITERATIONS; i++)
        leftovers_expect_none("U", "prf_pbkdf2", mac[i], prf_tag_len(hash));
}

static void authenticate(void)
{
    prf_hmac(mac[0], hash, password, sizeof password - 1, salt, sizeof salt);
}

static void check_hmac(void)
{
    leftovers_run(authenticate);
    expect_no_password("prf_hmac");
    leftovers_expect_none("tag", "prf_hmac", mac[0], prf_tag_len(hash));
}

/* What is encrypted, and its result, don't matter here. */
static void decrypt(void)
{
    static uint8_t iv[AES_BLOCK_LEN], text[8 * AES_BLOCK_LEN], out[sizeof text];
    const struct pbes2 e = {{salt, sizeof salt}, {iv, sizeof iv}, {text, sizeof text}, ITERATIONS, KEY_LEN, hash};
    size_t len;
    (void)!pbes2_decrypt(out, &len, &e, password, sizeof password - 1);
}

static void check_pbes2(void)
{
    derive();
    leftovers_run(decrypt);
    expect_no_password("pbes2_decrypt");
    leftovers_expect_none("key", "pbes2_decrypt", derived, KEY_LEN);
}

static void test_passwords(void **state)
{
    static const struct prf_hash *const hashes[] = {&prf_sha1, &prf_sha224, &prf_sha256, &prf_sha384, &prf_sha512};
    (void)state;
    if (!leftovers_can_look())
        skip();
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        hash = hashes[i];
        check_pbkdf2();
        check_hmac();
        check_pbes2();
    }
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

static void read_plain(void)
{
    result = pem_decode_private(&again, plain, strlen(plain), NULL, 0);
}

static void read_encrypted(void)
{
    result = pem_decode_private(&again, encrypted, strlen(encrypted), password, sizeof password - 1);
}

static void read_as_public(void)
{
    struct rsa_public pub;
    result = pem_decode_public(&pub, plain, strlen(plain));
}

static void write_both(void)
{
    static char out[PEM_MAX_LEN];
    struct rng rng;
    rng_init(&rng);
    result = pem_encode_private(out, sizeof out, &key) == 0 &&
                     pem_encode_private_encrypted(out, sizeof out, &key, password, sizeof password - 1, ITERATIONS,
                                                  &rng) == 0
                 ? PEM_OK
                 : PEM_MALFORMED;
    rng_wipe(&rng);
}

static void check(const char *by, void (*work)(void), enum pem_result expected)
{
    result = PEM_MALFORMED;
    leftovers_run(work);
    assert_int_equal(result, expected);
    expect_no_password(by);
    expect_no_key(by);
}

static void test_keys(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    check("pem_decode_private", read_plain, PEM_OK);
    check("pem_decode_private, encrypted", read_encrypted, PEM_OK);
    check("pem_decode_public", read_as_public, PEM_PRIVATE);
    check("pem_encode_private", write_both, PEM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
