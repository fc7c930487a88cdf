/* SPDX-License-Identifier: MIT */
/* What completes a word, in a conversation that is made up. How it is put into the line is what
 * tests/integration/test_client_line.py types. */
#include "app/client/complete.h"

#include <stdlib.h>

#include "app/client/command.h"
#include "app/client/conversation.h"
#include "tests/test.h"

static struct conversation c;
static struct sealed_room *rooms; /* as many as ROOMS */
static struct peer peers[2] = {{.name = "zoe"}, {.name = "alan"}};

#define ROOMS 3

static void add_room(size_t i, const char *name, enum sealed_room_state state, const char *founder)
{
    struct sealed_room *r = &rooms[i];
    strcpy(r->list.name, name);
    strcpy(r->founder, founder);
    r->state = state;
    r->next = c.direct.rooms.sealed.list;
    c.direct.rooms.sealed.list = r;
}

static int set_up(void **state)
{
    (void)state;
    c = (struct conversation){.user = "me", .room = "lobby", .rooms = {"lobby", "den"}, .rooms_len = 2};
    rooms = calloc(ROOMS, sizeof *rooms);
    add_room(0, "+old", SEALED_ROOM_CLOSED, "me");
    add_room(1, "+exam", SEALED_ROOM_ASKED, "alice");
    add_room(2, "+ring", SEALED_ROOM_IN, "bob");
    c.direct.peers = (struct peers){.list = peers, .count = 2};
    c.direct.has_peers = true;
    people_here(&c.screen.people, "lobby", "me");
    people_here(&c.screen.people, "lobby", "bob");
    people_spoke(&c.screen.people, "lobby", "alfred");
    people_spoke(&c.screen.people, "lobby", "alice");
    people_spoke(&c.screen.people, "den", "albert");
    people_room(&c.screen.people, "lounge");
    people_room(&c.screen.people, "+theirs");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(rooms);
    return 0;
}

/* What is offered, each with a | after it. */
static void check(const char *typed, const char *expected)
{
    static struct line_words words;
    static char text[LINE_WORDS_MAX * (LINE_WORD_LEN + 1)];
    words.len = 0;
    text[0] = '\0';
    complete_line(&c, &words, typed, strlen(typed));
    assert_in_range(words.len, 0, LINE_WORDS_MAX);
    for (size_t i = 0; i < words.len; i++) {
        strcat(text, words.words[i]);
        strcat(text, "|");
    }
    if (strcmp(text, expected) != 0)
        fail_msg("'%s': %s\n  and not: %s", typed, text, expected);
    if (words.len > 0)
        assert_true(words.begun <= strlen(typed) && words.begun < LINE_WORD_LEN);
}

static void test_names_in_a_text(void **state)
{
    (void)state;
    check("", "alice: |alfred: |bob: |");
    check("al", "alice: |alfred: |");
    check("AL", "alice: |alfred: |");
    check("alice", "alice: |");
    check("alice:", "alice: |");
    check("alicex", "");
    check("hello al", "alice |alfred |");
    check("hello\tal", "alice |alfred |");
    check("hello ", "");
    check("z", ""); /* who is not there reads nothing */
    check("m", "");
    check(" al", "alice |alfred |");
    check("//al", "");
    check("// al", "alice |alfred |");
    check(" /jo", "");
    check("\xc3\xa4 al", "alice |alfred |");
    check("\xc3", "");
    strcpy(c.room, "den");
    check("al", "albert: |");
    strcpy(c.direct.with, "bob");
    check("", "bob: |");
    check("hello b", "bob |");
    c.direct.with[0] = c.room[0] = '\0';
    check("al", "");
}

static void test_commands(void **state)
{
    (void)state;
    check("/jo", "/join |");
    check("/JO", "/join |");
    check("/join", "/join |");
    check("/re", "/receipts |/remove |");
    check("/delete", "/delete-certificate |/delete-account |");
    check("/xyz", "");
    check("/xyz a", "");
    check("/help /jo", "/join |");
    check("/help /join ", "");
    check("/rooms ", "");
    check("/who lobby ", "");
    check("/2fa ", "on |confirm |off |");
    check("/2fa o", "on |off |");
    check("/2fa confirm ", "");
    check("/identity ", "new |unlock |");
    check("/receipts on ", "");
}

