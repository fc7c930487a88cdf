/* SPDX-License-Identifier: MIT */
/* What somebody can open in a sealed room who has stolen all that one member keeps: what each sender says under the
 * keys that the member had then, from where they stood; with the keys of its calls as well, what is said under the next
 * key of each; and nothing that was said before, or under a list without that member. */
#include "app/peer/sealed_rooms.h"

#include "net/ratchet.h"
#include "tests/fill.h"
#include "tests/home_disk.h"
#include "tests/members.h"
#include "tests/test.h"

/* --- The room's memory -------------------------------------------------------------------------------------------- */

#define SENDERS 3 /* bob, the victim, is the second */
#define VICTIM 1
#define EVENTS 120
#define CHAIN 40 /* so many secrets from a stolen one are tried */

static struct rng rng;
static int64_t now;
static struct sealed_room *room[SENDERS];
static const struct identity *identity[SENDERS];
static const char *const names[SENDERS] = {"alice", "bob", "carol"};

/* A key of somebody's, and when the victim had it: until the next but one came, or the next and half a minute passed,
 * or half a minute after its list. */
struct key {
    size_t sender;
    uint8_t id[SENDER_KEY_ID_LEN];
    int64_t had, replaced;
    bool second;  /* replaced once more */
    uint32_t i;   /* the next one that the victim has not opened, or said */
    bool outside; /* of a list without the victim */
};
static struct key keys[EVENTS + SENDERS];
static size_t keys_len;

struct line {
    size_t key;
    uint32_t i;
    uint8_t bytes[SEALED_MAX];
    size_t len;
};
static struct line lines[EVENTS];
static size_t lines_len;

struct theft {
    struct sealed_room room;
    bool claimed[EVENTS + SENDERS]; /* of each key, from its i on */
    uint32_t i[EVENTS + SENDERS];
};
static struct theft *thefts;
static size_t thefts_len;

static uint32_t drawn_n;

static size_t draw(size_t bound)
{
    uint8_t b[4]; /* so that it is the same on every machine */
    fill(b, sizeof b, 4711 + drawn_n++);
    return ((uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0]) % bound;
}

static void hand_over(size_t from, size_t to)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    const struct identity *id = identity[from];
    const struct sealed_from by = {names[from], fingerprint, id->certificate, id->certificate_len, PEER_NEW};
    certificate_fingerprint(fingerprint, id->key.n);
    sealed_room_take_key(room[to], &room[from]->mine, &by, now);
}

/* Draws a key where there is none, or a new one, and hands it over to all on the list. */
static void new_key(size_t sender)
{
    for (size_t k = 0; k < keys_len; k++)
        if (keys[k].sender == sender) {
            keys[k].second = keys[k].second || keys[k].replaced != INT64_MAX;
            keys[k].replaced = keys[k].second ? keys[k].replaced : now;
        }
    room[sender]->mine.i = SENDER_KEY_MESSAGES;
    sealed_room_draw_key(room[sender], now, true, &rng);
    struct key *k = &keys[keys_len++];
    *k = (struct key){.sender = sender, .had = now, .replaced = INT64_MAX};
    memcpy(k->id, room[sender]->mine.id, sizeof k->id);
    k->outside = room_list_find(&room[sender]->list, names[VICTIM]) == NULL;
    for (size_t to = 0; to < SENDERS; to++)
        if (to != sender && room_list_find(&room[sender]->list, names[to]) != NULL)
            hand_over(sender, to);
}

static size_t current_key(size_t sender)
{
    size_t k = keys_len - 1;
    while (keys[k].sender != sender)
        k--;
    return k;
}

/* Says something that the victim opens at once, or that is withheld from it. */
static void say(size_t sender, bool withheld)
{
    static struct sealed_statement s;
    static struct sealed_line shown;
    struct line *l = &lines[lines_len++];
    assert_true(lines_len <= EVENTS);
    l->key = current_key(sender);
    l->i = room[sender]->mine.i;
    assert_int_equal(
        sealed_room_seal(room[sender], identity[sender], (const uint8_t *)"hello", 5, &rng, &s, l->bytes, &l->len), 0);
    if (sender == VICTIM)
        keys[l->key].i = l->i + 1;
    if (sender == VICTIM || withheld || keys[l->key].outside)
        return;
    assert_int_equal(sealed_room_open(room[VICTIM], names[sender], 0, l->bytes, l->len, now, false, &shown),
                     SEALED_ROOM_LINE);
    keys[l->key].i = l->i + 1;
}

/* Whether the victim still has that key. */
static bool is_kept(const struct key *k)
{
    if (k->outside || k->second)
        return false;
    return k->replaced == INT64_MAX || (k->sender != VICTIM && now - k->replaced < SEALED_ROOM_BEFORE_MS);
}

