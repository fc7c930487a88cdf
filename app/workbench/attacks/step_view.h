/* SPDX-License-Identifier: MIT */
/* Goes through the steps of a lab on a terminal, forwards and back.
 *
 * Standard:    POSIX termios, as app/terminal/tty.h uses it.
 * Use it:      if (step_view_can()) step_view(&steps, "padding-oracle");
 * Timing:      of no interest.
 * Read next:   steps.h, what there is to see.
 *
 * Keys: Enter, Space and n go on, p goes back, N and P to the next or last step that something is said of, a number and
 * Enter to that step, g to the first, G to the last, q ends. Ctrl-Z stops as elsewhere; Ctrl-C ends as q does.
 */
#ifndef APP_WORKBENCH_ATTACKS_STEP_VIEW_H
#define APP_WORKBENCH_ATTACKS_STEP_VIEW_H

#include <stdbool.h>

#include "app/workbench/attacks/steps.h"

/* Whether standard input and output are a terminal. */
bool step_view_can(void);

/* Shows them until the user has seen enough; the terminal is as before then, also where a signal ends it. */
void step_view(const struct steps *s, const char *title);

#endif
