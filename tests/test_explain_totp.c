/* SPDX-License-Identifier: MIT */
/* The explanation of TOTP: RFC 4226's and RFC 6238's tables, the example of truncation, the calendar's ends. */
#include "app/workbench/explain/explain_totp.h"

#include "crypto/totp.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

static void has_number(const struct explained *e, const char *name, uint64_t number, int digits)
{
    char line[80];
    snprintf(line, sizeof line, "  %-12s%0*llu", name, digits, (unsigned long long)number);
    explained_has_line(e->text, line);
}

/* A row of RFC 4226's tables: HS, the 31 bits of it, the code. */
static void check_hotp(struct vec *v, const uint8_t *key, size_t key_len)
{
    struct explained e;
    uint64_t count = vec_number(v, "count");
    uint8_t HS[SHA1_DIGEST_LEN];
    char snum[32];
    explain_totp(explained_begin(&e), key, key_len, TOTP_PERIOD * count, 6);
    explained_end(&e);
    vec_check(v, "hs", HS, explained_value(&e, "HS", HS, sizeof HS));
    snprintf(snum, sizeof snum, " = %llu\n", (unsigned long long)vec_number(v, "truncated"));
    assert_non_null(strstr(e.text, snum));
    has_number(&e, "T", count, 0);
    has_number(&e, "TOTP", vec_number(v, "hotp"), 6);
    explained_free(&e);
}

/* A row of RFC 6238's table. */
static void check_totp(struct vec *v, const uint8_t *key, size_t key_len)
{
    struct explained e;
    uint64_t now = vec_number(v, "time");
    uint8_t T[8];
    char utc[64];
    explain_totp(explained_begin(&e), key, key_len, now, 8);
    explained_end(&e);
    has_number(&e, "Time (sec)", now, 0);
    snprintf(utc, sizeof utc, "  UTC time    %s", vec_text(v, "utc"));
    explained_has_line(e.text, utc);
    vec_check(v, "t", T, explained_value(&e, "T (hex)", T, sizeof T));
    has_number(&e, "TOTP", vec_number(v, "totp"), 8);
    explained_has_line(e.text, "  Mode        SHA1");
    explained_free(&e);
}

/* RFC 4226's example of 5.4, whole. */
static void check_truncation(struct vec *v)
{
    struct explained e;
    const uint8_t *HS = vec_hex_n(v, "hs", SHA1_DIGEST_LEN);
    assert_int_equal(explain_totp_truncate(explained_begin(&e), HS, 6), vec_number(v, "hotp"));
    explained_end(&e);
    assert_string_equal(e.text, "\n"
                                "Dynamic truncation (RFC 4226, 5.3, step 2), as in the example of 5.4\n"
                                "  byte number 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19\n"
                                "  byte value  1f 86 98 69 0e 02 ca 16 61 85 50 ef 7f 19 da 8e 94 5b 55 5a\n"
                                "                                            ***********                ++\n"
                                "  Offset      10, the low four bits of byte 19, 5a\n"
                                "  P           50ef7f19, the bytes 10 to 13\n"
                                "  Snum        50ef7f19 & 7fffffff = 50ef7f19 = 1357872921\n"
                                "\n"
                                "The code (RFC 4226, 5.3, step 3): Snum mod 10^6, in 6 digits\n"
                                "  TOTP        872921\n");
    explained_free(&e);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("totp");
    while (vec_next(v)) {
        size_t key_len;
        const uint8_t *key = vec_has(v, "key") ? vec_hex(v, "key", &key_len) : NULL;
        if (key == NULL)
            check_truncation(v);
        else if (vec_has(v, "count"))
            check_hotp(v, key, key_len);
        else
            check_totp(v, key, key_len);
    }
    vec_close(v);
}

