/* A function for atexit, which gets no arguments: so the name is kept here. */
#include "net/output.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *name;

static void check(void)
{
    bool lost = ferror(stdout) != 0; /* then errno is of some earlier call */
    errno = 0;
    if (fflush(stdout) == 0 && !lost)
        return;
    fprintf(stderr, "%s: cannot write to standard output: %s; send it elsewhere\n", name,
            errno != 0 ? strerror(errno) : "some of it was lost");
    _exit(EXIT_FAILURE); /* exit has begun, so its status can be changed in no other way */
}

void output_check_at_exit(const char *program)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGXFSZ, &ignore, NULL);
    name = program;
    (void)atexit(check);
}
