/* SPDX-License-Identifier: MIT */
/* With which server one is connected, and how that is known.
 *
 * Use it:      introduce(&line, &trust);        after each handshake
 * Timing:      nothing secret.
 * Read next:   net/trust.h
 */
#ifndef APP_CLIENT_INTRODUCE_H
#define APP_CLIENT_INTRODUCE_H

#include "app/client/line/line.h"
#include "net/trust.h"

void introduce(struct line *line, const struct trust *trust);

#endif
