/* SPDX-License-Identifier: MIT */
/* Whose calls are taken, and how often a user hears of one that is not; and a server that shows each side what belongs
 * elsewhere. */
#include "app/peer/calls.h"

#include "app/workbench/rng_fixed.h"
#include "tests/scratch.h"
#include "tests/talk.h"
#include "tests/test.h"
#include "tests/users.h"

static struct users t;

static int begin(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    users_begin(&t, scratch_path(state));
    return 0;
}

static int end(void **state)
{
    users_end(&t);
    return scratch_remove(state);
}

static void becomes(struct user *u, const struct identity *id)
{
    u->config.identity = id;
    user_restart(u);
}

static void alice_says(const char *text)
{
    user_say(&t.alice, "bob", text);
    users_run(&t);
}

/* --- Keys that are not believed ----------------------------------------------------------------------------------- */

static void test_a_changed_key_is_told_once_a_minute(void **state)
{
    (void)state;
    alice_says("hello");
    becomes(&t.alice, user_identity("alice", CERTIFICATE_USER, "authority"));
    for (int i = 0; i < 3; i++)
        alice_says("not shown");
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "refused (REFUSED: THE KEY OF alice HAS ", NULL);
    t.now += CALLS_WARN_MS - 1;
    alice_says("not shown");
    user_expect(&t.bob, NULL);
    t.now += 1;
    alice_says("not shown");
    user_expect(&t.bob, "refused (", NULL);
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 0);
}

static void test_a_changed_key_of_somebody_who_was_called_is_told_each_time(void **state)
{
    (void)state;
    alice_says("hello");
    becomes(&t.alice, user_identity("alice", CERTIFICATE_USER, "authority"));
    user_restart(&t.bob);
    for (int i = 0; i < 3; i++) {
        user_say(&t.bob, "alice", "secret");
        users_run(&t);
    }
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "refused (",
                "unsaid alice: secret (their key is not believed)", "refused (", "unsaid alice: secret (", "refused (",
                "unsaid alice: secret (", NULL);
    assert_int_equal(user_told(&t.alice, "text bob: secret"), 0);
}

/* A changed key leaves the call that there is as it is. */
static void test_a_changed_key_takes_no_place(void **state)
{
    (void)state;
    alice_says("hello");
    uint8_t root[HKDF_PRK_LEN];
    memcpy(root, t.bob.calls.list->ratchet.root, sizeof root);
    becomes(&t.alice, user_identity("alice", CERTIFICATE_USER, "authority"));
    alice_says("not shown");
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    assert_memory_equal(t.bob.calls.list->ratchet.root, root, sizeof root);
    assert_int_equal(user_told(&t.bob, "text alice: not shown"), 0);
}

/* However many others are refused, or answered, in between. */
static void test_a_crowd_does_not_make_it_told_again(void **state)
{
    static const uint8_t record[] = {FRAME_RECORD, 1, 0, 2, 0, 0};
    (void)state;
    alice_says("hello");
    becomes(&t.alice, user_identity("alice", CERTIFICATE_USER, "authority"));
    alice_says("not shown");
    for (int second = 1; second < 4; second++) {
        t.now += 2 * CALLS_EMPTY_MS;
        for (unsigned i = 0; i < 2 * CALLS_TOLD_MAX; i++) {
            char name[NAME_MAX_LEN + 1];
            snprintf(name, sizeof name, "p%03u", i);
            user_relayed(&t.bob, name, (const uint8_t *)"no such call at all", record, sizeof record);
        }
        alice_says("not shown");
    }
    assert_int_equal(user_told(&t.bob, "refused ("), 1);
}

