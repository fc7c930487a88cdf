/* SPDX-License-Identifier: MIT */
/* The accounts, with real workers and real files. */
#include "app/server/accounts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/server/blocks.h"
#include "app/server/journal.h"
#include "app/server/log.h"
#include "tests/scratch.h"
#include "tests/test.h"

/* A sync that can be held up and can fail. It stands in the place of the system's: the program's own comes first when
 * it is linked. */
static struct {
    atomic_int calls, held, fails, fail_at; /* fail_at: the how many-th from now fails */
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

static void hold_sync(void)
{
    atomic_store(&sync_state.calls, 0);
    atomic_store(&sync_state.held, 1);
}

static void wait_for_sync(void)
{
    for (int i = 0; i < 10000 && atomic_load(&sync_state.calls) == 0; i++)
        usleep(500);
    assert_int_equal(atomic_load(&sync_state.calls), 1);
}

static void release_sync(void)
{
    atomic_store(&sync_state.held, 0);
}

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
    static char email[] = "a@example.org";
    struct account a = {.email = email, .created = 1, .password.iterations = 1};
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
    settle(pool);
    assert_int_equal(answer.calls, 1);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    const struct account *found = accounts_find(a, "alice");
    assert_string_equal(found->email, alice.email);
    assert_ptr_not_equal(found->email, alice.email); /* a copy */
    assert_memory_equal(&found->password, &alice.password, sizeof alice.password);
    worker_stop(pool);
    accounts_close(a);
}

/* A change is not seen before it is safe either: the old password holds until then. */
static void test_a_change_is_seen_only_once_it_is_on_disk(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    accounts_put(a, &alice, done, &answer);
    settle(pool);
    alice.password.iterations = 7;
    hold_sync();
    accounts_put(a, &alice, done, &answer);
    wait_for_sync();
    assert_int_equal(accounts_find(a, "alice")->password.iterations, 1);
    release_sync();
    settle(pool);
    assert_int_equal(accounts_find(a, "alice")->password.iterations, 7);
    worker_stop(pool);
    accounts_close(a);
}

/* The most that a password ever took stays, as a login must not tell by its time who has less. */
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
        settle(pool);
        assert_int_equal(accounts_iterations(a), i == 0 ? 5 : 9);
    }
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, 10);
    assert_int_equal(accounts_iterations(a), 9);
    accounts_close(a);
}

static void put_numbered(struct accounts *a, size_t number, struct answer *answer)
{
    char name[NAME_MAX_LEN + 1];
    snprintf(name, sizeof name, "user%zu", number);
    struct account account = named(name);
    accounts_put(a, &account, done, answer);
}

/* What comes while one write is under way goes together in the next: a hundred acknowledgements, two syncs. */
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
    settle(pool);
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

static void test_all_by_name(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer = {0};
    const char *const names[] = {"carl", "alice", "bob"};
    struct account gone = {.name = "bob", .deleted = 1};
    size_t len;
    for (size_t i = 0; i < 3; i++) {
        struct account account = named(names[i]);
        accounts_put(a, &account, done, &answer);
    }
    const struct account **list = accounts_list(a, &len);
    assert_int_equal(len, 0); /* not yet */
    free(list);
    settle(pool);
    list = accounts_list(a, &len);
    assert_int_equal(len, 3);
    assert_string_equal(list[0]->name, "alice");
    assert_string_equal(list[1]->name, "bob");
    assert_string_equal(list[2]->name, "carl");
    assert_int_equal(accounts_room(a), 7);
    accounts_put(a, &gone, done, &answer);
    settle(pool);
    assert_true(list[1]->deleted); /* who holds the list may still look at it */
    free(list);
    list = accounts_list(a, &len);
    assert_int_equal(len, 2);
    assert_string_equal(list[1]->name, "carl");
    free(list);
    worker_stop(pool);
    accounts_close(a);
}

/* More than are written together: all arrive, and memory is taken for a batch at a time only. */
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
    settle(pool);
    assert_int_equal(atomic_load(&sync_state.calls), 1 + 3); /* the first alone, then 1,024 at a time */
    for (size_t i = 0; i < MANY; i++)
        assert_true(answer[i].calls == 1 && answer[i].result == ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, MANY);
    assert_int_equal(accounts_count(a), MANY);
    accounts_close(a);
}

