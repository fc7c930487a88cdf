/* SPDX-License-Identifier: MIT */
/* Servers, members and founders of ill will, each with a plan of several steps: one that gives a call the number of the
 * one before it; invitations that are refused; a key id that is used again; a founder who signs list after list, or two
 * histories; members who were removed, and have kept older lists. */
#include <sys/stat.h>
#include <unistd.h>

#include "app/peer/sealed_rooms_impl.h"
#include "tests/members.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- A call's number is the server's to choose -------------------------------------------------------------------- */

static uint8_t first_id[MESSAGE_CALL_LEN], second_id[MESSAGE_CALL_LEN];
static bool has_second;

static bool between_alice_and_bob(const struct users_frame *f)
{
    return !f->sealed && f->to != NULL &&
           ((f->from == USER(&t.alice) && f->to == USER(&t.bob)) ||
            (f->from == USER(&t.bob) && f->to == USER(&t.alice)));
}

static bool keep_all_between(struct users *u, struct users_frame *f)
{
    (void)u;
    return !between_alice_and_bob(f);
}

/* Bob's new call has the number of the one before, for alice. */
static bool rename_call(struct users *u, struct users_frame *f)
{
    (void)u;
    if (!between_alice_and_bob(f))
        return true;
    if (f->from == USER(&t.alice)) {
        if (memcmp(f->call, first_id, sizeof first_id) == 0 && has_second)
            memcpy(f->call, second_id, sizeof second_id);
        return true;
    }
    if (f->len > 0 && f->frame[0] == FRAME_CLIENT_HELLO && !has_second) {
        memcpy(second_id, f->call, sizeof second_id);
        has_second = true;
    }
    if (has_second && memcmp(f->call, second_id, sizeof second_id) == 0)
        memcpy(f->call, first_id, sizeof first_id);
    return true;
}

static void test_a_call_of_the_number_of_the_one_before(void **state)
{
    (void)state;
    member_say(&t.alice, "all of us");
    members_run(&t);
    member_pass_over(&t.carol); /* she is of ill will, and takes no list without her */
    memcpy(first_id, user_open_call(USER(&t.alice), "bob")->id, sizeof first_id);
    has_second = false;
    t.users.meddle = keep_all_between;
    member_remove(&t.alice, "carol");
    members_run(&t);
    assert_int_equal(member_room(&t.bob)->list.n, 2);
    user_relayed(USER(&t.alice), "bob", first_id, NULL, 0);
    user_relayed(USER(&t.bob), "alice", first_id, NULL, 0);
    t.users.meddle = rename_call;
    members_wait(&t, 2 * SEALED_ROOMS_CALL_MS);
    member_say(&t.bob, "secret one"); /* calls alice */
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_true(has_second);
    user_say(USER(&t.bob), "alice", "are we talking?");
    members_run(&t);
    for (int i = 0; i < 20; i++)
        members_wait(&t, 5000);
    members_forget(&t);
    member_say(&t.alice, "without carol");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    member_say(&t.bob, "secret two");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    t.users.meddle = NULL;
    assert_int_equal(member_room(&t.bob)->list.n, 3);
    assert_int_equal(user_told(USER(&t.carol), "line +exam bob: secret two"), 0);
}

/* --- A name that is taken for ever -------------------------------------------------------------------------------- */

static void test_a_refused_invitation_takes_no_name(void **state)
{
    (void)state;
    member_found(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    member_pass_over(&t.carol); /* a founder who signs no list without bob */
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    members_run(&t);
    member_restart(&t.bob);
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "asked +exam by alice"), 1);
    assert_int_equal(sealed_rooms_found(&t.bob.rooms, MEMBERS_ROOM, why), 0);
}

static void test_refused_invitations_fill_no_file(void **state)
{
    char name[NAME_MAX_LEN + 1], path[400];
    (void)state;
    snprintf(path, sizeof path, "%s/rooms/carol@chat.example:7447", USER(&t.carol)->home);
    member_pass_over(&t.carol);
    for (int i = 0; i < 66; i++) {
        snprintf(name, sizeof name, "+room%d", i);
        if (sealed_rooms_found(&t.carol.rooms, name, why) != 0)
            fail_msg("carol: %s", why);
        assert_int_equal(unlink(path), 0); /* hers is not what fills */
        struct sealed_room *r = sealed_rooms_find(&t.carol.rooms, name);
        assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r, "bob", why), 0);
        members_run(&t);
        r = sealed_rooms_find(&t.bob.rooms, name);
        if (r == NULL || sealed_rooms_leave(&t.bob.rooms, r, why) != 0)
            fail_msg("round %d: %s", i, r == NULL ? "not asked" : why);
        members_run(&t);
        members_wait(&t, SEALED_ROOMS_ASKING_MS);
    }
    if (sealed_rooms_found(&t.bob.rooms, MEMBERS_ROOM, why) != 0)
        fail_msg("bob: %s", why);
}

