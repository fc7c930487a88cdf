/* SPDX-License-Identifier: MIT */
/* What the founder of a sealed room does, and nobody else: it invites, once more where that may not have arrived; it
 * removes whoever it likes, and whoever tells it to have left; and it closes the room. */
#include "app/peer/sealed_rooms.h"

#include "tests/members.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- Inviting ----------------------------------------------------------------------------------------------------- */

static void test_who_is_not_here_is_not_invited(void **state)
{
    (void)state;
    member_found(&t.alice);
    USER(&t.bob)->here = false;
    member_invite(&t.alice, "bob");
    members_run(&t);
    user_expect(USER(&t.alice), "uninvited +exam bob (not here)", NULL);
    assert_int_equal(member_room(&t.alice)->list.n, 0);
    USER(&t.bob)->here = true;
    USER(&t.bob)->slow = true; /* computes nothing */
    member_invite(&t.alice, "bob");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_INVITE_MS);
    user_expect(USER(&t.alice), "uninvited +exam bob (", NULL);
    USER(&t.bob)->slow = false;
    (void)user_work_end(USER(&t.bob));
}

/* While the founder is still calling: somebody who was on the list already, and somebody who was not. */
static void test_removing_takes_an_invitation_back(void **state)
{
    struct user *bob = USER(&t.bob);
    (void)state;
    member_found(&t.alice);
    for (int i = 0; i < 2; i++) {
        bob->slow = false;
        if (i == 1) {
            member_invite(&t.alice, "bob");
            members_run(&t);
        }
        member_restart(&t.bob);
        members_wait(&t, CALLS_EMPTY_MS);
        calls_leave_all(&USER(&t.alice)->calls, t.users.now);
        members_run(&t);
        uint32_t n = member_room(&t.alice)->list.n;
        bob->slow = true;
        member_invite(&t.alice, "bob");
        members_run(&t);
        member_remove(&t.alice, "bob");
        bob->slow = false;
        (void)user_work_end(bob);
        members_run(&t);
        members_wait(&t, SEALED_ROOMS_INVITE_MS);
        assert_int_equal(member_room(&t.alice)->list.count, 1);
        assert_int_equal(member_room(&t.alice)->list.n, n + (i == 1));
        assert_null(t.alice.rooms.invites);
        assert_int_equal(user_told(USER(&t.alice), "uninvited +exam bob ("), 0);
    }
    assert_int_equal(sealed_rooms_remove(&t.alice.rooms, t.users.now, member_room(&t.alice), "bob", why), -1);
}

/* Once more for whoever has lost it. */
static void test_an_invitation_is_given_again(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_restart(&t.bob);
    assert_null(sealed_rooms_find(&t.bob.rooms, MEMBERS_ROOM));
    members_forget(&t);
    member_invite(&t.alice, "bob");
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_ASKED);
    assert_int_equal(member_room(&t.alice)->list.n, 1);
}

/* alice's call with bob is of a program of his that was killed: what is given in it reaches nobody. */
static void test_an_invitation_into_a_call_that_is_over(void **state)
{
    (void)state;
    member_found(&t.alice);
    user_say(USER(&t.alice), "bob", "hello");
    members_run(&t);
    member_restart(&t.bob);
    members_forget(&t);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_ASKED);
    assert_null(t.alice.rooms.invites);
    assert_int_equal(user_told(USER(&t.alice), "uninvited +exam bob ("), 0);
}

/* And one whose acknowledgement never comes is told. */
static void test_an_invitation_that_may_not_have_arrived(void **state)
{
    (void)state;
    member_found(&t.alice);
    user_say(USER(&t.alice), "bob", "hello");
    members_run(&t);
    USER(&t.bob)->here = false;
    USER(&t.alice)->unanswered = true; /* a server that says nothing more */
    members_forget(&t);
    member_invite(&t.alice, "bob");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_INVITE_MS);
    user_expect(USER(&t.alice), "listed +exam 1: alice bob", "uninvited +exam bob (", NULL);
}

/* --- Changing the list -------------------------------------------------------------------------------------------- */

static void test_only_the_founder_changes_the_list(void **state)
{
    (void)state;
    struct sealed_room *r = member_room(&t.bob);
    assert_int_equal(sealed_rooms_invite(&t.bob.rooms, 0, r, "carol", why), -1);
    assert_int_equal(sealed_rooms_remove(&t.bob.rooms, 0, r, "carol", why), -1);
    assert_int_equal(sealed_rooms_close(&t.bob.rooms, 0, r, why), -1);
    r = member_room(&t.alice);
    assert_int_equal(sealed_rooms_remove(&t.alice.rooms, 0, r, "alice", why), -1);
    assert_int_equal(sealed_rooms_remove(&t.alice.rooms, 0, r, "dave", why), -1);
    assert_int_equal(sealed_rooms_leave(&t.alice.rooms, r, why), -1);
    assert_int_equal(r->list.n, 2);
}

static void test_who_is_removed_reads_nothing(void **state)
{
    (void)state;
    member_remove(&t.alice, "carol");
    members_run(&t);
    member_say(&t.alice, "without carol");
    members_run(&t);
    member_say(&t.bob, "indeed");
    members_run(&t);
    user_expect(USER(&t.carol), "listed +exam 3: alice bob", NULL);
    user_expect(USER(&t.bob), "listed +exam 3: alice bob", "line +exam alice: without carol", "said +exam: indeed",
                NULL);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_OUT);
    member_say(&t.carol, "and I?");
    user_expect(USER(&t.carol), "unsaid +exam: and I? (", NULL);
}

