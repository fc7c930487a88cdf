/* SPDX-License-Identifier: MIT */
/* The functions of crypto/totp.h, for the runner. */
#include "app/workbench/runner/runner.h"
#include "crypto/bytes.h"
#include "crypto/totp.h"

static uint64_t run_code(struct runner_call *c)
{
    return totp_code(c->arg[0].p, c->arg[0].len, c->arg[1].n, (unsigned)c->arg[2].n);
}

/* arg[0] gets the step, big-endian. */
static uint64_t run_verify(struct runner_call *c)
{
    uint64_t step = bytes_load_be64(c->arg[0].p);
    int result = totp_verify(&step, c->arg[1].p, c->arg[1].len, c->arg[2].n, c->arg[3].n, (uint32_t)c->arg[4].n);
    bytes_store_be64(c->arg[0].p, step);
    return (uint64_t)(int64_t)result;
}

const struct runner_function runner_functions[] = {
    {"totp_code", run_code},
    {"totp_verify", run_verify},
    {NULL, NULL},
};
