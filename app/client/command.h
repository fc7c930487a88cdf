/* What can be typed: texts, and commands that begin with a slash.
 *
 * Read next:   app/client/dialog.h, which shows the answers.
 */
#ifndef CLIENT_COMMAND_H
#define CLIENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct dialog;

/* Does what one line says. False: the user wants to leave. */
bool command_do(struct dialog *d, const char *line, size_t len);

#endif
