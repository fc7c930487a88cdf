/* SPDX-License-Identifier: MIT */
/* For the tests of what stands between a socket and the accounts: only a server's accounts and one worker, in a
 * scratch folder. The test takes the loop's turns. */
#ifndef TESTS_ACCOUNTS_SERVER_H
#define TESTS_ACCOUNTS_SERVER_H

#include <stdio.h>

#include "app/server/base/log.h"
#include "app/server/operator/admin_socket.h"
#include "app/server/server.h"
#include "net/why.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct server server;
static struct limits limits;
static struct datadir dir;
static struct admin_socket admin_socket; /* all but open */
static char sessions_ended[200];         /* whose session was to be ended: nobody is here */

static void end_session(void *arg, const char *name)
{
    size_t len = strlen(sessions_ended);
    (void)arg;
    snprintf(sessions_ended + len, sizeof sessions_ended - len, "%s ", name);
}

static int server_set_up(void **state)
{
    size_t torn;
    char error[WHY_LEN];
    if (scratch_make(state) != 0)
        return -1;
    limits = LIMITS_DEFAULT;
    sessions_ended[0] = '\0';
    log_set_level(LOG_ERROR);
    server = (struct server){.limits = &limits};
    dir = (struct datadir){.fd = scratch_fd(state)};
    strcpy(dir.path, scratch_path(state));
    server.poller = poller_new();
    server.workers = worker_start(1);
    server.accounts = accounts_open(dir.fd, server.workers, 1000, &torn, error);
    assert_true(server.poller != NULL && server.workers != NULL && server.accounts != NULL);
    assert_int_equal(poller_add(server.poller, &server.workers_watch, worker_fd(server.workers), POLLER_READ, NULL), 0);
    assert_int_equal(rooms_init(&server.rooms, &limits), 0);
    deadline_queue_init(&server.accept_time, 0);
    admin_socket = (struct admin_socket){.dir = &dir,
                                         .poller = server.poller,
                                         .accounts = server.accounts,
                                         .now = &server.now,
                                         .pauses = &server.accept_time,
                                         .end_session = end_session};
    return 0;
}

/* And its control socket, if it was opened. */
static int server_tear_down(void **state)
{
    worker_stop(server.workers);
    admin_socket_close(&admin_socket);
    accounts_close(server.accounts);
    rooms_free(&server.rooms);
    poller_free(server.poller);
    return scratch_remove(state);
}

/* One turn of the loop, which waits for at most so long. */
static inline void server_turn(int wait_ms)
{
    struct poller_event events[16];
    size_t n = poller_wait(server.poller, events, 16, wait_ms);
    for (size_t i = 0; i < n; i++)
        if (events[i].watch == &server.workers_watch)
            worker_finish(server.workers);
        else if (admin_socket_owns(&admin_socket, events[i].watch))
            admin_socket_ready(&admin_socket, events[i].watch);
    admin_socket_end_turn(&admin_socket);
}

#endif
