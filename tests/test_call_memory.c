/* SPDX-License-Identifier: MIT */
/* What calls do to memory: how much an open one takes, what is left of its secrets, and what becomes of it all where
 * there is none. Where a sanitizer has its own allocator, and without glibc, nothing is tested. */
#define _GNU_SOURCE /* memmem */
#include <malloc.h>

#include "app/peer/calls.h"
#include "tests/callers.h"
#include "tests/fill.h"
#include "tests/sanitized.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"

#define SECRETS_MAX 256

static const char word[] = "a made-up secret word";

static long memory_left = -1; /* how many more times there is some, inside calls.c; -1: always */
static size_t live, live_bytes;
static uint8_t secrets[SECRETS_MAX][32];
static size_t secrets_len;
static size_t freed_with_secret;

#if MALLOC_IS_OURS
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t n, size_t len);
void *__libc_realloc(void *p, size_t len);
void __libc_free(void *p);

static bool runs_out(void)
{
    return users_inside && memory_left >= 0 && memory_left-- == 0;
}

static void *counted(void *p)
{
    live += p != NULL;
    live_bytes += p != NULL ? malloc_usable_size(p) : 0;
    return p;
}

static void look(void *p)
{
    size_t len = malloc_usable_size(p);
    live--;
    live_bytes -= len;
    freed_with_secret += memmem(p, len, word, sizeof word - 1) != NULL;
    for (size_t i = 0; i < secrets_len; i++)
        freed_with_secret += memmem(p, len, secrets[i], sizeof secrets[i]) != NULL;
}

void *malloc(size_t len)
{
    return runs_out() ? NULL : counted(__libc_malloc(len));
}

void *calloc(size_t n, size_t len)
{
    return runs_out() ? NULL : counted(__libc_calloc(n, len));
}

void *realloc(void *p, size_t len)
{
    if (runs_out())
        return NULL;
    live -= p != NULL;
    live_bytes -= p != NULL ? malloc_usable_size(p) : 0;
    return counted(__libc_realloc(p, len));
}

void free(void *p)
{
    if (p != NULL)
        look(p);
    __libc_free(p);
}
#endif

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
    size_t before = live, bytes_before = live_bytes;
    callers_open(&t);
    caller_say(&t.alice, "hello");
    callers_run(&t);
    caller_say(&t.bob, "hello");
    callers_run(&t);
    assert_int_equal(live - before, 2);
    assert_in_range((live_bytes - bytes_before) / 2, 1, 3999);
    callers_end(&t);
    assert_int_equal(live, before);
}

/* --- What is left ------------------------------------------------------------------------------------------------- */

static void add_secret(const void *p, size_t len)
{
    if (secrets_len < SECRETS_MAX && !all_zero(p, len))
        memcpy(secrets[secrets_len++], p, len);
}

/* All that a call keeps to itself now; of a key or an exponent 32 bytes tell. */
static void add_secrets(const struct call *c)
{
    add_secret(c->ratchet.root, sizeof c->ratchet.root);
    add_secret(c->ratchet.latest.x, 32);
    add_secret(c->session.send.secret, 32);
    add_secret(c->session.receive.secret, 32);
    add_secret(&c->session.send.key.mac, 32);
    add_secret(&c->session.receive.key.mac, 32);
    if (c->session.hs == NULL)
        return;
    add_secret(c->session.hs->pair.x, 32);
    add_secret(c->session.hs->prk, 32);
    add_secret(c->session.hs->root, 32);
}

static void begin_to_look(void)
{
    secrets_len = 0;
    freed_with_secret = 0;
}

static void test_what_is_freed_is_seen(void **state)
{
    (void)state;
    skip_without();
    begin_to_look();
    char *volatile block = malloc(100);
    snprintf(block, 100, "before %s", word);
    free(block);
    assert_int_equal(freed_with_secret, 1);
}

/* A call is given back at each moment: half-open, open, with texts in each of its lists, after its end. */
static void test_what_a_call_leaves(void **state)
{
    static struct callers t;
    (void)state;
    skip_without();
    for (size_t moves = 0; moves < 14; moves++) {
        begin_to_look();
        callers_init(&t);
        t.alice.slow = t.bob.slow = true;
        callers_start(&t);
        caller_say(&t.alice, word);
        for (size_t i = 0; i < moves; i++) {
            if (caller_work(&t.alice))
                caller_go(&t.alice);
            if (caller_work(&t.bob))
                caller_go(&t.bob);
            (void)callers_carry(&t.alice, &t.bob);
            (void)callers_carry(&t.bob, &t.alice);
            if (i == 9)
                caller_say(&t.bob, word);
            add_secrets(t.alice.call);
            add_secrets(t.bob.call);
        }
        callers_end(&t);
        assert_int_equal(freed_with_secret, 0);
    }
    assert_int_equal(t.bob.opened, 1);
}

static void test_what_a_failure_leaves(void **state)
{
    static struct callers t;
    (void)state;
    skip_without();
    begin_to_look();
    callers_open(&t);
    add_secrets(t.bob.call);
    caller_say(&t.alice, word);
    t.alice.sent[0].bytes[50] ^= 1;
    callers_run(&t);
    caller_expect_failed(&t.bob, NET_ERR_RECORD);
    for (size_t i = 0; i < secrets_len; i++)
        assert_null(memmem(t.bob.call, sizeof *t.bob.call, secrets[i], 32));
    callers_end(&t);
    assert_int_equal(freed_with_secret, 0);
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
    memory_left = enough;
    user_say(&t.alice, "bob", "one");
    users_run(&t);
    user_say(&t.bob, "alice", "two");
    user_say(&t.alice, "bob", "three");
    users_run(&t);
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    bool ran_out = memory_left < 0;
    memory_left = -1;
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
    size_t before = live;
    while (converse_with(enough++, scratch_path(state)))
        assert_int_equal(live, before);
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
    return RUN(tests);
}
