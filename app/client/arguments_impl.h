/* SPDX-License-Identifier: MIT */
/* What the parts of arguments.h share.
 *
 *      arguments.c           the command line, the file config, and what they say together
 *      arguments_option.c    the table of all options: where each may stand, and what becomes of its value
 *
 *      const struct option *o = option_find("pin", 3);
 *      if (o->take == NULL) option_set(o, &a, true);
 *      else if (o->take(&a, value, why) != 0) ... it may not be, and why says so
 *
 * Read next:   arguments.h.
 */
#ifndef APP_CLIENT_ARGUMENTS_IMPL_H
#define APP_CLIENT_ARGUMENTS_IMPL_H

#include <stdbool.h>
#include <stddef.h>

#include "app/client/arguments.h"

/* What an option is. */
enum {
    OPTION_LINE_ONLY = 1, /* it stands on the command line alone */
    OPTION_FILE_ONLY = 2, /* there, [USER@]HOST[:PORT] stands for it */
    OPTION_OF_SERVER = 4, /* it counts for the file's server alone */
    OPTION_OF_USER = 8,   /* and, where the file names a user, for that one alone */
    OPTION_PATH = 16,     /* its value is the name of a file */
    OPTION_AGAIN = 32     /* it can be said more than once */
};

struct option {
    const char *name;
    unsigned is;
    int (*take)(struct arguments *a, const char *value, char why[static WHY_LEN]); /* 0, or -1 with why */
    size_t flag; /* where there is no take: the place of what becomes true */
};

/* By its name without dashes; NULL: there is none. */
const struct option *option_find(const char *name, size_t len);

/* Its place in the table, below 64. */
size_t option_number(const struct option *o);

void option_set(const struct option *flag, struct arguments *a, bool on);

/* Whether the command line said it, or another one that stands for the same: then the file's does not count, where both
 * would. */
bool option_gives_way(const struct option *o, const struct arguments *line);

/* [USER@]HOST[:PORT]. 0, or -1 with why. */
int option_take_target(struct arguments *a, const char *text, char why[static WHY_LEN]);

#endif
