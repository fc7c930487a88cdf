/* SPDX-License-Identifier: MIT */
/* What the operator's command writes to DATA/control, through a real socket to real accounts. The first byte says how
 * many bytes are written at a time (0: all), the rest is written. Beside the server stands a model of what
 * admin_socket.h promises: the bytes cut into lines, each given to an admin with its own accounts, up to the first
 * line that is too long or has a NUL in it. Findings besides a crash: another answer than the model's, however the
 * bytes were cut; an answer with a byte that is no text; a line of a list without its five fields; another file of
 * accounts in the end, or one that does not load. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "app/server/operator/admin.h"
#include "app/server/operator/admin_socket.h"
#include "app/server/server.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 12288
#define TEXT_MAX 65536
#define ACCOUNTS_MAX 8 /* small, so that it is reached */

/* alice has a second factor, bob is locked, carl is gone. */
#define PASSWORD "pbkdf2=1:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
static const char *const known[] = {
    ("bob\temail=b@x\tcreated=1\t" PASSWORD "\tlocked=1"),
    ("alice\temail=a@x\tcreated=1\t" PASSWORD),
    "carl\tdeleted=1",
};

/* Each has its folder; the server's has the socket too. */
enum { SERVER, MODEL, SIDES };

static struct {
    struct datadir dir[SIDES];
    struct limits limits;
    struct server server;
    struct admin_socket admin_socket;
} all;

struct text {
    char *bytes;
    size_t len, cap;
};

static void append(struct text *t, const char *bytes, size_t len)
{
    if (t->len + len >= t->cap) {
        t->cap = 2 * (t->len + len) + 1;
        t->bytes = realloc(t->bytes, t->cap);
        assert(t->bytes != NULL);
    }
    memcpy(t->bytes + t->len, bytes, len);
    t->len += len;
}

/* --- Once --------------------------------------------------------------------------------------------------------- */

static void clean_up(void)
{
    worker_stop(all.server.workers);
    admin_socket_close(&all.admin_socket);
    rooms_free(&all.server.rooms);
    poller_free(all.server.poller);
    for (size_t i = 0; i < SIDES; i++) {
        unlinkat(all.dir[i].fd, "accounts", 0);
        rmdir(all.dir[i].path);
    }
}

static void end_session(void *arg, const char *name)
{
    (void)arg;
    (void)name; /* nobody is here */
}

static void status(void *arg, void (*tell)(void *to, const char *line), void *to)
{
    (void)arg;
    tell(to, "accepted 1 - connections taken");
    tell(to, "refused 1 ! connections refused");
}

static void set_up(void)
{
    struct server *s = &all.server;
    log_set_level(LOG_ERROR);
    for (size_t i = 0; i < SIDES; i++)
        all.dir[i].fd = fuzz_folder(all.dir[i].path);
    all.limits = LIMITS_DEFAULT;
    s->limits = &all.limits;
    s->poller = poller_new();
    s->workers = worker_start(1);
    assert(s->poller != NULL && s->workers != NULL && rooms_init(&s->rooms, s->limits) == 0);
    assert(poller_add(s->poller, &s->workers_watch, worker_fd(s->workers), POLLER_READ, NULL) == 0);
    deadline_queue_init(&s->accept_time, 0);
    all.admin_socket = (struct admin_socket){.dir = &all.dir[SERVER],
                                             .poller = s->poller,
                                             .now = &s->now,
                                             .pauses = &s->accept_time,
                                             .end_session = end_session,
                                             .status = status};
    admin_socket_open(&all.admin_socket);
    assert(all.admin_socket.on);
    atexit(clean_up);
}

/* --- The accounts ------------------------------------------------------------------------------------------------- */

static void wait_for_workers(void)
{
    while (worker_in_flight(all.server.workers) > 0) {
        struct pollfd bell = {.fd = worker_fd(all.server.workers), .events = POLLIN};
        poll(&bell, 1, -1);
        worker_finish(all.server.workers);
    }
}

static void written(void *arg, enum accounts_result result)
{
    (void)arg;
    assert(result == ACCOUNTS_DONE);
}

static struct accounts *open_file(size_t side)
{
    char error[WHY_LEN];
    size_t torn;
    struct accounts *a = accounts_open(all.dir[side].fd, all.server.workers, ACCOUNTS_MAX, &torn, error);
    assert(a != NULL && torn == 0);
    return a;
}

static struct accounts *fresh_accounts(size_t side)
{
    unlinkat(all.dir[side].fd, "accounts", 0);
    struct accounts *a = open_file(side);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct account account;
        assert(account_decode(&account, known[i]) == 0);
        if (i == 1)
            account.totp = calloc(1, sizeof *account.totp);
        accounts_put(a, &account, written, NULL);
        account_wipe(&account);
    }
    wait_for_workers();
    return a;
}