static void steal(void)
{
    struct theft *t = &thefts[thefts_len++];
    sealed_room_tick(room[VICTIM], now);
    t->room = *room[VICTIM];
    for (size_t k = 0; k < keys_len; k++) {
        t->claimed[k] = is_kept(&keys[k]);
        t->i[k] = keys[k].i;
    }
}

/* A secret, and those that follow from it, on that line, whatever they are said to be for. */
static bool opens(const struct sender_key *stolen, const struct line *l)
{
    static struct sealed_statement s;
    struct rsa_public public;
    struct sealed_head head;
    struct sender_key next, at = *stolen;
    const struct key *k = &keys[l->key];
    memcpy(public.n, identity[k->sender]->key.n, sizeof public.n);
    assert_int_equal(sealed_head(&head, l->bytes, l->len), 0);
    memcpy(at.room, head.room, sizeof at.room);
    memcpy(at.list, head.list, sizeof at.list);
    memcpy(at.id, head.key_id, sizeof at.id);
    for (size_t n = 0; n < CHAIN; n++) {
        at.i = head.i;
        if (sealed_open(&s, &next, l->bytes, l->len, names[k->sender], &at, &public) == 0)
            return true;
        sender_key_advance(&at);
    }
    return false;
}

static bool opened_by(const struct theft *t, const struct line *l)
{
    const struct sealed_room *r = &t->room;
    bool opened = r->has_mine && opens(&r->mine, l);
    for (size_t i = 0; i < r->others_len; i++) { /* whatever they are said to be: what is wiped opens nothing */
        opened = opened || opens(&r->others[i].newest, l);
        opened = opened || opens(&r->others[i].before, l);
    }
    return opened;
}

static void begin_room(void)
{
    static struct room_list l;
    uint8_t fingerprint[SENDERS][CERTIFICATE_FINGERPRINT_LEN];
    rng_init(&rng);
    now = 1000000;
    drawn_n = 0;
    keys_len = lines_len = thefts_len = 0;
    identity[0] = user_identity("alice", CERTIFICATE_USER, "alice");
    identity[1] = user_identity("bob", CERTIFICATE_USER, "bob");
    identity[2] = user_identity("carol", CERTIFICATE_USER, "authority");
    room[0] = sealed_room_found(MEMBERS_ROOM, "alice", identity[0], &rng);
    assert_non_null(room[0]);
    for (size_t i = 0; i < SENDERS; i++)
        certificate_fingerprint(fingerprint[i], identity[i]->key.n);
    for (size_t i = 1; i < SENDERS; i++) {
        assert_int_equal(sealed_room_next_list(&l, room[0], names[i], fingerprint[i], identity[0], &rng), 0);
        sealed_room_take(room[0], &l, 0);
    }
    for (size_t i = 1; i < SENDERS; i++) {
        room[i] = sealed_room_asked(&room[0]->list, names[i], fingerprint[i], "alice", identity[0]->certificate,
                                    identity[0]->certificate_len);
        assert_non_null(room[i]);
        sealed_room_set_state(room[i], SEALED_ROOM_IN);
    }
    thefts = calloc(EVENTS, sizeof *thefts);
    assert_non_null(thefts);
}

static void end_room(void)
{
    for (size_t i = 0; i < SENDERS; i++)
        sealed_room_free(room[i]);
    free(thefts);
    rng_wipe(&rng);
}

/* The list without the victim, which the others take, and it as well. */
static void remove_victim(void)
{
    static struct room_list l;
    assert_int_equal(sealed_room_next_list(&l, room[0], names[VICTIM], NULL, identity[0], &rng), 0);
    for (size_t i = 0; i < SENDERS; i++)
        sealed_room_take(room[i], &l, now);
    for (size_t k = 0; k < keys_len; k++)
        keys[k].second = true; /* who is out has no key any more */
    new_key(0);
    new_key(2);
}

static void test_a_thief_opens_exactly_this(void **state)
{
    size_t opened = 0, closed = 0;
    (void)state;
    begin_room();
    for (size_t i = 0; i < SENDERS; i++)
        new_key(i);
    for (size_t event = 0; event < EVENTS - 2; event++) {
        bool removed = room[VICTIM]->state == SEALED_ROOM_OUT;
        size_t sender = removed ? 2 * draw(2) : draw(SENDERS), what = draw(16);
        if (event == EVENTS * 3 / 4)
            remove_victim();
        else if (what == 0)
            new_key(sender);
        else if (what < 3)
            now += (int64_t)draw(SEALED_ROOM_BEFORE_MS);
        else
            say(sender, what > 12);
        steal();
    }
    for (size_t i = 0; i < thefts_len; i++)
        for (size_t n = 0; n < lines_len; n++) {
            const struct line *l = &lines[n];
            bool claimed = thefts[i].claimed[l->key] && l->i >= thefts[i].i[l->key];
            if (opened_by(&thefts[i], l) != claimed)
                fail_msg("robbed after event %zu, line %zu: %s", i, n, claimed ? "not opened" : "opened");
            opened += claimed;
            closed += !claimed;
        }
    assert_true(opened > 200 && closed > opened); /* or nothing was tried */
    end_room();
}

