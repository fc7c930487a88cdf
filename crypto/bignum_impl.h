/* SPDX-License-Identifier: MIT */
/* The backends of the powers that Diffie-Hellman and RSA are made of: GMP, which is always picked, and one on the
 * IFMA instructions, for whoever asks for it by name.
 *
 * Standard:    none.
 * Use it:      const struct bignum_impl *impl = bignum_impl_by_name("ifma");
 *              if (impl != NULL && impl->usable())
 *                  bad = dh_derive_with(impl, z, &pair, peer, peer_len);
 *              Everybody else calls crypto/dh.h and crypto/rsa.h without it.
 * Timing:      as crypto/bignum.h: depends on lengths alone, but for powm_e's exponent and for powm_public.
 * Read next:   crypto/bignum_gmp.c, the plain one; crypto/bignum_ifma.c, how it is done without GMP.
 */
#ifndef CRYPTO_BIGNUM_IMPL_H
#define CRYPTO_BIGNUM_IMPL_H

#include <stdbool.h>

#include "crypto/bignum.h"

/* r = base^e mod m. base, m and r have n limbs; base may be more than m; m is odd, and its top bit is set. r overlaps
 * none of the others. */
struct bignum_power {
    mp_limb_t *r;
    const mp_limb_t *base, *e, *m;
};

struct bignum_impl {
    const char *name;

    /* Whether this processor can run it. */
    bool (*usable)(void);

    /* One power, of BIGNUM_LIMBS(256), (384) or (512); e is what e_bits bits at e say, a whole number of limbs, and so
     * many bits are worked through whatever they are. */
    void (*powm)(const struct bignum_power *p, size_t e_bits, mp_size_t n);

    /* Two that have nothing to do with each other, of BIGNUM_LIMBS(192): the halves of an RSA signature. */
    void (*powm_two)(const struct bignum_power p[2], size_t e_bits, mp_size_t n);

    /* As bignum_powm_e and bignum_powm_public, of BIGNUM_LIMBS(384), with an m whose top bit is set. */
    void (*powm_e)(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n);
    void (*powm_public)(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n);
};

/* All of them: first the one that is picked, and NULL after the last. */
extern const struct bignum_impl *const bignum_impls[];

extern const struct bignum_impl bignum_gmp, bignum_ifma;

/* The backend of that name, usable or not; NULL where there is none. */
const struct bignum_impl *bignum_impl_by_name(const char *name);

#endif
