/* SPDX-License-Identifier: MIT */
/* What was given as a password is recognised, and nothing else is; it can't be read from what is kept. */
#include "app/client/line/given_secrets.h"

#include "tests/test.h"

static void test_what_was_added_is_known_again(void **state)
{
    (void)state;
    struct given_secrets h = {0};
    assert_false(given_secrets_has(&h, "", 0));
    assert_false(given_secrets_has(&h, "correct horse", 13));
    given_secrets_add(&h, "", 0);
    assert_false(given_secrets_has(&h, "", 0));
    given_secrets_add(&h, "correct horse", 13);
    given_secrets_add(&h, "a\0b", 3);
    assert_true(given_secrets_has(&h, "correct horse", 13));
    assert_true(given_secrets_has(&h, "a\0b", 3));
    assert_false(given_secrets_has(&h, "a\0c", 3));
    assert_false(given_secrets_has(&h, "a", 1));
    assert_false(given_secrets_has(&h, "correct hors", 12));
    assert_false(given_secrets_has(&h, "correct horsf", 13));
    assert_false(given_secrets_has(&h, "", 0));
}

static void test_the_oldest_makes_room(void **state)
{
    (void)state;
    struct given_secrets h = {0};
    for (uint8_t i = 0; i < GIVEN_SECRETS_MAX; i++)
        given_secrets_add(&h, &i, 1);
    for (uint8_t i = 0; i < GIVEN_SECRETS_MAX; i++) {
        given_secrets_add(&h, &i, 1); /* again: takes no place */
        assert_true(given_secrets_has(&h, &i, 1));
    }
    given_secrets_add(&h, "x", 1);
    assert_true(given_secrets_has(&h, "x", 1));
    assert_false(given_secrets_has(&h, "\0", 1));
    assert_true(given_secrets_has(&h, "\1", 1));
}

static void test_the_key_is_drawn(void **state)
{
    (void)state;
    struct given_secrets a = {0}, b = {0};
    given_secrets_add(&a, "correct horse", 13);
    given_secrets_add(&b, "correct horse", 13);
    assert_memory_not_equal(a.key, b.key, sizeof a.key);
    assert_memory_not_equal(a.tags[0], b.tags[0], sizeof a.tags[0]);
    b = a;
    b.key[0] ^= 1; /* without it, what is kept says nothing */
    assert_false(given_secrets_has(&b, "correct horse", 13));
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    struct given_secrets h = {0}, nothing = {0};
    given_secrets_add(&h, "correct horse", 13);
    given_secrets_wipe(&h);
    assert_memory_equal(&h, &nothing, sizeof h);
    assert_false(given_secrets_has(&h, "correct horse", 13));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_added_is_known_again),
        cmocka_unit_test(test_the_oldest_makes_room),
        cmocka_unit_test(test_the_key_is_drawn),
        cmocka_unit_test(test_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
