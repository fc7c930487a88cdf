/* SPDX-License-Identifier: MIT */
/* Names are taken apart by hand, so that what is typed wrong is refused before anything is looked up; the system's
 * getaddrinfo turns them into addresses, and each address is tried in its order until one works. */
#include "net/sock.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto/ct.h"

#define SOCK_BACKLOG 1024 /* connections that the kernel holds while the loop is busy; it may cut this down */

/* 1 to 5 digits, at most 65535; leading zeros are dropped, as a key is remembered under one spelling. */
static int parse_port(char port[static 6], const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
        return -1;
    unsigned long value = strtoul(text, NULL, 10);
    if (value > UINT16_MAX)
        return -1;
    snprintf(port, 6, "%u", (unsigned)(uint16_t)value);
    return 0;
}

int sock_parse(struct sock_name *name, const char *text, const char *default_port)
{
    struct sock_name parsed;
    const char *host = text, *end, *port = default_port;
    if (*text == '[') {
        host = text + 1;
        end = strchr(host, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return -1;
        if (end[1] == ':')
            port = end + 2;
    } else {
        end = strchr(text, ':');
        if (end != NULL)
            port = end + 1;
        else
            end = text + strlen(text);
    }
    if (parse_port(parsed.port, port) != 0 || hostname_fold(parsed.host, host, (size_t)(end - host)) != 0)
        return -1;
    *name = parsed;
    return 0;
}

void sock_print(char out[static SOCK_NAME_LEN], const struct sock_name *name)
{
    const char *format = strchr(name->host, ':') != NULL ? "[%s]:%s" : "%s:%s";
    snprintf(out, SOCK_NAME_LEN, format, name->host, name->port);
}

/* An IPv4 address mapped into IPv6 is the IPv4 address, as it is where strangers are counted (fill_key). */
static void print_host(char host[static INET6_ADDRSTRLEN], const struct sockaddr *at)
{
    const struct sockaddr_in6 *v6 = (const void *)at;
    const struct sockaddr_in *v4 = (const void *)at;
    memcpy(host, "?", 2);
    if (at->sa_family == AF_INET)
        inet_ntop(AF_INET, &v4->sin_addr, host, INET6_ADDRSTRLEN);
    else if (at->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        inet_ntop(AF_INET, v6->sin6_addr.s6_addr + 12, host, INET6_ADDRSTRLEN);
    else if (at->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &v6->sin6_addr, host, INET6_ADDRSTRLEN);
}

/* Everything that this file promises of a descriptor. */
static int prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    int on = 1;
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    /* A socket that was reset already refuses this on some systems; then the first read says so. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef SO_NOSIGPIPE
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return 0;
}

static void close_keeping_errno(int fd)
{
    int saved = errno;
    close(fd);
    errno = saved;
}

static struct addrinfo *look_up(const struct sock_name *name, int flags, char why[static WHY_LEN])
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(name->host, name->port, &hints, &found);
    if (error == 0)
        return found;
    why_say(why, "cannot find the address of %s: %s: is the name right?", name->host,
            error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
    errno = EINVAL;
    return NULL;
}

/* Each connection that is accepted has the listener's bounds, from its first byte on, accepted or not.
 * CAUTION: without them whoever reads nothing makes the system keep megabytes; tests/integration/test_kernel.py:
 * test_forty_who_read_nothing. */
static int bound_buffers(int listener)
{
    int send = SOCK_SEND_BYTES, receive = SOCK_RECEIVE_BYTES;
    if (setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &send, sizeof send) != 0)
        return -1;
    return setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
}

static int listen_on(const struct addrinfo *at)
{
    int on = 1, off = 0;
    int fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
    if (fd < 0)
        return -1;
    /* Whatever the system's default is; OpenBSD, whose sockets never serve both, refuses. */
    if (at->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    /* Without this a restarted server waits minutes for the old one's connections to be forgotten. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && prepare(fd) == 0 && bound_buffers(fd) == 0 &&
        bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, SOCK_BACKLOG) == 0)
        return fd;
    close_keeping_errno(fd);
    return -1;
}

int sock_listen(const struct sock_name *name, char why[static WHY_LEN])
{
    struct addrinfo *found = look_up(name, AI_PASSIVE, why);
    if (found == NULL)
        return -1;
    int fd = -1;
    for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next)
        fd = listen_on(at);
    int saved = errno;
    freeaddrinfo(found);
    if (fd < 0) {
        char text[SOCK_NAME_LEN];
        sock_print(text, name);
        why_say(why, "cannot listen on %s: %s", text, strerror(saved));
    }
    errno = saved;
    return fd;
}

bool sock_has_ipv6(void)
{
    const struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0)
        return false;
    bool has = bind(fd, (const struct sockaddr *)&own, sizeof own) == 0;
    close(fd);
    return has;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for a connect in progress; 0, or -1 with errno. */
static int finish_connect(int fd, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? ETIMEDOUT : errno;
            return -1;
        }
        int error = 0;
        socklen_t len = sizeof error;
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
            return -1;
        errno = error;
        return error == 0 ? 0 : -1;
    }
}

static int connect_to(const struct addrinfo *at, int64_t deadline)
{
    int fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
    if (fd < 0)
        return -1;
    if (prepare(fd) == 0) {
        /* EINTR: the connection goes on being made, just as with EINPROGRESS. */
        if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
            return fd;
        if ((errno == EINPROGRESS || errno == EINTR) && finish_connect(fd, deadline) == 0)
            return fd;
    }
    close_keeping_errno(fd);
    return -1;
}

#define TRIED_MAX 16 /* that are told of; all are tried */

/* The addresses of a name that were tried, and how each failed. */
struct tried {
    const struct addrinfo *at[TRIED_MAX];
    int error[TRIED_MAX];
    size_t len;
};

/* How much it tells of where the server is: whoever refuses is there. */
static int tells(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return 2;
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return 1;
    default:
        return 0;
    }
}

