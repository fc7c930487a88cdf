/* SPDX-License-Identifier: MIT */
/* Sealed rooms at their limits: a list that is full, two rooms with the same member, invitations that come and go. */
#include "app/peer/sealed_rooms.h"

#include "tests/members.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

static int begin(void **state)
{
    assert_int_equal(scratch_make(state), 0);
    members_begin(&t, scratch_path(state));
    return 0;
}

static int end(void **state)
{
    members_end(&t);
    return scratch_remove(state);
}

#define USER(member) ((member)->user)

/* --- A full list -------------------------------------------------------------------------------------------------- */

/* So many that nobody has met are on it as well. */
static void fill_list(struct member *m, size_t count)
{
    static struct room_list l;
    struct sealed_room *r = member_room(m);
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {1};
    char name[NAME_MAX_LEN + 1];
    while (r->list.count < count) {
        snprintf(name, sizeof name, "x%zu", r->list.count);
        assert_int_equal(sealed_room_next_list(&l, r, name, fingerprint, USER(m)->identity, &m->rooms.rng), 0);
        sealed_room_take(r, &l, t.users.now);
    }
}

static void test_two_are_invited_to_the_last_place(void **state)
{
    (void)state;
    member_found(&t.alice);
    fill_list(&t.alice, ROOM_LIST_MEMBERS_MAX - 1);
    member_invite(&t.alice, "bob");
    member_invite(&t.alice, "carol");
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.count, ROOM_LIST_MEMBERS_MAX);
    assert_int_equal(
        user_told(USER(&t.alice), "uninvited +exam bob (") + user_told(USER(&t.alice), "uninvited +exam carol ("), 1);
    assert_int_equal(sealed_rooms_invite(&t.alice.rooms, t.users.now, member_room(&t.alice), "dave", why), -1);
}

/* Somebody who is on a full list has another key now, which takes the place of the one before. */
static void test_another_key_on_a_full_list(void **state)
{
    static struct room_list l;
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {1};
    (void)state;
    member_found(&t.alice);
    struct sealed_room *r = member_room(&t.alice);
    assert_int_equal(sealed_room_next_list(&l, r, "bob", fingerprint, USER(&t.alice)->identity, &t.alice.rooms.rng), 0);
    sealed_room_take(r, &l, t.users.now);
    fill_list(&t.alice, ROOM_LIST_MEMBERS_MAX);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(r->list.count, ROOM_LIST_MEMBERS_MAX);
    assert_int_equal(user_told(USER(&t.bob), "asked +exam by alice"), 1);
}

static void test_nobody_invites_oneself(void **state)
{
    (void)state;
    member_found(&t.alice);
    assert_int_equal(sealed_rooms_invite(&t.alice.rooms, t.users.now, member_room(&t.alice), "alice", why), -1);
}

#define ROOMS(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_two_are_invited_to_the_last_place),
        ROOMS(test_another_key_on_a_full_list),
        ROOMS(test_nobody_invites_oneself),
    };
    return RUN(tests);
}
