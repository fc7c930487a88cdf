/* SPDX-License-Identifier: MIT */
/* The runner: a small program that a student's files are linked into. It does what it is asked (a function's name and
 * its arguments come in, the result and the memory around the arguments go out), and it knows no answer: what is right
 * is for the grader to say, in another process.
 *
 * Use it:      static uint64_t run_pad(struct runner_call *c)
 *              {
 *                  return pkcs7_pad(c->arg[0].p, c->arg[1].n);
 *              }
 *              const struct runner_function runner_functions[] = {{"pkcs7_pad", run_pad}, {NULL, NULL}};
 *              One file run_<stem>.c for each exercise; it links runner.c, the student's files and what is given.
 * Errors:      a request that it does not understand ends it with status RUNNER_CONFUSED. The grader does not believe
 *              that, as a student's code can end so too; our own solutions show that its requests are understood.
 * Timing:      nothing secret: test values.
 * Read next:   wire.h; run_pkcs7.c, a small one.
 */
#ifndef APP_WORKBENCH_RUNNER_RUNNER_H
#define APP_WORKBENCH_RUNNER_RUNNER_H

#include <stddef.h>
#include <stdint.h>

#include "app/workbench/runner/wire.h"

enum { RUNNER_CONFUSED = 99 };

/* An argument: a number, or memory of len bytes between two guards. */
struct runner_arg {
    uint64_t n;
    uint8_t *p; /* NULL for a number, and where the grader says so */
    size_t len;
};

struct runner_call {
    struct runner_arg arg[WIRE_ARGS_MAX];
    size_t args;
};

/* Calls the student's function; returns what it returned (0 for void). */
typedef uint64_t runner_run(struct runner_call *c);

/* What this runner can do, until a NULL: defined in run_<stem>.c. */
struct runner_function {
    const char *name;
    runner_run *run;
};
extern const struct runner_function runner_functions[];

#endif
