/* SPDX-License-Identifier: MIT */
/* A form asks in its order, a person until the answer will do and a script once; what may be a password is
 * recognised. */
#include "app/client/form.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/test.h"

static struct form form;
static struct line line;

static void filled_in(struct conversation *c)
{
    (void)c;
}

static void begin(unsigned fields, bool terminal)
{
    line_init(&line, NULL, NULL);
    line.terminal = terminal;
    form_begin(&form, fields, filled_in);
    strcpy(form.name_question, "name: ");
}

/* Checks that the open question is this one, and answers it. */
static void answer(const char *question, bool hidden, const char *text)
{
    bool hide;
    const char *asked = form_asks(&form, &hide);
    assert_non_null(asked);
    assert_string_equal(asked, question);
    assert_int_equal(hide, hidden);
    form_answer(&form, &line, text, text != NULL ? (ssize_t)strlen(text) : -1);
}

static void check_end(const char *why)
{
    bool hide;
    assert_null(form_asks(&form, &hide));
    assert_string_equal(form.why, why);
}

static const char code_question[] = "unused code (Enter if none): ";

static void test_all_of_it(void **state)
{
    (void)state;
    begin(FORM_NAME | FORM_OWN | FORM_NEW, true);
    answer("name: ", false, "alice");
    answer("password: ", true, "correct horse");
    answer(code_question, false, "123456");
    answer("new password: ", true, "a better horse");
    answer("repeat password: ", true, "a better horse");
    check_end("");
    assert_string_equal(form.name, "alice");
    assert_int_equal(form.own.password_len, 13);
    assert_memory_equal(form.own.password, "correct horse", 13);
    assert_string_equal(form.own.code, "123456");
    assert_int_equal(form.next.password_len, 14);
    assert_memory_equal(form.next.password, "a better horse", 14);
    assert_true(given_secrets_has(&line.given, "correct horse", 13));
    assert_true(given_secrets_has(&line.given, "a better horse", 14));
    assert_true(given_secrets_has(&line.given, "123456", 6));
    assert_false(given_secrets_has(&line.given, "alice", 5));
    line_close(&line);
}

static void test_nothing_to_ask(void **state)
{
    (void)state;
    bool hide;
    begin(0, true);
    check_end("");
    form_wipe(&form);
    assert_null(form_asks(&form, &hide)); /* there is no form */
    assert_null(form.filled_in);
    line_close(&line);
}

static void test_a_person_is_asked_again(void **state)
{
    (void)state;
    begin(FORM_OWN | FORM_NEW, true);
    answer("password: ", true, "short");
    answer("password: ", true, "correct horse");
    answer(code_question, false, "12345");
    answer(code_question, false, "");
    answer("new password: ", true, "short");
    answer("new password: ", true, "a better horse");
    answer("repeat password: ", true, "another horse");
    answer("new password: ", true, "a better horse");
    answer("repeat password: ", true, "a better horse");
    check_end("");
    assert_string_equal(form.own.code, "");
    line_close(&line);
}

static void test_a_person_gives_up(void **state)
{
    (void)state;
    begin(FORM_OWN, true);
    answer("password: ", true, ""); /* not while one signs in: there is nothing to go back to */
    answer("password: ", true, NULL);
    check_end("nothing was typed");
    begin(FORM_OWN | FORM_NEW, true);
    line.editor = &line_plain; /* in the chat */
    answer("password: ", true, "correct horse");
    answer(code_question, false, "");
    answer("new password: ", true, "");
    check_end("nothing was typed");
    line_close(&line);
}

static void test_a_scripts_lines_are_all_taken(void **state)
{
    (void)state;
    begin(FORM_OWN | FORM_NEW, false);
    answer("password: ", true, "short");
    answer(code_question, false, "12345");
    answer("new password: ", true, "a better horse");
    check_end("a password has 8 to 128 bytes"); /* the first that was wrong */
    assert_true(given_secrets_has(&line.given, "short", 5));
    begin(FORM_OWN, false);
    answer("password: ", true, "correct horse");
    answer(code_question, false, NULL);
    check_end("the input ended where an answer was expected");
    line_close(&line);
}

static void test_what_is_too_long(void **state)
{
    (void)state;
    char text[FORM_ANSWER_MAX + 1];
    memset(text, 'x', sizeof text);
    begin(FORM_NAME | FORM_OWN, false);
    form_answer(&form, &line, text, sizeof text);
    assert_string_equal(form.name, "");
    form_answer(&form, &line, text, sizeof text);
    form_answer(&form, &line, "", 0);
    check_end("a password has 8 to 128 bytes");
    begin(FORM_NAME, false);
    form_answer(&form, &line, "alice\0", 6);
    assert_string_equal(form.name, ""); /* with the NUL the name would end early */
    line_close(&line);
}

static void test_wiped(void **state)
{
    (void)state;
    begin(FORM_OWN, false);
    answer("password: ", true, "correct horse");
    form_begin(&form, FORM_OWN, filled_in);
    for (size_t i = 0; i < sizeof form.own; i++)
        assert_int_equal(((const uint8_t *)&form.own)[i], 0);
    line_close(&line);
}

static void test_the_line_forgets(void **state)
{
    (void)state;
    line_init(&line, NULL, NULL);
    given_secrets_add(&line.given, "correct horse", 13);
    line_close(&line);
    assert_false(given_secrets_has(&line.given, "correct horse", 13));
}

/* Without an editor it stands where what was read ahead stands. */
static void test_the_line_that_was_handed_out_stays(void **state)
{
    static const char typed[] = "/seal +den now\nwhat was pasted\n";
    const char *text;
    size_t len;
    (void)state;
    line_init(&line, NULL, NULL);
    line.terminal = true;
    line.editor = &line_plain;
    memcpy(line.in, typed, sizeof typed - 1);
    line.in_len = sizeof typed - 1;
    assert_int_equal(line_next(&line, &text, &len), LINE_TEXT);
    assert_true(line_discard_typed(&line));
    assert_int_equal(len, 14);
    assert_memory_equal(text, typed, len);
    line_wipe(&line);
    for (size_t i = 0; i < sizeof line.in; i++)
        assert_int_equal(line.in[i], 0);
    line_close(&line);
}

/* line_discard_typed looks for more that was typed. */
static int no_input(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY);
    return fd < 0 || dup2(fd, STDIN_FILENO) < 0 || close(fd) != 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_nothing_to_ask),
        cmocka_unit_test(test_a_person_is_asked_again),
        cmocka_unit_test(test_a_person_gives_up),
        cmocka_unit_test(test_a_scripts_lines_are_all_taken),
        cmocka_unit_test(test_what_is_too_long),
        cmocka_unit_test(test_wiped),
        cmocka_unit_test(test_the_line_forgets),
        cmocka_unit_test(test_the_line_that_was_handed_out_stays),
    };
    return cmocka_run_group_tests(tests, no_input, NULL);
}
