/* SPDX-License-Identifier: MIT */
/* AES in constant time without special instructions: bitslicing. Four blocks are turned over, so that one 64-bit word
 * holds the same bit of all their 64 bytes; then the S-box is no table to look up but a circuit of exclusive-ors and
 * ands, which one pass computes for all 64 bytes, and no address and no branch depends on a secret.
 *
 * Slice q[b] holds bit b of every byte (b = 0: the least significant). Within a slice the byte in row r, column c of
 * block k is at bit 16 r + 4 c + k:
 *
 *      bit 63        48 47        32 31        16 15         0
 *          |   row 3   |   row 2   |   row 1   |   row 0   |      a row: 16 bits
 *                                               c3 c2 c1 c0       a column: 4 bits, one for each block
 *
 * so ShiftRows turns 16-bit lanes, and MixColumns, which meets the other rows of the same column, turns whole words by
 * 16 and 32. The idea and the order of the bits are those of BearSSL's aes_ct64 (T. Pornin); FIPS 197 names the steps.
 *
 * Nothing is cast between bytes and words, so any byte order and word size will do. */
#include <string.h>

#include "crypto/aes_impl.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define SLICES 8
#define BATCH 4
#define BATCH_LEN (BATCH * AES_BLOCK_LEN)

/* The bits of block 0; << k: of block k. */
#define BLOCK_MASK 0x1111111111111111u

/* Every round key in slices, the same in all four blocks: what one call unpacks from the key. */
struct schedule {
    uint64_t q[15][SLICES];
    unsigned rounds;
};

