/* SPDX-License-Identifier: MIT */
/* One sealed room at each of its members, without calls: whose lists, keys and messages are taken, and which are not.
 * */
#include "app/peer/sealed_room.h"

#include "tests/test.h"
#include "tests/users.h"

static struct rng rng;
static const struct identity *alice, *bob, *carol, *dave;
static struct sealed_room *at_alice, *at_bob, *at_carol;
static struct sealed_line line;
static int64_t now;

static void fingerprint_of(uint8_t out[static CERTIFICATE_FINGERPRINT_LEN], const struct identity *id)
{
    certificate_fingerprint(out, id->key.n);
}

static struct sealed_room *asked(const struct room_list *l, const char *me, const struct identity *own)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    fingerprint_of(fingerprint, own);
    return sealed_room_asked(l, me, fingerprint, "alice", alice->certificate, alice->certificate_len);
}

/* The next list of alice's; id NULL: without that name, name NULL: of nobody. */
static void next_list(struct room_list *l, const struct sealed_room *r, const char *name, const struct identity *id)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    if (id != NULL)
        fingerprint_of(fingerprint, id);
    assert_int_equal(sealed_room_next_list(l, r, name, id != NULL ? fingerprint : NULL, alice, &rng), 0);
}

static enum sealed_room_news judge(const struct sealed_room *r, const struct room_list *l, const char *peer,
                                   const struct identity *id)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    fingerprint_of(fingerprint, id);
    return sealed_room_judge(r, l, peer, fingerprint);
}

/* alice founds it, and bob and carol are in it: list 2. */
static int begin(void **state)
{
    static struct room_list l;
    (void)state;
    now = 1000000;
    rng_init(&rng);
    alice = user_identity("alice", CERTIFICATE_USER, "alice");
    bob = user_identity("bob", CERTIFICATE_USER, "bob");
    carol = user_identity("carol", CERTIFICATE_USER, "authority");
    dave = user_identity("dave", CERTIFICATE_USER, "server");
    at_alice = sealed_room_found("+exam", "alice", alice, &rng);
    assert_non_null(at_alice);
    next_list(&l, at_alice, "carol", carol);
    sealed_room_take(at_alice, &l, 0);
    next_list(&l, at_alice, "bob", bob);
    sealed_room_take(at_alice, &l, 0);
    at_bob = asked(&at_alice->list, "bob", bob);
    at_carol = asked(&at_alice->list, "carol", carol);
    assert_true(at_bob != NULL && at_carol != NULL);
    sealed_room_set_state(at_bob, SEALED_ROOM_IN);
    sealed_room_set_state(at_carol, SEALED_ROOM_IN);
    return 0;
}

static int end(void **state)
{
    (void)state;
    sealed_room_free(at_alice);
    sealed_room_free(at_bob);
    sealed_room_free(at_carol);
    rng_wipe(&rng);
    return 0;
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

static void test_the_founder_is_first_and_the_others_ascend(void **state)
{
    (void)state;
    assert_int_equal(at_bob->list.n, 2);
    assert_int_equal(at_bob->list.count, 3);
    assert_string_equal(at_bob->list.members[0].name, "alice");
    assert_string_equal(at_bob->list.members[1].name, "bob");
    assert_string_equal(at_bob->list.members[2].name, "carol");
    assert_true(sealed_room_is_founder(at_alice));
    assert_false(sealed_room_is_founder(at_bob));
    assert_int_equal(at_bob->others_len, 2);
}

static void test_an_invitation_is_the_founder_s(void **state)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    static struct room_list l;
    (void)state;
    l = at_alice->list;
    fingerprint_of(fingerprint, bob);
    /* by another than who signed it; by the founder's name with another key; without one's name; with another's key */
    assert_null(sealed_room_asked(&l, "bob", fingerprint, "carol", carol->certificate, carol->certificate_len));
    const struct identity *other = user_identity("alice", CERTIFICATE_USER, "server");
    assert_null(sealed_room_asked(&l, "bob", fingerprint, "alice", other->certificate, other->certificate_len));
    assert_null(sealed_room_asked(&l, "bob", fingerprint, "alice", bob->certificate, bob->certificate_len));
    assert_null(asked(&l, "dave", dave));
    assert_null(asked(&l, "bob", carol));
    assert_null(asked(&l, "alice", alice)); /* oneself */
    l.bytes[l.len - 1] ^= 1;                /* the signature */
    assert_null(asked(&l, "bob", bob));
}

