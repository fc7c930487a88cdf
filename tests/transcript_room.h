/* SPDX-License-Identifier: MIT */
/* A made-up sealed room of alice, who founded it, bob and carol, and what one of its members keeps of it.
 *
 * Use it:      struct transcript_room r;
 *              transcript_room_begin(&r);                     alice founds +ring, alone
 *              transcript_room_list(&r, "alice bob");         the next list
 *              transcript_room_say(&r, "bob", "hello");       said, and kept
 *              transcript_free(&r.t);
 */
#ifndef TESTS_TRANSCRIPT_ROOM_H
#define TESTS_TRANSCRIPT_ROOM_H

#include <stdbool.h>

#include "app/peer/transcript.h"

struct transcript_room_member {
    char name[NAME_MAX_LEN + 1];
    struct identity id;
    struct sealed_statement next; /* what the next line of this member's begins with */
};

struct transcript_room {
    struct rng rng;
    struct transcript_room_member member[3];
    struct room_list list; /* the newest */
    uint8_t said[SHA256_DIGEST_LEN];
    const struct transcript_room_member *by; /* who said that last */
    bool is_unsigned;                        /* statements get no signature: it takes time */
    struct transcript t;
};

void transcript_room_begin(struct transcript_room *r);
struct transcript_room_member *transcript_room_member(struct transcript_room *r, const char *name);

/* Signs the list after the newest, which it is then; the names are in order, with a blank between two. What is kept
 * does not have it yet. */
void transcript_room_next_list(struct transcript_room *r, const char *names);

/* The same, and kept. */
void transcript_room_list(struct transcript_room *r, const char *names);

/* A line under the newest list that all have seen: as it is signed, and kept or not. */
struct sealed_statement transcript_room_said(struct transcript_room *r, const char *name, const char *text);
void transcript_room_keep(struct transcript_room *r, const struct sealed_statement *s);
void transcript_room_say(struct transcript_room *r, const char *name, const char *text);

/* Signs it anew, with that member's key. */
void transcript_room_sign(struct transcript_room *r, struct sealed_statement *s, const char *name);

/* The text of a file. */
char *transcript_room_text(const struct transcript_room *r, size_t *len);

#endif
