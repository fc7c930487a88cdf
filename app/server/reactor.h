/* SPDX-License-Identifier: MIT */
/* The loop: one thread that waits for all sockets, the workers, the signals and the clock, and deals with their events.
 *
 * Use it:      reactor_listen(&s, why); reactor_open(&s, why) when the struct's other parts are set up (main.c);
 *              reactor_run(&s); reactor_close(&s);
 * Timing:      nothing secret.
 * Read next:   client.h.
 *
 * One turn: wait; serve each event; let time limits expire; then write every socket that has something to be written,
 * once; then take away the clients that have gone. Where something was said, a turn looks without waiting whether more
 * is, since a send costs far more than one more text in it: in a busy room many share each send, and in a quiet one no
 * text waits for another. chat_gathers bounds that.
 */
#ifndef APP_SERVER_REACTOR_H
#define APP_SERVER_REACTOR_H

#include "app/server/server.h"
#include "crypto/bytes.h"
#include "net/sock.h"
#include "net/why.h"

/* Listens: clients that connect from now on wait. -1 with one line for the user in why. */
MUST_USE int reactor_listen(struct server *s, char why[static WHY_LEN]);

/* Sets everything up for the loop. -1 with one line for the user in why. */
MUST_USE int reactor_open(struct server *s, char why[static WHY_LEN]);

/* The first half of a turn: waits so long, and serves what there is. For reactor_run, and for tests. */
void reactor_look(struct server *s, int timeout_ms);

/* Runs until SIGTERM, SIGINT or s->stop_asked, and then until everybody has been said good-bye to. */
void reactor_run(struct server *s);

/* After worker_stop. */
void reactor_close(struct server *s);

#endif
