/* SPDX-License-Identifier: MIT */
/* One batch of encrypt-then-MAC, for its tests and the workbench: with a backend of their choice and any number in it.
 *
 * Standard:    as crypto/etm.h.
 * Use it:      etm_seal_batch(&sha256_many_portable, one, 3, ad_len, padded, blocks);
 * Timing:      as crypto/etm_many.h.
 * Read next:   crypto/etm_many.c.
 */
#ifndef CRYPTO_ETM_MANY_IMPL_H
#define CRYPTO_ETM_MANY_IMPL_H

#include "crypto/etm_many.h"
#include "crypto/sha256_many_impl.h"

/* As etm_seal_many, for 1 to SHA256_MANY_MAX (asserted) in one batch on a usable backend; ad_len is at most 48
 * (asserted). */
void etm_seal_batch(const struct sha256_many_impl *impl, const struct etm_one one[], size_t n, size_t ad_len,
                    const uint8_t *in, size_t blocks);

#endif