static inline uint64_t rotate_right(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

/* Exchanges the bits of a under mask << n with those of b under mask. */
static inline void exchange(uint64_t *a, uint64_t *b, uint64_t mask, unsigned n)
{
    uint64_t difference = (*a >> n ^ *b) & mask;
    *b ^= difference;
    *a ^= difference << n;
}

/* Bit i of each byte of q[j] and bit j of the same byte of q[i] change places: eight 8 x 8 squares are transposed. It
 * is its own inverse. */
static void transpose(uint64_t q[SLICES])
{
    for (int j = 0; j < SLICES; j += 2)
        exchange(&q[j], &q[j + 1], 0x5555555555555555u, 1);
    for (int j = 0; j < SLICES; j += 4) {
        exchange(&q[j], &q[j + 2], 0x3333333333333333u, 2);
        exchange(&q[j + 1], &q[j + 3], 0x3333333333333333u, 2);
    }
    for (int j = 0; j < 4; j++)
        exchange(&q[j], &q[j + 4], 0x0f0f0f0f0f0f0f0fu, 4);
}

/* The four bytes of a column, each into the low half of its row's 16 bits; and back. */
static inline uint64_t spread(uint64_t column)
{
    column = (column | column << 16) & 0x0000ffff0000ffffu;
    return (column | column << 8) & 0x00ff00ff00ff00ffu;
}

static inline uint32_t gather(uint64_t lanes)
{
    lanes &= 0x00ff00ff00ff00ffu;
    lanes = (lanes | lanes >> 8) & 0x0000ffff0000ffffu;
    return (uint32_t)(lanes | lanes >> 16);
}

/* Turns 4 blocks over into slices. Before the transposition, columns 0 and 2 of block k are in q[k], 1 and 3 in
 * q[k+4]. */
static void load(uint64_t q[SLICES], const uint8_t in[static BATCH_LEN])
{
    for (int k = 0; k < BATCH; k++, in += AES_BLOCK_LEN) {
        q[k] = spread(bytes_load_le32(in)) | spread(bytes_load_le32(in + 8)) << 8;
        q[k + 4] = spread(bytes_load_le32(in + 4)) | spread(bytes_load_le32(in + 12)) << 8;
    }
    transpose(q);
}

/* The reverse. It leaves q turned over, good for nothing more. */
static void store(uint8_t out[static BATCH_LEN], uint64_t q[SLICES])
{
    transpose(q);
    for (int k = 0; k < BATCH; k++, out += AES_BLOCK_LEN) {
        bytes_store_le32(out, gather(q[k]));
        bytes_store_le32(out + 4, gather(q[k + 4]));
        bytes_store_le32(out + 8, gather(q[k] >> 8));
        bytes_store_le32(out + 12, gather(q[k + 4] >> 8));
    }
}

/* SubBytes (section 5.1.1) as the circuit of 115 gates by Boyar and Peralta, "A new combinational logic minimization
 * technique with applications to cryptology" (SEA 2010, eprint 2009/191), with its names: x0 and s0 are the most
 * significant bits; y.. a linear layer, then to z17 an inversion in GF(2^8) by way of GF(2^4), then linear again. */
static inline void sub_bytes(uint64_t q[SLICES])
{
    uint64_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
    uint64_t y14 = x3 ^ x5, y13 = x0 ^ x6, y9 = x0 ^ x3, y8 = x0 ^ x5, t0 = x1 ^ x2, y1 = t0 ^ x7, y4 = y1 ^ x3;
    uint64_t y12 = y13 ^ y14, y2 = y1 ^ x0, y5 = y1 ^ x6, y3 = y5 ^ y8, t1 = x4 ^ y12, y15 = t1 ^ x5, y20 = t1 ^ x1;
    uint64_t y6 = y15 ^ x7, y10 = y15 ^ t0, y11 = y20 ^ y9, y7 = x7 ^ y11, y17 = y10 ^ y11, y19 = y10 ^ y8;
    uint64_t y16 = t0 ^ y11, y21 = y13 ^ y16, y18 = x0 ^ y16;

    uint64_t t2 = y12 & y15, t3 = y3 & y6, t4 = t3 ^ t2, t5 = y4 & x7, t6 = t5 ^ t2, t7 = y13 & y16, t8 = y5 & y1;
    uint64_t t9 = t8 ^ t7, t10 = y2 & y7, t11 = t10 ^ t7, t12 = y9 & y11, t13 = y14 & y17, t14 = t13 ^ t12;
    uint64_t t15 = y8 & y10, t16 = t15 ^ t12, t17 = t4 ^ t14, t18 = t6 ^ t16, t19 = t9 ^ t14, t20 = t11 ^ t16;
    uint64_t t21 = t17 ^ y20, t22 = t18 ^ y19, t23 = t19 ^ y21, t24 = t20 ^ y18, t25 = t21 ^ t22, t26 = t21 & t23;
    uint64_t t27 = t24 ^ t26, t28 = t25 & t27, t29 = t28 ^ t22, t30 = t23 ^ t24, t31 = t22 ^ t26, t32 = t31 & t30;
    uint64_t t33 = t32 ^ t24, t34 = t23 ^ t33, t35 = t27 ^ t33, t36 = t24 & t35, t37 = t36 ^ t34, t38 = t27 ^ t36;
    uint64_t t39 = t29 & t38, t40 = t25 ^ t39, t41 = t40 ^ t37, t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37;
    uint64_t t45 = t42 ^ t41, z0 = t44 & y15, z1 = t37 & y6, z2 = t33 & x7, z3 = t43 & y16, z4 = t40 & y1;
    uint64_t z5 = t29 & y7, z6 = t42 & y11, z7 = t45 & y17, z8 = t41 & y10, z9 = t44 & y12, z10 = t37 & y3;
    uint64_t z11 = t33 & y4, z12 = t43 & y13, z13 = t40 & y5, z14 = t29 & y2, z15 = t42 & y9, z16 = t45 & y14;
    uint64_t z17 = t41 & y8;

    uint64_t t46 = z15 ^ z16, t47 = z10 ^ z11, t48 = z5 ^ z13, t49 = z9 ^ z10, t50 = z2 ^ z12, t51 = z2 ^ z5;
    uint64_t t52 = z7 ^ z8, t53 = z0 ^ z3, t54 = z6 ^ z7, t55 = z16 ^ z17, t56 = z12 ^ t48, t57 = t50 ^ t53;
    uint64_t t58 = z4 ^ t46, t59 = z3 ^ t54, t60 = t46 ^ t57, t61 = z14 ^ t57, t62 = t52 ^ t58, t63 = t49 ^ t58;
    uint64_t t64 = z4 ^ t59, t65 = t61 ^ t62, t66 = z1 ^ t63, t67 = t64 ^ t65;

    uint64_t s3 = t53 ^ t66;
    q[7] = t59 ^ t63;
    q[6] = ~(t64 ^ s3);
    q[5] = ~(t55 ^ t67);
    q[4] = s3;
    q[3] = t51 ^ t66;
    q[2] = t47 ^ t65;
    q[1] = ~(t56 ^ t62);
    q[0] = ~(t48 ^ t60);
}

/* The inverse of SubBytes' affine map (section 5.1.1): bit i becomes bits i+2, i+5, i+7, and 0x05 is added. */
static inline void inverse_affine(uint64_t q[SLICES])
{
    uint64_t a0 = q[0], a1 = q[1], a2 = q[2], a3 = q[3], a4 = q[4], a5 = q[5], a6 = q[6], a7 = q[7];
    q[0] = ~(a2 ^ a5 ^ a7);
    q[1] = a3 ^ a6 ^ a0;
    q[2] = ~(a4 ^ a7 ^ a1);
    q[3] = a5 ^ a0 ^ a2;
    q[4] = a6 ^ a1 ^ a3;
    q[5] = a7 ^ a2 ^ a4;
    q[6] = a0 ^ a3 ^ a5;
    q[7] = a1 ^ a4 ^ a6;
}

/* InvSubBytes (section 5.3.2) from the same circuit. S is inversion I, then the affine map A; so the inverse of S is
 * I A^-1 = A^-1 (A I) A^-1 = A^-1 S A^-1. */
static inline void inv_sub_bytes(uint64_t q[SLICES])
{
    inverse_affine(q);
    sub_bytes(q);
    inverse_affine(q);
}

/* Turns the 16-bit lanes that the masks cover right by n bits: the bits under `right` move right, those under `left`
 * come round from the other end. The other lanes stay. */
static inline uint64_t turn_lanes(uint64_t x, uint64_t right, uint64_t left, unsigned n)
{
    return (x & ~(right | left)) | (x & right) >> n | (x & left) << (16 - n);
}

/* Section 5.1.2: row r moves r columns, 4 r bits: rows 1 and 3 by one column, then rows 2 and 3 by two. */
static inline void shift_rows(uint64_t q[SLICES])
{
    for (int b = 0; b < SLICES; b++) {
        uint64_t x = turn_lanes(q[b], 0xfff00000fff00000u, 0x000f0000000f0000u, 4);
        q[b] = turn_lanes(x, 0xff00ff0000000000u, 0x00ff00ff00000000u, 8);
    }
}

/* Section 5.3.1: the same to the other side. There are only four columns, so by three instead of one, and two again. */
static inline void inv_shift_rows(uint64_t q[SLICES])
{
    for (int b = 0; b < SLICES; b++) {
        uint64_t x = turn_lanes(q[b], 0xf0000000f0000000u, 0x0fff00000fff0000u, 12);
        q[b] = turn_lanes(x, 0xff00ff0000000000u, 0x00ff00ff00000000u, 8);
    }
}

/* Section 5.1.3. With a, a', a'', a''' the byte and those below it in its column, the column becomes
 * 2a + 3a' + a'' + a''' = 2(a + a') + a' + (a'' + a'''): t is a + a', a turn of t is a'' + a''', and times 2 moves t by
 * one slice, adding t[7] where x^8 = x^4 + x^3 + x + 1 says so. */
static inline void mix_columns(uint64_t q[SLICES])
{
    uint64_t below[SLICES], t[SLICES];
    for (int b = 0; b < SLICES; b++) {
        below[b] = rotate_right(q[b], 16);
        t[b] = q[b] ^ below[b];
    }
    q[0] = t[7] ^ below[0] ^ rotate_right(t[0], 32);
    q[1] = t[0] ^ t[7] ^ below[1] ^ rotate_right(t[1], 32);
    q[2] = t[1] ^ below[2] ^ rotate_right(t[2], 32);
    q[3] = t[2] ^ t[7] ^ below[3] ^ rotate_right(t[3], 32);
    q[4] = t[3] ^ t[7] ^ below[4] ^ rotate_right(t[4], 32);
    q[5] = t[4] ^ below[5] ^ rotate_right(t[5], 32);
    q[6] = t[5] ^ below[6] ^ rotate_right(t[6], 32);
    q[7] = t[6] ^ below[7] ^ rotate_right(t[7], 32);
}

/* Section 5.3.3. Its polynomial is MixColumns' times {04}x^2 + {05}: first a becomes 5a + 4a'' = a + 4(a + a''), then
 * MixColumns. Times 4 moves u by two slices. */
static inline void inv_mix_columns(uint64_t q[SLICES])
{
    uint64_t u[SLICES];
    for (int b = 0; b < SLICES; b++)
        u[b] = q[b] ^ rotate_right(q[b], 32);
    q[0] ^= u[6];
    q[1] ^= u[6] ^ u[7];
    q[2] ^= u[0] ^ u[7];
    q[3] ^= u[1] ^ u[6];
    q[4] ^= u[2] ^ u[6] ^ u[7];
    q[5] ^= u[3] ^ u[7];
    q[6] ^= u[4];
    q[7] ^= u[5];
    mix_columns(q);
}

/* Section 5.1.4. */
static inline void add_round_key(uint64_t q[SLICES], const uint64_t round_key[SLICES])
{
    for (int b = 0; b < SLICES; b++)
        q[b] ^= round_key[b];
}

/* Section 5.1. */
static void encrypt_slices(const struct schedule *s, uint64_t q[SLICES])
{
    add_round_key(q, s->q[0]);
    for (unsigned round = 1; round < s->rounds; round++) {
        sub_bytes(q);
        shift_rows(q);
        mix_columns(q);
        add_round_key(q, s->q[round]);
    }
    sub_bytes(q);
    shift_rows(q);
    add_round_key(q, s->q[s->rounds]);
}

/* Section 5.3. */
static void decrypt_slices(const struct schedule *s, uint64_t q[SLICES])
{
    add_round_key(q, s->q[s->rounds]);
    for (unsigned round = s->rounds - 1; round > 0; round--) {
        inv_shift_rows(q);
        inv_sub_bytes(q);
        add_round_key(q, s->q[round]);
        inv_mix_columns(q);
    }
    inv_shift_rows(q);
    inv_sub_bytes(q);
    add_round_key(q, s->q[0]);
}

/* A round key in slices is the same in all four blocks, so one bit of each four is kept: slices 0 to 3 share one word,
 * 4 to 7 another, and the 15 round keys of AES-256 fit the 240 bytes of aes_key.enc. */
static void pack(uint8_t out[static AES_BLOCK_LEN], const uint64_t q[SLICES])
{
    uint64_t word[2] = {0, 0};
    for (int b = 0; b < SLICES; b++)
        word[b / 4] |= (q[b] & BLOCK_MASK) << b % 4;
    bytes_store_le64(out, word[0]);
    bytes_store_le64(out + 8, word[1]);
    ct_wipe(word, sizeof word);
}

static void unpack(struct schedule *s, const struct aes_key *k)
{
    s->rounds = k->rounds;
    for (unsigned round = 0; round <= k->rounds; round++) {
        uint64_t word[2] = {bytes_load_le64(k->enc + 16 * round), bytes_load_le64(k->enc + 16 * round + 8)};
        for (int b = 0; b < SLICES; b++) {
            uint64_t bit = word[b / 4] >> b % 4 & BLOCK_MASK;
            s->q[round][b] = (bit << 4) - bit; /* times 15: the bit into all four places */
        }
    }
}

/* SubWord (section 5.2) through the same circuit: four bytes of the 64 that it could do. */
static void sub_word(uint8_t word[static 4])
{
    uint8_t block[BATCH_LEN] = {word[0], word[1], word[2], word[3]};
    uint64_t q[SLICES];
    load(q, block);
    sub_bytes(q);
    store(block, q);
    memcpy(word, block, 4);
    ct_wipe(block, sizeof block);
    ct_wipe(q, sizeof q);
}

/* Section 5.2, figure 11, with the standard's names; w[0..3] is the first word. */
static void expand_words(uint8_t *w, const uint8_t *key, unsigned Nk, unsigned words)
{
    uint8_t temp[4], Rcon = 1;
    memcpy(w, key, 4 * Nk);
    for (unsigned i = Nk; i < words; i++) {
        memcpy(temp, w + 4 * (i - 1), 4);
        if (i % Nk == 0) {
            const uint8_t first = temp[0];
            memmove(temp, temp + 1, 3); /* RotWord */
            temp[3] = first;
            sub_word(temp);
            temp[0] ^= Rcon;
            Rcon = (uint8_t)(Rcon << 1 ^ (Rcon & 0x80 ? 0x1b : 0)); /* counts rounds: no secret */
        } else if (Nk > 6 && i % Nk == 4) {
            sub_word(temp);
        }
        bytes_xor(w + 4 * i, w + 4 * (i - Nk), temp, 4);
    }
    ct_wipe(temp, sizeof temp);
}

static void expand(struct aes_key *k, const uint8_t *key, size_t key_len)
{
    uint8_t w[240], same[BATCH_LEN] = {0};
    uint64_t q[SLICES];
    expand_words(w, key, (unsigned)key_len / 4, 4 * (k->rounds + 1));
    for (unsigned round = 0; round <= k->rounds; round++) {
        memcpy(same, w + 16 * round, AES_BLOCK_LEN); /* pack keeps block 0 alone */
        load(q, same);
        pack(k->enc + 16 * round, q);
    }
    ct_wipe(w, sizeof w);
    ct_wipe(same, sizeof same);
    ct_wipe(q, sizeof q);
}

static bool usable(void)
{
    return true;
}

/* What stands on the stack during a call: wiped at its end. */
struct work {
    struct schedule schedule;
    uint64_t q[SLICES];
    uint8_t block[BATCH_LEN];
    uint8_t previous[AES_BLOCK_LEN + BATCH_LEN];
};

static inline size_t batch_of(size_t blocks)
{
    return blocks < BATCH ? blocks : BATCH;
}

/* ECB, 4 blocks at a time; the last batch may have fewer, and what else is in it then does not matter. */
static void each_batch(void (*slices)(const struct schedule *, uint64_t *), const struct aes_key *k, uint8_t *out,
                       const uint8_t *in, size_t blocks)
{
    struct work w = {0};
    unpack(&w.schedule, k);
    for (; blocks > 0; blocks -= batch_of(blocks)) {
        size_t len = AES_BLOCK_LEN * batch_of(blocks);
        memcpy(w.block, in, len);
        load(w.q, w.block);
        slices(&w.schedule, w.q);
        store(w.block, w.q);
        memcpy(out, w.block, len);
        in += len;
        out += len;
    }
    ct_wipe(&w, sizeof w);
}

static void encrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    each_batch(encrypt_slices, k, out, in, blocks);
}

