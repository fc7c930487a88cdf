/* SPDX-License-Identifier: MIT */
/* The rules for names, e-mail addresses, passwords and codes. */
#include "app/message/name.h"

#include "app/message/email.h"
#include "app/message/password.h"
#include "tests/test.h"

static bool name_ok(const char *name)
{
    return name_valid(name, strlen(name));
}

static void test_names(void **state)
{
    (void)state;
    assert_true(name_ok("a"));
    assert_true(name_ok("z9_-"));
    assert_true(name_ok("abcdefghijklmnopqrstuvwxyzabcdef"));
    assert_false(name_ok("abcdefghijklmnopqrstuvwxyzabcdefg"));
    static const char *const bad[] = {"",    "9a",       "_a",      "-a",  "A",   "aB", "a b", "a.b", "a\tb",
                                      "a\n", "\xc3\xa4", "a\x1b[m", "a/b", "a:b", "`",  "{",   "a@",  "a["};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(name_ok(bad[i]));
    assert_false(name_valid("a\0b", 3));
    assert_true(name_reserved("server"));
    assert_true(name_reserved("operator"));
    assert_false(name_reserved("alice"));
    assert_false(name_reserved("servers"));
}

static void test_names_of_rooms(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool plain, sealed;
    } rooms[] = {{"lobby", true, false}, {"+a", false, true},   {"+z9_-", false, true}, {"", false, false},
                 {"+", false, false},    {"++a", false, false}, {"+9", false, false},   {"+A", false, false},
                 {"a+", false, false},   {"-a", false, false},  {"+ a", false, false},  {",a", false, false},
                 {"*a", false, false}};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        const char *name = rooms[i].name;
        assert_int_equal(name_valid(name, strlen(name)), rooms[i].plain);
        assert_int_equal(name_sealed_valid(name, strlen(name)), rooms[i].sealed);
        assert_int_equal(name_room_valid(name, strlen(name)), rooms[i].plain || rooms[i].sealed);
        assert_int_equal(name_is_sealed(name), name[0] == '+');
    }
    static const char longest[] = "+abcdefghijklmnopqrstuvwxyzabcdefg";
    assert_true(name_sealed_valid(longest, 32));
    assert_false(name_sealed_valid(longest, 33));
    assert_false(name_room_valid(longest, 33));
    assert_true(name_room_valid(longest + 1, 32));
}

/* local@domain with parts of these lengths; the domain is labels of 63, 63 ... */
static bool email_of(size_t local_len, size_t domain_len)
{
    char email[400];
    memset(email, 'a', sizeof email);
    email[local_len] = '@';
    for (size_t i = 63; i < domain_len; i += 64)
        email[local_len + 1 + i] = '.';
    return email_valid(email, local_len + 1 + domain_len);
}

static void test_emails(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "alice@example.org", "a.b.c@d-e.f", "A1!#$%&'*+-/=?^_`{|}~@x.y", "a@1.2"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(email_valid(good[i], strlen(good[i])));
    static const char *const bad[] = {
        "",        "@",     "a@",         "@b",        "a",       "a@b@c",         ".a@b",    "a.@b",
        "a..b@c",  "a@.b",  "a@b.",       "a@b..c",    "a@-b",    "a@b-",          "a@b-.c",  "a@b_c",
        "a b@c",   "a@b c", "a\t@b",      "a@b\n",     "a\x1b@b", "a@[127.0.0.1]", "\"a\"@b", "a(x)@b",
        "a@b,c@d", "a:b@c", "\xc3\xa4@b", "a@\xc3\xa4"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(email_valid(bad[i], strlen(bad[i])));
    assert_false(email_valid("a\0@b", 4));
    assert_true(email_of(64, 63));
    assert_false(email_of(65, 63));
    assert_true(email_of(64, 189));
    assert_false(email_of(64, 190));
    assert_false(email_valid("a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 66));
}

static void test_passwords_and_codes(void **state)
{
    (void)state;
    assert_false(password_valid(7));
    assert_true(password_valid(8));
    assert_true(password_valid(128));
    assert_false(password_valid(129));
    assert_true(password_code_valid("", 0));
    assert_true(password_code_valid("012345", 6));
    static const char *const bad[] = {"01234", "0123456", "01234a", "01234/", "01234:", " 12345"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(password_code_valid(bad[i], strlen(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_names_of_rooms),
        cmocka_unit_test(test_emails),
        cmocka_unit_test(test_passwords_and_codes),
    };
    return RUN(tests);
}
