/* SPDX-License-Identifier: MIT */
/* TCP sockets: HOST:PORT to a connected or a listening descriptor, and back to text.
 *
 * Standard:    POSIX.1-2017 sockets; RFC 3986 section 3.2.2 for IPv6 addresses in brackets.
 * Use it:      struct sock_name name;
 *              char why[WHY_LEN];
 *              if (sock_parse(&name, "example.org:7447", "7447") != 0)  the text is no HOST[:PORT]
 *              int fd = sock_connect(&name, 10000, why);                 fd == -1: why says what to tell the user
 * Timing:      sock_connect and sock_listen may wait for the name service; nothing else here ever waits.
 * Read next:   net/conn.h, a session on such a socket; net/poller.h, waiting for many.
 *
 * Every descriptor made here is non-blocking, closed on exec, and sends small writes at once (TCP_NODELAY): whoever
 * writes gathers first.
 */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/hostname.h"
#include "net/why.h"

#define SOCK_HOST_MAX HOSTNAME_MAX

/* Where to listen or to connect to. */
struct sock_name {
    char host[SOCK_HOST_MAX + 1]; /* as hostname_fold spells it: a name, or an address without brackets */
    char port[6];                 /* decimal, 0 to 65535, without leading zeros */
};

#define SOCK_TEXT_LEN 56 /* "[" an IPv6 address "]:" a port, and a NUL */
#define SOCK_KEY_LEN 8

/* The other end of an accepted connection. */
struct sock_peer {
    char text[SOCK_TEXT_LEN]; /* "192.0.2.1:40112", "[2001:db8::1]:40112" */
    /* What counts as one address where strangers are counted: an IPv4 address, or the first 64 bits of an IPv6 address,
     * because whoever has one of those has all of them. In both, ::ffff:192.0.2.1 is 192.0.2.1. */
    uint8_t key[SOCK_KEY_LEN];
};

/* Reads HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; default_port stands in where there is none. A bare IPv6 address (more
 * than one colon, no brackets) is refused, since its end and a port look alike. Host and port come out in one
 * spelling, however they were typed (net/hostname.h). Nothing is looked up. -1: it isn't that shape, or no host, and
 * *name is left alone. */
MUST_USE int sock_parse(struct sock_name *name, const char *text, const char *default_port);

/* Writes HOST:PORT, with brackets where they are needed. */
#define SOCK_NAME_LEN (SOCK_HOST_MAX + 9)
void sock_print(char out[static SOCK_NAME_LEN], const struct sock_name *name);

/* How much the system may keep of one accepted connection, each way, where it would let both grow to megabytes for
 * whoever reads nothing, or sends while nobody listens. It counts its own overhead as well, and so doubles the
 * numbers: at most 128 KiB a connection. The price is that no more than about 50 KiB are on their way at a time: over a
 * path of 100 ms there and back half a megabyte a second. */
#define SOCK_SEND_BYTES (32 * 1024)
#define SOCK_RECEIVE_BYTES (32 * 1024)

/* Listens on the first address of the name that lets it; on [::], IPv4 clients come too. The descriptor, or -1 with one
 * line for the user in why, and errno (EADDRINUSE: taken; EINVAL: the name has no address). */
MUST_USE int sock_listen(const struct sock_name *name, char why[static WHY_LEN]);

/* Whether this host has IPv6, of which its own address ::1 is the sign. */
bool sock_has_ipv6(void);

/* Connects to the first address of the name that answers, waiting at most timeout_ms for all of them together, and an
 * equal part of it for each. The descriptor, or -1 with one line for the user in why, which names what was tried. */
MUST_USE int sock_connect(const struct sock_name *name, int timeout_ms, char why[static WHY_LEN]);

/* Takes one connection off a listening socket. -1 with errno: EAGAIN where nobody waits, EMFILE or ENFILE where there
 * are no descriptors left; connections that died while they waited are passed over. */
MUST_USE int sock_accept(int listener, struct sock_peer *peer);

/* Closes a connection. What the peer has not taken yet the system goes on sending for SOCK_REST_SECONDS, and not for
 * the minutes for which a peer that takes nothing could keep it trying. */
#define SOCK_REST_SECONDS 10
void sock_close(int fd);

/* Whoever starts a program may have closed its standard input, output or error, and the next socket or file would take
 * that number: what is meant for the screen would be sent to a stranger in the clear, or written into a file of ours.
 * In their places come descriptors that can't be read from (0) and can't be written to (1, 2), so that it still fails.
 * The first thing that a program does. -1: the system has no /dev/null, or no descriptors. */
MUST_USE int sock_keep_off_standard(void);

/* The port that a socket is bound to, which says what port 0 became; 0 where the system doesn't say. */
uint16_t sock_local_port(int fd);

#endif
