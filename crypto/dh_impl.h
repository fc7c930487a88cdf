/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman's shared secret with a backend of the caller's choice.
 *
 * Standard:    as crypto/dh.h.
 * Use it:      if (dh_derive_with(impl, z, &pair, peer, peer_len) != 0) refuse;     impl from bignum_impl_by_name
 *              Only for those who ask for a backend by name; everybody else calls dh_derive.
 * Timing:      as crypto/dh.h.
 * Read next:   crypto/bignum_impl.h.
 */
#ifndef CRYPTO_DH_IMPL_H
#define CRYPTO_DH_IMPL_H

#include "crypto/bignum_impl.h"
#include "crypto/dh.h"

/* As dh_derive, the check of the peer's value included; impl is usable. */
MUST_USE int dh_derive_with(const struct bignum_impl *impl, uint8_t *z, const struct dh_key_pair *pair,
                            const uint8_t *peer, size_t peer_len);

#endif
