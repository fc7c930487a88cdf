/* SPDX-License-Identifier: MIT */
/* Sealed rooms at their limits: a list that is full, two rooms with the same member, invitations that come and go,
 * list after list. */
#include "app/peer/sealed_rooms.h"

#include "tests/members.h"
#include "tests/scratch.h"
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

/* --- A full list -------------------------------------------------------------------------------------------------- */

/* So many that nobody has met are on it as well. */
static void fill_list(struct member *m, size_t count)
{
    const struct sealed_room *r = member_room(m);
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {1};
    char name[NAME_MAX_LEN + 1];
    while (r->list.count < count) {
        snprintf(name, sizeof name, "x%zu", r->list.count);
        member_sign(m, name, fingerprint);
    }
}

/* Of those whom earlier lists removed, and who never heard of it, so many are known. */
static void test_many_are_removed(void **state)
{
    char name[NAME_MAX_LEN + 1];
    (void)state;
    member_found(&t.alice);
    struct sealed_room *r = member_room(&t.alice);
    for (int round = 0; round < 3; round++) {
        fill_list(&t.alice, ROOM_LIST_MEMBERS_MAX);
        while (r->list.count > 1) {
            snprintf(name, sizeof name, "%s", r->list.members[1].name);
            member_sign(&t.alice, name, NULL);
        }
        for (size_t i = 0; i < r->others_len; i++)
            r->others[i].fingerprint[31]++; /* they come back with another key, so that nobody is there twice */
        r->has_before = false;
    }
    assert_int_equal(r->others_len, SEALED_ROOM_GONE_MAX + 1); /* and the last, who was on the list before */
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
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {1};
    (void)state;
    member_found(&t.alice);
    member_sign(&t.alice, "bob", fingerprint);
    fill_list(&t.alice, ROOM_LIST_MEMBERS_MAX);
    member_invite(&t.alice, "bob");
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.count, ROOM_LIST_MEMBERS_MAX);
    assert_int_equal(user_told(USER(&t.bob), "asked +exam by alice"), 1);
}

static void test_nobody_invites_oneself(void **state)
{
    (void)state;
    member_found(&t.alice);
    assert_int_equal(sealed_rooms_invite(&t.alice.rooms, t.users.now, member_room(&t.alice), "alice", why), -1);
}

/* --- Two rooms ---------------------------------------------------------------------------------------------------- */

static void enter(struct member *m, const char *room)
{
    m->in = true;
    sealed_rooms_entered(&m->rooms, room, true);
}

/* alice and bob are in +lab as well. */
static void meet_again(void)
{
    struct sealed_room *r = found_room(&t.alice, "+lab");
    assert_int_equal(sealed_rooms_invite(&t.alice.rooms, t.users.now, r, "bob", why), 0);
    members_run(&t);
    r = sealed_rooms_find(&t.bob.rooms, "+lab");
    assert_non_null(r);
    assert_int_equal(sealed_rooms_accept(&t.bob.rooms, r, why), 0);
    enter(&t.alice, "+lab");
    enter(&t.bob, "+lab");
    sealed_rooms_here(&t.alice.rooms, "+lab", "bob", true, false);
    sealed_rooms_here(&t.bob.rooms, "+lab", "alice", true, false);
    members_run(&t);
    members_forget(&t);
}

static void say_in(struct member *m, const char *room, const char *text)
{
    sealed_rooms_say(&m->rooms, t.users.now, sealed_rooms_find(&m->rooms, room), (const uint8_t *)text, strlen(text));
}

/* A line in one room has waited for long enough, and what is on its way to bob is taken back: of the other room, too,
 * which has to give it once more. */
static void test_what_is_taken_back_is_given_again(void **state)
{
    (void)state;
    meet_again();
    USER(&t.alice)->slow = true;
    user_say(USER(&t.bob), "alice", "your turn"); /* alice has a step to compute before anything */
    members_run(&t);
    assert_true(user_work_begin(USER(&t.alice)));
    member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES;
    sealed_rooms_find(&t.alice.rooms, "+lab")->mine.i = SENDER_KEY_MESSAGES;
    member_say(&t.alice, "one");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS - 1);
    say_in(&t.alice, "+lab", "two");
    members_run(&t);
    members_wait(&t, 1);
    assert_int_equal(user_told(USER(&t.alice), "said +exam: one"), 1);
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: bob"), 1);
    assert_int_equal(user_told(USER(&t.alice), "said +lab: two"), 0); /* it has some time left */
    USER(&t.alice)->slow = false;
    assert_true(user_work_end(USER(&t.alice)));
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +lab alice: two"), 1);
    assert_int_equal(user_told(USER(&t.alice), "left out +lab: bob"), 0);
}

/* --- Invitations -------------------------------------------------------------------------------------------------- */

