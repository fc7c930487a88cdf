/* SPDX-License-Identifier: MIT */
/* A weak twin of ct_equal, as memcmp and everybody's first loop do it. Only the workbench links it.
 *
 * Use it:      if (lab_equal_early(tag, expected, 32)) ...           to see what it tells: glass bench timing
 * Timing:      tells how many bytes at the front are right: a tag can be forged byte by byte, with 256 tries for each
 *              instead of 2^256 for all.
 * Read next:   crypto/ct.h, the strong one.
 */
#ifndef APP_WORKBENCH_LABS_EQUAL_EARLY_H
#define APP_WORKBENCH_LABS_EQUAL_EARLY_H

#include <stddef.h>

/* 1 where the len bytes at a and b are equal, else 0. */
int lab_equal_early(const void *a, const void *b, size_t len);

#endif
