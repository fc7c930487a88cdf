/* SPDX-License-Identifier: MIT */
/* Users with all their calls, and the server between them, in memory: what it relays is one queue, which the test
 * carries over or has its hand in, and the clock is the test's. Everything that a user is told is a line of that user's
 * log:
 *
 *      opened bob (first)          text bob: hello             confirmed bob: hello         unconfirmed bob: hello
 *      unsaid bob: hello (why)     cut bob (why)               refused (line)
 *
 * Use it:      static struct users t;
 *              users_begin(&t, scratch_path(state));
 *              user_say(&t.alice, "bob", "hello");
 *              users_run(&t);                              until nothing moves any more
 *              user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
 *              users_end(&t);
 */
#ifndef TESTS_USERS_H
#define TESTS_USERS_H

#include <stdbool.h>

#include "app/peer/calls.h"
#include "tests/keys.h"

#define USERS_LOG_MAX 4096
#define USERS_LINE_LEN 160
#define USERS_MAX 4

struct users;

/* A relay that the server has, and has not passed on; or what is sealed for a room. */
struct users_frame {
    struct users_frame *next;
    struct user *from, *to;         /* to: NULL, nobody here */
    char to_name[NAME_MAX_LEN + 1]; /* sealed: the room's */
    bool sealed;
    uint8_t call[MESSAGE_CALL_LEN];
    size_t len;
    uint8_t *frame; /* malloc'd, of its very length */
};

struct user {
    struct users *all;
    const char *name;
    const struct identity *identity;
    char home[200];
    struct peers peers;
    struct calls calls;
    struct calls_config config;
    struct rng work_rng;
    bool here;                /* has logged in, and is ready */
    bool slow;                /* computes when users_work says so */
    bool unanswered;          /* the server says nothing about its relays */
    enum message_error error; /* what the server answers: MESSAGE_E_NONE */
    struct call *at_work;     /* slow: what it has begun to compute */
    char log[USERS_LOG_MAX][USERS_LINE_LEN];
    size_t log_len, log_read;
};

struct users {
    struct user alice, bob, carol;
    struct user *each[USERS_MAX]; /* then NULL */
    int64_t now;
    struct users_frame *first, **end;
    size_t relayed; /* how many frames were there so far */
    /* NULL, or what the server does with the oldest frame before passing it on. False: nothing. */
    bool (*meddle)(struct users *t, struct users_frame *f);
    /* For tests/members.c: what else a user does before its calls have their turn, and how what is sealed is passed on;
     * or NULL. */
    void (*go_on)(struct user *u);
    void (*broadcast)(struct users *t, const struct users_frame *f);
};

/* While what is tested runs, and no test does: for whoever has a hand in its memory. Not while it computes. */
extern bool users_inside;

/* Second that certificates are judged in. */
extern uint64_t users_unix_time;

/* alice, bob and carol, ready, each with a folder of their own in that one; group ffdhe2048 and suite 1. */
void users_begin(struct users *t, const char *folder);

/* Everything is forgotten, and the folders stay. */
void users_end(struct users *t);

/* A program begins anew: its calls are forgotten, what it keeps on disk is read. */
void user_restart(struct user *u);

/* The certificate of that name under a key of tests/keys.h, "alice", "bob" or "authority"; kept for ever. */
const struct identity *user_identity(const char *name, enum certificate_role role, const char *key);

void user_say(struct user *u, const char *peer, const char *text);

/* What u has to send goes to the server; what it has to compute is computed, unless it is slow. False: nothing. */
bool user_go(struct user *u);

/* The two halves of what a slow one computes. False: there is nothing. */
bool user_work_begin(struct user *u);
bool user_work_end(struct user *u);

/* What is sealed comes to the server, behind all relays that are there. */
void users_take_sealed(struct users *t, struct user *from, const char *room, const uint8_t *sealed, size_t len);

/* A line for a user's log. */
__attribute__((format(printf, 2, 3))) void user_note(struct user *u, const char *format, ...);

/* Passes a frame on, however often; and a frame of the server's own. */
void users_relay(struct users *t, const struct users_frame *f);
void user_relayed(struct user *u, const char *from, const uint8_t *call, const uint8_t *frame, size_t len);

/* The oldest frame leaves the queue, past `meddle`: it is the caller's to free. NULL: there is none. */
struct users_frame *users_take(struct users *t);
void users_free_frame(struct users_frame *f);

/* Lets everybody go on, and passes on the oldest frame. False: nothing moves any more. */
bool users_turn(struct users *t);
void users_run(struct users *t);

/* Lets alice and bob say something to each other; then nothing is under way, and both have been told all of it. */
void users_talk(struct users *t);

/* The open call with that peer, or NULL. */
const struct call *user_open_call(const struct user *u, const char *peer);

/* Time passes, and all look at it. */
void users_wait(struct users *t, int64_t ms);

/* Fails the test unless these, and NULL, are the lines that u was told since the last time. A line that ends in "(" or
 * a blank is compared up to there. */
void user_expect(struct user *u, ...);

/* How often u was told such a line. */
size_t user_told(const struct user *u, const char *line);

/* How many calls there are of that phase. */
size_t user_calls(const struct user *u, enum call_phase phase);

#endif
