/* SPDX-License-Identifier: MIT */
/* Users (users.h) who are in sealed rooms, and the server's rooms between them. The log has these lines as well:
 *
 *      asked +exam by alice            listed +exam 2: alice bob carol        stopped +exam
 *      line +exam bob: hello           ... (marks 2)                          said +exam: hello
 *      unopened +exam bob              unsaid +exam: hello (why)              left out +exam: carol
 *      uninvited +exam bob (why)       complain (why)
 *
 * Use it:      static struct members t;
 *              MEMBERS_TEST(test_x, &t) in the list of tests
 *              member_found(&t.alice, "+exam"), member_invite(&t.alice, "bob"), members_run(&t);
 *              member_accept(&t.bob), member_say(&t.bob, "hello"), members_run(&t);
 */
#ifndef TESTS_MEMBERS_H
#define TESTS_MEMBERS_H

#include "app/peer/sealed_rooms.h"
#include "tests/users.h"

#define MEMBERS_ROOM "+exam"

struct members;

struct member {
    struct members *all;
    struct user *user;
    struct sealed_rooms rooms;
    char file[40];
    bool in;         /* the server's room */
    bool deaf;       /* the server passes nothing sealed on to this one */
    bool full;       /* nothing more can be sent to the server */
    size_t not_sent; /* sealed, and refused by the server */
};

struct members {
    struct users users;
    struct member alice, bob, carol;
    struct member *each[4]; /* then NULL */
    uint64_t time;          /* the server's */
};

/* A program begins anew, and is in no room of the server. */
void member_restart(struct member *m);

/* Goes into the server's room, or out of it; all who are there hear of it. */
void member_enter(struct member *m);
void member_exit(struct member *m);

/* What a user does about MEMBERS_ROOM; each fails the test where it can't be done. */
void member_found(struct member *m);
void member_invite(struct member *m, const char *peer);
void member_remove(struct member *m, const char *peer);
void member_accept(struct member *m); /* and enters */
void member_say(struct member *m, const char *text);

/* The room that this member knows by that name. */
struct sealed_room *member_room(struct member *m);

void members_run(struct members *t);
void members_wait(struct members *t, int64_t ms);

/* What each was told so far counts as read. */
void members_forget(struct members *t);

/* A test of t, which begins in a fresh folder, scratch_path(state), and with nobody in a room; and one that begins when
 * alice has founded it, bob and carol are in it, all keys are handed over, and what was told so far is forgotten. */
#define MEMBERS_TEST(test, t) cmocka_unit_test_prestate_setup_teardown(test, members_set_up, members_tear_down, t)
#define MEMBERS_TEST_MET(test, t)                                                                                      \
    cmocka_unit_test_prestate_setup_teardown(test, members_set_up_met, members_tear_down, t)

/* For these alone. */
int members_set_up(void **state);
int members_set_up_met(void **state);
int members_tear_down(void **state);

#endif
