/* SPDX-License-Identifier: MIT */
/* The handler writes the signal's number into a pipe; interrupt_next takes it out again. */
#include "app/client/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "net/output.h"

/* A handler has no argument of ours, so this is the one place with a variable of the whole process. */
static int pipe_ends[2] = {-1, -1};

static void note(int signal)
{
    int saved = errno;
    if (signal != SIGTSTP && signal != SIGCONT && signal != SIGWINCH)
        output_wait_no_more(); /* or it would not be taken where nobody reads what is being written */
    unsigned char byte = (unsigned char)signal;
    ssize_t n = write(pipe_ends[1], &byte, 1); /* a full pipe has woken us already */
    (void)n;
    errno = saved;
}

int interrupt_init(void)
{
    static const int signals[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,  SIGALRM, SIGUSR1,
                                  SIGUSR2, SIGXCPU, SIGTSTP, SIGCONT, SIGWINCH};
    if (pipe(pipe_ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        if (fcntl(pipe_ends[i], F_SETFL, O_NONBLOCK) != 0 || fcntl(pipe_ends[i], F_SETFD, FD_CLOEXEC) != 0)
            return -1;
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) != 0)
            return -1;
        /* Whatever started us in the background, or under nohup, had them ignored: they stay so. */
        if (before.sa_handler != SIG_IGN && sigaction(signals[i], &action, NULL) != 0)
            return -1;
    }
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

int interrupt_fd(void)
{
    return pipe_ends[0];
}

int interrupt_next(void)
{
    unsigned char byte;
    return read(pipe_ends[0], &byte, 1) == 1 ? byte : 0;
}
