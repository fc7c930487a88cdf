/* SPDX-License-Identifier: MIT */
/* A call of a student's function, in the runner: put together argument by argument, asked, answered.
 *
 * Use it:      ask_begin(c, "cbc_encrypt");
 *              ask_secret(c, "key", key, 16);  ask_in(c, "iv", iv, 16);
 *              size_t out = ask_out(c, "out", 64);  ask_in(c, "in", in, 64);
 *              if (ask(c)) ... c->result, ask_bytes(c, out) ...
 *              The arguments are those that run_<stem>.c wants, in its order; the names are the header's, for people.
 * Errors:      ask returns false, with c->outcome set, where the runner crashed, was late or flooded us; where memory
 *              was written that may not be; and, by mode, where a secret leaked. The runner is started anew for the
 *              next call then.
 * Timing:      nothing secret.
 * Read next:   expect.h, to compare what came.
 */
#ifndef APP_WORKBENCH_CHECK_ASK_H
#define APP_WORKBENCH_CHECK_ASK_H

#include "app/workbench/check/checking.h"

void ask_begin(struct checking *c, const char *function);

/* Each returns the argument's number. What is given is copied. */
size_t ask_number(struct checking *c, const char *name, uint64_t n);
size_t ask_in(struct checking *c, const char *name, const void *data, size_t len);     /* must stay as it is */
size_t ask_secret(struct checking *c, const char *name, const void *data, size_t len); /* the same, and a secret */
size_t ask_out(struct checking *c, const char *name, size_t len); /* filled with what is no likely answer */
size_t ask_inout(struct checking *c, const char *name, const void *data, size_t len);
size_t ask_secret_inout(struct checking *c, const char *name, const void *data, size_t len);
size_t ask_within(struct checking *c, const char *name, size_t arg, size_t offset); /* a pointer into another one */
size_t ask_null(struct checking *c, const char *name);

/* The last argument is a state of AES, and shown as the block that it is: byte r + 4c is row r, column c. */
void ask_shows_block(struct checking *c);

/* Asks. False: the check has failed, or can't be graded. */
bool ask(struct checking *c);

/* What a buffer holds after the call, and held before. Valid until the next ask_begin. */
const uint8_t *ask_bytes(const struct checking *c, size_t arg);
const uint8_t *ask_sent(const struct checking *c, size_t arg);

/* Asks all that c->asked has kept twice, in an order that is drawn, and marks there what has another answer. */
void ask_again(struct checking *c);

/* Ends the runner; the next ask starts another one. At the end of a check. */
void ask_end(struct checking *c);

#endif
