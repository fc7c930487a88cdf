/* SPDX-License-Identifier: MIT */
/* The client's command line: what each option does; and each refusal by itself, on a line that is otherwise right. */
#include "app/client/arguments.h"

#include <stdlib.h>

#include "net/fingerprint.h"
#include "tests/test.h"

#define ONES "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define LINE_MAX_WORDS 12

static char why[WHY_LEN];
static const char *file; /* what HOME/config holds; NULL: there is none */

/* Parses a NULL-terminated list of words. */
static int parse(struct arguments *a, const char *const words[])
{
    char *argv[LINE_MAX_WORDS + 2] = {"glasschat"};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    why[0] = '\0';
    return arguments_parse_with(a, argc, argv, file, file != NULL ? strlen(file) : 0, why);
}

#define PARSE(a, ...) parse((a), (const char *const[]){__VA_ARGS__, NULL})

/* The same line without the fault is right, as the caller shows with TAKES. */
#define REFUSES(words, ...)                                                                                            \
    do {                                                                                                               \
        struct arguments refused;                                                                                      \
        assert_int_equal(PARSE(&refused, __VA_ARGS__), -1);                                                            \
        if (strstr(why, (words)) == NULL)                                                                              \
            fail_msg("'%s' is not in '%s'", (words), why);                                                             \
        assert_null(strchr(why, '\n'));                                                                                \
    } while (0)

#define TAKES(...)                                                                                                     \
    do {                                                                                                               \
        struct arguments taken;                                                                                        \
        if (PARSE(&taken, __VA_ARGS__) != 0)                                                                           \
            fail_msg("%s", why);                                                                                       \
    } while (0)

static void test_what_is_there_without_options(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, "host"), 0);
    assert_string_equal(a.server.host, "host");
    assert_string_equal(a.server.port, "7447");
    assert_string_equal(a.user, "");
    assert_string_equal(a.home, "/nowhere/.glasschat");
    assert_true(a.rule == TRUST_KNOWN && a.ca == NULL && a.email == NULL && a.password_file == NULL);
    assert_false(a.help || a.version || a.new_account || a.explain);
    assert_null(a.record);
    assert_int_equal(a.suites_len, 2);
    assert_memory_equal(a.suites, ((uint8_t[]){SUITE_AES128, SUITE_AES256}), 2);
    assert_int_equal(a.groups_len, 2);
    assert_memory_equal(a.groups, ((uint8_t[]){DH_FFDHE3072, DH_FFDHE4096}), 2);
}

static void test_who_and_where(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, "alice@[::1]:7448"), 0);
    assert_string_equal(a.user, "alice");
    assert_string_equal(a.server.host, "::1");
    assert_string_equal(a.server.port, "7448");
    REFUSES("which server?", "--explain");
    REFUSES("is too many", "host", "other");
    REFUSES("is no user name", "Alice@host");
    REFUSES("is no user name", "@host");
    REFUSES("is not HOST or HOST:PORT", "host:70000");
    REFUSES("is not HOST or HOST:PORT", "host:");
    REFUSES("is not HOST or HOST:PORT", "::1");
    REFUSES(": there is a blank in it", "ho st");
    REFUSES("printable ASCII", "h\xc3\xb6st");
}

static void test_suites(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, "host", "--suite", "aes-128-cbc"), 0);
    assert_true(a.suites_len == 1 && a.suites[0] == SUITE_AES128);
    assert_int_equal(PARSE(&a, "host", "--suite=aes-256-cbc"), 0);
    assert_true(a.suites_len == 1 && a.suites[0] == SUITE_AES256);
    assert_int_equal(a.groups_len, 2);
    static const char *const none[] = {"", "rc4", "aes-192-cbc", "aes-128-cb", "aes-128-cbc ", "AES-128-CBC", "1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        REFUSES("--suite takes aes-128-cbc or aes-256-cbc", "host", "--suite", none[i]);
    }
    REFUSES("--suite needs a value", "host", "--suite");
}

static void test_groups(void **state)
{
    (void)state;
    struct arguments a;
    static const struct {
        const char *name;
        uint8_t id;
    } groups[] = {{"ffdhe2048", DH_FFDHE2048}, {"ffdhe3072", DH_FFDHE3072}, {"ffdhe4096", DH_FFDHE4096}};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        assert_int_equal(PARSE(&a, "host", "--group", groups[i].name), 0);
        assert_true(a.groups_len == 1 && a.groups[0] == groups[i].id);
        assert_int_equal(a.suites_len, 2);
    }
    static const char *const none[] = {"", "dh1024", "ffdhe6144", "ffdhe307", "FFDHE3072", "2"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        REFUSES("--group takes ffdhe2048, ffdhe3072 or ffdhe4096", "host", "--group", none[i]);
    }
    REFUSES("--group needs a value", "host", "--group");
}

