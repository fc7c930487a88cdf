/* SPDX-License-Identifier: MIT */
/* Each row about sealed rooms as it is printed, read back from a file. The rooms are filled in by hand: nothing is
 * signed. */
#include "app/client/room_screen.h"

#include "tests/printed.h"
#include "tests/test.h"

static struct screen screen;
static struct sealed_rooms rooms;
static struct calls calls; /* none */
static struct sealed_room room;
static struct peers peers;

/* Adds to a list; key is all of the fingerprint. */
static void add(struct room_list *l, const char *name, uint8_t key)
{
    struct room_list_member *m = &l->members[l->count++];
    strcpy(m->name, name);
    memset(m->fingerprint, key, sizeof m->fingerprint);
}

/* bob's room +exam, with alice, who reads, carol and dave in it; carol's key is compared, dave's is another one than
 * the one that is known, eve's is not known. */
static int begin(void **state)
{
    static struct peer known[] = {{.name = "bob", .kept = PEER_NEW},
                                  {.name = "carol", .kept = PEER_COMPARED},
                                  {.name = "dave", .kept = PEER_COMPARED}};
    (void)state;
    memset(known[0].fingerprint, 'b', sizeof known[0].fingerprint);
    memset(known[1].fingerprint, 'c', sizeof known[1].fingerprint);
    memset(known[2].fingerprint, 'D', sizeof known[2].fingerprint);
    peers = (struct peers){.list = known, .count = 3};
    screen = (struct screen){.complained = false};
    line_init(&screen.line, NULL, NULL);
    screen.line.terminal = false;
    seen_names_own(&screen.seen_names, "alice");
    room = (struct sealed_room){.state = SEALED_ROOM_IN, .me = "alice", .founder = "bob"};
    strcpy(room.list.name, "+exam");
    add(&room.list, "bob", 'b');
    add(&room.list, "alice", 'a');
    add(&room.list, "carol", 'c');
    add(&room.list, "dave", 'd');
    rooms = (struct sealed_rooms){.config.peers = &peers, .list = &room, .calls = &calls};
    return 0;
}

#define TEST(test) cmocka_unit_test_setup(test, begin)

/* --- What is said ------------------------------------------------------------------------------------------------- */

static void show_line(const char *sender, enum peer_state state, unsigned marks, const char *text)
{
    static struct sealed_line line;
    line = (struct sealed_line){.state = state, .marks = marks, .statement.text_len = strlen(text)};
    strcpy(line.statement.sender, sender);
    memcpy(line.statement.text, text, strlen(text));
    room_screen_line(&screen, &room, &line);
}

static void test_lines(void **state)
{
    (void)state;
    printed_begin();
    show_line("bob", PEER_NEW, 0, "hello");
    show_line("b0b", PEER_COMPARED, 0, "[+exam] bob, compared: hello");
    show_line("you", PEER_VOUCHED, 0, "a\033[2Jb");
    show_line("bob", PEER_NEW, SEALED_MARK_MISSING, "one");
    show_line("bob", PEER_NEW, SEALED_MARK_ANEW, "two");
    show_line("bob", PEER_NEW, SEALED_MARK_UNSEEN, "three");
    show_line("bob", PEER_NEW, SEALED_MARK_OLD_LIST, "four");
    show_line("bob", PEER_NEW, SEALED_MARK_OLD_LIST | SEALED_MARK_ANEW | SEALED_MARK_MISSING | SEALED_MARK_UNSEEN,
              "(five): 5");
    assert_string_equal(printed(),
                        "[+exam] bob, new, not compared: hello\n"
                        "[+exam] b0b (looks like bob), compared: [+exam] bob, compared: hello\n"
                        "[+exam] 'you', vouched for: a\xef\xbf\xbd[2Jb\n"
                        "[+exam] bob, new, not compared (something before it is missing): one\n"
                        "[+exam] bob, new, not compared (began anew): two\n"
                        "[+exam] bob, new, not compared (said after a line that was not shown here): three\n"
                        "[+exam] bob, new, not compared (said to the list before): four\n"
                        "[+exam] bob, new, not compared (said to the list before; began anew; something before "
                        "it is missing; said after a line that was not shown here): (five): 5\n");
    assert_false(screen.complained);
}

static void test_what_is_not_said(void **state)
{
    (void)state;
    static const char *const names[] = {"carol", "you"};
    static char longest[TEXT_MAX_LEN];
    memset(longest, 'x', sizeof longest);
    printed_begin();
    room_screen_left_out(&screen, &room, names, 2);
    room_screen_unopened(&screen, &room, "you");
    assert_false(screen.complained);
    room_screen_unsaid(&screen, "+exam", "hello", 5, "that is why");
    assert_true(screen.complained);
    room_screen_unsaid(&screen, "+exam", longest, sizeof longest, "so");
    const char *out = printed();
    static const char begin_with[] =
        "* +exam: carol, 'you' can't read what you say now: not there, or without a key of yours\n"
        "* +exam: something that 'you' said could not be opened\n"
        "glasschat: not said in +exam: that is why; it was: hello\n"
        "glasschat: not said in +exam: so; it was: ";
    assert_memory_equal(out, begin_with, sizeof begin_with - 1);
    assert_memory_equal(out + sizeof begin_with - 1, longest, sizeof longest);
}

/* --- Who is on the list ------------------------------------------------------------------------------------------- */

#define WITH_ANOTHER_KEY "on the list with another key than the one you know: can't read"