/* --- A line that is shown, and is in no receipts ------------------------------------------------------------------ */

static void test_a_line_that_is_shown_is_kept(void **state)
{
    uint8_t id[SENDER_KEY_ID_LEN];
    (void)state;
    member_say(&t.bob, "one");
    members_run(&t);
    memcpy(id, member_room(&t.bob)->mine.id, sizeof id);
    member_remove(&t.alice, "carol");
    members_run(&t);
    memcpy(member_room(&t.bob)->mine.id, id, sizeof id); /* for another list, under the id of before */
    members_run(&t);
    members_forget(&t);
    size_t before = member_room(&t.alice)->receipts.count;
    member_say(&t.bob, "nobody can prove this");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    size_t shown = user_told(USER(&t.alice), "line +exam bob: nobody can prove this");
    assert_int_equal(member_room(&t.alice)->receipts.count - before, shown);
}

/* --- What is told before anybody has accepted --------------------------------------------------------------------- */

static void test_a_founder_of_an_invitation_tells_little(void **state)
{
    (void)state;
    member_found(&t.carol);
    member_invite(&t.carol, "bob");
    members_run(&t);
    members_forget(&t);
    size_t before = USER(&t.bob)->log_len;
    for (int i = 0; i < 20; i++) {
        member_invite(&t.carol, "alice");
        members_run(&t);
        member_remove(&t.carol, "alice");
        members_run(&t);
    }
    assert_true(USER(&t.bob)->log_len - before < 20);
}

/* --- Two histories, and a list that waits ------------------------------------------------------------------------- */

/* Of another history, with that number. */
static void sign_of_another_history(struct room_list *l, uint32_t n)
{
    *l = member_room(&t.bob)->list;
    l->n = n;
    l->before[0] ^= 1;
    assert_int_equal(room_list_sign(l, &USER(&t.alice)->identity->key, &t.alice.rooms.rng), 0);
}

static void give_bob(struct member *m, const struct room_list *l)
{
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    memcpy(payload + 1, l->bytes, l->len);
    assert_int_equal(calls_give(&USER(m)->calls, t.users.now, "bob", payload, 1 + l->len), 0);
    members_run(&t);
}

/* The founder keeps one list of its first history in front of carol's of the other: by the time that carol's has its
 * turn it is older than what bob has. */
static void hide_another_history(struct member *has, int ahead)
{
    static struct room_list l;
    for (int i = 0; i < 2 * SEALED_ROOMS_LISTS; i++)
        member_sign_another(&t.alice);
    assert_true(member_room(&t.bob)->list_waits);
    sign_of_another_history(&l, (uint32_t)((int)member_room(has)->list.n + ahead));
    give_bob(&t.carol, &l);
    members_wait(&t, SEALED_ROOMS_LIST_MS);
    members_wait(&t, SEALED_ROOMS_LIST_MS);
    assert_int_equal(user_told(USER(&t.bob), "stopped +exam"), 1);
    assert_int_equal(member_room(&t.bob)->state, SEALED_ROOM_STOPPED);
}

static void test_two_histories_behind_a_list_that_waits(void **state)
{
    (void)state;
    hide_another_history(&t.bob, 0);
}

static void test_two_histories_with_the_next_number(void **state)
{
    (void)state;
    hide_another_history(&t.bob, 1);
}

/* The next one of alice's is not of the same history as carol's. */
static void test_two_histories_that_wait(void **state)
{
    (void)state;
    hide_another_history(&t.alice, -1);
}

/* --- List after list, without the founder ------------------------------------------------------------------------- */

#define LEAGUE 5