/* Whoever has a call can invite and take it back as often as it likes. */
static void test_invitations_that_are_taken_back(void **state)
{
    char name[NAME_MAX_LEN + 1];
    (void)state;
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "+room%d", i);
        struct sealed_room *r = found_room(&t.carol, name);
        assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r, "bob", why), 0);
        members_run(&t);
        assert_int_equal(members_count_rooms(&t.bob.rooms), 1);
        if (i % 2 == 0)
            assert_int_equal(sealed_rooms_remove(&t.carol.rooms, t.users.now, r, "bob", why), 0);
        else
            assert_int_equal(sealed_rooms_close(&t.carol.rooms, t.users.now, r, why), 0);
        members_run(&t);
        assert_int_equal(members_count_rooms(&t.bob.rooms), 0); /* nothing of it was accepted */
    }
    struct sealed_room *r = sealed_rooms_find(&t.carol.rooms, "+room0");
    assert_int_equal(sealed_rooms_invite(&t.carol.rooms, t.users.now, r, "bob", why), 0);
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "asked +room0 by carol"), 2);
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

static void change_lists(int n)
{
    for (int i = 0; i < n; i++) {
        if (room_list_find(&member_room(&t.alice)->list, "carol") != NULL)
            member_remove(&t.alice, "carol");
        else
            member_invite(&t.alice, "carol");
        members_run(&t);
    }
}

/* So many are written and shown, and the newest of the rest a moment later; what is said meanwhile waits for that. */
static void test_a_founder_who_signs_list_after_list(void **state)
{
    (void)state;
    uint32_t before = member_room(&t.bob)->list.n;
    members_wait(&t, SEALED_ROOMS_LIST_MS); /* the list of members_meet counts no more */
    change_lists(101);                      /* the last one removes carol */
    assert_int_equal(member_room(&t.alice)->list.n, before + 101);
    assert_int_equal(member_room(&t.bob)->list.n, before + SEALED_ROOMS_LISTS);
    assert_non_null(room_list_find(&member_room(&t.bob)->list, "carol"));
    assert_in_range(sealed_rooms_wait(&t.bob.rooms, t.users.now, INT64_MAX), 1, SEALED_ROOMS_LIST_MS);
    member_say(&t.bob, "without her");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.alice), "line +exam bob: without her"), 0);
    members_wait(&t, SEALED_ROOMS_LIST_MS);
    assert_int_equal(member_room(&t.bob)->list.n, before + 101);
    assert_int_equal(user_told(USER(&t.alice), "line +exam bob: without her"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam bob: without her"), 0);
    assert_int_equal(member_room(&t.carol)->state, SEALED_ROOM_OUT);
    member_say(&t.alice, "she is gone");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: she is gone"), 1);
}

/* A line waits for the newest of them, so that nobody is silenced by those that come after it. */
static void test_a_line_among_list_after_list(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * SEALED_ROOMS_LISTS; i++)
        member_sign_another(&t.alice);
    member_say(&t.bob, "hello");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LIST_MS / 2);
    member_sign_another(&t.alice);
    assert_int_equal(user_told(USER(&t.bob), "said +exam: hello"), 0);
    members_wait(&t, SEALED_ROOMS_LIST_MS / 2);
    assert_int_equal(user_told(USER(&t.bob), "said +exam: hello"), 1);
    assert_int_equal(member_room(&t.bob)->list.n, member_room(&t.alice)->list.n);
    for (int i = 0; i < 10; i++) {
        member_sign_another(&t.alice);
        members_wait(&t, SEALED_ROOMS_LIST_MS / 10);
    }
    assert_int_equal(member_room(&t.bob)->list.n, member_room(&t.alice)->list.n);
}

/* --- Who is there ------------------------------------------------------------------------------------------------- */

/* carol enters the server's room before bob has the list that she is on. */
static void test_who_is_there_before_the_list_is(void **state)
{
    (void)state;
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    member_withhold(&t.bob);
    member_invite(&t.alice, "carol");
    members_run(&t);
    member_accept(&t.carol);
    members_run(&t);
    members_wait(&t, 2 * CALL_OPEN_MS);
    t.users.meddle = NULL;
    assert_int_equal(member_room(&t.bob)->list.n, 1);
    member_say(&t.alice, "now he hears of it");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    member_say(&t.alice, "or now");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    assert_int_equal(member_room(&t.bob)->list.n, 2);
    members_forget(&t);
    member_say(&t.bob, "welcome");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    user_expect(USER(&t.bob), "opened carol (first)", "said +exam: welcome", NULL); /* nobody is left out */
    assert_int_equal(user_told(USER(&t.carol), "line +exam bob: welcome"), 1);
}

/* --- Who is given what -------------------------------------------------------------------------------------------- */

/* The list, and neither this key nor the next. */
static void test_who_is_removed_is_given_no_key(void **state)
{
    (void)state;
    member_remove(&t.alice, "carol");
    members_run(&t);
    member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES;
    member_say(&t.alice, "without her");
    members_run(&t);
    const struct sealed_other *o = member_other(&t.alice, "carol");
    assert_true(o->given.has_list);
    assert_memory_equal(o->given.list, member_room(&t.alice)->list.hash, ROOM_LIST_HASH_LEN);
    assert_memory_not_equal(o->given.key, member_room(&t.alice)->mine.id, SENDER_KEY_ID_LEN);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: without her"), 1);
}

