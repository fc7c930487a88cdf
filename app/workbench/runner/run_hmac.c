/* SPDX-License-Identifier: MIT */
/* The functions of crypto/hmac.h, for the runner. The words of a struct hmac_key come and go as four big-endian bytes
 * each; the lengths of a message's parts too. */
#include <string.h>

#include "app/workbench/runner/runner.h"
#include "crypto/bytes.h"
#include "crypto/hmac.h"

static uint64_t run_key_init(struct runner_call *c)
{
    struct hmac_key k;
    memset(&k, 0, sizeof k);
    hmac_key_init(&k, c->arg[2].p, c->arg[2].len);
    for (size_t i = 0; i < 8; i++) {
        bytes_store_be32(c->arg[0].p + 4 * i, k.inner[i]);
        bytes_store_be32(c->arg[1].p + 4 * i, k.outer[i]);
    }
    return 0;
}

static uint64_t run_tag(struct runner_call *c)
{
    hmac_tag(c->arg[0].p, c->arg[1].p, c->arg[1].len, c->arg[2].p, c->arg[2].len);
    return 0;
}

static uint64_t run_message(struct runner_call *c)
{
    struct hmac_key k;
    hmac_key_init(&k, c->arg[1].p, c->arg[1].len);
    hmac_message(c->arg[0].p, &k, c->arg[2].p, c->arg[2].len);
    return 0;
}

static uint64_t run_message_from(struct runner_call *c)
{
    struct hmac_key k;
    struct sha256 s;
    hmac_key_init(&k, c->arg[1].p, c->arg[1].len);
    sha256_resume(&s, k.inner, SHA256_BLOCK_LEN);
    sha256_update(&s, c->arg[2].p, c->arg[2].len);
    hmac_message_from(c->arg[0].p, &k, s.h, c->arg[2].len, c->arg[3].p, c->arg[3].len);
    return 0;
}

/* How many bytes of it are not zero. */
static uint64_t left(const void *p, size_t len)
{
    uint8_t bytes[sizeof(struct hmac)];
    uint64_t n = 0;
    memcpy(bytes, p, len);
    for (size_t i = 0; i < len; i++)
        n += bytes[i] != 0;
    return n;
}

/* Starts the message: the parts but for the last one, whose length and place are returned. */
static const uint8_t *begin(struct runner_call *c, struct hmac *h, size_t *len)
{
    struct hmac_key k;
    const uint8_t *part = c->arg[2].p, *lengths = c->arg[3].p;
    hmac_key_init(&k, c->arg[1].p, c->arg[1].len);
    hmac_init(h, &k);
    memset(&k, 0, sizeof k); /* h has to go on without it */
    for (size_t i = 4; i < c->arg[3].len; i += 4, lengths += 4) {
        hmac_update(h, part, bytes_load_be32(lengths));
        part += bytes_load_be32(lengths);
    }
    *len = bytes_load_be32(lengths);
    return part;
}

static uint64_t run_final(struct runner_call *c)
{
    struct hmac h;
    size_t len;
    const uint8_t *part = begin(c, &h, &len);
    hmac_update(&h, part, len);
    hmac_final(&h, c->arg[0].p);
    return left(&h, sizeof h);
}

static uint64_t run_last(struct runner_call *c)
{
    struct hmac h;
    size_t len;
    const uint8_t *part = begin(c, &h, &len);
    hmac_last(&h, c->arg[0].p, part, len);
    return left(&h, sizeof h);
}

static uint64_t run_key_wipe(struct runner_call *c)
{
    struct hmac_key k;
    hmac_key_init(&k, c->arg[0].p, c->arg[0].len);
    hmac_key_wipe(&k);
    return left(&k, sizeof k);
}

const struct runner_function runner_functions[] = {
    {"hmac_key_init", run_key_init},
    {"hmac_tag", run_tag},
    {"hmac_message", run_message},
    {"hmac_message_from", run_message_from},
    {"hmac_init, _update, _final", run_final},
    {"hmac_init, _update, _last", run_last},
    {"hmac_key_wipe", run_key_wipe},
    {NULL, NULL},
};
