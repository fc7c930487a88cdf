/* SPDX-License-Identifier: MIT */
/* When the dead lines of the accounts are removed, and what holds afterwards. */
#include "app/server/store/accounts.h"

#include "app/server/store/blocked_users.h"
#include "app/server/store/journal.h"
#include "tests/accounts_store.h"

/* Once more than half of the lines are dead: while the store runs, and again at the start. */
static void test_dead_lines_are_removed(void **state)
{
    struct worker_pool *pool = worker_start(2);
    struct accounts *a = open_store(state, pool, 10);
    struct answer answer = {0};
    struct account alice = named("alice"), gone = {.name = "bob", .deleted = true}, bob = named("bob");
    size_t len, longest = 0;
    accounts_put(a, &bob, done, &answer);
    finish_all(pool);
    accounts_put(a, &gone, done, &answer);
    for (uint32_t i = 1; i <= 1200; i++) {
        alice.password.iterations = i;
        accounts_put(a, &alice, done, &answer);
        finish_all(pool);
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
    assert_true(accounts_taken(a, "bob")); /* a deleted name stays taken */
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

/* A few users among many have long lines: their changes must not fill the disk before they are half of all lines. */
static void test_compaction_by_bytes(void **state)
{
    enum { ALL = 8000, FEW = 500, ROUNDS = 8 };
    struct worker_pool *pool = worker_start(1);
    struct accounts *a = open_store(state, pool, ALL);
    struct answer answer = {0};
    char blocks[BLOCKED_USERS_MAX_LEN + 1] = "", name[NAME_MAX_LEN + 1];
    for (int i = 0; i < BLOCKED_USERS_MAX; i++)
        snprintf(blocks + strlen(blocks), sizeof blocks - strlen(blocks), "%sa%031d", i > 0 ? "," : "", i);
    for (int round = 0; round <= ROUNDS; round++) {
        for (int i = 0; i < (round == 0 ? ALL : FEW); i++) {
            snprintf(name, sizeof name, "n%d", i);
            struct account account = named(name);
            account.blocks = round == 0 ? NULL : blocks;
            accounts_put(a, &account, done, &answer);
        }
        finish_all(pool);
    }
    assert_int_equal(answer.calls, ALL + ROUNDS * FEW);
    worker_stop(pool);
    accounts_close(a);
    size_t len;
    free(scratch_read(state, "accounts", &len));
    assert_in_range(len, FEW * BLOCKED_USERS_MAX_LEN, 8 << 20);
    a = open_store(state, NULL, ALL);
    assert_int_equal(accounts_count(a), ALL);
    assert_string_equal(accounts_find(a, "n0")->blocks, blocks);
    accounts_close(a);
}

/* The new file can't be synced: it is as if nothing had been tried. Or the folder can't: as after any failed sync.
 * A change that waited for the compaction is answered, and the answer holds when the store is opened again. */
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
        assert_int_equal(now > len, !last); /* bob's line did not start another try */
        a = open_store(state, NULL, 10);
        assert_int_equal(accounts_find(a, "alice")->password.iterations, 600);
        assert_true((accounts_find(a, "bob") != NULL) == !last);
        accounts_close(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_dead_lines_are_removed),
        WITH_FOLDER(test_dead_lines_are_removed_at_the_start),
        WITH_FOLDER(test_compaction_by_bytes),
        WITH_FOLDER(test_a_compaction_whose_sync_fails),
    };
    return RUN(tests);
}
