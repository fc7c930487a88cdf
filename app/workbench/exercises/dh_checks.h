/* SPDX-License-Identifier: MIT */
/* What the two halves of exercise 12 share: powers (exercise_dh.c) and the peer's public value (dh_public_value.c).
 *
 * Use it:      for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++) dh_draw_pair(c, &pair, dh_group(id));
 * Timing:      nothing secret: test values.
 * Read next:   dh_numbers.h.
 */
#ifndef APP_WORKBENCH_EXERCISES_DH_CHECKS_H
#define APP_WORKBENCH_EXERCISES_DH_CHECKS_H

#include "app/workbench/check/expect.h"
#include "crypto/dh.h"

enum { DH_FIRST_GROUP = DH_FFDHE2048, DH_LAST_GROUP = DH_FFDHE4096 };

/* A pair from x_len random bytes, of which the first is not 0. */
void dh_draw_pair(struct checking *c, struct dh_key_pair *pair, const struct dh_group *g);

/* Asks dh_check_public for a value of y_len bytes. */
bool dh_ask_check(struct checking *c, const struct dh_group *g, const uint8_t *y, size_t y_len);

/* y = p - y: no square where y is one, as p is 3 modulo 4. */
void dh_negate(uint8_t *y, const struct dh_group *g);

/* The checks of dh_check_public. */
void dh_check_range(struct checking *c);
void dh_check_subgroup(struct checking *c);

#endif
