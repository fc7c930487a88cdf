/* SPDX-License-Identifier: MIT */
/* Everything that the two sides must have seen alike is hashed into C and T, and T goes into both secrets: where they
 * saw different bytes they have different keys, and the first Record fails. The labels keep one use of a hash or a key
 * apart from every other, so that nothing made for one of them means anything in another. */
#include "net/key_schedule.h"

#include <assert.h>
#include <string.h>

/* A label that is hashed ends in its zero byte (sizeof counts it); HKDF's info strings don't. */
static const char context_label[] = "glasschat/1 context";
static const char c_secret_info[] = "glasschat/1 client";
static const char s_secret_info[] = "glasschat/1 server";
static const char root_info[] = "glasschat/1 root";

/* With its length in front: no two pairs of names are the same bytes. */
static void hash_name(struct sha256 *hash, const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;
    assert(len <= UINT8_MAX);
    uint8_t len_byte = (uint8_t)len;
    sha256_update(hash, &len_byte, 1);
    sha256_update(hash, name, len);
}

void key_schedule_context(uint8_t context[static SHA256_DIGEST_LEN], uint8_t kind, const char *client_name,
                          const char *server_name)
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, context_label, sizeof context_label);
    sha256_update(&hash, &kind, 1);
    hash_name(&hash, client_name);
    hash_name(&hash, server_name);
    sha256_final(&hash, context);
}

void key_schedule_transcript(uint8_t digest[static SHA256_DIGEST_LEN], const uint8_t context[static SHA256_DIGEST_LEN],
                             const uint8_t *client_frame, size_t client_frame_len, const uint8_t *server_frame,
                             size_t server_frame_len)
{
    struct sha256 hash;
    sha256_init(&hash);
    sha256_update(&hash, context, SHA256_DIGEST_LEN);
    sha256_update(&hash, client_frame, client_frame_len);
    sha256_update(&hash, server_frame, server_frame_len);
    sha256_final(&hash, digest);
}

void key_schedule_extract(uint8_t prk[static HKDF_PRK_LEN], const uint8_t client_random[static KEY_SCHEDULE_RANDOM_LEN],
                          const uint8_t server_random[static KEY_SCHEDULE_RANDOM_LEN], const uint8_t *z, size_t z_len)
{
    uint8_t salt[2 * KEY_SCHEDULE_RANDOM_LEN];
    memcpy(salt, client_random, KEY_SCHEDULE_RANDOM_LEN);
    memcpy(salt + KEY_SCHEDULE_RANDOM_LEN, server_random, KEY_SCHEDULE_RANDOM_LEN);
    hkdf_extract(prk, salt, sizeof salt, z, z_len);
}

static void expand(uint8_t secret[static RECORD_SECRET_LEN], const uint8_t prk[static HKDF_PRK_LEN], const char *label,
                   size_t label_len, const uint8_t transcript[static SHA256_DIGEST_LEN])
{
    uint8_t info[sizeof c_secret_info - 1 + SHA256_DIGEST_LEN];
    assert(label_len + SHA256_DIGEST_LEN <= sizeof info);
    memcpy(info, label, label_len);
    memcpy(info + label_len, transcript, SHA256_DIGEST_LEN);
    hkdf_expand(secret, RECORD_SECRET_LEN, prk, info, label_len + SHA256_DIGEST_LEN);
}

void key_schedule_secrets(uint8_t c_secret[static RECORD_SECRET_LEN], uint8_t s_secret[static RECORD_SECRET_LEN],
                          const uint8_t prk[static HKDF_PRK_LEN], const uint8_t transcript[static SHA256_DIGEST_LEN])
{
    expand(c_secret, prk, c_secret_info, sizeof c_secret_info - 1, transcript);
    expand(s_secret, prk, s_secret_info, sizeof s_secret_info - 1, transcript);
}

void key_schedule_root(uint8_t root[static HKDF_PRK_LEN], const uint8_t prk[static HKDF_PRK_LEN],
                       const uint8_t transcript[static SHA256_DIGEST_LEN])
{
    expand(root, prk, root_info, sizeof root_info - 1, transcript);
}
