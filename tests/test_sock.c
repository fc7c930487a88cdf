/* SPDX-License-Identifier: MIT */
/* Server names as they are typed, and two sockets on loopback. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "net/sock.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

static void assert_parses(const char *text, const char *host, const char *port, const char *printed)
{
    struct sock_name name;
    char out[SOCK_NAME_LEN];
    assert_int_equal(sock_parse(&name, text, "7447"), 0);
    assert_string_equal(name.host, host);
    assert_string_equal(name.port, port);
    sock_print(out, &name);
    assert_string_equal(out, printed);
}

static void test_parse(void **state)
{
    (void)state;
    assert_parses("localhost", "localhost", "7447", "localhost:7447");
    assert_parses("127.0.0.1:80", "127.0.0.1", "80", "127.0.0.1:80");
    assert_parses("h:0", "h", "0", "h:0");
    assert_parses("h:00080", "h", "80", "h:80");
    assert_parses("h:65535", "h", "65535", "h:65535");
    assert_parses("[::1]", "::1", "7447", "[::1]:7447");
    assert_parses("[2001:db8::1]:443", "2001:db8::1", "443", "[2001:db8::1]:443");
}

/* A typed name is folded by net/hostname.h; all spellings are in test_hostname.c. */
static void test_one_spelling(void **state)
{
    (void)state;
    assert_parses("LocalHost.:07447", "localhost", "7447", "localhost:7447");
    assert_parses("127.1", "127.0.0.1", "7447", "127.0.0.1:7447");
    assert_parses("[0::1]:7447", "::1", "7447", "[::1]:7447");
    assert_parses("[::FFFF:127.0.0.1]:7447", "127.0.0.1", "7447", "127.0.0.1:7447");
    assert_parses("[LocalHost]", "localhost", "7447", "localhost:7447");
    assert_parses("[FE80::1%eth0]:1", "fe80::1%eth0", "1", "[fe80::1%eth0]:1");
}

static void test_parse_refuses(void **state)
{
    (void)state;
    /* clang-format off */
    const char *const bad[] = {"",      ":80",    "h:",      "h:65536", "h:000080",   "h:-1",     "h:+1",  "h: 1",
                               "h:8o",  "::1",    "[::1",    "[]:1",    "[::1]x",     "[::1]80",  "a b:1", "h:1:2",
                               "h\n:1", "h:0x10", "\x7f:80", "[::1]:",  "[a\tb]:443", "h:999999999999999999999",
                               "h..", ".:1",  "[h:1]",   "[::1.]", "[127.1:]", "b\xc3\xbcro"};
    /* clang-format on */
    struct sock_name name = {.host = "left", .port = "1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(sock_parse(&name, bad[i], "7447"), -1);
    assert_string_equal(name.host, "left");

    char longest[SOCK_HOST_MAX + 2];
    memset(longest, 'h', sizeof longest);
    longest[SOCK_HOST_MAX + 1] = '\0';
    assert_int_equal(sock_parse(&name, longest, "7447"), -1);
    longest[SOCK_HOST_MAX] = '\0';
    assert_int_equal(sock_parse(&name, longest, "7447"), 0);
    assert_int_equal(sock_parse(&name, "h", "99999"), -1);
}

static int listen_loopback(struct sock_name *name)
{
    char why[WHY_LEN];
    assert_int_equal(sock_parse(name, "127.0.0.1:0", "1"), 0);
    int fd = sock_listen(name, why);
    assert_true(fd >= 0);
    assert_int_not_equal(sock_local_port(fd), 0);
    snprintf(name->port, sizeof name->port, "%u", (unsigned)sock_local_port(fd));
    return fd;
}

static int accept_soon(int listener, struct sock_peer *peer)
{
    struct pollfd p = {.fd = listener, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 5000), 1);
    return sock_accept(listener, peer);
}

static void assert_prepared(int fd)
{
    int on = 0;
    socklen_t len = sizeof on;
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
    assert_true(on);
}

static void assert_bounded(int fd, int option, int bytes)
{
    int has = 0;
    socklen_t len = sizeof has;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, option, &has, &len), 0);
    assert_in_range(has, bytes, 2 * bytes);
}

