/* SPDX-License-Identifier: MIT */
/* The backend's own source, once more: only the names of the instructions mean functions here, and the question whether
 * the processor has them is answered. */
#include "tests/bignum_modelled.h"

#if CPU_X86_BACKENDS

#define IFMA_MODEL_NAMES
#include "tests/ifma_model.h"

#define cpu_features() CPU_IFMA
#define bignum_ifma bignum_modelled

#include "crypto/bignum_ifma.c"

#endif
