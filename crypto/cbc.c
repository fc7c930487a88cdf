/* SPDX-License-Identifier: MIT */
/* CBC: each block of plaintext is xored with the ciphertext block before it (the first with the IV), then encrypted. So
 * encryption is a chain, one block after the other, while decryption is not: D(C_j) needs no neighbour, only the xor
 * afterwards does. That is why decrypting runs many blocks at a time, and encrypting can't.
 *
 * This is the loop as SP 800-38A prints it, for a backend that has none of its own; the names are the standard's. */
#include "crypto/cbc.h"

#include <string.h>

#include "crypto/aes_impl.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

/* As many blocks as the backends like to have at a time. */
#define BATCH 16

/* Fewer streams than this go one after the other: packing their keys together would cost more than it saves. */
#define MANY_LEAST 4

/* Section 6.2: C_1 = CIPH(P_1 xor IV), C_j = CIPH(P_j xor C_{j-1}). */
static void encrypt_chain(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in, size_t blocks)
{
    const uint8_t *previous = iv;
    uint8_t block[AES_BLOCK_LEN];
    for (size_t j = 0; j < blocks; j++) {
        bytes_xor(block, in + AES_BLOCK_LEN * j, previous, AES_BLOCK_LEN);
        aes_encrypt(k, out + AES_BLOCK_LEN * j, block, 1);
        previous = out + AES_BLOCK_LEN * j;
    }
    ct_wipe(block, sizeof block);
}

/* Section 6.2: P_1 = CIPH^-1(C_1) xor IV, P_j = CIPH^-1(C_j) xor C_{j-1}. What each block is xored with is copied
 * first, because out may be in. */
static void decrypt_chain(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in, size_t blocks)
{
    uint8_t previous[AES_BLOCK_LEN * (BATCH + 1)];
    memcpy(previous, iv, AES_BLOCK_LEN);
    while (blocks > 0) {
        size_t n = blocks < BATCH ? blocks : BATCH;
        size_t len = AES_BLOCK_LEN * n;
        memcpy(previous + AES_BLOCK_LEN, in, len);
        aes_decrypt(k, out, in, n);
        bytes_xor(out, out, previous, len);
        memmove(previous, previous + len, AES_BLOCK_LEN);
        out += len;
        in += len;
        blocks -= n;
    }
}

void cbc_encrypt(const struct aes_key *k, const uint8_t iv[static AES_BLOCK_LEN], uint8_t *out, const uint8_t *in,
                 size_t blocks)
{
    if (k->impl->cbc_encrypt != NULL)
        k->impl->cbc_encrypt(k, iv, out, in, blocks);
    else
        encrypt_chain(k, iv, out, in, blocks);
}

void cbc_decrypt(const struct aes_key *k, const uint8_t iv[static AES_BLOCK_LEN], uint8_t *out, const uint8_t *in,
                 size_t blocks)
{
    if (k->impl->cbc_decrypt != NULL)
        k->impl->cbc_decrypt(k, iv, out, in, blocks);
    else
        decrypt_chain(k, iv, out, in, blocks);
}

/* How many of the streams, from the first on, can go together. */
static size_t run_of(const struct aes_cbc_stream *s, size_t n)
{
    size_t run = 1;
    while (run < n && run < AES_STREAMS_MAX && s[run].key->impl == s[0].key->impl &&
           s[run].key->rounds == s[0].key->rounds)
        run++;
    return run;
}

/* A spilled state of a chain and the plaintext would give the first round key. */
static void encrypt_together(const struct aes_impl *impl, const struct aes_cbc_stream *s, size_t n, size_t blocks)
{
    impl->cbc_encrypt_many(s, n, blocks);
    ct_wipe_stack(CT_STACK_REGISTERS);
}

void cbc_encrypt_many(const struct aes_cbc_stream streams[], size_t n, size_t blocks)
{
    while (n > 0) {
        const struct aes_impl *impl = streams[0].key->impl;
        size_t run = run_of(streams, n);
        if (impl->cbc_encrypt_many != NULL && run >= MANY_LEAST)
            encrypt_together(impl, streams, run, blocks);
        else
            for (size_t j = 0; j < run; j++)
                cbc_encrypt(streams[j].key, streams[j].iv, streams[j].out, streams[j].in, blocks);
        streams += run;
        n -= run;
    }
}
