/* SPDX-License-Identifier: MIT */
/* One account as a line: what is written is read again, and nothing else is. */
#include "app/server/store/account.h"

#include "app/server/store/blocked_users.h"
#include "crypto/base64.h"
#include "net/certificate.h"
#include "tests/test.h"

static struct account example(void)
{
    struct account a = {.name = "alice", .created = 1795246990};
    assert_int_equal(account_set_email(&a, "alice@example.org"), 0);
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
    assert_string_equal(back.email, a.email);
    assert_int_equal(back.created, a.created);
    assert_memory_equal(&back.password, &a.password, sizeof a.password);
    account_wipe(&back);
    account_wipe(&a);
}

static void test_a_deleted_account_keeps_its_name_alone(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX];
    struct account a = {.name = "bob", .deleted = true}, back;
    account_encode(text, &a);
    assert_string_equal(text, "bob\tdeleted=1");
    assert_int_equal(account_decode(&back, text), 0);
    assert_memory_equal(&back, &a, sizeof a);
}

/* Everything that an account can have; the caller wipes it. The certificate is for this name. */
static void add_optional(struct account *a)
{
    struct certificate c = {.role = CERTIFICATE_USER, .not_before = 1, .not_after = 2};
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    memcpy(c.name, a->name, sizeof a->name);
    memset(c.modulus, 0xff, sizeof c.modulus);
    a->totp = calloc(1, sizeof *a->totp);
    assert_non_null(a->totp);
    a->totp->step = UINT64_MAX;
    memset(a->totp->sealed, 0xaa, sizeof a->totp->sealed);
    assert_int_equal(account_set_certificate(a, bytes, certificate_encode(bytes, &c)), 0);
    assert_int_equal(account_set_blocks(a, "bob,carl"), 0);
    a->locked = true;
}

static void assert_same_account(const struct account *a, const struct account *b)
{
    char one[ACCOUNT_LINE_MAX], other[ACCOUNT_LINE_MAX];
    account_encode(one, a);
    account_encode(other, b);
    assert_string_equal(one, other);
}

static void test_what_not_everybody_has(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX], *at;
    struct account a = example(), back, copy;
    add_optional(&a);
    account_encode(text, &a);
    assert_memory_equal(text, LINE "\ttotp=qqqq", strlen(LINE) + 10);
    assert_non_null(at = strstr(text, "\tstep=18446744073709551615\tcertificate=AQIFYWxpY2UAAAAAAAAAAQ"));
    assert_string_equal(strstr(at, "\tblocks="), "\tblocks=bob,carl\tlocked=1");
    assert_int_equal(account_decode(&back, text), 0);
    assert_same_account(&a, &back);
    assert_int_equal(account_copy(&copy, &back), 0);
    account_wipe(&back);
    assert_same_account(&a, &copy);
    assert_int_equal(copy.totp->step, UINT64_MAX);
    assert_int_equal(account_set_blocks(&copy, ""), 0);
    assert_int_equal(account_set_certificate(&copy, NULL, 0), 0);
    free(copy.totp);
    copy.totp = NULL;
    copy.locked = false;
    account_encode(text, &copy);
    assert_string_equal(text, LINE);
    account_wipe(&copy);
    account_wipe(&a);
}

/* Each is taken alone; none twice, none for another account, none in another order, none cut. */
static void test_wrong_optional_fields(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX], wrong[2 * ACCOUNT_LINE_MAX];
    struct account a = example(), back;
    add_optional(&a);
    account_encode(text, &a);
    char *totp = strstr(text, "\ttotp="), *step = strstr(text, "\tstep="), *blocks = strstr(text, "\tblocks=");
    char *certificate = strstr(text, "\tcertificate=");
    int totp_len = (int)(certificate - totp), certificate_len = (int)(blocks - certificate);
#define ACCEPTED(expected, ...)                                                                                        \
    do {                                                                                                               \
        snprintf(wrong, sizeof wrong, LINE __VA_ARGS__);                                                               \
        assert_int_equal(account_decode(&back, wrong), (expected) ? 0 : -1);                                           \
        if (expected)                                                                                                  \
            account_wipe(&back);                                                                                       \
    } while (0)
    ACCEPTED(1, "%.*s", totp_len, totp);
    ACCEPTED(1, "%.*s", certificate_len, certificate);
    ACCEPTED(1, "%s", blocks);
    ACCEPTED(0, "%.*s", (int)(step - totp), totp); /* without a step */
    ACCEPTED(0, "%.*s", (int)(certificate - step), step);
    ACCEPTED(0, "%.*s%.*s", totp_len, totp, totp_len, totp);
    ACCEPTED(0, "%s%s", blocks, blocks);
    ACCEPTED(0, "%s%.*s", blocks, totp_len, totp);
    ACCEPTED(0, "\tblocks=");
    ACCEPTED(1, "\tlocked=1");
    ACCEPTED(0, "\tlocked=0");
    ACCEPTED(0, "\tlocked=1\tlocked=1");
    ACCEPTED(0, "\tlocked=1%s", blocks);
    ACCEPTED(0, "\tblocks=carl,bob");
    ACCEPTED(0, "\tcertificate=");
    ACCEPTED(0, "\ttotp=\tstep=1");
    memcpy(text, "alicf", 5); /* the certificate is another's */
    assert_int_equal(account_decode(&back, text), -1);
    account_wipe(&a);
}

static void test_the_longest_account_fits(void **state)
{
    (void)state;
    char text[ACCOUNT_LINE_MAX], blocks[BLOCKED_USERS_MAX_LEN + 1] = "", email[EMAIL_MAX_LEN + 1];
    struct account a = example(), back;
    memset(a.name, 'n', NAME_MAX_LEN);
    snprintf(email, sizeof email, "%.64s@%.63s.%.63s.%.60s", /* 254 bytes */
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
             "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
             "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
             "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd");
    assert_int_equal(account_set_email(&a, email), 0);
    a.created = UINT64_MAX;
    a.password.iterations = VERIFIER_ITERATIONS_MAX;
    add_optional(&a);
    for (size_t i = 0; i < BLOCKED_USERS_MAX; i++)
        snprintf(blocks + strlen(blocks), sizeof blocks - strlen(blocks), "%saaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%02zu",
                 i > 0 ? "," : "", i);
    assert_int_equal(account_set_blocks(&a, blocks), 0);
    account_encode(text, &a);
    assert_true(strlen(text) < ACCOUNT_LINE_MAX);
    assert_int_equal(account_decode(&back, text), 0);
    assert_same_account(&a, &back);
    account_wipe(&back);
    account_wipe(&a);
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
        cmocka_unit_test(test_the_line_is_as_documented), cmocka_unit_test(test_a_deleted_account_keeps_its_name_alone),
        cmocka_unit_test(test_what_not_everybody_has),    cmocka_unit_test(test_wrong_optional_fields),
        cmocka_unit_test(test_the_longest_account_fits),  cmocka_unit_test(test_what_was_not_written_so_is_refused),
        cmocka_unit_test(test_every_cut_line_is_refused),
    };
    return RUN(tests);
}