static void test_connect_and_accept(void **state)
{
    (void)state;
    struct sock_name name;
    struct sock_peer peer;
    char why[WHY_LEN], expected[SOCK_TEXT_LEN];
    int listener = listen_loopback(&name);
    assert_int_equal(sock_accept(listener, &peer), -1);
    assert_int_equal(errno, EAGAIN);

    int there = sock_connect(&name, 5000, why);
    assert_true(there >= 0);
    int here = accept_soon(listener, &peer);
    assert_true(here >= 0);
    assert_prepared(there);
    assert_prepared(here);
    assert_bounded(here, SO_SNDBUF, SOCK_SEND_BYTES);
    assert_bounded(here, SO_RCVBUF, SOCK_RECEIVE_BYTES);
    snprintf(expected, sizeof expected, "127.0.0.1:%u", (unsigned)sock_local_port(there));
    assert_string_equal(peer.text, expected);
    const uint8_t key[SOCK_KEY_LEN] = {0, 0, 0, 0, 127, 0, 0, 1};
    assert_memory_equal(peer.key, key, sizeof key);
    close(there);
    close(here);
    close(listener);
}

static void test_ipv6(void **state)
{
    (void)state;
    struct sock_name name;
    struct sock_peer peer;
    char why[WHY_LEN], expected[SOCK_TEXT_LEN];
    assert_int_equal(sock_parse(&name, "[::1]:0", "1"), 0);
    int listener = sock_listen(&name, why);
    if (listener < 0) {
        puts("skipped: this machine has no IPv6");
        return;
    }
    snprintf(name.port, sizeof name.port, "%u", (unsigned)sock_local_port(listener));
    int there = sock_connect(&name, 5000, why);
    int here = accept_soon(listener, &peer);
    assert_true(there >= 0 && here >= 0);
    snprintf(expected, sizeof expected, "[::1]:%u", (unsigned)sock_local_port(there));
    assert_string_equal(peer.text, expected);
    const uint8_t key[SOCK_KEY_LEN] = {0}; /* the first 64 bits of ::1 */
    assert_memory_equal(peer.key, key, sizeof key);
    close(there);
    close(here);
    close(listener);
}

/* The system that the sockets here are made by: this one, but for what a test has changed. */
static bool ipv6_is_alone, ipv6_is_missing;

int socket(int family, int type, int protocol)
{
    int (*ask)(int, int, int), on = 1;
    *(void **)&ask = dlsym(RTLD_NEXT, "socket");
    if (family == AF_INET6 && ipv6_is_missing) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    int fd = ask(family, type, protocol);
    if (fd >= 0 && family == AF_INET6 && ipv6_is_alone)
        assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), 0);
    return fd;
}

/* An IPv4 address is the same one whether it comes as itself or mapped into IPv6; and it comes, also where a socket of
 * IPv6 is for IPv6 alone unless a program says otherwise. */
static void test_mapped_ipv4(void **state)
{
    (void)state;
    struct sock_name name;
    struct sock_peer peer;
    char why[WHY_LEN], expected[SOCK_TEXT_LEN];
    for (int alone = 0; alone < 2; alone++) {
        ipv6_is_alone = alone;
        assert_int_equal(sock_parse(&name, "[::]:0", "1"), 0);
        int listener = sock_listen(&name, why);
        if (listener < 0) {
            puts("skipped: this machine has no IPv6");
            return;
        }
        struct sock_name v4 = {.host = "127.0.0.1"};
        snprintf(v4.port, sizeof v4.port, "%u", (unsigned)sock_local_port(listener));
        int there = sock_connect(&v4, 5000, why);
        assert_true(there >= 0);
        const uint8_t key[SOCK_KEY_LEN] = {0, 0, 0, 0, 127, 0, 0, 1};
        int here = accept_soon(listener, &peer);
        assert_true(here >= 0);
        assert_memory_equal(peer.key, key, sizeof key);
        snprintf(expected, sizeof expected, "127.0.0.1:%u", (unsigned)sock_local_port(there));
        assert_string_equal(peer.text, expected);
        close(there);
        close(here);
        close(listener);
    }
    ipv6_is_alone = false;
}

static void test_no_ipv6(void **state)
{
    (void)state;
    struct sock_name name;
    char why[WHY_LEN];
    ipv6_is_missing = true;
    assert_int_equal(sock_parse(&name, "[::]:0", "1"), 0);
    assert_int_equal(sock_listen(&name, why), -1);
    assert_int_equal(errno, EAFNOSUPPORT);
    assert_string_equal(why, "cannot listen on [::]:0: Address family not supported by protocol");
    assert_false(sock_has_ipv6());
    ipv6_is_missing = false;
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    const struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    assert_int_equal(sock_has_ipv6(), fd >= 0 && bind(fd, (const struct sockaddr *)&own, sizeof own) == 0);
    if (fd >= 0)
        close(fd);
}

