/* SPDX-License-Identifier: MIT */
/* As FIPS 180-4 prints it; a code is two HMACs of eight bytes, so nothing here needs to be fast. */
#include "crypto/sha1.h"

#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"

static uint32_t ROTL(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

/* f_t and K_t of round t (4.1.1, 4.2.1): four sorts of twenty rounds. */
static uint32_t f(size_t t, uint32_t x, uint32_t y, uint32_t z)
{
    if (t < 20)
        return (x & y) ^ (~x & z);
    if (t >= 40 && t < 60)
        return (x & y) ^ (x & z) ^ (y & z);
    return x ^ y ^ z;
}

static const uint32_t K[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

/* 6.1.2, one block. */
static void compress(uint32_t h[5], const uint8_t *block)
{
    uint32_t W[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (size_t t = 0; t < 16; t++)
        W[t] = bytes_load_be32(block + 4 * t);
    for (size_t t = 16; t < 80; t++)
        W[t] = ROTL(W[t - 3] ^ W[t - 8] ^ W[t - 14] ^ W[t - 16], 1);
    for (size_t t = 0; t < 80; t++) {
        uint32_t T = ROTL(a, 5) + f(t, b, c, d) + e + K[t / 20] + W[t];
        e = d;
        d = c;
        c = ROTL(b, 30);
        b = a;
        a = T;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
    ct_wipe(W, sizeof W);
}

void sha1_init(struct sha1 *s)
{
    static const uint32_t H0[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}; /* 5.3.1 */
    memcpy(s->h, H0, sizeof s->h);
    s->len = 0;
}

void sha1_update(struct sha1 *s, const void *data, size_t len)
{
    const uint8_t *in = data;
    while (len > 0) {
        size_t waiting = s->len % SHA1_BLOCK_LEN, room = SHA1_BLOCK_LEN - waiting;
        size_t take = len < room ? len : room;
        memcpy(s->block + waiting, in, take);
        s->len += take;
        in += take;
        len -= take;
        if (take == room)
            compress(s->h, s->block);
    }
}

void sha1_final(struct sha1 *s, uint8_t digest[static SHA1_DIGEST_LEN])
{
    uint8_t length[8];
    bytes_store_be64(length, 8 * s->len);
    sha1_update(s, "\x80", 1);
    while (s->len % SHA1_BLOCK_LEN != SHA1_BLOCK_LEN - sizeof length)
        sha1_update(s, "", 1);
    sha1_update(s, length, sizeof length);
    for (size_t i = 0; i < 5; i++)
        bytes_store_be32(digest + 4 * i, s->h[i]);
    ct_wipe(s, sizeof *s);
}

void sha1_digest(uint8_t digest[static SHA1_DIGEST_LEN], const void *data, size_t len)
{
    struct sha1 s;
    sha1_init(&s);
    sha1_update(&s, data, len);
    sha1_final(&s, digest);
}