static void read_file(size_t side, struct text *out)
{
    char bytes[4096];
    ssize_t n;
    int fd = openat(all.dir[side].fd, "accounts", O_RDONLY);
    assert(fd >= 0);
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        append(out, bytes, (size_t)n);
    close(fd);
}

/* Of a server that starts again. */
static void check_loads(struct accounts *was)
{
    struct accounts *again = open_file(SERVER);
    assert(accounts_count(again) == accounts_count(was) && accounts_sealed(again) == accounts_sealed(was));
    accounts_close(again);
}

/* --- What is asked and answered ----------------------------------------------------------------------------------- */

static void ask_model(const char *data, size_t len, struct text *answer)
{
    static const struct admin_calls calls = {NULL, status, NULL};
    static struct admin admin;
    char line[ADMIN_LINE_MAX];
    const char *end;
    struct accounts *a = fresh_accounts(MODEL);
    admin_init(&admin, a, &calls, NULL);
    for (; (end = memchr(data, '\n', len)) != NULL; len -= (size_t)(end + 1 - data), data = end + 1) {
        size_t line_len = (size_t)(end - data);
        if (line_len >= sizeof line || memchr(data, '\0', line_len) != NULL)
            break;
        memcpy(line, data, line_len);
        line[line_len] = '\0';
        admin_request(&admin, line);
        wait_for_workers();
        assert(!admin.busy);
        append(answer, admin.out, admin.out_len);
        admin.out_len = 0;
    }
    admin_free(&admin);
    wait_for_workers();
    accounts_close(a);
}

static void turn(struct server *s)
{
    struct poller_event events[8];
    size_t n = poller_wait(s->poller, events, 8, 0);
    for (size_t i = 0; i < n; i++)
        if (events[i].watch == &s->workers_watch)
            worker_finish(s->workers);
        else if (admin_socket_owns(&all.admin_socket, events[i].watch))
            admin_socket_ready(&all.admin_socket, events[i].watch);
    admin_socket_end_turn(&all.admin_socket);
}

/* False at the end. */
static bool hear(int fd, struct text *answer)
{
    char bytes[16384];
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0)
        append(answer, bytes, (size_t)n);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

static void ask_server(const char *data, size_t len, size_t at_a_time, struct text *answer)
{
    struct server *s = &all.server;
    size_t sent = 0;
    all.admin_socket.accounts = s->accounts = fresh_accounts(SERVER);
    int fd = admin_socket_connect(all.dir[SERVER].path, 5);
    assert(fd >= 0);
    do {
        size_t now = len - sent < at_a_time ? len - sent : at_a_time;
        ssize_t n = now > 0 ? send(fd, data + sent, now, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
        sent += n > 0 ? (size_t)n : 0;
        if (sent == len)
            shutdown(fd, SHUT_WR);
        turn(s);
    } while (hear(fd, answer));
    close(fd);
    wait_for_workers();
    admin_socket_end_turn(&all.admin_socket);
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++)
        assert(all.admin_socket.peers[i] == NULL);
}

static void check_words(const struct text *answer)
{
    for (size_t i = 0, tabs = 0; i < answer->len; i++) {
        char c = answer->bytes[i];
        assert(c == '\t' || c == '\n' || (c >= ' ' && c <= '~'));
        tabs += c == '\t';
        assert(c != '\n' || tabs == 0 || tabs == 6);
        tabs = c == '\n' ? 0 : tabs;
    }
    assert(answer->len == 0 || answer->bytes[answer->len - 1] == '\n');
}

static void check_same(const struct text *one, const struct text *other)
{
    assert(one->len == other->len && (one->len == 0 || memcmp(one->bytes, other->bytes, one->len) == 0));
}

static void check(const char *text, size_t len, size_t at_a_time)
{
    struct text said = {0}, expected = {0}, file = {0}, expected_file = {0};
    ask_server(text, len, at_a_time, &said);
    ask_model(text, len, &expected);
    check_words(&said);
    check_same(&said, &expected);
    read_file(SERVER, &file);
    read_file(MODEL, &expected_file);
    check_same(&file, &expected_file);
    check_loads(all.server.accounts);
    accounts_close(all.server.accounts);
    free(said.bytes);
    free(expected.bytes);
    free(file.bytes);
    free(expected_file.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t len;
    if (size < 1 || size - 1 > INPUT_MAX)
        return 0;
    if (all.server.poller == NULL)
        set_up();
    char *text = fuzz_expand(data + 1, size - 1, &len);
    if (len <= TEXT_MAX)
        check(text, len, data[0] == 0 ? TEXT_MAX : data[0]);
    free(text);
    return 0;
}