static void test_not_a_socket(void **state)
{
    (void)state;
    struct sock_peer peer;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(sock_local_port(fds[0]), 0);
    assert_int_equal(sock_accept(fds[0], &peer), -1);
    assert_int_equal(errno, ENOTSOCK);
    close(fds[0]);
    close(fds[1]);
}

static void test_errors_say_why(void **state)
{
    (void)state;
    struct sock_name name;
    char why[WHY_LEN] = "", expected[WHY_LEN];
    int listener = listen_loopback(&name);
    assert_int_equal(sock_listen(&name, why), -1);
    assert_int_equal(errno, EADDRINUSE);
    snprintf(expected, sizeof expected, "cannot listen on 127.0.0.1:%s: %s", name.port, strerror(EADDRINUSE));
    assert_string_equal(why, expected);

    close(listener);
    assert_int_equal(sock_connect(&name, 5000, why), -1);
    assert_int_equal(errno, ECONNREFUSED);
    snprintf(expected, sizeof expected,
             "cannot connect to 127.0.0.1:%s: Connection refused: "
             "is the server running there, and is the port right?",
             name.port);
    assert_string_equal(why, expected);

    assert_int_equal(sock_parse(&name, "no..such..name", "1"), 0);
    assert_int_equal(sock_connect(&name, 5000, why), -1);
    assert_int_equal(errno, EINVAL);
    assert_non_null(strstr(why, "cannot find the address of no..such..name"));
}

/* The time limit: a listener whose queue is full lets nobody in and says nothing. */
static void test_connect_gives_up(void **state)
{
    (void)state;
    struct sock_name name;
    char why[WHY_LEN];
    int fds[16];
    size_t n = 0;
    int listener = listen_loopback(&name);
    assert_int_equal(listen(listener, 0), 0);
    while (n < 16 && (fds[n] = sock_connect(&name, 300, why)) >= 0)
        n++;
    assert_true(n < 16);
    assert_int_equal(errno, ETIMEDOUT);
    while (n > 0)
        close(fds[--n]);
    close(listener);
}

static int deaf_listener;
static atomic_int rings;

/* Accepts only from the tenth signal on. */
static void ring(int sig)
{
    int saved = errno;
    (void)sig;
    int fd = atomic_fetch_add(&rings, 1) >= 10 ? accept(deaf_listener, NULL, NULL) : -1;
    if (fd >= 0)
        close(fd);
    errno = saved;
}

/* A signal that comes while the connection is made neither makes it fail nor gives it more time. */
static void test_signals_while_it_connects(void **state)
{
    (void)state;
    struct sock_name name;
    char why[WHY_LEN];
    int fds[16];
    size_t n = 0;
    const struct sigaction heard = {.sa_handler = ring}, ignored = {.sa_handler = SIG_IGN};
    const struct itimerval often = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    deaf_listener = listen_loopback(&name);
    assert_int_equal(listen(deaf_listener, 0), 0);
    while (n < 16 && (fds[n] = sock_connect(&name, 300, why)) >= 0)
        n++;
    assert_true(n < 16);
    assert_int_equal(sigaction(SIGALRM, &heard, NULL), 0);
    atomic_store(&rings, -1000000); /* never accepts */
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_int_equal(sock_connect(&name, 300, why), -1);
    assert_int_equal(errno, ETIMEDOUT);
    atomic_store(&rings, 0);
    int fd = sock_connect(&name, 30000, why);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &ignored, NULL), 0);
    if (fd < 0)
        fail_msg("%s", why);
    assert_true(atomic_load(&rings) > 10);
    close(fd);
    while (n > 0)
        close(fds[--n]);
    close(deaf_listener);
}