/* And however often it is refused, an empty frame is sent once a second at most. */
static void test_a_refusal_does_not_make_an_empty_frame_sent_again(void **state)
{
    static const uint8_t record[] = {FRAME_RECORD, 1, 0, 2, 0, 0};
    (void)state;
    alice_says("hello");
    becomes(&t.alice, user_identity("alice", CERTIFICATE_USER, "authority"));
    for (unsigned i = 0; i < CALLS_TOLD_MAX; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "p%03u", i);
        user_relayed(&t.bob, name, (const uint8_t *)"no such call at all", record, sizeof record);
    }
    users_run(&t);
    alice_says("not shown");
    size_t relayed = t.relayed;
    for (unsigned i = 0; i < CALLS_TOLD_MAX; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "p%03u", i);
        user_relayed(&t.bob, name, (const uint8_t *)"no such call at all", record, sizeof record);
    }
    users_run(&t);
    assert_int_equal(t.relayed, relayed);
    assert_int_equal(user_told(&t.bob, "refused ("), 1);
}

static struct identity vouched(const char *name, const char *key)
{
    struct certificate c;
    struct identity id = *user_identity(name, CERTIFICATE_USER, key);
    struct rng rng;
    rng_fixed_init(&rng, "vouched", 7);
    assert_int_equal(certificate_decode(&c, id.certificate, id.certificate_len), NET_OK);
    assert_int_equal(certificate_sign(&c, &keys_identity("authority")->key, &rng), NET_OK);
    id.certificate_len = certificate_encode(id.certificate, &c);
    return id;
}

static void test_who_is_not_vouched_for(void **state)
{
    struct rsa_public ca;
    (void)state;
    memcpy(ca.n, keys_identity("authority")->key.n, sizeof ca.n);
    t.bob.config.user_ca = &ca;
    user_restart(&t.bob);
    alice_says("one");
    alice_says("one");
    user_expect(&t.bob, "refused (REFUSED: the key of alice is not signed by ", NULL);
    assert_null(peers_find(&t.bob.peers, "alice"));
    struct identity alice = vouched("alice", "alice");
    becomes(&t.alice, &alice);
    alice_says("two");
    user_expect(&t.bob, "opened alice (first)", "text alice: two", NULL);
    assert_int_equal(t.bob.calls.list->state, PEER_VOUCHED);
    user_restart(&t.bob);
    users_unix_time = KEYS_NOW + 1001;
    becomes(&t.alice, &alice);
    alice_says("three");
    user_expect(&t.bob, "refused (REFUSED: the certificate of alice has ", NULL);
}

/* What is wrong with a certificate whatever its key is: another's name, a server's role, one's own key. */
static void test_certificates_that_are_none(void **state)
{
    (void)state;
    const struct identity *wrong[] = {
        user_identity("mallory", CERTIFICATE_USER, "alice"),
        user_identity("alice", CERTIFICATE_SERVER, "alice"),
        user_identity("bob", CERTIFICATE_USER, "alice"),
        user_identity("alice", CERTIFICATE_USER, "bob"),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        becomes(&t.alice, wrong[i]);
        alice_says("not shown");
        alice_says("not shown");
        users_wait(&t, CALL_OPEN_MS); /* where she refuses him, and says nothing */
        assert_int_equal(user_told(&t.bob, "opened alice (first)"), 0);
        assert_true(user_told(&t.bob, "refused (") <= 1);
        assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN) + user_calls(&t.bob, CALL_HALF_OPEN), 0);
        user_say(&t.bob, "alice", "secret");
        users_run(&t);
        assert_int_equal(user_told(&t.bob, "unsaid alice: secret ("), i + 1);
        assert_int_equal(user_told(&t.alice, "text bob: secret"), 0);
        t.now += 1000;
    }
    assert_int_equal(user_told(&t.bob, "text alice: not shown"), 0);
    assert_int_equal(t.bob.peers.count, 0);
}

/* --- What belongs elsewhere --------------------------------------------------------------------------------------- */

