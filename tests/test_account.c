/* One account as a line: what is written is read again, and nothing else is. */
#include "app/server/account.h"

#include "tests/test.h"

static struct account example(void)
{
    struct account a = {.name = "alice", .email = "alice@example.org", .created = 1795246990};
    a.password.iterations = 600000;
    for (size_t i = 0; i < sizeof a.password.salt; i++)
        a.password.salt[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof a.password.hash; i++)
        a.password.hash[i] = (uint8_t)(255 - i);
    return a;
}

#define LINE                                                                                                           \
    "alice\temail=alice@example.org\tcreated=1795246990\t"                                                             \
    "pbkdf2=600000:AAECAwQFBgcICQoLDA0ODw==://79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA="

static void test_the_line_is_as_documented(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX];
    struct account a = example(), back;
    account_encode(text, &a);
    assert_string_equal(text, LINE);
    assert_int_equal(account_decode(&back, text), 0);
    assert_memory_equal(&back, &a, sizeof a);
}

static void test_a_deleted_account_keeps_its_name_alone(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX];
    struct account a = {.name = "bob", .deleted = 1}, back;
    account_encode(text, &a);
    assert_string_equal(text, "bob\tdeleted=1");
    assert_int_equal(account_decode(&back, text), 0);
    assert_memory_equal(&back, &a, sizeof a);
}

static void test_the_longest_account_fits(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX];
    struct account a = example(), back;
    memset(a.name, 'n', NAME_MAX_LEN);
    snprintf(a.email, sizeof a.email,
             "%.64s@%.63s.%.63s.%.60s", /* 254 bytes */
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
             "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
             "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
             "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd");
    a.created = UINT64_MAX;
    a.password.iterations = VERIFIER_ITERATIONS_MAX;
    account_encode(text, &a);
    assert_int_equal(account_decode(&back, text), 0);
    assert_memory_equal(&back, &a, sizeof a);
}

static void test_what_was_not_written_so_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "alice",
        "alice\t",
        "alice\tdeleted=0",
        "alice\tdeleted=1\t",
        "Alice\tdeleted=1",
        "1alice\tdeleted=1",
        "\tdeleted=1",
        "alice\temail=\tcreated=1\tpbkdf2=1:AAECAwQFBgcICQoLDA0ODw==://79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "alice\temail=a@b.c\tcreated=01\tpbkdf2=1:AAECAwQFBgcICQoLDA0ODw==:"
        "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "alice\temail=a@b.c\tcreated=-1\tpbkdf2=1:AAECAwQFBgcICQoLDA0ODw==:"
        "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "alice\temail=a@b.c\tcreated=1\tpbkdf2=0:AAECAwQFBgcICQoLDA0ODw==://79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "alice\temail=a@b.c\tcreated=1\tpbkdf2=100000001:AAECAwQFBgcICQoLDA0ODw==:"
        "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "alice\temail=a@b.c\tcreated=1\tpbkdf2=1:AAECAwQFBgcICQoLDA0O://79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "alice\temail=a@b.c\tcreated=1\tpbkdf2=1:AAECAwQFBgcICQoLDA0ODw==:",
        LINE "\tmore=1",
        LINE " ",
    };
    struct account a;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(account_decode(&a, wrong[i]), -1);
}

static void test_every_cut_line_is_refused(void **state)
{
    (void)state;
    struct account a;
    for (size_t len = 0; len < strlen(LINE); len++) {
        char text[sizeof LINE];
        memcpy(text, LINE, len);
        text[len] = '\0';
        assert_int_equal(account_decode(&a, text), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_line_is_as_documented),
        cmocka_unit_test(test_a_deleted_account_keeps_its_name_alone),
        cmocka_unit_test(test_the_longest_account_fits),
        cmocka_unit_test(test_what_was_not_written_so_is_refused),
        cmocka_unit_test(test_every_cut_line_is_refused),
    };
    return RUN(tests);
}