static void test_lists_go_forward_alone(void **state)
{
    static struct room_list older, newer, newest;
    (void)state;
    older = at_alice->before;
    next_list(&newer, at_alice, "dave", dave);
    sealed_room_take(at_alice, &newer, now);
    next_list(&newest, at_alice, "dave", NULL);
    assert_int_equal(judge(at_bob, &at_bob->list, "alice", alice), SEALED_ROOM_NOTHING);
    assert_int_equal(judge(at_bob, &older, "alice", alice), SEALED_ROOM_NOTHING);
    assert_int_equal(judge(at_bob, &newer, "alice", alice), SEALED_ROOM_NEWER);
    assert_int_equal(judge(at_bob, &newer, "carol", carol), SEALED_ROOM_NEWER);  /* each member passes them on */
    assert_int_equal(judge(at_bob, &newest, "alice", alice), SEALED_ROOM_NEWER); /* what is between was missed */
    sealed_room_take(at_bob, &newest, now);
    assert_int_equal(judge(at_bob, &newer, "alice", alice), SEALED_ROOM_NOTHING);
    assert_int_equal(judge(at_bob, &older, "alice", alice), SEALED_ROOM_NOTHING);
}

static void test_who_may_give_a_list(void **state)
{
    static struct room_list newer, closed;
    const struct identity *false_alice = user_identity("alice", CERTIFICATE_USER, "server");
    (void)state;
    next_list(&newer, at_alice, "carol", NULL);
    assert_int_equal(judge(at_bob, &newer, "carol", carol), SEALED_ROOM_NOTHING); /* is not on it */
    assert_int_equal(judge(at_bob, &newer, "dave", dave), SEALED_ROOM_NOTHING);
    assert_int_equal(judge(at_bob, &newer, "alice", false_alice), SEALED_ROOM_NOTHING);
    assert_int_equal(judge(at_bob, &newer, "alice", alice), SEALED_ROOM_NEWER);
    next_list(&closed, at_alice, NULL, NULL);
    assert_int_equal(judge(at_bob, &closed, "carol", carol), SEALED_ROOM_NEWER); /* who was on the one before */
    assert_int_equal(judge(at_bob, &closed, "dave", dave), SEALED_ROOM_NOTHING);
}

static void test_another_s_list(void **state)
{
    static struct room_list l;
    (void)state;
    next_list(&l, at_alice, "dave", dave);
    l.bytes[l.len - 1] ^= 1;
    assert_int_equal(judge(at_bob, &l, "alice", alice), SEALED_ROOM_NOTHING);
    struct sealed_room *other = sealed_room_found("+exam", "alice", alice, &rng); /* of the same name */
    assert_int_equal(judge(at_bob, &other->list, "alice", alice), SEALED_ROOM_NOTHING);
    sealed_room_free(other);
    next_list(&l, at_alice, "dave", dave);
    assert_int_equal(room_list_sign(&l, &carol->key, &rng), 0);
    assert_int_equal(judge(at_bob, &l, "alice", alice), SEALED_ROOM_NOTHING);
    next_list(&l, at_alice, "dave", dave);
    memcpy(l.name, "+other", 7);
    assert_int_equal(room_list_sign(&l, &alice->key, &rng), 0);
    assert_int_equal(judge(at_bob, &l, "alice", alice), SEALED_ROOM_NOTHING);
}

static void test_two_histories(void **state)
{
    static struct room_list one, other;
    (void)state;
    next_list(&one, at_alice, "dave", dave);
    next_list(&other, at_alice, "carol", NULL);
    sealed_room_take(at_bob, &one, now);
    assert_int_equal(judge(at_bob, &other, "alice", alice), SEALED_ROOM_SPLIT);
    assert_int_equal(judge(at_bob, &other, "carol", carol), SEALED_ROOM_NOTHING); /* not on it: may not give it */
    sealed_room_take(at_alice, &other, now);
    next_list(&one, at_alice, "dave", dave); /* follows the other */
    assert_int_equal(judge(at_bob, &one, "alice", alice), SEALED_ROOM_SPLIT);
    sealed_room_set_state(at_bob, SEALED_ROOM_STOPPED);
    assert_int_equal(judge(at_bob, &one, "alice", alice), SEALED_ROOM_NOTHING);
}

