/* SPDX-License-Identifier: MIT */
/* Each word of another chat has words of its own here, which name commands that are there. */
#include "app/client/other_words.h"

#include "app/client/command.h"
#include "tests/test.h"

static void test_known_answers(void **state)
{
    (void)state;
    assert_string_equal(other_words_find("/names", 6), "/who lists who is in a room");
    assert_string_equal(other_words_find("/names lobby", 12), "/who lists who is in a room");
    assert_string_equal(other_words_find("/log\tx", 6),
                        "nothing is kept on disk; /save keeps what was said in a sealed room");
    static const char *const none[] = {"", "/", "names", "/name", "/namesx", "/NAMES", "//names", " /names", "/who"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(other_words_find(none[i], strlen(none[i])));
}

static void test_all_that_people_type(void **state)
{
    (void)state;
    static const char *const words[] = {"/nick",   "/query",   "/names",   "/list",  "/part",       "/me",
                                        "/whois",  "/ignore",  "/topic",   "/away",  "/window",     "/win",
                                        "/buffer", "/log",     "/lastlog", "/clear", "/connect",    "/reconnect",
                                        "/server", "/bye",     "/q",       "/exit",  "/disconnect", "/set",
                                        "/quote",  "/hilight", "/color",   "/times", "/bell",       "/beep"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (other_words_find(words[i], strlen(words[i])) == NULL)
            fail_msg("%s", words[i]);
}

/* None of them is a command here; and what their words name is. */
static void test_what_the_words_name_is_there(void **state)
{
    (void)state;
    const char *word;
    for (size_t i = 0; (word = other_words_at(i)) != NULL; i++) {
        char name[20];
        snprintf(name, sizeof name, "/%s", word);
        assert_null(command_takes(name, strlen(name)));
        for (const char *p = other_words_find(name, strlen(name)); (p = strchr(p, '/')) != NULL; p++)
            if (command_takes(p, strcspn(p, " ,;")) == NULL)
                fail_msg("%s names %s", name, p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_all_that_people_type),
        cmocka_unit_test(test_what_the_words_name_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
