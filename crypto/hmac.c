/* SPDX-License-Identifier: MIT */
/* The key is a whole block in front of both hashes, so what SHA-256 makes of that block is computed once for the key:
 * each message then costs two blocks less. */
#include "crypto/hmac.h"

#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

void hmac_key_init(struct hmac_key *k, const uint8_t *key, size_t key_len)
{
    uint8_t K0[SHA256_BLOCK_LEN] = {0}, ipad[SHA256_BLOCK_LEN], opad[SHA256_BLOCK_LEN];
    if (key_len > sizeof K0)
        sha256_digest(K0, key, key_len);
    else if (key_len > 0)
        memcpy(K0, key, key_len);
    for (size_t i = 0; i < sizeof K0; i++) {
        ipad[i] = K0[i] ^ 0x36;
        opad[i] = K0[i] ^ 0x5c;
    }
    const struct sha256_impl *impl = sha256_fastest();
    memcpy(k->inner, sha256_H0, sizeof k->inner);
    memcpy(k->outer, sha256_H0, sizeof k->outer);
    sha256_compress_two(impl, k->inner, ipad, k->outer, opad);
    ct_wipe(K0, sizeof K0);
    ct_wipe(ipad, sizeof ipad);
    ct_wipe(opad, sizeof opad);
}

void hmac_key_wipe(struct hmac_key *k)
{
    ct_wipe(k, sizeof *k);
}

void hmac_init(struct hmac *h, const struct hmac_key *k)
{
    sha256_resume(&h->hash, k->inner, SHA256_BLOCK_LEN);
    memcpy(h->outer, k->outer, sizeof h->outer);
}

void hmac_update(struct hmac *h, const void *data, size_t len)
{
    sha256_update(&h->hash, data, len);
}

void hmac_last(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN], const void *data, size_t len)
{
    sha256_last(&h->hash, tag, h->outer, data, len);
    ct_wipe(h, sizeof *h);
}

void hmac_final(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN])
{
    hmac_last(h, tag, NULL, 0);
}

void hmac_message_from(uint8_t tag[static HMAC_TAG_LEN], const struct hmac_key *k, const uint32_t h[static 8],
                       uint64_t done, const void *data, size_t len)
{
    const struct sha256_impl *impl = sha256_fastest();
    sha256_finish(tag, impl, h, k->outer, SHA256_BLOCK_LEN + done, data, len);
}

void hmac_message(uint8_t tag[static HMAC_TAG_LEN], const struct hmac_key *k, const void *data, size_t len)
{
    hmac_message_from(tag, k, k->inner, 0, data, len);
}

void hmac_tag(uint8_t tag[static HMAC_TAG_LEN], const uint8_t *key, size_t key_len, const void *data, size_t len)
{
    struct hmac_key k;
    hmac_key_init(&k, key, key_len);
    hmac_message(tag, &k, data, len);
    hmac_key_wipe(&k);
}
