/* SPDX-License-Identifier: MIT */
/* The functions of crypto/aes_ref.h that exercise 02 is about, for the runner. A state is 16 bytes, row by row. */
#include "app/workbench/runner/runner.h"
#include "crypto/aes_ref.h"

typedef uint8_t row[4];

static uint64_t run_load(struct runner_call *c)
{
    aes_ref_state_load((row *)c->arg[0].p, c->arg[1].p);
    return 0;
}

static uint64_t run_store(struct runner_call *c)
{
    aes_ref_state_store(c->arg[0].p, (row *)c->arg[1].p);
    return 0;
}

static uint64_t run_SubBytes(struct runner_call *c)
{
    SubBytes((row *)c->arg[0].p);
    return 0;
}

static uint64_t run_InvSubBytes(struct runner_call *c)
{
    InvSubBytes((row *)c->arg[0].p);
    return 0;
}

static uint64_t run_MixColumns(struct runner_call *c)
{
    MixColumns((row *)c->arg[0].p);
    return 0;
}

static uint64_t run_InvMixColumns(struct runner_call *c)
{
    InvMixColumns((row *)c->arg[0].p);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"aes_ref_state_load", run_load},
    {"aes_ref_state_store", run_store},
    {"SubBytes", run_SubBytes},
    {"InvSubBytes", run_InvSubBytes},
    {"MixColumns", run_MixColumns},
    {"InvMixColumns", run_InvMixColumns},
    {NULL, NULL},
};
