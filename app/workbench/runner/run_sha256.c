/* SPDX-License-Identifier: MIT */
/* The constants and functions of crypto/sha256_ref.h and crypto/sha256.h, for the runner. Words come and go as four
 * big-endian bytes each; the lengths of a message's parts too. */
#include <string.h>

#include "app/workbench/runner/runner.h"
#include "crypto/bytes.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

static void store_words(uint8_t *out, const uint32_t *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes_store_be32(out + 4 * i, words[i]);
}

static void load_words(uint32_t *words, const uint8_t *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        words[i] = bytes_load_be32(in + 4 * i);
}

static uint64_t run_K(struct runner_call *c)
{
    store_words(c->arg[0].p, sha256_K, 64);
    return 0;
}

static uint64_t run_H0(struct runner_call *c)
{
    store_words(c->arg[0].p, sha256_H0, 8);
    return 0;
}

static uint64_t run_message_schedule(struct runner_call *c)
{
    uint32_t W[64];
    load_words(W, c->arg[0].p, 64);
    sha256_message_schedule(W, c->arg[1].p);
    store_words(c->arg[0].p, W, 64);
    return 0;
}

static uint64_t run_round(struct runner_call *c)
{
    uint32_t v[8];
    load_words(v, c->arg[0].p, 8);
    sha256_round(v, bytes_load_be32(c->arg[1].p), bytes_load_be32(c->arg[2].p));
    store_words(c->arg[0].p, v, 8);
    return 0;
}

static uint64_t run_compress(struct runner_call *c)
{
    uint32_t h[8];
    load_words(h, c->arg[0].p, 8);
    sha256_ref.compress(h, c->arg[1].p, c->arg[1].len / SHA256_BLOCK_LEN);
    store_words(c->arg[0].p, h, 8);
    return 0;
}

static uint64_t run_digest(struct runner_call *c)
{
    sha256_digest(c->arg[0].p, c->arg[1].p, c->arg[1].len);
    return 0;
}

/* The message in parts, whose lengths are the last argument. */
static void update(struct sha256 *s, const struct runner_arg *message, const struct runner_arg *lengths)
{
    size_t at = 0;
    for (size_t i = 0; i + 4 <= lengths->len; i += 4) {
        size_t part = bytes_load_be32(lengths->p + i);
        sha256_update(s, message->p + at, part);
        at += part;
    }
}

/* How many bytes of it are not zero. */
static uint64_t left(const void *p, size_t len)
{
    uint8_t bytes[sizeof(struct sha256)];
    uint64_t n = 0;
    memcpy(bytes, p, len);
    for (size_t i = 0; i < len; i++)
        n += bytes[i] != 0;
    return n;
}

static uint64_t run_parts(struct runner_call *c)
{
    struct sha256 s;
    sha256_init(&s);
    update(&s, &c->arg[1], &c->arg[2]);
    sha256_final(&s, c->arg[0].p);
    return 0;
}

static uint64_t run_two(struct runner_call *c)
{
    struct sha256 s, other;
    sha256_init(&s);
    sha256_update(&s, c->arg[2].p, c->arg[2].len);
    other = s;
    for (size_t i = 0; i < c->arg[3].len || i < c->arg[4].len; i += 10) { /* both are a multiple of it */
        if (i < c->arg[3].len)
            sha256_update(&s, c->arg[3].p + i, 10);
        if (i < c->arg[4].len)
            sha256_update(&other, c->arg[4].p + i, 10);
    }
    sha256_final(&s, c->arg[0].p);
    sha256_final(&other, c->arg[1].p);
    return 0;
}

static uint64_t run_wiped(struct runner_call *c)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, c->arg[1].p, c->arg[1].len);
    sha256_final(&s, c->arg[0].p);
    return left(&s, sizeof s);
}

static uint64_t run_chaining_value(struct runner_call *c)
{
    struct sha256 s;
    sha256_init(&s);
    update(&s, &c->arg[1], &c->arg[2]);
    store_words(c->arg[0].p, s.h, 8);
    return 0;
}

static uint64_t run_resume(struct runner_call *c)
{
    struct sha256 s;
    uint32_t h[8];
    load_words(h, c->arg[1].p, 8);
    sha256_resume(&s, h, c->arg[2].n);
    sha256_update(&s, c->arg[3].p, c->arg[3].len);
    sha256_final(&s, c->arg[0].p);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"sha256_K", run_K},
    {"sha256_H0", run_H0},
    {"sha256_message_schedule", run_message_schedule},
    {"sha256_round", run_round},
    {"sha256_ref.compress", run_compress},
    {"sha256_digest", run_digest},
    {"sha256_init, _update, _final", run_parts},
    {"sha256_update of two copies in turn, _final of both", run_two},
    {"sha256_final", run_wiped},
    {"sha256_init, _update, then s->h", run_chaining_value},
    {"sha256_resume, _update, _final", run_resume},
    {NULL, NULL},
};
