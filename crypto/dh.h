/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman in the named groups of RFC 7919: two strangers agree on a secret over a wire that everyone reads.
 *
 *      public value   [p_len] y = 2^x mod p, big-endian, padded on the left with zeros to the prime's length
 *      shared secret  [p_len] Z = (the peer's y)^x mod p, the same; its leading zeros stay
 *
 * Standard:    NIST SP 800-56A rev. 3 section 5.7.1.1 (Z) and 5.6.2.3.1 (checks).
 * Use it:      struct dh_key_pair pair;
 *              dh_generate(&pair, dh_group(DH_FFDHE3072), &rng);
 *              ... send pair.y, pair.group->p_len bytes; receive the peer's ...
 *              if (dh_derive(z, &pair, peer, peer_len) != 0) refuse;
 *              dh_wipe(&pair);
 * Timing:      x and Z are secret: their exponentiations take the same steps and touch the same memory whatever the
 *              values are. Public values, and whether a peer's was refused, may leak.
 * Read next:   crypto/dh_group.h, the primes; crypto/bignum.h, what stands between this and GMP; net/handshake.h, which
 *              turns Z into keys.
 */
#ifndef CRYPTO_DH_H
#define CRYPTO_DH_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/dh_group.h"

struct rng;

struct dh_key_pair {
    const struct dh_group *group;
    uint8_t x[DH_PRIVATE_MAX_LEN]; /* secret: group->x_len bytes, big-endian */
    uint8_t y[DH_PUBLIC_MAX_LEN];  /* public: group->p_len bytes, big-endian */
};

/* Makes a fresh pair: x from rng_key, y = 2^x. Use it for one exchange and wipe it. */
void dh_generate(struct dh_key_pair *pair, const struct dh_group *g, struct rng *rng);

/* Makes the pair of a known private exponent, for known answers. -1 unless x_len is the group's and x > 0. */
MUST_USE int dh_pair_from_private(struct dh_key_pair *pair, const struct dh_group *g, const uint8_t *x, size_t x_len);

/* Checks a value that came from a stranger: exactly p_len bytes, 1 < y < p-1, and a square modulo p, so that it lies in
 * the group that 2 generates and no small subgroup. 0 or -1; cheap checks first, no exponentiation at all. */
MUST_USE int dh_check_public(const struct dh_group *g, const uint8_t *y, size_t y_len);

/* Computes the shared secret, after dh_check_public on the peer's value: -1 where that refuses it, and z is untouched.
 * z gets pair->group->p_len bytes. */
MUST_USE int dh_derive(uint8_t *z, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len);

void dh_wipe(struct dh_key_pair *pair);

#endif
