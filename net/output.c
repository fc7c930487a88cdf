/* SPDX-License-Identifier: MIT */
/* A function for atexit, which gets no arguments: so the name is kept here. */
#include "net/output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name;
static volatile sig_atomic_t waits_no_more[3]; /* for each descriptor: to be undone */

/* A terminal is left alone: it is the shell's too, which would find it so where the program is killed after all. */
void output_wait_no_more(void)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat st;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0 || (flags & O_NONBLOCK) != 0 || fstat(fd, &st) != 0 ||
            (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)))
            continue;
        waits_no_more[fd] = 1;
        (void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    }
}

static void wait_again(void)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (waits_no_more[fd] != 0)
            (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static const char *what_failed(int error)
{
    if (waits_no_more[STDOUT_FILENO] != 0)
        return "nobody reads it";
    return error != 0 ? strerror(error) : "some of it was lost";
}

static void check(void)
{
    bool lost = ferror(stdout) != 0; /* then errno is of some earlier call */
    errno = 0;
    bool whole = fflush(stdout) == 0 && !lost;
    if (!whole)
        fprintf(stderr, "%s: cannot write to standard output: %s; send it elsewhere\n", name, what_failed(errno));
    wait_again();
    if (!whole)
        _exit(EXIT_FAILURE); /* exit has begun, so its status can be changed in no other way */
}

void output_check_at_exit(const char *program)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGXFSZ, &ignore, NULL);
    name = program;
    (void)atexit(check);
}
