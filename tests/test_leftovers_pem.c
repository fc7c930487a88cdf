/* SPDX-License-Identifier: MIT */
/* What reading a key leaves on the stack: nothing of the password, of what was derived from it, or of the key. What GMP
 * keeps is its own, and in another order of bytes. */
#include "crypto/pem.h"

#include "crypto/prf.h"
#include "crypto/rng.h"
#include "tests/leftovers.h"
#include "tests/rsa_key.h"
#include "tests/test.h"

enum { SALT_LEN = 16, ITERATIONS = 3 };

static const uint8_t password[] = "a long password, of three words and more";
static uint8_t salt[SALT_LEN], derived[32], mac[64];
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

static void expect_no_password(const char *by)
{
    leftovers_expect_none("password", by, password, sizeof password - 1);
}

static void expect_no_key(const char *by)
{
    leftovers_expect_none("p", by, key.p, sizeof key.p);
    leftovers_expect_none("q", by, key.q, sizeof key.q);
    leftovers_expect_none("d", by, key.d, sizeof key.d);
}

/* --- PBKDF2 ------------------------------------------------------------------------------------------------------- */

static void derive(void)
{
    prf_pbkdf2(derived, sizeof derived, &prf_sha512, password, sizeof password - 1, salt, sizeof salt, ITERATIONS);
}

/* U_1 of RFC 8018 section 5.2, from which the rest follows. */
static void make_first_mac(void)
{
    uint8_t msg[SALT_LEN + 4] = {0};
    memcpy(msg, salt, sizeof salt);
    msg[SALT_LEN + 3] = 1;
    prf_hmac(mac, &prf_sha512, password, sizeof password - 1, msg, sizeof msg);
}

static void test_pbkdf2(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    make_first_mac();
    leftovers_run(derive);
    expect_no_password("prf_pbkdf2");
    leftovers_expect_none("key", "prf_pbkdf2", derived, sizeof derived);
    leftovers_expect_none("U_1", "prf_pbkdf2", mac, sizeof mac);
}

static void authenticate(void)
{
    prf_hmac(mac, &prf_sha512, password, sizeof password - 1, salt, sizeof salt);
}

static void test_hmac(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    leftovers_run(authenticate);
    expect_no_password("prf_hmac");
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

static void check(const char *by, void (*work)(void))
{
    result = PEM_MALFORMED;
    leftovers_run(work);
    assert_int_equal(result, PEM_OK);
    expect_no_password(by);
    expect_no_key(by);
}

static void test_keys(void **state)
{
    (void)state;
    if (!leftovers_can_look())
        skip();
    check("pem_decode_private", read_plain);
    check("pem_decode_private, encrypted", read_encrypted);
    check("pem_encode_private", write_both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pbkdf2),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