static void test_users(void **state)
{
    (void)state;
    check("/msg ", "alice |alfred |bob |albert |zoe |alan |");
    check("/msg AL", "alice |alfred |albert |alan |");
    check("/msg\tz", "zoe |");
    check("/msg  z", "zoe |");
    check("/call z", "zoe |");
    check("/verify z", "zoe |");
    check("/verify zoe ", "");
    check("/verify zoe z", "");
    check("/trust z", "zoe |");
    check("/certificate @z", "@zoe |");
    check("/certificate z", "");
    check("/certificate ", "@alice |@alfred |@bob |@albert |@zoe |@alan |");
    check("/msg zoe al", "alice |alfred |");
    check("/msg zoe some words to al", "alice |alfred |");
    check("/msg zoe ", "");
    c.direct.has_peers = false;
    check("/msg z", "");
    strcpy(c.room, "+ring"); /* of whose list dave is not there */
    strcpy(rooms[2].list.members[0].name, "dave");
    rooms[2].list.count = 1;
    check("/remove ", "dave |albert |alice |alfred |bob |");
}

static void test_rooms(void **state)
{
    (void)state;
    check("/join ", "den |+ring |lounge |lobby |");
    check("/join l", "lounge |lobby |");
    check("/leave ", "den |+ring |lounge |lobby |");
    check("/leave +exam ", "alice |");
    check("/leave +ring ", "");
    check("/accept ", "+exam alice |");
    check("/accept +e", "+exam alice |");
    check("/accept +exam ", "alice |");
    check("/accept +exam alice ", "");
    check("/save x ", "+ring |+old |");
    check("/save +", "");
    check("/seal +r", "+ring |");
}

/* What each command takes is known here: a word of its table that is not would complete to nothing, and silently. */
static void test_all_that_a_command_takes_is_known(void **state)
{
    (void)state;
    static const char *const known[] = {"COMMAND", "NAME", "@NAME", "ROOM", "+ROOM",
                                        "FOUNDER", "TEXT", "FILE",  "CODE", "DIGITS"};
    const char *name;
    for (size_t i = 0; (name = command_at(i)) != NULL; i++) {
        char takes[100];
        snprintf(takes, sizeof takes, "%s", command_takes(name, strlen(name)));
        for (char *word = strtok(takes, " []|"); word != NULL; word = strtok(NULL, " []|")) {
            bool found = word[0] >= 'a' && word[0] <= 'z';
            for (size_t k = 0; k < sizeof known / sizeof *known; k++)
                found = found || strcmp(word, known[k]) == 0;
            if (!found)
                fail_msg("%s takes %s", name, word);
        }
    }
    assert_null(command_takes("/xyz", 4));
}

static void test_bounds(void **state)
{
    (void)state;
    static struct line_words words;
    static char text[LINE_MAX_LEN];
    char name[NAME_MAX_LEN + 1];
    for (size_t i = 0; i < 2 * PEOPLE_MAX; i++) {
        snprintf(name, sizeof name, "n%0*zu", NAME_MAX_LEN - 1, i);
        people_spoke(&c.screen.people, "lobby", name);
    }
    complete_line(&c, &words, "n", 1);
    assert_int_equal(words.len, LINE_WORDS_MAX);
    for (size_t len = LINE_WORD_LEN - 2; len <= sizeof text; len += len <= LINE_WORD_LEN ? 1 : 1000) {
        memset(text, 'n', len);
        words.len = 0;
        complete_line(&c, &words, text, len);
        assert_int_equal(words.len, 0);
    }
    memset(text, ' ', sizeof text);
    complete_line(&c, &words, text, sizeof text);
    assert_int_equal(words.len, 0);
    static const char odd[] = "/msg \0zoe \x1b \xff/ \t/";
    for (size_t len = 0; len < sizeof odd; len++) /* no byte past the end is looked at: a sanitizer would see it */
        for (size_t from = 0; from <= len; from++) {
            char *exact = malloc(len - from > 0 ? len - from : 1);
            memcpy(exact, odd + from, len - from);
            words.len = 0;
            complete_line(&c, &words, exact, len - from);
            free(exact);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_in_a_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_commands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_users, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rooms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_that_a_command_takes_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
