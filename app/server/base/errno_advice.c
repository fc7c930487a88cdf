/* SPDX-License-Identifier: MIT */
/* A table from the system's error to what can be done about it. What is not in it gets the system's words alone. */
#include "app/server/base/errno_advice.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int error;
    const char *what_to_do;
} advice[] = {
    {ENOSPC, "make room on the disk"},
    {EDQUOT, "make room, or raise its user's quota"},
    {EFBIG, "raise the limit on the size of files (ulimit -f)"},
    {EROFS, "mount the file system for writing, or choose a folder on another"},
    {EIO, "look at the disk and at the system's log"},
    {EMFILE, "raise the limit on open files (ulimit -n)"},
    {ENFILE, "raise the system's limit on open files (sysctl fs.file-max)"},
    {ENOMEM, "end other programs, or raise the limit on memory (ulimit -v)"},
    /* pthread_create has this for both; a file or a folder never has */
    {EAGAIN, "raise the limit on processes (ulimit -u) or on memory (ulimit -v)"},
};

void errno_advice_print(char out[static ERRNO_ADVICE_LEN], int error)
{
    size_t i = 0, n = sizeof advice / sizeof *advice;
    while (i < n && advice[i].error != error)
        i++;
    snprintf(out, ERRNO_ADVICE_LEN, "%.100s%s%s", strerror(error), i < n ? "; " : "",
             i < n ? advice[i].what_to_do : "");
}
