/* SPDX-License-Identifier: MIT */
/* Sealed rooms of three users, inside real calls, over a server that can do what it likes: who is given what and when,
 * what is said to whom, and what each of them hears of it. */
#include "app/peer/sealed_rooms.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/members.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- Founding and inviting ---------------------------------------------------------------------------------------- */

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

static size_t asked_of_bob(void)
{
    size_t asked = 0;
    for (struct sealed_room *r = t.bob.rooms.list; r != NULL; r = r->next)
        asked += r->state == SEALED_ROOM_ASKED;
    return asked;
}

/* Carol signs lists of rooms of her own; bob is asked about so many of them, and no more. What he was asked about
 * counts as another's each time then: so many of all founders. */
static void test_invitations_are_bounded(void **state)
{
    char name[NAME_MAX_LEN + 1];
    (void)state;
    for (size_t i = 0; i < 3 * SEALED_ROOMS_ASKED_MAX; i++) {
        snprintf(name, sizeof name, "+room%zu", i);
        assert_int_equal(sealed_rooms_found(&t.carol.rooms, name, why), 0);
        struct sealed_room *r = sealed_rooms_find(&t.carol.rooms, name);
        assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r, "bob", why), 0);
        members_run(&t);
        size_t others = i < SEALED_ROOMS_ASKED_MAX ? 0 : i + 1 - SEALED_ROOMS_ASKED_MAX; /* that count as another's */
        size_t most = SEALED_ROOMS_ASKED_OF_ONE + others;
        assert_int_equal(asked_of_bob(), i == 0 ? 1 : most < SEALED_ROOMS_ASKED_MAX ? most : SEALED_ROOMS_ASKED_MAX);
        for (r = t.bob.rooms.list; r != NULL && i + 1 >= SEALED_ROOMS_ASKED_MAX; r = r->next)
            if (r->state == SEALED_ROOM_ASKED)
                memcpy(r->founder, "somebody", sizeof "somebody");
    }
    assert_int_equal(asked_of_bob(), SEALED_ROOMS_ASKED_MAX);
}

/* Somebody invites bob to one room after the other, and closes each. */
static void test_rooms_that_one_was_asked_about_are_forgotten(void **state)
{
    char name[NAME_MAX_LEN + 1];
    (void)state;
    for (int i = 0; i < 3 * SEALED_ROOMS_ASKED_MAX; i++) {
        snprintf(name, sizeof name, "+room%d", i);
        assert_int_equal(sealed_rooms_found(&t.carol.rooms, name, why), 0);
        struct sealed_room *r = sealed_rooms_find(&t.carol.rooms, name);
        assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r, "bob", why), 0);
        members_run(&t);
        assert_non_null(sealed_rooms_find(&t.bob.rooms, name));
        assert_int_equal(sealed_rooms_close(&t.carol.rooms, t.users.now, r, why), 0);
        members_run(&t);
        members_wait(&t, SEALED_ROOMS_OVER_MS);
        assert_null(sealed_rooms_find(&t.bob.rooms, name));
    }
    assert_ptr_equal(t.bob.rooms.list, member_room(&t.bob));
    assert_null(t.bob.rooms.list->next);
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

/* --- Changes of the list ------------------------------------------------------------------------------------------ */

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

/* The server keeps the removal from bob: he goes on sealing to carol until the first line under the new list comes, or
 * rather, he can't open that, and says so; what carol is sealed meanwhile is what was sealed to the list he knows. */
