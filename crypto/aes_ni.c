/* SPDX-License-Identifier: MIT */
/* AES on the AES-NI instructions: one instruction is one round, in constant time by construction.
 *
 * CBC encryption is a chain, and aes_ni_chain.h tells how to shorten it. CBC decryption is none: eight blocks are in
 * flight at once.
 *
 * Decryption is the Equivalent Inverse Cipher (FIPS 197, 5.3.5): the same shape with InvMixColumns applied to the round
 * keys 1 to rounds-1, and the keys taken backwards.
 */
#include "crypto/aes_impl.h"
#include "crypto/cpu.h"

#if CPU_X86_BACKENDS

#include <immintrin.h>

#include "crypto/aes_ni_chain.h"
#include "crypto/ct.h"
#include "crypto/unroll.h"

#define LANES 8

static bool usable(void)
{
    return (cpu_features() & CPU_AES_NI) != 0;
}

/* w[i-Nk] xored along the four words of a round key: the running xor of FIPS 197, 5.2, for four words at once. */
static inline __m128i running_xor(__m128i w)
{
    w = _mm_xor_si128(w, _mm_slli_si128(w, 4));
    return _mm_xor_si128(w, _mm_slli_si128(w, 8));
}

/* One more round key from the key Nk words back, `assist` = SubWord and RotWord of the word before it, Rcon xored in,
 * in the lane that `lane` broadcasts (3: with RotWord and Rcon, 2: SubWord alone, for the odd keys of AES-256). */
#define NEXT_KEY(back, before, rcon, lane)                                                                             \
    _mm_xor_si128(running_xor(back), _mm_shuffle_epi32(_mm_aeskeygenassist_si128((before), (rcon)), 0x55 * (lane)))

static void expand_128(__m128i w[11], const uint8_t *key)
{
    w[0] = aes_ni_load(key, 0);
    w[1] = NEXT_KEY(w[0], w[0], 0x01, 3);
    w[2] = NEXT_KEY(w[1], w[1], 0x02, 3);
    w[3] = NEXT_KEY(w[2], w[2], 0x04, 3);
    w[4] = NEXT_KEY(w[3], w[3], 0x08, 3);
    w[5] = NEXT_KEY(w[4], w[4], 0x10, 3);
    w[6] = NEXT_KEY(w[5], w[5], 0x20, 3);
    w[7] = NEXT_KEY(w[6], w[6], 0x40, 3);
    w[8] = NEXT_KEY(w[7], w[7], 0x80, 3);
    w[9] = NEXT_KEY(w[8], w[8], 0x1b, 3);
    w[10] = NEXT_KEY(w[9], w[9], 0x36, 3);
}

static void expand_256(__m128i w[15], const uint8_t *key)
{
    w[0] = aes_ni_load(key, 0);
    w[1] = aes_ni_load(key, 1);
    w[2] = NEXT_KEY(w[0], w[1], 0x01, 3);
    w[3] = NEXT_KEY(w[1], w[2], 0x00, 2);
    w[4] = NEXT_KEY(w[2], w[3], 0x02, 3);
    w[5] = NEXT_KEY(w[3], w[4], 0x00, 2);
    w[6] = NEXT_KEY(w[4], w[5], 0x04, 3);
    w[7] = NEXT_KEY(w[5], w[6], 0x00, 2);
    w[8] = NEXT_KEY(w[6], w[7], 0x08, 3);
    w[9] = NEXT_KEY(w[7], w[8], 0x00, 2);
    w[10] = NEXT_KEY(w[8], w[9], 0x10, 3);
    w[11] = NEXT_KEY(w[9], w[10], 0x00, 2);
    w[12] = NEXT_KEY(w[10], w[11], 0x20, 3);
    w[13] = NEXT_KEY(w[11], w[12], 0x00, 2);
    w[14] = NEXT_KEY(w[12], w[13], 0x40, 3);
}

static void expand(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    __m128i w[15];
    if (key_len == AES128_KEY_LEN)
        expand_128(w, key);
    else
        expand_256(w, key);
    for (size_t r = 0; r <= k->rounds; r++)
        aes_ni_store(k->enc, r, w[r]);
    aes_ni_store(k->dec, 0, w[k->rounds]);
    for (size_t r = 1; r < k->rounds; r++)
        aes_ni_store(k->dec, r, _mm_aesimc_si128(w[k->rounds - r]));
    aes_ni_store(k->dec, k->rounds, w[0]);
    ct_wipe(w, sizeof w);
}

/* n blocks, n a constant where this is inlined, so that they stay in registers. */
static inline __attribute__((always_inline)) void cipher(__m128i *b, size_t n, const struct aes_key *k)
{
    __m128i key = aes_ni_load(k->enc, 0);
    UNROLL
    for (size_t i = 0; i < n; i++)
        b[i] = _mm_xor_si128(b[i], key);
    for (size_t r = 1; r < k->rounds; r++) {
        key = aes_ni_load(k->enc, r);
        UNROLL
        for (size_t i = 0; i < n; i++)
            b[i] = _mm_aesenc_si128(b[i], key);
    }
    key = aes_ni_load(k->enc, k->rounds);
    UNROLL
    for (size_t i = 0; i < n; i++)
        b[i] = _mm_aesenclast_si128(b[i], key);
}

