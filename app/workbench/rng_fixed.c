/* SPDX-License-Identifier: MIT */
/* The fields of struct rng that only the system's source uses hold what this one needs: `buffer` the seed, `key` the
 * current block of the stream, `refills` its number plus one, `used` how much of it has been served, `generation` the
 * seed's length. */
#include "app/workbench/rng_fixed.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/sha256.h"

static void next_block(struct rng *rng)
{
    uint8_t number[8];
    struct sha256 s;
    bytes_store_be64(number, rng->refills++);
    sha256_init(&s);
    sha256_update(&s, rng->buffer, rng->generation);
    sha256_update(&s, number, sizeof number);
    sha256_final(&s, rng->key);
    rng->used = 0;
}

static void source(struct rng *rng, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (rng->used == sizeof rng->key)
            next_block(rng);
        out[i] = rng->key[rng->used++];
    }
}

void rng_fixed_init(struct rng *rng, const void *seed, size_t seed_len)
{
    assert(seed_len <= RNG_FIXED_SEED_MAX);
    memset(rng, 0, sizeof *rng);
    rng->source = source;
    memcpy(rng->buffer, seed, seed_len);
    rng->generation = seed_len;
    rng->used = sizeof rng->key;
}
