/* SPDX-License-Identifier: MIT */
/* What a treacherous server does with what it has in its hands, one thing at a time, by name.
 *
 * Standard:    none: docs/protocol.md sections 8 and 9 say what must come of each.
 * Use it:      struct misdeeds d;
 *              misdeeds_begin(&d, &t);
 *              if (misdeeds_choose(&d, "flip 3 40") != 0) ...          there is none of that name
 *              misdeeds_end(&d);
 * Timing:      of no interest.
 * Read next:   misdeeds.c, the table; treacherous.h, below; impostor.h, beside.
 *
 * Frames are counted from 0 when a misdeed is chosen, all that are relayed, whoever sends them. All that was relayed is
 * kept, up to MISDEED_KEPT_MAX, so that it can be sent again. So is what was sealed. Where a misdeed in a sealed room
 * takes a user, it takes several, too, with commas and no spaces between, or * for everybody.
 */
#ifndef APP_WORKBENCH_LABS_MISDEED_H
#define APP_WORKBENCH_LABS_MISDEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/peer/sealed.h"
#include "app/workbench/labs/impostor.h"
#include "app/workbench/labs/treacherous.h"

#define MISDEED_KEPT_MAX 4096
#define MISDEED_WORDS 2
#define MISDEED_WORD_LEN 33 /* with its NUL */

struct misdeed_frame {
    struct misdeed_frame *next;
    char from[NAME_MAX_LEN + 1], to[NAME_MAX_LEN + 1];
    uint8_t call[MESSAGE_CALL_LEN];
    bool ended; /* both sides were told that there is no such call */
    size_t len;
    uint8_t bytes[];
};

struct misdeed_frames {
    struct misdeed_frame *first, **end;
    size_t len;
};

/* What was sealed in a room, as the server stamped it for one user. */
struct misdeed_sealed {
    struct misdeed_sealed *next;
    char room[NAME_MAX_LEN + 1], from[NAME_MAX_LEN + 1], to[NAME_MAX_LEN + 1];
    uint64_t time;
    size_t len;
    uint8_t bytes[SEALED_MAX];
};

struct misdeed_lines {
    struct misdeed_sealed *first, **end;
    size_t len;
};

struct misdeed;

struct misdeeds {
    struct treacherous *t;
    const struct misdeed *chosen;
    char word[MISDEED_WORDS][MISDEED_WORD_LEN]; /* what stands behind its name */
    uint64_t count;                             /* of the frame that is looked at */
    struct misdeed_frames kept, held;
    struct misdeed_lines kept_lines, held_lines;
    struct rsa_private key; /* Mallory's: another one each time that she needs one */
    struct impostor impostor;
};

struct misdeed {
    const char *name, *words, *what;
    void (*begin)(struct misdeeds *d); /* or NULL */
    /* What is relayed, said or sealed, and who is there (presence, members), on its way to that user: true: it goes on.
     * NULL: all go on. */
    bool (*on)(struct misdeeds *d, const char *to, const struct message *m);
};

/* The table; a row without a name ends it. */
extern const struct misdeed misdeed_all[];

/* Takes the treacherous server's hook. */
void misdeeds_begin(struct misdeeds *d, struct treacherous *t);

/* By its name and the words behind it; "none" is one. -1: there is none of that name. */
MUST_USE int misdeeds_choose(struct misdeeds *d, const char *line);

void misdeeds_end(struct misdeeds *d);

/* --- For misdeeds ------------------------------------------------------------------------------------------------- */

void misdeed_keep(struct misdeed_frames *frames, const char *to, const struct message *m);

/* Hands a frame over as it was, or under another number. */
void misdeed_repeat(struct misdeeds *d, const struct misdeed_frame *f, const uint8_t *call);

/* The number of a call that belongs to this one: the other way round it gives that back. */
void misdeed_other_number(uint8_t out[static MESSAGE_CALL_LEN], const uint8_t call[static MESSAGE_CALL_LEN]);

/* On frames, misdeed_frames.c. */
bool misdeed_flip(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_truncate(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_drop(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_cut(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_replay(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_reorder(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_withhold(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_hold(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_release(struct misdeeds *d);
bool misdeed_forge(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_turn_back(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_other_call(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_bad_value(struct misdeeds *d, const char *to, const struct message *m);

/* On calls, misdeed_calls.c. */
void misdeed_swap_begin(struct misdeeds *d);
bool misdeed_swap(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_rename(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_reroute(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_reflect(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_kind_1(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_replay_hello(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_replay_call(struct misdeeds *d);
bool misdeed_deny(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_end(struct misdeeds *d);
void misdeed_flood(struct misdeeds *d);

/* On sealed rooms, misdeed_rooms.c. */
void misdeed_lines_init(struct misdeed_lines *lines);
void misdeed_lines_free(struct misdeed_lines *lines);
void misdeed_keep_line(struct misdeed_lines *lines, const char *to, const struct message *m);
bool misdeed_apart(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_apart_all(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_withhold_line(struct misdeeds *d, const char *to, const struct message *m);
bool misdeed_hold_line(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_release_lines(struct misdeeds *d);
bool misdeed_stamp_line(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_say_again(struct misdeeds *d);
bool misdeed_spoil_line(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_put_in_begin(struct misdeeds *d);
bool misdeed_put_in(struct misdeeds *d, const char *to, const struct message *m);
void misdeed_hide_begin(struct misdeeds *d);
bool misdeed_hide(struct misdeeds *d, const char *to, const struct message *m);

#endif
