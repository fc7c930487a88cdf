/* SPDX-License-Identifier: MIT */
/* What calls do to memory: how much an open one takes, what is left of its secrets, and what becomes of it all where
 * there is none. Where a sanitizer has its own allocator, and without glibc, nothing is tested. */
#define _GNU_SOURCE /* memmem */
#include "app/peer/calls.h"
#include "tests/callers.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"
#include "tests/watched_malloc.h"

static void skip_without(void)
{
    if (!MALLOC_IS_OURS)
        skip();
}

/* --- How much ----------------------------------------------------------------------------------------------------- */

static void test_an_open_call_takes_less_than_4_kb(void **state)
{
    static struct callers t;
    (void)state;
    skip_without();
    callers_open(&t); /* the keys are read, and certificates made, by now */
    callers_end(&t);
    size_t before = memory.live, bytes_before = memory.live_bytes;
    callers_open(&t);
    caller_say(&t.alice, "hello");
    callers_run(&t);
    caller_say(&t.bob, "hello");
    callers_run(&t);
    assert_int_equal(memory.live - before, 2);
    assert_in_range((memory.live_bytes - bytes_before) / 2, 1, 3999);
    callers_end(&t);
    assert_int_equal(memory.live, before);
}

/* --- What is left ------------------------------------------------------------------------------------------------- */

/* All that a call keeps to itself now; of a key or an exponent 32 bytes tell. */
static void add_secrets(const struct call *c)
{
    memory_add_secret(c->ratchet.root);
    memory_add_secret(c->ratchet.latest.x);
    memory_add_secret(c->session.send.secret);
    memory_add_secret(c->session.receive.secret);
    memory_add_secret(&c->session.send.key.mac);
    memory_add_secret(&c->session.receive.key.mac);
    if (c->session.hs == NULL)
        return;
    memory_add_secret(c->session.hs->pair.x);
    memory_add_secret(c->session.hs->prk);
    memory_add_secret(c->session.hs->root);
}

static void test_what_is_freed_is_seen(void **state)
{
    (void)state;
    skip_without();
    memory_watch();
    char *volatile block = malloc(100);
    snprintf(block, 100, "before %s", memory_word);
    free(block);
    assert_int_equal(memory.freed_with_secret, 1);
}

/* A call is given back at each moment: half-open, open, with texts in each of its lists, after its end. */
static void test_what_a_call_leaves(void **state)
{
    static struct callers t;
    (void)state;
    skip_without();
    for (size_t moves = 0; moves < 14; moves++) {
        memory_watch();
        callers_init(&t);
        t.alice.slow = t.bob.slow = true;
        callers_start(&t);
        caller_say(&t.alice, memory_word);
        for (size_t i = 0; i < moves; i++) {
            if (caller_work(&t.alice))
                caller_go(&t.alice);
            if (caller_work(&t.bob))
                caller_go(&t.bob);
            (void)callers_carry(&t.alice, &t.bob);
            (void)callers_carry(&t.bob, &t.alice);
            if (i == 9)
                caller_say(&t.bob, memory_word);
            add_secrets(t.alice.call);
            add_secrets(t.bob.call);
        }
        callers_end(&t);
        assert_int_equal(memory.freed_with_secret, 0);
    }
    assert_int_equal(t.bob.opened, 1);
}

static void test_what_a_failure_leaves(void **state)
{
    static struct callers t;
    (void)state;
    skip_without();
    memory_watch();
    callers_open(&t);
    add_secrets(t.bob.call);
    caller_say(&t.alice, memory_word);
    t.alice.sent[0].bytes[50] ^= 1;
    callers_run(&t);
    caller_expect_failed(&t.bob, NET_ERR_RECORD);
    assert_int_equal(memory_count_secrets(t.bob.call, sizeof *t.bob.call), 0);
    callers_end(&t);
    assert_int_equal(memory.freed_with_secret, 0);
}

/* --- Where there is none ------------------------------------------------------------------------------------------ */

static struct users t;

static bool was_told(const struct user *u, const char *what)
{
    for (size_t i = 0; i < u->log_len; i++)
        if (strncmp(u->log[i], what, strlen(what)) == 0)
            return true;
    return false;
}

/* A text that was said ends in one way, and is shown once at most. */
static void expect_an_end(const struct user *by, const struct user *to, const char *text)
{
    char line[4][USERS_LINE_LEN];
    snprintf(line[0], sizeof line[0], "confirmed %s: %s", to->name, text);
    snprintf(line[1], sizeof line[1], "unconfirmed %s: %s", to->name, text);
    snprintf(line[2], sizeof line[2], "unsaid %s: %s (", to->name, text);
    snprintf(line[3], sizeof line[3], "text %s: %s", by->name, text);
    assert_int_equal(user_told(by, line[0]) + user_told(by, line[1]) + user_told(by, line[2]), 1);
    assert_true(user_told(to, line[3]) <= 1);
    assert_true(user_told(by, line[0]) <= user_told(to, line[3]));
    assert_true(user_told(by, line[2]) + user_told(to, line[3]) <= 1);
}

/* False: there was enough. */
static bool converse_with(long enough, const char *folder)
{
    users_begin(&t, folder);
    memory.left = enough;
    user_say(&t.alice, "bob", "one");
    users_run(&t);
    user_say(&t.bob, "alice", "two");
    user_say(&t.alice, "bob", "three");
    users_run(&t);
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    bool ran_out = memory.left < 0;
    memory.left = -1;
    users_wait(&t, CALL_OPEN_MS);
    users_wait(&t, CALL_OPEN_MS);
    expect_an_end(&t.alice, &t.bob, "one");
    expect_an_end(&t.bob, &t.alice, "two");
    expect_an_end(&t.alice, &t.bob, "three");
    assert_true(ran_out || !was_told(&t.alice, "un"));
    user_say(&t.alice, "bob", "four");
    users_run(&t);
    if (user_told(&t.alice, "confirmed bob: four") == 0) { /* in a call that only one side had */
        user_say(&t.alice, "bob", "five");
        users_run(&t);
        assert_int_equal(user_told(&t.alice, "confirmed bob: five"), 1);
    }
    users_end(&t);
    return ran_out;
}

static void test_each_failure_leaves_a_clean_end(void **state)
{
    long enough = 0;
    skip_without();
    (void)converse_with(1000, scratch_path(state));
    size_t before = memory.live;
    while (converse_with(enough++, scratch_path(state)))
        assert_int_equal(memory.live, before);
    assert_in_range(enough, 20, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_open_call_takes_less_than_4_kb),
        cmocka_unit_test(test_what_is_freed_is_seen),
        cmocka_unit_test(test_what_a_call_leaves),
        cmocka_unit_test(test_what_a_failure_leaves),
        cmocka_unit_test_setup_teardown(test_each_failure_leaves_a_clean_end, scratch_make, scratch_remove),
    };
    memory.tried = &users_inside;
    return RUN(tests);
}
