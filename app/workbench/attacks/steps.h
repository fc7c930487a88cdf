/* SPDX-License-Identifier: MIT */
/* What an attack did, step by step: what it sent, what came back, the formula, and what it knows from then on.
 *
 * Standard:    none.
 * Use it:      struct steps s;
 *              steps_init(&s);
 *              steps_unknown(&s, 16);                             sixteen bytes are wanted, none is known
 *              steps_ask(&s, 1, sent, sent_len);  steps_answer(&s, 0, back, back_len);
 *              steps_know(&s, 15, 0x04);
 *              steps_say(&s, "P[15] = D(C)[15] ^ C'[15] = %02x", 0x04);
 *              steps_print(&s, LAB_TWIN, false);
 *              steps_wipe(&s);
 * Timing:      nothing here is secret from whoever runs a lab.
 * Read next:   lab.h, which asks and so records; step_view.h, which goes through them forwards and back.
 *
 * A step that something was said of is shown always; one that is a query and no more only where all are asked for. At
 * most STEPS_MAX are kept: of what comes after, only that it was more.
 */
#ifndef APP_WORKBENCH_ATTACKS_STEPS_H
#define APP_WORKBENCH_ATTACKS_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Against whom. */
enum lab_side { LAB_TWIN, LAB_REAL };

#define STEPS_MAX 32768
#define STEP_BYTES 64  /* that are kept of what was sent and of what came back: of longer ones 48, and the last 16 */
#define STEP_WORDS 400 /* of what was said, with the NUL; a newline begins a row */
#define STEP_KNOWN 64  /* bytes that an attack may be after at a time */

/* Bytes of which STEP_BYTES are kept at most. */
struct step_bytes {
    size_t len; /* how many there were */
    uint8_t kept[STEP_BYTES];
};

struct step {
    enum lab_side side;
    uint64_t query; /* its number; 0 where the attacker asks nobody and works something out */
    struct step_bytes sent, back;
    bool refused; /* what came back is a no */
    char said[STEP_WORDS];
    size_t known_len;
    uint8_t known[STEP_KNOWN];
    bool is_known[STEP_KNOWN];
};

struct steps {
    enum lab_side side; /* of what comes next */
    struct step *step;  /* `count` of them */
    size_t count, room;
    uint64_t lost;              /* that were too many */
    char result[2][STEP_WORDS]; /* for each side, how it ended */
    size_t known_len;           /* what is known now */
    uint8_t known[STEP_KNOWN];
    bool is_known[STEP_KNOWN];
};

void steps_init(struct steps *s);
void steps_wipe(struct steps *s);

/* From here on it is about that side; nothing is known of it. */
void steps_turn_to(struct steps *s, enum lab_side side);

/* Query number n (from 1), and what came of it: back may be NULL where back_len is 0. */
void steps_ask(struct steps *s, uint64_t n, const uint8_t *sent, size_t sent_len);
void steps_answer(struct steps *s, bool refused, const uint8_t *back, size_t back_len);

/* A step without a query, and what it is, printf's way. */
void steps_think(struct steps *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says this of the newest step, which from now on shows what is known now. */
void steps_say(struct steps *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How it ended for the present side, in a sentence. */
void steps_result(struct steps *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* len bytes (at most STEP_KNOWN; asserted) are wanted and unknown; then one is known, then all are. */
void steps_unknown(struct steps *s, size_t len);
void steps_know(struct steps *s, size_t at, uint8_t byte);
void steps_know_all(struct steps *s, const void *bytes, size_t len);

/* Prints a step in lines of less than 80 columns. */
void step_print(const struct step *step);

/* Prints the steps of one side: those that something was said of, or all. What is known is shown where it is not what
 * it was before. */
void steps_print(const struct steps *s, enum lab_side side, bool all);

#endif
