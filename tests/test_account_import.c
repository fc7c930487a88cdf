/* SPDX-License-Identifier: MIT */
/* app/server/operator/account_import: the file of `account add --from` at its limits; whole lines, order and refusals
 * are in the integration tests (test_account_cli.py) and in fuzz_account_import. */
#include "app/server/operator/account_import.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/message/password.h"
#include "tests/scratch.h"
#include "tests/test.h"

static int read_text(void **state, struct account_import *r, const char *text, size_t len, char why[static WHY_LEN])
{
    char path[200];
    scratch_write(state, "roster", text, len);
    snprintf(path, sizeof path, "%s/roster", scratch_path(state));
    return account_import_read(r, path, why);
}

static void assert_taken(void **state, const char *text, size_t lines)
{
    struct account_import r;
    char why[WHY_LEN];
    if (read_text(state, &r, text, strlen(text), why) != 0)
        fail_msg("%s", why);
    assert_int_equal(r.len, lines);
    account_import_free(&r);
}

/* line 0: the refusal names none. Nothing is left to be freed after it, or a leak check would tell. */
static void assert_refused(void **state, const char *text, size_t len, size_t line, const char *because)
{
    struct account_import r;
    char why[WHY_LEN], place[40] = "roster: ";
    assert_int_equal(read_text(state, &r, text, len, why), -1);
    if (line > 0)
        snprintf(place, sizeof place, "roster line %zu: ", line);
    assert_non_null(strstr(why, place));
    assert_non_null(strstr(why, because));
    assert_null(strchr(why, '\n'));
}

/* A line of a name, an address and a password of such lengths; the address's domain takes what is left. */
static const char *line_of(size_t name, size_t email, size_t password)
{
    static char line[600];
    char *at = line;
    memset(at, 'n', name);
    at += name;
    *at++ = '\t';
    for (size_t i = 0; i < email; i++)
        *at++ = i == 1 ? '@' : i > 1 && i % 60 == 0 && i + 1 < email ? '.' : 'e';
    *at++ = '\t';
    memset(at, 'p', password);
    at[password] = '\0';
    return line;
}

static void test_a_byte_order_mark_is_left_out(void **state)
{
    static const char twice[] = "\xef\xbb\xbf\xef\xbb\xbf"
                                "ann\ta@b\tpassword",
                      alone[] = "\xef\xbb\xbf";
    assert_taken(state,
                 "\xef\xbb\xbf"
                 "ann\ta@b\tpassword\n",
                 1);
    assert_taken(state, "\xef\xbb\xbf# the course\r\nann\ta@b\tpassword\r\n", 1);
    assert_refused(state, twice, strlen(twice), 1, "the name");
    assert_refused(state, alone, strlen(alone), 0, "has no accounts");
}

static void test_fields_at_their_limits(void **state)
{
    const char *line = line_of(NAME_MAX_LEN, EMAIL_MAX_LEN, PASSWORD_MAX_LEN);
    assert_taken(state, line, 1);
    assert_taken(state, line_of(1, 3, PASSWORD_MIN_LEN), 1);
    line = line_of(NAME_MAX_LEN + 1, 3, PASSWORD_MIN_LEN);
    assert_refused(state, line, strlen(line), 1, "the name");
    line = line_of(0, 3, PASSWORD_MIN_LEN);
    assert_refused(state, line, strlen(line), 1, "the name");
    line = line_of(1, EMAIL_MAX_LEN + 1, PASSWORD_MIN_LEN);
    assert_refused(state, line, strlen(line), 1, "e-mail");
    line = line_of(1, 3, PASSWORD_MAX_LEN + 1);
    assert_refused(state, line, strlen(line), 1, "the password");
    line = line_of(1, 3, PASSWORD_MIN_LEN - 1);
    assert_refused(state, line, strlen(line), 1, "the password");
}

/* Passwords are bytes, hashed as they are; names and addresses are text. */
static void test_bytes_that_are_no_text(void **state)
{
    static const char zero[] = "a\ta@x\t12345678\nb\ta@x\t1234\0005678\n";
    assert_taken(state, "a\ta@x\t\xff\xfe\x80\x01\x7f\xc0\xc1 \n", 1);
    assert_refused(state, "\xc3\xa4\ta@x\t12345678", 14, 1, "the name");
    assert_refused(state, "a\t\xc3\xa4@x\t12345678", 15, 1, "e-mail");
    assert_refused(state, zero, sizeof zero - 1, 2, "zero byte");
    assert_refused(state, "#\0", 2, 1, "zero byte");
}

static void test_line_ends(void **state)
{
    struct account_import r;
    char why[WHY_LEN];
    static const char text[] = "\r\n#x\r\na\ta@x\t12345678\r\r\n\nb\ta@x\t12345678";
    assert_int_equal(read_text(state, &r, text, strlen(text), why), 0);
    assert_int_equal(r.len, 2);
    assert_int_equal(r.entries[0].password_len, 9); /* one CR belongs to the line's end, the other does not */
    assert_int_equal(r.entries[0].line, 3);
    assert_int_equal(r.entries[1].line, 5);
    assert_string_equal(r.entries[1].password, "12345678");
    account_import_free(&r);
    assert_refused(state, "a\ta@x\t12345678\rb\ta@x\t12345678", 29, 1, "with a tab between");
}