static void test_states(void **state)
{
    static struct room_list without, with, closed;
    (void)state;
    next_list(&without, at_alice, "bob", NULL);
    sealed_room_take(at_bob, &without, now);
    assert_int_equal(at_bob->state, SEALED_ROOM_OUT);
    sealed_room_take(at_alice, &without, now);
    next_list(&with, at_alice, "bob", dave); /* that name with another key is somebody else */
    sealed_room_take(at_bob, &with, now);
    assert_int_equal(at_bob->state, SEALED_ROOM_OUT);
    sealed_room_take(at_alice, &with, now);
    next_list(&with, at_alice, "bob", bob);
    assert_int_equal(judge(at_bob, &with, "carol", carol), SEALED_ROOM_NOTHING); /* the founder alone invites */
    assert_int_equal(judge(at_bob, &with, "alice", alice), SEALED_ROOM_NEWER);
    sealed_room_take(at_bob, &with, now);
    assert_int_equal(at_bob->state, SEALED_ROOM_ASKED);
    sealed_room_set_state(at_bob, SEALED_ROOM_LEFT);
    sealed_room_take(at_alice, &with, now);
    next_list(&with, at_alice, "dave", dave);
    sealed_room_take(at_bob, &with, now);
    assert_int_equal(at_bob->state, SEALED_ROOM_LEFT); /* the founder does not know yet */
    sealed_room_take(at_alice, &with, now);
    next_list(&closed, at_alice, NULL, NULL);
    sealed_room_take(at_bob, &closed, now);
    assert_int_equal(at_bob->state, SEALED_ROOM_CLOSED);
}

/* --- Keys --------------------------------------------------------------------------------------------------------- */

static void take_key_of(struct sealed_room *to, const struct sender_key *k, const char *peer, const struct identity *id)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    const struct sealed_from from = {peer, fingerprint, id->certificate, id->certificate_len, PEER_NEW};
    fingerprint_of(fingerprint, id);
    sealed_room_take_key(to, k, &from, now);
}

/* The key of one, drawn if need be, to another. */
static void hand_over(struct sealed_room *from, const struct identity *id, struct sealed_room *to)
{
    sealed_room_draw_key(from, now, true, &rng);
    take_key_of(to, &from->mine, from->me, id);
}

static struct sealed_other *other_of(struct sealed_room *r, const char *name, const struct identity *id)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    fingerprint_of(fingerprint, id);
    return sealed_room_other(r, name, fingerprint);
}

static void test_whose_key_is_taken(void **state)
{
    static struct room_list l;
    struct sender_key k;
    (void)state;
    sealed_room_draw_key(at_bob, now, true, &rng);
    k = at_bob->mine;
    const struct identity *false_bob = user_identity("bob", CERTIFICATE_USER, "server");
    take_key_of(at_alice, &k, "bob", false_bob); /* the server's, say */
    take_key_of(at_alice, &k, "dave", dave);
    assert_false(other_of(at_alice, "bob", bob)->has_newest);
    k.list[0] ^= 1; /* of another list */
    take_key_of(at_alice, &k, "bob", bob);
    assert_false(other_of(at_alice, "bob", bob)->has_newest);
    next_list(&l, at_alice, "bob", NULL);
    sealed_room_take(at_alice, &l, now);
    take_key_of(at_alice, &at_bob->mine, "bob", bob); /* was removed */
    assert_false(other_of(at_alice, "bob", bob)->has_newest);
}

static void test_the_key_of_the_list_before(void **state)
{
    static struct room_list l;
    (void)state;
    sealed_room_draw_key(at_bob, now, true, &rng);
    next_list(&l, at_alice, "dave", dave);
    sealed_room_take(at_alice, &l, now);
    now += SEALED_ROOM_BEFORE_MS - 1;
    take_key_of(at_alice, &at_bob->mine, "bob", bob);
    assert_true(other_of(at_alice, "bob", bob)->has_newest);
    now++;
    sealed_room_draw_key(at_carol, now, true, &rng);
    take_key_of(at_alice, &at_carol->mine, "carol", carol);
    assert_false(other_of(at_alice, "carol", carol)->has_newest);
}

