/* SPDX-License-Identifier: MIT */
/* The definition, step by step, with crypto/sha256.h alone; at the end the tag must be crypto/hmac.h's. */
#include "app/workbench/explain/explain_hmac.h"

#include <assert.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "crypto/hmac.h"

#define B SHA256_BLOCK_LEN

/* Steps 1 to 3: the key in exactly one block. */
static void make_K0(FILE *to, uint8_t K0[B], const uint8_t *key, size_t key_len)
{
    memset(K0, 0, B);
    show_heading(to, "Steps 1 to 3: K0, the key in one block of %d bytes", B);
    show_value(to, "K", key, key_len);
    if (key_len > B) {
        sha256_digest(K0, key, key_len);
        show_note(to, "K has %zu bytes, more than %d: its digest takes its place, and zeros fill the block.", key_len,
                  B);
        show_value(to, "H(K)", K0, SHA256_DIGEST_LEN);
    } else {
        if (key_len > 0)
            memcpy(K0, key, key_len);
        show_note(to, key_len == B ? "K has %zu bytes, and is K0." : "K has %zu bytes: zeros fill the block.", key_len);
    }
    show_value(to, "K0", K0, B);
}

/* hash = H((K0 ^ pad) || data) */
static void hash_keyed(FILE *to, uint8_t hash[SHA256_DIGEST_LEN], const char *name, const uint8_t K0[B], uint8_t pad,
                       const uint8_t *data, size_t len)
{
    uint8_t block[B];
    struct sha256 sha256;
    for (size_t i = 0; i < B; i++)
        block[i] = K0[i] ^ pad;
    show_value(to, name, block, B);
    sha256_init(&sha256);
    sha256_update(&sha256, block, B);
    sha256_update(&sha256, data, len);
    sha256_final(&sha256, hash);
}

static void show_openssl(FILE *to, const uint8_t *key, size_t key_len, const uint8_t *text, size_t text_len)
{
    char feed[SHOW_FEED_LEN(EXPLAIN_HMAC_TEXT_MAX)], hex[2 * EXPLAIN_HMAC_KEY_MAX + 1];
    hex_encode(hex, key, key_len);
    show_heading(to, "The same by OpenSSL");
    show_command(to, "%sopenssl mac -digest SHA256 -macopt hexkey:%s HMAC", show_feed(feed, text, text_len), hex);
}

void explain_hmac(FILE *to, const uint8_t *key, size_t key_len, const uint8_t *text, size_t text_len)
{
    uint8_t K0[B], inner[SHA256_DIGEST_LEN], tag[HMAC_TAG_LEN], right[HMAC_TAG_LEN];
    assert(key_len <= EXPLAIN_HMAC_KEY_MAX && text_len <= EXPLAIN_HMAC_TEXT_MAX);
    show_note(to, "HMAC-SHA-256, by the steps in table 1 of FIPS 198-1");
    make_K0(to, K0, key, key_len);

    show_heading(to, "Steps 4 to 6: the inner hash, H((K0 ^ ipad) || text)");
    show_note(to, "ipad is the byte 36, %d times.", B);
    hash_keyed(to, inner, "K0 ^ ipad", K0, 0x36, text, text_len);
    show_value(to, "text", text, text_len);
    show_value(to, "inner hash", inner, sizeof inner);

    show_heading(to, "Steps 7 to 9: the outer hash, H((K0 ^ opad) || inner hash)");
    show_note(to, "opad is the byte 5c, %d times.", B);
    hash_keyed(to, tag, "K0 ^ opad", K0, 0x5c, inner, sizeof inner);
    show_value(to, "HMAC", tag, sizeof tag);

    hmac_tag(right, key, key_len, text, text_len);
    assert(memcmp(tag, right, sizeof right) == 0);
    show_openssl(to, key, key_len, text, text_len);
}