static int most_telling(const struct tried *t)
{
    int error = t->error[0];
    for (size_t i = 1; i < t->len; i++)
        if (tells(t->error[i]) > tells(error))
            error = t->error[i];
    return error;
}

static bool told_before(const struct tried *t, size_t i)
{
    for (size_t before = 0; before < i; before++)
        if (t->error[before] == t->error[i])
            return true;
    return false;
}

static void add(char out[static WHY_LEN], const char *text)
{
    size_t len = strlen(out);
    snprintf(out + len, WHY_LEN - len, "%s", text);
}

/* Each reason once, and where there are several addresses, those that it is about: "Network is unreachable
 * (2001:db8::1), Connection refused (192.0.2.1, 192.0.2.2)". */
static void print_tried(char out[static WHY_LEN], const struct tried *t)
{
    char host[INET6_ADDRSTRLEN];
    *out = '\0';
    for (size_t first = 0; first < t->len; first++) {
        if (told_before(t, first))
            continue;
        add(out, first > 0 ? ", " : "");
        add(out, strerror(t->error[first]));
        for (size_t i = first; i < t->len && t->len > 1; i++) {
            if (t->error[i] != t->error[first])
                continue;
            print_host(host, t->at[i]->ai_addr);
            add(out, i == first ? " (" : ", ");
            add(out, host);
        }
        add(out, t->len > 1 ? ")" : "");
    }
}

/* What to do about it. */
static const char *advice(int error)
{
    static const char *const texts[] = {"", ": is the address right, and is there a way through the network to it?",
                                        ": is the server running there, and is the port right?"};
    return texts[tells(error)];
}

/* A file of hosts may have one address twice. */
static bool is_again(const struct addrinfo *found, const struct addrinfo *at)
{
    for (; found != at; found = found->ai_next)
        if (found->ai_addrlen == at->ai_addrlen && ct_equal(found->ai_addr, at->ai_addr, at->ai_addrlen))
            return true;
    return false;
}