static void test_a_removal_that_is_withheld_is_found_out(void **state)
{
    (void)state;
    member_withhold(&t.bob);
    member_remove(&t.alice, "carol");
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->list.n, 2);
    member_say(&t.alice, "without carol");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: without carol"), 0);
    members_wait(&t, SEALED_ROOM_BEFORE_MS);
    assert_int_equal(user_told(USER(&t.bob), "unopened +exam alice"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: without carol"), 0);
    t.users.meddle = NULL;
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

static void test_two_halves_are_shown_two_lists(void **state)
{
    static struct room_list one, other;
    struct sealed_room *r = member_room(&t.alice);
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    (void)state;
    certificate_fingerprint(fingerprint, user_identity("dave", CERTIFICATE_USER, "server")->key.n);
    assert_int_equal(sealed_room_next_list(&one, r, "dave", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng),
                     0);
    assert_int_equal(sealed_room_next_list(&other, r, "eve", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng),
                     0);
    sealed_room_take(member_room(&t.bob), &one, t.users.now);
    sealed_room_take(member_room(&t.carol), &other, t.users.now);
    members_run(&t); /* they give them to each other */
    assert_int_equal(user_told(USER(&t.bob), "stopped +exam") + user_told(USER(&t.carol), "stopped +exam"), 2);
    member_say(&t.bob, "hello?");
    assert_int_equal(user_told(USER(&t.bob), "unsaid +exam: hello? ("), 1);
    member_restart(&t.bob);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_STOPPED);
}

/* Carol gets bob's list before she has given him hers. */
static void test_who_finds_two_histories_shows_them(void **state)
{
    static struct room_list one, other;
    static uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    struct sealed_room *r = member_room(&t.alice);
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    (void)state;
    certificate_fingerprint(fingerprint, user_identity("dave", CERTIFICATE_USER, "server")->key.n);
    assert_int_equal(sealed_room_next_list(&one, r, "dave", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng),
                     0);
    assert_int_equal(sealed_room_next_list(&other, r, "eve", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng),
                     0);
    sealed_room_take(member_room(&t.bob), &one, t.users.now);
    sealed_room_take(member_room(&t.carol), &other, t.users.now);
    memcpy(payload + 1, one.bytes, one.len);
    assert_true(sealed_rooms_given(&t.carol.rooms, calls_live(t.carol.rooms.calls, "bob"), payload, 1 + one.len));
    sealed_rooms_go_on(&t.carol.rooms, t.users.now);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_STOPPED);
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "stopped +exam"), 1);
    assert_false(member_room(&t.carol)->has_mine);
}

static void test_somebody_added_while_a_line_waits(void **state)
{
    (void)state;
    member_remove(&t.alice, "carol");
    members_run(&t);
    members_forget(&t);
    t.bob.full = true; /* his lines wait */
    member_say(&t.bob, "carol is a fool");
    members_run(&t);
    member_invite(&t.alice, "carol");
    members_run(&t);
    t.bob.full = false;
    members_run(&t);
    user_expect(USER(&t.bob), "listed +exam 4: alice bob carol", "unsaid +exam: carol is a fool (", NULL);
}

static void test_somebody_removed_while_a_line_waits(void **state)
{
    (void)state;
    t.bob.full = true;
    member_say(&t.bob, "to whoever is left");
    members_run(&t);
    member_remove(&t.alice, "carol");
    members_run(&t);
    t.bob.full = false;
    members_run(&t);
    assert_int_equal(user_told(USER(&t.alice), "line +exam bob: to whoever is left"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam bob: to whoever is left"), 0);
}

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

/* --- On disk ------------------------------------------------------------------------------------------------------ */

static void test_rooms_are_known_again(void **state)
{
    (void)state;
    for (size_t i = 0; t.each[i] != NULL; i++)
        member_restart(t.each[i]);
    members_run(&t);
    for (size_t i = 0; t.each[i] != NULL; i++) {
        assert_int_equal(member_room(t.each[i])->state, SEALED_ROOM_IN);
        member_enter(t.each[i]);
    }
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.alice, "good morning");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: good morning"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: good morning"), 1);
}

static void test_nobody_is_given_what_is_not_on_disk(void **state)
{
    char folder[300];
    (void)state;
    snprintf(folder, sizeof folder, "%s/" ROOMS_FILE_FOLDER, USER(&t.alice)->home);
    assert_int_equal(chmod(folder, 0770), 0); /* others can write to it: refused */
    assert_int_equal(sealed_rooms_remove(&t.alice.rooms, t.users.now, member_room(&t.alice), "carol", why), -1);
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.n, 2);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_IN);
    assert_int_equal(chmod(folder, 0700), 0);
    snprintf(folder, sizeof folder, "%s/" ROOMS_FILE_FOLDER, USER(&t.bob)->home);
    assert_int_equal(chmod(folder, 0770), 0);
    member_remove(&t.alice, "carol");
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->list.n, 2); /* not taken, and told */
    assert_int_equal(user_told(USER(&t.bob), "complain ("), 1);
    assert_int_equal(chmod(folder, 0700), 0);
}

/* A founder that is killed between writing and giving goes on with what was written. */
static void test_a_founder_killed_between_saving_and_giving(void **state)
{
    (void)state;
    member_withhold(&t.bob);
    member_remove(&t.alice, "carol"); /* given to nobody yet */
    member_restart(&t.alice);
    t.users.meddle = NULL;
    assert_int_equal(member_room(&t.alice)->list.n, 3);
    member_enter(&t.alice);
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.alice, "without carol");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: without carol"), 1);
    assert_int_equal(user_told(USER(&t.bob), "stopped +exam"), 0);
    assert_int_equal(member_room(&t.bob)->list.n, 3);
}

/* --- Receipts ----------------------------------------------------------------------------------------------------- */