/* More than half of the lines are dead: while it runs, and once more at the start. */
static void test_dead_lines_are_removed(void **state)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer = {0};
    struct account alice = named("alice"), gone = {.name = "bob", .deleted = 1}, bob = named("bob");
    size_t len, longest = 0;
    accounts_put(a, &bob, done, &answer);
    settle(pool);
    accounts_put(a, &gone, done, &answer);
    for (uint32_t i = 1; i <= 1200; i++) {
        alice.password.iterations = i;
        accounts_put(a, &alice, done, &answer);
        settle(pool);
        assert_int_equal(answer.result, ACCOUNTS_DONE);
        free(scratch_read(state, "accounts", &len));
        longest = len > longest ? len : longest;
    }
    assert_in_range(longest, 400 * 120, 600 * 200);
    assert_int_equal(accounts_find(a, "alice")->password.iterations, 1200);
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, 10);
    assert_int_equal(accounts_find(a, "alice")->password.iterations, 1200);
    assert_true(accounts_taken(a, "bob")); /* a deleted name stays so */
    assert_null(accounts_find(a, "bob"));
    accounts_close(a);
}

static char *dead_lines(size_t lines, size_t *len)
{
    char *text = malloc(100 + lines * JOURNAL_LINE_MAX);
    assert_non_null(text);
    *len = (size_t)sprintf(text, "glasschat accounts 1\n");
    for (size_t i = 1; i <= lines; i++) {
        struct account alice = named("alice");
        char line[ACCOUNT_LINE_MAX];
        size_t line_len;
        alice.password.iterations = (uint32_t)i;
        account_encode(line, &alice);
        assert_int_equal(journal_line(text + *len, JOURNAL_LINE_MAX, &line_len, line), 0);
        *len += line_len;
    }
    return text;
}

static void test_dead_lines_are_removed_at_the_start(void **state)
{
    static const struct {
        size_t lines;
        int removed;
    } cases[] = {{501, 1}, {500, 0}};
    for (size_t i = 0; i < 2; i++) {
        size_t before, after;
        char *text = dead_lines(cases[i].lines, &before);
        scratch_write(state, "accounts", text, before);
        free(text);
        struct worker_pool *pool = worker_start(1);
        struct accounts *a = open_store(state, pool, 10);
        struct account bob = named("bob");
        struct answer answer = {0};
        accounts_put(a, &bob, done, &answer); /* waits for the compaction */
        assert_int_equal(accounts_find(a, "alice")->password.iterations, cases[i].lines);
        worker_stop(pool);
        assert_int_equal(answer.result, ACCOUNTS_DONE);
        accounts_close(a);
        free(scratch_read(state, "accounts", &after));
        assert_int_equal(after < before, cases[i].removed);
        a = open_store(state, NULL, 10);
        assert_int_equal(accounts_find(a, "alice")->password.iterations, cases[i].lines);
        assert_non_null(accounts_find(a, "bob"));
        accounts_close(a);
    }
}

/* A few users whose lines are long, among many: their changes must not fill the disk before they are half of all. */
static void test_compaction_by_bytes(void **state)
{
    enum { ALL = 8000, FEW = 500, ROUNDS = 8 };
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, ALL);
    struct answer answer = {0};
    char blocks[BLOCKS_MAX_LEN + 1] = "", name[NAME_MAX_LEN + 1];
    for (int i = 0; i < BLOCKS_MAX; i++)
        snprintf(blocks + strlen(blocks), sizeof blocks - strlen(blocks), "%sa%031d", i > 0 ? "," : "", i);
    for (int round = 0; round <= ROUNDS; round++) {
        for (int i = 0; i < (round == 0 ? ALL : FEW); i++) {
            snprintf(name, sizeof name, "n%d", i);
            struct account account = named(name);
            account.blocks = round == 0 ? NULL : blocks;
            accounts_put(a, &account, done, &answer);
        }
        settle(pool);
    }
    assert_int_equal(answer.calls, ALL + ROUNDS * FEW);
    worker_stop(pool);
    accounts_close(a);
    size_t len;
    free(scratch_read(state, "accounts", &len));
    assert_in_range(len, FEW * BLOCKS_MAX_LEN, 8 << 20);
    a = open_store(state, NULL, ALL);
    assert_int_equal(accounts_count(a), ALL);
    assert_string_equal(accounts_find(a, "n0")->blocks, blocks);
    accounts_close(a);
}

