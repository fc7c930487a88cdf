/* SPDX-License-Identifier: MIT */
/* The function of crypto/pbkdf2.h, for the runner. */
#include "app/workbench/runner/runner.h"
#include "crypto/pbkdf2.h"

static uint64_t run_derive(struct runner_call *c)
{
    pbkdf2_derive(c->arg[0].p, c->arg[0].len, c->arg[1].p, c->arg[1].len, c->arg[2].p, c->arg[2].len,
                  (uint32_t)c->arg[3].n);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"pbkdf2_derive", run_derive},
    {NULL, NULL},
};
