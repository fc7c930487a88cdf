/* SPDX-License-Identifier: MIT */
/* What sealed rooms do to memory: what is left of their secrets, and what becomes of it all where there is none. Where
 * a sanitizer has its own allocator, and without glibc, nothing is tested. */
#define _GNU_SOURCE /* memmem */
#include "tests/home_disk.h"
#include "tests/members.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/watched_malloc.h"

static bool inside; /* in the sealed rooms: only there it runs out */
static struct members t;
static char why[WHY_LEN];

/* --- What is left ------------------------------------------------------------------------------------------------- */

static void add_secrets(struct member *m)
{
    const struct sealed_room *r = member_room(m);
    memory_add_secret(r->mine.secret);
    for (size_t i = 0; i < r->others_len; i++) {
        memory_add_secret(r->others[i].newest.secret);
        memory_add_secret(r->others[i].before.secret);
    }
}

static void add_all_secrets(void)
{
    for (size_t i = 0; t.each[i] != NULL; i++)
        add_secrets(t.each[i]);
}

/* Lines are said, keys handed over, lists changed and programs ended, with some of each under way. */
static void test_nothing_that_is_freed_has_a_secret(void **state)
{
    uint8_t payload[SENDER_KEY_LEN];
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    memory_watch();
    add_all_secrets();
    for (int i = 0; i < 4; i++) {
        member_say(&t.alice, memory_word);
        member_say(&t.bob, memory_word);
        members_run(&t);
        add_all_secrets();
        member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES;
    }
    sender_key_encode(payload, &member_room(&t.carol)->mine);
    assert_true(sealed_rooms_given(&t.bob.rooms, calls_live(&USER(&t.bob)->calls, "carol"), payload, sizeof payload));
    sealed_rooms_go_on(&t.bob.rooms, t.users.now);
    member_remove(&t.alice, "carol");
    members_run(&t);
    add_secrets(&t.alice);
    t.bob.full = true;
    member_say(&t.bob, memory_word);
    members_run(&t);
    member_restart(&t.bob);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    members_run(&t);
    member_restart(&t.alice);
    assert_int_equal(memory.freed_with_secret, 0);
}

/* All that a member keeps is searched, and not what is freed alone: nothing that was said before can be opened. */
static void test_no_older_secret_is_kept(void **state)
{
    (void)state;
    memory_watch();
    memory_add_secret(member_room(&t.alice)->mine.secret);
    member_say(&t.alice, "one");
    members_run(&t);
    memory_add_secret(member_room(&t.alice)->mine.secret);
    member_say(&t.alice, "two");
    members_run(&t);
    assert_int_equal(memory.secrets_len, 2);
    for (size_t i = 0; t.each[i] != NULL; i++) {
        const struct sealed_rooms *rs = &t.each[i]->rooms;
        assert_int_equal(memory_count_secrets(rs, sizeof *rs), 0);
        assert_int_equal(memory_count_secrets(member_room(t.each[i]), sizeof(struct sealed_room)), 0);
        assert_int_equal(memory_count_secrets(&USER(t.each[i])->calls, sizeof(struct calls)), 0);
        for (const struct call *c = USER(t.each[i])->calls.list; c != NULL; c = c->next)
            assert_int_equal(memory_count_secrets(c, sizeof *c), 0);
    }
}

/* --- Where there is none ------------------------------------------------------------------------------------------ */

static long enough;

/* False: it ran out. */
static bool end_of_inside(void)
{
    bool ran_out = memory.left < 0 && inside && enough >= 0;
    inside = false;
    memory.left = -1;
    return !ran_out;
}

static void begin_inside(long n)
{
    enough = n;
    memory.left = n;
    inside = true;
}

static void test_founding(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    for (long n = 0;; n++) {
        size_t before = memory.live;
        *why = '\0';
        begin_inside(n);
        int failed = sealed_rooms_found(&t.alice.rooms, "+lab", why);
        bool was_enough = end_of_inside();
        assert_true(failed == 0 || (!was_enough && *why != '\0'));
        if (failed == 0)
            break;
        assert_int_equal(memory.live, before);
        assert_null(sealed_rooms_find(&t.alice.rooms, "+lab"));
        assert_true(n < 50);
    }
    member_restart(&t.alice);
    assert_int_equal(members_count_rooms(&t.alice.rooms), 2);
}

static void test_inviting_and_saying(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    begin_inside(0);
    assert_int_equal(sealed_rooms_invite(&t.alice.rooms, t.users.now, member_room(&t.alice), "dave", why), -1);
    assert_false(end_of_inside());
    assert_non_null(strstr(why, "memory"));
    begin_inside(0);
    member_say(&t.alice, "hello");
    assert_false(end_of_inside());
    user_expect(USER(&t.alice), "unsaid +exam: hello (there is no memory for it)", NULL);
    member_say(&t.alice, "hello");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: hello"), 1);
}

