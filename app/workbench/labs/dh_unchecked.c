/* SPDX-License-Identifier: MIT */
/* What is missing is one line at the top: if (dh_check_public(group, peer, peer_len) != 0) return -1; */
#include "app/workbench/labs/dh_unchecked.h"

#include "crypto/bignum.h"

void lab_dh_unchecked(uint8_t *z, const struct dh_group *group, const uint8_t *x, const uint8_t *peer)
{
    mp_limb_t p[BIGNUM_MAX_LIMBS], e[BIGNUM_LIMBS(DH_PRIVATE_MAX_LEN)], y[BIGNUM_MAX_LIMBS], r[BIGNUM_MAX_LIMBS];
    mp_size_t n = (mp_size_t)BIGNUM_LIMBS(group->p_len);
    bignum_from_bytes(p, group->p, group->p_len);
    bignum_from_bytes(e, x, group->x_len);
    bignum_from_bytes(y, peer, group->p_len);
    bignum_powm(r, y, n, e, 8 * group->x_len, p, n);
    bignum_to_bytes(z, group->p_len, r);
}
