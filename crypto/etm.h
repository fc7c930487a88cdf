/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC: AES-CBC under one key, then HMAC-SHA-256 under another over everything that was sent.
 *
 * Standard:    the composition of Bellare and Namprempre (2000) that is secure with every cipher and every MAC that
 *              are secure by themselves, used as RFC 7366 does; SP 800-38A 6.2 (CBC), RFC 2104 (HMAC).
 *
 *                  ad (not sent)   iv (sent apart)   in: blocks * 16 bytes, padded by the caller
 *                        |               |                    |  CBC under enc_key
 *                        v               v                    v
 *              tag = HMAC(mac_key, ad || iv || ciphertext)    ciphertext
 *                                                   out:      [blocks * 16] ciphertext | [32] tag
 *
 * Use it:      etm_key_init(&key, enc_key, AES128_KEY_LEN, mac_key);
 *              etm_seal(&key, out, iv, ad, ad_len, padded, blocks);
 *              if (etm_open(&key, padded, iv, ad, ad_len, out, blocks) != 0) ...    refuse, and say nothing more
 * Timing:      depends on the lengths, and on whether the tag is right.
 * Read next:   crypto/etm.c; net/record.h, which decides what ad is.
 */
#ifndef CRYPTO_ETM_H
#define CRYPTO_ETM_H

#include "crypto/aes.h"
#include "crypto/bytes.h"
#include "crypto/hmac.h"

#define ETM_TAG_LEN 32
#define ETM_MAC_KEY_LEN 32

struct etm_impl;

struct etm_key {
    const struct etm_impl *impl; /* the backend, chosen by etm_key_init */
    struct aes_key aes;
    struct hmac_key mac;
};

/* enc_key_len is AES128_KEY_LEN or AES256_KEY_LEN. The two keys must be independent: derive each by itself
 * (crypto/hkdf.h). */
void etm_key_init(struct etm_key *k, const uint8_t *enc_key, size_t enc_key_len,
                  const uint8_t mac_key[static ETM_MAC_KEY_LEN]);

void etm_key_wipe(struct etm_key *k);

/* Encrypts blocks * 16 bytes and appends the tag. ad ("associated data") is what both ends know and must agree on; it
 * is authenticated and not sent; its length must be fixed, or told by its own first bytes, as nothing separates it from
 * the IV. iv as crypto/cbc.h wants it. out may be in; otherwise it must not overlap in, and never ad or iv. */
void etm_seal(const struct etm_key *k, uint8_t *out, const uint8_t iv[static AES_BLOCK_LEN], const uint8_t *ad,
              size_t ad_len, const uint8_t *in, size_t blocks);

/* in is blocks * 16 bytes of ciphertext and the tag. Returns -1, and writes nothing, unless the tag is the one that
 * goes with ad, iv and ciphertext; then it decrypts blocks * 16 bytes to out, which may be in. */
MUST_USE int etm_open(const struct etm_key *k, uint8_t *out, const uint8_t iv[static AES_BLOCK_LEN], const uint8_t *ad,
                      size_t ad_len, const uint8_t *in, size_t blocks);

#endif
