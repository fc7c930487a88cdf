/* SPDX-License-Identifier: MIT */
/* One thing that the server tells of itself: on its way through DATA/control, and as people read it.
 *
 *      refused 3 ! connections refused: a bound was reached, or descriptors ran out       the first as a line
 *      !          3 connections refused: a bound was reached, or descriptors ran out      and for people
 *
 * Use it:      status_row_encode(line, &row);           if (status_row_decode(&row, line) != 0) ... it is none
 *              status_row_show(&row, print, arg);
 * Timing:      nothing secret: totals, and nobody's name.
 * Read next:   app/server/status.h, which has the rows; status_cli.h, which asks for them.
 */
#ifndef APP_SERVER_OPERATOR_STATUS_ROW_H
#define APP_SERVER_OPERATOR_STATUS_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/bytes.h"

#define STATUS_ROW_KEY_CAP 32
#define STATUS_ROW_WORDS_CAP 160
#define STATUS_ROW_LINE_CAP (STATUS_ROW_KEY_CAP + STATUS_ROW_WORDS_CAP + 32)
#define STATUS_ROW_CAUSE "ended_because" /* the key of all causes of ends: their words tell them apart */

struct status_row {
    char key[STATUS_ROW_KEY_CAP]; /* a-z and _; stays the same in later versions */
    uint64_t n;
    bool unusual;
    char words[STATUS_ROW_WORDS_CAP]; /* what is counted, or the cause */
};

void status_row_encode(char line[static STATUS_ROW_LINE_CAP], const struct status_row *r);

/* -1: that is none, and *r is as it was. line has printable ASCII alone. */
MUST_USE int status_row_decode(struct status_row *r, const char *line);

/* Calls print for each line of it, without line ends, of at most 79 columns, so that a mark before it has room. */
void status_row_show(const struct status_row *r, void (*print)(void *arg, const char *line), void *arg);

#endif
