/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256: H((K0 ^ opad) || H((K0 ^ ipad) || text)).
 *
 * Standard:    RFC 2104, FIPS 198-1.
 * The contract of each function stands in crypto/hmac.h; docs/exercises/08-hmac/README.md is its page. */
#include "crypto/hmac.h"

#include <string.h>

#include "crypto/ct.h"

void hmac_key_init(struct hmac_key *k, const uint8_t *key, size_t key_len)
{
    /* TODO: K0; then SHA-256's h after the block K0 ^ ipad, and after the block K0 ^ opad; wipe what was secret */
    (void)key;
    (void)key_len;
    memset(k, 0, sizeof *k);
}

void hmac_key_wipe(struct hmac_key *k)
{
    /* TODO: ct_wipe */
    (void)k;
}

void hmac_init(struct hmac *h, const struct hmac_key *k)
{
    /* TODO: a SHA-256 that goes on after the inner key's block (sha256_resume); keep k->outer for the end */
    (void)k;
    memset(h, 0, sizeof *h);
}

void hmac_update(struct hmac *h, const void *data, size_t len)
{
    /* TODO */
    (void)h;
    (void)data;
    (void)len;
}

void hmac_final(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN])
{
    /* TODO: the inner digest; its hash, behind the outer key's block; wipe h */
    (void)h;
    memset(tag, 0, HMAC_TAG_LEN);
}

void hmac_last(struct hmac *h, uint8_t tag[static HMAC_TAG_LEN], const void *data, size_t len)
{
    /* TODO: what is right matters here, not what is fast */
    (void)h;
    (void)data;
    (void)len;
    memset(tag, 0, HMAC_TAG_LEN);
}

void hmac_message_from(uint8_t tag[static HMAC_TAG_LEN], const struct hmac_key *k, const uint32_t h[static 8],
                       uint64_t done, const void *data, size_t len)
{
    /* TODO: as hmac_init, but from h, which stands for the inner key's block and `done` bytes */
    (void)k;
    (void)h;
    (void)done;
    (void)data;
    (void)len;
    memset(tag, 0, HMAC_TAG_LEN);
}

void hmac_message(uint8_t tag[static HMAC_TAG_LEN], const struct hmac_key *k, const void *data, size_t len)
{
    /* TODO */
    (void)k;
    (void)data;
    (void)len;
    memset(tag, 0, HMAC_TAG_LEN);
}

void hmac_tag(uint8_t tag[static HMAC_TAG_LEN], const uint8_t *key, size_t key_len, const void *data, size_t len)
{
    /* TODO */
    (void)key;
    (void)key_len;
    (void)data;
    (void)len;
    memset(tag, 0, HMAC_TAG_LEN);
}