/* The new file can't be synced: it is as if it had not been tried. Or the folder can't: as after any failed sync. Who
 * waited for the compaction is told, and what he was told is so when the store is opened again. */
static void test_a_compaction_whose_sync_fails(void **state)
{
    for (int last = 0; last < 2; last++) {
        size_t len;
        char *text = dead_lines(600, &len);
        scratch_write(state, "accounts", text, len);
        free(text);
        struct worker_pool *pool = worker_start(1);
        struct answer answer = {0};
        struct account bob = named("bob");
        atomic_store(&sync_state.fail_at, last + 1);
        struct accounts *a = open_store(state, pool, 10);
        accounts_put(a, &bob, done, &answer);
        worker_stop(pool);
        atomic_store(&sync_state.fail_at, 0);
        assert_int_equal(answer.result, last ? ACCOUNTS_CLOSED : ACCOUNTS_DONE); /* the new file, or the folder */
        accounts_close(a);
        size_t now;
        free(scratch_read(state, "accounts", &now));
        assert_int_equal(now > len, !last); /* bob's line did not have it tried again */
        a = open_store(state, NULL, 10);
        assert_int_equal(accounts_find(a, "alice")->password.iterations, 600);
        assert_true((accounts_find(a, "bob") != NULL) == !last);
        accounts_close(a);
    }
}

/* What an account owns is copied by a put, and comes back from the disk. */
static void test_what_an_account_owns(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account alice = named("alice");
    struct answer answer = {0};
    assert_int_equal(account_set_blocks(&alice, "bob"), 0);
    accounts_put(a, &alice, done, &answer);
    assert_true(accounts_changing(a, "alice"));
    settle(pool);
    assert_false(accounts_changing(a, "alice"));
    assert_int_equal(account_set_blocks(&alice, "bob,carl"), 0);
    accounts_put(a, &alice, done, &answer);
    alice.email = NULL; /* as named made it, it is not the account's own */
    account_wipe(&alice);
    assert_string_equal(accounts_find(a, "alice")->blocks, "bob");
    settle(pool);
    assert_string_equal(accounts_find(a, "alice")->blocks, "bob,carl");
    worker_stop(pool);
    accounts_close(a);
    a = open_store(state, NULL, 10);
    assert_string_equal(accounts_find(a, "alice")->blocks, "bob,carl");
    accounts_close(a);
}

/* How many have a second factor, whatever is put, and after the next start. */
static void test_second_factors_are_counted(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account_totp totp = {.step = 1};
    struct account alice = named("alice"), bob = named("bob"), gone = {.name = "bob", .deleted = 1};
    struct answer answer = {0};
    alice.totp = bob.totp = &totp;
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &bob, done, &answer);
    assert_int_equal(accounts_sealed(a), 0);
    settle(pool);
    assert_int_equal(accounts_sealed(a), 2);
    accounts_put(a, &alice, done, &answer);
    accounts_put(a, &gone, done, &answer);
    settle(pool);
    assert_int_equal(accounts_sealed(a), 1);
    worker_stop(pool);
    accounts_close(a);
    pool = worker_start(1);
    a = open_store(state, pool, 10);
    assert_int_equal(accounts_sealed(a), 1);
    alice.totp = NULL;
    accounts_put(a, &alice, done, &answer);
    settle(pool);
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
    settle(pool);
    accounts_put(a, &two, done, &answer); /* a change is no new account */
    settle(pool);
    assert_int_equal(answer.result, ACCOUNTS_DONE);
    worker_stop(pool);
    accounts_close(a);
}

/* Who registers and deletes again and again leaves a name each time, and there is an end to that too. */
static void test_no_more_names_than_twice_the_limit(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 2);
    struct answer answer = {0};
    char name[NAME_MAX_LEN + 1] = "a";
    for (; name[0] <= 'd'; name[0]++) {
        struct account account = named(name), gone = {.deleted = 1};
        accounts_put(a, &account, done, &answer);
        settle(pool);
        assert_int_equal(answer.result, ACCOUNTS_DONE);
        memcpy(gone.name, name, sizeof name);
        accounts_put(a, &gone, done, &answer);
        settle(pool);
        assert_int_equal(answer.result, ACCOUNTS_DONE);
    }
    struct account account = named(name);
    assert_int_equal(accounts_room(a), 0);
    accounts_put(a, &account, done, &answer);
    settle(pool);
    assert_int_equal(answer.result, ACCOUNTS_FULL);
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

