/* SPDX-License-Identifier: MIT */
/* Users (users.h) who are in sealed rooms, and the server's rooms between them. The log has these lines as well:
 *
 *      asked +exam by alice            listed +exam 2: alice bob carol        stopped +exam
 *      line +exam bob: hello           ... (marks 2)                          said +exam: hello
 *      unopened +exam bob              unsaid +exam: hello (why)              left out +exam: carol
 *      uninvited +exam bob (why)       complain (why)
 *
 * Use it:      static struct members t;
 *              members_begin(&t, scratch_path(state));
 *              member_found(&t.alice, "+exam"), member_invite(&t.alice, "bob"), members_run(&t);
 *              member_accept(&t.bob), member_say(&t.bob, "hello"), members_run(&t);
 *              members_end(&t);
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

/* Nobody is in a room yet. */
void members_begin(struct members *t, const char *folder);
void members_end(struct members *t);

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

/* alice founds the room; bob and carol are in it, all keys are handed over, and what was told so far is forgotten. */
void members_meet(struct members *t);

/* What each was told so far counts as read. */
void members_forget(struct members *t);

#endif
