/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC in one pass, on AES-NI and SHA-NI.
 *
 * CBC encryption waits for the latency of AESENC and SHA-256 for that of SHA256RNDS2, and neither needs the other's
 * unit: one after the other, each leaves the processor idle most of the time. Here a step of the loop encrypts four
 * blocks and compresses the 64 bytes of ciphertext that the step before has made. The two chains do not depend on each
 * other, both fit into the processor's window of instructions, and so it overlaps them without being told how: the pass
 * takes hardly longer than the CBC alone.
 *
 *      ciphertext   |  step 0  |  step 1  |  step 2  | ...
 *      hashed       ad iv |  head  |  step 1..  |          each step hashes up to where the step before has encrypted;
 *                                                          64-byte blocks of the hash straddle the steps, because ad
 *                                                          and iv come first
 *
 * Opening has no such loop: nothing may be decrypted before the tag is known to be right.
 */
#include "crypto/cpu.h"
#include "crypto/etm_impl.h"

#if CPU_X86_BACKENDS

#include <string.h>

#include "crypto/aes_ni_chain.h"
#include "crypto/ct.h"
#include "crypto/sha256_ni_rounds.h"

#define STEP 64                         /* bytes: four blocks of AES, one of SHA-256 */
#define HEAD_MAX (STEP - AES_BLOCK_LEN) /* the longest ad that leaves room for the IV in the first block */

static bool usable(void)
{
    unsigned needed = CPU_AES_NI | CPU_SHA_NI;
    return (cpu_features() & needed) == needed;
}

/* The steps of the loop: encrypts `steps` times 64 bytes; `head` is the first block to hash, already holding ad and iv
 * in its first head_len bytes. Returns the chain's state; *hashed is how many bytes of ciphertext are in the hash. */
static inline __attribute__((always_inline)) __m128i steps_of(const uint8_t *w, size_t rounds, __m128i state,
                                                              uint8_t *out, const uint8_t *in, size_t steps, int more,
                                                              uint32_t h[8], uint8_t head[STEP], size_t head_len,
                                                              size_t *hashed)
{
    struct sha256_ni sha;
    sha256_ni_load(&sha, h);
    state = aes_ni_chain(w, rounds, state, out, in, 4, more || steps > 1);
    memcpy(head + head_len, out, STEP - head_len);
    const uint8_t *next = head;
    size_t after_head = STEP - head_len; /* where the block after head starts in out */
    for (size_t i = 1; i < steps; i++) {
        state = aes_ni_chain(w, rounds, state, out + STEP * i, in + STEP * i, 4, more || i + 1 < steps);
        sha256_ni_block(&sha, next);
        next = out + after_head + STEP * (i - 1);
    }
    if (steps == 1)
        sha256_ni_block(&sha, head);
    sha256_ni_store(h, &sha);
    *hashed = after_head + (steps > 1 ? STEP * (steps - 2) : 0);
    return state;
}

static inline __attribute__((always_inline)) void seal_rounds(const struct etm_key *k, size_t rounds, uint8_t *out,
                                                              const uint8_t *iv, const uint8_t *ad, size_t ad_len,
                                                              const uint8_t *in, size_t blocks)
{
    const uint8_t *w = k->aes.enc;
    uint8_t head[STEP];
    if (ad_len > 0)
        memcpy(head, ad, ad_len);
    memcpy(head + ad_len, iv, AES_BLOCK_LEN);
    uint32_t h[8];
    memcpy(h, k->mac.inner, sizeof h);
    size_t hashed, steps = blocks / 4, rest = blocks % 4;
    __m128i state = aes_ni_chain_start(w, iv, in);
    state = steps_of(w, rounds, state, out, in, steps, rest > 0, h, head, ad_len + AES_BLOCK_LEN, &hashed);
    aes_ni_chain(w, rounds, state, out + STEP * steps, in + STEP * steps, rest, 0);

    hmac_message_from(out + AES_BLOCK_LEN * blocks, &k->mac, h, ad_len + AES_BLOCK_LEN + hashed, out + hashed,
                      AES_BLOCK_LEN * blocks - hashed);
    ct_wipe(h, sizeof h);
}

static void seal(const struct etm_key *k, uint8_t *out, const uint8_t *iv, const uint8_t *ad, size_t ad_len,
                 const uint8_t *in, size_t blocks)
{
    if (blocks < 4 || ad_len > HEAD_MAX)
        etm_portable.seal(k, out, iv, ad, ad_len, in, blocks);
    else if (k->aes.rounds == 10)
        seal_rounds(k, 10, out, iv, ad, ad_len, in, blocks);
    else
        seal_rounds(k, 14, out, iv, ad, ad_len, in, blocks);
}

const struct etm_impl etm_ni = {.name = "ni", .usable = usable, .seal = seal};

#endif
