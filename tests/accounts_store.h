/* SPDX-License-Identifier: MIT */
/* For the tests of the accounts: a store with real files, and a sync that can be held up and can fail. */
#ifndef TESTS_ACCOUNTS_STORE_H
#define TESTS_ACCOUNTS_STORE_H

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "app/server/store/accounts.h"
#include "net/why.h"
#include "tests/scratch.h"
#include "tests/test.h"

/* A sync that can be held up and can fail. It takes the place of the system's: the program's own comes first when
 * it is linked. */
static struct {
    atomic_int calls, held, fails, fail_at; /* fail_at: the number of the call, from now on, that fails */
} sync_state;

int fdatasync(int fd)
{
    (void)fd;
    atomic_fetch_add(&sync_state.calls, 1);
    while (atomic_load(&sync_state.held))
        usleep(500);
    int fail_at = atomic_load(&sync_state.fail_at);
    if (fail_at > 0)
        atomic_store(&sync_state.fail_at, fail_at - 1);
    errno = EIO;
    return atomic_load(&sync_state.fails) || fail_at == 1 ? -1 : 0;
}

static inline void hold_sync(void)
{
    atomic_store(&sync_state.calls, 0);
    atomic_store(&sync_state.held, 1);
}

static inline void wait_for_sync(void)
{
    for (int i = 0; i < 10000 && atomic_load(&sync_state.calls) == 0; i++)
        usleep(500);
    assert_int_equal(atomic_load(&sync_state.calls), 1);
}

static inline void release_sync(void)
{
    atomic_store(&sync_state.held, 0);
}

static inline struct accounts *open_store(void **state, struct worker_pool *pool, size_t limit)
{
    size_t torn;
    char error[WHY_LEN];
    struct accounts *a = accounts_open(scratch_fd(state), pool, limit, &torn, error);
    if (a == NULL)
        fail_msg("%s", error);
    return a;
}

static inline struct account named(const char *name)
{
    static char email[] = "a@example.org";
    struct account a = {.email = email, .created = 1, .password.iterations = 1};
    snprintf(a.name, sizeof a.name, "%s", name);
    return a;
}

struct answer {
    enum accounts_result result;
    size_t calls;
};

static inline void done(void *arg, enum accounts_result result)
{
    struct answer *answer = arg;
    answer->result = result;
    answer->calls++;
}

/* Lets the pool finish until nothing is under way. */
static inline void finish_all(struct worker_pool *pool)
{
    while (worker_in_flight(pool) > 0) {
        struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
        assert_int_equal(poll(&bell, 1, 5000), 1);
        worker_finish(pool);
    }
}

static inline void put_numbered(struct accounts *a, size_t number, struct answer *answer)
{
    char name[NAME_MAX_LEN + 1];
    snprintf(name, sizeof name, "user%zu", number);
    struct account account = named(name);
    accounts_put(a, &account, done, answer);
}

static inline int set_up(void **state)
{
    atomic_store(&sync_state.fails, 0);
    release_sync();
    return scratch_make(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, scratch_remove)

#endif
