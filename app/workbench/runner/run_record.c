/* SPDX-License-Identifier: MIT */
/* The functions of net/record.h, for the runner, and a random generator that gives what the grader wants. A struct
 * record lives for one call. Nothing here branches on what a student's function gave: it may be secret. */
#include <string.h>

#include "app/workbench/runner/runner.h"
#include "crypto/bytes.h"
#include "net/record.h"

#define SLOT_LEN 336    /* for a frame of up to 255 bytes of payload */
#define KEY_UPDATE 0xff /* in `steps`: a KeyUpdate is sealed, then the keys are changed */

/* --- The random generator ----------------------------------------------------------------------------------------- */

static const uint8_t *draws;
static size_t draws_left;

/* Zeros where more is drawn than was given. */
static void give(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    size_t n = len < draws_left ? len : draws_left;
    memset(out, 0, len);
    if (n > 0)
        memcpy(out, draws, n);
    draws += n;
    draws_left -= n;
}

static void give_from(struct rng *rng, const struct runner_arg *random)
{
    *rng = (struct rng){.source = give};
    draws = random->p;
    draws_left = random->len;
}

/* One that a student made gives nothing of ours. */
void rng_init(struct rng *rng)
{
    *rng = (struct rng){.source = NULL};
}

void rng_fill(struct rng *rng, uint8_t *out, size_t len)
{
    memset(out, 0xee, len);
    if (rng->source != NULL)
        rng->source(rng, out, len);
}

void rng_key(struct rng *rng, uint8_t *out, size_t len)
{
    rng_fill(rng, out, len);
}

void rng_wipe(struct rng *rng)
{
    memset(rng, 0, sizeof *rng);
}

void rng_system(uint8_t *out, size_t len)
{
    memset(out, 0xee, len);
}

/* --- One Record --------------------------------------------------------------------------------------------------- */

/* secret, suite, sequence, records, bytes: five arguments. What was in the struct before is no zeros. */
static void begin(struct record *r, const struct runner_arg *arg)
{
    memset(r, 0x5a, sizeof *r);
    record_init(r, (enum suite)arg[1].n, arg[0].p, NULL);
    r->sequence += arg[2].n;
    r->records += (uint32_t)arg[3].n;
    r->bytes += (uint32_t)arg[4].n;
}

static void store_counts(uint8_t *counts, const struct record *r)
{
    bytes_store_be64(counts, r->sequence);
    bytes_store_be64(counts + 8, r->records);
    bytes_store_be64(counts + 16, r->bytes);
}

/* frame, frame_len, counts; secret ... bytes; random, type, payload */
static uint64_t run_seal(struct runner_call *c)
{
    const struct runner_arg *arg = c->arg;
    struct record r;
    struct rng rng;
    size_t frame_len = (size_t)bytes_load_be64(arg[1].p);
    begin(&r, arg + 3);
    give_from(&rng, &arg[8]);
    enum net_err err = record_seal(&r, &rng, arg[0].p, arg[0].len, &frame_len, (enum content_type)arg[9].n, arg[10].p,
                                   arg[10].len);
    bytes_store_be64(arg[1].p, frame_len);
    store_counts(arg[2].p, &r);
    return err;
}

/* frame, type, payload (how far it is from frame), payload_len, counts; secret ... bytes */
static uint64_t run_open(struct runner_call *c)
{
    const struct runner_arg *arg = c->arg;
    struct record r;
    enum content_type type = (enum content_type)bytes_load_be32(arg[1].p + 4);
    uint8_t *payload = (uint8_t *)((uintptr_t)arg[0].p + (uintptr_t)bytes_load_be64(arg[2].p));
    size_t payload_len = (size_t)bytes_load_be64(arg[3].p);
    begin(&r, arg + 5);
    enum net_err err = record_open(&r, arg[0].p, arg[0].len, &type, &payload, &payload_len);
    bytes_store_be32(arg[1].p + 4, (uint32_t)type);
    bytes_store_be64(arg[2].p, (uint64_t)((uintptr_t)payload - (uintptr_t)arg[0].p));
    bytes_store_be64(arg[3].p, payload_len);
    store_counts(arg[4].p, &r);
    return err;
}

