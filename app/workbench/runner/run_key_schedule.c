/* SPDX-License-Identifier: MIT */
/* The functions of net/key_schedule.h, for the runner. */
#include "app/workbench/runner/runner.h"
#include "net/key_schedule.h"

/* Names come with their NUL. */
static uint64_t run_context(struct runner_call *c)
{
    key_schedule_context(c->arg[0].p, (uint8_t)c->arg[1].n, (const char *)c->arg[2].p, (const char *)c->arg[3].p);
    return 0;
}

static uint64_t run_transcript(struct runner_call *c)
{
    key_schedule_transcript(c->arg[0].p, c->arg[1].p, c->arg[2].p, c->arg[2].len, c->arg[3].p, c->arg[3].len);
    return 0;
}

static uint64_t run_extract(struct runner_call *c)
{
    key_schedule_extract(c->arg[0].p, c->arg[1].p, c->arg[2].p, c->arg[3].p, (size_t)c->arg[4].n);
    return 0;
}

static uint64_t run_secrets(struct runner_call *c)
{
    key_schedule_secrets(c->arg[0].p, c->arg[1].p, c->arg[2].p, c->arg[3].p);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"key_schedule_context", run_context},
    {"key_schedule_transcript", run_transcript},
    {"key_schedule_extract", run_extract},
    {"key_schedule_secrets", run_secrets},
    {NULL, NULL},
};
