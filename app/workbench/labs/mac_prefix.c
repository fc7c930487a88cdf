/* SPDX-License-Identifier: MIT */
/* The hole is what a digest is: SHA-256's state after the last block. Whoever has the tag can go on from there. */
#include "app/workbench/labs/mac_prefix.h"

void lab_mac_prefix(uint8_t tag[static SHA256_DIGEST_LEN], const uint8_t *key, size_t key_len, const void *msg,
                    size_t msg_len)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, key, key_len);
    sha256_update(&s, msg, msg_len);
    sha256_final(&s, tag);
}
