/* SPDX-License-Identifier: MIT */
/* A counter and a hash: each block depends on the seed and on its number alone, so any of them can be made without the
 * others.
 */
#include "app/workbench/explain/explain_rng.h"

#include <assert.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "crypto/sha256.h"

/* What is hashed for a block: the seed and its number. */
struct input {
    size_t len;
    uint8_t bytes[RNG_FIXED_SEED_MAX + 8];
};

static void input_of(struct input *in, const void *seed, size_t seed_len, uint64_t number)
{
    memcpy(in->bytes, seed, seed_len);
    bytes_store_be64(in->bytes + seed_len, number);
    in->len = seed_len + 8;
}

/* Writes the stream, and shows its blocks. */
static void show_blocks(FILE *to, uint8_t *stream, const void *seed, size_t seed_len, size_t len)
{
    struct input in;
    uint8_t block[SHA256_DIGEST_LEN];
    for (size_t at = 0; at < len; at += sizeof block) {
        size_t left = len - at, taken = left < sizeof block ? left : sizeof block;
        input_of(&in, seed, seed_len, at / sizeof block);
        sha256_digest(block, in.bytes, in.len);
        memcpy(stream + at, block, taken);
        show_heading(to, "Block %zu", at / sizeof block);
        show_value(to, "hashed", in.bytes, in.len);
        show_value(to, "SHA-256", block, sizeof block);
        if (taken < sizeof block)
            show_note(to, "Of these the first %zu.", taken);
    }
}

void explain_rng(FILE *to, const void *seed, size_t seed_len, size_t len)
{
    static uint8_t stream[EXPLAIN_RNG_MAX], again[EXPLAIN_RNG_MAX];
    char feed[SHOW_FEED_LEN(RNG_FIXED_SEED_MAX + 8)];
    struct rng rng;
    struct input in;
    assert(len <= EXPLAIN_RNG_MAX && seed_len <= RNG_FIXED_SEED_MAX);
    show_heading(to, "A stream that is always the same (app/workbench/rng_fixed.h)");
    show_note(to,
              "Each block of 32 bytes is SHA-256(seed || i), i being its number from 0 on as a big-endian u64. Whoever "
              "knows the seed knows every byte: for known answers, and never for keys.");
    show_value(to, "seed", seed, seed_len);
    show_blocks(to, stream, seed, seed_len, len);
    show_heading(to, "The stream");
    show_value(to, "stream", stream, len);
    rng_fixed_init(&rng, seed, seed_len);
    rng_fill(&rng, again, len);
    assert(memcmp(stream, again, len) == 0);
    rng_wipe(&rng);
    show_heading(to, "The same by openssl: block 0");
    input_of(&in, seed, seed_len, 0);
    show_command(to, "%sopenssl dgst -sha256 -r", show_feed(feed, in.bytes, in.len));
}
