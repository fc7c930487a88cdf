/* SPDX-License-Identifier: MIT */
/* UNROLL: the loop that follows, of a constant number of turns, 16 at most, becomes straight code.
 *
 * Use it:      UNROLL
 *              for (size_t i = 0; i < LANES; i++)
 *                  b[i] = aes_ni_load(in, i);
 * Read next:   etm_ni.c, aes_ni.c.
 *
 * Only then do the arrays that the loop runs over stay in registers, and only then can two chains of instructions that
 * don't depend on each other be mixed: a branch between them, and each that the processor guesses wrong, holds up both.
 * gcc and clang each pass over the other's pragma without a word. clang complains where it can't do as told.
 */
#ifndef CRYPTO_UNROLL_H
#define CRYPTO_UNROLL_H

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#endif
