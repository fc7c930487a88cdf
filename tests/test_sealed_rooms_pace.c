/* SPDX-License-Identifier: MIT */
/* At whose pace a user is asked about sealed rooms: nobody fills a screen by inviting and taking back, and no
 * invitation that stands is lost by it. */
#include "app/peer/sealed_rooms_impl.h"

#include <stdio.h>
#include <string.h>

#include "tests/members.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

static struct sealed_room *found_room(struct member *m, const char *name)
{
    if (sealed_rooms_found(&m->rooms, name, why) != 0)
        fail_msg("%s", why);
    struct sealed_room *r = sealed_rooms_find(&m->rooms, name);
    assert_non_null(r);
    return r;
}

/* How often bob was asked. */
static size_t askings(void)
{
    size_t n = 0;
    for (size_t i = 0; i < USER(&t.bob)->log_len; i++)
        n += strncmp(USER(&t.bob)->log[i], "asked ", strlen("asked ")) == 0;
    return n;
}

static void invite_and_take_back(struct sealed_room *r)
{
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r, "bob", why), 0);
    members_run(&t);
    assert_int_equal(sealed_rooms_remove(&t.carol.rooms, t.users.now, r, "bob", why), 0);
    members_run(&t);
}

/* Also about few rooms, some of which bob has declined: so many are shown as they come, and the rest at a pace. What
 * waits is little, however much is given, and the last of it is what counts: an invitation that stands arrives. */
static void test_invitation_after_invitation(void **state)
{
    struct sealed_room *r[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        char name[] = {'+', 'r', (char)('a' + i), '\0'};
        r[i] = found_room(&t.carol, name);
        assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r[i], "bob", why), 0);
        members_run(&t);
        struct sealed_room *asked = sealed_rooms_find_asked(&t.bob.rooms, name, "carol");
        assert_non_null(asked);
        if (i > 0) { /* it is on bob's disk from now on */
            assert_int_equal(sealed_rooms_leave(&t.bob.rooms, asked, why), 0);
            members_run(&t);
        } else {
            assert_int_equal(sealed_rooms_remove(&t.carol.rooms, t.users.now, r[i], "bob", why), 0);
            members_run(&t);
        }
    }
    for (int i = 0; i < 30; i++)
        invite_and_take_back(r[i % 3]);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS);
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r[0], "bob", why), 0);
    members_run(&t);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS);
    assert_int_equal(sealed_rooms_wait(&t.bob.rooms, t.users.now, INT64_MAX), SEALED_ROOMS_ASKING_MS);
    members_wait(&t, SEALED_ROOMS_ASKING_MS);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS + 1);
    assert_non_null(sealed_rooms_find_asked(&t.bob.rooms, "+ra", "carol"));
    assert_true(sealed_rooms_wait(&t.bob.rooms, t.users.now, INT64_MAX) > SEALED_ROOMS_ASKING_MS); /* nothing waits */
}

/* As what came in a call since the last turn. */
static void hand_in(const struct room_list *l, const struct call *call)
{
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    memcpy(payload + 1, l->bytes, l->len);
    assert_true(sealed_rooms_given(&t.bob.rooms, call, payload, 1 + l->len));
}

static size_t inbox_len(void)
{
    size_t n = 0;
    for (const struct sealed_rooms_given *g = t.bob.rooms.inbox; g != NULL; g = g->next)
        n++;
    return n;
}