/* What is on disk is unknown then: nothing more is taken, not even what waited already, and nothing of it is seen. */
static void test_a_failed_sync_ends_all_changes(void **state)
{
    char path[300];
    snprintf(path, sizeof path, "%s/log", scratch_path(state));
    assert_int_equal(log_open(path), 0);
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer[4] = {{0}};
    put_numbered(a, 0, &answer[0]);
    settle(pool);
    hold_sync();
    atomic_store(&sync_state.fails, 1);
    put_numbered(a, 1, &answer[1]);
    wait_for_sync();
    put_numbered(a, 2, &answer[2]);
    release_sync();
    settle(pool);
    atomic_store(&sync_state.fails, 0);
    put_numbered(a, 3, &answer[3]);
    assert_int_equal(worker_in_flight(pool), 0);
    for (size_t i = 1; i < 4; i++)
        assert_true(answer[i].calls == 1 && answer[i].result == ACCOUNTS_CLOSED);
    assert_int_equal(atomic_load(&sync_state.calls), 1);
    assert_int_equal(accounts_count(a), 1);
    assert_non_null(accounts_find(a, "user0")); /* who is there can still log in */
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
    static const char text[] = "glasschat accounts 1\none\t#"
                               "5ef21a33"
                               "\n";
    scratch_write(state, "accounts", text, sizeof text - 1);
    assert_null(accounts_open(scratch_fd(state), NULL, 10, &torn, error));
    assert_non_null(strstr(error, "line 2 "));
}

/* Who edits the file by hand can't give a deleted name out again either. */
static void test_nothing_follows_a_deletion(void **state)
{
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, 10);
    struct account bob = named("bob"), gone = {.name = "bob", .deleted = 1};
    struct answer answer = {0};
    size_t len, torn;
    char error[ACCOUNTS_ERROR_MAX];
    accounts_put(a, &bob, done, &answer);
    settle(pool);
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

/* --- SIGKILL
 * ---------------------------------------------------------------------------------------------------------- */

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

/* Registers for ever, a few at once, and tells the number of each that was acknowledged. */
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
        settle(pool);
    }
}

/* Kills a child after so many acknowledgements; all that it gave must be in the file, which must load. Returns the
 * number after the last one. */
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
    return told[count - 1] + 2 * AT_ONCE; /* some behind the last one may be in the file too */
}

static void test_sigkill_loses_nothing_acknowledged(void **state)
{
    uint32_t number = 0;
    for (int kills = 1; kills <= 30; kills++)
        number = kill_and_look(state, number, kills);
}

static int make(void **state)
{
    atomic_store(&sync_state.fails, 0);
    release_sync();
    return scratch_make(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_an_account_is_seen_only_once_it_is_on_disk),
        WITH_FOLDER(test_a_change_is_seen_only_once_it_is_on_disk),
        WITH_FOLDER(test_the_most_iterations_stay),
        WITH_FOLDER(test_all_that_wait_share_one_sync),
        WITH_FOLDER(test_the_last_change_wins_and_a_deleted_name_is_taken),
        WITH_FOLDER(test_all_by_name),
        WITH_FOLDER(test_dead_lines_are_removed),
        WITH_FOLDER(test_dead_lines_are_removed_at_the_start),
        WITH_FOLDER(test_compaction_by_bytes),
        WITH_FOLDER(test_a_compaction_whose_sync_fails),
        WITH_FOLDER(test_more_than_a_batch),
        WITH_FOLDER(test_what_an_account_owns),
        WITH_FOLDER(test_second_factors_are_counted),
        WITH_FOLDER(test_no_more_than_the_limit),
        WITH_FOLDER(test_no_more_names_than_twice_the_limit),
        WITH_FOLDER(test_a_failed_write_is_told_and_forgotten),
        WITH_FOLDER(test_a_failed_sync_ends_all_changes),
        WITH_FOLDER(test_a_callback_may_put),
        WITH_FOLDER(test_stopping_finishes_what_is_under_way),
        WITH_FOLDER(test_a_good_checksum_over_nonsense_is_refused),
        WITH_FOLDER(test_nothing_follows_a_deletion),
        WITH_FOLDER(test_sigkill_loses_nothing_acknowledged),
    };
    return RUN(tests);
}
