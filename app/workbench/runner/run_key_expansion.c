/* SPDX-License-Identifier: MIT */
/* The functions of crypto/aes_ref.h that exercise 03 is about, for the runner. */
#include "app/workbench/runner/runner.h"
#include "crypto/aes_ref.h"

static uint64_t run_SubWord(struct runner_call *c)
{
    SubWord(c->arg[0].p);
    return 0;
}

static uint64_t run_RotWord(struct runner_call *c)
{
    RotWord(c->arg[0].p);
    return 0;
}

static uint64_t run_Rcon(struct runner_call *c)
{
    return Rcon((unsigned)c->arg[0].n);
}

static uint64_t run_KeyExpansion(struct runner_call *c)
{
    KeyExpansion(c->arg[0].p, c->arg[1].p, (unsigned)c->arg[2].n, (unsigned)c->arg[3].n);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"SubWord", run_SubWord},
    {"RotWord", run_RotWord},
    {"Rcon", run_Rcon},
    {"KeyExpansion", run_KeyExpansion},
    {NULL, NULL},
};
