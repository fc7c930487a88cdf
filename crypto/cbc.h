/* SPDX-License-Identifier: MIT */
/* CBC: cipher block chaining, AES over whole blocks so that equal blocks no longer look equal.
 *
 * Standard:    SP 800-38A section 6.2; AES is crypto/aes.h.
 * Use it:      rng_fill(&rng, iv, 16);                        a fresh one for every message, sent along in the clear
 *              size_t len = pkcs7_pad(buf, text_len);
 *              cbc_encrypt(&key, iv, buf, buf, len / 16);
 *              It hides, and no more: whoever changes the ciphertext changes the plaintext unnoticed, and can ask the
 *              receiver about its padding. crypto/etm.h adds the tag that stops both.
 * Timing:      depends on the key's length and blocks alone.
 * Read next:   crypto/cbc.c; crypto/pkcs7.h, for messages that are not whole blocks.
 */
#ifndef CRYPTO_CBC_H
#define CRYPTO_CBC_H

#include "crypto/aes.h"

/* The IV must be unpredictable to whoever chooses plaintext, so it comes from the random generator, for each message
 * anew. It is an argument and never updated: whoever cuts one message into several calls gives the last ciphertext
 * block of one call as the IV of the next (copied beforehand where a decryption is done in place).
 * out and in hold blocks * 16 bytes; they may be the same, and must not overlap otherwise. iv may lie in neither.
 * blocks may be 0. */
void cbc_encrypt(const struct aes_key *k, const uint8_t iv[static AES_BLOCK_LEN], uint8_t *out, const uint8_t *in,
                 size_t blocks);
void cbc_decrypt(const struct aes_key *k, const uint8_t iv[static AES_BLOCK_LEN], uint8_t *out, const uint8_t *in,
                 size_t blocks);

/* As cbc_encrypt for each of the n streams (0 and more than 16 too), all of as many blocks. Side by side they can be
 * much faster than one after the other, where their keys' backend can do it: consecutive streams under keys of the same
 * length go together, up to 16 of them. in may be the same for several; an out must not overlap another stream's in. */
void cbc_encrypt_many(const struct aes_cbc_stream streams[], size_t n, size_t blocks);

#endif
