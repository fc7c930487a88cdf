/* SPDX-License-Identifier: MIT */
/* Extract is one HMAC. Expand is a chain of them, T(i) = HMAC(PRK, T(i-1) || info || i), written in a row. */
#include "crypto/hkdf.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/hmac.h"

void hkdf_extract(uint8_t prk[static HKDF_PRK_LEN], const uint8_t *salt, size_t salt_len, const uint8_t *ikm,
                  size_t ikm_len)
{
    hmac_tag(prk, salt, salt_len, ikm, ikm_len); /* no salt is the same key as zeros: HMAC pads with them */
}

void hkdf_expand(uint8_t *okm, size_t okm_len, const uint8_t prk[static HKDF_PRK_LEN], const void *info,
                 size_t info_len)
{
    assert(okm_len <= HKDF_OKM_MAX && info_len <= HKDF_INFO_MAX);
    uint8_t message[HMAC_TAG_LEN + HKDF_INFO_MAX + 1], *T = message, *rest = message + HMAC_TAG_LEN;
    struct hmac_key key;
    if (info_len > 0)
        memcpy(rest, info, info_len);
    hmac_key_init(&key, prk, HKDF_PRK_LEN);
    for (uint8_t i = 1; okm_len > 0; i++) {
        rest[info_len] = i;
        const uint8_t *start = i == 1 ? rest : T; /* T(0) is empty */
        hmac_message(T, &key, start, (size_t)(rest + info_len + 1 - start));
        size_t take = okm_len < HMAC_TAG_LEN ? okm_len : HMAC_TAG_LEN;
        memcpy(okm, T, take);
        okm += take;
        okm_len -= take;
    }
    hmac_key_wipe(&key);
    ct_wipe(message, sizeof message);
}
