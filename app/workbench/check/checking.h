/* SPDX-License-Identifier: MIT */
/* One check of one exercise: what is asked of a student's functions, what came of it, and the first difference in the
 * words of the standard.
 *
 * Use it:      static void check_full_block(struct checking *c)
 *              {
 *                  ask_begin(c, "pkcs7_pad");
 *                  size_t buf = ask_inout(c, "buf", message, 32);
 *                  ask_number(c, "len", 16);
 *                  if (ask(c) && expect_result(c, 32, "the padded length"))
 *                      expect_bytes(c, buf, expected, 32, "the padded message");
 *              }
 * Errors:      ask and the expect_... functions return false once something is wrong; the check then returns. The
 *              first thing that went wrong is what c->outcome keeps.
 * Timing:      nothing secret: test values, which the rng draws for each student anew.
 * Read next:   ask.h, the calls; expect.h, the comparisons; app/workbench/exercises, the checks themselves.
 */
#ifndef APP_WORKBENCH_CHECK_CHECKING_H
#define APP_WORKBENCH_CHECK_CHECKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "app/workbench/check/child.h"
#include "app/workbench/runner/wire.h"
#include "crypto/rng.h"

/* What became of a check. NOT_GRADED is a fault of the grader or of the machine, and never a mark. */
enum check_verdict { CHECK_PASSED, CHECK_FAILED, CHECK_NOT_RUN, CHECK_NOT_GRADED };

/* In which way it failed. */
enum check_kind {
    CHECK_NOTHING,
    CHECK_WRONG_RESULT, /* the returned value */
    CHECK_WRONG_BYTES,  /* an output */
    CHECK_TOUCHED,      /* memory that was not to be written: beside a buffer, an input, an output after an error */
    CHECK_CRASHED,
    CHECK_TOO_LONG, /* no answer within the time */
    CHECK_TOO_MUCH, /* printed without end */
    CHECK_LEAKED,   /* a branch, an address or a number of steps that depends on a secret */
    CHECK_MEMORY    /* what a sanitizer found */
};

#define CHECK_BYTES_MAX 64 /* of the bytes that an outcome keeps: those around the first difference */
#define CHECK_INPUTS_MAX 8
#define CHECK_INPUT_MAX 96 /* a Record of a short message fits */

/* What a function was given, so that its call can be made again by hand: the first bytes of it. */
struct check_input {
    char name[24];
    size_t len;
    uint8_t bytes[CHECK_INPUT_MAX];
};

struct check_outcome {
    enum check_verdict verdict;
    enum check_kind kind;
    char call[240]; /* "pkcs7_pad(buf[32], len = 16)" */
    size_t inputs;  /* how many of its buffers held something before: the first ones */
    struct check_input input[CHECK_INPUTS_MAX];
    char where[120];              /* "round 3, ShiftRows, byte 5"; "the padded length" */
    char what[400];               /* "yours 7a, should be d4"; "wrote 1 byte after the end of buf" */
    char hint[300];               /* what is probably the matter; empty where nobody knows */
    uint64_t address;             /* of the instruction where two ways parted; 0: none */
    size_t at;                    /* of the first byte below, within the whole output; a multiple of 16 */
    size_t bytes_len, difference; /* how many bytes are below; which of them differs first */
    uint8_t yours[CHECK_BYTES_MAX], expected[CHECK_BYTES_MAX];
};

enum check_mode {
    CHECK_PLAIN,
    CHECK_SANITIZED, /* the runner was built with the sanitizers */
    CHECK_VALGRIND,  /* the runner runs under valgrind: secrets are followed */
    CHECK_STEPS      /* its instructions are counted */
};

struct ask_arg {
    const char *name;
    enum wire_kind kind;
    bool output;   /* may be written */
    bool given;    /* held something before that the function may read */
    bool block;    /* state[4][4], shown as a block */
    size_t offset; /* of WIRE_WITHIN, whose len is the number of the other argument */
    size_t len;
    const uint8_t *sent; /* what it held before */
    const uint8_t *got;  /* what it holds now */
};

struct asked;

struct checking {
    struct check_outcome outcome;
    enum check_mode mode;
    struct rng rng;          /* the values of this check: the same for the same student, seed and check */
    const char *const *argv; /* how the runner is started */
    const struct box *box;
    struct child_bounds bounds;
    int milliseconds;      /* for one answer */
    int seconds;           /* for all of them together, from begun */
    struct timespec begun; /* 0: with the first call */
    struct asked *asked;   /* of all checks of the exercise, or NULL */

    /* one call at a time; ask.h */
    struct child child;
    const char *function;
    struct ask_arg arg[WIRE_ARGS_MAX];
    size_t args, request_len;
    uint64_t nonce;
    uint64_t result;           /* what the function returned */
    uint32_t published;        /* bytes that the student's code declared to be public */
    uint8_t *request, *answer; /* WIRE_LEN_MAX + 4 bytes each */
    struct path *first, *now;  /* CHECK_STEPS: the way that the first call of a series took, and the last one */
    uint64_t first_result;
    const char *first_says; /* what that first call was */
};

struct check {
    const char *name; /* "a full block of padding": what is right where it passes */
    unsigned points;
    void (*run)(struct checking *c);
};

/* Whether answers are compared: as they are, and under a sanitizer too, or code that does nothing there would pass. The
 * other modes look for other things. */
bool check_compares(const struct checking *c);

/* A failure, printf's way: the first one counts, later ones are ignored. where may be "". Returns false. */
bool check_failed(struct checking *c, enum check_kind kind, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What is probably the matter, for the failure that was just told; replaces an earlier hint. */
void check_hint(struct checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The failure that was just told is no matter of this check: it is not run, for that reason. Returns false. */
bool check_not_run(struct checking *c, const char *why);

/* A fault of the grader's own or of the machine: the check is not graded. Returns false. */
bool check_not_graded(struct checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
