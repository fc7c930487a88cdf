/* SPDX-License-Identifier: MIT */
/* --console: the operator talks and listens in the server's own terminal, under the name that no account can have.
 *
 * Use it:      console_open(s); the poller's events go to console_ready.
 * Timing:      nothing secret. What others wrote reaches the terminal as app/terminal/display.h lets it.
 * Read next:   app/terminal/display.h; chat.h.
 *
 * Plain lines in, plain lines out, so it works from a pipe as well. Standard output is written only when it takes
 * something: a terminal that was stopped with Ctrl-S must not stop the server. What doesn't fit meanwhile is counted
 * and left out. The end of the input ends only the input.
 */
#ifndef APP_SERVER_CONSOLE_H
#define APP_SERVER_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/message/message.h"
#include "app/message/seen_names.h"
#include "app/server/room.h"
#include "app/terminal/style.h"
#include "crypto/bytes.h"
#include "net/poller.h"

#define CONSOLE_NAME "operator"
#define CONSOLE_LINE_MAX 4100 /* bytes of a typed line: a command, a room and a text */
#define CONSOLE_QUEUE 65536   /* bytes that may wait until the terminal takes them */

struct server;

struct console {
    struct room_user user;
    bool ended;      /* no more input */
    bool in_is_file; /* always ready: a poller won't watch it */
    bool out_is_file;
    struct poller_watch in, out;
    struct style style;
    struct seen_names seen_names; /* the names that were seen */
    char room[NAME_MAX_LEN + 1];  /* where plain lines go */
    char line[CONSOLE_LINE_MAX];
    size_t line_len;
    bool too_long; /* the rest of this line is skipped */
    char *queue;   /* CONSOLE_QUEUE bytes */
    size_t queue_len;
    bool full;       /* the line that is being queued does not fit */
    size_t left_out; /* lines that didn't fit */
};

/* Joins the lobby and begins to watch standard input and output. -1 where there is no memory. */
MUST_USE int console_open(struct server *s);
void console_close(struct server *s);

/* True for its two watches, where there is a console at all; then console_ready deals with the event. */
bool console_owns(const struct console *c, const struct poller_watch *watch);
void console_ready(struct server *s, const struct poller_watch *watch);

/* True where there is input that no poller reports: call console_ready(s, &s->console->in) each turn, and
 * don't wait. */
bool console_pending(const struct console *c);

/* At the end of a turn: writes what was heard in it. */
void console_end_turn(struct server *s);

#endif
