/* SPDX-License-Identifier: MIT */
/* AES on 512-bit registers: one VAESDEC is one round of four blocks, so CBC decryption, whose blocks do not wait for
 * each other, goes four times as wide as in aes_ni.c. CBC *encryption* of one message is a chain and gains nothing from
 * width: it is aes_ni's, and so are the key schedule and whatever else is not here. But 16 messages are 16 chains: four
 * to a register, and four registers in flight, take hardly longer than one of them alone.
 */
#include "crypto/aes_impl.h"
#include "crypto/cpu.h"

#if CPU_X86_BACKENDS

#include <immintrin.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/unroll.h"

#define LANES 4 /* registers in flight, of four blocks each: 16 streams */
#define WIDE 8  /* the same where one message is decrypted: a round of all of them takes as long as VAESDEC's latency */

static bool usable(void)
{
    unsigned needed = CPU_AES_NI | CPU_AVX512 | CPU_VAES;
    return (cpu_features() & needed) == needed;
}

static void expand(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    aes_ni.expand(k, key, key_len);
}

static void encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    aes_ni.encrypt(k, out, in, blocks);
}

static void cbc_encrypt_blocks(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                               size_t blocks)
{
    aes_ni.cbc_encrypt(k, iv, out, in, blocks);
}

/* A round key of the inverse cipher in all four 128-bit lanes. */
static inline __m512i round_key(const struct aes_key *k, size_t r)
{
    return _mm512_broadcast_i32x4(_mm_load_si128((const __m128i *)(const void *)(k->dec + 16 * r)));
}

/* i = 0 .. n-1, n a constant of at most WIDE where this is inlined. */
#define EACH(i, n)                                                                                                     \
    UNROLL                                                                                                             \
    for (size_t i = 0; i < (n); i++)

/* The Equivalent Inverse Cipher (FIPS 197, 5.3.5) on n registers of four blocks, its first AddRoundKey apart. */
static inline __attribute__((always_inline)) void inv_rounds(__m512i *b, size_t n, const struct aes_key *k)
{
    for (size_t r = 1; r < k->rounds; r++) {
        __m512i key = round_key(k, r);
        EACH (i, n)
            b[i] = _mm512_aesdec_epi128(b[i], key);
    }
    __m512i key = round_key(k, k->rounds);
    EACH (i, n)
        b[i] = _mm512_aesdeclast_epi128(b[i], key);
}

/* For each block of c the ciphertext block before it: the last block of `before`, then the first three of c. Taken from
 * registers and not from memory, because in place the plaintext already stands there. */
static inline __m512i blocks_before(__m512i c, __m512i before)
{
    return _mm512_alignr_epi64(c, before, 6);
}

/* The last one to three blocks: a masked load and store touch only what is there. */
static void cbc_decrypt_rest(const struct aes_key *k, __m512i before, uint8_t *out, const uint8_t *in, size_t blocks)
{
    __mmask8 there = (__mmask8)((1u << 2 * blocks) - 1);
    __m512i c = _mm512_maskz_loadu_epi64(there, in), b = _mm512_xor_si512(c, round_key(k, 0));
    inv_rounds(&b, 1, k);
    _mm512_mask_storeu_epi64(out, there, _mm512_xor_si512(b, blocks_before(c, before)));
}

/* n registers of four blocks, side by side. Returns the last ones' ciphertext. */
static inline __attribute__((always_inline)) __m512i cbc_decrypt_wide(const struct aes_key *k, __m512i before,
                                                                      uint8_t *out, const uint8_t *in, size_t n)
{
    __m512i b[WIDE], chain[WIDE], key = round_key(k, 0);
    EACH (i, n) {
        __m512i c = _mm512_loadu_si512(in + 64 * i);
        b[i] = _mm512_xor_si512(c, key);
        chain[i] = blocks_before(c, before);
        before = c;
    }
    inv_rounds(b, n, k);
    EACH (i, n)
        _mm512_storeu_si512(out + 64 * i, _mm512_xor_si512(b[i], chain[i]));
    return before;
}

