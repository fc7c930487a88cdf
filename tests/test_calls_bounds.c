/* SPDX-License-Identifier: MIT */
/* How many calls there may be, half-open and open, and which one gives way. */
#include "app/peer/calls.h"

#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"

static struct users t;

static int begin(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    users_begin(&t, scratch_path(state));
    return 0;
}

static int end(void **state)
{
    users_end(&t);
    return scratch_remove(state);
}

/* A frame that the server keeps, to send it again. */
static struct users_frame kept;

static bool keep_hello(struct users *all, struct users_frame *f)
{
    (void)all;
    if (f->len > 0 && f->frame[0] == FRAME_CLIENT_HELLO && kept.frame == NULL) {
        kept = *f;
        kept.frame = malloc(f->len);
        assert_non_null(kept.frame);
        memcpy(kept.frame, f->frame, f->len);
    }
    return true;
}

static void begin_to_keep(void)
{
    free(kept.frame);
    kept.frame = NULL;
    t.meddle = keep_hello;
}

static void forget_kept(void)
{
    free(kept.frame);
    kept.frame = NULL;
}

/* Hellos of so many others, whom the server has made up. */
static void flood(size_t n, const char *format)
{
    for (size_t i = 0; i < n; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, format, (unsigned)i);
        user_relayed(&t.bob, name, kept.call, kept.frame, kept.len);
    }
}

static bool half_open_with(const char *name)
{
    for (const struct call *call = t.bob.calls.list; call != NULL; call = call->next)
        if (call->phase == CALL_HALF_OPEN && strcmp(call->peer, name) == 0)
            return true;
    return false;
}

static void keep_one_hello(void)
{
    begin_to_keep();
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    t.bob.slow = true;
}

static void test_sixteen_strangers(void **state)
{
    (void)state;
    keep_one_hello();
    user_say(&t.bob, "nobody", "wanted"); /* doesn't count, and does not give way */
    calls_call(&t.bob.calls, t.now, "no-one");
    flood(CALLS_STRANGERS_MAX, "s%02u");
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_STRANGERS_MAX + 2);
    assert_true(half_open_with("s00"));
    user_relayed(&t.bob, "s01", (const uint8_t *)"newer, no. sixty", kept.frame, kept.len);
    assert_true(half_open_with("s00")); /* it took the place of its own */
    user_relayed(&t.bob, "one-more", kept.call, kept.frame, kept.len);
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_STRANGERS_MAX + 2);
    assert_false(half_open_with("s00"));
    assert_true(half_open_with("s01") && half_open_with("one-more"));
    assert_true(half_open_with("nobody") && half_open_with("no-one"));
    flood(100, "t%02u");
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_STRANGERS_MAX + 2);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    t.bob.slow = false;
    user_say(&t.alice, "bob", "still here");
    users_run(&t);
    assert_int_equal(user_told(&t.alice, "confirmed bob: still here"), 1);
    forget_kept();
}

/* Sixteen who call without an end keep nobody out: each has its place, and the newcomer is the last to lose one. */
static void test_strangers_who_call_again(void **state)
{
    (void)state;
    keep_one_hello();
    flood(CALLS_STRANGERS_MAX, "s%02u");
    user_relayed(&t.bob, "newcomer", kept.call, kept.frame, kept.len);
    assert_false(half_open_with("s00"));
    for (unsigned i = 1; i <= CALLS_STRANGERS_MAX; i++) { /* the last is the one that lost its place */
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "s%02u", i % CALLS_STRANGERS_MAX);
        user_relayed(&t.bob, name, (const uint8_t *)"newer, no. sixty", kept.frame, kept.len);
        assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_STRANGERS_MAX);
    }
    assert_true(half_open_with("newcomer") && half_open_with("s00"));
    assert_false(half_open_with("s01"));
    forget_kept();
}

/* bob has met so many, k000 and so on. */
static void know(unsigned n)
{
    char path[250];
    snprintf(path, sizeof path, "%s/" PEERS_FILE, t.bob.home);
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    for (unsigned i = 0; i < n; i++)
        fprintf(file, "chat.example:7447 k%03u new SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", i);
    assert_int_equal(fclose(file), 0);
    user_restart(&t.bob);
}