/* n blocks, n a constant where this is inlined, so that they stay in registers. */
static inline __attribute__((always_inline)) void inv_cipher(__m128i *b, size_t n, const struct aes_key *k)
{
    __m128i key = aes_ni_load(k->dec, 0);
    UNROLL
    for (size_t i = 0; i < n; i++)
        b[i] = _mm_xor_si128(b[i], key);
    for (size_t r = 1; r < k->rounds; r++) {
        key = aes_ni_load(k->dec, r);
        UNROLL
        for (size_t i = 0; i < n; i++)
            b[i] = _mm_aesdec_si128(b[i], key);
    }
    key = aes_ni_load(k->dec, k->rounds);
    UNROLL
    for (size_t i = 0; i < n; i++)
        b[i] = _mm_aesdeclast_si128(b[i], key);
}

/* Blocks that do not wait for each other, LANES at a time: that many rounds are in the unit at once. */
#define EACH_BLOCK(cipher)                                                                                             \
    do {                                                                                                               \
        for (; blocks >= LANES; blocks -= LANES, in += 16 * LANES, out += 16 * LANES) {                                \
            __m128i b[LANES];                                                                                          \
            UNROLL                                                                                                     \
            for (size_t i = 0; i < LANES; i++)                                                                         \
                b[i] = aes_ni_load(in, i);                                                                             \
            cipher(b, LANES, k);                                                                                       \
            UNROLL                                                                                                     \
            for (size_t i = 0; i < LANES; i++)                                                                         \
                aes_ni_store(out, i, b[i]);                                                                            \
        }                                                                                                              \
        for (; blocks > 0; blocks--, in += 16, out += 16) {                                                            \
            __m128i b = aes_ni_load(in, 0);                                                                            \
            cipher(&b, 1, k);                                                                                          \
            aes_ni_store(out, 0, b);                                                                                   \
        }                                                                                                              \
    } while (0)

static void encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    EACH_BLOCK(cipher);
}

static void decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    EACH_BLOCK(inv_cipher);
}

static void cbc_encrypt_blocks(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                               size_t blocks)
{
    if (blocks == 0)
        return;
    __m128i state = aes_ni_chain_start(k->enc, iv, in);
    if (k->rounds == 10)
        aes_ni_chain(k->enc, 10, state, out, in, blocks, 0);
    else
        aes_ni_chain(k->enc, 14, state, out, in, blocks, 0);
}

/* The chains of up to LANES streams, a round of all of them in turn. */
static inline __attribute__((always_inline)) void chains(const struct aes_cbc_stream *s, size_t n, size_t rounds,
                                                         size_t blocks)
{
    const uint8_t *w[LANES], *in[LANES];
    __m128i c[LANES];
    UNROLL
    for (size_t i = 0; i < LANES; i++) {
        const struct aes_cbc_stream *own =
            &s[i < n ? i : 0]; /* a lane without a stream reads one, and writes nothing */
        w[i] = own->key->enc;
        in[i] = own->in;
        c[i] = aes_ni_load(own->iv, 0);
    }
    for (size_t at = 0; at < blocks; at++) {
        UNROLL
        for (size_t i = 0; i < LANES; i++)
            c[i] = _mm_xor_si128(c[i], _mm_xor_si128(aes_ni_load(in[i], at), aes_ni_round_key(w[i], 0)));
        UNROLL
        for (size_t r = 1; r < rounds; r++) {
            UNROLL
            for (size_t i = 0; i < LANES; i++)
                c[i] = _mm_aesenc_si128(c[i], aes_ni_round_key(w[i], r));
        }
        UNROLL
        for (size_t i = 0; i < LANES; i++) {
            c[i] = _mm_aesenclast_si128(c[i], aes_ni_round_key(w[i], rounds));
            if (i < n)
                aes_ni_store(s[i].out, at, c[i]);
        }
    }
}

static void cbc_encrypt_many(const struct aes_cbc_stream s[], size_t n, size_t blocks)
{
    for (size_t done = 0; done < n; done += LANES) {
        if (s[0].key->rounds == 10)
            chains(s + done, n - done, 10, blocks);
        else
            chains(s + done, n - done, 14, blocks);
    }
}

static void cbc_decrypt_blocks(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                               size_t blocks)
{
    __m128i before = aes_ni_load(iv, 0);
    for (; blocks >= LANES; blocks -= LANES, in += 16 * LANES, out += 16 * LANES) {
        __m128i c[LANES], b[LANES];
        UNROLL
        for (size_t i = 0; i < LANES; i++)
            b[i] = c[i] = aes_ni_load(in, i);
        inv_cipher(b, LANES, k);
        aes_ni_store(out, 0, _mm_xor_si128(b[0], before));
        UNROLL
        for (size_t i = 1; i < LANES; i++)
            aes_ni_store(out, i, _mm_xor_si128(b[i], c[i - 1]));
        before = c[LANES - 1];
    }
    for (; blocks > 0; blocks--, in += 16, out += 16) {
        __m128i c = aes_ni_load(in, 0), b = c;
        inv_cipher(&b, 1, k);
        aes_ni_store(out, 0, _mm_xor_si128(b, before));
        before = c;
    }
}

const struct aes_impl aes_ni = {
    .name = "ni",
    .usable = usable,
    .expand = expand,
    .encrypt = encrypt,
    .decrypt = decrypt,
    .cbc_encrypt = cbc_encrypt_blocks,
    .cbc_decrypt = cbc_decrypt_blocks,
    .cbc_encrypt_many = cbc_encrypt_many,
};

#endif
