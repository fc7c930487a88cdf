/* SPDX-License-Identifier: MIT */
/* The backends of encrypt-then-MAC: one that only uses the public calls of cbc and hmac, and faster ones that do both
 * in one pass.
 *
 * Standard:    as crypto/etm.h.
 * Use it:      for (size_t i = 0; etm_impls[i] != NULL; i++)
 *                  if (etm_impls[i]->usable())
 *                      etm_key_init_with(&key, etm_impls[i], enc_key, enc_key_len, mac_key);
 *              Only for etm itself, its tests and the workbench; everybody else calls crypto/etm.h.
 * Timing:      as crypto/etm.h.
 * Read next:   crypto/etm_ni.c, where the one pass is explained.
 */
#ifndef CRYPTO_ETM_IMPL_H
#define CRYPTO_ETM_IMPL_H

#include <stdbool.h>

#include "crypto/etm.h"

struct etm_impl {
    const char *name;

    /* Whether this processor can run it: 1 or 0. */
    bool (*usable)(void);

    /* As etm_seal. The key's AES was expanded by the backend that aes_key_init picks. There is no `open`: nothing may
     * be decrypted before the tag is known to be right, so there is nothing to do in one pass. */
    void (*seal)(const struct etm_key *k, uint8_t *out, const uint8_t *iv, const uint8_t *ad, size_t ad_len,
                 const uint8_t *in, size_t blocks);
};

/* All of them, fastest first, NULL after the last; etm_portable is the last and runs everywhere. */
extern const struct etm_impl *const etm_impls[];

extern const struct etm_impl etm_ni, etm_portable;

/* As etm_key_init, with a backend of the caller's choice, which must be usable. */
void etm_key_init_with(struct etm_key *k, const struct etm_impl *impl, const uint8_t *enc_key, size_t enc_key_len,
                       const uint8_t mac_key[static ETM_MAC_KEY_LEN]);

#endif
