/* SPDX-License-Identifier: MIT */
/* The receiver is a child, so that the processor time of this process is that of sending, and of what the kernel does
 * on its behalf: over loopback that includes delivering the bytes to the receiver's socket. */
#include "app/workbench/load/load_sends.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/progress_row.h"
#include "net/record.h"

#define CONNECT_MS 5000
#define EVENTS 256
#define AROUND_TEXT 30 /* around the text of a message: type, request, names of 5 and 8 bytes, time, lengths */

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* The child: connects, then reads until the other end closes. */
static int receive_all(const struct sock_name *from, size_t n)
{
    static uint8_t bytes[65536];
    char why[WHY_LEN];
    struct poller_event events[EVENTS];
    struct poller *p = poller_new();
    struct poller_watch *watch = calloc(n, sizeof *watch);
    for (size_t i = 0; i < n; i++) {
        int fd = p == NULL || watch == NULL ? -1 : sock_connect(from, CONNECT_MS, why);
        if (fd < 0 || poller_add(p, &watch[i], fd, POLLER_READ, NULL) != 0)
            return 1;
    }
    for (;;) {
        size_t ready = poller_wait(p, events, EVENTS, -1);
        for (size_t i = 0; i < ready; i++)
            if (recv(events[i].watch->fd, bytes, sizeof bytes, 0) <= 0)
                return 0;
    }
}

static int accept_all(int listener, int fd[], size_t n)
{
    struct pollfd waiting = {.fd = listener, .events = POLLIN};
    struct sock_peer peer;
    for (size_t i = 0; i < n;) {
        if (poll(&waiting, 1, CONNECT_MS) <= 0)
            return -1;
        while (i < n && (fd[i] = sock_accept(listener, &peer)) >= 0)
            i++;
    }
    return 0;
}

static void pause_until(uint64_t then)
{
    uint64_t now = swarm_now(), left = then > now ? then - now : 0;
    struct timespec t = {.tv_sec = (time_t)(left / 1000000000), .tv_nsec = (long)(left % 1000000000)};
    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        continue;
}

/* One text to all, then a pause, as in a room. */
static void send_all(struct load *l, const int fd[])
{
    size_t n = l->options.clients, len = record_frame_len(AROUND_TEXT + l->options.text_len);
    uint8_t *bytes = calloc(1, len);
    uint64_t start = swarm_now(), end = start + (uint64_t)(1e9 * l->seconds), due = start;
    progress_row_begin("sending", PROGRESS_ROW_PERCENT);
    for (; bytes != NULL && due < end; due += (uint64_t)(1e9 * (double)n / l->rate)) {
        pause_until(due);
        for (size_t i = 0; i < n; i++)
            l->deliveries += send(fd[i], bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
        l->said++;
        progress_row_at(due - start, end - start);
    }
    progress_row_end();
    l->talking = 1e-9 * (double)(swarm_now() - start);
    free(bytes);
}

static int measure(struct load *l, int listener, int fd[])
{
    if (accept_all(listener, fd, l->options.clients) != 0)
        return -1;
    l->reached = l->options.clients;
    l->server_known = process_read(&l->arrived, (long)getpid()) == 0;
    l->at_start = l->arrived;
    send_all(l, fd);
    l->server_known = l->server_known && process_read(&l->at_end, (long)getpid()) == 0;
    return 0;
}

int load_sends(struct load *l)
{
    struct sock_name name = {.host = "127.0.0.1", .port = "0"};
    int listener = sock_listen(&name, l->why), result = -1;
    if (listener < 0)
        return -1;
    snprintf(name.port, sizeof name.port, "%u", (unsigned)sock_local_port(listener));
    uint64_t start = swarm_now();
    pid_t child = fork();
    if (child == 0)
        _exit(receive_all(&name, l->options.clients));
    int *fd = calloc(l->options.clients, sizeof *fd);
    if (child > 0 && fd != NULL)
        result = measure(l, listener, fd);
    if (result != 0)
        why_say(l->why, "the system gives no %zu connections", l->options.clients);
    l->arriving = 1e-9 * (double)(swarm_now() - start) - l->talking;
    close(listener);
    for (size_t i = 0; fd != NULL && i < l->reached; i++)
        close(fd[i]);
    free(fd);
    if (child > 0)
        (void)waitpid(child, NULL, 0);
    return result;
}
