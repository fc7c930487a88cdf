/* SPDX-License-Identifier: MIT */
/* The backends of big numbers that a test can go through here: those that this processor can run, and the one on the
 * IFMA instructions with these in plain C, which every x86 processor can.
 *
 * Use it:      for (size_t i = 0; i < bignum_backends(); i++)
 *                  bignum_backend(i)->powm(...);
 * Read next:   tests/bignum_modelled.h.
 */
#ifndef TESTS_BIGNUM_BACKENDS_H
#define TESTS_BIGNUM_BACKENDS_H

#include "crypto/bignum_impl.h"

size_t bignum_backends(void);
const struct bignum_impl *bignum_backend(size_t i);

#endif
