/* SPDX-License-Identifier: MIT */
/* The client's configuration file: what each of its lines does, what counts beside a command line, and each refusal on
 * a file that is otherwise right, with its line's number. */
#include "app/client/config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/client/arguments.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define ONES "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define HOME "/home/bob/.glasschat"
#define WORDS_MAX 8

static char why[WHY_LEN];

/* The command line is a NULL-terminated list of words, after --home. */
static int parse(struct arguments *a, const char *text, size_t len, const char *const words[])
{
    char *argv[WORDS_MAX + 4] = {"glasschat", "--home", HOME};
    int argc = 3;
    for (size_t i = 0; words[i] != NULL; i++)
        argv[argc++] = (char *)(uintptr_t)words[i];
    why[0] = '\0';
    return arguments_parse_with(a, argc, argv, text, len, why);
}

#define PARSE(a, text, ...) parse((a), (text), strlen(text), (const char *const[]){__VA_ARGS__, NULL})
#define ALONE(a, text) parse((a), (text), strlen(text), (const char *const[]){NULL})

/* The same file without the fault is right. */
#define REFUSES(number, words, text)                                                                                   \
    do {                                                                                                               \
        struct arguments refused;                                                                                      \
        assert_int_equal(ALONE(&refused, text), -1);                                                                   \
        if (strncmp(why, HOME "/config line " number ": ", strlen(HOME "/config line " number ": ")) != 0 ||           \
            strstr(why, (words)) == NULL)                                                                              \
            fail_msg("not '%s' in line %s: '%s'", (words), (number), why);                                             \
    } while (0)

static const char file[] = "# mine\n"
                           "server Chat.Example.org:7448\n"
                           "user bob\n"
                           "pin " ONES "\n"
                           "password-file keys/password\n"
                           "identity-password-file /etc/own key\n"
                           "user-ca ~/class.pem\n"
                           "\n"
                           "room quiz\n"
                           "room +exam\n"
                           "suite aes-256-cbc\n"
                           "group ffdhe4096\n"
                           "explain\n";

static void expect_all(const struct arguments *a)
{
    uint8_t ones[CERTIFICATE_FINGERPRINT_LEN];
    memset(ones, 1, sizeof ones);
    assert_string_equal(a->server.host, "chat.example.org");
    assert_string_equal(a->server.port, "7448");
    assert_string_equal(a->user, "bob");
    assert_int_equal(a->rule, TRUST_PIN);
    assert_memory_equal(a->pin, ones, sizeof ones);
    assert_string_equal(a->password_file, HOME "/keys/password");
    assert_string_equal(a->identity_password_file, "/etc/own key");
    assert_string_equal(a->user_ca, "/home/bob/class.pem");
    assert_int_equal(a->rooms_len, 2);
    assert_string_equal(a->rooms[0], "quiz");
    assert_string_equal(a->rooms[1], "+exam");
    assert_true(a->suites_len == 1 && a->suites[0] == SUITE_AES256);
    assert_true(a->groups_len == 1 && a->groups[0] == DH_FFDHE4096);
    assert_true(a->explain && !a->explain_full);
    assert_string_equal(a->home, HOME);
}

static void test_each_line_does_what_its_option_does(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(ALONE(&a, file), 0);
    expect_all(&a);
    assert_int_equal(ALONE(&a, "ca class.pem\nserver h\nexplain-full"), 0);
    assert_true(a.rule == TRUST_CA && a.explain && a.explain_full);
    assert_false(a.times || a.bell || a.reconnect);
    assert_int_equal(ALONE(&a, "server h\nca class.pem\ntimes\nbell\nreconnect\ncolor never\n"), 0);
    assert_true(a.times && a.bell && a.reconnect && a.color == STYLE_NEVER);
    assert_int_equal(PARSE(&a, "server h\nca class.pem\ntimes\nbell\ncolor never\n", "--no-times", "--color=always"),
                     0);
    assert_true(!a.times && a.bell && a.color == STYLE_ALWAYS);
    assert_string_equal(a.ca, HOME "/class.pem");
    assert_string_equal(a.server.port, "7447");
}

