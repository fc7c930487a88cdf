/* SPDX-License-Identifier: MIT */
/* A member who gives what it likes inside its calls, and says what it likes in the room: every list, sender key, leave
 * and sealed message with each byte changed, and cut at each place. Nothing of it is taken or shown, and what is right
 * counts afterwards as if nothing had been. */
#include "app/peer/sealed_rooms.h"

#include "tests/home_disk.h"
#include "tests/members.h"
#include "tests/test.h"

static struct members t;

/* --- Handing in --------------------------------------------------------------------------------------------------- */

/* What bob is given by carol, in their call; bytes of its very length, for the sanitizers. False: the call ends. */
static bool give(const uint8_t *payload, size_t len)
{
    const struct call *call = calls_live(&USER(&t.bob)->calls, "carol");
    uint8_t *bytes = malloc(len);
    assert_true(call != NULL && bytes != NULL);
    memcpy(bytes, payload, len);
    bool good = sealed_rooms_given(&t.bob.rooms, call, bytes, len);
    free(bytes);
    sealed_rooms_go_on(&t.bob.rooms, t.users.now);
    return good;
}

/* Of bob's room, all that a list, a key or a leave could change. */
struct kept {
    enum sealed_room_state state;
    uint8_t list[ROOM_LIST_HASH_LEN], key[SENDER_KEY_ID_LEN];
    bool has_newest, leaves;
    size_t others_len, rooms;
    uint32_t i;
};

static struct kept now_kept(void)
{
    const struct sealed_room *r = member_room(&t.bob);
    const struct sealed_other *o = member_other(&t.bob, "carol");
    struct kept k;
    memset(&k, 0, sizeof k);
    k.state = r->state;
    memcpy(k.list, r->list.hash, sizeof k.list);
    memcpy(k.key, o->newest.id, sizeof k.key);
    k.has_newest = o->has_newest;
    k.leaves = o->leaves;
    k.others_len = r->others_len;
    k.i = o->newest.i;
    k.rooms = members_count_rooms(&t.bob.rooms);
    return k;
}

static void expect_kept(const struct kept *before, const char *what, size_t at)
{
    struct kept now = now_kept();
    if (memcmp(&now, before, sizeof now) != 0)
        fail_msg("%s, at %zu: something was taken", what, at);
}

/* Each byte is changed, and it is cut before each. What is from `free_from` on may be anything. */
static void try_each_place(const char *what, const uint8_t *payload, size_t len, size_t free_from)
{
    uint8_t bytes[CALL_GIVEN_MAX];
    struct kept before = now_kept();
    for (size_t i = 1; i < len; i++)
        if (give(payload, i))
            fail_msg("%s: cut at %zu", what, i);
    for (size_t i = 0; i < len && i < free_from; i++) {
        memcpy(bytes, payload, len);
        bytes[i] ^= (uint8_t)(1u << i % 8);
        (void)give(bytes, len);
        expect_kept(&before, what, i);
    }
    memcpy(bytes, payload, len);
    bytes[len] = 0;
    if (give(bytes, len + 1))
        fail_msg("%s: too long", what);
    expect_kept(&before, what, len);
    assert_int_equal(user_told(USER(&t.bob), "stopped +exam") + user_told(USER(&t.bob), "asked +"), 0);
}

/* --- What is given ------------------------------------------------------------------------------------------------ */

/* alice's next list, which carol passes on. */
static size_t next_list(uint8_t payload[static CALL_GIVEN_MAX])
{
    static struct room_list next;
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN] = {1};
    assert_int_equal(sealed_room_next_list(&next, member_room(&t.alice), "dave", fingerprint, USER(&t.alice)->identity,
                                           &t.alice.rooms.rng),
                     0);
    payload[0] = CALL_INSIDE_LIST;
    memcpy(payload + 1, next.bytes, next.len);
    return 1 + next.len;
}