static void decrypt(const struct aes_key *k, uint8_t *out, const uint8_t *in, size_t blocks)
{
    each_batch(decrypt_slices, k, out, in, blocks);
}

/* One block of the chain, block `k` of the batch: only it matters in the slices that it goes through. p holds the
 * plaintext of the batch and c gets the ciphertext; chain holds the ciphertext before it, as block 0. */
static inline void chain_block(const struct schedule *s, uint64_t chain[SLICES], const uint64_t p[SLICES],
                               uint64_t c[SLICES], int k)
{
    for (int b = 0; b < SLICES; b++)
        chain[b] ^= p[b] >> k;
    encrypt_slices(s, chain);
    for (int b = 0; b < SLICES; b++)
        c[b] |= (chain[b] & BLOCK_MASK) << k;
}

/* SP 800-38A 6.2. A chain can't be computed four at a time, but its blocks can be turned over four at a time: the
 * exclusive or with the ciphertext before is done in slices. */
static void cbc_encrypt_chain(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                              size_t blocks)
{
    struct work w = {0};
    uint64_t chain[SLICES], c[SLICES];
    unpack(&w.schedule, k);
    memcpy(w.block, iv, AES_BLOCK_LEN);
    load(chain, w.block);
    for (; blocks > 0; blocks -= batch_of(blocks)) {
        size_t n = batch_of(blocks);
        memcpy(w.block, in, AES_BLOCK_LEN * n);
        load(w.q, w.block);
        memset(c, 0, sizeof c);
        for (size_t i = 0; i < n; i++)
            chain_block(&w.schedule, chain, w.q, c, (int)i);
        store(w.block, c);
        memcpy(out, w.block, AES_BLOCK_LEN * n);
        in += AES_BLOCK_LEN * n;
        out += AES_BLOCK_LEN * n;
    }
    ct_wipe(&w, sizeof w);
    ct_wipe(chain, sizeof chain);
}

