/* SPDX-License-Identifier: MIT */
/* The key schedule: from what crossed the wire, and the secret Z, to the two secrets of a connection.
 *
 * Standard:    docs/protocol.md sections 4.1, 4.5 and 5.1.
 * The contract of each function stands in net/key_schedule.h; docs/exercises/14-key_schedule/README.md is its page. */
#include "net/key_schedule.h"

#include "crypto/bytes.h"

void key_schedule_context(uint8_t context[static SHA256_DIGEST_LEN], uint8_t kind, const char *client_name,
                          const char *server_name)
{
    /* TODO: SHA-256 of "glasschat/1 context", a zero byte, kind, and each name with its length before it */
    (void)context;
    (void)kind;
    (void)client_name;
    (void)server_name;
}

void key_schedule_transcript(uint8_t digest[static SHA256_DIGEST_LEN], const uint8_t context[static SHA256_DIGEST_LEN],
                             const uint8_t *client_frame, size_t client_frame_len, const uint8_t *server_frame,
                             size_t server_frame_len)
{
    /* TODO: SHA-256 of C and both frames */
    (void)digest;
    (void)context;
    (void)client_frame;
    (void)client_frame_len;
    (void)server_frame;
    (void)server_frame_len;
}

void key_schedule_extract(uint8_t prk[static HKDF_PRK_LEN], const uint8_t client_random[static KEY_SCHEDULE_RANDOM_LEN],
                          const uint8_t server_random[static KEY_SCHEDULE_RANDOM_LEN], const uint8_t *z, size_t z_len)
{
    /* TODO: HKDF-Extract; what is the salt, and what the secret? */
    (void)prk;
    (void)client_random;
    (void)server_random;
    (void)z;
    (void)z_len;
}

void key_schedule_secrets(uint8_t c_secret[static RECORD_SECRET_LEN], uint8_t s_secret[static RECORD_SECRET_LEN],
                          const uint8_t prk[static HKDF_PRK_LEN], const uint8_t transcript[static SHA256_DIGEST_LEN])
{
    /* TODO: HKDF-Expand, twice; info is a label and T */
    (void)c_secret;
    (void)s_secret;
    (void)prk;
    (void)transcript;
}
