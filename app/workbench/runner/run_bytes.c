/* SPDX-License-Identifier: MIT */
/* The functions of crypto/bytes.h and crypto/ct.h, for the runner. */
#include "app/workbench/runner/runner.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

static uint64_t run_xor(struct runner_call *c)
{
    bytes_xor(c->arg[0].p, c->arg[1].p, c->arg[2].p, (size_t)c->arg[3].n);
    return 0;
}

static uint64_t run_encode(struct runner_call *c)
{
    hex_encode((char *)c->arg[0].p, c->arg[1].p, (size_t)c->arg[2].n);
    return 0;
}

/* arg[2] is *out_len, as eight bytes; out_cap is a number of its own, as the buffer may have more room. */
static uint64_t run_decode(struct runner_call *c)
{
    size_t out_len = (size_t)bytes_load_be64(c->arg[2].p);
    int result = hex_decode(c->arg[0].p, (size_t)c->arg[1].n, &out_len, (const char *)c->arg[3].p, c->arg[3].len);
    bytes_store_be64(c->arg[2].p, out_len);
    return (uint64_t)(int64_t)result;
}

static uint64_t run_equal(struct runner_call *c)
{
    return (uint64_t)(int64_t)ct_equal(c->arg[0].p, c->arg[1].p, (size_t)c->arg[2].n);
}

const struct runner_function runner_functions[] = {
    {"bytes_xor", run_xor}, {"hex_encode", run_encode}, {"hex_decode", run_decode}, {"ct_equal", run_equal},
    {NULL, NULL},
};
