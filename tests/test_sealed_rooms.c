/* SPDX-License-Identifier: MIT */
/* Sealed rooms of three users, inside real calls, over a server that can do what it likes: who reads what is said in
 * one, and which of several is meant that have one name. */
#include "app/peer/sealed_rooms.h"

#include "tests/members.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- A room ------------------------------------------------------------------------------------------------------- */

static void test_a_room_is_founded_and_talked_in(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    user_expect(USER(&t.alice), "opened bob (first)", "listed +exam 1: alice bob", NULL);
    user_expect(USER(&t.bob), "opened alice (first)", "asked +exam by alice", NULL);
    member_accept(&t.bob);
    members_run(&t);
    member_say(&t.alice, "hello");
    members_run(&t);
    member_say(&t.bob, "hello yourself");
    members_run(&t);
    user_expect(USER(&t.alice), "said +exam: hello", "line +exam bob: hello yourself", NULL);
    user_expect(USER(&t.bob), "line +exam alice: hello", "said +exam: hello yourself", NULL);
    user_expect(USER(&t.carol), NULL);
}

static void test_who_comes_later_reads_nothing_earlier(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    t.carol.in = true; /* in the server's room all the time: she hears what she can't open */
    member_say(&t.alice, "before carol");
    members_run(&t);
    t.carol.in = false;
    member_invite(&t.alice, "carol");
    members_run(&t);
    member_accept(&t.carol);
    members_run(&t);
    members_forget(&t);
    member_say(&t.alice, "with carol");
    member_say(&t.bob, "me too");
    members_run(&t);
    user_expect(USER(&t.carol), "line +exam alice: with carol", "line +exam bob: me too", NULL);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: before carol"), 0);
}

/* The server puts somebody into its room of that name: nothing is sealed to them. */
static void test_somebody_whom_the_server_adds(void **state)
{
    (void)state;
    member_remove(&t.alice, "carol");
    members_run(&t);
    members_forget(&t);
    sealed_rooms_here(&t.alice.rooms, MEMBERS_ROOM, "carol", true, true);
    sealed_rooms_here(&t.bob.rooms, MEMBERS_ROOM, "carol", true, true);
    member_say(&t.alice, "only bob");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    user_expect(USER(&t.carol), NULL);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: only bob"), 1);
}

/* --- Rooms of one name -------------------------------------------------------------------------------------------- */

/* Of whoever is over there can be another one of the name. */
static void test_a_name_is_free_again(void **state)
{
    (void)state;
    sealed_room_set_state(member_room(&t.bob), SEALED_ROOM_STOPPED);
    assert_int_equal(sealed_rooms_found(&t.bob.rooms, MEMBERS_ROOM, why), 0);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_IN);
    sealed_room_set_state(member_room(&t.carol), SEALED_ROOM_LEFT);
    assert_int_equal(sealed_rooms_found(&t.carol.rooms, MEMBERS_ROOM, why), 0);
    assert_true(sealed_room_is_founder(member_room(&t.carol)));
}

/* Whoever asks first has not the name: bob accepts carol's. While he is in it he is not asked about another. */
static void test_rooms_of_one_name(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_found(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    user_expect(USER(&t.bob), "opened alice (first)", "asked +exam by alice", "opened carol (first)",
                "asked +exam by carol", NULL);
    struct sealed_room *alices = sealed_rooms_find_asked(&t.bob.rooms, MEMBERS_ROOM, "alice");
    struct sealed_room *carols = sealed_rooms_find_asked(&t.bob.rooms, MEMBERS_ROOM, "carol");
    assert_null(sealed_rooms_find_asked(&t.bob.rooms, MEMBERS_ROOM, "bob"));
    assert_int_equal(sealed_rooms_accept(&t.bob.rooms, carols, why), 0);
    member_enter(&t.bob);
    members_run(&t);
    assert_ptr_equal(member_room(&t.bob), carols);
    assert_int_equal(sealed_rooms_accept(&t.bob.rooms, alices, why), -1);
    assert_int_equal(sealed_rooms_found(&t.bob.rooms, MEMBERS_ROOM, why), -1);
    member_say(&t.bob, "hello, carol");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.carol), "line +exam bob: hello, carol"), 1);
    assert_int_equal(user_told(USER(&t.alice), "line +exam bob: hello, carol"), 0);
    member_remove(&t.alice, "bob");
    members_run(&t);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_null(sealed_rooms_find_asked(&t.bob.rooms, MEMBERS_ROOM, "alice"));
    assert_int_equal(user_told(USER(&t.bob), "name taken +exam by alice"), 1);
}

/* bob is removed from alice's, founds and closes one, is in alice's once more, and removed again. */
static void test_of_rooms_that_are_over_the_one_that_was_last(void **state)
{
    (void)state;
    struct sealed_room *alices = member_room(&t.bob);
    member_remove(&t.alice, "bob");
    members_run(&t);
    member_found(&t.bob);
    struct sealed_room *own = member_room(&t.bob);
    members_wait(&t, 1000);
    member_invite(&t.alice, "bob"); /* while bob is in the other */
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "name taken +exam by alice"), 1);
    assert_int_equal(alices->state, SEALED_ROOM_OUT);
    assert_int_equal(sealed_rooms_close(&t.bob.rooms, t.users.now, own, why), 0);
    assert_ptr_equal(member_room(&t.bob), own);
    members_wait(&t, 1000);
    member_remove(&t.alice, "bob");
    members_run(&t);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    member_remove(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(alices->state, SEALED_ROOM_OUT);
    assert_ptr_equal(member_room(&t.bob), alices);
}

/* bob was removed from alice's before. */
static void test_the_room_that_one_left_last(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    members_wait(&t, 1000);
    member_remove(&t.alice, "bob");
    members_run(&t);
    members_wait(&t, 1000);
    member_found(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    struct sealed_room *carols = member_room(&t.bob);
    assert_string_equal(carols->founder, "carol");
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, carols, why), 0);
    assert_ptr_equal(member_room(&t.bob), carols);
}

/* A founder has a name once, and whoever was asked founds one of the name, too. */
static void test_a_second_room_of_a_name(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    struct sealed_room *first = member_room(&t.alice);
    sealed_room_set_state(first, SEALED_ROOM_STOPPED); /* of which bob knows nothing */
    member_found(&t.alice);
    assert_ptr_not_equal(member_room(&t.alice), first);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "asked +exam by alice"), 1);
    member_found(&t.bob);
    assert_string_equal(member_room(&t.bob)->founder, "bob");
}

#define ROOMS(test) MEMBERS_TEST(test, &t)
#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_a_room_is_founded_and_talked_in),
        ROOMS(test_who_comes_later_reads_nothing_earlier),
        MET(test_somebody_whom_the_server_adds),
        MET(test_a_name_is_free_again),
        ROOMS(test_rooms_of_one_name),
        MET(test_of_rooms_that_are_over_the_one_that_was_last),
        ROOMS(test_the_room_that_one_left_last),
        ROOMS(test_a_second_room_of_a_name),
    };
    return RUN(tests);
}