static void test_an_invitation(void **state)
{
    (void)state;
    add(&room.list, "b0b", 'e');
    printed_begin();
    room_screen_asked(&screen, &rooms, &room);
    assert_string_equal(printed(),
                        "* bob invites you to the sealed room +exam, of which these are the members:\n"
                        "* +exam: bob, who founded it: new, not compared\n"
                        "* +exam: alice: you\n"
                        "* +exam: carol: compared\n"
                        "* +exam: dave: " WITH_ANOTHER_KEY "\n"
                        "* +exam: b0b (looks like bob): not met yet\n"
                        "* +exam: all that is said there is signed: whoever reads it can show it to "
                        "anybody, later, too, and prove who said "
                        "it\n"
                        "* +exam: to be in it: /accept +exam bob; if you don't want to be: /leave +exam bob\n");
}

static void test_a_new_list(void **state)
{
    (void)state;
    add(&room.before, "bob", 'b');
    add(&room.before, "alice", 'a');
    add(&room.before, "dave", 'x');
    add(&room.before, "eve", 'e');
    add(&room.before, "frank", 'f');
    room.others_len = 1;
    strcpy(room.others[0].name, "frank");
    room.others[0].leaves = true; /* as the founder is told */
    printed_begin();
    room_screen_listed(&screen, &rooms, &room);
    assert_string_equal(printed(), "* +exam: eve is not on its list any more\n"
                                   "* +exam: frank left, or declined, and is not on its list any more\n"
                                   "* +exam: carol was added: compared\n"
                                   "* +exam: dave is listed with another key: " WITH_ANOTHER_KEY "\n");
}

static void test_what_becomes_of_a_room(void **state)
{
    (void)state;
    printed_begin();
    room.state = SEALED_ROOM_OUT;
    room_screen_listed(&screen, &rooms, &room);
    room.state = SEALED_ROOM_CLOSED;
    room_screen_listed(&screen, &rooms, &room);
    assert_false(screen.complained);
    room.state = SEALED_ROOM_STOPPED;
    room_screen_stopped(&screen, &room);
    room_screen_uninvited(&screen, &room, "eve", "that is why");
    room_screen_uninvited(&screen, &room, "carol", "that is why");
    assert_string_equal(printed(),
                        "* +exam: you are not on its list any more, and can read nothing that is said now\n"
                        "* +exam: its founder has closed it\n"
                        "glasschat: +exam: bob, who founded it, signed two lists that can't both be: it is over\n"
                        "glasschat: +exam: eve is not invited: that is why\n"
                        "glasschat: +exam: carol is on its list, but may not have got the invitation: that is why\n");
    assert_true(screen.complained);
}

/* --- Coming and being there --------------------------------------------------------------------------------------- */

static void test_after_login(void **state)
{
    (void)state;
    static struct sealed_room others[4];
    static const enum sealed_room_state states[] = {SEALED_ROOM_ASKED, SEALED_ROOM_OUT, SEALED_ROOM_CLOSED,
                                                    SEALED_ROOM_LEFT};
    struct sealed_room **end = &room.next;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        others[i] = (struct sealed_room){.state = states[i], .me = "alice", .founder = "carol"};
        snprintf(others[i].list.name, sizeof others[i].list.name, "+%c", (char)('a' + i));
        *end = &others[i];
        end = &others[i].next;
    }
    printed_begin();
    room_screen_rooms(&screen, &rooms);
    room_screen_entered(&screen, "+exam");
    assert_string_equal(printed(),
                        "* you are in the sealed room +exam: /join +exam\n"
                        "* carol invites you to the sealed room +a: /accept +a carol\n"
                        "* what is said in +exam is signed: whoever reads it can prove to anybody who said it\n");
}

static void test_who(void **state)
{
    (void)state;
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_list list;
    message_list_init(&list, buf);
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"alice", "carol", "eve"};
        struct message_entry entry = {{0}, 0};
        strcpy(entry.name, names[i]);
        assert_int_equal(message_list_add(&list, buf, &entry, false), 0);
    }
    room.others_len = 1;
    strcpy(room.others[0].name, "carol");
    room.others[0].here = room.entered = true;
    printed_begin();
    room_screen_strangers(&screen, &room, list);
    room_screen_members(&screen, &rooms, &room, 0);
    room.others[0].listed = room.others[0].left_out = true;
    room_screen_members(&screen, &rooms, &room, 0);
    room.state = SEALED_ROOM_CLOSED;
    room.list.count = 0;
    room_screen_members(&screen, &rooms, &room, 0);
    room.state = SEALED_ROOM_OUT;
    room_screen_strangers(&screen, &room, list);
    room_screen_members(&screen, &rooms, &room, 0);
    room.entered = false;
    room_screen_members(&screen, &rooms, &room, 0);
    assert_string_equal(printed(), "* +exam: eve is there without being on its list, and hears nothing\n"
                                   "* +exam: bob, who founded it, who is not there: new, not compared\n"
                                   "* +exam: alice, who is there: you\n"
                                   "* +exam: carol, who is there: compared\n"
                                   "* +exam: dave, who is not there: " WITH_ANOTHER_KEY "\n"
                                   "* +exam: bob, who founded it, who is not there: new, not compared\n"
                                   "* +exam: alice, who is there: you\n"
                                   "* +exam: carol, who is said to be there, and has not confirmed a key of yours: "
                                   "compared\n"
                                   "* +exam: dave, who is not there: " WITH_ANOTHER_KEY "\n"
                                   "* +exam: its founder has closed it\n"
                                   "* +exam: carol is there without being on its list, and hears nothing\n"
                                   "* +exam: eve is there without being on its list, and hears nothing\n"
                                   "* +exam: you were removed from its list, and can read nothing that is said now\n"
                                   "* +exam: you are not on its list any more, and can read nothing that is said "
                                   "now\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines),      TEST(test_what_is_not_said),       TEST(test_an_invitation),
        TEST(test_a_new_list), TEST(test_what_becomes_of_a_room), TEST(test_after_login),
        TEST(test_who),
    };
    return RUN(tests);
}