static void test_what_editors_do_changes_nothing(void **state)
{
    (void)state;
    struct arguments a;
    char text[2 * sizeof file + 100] = "\xef\xbb\xbf";
    size_t len = 3;
    for (const char *c = file; *c != '\0'; c++) {
        if (c == file || c[-1] == '\n')
            text[len++] = '\t';
        if (*c == ' ')
            text[len++] = ' ';
        if (*c == '\n')
            len += (size_t)sprintf(text + len, " \t\r");
        text[len++] = *c;
    }
    char *own = strstr(text, "own  key");
    memmove(own + 3, own + 4, strlen(own + 4) + 1);
    assert_int_equal(ALONE(&a, text), 0);
    expect_all(&a);
    assert_int_equal(ALONE(&a, "server h\r"), 0);
    assert_string_equal(a.server.host, "h");
}

static void test_the_command_line_wins(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, file, "chat.example.org:7448"), 0);
    expect_all(&a);
    assert_int_equal(PARSE(&a, file, "bob@CHAT.example.org:07448"), 0);
    expect_all(&a);
    assert_int_equal(PARSE(&a, file, "--suite", "aes-128-cbc", "--password-file", "pw"), 0);
    assert_true(a.suites_len == 1 && a.suites[0] == SUITE_AES128);
    assert_string_equal(a.password_file, "pw");
    assert_string_equal(a.user, "bob");
    assert_int_equal(PARSE(&a, file, "--no-explain"), 0);
    assert_false(a.explain);
    assert_int_equal(PARSE(&a, file, "--room", "only"), 0);
    assert_int_equal(a.rooms_len, 1);
    assert_string_equal(a.rooms[0], "only");
    assert_int_equal(PARSE(&a, file, "--ca", "class.pem"), 0); /* another way to know the server */
    assert_int_equal(a.rule, TRUST_CA);
    assert_int_equal(PARSE(&a, "server h\nca class.pem\n", "--pin", ONES), 0);
    assert_int_equal(a.rule, TRUST_PIN);
    assert_null(a.ca);
    assert_int_equal(PARSE(&a, file, "--remember"), 0); /* the pin that stands there */
    assert_true(a.remember);
    assert_int_equal(PARSE(&a, file, "--help"), 0);
    assert_true(a.help);
}

static void expect_nothing_of_the_account(const struct arguments *a)
{
    assert_null(a->password_file);
    assert_null(a->identity_password_file);
    assert_int_equal(a->rooms_len, 0);
}

/* Under another name, or at another port, it may be another server. */
static void test_another_server(void **state)
{
    (void)state;
    struct arguments a;
    static const char *const others[] = {"elsewhere",
                                         "bob@elsewhere:7448",
                                         "chat.example.org",
                                         "chat.example.org:7449",
                                         "bob@chat.example.org.evil:7448",
                                         "192.0.2.1:7448"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(PARSE(&a, file, others[i]), 0);
        expect_nothing_of_the_account(&a);
        assert_true(a.rule == TRUST_KNOWN && a.user_ca == NULL);
        assert_string_equal(a.user, strncmp(others[i], "bob@", 4) == 0 ? "bob" : "");
        assert_true(a.suites_len == 1 && a.explain); /* whatever the server */
    }
    assert_int_equal(PARSE(&a, "ca x\nserver h\n", "other"), 0);
    assert_true(a.rule == TRUST_KNOWN && a.ca == NULL);
}

static void test_another_user_of_the_server(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, file, "carol@chat.example.org:7448"), 0);
    expect_nothing_of_the_account(&a);
    assert_string_equal(a.user, "carol");
    assert_true(a.rule == TRUST_PIN && a.user_ca != NULL);
    assert_int_equal(PARSE(&a, "server h\nroom x\n", "carol@h"), 0); /* nobody is named there */
    assert_int_equal(a.rooms_len, 1);
}

static void test_a_line_that_is_wrong_is_told_by_its_number(void **state)
{
    (void)state;
    REFUSES("1", "unknown word 'serve'", "serve h\n");
    REFUSES("3", "unknown word '--explain'", "server h\n# \n--explain\n");
    REFUSES("2", "unknown word 'explain=yes'", "server h\nexplain=yes\n");
    REFUSES("2", "unknown word 'no-explain'", "server h\nno-explain\n");
    REFUSES("2", "explain takes no value", "server h\nexplain yes\n");
    REFUSES("2", "pin needs a value", "server h\npin\n");
    REFUSES("2", "--pin takes a whole fingerprint", "server h\npin x\n");
    REFUSES("1", "is not HOST or HOST:PORT", "server h:70000\n");
    REFUSES("1", "is not HOST or HOST:PORT", "server bob@h\n");
    REFUSES("1", "a blank in it", "server h # mine\n");
    REFUSES("1", "a blank in it", "server = h\n");
    REFUSES("2", "is no user name", "server h\nuser Bob\n");
    REFUSES("2", "is no room", "server h\nroom +\n");
    REFUSES("2", "server stands here a second time", "server h\nserver h\n");
    REFUSES("3", "choose one", "server h\npin " ONES "\nca x\n");
    REFUSES("3", "choose one", "server h\nca x\npin " ONES "\n");
    REFUSES("2", "no password may stand here", "server h\npassword hunter2\n");
    assert_null(strstr(why, "hunter2"));
    static const char *const alone[] = {"help",        "version",  "home x",   "register",
                                        "email a@b.c", "remember", "record x", "no-config"};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        char text[40];
        snprintf(text, sizeof text, "server h\n%s\n", alone[i]);
        REFUSES("2", "may not stand here", text);
    }
}