/* To the first that answers. Each has an equal part of the time that is left, so that one which swallows everything, as
 * an IPv6 address may where IPv6 leads nowhere, leaves some for the others. */
static int connect_to_one_of(const struct addrinfo *found, int64_t deadline, struct tried *tried)
{
    int64_t left = 0;
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next)
        left += !is_again(found, at);
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        if (is_again(found, at))
            continue;
        int64_t now = now_ms();
        int fd = connect_to(at, now + (deadline - now) / left--);
        if (fd >= 0)
            return fd;
        if (tried->len < TRIED_MAX) {
            tried->at[tried->len] = at;
            tried->error[tried->len++] = errno;
        }
    }
    return -1;
}

int sock_connect(const struct sock_name *name, int timeout_ms, char why[static WHY_LEN])
{
    assert(timeout_ms >= 0);
    int64_t deadline = now_ms() + timeout_ms;
    struct tried tried = {.len = 0};
    struct addrinfo *found = look_up(name, 0, why);
    if (found == NULL)
        return -1;
    int fd = connect_to_one_of(found, deadline, &tried);
    int error = 0;
    if (fd < 0) {
        char text[SOCK_NAME_LEN], what[WHY_LEN];
        error = most_telling(&tried);
        sock_print(text, name);
        print_tried(what, &tried);
        why_say(why, "cannot connect to %s: %s%s", text, what, advice(error));
    }
    freeaddrinfo(found);
    errno = error;
    return fd;
}

/* The first 8 bytes of an IPv6 address, or 4 zero bytes and an IPv4 address, which is also what an IPv4 address mapped
 * into IPv6 counts as. (No network is ::/64, so the two can't meet.) */
static void fill_key(uint8_t key[static SOCK_KEY_LEN], const struct sockaddr_storage *from)
{
    memset(key, 0, SOCK_KEY_LEN);
    if (from->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)from;
        memcpy(key + 4, &v4->sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)from;
        if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            memcpy(key + 4, v6->sin6_addr.s6_addr + 12, 4);
        else
            memcpy(key, v6->sin6_addr.s6_addr, SOCK_KEY_LEN);
    }
}

static void fill_text(char text[static SOCK_TEXT_LEN], const struct sockaddr_storage *from)
{
    char host[INET6_ADDRSTRLEN];
    unsigned port = 0;
    print_host(host, (const struct sockaddr *)from);
    if (from->ss_family == AF_INET)
        port = ntohs(((const struct sockaddr_in *)(const void *)from)->sin_port);
    else if (from->ss_family == AF_INET6)
        port = ntohs(((const struct sockaddr_in6 *)(const void *)from)->sin6_port);
    snprintf(text, SOCK_TEXT_LEN, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

int sock_accept(int listener, struct sock_peer *peer)
{
    for (;;) {
        struct sockaddr_storage from = {0};
        socklen_t len = sizeof from;
        int fd = accept(listener, (struct sockaddr *)&from, &len);
        /* accept(2): errors that belong to the new connection alone; the next one may be fine. */
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EPROTO))
            continue;
        if (fd < 0)
            return -1;
        if (prepare(fd) != 0) {
            close(fd);
            continue;
        }
        fill_key(peer->key, &from);
        fill_text(peer->text, &from);
        return fd;
    }
}

void sock_close(int fd)
{
#ifdef TCP_USER_TIMEOUT
    unsigned ms = SOCK_REST_SECONDS * 1000;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
#endif
    close(fd);
}

uint16_t sock_local_port(int fd)
{
    struct sockaddr_storage at = {0};
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    if (at.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)&at)->sin_port);
    if (at.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)&at)->sin6_port);
    return 0;
}

int sock_keep_off_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) /* open takes the lowest that is free */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    return 0;
}
