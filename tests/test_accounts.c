/* SPDX-License-Identifier: MIT */
/* The accounts, with real workers and real files. How dead lines are removed: test_accounts_compaction.c; what a
 * failing disk and a killed process leave: test_accounts_failures.c. */
#include "app/server/store/accounts.h"

#include "tests/accounts_store.h"

static void assert_in_file(void **state, const char *text, int is_there)
{
    size_t len;
    char *file = scratch_read(state, "accounts", &len);
    assert_int_equal(strstr(file, text) != NULL, is_there);
    free(file);
}

/* While the sync is under way the line is in the file, and that is not enough. */
static void test_an_account_is_seen_only_once_it_is_on_disk(void **state)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    hold_sync();
    accounts_put(a, &alice, done, &answer);
    wait_for_sync();
    worker_finish(pool);
    assert_in_file(state, "\nalice\t", 1);
    assert_int_equal(answer.calls, 0);
    assert_null(accounts_find(a, "alice"));
    assert_true(accounts_taken(a, "alice"));
    release_sync();
    finish_all(pool);
    assert_int_equal(answer.calls, 1);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    const struct account *found = accounts_find(a, "alice");
    assert_string_equal(found->email, alice.email);
    assert_ptr_not_equal(found->email, alice.email); /* a copy */
    assert_memory_equal(&found->password, &alice.password, sizeof alice.password);
    worker_stop(pool);
    accounts_close(a);
}

/* Nor is a change seen before it is safe: the old password holds until then. */
static void test_a_change_is_seen_only_once_it_is_on_disk(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    accounts_put(a, &alice, done, &answer);
    finish_all(pool);
    alice.password.iterations = 7;
    hold_sync();
    accounts_put(a, &alice, done, &answer);
    wait_for_sync();
    assert_int_equal(accounts_find(a, "alice")->password.iterations, 1);
    release_sync();
    finish_all(pool);
    assert_int_equal(accounts_find(a, "alice")->password.iterations, 7);
    worker_stop(pool);
    accounts_close(a);
}

/* The most that any password ever took stays, as a login's time must not tell which passwords take fewer. */
static void test_the_most_iterations_stay(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    static const uint32_t iterations[] = {5, 9, 7};
    assert_int_equal(accounts_iterations(a), 0);
    for (size_t i = 0; i < 3; i++) {
        alice.password.iterations = iterations[i];
        accounts_put(a, &alice, done, &answer);
        finish_all(pool);
        assert_int_equal(accounts_iterations(a), i == 0 ? 5 : 9);
    }
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, 10);
    assert_int_equal(accounts_iterations(a), 9);
    accounts_close(a);
}

/* What comes while a write is under way goes into the next one together: a hundred acknowledgements, two syncs. */
static void test_all_that_wait_share_one_sync(void **state)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 1000);
    struct answer answer[100] = {{0}};
    hold_sync();
    put_numbered(a, 0, &answer[0]);
    wait_for_sync();
    for (size_t i = 1; i < 100; i++)
        put_numbered(a, i, &answer[i]);
    assert_int_equal(worker_in_flight(pool), 1);
    release_sync();
    finish_all(pool);
    assert_int_equal(atomic_load(&sync_state.calls), 2);
    for (size_t i = 0; i < 100; i++)
        assert_true(answer[i].calls == 1 && answer[i].result == ACCOUNTS_DONE);
    assert_int_equal(accounts_count(a), 100);
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, 1000);
    assert_int_equal(accounts_count(a), 100);
    assert_non_null(accounts_find(a, "user99"));
    accounts_close(a);
}

static void test_the_last_change_wins_and_a_deleted_name_is_taken(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer = {0};
    struct account alice = named("alice"), gone = {.name = "bob", .deleted = true}, bob = named("bob");
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &bob, done, &answer);
    finish_all(pool);
    alice.password.iterations = 7;
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &gone, done, &answer);
    finish_all(pool);
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

static void test_all_by_name(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer = {0};
    const char *const names[] = {"carl", "alice", "bob"};
    struct account gone = {.name = "bob", .deleted = true};
    size_t len;
    for (size_t i = 0; i < 3; i++) {
        struct account account = named(names[i]);
        accounts_put(a, &account, done, &answer);
    }
    const struct account **list = accounts_list(a, &len);
    assert_int_equal(len, 0); /* not yet */
    free(list);
    finish_all(pool);
    list = accounts_list(a, &len);
    assert_int_equal(len, 3);
    assert_string_equal(list[0]->name, "alice");
    assert_string_equal(list[1]->name, "bob");
    assert_string_equal(list[2]->name, "carl");
    assert_int_equal(accounts_room(a), 7);
    accounts_put(a, &gone, done, &answer);
    finish_all(pool);
    assert_true(list[1]->deleted); /* a list that was taken before stays readable */
    free(list);
    list = accounts_list(a, &len);
    assert_int_equal(len, 2);
    assert_string_equal(list[1]->name, "carl");
    free(list);
    worker_stop(pool);
    accounts_close(a);
}

