/* SPDX-License-Identifier: MIT */
/* Each peer has an admin of its own. serve does for it all that can be done now: hand out the answer, take the next
 * line to the admin, read; where one of these has to wait, the poller or the admin calls it again. */
#include "app/server/operator/admin_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "app/server/operator/admin.h"
#include "crypto/ct.h"

struct admin_socket_peer {
    struct admin_socket *owner;
    struct poller_watch watch;
    struct admin admin;
    char in[ADMIN_LINE_MAX]; /* read, and not yet a whole line */
    size_t in_len, sent;
    uint64_t used; /* when it last did something */
    bool gone;     /* to be freed, when its admin is free */
};

/* --- The socket --------------------------------------------------------------------------------------------------- */

/* The path of a socket has at most 108 bytes, wherever the folder is; Linux has a short way to it. */
static int address(struct sockaddr_un *to, const char *data, int dir_fd)
{
    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(to->sun_path, sizeof to->sun_path, "%s/control", data);
    if (len > 0 && (size_t)len < sizeof to->sun_path)
        return 0;
    len = snprintf(to->sun_path, sizeof to->sun_path, "/proc/self/fd/%d/control", dir_fd);
    return len > 0 && (size_t)len < sizeof to->sun_path ? 0 : -1;
}

static int prepare(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? 0 : -1;
}

static int listen_at(const struct datadir *dir)
{
    struct sockaddr_un at;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    (void)unlinkat(dir->fd, "control", 0); /* a killed server's */
    int failed = prepare(fd) != 0 || address(&at, dir->path, dir->fd) != 0;
    mode_t before = umask(0177);
    failed = failed || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
             listen(fd, 4 * ADMIN_SOCKET_PEERS_MAX) != 0;
    umask(before);
    if (!failed)
        return fd;
    close(fd);
    return -1;
}

int admin_socket_set_patience(int fd, unsigned seconds)
{
    struct timeval time = {.tv_sec = (time_t)seconds};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0
               ? setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time)
               : -1;
}

int admin_socket_connect(const char *data, unsigned seconds)
{
    struct sockaddr_un at;
    int dir_fd = datadir_open_folder(data, false);
    if (dir_fd < 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    int failed = fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || address(&at, data, dir_fd) != 0 ||
                 admin_socket_set_patience(fd, seconds) != 0 ||
                 connect(fd, (const struct sockaddr *)&at, sizeof at) != 0;
    int error = errno;
    close(dir_fd);
    if (!failed)
        return fd;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

/* Keeps a descriptor for each empty place, as far as there are any: called wherever one may have become free, and so
 * before the clients' listener can take it. */
static void keep_spares(struct admin_socket *s)
{
    size_t have = s->spares;
    int fd;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++)
        have += s->peers[i] != NULL && !s->peers[i]->gone;
    for (; have < ADMIN_SOCKET_PEERS_MAX && (fd = fcntl(s->dir->fd, F_DUPFD_CLOEXEC, 0)) >= 0; have++)
        s->spare[s->spares++] = fd;
}

static void release_spare(struct admin_socket *s)
{
    if (s->spares > 0)
        close(s->spare[--s->spares]);
}

void admin_socket_open(struct admin_socket *s)
{
    int fd = listen_at(s->dir);
    s->on = fd >= 0 && poller_add(s->poller, &s->listener, fd, POLLER_READ, NULL) == 0;
    if (s->on) {
        keep_spares(s);
        return;
    }
    log_event(LOG_WARN, "no control socket: `glasschatd account` needs the server stopped", "error", strerror(errno),
              NULL);
    if (fd >= 0)
        close(fd);
}

/* --- Peers -------------------------------------------------------------------------------------------------------- */

static void drop(struct admin_socket_peer *p)
{
    if (p->gone)
        return;
    poller_remove(p->owner->poller, &p->watch);
    close(p->watch.fd);
    p->gone = true;
    keep_spares(p->owner);
}

static void free_peer(struct admin_socket_peer *p)
{
    admin_free(&p->admin);
    ct_wipe(p, sizeof *p);
    free(p);
}

static void end_session(void *arg, const char *name)
{
    const struct admin_socket *s = ((struct admin_socket_peer *)arg)->owner;
    s->end_session(s->arg, name);
}

static void status(void *arg, void (*tell)(void *admin, const char *line), void *admin)
{
    const struct admin_socket *s = ((struct admin_socket_peer *)arg)->owner;
    s->status(s->arg, tell, admin);
}

enum outcome { GO_ON, WAIT, WAIT_TO_WRITE, END };

static enum outcome hand_out(struct admin_socket_peer *p)
{
    struct admin *a = &p->admin;
    while (p->sent < a->out_len) {
        ssize_t n = send(p->watch.fd, a->out + p->sent, a->out_len - p->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? WAIT_TO_WRITE : END;
        p->sent += (size_t)n;
    }
    p->sent = a->out_len = 0;
    return GO_ON;
}

/* Gives the first whole line to the admin. WAIT: there is none. */
static enum outcome take_line(struct admin_socket_peer *p)
{
    char line[ADMIN_LINE_MAX];
    char *end = memchr(p->in, '\n', p->in_len);
    if (end == NULL)
        return p->in_len == sizeof p->in ? END : WAIT;
    size_t len = (size_t)(end - p->in);
    if (memchr(p->in, '\0', len) != NULL)
        return END;
    memcpy(line, p->in, len);
    line[len] = '\0';
    p->in_len -= len + 1;
    memmove(p->in, end + 1, p->in_len);
    p->admin.now = *p->owner->now;
    admin_request(&p->admin, line);
    ct_wipe(line, sizeof line);
    return GO_ON;
}

static enum outcome read_more(struct admin_socket_peer *p)
{
    ssize_t n = recv(p->watch.fd, p->in + p->in_len, sizeof p->in - p->in_len, 0);
    if (n > 0) {
        p->in_len += (size_t)n;
        return GO_ON;
    }
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? WAIT : END;
}

static enum outcome step(struct admin_socket_peer *p, bool *may_read)
{
    enum outcome outcome = hand_out(p);
    if (outcome != GO_ON)
        return outcome;
    outcome = take_line(p);
    if (outcome != WAIT || !*may_read)
        return outcome;
    *may_read = false; /* the others have their part of a turn of the loop too */
    return read_more(p);
}

static void serve(struct admin_socket_peer *p)
{
    enum outcome outcome = GO_ON;
    bool may_read = true;
    p->used = ++p->owner->turns;
    while (!p->gone && !p->admin.busy && outcome == GO_ON)
        outcome = step(p, &may_read);
    if (p->gone)
        return;
    unsigned want = p->admin.busy ? 0 : outcome == WAIT_TO_WRITE ? POLLER_WRITE : POLLER_READ;
    if (outcome == END || poller_want(p->owner->poller, &p->watch, want) != 0)
        drop(p);
}

static void answered(void *arg)
{
    serve(arg);
}

/* A place for one more. NULL: there is none; the peer that has been silent for longest makes room, if one may. */
static struct admin_socket_peer **find_place(struct admin_socket *s, bool *soon)
{
    struct admin_socket_peer **oldest = NULL;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++) {
        struct admin_socket_peer **place = &s->peers[i];
        if (*place == NULL)
            return place;
        if (!(*place)->admin.busy && !(*place)->gone && (oldest == NULL || (*place)->used < (*oldest)->used))
            oldest = place;
    }
    if (oldest != NULL)
        drop(*oldest);
    *soon = oldest != NULL; /* after this turn, and the new one still waits to be accepted */
    return NULL;
}

/* Without descriptors the listener would be reported again and again; the reactor watches it anew. */
static void leave_alone(struct admin_socket *s)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || poller_want(s->poller, &s->listener, 0) != 0)
        return;
    s->pause.owner = &s->listener;
    deadline_set(s->pauses, &s->pause, *s->now);
}

