/* SPDX-License-Identifier: MIT */
/* Encrypt-then-MAC in one pass, on AES-NI and SHA-NI.
 *
 * CBC encryption waits for the latency of AESENC and SHA-256 for that of SHA256RNDS2, and neither needs the other's
 * unit: one after the other, each leaves the processor idle most of the time. So a step of the loop encrypts four
 * blocks and compresses 64 bytes of ciphertext that are there already; the two chains do not depend on each other, and
 * the pass takes hardly longer than the CBC alone.
 *
 * Within a step they take turns: one block of AES, 16 rounds of SHA-256. All four blocks first would be 40 instructions
 * that wait for one another: they fill the processor's schedulers, and the hash, which could go on, isn't even looked
 * at.
 *
 *      encrypted    | first |     step 0     |     step 1     |     step 2     | rest |
 *      hashed       ad iv   |     head       |      ...       |      ...       | ...  |     then what HMAC adds
 *                                    each step hashes 64 bytes of what was encrypted before it; first is as many blocks
 *                                    as the head lacks, because ad and iv come first
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
#include "crypto/unroll.h"

#define STEP 64                         /* bytes: four blocks of AES, one of SHA-256 */
#define HEAD_MAX (STEP - AES_BLOCK_LEN) /* the longest ad that leaves room for the IV in the first block */

static bool usable(void)
{
    unsigned needed = CPU_AES_NI | CPU_SHA_NI;
    return (cpu_features() & needed) == needed;
}

/* Encrypts four blocks and compresses data, which may lie right in front of out. Returns the chain's state. */
static inline __attribute__((always_inline)) __m128i step(const uint8_t *w, size_t rounds, __m128i state, uint8_t *out,
                                                          const uint8_t *in, int more, struct sha256_ni *sha,
                                                          const uint8_t *data)
{
    __m128i words[4];
    struct sha256_ni v = *sha;
    sha256_ni_words_of(words, data);
    UNROLL
    for (unsigned q = 0; q < 16; q++) {
        const size_t at = AES_BLOCK_LEN * (q / 4);
        if (q % 4 == 0)
            state = aes_ni_chain(w, rounds, state, out + at, in + at, 1, q < 12 || more);
        sha256_ni_rounds(&v, words, q);
    }
    sha256_ni_add(sha, &v);
    return state;
}

/* Encrypts all blocks, of which there are at least `first`; head is the first block to hash, already holding ad and iv
 * in its first head_len bytes. Returns how many bytes of ciphertext are in the hash h then. */
static inline __attribute__((always_inline)) size_t one_pass(const uint8_t *w, size_t rounds, const uint8_t *iv,
                                                             uint8_t *out, const uint8_t *in, size_t blocks,
                                                             uint32_t h[8], uint8_t head[STEP], size_t head_len)
{
    struct sha256_ni sha;
    size_t hashed = STEP - head_len, first = (hashed + AES_BLOCK_LEN - 1) / AES_BLOCK_LEN;
    const uint8_t *data = head;
    __m128i state = aes_ni_chain_start(w, iv, in);
    sha256_ni_load(&sha, h);
    state = aes_ni_chain(w, rounds, state, out, in, first, blocks > first);
    memcpy(head + head_len, out, hashed);
    size_t at = AES_BLOCK_LEN * first, end = AES_BLOCK_LEN * blocks;
    for (; end - at >= STEP; at += STEP, hashed += STEP) {
        state = step(w, rounds, state, out + at, in + at, end - at > STEP, &sha, data);
        data = out + hashed;
    }
    aes_ni_chain(w, rounds, state, out + at, in + at, (end - at) / AES_BLOCK_LEN, 0);
    sha256_ni_block(&sha, data);
    sha256_ni_store(h, &sha);
    return hashed;
}

static inline __attribute__((always_inline)) void seal_rounds(const struct etm_key *k, size_t rounds, uint8_t *out,
                                                              const uint8_t *iv, const uint8_t *ad, size_t ad_len,
                                                              const uint8_t *in, size_t blocks)
{
    uint8_t head[STEP];
    if (ad_len > 0)
        memcpy(head, ad, ad_len);
    memcpy(head + ad_len, iv, AES_BLOCK_LEN);
    uint32_t h[8];
    memcpy(h, k->mac.inner, sizeof h);
    size_t hashed = one_pass(k->aes.enc, rounds, iv, out, in, blocks, h, head, ad_len + AES_BLOCK_LEN);
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
