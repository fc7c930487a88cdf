/* SPDX-License-Identifier: MIT */
/* In the place of crypto/aes_backends.c: AES in constant time without its CBC, as that is what exercise 05 asks for. So
 * the struct that offers it becomes a static one, which no other file can reach. */
#include "crypto/aes_impl.h"

#define aes_bitslice                                                                                                   \
    not_linked;                                                                                                        \
    static const struct aes_impl whole /* NOLINT: no expression */
#include "crypto/aes_bitslice.c"
#undef aes_bitslice

static const struct aes_impl blocks_only = {
    .name = "bitslice",
    .usable = usable,
    .expand = expand,
    .encrypt = encrypt,
    .decrypt = decrypt,
};

void aes_key_init(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    aes_key_init_with(k, &blocks_only, key, key_len);
}