/* What bob is given in calls of those in league, who are x1 to x5. */
static void give_of(size_t k, const struct room_list *l)
{
    static struct call call;
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST};
    memset(&call, 0, sizeof call);
    call.number = 1000 + k;
    snprintf(call.peer, sizeof call.peer, "x%zu", k);
    memset(call.fingerprint, (int)k, sizeof call.fingerprint);
    memcpy(payload + 1, l->bytes, l->len);
    assert_true(sealed_rooms_given(&t.bob.rooms, &call, payload, 1 + l->len));
    sealed_rooms_go_on(&t.bob.rooms, t.users.now);
}

static struct room_list signed_lists[SEALED_ROOMS_LISTS + LEAGUE];

/* bob was away while the founder, who means well, changed the list often; in the end she removed five who are in
 * league, and who have kept all lists. They give him those, one after the other, before carol gives him the newest. */
static void test_old_lists_in_front_of_the_newest(void **state)
{
    uint8_t payload[1 + ROOM_LIST_MAX_LEN] = {CALL_INSIDE_LIST}, fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    char name[NAME_MAX_LEN + 1];
    (void)state;
    members_wait(&t, 40000);
    member_cut_off(&t.bob);
    for (size_t k = 1; k <= LEAGUE; k++) {
        snprintf(name, sizeof name, "x%zu", k);
        memset(fingerprint, (int)k, sizeof fingerprint);
        member_sign(&t.alice, name, fingerprint);
    }
    for (size_t i = 0; i < SEALED_ROOMS_LISTS + LEAGUE; i++) {
        member_sign(&t.alice, "nobody", NULL);
        signed_lists[i] = member_room(&t.alice)->list;
    }
    for (size_t k = 1; k <= LEAGUE; k++) {
        snprintf(name, sizeof name, "x%zu", k);
        member_sign(&t.alice, name, NULL);
    }
    const struct room_list *newest = &member_room(&t.alice)->list;
    members_run(&t);
    t.users.meddle = NULL;
    for (size_t i = 0; i < SEALED_ROOMS_LISTS; i++)
        give_of(1, &signed_lists[i]);
    for (size_t k = 1; k <= LEAGUE; k++)
        give_of(k, &signed_lists[SEALED_ROOMS_LISTS + k - 1]);
    memcpy(payload + 1, newest->bytes, newest->len);
    static struct call call;
    call = *calls_live(&USER(&t.bob)->calls, "carol");
    assert_true(sealed_rooms_given(&t.bob.rooms, &call, payload, 1 + newest->len)); /* carol's, honestly */
    sealed_rooms_go_on(&t.bob.rooms, t.users.now);
    member_say(&t.bob, "without them");
    while (user_told(USER(&t.bob), "said +exam: without them") == 0)
        members_wait(&t, SEALED_ROOMS_LIST_MS / 2);
    assert_int_equal(member_room(&t.bob)->list.n, newest->n);
    assert_null(room_list_find(&member_room(&t.bob)->list, "x1"));
}

/* --- Keys that wait ----------------------------------------------------------------------------------------------- */

static size_t keys_that_wait(const struct member *m)
{
    size_t n = 0;
    for (const struct sealed_rooms_given *g = m->rooms.inbox; g != NULL; g = g->next)
        n += g->payload[0] == CALL_INSIDE_SENDER_KEY;
    return n;
}

/* Behind a list, in a room that is left: they are wiped with all the others. */
static void test_no_key_waits_for_who_has_left(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * SEALED_ROOMS_LISTS; i++)
        member_sign_another(&t.alice);
    assert_true(keys_that_wait(&t.bob) > 0);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, member_room(&t.bob), why), 0);
    members_run(&t);
    assert_int_equal(keys_that_wait(&t.bob), 0);
}

#define FRESH(test) MEMBERS_TEST(test, &t)
#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MET(test_a_call_of_the_number_of_the_one_before),    FRESH(test_a_refused_invitation_takes_no_name),
        FRESH(test_refused_invitations_fill_no_file),        MET(test_a_line_that_is_shown_is_kept),
        FRESH(test_a_founder_of_an_invitation_tells_little), MET(test_two_histories_behind_a_list_that_waits),
        MET(test_two_histories_with_the_next_number),        MET(test_two_histories_that_wait),
        MET(test_old_lists_in_front_of_the_newest),          MET(test_no_key_waits_for_who_has_left),
    };
    return RUN(tests);
}
