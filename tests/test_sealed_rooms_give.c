/* SPDX-License-Identifier: MIT */
/* Who is given which list and which key in a sealed room, in which call, and who is called for it. */
#include "app/peer/sealed_rooms.h"

#include "tests/members.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- Keys --------------------------------------------------------------------------------------------------------- */

/* What is given to whom was asked, before the answer, counts after it. */
static void test_keys_that_come_before_the_answer(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    const struct sealed_room *r = member_room(&t.bob);
    assert_int_equal(r->state, SEALED_ROOM_ASKED);
    assert_int_equal(r->others_len, 1);
    assert_true(r->others[0].has_newest);
    member_accept(&t.bob);
    member_say(&t.alice, "at once");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: at once"), 1);
}

/* bob is in a room of his own of that name when alice invites him, and carol hands him her key: all of it is passed
 * over. He closes his, is invited once more, and reads both. */
static void test_keys_that_were_passed_over(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "carol");
    members_run(&t);
    member_accept(&t.carol);
    members_run(&t);
    user_say(USER(&t.carol), "bob", "we have a call");
    members_run(&t);
    assert_int_equal(sealed_rooms_found(&t.bob.rooms, MEMBERS_ROOM, why), 0);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_true(sealed_room_is_founder(member_room(&t.bob)));
    assert_int_equal(sealed_rooms_close(&t.bob.rooms, t.users.now, member_room(&t.bob), why), 0);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    member_say(&t.alice, "from alice");
    member_say(&t.carol, "from carol");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: from alice"), 1);
    assert_int_equal(user_told(USER(&t.bob), "line +exam carol: from carol"), 1);
}

static void test_a_key_that_is_used_up(void **state)
{
    (void)state;
    member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES - 1;
    member_say(&t.alice, "the last of a key");
    member_say(&t.alice, "the first of the next");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: the first of the next"), 1);
    assert_int_equal(member_room(&t.alice)->mine.i, 1);
}

/* --- Calls -------------------------------------------------------------------------------------------------------- */

/* The founder's key is on its way in the call of the invitation: another one would cut off what is said there. */
static void test_who_accepts_at_once_makes_no_other_call(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    uint64_t number = calls_live(&USER(&t.bob)->calls, "alice")->number;
    sealed_room_forget_keys(member_other(&t.bob, "alice")); /* it is not here yet */
    member_accept(&t.bob);
    members_run(&t);
    assert_int_equal(calls_live(&USER(&t.bob)->calls, "alice")->number, number);
}

/* Carol has not heard that she was removed, and says something: alice and bob tell her. */
static void test_who_is_behind_is_given_the_newest(void **state)
{
    (void)state;
    member_withhold(&t.carol);
    member_remove(&t.alice, "bob");
    members_run(&t);
    t.users.meddle = NULL;
    member_restart(&t.carol); /* her calls are gone with what was withheld */
    members_run(&t);
    assert_int_equal(member_room(&t.carol)->list.n, 2);
    member_enter(&t.carol);
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.carol, "still three of us?");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    member_say(&t.carol, "and now?");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(member_room(&t.carol)->list.n, 3);
    assert_int_equal(user_told(USER(&t.bob), "line +exam carol: and now?"), 0);
}

#define ROOMS(test) MEMBERS_TEST(test, &t)
#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_keys_that_come_before_the_answer),
        ROOMS(test_keys_that_were_passed_over),
        MET(test_a_key_that_is_used_up),
        ROOMS(test_who_accepts_at_once_makes_no_other_call),
        MET(test_who_is_behind_is_given_the_newest),
    };
    return RUN(tests);
}