/* Knows hosts with several addresses, which no machine has by default; for other names it asks the system's. */
int getaddrinfo(const char *restrict host, const char *restrict port, const struct addrinfo *restrict hints,
                struct addrinfo **restrict found)
{
    static const struct {
        const char *name, *addresses[4];
    } known[] = {
        {"two.test", {"127.0.0.2", "127.0.0.1"}},
        {"twice.test", {"127.0.0.1", "127.0.0.1"}},
        {"four.test", {"127.0.0.2", "::1", "127.0.0.1", "127.0.0.2"}},
    };
    int (*ask)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&ask = dlsym(RTLD_NEXT, "getaddrinfo");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(host, known[i].name) != 0)
            continue;
        for (size_t n = 0; n < 4 && known[i].addresses[n] != NULL; n++, found = &(*found)->ai_next)
            assert_int_equal(ask(known[i].addresses[n], port, hints, found), 0);
        return 0;
    }
    return ask(host, port, hints, found);
}

static void assert_cannot_connect(const char *host, const char *port, const char *what)
{
    struct sock_name name;
    char why[WHY_LEN], expected[WHY_LEN];
    snprintf(name.host, sizeof name.host, "%s", host);
    snprintf(name.port, sizeof name.port, "%s", port);
    assert_int_equal(sock_connect(&name, 5000, why), -1);
    assert_int_equal(errno, ECONNREFUSED);
    snprintf(expected, sizeof expected,
             "cannot connect to %s:%s: %s: is the server running there, and is the port right?", host, port, what);
    assert_string_equal(why, expected);
}

/* What is said names each address that was tried, and each reason, once. */
static void test_what_was_tried(void **state)
{
    (void)state;
    struct sock_name name;
    close(listen_loopback(&name)); /* a port at which nobody is */
    assert_cannot_connect("two.test", name.port, "Connection refused (127.0.0.2, 127.0.0.1)");
    assert_cannot_connect("twice.test", name.port, "Connection refused");
    ipv6_is_missing = true;
    assert_cannot_connect("four.test", name.port,
                          "Connection refused (127.0.0.2, 127.0.0.1), Address family not supported by protocol (::1)");
    ipv6_is_missing = false;
}

/* The first address swallows everything: the second gets its turn before the time is over. */
static void test_an_address_that_is_silent(void **state)
{
    (void)state;
    struct sock_name name, silent;
    char why[WHY_LEN];
    int fds[16];
    size_t n = 0;
    int listener = listen_loopback(&name);
    silent = name;
    strcpy(silent.host, "127.0.0.2");
    int deaf = sock_listen(&silent, why);
    assert_true(deaf >= 0);
    assert_int_equal(listen(deaf, 0), 0);
    while (n < 16 && (fds[n] = sock_connect(&silent, 300, why)) >= 0)
        n++;
    assert_true(n < 16);
    strcpy(name.host, "two.test");
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int fd = sock_connect(&name, 2000, why);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(fd >= 0);
    /* Over a longer way than this one the second would have no time left if the first took all of it. */
    assert_true((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 2000);
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &len), 0);
    assert_int_equal(ntohl(peer.sin_addr.s_addr), INADDR_LOOPBACK);
    close(fd);
    close(listener);
    assert_int_equal(sock_connect(&name, 300, why), -1); /* each of them is tried, and none answers */
    assert_non_null(strstr(why, "cannot connect to two.test:"));
    while (n > 0)
        close(fds[--n]);
    close(deaf);
}

/* With its standard descriptors closed, what a program opens first gets none of their numbers. */
static void test_keep_off_standard(void **state)
{
    (void)state;
    for (int closed = 0; closed < 8; closed++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            char c = 'x';
            for (int fd = 0; fd <= 2; fd++)
                if ((closed >> fd & 1) != 0)
                    close(fd);
            int wrong = sock_keep_off_standard() != 0 || socket(AF_INET, SOCK_STREAM, 0) <= 2;
            if ((closed & 1) != 0)
                wrong = wrong || read(0, &c, 1) >= 0;
            for (int fd = 1; fd <= 2; fd++)
                if ((closed >> fd & 1) != 0)
                    wrong = wrong || write(fd, &c, 1) >= 0;
            _exit(wrong);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),          cmocka_unit_test(test_one_spelling),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_connect_and_accept), cmocka_unit_test(test_errors_say_why),
        cmocka_unit_test(test_connect_gives_up),   cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_signals_while_it_connects),
        cmocka_unit_test(test_mapped_ipv4),        cmocka_unit_test(test_not_a_socket),
        cmocka_unit_test(test_no_ipv6),            cmocka_unit_test(test_what_was_tried),
        cmocka_unit_test(test_an_address_that_is_silent),
        cmocka_unit_test(test_keep_off_standard),
    };
    /* clang-format on */
    return RUN(tests);
}
