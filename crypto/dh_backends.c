/* SPDX-License-Identifier: MIT */
/* A file of its own, so that dh.c, which students write anew, knows of no backends. */
#include "crypto/dh_impl.h"

#include "crypto/ct.h"

int dh_derive_with(const struct bignum_impl *impl, uint8_t *z, const struct dh_key_pair *pair, const uint8_t *peer,
                   size_t peer_len)
{
    const struct dh_group *g = pair->group;
    mp_limb_t p[BIGNUM_MAX_LIMBS], y[BIGNUM_MAX_LIMBS], r[BIGNUM_MAX_LIMBS], e[BIGNUM_LIMBS(DH_PRIVATE_MAX_LEN)];
    if (dh_check_public(g, peer, peer_len) != 0)
        return -1;
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(y, peer, peer_len);
    bignum_from_bytes(e, pair->x, g->x_len);
    impl->powm(&(struct bignum_power){r, y, e, p}, 8 * g->x_len, (mp_size_t)BIGNUM_LIMBS(g->p_len));
    bignum_to_bytes(z, g->p_len, r);
    ct_wipe(e, sizeof e);
    ct_wipe(r, sizeof r);
    return 0;
}