/* All of it comes in one turn, and each room is another one; somebody else's invitation comes behind it. */
static void test_invitations_in_one_turn(void **state)
{
    char name[NAME_MAX_LEN + 1];
    static struct room_list l;
    (void)state;
    user_say(USER(&t.carol), "bob", "hello");
    members_run(&t);
    const struct call *call = calls_live(&USER(&t.bob)->calls, "carol");
    for (int i = 0; i < 4 * SEALED_ROOMS_ASKINGS; i++) {
        snprintf(name, sizeof name, "+room%d", i);
        struct sealed_room *r = sealed_room_found(name, "carol", USER(&t.carol)->identity, &t.carol.rooms.rng);
        for (int j = 0; j < 2; j++) { /* with bob; without */
            assert_int_equal(sealed_room_next_list(&l, r, "bob", j == 0 ? t.bob.rooms.own : NULL,
                                                   USER(&t.carol)->identity, &t.carol.rooms.rng),
                             0);
            sealed_room_take(r, &l, t.users.now);
            hand_in(&l, call);
        }
        sealed_room_free(r);
    }
    sealed_rooms_go_on(&t.bob.rooms, t.users.now);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS);
    assert_int_equal(members_count_rooms(&t.bob.rooms), 0);
    assert_int_equal(inbox_len(), 2);
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "asked +exam by alice"), 1);
}

/* Of an invitation that stands, and waits. */
static void test_the_key_behind_an_invitation_that_waits(void **state)
{
    (void)state;
    member_found(&t.carol);
    struct sealed_room *r = member_room(&t.carol);
    for (int i = 0; i < SEALED_ROOMS_ASKINGS; i++)
        invite_and_take_back(r);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS);
    member_invite(&t.carol, "bob");
    members_run(&t);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS);
    members_wait(&t, SEALED_ROOMS_ASKING_MS);
    assert_int_equal(askings(), SEALED_ROOMS_ASKINGS + 1);
    member_accept(&t.bob);
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    member_say(&t.carol, "welcome");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    members_wait(&t, SEALED_ROOM_BEFORE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam carol: welcome"), 1);
}

/* The same where bob was in the room before. */
static void test_the_key_behind_an_invitation_to_a_room_that_is_out(void **state)
{
    (void)state;
    member_found(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    member_remove(&t.carol, "bob");
    members_run(&t);
    struct sealed_room *b = found_room(&t.carol, "+rb");
    for (int i = 0; i < 8; i++)
        invite_and_take_back(b);
    size_t n = askings();
    member_invite(&t.carol, "bob");
    members_run(&t);
    assert_int_equal(askings(), n);
    members_wait(&t, 2 * SEALED_ROOMS_ASKING_MS);
    members_wait(&t, 2 * SEALED_ROOMS_ASKING_MS);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_ASKED);
    member_accept(&t.bob);
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    member_say(&t.carol, "welcome back");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    members_wait(&t, SEALED_ROOM_BEFORE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam carol: welcome back"), 1);
}

/* Newer lists of the one push the other not out. */
static void test_two_invitations_wait(void **state)
{
    (void)state;
    struct sealed_room *a = found_room(&t.carol, "+ra"), *b = found_room(&t.carol, "+rb");
    for (int i = 0; i < SEALED_ROOMS_ASKINGS; i++)
        invite_and_take_back(a);
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, b, "bob", why), 0);
    members_run(&t);
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, a, "bob", why), 0);
    members_run(&t);
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, a, "alice", why), 0);
    members_run(&t);
    for (int i = 0; i < 4; i++)
        members_wait(&t, SEALED_ROOMS_ASKING_MS);
    assert_non_null(sealed_rooms_find_asked(&t.bob.rooms, "+ra", "carol"));
    assert_non_null(sealed_rooms_find_asked(&t.bob.rooms, "+rb", "carol"));
}

/* bob is in another room of the name; carol adds others to hers. */
static void test_a_name_that_is_taken_is_told_once(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    member_found(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    for (int i = 0; i < 8; i++)
        member_sign_another(&t.carol);
    assert_int_equal(user_told(USER(&t.bob), "name taken +exam by carol"), 1);
    struct sealed_room *b = found_room(&t.carol, "+lab");
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, b, "bob", why), 0);
    members_run(&t);
    member_sign_another(&t.carol);
    member_sign_another(&t.carol);
    for (int i = 0; i < 4; i++)
        members_wait(&t, SEALED_ROOMS_ASKING_MS);
    assert_int_equal(user_told(USER(&t.bob), "asked +lab by carol"), 1);
}

