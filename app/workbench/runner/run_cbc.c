/* SPDX-License-Identifier: MIT */
/* The functions of crypto/cbc.h, for the runner. A key comes as its bytes and lives for one call. */
#include "app/workbench/runner/runner.h"
#include "crypto/cbc.h"

#define STREAMS_MAX 40

static uint64_t run_encrypt(struct runner_call *c)
{
    struct aes_key key;
    aes_key_init(&key, c->arg[0].p, (size_t)c->arg[1].n);
    cbc_encrypt(&key, c->arg[2].p, c->arg[3].p, c->arg[4].p, (size_t)c->arg[5].n);
    return 0;
}

static uint64_t run_decrypt(struct runner_call *c)
{
    struct aes_key key;
    aes_key_init(&key, c->arg[0].p, (size_t)c->arg[1].n);
    cbc_decrypt(&key, c->arg[2].p, c->arg[3].p, c->arg[4].p, (size_t)c->arg[5].n);
    return 0;
}

/* arg[0]: n keys of 32 bytes, of which arg[1] says whether 16 or 32 count; arg[2]: n IVs; out, in, n, blocks. */
static uint64_t run_encrypt_many(struct runner_call *c)
{
    static struct aes_key keys[STREAMS_MAX];
    struct aes_cbc_stream streams[STREAMS_MAX];
    size_t n = (size_t)c->arg[5].n, blocks = (size_t)c->arg[6].n;
    for (size_t i = 0; i < n && i < STREAMS_MAX; i++) {
        aes_key_init(&keys[i], c->arg[0].p + 32 * i, c->arg[1].p[i]);
        streams[i] = (struct aes_cbc_stream){&keys[i], c->arg[2].p + 16 * i, c->arg[3].p + 16 * blocks * i,
                                             c->arg[4].p + 16 * blocks * i};
    }
    cbc_encrypt_many(streams, n, blocks);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"cbc_encrypt", run_encrypt},
    {"cbc_decrypt", run_decrypt},
    {"cbc_encrypt_many", run_encrypt_many},
    {NULL, NULL},
};