/* A client of this server, as it would log in: its hello is of kind 1. */
static void test_a_handshake_of_kind_1(void **state)
{
    static struct talk talk;
    static const uint8_t id[MESSAGE_CALL_LEN] = "of another kind";
    (void)state;
    talk_init_untraced(&talk, HANDSHAKE_USER_SERVER);
    talk_start(&talk);
    user_relayed(&t.bob, "alice", id, talk.client.wire, talk.client.out.len);
    talk.client.out.len = 0;
    while (user_go(&t.bob))
        continue;
    struct users_frame *hello = users_take(&t);
    assert_non_null(hello);
    assert_int_equal(hello->frame[0], FRAME_SERVER_HELLO);
    assert_int_equal(talk_take(&talk.client, hello->frame, hello->len), SESSION_FAILED);
    users_free_frame(hello);
    talk_end(&talk);
    /* and a server of kind 1 that answers a call, though it has bob's key */
    talk_init_untraced(&talk, HANDSHAKE_USER_SERVER);
    talk.server.config.identity = keys_identity("bob");
    talk_start(&talk);
    user_say(&t.alice, "bob", "hello");
    while (user_go(&t.alice))
        continue;
    while ((hello = users_take(&t))->from != &t.alice)
        users_free_frame(hello);
    assert_int_equal(talk_take(&talk.server, hello->frame, hello->len), SESSION_MORE);
    user_relayed(&t.alice, "bob", hello->call, talk.server.wire, talk_frame_len(talk.server.wire));
    users_free_frame(hello);
    while (user_go(&t.alice))
        continue;
    user_expect(&t.alice, "unsaid bob: hello (", NULL);
    talk_end(&talk);
}

/* All that a side sends comes back to it, as from the other, in its own call or another. */
static bool reflects_to_another;

static bool reflect(struct users *all, struct users_frame *f)
{
    uint8_t call[MESSAGE_CALL_LEN];
    (void)all;
    memcpy(call, f->call, sizeof call);
    call[0] ^= reflects_to_another;
    user_relayed(f->from, f->to_name, call, f->frame, f->len);
    return false;
}

static void test_reflected_frames(void **state)
{
    for (int i = 0; i < 4; i++) {
        struct user *u = i % 2 ? &t.alice : &t.bob;
        end(state);
        begin(state);
        t.meddle = reflect;
        reflects_to_another = i / 2;
        user_say(u, i % 2 ? "bob" : "alice", "hello");
        for (int turn = 0; turn < 200; turn++)
            (void)users_turn(&t);
        users_wait(&t, 0);
        t.meddle = NULL;
        users_wait(&t, CALL_OPEN_MS);
        assert_int_equal(user_told(u, "opened alice (") + user_told(u, "opened bob ("), 0);
        assert_int_equal(u->log_len, 1);
        user_expect(u, i % 2 ? "unsaid bob: hello (" : "unsaid alice: hello (", NULL);
    }
}

static bool reflect_records(struct users *all, struct users_frame *f)
{
    (void)all;
    user_relayed(f->from, f->to_name, f->call, f->frame, f->len);
    return false;
}

static void test_reflected_frames_of_an_open_call(void **state)
{
    (void)state;
    alice_says("hello");
    t.meddle = reflect_records;
    alice_says("again");
    user_expect(&t.alice, "opened bob (first)", "confirmed bob: hello", "unconfirmed bob: again", "cut bob (", NULL);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", NULL);
}

/* The server passes on a frame of alice's as carol's, or in another call. */
static bool relabel(struct users *all, struct users_frame *f)
{
    const struct call *carols = all->bob.calls.list;
    while (carols != NULL && strcmp(carols->peer, "carol") != 0)
        carols = carols->next;
    if (f->from != &all->alice)
        return true;
    if (carols != NULL)
        user_relayed(&all->bob, "carol", carols->id, f->frame, f->len);
    return false;
}