/* A call with somebody of that name, and another key than the list's. */
static void test_another_of_that_name_is_given_nothing(void **state)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {1};
    (void)state;
    member_found(&t.alice);
    member_sign(&t.alice, "bob", fingerprint);
    t.bob.in = true;
    sealed_rooms_here(&t.alice.rooms, MEMBERS_ROOM, "bob", true, true);
    members_run(&t);
    assert_non_null(calls_live(&USER(&t.alice)->calls, "bob"));
    member_say(&t.alice, "to the other one");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    const struct sealed_other *o = member_other(&t.alice, "bob");
    assert_false(o->given.has_list || o->given.has_key);
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: bob"), 1);
    assert_int_equal(members_count_rooms(&t.bob.rooms), 0);
}

/* Of the list before, from who was not on it. */
static void test_a_newcomer_s_key_for_the_list_before(void **state)
{
    struct sealed_from from = {.peer = "carol"};
    struct sender_key k;
    (void)state;
    member_remove(&t.alice, "carol");
    members_run(&t);
    struct sealed_room *r = member_room(&t.bob);
    k = member_room(&t.alice)->mine;
    member_invite(&t.alice, "carol");
    members_run(&t);
    assert_memory_equal(k.list, r->before.hash, sizeof k.list);
    from.certificate = USER(&t.carol)->identity->certificate;
    from.certificate_len = USER(&t.carol)->identity->certificate_len;
    from.fingerprint = member_other(&t.bob, "carol")->fingerprint;
    memset(k.id, 1, sizeof k.id);
    sealed_room_take_key(r, &k, &from, t.users.now);
    assert_memory_not_equal(member_other(&t.bob, "carol")->newest.id, k.id, sizeof k.id);
}

/* --- A file that can't be read ------------------------------------------------------------------------------------ */

static void test_nothing_is_known_where_the_file_is_damaged(void **state)
{
    static const char more[] = "+damaged in\n";
    struct sealed_rooms rs;
    char file[80];
    size_t len;
    snprintf(file, sizeof file, "bob/" ROOMS_FILE_FOLDER "/%s", t.bob.file);
    char *text = scratch_read(state, file, &len);
    char *damaged = malloc(len + sizeof more);
    assert_non_null(damaged);
    memcpy(damaged, text, len);
    memcpy(damaged + len, more, sizeof more);
    scratch_write(state, file, damaged, len + sizeof more - 1);
    sealed_rooms_init(&rs, &t.bob.rooms.config, &t.bob.rooms.hooks, t.bob.rooms.calls);
    assert_int_equal(sealed_rooms_load(&rs, why), -1);
    assert_non_null(strstr(why, "line 3 is damaged"));
    assert_null(rs.list);
    assert_int_equal(sealed_rooms_found(&rs, "+other", why), -1);
    sealed_rooms_free(&rs);
    free(damaged);
    free(text);
}

/* A line that somebody has written who is not the founder, or that the disk has lost a bit of. */
static void test_nothing_is_known_where_a_signature_is_wrong(void **state)
{
    struct sealed_rooms rs;
    char file[80];
    size_t len;
    snprintf(file, sizeof file, "bob/" ROOMS_FILE_FOLDER "/%s", t.bob.file);
    char *text = scratch_read(state, file, &len);
    char *before = strrchr(text, ' '); /* of the list before; the newest ends there */
    assert_non_null(before);
    before[-10] = before[-10] == 'A' ? 'B' : 'A';
    scratch_write(state, file, text, len);
    sealed_rooms_init(&rs, &t.bob.rooms.config, &t.bob.rooms.hooks, t.bob.rooms.calls);
    assert_int_equal(sealed_rooms_load(&rs, why), -1);
    assert_non_null(strstr(why, "the founder's signature of +exam is wrong"));
    assert_null(rs.list);
    sealed_rooms_free(&rs);
    free(text);
}

#define ROOMS(test) MEMBERS_TEST(test, &t)
#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOMS(test_many_are_removed),
        ROOMS(test_two_are_invited_to_the_last_place),
        ROOMS(test_another_key_on_a_full_list),
        ROOMS(test_nobody_invites_oneself),
        MET(test_what_is_taken_back_is_given_again),
        ROOMS(test_invitations_that_are_taken_back),
        MET(test_a_founder_who_signs_list_after_list),
        MET(test_a_line_among_list_after_list),
        ROOMS(test_who_is_there_before_the_list_is),
        MET(test_who_is_removed_is_given_no_key),
        ROOMS(test_another_of_that_name_is_given_nothing),
        MET(test_a_newcomer_s_key_for_the_list_before),
        MET(test_nothing_is_known_where_the_file_is_damaged),
        MET(test_nothing_is_known_where_a_signature_is_wrong),
    };
    return RUN(tests);
}