/* Of several things that are wrong the first is reported. */
static void test_the_first_wrong_line_is_told(void **state)
{
    static const char both[] = "a\ta@x\t12345678\na\ta@x\t12345678\nwrong\n";
    static const char twice[] = "b\ta@x\t12345678\na\ta@x\t12345678\na\ta@x\t12345678\nb\ta@x\t12345678\n";
    assert_refused(state, both, strlen(both), 2, "an earlier line");
    assert_refused(state, twice, strlen(twice), 3, "an earlier line");
}

static void test_no_accounts_and_no_file(void **state)
{
    struct account_import r;
    char why[WHY_LEN], path[200];
    assert_refused(state, "", 0, 0, "has no accounts");
    assert_refused(state, "\n#\n\r\n", 5, 0, "has no accounts");
    snprintf(path, sizeof path, "%s/nowhere", scratch_path(state));
    assert_int_equal(account_import_read(&r, path, why), -1);
    assert_int_equal(account_import_read(&r, scratch_path(state), why), -1); /* a folder */
}

/* More than any list of accounts has; without this bound a device that never ends would take all memory. */
static void test_a_file_that_is_too_large(void **state)
{
    struct account_import r;
    char why[WHY_LEN], path[200];
    scratch_write(state, "large", "#", 1);
    snprintf(path, sizeof path, "%s/large", scratch_path(state));
    assert_int_equal(truncate(path, (off_t)ACCOUNT_IMPORT_FILE_MAX + 1), 0);
    assert_int_equal(account_import_read(&r, path, why), -1);
    assert_non_null(strstr(why, "too large"));
}

/* The text grows several times, and the entries point into it. */
static void test_many(void **state)
{
    enum { MANY = 5000, LINE_MAX_LEN = 80 };
    char *text = malloc((size_t)MANY * LINE_MAX_LEN), name[20], why[WHY_LEN];
    struct account_import r;
    size_t len = 0;
    assert_non_null(text);
    for (int i = 0; i < MANY; i++)
        len += (size_t)sprintf(text + len, "user%d\tuser%d@example.org\tpassword %d\n", i, i, i);
    assert_int_equal(read_text(state, &r, text, len, why), 0);
    assert_int_equal(r.len, MANY);
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_string_equal(r.entries[i].name, name);
        assert_int_equal(r.entries[i].line, i + 1);
    }
    account_import_free(&r);
    free(text);
}

static void test_one(void **state)
{
    static const uint8_t zeros[PASSWORD_MAX_LEN + 1];
    struct account_import r;
    char why[WHY_LEN];
    (void)state;
    assert_int_equal(account_import_one(&r, "alice", "a@x", zeros, PASSWORD_MAX_LEN, why), 0); /* any bytes */
    assert_int_equal(r.entries[0].password_len, PASSWORD_MAX_LEN);
    assert_int_equal(account_import_hash(&r, 1, NULL, why), 0);
    assert_int_equal(verifier_check(&r.entries[0].verifier, zeros, PASSWORD_MAX_LEN), 1);
    assert_int_equal(verifier_check(&r.entries[0].verifier, zeros, PASSWORD_MAX_LEN - 1), 0);
    account_import_free(&r);
    assert_int_equal(account_import_one(&r, "alice", "a@x", zeros, PASSWORD_MAX_LEN + 1, why), -1);
    assert_int_equal(account_import_one(&r, "alice\n", "a@x", zeros, PASSWORD_MIN_LEN, why), -1);
    assert_int_equal(account_import_one(&r, "operator", "a@x", zeros, PASSWORD_MIN_LEN, why), -1);
    assert_int_equal(account_import_one(&r, "alice", "a@x\t", zeros, PASSWORD_MIN_LEN, why), -1);
}

/* One more than a job takes, so that the last job has only one; each hash fits its own password. */
static void test_all_are_hashed(void **state)
{
    char text[2000], why[WHY_LEN];
    struct account_import r;
    size_t len = 0;
    for (int i = 0; i <= VERIFIER_MANY_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "u%d\ta@x\tpassword %d\n", i, i);
    assert_int_equal(read_text(state, &r, text, len, why), 0);
    assert_int_equal(account_import_hash(&r, 2, NULL, why), 0);
    for (size_t i = 0; i < r.len; i++)
        for (size_t j = 0; j < r.len; j++)
            assert_int_equal(verifier_check(&r.entries[i].verifier, (const uint8_t *)r.entries[j].password,
                                            r.entries[j].password_len),
                             i == j);
    account_import_free(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_byte_order_mark_is_left_out),
        TEST(test_fields_at_their_limits),
        TEST(test_bytes_that_are_no_text),
        TEST(test_line_ends),
        TEST(test_the_first_wrong_line_is_told),
        TEST(test_no_accounts_and_no_file),
        TEST(test_a_file_that_is_too_large),
        TEST(test_many),
        TEST(test_one),
        TEST(test_all_are_hashed),
    };
    return RUN(tests);
}
