/* SPDX-License-Identifier: MIT */
/* What the system takes for the server's sending alone: no protocol, no cryptography. One process sends as many bytes
 * as a text is on the wire to each of N connections, at a fixed rate; another receives them.
 *
 * Standard:    none.
 * Use it:      load_sends(&l) in place of load_run; then load_print(&l): "server" is the process that sends.
 * Timing:      nothing secret.
 * Read next:   docs/performance.md, which compares the server with it.
 */
#ifndef APP_WORKBENCH_LOAD_LOAD_SENDS_H
#define APP_WORKBENCH_LOAD_LOAD_SENDS_H

#include "app/workbench/load/load.h"
#include "crypto/bytes.h"

/* -1 with l->why: the system refuses. l->rate is not 0. */
MUST_USE int load_sends(struct load *l);

#endif
