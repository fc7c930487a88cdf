/* SPDX-License-Identifier: MIT */
/* The streaming of SHA-256: whole blocks go straight from the caller's memory to the backend, what is left waits in
 * s->block. The padding (FIPS 180-4, 5.1.1) is a 1 bit, zeros, and the length in bits in the last eight bytes. */
#include "crypto/sha256.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

#define LENGTH_LEN 8                 /* the message's length at the end of the padding */
#define MESSAGE_MAX (UINT64_MAX / 8) /* bytes: the length in bits has to fit there */

void sha256_init_with(struct sha256 *s, const struct sha256_impl *impl)
{
    s->impl = impl;
    memcpy(s->h, sha256_H0, sizeof s->h);
    s->len = 0;
}

void sha256_init(struct sha256 *s)
{
    sha256_init_with(s, sha256_fastest());
}

void sha256_resume(struct sha256 *s, const uint32_t h[static 8], uint64_t len)
{
    assert(len % SHA256_BLOCK_LEN == 0 && len <= MESSAGE_MAX);
    s->impl = sha256_fastest();
    memcpy(s->h, h, sizeof s->h);
    s->len = len;
}

void sha256_update(struct sha256 *s, const void *data, size_t len)
{
    assert(len <= MESSAGE_MAX - s->len);
    const uint8_t *in = data;
    size_t waiting = s->len % SHA256_BLOCK_LEN;
    s->len += len;
    if (waiting > 0) {
        size_t take = SHA256_BLOCK_LEN - waiting < len ? SHA256_BLOCK_LEN - waiting : len;
        if (take > 0)
            memcpy(s->block + waiting, in, take);
        if (waiting + take < SHA256_BLOCK_LEN)
            return;
        s->impl->compress(s->h, s->block, 1);
        in += take;
        len -= take;
    }
    if (len >= SHA256_BLOCK_LEN)
        s->impl->compress(s->h, in, len / SHA256_BLOCK_LEN);
    size_t rest = len % SHA256_BLOCK_LEN;
    if (rest > 0)
        memcpy(s->block, in + len - rest, rest);
}

/* What `finish` does, for a backend that has none. */
static void finish_by_compress(const struct sha256_impl *impl, uint8_t digest[SHA256_DIGEST_LEN], const uint32_t h[8],
                               const uint32_t *outer, const uint8_t *data, size_t blocks, const uint8_t *last,
                               size_t last_blocks)
{
    uint8_t block[SHA256_BLOCK_LEN] = {0};
    uint32_t H[8];
    memcpy(H, h, sizeof H);
    impl->compress(H, data, blocks);
    impl->compress(H, last, last_blocks);
    if (outer != NULL) {
        for (size_t i = 0; i < 8; i++)
            bytes_store_be32(block + 4 * i, H[i]);
        block[SHA256_DIGEST_LEN] = 0x80;
        bytes_store_be64(block + SHA256_BLOCK_LEN - LENGTH_LEN, 8 * (SHA256_BLOCK_LEN + SHA256_DIGEST_LEN));
        memcpy(H, outer, sizeof H);
        impl->compress(H, block, 1);
    }
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(digest + 4 * i, H[i]);
    ct_wipe(block, sizeof block);
    ct_wipe(H, sizeof H);
    ct_wipe_stack(CT_STACK_LEN); /* the words of portable code are more than registers hold */
}

/* Sixteen bytes at a time, as the backends store and load: a load gets what was stored just before only if one store
 * holds all of it, and memcpy's wider loads would wait for several. */
static void copy(uint8_t *out, const uint8_t *in, size_t len)
{
    for (; len >= 16; out += 16, in += 16, len -= 16) {
        memcpy(out, in, 16);
#if defined(__GNUC__)
        __asm__ volatile("" : "+r"(out)); /* clang would see through the loop and make a call of memcpy of it */
#endif
    }
    for (; len > 0; len--)
        *out++ = *in++;
}

/* The last blocks are put together before any block is compressed, so that their stores are done when they are
 * loaded. */
void sha256_finish(uint8_t digest[static SHA256_DIGEST_LEN], const struct sha256_impl *impl, const uint32_t h[static 8],
                   const uint32_t *outer, uint64_t done, const void *data, size_t len)
{
    const uint8_t *in = data;
    uint8_t last[2 * SHA256_BLOCK_LEN] = {0};
    size_t blocks = len / SHA256_BLOCK_LEN, rest = len % SHA256_BLOCK_LEN;
    size_t last_blocks = rest + 1 + LENGTH_LEN <= SHA256_BLOCK_LEN ? 1 : 2;
    assert(done % SHA256_BLOCK_LEN == 0 && done <= MESSAGE_MAX && len <= MESSAGE_MAX - done);
    if (rest > 0)
        copy(last, in + len - rest, rest);
    last[rest] = 0x80;
    bytes_store_be64(last + SHA256_BLOCK_LEN * last_blocks - LENGTH_LEN, 8 * (done + len));
    if (impl->finish != NULL)
        impl->finish(digest, h, outer, in, blocks, last, last_blocks);
    else
        finish_by_compress(impl, digest, h, outer, in, blocks, last, last_blocks);
    ct_wipe(last, sizeof last);
}

void sha256_last(struct sha256 *s, uint8_t digest[static SHA256_DIGEST_LEN], const uint32_t *outer, const void *data,
                 size_t len)
{
    const uint8_t *in = data;
    size_t waiting = s->len % SHA256_BLOCK_LEN;
    if (waiting > 0) {
        size_t take = SHA256_BLOCK_LEN - waiting < len ? SHA256_BLOCK_LEN - waiting : len;
        sha256_update(s, in, take);
        waiting = s->len % SHA256_BLOCK_LEN;
        if (take > 0)
            in += take;
        len -= take;
    }
    if (waiting > 0)
        sha256_finish(digest, s->impl, s->h, outer, s->len - waiting, s->block, waiting);
    else
        sha256_finish(digest, s->impl, s->h, outer, s->len, in, len);
    ct_wipe(s, sizeof *s);
}

void sha256_final(struct sha256 *s, uint8_t digest[static SHA256_DIGEST_LEN])
{
    sha256_last(s, digest, NULL, NULL, 0);
}

void sha256_digest(uint8_t digest[static SHA256_DIGEST_LEN], const void *data, size_t len)
{
    sha256_finish(digest, sha256_fastest(), sha256_H0, NULL, 0, data, len);
}
