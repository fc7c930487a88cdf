/* SPDX-License-Identifier: MIT */
/* HKDF-SHA-256: from one secret, many keys.
 *
 * Standard:    RFC 5869, sections 2.2 and 2.3.
 * The contract of each function stands in crypto/hkdf.h; docs/exercises/09-hkdf/README.md is its page. */
#include "crypto/hkdf.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/hmac.h"

void hkdf_extract(uint8_t prk[static HKDF_PRK_LEN], const uint8_t *salt, size_t salt_len, const uint8_t *ikm,
                  size_t ikm_len)
{
    /* TODO: one HMAC. Which of the two is its key? */
    (void)salt;
    (void)salt_len;
    (void)ikm;
    (void)ikm_len;
    memset(prk, 0, HKDF_PRK_LEN);
}

void hkdf_expand(uint8_t *okm, size_t okm_len, const uint8_t prk[static HKDF_PRK_LEN], const void *info,
                 size_t info_len)
{
    /* TODO: T(i) = HMAC(PRK, T(i-1) || info || i) in a row, as many as okm_len bytes need; wipe what was secret */
    (void)okm;
    (void)okm_len;
    (void)prk;
    (void)info;
    (void)info_len;
}