/* More than are written together: all arrive, and memory is taken only for one batch at a time. */
static void test_more_than_a_batch(void **state)
{
    enum { MANY = 3000 };
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, MANY);
    static struct answer answer[MANY];
    memset(answer, 0, sizeof answer);
    hold_sync();
    for (size_t i = 0; i < MANY; i++)
        put_numbered(a, i, &answer[i]);
    wait_for_sync();
    release_sync();
    finish_all(pool);
    assert_int_equal(atomic_load(&sync_state.calls), 1 + 3); /* the first alone, then 1,024 at a time */
    for (size_t i = 0; i < MANY; i++)
        assert_true(answer[i].calls == 1 && answer[i].result == ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, MANY);
    assert_int_equal(accounts_count(a), MANY);
    accounts_close(a);
}

/* A put copies what an account owns, and it comes back from the disk. */
static void test_what_an_account_owns(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    assert_int_equal(account_set_blocks(&alice, "bob"), 0);
    accounts_put(a, &alice, done, &answer);
    assert_true(accounts_changing(a, "alice"));
    finish_all(pool);
    assert_false(accounts_changing(a, "alice"));
    assert_int_equal(account_set_blocks(&alice, "bob,carl"), 0);
    accounts_put(a, &alice, done, &answer);
    alice.email = NULL; /* a literal from named, not the account's own */
    account_wipe(&alice);
    assert_string_equal(accounts_find(a, "alice")->blocks, "bob");
    finish_all(pool);
    assert_string_equal(accounts_find(a, "alice")->blocks, "bob,carl");
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, 10);
    assert_string_equal(accounts_find(a, "alice")->blocks, "bob,carl");
    accounts_close(a);
}

/* The count of those with a second factor is right whatever is put, and after the next start. */
static void test_second_factors_are_counted(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account_totp totp = {.step = 1};
    struct account alice = named("alice"), bob = named("bob"), gone = {.name = "bob", .deleted = true};
    struct answer answer = {0};
    alice.totp = bob.totp = &totp;
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &bob, done, &answer);
    assert_int_equal(accounts_sealed(a), 0);
    finish_all(pool);
    assert_int_equal(accounts_sealed(a), 2);
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &gone, done, &answer);
    finish_all(pool);
    assert_int_equal(accounts_sealed(a), 1);
    worker_stop(pool);
    accounts_close(a);
    pool = worker_start(1);
    a = open_store(state, pool, 10);
    assert_int_equal(accounts_sealed(a), 1);
    alice.totp = NULL;
    accounts_put(a, &alice, done, &answer);
    finish_all(pool);
    assert_int_equal(accounts_sealed(a), 0);
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
    finish_all(pool);
    accounts_put(a, &two, done, &answer); /* a change is no new account */
    finish_all(pool);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
}

/* Registering and deleting again and again leaves a name each time, which is bounded too. */
static void test_no_more_names_than_twice_the_limit(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 2);
    struct answer answer = {0};
    char name[NAME_MAX_LEN + 1] = "a";
    for (; name[0] <= 'd'; name[0]++) {
        struct account account = named(name), gone = {.deleted = true};
        accounts_put(a, &account, done, &answer);
        finish_all(pool);
        assert_int_equal(answer.result, ACCOUNTS_DONE);
        memcpy(gone.name, name, sizeof name);
        accounts_put(a, &gone, done, &answer);
        finish_all(pool);
        assert_int_equal(answer.result, ACCOUNTS_DONE);
    }
    struct account account = named(name);
    assert_int_equal(accounts_room(a), 0);
    accounts_put(a, &account, done, &answer);
    finish_all(pool);
    assert_int_equal(answer.result, ACCOUNTS_FULL);
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
    finish_all(pool);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_an_account_is_seen_only_once_it_is_on_disk),
        WITH_FOLDER(test_a_change_is_seen_only_once_it_is_on_disk),
        WITH_FOLDER(test_the_most_iterations_stay),
        WITH_FOLDER(test_all_that_wait_share_one_sync),
        WITH_FOLDER(test_the_last_change_wins_and_a_deleted_name_is_taken),
        WITH_FOLDER(test_all_by_name),
        WITH_FOLDER(test_more_than_a_batch),
        WITH_FOLDER(test_what_an_account_owns),
        WITH_FOLDER(test_second_factors_are_counted),
        WITH_FOLDER(test_no_more_than_the_limit),
        WITH_FOLDER(test_no_more_names_than_twice_the_limit),
        WITH_FOLDER(test_a_callback_may_put),
        WITH_FOLDER(test_stopping_finishes_what_is_under_way),
    };
    return RUN(tests);
}