/* A change of the list: it is taken, and on disk, or neither; and what could not be given is given later. */
static void test_removing(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    for (long n = 0;; n++) {
        *why = '\0';
        begin_inside(n);
        int failed = sealed_rooms_remove(&t.alice.rooms, t.users.now, member_room(&t.alice), "carol", why);
        bool was_enough = end_of_inside();
        assert_true(failed == 0 || (!was_enough && *why != '\0'));
        assert_int_equal(member_room(&t.alice)->list.n, failed == 0 ? 3 : 2);
        if (failed == 0)
            break;
        assert_true(n < 50);
    }
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->list.n, 3);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_OUT);
}

/* What is given: it is refused, and ends that call, or it counts. */
static void test_what_is_given(void **state)
{
    uint8_t payload[SENDER_KEY_LEN];
    const struct call *call = calls_live(&USER(&t.bob)->calls, "carol");
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    member_room(&t.carol)->mine.id[0] ^= 1;
    sender_key_encode(payload, &member_room(&t.carol)->mine);
    begin_inside(0);
    assert_false(sealed_rooms_given(&t.bob.rooms, call, payload, sizeof payload));
    assert_false(end_of_inside());
    assert_true(sealed_rooms_given(&t.bob.rooms, call, payload, sizeof payload));
}

/* Turns of bob's, in which he takes a list and a key, draws one, gives both and says something: whatever fails comes
 * in a later turn, and nobody else is troubled. */
static void test_turns(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    for (long n = 0; n < 12; n++) {
        char text[20], line[60];
        member_room(&t.bob)->mine.i = SENDER_KEY_MESSAGES;
        snprintf(text, sizeof text, "try %ld", n);
        member_say(&t.bob, text);
        begin_inside(n);
        sealed_rooms_go_on(&t.bob.rooms, t.users.now);
        (void)end_of_inside();
        members_run(&t);
        members_wait(&t, SEALED_ROOMS_LINE_MS);
        snprintf(line, sizeof line, "line +exam bob: %s", text);
        assert_int_equal(user_told(USER(&t.alice), line), 1);
        assert_int_equal(user_told(USER(&t.carol), line), 1);
    }
}

/* What was shown, and can't be kept, is counted. */
static void test_receipts(void **state)
{
    static const struct sealed_room nothing_kept = {.unkept = 1};
    struct sealed_room *r = member_room(&t.bob);
    char path[400];
    if (!MALLOC_IS_OURS)
        skip();
    snprintf(path, sizeof path, "%s/receipts", scratch_path(state));
    for (long n = 3; n < 7; n++) { /* what comes before is needed by others */
        member_say(&t.bob, "hello");
        begin_inside(n);
        sealed_rooms_go_on(&t.bob.rooms, t.users.now);
        (void)end_of_inside();
        members_run(&t);
        members_wait(&t, SEALED_ROOMS_LINE_MS);
    }
    assert_int_equal(user_told(USER(&t.bob), "said +exam: hello"), 4);
    assert_int_equal(r->receipts.count + r->unkept, 4);
    assert_in_range(r->unkept, 1, 3);
    assert_int_equal(sealed_rooms_save(r, path, why), 0);
    assert_int_equal(sealed_rooms_save(&nothing_kept, path, why), -1);
    assert_non_null(strstr(why, "memory"));
}

/* A room that is on disk and can't be read for want of memory: nothing is known then, and it is said. */
static void test_loading(void **state)
{
    struct sealed_rooms rs;
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    for (long n = 0;; n++) {
        size_t before = memory.live;
        sealed_rooms_init(&rs, &t.bob.rooms.config, &t.bob.rooms.hooks, t.bob.rooms.calls);
        *why = '\0';
        begin_inside(n);
        int failed = sealed_rooms_load(&rs, why);
        bool was_enough = end_of_inside();
        assert_int_equal(members_count_rooms(&rs), failed == 0 ? 1 : 0);
        assert_true(failed == 0 || (!was_enough && *why != '\0'));
        sealed_rooms_free(&rs);
        assert_int_equal(memory.live, before);
        if (failed == 0)
            break;
        assert_true(n < 50);
    }
}

#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MET(test_nothing_that_is_freed_has_a_secret),
        MET(test_no_older_secret_is_kept),
        MET(test_founding),
        MET(test_inviting_and_saying),
        MET(test_removing),
        MET(test_what_is_given),
        MET(test_turns),
        MET(test_receipts),
        MET(test_loading),
    };
    disk.is_memory = true;
    memory.tried = &inside;
    return RUN(tests);
}
