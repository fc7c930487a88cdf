/* SPDX-License-Identifier: MIT */
/* Counts that become delays, and the table's bound. */
#include "app/server/base/ratelimit.h"

#include <stdio.h>

#include "crypto/sha256.h"
#include "tests/test.h"

#define HOUR (1000 * RATELIMIT_SECONDS)

static struct rng rng;

static struct ratelimit_key key_of(const struct ratelimit *t, unsigned i)
{
    return ratelimit_key(t, RATELIMIT_LOGINS, &i, sizeof i);
}

static void test_delays_grow(void **state)
{
    (void)state;
    const uint32_t expected[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    struct ratelimit *t = ratelimit_new(100, &rng);
    struct ratelimit_key k = key_of(t, 1), other = key_of(t, 2);
    for (size_t failures = 0; failures < sizeof expected / sizeof *expected; failures++) {
        assert_int_equal(ratelimit_wait(t, &k, 3, 50), expected[failures]);
        ratelimit_add(t, &k, 50);
    }
    assert_int_equal(ratelimit_wait(t, &k, 3, 50 + 299999), 1);
    assert_int_equal(ratelimit_wait(t, &k, 3, 50 + 300000), 0);
    assert_int_equal(ratelimit_wait(t, &other, 3, 50), 0);
    ratelimit_forget(t, &k);
    assert_int_equal(ratelimit_count(t, &k, 50), 0);
    assert_int_equal(ratelimit_wait(t, &k, 0, 50), 0);
    ratelimit_free(t);
}

static void test_counts_for_an_hour(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(100, &rng);
    struct ratelimit_key k = key_of(t, 1);
    ratelimit_add(t, &k, 1000);
    ratelimit_add(t, &k, 4000);
    assert_int_equal(ratelimit_count(t, &k, 1000 + HOUR - 1), 2);
    assert_int_equal(ratelimit_count(t, &k, 1000 + HOUR), 0);
    ratelimit_add(t, &k, 1000 + HOUR);
    assert_int_equal(ratelimit_count(t, &k, 1000 + HOUR), 1);
    ratelimit_free(t);
}

static void test_things_are_told_apart(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(100, &rng), *u = ratelimit_new(100, &rng);
    struct ratelimit_key a = ratelimit_key(t, RATELIMIT_LOGINS, "same", 4),
                         b = ratelimit_key(t, RATELIMIT_ADDRESSES, "same", 4);
    struct ratelimit_key c = ratelimit_key(u, RATELIMIT_LOGINS, "same", 4);
    assert_memory_not_equal(a.bytes, b.bytes, sizeof a.bytes);
    assert_memory_not_equal(a.bytes, c.bytes, sizeof a.bytes); /* each process has a secret of its own */
    ratelimit_free(t);
    ratelimit_free(u);
}

/* Ten thousand strangers in a table for a hundred: the last ones are remembered, and nothing grows. */
static void test_is_bounded(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(100, &rng);
    unsigned remembered = 0;
    for (unsigned i = 0; i < 10000; i++) {
        struct ratelimit_key k = key_of(t, i);
        ratelimit_add(t, &k, i / 10);
        assert_int_equal(ratelimit_count(t, &k, i / 10), 1);
    }
    for (unsigned i = 0; i < 10000; i++) {
        struct ratelimit_key k = key_of(t, i);
        remembered += ratelimit_count(t, &k, 1000);
        assert_true(i > 5000 || ratelimit_count(t, &k, 1000) == 0); /* the oldest gave way */
    }
    assert_int_equal(remembered, 104);
    ratelimit_free(t);
}

/* Floods of registrations and of failures of addresses: the count of an account's failures is still there. */
static void test_kinds_share_no_table(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(100, &rng);
    struct ratelimit_key k = key_of(t, 1);
    ratelimit_add(t, &k, 0);
    for (unsigned i = 0; i < 20000; i++) {
        struct ratelimit_key other = ratelimit_key(t, i % 2 == 0 ? RATELIMIT_ADDRESSES : RATELIMIT_REGISTRATIONS, &i,
                                                   sizeof i);
        ratelimit_add(t, &other, 1 + i / 10);
        ratelimit_add(t, &other, 1 + i / 10);
    }
    assert_int_equal(ratelimit_count(t, &k, 2001), 1);
    ratelimit_free(t);
}

/* Ten thousand made-up names, counted once each, push out none that was counted twice. */
static void test_what_is_counted_often_stays(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(800, &rng);
    struct ratelimit_key k = key_of(t, 0);
    ratelimit_add(t, &k, 0);
    ratelimit_add(t, &k, 0);
    for (unsigned i = 1; i < 10000; i++) {
        struct ratelimit_key other = key_of(t, i);
        ratelimit_add(t, &other, i);
    }
    assert_int_equal(ratelimit_count(t, &k, 10000), 2);
    for (unsigned i = 10001; i < 20000; i++) { /* when its hour is over it no longer has a place */
        struct ratelimit_key other = key_of(t, i);
        ratelimit_add(t, &other, HOUR);
    }
    assert_int_equal(ratelimit_count(t, &k, 10000), 0);
    ratelimit_free(t);
}

static void test_as_text(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(100, &rng), *u = ratelimit_new(100, &rng);
    struct ratelimit_key k = key_of(t, 1), old = key_of(t, 2), forgotten = key_of(t, 3);
    size_t len;
    ratelimit_add(t, &old, 1000);
    ratelimit_add(t, &forgotten, 1000);
    for (int i = 0; i < 5; i++)
        ratelimit_add(t, &k, 5000 + HOUR / 2);
    ratelimit_forget(t, &forgotten);
    char *text = ratelimit_write(t, &len, 6000 + HOUR / 2, 1700000000);
    assert_non_null(text);
    /* A restart: another clock, 2 seconds later. */
    assert_int_equal(ratelimit_read(u, text, len, 50, 1700000002), 0);
    struct ratelimit_key same = key_of(u, 1);
    assert_memory_equal(&same, &k, sizeof k);
    assert_int_equal(ratelimit_count(u, &k, 50), 5);
    assert_int_equal(ratelimit_wait(u, &k, 3, 50), 1); /* 4 seconds after the last, of which 3 have passed */
    assert_int_equal(ratelimit_count(u, &old, 50), 1);
    assert_int_equal(ratelimit_count(u, &forgotten, 50), 0);
    assert_int_equal(ratelimit_count(u, &old, 50 + HOUR / 2), 0);
    ratelimit_free(u);
    /* Half an hour later one of them is over; where the clock was set back, no time has passed; after an hour nothing
     * is left. */
    const uint64_t later[] = {1700000000 + 1800, 1, 1700000000 + 3600, UINT64_MAX};
    const uint32_t counts[][2] = {{5, 0}, {5, 1}, {0, 0}, {0, 0}};
    for (size_t i = 0; i < 4; i++) {
        u = ratelimit_new(100, &rng);
        assert_int_equal(ratelimit_read(u, text, len, 0, later[i]), 0);
        assert_int_equal(ratelimit_count(u, &k, 0), counts[i][0]);
        assert_int_equal(ratelimit_count(u, &old, 0), counts[i][1]);
        ratelimit_free(u);
    }
    free(text);
    ratelimit_free(t);
}

static void test_what_is_no_such_text(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(100, &rng), *u = ratelimit_new(100, &rng);
    struct ratelimit_key k = key_of(t, 1), mine = key_of(u, 1);
    size_t len;
    ratelimit_add(t, &k, 1000);
    ratelimit_add(u, &mine, 1000);
    char *text = ratelimit_write(t, &len, 1000, 1700000000);
    for (size_t i = 0; i < len; i++) {
        text[i] ^= 1;
        assert_int_equal(ratelimit_read(u, text, len, 1000, 1700000000), -1);
        text[i] ^= 1;
        assert_int_equal(ratelimit_read(u, text, i, 1000, 1700000000), -1);
    }
    struct ratelimit_key still = key_of(u, 1);
    assert_memory_equal(&still, &mine, sizeof mine); /* nothing was read from any of them */
    assert_int_equal(ratelimit_count(u, &mine, 1000), 1);
    assert_int_equal(ratelimit_count(u, &k, 1000), 0);
    assert_int_equal(ratelimit_read(u, text, len, 1000, 1700000000), 0);
    assert_int_equal(ratelimit_count(u, &k, 1000), 1);
    free(text);
    ratelimit_free(t);
    ratelimit_free(u);
}

/* A line as version 1 wrote it, of what was counted under this letter; the secret is all zeros. */
static size_t line_of_1(char *out, char letter, const char *data, unsigned count)
{
    struct sha256 hash;
    uint8_t secret[32] = {0}, digest[SHA256_DIGEST_LEN];
    char key[2 * RATELIMIT_KEY_LEN + 1];
    sha256_init(&hash);
    sha256_update(&hash, secret, sizeof secret);
    sha256_update(&hash, &letter, 1);
    sha256_update(&hash, data, strlen(data));
    sha256_final(&hash, digest);
    hex_encode(key, digest, RATELIMIT_KEY_LEN);
    return (size_t)sprintf(out, "%s %u 5000 2000\n", key, count);
}

static size_t text_of_1(char *text)
{
    struct sha256 hash;
    uint8_t digest[SHA256_DIGEST_LEN];
    size_t len = (size_t)sprintf(text, "glasschat delays 1 1700000000 %064d\n", 0);
    len += line_of_1(text + len, 'l', "anna", 2);
    len += line_of_1(text + len, 'a', "somewhere", 3);
    len += line_of_1(text + len, 'r', "somewhere", 4);
    len += line_of_1(text + len, 'c', "anna", 5);
    sha256_init(&hash);
    sha256_update(&hash, text, len);
    sha256_final(&hash, digest);
    text[len++] = '#';
    hex_encode(text + len, digest, sizeof digest);
    strcat(text, "\n");
    return strlen(text);
}

static void test_a_text_of_version_1(void **state)
{
    (void)state;
    char text[1000];
    size_t len = text_of_1(text);
    int64_t last = 0;
    struct ratelimit *t = ratelimit_new(100, &rng), *u = ratelimit_new(100, &rng);
    assert_int_equal(ratelimit_read(t, text, len, 100000, 1700000001), 0);
    char *again = ratelimit_write(t, &len, 100000, 1700000001); /* from now on it is version 2 */
    assert_non_null(again);
    assert_memory_equal(again, "glasschat delays 2 ", 19);
    assert_int_equal(ratelimit_read(u, again, len, 100000, 1700000001), 0);
    for (int i = 0; i < 2; i++) {
        struct ratelimit *now = i == 0 ? t : u;
        struct ratelimit_key login = ratelimit_key(now, RATELIMIT_LOGINS, "anna", 4);
        struct ratelimit_key address = ratelimit_key(now, RATELIMIT_ADDRESSES, "somewhere", 9);
        struct ratelimit_key registration = ratelimit_key(now, RATELIMIT_REGISTRATIONS, "somewhere", 9);
        assert_int_equal(ratelimit_count(now, &login, 100000), 2);
        assert_int_equal(ratelimit_count(now, &address, 100000), 3);
        assert_int_equal(ratelimit_count(now, &registration, 100000), 4);
        assert_int_equal(ratelimit_take_of_1(now, 'c', "anna", 4, 100000 + HOUR, &last), 0);
        assert_int_equal(ratelimit_take_of_1(now, 'c', "anna", 4, 100000, &last), 5);
        assert_int_equal(last, 100000 - 3000);
        assert_int_equal(ratelimit_take_of_1(now, 'c', "anna", 4, 100000, &last), 0);
        assert_int_equal(ratelimit_take_of_1(now, 'd', "anna", 4, 100000, &last), 0);
    }
    free(again);
    ratelimit_free(t);
    ratelimit_free(u);
}

/* More than there is room for: what is left is as many as fit. */
static void test_a_text_for_a_bigger_one(void **state)
{
    (void)state;
    struct ratelimit *t = ratelimit_new(10000, &rng), *u = ratelimit_new(100, &rng);
    size_t len, remembered = 0;
    for (unsigned i = 0; i < 5000; i++) {
        struct ratelimit_key k = key_of(t, i);
        ratelimit_add(t, &k, i);
    }
    char *text = ratelimit_write(t, &len, 5000, 0);
    assert_int_equal(ratelimit_read(u, text, len, 5000, 0), 0);
    for (unsigned i = 0; i < 5000; i++) {
        struct ratelimit_key k = key_of(t, i);
        remembered += ratelimit_count(u, &k, 5000);
    }
    assert_int_equal(remembered, 104);
    free(text);
    ratelimit_free(t);
    ratelimit_free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delays_grow),           cmocka_unit_test(test_counts_for_an_hour),
        cmocka_unit_test(test_things_are_told_apart), cmocka_unit_test(test_is_bounded),
        cmocka_unit_test(test_kinds_share_no_table),  cmocka_unit_test(test_what_is_counted_often_stays),
        cmocka_unit_test(test_a_text_of_version_1),   cmocka_unit_test(test_as_text),
        cmocka_unit_test(test_what_is_no_such_text),  cmocka_unit_test(test_a_text_for_a_bigger_one),
    };
    rng_init(&rng);
    return RUN(tests);
}