static void test_each_byte_of_a_list(void **state)
{
    uint8_t payload[CALL_GIVEN_MAX];
    size_t len = next_list(payload);
    (void)state;
    try_each_place("list", payload, len, len);
    assert_true(give(payload, len));
    assert_int_equal(member_room(&t.bob)->list.n, 3);
    assert_int_equal(user_told(USER(&t.bob), "listed +exam 3: alice bob carol dave"), 1);
}

/* Whatever its key id, i and secret are, it would be carol's key: she can give what she likes. */
static void test_each_byte_of_a_key(void **state)
{
    uint8_t payload[SENDER_KEY_LEN + 1];
    struct sender_key k = member_room(&t.carol)->mine;
    (void)state;
    k.id[0] ^= 1;
    sender_key_encode(payload, &k);
    try_each_place("sender key", payload, SENDER_KEY_LEN, 1 + ROOM_LIST_ID_LEN + ROOM_LIST_HASH_LEN);
    assert_true(give(payload, SENDER_KEY_LEN));
    assert_memory_equal(member_other(&t.bob, "carol")->newest.id, k.id, sizeof k.id);
}

static void test_an_i_beyond_the_last(void **state)
{
    uint8_t payload[SENDER_KEY_LEN];
    struct kept before = now_kept();
    (void)state;
    member_room(&t.carol)->mine.id[0] ^= 1;
    sender_key_encode(payload, &member_room(&t.carol)->mine);
    for (int bit = 0; bit < 32; bit++) {
        uint8_t bytes[SENDER_KEY_LEN];
        size_t at = SENDER_KEY_LEN - SENDER_KEY_SECRET_LEN - 1 - (size_t)bit / 8;
        memcpy(bytes, payload, sizeof bytes);
        bytes[at] |= (uint8_t)(bit < 7 ? 100 : 1 << bit % 8);
        assert_false(give(bytes, sizeof bytes));
    }
    expect_kept(&before, "i", 0);
}

/* To bob, who is not the founder, nobody can leave; and alice removes who has left alone. */
static void test_each_byte_of_a_leave(void **state)
{
    uint8_t payload[1 + ROOM_LIST_ID_LEN + 1] = {CALL_INSIDE_LEAVE};
    const struct call *call = calls_live(&USER(&t.alice)->calls, "carol");
    (void)state;
    memcpy(payload + 1, member_room(&t.alice)->list.room, ROOM_LIST_ID_LEN);
    struct kept before = now_kept();
    assert_true(give(payload, sizeof payload - 1));
    expect_kept(&before, "leave", 0);
    try_each_place("leave", payload, sizeof payload - 1, SIZE_MAX);
    for (size_t i = 1; i < sizeof payload - 1; i++) {
        payload[i] ^= 1;
        assert_true(sealed_rooms_given(&t.alice.rooms, call, payload, sizeof payload - 1));
        payload[i] ^= 1;
    }
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.n, 2);
    assert_true(sealed_rooms_given(&t.alice.rooms, call, payload, sizeof payload - 1));
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.n, 3);
    user_expect(USER(&t.alice), "listed +exam 3: alice bob", NULL);
}

/* Somebody of a member's name with another key, whom the server has put there, say. */
static void test_another_of_that_name_leaves(void **state)
{
    static struct call false_carol;
    uint8_t payload[1 + ROOM_LIST_ID_LEN] = {CALL_INSIDE_LEAVE};
    (void)state;
    false_carol = *calls_live(&USER(&t.alice)->calls, "carol");
    false_carol.fingerprint[0] ^= 1;
    memcpy(payload + 1, member_room(&t.alice)->list.room, ROOM_LIST_ID_LEN);
    assert_true(sealed_rooms_given(&t.alice.rooms, &false_carol, payload, sizeof payload));
    members_run(&t);
    assert_int_equal(member_room(&t.alice)->list.n, 2);
}

