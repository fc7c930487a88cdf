/* SPDX-License-Identifier: MIT */
/* In the place of crypto/aes_backends.c: the student's own AES, aes_ref at the end of aes_ref.c. */
#include "crypto/aes_impl.h"

void aes_key_init(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    aes_key_init_with(k, &aes_ref, key, key_len);
}
