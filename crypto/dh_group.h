/* SPDX-License-Identifier: MIT */
/* The named groups of RFC 7919: a prime of 2,048, 3,072 or 4,096 bits, modulo which the powers of 2 are taken.
 *
 * Standard:    RFC 7919 appendix A.1 to A.3.
 * Use it:      const struct dh_group *g = dh_group(DH_FFDHE3072);
 * Timing:      everything here is public.
 * Read next:   crypto/dh.h, what is done in them.
 */
#ifndef CRYPTO_DH_GROUP_H
#define CRYPTO_DH_GROUP_H

#include <stddef.h>
#include <stdint.h>

/* The numbers are those on the wire. */
enum dh_group_id { DH_FFDHE2048 = 1, DH_FFDHE3072 = 2, DH_FFDHE4096 = 3 };

#define DH_PUBLIC_MAX_LEN 512 /* also the longest Z */
#define DH_PRIVATE_MAX_LEN 48

struct dh_group {
    enum dh_group_id id;
    const char *name; /* "ffdhe2048", ... */
    size_t p_len;     /* bytes of the prime, a public value, a shared secret: 256, 384, 512 */
    size_t x_len;     /* bytes of a private exponent: 32, 40, 48; every bit is random */
    const uint8_t *p; /* the prime, big-endian, p_len bytes; (p-1)/2 is prime too, and 2 generates the squares */
};

/* The group of that number, or of that name; NULL where there is none. Any number may be asked for. */
const struct dh_group *dh_group(int id);
const struct dh_group *dh_group_by_name(const char *name);

#endif
