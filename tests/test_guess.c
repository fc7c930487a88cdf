/* SPDX-License-Identifier: MIT */
/* Guessing finds the password that was stored, and no other. */
#include "app/workbench/bench/guess.h"

#include "tests/test.h"

static void test_candidates(void **state)
{
    (void)state;
    char text[GUESS_LEN + 1];
    guess_password(text, 0);
    assert_string_equal(text, "aaaaaaaa");
    guess_password(text, 27);
    assert_string_equal(text, "aaaaaabb");
    guess_password(text, GUESS_CANDIDATES - 1);
    assert_string_equal(text, "zzzzzzzz");
    guess_password(text, UINT64_C(16090668437)); /* its letters as digits in base 26 */
    assert_string_equal(text, "cachexyz");
}

/* Python: hashlib.sha256(bytes(range(16)) + b"password") and hashlib.pbkdf2_hmac("sha256", ..., 1000). */
static void test_digests(void **state)
{
    (void)state;
    static const struct {
        uint32_t iterations;
        const char *digest;
    } known[] = {
        {0, "04a89147600cc2b5eb582ea76c73c85443f77b9fd178e69e3e4f15f6b9759682"},
        {1, "e1b08f92be8174d9f442d95d89aa4ccdc311231a4d70d0b854d1548de8fabdfd"},
        {1000, "25eb86acc76e43018f18b9a8f90c2fed462d1c799e83d48ae3d7c69046a60b67"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct guess g = {.iterations = known[i].iterations};
        char text[2 * GUESS_DIGEST_LEN + 1];
        for (uint8_t b = 0; b < GUESS_SALT_LEN; b++)
            g.salt[b] = b;
        guess_digest(&g, g.digest, "password");
        for (int b = 0; b < GUESS_DIGEST_LEN; b++)
            snprintf(text + 2 * b, 3, "%02x", g.digest[b]);
        assert_string_equal(text, known[i].digest);
    }
}

/* Stores each of some candidates, and finds it in every place of a batch; a digest of no candidate is not found,
 * nor one that differs in its last bit alone. */
static void test_what_was_stored_is_found(void **state)
{
    (void)state;
    static const uint32_t iterations[] = {0, 1, 3};
    for (size_t k = 0; k < sizeof iterations / sizeof *iterations; k++) {
        struct guess g = {.salt = "a salt", .iterations = iterations[k]};
        char text[GUESS_LEN + 1];
        uint64_t first = UINT64_C(26) * 26 * 26 * 26 * 32 - 64, n; /* carries into five letters */
        for (uint64_t wanted = first; wanted < first + 128; wanted++) {
            guess_password(text, wanted);
            guess_digest(&g, g.digest, text);
            n = 0;
            assert_true(guess_range(&g, first, 128, &n));
            assert_true(n == wanted);
            assert_false(guess_range(&g, first + 128, 128, &n));
            g.digest[31] ^= 1;
            assert_false(guess_range(&g, first, 128, &n));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_what_was_stored_is_found),
    };
    return RUN(tests);
}
