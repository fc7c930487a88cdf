/* SPDX-License-Identifier: MIT */
/* A password's salt, iterations and hash: the right password fits, and no other. Few iterations, as only the rules are
 * tested. */
#include "app/server/store/verifier.h"

#include "crypto/pbkdf2.h"
#include "tests/test.h"

static int check(const struct verifier *v, const char *password)
{
    return verifier_check(v, (const uint8_t *)password, strlen(password));
}

static void make(struct verifier *v, const char *password, uint32_t iterations)
{
    struct rng rng;
    rng_init(&rng);
    verifier_make(v, (const uint8_t *)password, strlen(password), iterations, &rng);
    rng_wipe(&rng);
}

static void test_the_password_fits_and_no_other(void **state)
{
    (void)state;
    struct verifier v;
    make(&v, "correct horse", 10);
    assert_true(check(&v, "correct horse"));
    assert_false(check(&v, "correct horsf"));
    assert_false(check(&v, "correct hors"));
    assert_false(check(&v, "correct horse "));
    assert_false(check(&v, ""));
}

static void test_it_is_pbkdf2_with_what_is_stored(void **state)
{
    (void)state;
    struct verifier v;
    uint8_t hash[VERIFIER_HASH_LEN];
    make(&v, "password", 7);
    assert_int_equal(v.iterations, 7);
    pbkdf2_derive(hash, sizeof hash, (const uint8_t *)"password", 8, v.salt, sizeof v.salt, 7);
    assert_memory_equal(v.hash, hash, sizeof hash);
}

static void test_every_part_counts(void **state)
{
    (void)state;
    struct verifier v;
    make(&v, "password", 7);
    v.iterations++;
    assert_false(check(&v, "password"));
    v.iterations--;
    for (size_t i = 0; i < sizeof v.salt; i++) {
        v.salt[i] ^= 1;
        assert_false(check(&v, "password"));
        v.salt[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof v.hash; i++) {
        v.hash[i] ^= 0x80;
        assert_false(check(&v, "password"));
        v.hash[i] ^= 0x80;
    }
    assert_true(check(&v, "password"));
}

/* It can't be seen that two users have the same password. */
static void test_salts_differ(void **state)
{
    (void)state;
    struct verifier a, b;
    make(&a, "password", 1);
    make(&b, "password", 1);
    assert_memory_not_equal(a.salt, b.salt, sizeof a.salt);
    assert_memory_not_equal(a.hash, b.hash, sizeof a.hash);
}

static void test_nothing_fits_a_dummy(void **state)
{
    (void)state;
    struct verifier v, w;
    struct rng rng;
    rng_init(&rng);
    verifier_dummy(&v, 5, &rng);
    verifier_dummy(&w, 5, &rng);
    assert_int_equal(v.iterations, 5); /* so a check costs what it costs for an account */
    assert_memory_not_equal(v.salt, w.salt, sizeof v.salt);
    assert_false(check(&v, ""));
    assert_false(check(&v, "password"));
    rng_wipe(&rng);
}

/* Many at once, of different iterations and in every number: the right ones are right, and no other. */
static void test_many(void **state)
{
    (void)state;
    static struct verifier v[VERIFIER_MANY_MAX];
    char passwords[VERIFIER_MANY_MAX][20];
    struct verifier_try tries[VERIFIER_MANY_MAX];
    for (uint32_t kinds = 1; kinds <= 4; kinds++) /* of iterations */
        for (size_t n = 1; n <= VERIFIER_MANY_MAX; n++) {
            for (size_t i = 0; i < n; i++) {
                snprintf(passwords[i], sizeof passwords[i], "password %zu", i);
                make(&v[i], passwords[i], 5 + (uint32_t)i % kinds);
                passwords[i][9] ^= i % 3 == 2; /* these are wrong */
                tries[i] = (struct verifier_try){&v[i], (const uint8_t *)passwords[i], strlen(passwords[i]), -1};
            }
            verifier_check_many(tries, n, 4 + kinds % 3 * 3);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(tries[i].right, i % 3 != 2);
        }
}

/* A batch makes what one at a time would, each with a salt of its own. */
static void test_many_are_made(void **state)
{
    (void)state;
    static const char *const passwords[VERIFIER_MANY_MAX] = {
        "a", "bb", "ccc", "correct horse", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", ""};
    struct rng rng;
    rng_init(&rng);
    for (size_t n = 1; n <= VERIFIER_MANY_MAX; n += 5) {
        struct verifier made[VERIFIER_MANY_MAX];
        struct verifier_new news[VERIFIER_MANY_MAX];
        for (size_t i = 0; i < n; i++)
            news[i] = (struct verifier_new){&made[i], (const uint8_t *)passwords[i], strlen(passwords[i])};
        verifier_make_many(news, n, 3, &rng);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(made[i].iterations, 3);
            assert_true(check(&made[i], passwords[i]));
            assert_false(check(&made[i], "another"));
            assert_true(i == 0 || memcmp(made[i].salt, made[i - 1].salt, sizeof made[i].salt) != 0);
        }
    }
    rng_wipe(&rng);
}

static void test_text(void **state)
{
    (void)state;
    struct verifier v, back;
    char text[VERIFIER_TEXT_MAX], cut[VERIFIER_TEXT_MAX];
    make(&v, "password", 7);
    v.iterations = VERIFIER_ITERATIONS_MAX;
    verifier_encode(text, &v);
    assert_memory_equal(text, "100000000:", 10);
    assert_int_equal(verifier_decode(&back, text), 0);
    assert_memory_equal(&back, &v, sizeof v);
    for (size_t len = 0; len < strlen(text); len++) {
        snprintf(cut, sizeof cut, "%.*s", (int)len, text);
        assert_int_equal(verifier_decode(&back, cut), -1);
    }
    static const char *const counts[] = {"", "0", "01", "+1", "-1", "1x", "100000001", "999999999", "4294967297"};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char wrong[2 * VERIFIER_TEXT_MAX];
        snprintf(wrong, sizeof wrong, "%s%s", counts[i], text + 9);
        assert_int_equal(verifier_decode(&back, wrong), -1);
    }
    text[10 + 24] = ';';
    assert_int_equal(verifier_decode(&back, text), -1);
    assert_memory_equal(&back, &v, sizeof v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_password_fits_and_no_other),
        cmocka_unit_test(test_it_is_pbkdf2_with_what_is_stored),
        cmocka_unit_test(test_every_part_counts),
        cmocka_unit_test(test_salts_differ),
        cmocka_unit_test(test_nothing_fits_a_dummy),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_many_are_made),
        cmocka_unit_test(test_text),
    };
    return RUN(tests);
}
