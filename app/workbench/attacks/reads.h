/* SPDX-License-Identifier: MIT */
/* How far a comparison reads, without a clock: the guess is put across the end of a page, behind which nothing may be
 * read. A comparison that stops early never gets there.
 *
 * Standard:    none; POSIX mprotect and SIGSEGV. The trick is as old as TENEX, whose passwords fell to it about 1974:
 *              whether the next page had been brought in told how many characters were right.
 * Use it:      size_t n = reads_count(lab_equal_early, guess, tag, 32);        1 where the first byte is wrong
 * Timing:      that is what it counts.
 * Read next:   lab_compare_timing.c.
 *
 * Exact where a clock needs thousands of calls, and the same on a busy machine. Takes the process's SIGSEGV and SIGBUS
 * while it runs: for one thread.
 */
#ifndef APP_WORKBENCH_ATTACKS_READS_H
#define APP_WORKBENCH_ATTACKS_READS_H

#include <stddef.h>
#include <stdint.h>

#define READS_MAX 64

/* How many of the len bytes of guess `equal` looks at before it has its answer: the number of the last one, from 1. len
 * is at most READS_MAX (asserted). Aborts where the system has no page for it. */
size_t reads_count(int (*equal)(const void *a, const void *b, size_t len), const uint8_t *guess, const uint8_t *right,
                   size_t len);

#endif
