/* SPDX-License-Identifier: MIT */
/* --explain: what the server computes and says with each client, told on stderr as it happens.
 *
 *      explain 3: a client came from 127.0.0.1:40022
 *      explain 3: The server draws a random value, so that no connection has the keys of another.
 *      ...
 *
 * Use it:      c->explain = explain_open(&s->handshake, peer, full);      NULL: not told
 *              conn_open(&c->conn, fd, explain_config(c->explain, &s->handshake), ...);
 *              conn_free(&c->conn);  explain_close(c->explain);
 * Timing:      CAUTION: this prints every connection's keys. Passwords and codes it leaves out, as they are somebody
 *              else's, but whoever has the keys and what crossed the wire finds them. Only the option asks for it, and
 *              explain_warn says so. For a reader it waits a second at most; what is told costs time, so it
 *              is for a server to be looked at.
 * Threads:     a connection is told by whichever thread works for it, never by two at once; a step's lines stay
 *              together.
 * Read next:   app/dissect/narrator.h.
 */
#ifndef APP_SERVER_EXPLAIN_H
#define APP_SERVER_EXPLAIN_H

#include <stdbool.h>

#include "net/handshake.h"

#define EXPLAIN_CONNECTIONS_MAX 16 /* told at a time: each takes memory, and nobody can read more */

struct explain;

/* A connection that is told; NULL where EXPLAIN_CONNECTIONS_MAX are told already, which is said, or where there is no
 * memory. The loop's thread alone opens and closes. standard is copied, but for what it points to. */
struct explain *explain_open(const struct handshake_config *standard, const char *peer, bool full);

/* The config that makes it be told; NULL gives standard itself. */
const struct handshake_config *explain_config(const struct explain *e, const struct handshake_config *standard);

/* Forgets and frees it; NULL is nothing. */
void explain_close(struct explain *e);

/* Says what --explain shows, once, at the start. */
void explain_warn(void);

#endif
