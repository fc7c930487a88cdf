/* SPDX-License-Identifier: MIT */
/* DH: a pair, the check of what a stranger sent, and the shared secret.
 *
 * Standard:    RFC 7919; NIST SP 800-56A rev. 3 sections 5.6.2.3.1 and 5.7.1.1.
 * The contract of each function stands in crypto/dh.h; docs/exercises/12-dh/README.md is its page. */
#include "crypto/dh.h"

#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/rng.h"

void dh_generate(struct dh_key_pair *pair, const struct dh_group *g, struct rng *rng)
{
    /* TODO: x from rng_key, y = 2^x mod p, and the group */
    (void)pair;
    (void)g;
    (void)rng;
}

int dh_pair_from_private(struct dh_key_pair *pair, const struct dh_group *g, const uint8_t *x, size_t x_len)
{
    /* TODO: the length, then whether x is 0, without stopping at the first byte that is not; then the pair */
    (void)pair;
    (void)g;
    (void)x;
    (void)x_len;
    return -1;
}

int dh_check_public(const struct dh_group *g, const uint8_t *y, size_t y_len)
{
    /* TODO: the length, then 1 < y < p - 1, then whether y is a square modulo p */
    (void)g;
    (void)y;
    (void)y_len;
    return -1;
}

int dh_derive(uint8_t *z, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len)
{
    /* TODO: the check; then Z = peer^x mod p, with its leading zeros */
    (void)z;
    (void)pair;
    (void)peer;
    (void)peer_len;
    return -1;
}

void dh_wipe(struct dh_key_pair *pair)
{
    /* TODO: all of it, so that no compiler takes it out */
    (void)pair;
}