/* They take turns. */
static void test_more_accounts_than_places(void **state)
{
    static struct room_list l;
    static struct call calls[SEALED_ROOMS_ASKERS_MAX + 1];
    char name[NAME_MAX_LEN + 1];
    (void)state;
    size_t n = SEALED_ROOMS_ASKERS_MAX + 1;
    for (int round = 0; round < 2 * SEALED_ROOMS_ASKINGS; round++)
        for (size_t i = 0; i < n; i++) {
            struct call *call = &calls[i];
            char who[NAME_MAX_LEN + 1];
            snprintf(who, sizeof who, "eve%zu", i);
            const struct identity *id = user_identity(who, CERTIFICATE_USER, "alice");
            memcpy(call->peer, who, sizeof who);
            memcpy(call->certificate, id->certificate, id->certificate_len);
            call->certificate_len = id->certificate_len;
            certificate_fingerprint(call->fingerprint, id->key.n);
            snprintf(name, sizeof name, "+r%zux%d", i, round);
            struct sealed_room *r = sealed_room_found(name, who, id, &t.carol.rooms.rng);
            for (int j = 0; j < 2; j++) {
                assert_int_equal(
                    sealed_room_next_list(&l, r, "bob", j == 0 ? t.bob.rooms.own : NULL, id, &t.carol.rooms.rng), 0);
                sealed_room_take(r, &l, t.users.now);
                hand_in(&l, call);
            }
            sealed_room_free(r);
            sealed_rooms_go_on(&t.bob.rooms, t.users.now);
        }
    assert_true(askings() <= n * SEALED_ROOMS_ASKINGS);
}

/* alice is in league with carol. */
static void test_a_list_that_nobody_signed_hurries_no_invitation(void **state)
{
    static struct room_list l;
    (void)state;
    user_say(USER(&t.carol), "bob", "hello");
    user_say(USER(&t.alice), "bob", "hello");
    members_run(&t);
    const struct call *call = calls_live(&USER(&t.bob)->calls, "carol"),
                      *other = calls_live(&USER(&t.bob)->calls, "alice");
    member_found(&t.carol);
    struct sealed_room *r = member_room(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    members_run(&t);
    members_wait(&t, 60000);
    members_wait(&t, 60000);
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_OUT);
    call = calls_live(&USER(&t.bob)->calls, "carol");
    other = calls_live(&USER(&t.bob)->calls, "alice");
    assert_non_null(call);
    assert_non_null(other);
    size_t before = askings();
    for (int i = 0; i < 14; i++) {
        for (int j = 0; j < 2; j++) {
            assert_int_equal(sealed_room_next_list(&l, r, "bob", j == 0 ? t.bob.rooms.own : NULL,
                                                   USER(&t.carol)->identity, &t.carol.rooms.rng),
                             0);
            sealed_room_take(r, &l, t.users.now);
            hand_in(&l, call);
            sealed_rooms_go_on(&t.bob.rooms, t.users.now);
            if (j == 0) {
                struct room_list bad = l;
                bad.n++;
                memset(bad.before, 7, sizeof bad.before);
                assert_int_equal(room_list_sign(&bad, &USER(&t.alice)->identity->key, &t.alice.rooms.rng), 0);
                hand_in(&bad, other);
                sealed_rooms_go_on(&t.bob.rooms, t.users.now);
            }
        }
    }
    assert_true(askings() - before <= SEALED_ROOMS_ASKINGS);
}

#define ROOMS(test) MEMBERS_TEST(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_invitation_after_invitation),
        ROOMS(test_invitations_in_one_turn),
        ROOMS(test_the_key_behind_an_invitation_that_waits),
        ROOMS(test_the_key_behind_an_invitation_to_a_room_that_is_out),
        ROOMS(test_two_invitations_wait),
        ROOMS(test_a_name_that_is_taken_is_told_once),
        ROOMS(test_more_accounts_than_places),
        ROOMS(test_a_list_that_nobody_signed_hurries_no_invitation),
    };
    return RUN(tests);
}
