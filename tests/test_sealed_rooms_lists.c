/* SPDX-License-Identifier: MIT */
/* Which lists of a sealed room are taken: those of rooms that one is asked about, those that are withheld, those of two
 * histories; and those on disk, without which nobody is given any. */
#include "app/peer/sealed_rooms.h"

#include <sys/stat.h>

#include "tests/members.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- Rooms that one is asked about -------------------------------------------------------------------------------- */

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
        memset(t.bob.rooms.askers, 0, sizeof t.bob.rooms.askers); /* their pace: test_invitation_after_invitation */
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
        assert_null(sealed_rooms_find(&t.bob.rooms, name));
        members_wait(&t, SEALED_ROOMS_ASKING_MS);
    }
    assert_ptr_equal(t.bob.rooms.list, member_room(&t.bob));
    assert_null(t.bob.rooms.list->next);
}

/* --- Lists that differ -------------------------------------------------------------------------------------------- */

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

/* alice signs her next list twice: bob has the one, and carol the other. */
static void show_two_lists(void)
{
    static struct room_list one, other;
    struct sealed_room *r = member_room(&t.alice);
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fingerprint, user_identity("dave", CERTIFICATE_USER, "server")->key.n);
    assert_int_equal(sealed_room_next_list(&one, r, "dave", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng),
                     0);
    assert_int_equal(sealed_room_next_list(&other, r, "eve", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng),
                     0);
    sealed_room_take(member_room(&t.bob), &one, t.users.now);
    sealed_room_take(member_room(&t.carol), &other, t.users.now);
}

static void test_two_halves_are_shown_two_lists(void **state)
{
    (void)state;
    show_two_lists();
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
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    const struct room_list *one = &member_room(&t.bob)->list;
    (void)state;
    show_two_lists();
    memcpy(payload + 1, one->bytes, one->len);
    assert_true(sealed_rooms_given(&t.carol.rooms, calls_live(t.carol.rooms.calls, "bob"), payload, 1 + one->len));
    sealed_rooms_go_on(&t.carol.rooms, t.users.now);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_STOPPED);
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "stopped +exam"), 1);
    assert_false(member_room(&t.carol)->has_mine);
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

#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MET(test_invitations_are_bounded),
        MET(test_rooms_that_one_was_asked_about_are_forgotten),
        MET(test_a_removal_that_is_withheld_is_found_out),
        MET(test_two_halves_are_shown_two_lists),
        MET(test_who_finds_two_histories_shows_them),
        MET(test_rooms_are_known_again),
        MET(test_nobody_is_given_what_is_not_on_disk),
        MET(test_a_founder_killed_between_saving_and_giving),
    };
    return RUN(tests);
}