/* It comes behind the one for the newest list, which it does not push out. */
static void test_a_key_of_the_list_before_that_comes_late(void **state)
{
    static struct room_list l;
    struct sender_key late;
    (void)state;
    sealed_room_draw_key(at_bob, now, true, &rng);
    late = at_bob->mine;
    next_list(&l, at_alice, "dave", dave);
    sealed_room_take(at_alice, &l, now);
    sealed_room_take(at_bob, &l, now);
    hand_over(at_bob, bob, at_alice);
    take_key_of(at_alice, &late, "bob", bob);
    const struct sealed_other *o = other_of(at_alice, "bob", bob);
    assert_memory_equal(o->newest.id, at_bob->mine.id, sizeof late.id);
    assert_memory_equal(o->before.id, late.id, sizeof late.id);
    sealed_room_tick(at_alice, now + SEALED_ROOM_BEFORE_MS);
    assert_true(o->has_newest && !o->has_before);
}

static void test_a_key_for_each_list(void **state)
{
    static struct room_list l;
    struct sender_key before;
    (void)state;
    sealed_room_draw_key(at_alice, now, false, &rng);
    before = at_alice->mine;
    sealed_room_draw_key(at_alice, now, true, &rng);
    assert_memory_equal(at_alice->mine.id, before.id, sizeof before.id);
    next_list(&l, at_alice, "bob", NULL);
    sealed_room_take(at_alice, &l, now);
    assert_false(at_alice->has_mine);
    sealed_room_draw_key(at_alice, now, false, &rng);
    assert_memory_not_equal(at_alice->mine.id, before.id, sizeof before.id);
    assert_memory_not_equal(at_alice->mine.secret, before.secret, sizeof before.secret);
    assert_memory_equal(at_alice->mine.list, l.hash, sizeof l.hash);
}

