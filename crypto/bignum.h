/* SPDX-License-Identifier: MIT */
/* Big numbers that are secret: GMP's constant-time functions, on numbers whose length never depends on their value.
 *
 *      a number is an array of n limbs (machine words), the least significant first: 48 limbs of 64 bits, or 96 of 32,
 *      for the 384 bytes of an RSA-3072 modulus; leading zero limbs are kept like any others
 *
 * Standard:    none; the GMP manual, "Low-level Functions for cryptography" (mpn_sec_*).
 * Use it:      mp_limb_t p[BIGNUM_LIMBS(256)], ...;
 *              bignum_from_bytes(p, p_bytes, 256);
 *              bignum_powm(r, y, BIGNUM_LIMBS(256), x, 256, p, BIGNUM_LIMBS(256));
 *              bignum_to_bytes(z, 256, r);
 *              ct_wipe(x, sizeof x) and whatever else was secret: the caller's arrays are the caller's to wipe
 * Timing:      depends on lengths alone, never on what the numbers are, but for what has public in its name and for
 *              bignum_powm_e's exponent. Scratch memory is on the stack and wiped, and none of it comes from GMP's
 *              allocator. GMP's own assembly may leave a few limbs in registers and dead stack slots, out of our reach.
 *              One thing about a modulus does show in the cache: GMP looks up a small table by its lowest byte, and
 *              another by its topmost bits, to begin the inverses that it reduces with. For DH's primes that is public;
 *              of an RSA prime it is about four bits.
 * Read next:   crypto/dh.c, its simplest use; crypto/bignum_impl.h, its backends. This header, dh.c, ring.c and rsa.c
 *              are all that know of GMP, with the labs that attack them (app/workbench/attacks) and the exercise on DH
 *              (its dh_numbers.c).
 */
#ifndef CRYPTO_BIGNUM_H
#define CRYPTO_BIGNUM_H

#include <gmp.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

_Static_assert(GMP_NAIL_BITS == 0, "limbs with unused bits are not provided for");

#define BIGNUM_LIMB_LEN (GMP_NUMB_BITS / 8)
/* The limbs of a number of len bytes. Every length in use is a whole number of limbs, of 32 bits and of 64. */
#define BIGNUM_LIMBS(len) ((len) / BIGNUM_LIMB_LEN)
#define BIGNUM_MAX_LEN 512
#define BIGNUM_MAX_LIMBS BIGNUM_LIMBS(BIGNUM_MAX_LEN)
#define BIGNUM_MOD_MAX_LIMBS (2 * BIGNUM_MAX_LIMBS + 1) /* a product of two, and a limb */

/* Big-endian bytes to BIGNUM_LIMBS(len) limbs and back. len is a multiple of BIGNUM_LIMB_LEN (asserted). */
void bignum_from_bytes(mp_limb_t *r, const uint8_t *in, size_t in_len);
void bignum_to_bytes(uint8_t *out, size_t out_len, const mp_limb_t *a);

/* r = base^e mod m. m is odd, its top limb is not 0, n limbs; e is what the lowest e_bits bits at e say, and so many
 * bits are worked through whatever they are; base has base_n limbs and may be more than m. r must not overlap m, e or
 * base. At most BIGNUM_MAX_LIMBS, and asserted to fit the scratch memory, which it does for every use in here. */
void bignum_powm(mp_limb_t *r, const mp_limb_t *base, mp_size_t base_n, const mp_limb_t *e, size_t e_bits,
                 const mp_limb_t *m, mp_size_t n);

/* r = base^e mod m for an exponent that everybody knows, odd and at least 3: no bit of e is hidden, which saves a
 * window's table and its products. base has n limbs; m is odd, its top limb is not 0. r may be base. */
void bignum_powm_e(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n);

/* The same where base is known to everybody as well: faster, and not in constant time. */
void bignum_powm_public(mp_limb_t *r, const mp_limb_t *base, unsigned e, const mp_limb_t *m, mp_size_t n);

/* r = a mod m, for a of a_n >= n limbs and at most BIGNUM_MOD_MAX_LIMBS. m's top limb is not 0. r may be a. */
void bignum_mod(mp_limb_t *r, const mp_limb_t *a, mp_size_t a_n, const mp_limb_t *m, mp_size_t n);

/* r = a b mod m. r may be a or b. */
void bignum_mulm(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m, mp_size_t n);

/* r = a - b mod m, for a and b below m. r may be a or b. */
void bignum_subm(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m, mp_size_t n);

/* r = a b, 2n limbs, which must not overlap a or b. */
void bignum_mul(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, mp_size_t n);

/* Montgomery's product, r = a b / B^n mod m, B being 2 to the bits of a limb: a product without a division. a and b are
 * below m, m is odd, minus_inverse is -m^-1 mod B. r may be a or b. */
void bignum_montgomery(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, const mp_limb_t *m,
                       mp_limb_t minus_inverse, mp_size_t n);

/* -m^-1 mod B for the lowest limb of an odd m. Newton's iteration: x m = 1 mod 2^k gives x (2 - m x) the same mod
 * 2^2k, and m is its own inverse mod 8. */
static inline mp_limb_t bignum_minus_inverse(mp_limb_t m)
{
    mp_limb_t x = m;
    for (unsigned bits = 3; bits < GMP_NUMB_BITS; bits *= 2)
        x *= 2 - m * x;
    return 0 - x;
}

/* 1 where a < b, else 0; in constant time. */
int bignum_less(const mp_limb_t *a, const mp_limb_t *b, mp_size_t n);

/* r = a^-1 mod m; -1 where there is none. Not in constant time: a must tell nothing (see blind in rsa.c). */
MUST_USE int bignum_invert_public(mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *m, mp_size_t n);

/* Makes GMP's allocator wipe what it frees. Whoever is about to use an mpz_t calls this first; it acts once, whichever
 * thread comes first. Small temporaries of the mpz functions are on the stack and are not wiped: the reason why nothing
 * but the making of RSA keys handles secrets with them. */
void bignum_setup(void);

#endif
