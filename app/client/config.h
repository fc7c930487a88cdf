/* SPDX-License-Identifier: MIT */
/* The client's configuration file, HOME/config: its lines, each a word and perhaps a value.
 *
 *      # one option a line, by its long name without the dashes
 *      server chat.example.org
 *      user bob
 *      explain
 *
 * Standard:    none. Empty lines and those that begin with # say nothing. What editors do changes nothing: blanks
 *              before and after a line, CR LF, a byte order mark.
 * Use it:      char *text = config_read(home, &len, why);            NULL without a why: there is none
 *              struct config c;
 *              config_begin(&c, text, len);
 *              while ((found = config_next(&c, why)) > 0) ... c.number, c.word, c.value
 * Timing:      nothing secret may stand there: a password has a file of its own.
 * Read next:   arguments.c, which says what the words mean; net/home.h, whose file is believed.
 */
#ifndef APP_CLIENT_CONFIG_H
#define APP_CLIENT_CONFIG_H

#include <stddef.h>

#include "crypto/bytes.h"
#include "net/lines.h"
#include "net/why.h"

#define CONFIG_FILE "config"
#define CONFIG_FILE_MAX (64 * 1024) /* bytes */
#define CONFIG_WORD_CAP 40          /* with its NUL, as that of a value */
#define CONFIG_VALUE_CAP 1024

struct config {
    const char *text; /* what is left of it; borrowed */
    size_t len;
    struct lines_line line;
    size_t number; /* of the line that was found, or is wrong; from 1 */
    char word[CONFIG_WORD_CAP];
    char value[CONFIG_VALUE_CAP]; /* empty where there is none; blanks may be in it */
};

/* The file's bytes and a NUL, to be freed. NULL with why; or without one, if there is no such file or folder. */
MUST_USE char *config_read(const char *home, size_t *len, char why[static WHY_LEN]);

void config_begin(struct config *c, const char *text, size_t len);

/* The next line that says something: 1; or 0 at the end; or -1, with what is wrong with c->number in why. */
MUST_USE int config_next(struct config *c, char why[static WHY_LEN]);

#endif