/* Though it does not count this time. */
static void test_a_line_is_wrong_under_every_command_line(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(PARSE(&a, "server h\npin x\n", "other", "--ca", "x"), -1);
    assert_non_null(strstr(why, "config line 2: --pin takes"));
}

static void test_what_is_a_servers_needs_one(void **state)
{
    (void)state;
    struct arguments a;
    static const char *const bound[] = {
        "user bob", ("pin " ONES), "ca x", "user-ca x", "password-file x", "room quiz", "identity-password-file x"};
    for (size_t i = 0; i < sizeof bound / sizeof *bound; i++) {
        char text[100];
        snprintf(text, sizeof text, "explain\n%s\n", bound[i]);
        assert_int_equal(PARSE(&a, text, "host"), -1);
        assert_non_null(strstr(why, "config line 2: it belongs to a server"));
        snprintf(text, sizeof text, "%s\nserver h\n", bound[i]);
        assert_int_equal(ALONE(&a, text), 0);
    }
    assert_int_equal(PARSE(&a, "explain\n", "host"), 0);
    assert_int_equal(ALONE(&a, "explain\n"), -1);
    assert_non_null(strstr(why, "which server? "));
    assert_non_null(strstr(why, "server HOST` in " HOME "/config"));
}

static void test_what_is_no_text(void **state)
{
    (void)state;
    struct arguments a;
    static const char nul[] = "server h\nuser b\0ob\n";
    assert_int_equal(parse(&a, nul, sizeof nul - 1, (const char *const[]){NULL}), -1);
    assert_non_null(strstr(why, "config line 2: it has a character that is no text"));
    REFUSES("2", "no text", "server h\npassword-file a\x1b[2J\n");
    REFUSES("2", "no text", "server h\npassword-file a\x7f\n");
    REFUSES("1", "no text", "server h\ruser bob\n"); /* line ends of long ago */
    assert_int_equal(ALONE(&a, "server h\npassword-file h\xc3\xb6he\n"), 0);
}

static void test_lengths(void **state)
{
    (void)state;
    struct arguments a;
    char text[CONFIG_VALUE_CAP + 100];
    int at = snprintf(text, sizeof text, "server h\nca ");
    memset(text + at, 'x', CONFIG_VALUE_CAP - 1);
    text[at + CONFIG_VALUE_CAP - 1] = '\0';
    assert_int_equal(ALONE(&a, text), 0);
    assert_int_equal(strlen(a.ca), strlen(HOME "/") + CONFIG_VALUE_CAP - 1);
    text[at + CONFIG_VALUE_CAP - 1] = 'x';
    text[at + CONFIG_VALUE_CAP] = '\0';
    REFUSES("2", "it is too long", text);
    memset(text, 'x', CONFIG_WORD_CAP);
    text[CONFIG_WORD_CAP] = '\0';
    REFUSES("1", "it is too long", text);
    text[CONFIG_WORD_CAP - 1] = '\0';
    REFUSES("1", "unknown word 'xxx", text);
}

static void test_rooms(void **state)
{
    (void)state;
    struct arguments a;
    char text[20 * (ARGUMENTS_ROOMS_MAX + 2)];
    int len = snprintf(text, sizeof text, "server h\n");
    for (int i = 0; i < ARGUMENTS_ROOMS_MAX; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, "room r%d\n", i);
    assert_int_equal(ALONE(&a, text), 0);
    assert_int_equal(a.rooms_len, ARGUMENTS_ROOMS_MAX);
    assert_string_equal(a.rooms[ARGUMENTS_ROOMS_MAX - 1], "r62");
    snprintf(text + len, sizeof text - (size_t)len, "room more\n");
    REFUSES("65", "you can be in 63 rooms", text);
}

