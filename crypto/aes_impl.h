/* SPDX-License-Identifier: MIT */
/* The backends of AES: several pieces of code that compute the same thing.
 *
 * Standard:    FIPS 197, each of them.
 * Use it:      for (size_t i = 0; aes_impls[i] != NULL; i++)
 *                  if (aes_impls[i]->usable())
 *                      aes_key_init_with(&key, aes_impls[i], bytes, AES128_KEY_LEN);
 *              Only for AES itself, its tests and the workbench; everybody else calls crypto/aes.h.
 * Timing:      as crypto/aes.h says, but for aes_ref, which leaks its key and data through the cache.
 * Read next:   crypto/aes_ref.h, the steps of the standard under their names.
 */
#ifndef CRYPTO_AES_IMPL_H
#define CRYPTO_AES_IMPL_H

#include <stdbool.h>

#include "crypto/aes.h"

struct aes_impl {
    const char *name;

    /* Whether this processor can run it: 1 or 0. */
    bool (*usable)(void);

    /* Whether it takes AES192_KEY_LEN too. */
    bool has_192;

    /* Fills k->enc and k->dec, and nothing else; k->impl and k->rounds are set already. */
    void (*expand)(struct aes_key *k, const uint8_t *key, size_t key_len);

    /* As aes_encrypt and aes_decrypt. */
    void (*encrypt)(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks);
    void (*decrypt)(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks);

    /* As cbc_encrypt and cbc_decrypt. NULL: nothing faster than the loop in crypto/cbc.c. */
    void (*cbc_encrypt)(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in, size_t blocks);
    void (*cbc_decrypt)(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in, size_t blocks);

    /* As cbc_encrypt_many for 1 to AES_STREAMS_MAX streams whose keys are this backend's and have the same number of
     * rounds. NULL: nothing faster than one stream after the other. */
    void (*cbc_encrypt_many)(const struct aes_cbc_stream streams[], size_t n, size_t blocks);
};

#define AES_STREAMS_MAX 16

/* All of them, fastest first, NULL after the last. aes_ref is the last, and aes_key_init never picks it. */
extern const struct aes_impl *const aes_impls[];

extern const struct aes_impl aes_vaes;
extern const struct aes_impl aes_ni;
extern const struct aes_impl aes_armv8;
extern const struct aes_impl aes_bitslice;
extern const struct aes_impl aes_ref;

/* As aes_key_init, with a backend of the caller's choice, which must be usable. */
void aes_key_init_with(struct aes_key *k, const struct aes_impl *impl, const uint8_t *key, size_t key_len);

#endif
