/* SPDX-License-Identifier: MIT */
/* First the socket: the server that answers there has the store. Without an answer the store is ours, if we get its
 * lock. */
#include "app/server/operator/admin_client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/operator/admin.h"
#include "app/server/operator/admin_socket.h"
#include "app/server/store/datadir.h"
#include "app/terminal/display.h"
#include "crypto/ct.h"

#define GREETING_SECONDS 5 /* for a server's first word */
#define ANSWER_SECONDS 120 /* for all others: a hundred thousand accounts on a slow disk */

struct admin_client {
    int fd;             /* the server's; -1: the rest is used */
    bool greeted, late; /* it has answered; it did not, this time */
    struct datadir dir;
    struct worker_pool *pool;
    struct accounts *accounts;
    struct login_failures *login_failures;
    struct admin admin;
    char in[ADMIN_OUT_MAX]; /* what was read from the server, or taken from the admin, and not yet heard */
    size_t in_len, in_at;
};

/* --- The store ---------------------------------------------------------------------------------------------------- */

static int open_accounts(struct admin_client *c, size_t limit, char why[static WHY_LEN])
{
    static const struct admin_calls none = {NULL, NULL, NULL};
    char cause[WHY_LEN];
    size_t torn = 0;
    c->pool = worker_start(1);
    if (c->pool == NULL) {
        worker_why(why, errno);
        return -1;
    }
    c->accounts = accounts_open(c->dir.fd, c->pool, limit, &torn, cause);
    if (c->accounts == NULL) {
        worker_stop(c->pool);
        return why_say(why, "%s/%s", c->dir.path, cause);
    }
    if (torn > 0)
        display_line(stderr, "glasschatd: warning: the last line of %s/accounts was cut and is removed", c->dir.path);
    admin_init(&c->admin, c->accounts, &none, NULL);
    c->login_failures = c->admin.login_failures = login_failures_open(c->dir.fd, c->pool, 0, &torn, cause);
    if (c->login_failures != NULL) {
        login_failures_remove_all(c->login_failures, accounts_deleted, c->accounts);
        return 0;
    }
    accounts_close(c->accounts);
    worker_stop(c->pool);
    return why_say(why, "%s/%s", c->dir.path, cause);
}

static int open_store(struct admin_client *c, const char *data, size_t limit, bool make, char why[static WHY_LEN])
{
    struct stat st;
    if (!make && stat(data, &st) != 0 && errno == ENOENT)
        return why_say(why, "%.300s is not there: give the server's folder with --data", data);
    if (datadir_open(&c->dir, data, why) != 0)
        return -1;
    if (open_accounts(c, limit, why) == 0)
        return 0;
    datadir_close(&c->dir);
    return -1;
}

/* --- Both --------------------------------------------------------------------------------------------------------- */

/* Says why nothing came from the server, or could be sent to it. */
static int no_answer(const struct admin_client *c, char why[static WHY_LEN])
{
    if (!c->late)
        return why_say(why, "the server went away: what it had been told and not confirmed is uncertain");
    if (!c->greeted)
        return why_say(why, "the server runs and does not answer; nothing was done: try again, or start it again");
    return why_say(why, "the server does not answer any more: whether it does what it was told is uncertain, and "
                        "`glasschatd account list` shows it");
}

/* Whether anybody serves the socket. There is no list, so nothing is next: ok. */
static int greet(struct admin_client *c, char why[static WHY_LEN])
{
    char line[ADMIN_LINE_MAX];
    if (admin_client_ask(c, "next", why) != 0 || admin_client_hear(c, line, sizeof line, why) != 0)
        return -1;
    c->greeted = true;
    return admin_socket_set_patience(c->fd, ANSWER_SECONDS) == 0 ? 0 : why_say(why, "%s", strerror(errno));
}

/* limit: 0 where a server must run. */
static int open_one(struct admin_client *c, const char *data, size_t limit, bool make, char why[static WHY_LEN])
{
    c->fd = admin_socket_connect(data, GREETING_SECONDS);
    if (c->fd < 0 && errno != EAGAIN && limit == 0)
        return why_say(
            why,
            "no server answers in %.300s (%s): start it, or give its folder with --data, as the user that it "
            "runs as",
            data, strerror(errno));
    if (c->fd < 0 && errno != EAGAIN)
        return open_store(c, data, limit, make, why);
    c->late = c->fd < 0;
    if (c->late)
        return no_answer(c, why);
    if (greet(c, why) == 0)
        return 0;
    close(c->fd);
    return -1;
}

int admin_client_open(struct admin_client **out, const char *data, size_t limit, bool make, char why[static WHY_LEN])
{
    struct admin_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return why_say(why, "there is not enough memory");
    if (open_one(c, data, limit, make, why) != 0) {
        free(c);
        return -1;
    }
    *out = c;
    return 0;
}

int admin_client_connect(struct admin_client **out, const char *data, char why[static WHY_LEN])
{
    return admin_client_open(out, data, 0, false, why);
}

static int send_all(struct admin_client *c, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        c->late = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        if (n <= 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

int admin_client_ask(struct admin_client *c, const char *request, char why[static WHY_LEN])
{
    if (c->fd >= 0) {
        char line[ADMIN_LINE_MAX + 1];
        int len = snprintf(line, sizeof line, "%s\n", request);
        int failed = len < 0 || (size_t)len >= sizeof line || send_all(c, line, (size_t)len) != 0;
        ct_wipe(line, sizeof line);
        return failed ? no_answer(c, why) : 0;
    }
    admin_request(&c->admin, request);
    while (c->admin.busy) {
        struct pollfd bell = {.fd = worker_fd(c->pool), .events = POLLIN};
        poll(&bell, 1, -1);
        worker_finish(c->pool);
    }
    return 0;
}

/* What the admin said, or the server sends; 0 bytes: no more. */
static size_t take(struct admin_client *c, char *out, size_t cap)
{
    if (c->fd >= 0) {
        ssize_t n;
        do
            n = recv(c->fd, out, cap, 0);
        while (n < 0 && errno == EINTR);
        c->late = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        return n > 0 ? (size_t)n : 0;
    }
    size_t len = c->admin.out_len < cap ? c->admin.out_len : cap;
    memcpy(out, c->admin.out, len);
    c->admin.out_len -= len;
    memmove(c->admin.out, c->admin.out + len, c->admin.out_len);
    return len;
}

/* What is received is shown: a server that an attacker has taken over must not reach the operator's terminal through
 * it. */
static bool is_plain(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((line[i] < ' ' || line[i] > '~') && line[i] != '\t')
            return false;
    return true;
}

int admin_client_hear(struct admin_client *c, char *line, size_t cap, char why[static WHY_LEN])
{
    size_t len = 0;
    for (;;) {
        if (c->in_at == c->in_len) {
            c->in_at = 0;
            c->in_len = take(c, c->in, sizeof c->in);
        }
        if (c->in_len == 0)
            return no_answer(c, why);
        if (len == cap)
            return why_say(why, "the server answers what it should not");
        line[len] = c->in[c->in_at++];
        if (line[len] == '\n')
            break;
        len++;
    }
    line[len] = '\0';
    return c->fd < 0 || is_plain(line, len) ? 0 : why_say(why, "the server answers what it should not");
}

void admin_client_close(struct admin_client *c)
{
    if (c->fd >= 0) {
        close(c->fd);
    } else {
        admin_free(&c->admin);
        worker_stop(c->pool);
        login_failures_close(c->login_failures);
        accounts_close(c->accounts);
        datadir_close(&c->dir);
    }
    ct_wipe(c, sizeof *c);
    free(c);
}
