/* SPDX-License-Identifier: MIT */
/* One line, made fit for a terminal: words in it may come from a file or the command line. */
#include "app/server/operator/complain.h"

#include "app/terminal/display.h"

int complain(const char *why)
{
    display_line(stderr, "glasschatd: %s", why);
    return FAILED;
}
