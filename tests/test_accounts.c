/* The accounts, with real workers and real files. */
#include "app/server/accounts.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/scratch.h"
#include "tests/test.h"

static struct accounts *open_store(void **state, struct worker_pool *pool, size_t limit)
{
    size_t torn;
    char error[ACCOUNTS_ERROR_MAX];
    struct accounts *a = accounts_open(scratch_fd(state), pool, limit, &torn, error);
    if (a == NULL)
        fail_msg("%s", error);
    return a;
}

static struct account named(const char *name)
{
    struct account a = {.email = "a@example.org", .created = 1, .password.iterations = 1};
    snprintf(a.name, sizeof a.name, "%s", name);
    return a;
}

struct answer {
    enum accounts_result result;
    size_t calls;
};

static void done(void *arg, enum accounts_result result)
{
    struct answer *answer = arg;
    answer->result = result;
    answer->calls++;
}

/* Lets the pool finish until nothing is under way. */
static void settle(struct worker_pool *pool)
{
    while (worker_in_flight(pool) > 0) {
        struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
        assert_int_equal(poll(&bell, 1, 5000), 1);
        worker_finish(pool);
    }
}

static void test_an_account_is_seen_only_once_it_is_on_disk(void **state)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    size_t len;
    accounts_put(a, &alice, done, &answer);
    assert_int_equal(answer.calls, 0);
    assert_null(accounts_find(a, "alice"));
    assert_true(accounts_taken(a, "alice"));
    settle(pool);
    assert_int_equal(answer.calls, 1);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    assert_memory_equal(accounts_find(a, "alice"), &alice, sizeof alice);
    char *text = scratch_read(state, "accounts", &len);
    assert_non_null(strstr(text, "\nalice\t"));
    free(text);
    worker_stop(pool);
    accounts_close(a);
}

static void test_all_that_wait_go_in_one_write_and_in_order(void **state)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 1000);
    struct answer answer[100] = {{0}};
    for (size_t i = 0; i < 100; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "user%zu", i);
        struct account account = named(name);
        accounts_put(a, &account, done, &answer[i]);
    }
    assert_true(worker_in_flight(pool) == 1); /* the rest waits for it */
    settle(pool);
    for (size_t i = 0; i < 100; i++)
        assert_true(answer[i].calls == 1 && answer[i].result == ACCOUNTS_DONE);
    assert_int_equal(accounts_count(a), 100);
    worker_stop(pool);
    accounts_close(a);
    pool = worker_start(1);
    a = open_store(state, pool, 1000);
    assert_int_equal(accounts_count(a), 100);
    assert_non_null(accounts_find(a, "user99"));
    worker_stop(pool);
    accounts_close(a);
}

static void test_the_last_change_wins_and_a_deleted_name_is_taken(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer = {0};
    struct account alice = named("alice"), gone = {.name = "bob", .deleted = 1}, bob = named("bob");
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &bob, done, &answer);
    settle(pool);
    alice.password.iterations = 7;
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &gone, done, &answer);
    settle(pool);
    for (int reloaded = 0; reloaded < 2; reloaded++) {
        assert_int_equal(accounts_find(a, "alice")->password.iterations, 7);
        assert_null(accounts_find(a, "bob"));
        assert_true(accounts_taken(a, "bob"));
        assert_int_equal(accounts_count(a), 1);
        worker_stop(pool);
        accounts_close(a);
        pool = worker_start(1);
        a = open_store(state, pool, 10);
    }
    worker_stop(pool);
    accounts_close(a);
}

static void test_no_more_than_the_limit(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 2);
    struct answer answer = {0};
    struct account one = named("one"), two = named("two"), three = named("three");
    accounts_put(a, &one, done, &answer);
    accounts_put(a, &two, done, &answer);
    accounts_put(a, &three, done, &answer); /* while the others are still under way */
    assert_int_equal(answer.calls, 1);
    assert_int_equal(answer.result, ACCOUNTS_FULL);
    settle(pool);
    accounts_put(a, &two, done, &answer); /* a change is no new account */
    settle(pool);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
}

/* A full disk, by a limit on the size of files: told, not seen, the name is free again, and later there is room. */
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
    settle(pool);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(answer.result, ACCOUNTS_FAILED);
    assert_null(accounts_find(a, "alice"));
    assert_false(accounts_taken(a, "alice"));
    assert_int_equal(accounts_count(a), 0);
    accounts_put(a, &alice, done, &answer);
    settle(pool);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
    pool = worker_start(1);
    a = open_store(state, pool, 10);
    assert_int_equal(accounts_count(a), 1);
    worker_stop(pool);
    accounts_close(a);
}

/* What a callback puts goes into the next write. */
struct chain {
    struct accounts *a;
    struct answer second;
};

static void put_another(void *arg, enum accounts_result result)
{
    struct chain *chain = arg;
    struct account bob = named("bob");
    assert_int_equal(result, ACCOUNTS_DONE);
    accounts_put(chain->a, &bob, done, &chain->second);
}

static void test_a_callback_may_put(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct chain chain = {.a = open_store(state, pool, 10)};
    struct account alice = named("alice");
    accounts_put(chain.a, &alice, put_another, &chain);
    settle(pool);
    assert_int_equal(chain.second.calls, 1);
    assert_non_null(accounts_find(chain.a, "bob"));
    worker_stop(pool);
    accounts_close(chain.a);
}

static void test_stopping_finishes_what_is_under_way(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    accounts_put(a, &alice, done, &answer);
    worker_stop(pool);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    accounts_close(a);
}

static void test_a_good_checksum_over_nonsense_is_refused(void **state)
{
    size_t torn;
    char error[ACCOUNTS_ERROR_MAX];
    static const char text[] = "glasschat accounts 1\none\t#" "5ef21a33" "\n";
    scratch_write(state, "accounts", text, sizeof text - 1);
    assert_null(accounts_open(scratch_fd(state), NULL, 10, &torn, error));
    assert_non_null(strstr(error, "line 2 "));
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_an_account_is_seen_only_once_it_is_on_disk),
        WITH_FOLDER(test_all_that_wait_go_in_one_write_and_in_order),
        WITH_FOLDER(test_the_last_change_wins_and_a_deleted_name_is_taken),
        WITH_FOLDER(test_no_more_than_the_limit),
        WITH_FOLDER(test_a_failed_write_is_told_and_forgotten),
        WITH_FOLDER(test_a_callback_may_put),
        WITH_FOLDER(test_stopping_finishes_what_is_under_way),
        WITH_FOLDER(test_a_good_checksum_over_nonsense_is_refused),
    };
    return RUN(tests);
}
