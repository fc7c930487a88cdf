/* SPDX-License-Identifier: MIT */
/* Lines that may have been meant as commands, and texts that were not. */
#include "app/client/mistyped.h"

#include "tests/test.h"

#define ARGS(literal) (literal), sizeof(literal) - 1

static void test_what_begins_with_a_slash_that_is_seen_first(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const lines[] = {
        "/password", " /password", "\t/x", "  \t /", "\xc2\xa0/x", "\xef\xbb\xbf/x", "\xef\xbb\xbf\xef\xbb\xbf /x",
        "\xe2\x80\x8b/x", "\xe2\x81\xa0/x", "\xe3\x80\x80/x", "\xc2\xad/x", "\xcc\xb8/x", "\xe2\xa0\x80/x",
        "\xf3\xa0\x81\xa1/x", "\xe3\x85\xa4/x", "\xef\xbc\x8fpassword", "\xe2\x81\x84x", "\xe2\x88\x95x",
        "\xe2\xa7\xb8x", "\xe2\x95\xb1x", "\xe2\x9f\x8bx", " \xef\xbc\x8f\xef\xbd\x90", "\xef\xbf\xbd/x", "/", "//x"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!mistyped_slash(lines[i], strlen(lines[i])))
            fail_msg("%s", lines[i]);
}

static void test_what_is_no_text_and_has_a_slash(void **state)
{
    (void)state;
    assert_true(mistyped_slash(ARGS("\0/password")));
    assert_true(mistyped_slash(ARGS("\xff/x")));
    assert_true(mistyped_slash(ARGS("\xff\xfe/\0p\0a\0")));
    assert_true(mistyped_slash(ARGS("\x1b[200~/password")));
    assert_true(mistyped_slash(ARGS("\xe2\x80\xae/drowssap")));
    assert_true(mistyped_slash(ARGS("x\x08/password")));
    assert_true(mistyped_slash(ARGS("\xc0\xaf/x"))); /* an overlong slash before it */
    assert_false(mistyped_slash(ARGS("\xff\xfe")));
    assert_false(mistyped_slash(ARGS("a\x1b[2Jb")));
}

