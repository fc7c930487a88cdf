/* SPDX-License-Identifier: MIT */
/* The functions of crypto/hkdf.h, for the runner. */
#include "app/workbench/runner/runner.h"
#include "crypto/hkdf.h"

static uint64_t run_extract(struct runner_call *c)
{
    hkdf_extract(c->arg[0].p, c->arg[1].p, c->arg[1].len, c->arg[2].p, c->arg[2].len);
    return 0;
}

static uint64_t run_expand(struct runner_call *c)
{
    hkdf_expand(c->arg[0].p, c->arg[0].len, c->arg[1].p, c->arg[2].p, c->arg[2].len);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"hkdf_extract", run_extract},
    {"hkdf_expand", run_expand},
    {NULL, NULL},
};