/* A known peer has a place of its own, among the strangers; and of all there are so many at most. */
static void test_all_that_are_answered(void **state)
{
    (void)state;
    keep_one_hello();
    know(CALLS_ANSWERING_MAX + 1);
    flood(20, "k%03u");
    flood(CALLS_STRANGERS_MAX + 1, "s%02u");
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_STRANGERS_MAX + 20);
    assert_true(half_open_with("k000"));
    user_restart(&t.bob);
    calls_call(&t.bob.calls, t.now, "k256");
    flood(CALLS_ANSWERING_MAX, "k%03u");
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_ANSWERING_MAX + 1);
    flood(1, "another%u");
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), CALLS_ANSWERING_MAX + 1);
    assert_false(half_open_with("k000"));
    assert_true(half_open_with("k001") && half_open_with("another0") && half_open_with("k256"));
    forget_kept();
}

/* An open call, as often as it takes, each with another peer. Whatever they send opens nowhere. */
static void add_copies(size_t n, int64_t used)
{
    static unsigned made;
    const struct call *open = user_open_call(&t.bob, "alice");
    for (size_t i = 0; i < n; i++) {
        struct call *c = malloc(sizeof *c);
        assert_non_null(c);
        *c = *open;
        snprintf(c->peer, sizeof c->peer, "peer%u", made++);
        c->used = used + (int64_t)i;
        c->session.ratchet = &c->ratchet;
        c->in_end = &c->in;
        c->waiting.end = &c->waiting.first;
        c->unconfirmed.end = &c->unconfirmed.first;
        c->next = t.bob.calls.list;
        t.bob.calls.list = c;
    }
}

static size_t closing(void)
{
    size_t n = 0;
    for (const struct call *call = t.bob.calls.list; call != NULL; call = call->next)
        n += call->closes;
    return n;
}

static void test_open_calls_that_nobody_asked_for(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    add_copies(CALLS_UNWANTED_MAX - 2, t.now + 1);
    t.now += 2;
    t.bob.calls.list->next->wanted = true; /* of the copies one that doesn't count */
    user_say(&t.carol, "bob", "hello");
    users_run(&t);
    assert_int_equal(closing(), 0);
    add_copies(2, t.now);
    t.now += 1000;
    users_run(&t);
    calls_leave(&t.carol.calls, t.now, "bob");
    users_run(&t);
    user_say(&t.carol, "bob", "again");
    users_run(&t);
    assert_int_equal(closing(), 0);
    assert_null(user_open_call(&t.bob, "alice")); /* the one idle for longest; she has answered */
    assert_null(user_open_call(&t.alice, "bob"));
    assert_int_equal(user_told(&t.carol, "confirmed bob: again"), 1);
}

/* However long nothing was said in it, and it does not count. */
static void test_a_call_that_was_asked_for_stays(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    t.bob.calls.list->wanted = true;
    add_copies(CALLS_UNWANTED_MAX - 1, t.now + 1);
    for (struct call *c = t.bob.calls.list; c != NULL; c = c->next)
        c->wanted = strcmp(c->peer, "alice") == 0;
    t.now += 1000;
    user_say(&t.carol, "bob", "hello");
    users_run(&t);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), CALLS_UNWANTED_MAX + 1);
    user_restart(&t.carol);
    add_copies(1, t.now);
    t.bob.calls.list->wanted = false;
    user_say(&t.carol, "bob", "hello");
    users_run(&t);
    assert_non_null(user_open_call(&t.bob, "alice"));
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), CALLS_UNWANTED_MAX + 1);
}

/* All have been idle for as long, and the new one is the oldest of the list. */
static void test_what_has_just_been_opened_is_not_closed(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    t.bob.slow = true;
    user_say(&t.carol, "bob", "hello");
    users_run(&t);
    add_copies(CALLS_UNWANTED_MAX - 1, t.now);
    for (struct call *c = t.bob.calls.list; c != NULL; c = c->next)
        c->used = t.now + (strcmp(c->peer, "alice") == 0);
    t.bob.slow = false;
    users_run(&t);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), CALLS_UNWANTED_MAX);
    assert_non_null(user_open_call(&t.bob, "carol"));
    assert_int_equal(user_told(&t.carol, "confirmed bob: hello"), 1);
}

