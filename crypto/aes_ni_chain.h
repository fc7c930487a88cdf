/* SPDX-License-Identifier: MIT */
/* The chain of CBC encryption on AES-NI, to be inlined: alone by aes_ni.c, beside SHA-256 by etm_ni.c.
 *
 * Standard:    SP 800-38A, 6.2; FIPS 197, 5.1; Intel SDM vol. 2A, AESENC, AESENCLAST.
 * Use it:      __m128i state = aes_ni_chain_start(key->enc, iv, in);
 *              state = aes_ni_chain(key->enc, 10, state, out, in, 4, 1);          four blocks, and more follow
 *              aes_ni_chain(key->enc, 10, state, out + 64, in + 64, 3, 0);        the last three
 * Timing:      depends on nothing but the number of blocks.
 * Read next:   aes_ni.c.
 *
 * A block can't start before the one before it has ended, so the speed of CBC encryption is the latency of the rounds
 * and nothing else. The xor with the next plaintext block and with the first round key would lengthen that chain; both
 * are known early, so they are xored into the *last round key* instead: AESENCLAST ends with an xor anyway. `state` is
 * thus ciphertext ^ next plaintext ^ w[0], and the ciphertext is that with the two taken off again, beside the chain.
 */
#ifndef CRYPTO_AES_NI_CHAIN_H
#define CRYPTO_AES_NI_CHAIN_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/unroll.h"

static inline __m128i aes_ni_load(const uint8_t *p, size_t block)
{
    return _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * block));
}

static inline void aes_ni_store(uint8_t *p, size_t block, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)(p + 16 * block), v);
}

/* A round key where it is, in the key's struct: a copy on the stack would have to be wiped, after each message. */
static inline __m128i aes_ni_round_key(const uint8_t *w, size_t round)
{
    return _mm_load_si128((const __m128i *)(const void *)(w + 16 * round));
}

static inline __m128i aes_ni_chain_start(const uint8_t *w, const uint8_t *iv, const uint8_t *in)
{
    return _mm_xor_si128(_mm_xor_si128(aes_ni_load(iv, 0), aes_ni_load(in, 0)), aes_ni_round_key(w, 0));
}

/* Encrypts blocks and returns the state for the next; `more` says that in goes on after them. w is the key's enc, and
 * rounds a constant where this is inlined: then each round is one instruction, which takes its key from memory beside
 * the chain. out may be in. */
static inline __attribute__((always_inline)) __m128i aes_ni_chain(const uint8_t *w, size_t rounds, __m128i state,
                                                                  uint8_t *out, const uint8_t *in, size_t blocks,
                                                                  int more)
{
    for (size_t i = 0; i < blocks; i++) {
        __m128i next = _mm_setzero_si128();
        if (more || i + 1 < blocks)
            next = _mm_xor_si128(aes_ni_load(in, i + 1), aes_ni_round_key(w, 0));
        UNROLL
        for (size_t r = 1; r < rounds; r++)
            state = _mm_aesenc_si128(state, aes_ni_round_key(w, r));
        state = _mm_aesenclast_si128(state, _mm_xor_si128(aes_ni_round_key(w, rounds), next));
        aes_ni_store(out, i, _mm_xor_si128(state, next));
    }
    return state;
}

#endif
