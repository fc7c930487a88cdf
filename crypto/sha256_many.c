/* SPDX-License-Identifier: MIT */
/* The portable form takes one message after the other and so is as fast as SHA-256's own backend, no faster: it is here
 * so that whoever gathers messages needs no second way of doing it. */
#include "crypto/sha256_many.h"

#include <assert.h>

#include "crypto/bytes.h"
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/sha256_many_impl.h"
#include "crypto/sha256_ref.h"

const struct sha256_many_impl *const sha256_many_impls[] = {
#if CPU_X86_BACKENDS
    &sha256_x16,
    &sha256_x2,
#endif
    &sha256_many_portable,
    NULL,
};

const struct sha256_many_impl *sha256_many_fastest(void)
{
    const struct sha256_many_impl *const *impl = sha256_many_impls;
    while (!(*impl)->usable())
        impl++;
    return *impl;
}

bool sha256_many_worthwhile(void)
{
    return sha256_many_fastest()->lanes > 1;
}

void sha256_many_init_with(struct sha256_many *s, const struct sha256_many_impl *impl, size_t n)
{
    assert(n >= 1 && n <= SHA256_MANY_MAX);
    s->impl = impl;
    s->n = n;
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < SHA256_MANY_MAX; j++)
            s->h[i][j] = sha256_H0[i];
}

void sha256_many_init(struct sha256_many *s, size_t n)
{
    sha256_many_init_with(s, sha256_many_fastest(), n);
}

void sha256_many_resume(struct sha256_many *s, size_t j, const uint32_t h[static 8])
{
    for (size_t i = 0; i < 8; i++)
        s->h[i][j] = h[i];
}

void sha256_many_state(const struct sha256_many *s, size_t j, uint32_t h[static 8])
{
    for (size_t i = 0; i < 8; i++)
        h[i] = s->h[i][j];
}

void sha256_many_update(struct sha256_many *s, const uint8_t *const data[], size_t blocks)
{
    s->impl->update(s, data, blocks);
}

void sha256_many_update_words(struct sha256_many *s, const struct sha256_many_block *block)
{
    s->impl->update_words(s, block);
}

/* --- One message after the other ---------------------------------------------------------------------------------- */

static bool usable(void)
{
    return true;
}

static void update_one(struct sha256_many *s, size_t j, const uint8_t *data, size_t blocks)
{
    struct sha256 one;
    uint32_t h[8];
    sha256_many_state(s, j, h);
    sha256_resume(&one, h, SHA256_BLOCK_LEN); /* any whole number of blocks: the length only counts in the padding */
    sha256_update(&one, data, blocks * SHA256_BLOCK_LEN);
    sha256_many_resume(s, j, one.h);
    ct_wipe(&one, sizeof one);
    ct_wipe(h, sizeof h);
}

static void update(struct sha256_many *s, const uint8_t *const data[], size_t blocks)
{
    for (size_t j = 0; j < s->n; j++)
        update_one(s, j, data[j], blocks);
    ct_wipe_stack(CT_STACK_LEN); /* as in sha256.c */
}

static void update_words(struct sha256_many *s, const struct sha256_many_block *block)
{
    uint8_t bytes[SHA256_BLOCK_LEN];
    for (size_t j = 0; j < s->n; j++) {
        for (size_t i = 0; i < 16; i++)
            bytes_store_be32(bytes + 4 * i, block->w[i][j]);
        update_one(s, j, bytes, 1);
    }
    ct_wipe(bytes, sizeof bytes);
    ct_wipe_stack(CT_STACK_LEN);
}

const struct sha256_many_impl sha256_many_portable = {
    .name = "portable", .lanes = 1, .usable = usable, .update = update, .update_words = update_words};
