/* SPDX-License-Identifier: MIT */
/* As FIPS 180-4 prints it: SHA-256 with words of 64 bits, 80 rounds and other rotations. Only key files of other tools
 * ask for it, so nothing here needs to be fast. */
#include "crypto/sha512.h"

#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"

/* 4.2.3: the first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
static const uint64_t K[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* 5.3.5: those of the square roots of the first eight primes; 5.3.4: of the next eight. */
static const uint64_t H0_512[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};
static const uint64_t H0_384[8] = {
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
};

/* 4.1.3. */
static uint64_t ROTR(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

static uint64_t Sigma0(uint64_t x)
{
    return ROTR(x, 28) ^ ROTR(x, 34) ^ ROTR(x, 39);
}

static uint64_t Sigma1(uint64_t x)
{
    return ROTR(x, 14) ^ ROTR(x, 18) ^ ROTR(x, 41);
}

static uint64_t sigma0(uint64_t x)
{
    return ROTR(x, 1) ^ ROTR(x, 8) ^ x >> 7;
}

static uint64_t sigma1(uint64_t x)
{
    return ROTR(x, 19) ^ ROTR(x, 61) ^ x >> 6;
}

/* 6.4.2, one block. */
static void compress(uint64_t H[8], const uint8_t *block)
{
    uint64_t W[80], v[8];
    for (size_t t = 0; t < 16; t++)
        W[t] = bytes_load_be64(block + 8 * t);
    for (size_t t = 16; t < 80; t++)
        W[t] = sigma1(W[t - 2]) + W[t - 7] + sigma0(W[t - 15]) + W[t - 16];
    memcpy(v, H, sizeof v); /* a to h */
    for (size_t t = 0; t < 80; t++) {
        uint64_t Ch = (v[4] & v[5]) ^ (~v[4] & v[6]), Maj = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        uint64_t T1 = v[7] + Sigma1(v[4]) + Ch + K[t] + W[t], T2 = Sigma0(v[0]) + Maj;
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += T1; /* d, which is e by now */
        v[0] = T1 + T2;
    }
    for (size_t i = 0; i < 8; i++)
        H[i] += v[i];
    ct_wipe(W, sizeof W);
    ct_wipe(v, sizeof v);
}

void sha512_init(struct sha512 *s)
{
    memcpy(s->h, H0_512, sizeof s->h);
    s->len = 0;
}

void sha512_init_384(struct sha512 *s)
{
    memcpy(s->h, H0_384, sizeof s->h);
    s->len = 0;
}

void sha512_update(struct sha512 *s, const void *data, size_t len)
{
    const uint8_t *in = data;
    while (len > 0) {
        size_t waiting = s->len % SHA512_BLOCK_LEN, room = SHA512_BLOCK_LEN - waiting;
        size_t take = len < room ? len : room;
        memcpy(s->block + waiting, in, take);
        s->len += take;
        in += take;
        len -= take;
        if (take == room)
            compress(s->h, s->block);
    }
}

/* 5.1.2: a 1 bit, zeros, and the length in bits, of which 128 are kept. */
void sha512_final(struct sha512 *s, uint8_t digest[static SHA512_DIGEST_LEN])
{
    static const uint8_t padding[SHA512_BLOCK_LEN] = {0x80};
    uint8_t length[16] = {0};
    size_t waiting = (s->len + sizeof length) % SHA512_BLOCK_LEN;
    bytes_store_be64(length, s->len >> 61);
    bytes_store_be64(length + 8, s->len << 3);
    sha512_update(s, padding, SHA512_BLOCK_LEN - waiting);
    sha512_update(s, length, sizeof length);
    for (size_t i = 0; i < 8; i++)
        bytes_store_be64(digest + 8 * i, s->h[i]);
    ct_wipe(s, sizeof *s);
}