static void cbc_decrypt_blocks(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                               size_t blocks)
{
    __m512i before = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)iv));
    for (; blocks >= 4 * WIDE; blocks -= 4 * WIDE, in += 64 * WIDE, out += 64 * WIDE)
        before = cbc_decrypt_wide(k, before, out, in, WIDE);
    for (; blocks >= 4 * LANES; blocks -= 4 * LANES, in += 64 * LANES, out += 64 * LANES)
        before = cbc_decrypt_wide(k, before, out, in, LANES);
    for (; blocks >= 4; blocks -= 4, in += 64, out += 64)
        before = cbc_decrypt_wide(k, before, out, in, 1);
    if (blocks > 0)
        cbc_decrypt_rest(k, before, out, in, blocks);
}

static void decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    aes_ni.decrypt(k, out, in, blocks);
}

/* Four blocks of four streams in one register, stream 0's the lowest. */
static inline __m512i gather(const uint8_t *p0, const uint8_t *p1, const uint8_t *p2, const uint8_t *p3)
{
    __m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)p0));
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(const void *)p1), 1);
    v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(const void *)p2), 2);
    return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)(const void *)p3), 3);
}

/* Where each stream's last block of ciphertext goes; those from n on are none. */
static inline void scatter(const struct aes_cbc_stream *s, size_t n, size_t at, const __m512i c[LANES])
{
    alignas(64) uint8_t blocks[AES_STREAMS_MAX][AES_BLOCK_LEN];
    for (size_t i = 0; i < LANES; i++)
        _mm512_store_si512(blocks[4 * i], c[i]);
    for (size_t j = 0; j < n; j++)
        memcpy(s[j].out + at, blocks[j], AES_BLOCK_LEN);
}

/* The chains of 16 streams, w their keys packed [round][stream]. The xor with the first round key is put to the
 * plaintext's, which is known early: only one xor and the rounds are on the way from block to block. */
static inline __attribute__((always_inline)) void chains(const __m512i w[][LANES], size_t rounds,
                                                         const struct aes_cbc_stream *s, size_t n, size_t blocks)
{
    const uint8_t *in[AES_STREAMS_MAX], *iv[AES_STREAMS_MAX];
    for (size_t j = 0; j < AES_STREAMS_MAX; j++) {
        in[j] = s[j < n ? j : 0].in; /* a lane without a stream reads what is there and writes nothing */
        iv[j] = s[j < n ? j : 0].iv;
    }
    __m512i c[LANES];
    UNROLL
    for (size_t i = 0; i < LANES; i++)
        c[i] = gather(iv[4 * i], iv[4 * i + 1], iv[4 * i + 2], iv[4 * i + 3]);
    for (size_t at = 0; at < AES_BLOCK_LEN * blocks; at += AES_BLOCK_LEN) {
        UNROLL
        for (size_t i = 0; i < LANES; i++) {
            __m512i p = gather(in[4 * i] + at, in[4 * i + 1] + at, in[4 * i + 2] + at, in[4 * i + 3] + at);
            c[i] = _mm512_xor_si512(c[i], _mm512_xor_si512(p, w[0][i]));
        }
        for (size_t r = 1; r < rounds; r++) {
            UNROLL
            for (size_t i = 0; i < LANES; i++)
                c[i] = _mm512_aesenc_epi128(c[i], w[r][i]);
        }
        UNROLL
        for (size_t i = 0; i < LANES; i++)
            c[i] = _mm512_aesenclast_epi128(c[i], w[rounds][i]);
        scatter(s, n, at, c);
    }
}

static void cbc_encrypt_many(const struct aes_cbc_stream s[], size_t n, size_t blocks)
{
    __m512i w[15][LANES];
    const uint8_t *enc[AES_STREAMS_MAX];
    size_t rounds = s[0].key->rounds;
    for (size_t j = 0; j < AES_STREAMS_MAX; j++)
        enc[j] = s[j < n ? j : 0].key->enc;
    for (size_t r = 0, at = 0; r <= rounds; r++, at += AES_BLOCK_LEN)
        for (size_t i = 0; i < LANES; i++)
            w[r][i] = gather(enc[4 * i] + at, enc[4 * i + 1] + at, enc[4 * i + 2] + at, enc[4 * i + 3] + at);
    chains((const __m512i(*)[LANES])w, rounds, s, n, blocks);
    ct_wipe(w, sizeof w);
}

const struct aes_impl aes_vaes = {
    .name = "vaes",
    .usable = usable,
    .expand = expand,
    .encrypt = encrypt,
    .decrypt = decrypt,
    .cbc_encrypt = cbc_encrypt_blocks,
    .cbc_decrypt = cbc_decrypt_blocks,
    .cbc_encrypt_many = cbc_encrypt_many,
};

#endif
