/* SPDX-License-Identifier: MIT */
/* Each run has its own process: the memory sanitizer ends at the first complaint, and a backend whose instructions the
 * engine does not know ends by a signal. */
#include "tests/ct/check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/ct/secret.h"

enum { STATUS_OK = 0, STATUS_WRONG = 1, STATUS_LOST = 2 };

static int planted;           /* whether check_output branches on what it gets */
static volatile int branched; /* what the planted branch does */

void check_fill(void *p, size_t len)
{
    static uint32_t state = 1;
    uint8_t *bytes = p;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

void check_secret(void *p, size_t len)
{
    check_fill(p, len);
    secret_mark(p, len);
}

static void source(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    check_secret(out, len);
}

void check_rng(struct rng *rng)
{
    memset(rng, 0, sizeof *rng);
    rng->source = source;
}

void check_that(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "wrong: %s\n", what);
    _exit(STATUS_WRONG);
}

void check_output(void *p, size_t len)
{
    const uint8_t *bytes = p;
    if (!secret_everywhere(p, len)) {
        fprintf(stderr, "lost: not every byte of the output depends on a secret\n");
        _exit(STATUS_LOST);
    }
    if (planted && bytes[len - 1] == 0x55)
        branched++;
    secret_publish(p, len);
}

/* Does one run in a child; returns its status, 128 and the signal's number where one ended it. */
static int run(const char *title, void (*check)(const void *arg), const void *arg, int plant)
{
    int status;
    fflush(stdout);
    fprintf(stderr, "== %s\n", title);
    pid_t child = fork();
    if (child == 0) {
        planted = plant;
        check(arg);
        _exit(secret_leaks() > 0 ? SECRET_LEAK_STATUS : STATUS_OK);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("check");
        exit(1);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void check_run(enum check_kind kind, const char *stem, const char *name, void (*check)(const void *arg),
               const void *arg)
{
    static const char *const kinds[] = {"backend", "code", "leaky"};
    char title[128];
    snprintf(title, sizeof title, "%s %s", stem, name);
    const char *result = "died";
    int status = run(title, check, arg, 0);
    if (status == STATUS_LOST)
        result = "lost";
    else if (status == SECRET_LEAK_STATUS)
        result = "leaks";
    else if (status == STATUS_OK && kind == CHECK_LEAKY)
        result = "ok";
    else if (status == STATUS_OK) {
        snprintf(title, sizeof title, "planted: %s %s", stem, name);
        result = run(title, check, arg, 1) == SECRET_LEAK_STATUS ? "ok" : "blind";
    }
    printf("%s\t%s\t%s\t%s\n", kinds[kind], stem, name, result);
}

void check_unusable(const char *stem, const char *name)
{
    printf("backend\t%s\t%s\tunusable\n", stem, name);
}
