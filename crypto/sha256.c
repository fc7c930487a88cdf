/* The streaming of SHA-256: whole blocks go straight from the caller's memory to the backend, what is left waits in
 * s->block. The padding (FIPS 180-4, 5.1.1) is a 1 bit, zeros, and the length in bits in the last eight bytes. */
#include "crypto/sha256.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

#define LENGTH_LEN 8 /* the message's length at the end of the padding */
#define MESSAGE_MAX (UINT64_MAX / 8) /* bytes: the length in bits has to fit there */

const struct sha256_impl *const sha256_impls[] = {
#if CPU_X86_BACKENDS
    &sha256_ni,
#endif
#if CPU_ARM_BACKENDS
    &sha256_armv8,
#endif
    &sha256_unrolled,
    &sha256_ref,
    NULL,
};

static const struct sha256_impl *fastest(void)
{
    const struct sha256_impl *const *impl = sha256_impls;
    while (!(*impl)->usable())
        impl++;
    return *impl;
}

void sha256_init_with(struct sha256 *s, const struct sha256_impl *impl)
{
    s->impl = impl;
    memcpy(s->h, sha256_H0, sizeof s->h);
    s->len = 0;
}

void sha256_init(struct sha256 *s)
{
    sha256_init_with(s, fastest());
}

void sha256_resume(struct sha256 *s, const uint32_t h[static 8], uint64_t len)
{
    assert(len % SHA256_BLOCK_LEN == 0 && len <= MESSAGE_MAX);
    s->impl = fastest();
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

void sha256_final(struct sha256 *s, uint8_t digest[static SHA256_DIGEST_LEN])
{
    size_t waiting = s->len % SHA256_BLOCK_LEN;
    s->block[waiting++] = 0x80;
    if (waiting > SHA256_BLOCK_LEN - LENGTH_LEN) {
        memset(s->block + waiting, 0, SHA256_BLOCK_LEN - waiting);
        s->impl->compress(s->h, s->block, 1);
        waiting = 0;
    }
    memset(s->block + waiting, 0, SHA256_BLOCK_LEN - LENGTH_LEN - waiting);
    bytes_store_be64(s->block + SHA256_BLOCK_LEN - LENGTH_LEN, 8 * s->len);
    s->impl->compress(s->h, s->block, 1);
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(digest + 4 * i, s->h[i]);
    ct_wipe(s, sizeof *s);
}

void sha256_digest(uint8_t digest[static SHA256_DIGEST_LEN], const void *data, size_t len)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, data, len);
    sha256_final(&s, digest);
}