static void test_a_key_lasts_an_hour_or_a_hundred_messages(void **state)
{
    struct sender_key before;
    (void)state;
    sealed_room_draw_key(at_alice, now, true, &rng);
    before = at_alice->mine;
    now += SEALED_ROOM_KEY_MS - 1;
    sealed_room_draw_key(at_alice, now, true, &rng);
    assert_memory_equal(at_alice->mine.id, before.id, sizeof before.id);
    now++;
    sealed_room_draw_key(at_alice, now, false, &rng); /* nothing to say: it stays */
    assert_memory_equal(at_alice->mine.id, before.id, sizeof before.id);
    sealed_room_draw_key(at_alice, now, true, &rng);
    assert_memory_not_equal(at_alice->mine.id, before.id, sizeof before.id);
    before = at_alice->mine;
    at_alice->mine.i = SENDER_KEY_MESSAGES - 1;
    sealed_room_draw_key(at_alice, now, true, &rng);
    assert_memory_equal(at_alice->mine.id, before.id, sizeof before.id);
    at_alice->mine.i = SENDER_KEY_MESSAGES;
    sealed_room_draw_key(at_alice, now, true, &rng);
    assert_memory_not_equal(at_alice->mine.id, before.id, sizeof before.id);
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

struct message_of {
    uint8_t bytes[SEALED_MAX];
    size_t len;
};

static struct message_of say(struct sealed_room *from, const struct identity *id, const char *text)
{
    static struct sealed_statement s;
    struct message_of m;
    sealed_room_draw_key(from, now, true, &rng);
    assert_int_equal(sealed_room_seal(from, id, (const uint8_t *)text, strlen(text), &rng, &s, m.bytes, &m.len), 0);
    return m;
}

static enum sealed_room_opened hear(struct sealed_room *to, const char *sender, const struct message_of *m)
{
    return sealed_room_open(to, sender, 7, m->bytes, m->len, now, true, &line);
}

static void expect_line(struct sealed_room *to, const char *sender, const struct message_of *m, const char *text,
                        unsigned marks)
{
    assert_int_equal(hear(to, sender, m), SEALED_ROOM_LINE);
    assert_int_equal(line.statement.text_len, strlen(text));
    assert_memory_equal(line.statement.text, text, strlen(text));
    assert_string_equal(line.statement.sender, sender);
    assert_int_equal(line.marks, marks);
    assert_int_equal(line.time, 7);
}

static void all_hand_over(void)
{
    hand_over(at_alice, alice, at_bob);
    hand_over(at_alice, alice, at_carol);
    hand_over(at_bob, bob, at_alice);
    hand_over(at_bob, bob, at_carol);
    hand_over(at_carol, carol, at_alice);
    hand_over(at_carol, carol, at_bob);
}

static void test_three_talk(void **state)
{
    struct message_of m;
    (void)state;
    all_hand_over();
    for (size_t i = 0; i < 3; i++) {
        m = say(at_alice, alice, "hello");
        expect_line(at_bob, "alice", &m, "hello", 0);
        expect_line(at_carol, "alice", &m, "hello", 0);
        m = say(at_bob, bob, "hello yourself");
        expect_line(at_alice, "bob", &m, "hello yourself", 0);
        expect_line(at_carol, "bob", &m, "hello yourself", 0);
        assert_int_equal(hear(at_carol, "bob", &m), SEALED_ROOM_UNOPENED); /* once */
    }
}

static void test_who_is_not_on_the_list_is_not_heard(void **state)
{
    static struct room_list l;
    struct message_of m;
    (void)state;
    all_hand_over();
    m = say(at_bob, bob, "hello");
    assert_int_equal(hear(at_alice, "dave", &m), SEALED_ROOM_DROPPED);
    assert_int_equal(hear(at_alice, "alice", &m), SEALED_ROOM_DROPPED); /* one's own name */
    assert_int_equal(hear(at_alice, "carol", &m), SEALED_ROOM_HELD);    /* no key of that number is hers */
    next_list(&l, at_alice, "bob", NULL);
    sealed_room_take(at_alice, &l, now);
    now += SEALED_ROOM_BEFORE_MS;
    assert_int_equal(hear(at_alice, "bob", &m), SEALED_ROOM_DROPPED);
    m.bytes[0] ^= 1; /* another room's */
    assert_int_equal(hear(at_carol, "bob", &m), SEALED_ROOM_DROPPED);
}

static void test_a_member_who_speaks_as_another(void **state)
{
    struct message_of m;
    (void)state;
    all_hand_over();
    /* bob has alice's key, and seals with it: carol asks for alice's signature. */
    at_bob->mine = other_of(at_bob, "alice", alice)->newest;
    memcpy(at_bob->me, "alice", 6);
    m = say(at_bob, bob, "I resign");
    assert_int_equal(hear(at_carol, "alice", &m), SEALED_ROOM_UNOPENED);
    memcpy(at_bob->me, "bob", 4);
}

/* Whoever comes later gets the key as it stands then: also to whoever has no respect for its number it opens nothing
 * earlier. */
static void test_nothing_from_before(void **state)
{
    static struct sealed_statement s;
    struct message_of first, second;
    (void)state;
    first = say(at_alice, alice, "before bob");
    hand_over(at_alice, alice, at_bob);
    assert_int_equal(hear(at_bob, "alice", &first),
                     SEALED_ROOM_DROPPED); /* and nobody is told that it can't be opened */
    struct sender_key k = other_of(at_bob, "alice", alice)->newest;
    assert_int_equal(k.i, 1);
    k.i = 0;
    const struct rsa_public *key = &other_of(at_bob, "alice", alice)->key;
    assert_int_equal(sealed_open(&s, &k, first.bytes, first.len, "alice", &k, key), -1);
    second = say(at_alice, alice, "after");
    expect_line(at_bob, "alice", &second, "after", 0);
}

static void test_a_key_that_comes_again(void **state)
{
    struct message_of m;
    struct sender_key early;
    (void)state;
    all_hand_over();
    early = at_alice->mine;
    m = say(at_alice, alice, "one");
    expect_line(at_bob, "alice", &m, "one", 0);
    take_key_of(at_bob, &early, "alice", alice); /* would open it once more */
    assert_int_equal(hear(at_bob, "alice", &m), SEALED_ROOM_UNOPENED);
    m = say(at_alice, alice, "two");
    expect_line(at_bob, "alice", &m, "two", 0);
}

/* Whether a copy of a key opens it, whatever number the thief gives the key. */
static bool thief_opens(const struct sender_key *copy, const struct message_of *m)
{
    static struct sealed_statement s;
    struct sender_key k = *copy, next;
    for (k.i = 0; k.i < 3; k.i++)
        if (sealed_open(&s, &next, m->bytes, m->len, "alice", &k, &other_of(at_bob, "alice", alice)->key) == 0)
            return true;
    k = *copy;
    return sealed_open(&s, &next, m->bytes, m->len, "alice", &k, &other_of(at_bob, "alice", alice)->key) == 0;
}

/* Of the one who seals, and of one who opens: nothing from before, all that comes under this key, and no more. */
static void test_a_stolen_key(void **state)
{
    struct message_of m[4];
    (void)state;
    all_hand_over();
    m[0] = say(at_alice, alice, "before");
    expect_line(at_bob, "alice", &m[0], "before", 0);
    const struct sender_key copies[] = {at_alice->mine, other_of(at_bob, "alice", alice)->newest};
    m[1] = say(at_alice, alice, "after");
    m[2] = say(at_alice, alice, "long after");
    now += SEALED_ROOM_KEY_MS;
    m[3] = say(at_alice, alice, "under the next key");
    for (size_t i = 0; i < 2; i++) {
        assert_false(thief_opens(&copies[i], &m[0]));
        assert_true(thief_opens(&copies[i], &m[1]));
        assert_true(thief_opens(&copies[i], &m[2]));
        assert_false(thief_opens(&copies[i], &m[3]));
    }
}

static void test_the_list_before(void **state)
{
    static struct room_list l;
    struct message_of m, late;
    (void)state;
    all_hand_over();
    m = say(at_bob, bob, "on its way");
    late = say(at_bob, bob, "too late");
    next_list(&l, at_alice, "carol", NULL);
    sealed_room_take(at_alice, &l, now);
    now += SEALED_ROOM_BEFORE_MS - 1;
    expect_line(at_alice, "bob", &m, "on its way", SEALED_MARK_OLD_LIST);
    now++;
    assert_int_equal(hear(at_alice, "bob", &late), SEALED_ROOM_HELD);
    m = say(at_bob, bob, "and no later"); /* held behind it */
    assert_int_equal(hear(at_alice, "bob", &m), SEALED_ROOM_HELD);
}

static void test_a_removed_member_reads_nothing(void **state)
{
    static struct room_list l;
    struct message_of m;
    (void)state;
    all_hand_over();
    next_list(&l, at_alice, "carol", NULL);
    sealed_room_take(at_alice, &l, now);
    sealed_room_take(at_bob, &l, now);
    m = say(at_alice, alice, "without carol");
    assert_int_equal(hear(at_carol, "alice", &m), SEALED_ROOM_HELD); /* knows neither list nor key */
    hand_over(at_alice, alice, at_bob);
    m = say(at_alice, alice, "to bob");
    expect_line(at_bob, "alice", &m, "to bob", 0);
    sealed_room_take(at_carol, &l, now);
    assert_int_equal(at_carol->state, SEALED_ROOM_OUT);
    assert_int_equal(hear(at_carol, "alice", &m), SEALED_ROOM_DROPPED);
}

static void test_marks(void **state)
{
    struct message_of one, two, three;
    (void)state;
    all_hand_over();
    one = say(at_alice, alice, "one");
    two = say(at_alice, alice, "two");
    three = say(at_alice, alice, "three");
    expect_line(at_bob, "alice", &one, "one", 0);
    expect_line(at_bob, "alice", &three, "three", SEALED_MARK_MISSING);
    assert_int_equal(hear(at_bob, "alice", &two), SEALED_ROOM_UNOPENED); /* what is skipped is lost */
    expect_line(at_carol, "alice", &two, "two", 0);                      /* the first line here */
    memset(at_alice->prev, 0, sizeof at_alice->prev);                    /* a program that was started anew */
    one = say(at_alice, alice, "anew");
    expect_line(at_bob, "alice", &one, "anew", SEALED_MARK_ANEW);
    expect_line(at_carol, "alice", &one, "anew", SEALED_MARK_ANEW);
}

static void test_what_was_seen(void **state)
{
    struct message_of m, withheld;
    (void)state;
    all_hand_over();
    m = say(at_bob, bob, "from bob");
    expect_line(at_alice, "bob", &m, "from bob", 0);
    m = say(at_alice, alice, "her first line here"); /* names bob's, which carol has not */
    expect_line(at_carol, "alice", &m, "her first line here", 0);
    m = say(at_alice, alice, "again");
    expect_line(at_carol, "alice", &m, "again", 0); /* the same */
    withheld = say(at_bob, bob, "withheld from carol");
    expect_line(at_alice, "bob", &withheld, "withheld from carol", 0);
    m = say(at_alice, alice, "I agree");
    expect_line(at_carol, "alice", &m, "I agree", SEALED_MARK_UNSEEN);
    expect_line(at_bob, "alice", &m, "I agree", 0); /* his own line, which she saw */
    m = say(at_alice, alice, "still");
    expect_line(at_carol, "alice", &m, "still", 0);
}

static void test_what_is_held(void **state)
{
    struct message_of m[8];
    enum sealed_room_opened opened;
    (void)state;
    for (size_t i = 0; i < sizeof m / sizeof *m; i++) {
        sealed_room_draw_key(at_alice, now, true, &rng);
        struct sender_key as_it_stood = at_alice->mine;
        m[i] = say(at_alice, alice, (const char[]){(char)('a' + i), '\0'});
        assert_int_equal(hear(at_bob, "alice", &m[i]), SEALED_ROOM_HELD);
        if (i == 0)
            at_carol->mine = as_it_stood; /* kept for later */
    }
    assert_null(sealed_room_open_held(at_bob, now, &line, &opened));
    take_key_of(at_bob, &at_carol->mine, "alice", alice);
    for (size_t i = 0; i < sizeof m / sizeof *m; i++) {
        assert_non_null(sealed_room_open_held(at_bob, now, &line, &opened));
        assert_int_equal(opened, SEALED_ROOM_LINE);
        assert_int_equal(line.statement.text[0], 'a' + i);
    }
    assert_null(sealed_room_open_held(at_bob, now, &line, &opened));
    assert_int_equal(sealed_room_open(at_carol, "alice", 7, m[0].bytes, m[0].len, now, false, &line),
                     SEALED_ROOM_UNOPENED); /* no call: nothing can come */
}

/* Long ones, as many as the server passes on at once. */
static void test_how_much_is_held(void **state)
{
    char text[TEXT_MAX_LEN + 1];
    size_t bytes = 0;
    (void)state;
    memset(text, 'x', TEXT_MAX_LEN);
    text[TEXT_MAX_LEN] = '\0';
    while (bytes <= SEALED_ROOM_HELD_BYTES) {
        struct message_of m = say(at_alice, alice, text);
        bytes += m.len;
        assert_int_equal(hear(at_bob, "alice", &m),
                         bytes <= SEALED_ROOM_HELD_BYTES ? SEALED_ROOM_HELD : SEALED_ROOM_UNOPENED);
    }
    struct message_of m = say(at_alice, alice, "for which there is room");
    assert_int_equal(hear(at_bob, "alice", &m), SEALED_ROOM_HELD);
}

static void test_what_is_held_for_too_long(void **state)
{
    struct message_of m = say(at_alice, alice, "hello");
    enum sealed_room_opened opened;
    (void)state;
    assert_int_equal(hear(at_bob, "alice", &m), SEALED_ROOM_HELD);
    assert_int_equal(sealed_room_wait(at_bob, now, 60000), SEALED_ROOM_BEFORE_MS);
    now += SEALED_ROOM_BEFORE_MS;
    struct sealed_other *o = sealed_room_open_held(at_bob, now, &line, &opened);
    assert_non_null(o);
    assert_int_equal(opened, SEALED_ROOM_UNOPENED);
    assert_true(sealed_room_may_complain(o, now));
    assert_false(sealed_room_may_complain(o, now + SEALED_ROOM_COMPLAIN_MS - 1));
    assert_true(sealed_room_may_complain(o, now + SEALED_ROOM_COMPLAIN_MS));
}

static void test_what_is_too_old_goes(void **state)
{
    static const uint8_t wiped[SENDER_KEY_SECRET_LEN];
    static struct room_list l;
    (void)state;
    all_hand_over();
    struct sealed_other *o = other_of(at_bob, "alice", alice);
    at_alice->mine.i = SENDER_KEY_MESSAGES;
    hand_over(at_alice, alice, at_bob);
    assert_true(o->has_newest && o->has_before);
    sealed_room_tick(at_bob, now + SEALED_ROOM_BEFORE_MS - 1);
    assert_true(o->has_before);
    sealed_room_tick(at_bob, now + SEALED_ROOM_BEFORE_MS);
    assert_false(o->has_before);
    assert_memory_equal(o->before.secret, wiped, sizeof wiped);
    next_list(&l, at_alice, "carol", NULL);
    sealed_room_take(at_bob, &l, now);
    assert_memory_equal(at_bob->mine.secret, wiped, sizeof wiped); /* one's own, at once */
    sealed_room_tick(at_bob, now + SEALED_ROOM_BEFORE_MS - 1);
    o = other_of(at_bob, "alice", alice);
    assert_true(o->has_newest);
    sealed_room_tick(at_bob, now + SEALED_ROOM_BEFORE_MS);
    assert_false(o->has_newest);
    assert_memory_equal(o->newest.secret, wiped, sizeof wiped);
}

static void test_keys_are_forgotten_with_the_room(void **state)
{
    static const uint8_t wiped[SENDER_KEY_SECRET_LEN];
    (void)state;
    all_hand_over();
    sealed_room_set_state(at_bob, SEALED_ROOM_LEFT);
    for (size_t i = 0; i < at_bob->others_len; i++)
        assert_memory_equal(at_bob->others[i].newest.secret, wiped, sizeof wiped);
    assert_memory_equal(at_bob->mine.secret, wiped, sizeof wiped);
    hand_over(at_alice, alice, at_bob); /* is passed over */
    assert_false(other_of(at_bob, "alice", alice)->has_newest);
}

static void test_what_is_missed_while_away(void **state)
{
    struct message_of m;
    (void)state;
    all_hand_over();
    m = say(at_alice, alice, "one");
    expect_line(at_bob, "alice", &m, "one", 0);
    sealed_room_enter(at_bob, false);
    (void)say(at_alice, alice, "two");
    sealed_room_enter(at_bob, true);
    m = say(at_alice, alice, "three");
    expect_line(at_bob, "alice", &m, "three", 0);
}

/* A founder who adds and removes a hundred times. */
static void test_nothing_grows(void **state)
{
    static struct room_list l;
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        next_list(&l, at_alice, "dave", i % 2 == 0 ? dave : NULL);
        sealed_room_take(at_alice, &l, now);
        assert_int_equal(judge(at_bob, &l, "alice", alice), SEALED_ROOM_NEWER);
        sealed_room_take(at_bob, &l, now);
        assert_true(at_bob->others_len <= 3 && at_alice->others_len <= 3);
    }
    assert_int_equal(at_bob->list.n, 102);
}