static void test_what_is_a_text(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const lines[] = {
        "", " ", "hello", "a/b", "either/or", "1/2", " \xc2\xbd", "http://example.org", "\\o/", "\xe4\xb8\xbf", "-- /x",
        "> /password is a command", "\"/password\"", "\xf0\x9f\x91\x8d /x", "\xe3\x83\x8e/"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (mistyped_slash(lines[i], strlen(lines[i])))
            fail_msg("%s", lines[i]);
    assert_true(mistyped_slash(ARGS("/"))); /* no byte past the end is looked at: a sanitizer would see it */
    assert_false(mistyped_slash(ARGS("\xef\xbc")));
}

static void test_another_key(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const lines[] = {".password", "\\password", "7password", "?PassWord", " -password now",
                                        "|password",
                                        "\xef\xbc\xbcpassword", "&password\xc2\xa0now", ",password"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!mistyped_key(lines[i], strlen(lines[i]), "password"))
            fail_msg("%s", lines[i]);
    static const char *const texts[] = {"password", "xpassword", ".passwords", ".passwor",  "..password",
                                        "",         ".",         ". password", "#password", "(password)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (mistyped_key(texts[i], strlen(texts[i]), "password"))
            fail_msg("%s", texts[i]);
    assert_true(mistyped_key(ARGS(".DELETE-ACCOUNT"), "delete-account"));
}

static void test_one_letter(void **state)
{
    (void)state;
    static const char *const near[] = {"/join", "/Join", "/jion", "/jon", "/jjoin", "/joim", "/joinn", "join", "/joi"};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (!mistyped_letter(near[i], strlen(near[i]), "/join"))
            fail_msg("%s", near[i]);
    static const char *const far[] = {"", "/", "/jn", "/jxon", "/nioj", "/joining", "/leave", "/ijon "};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        if (mistyped_letter(far[i], strlen(far[i]), "/join"))
            fail_msg("%s", far[i]);
}

static void test_nothing_in_its_place(void **state)
{
    (void)state;
    assert_true(mistyped_bare(ARGS("password"), "password"));
    assert_true(mistyped_bare(ARGS(" Password \t"), "password"));
    assert_true(mistyped_bare(ARGS("2FA on"), "2fa on"));
    assert_false(mistyped_bare(ARGS("password is what?"), "password"));
    static const char *const near[] = {"pasword", "passwor", "passwords", "Passwort", "apssword", " passwrod "};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (!mistyped_bare(near[i], strlen(near[i]), "password"))
            fail_msg("%s", near[i]);
    static const char *const far[] = {"",          "asswordp",   "passport",    "pass",
                                      "word",      "passwordsx", "my password", "p",
                                      "pasword x", "drowssap",   "#password",   "passworddd"};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        if (mistyped_bare(far[i], strlen(far[i]), "password"))
            fail_msg("%s", far[i]);
    assert_false(mistyped_bare(ARGS("2fb on"), "2fa on"));
    assert_false(mistyped_bare(ARGS("2f"), "2fa"));
    assert_true(mistyped_bare(ARGS("2Fa"), "2fa"));
}

static void test_what_was_copied_with_it(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const lines[] = {
        "lobby> /password", "> /password", ">  /Password", "$ /password", "% /password\xc2\xa0", "anna: /password",
        "\"/password\"", "'/password'", "`/password`", "\xe2\x80\x9c/password\xe2\x80\x9d", "lobby> `/password`",
        "//password", "///password",
        "lobby> //password", "> /pasword", "> /password now", "\xef\xbb\xbf> /password", "*/password",
        "\xc2\xab/password x"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!mistyped_copied(lines[i], strlen(lines[i]), "password"))
            fail_msg("%s", lines[i]);
    /* clang-format off */
    static const char *const texts[] = {
        "", ">", "/", "//", "> password", "type /password", "a> b> /password", "> /password is a command",
        "see /etc/passwd", "\"/passport\"", "//passport", "lobby/password", "'password'", ":-/ password", "//who",
        "http://password", "> /2fa"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (mistyped_copied(texts[i], strlen(texts[i]), "password"))
            fail_msg("%s", texts[i]);
    assert_true(mistyped_copied(ARGS("lobby> /2fa on"), "2fa"));
    assert_false(mistyped_copied(ARGS("lobby> /2fb on"), "2fa"));
    assert_true(mistyped_copied(ARGS("> /certificate anna.pem"), "certificate"));
    assert_false(mistyped_copied(ARGS("> /certifi"), "certificate"));
}

static void test_what_is_for_one_user(void **state)
{
    (void)state;
    static const char *const lines[] = {"msg bob hello",
                                        "  MSG bob hello",
                                        ".msg bob hello",
                                        "7msg bob hello there",
                                        "./msg bob hello",
                                        ">/msg bob hello",
                                        "\xe2\x81\x84msg bob hello",
                                        "msg\tbob \xc2\xa0hello"};
    static const char *const texts[] = {"msg",
                                        "msg bob",
                                        "msg bob ",
                                        "msgs bob hello",
                                        "a msg for bob",
                                        "message bob hello",
                                        "lobby> /msg bob hello",
                                        "",
                                        "/",
                                        "...",
                                        "12 msg since noon",
                                        "\xd0\xb4\xd0\xb0 msg bob hello",
                                        "\xe4\xbd\xa0 msg bob hello"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!mistyped_with_text(lines[i], strlen(lines[i]), "msg", false))
            fail_msg("a text: %s", lines[i]);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (mistyped_with_text(texts[i], strlen(texts[i]), "msg", false))
            fail_msg("no text: %s", texts[i]);
    assert_true(mistyped_with_text(ARGS("lobby> /msg bob hello"), "msg", true));
    assert_true(mistyped_with_text(ARGS("msg bob hello"), "msg", true));
    assert_false(mistyped_with_text(ARGS("anna: a msg for bob"), "msg", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_begins_with_a_slash_that_is_seen_first),
        cmocka_unit_test(test_what_is_no_text_and_has_a_slash),
        cmocka_unit_test(test_what_is_a_text),
        cmocka_unit_test(test_another_key),
        cmocka_unit_test(test_one_letter),
        cmocka_unit_test(test_nothing_in_its_place),
        cmocka_unit_test(test_what_was_copied_with_it),
        cmocka_unit_test(test_what_is_for_one_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