/* SP 800-38A 6.2: four blocks at a time, then the exclusive or with the ciphertext before each, which was copied
 * because out may be in. */
static void cbc_decrypt_batches(const struct aes_key *k, const uint8_t *iv, uint8_t *out, const uint8_t *in,
                                size_t blocks)
{
    struct work w = {0};
    unpack(&w.schedule, k);
    memcpy(w.previous, iv, AES_BLOCK_LEN);
    for (; blocks > 0; blocks -= batch_of(blocks)) {
        size_t len = AES_BLOCK_LEN * batch_of(blocks);
        memcpy(w.previous + AES_BLOCK_LEN, in, len);
        load(w.q, w.previous + AES_BLOCK_LEN);
        decrypt_slices(&w.schedule, w.q);
        store(w.block, w.q);
        bytes_xor(out, w.block, w.previous, len);
        memcpy(w.previous, w.previous + len, AES_BLOCK_LEN);
        in += len;
        out += len;
    }
    ct_wipe(&w, sizeof w);
}

const struct aes_impl aes_bitslice = {
    .name = "bitslice",
    .usable = usable,
    .has_192 = true,
    .expand = expand,
    .encrypt = encrypt,
    .decrypt = decrypt,
    .cbc_encrypt = cbc_encrypt_chain,
    .cbc_decrypt = cbc_decrypt_batches,
};