/* A message that names a key which never comes, of the server's making say, keeps nothing that follows it. */
static void test_what_is_held_keeps_nothing_back(void **state)
{
    struct message_of m, odd;
    (void)state;
    all_hand_over();
    odd = say(at_alice, alice, "one");
    odd.bytes[ROOM_LIST_ID_LEN + ROOM_LIST_HASH_LEN] ^= 1; /* the key's id */
    assert_int_equal(hear(at_bob, "alice", &odd), SEALED_ROOM_HELD);
    for (int i = 0; i < 8; i++) {
        m = say(at_alice, alice, "two");
        expect_line(at_bob, "alice", &m, "two", 0);
    }
}

#define ROOM(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOM(test_the_founder_is_first_and_the_others_ascend),
        ROOM(test_an_invitation_is_the_founder_s),
        ROOM(test_lists_go_forward_alone),
        ROOM(test_who_may_give_a_list),
        ROOM(test_another_s_list),
        ROOM(test_two_histories),
        ROOM(test_states),
        ROOM(test_whose_key_is_taken),
        ROOM(test_the_key_of_the_list_before),
        ROOM(test_a_key_of_the_list_before_that_comes_late),
        ROOM(test_a_key_for_each_list),
        ROOM(test_a_key_lasts_an_hour_or_a_hundred_messages),
        ROOM(test_three_talk),
        ROOM(test_who_is_not_on_the_list_is_not_heard),
        ROOM(test_a_member_who_speaks_as_another),
        ROOM(test_nothing_from_before),
        ROOM(test_a_key_that_comes_again),
        ROOM(test_a_stolen_key),
        ROOM(test_the_list_before),
        ROOM(test_a_removed_member_reads_nothing),
        ROOM(test_marks),
        ROOM(test_what_was_seen),
        ROOM(test_what_is_held),
        ROOM(test_how_much_is_held),
        ROOM(test_what_is_held_for_too_long),
        ROOM(test_what_is_held_keeps_nothing_back),
        ROOM(test_what_is_too_old_goes),
        ROOM(test_keys_are_forgotten_with_the_room),
        ROOM(test_what_is_missed_while_away),
        ROOM(test_nothing_grows),
    };
    return RUN(tests);
}