/* Every place that HS can be cut at, with the first bit set and not: marks, bytes and number. */
static void test_every_offset(void **state)
{
    (void)state;
    for (unsigned offset = 0; offset < 16; offset++)
        for (unsigned high = 0; high <= 0x80; high += 0x80) {
            struct explained e;
            uint8_t HS[SHA1_DIGEST_LEN];
            char marks[80];
            fill(HS, sizeof HS, offset);
            HS[offset] = (uint8_t)(0x12 | high);
            HS[19] = (uint8_t)(0xa0 | offset);
            uint32_t Snum = bytes_load_be32(HS + offset) & 0x7fffffff;
            assert_int_equal(explain_totp_truncate(explained_begin(&e), HS, 8), Snum % 100000000);
            explained_end(&e);
            snprintf(marks, sizeof marks, "%*s%*s", 14 + 3 * (int)offset + 11, "***********", 48 - 3 * (int)offset,
                     "++");
            explained_has_line(e.text, marks);
            has_number(&e, "TOTP", Snum % 100000000, 8);
            explained_free(&e);
        }
}

/* The calendar: leap days, the last second of years, the centuries, and the greatest time there is, by Python's
 * datetime and, beyond its years, its integers. */
static void test_utc(void **state)
{
    (void)state;
    static const struct {
        uint64_t time;
        const char *utc;
    } known[] = {
        {0u, "1970-01-01 00:00:00"},
        {31535999u, "1970-12-31 23:59:59"},
        {68169599u, "1972-02-28 23:59:59"},
        {68169600u, "1972-02-29 00:00:00"},
        {68256000u, "1972-03-01 00:00:00"},
        {946684799u, "1999-12-31 23:59:59"},
        {951825600u, "2000-02-29 12:00:00"},
        {2147483648u, "2038-01-19 03:14:08"},
        {4107542399u, "2100-02-28 23:59:59"},
        {4107542400u, "2100-03-01 00:00:00"},
        {12622780799u, "2369-12-31 23:59:59"},
        {12622780800u, "2370-01-01 00:00:00"},
        {13574566923u, "2400-02-29 01:02:03"},
        {253402300799u, "9999-12-31 23:59:59"},
        {9223372036854775807u, "292277026596-12-04 15:30:07"},
        {18446744073709551615u, "584554051223-11-09 07:00:15"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct explained e;
        char line[80];
        explain_totp(explained_begin(&e), NULL, 0, known[i].time, 6);
        explained_end(&e);
        snprintf(line, sizeof line, "  UTC time    %s", known[i].utc);
        explained_has_line(e.text, line);
        explained_free(&e);
    }
}

/* Keys to the longest, over a block's length too; the last value is what others compute. */
static void test_keys(void **state)
{
    (void)state;
    uint8_t key[EXPLAIN_TOTP_KEY_MAX];
    fill(key, sizeof key, 1);
    for (size_t len = 0; len <= sizeof key; len++) {
        struct explained e;
        explain_totp(explained_begin(&e), key, len, 59, 7);
        explained_end(&e);
        has_number(&e, "TOTP", totp_code(key, len, 1, 7), 7);
        assert_int_equal(strstr(e.text, "its digest takes its place") != NULL, len > 64);
        explained_free(&e);
    }
}

static void test_commands(void **state)
{
    (void)state;
    struct explained e;
    explain_totp(explained_begin(&e), (const uint8_t *)"\xab", 1, 59, 7);
    explained_end(&e);
    explained_has_line(
        e.text, "  $ echo 0000000000000001 | basenc -d --base16 | openssl mac -digest SHA1 -macopt hexkey:ab HMAC");
    explained_has_line(e.text, "  $ oathtool --totp=sha1 --digits=7 --now=@59 'ab'");
    explained_free(&e);
}

static const uint8_t zeros[EXPLAIN_TOTP_KEY_MAX + 1];

static void key_too_long(void)
{
    explain_totp(stdout, zeros, sizeof zeros, 59, 6);
}

static void five_digits(void)
{
    explain_totp(stdout, zeros, 20, 59, 5);
}

static void nine_digits(void)
{
    explain_totp(stdout, zeros, 20, 59, 9);
}

static void test_bounds(void **state)
{
    (void)state;
    assert_true(aborts(key_too_long));
    assert_true(aborts(five_digits));
    assert_true(aborts(nine_digits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_every_offset), cmocka_unit_test(test_utc),
        cmocka_unit_test(test_keys),    cmocka_unit_test(test_commands),     cmocka_unit_test(test_bounds),
    };
    return RUN(tests);
}