static void test_the_rules_of_trust(void **state)
{
    (void)state;
    struct arguments a;
    uint8_t ones[CERTIFICATE_FINGERPRINT_LEN];
    memset(ones, 1, sizeof ones);
    assert_int_equal(PARSE(&a, "host", "--pin", ONES), 0);
    assert_int_equal(a.rule, TRUST_PIN);
    assert_memory_equal(a.pin, ones, sizeof ones);
    assert_int_equal(PARSE(&a, "host", "--ca", "file"), 0);
    assert_int_equal(a.rule, TRUST_CA);
    assert_string_equal(a.ca, "file");
    REFUSES("--pin and --ca", "host", "--pin", ONES, "--ca", "file");
    REFUSES("--pin and --ca", "host", "--ca", "file", "--pin", ONES);
    assert_false(a.remember);
    assert_int_equal(PARSE(&a, "host", "--remember", "--pin", ONES), 0);
    assert_true(a.remember);
    REFUSES("--remember goes with --pin only", "host", "--remember");
    REFUSES("--remember goes with --pin only", "host", "--remember", "--ca", "file");
    REFUSES("--pin takes a whole fingerprint", "host", "--pin", "");
    REFUSES("--pin takes a whole fingerprint", "host", "--pin", "SHA256:x");
    REFUSES("--pin takes a whole fingerprint", "host", "--pin", ONES "=");
    REFUSES("--pin takes a whole fingerprint", "host", "--pin", "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");
    REFUSES("--pin takes a whole fingerprint", "host", "--pin", "sha256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
    REFUSES("--pin needs a value", "host", "--pin");
    REFUSES("--ca needs a value", "host", "--ca");
}

static void test_accounts(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, "host", "--register", "--email", "a@b.c", "--password-file", "file"), 0);
    assert_true(a.new_account);
    assert_string_equal(a.email, "a@b.c");
    assert_string_equal(a.password_file, "file");
    TAKES("host", "--email=a@b.c", "--register");
    REFUSES("--register needs --email", "host", "--register");
    REFUSES("--email goes with --register only", "host", "--email", "a@b.c");
    REFUSES("is not an e-mail address", "host", "--register", "--email", "nobody");
    REFUSES("--email needs a value", "host", "--register", "--email");
    REFUSES("--password-file needs a value", "host", "--password-file");
}

static void test_home(void **state)
{
    (void)state;
    struct arguments a;
    char longest[ARGUMENTS_HOME_LEN + 1];
    memset(longest, 'x', sizeof longest);
    longest[ARGUMENTS_HOME_LEN] = '\0';
    REFUSES("--home takes the name of a folder", "host", "--home", longest);
    longest[ARGUMENTS_HOME_LEN - 1] = '\0';
    assert_int_equal(PARSE(&a, "host", "--home", longest), 0);
    assert_string_equal(a.home, longest);
    REFUSES("--home takes the name of a folder", "host", "--home", "");
    REFUSES("--home needs a value", "host", "--home");

    longest[ARGUMENTS_HOME_LEN - sizeof "/.glasschat"] = '\0'; /* one more than there is room for would be too long */
    setenv("HOME", longest, 1);
    assert_int_equal(PARSE(&a, "host"), 0);
    assert_int_equal(strlen(a.home), ARGUMENTS_HOME_LEN - 1);
    longest[ARGUMENTS_HOME_LEN - sizeof "/.glasschat"] = 'x';
    longest[ARGUMENTS_HOME_LEN - sizeof "/.glasschat" + 1] = '\0';
    setenv("HOME", longest, 1);
    REFUSES("say --home DIR", "host");
    setenv("HOME", "", 1);
    REFUSES("say --home DIR", "host");
    unsetenv("HOME");
    REFUSES("say --home DIR", "host");
    TAKES("host", "--home", "somewhere");
    setenv("HOME", "/nowhere", 1);
}

static void test_flags_and_what_is_none(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, "host", "--explain"), 0);
    assert_true(a.explain);
    assert_int_equal(PARSE(&a, "host", "--record", "file", "--explain"), 0);
    assert_true(a.explain);
    assert_string_equal(a.record, "file");
    REFUSES("--record takes the name of a new file", "host", "--record=");
    REFUSES("--record needs a value", "host", "--record");
    REFUSES("are about one connection", "host", "--reconnect", "--explain");
    REFUSES("are about one connection", "host", "--explain-full", "--reconnect");
    REFUSES("are about one connection", "host", "--reconnect", "--record", "file");
    TAKES("host", "--reconnect", "--explain", "--no-reconnect");
    assert_int_equal(PARSE(&a, "--help"), 0);
    assert_true(a.help && !a.version);
    assert_int_equal(PARSE(&a, "--version"), 0);
    assert_true(a.version && !a.help);
    static const char *const none[] = {"--nope",    "-",           "--",   "-x",    "--explain=yes",
                                       "--registe", "--registerx", "--pi", "--pinx"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        REFUSES("unknown option", "host", none[i], "x");
    }
}

static int set_home(void **state)
{
    (void)state;
    return setenv("HOME", "/nowhere", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_there_without_options),
        cmocka_unit_test(test_who_and_where),
        cmocka_unit_test(test_suites),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_the_rules_of_trust),
        cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_home),
        cmocka_unit_test(test_flags_and_what_is_none),
    };
    return cmocka_run_group_tests(tests, set_home, NULL);
}