/* --- With the calls' memory --------------------------------------------------------------------------------------- */

static struct members t;

/* What crosses from alice to bob in the stolen call, and what alice says in the room. */
static struct record stolen_keys;
static struct ratchet stolen_ratchet;
static struct sender_key got_key;
static size_t got_keys, said_len, can_open;
static bool lost; /* something did not open: the thief has no keys any more */

static void follow(const uint8_t secret[static RECORD_SECRET_LEN])
{
    uint64_t sequence = stolen_keys.sequence;
    record_init(&stolen_keys, SUITE_AES128, secret, NULL);
    stolen_keys.sequence = sequence;
    stolen_keys.steps = true;
}

static void read_frame(const struct users_frame *f)
{
    uint8_t frame[SESSION_CALL_PAYLOAD_MAX + 200], *payload;
    enum content_type type;
    size_t len;
    assert_true(f->len <= sizeof frame);
    memcpy(frame, f->frame, f->len);
    lost = lost || record_open(&stolen_keys, frame, f->len, &type, &payload, &len) != NET_OK;
    if (lost)
        return;
    record_update(&stolen_keys);
    if (type == CONTENT_STEP && ratchet_may_take(&stolen_ratchet)) {
        assert_int_equal(ratchet_take(&stolen_ratchet, payload, len), 0);
        ratchet_work(&stolen_ratchet, NULL);
        follow(stolen_ratchet.secret);
        ratchet_done(&stolen_ratchet);
    }
    if (type == CONTENT_APPLICATION && payload[0] == CALL_INSIDE_SENDER_KEY)
        got_keys += sender_key_decode(&got_key, payload, len) == 0;
}

/* With the newest key that it has seen. */
static void read_line(const struct users_frame *f)
{
    static struct sealed_statement s;
    struct rsa_public public;
    memcpy(public.n, t.users.alice.identity->key.n, sizeof public.n);
    said_len++;
    can_open += sealed_open(&s, &got_key, f->frame, f->len, "alice", &got_key, &public) == 0;
}

static bool listen_in(struct users *u, struct users_frame *f)
{
    if (f->sealed && f->from == &u->alice)
        read_line(f);
    else if (f->from == &u->alice && f->to == &u->bob)
        read_frame(f);
    return true;
}

static void steal_from_bob(void)
{
    const struct call *call = calls_live(&t.users.bob.calls, "alice");
    const struct sealed_room *r = member_room(&t.bob);
    assert_non_null(call);
    stolen_keys = call->session.receive;
    stolen_ratchet = call->ratchet;
    for (size_t i = 0; i < r->others_len; i++)
        if (strcmp(r->others[i].name, "alice") == 0)
            got_key = r->others[i].newest;
    got_keys = said_len = can_open = 0;
    lost = false;
    t.users.meddle = listen_in;
}

static void say_under_new_key(const char *text)
{
    member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES;
    member_say(&t.alice, text);
    members_run(&t);
}

/* Bob is robbed once, and says nothing: the acknowledgement of a key carries his step. */
static void test_until_the_next_key_but_one(void **state)
{
    (void)state;
    steal_from_bob();
    member_say(&t.alice, "under the stolen key");
    members_run(&t);
    assert_int_equal(can_open, 1);
    say_under_new_key("under the next");
    assert_int_equal(got_keys, 1);
    assert_int_equal(can_open, 2);
    say_under_new_key("under the next but one");
    assert_true(lost);
    say_under_new_key("and so on");
    assert_int_equal(got_keys, 1);
    assert_int_equal(said_len, 4);
    assert_int_equal(can_open, 2);
    assert_int_equal(user_told(&t.users.bob, "line +exam alice: and so on"), 1);
}

/* A list without bob: what is said under it is for carol alone, and no call with bob carries its key. */
static void test_nothing_under_a_list_without_the_victim(void **state)
{
    (void)state;
    steal_from_bob();
    member_remove(&t.alice, "bob");
    members_run(&t);
    member_say(&t.alice, "without him");
    members_run(&t);
    assert_false(lost); /* it reads the list that removes bob */
    assert_int_equal(got_keys, 0);
    assert_int_equal(said_len, 1);
    assert_int_equal(can_open, 0);
    assert_int_equal(user_told(&t.users.carol, "line +exam alice: without him"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thief_opens_exactly_this),
        MEMBERS_TEST_MET(test_until_the_next_key_but_one, &t),
        MEMBERS_TEST_MET(test_nothing_under_a_list_without_the_victim, &t),
    };
    disk.is_memory = true;
    return RUN(tests);
}
