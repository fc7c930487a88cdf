/* SPDX-License-Identifier: MIT */
/* vsnprintf always ends what it writes, and cuts what is too long. */
#include "net/why.h"

#include <stdarg.h>
#include <stdio.h>

int why_say(char why[static WHY_LEN], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, WHY_LEN, format, args);
    va_end(args);
    return -1;
}
