/* SPDX-License-Identifier: MIT */
/* Two users who call each other through a server, in one process: what the labs about direct messages have in common.
 *
 *      alice  --frame-->  s.relay: the server  --frame-->  bob
 *
 * Standard:    docs/protocol.md section 8; a call is that of app/peer/call.h.
 * Use it:      scene_begin(&s, rng);                                 alice and bob, and nothing between them
 *              scene_call(&s);  scene_say(&s, SCENE_ALICE, "hello");
 *              s.relay = hook;                                       it has each frame, and may scene_deliver it
 *              s.end[SCENE_BOB].last                                 is on his screen
 *              scene_end_all(&s);
 * Timing:      of no interest. Keys are made once in a process, which takes seconds.
 * Read next:   lab_call_replay.c, a whole lab.
 *
 * An end is one side of a call. Where somebody is in between there are four: alice and who plays bob to her, who plays
 * alice to bob and bob.
 */
#ifndef APP_WORKBENCH_ATTACKS_SCENE_H
#define APP_WORKBENCH_ATTACKS_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/message.h"
#include "app/peer/call.h"
#include "app/peer/safety.h"
#include "crypto/rng.h"
#include "net/certificate.h"

#define SCENE_TEXT_MAX 80
#define SCENE_FRAMES_MAX 32

enum { SCENE_ALICE, SCENE_BOB, SCENE_AS_BOB, SCENE_AS_ALICE, SCENE_ENDS };

struct scene_end {
    const char *name;
    int to; /* the end that it calls, or that calls it */
    struct identity identity;
    struct call *call;
    unsigned shown, confirmed;
    char last[SCENE_TEXT_MAX]; /* what was shown last */
    bool failed;
    uint8_t peer[CERTIFICATE_FINGERPRINT_LEN]; /* of the key that it was shown */
};

struct scene_frame {
    int from;
    size_t len;
    uint8_t bytes[MESSAGE_FRAME_MAX];
};

struct scene {
    struct rng *rng;
    int64_t now;
    struct scene_end end[SCENE_ENDS];
    struct scene_frame frame[SCENE_FRAMES_MAX]; /* on their way, a ring */
    size_t first, count;
    void (*relay)(struct scene *s, const struct scene_frame *f); /* the server */
    void (*heard)(struct scene *s, int end, const char *text);   /* NULL: nobody does anything about it */
    void *arg;
};

/* rng is kept. Everything is delivered, and no call made. */
void scene_begin(struct scene *s, struct rng *rng);

/* Mallory takes her place between the two, from the next call on. */
void scene_part(struct scene *s);

/* Calls are made, and open where nobody prevents it. */
void scene_call(struct scene *s);

/* Says it, and all that follows happens. text is shorter than SCENE_TEXT_MAX. */
void scene_say(struct scene *s, int from, const char *text);

/* Somebody gets a frame, whole. */
void scene_deliver(struct scene *s, int to, const uint8_t *frame, size_t len);

/* What follows from it. */
void scene_run(struct scene *s);

/* The safety number that is on that end's screen. */
void scene_number(const struct scene *s, int end, char number[static SAFETY_LEN]);

void scene_end_all(struct scene *s);

#endif
