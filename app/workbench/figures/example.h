/* SPDX-License-Identifier: MIT */
/* A conversation to draw pictures of: a client and a server, both in memory, from fixed seeds, so that it is the same
 * every time to the last bit.
 *
 *      handshake (kind 1, suite 1, ffdhe3072); the client says "hello", changes its keys, and says "hello" again;
 *      the server says "welcome"
 *
 * Standard:    docs/protocol.md.
 * Use it:      struct example *e = example_new();
 *              const struct example_value *z = example_value(e, HANDSHAKE_CLIENT, "Z", 0);
 *              ... z->data, z->len ...
 *              example_free(e);
 * Timing:      of no interest: whoever knows the seeds knows it all.
 * Read next:   net/trace.h, which has the names of the values; app/workbench/played_session.h, which carries it.
 */
#ifndef APP_WORKBENCH_FIGURES_EXAMPLE_H
#define APP_WORKBENCH_FIGURES_EXAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "net/handshake.h"

struct example;

struct example_value {
    char name[24];
    uint8_t *data;
    size_t len;
};

/* Takes about half a second, most of it for the server's key. Ends the program where there is no memory. */
struct example *example_new(void);

/* The nth (from 0) value that this side traced under that name, which must be there (asserted). */
const struct example_value *example_value(const struct example *e, enum handshake_role role, const char *name,
                                          size_t nth);

void example_free(struct example *e);

#endif
