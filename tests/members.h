/* SPDX-License-Identifier: MIT */
/* Users (users.h) who are in sealed rooms, and the server's rooms between them. The log has these lines as well:
 *
 *      asked +exam by alice            listed +exam 2: alice bob carol        stopped +exam
 *      line +exam bob: hello           ... (marks 2)                          said +exam: hello
 *      unopened +exam bob              unsaid +exam: hello (why)              left out +exam: carol
 *      uninvited +exam bob (why)       complain (why)                         name taken +exam by carol
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
#define USER(member) ((member)->user)

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
    struct member *each[4];   /* then NULL */
    uint64_t time;            /* the server's */
    const struct user *apart; /* whom the server keeps relays from */
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

/* The founder signs its next list, whoever it has reached: with that peer under that key, or without, where fingerprint
 * is NULL; and one of the same members, of which all hear. */
void member_sign(struct member *m, const char *peer, const uint8_t *fingerprint);
void member_sign_another(struct member *m);

/* A program that does nothing about what it is given in calls, until it begins anew. */
void member_pass_over(struct member *m);

/* The room that this member knows by that name, what it knows there of another, and how many rooms are known. */
struct sealed_room *member_room(struct member *m);
struct sealed_other *member_other(struct member *m, const char *name);
size_t members_count_rooms(const struct sealed_rooms *rs);

/* The server, until t.users.meddle is NULL again, relays nothing to this member, or nothing of its own either; what is
 * sealed it passes on. */
void member_withhold(struct member *m);
void member_cut_off(struct member *m);

/* The member says that, and the server keeps it: for users_relay, and users_free_frame. */
struct users_frame *member_steal(struct member *m, const char *text);

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