/* alice's call is the older one, and has something to compute again at once. */
static void test_nobody_computes_twice_before_another(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    t.bob.slow = true;
    user_say(&t.alice, "bob", "a step, to be answered by a step");
    users_run(&t);
    user_say(&t.carol, "bob", "hello");
    users_run(&t);
    assert_true(user_work_begin(&t.bob));
    assert_string_equal(t.bob.at_work->peer, "alice");
    assert_true(user_work_end(&t.bob));
    assert_true(user_work_begin(&t.bob));
    assert_string_equal(t.bob.at_work->peer, "carol");
    assert_true(user_work_end(&t.bob));
}

/* alice makes bob acknowledge more than the server takes at once. */
static void test_what_the_user_says_goes_first(void **state)
{
    (void)state;
    user_say(&t.alice, "bob", "hello");
    users_run(&t);
    t.bob.unanswered = true;
    for (int i = 0; i < 2 * RELAYS_UNANSWERED_MAX; i++)
        user_say(&t.alice, "bob", "more");
    users_run(&t);
    assert_int_equal(t.bob.calls.relays.unanswered_len, RELAYS_UNANSWERED_MAX);
    user_say(&t.bob, "carol", "mine");
    users_run(&t);
    calls_answered(&t.bob.calls, t.now, MESSAGE_E_NONE, NULL);
    (void)user_go(&t.bob);
    assert_string_equal(t.first->to_name, "carol");
    t.bob.unanswered = false;
    while (t.bob.calls.relays.unanswered_len > 0)
        calls_answered(&t.bob.calls, t.now, MESSAGE_E_NONE, NULL);
    users_run(&t);
    assert_int_equal(user_told(&t.carol, "text bob: mine"), 1);
    assert_int_equal(user_told(&t.alice, "confirmed bob: more"), 2 * RELAYS_UNANSWERED_MAX);
}

/* Bob has talked to both; one of them floods him. Whoever it is, half of his frames go to the other. */
static void check_turns(struct user *flooder, struct user *other)
{
    user_say(&t.bob, other->name, "first");
    users_run(&t);
    user_say(&t.bob, flooder->name, "second");
    users_run(&t);
    t.bob.unanswered = true;
    for (int i = 0; i < 4 * RELAYS_UNANSWERED_MAX; i++)
        user_say(flooder, "bob", "more");
    users_run(&t);
    for (int i = 0; i < 3; i++)
        user_say(&t.bob, other->name, "mine");
    users_run(&t);
    for (int i = 0; i < 7 + RELAYS_UNANSWERED_MAX; i++) { /* a step, and three texts, in every other place */
        calls_answered(&t.bob.calls, t.now, MESSAGE_E_NONE, NULL);
        users_run(&t);
    }
    assert_int_equal(user_told(other, "text bob: mine"), 3);
    t.bob.unanswered = false;
    while (t.bob.calls.relays.unanswered_len > 0)
        calls_answered(&t.bob.calls, t.now, MESSAGE_E_NONE, NULL);
    users_run(&t);
    assert_int_equal(user_told(flooder, "confirmed bob: more"), 4 * RELAYS_UNANSWERED_MAX);
}

static void test_calls_that_the_user_wants_take_turns(void **state)
{
    (void)state;
    check_turns(&t.alice, &t.carol);
}

static void test_calls_that_the_user_wants_take_turns_the_other_way(void **state)
{
    (void)state;
    check_turns(&t.carol, &t.alice);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sixteen_strangers),
        TEST(test_strangers_who_call_again),
        TEST(test_all_that_are_answered),
        TEST(test_open_calls_that_nobody_asked_for),
        TEST(test_a_call_that_was_asked_for_stays),
        TEST(test_what_has_just_been_opened_is_not_closed),
        TEST(test_nobody_computes_twice_before_another),
        TEST(test_what_the_user_says_goes_first),
        TEST(test_calls_that_the_user_wants_take_turns),
        TEST(test_calls_that_the_user_wants_take_turns_the_other_way),
    };
    return RUN(tests);
}
