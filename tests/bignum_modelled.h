/* SPDX-License-Identifier: MIT */
/* The backend bignum_ifma with its instructions in plain C: it runs on every x86 processor, some fifty times slower.
 *
 * Use it:      bignum_modelled.powm(&power, 64, 32);
 * Read next:   tests/ifma_model.h.
 */
#ifndef TESTS_BIGNUM_MODELLED_H
#define TESTS_BIGNUM_MODELLED_H

#include "crypto/bignum_impl.h"
#include "crypto/cpu.h"

#if CPU_X86_BACKENDS
extern const struct bignum_impl bignum_modelled;
#endif

#endif