static void accept_one(struct admin_socket *s)
{
    static const struct admin_calls calls = {end_session, status, answered};
    bool soon = false;
    struct admin_socket_peer **place = find_place(s, &soon);
    if (soon)
        return;
    release_spare(s);
    int fd = accept(s->listener.fd, NULL, NULL);
    if (fd < 0) {
        leave_alone(s);
        return;
    }
    struct admin_socket_peer *p = place != NULL ? calloc(1, sizeof *p) : NULL;
    if (p == NULL || prepare(fd) != 0 || poller_add(s->poller, &p->watch, fd, POLLER_READ, p) != 0) {
        close(fd);
        free(p);
        return;
    }
    p->owner = s;
    admin_init(&p->admin, s->accounts, &calls, p);
    p->admin.login_failures = s->login_failures;
    *place = p;
    serve(p);
}

/* --- The loop's --------------------------------------------------------------------------------------------------- */

bool admin_socket_owns(const struct admin_socket *s, const struct poller_watch *watch)
{
    if (!s->on)
        return false;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++)
        if (s->peers[i] != NULL && watch == &s->peers[i]->watch)
            return true;
    return watch == &s->listener;
}

void admin_socket_ready(struct admin_socket *s, const struct poller_watch *watch)
{
    struct admin_socket_peer *p = watch->owner;
    if (watch == &s->listener)
        accept_one(s);
    else if (!p->gone)
        serve(p);
}

void admin_socket_end_turn(struct admin_socket *s)
{
    if (!s->on)
        return;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++) {
        struct admin_socket_peer *p = s->peers[i];
        if (p != NULL && p->gone && !p->admin.busy) {
            free_peer(p);
            s->peers[i] = NULL;
        }
    }
    keep_spares(s);
}

/* After worker_stop: no admin is busy any more. */
void admin_socket_close(struct admin_socket *s)
{
    if (!s->on)
        return;
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++)
        if (s->peers[i] != NULL)
            drop(s->peers[i]);
    admin_socket_end_turn(s);
    while (s->spares > 0)
        release_spare(s);
    deadline_cancel(&s->pause);
    poller_remove(s->poller, &s->listener);
    close(s->listener.fd);
    (void)unlinkat(s->dir->fd, "control", 0);
    s->on = false;
}
