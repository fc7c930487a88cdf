/* SPDX-License-Identifier: MIT */
/* The accounts on a disk that fails, after a kill at any moment, and with a file that was written by hand. */
#include "app/server/store/accounts.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "app/server/base/log.h"
#include "tests/accounts_store.h"

/* A full disk, by a limit on the size of files: reported, not seen, the name is free again, and later there is room. */
static void test_a_failed_write_is_told_and_forgotten(void **state)
{
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    limit = before;
    limit.rlim_cur = 40;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    accounts_put(a, &alice, done, &answer);
    finish_all(pool);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(answer.result, ACCOUNTS_FAILED);
    assert_null(accounts_find(a, "alice"));
    assert_false(accounts_taken(a, "alice"));
    assert_int_equal(accounts_count(a), 0);
    accounts_put(a, &alice, done, &answer);
    finish_all(pool);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
    pool = worker_start(1);
    a = open_store(state, pool, 10);
    assert_int_equal(accounts_count(a), 1);
    worker_stop(pool);
    accounts_close(a);
}

/* What is on disk is unknown then: nothing more is taken, not even what waited already, and none of it is seen. */
static void test_a_failed_sync_ends_all_changes(void **state)
{
    char path[300];
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    assert_int_equal(log_open(path), 0);
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer[4] = {{0}};
    put_numbered(a, 0, &answer[0]);
    finish_all(pool);
    hold_sync();
    atomic_store(&sync_state.fails, 1);
    put_numbered(a, 1, &answer[1]);
    wait_for_sync();
    put_numbered(a, 2, &answer[2]);
    release_sync();
    finish_all(pool);
    atomic_store(&sync_state.fails, 0);
    put_numbered(a, 3, &answer[3]);
    assert_int_equal(worker_in_flight(pool), 0);
    for (size_t i = 1; i < 4; i++)
        assert_true(answer[i].calls == 1 && answer[i].result == ACCOUNTS_CLOSED);
    assert_int_equal(atomic_load(&sync_state.calls), 1);
    assert_int_equal(accounts_count(a), 1);
    assert_non_null(accounts_find(a, "user0")); /* those who are there can still log in */
    assert_null(accounts_find(a, "user1"));
    worker_stop(pool);
    accounts_close(a);
    log_close();
    size_t len;
    char *log = scratch_read(state, "log", &len), *told = strstr(log, " accounts closed ");
    assert_non_null(told);
    assert_null(strstr(told + 1, " accounts closed ")); /* two writes failed, and it is said once */
    free(log);
}

static void test_a_good_checksum_over_nonsense_is_refused(void **state)
{
    size_t torn;
    char error[WHY_LEN];
    static const char text[] = "glasschat accounts 1\none\t#"
                               "5ef21a33"
                               "\n";
    scratch_write(state, "accounts", text, sizeof text - 1);
    assert_null(accounts_open(scratch_fd(state), NULL, 10, &torn, error));
    assert_non_null(strstr(error, "line 2 "));
}

/* Nor can editing the file by hand give a deleted name out again. */
static void test_nothing_follows_a_deletion(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account bob = named("bob"), gone = {.name = "bob", .deleted = true};
    struct answer answer = {0};
    size_t len, torn;
    char error[WHY_LEN];
    accounts_put(a, &bob, done, &answer);
    finish_all(pool);
    accounts_put(a, &gone, done, &answer);
    worker_stop(pool);
    accounts_close(a);
    char *file = scratch_read(state, "accounts", &len), *line = strchr(file, '\n') + 1;
    size_t first = (size_t)(strchr(line, '\n') + 1 - line);
    file = realloc(file, len + first);
    assert_non_null(file);
    memcpy(file + len, strchr(file, '\n') + 1, first);
    scratch_write(state, "accounts", file, len + first);
    assert_null(accounts_open(scratch_fd(state), NULL, 10, &torn, error));
    assert_non_null(strstr(error, "line 4 "));
    free(file);
}

/* --- SIGKILL ------------------------------------------------------------------------------------------------------ */

#define AT_ONCE 5

struct teller {
    int fd;
    uint32_t number;
};

static void tell(void *arg, enum accounts_result result)
{
    struct teller *t = arg;
    if (result != ACCOUNTS_DONE || write(t->fd, &t->number, sizeof t->number) != sizeof t->number)
        _exit(1);
}

/* Registers for ever, a few at once, and reports the number of each that was acknowledged. */
static void register_for_ever(void **state, int fd, uint32_t number)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 1000000);
    struct teller tellers[AT_ONCE];
    for (;;) {
        for (int i = 0; i < AT_ONCE; i++) {
            char name[NAME_MAX_LEN + 1];
            tellers[i] = (struct teller){.fd = fd, .number = number++};
            snprintf(name, sizeof name, "user%u", (unsigned)tellers[i].number);
            struct account account = named(name);
            accounts_put(a, &account, tell, &tellers[i]);
            if (i == AT_ONCE / 2)
                worker_finish(pool);
        }
        finish_all(pool);
    }
}

/* Kills a child after so many acknowledgements; all that it reported must be in the file, which must load. Returns
 * the number after the last one. */
static uint32_t kill_and_look(void **state, uint32_t number, int acknowledgements)
{
    uint32_t told[1000], n;
    size_t count = 0;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        register_for_ever(state, ends[1], number);
    }
    close(ends[1]);
    while (count < sizeof told / sizeof told[0] && read(ends[0], &n, sizeof n) == sizeof n) {
        told[count++] = n;
        if (count == (size_t)acknowledgements)
            kill(child, SIGKILL);
    }
    close(ends[0]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(count >= (size_t)acknowledgements);
    struct accounts *a = open_store(state, NULL, 1000000);
    for (size_t i = 0; i < count; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "user%u", (unsigned)told[i]);
        assert_non_null(accounts_find(a, name));
    }
    accounts_close(a);
    return told[count - 1] + 2 * AT_ONCE; /* some after the last one may be in the file too */
}

static void test_sigkill_loses_nothing_acknowledged(void **state)
{
    uint32_t number = 0;
    for (int kills = 1; kills <= 30; kills++)
        number = kill_and_look(state, number, kills);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_a_failed_write_is_told_and_forgotten),     WITH_FOLDER(test_a_failed_sync_ends_all_changes),
        WITH_FOLDER(test_a_good_checksum_over_nonsense_is_refused), WITH_FOLDER(test_nothing_follows_a_deletion),
        WITH_FOLDER(test_sigkill_loses_nothing_acknowledged),
    };
    return RUN(tests);
}
