/* SPDX-License-Identifier: MIT */
/* What the two ends of the lab man-in-the-middle say: one line each, over the weak handshake or over the real one.
 *
 *      client   PASSWORD: close the door              PASSWORD: 8 hex digits, which both know and nobody else
 *      server   the door is closed                    to "PASSWORD: open the door": the door is open, and the word ...
 *
 * Standard:    none.
 * Use it:      struct talkers t;
 *              talkers_init(&t, &rng, "the word");
 *              if (talkers_hear(&t, MIDDLE_SERVER, in, in_len, out, &out_len) == 0) ... it says out
 *              middle_begin(&m, talkers_weak, &t, why)  or  middle_begin(&m, talkers_real, &t, why)
 * Timing:      of no interest.
 * Read next:   lab_man_in_the_middle.c.
 */
#ifndef APP_WORKBENCH_ATTACKS_TALKERS_H
#define APP_WORKBENCH_ATTACKS_TALKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/middle.h"
#include "app/workbench/labs/dh_unsigned.h"
#include "net/certificate.h"
#include "net/conn.h"

#define TALKERS_LINE_MAX 80 /* with a NUL */
#define TALKERS_PASSWORD_LEN 8
#define TALKERS_CLOSE ": close the door"
#define TALKERS_OPEN ": open the door"
#define TALKERS_CLOSED "the door is closed"
#define TALKERS_WORD "the door is open, and the word is "

struct talkers {
    struct rng *rng;
    char password[TALKERS_PASSWORD_LEN + 1], secret[LAB_SECRET_MAX + 1];
    struct lab_dh_unsigned weak[2]; /* of either end */
    bool has_keys[2];
    const struct identity *identity; /* the server's, for talkers_real; borrowed */
};

/* rng is kept. identity is NULL. */
void talkers_init(struct talkers *t, struct rng *rng, const char *secret);

/* What an end of the weak handshake says when these bytes come: a public value at first, and then a Record. An end has
 * nothing more to say where *out_len is 0; -1: it hangs up. in_len is at most LAB_QUESTION_MAX. */
MUST_USE int talkers_hear(struct talkers *t, enum middle_end end, const uint8_t *in, size_t in_len,
                          uint8_t out[static LAB_ANSWER_MAX], size_t *out_len);

/* middle_talk, world being a struct talkers. What a client says in the end is what it was told, or why it hung up. */
void talkers_weak(int fd, enum middle_end end, const void *world, char why[static WHY_LEN]);
void talkers_real(int fd, enum middle_end end, const void *world, char why[static WHY_LEN]);

/* The rest is for the one between them, too. */

/* Seals and opens a line of the weak handshake: whoever has the keys. frame has LAB_ANSWER_MAX bytes; the line read has
 * a NUL. */
size_t talkers_seal(struct record *r, struct rng *rng, uint8_t *frame, const char *line);
MUST_USE int talkers_open(struct record *r, char line[static TALKERS_LINE_MAX], const uint8_t *frame, size_t frame_len);

/* Drives a connection to the next event that is SESSION_ESTABLISHED, _MESSAGE, _CLOSED or _FAILED; the first call
 * starts it. pin is the fingerprint that the server must have, NULL for a server, which asks nobody. why gets the
 * reason where it fails. */
enum session_event talkers_drive(struct conn *c, bool starts, struct rng *rng, const uint8_t *pin,
                                 struct session_message *msg, char why[static WHY_LEN]);

#endif
