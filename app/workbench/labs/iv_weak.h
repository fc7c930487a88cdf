/* SPDX-License-Identifier: MIT */
/* Two wrong ways to choose an IV for CBC: always the same, and one that is known before. Only the workbench links it.
 *
 * Standard:    SP 800-38A appendix C asks for an IV that can't be predicted. The second is what SSL 3.0 and TLS 1.0 did
 *              (RFC 2246 section 6.2.3.2), until T. Duong and J. Rizzo's BEAST, 2011.
 * Use it:      struct lab_iv_weak k;
 *              lab_iv_weak_init(&k, key);
 *              lab_iv_fixed(&k, iv);  or  lab_iv_chained(&k, iv);
 *              cbc_encrypt(&k.key, iv, out, text, blocks);
 *              lab_iv_sent(&k, out + 16 * (blocks - 1));
 * Timing:      does not matter here.
 * Read next:   crypto/cbc.h; docs/labs/iv-reuse.md.
 */
#ifndef APP_WORKBENCH_LABS_IV_WEAK_H
#define APP_WORKBENCH_LABS_IV_WEAK_H

#include <stdint.h>

#include "crypto/aes.h"

struct lab_iv_weak {
    struct aes_key key;
    uint8_t last[AES_BLOCK_LEN]; /* the last block of ciphertext that was sent; zeros at first */
};

void lab_iv_weak_init(struct lab_iv_weak *k, const uint8_t key[static AES128_KEY_LEN]);

/* The same for each message: zeros. */
void lab_iv_fixed(const struct lab_iv_weak *k, uint8_t iv[static AES_BLOCK_LEN]);

/* The last block that was sent, which everybody has seen. */
void lab_iv_chained(const struct lab_iv_weak *k, uint8_t iv[static AES_BLOCK_LEN]);

/* Remembers what the last block was. */
void lab_iv_sent(struct lab_iv_weak *k, const uint8_t block[static AES_BLOCK_LEN]);

#endif
