/* SPDX-License-Identifier: MIT */
/* Fast key erasure: AES-256 in counter mode makes a buffer full of bytes from a key; the first 32 of them replace the
 * key at once, and the rest is served, each byte wiped as it leaves. So whoever reads this memory later finds neither
 * the key that made the earlier bytes nor the bytes. A system call is paid once in a thousand refills, when 32 fresh
 * bytes of the kernel are added to the key, so that whoever read the memory once does not know all that ever follows.
 *
 * Fork: a child would have the same key and the same buffer, and so serve the same IVs as its parent. Every child of
 * fork therefore adds 1 to a number of the process; a struct rng that was filled under another number takes a new key
 * from the kernel first. (Asking getpid each time would cost a system call, and process numbers come round again. What
 * fork's handlers do not see, a raw clone or a virtual machine restored twice from one image, is one reason why rng_key
 * goes to the kernel.) */
#include "crypto/rng.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define REFILLS_A_SEED 1024 /* about 1 MiB */

/* 1 in the first process, and 1 more in each child than in its parent. The only thing here that threads share. */
static atomic_ulong generation = 1;
static pthread_once_t handler_once = PTHREAD_ONCE_INIT;

static void after_fork_in_child(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void register_handler(void)
{
    if (pthread_atfork(NULL, NULL, after_fork_in_child) != 0) {
        fputs("the random generator can't be made safe across fork: no memory for pthread_atfork\n", stderr);
        abort();
    }
}

void rng_init(struct rng *rng)
{
    pthread_once(&handler_once, register_handler);
    memset(rng, 0, sizeof *rng);
    rng->used = RNG_BUFFER_LEN; /* no process has generation 0: the first rng_fill takes a key from the kernel */
}

static void seed(struct rng *rng)
{
    uint8_t fresh[RNG_KEY_LEN];
    rng_system(fresh, sizeof fresh);
    bytes_xor(rng->key, rng->key, fresh, RNG_KEY_LEN);
    ct_wipe(fresh, sizeof fresh);
    rng->refills = 0;
}

/* The counter may start from 0 each time, because each key makes one buffer only. */
static void refill(struct rng *rng)
{
    uint8_t stream[RNG_KEY_LEN + RNG_BUFFER_LEN] = {0};
    struct aes_key k;
    if (rng->refills == REFILLS_A_SEED)
        seed(rng);
    for (uint32_t i = 0; i < sizeof stream / AES_BLOCK_LEN; i++)
        bytes_store_be32(stream + AES_BLOCK_LEN * i + 12, i);
    aes_key_init(&k, rng->key, RNG_KEY_LEN);
    aes_encrypt(&k, stream, stream, sizeof stream / AES_BLOCK_LEN);
    aes_key_wipe(&k);
    memcpy(rng->key, stream, RNG_KEY_LEN);
    memcpy(rng->buffer, stream + RNG_KEY_LEN, RNG_BUFFER_LEN);
    ct_wipe(stream, sizeof stream);
    rng->used = 0;
    rng->refills++;
}

/* CAUTION: without this a child serves the bytes that its parent serves; test_rng's test_fork_parts_ways sees it. */
static void follow_fork(struct rng *rng)
{
    unsigned long now = atomic_load_explicit(&generation, memory_order_relaxed);
    if (rng->generation == now)
        return;
    rng->generation = now;
    rng->used = RNG_BUFFER_LEN;
    seed(rng);
}

void rng_key(struct rng *rng, uint8_t *out, size_t len)
{
    if (rng->source != NULL)
        rng->source(rng, out, len);
    else
        rng_system(out, len);
}

void rng_fill(struct rng *rng, uint8_t *out, size_t len)
{
    if (rng->source != NULL) {
        rng->source(rng, out, len);
        return;
    }
    follow_fork(rng);
    while (len > 0) {
        if (rng->used == RNG_BUFFER_LEN)
            refill(rng);
        size_t left = RNG_BUFFER_LEN - rng->used;
        size_t n = len < left ? len : left;
        memcpy(out, rng->buffer + rng->used, n);
        ct_wipe(rng->buffer + rng->used, n);
        rng->used += n;
        out += n;
        len -= n;
    }
}

void rng_wipe(struct rng *rng)
{
    ct_wipe(rng, sizeof *rng);
}
