/* The key is a whole block in front of both hashes, so what SHA-256 makes of that block is computed once for the key:
 * each message then costs two blocks less. */
#include "crypto/hmac.h"

#include <string.h>

#include "crypto/ct.h"

/* The chaining value after the block K0 ^ pad (RFC 2104, section 2). */
static void absorb(uint32_t h[8], const uint8_t K0[SHA256_BLOCK_LEN], uint8_t pad)
{
    uint8_t block[SHA256_BLOCK_LEN];
    struct sha256 s;
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = K0[i] ^ pad;
    sha256_init(&s);
    sha256_update(&s, block, sizeof block);
    memcpy(h, s.h, sizeof s.h);
    ct_wipe(&s, sizeof s);
    ct_wipe(block, sizeof block);
}

void hmac_key_init(struct hmac_key *k, const uint8_t *key, size_t key_len)
{
    uint8_t K0[SHA256_BLOCK_LEN] = {0};
    if (key_len > sizeof K0)
        sha256_digest(K0, key, key_len);
    else if (key_len > 0)
        memcpy(K0, key, key_len);
    absorb(k->inner, K0, 0x36);
    absorb(k->outer, K0, 0x5c);
    ct_wipe(K0, sizeof K0);
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

void hmac_final(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN])
{
    uint8_t digest[SHA256_DIGEST_LEN];
    sha256_final(&h->hash, digest);
    sha256_resume(&h->hash, h->outer, SHA256_BLOCK_LEN);
    sha256_update(&h->hash, digest, sizeof digest);
    sha256_final(&h->hash, tag);
    ct_wipe(digest, sizeof digest);
    ct_wipe(h, sizeof *h);
}

void hmac_tag(uint8_t tag[static HMAC_TAG_LEN], const uint8_t *key, size_t key_len, const void *data, size_t len)
{
    struct hmac_key k;
    struct hmac h;
    hmac_key_init(&k, key, key_len);
    hmac_init(&h, &k);
    hmac_update(&h, data, len);
    hmac_final(&h, tag);
    hmac_key_wipe(&k);
}
