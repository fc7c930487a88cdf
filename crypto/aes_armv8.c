/* SPDX-License-Identifier: MIT */
/* AES on ARMv8's crypto extension, in constant time by construction. Its instructions cut a round at other places than
 * the standard does: AESE is AddRoundKey, SubBytes and ShiftRows, and AESMC is MixColumns; so a round key goes in at
 * the beginning of a step, and the last one is xored by hand. AESD and AESIMC are the same for decryption, by the
 * Equivalent Inverse Cipher (FIPS 197, 5.3.5).
 *
 * CBC encryption is a chain; in CBC decryption eight blocks are in flight at once.
 */
#include "crypto/aes_impl.h"
#include "crypto/cpu.h"

#if CPU_ARM_BACKENDS

#include <arm_neon.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/unroll.h"

#define LANES 8

static bool usable(void)
{
    return (cpu_features() & CPU_ARM_AES) != 0;
}

static inline uint8x16_t load(const uint8_t *p, size_t block)
{
    return vld1q_u8(p + AES_BLOCK_LEN * block);
}

static inline void store(uint8_t *p, size_t block, uint8x16_t v)
{
    vst1q_u8(p + AES_BLOCK_LEN * block, v);
}

/* SubWord of FIPS 197, 5.2. AESE under a zero key is SubBytes and ShiftRows, and where all columns are the same,
 * ShiftRows does nothing. */
static inline uint32_t sub_word(uint32_t w)
{
    return vgetq_lane_u32(vreinterpretq_u32_u8(vaeseq_u8(vreinterpretq_u8_u32(vdupq_n_u32(w)), vdupq_n_u8(0))), 0);
}

/* FIPS 197, 5.2, with its names; the words are big-endian, and no bit of them is looked at but by arithmetic. */
static void expand_enc(uint8_t *enc, const uint8_t *key, size_t Nk, size_t Nr)
{
    uint32_t w[60], temp, Rcon = 0x01000000;
    for (size_t i = 0; i < Nk; i++)
        w[i] = bytes_load_be32(key + 4 * i);
    for (size_t i = Nk; i < 4 * (Nr + 1); i++) {
        temp = w[i - 1];
        if (i % Nk == 0) {
            temp = sub_word(temp << 8 | temp >> 24) ^ Rcon;
            Rcon = Rcon == 0x80000000 ? 0x1b000000 : Rcon << 1;
        } else if (Nk > 6 && i % Nk == 4) {
            temp = sub_word(temp);
        }
        w[i] = w[i - Nk] ^ temp;
    }
    for (size_t i = 0; i < 4 * (Nr + 1); i++)
        bytes_store_be32(enc + 4 * i, w[i]);
    ct_wipe(w, sizeof w);
}

static void expand(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    size_t Nr = k->rounds;
    expand_enc(k->enc, key, key_len / 4, Nr);
    store(k->dec, 0, load(k->enc, Nr));
    for (size_t r = 1; r < Nr; r++)
        store(k->dec, r, vaesimcq_u8(load(k->enc, Nr - r)));
    store(k->dec, Nr, load(k->enc, 0));
}

static inline uint8x16_t cipher(const struct aes_key *k, uint8x16_t b)
{
    for (size_t r = 0; r + 1 < k->rounds; r++)
        b = vaesmcq_u8(vaeseq_u8(b, load(k->enc, r)));
    return veorq_u8(vaeseq_u8(b, load(k->enc, k->rounds - 1)), load(k->enc, k->rounds));
}

/* n blocks, n a constant where this is inlined, so that they stay in registers. */
static inline __attribute__((always_inline)) void inv_cipher(uint8x16_t *b, size_t n, const struct aes_key *k)
{
    for (size_t r = 0; r + 1 < k->rounds; r++) {
        uint8x16_t key = load(k->dec, r);
        UNROLL
        for (size_t i = 0; i < n; i++)
            b[i] = vaesimcq_u8(vaesdq_u8(b[i], key));
    }
    uint8x16_t key = load(k->dec, k->rounds - 1), last = load(k->dec, k->rounds);
    UNROLL
    for (size_t i = 0; i < n; i++)
        b[i] = veorq_u8(vaesdq_u8(b[i], key), last);
}

static void encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    for (size_t i = 0; i < blocks; i++)
        store(out, i, cipher(k, load(in, i)));
}

static void decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    for (size_t i = 0; i < blocks; i++) {
        uint8x16_t b = load(in, i);
        inv_cipher(&b, 1, k);
        store(out, i, b);
    }
}

static void cbc_encrypt_blocks(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                               size_t blocks)
{
    uint8x16_t c = load(iv, 0);
    for (size_t i = 0; i < blocks; i++) {
        c = cipher(k, veorq_u8(c, load(in, i)));
        store(out, i, c);
    }
}

static void cbc_decrypt_blocks(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                               size_t blocks)
{
    uint8x16_t before = load(iv, 0);
    for (; blocks >= LANES; blocks -= LANES, in += AES_BLOCK_LEN * LANES, out += AES_BLOCK_LEN * LANES) {
        uint8x16_t c[LANES], b[LANES];
        UNROLL
        for (size_t i = 0; i < LANES; i++)
            b[i] = c[i] = load(in, i);
        inv_cipher(b, LANES, k);
        store(out, 0, veorq_u8(b[0], before));
        UNROLL
        for (size_t i = 1; i < LANES; i++)
            store(out, i, veorq_u8(b[i], c[i - 1]));
        before = c[LANES - 1];
    }
    for (; blocks > 0; blocks--, in += AES_BLOCK_LEN, out += AES_BLOCK_LEN) {
        uint8x16_t c = load(in, 0), b = c;
        inv_cipher(&b, 1, k);
        store(out, 0, veorq_u8(b, before));
        before = c;
    }
}

const struct aes_impl aes_armv8 = {
    .name = "armv8",
    .usable = usable,
    .expand = expand,
    .encrypt = encrypt,
    .decrypt = decrypt,
    .cbc_encrypt = cbc_encrypt_blocks,
    .cbc_decrypt = cbc_decrypt_blocks,
};

#endif
