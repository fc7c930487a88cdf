/* SPDX-License-Identifier: MIT */
/* From how many on a batch takes less time than one after the other: measured, as it differs from processor to
 * processor. Where a register of 512 bits is worked through in two halves it is more than where it is not.
 *
 * Standard:    none.
 * Use it:      least = break_even(seal_one, seal_batch, break_even_clock);      once, and kept
 * Timing:      what is measured works on values of its own. The number that comes out may differ from run to run, and
 *              with it which code computes a result; the result never does.
 * Read next:   crypto/pbkdf2_many.c, crypto/etm_many.c, which ask.
 */
#ifndef CRYPTO_BREAK_EVEN_H
#define CRYPTO_BREAK_EVEN_H

#include <stddef.h>
#include <stdint.h>

#define BREAK_EVEN_MAX 16

/* The least n from 2 to BREAK_EVEN_MAX from which on, up to there, batch(n) takes a twentieth less time than n times
 * one(); 0 where even the largest batch doesn't. Each runs several times, and its fastest run counts, so that it does
 * not matter if the machine has something else to do for a moment. now says the time in any unit;
 * one that stands still gives 0. */
size_t break_even(void (*one)(void), void (*batch)(size_t n), uint64_t (*now)(void));

/* The system's steady clock, in nanoseconds. */
uint64_t break_even_clock(void);

#endif
