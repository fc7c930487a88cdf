/* SPDX-License-Identifier: MIT */
/* How many lines came elsewhere than where one talks, for the prompt: `lobby (exam 3, @bob 1)>`.
 *
 * Use it:      unread_go_to(&u, "lobby");           what came there is read
 *              unread_came(&u, "exam");             a line
 *              unread_print(out, &u);
 * Timing:      not secret.
 * Read next:   screen.c, which counts; line/line.h, which has the prompt.
 *
 * A place is a room, or @ and the user who spoke to this one alone. A place's lines are counted until one goes there,
 * or says something there. Where the names would make the prompt too long, it is `lobby (4 elsewhere)>`.
 */
#ifndef APP_CLIENT_UNREAD_H
#define APP_CLIENT_UNREAD_H

#include <stddef.h>

#include "app/message/name.h"

#define UNREAD_PLACES_MAX 64 /* of more, those where a line came first are forgotten */
#define UNREAD_COLUMNS 40    /* that a prompt with names may have, so that half a row is left to type in */
#define UNREAD_LINES_MAX 9999
#define UNREAD_LEN 80

struct unread_place {
    char name[NAME_MAX_LEN + 2];
    unsigned lines; /* UNREAD_LINES_MAX: that many, or more */
};

/* All zero: nothing came, and one talks nowhere. */
struct unread {
    char here[NAME_MAX_LEN + 2];
    struct unread_place places[UNREAD_PLACES_MAX]; /* in the order in which their first lines came */
    size_t len;
};

/* One talks in that place from now on; empty: nowhere. */
void unread_go_to(struct unread *u, const char *place);

/* A line came there, which counts unless one talks there. */
void unread_came(struct unread *u, const char *place);

/* What came there was read, or is to be told no more. */
void unread_read(struct unread *u, const char *place);

/* Where one talks, and what came elsewhere: for line_prompt. */
void unread_print(char out[static UNREAD_LEN], const struct unread *u);

#endif
