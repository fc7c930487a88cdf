/* SPDX-License-Identifier: MIT */
/* The wires are laid before the processes start, and each process has its own end and no other: so whoever ends, ends
 * them all. */
#include "app/workbench/attacks/middle.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/frame.h"
#include "net/sock.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing, sock.c has set SO_NOSIGPIPE */
#endif

/* --- Bytes -------------------------------------------------------------------------------------------------------- */

int middle_wait(int fd, short events)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    int ready;
    do
        ready = poll(&wanted, 1, MIDDLE_SECONDS * 1000);
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? 0 : -1;
}

int middle_send(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        if (middle_wait(fd, POLLOUT) != 0)
            return -1;
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int middle_receive(int fd, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        if (middle_wait(fd, POLLIN) != 0)
            return -1;
        ssize_t n = recv(fd, bytes, len, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return -1;
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int middle_receive_frame(int fd, uint8_t *frame, size_t cap, size_t *frame_len)
{
    if (cap < FRAME_HEADER_LEN || middle_receive(fd, frame, FRAME_HEADER_LEN) != 0)
        return -1;
    size_t len = FRAME_HEADER_LEN + (size_t)(frame[2] << 8 | frame[3]);
    if (len > cap || middle_receive(fd, frame + FRAME_HEADER_LEN, len - FRAME_HEADER_LEN) != 0)
        return -1;
    *frame_len = len;
    return 0;
}

/* --- Processes ---------------------------------------------------------------------------------------------------- */

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A connection over loopback: what one end sends, the other gets. -1 with the reason. */
static int lay_wire(int *one, int *other, char why[static WHY_LEN])
{
    struct sock_name where;
    struct sock_peer peer;
    if (sock_parse(&where, "127.0.0.1:0", "0") != 0)
        return why_say(why, "127.0.0.1 is no address here");
    int listener = sock_listen(&where, why);
    if (listener < 0)
        return -1;
    snprintf(where.port, sizeof where.port, "%u", sock_local_port(listener));
    *one = sock_connect(&where, MIDDLE_SECONDS * 1000, why);
    if (*one >= 0 && (middle_wait(listener, POLLIN) != 0 || (*other = sock_accept(listener, &peer)) < 0))
        (void)why_say(why, "the connection over loopback was lost: %s", strerror(errno));
    close(listener);
    return *one >= 0 && *other >= 0 ? 0 : -1;
}

/* Starts the process that has fd; it has nothing else of the caller's, or nobody would see who hangs up. */
static int start(struct middle *m, enum middle_end end, int fd, int others, middle_talk *talk, const void *world)
{
    int words[2];
    if (pipe(words) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        char why[WHY_LEN] = "";
        close(m->fd[MIDDLE_CLIENT]);
        close(m->fd[MIDDLE_SERVER]);
        close(others);
        close(words[0]);
        talk(fd, end, world, why);
        ssize_t written = write(words[1], why, strlen(why));
        _exit(written < 0);
    }
    close(words[1]);
    m->words[end] = words[0];
    m->pid[end] = pid > 0 ? pid : 0;
    return pid > 0 ? 0 : -1;
}

int middle_begin(struct middle *m, middle_talk *talk, const void *world, char why[static WHY_LEN])
{
    int theirs[2] = {-1, -1}, result = -1;
    *m = (struct middle){.fd = {-1, -1}, .words = {-1, -1}};
    if (lay_wire(&theirs[MIDDLE_CLIENT], &m->fd[MIDDLE_CLIENT], why) == 0 &&
        lay_wire(&m->fd[MIDDLE_SERVER], &theirs[MIDDLE_SERVER], why) == 0) {
        if (start(m, MIDDLE_SERVER, theirs[MIDDLE_SERVER], theirs[MIDDLE_CLIENT], talk, world) == 0 &&
            start(m, MIDDLE_CLIENT, theirs[MIDDLE_CLIENT], theirs[MIDDLE_SERVER], talk, world) == 0)
            result = 0;
        else
            (void)why_say(why, "the system starts no process: %s", strerror(errno));
    }
    close_one(&theirs[MIDDLE_CLIENT]);
    close_one(&theirs[MIDDLE_SERVER]);
    if (result != 0)
        middle_finish(m);
    return result;
}

/* What came through the pipe until the process closed it. */
static void hear_out(int words, char said[static WHY_LEN])
{
    size_t len = 0;
    ssize_t n;
    while (len < WHY_LEN - 1 && ((n = read(words, said + len, WHY_LEN - 1 - len)) > 0 || (n < 0 && errno == EINTR)))
        len += n > 0 ? (size_t)n : 0;
    said[len] = '\0';
}

void middle_finish(struct middle *m)
{
    for (enum middle_end end = MIDDLE_CLIENT; end <= MIDDLE_SERVER; end++)
        close_one(&m->fd[end]);
    for (enum middle_end end = MIDDLE_CLIENT; end <= MIDDLE_SERVER; end++) {
        if (m->pid[end] > 0) {
            hear_out(m->words[end], m->said[end]);
            while (waitpid(m->pid[end], NULL, 0) < 0 && errno == EINTR)
                continue;
        }
        m->pid[end] = 0;
        close_one(&m->words[end]);
    }
}