/* Of types that there are not, and of those that a room has nothing to do with. */
static void test_other_types(void **state)
{
    uint8_t payload[SENDER_KEY_LEN];
    struct kept before = now_kept();
    (void)state;
    sender_key_encode(payload, &member_room(&t.carol)->mine);
    for (int type = 0; type < 256; type++) {
        payload[0] = (uint8_t)type;
        if (type != CALL_INSIDE_SENDER_KEY)
            assert_false(give(payload, sizeof payload));
    }
    expect_kept(&before, "type", 0);
}

/* --- Over the wire ------------------------------------------------------------------------------------------------ */

/* What has not its layout ends that call alone: the others go on, and the two call each other again. */
static void test_only_that_call_ends(void **state)
{
    static const uint8_t wrong[] = {CALL_INSIDE_LIST, 'g', 'l'};
    (void)state;
    assert_int_equal(calls_give(&USER(&t.carol)->calls, t.users.now, "bob", wrong, sizeof wrong), 0);
    members_run(&t);
    assert_null(calls_live(&USER(&t.bob)->calls, "carol"));
    assert_non_null(calls_live(&USER(&t.bob)->calls, "alice"));
    assert_non_null(calls_live(&USER(&t.carol)->calls, "alice"));
    member_say(&t.alice, "all there?");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_CALL_MS);
    member_say(&t.carol, "yes");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: all there?"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: all there?"), 1);
    assert_int_equal(user_told(USER(&t.bob), "line +exam carol: yes"), 1);
}

/* --- What is said ------------------------------------------------------------------------------------------------- */

static void hear(const char *room, const char *sender, const uint8_t *bytes, size_t len)
{
    struct message m = {.type = MESSAGE_SEALED};
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    snprintf(m.sealed.room, sizeof m.sealed.room, "%s", room);
    snprintf(m.sealed.sender, sizeof m.sealed.sender, "%s", sender);
    m.sealed.sealed = (struct message_bytes){copy, len};
    sealed_rooms_sealed(&t.bob.rooms, t.users.now, &m);
    free(copy);
}

/* Each is tried with no place to hold it, too: held messages go after their time. */
static void test_each_byte_of_a_message(void **state)
{
    (void)state;
    struct users_frame *caught = member_steal(&t.carol, "I was here");
    for (size_t i = 0; i < caught->len; i++)
        hear(MEMBERS_ROOM, "carol", caught->frame, i);
    for (size_t i = 0; i < 8 * caught->len; i++) {
        caught->frame[i / 8] ^= (uint8_t)(1u << i % 8);
        if (i / 8 < SEALED_HEAD_LEN)
            members_wait(&t, SEALED_ROOM_BEFORE_MS); /* nothing is held before it */
        hear(MEMBERS_ROOM, "carol", caught->frame, caught->len);
        caught->frame[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    hear(MEMBERS_ROOM, "alice", caught->frame, caught->len);
    hear(MEMBERS_ROOM, "bob", caught->frame, caught->len);
    hear(MEMBERS_ROOM, "dave", caught->frame, caught->len);
    hear("+exa", "carol", caught->frame, caught->len);
    members_wait(&t, SEALED_ROOM_BEFORE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line "), 0);
    hear(MEMBERS_ROOM, "carol", caught->frame, caught->len);
    hear(MEMBERS_ROOM, "carol", caught->frame, caught->len);
    assert_int_equal(user_told(USER(&t.bob), "line +exam carol: I was here"), 1);
    users_free_frame(caught);
}

#define MET(test) MEMBERS_TEST_MET(test, &t)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MET(test_each_byte_of_a_list),  MET(test_each_byte_of_a_key),          MET(test_an_i_beyond_the_last),
        MET(test_each_byte_of_a_leave), MET(test_another_of_that_name_leaves), MET(test_other_types),
        MET(test_only_that_call_ends),  MET(test_each_byte_of_a_message),
    };
    disk.is_memory = true;
    return RUN(tests);
}
