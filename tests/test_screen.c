/* SPDX-License-Identifier: MIT */
/* Each row as it is printed, read back from a file; that a script's line is told by its number alone. */
#include "app/client/screen.h"

#include "tests/printed.h"
#include "tests/test.h"

#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

static struct screen screen;

static void hide(void)
{
    screen = (struct screen){0};
    line_init(&screen.line, NULL, NULL);
    screen.line.terminal = false;
    printed_begin();
}

static struct message presence(uint8_t buf[static MESSAGE_LIST_BUF_LEN], enum message_presence what,
                               const char *const *names)
{
    struct message m = {.type = MESSAGE_PRESENCE, .presence = {.what = (uint8_t)what, .room = "lobby"}};
    message_list_init(&m.presence.list, buf);
    for (; *names != NULL; names++) {
        struct message_entry entry = {{0}, 0};
        snprintf(entry.name, sizeof entry.name, "%s", *names);
        assert_int_equal(message_list_add(&m.presence.list, buf, &entry, false), 0);
    }
    return m;
}

static void test_pushes(void **state)
{
    (void)state;
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message said = {MESSAGE_SAID, 0, .said = {"den", "you", 0, BYTES("a\033[2Jb")}};
    struct message notice = {MESSAGE_NOTICE, 0, .notice = {BYTES("the server stops")}};
    hide();
    struct message m = presence(buf, MESSAGE_JOINED, (const char *const[]){"alice", "bob", NULL});
    screen_presence(&screen, &m, "alice");
    m = presence(buf, MESSAGE_JOINED, (const char *const[]){"b0b", NULL});
    screen_presence(&screen, &m, "alice");
    m = presence(buf, MESSAGE_LEFT, (const char *const[]){"b0b", NULL});
    screen_presence(&screen, &m, "alice");
    m = presence(buf, MESSAGE_JOINED, (const char *const[]){"alice", NULL});
    screen_presence(&screen, &m, "alice"); /* oneself */
    screen_said(&screen, &said);
    screen_notice(&screen, &notice);
    assert_string_equal(printed(), "* bob joined lobby\n"
                                   "* b0b (looks like bob) joined lobby\n"
                                   "* b0b left lobby\n"
                                   "[den] 'you': a\xef\xbf\xbd[2Jb\n"
                                   "* notice: the server stops\n");
    assert_false(screen.complained);
}

static void test_answers(void **state)
{
    (void)state;
    struct message nobody = {.type = MESSAGE_BLOCKED, .blocked.list.bytes.data = (const uint8_t *)""};
    hide();
    screen_room(&screen, &(struct message_entry){"lobby", 1}, true);
    screen_room(&screen, &(struct message_entry){"you", 2}, false);
    screen_done(&screen, MESSAGE_JOIN, "den");
    screen_done(&screen, MESSAGE_LEAVE, "den");
    screen_done(&screen, MESSAGE_BLOCK, "you");
    screen_done(&screen, MESSAGE_UNBLOCK, "bob");
    screen_done(&screen, MESSAGE_SAY, "den");
    screen_blocked(&screen, &nobody);
    assert_string_equal(printed(), "* room lobby: 1 member, you among them\n"
                                   "* room 'you': 2 members\n"
                                   "* you joined den\n"
                                   "* you left den\n"
                                   "* 'you' is blocked\n"
                                   "* you hear bob again\n"
                                   "* you have blocked nobody\n");
}

/* Only what makes the lines that follow go elsewhere ends a script. */
static void test_refusals(void **state)
{
    (void)state;
    hide();
    screen.line.number = 7;
    screen_not_done(&screen, MESSAGE_SAY, "den", "why");
    screen_not_done(&screen, MESSAGE_BLOCK, "bob", "why");
    bool goes_on = !screen.script_ends && screen.complained;
    screen_not_done(&screen, MESSAGE_LEAVE, "den", "why");
    bool ends = screen.script_ends;
    screen.script_ends = false;
    screen_not_done(&screen, MESSAGE_JOIN, "den", "why");
    assert_string_equal(printed(), "glasschat: not said in den: why\n"
                                   "glasschat: bob: why\n"
                                   "glasschat: den: why (line 7: nothing after it was done or said)\n"
                                   "glasschat: den: why (line 7: nothing after it was done or said)\n");
    assert_true(goes_on && ends && screen.script_ends);
}

/* Where its lines don't end as they should, a password follows the name. */
static void test_a_scripts_words_are_not_shown(void **state)
{
    (void)state;
    hide();
    screen.line.number = 2;
    screen_bad_name(&screen, "correct horse", "room");
    const char *text = printed();
    assert_null(strstr(text, "horse"));
    assert_non_null(strstr(text, "glasschat: that is no room: "));
    assert_non_null(strstr(text, "(line 2: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pushes),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_a_scripts_words_are_not_shown),
    };
    return RUN(tests);
}
