/* SPDX-License-Identifier: MIT */
/* glass lab treacherous: the server that betrays its users, by hand or for a test.
 *
 * Standard:    none; docs/labs/treacherous.md.
 * Use it:      return cmd_treacherous(args);                  what stands behind the word
 * Timing:      of no interest.
 * Read next:   app/workbench/labs/treacherous.h and misdeed.h, which do it.
 */
#ifndef APP_WORKBENCH_ATTACKS_CMD_TREACHEROUS_H
#define APP_WORKBENCH_ATTACKS_CMD_TREACHEROUS_H

#include "app/workbench/args.h"

/* Prints "listening on ADDRESS:PORT key FINGERPRINT"; then each line of its input is a misdeed, and is repeated when it
 * is done from now on. The end of its input ends it. */
int cmd_treacherous(struct args *args);

#endif
