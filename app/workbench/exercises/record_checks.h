/* SPDX-License-Identifier: MIT */
/* What the two halves of exercise 13 share: sealing (exercise_record.c) and opening (record_opening.c).
 *
 * Use it:      record_draw(c, SUITE_AES128, 5, 1);
 *              size_t len = record_mistakes_right(frame, &record_values.s);
 * Timing:      nothing secret: test values.
 * Read next:   record_mistakes.h.
 */
#ifndef APP_WORKBENCH_EXERCISES_RECORD_CHECKS_H
#define APP_WORKBENCH_EXERCISES_RECORD_CHECKS_H

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/record_mistakes.h"

/* One Record of test values, and the counts before it. The grader asks one thing at a time, and these are large: there
 * is one. */
struct record_values {
    struct sealed s;
    uint32_t records, bytes;
    uint8_t secret[RECORD_SECRET_LEN], iv[16], payload[RECORD_PAYLOAD_MAX];
};
extern struct record_values record_values;

/* Sets record_values to random ones. */
void record_draw(struct checking *c, enum suite suite, size_t payload_len, uint64_t sequence);

/* The arguments secret, suite, sequence, records and bytes, of record_values. */
void record_ask_state(struct checking *c);

/* Asks for record_seal with room for frame_cap bytes. */
void record_ask_seal(struct checking *c, size_t frame_cap);

/* sequence, records and bytes after record_values went through; arg is where the runner wrote them. */
bool record_counts_right(struct checking *c, size_t arg);

/* The checks of record_open, and the calls of it whose timing is looked at. */
void record_check_open(struct checking *c);
void record_check_changed(struct checking *c);
void record_check_order(struct checking *c);
void record_check_forged(struct checking *c);
void record_check_limits(struct checking *c);
void record_open_timing(struct checking *c);

#endif