/* By a list that is not the newest when she is there again. */
static void test_who_is_away_while_it_is_removed(void **state)
{
    (void)state;
    USER(&t.carol)->here = false;
    member_restart(&t.carol);
    member_remove(&t.alice, "carol");
    members_run(&t);
    member_remove(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_IN);
    USER(&t.carol)->here = true;
    calls_call(&USER(&t.carol)->calls, t.users.now, "alice");
    members_run(&t);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_OUT);
    assert_int_equal(member_room(&t.carol)->list.n, 4);
    assert_int_equal(member_room(&t.alice)->others_len, 2);
    member_invite(&t.alice, "bob"); /* and after that of him alone one has to know */
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->others_len, 1);
}

/* It is nothing to them any more. */
static void test_closing_a_room_that_one_has_left(void **state)
{
    (void)state;
    struct sealed_room *r = member_room(&t.bob);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, r, why), 0);
    member_exit(&t.bob);
    members_run(&t);
    member_restart(&t.alice);
    member_restart(&t.bob);
    assert_int_equal(sealed_rooms_close(&t.alice.rooms, t.users.now, member_room(&t.alice), why), 0);
    user_say(USER(&t.alice), "bob", "it is over");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "text alice: it is over"), 1);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_CLOSED);
    assert_int_equal(user_told(USER(&t.bob), "listed +exam 4:"), 0);
}

static void test_closing(void **state)
{
    (void)state;
    assert_int_equal(sealed_rooms_close(&t.alice.rooms, t.users.now, member_room(&t.alice), why), 0);
    members_run(&t);
    user_expect(USER(&t.alice), "listed +exam 3:", NULL);
    user_expect(USER(&t.bob), "listed +exam 3:", NULL);
    user_expect(USER(&t.carol), "listed +exam 3:", NULL);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_CLOSED);
    member_found(&t.bob); /* the name is free again */
    assert_true(sealed_room_is_founder(member_room(&t.bob)));
}

/* --- Leaving ------------------------------------------------------------------------------------------------------ */

static void test_leaving(void **state)
{
    (void)state;
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    member_exit(&t.bob);
    members_run(&t);
    user_expect(USER(&t.alice), "listed +exam 3: alice carol", NULL);
    user_expect(USER(&t.carol), "listed +exam 3: alice carol", NULL);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_OUT);
    user_expect(USER(&t.bob), NULL); /* it is what he wanted, and nothing new to him */
    member_say(&t.alice, "he is gone");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: he is gone"), 1);
    member_invite(&t.alice, "bob"); /* is asked again */
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_ASKED);
}

/* The founder is not there when somebody leaves: it hears of it at the next call, whoever makes it. */
static void test_leaving_while_the_founder_is_away(void **state)
{
    (void)state;
    USER(&t.alice)->here = false;
    member_restart(&t.alice);
    member_restart(&t.bob);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.count, 3);
    USER(&t.alice)->here = true;
    member_enter(&t.alice);
    calls_call(&USER(&t.alice)->calls, t.users.now, "bob");
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.count, 2);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_OUT);
}

/* Nobody does anything: the founder is called until it knows. */
static void test_an_absent_founder_is_told(void **state)
{
    (void)state;
    USER(&t.alice)->here = false;
    member_restart(&t.alice);
    members_wait(&t, CALLS_EMPTY_MS);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    members_run(&t);
    USER(&t.alice)->here = true;
    members_wait(&t, SEALED_ROOMS_LEAVE_MS - 1);
    assert_int_equal(member_room(&t.alice)->list.count, 3);
    assert_int_equal(sealed_rooms_wait(&t.bob.rooms, t.users.now, INT64_MAX), 1);
    members_wait(&t, 1);
    assert_int_equal(member_room(&t.alice)->list.count, 2);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_OUT);
    assert_int_equal(sealed_rooms_wait(&t.bob.rooms, t.users.now, 2 * SEALED_ROOMS_LEAVE_MS),
                     2 * SEALED_ROOMS_LEAVE_MS);
}

/* It is told when one's program starts; and who has heard of it, and does nothing, is not called again. */
static void test_a_founder_is_told_once(void **state)
{
    (void)state;
    USER(&t.alice)->here = false;
    member_restart(&t.alice);
    member_pass_over(&t.alice);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    member_restart(&t.bob);
    members_run(&t);
    USER(&t.alice)->here = true;
    member_restart(&t.bob);
    members_run(&t);
    uint64_t begun = USER(&t.bob)->calls.begun;
    assert_int_equal(begun, 1);
    calls_leave_all(&USER(&t.bob)->calls, t.users.now);
    members_run(&t);
    members_wait(&t, 2 * SEALED_ROOMS_LEAVE_MS);
    assert_int_equal(USER(&t.bob)->calls.begun, begun);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_LEFT);
}

#define ROOMS(test) MEMBERS_TEST(test, &t)
#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_who_is_not_here_is_not_invited),
        ROOMS(test_removing_takes_an_invitation_back),
        ROOMS(test_an_invitation_is_given_again),
        ROOMS(test_an_invitation_into_a_call_that_is_over),
        ROOMS(test_an_invitation_that_may_not_have_arrived),
        MET(test_only_the_founder_changes_the_list),
        MET(test_who_is_removed_reads_nothing),
        MET(test_who_is_away_while_it_is_removed),
        MET(test_closing_a_room_that_one_has_left),
        MET(test_closing),
        MET(test_leaving),
        MET(test_leaving_while_the_founder_is_away),
        MET(test_an_absent_founder_is_told),
        MET(test_a_founder_is_told_once),
    };
    return RUN(tests);
}
