/* SPDX-License-Identifier: MIT */
/* A lab's weak twin as a service over TCP, for students' own programs to attack.
 *
 *      the service   hello LAB: what a question is
 *      the student   a question, in hex, and a line end; the empty line listens
 *      the service   ok [HEX]   or   no [HEX]   or   error WHY
 *
 * Standard:    none; docs/labs/README.md has the lines, each lab's page what is in the bytes.
 * Use it:      struct target_options options = {.lab = lab, .where = name, .flag = flag};
 *              if (target_serve(&options, &rng, why) != 0) ... why
 * Timing:      of no interest.
 * Read next:   lab.h, which answers.
 *
 * Each connection has a copy of the twin as it was at the start: what one does is not seen by another. Nobody can use
 * up what belongs to all: there are bounds for connections, for those of one address, for questions, for a line and for
 * silence, and connections take turns, a question each.
 */
#ifndef APP_WORKBENCH_ATTACKS_TARGET_H
#define APP_WORKBENCH_ATTACKS_TARGET_H

#include <stdbool.h>

#include "app/workbench/attacks/lab.h"
#include "net/sock.h"

#define TARGET_CONNECTIONS 64
#define TARGET_CONNECTIONS_ADDRESS 8 /* from one address, as net/sock.h counts them */
#define TARGET_QUESTIONS 200000      /* in a connection */
#define TARGET_LINE_MAX (2 * LAB_QUESTION_MAX)
#define TARGET_SILENCE_SECONDS 60 /* without a whole line, or with an answer that is not taken */

struct target_options {
    const struct lab *lab; /* one with a hello */
    const struct sock_name *where;
    const char *flag; /* what the twin's secret line is: at most LAB_SECRET_MAX bytes */
    bool once;        /* end with the first connection that ends */
};

/* Prints "listening on ADDRESS:PORT" and serves until SIGINT or SIGTERM, or the end of the first connection. -1, with
 * the reason in why, where it can't begin. */
MUST_USE int target_serve(const struct target_options *options, struct rng *rng, char why[static WHY_LEN]);

#endif
