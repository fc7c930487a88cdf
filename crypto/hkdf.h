/* SPDX-License-Identifier: MIT */
/* HKDF-SHA-256: from one secret, many keys.
 *
 * Standard:    RFC 5869, sections 2.2 (Extract) and 2.3 (Expand).
 * Use it:      hkdf_extract(prk, salt, salt_len, z, z_len);              a secret of uneven quality becomes a key
 *              hkdf_expand(enc_key, 16, prk, "encrypt", 7);              one key for each purpose, by its info
 *              hkdf_expand(mac_key, 32, prk, "authenticate", 12);
 * Timing:      depends on the lengths alone.
 * Read next:   crypto/hkdf.c; net/key_schedule.h, which derives a connection's secrets.
 */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include <stddef.h>
#include <stdint.h>

#define HKDF_PRK_LEN 32
#define HKDF_INFO_MAX 128 /* bytes: of ours; the standard has no bound */
#define HKDF_OKM_MAX (255 * 32)

/* prk = HMAC(salt, ikm). salt need not be secret; with salt_len 0, where it may be NULL, it is 32 zero bytes (RFC
 * 5869, 2.2). prk may be in ikm. */
void hkdf_extract(uint8_t prk[static HKDF_PRK_LEN], const uint8_t *salt, size_t salt_len, const uint8_t *ikm,
                  size_t ikm_len);

/* okm_len bytes, at most HKDF_OKM_MAX (asserted), bound to info, at most HKDF_INFO_MAX bytes (asserted).
 * okm must not overlap prk or info. */
void hkdf_expand(uint8_t *okm, size_t okm_len, const uint8_t prk[static HKDF_PRK_LEN], const void *info,
                 size_t info_len);

#endif