static void test_what_was_said_is_saved(void **state)
{
    static struct transcript read;
    char path[400];
    size_t len;
    member_say(&t.alice, "one");
    members_run(&t);
    member_say(&t.bob, "two");
    members_run(&t);
    member_remove(&t.alice, "carol");
    members_run(&t);
    member_say(&t.alice, "three");
    members_run(&t);
    snprintf(path, sizeof path, "%s/receipts", scratch_path(state));
    assert_int_equal(sealed_rooms_save(member_room(&t.bob), path, why), 0);
    char *text = scratch_read(state, "receipts", &len);
    assert_int_equal(transcript_verify(&read, text, len, why), 0);
    assert_int_equal(read.count, 3);
    assert_int_equal(read.list_count, 2);
    assert_string_equal(transcript_at(&read, 0)->certificate->name, "alice");
    assert_string_equal(transcript_at(&read, 1)->certificate->name, "bob");
    transcript_free(&read);
    free(text);
    assert_int_equal(sealed_rooms_save(member_room(&t.bob), path, why), -1); /* is there already */
}

/* --- Who is there, and who is not --------------------------------------------------------------------------------- */

static void test_somebody_who_is_not_there(void **state)
{
    (void)state;
    member_restart(&t.carol); /* and is in no room */
    USER(&t.carol)->here = false;
    member_say(&t.alice, "one");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    member_say(&t.alice, "two");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 1);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: two"), 1);
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: carol"), 1);
    USER(&t.carol)->here = true;
    member_enter(&t.carol);
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.alice, "three");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: three"), 1);
}

/* The server tells of somebody's coming later than they come. */
static void test_who_has_just_come_is_not_left_out(void **state)
{
    struct sealed_room *r = member_room(&t.alice);
    (void)state;
    for (size_t i = 0; i < r->others_len; i++)
        r->others[i].here = r->others[i].was_here = false;
    member_say(&t.alice, "one");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: "), 0);
    members_wait(&t, CALL_CONFIRM_MS);
    member_say(&t.alice, "two");
    members_run(&t);
    user_expect(USER(&t.alice), "said +exam: one", "left out +exam: bob carol", "said +exam: two", NULL);
}

static bool may_carol_read(void)
{
    const struct sealed_room *r = member_room(&t.alice);
    return sealed_rooms_may_read(&t.alice.rooms, r, room_list_find(&r->list, "carol"), t.users.now);
}

/* Her program is gone, or she is kept from acknowledging a key, and the server goes on saying that she is there. */
static void test_who_never_acknowledges(void **state)
{
    (void)state;
    member_cut_off(&t.carol);
    member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES; /* the next line has another key */
    member_say(&t.alice, "one");
    members_run(&t);
    members_wait(&t, CALL_CONFIRM_MS - 1);
    assert_true(may_carol_read());
    user_expect(USER(&t.alice), "said +exam: one", NULL);
    members_wait(&t, 1);
    assert_false(may_carol_read());
    user_expect(USER(&t.alice), "left out +exam: carol", NULL);
    members_wait(&t, CALL_CONFIRM_MS);
    assert_false(may_carol_read());
    t.users.meddle = NULL;
    member_say(&t.alice, "two");
    members_run(&t);
    members_wait(&t, 2 * CALL_CONFIRM_MS);
    member_say(&t.alice, "three");
    members_run(&t);
    members_wait(&t, 2 * CALL_CONFIRM_MS);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: three"), 1);
    assert_true(may_carol_read());
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: "), 1);
}

/* Whoever is there and never answers keeps a line for its time, once; and the lines after it not at all. */
static void test_a_member_who_stalls(void **state)
{
    (void)state;
    member_restart(&t.alice);
    member_restart(&t.carol);
    USER(&t.carol)->slow = true;
    t.carol.in = true;
    member_enter(&t.alice); /* and calls both */
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.alice, "one");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 0);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 1);
    member_say(&t.alice, "two");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: two"), 1);
    USER(&t.carol)->slow = false;
    (void)user_work_end(USER(&t.carol));
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