static void test_names_of_files(void **state)
{
    (void)state;
    struct arguments a;
    REFUSES("2", "~ stands for your own folder alone", "server h\nca ~\n");
    REFUSES("2", "~ stands for your own folder alone", "server h\nca ~alice/ca\n");
    assert_int_equal(ALONE(&a, "server h\nca ./~alice\n"), 0);
    assert_string_equal(a.ca, HOME "/./~alice");
    unsetenv("HOME");
    REFUSES("2", "~ stands for your own folder alone", "server h\nca ~/ca\n");
    setenv("HOME", "/home/bob", 1);
    char text[5 * CONFIG_VALUE_CAP] = "server h\n";
    static const char *const words[] = {"ca", "user-ca", "password-file", "identity-password-file"};
    for (size_t i = 0; i < 4; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s %0*d\n", words[i], CONFIG_VALUE_CAP - 1, 1);
    }
    REFUSES("5", "the names of files are too long", text);
}

/* --- The file itself ---------------------------------------------------------------------------------------------- */

static int parse_in(struct arguments *a, const char *home)
{
    char *argv[] = {"glasschat", "--home", (char *)(uintptr_t)home, NULL};
    why[0] = '\0';
    return arguments_parse(a, 3, argv, why);
}

static const char *write_file(void **state, const char *text)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/" CONFIG_FILE, scratch_path(state));
    scratch_write(state, CONFIG_FILE, text, strlen(text));
    return path;
}

static void test_it_is_read_from_home(void **state)
{
    struct arguments a;
    const char *home = scratch_path(state);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "which server? "));
    assert_int_equal(parse_in(&a, "/nowhere"), -1);
    assert_non_null(strstr(why, "which server? "));
    write_file(state, "server h\nuser bob\n");
    assert_int_equal(parse_in(&a, home), 0);
    assert_string_equal(a.user, "bob");
    write_file(state, "nope\n");
    assert_int_equal(parse_in(&a, home), -1);
    char *argv[] = {"glasschat", "--home", (char *)(uintptr_t)home, "--no-config", "h", NULL};
    assert_int_equal(arguments_parse(&a, 5, argv, why), 0);
    argv[3] = "--help";
    assert_int_equal(arguments_parse(&a, 4, argv, why), 0);
}

static void test_one_that_others_can_change(void **state)
{
    struct arguments a;
    const char *home = scratch_path(state), *path = write_file(state, "server h\n");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(parse_in(&a, home), 0);
    assert_int_equal(chmod(path, 0620), 0);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "/config: can be changed by other users"));
    assert_int_equal(chmod(path, 0602), 0);
    assert_int_equal(parse_in(&a, home), -1);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chmod(home, 0770), 0);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "can be changed by other users"));
    assert_int_equal(chmod(home, 0700), 0);
}

static void test_what_is_no_file(void **state)
{
    struct arguments a;
    const char *home = scratch_path(state), *path = write_file(state, "server h\n");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "/config: is a link"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "/config: is no file"));
    assert_int_equal(rmdir(path), 0);
    static char large[CONFIG_FILE_MAX + 2];
    memset(large, '\n', sizeof large - 1);
    write_file(state, large);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "/config: "));
    large[CONFIG_FILE_MAX] = '\0';
    write_file(state, large);
    assert_int_equal(parse_in(&a, home), -1);
    assert_non_null(strstr(why, "which server? "));
}

static int set_home(void **state)
{
    (void)state;
    return setenv("HOME", "/home/bob", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_line_does_what_its_option_does),
        cmocka_unit_test(test_what_editors_do_changes_nothing),
        cmocka_unit_test(test_the_command_line_wins),
        cmocka_unit_test(test_another_server),
        cmocka_unit_test(test_another_user_of_the_server),
        cmocka_unit_test(test_a_line_that_is_wrong_is_told_by_its_number),
        cmocka_unit_test(test_a_line_is_wrong_under_every_command_line),
        cmocka_unit_test(test_what_is_a_servers_needs_one),
        cmocka_unit_test(test_what_is_no_text),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_rooms),
        cmocka_unit_test(test_names_of_files),
        cmocka_unit_test_setup_teardown(test_it_is_read_from_home, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_one_that_others_can_change, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, set_home, NULL);
}
