/* SPDX-License-Identifier: MIT */
/* One batch of PBKDF2, for its tests and the workbench: with a backend of their choice and any number in it.
 *
 * Standard:    as crypto/pbkdf2.h.
 * Use it:      pbkdf2_derive_batch(&sha256_many_portable, one, 3, 0);
 * Timing:      as crypto/pbkdf2_many.h.
 * Read next:   crypto/pbkdf2_many.c.
 */
#ifndef CRYPTO_PBKDF2_MANY_IMPL_H
#define CRYPTO_PBKDF2_MANY_IMPL_H

#include "crypto/pbkdf2_many.h"
#include "crypto/sha256_many_impl.h"

/* Whether pbkdf2_derive_many may choose a batch at all on this processor. Two lanes would be faster than one, if not
 * twice as fast; but a batch is one thread's, and with as many threads as lanes one after the other is faster. */
bool pbkdf2_many_worthwhile(void);

/* As pbkdf2_derive_many, for 1 to SHA256_MANY_MAX (asserted) in one batch on a usable backend. */
void pbkdf2_derive_batch(const struct sha256_many_impl *impl, const struct pbkdf2_one one[], size_t n, uint32_t least);

#endif