/* Bob believes a new key of alice's: what comes under the one before is not shown any more. */
static void test_a_key_that_is_not_believed_any_more(void **state)
{
    struct peers *p = &USER(&t.bob)->peers;
    (void)state;
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, "alice") == 0)
            p->list[i].fingerprint[0] ^= 1;
    member_say(&t.alice, "hello");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: hello"), 0);
    assert_int_equal(user_told(USER(&t.bob), "unopened +exam alice"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: hello"), 1);
}

/* --- What the server does ----------------------------------------------------------------------------------------- */

static void test_lines_withheld_and_out_of_order(void **state)
{
    (void)state;
    struct users_frame *stolen = member_steal(&t.alice, "one");
    member_say(&t.alice, "two");
    members_run(&t);
    users_relay(&t.users, stolen); /* later than it was said */
    users_relay(&t.users, stolen);
    user_expect(USER(&t.bob), "line +exam alice: two", "unopened +exam alice", NULL);
    member_say(&t.alice, "three");
    members_run(&t);
    user_expect(USER(&t.bob), "line +exam alice: three", NULL);
    users_free_frame(stolen);
}

/* It withholds alice's line from carol alone: bob's next one, which has seen it, is marked there. */
static void test_a_line_withheld_from_one(void **state)
{
    (void)state;
    member_say(&t.bob, "first");
    members_run(&t);
    t.carol.deaf = true;
    member_say(&t.alice, "carol is not to know");
    members_run(&t);
    t.carol.deaf = false;
    members_forget(&t);
    member_say(&t.bob, "she should");
    members_run(&t);
    user_expect(USER(&t.carol), "line +exam bob: she should (marks 8)", NULL);
    user_expect(USER(&t.alice), "line +exam bob: she should", NULL);
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

static void flip_each(const struct users_frame *f)
{
    uint8_t *bytes = malloc(f->len);
    assert_non_null(bytes);
    for (size_t i = 0; i < f->len; i++) {
        struct message m = {.type = MESSAGE_SEALED, .sealed = {.room = MEMBERS_ROOM, .sender = "alice"}};
        memcpy(bytes, f->frame, f->len);
        bytes[i] ^= (uint8_t)(1u << (i % 8));
        m.sealed.sealed = (struct message_bytes){bytes, f->len};
        sealed_rooms_sealed(&t.bob.rooms, t.users.now, &m);
    }
    free(bytes);
}

static void test_each_byte_of_a_message(void **state)
{
    (void)state;
    struct users_frame *stolen = member_steal(&t.alice, "hello");
    members_forget(&t);
    flip_each(stolen);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: hello"), 0);
    members_wait(&t, SEALED_ROOM_BEFORE_MS); /* what was held is given up */
    members_forget(&t);
    users_relay(&t.users, stolen);
    user_expect(USER(&t.bob), "line +exam alice: hello", NULL); /* nothing was lost by it */
    users_free_frame(stolen);
}

#define ROOMS(test) MEMBERS_TEST(test, &t)
#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_a_room_is_founded_and_talked_in),
        ROOMS(test_who_comes_later_reads_nothing_earlier),
        ROOMS(test_keys_that_come_before_the_answer),
        ROOMS(test_who_is_not_here_is_not_invited),
        ROOMS(test_an_invitation_is_given_again),
        ROOMS(test_an_invitation_into_a_call_that_is_over),
        ROOMS(test_an_invitation_that_may_not_have_arrived),
        MET(test_a_name_is_free_again),
        ROOMS(test_keys_that_were_passed_over),
        ROOMS(test_who_accepts_at_once_makes_no_other_call),
        MET(test_only_the_founder_changes_the_list),
        MET(test_invitations_are_bounded),
        MET(test_rooms_that_one_was_asked_about_are_forgotten),
        ROOMS(test_rooms_of_one_name),
        ROOMS(test_a_second_room_of_a_name),
        MET(test_who_is_removed_reads_nothing),
        MET(test_a_removal_that_is_withheld_is_found_out),
        MET(test_who_is_away_while_it_is_removed),
        MET(test_who_is_behind_is_given_the_newest),
        MET(test_two_halves_are_shown_two_lists),
        MET(test_who_finds_two_histories_shows_them),
        MET(test_somebody_added_while_a_line_waits),
        MET(test_somebody_removed_while_a_line_waits),
        MET(test_leaving),
        MET(test_leaving_while_the_founder_is_away),
        MET(test_an_absent_founder_is_told),
        MET(test_a_founder_is_told_once),
        MET(test_closing),
        MET(test_rooms_are_known_again),
        MET(test_nobody_is_given_what_is_not_on_disk),
        MET(test_a_founder_killed_between_saving_and_giving),
        MET(test_what_was_said_is_saved),
        MET(test_somebody_who_is_not_there),
        MET(test_who_has_just_come_is_not_left_out),
        MET(test_who_never_acknowledges),
        MET(test_a_member_who_stalls),
        MET(test_a_key_that_is_used_up),
        MET(test_a_key_that_is_not_believed_any_more),
        MET(test_lines_withheld_and_out_of_order),
        MET(test_a_line_withheld_from_one),
        MET(test_somebody_whom_the_server_adds),
        MET(test_each_byte_of_a_message),
    };
    return RUN(tests);
}
