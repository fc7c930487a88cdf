/* SPDX-License-Identifier: MIT */
/* AES by way of a backend: the key remembers which one made it ready, and every later call goes there. So there is no
 * global to set up or to race for, and two keys in one program may use two backends (the tests do). */
#include "crypto/aes.h"

#include <assert.h>

#include "crypto/aes_impl.h"
#include "crypto/ct.h"

void aes_key_init_with(struct aes_key *k, const struct aes_impl *impl, const uint8_t *key, size_t key_len)
{
    assert(key_len == AES128_KEY_LEN || key_len == AES256_KEY_LEN || (key_len == AES192_KEY_LEN && impl->has_192));
    ct_wipe(k, sizeof *k); /* no backend fills every byte, and a copied struct must not carry what lay there before */
    k->impl = impl;
    k->rounds = (unsigned)key_len / 4 + 6; /* FIPS 197 figure 4: Nr = Nk + 6 */
    impl->expand(k, key, key_len);
    ct_wipe_stack(CT_STACK_LEN); /* all round keys at once are more than registers hold */
}

void aes_encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    k->impl->encrypt(k, out, in, blocks);
}

void aes_decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    k->impl->decrypt(k, out, in, blocks);
}

void aes_key_wipe(struct aes_key *k)
{
    ct_wipe(k, sizeof *k);
}
