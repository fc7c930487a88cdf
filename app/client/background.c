/* SPDX-License-Identifier: MIT */
/* The thread sleeps until there is a job, does it, and writes a byte. Signals are not for it: the main thread waits for
 * them. */
#include "app/client/background.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

void background_init(struct background *b)
{
    *b = (struct background){.pipe = {-1, -1}};
}

static void *work(void *arg)
{
    struct background *b = arg;
    struct rng rng;
    rng_init(&rng);
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (b->run == NULL && !b->stop)
            pthread_cond_wait(&b->wake, &b->lock);
        if (b->run == NULL)
            break;
        background_run *run = b->run;
        void *job = b->arg;
        pthread_mutex_unlock(&b->lock);
        run(job, &rng);
        pthread_mutex_lock(&b->lock);
        b->run = NULL;
        while (write(b->pipe[1], "", 1) < 0 && errno == EINTR)
            ;
    }
    pthread_mutex_unlock(&b->lock);
    rng_wipe(&rng);
    return NULL;
}

static bool make_thread(struct background *b)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool made = pthread_create(&b->thread, NULL, work, b) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return made;
}

/* What was made is destroyed where not all can be had: to make it a second time is undefined. */
static bool make_locked_thread(struct background *b)
{
    if (pthread_mutex_init(&b->lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&b->wake, NULL) == 0) {
        if (make_thread(b))
            return true;
        pthread_cond_destroy(&b->wake);
    }
    pthread_mutex_destroy(&b->lock);
    return false;
}

static int start(struct background *b)
{
    if (pipe(b->pipe) != 0)
        return -1;
    (void)fcntl(b->pipe[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(b->pipe[1], F_SETFD, FD_CLOEXEC);
    b->started = make_locked_thread(b);
    if (b->started)
        return 0;
    close(b->pipe[0]);
    close(b->pipe[1]);
    b->pipe[0] = b->pipe[1] = -1;
    return -1;
}

int background_begin(struct background *b, background_run *run, void *arg)
{
    assert(!b->busy);
    if (!b->started && start(b) != 0)
        return -1;
    b->busy = true;
    pthread_mutex_lock(&b->lock);
    b->run = run;
    b->arg = arg;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
    return 0;
}

int background_fd(const struct background *b)
{
    return b->pipe[0];
}

bool background_done(struct background *b)
{
    struct pollfd fd = {.fd = b->pipe[0], .events = POLLIN};
    if (!b->busy || poll(&fd, 1, 0) != 1)
        return false;
    background_wait(b);
    return true;
}

/* CAUTION: what the job works on would be changed or freed under it:
 *          tests/test_background.c: test_it_is_waited_for_whatever_fails */
void background_wait(struct background *b)
{
    char byte;
    while (b->busy)
        b->busy = read(b->pipe[0], &byte, 1) != 1;
}

void background_end(struct background *b)
{
    if (!b->started)
        return;
    background_wait(b);
    pthread_mutex_lock(&b->lock);
    b->stop = true;
    pthread_cond_signal(&b->wake);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->wake);
    close(b->pipe[0]);
    close(b->pipe[1]);
    background_init(b);
}
