/* SPDX-License-Identifier: MIT */
/* The functions of app/peer/sender_key.h, for the runner. A key goes in and comes out member by member; what is drawn
 * stands in the question. Nothing here branches on a secret. */
#include <string.h>

#include "app/peer/sender_key.h"
#include "app/workbench/runner/runner.h"

/* The arguments: the key's members first, then those of the function. */
enum { ROOM, LIST, ID, I, SECRET, FIRST, SECOND, DRAWN };

static struct sender_key k;

static void put_in(const struct runner_call *c)
{
    memcpy(k.room, c->arg[ROOM].p, sizeof k.room);
    memcpy(k.list, c->arg[LIST].p, sizeof k.list);
    memcpy(k.id, c->arg[ID].p, sizeof k.id);
    k.i = bytes_load_be32(c->arg[I].p);
    memcpy(k.secret, c->arg[SECRET].p, sizeof k.secret);
}

static void take_out(struct runner_call *c)
{
    memcpy(c->arg[ROOM].p, k.room, sizeof k.room);
    memcpy(c->arg[LIST].p, k.list, sizeof k.list);
    memcpy(c->arg[ID].p, k.id, sizeof k.id);
    bytes_store_be32(c->arg[I].p, k.i);
    memcpy(c->arg[SECRET].p, k.secret, sizeof k.secret);
}

/* --- Randomness, played ------------------------------------------------------------------------------------------- */

static const struct runner_arg *drawn;
static size_t drawn_len;

void rng_fill(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    for (size_t i = 0; i < len; i++)
        out[i] = drawn != NULL && drawn_len < drawn->len ? drawn->p[drawn_len++] : 0xee;
}

void rng_key(struct rng *rng, uint8_t *out, size_t len)
{
    rng_fill(rng, out, len);
}

/* --- The functions ------------------------------------------------------------------------------------------------ */

static uint64_t run_draw(struct runner_call *c)
{
    struct rng rng = {.source = NULL};
    drawn = &c->arg[DRAWN];
    drawn_len = 0;
    put_in(c);
    sender_key_draw(&k, c->arg[FIRST].p, c->arg[SECOND].p, &rng);
    take_out(c);
    return 0;
}

static uint64_t run_advance(struct runner_call *c)
{
    put_in(c);
    sender_key_advance(&k);
    take_out(c);
    return 0;
}

/* From a key for message 0 to one that is used up; each secret that it has on the way is written down. */
static uint64_t run_a_hundred(struct runner_call *c)
{
    put_in(c);
    for (size_t n = 0; n < c->arg[FIRST].len / sizeof k.secret; n++) {
        sender_key_advance(&k);
        memcpy(c->arg[FIRST].p + n * sizeof k.secret, k.secret, sizeof k.secret);
    }
    take_out(c);
    return 0;
}

static uint64_t run_encode(struct runner_call *c)
{
    put_in(c);
    sender_key_encode(c->arg[FIRST].p, &k);
    take_out(c);
    return 0;
}

/* Where the secret comes by itself, as one that may decide nothing, it goes to its place. */
static uint64_t run_decode(struct runner_call *c)
{
    const struct runner_arg *in = &c->arg[FIRST];
    put_in(c);
    if (c->args > SECOND)
        memcpy(in->p + in->len - sizeof k.secret, c->arg[SECOND].p, sizeof k.secret);
    int result = sender_key_decode(&k, in->p, in->len);
    take_out(c);
    return (uint64_t)(int64_t)result;
}

static uint64_t run_wipe(struct runner_call *c)
{
    const volatile uint8_t *bytes = (const uint8_t *)&k;
    uint64_t left = 0;
    put_in(c);
    sender_key_wipe(&k);
    for (size_t i = 0; i < sizeof k; i++)
        left += (bytes[i] | (0u - bytes[i])) >> 7 & 1; /* 1 where it is not zero, without a branch */
    take_out(c);
    return left;
}

/* --- What is left on the stack ------------------------------------------------------------------------------------ */

#define DEEP 16384
#define BETWEEN 1024 /* so that who looks writes over nothing */
#define NEEDLE SENDER_KEY_SECRET_LEN

static __attribute__((noinline)) void paint(void)
{
    volatile uint8_t area[DEEP];
    for (size_t i = 0; i < sizeof area; i++)
        area[i] = 0xa5;
}

static __attribute__((noinline)) uint8_t advance_deeper(void)
{
    volatile uint8_t between[BETWEEN];
    between[0] = 0;
    sender_key_advance(&k);
    return between[0];
}

/* A bit for each needle that lies in these bytes. */
static uint64_t find(uintptr_t from, size_t len, const struct runner_arg *needles)
{
    const volatile uint8_t *hay = (const volatile uint8_t *)from; /* nobody's any more: not for the compiler to judge */
    uint64_t found = 0;
    for (size_t at = 0; at + NEEDLE <= len; at++)
        for (size_t n = 0; n < needles->len / NEEDLE; n++) {
            size_t same = 0;
            while (same < NEEDLE && hay[at + same] == needles->p[NEEDLE * n + same])
                same++;
            if (same == NEEDLE)
                found |= UINT64_C(1) << n;
        }
    return found;
}

/* Bits from 0 on are of the stack, those from 32 on of struct sender_key. */
static uint64_t run_and_look(struct runner_call *c)
{
    put_in(c);
    paint();
    (void)advance_deeper();
    uint64_t below = find((uintptr_t)__builtin_frame_address(0) - DEEP, DEEP, &c->arg[FIRST]);
    uint64_t kept = find((uintptr_t)&k, sizeof k, &c->arg[FIRST]);
    take_out(c);
    return below | kept << 32;
}

const struct runner_function runner_functions[] = {
    {"sender_key_draw", run_draw},
    {"sender_key_advance", run_advance},
    {"sender_key_advance, a hundred times", run_a_hundred},
    {"sender_key_encode", run_encode},
    {"sender_key_decode", run_decode},
    {"sender_key_wipe", run_wipe},
    {"sender_key_advance, and what it leaves", run_and_look},
    {NULL, NULL},
};