static void test_frames_of_another_call(void **state)
{
    (void)state;
    user_say(&t.carol, "bob", "hello");
    users_run(&t);
    alice_says("hello");
    t.meddle = relabel;
    alice_says("from alice");
    t.meddle = NULL;
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1); /* carol's has failed, alice's has not */
    assert_int_equal(user_told(&t.bob, "text carol: from alice"), 0);
    users_wait(&t, CALL_CONFIRM_MS);
    assert_int_equal(user_told(&t.alice, "unconfirmed bob: from alice"), 1);
    user_say(&t.bob, "alice", "still here");
    users_run(&t);
    assert_int_equal(user_told(&t.alice, "text bob: still here"), 1);
}

/* One's own name on somebody else's frame. */
static void test_frames_in_one_s_own_name(void **state)
{
    struct message m;
    (void)state;
    alice_says("hello");
    const struct call *call = t.bob.calls.list;
    user_relayed(&t.bob, "bob", call->id, NULL, 0);
    user_relayed(&t.bob, "bob", call->id, (const uint8_t *)"\x01\x01\x00\x00", 4);
    user_relayed(&t.bob, "bob", call->id, (const uint8_t *)"\x03\x01\x00\x00", 4);
    assert_ptr_equal(t.bob.calls.list, call);
    assert_null(call->next);
    assert_false(calls_next_relay(&t.bob.calls, &m));
}

static void test_a_key_that_was_compared_meanwhile(void **state)
{
    uint8_t other[CERTIFICATE_FINGERPRINT_LEN] = {0};
    (void)state;
    alice_says("hello");
    struct call *call = t.bob.calls.list;
    assert_int_equal(call->state, PEER_NEW);
    calls_compared(&t.bob.calls, "alice", other);
    calls_compared(&t.bob.calls, "carol", call->fingerprint);
    assert_int_equal(call->state, PEER_NEW);
    calls_compared(&t.bob.calls, "alice", call->fingerprint);
    assert_int_equal(call->state, PEER_COMPARED);
}

/* bob believes alice's new key: what he says goes to whoever has that, and not into the call that is open. */
static void test_a_call_with_the_key_before(void **state)
{
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], shown[CERTIFICATE_FINGERPRINT_LEN];
    char why[WHY_LEN];
    (void)state;
    alice_says("hello");
    becomes(&t.alice, user_identity("alice", CERTIFICATE_USER, "authority"));
    alice_says("not shown");
    assert_true(peers_changed(&t.bob.peers, "alice", kept, shown));
    calls_trusted(&t.bob.calls, t.now, "carol", shown);
    calls_trusted(&t.bob.calls, t.now, "alice", kept);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    assert_int_equal(peers_trust(&t.bob.peers, "alice", shown, why), 0);
    calls_trusted(&t.bob.calls, t.now, "alice", shown);
    assert_null(t.bob.calls.list);
    user_say(&t.bob, "alice", "secret");
    users_run(&t);
    assert_memory_equal(t.bob.calls.list->fingerprint, shown, sizeof shown);
    user_expect(&t.bob, "opened alice (first)", "text alice: hello", "refused (", "opened alice",
                "confirmed alice: ", NULL);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_changed_key_is_told_once_a_minute),
        TEST(test_a_changed_key_of_somebody_who_was_called_is_told_each_time),
        TEST(test_a_changed_key_takes_no_place),
        TEST(test_a_crowd_does_not_make_it_told_again),
        TEST(test_a_refusal_does_not_make_an_empty_frame_sent_again),
        TEST(test_who_is_not_vouched_for),
        TEST(test_certificates_that_are_none),
        TEST(test_a_handshake_of_kind_1),
        TEST(test_reflected_frames),
        TEST(test_reflected_frames_of_an_open_call),
        TEST(test_frames_of_another_call),
        TEST(test_frames_in_one_s_own_name),
        TEST(test_a_key_that_was_compared_meanwhile),
        TEST(test_a_call_with_the_key_before),
    };
    return RUN(tests);
}
