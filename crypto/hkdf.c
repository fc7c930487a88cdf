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
    assert(okm_len <= HKDF_OKM_MAX);
    struct hmac_key key;
    uint8_t T[HMAC_TAG_LEN];
    hmac_key_init(&key, prk, HKDF_PRK_LEN);
    for (uint8_t i = 1; okm_len > 0; i++) {
        struct hmac h;
        hmac_init(&h, &key);
        if (i > 1)
            hmac_update(&h, T, sizeof T);
        hmac_update(&h, info, info_len);
        hmac_update(&h, &i, 1);
        hmac_final(&h, T);
        size_t take = okm_len < sizeof T ? okm_len : sizeof T;
        memcpy(okm, T, take);
        okm += take;
        okm_len -= take;
    }
    hmac_key_wipe(&key);
    ct_wipe(T, sizeof T);
}