/* How many bytes of it are not zero. */
static uint64_t left(const void *p, size_t len)
{
    const uint8_t *bytes = p;
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += bytes[i] != 0;
    return n;
}

static uint64_t open_one(struct record *r, const struct runner_arg *frame)
{
    enum content_type type = CONTENT_APPLICATION;
    uint8_t *payload = NULL;
    size_t payload_len = 0;
    return record_open(r, frame->p, frame->len, &type, &payload, &payload_len);
}

/* One after the other, under the same struct: first, second (the results), left (of secret and keys); the two frames;
 * secret ... bytes */
static uint64_t run_open_two(struct runner_call *c)
{
    const struct runner_arg *arg = c->arg;
    struct record r;
    begin(&r, arg + 5);
    bytes_store_be64(arg[0].p, open_one(&r, &arg[3]));
    bytes_store_be64(arg[1].p, open_one(&r, &arg[4]));
    bytes_store_be64(arg[2].p, left(r.secret, sizeof r.secret) + left(&r.key.aes, sizeof r.key.aes) +
                                   left(&r.key.mac, sizeof r.key.mac));
    return 0;
}

/* --- More than one ------------------------------------------------------------------------------------------------ */

/* frames, a slot for each step; steps, each a length of payload or KEY_UPDATE; secret ... bytes; random, payload */
static uint64_t run_row(struct runner_call *c)
{
    const struct runner_arg *arg = c->arg;
    struct record r;
    struct rng rng;
    begin(&r, arg + 2);
    give_from(&rng, &arg[7]);
    for (size_t i = 0; i < arg[1].len; i++) {
        bool update = arg[1].p[i] == KEY_UPDATE;
        size_t frame_len = 0, len = update ? 0 : arg[1].p[i];
        enum net_err err = record_seal(&r, &rng, arg[0].p + SLOT_LEN * i, SLOT_LEN, &frame_len,
                                       update ? CONTENT_KEY_UPDATE : CONTENT_APPLICATION, arg[8].p, len);
        if (err != NET_OK)
            return err;
        if (update)
            record_update(&r);
    }
    return NET_OK;
}

/* frames, a slot for each of n; secrets, n; suite, sequence, random, payload */
static uint64_t run_seal_many(struct runner_call *c)
{
    static struct record r[RECORD_MANY_MAX];
    const struct runner_arg *arg = c->arg;
    struct record_one one[RECORD_MANY_MAX];
    struct rng rng;
    size_t n = arg[1].len / RECORD_SECRET_LEN;
    give_from(&rng, &arg[4]);
    for (size_t i = 0; i < n && i < RECORD_MANY_MAX; i++) {
        record_init(&r[i], (enum suite)arg[2].n, arg[1].p + RECORD_SECRET_LEN * i, NULL);
        r[i].sequence = arg[3].n + i;
        one[i] = (struct record_one){.r = &r[i], .frame = arg[0].p + SLOT_LEN * i, .frame_cap = SLOT_LEN};
    }
    record_seal_many(one, n, &rng, CONTENT_APPLICATION, arg[5].p, arg[5].len);
    for (size_t i = 0; i < n && i < RECORD_MANY_MAX; i++)
        if (one[i].err != NET_OK)
            return one[i].err;
    return NET_OK;
}

static uint64_t run_frame_len(struct runner_call *c)
{
    return record_frame_len((size_t)c->arg[0].n);
}

/* records, bytes, payload_len */
static uint64_t run_update_due(struct runner_call *c)
{
    struct record r;
    memset(&r, 0, sizeof r);
    r.records = (uint32_t)c->arg[0].n;
    r.bytes = (uint32_t)c->arg[1].n;
    return record_update_due(&r, (size_t)c->arg[2].n);
}

static uint64_t run_suite_exists(struct runner_call *c)
{
    return suite_exists((int)c->arg[0].n);
}

const struct runner_function runner_functions[] = {
    {"record_seal", run_seal},
    {"record_open", run_open},
    {"record_open, twice", run_open_two},
    {"record_seal, in a row", run_row},
    {"record_seal_many", run_seal_many},
    {"record_frame_len", run_frame_len},
    {"record_update_due", run_update_due},
    {"suite_exists", run_suite_exists},
    {NULL, NULL},
};
