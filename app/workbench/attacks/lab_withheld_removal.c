/* SPDX-License-Identifier: MIT */
/* Somebody is removed from a room, and a server that is hers tells nobody.
 *
 * Alice, who has founded the room, removes eve. The list without eve goes to bob in a call, and the server loses it.
 * Bob says the word as soon as alice has said that they are among themselves, and he has read it. The question is what
 * eve, who keeps all that she had, can open, and what bob sees.
 *
 * The twin has the same lines, sealed and signed by the same code, under keys that are drawn once for the room. The
 * real code is app/peer/sealed_room.c, three members of it; what a call would carry is handed over here by hand. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/peer/sealed_room.h"
#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/scene.h"

#define ROOM "+plans"
#define HELLO "is everybody here?"
#define ALONE "eve is out: it is us two now. What is the word?"
#define WORD "the word is "

enum { ALICE, BOB, EVE, MEMBERS };
static const char *const names[MEMBERS] = {"alice", "bob", "eve"};

struct talk {
    struct rng *rng;
    struct steps *steps;
    uint64_t lines;
    int64_t now; /* milliseconds */
    struct identity identity[MEMBERS];
    uint8_t fingerprint[MEMBERS][CERTIFICATE_FINGERPRINT_LEN];
    struct sealed_room *room[MEMBERS]; /* of the real code */
    struct sender_key key[MEMBERS];    /* of the twin, as its owner has it */
    struct sender_key kept_by_eve[2];  /* alice's and bob's, as she has them */
    struct sender_key kept_by_bob;     /* alice's */
    struct sealed_statement last;      /* what was said last */
    struct sealed_line line;           /* what was opened last */
    uint8_t sealed[SEALED_MAX];
    size_t sealed_len;
};

/* --- Three members ------------------------------------------------------------------------------------------------ */

static void make_members(struct talk *t)
{
    static struct scene s;
    static const int ends[MEMBERS] = {SCENE_ALICE, SCENE_BOB, SCENE_AS_BOB};
    scene_begin(&s, t->rng);
    scene_part(&s);
    for (int who = 0; who < MEMBERS; who++) {
        struct certificate c = {.role = CERTIFICATE_USER, .not_after = UINT64_MAX};
        struct identity *own = &t->identity[who];
        own->key = s.end[ends[who]].identity.key;
        memcpy(c.name, names[who], strlen(names[who]) + 1);
        (void)certificate_sign_self(&c, &own->key, t->rng); /* fails by a fault alone */
        own->certificate_len = certificate_encode(own->certificate, &c);
        certificate_fingerprint(t->fingerprint[who], own->key.n);
    }
    scene_end_all(&s);
}

/* A line is a query that eve puts to the keys that she has: whether one of them opens it. */
static void say_line(struct talk *t, int from, const char *text, bool opens)
{
    t->lines++;
    steps_ask(t->steps, t->lines, t->sealed, t->sealed_len);
    steps_answer(t->steps, !opens, NULL, 0);
    steps_say(t->steps, "%s says: %s", names[from], text);
    steps_think(t->steps, opens ? "It opens for eve." : "No key that eve was ever given opens it.");
}

/* --- The twin ----------------------------------------------------------------------------------------------------- */

static bool twin_open(struct talk *t, struct sender_key *k, int from)
{
    struct rsa_public public;
    memcpy(public.n, t->identity[from].key.n, sizeof public.n);
    return sealed_open(&t->line.statement, k, t->sealed, t->sealed_len, names[from], k, &public) == 0;
}

/* True, here and below: it opens for eve. */
static bool twin_say(struct talk *t, int from, const char *text)
{
    struct sender_key *k = &t->key[from];
    struct sealed_statement *s = &t->last;
    *s = (struct sealed_statement){.i = k->i, .text_len = strlen(text)};
    memcpy(s->sender, names[from], strlen(names[from]) + 1);
    memcpy(s->key_id, k->id, sizeof s->key_id);
    memcpy(s->text, text, strlen(text));
    int failed = sealed_statement_sign(s, &t->identity[from].key, t->rng);
    failed = failed != 0 ? failed : sealed_seal(t->sealed, sizeof t->sealed, &t->sealed_len, s, k, t->rng);
    assert(failed == 0);
    (void)failed;
    sender_key_advance(k);
    bool opens = twin_open(t, &t->kept_by_eve[from], from);
    say_line(t, from, text, opens);
    return opens;
}

static bool run_twin(struct talk *t, const char *word)
{
    static const uint8_t zeros[ROOM_LIST_HASH_LEN];
    for (int who = 0; who < MEMBERS; who++)
        sender_key_draw(&t->key[who], zeros, zeros, t->rng);
    t->kept_by_eve[ALICE] = t->kept_by_bob = t->key[ALICE];
    t->kept_by_eve[BOB] = t->key[BOB];
    steps_think(t->steps, "Alice takes eve off the list. The server loses it: bob has the list of before. The keys are "
                          "those of the room, and stay.");
    (void)twin_say(t, ALICE, ALONE);
    bool heard = twin_open(t, &t->kept_by_bob, ALICE);
    steps_think(t->steps, heard ? "On bob's screen, as always:\n[" ROOM "] alice: " ALONE : "Bob can't open it.");
    if (!heard)
        return false;
    return twin_say(t, BOB, word);
}

/* --- The real code ------------------------------------------------------------------------------------------------ */

/* What a call between the two would carry: the newest list of one, and its key as it stands. */
static void hand_over(struct talk *t, int from, int to)
{
    const struct sealed_from who = {.peer = names[from],
                                    .fingerprint = t->fingerprint[from],
                                    .certificate = t->identity[from].certificate,
                                    .certificate_len = t->identity[from].certificate_len,
                                    .state = PEER_COMPARED};
    const struct room_list *l = &t->room[from]->list;
    if (sealed_room_judge(t->room[to], l, names[from], t->fingerprint[from]) == SEALED_ROOM_NEWER) {
        sealed_room_take(t->room[to], l, t->now);
        sealed_room_draw_key(t->room[to], t->now, false, t->rng);
    }
    sealed_room_take_key(t->room[to], &t->room[from]->mine, &who, t->now);
}

static void change_list(struct talk *t, int who, bool on)
{
    static struct room_list next;
    int failed = sealed_room_next_list(&next, t->room[ALICE], names[who], on ? t->fingerprint[who] : NULL,
                                       &t->identity[ALICE], t->rng);
    assert(failed == 0);
    (void)failed;
    sealed_room_take(t->room[ALICE], &next, t->now);
    sealed_room_draw_key(t->room[ALICE], t->now, false, t->rng);
}

static bool found(struct talk *t)
{
    t->room[ALICE] = sealed_room_found(ROOM, names[ALICE], &t->identity[ALICE], t->rng);
    if (t->room[ALICE] == NULL)
        return false;
    change_list(t, BOB, true);
    change_list(t, EVE, true);
    for (int who = BOB; who <= EVE; who++) {
        t->room[who] = sealed_room_asked(&t->room[ALICE]->list, names[who], t->fingerprint[who], names[ALICE],
                                         t->identity[ALICE].certificate, t->identity[ALICE].certificate_len);
        if (t->room[who] == NULL)
            return false;
        sealed_room_set_state(t->room[who], SEALED_ROOM_IN);
        sealed_room_draw_key(t->room[who], t->now, false, t->rng);
    }
    for (int from = 0; from < MEMBERS; from++)
        for (int to = 0; to < MEMBERS; to++)
            if (from != to)
                hand_over(t, from, to);
    return true;
}

static enum sealed_room_opened room_hear(struct talk *t, int who, int from, bool waits)
{
    return sealed_room_open(t->room[who], names[from], 0, t->sealed, t->sealed_len, t->now, waits, &t->line);
}

/* With a key that she was given, whatever list and number it was for. */
static bool eve_tries(struct talk *t, const struct sender_key *kept, int from)
{
    struct sender_key k = *kept;
    struct sealed_head head;
    struct rsa_public public;
    memcpy(public.n, t->identity[from].key.n, sizeof public.n);
    if (sealed_head(&head, t->sealed, t->sealed_len) != 0)
        return false;
    memcpy(k.list, head.list, sizeof k.list);
    memcpy(k.id, head.key_id, sizeof k.id);
    k.i = head.i;
    bool opens = sealed_open(&t->line.statement, &k, t->sealed, t->sealed_len, names[from], &k, &public) == 0;
    sender_key_wipe(&k);
    return opens;
}

/* As her client, and then by hand. */
static bool eve_opens(struct talk *t, int from)
{
    const struct sealed_room *r = t->room[EVE];
    bool opens = room_hear(t, EVE, from, false) == SEALED_ROOM_LINE;
    for (size_t i = 0; i < r->others_len && !opens; i++)
        opens = eve_tries(t, &r->others[i].newest, from) || eve_tries(t, &r->others[i].before, from);
    return opens;
}

static bool room_say(struct talk *t, int from, const char *text)
{
    int failed = sealed_room_seal(t->room[from], &t->identity[from], (const uint8_t *)text, strlen(text), t->rng,
                                  &t->last, t->sealed, &t->sealed_len);
    assert(failed == 0);
    (void)failed;
    bool opens = eve_opens(t, from);
    say_line(t, from, text, opens);
    return opens;
}

/* What alice said can't be opened, and is held for 30 s; then bob is told. True: he was. */
static bool bob_is_told(struct talk *t)
{
    enum sealed_room_opened opened = room_hear(t, BOB, ALICE, true);
    t->now += SEALED_ROOM_BEFORE_MS;
    if (opened == SEALED_ROOM_HELD)
        (void)sealed_room_open_held(t->room[BOB], t->now, &t->line, &opened);
    bool told = opened == SEALED_ROOM_UNOPENED;
    steps_think(t->steps, "On bob's screen, after 30 seconds:\n%s",
                told ? "* " ROOM ": something that alice said could not be opened" : "nothing");
    return told;
}

static bool run_real(struct talk *t, const char *word)
{
    if (!found(t))
        return false;
    change_list(t, EVE, false);
    steps_think(t->steps, "Alice takes eve off the list, and draws a key for the new one. The server loses both: bob "
                          "has the list of before, and so has eve.");
    bool early = room_say(t, BOB, HELLO);
    enum sealed_room_opened opened = room_hear(t, ALICE, BOB, false);
    steps_think(t->steps, "On alice's screen:\n[" ROOM "] bob%s: " HELLO,
                opened == SEALED_ROOM_LINE && (t->line.marks & SEALED_MARK_OLD_LIST) != 0 ? " (said to the list before)"
                                                                                          : "");
    bool later = room_say(t, ALICE, ALONE);
    bool told = bob_is_told(t);
    hand_over(t, ALICE, BOB);
    hand_over(t, BOB, ALICE);
    later = room_say(t, ALICE, ALONE) || later;
    bool heard = room_hear(t, BOB, ALICE, true) == SEALED_ROOM_LINE;
    steps_think(t->steps, "So that bob can read alice at all, the server has to let a call through, and with it comes "
                          "the list.\n* " ROOM ": eve is not on its list any more");
    if (!heard || !told || !early || later)
        return true; /* it is not as it should be: a fault, and not eve's success */
    return room_say(t, BOB, word);
}

/* --- Both --------------------------------------------------------------------------------------------------------- */

static int run(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    static struct talk t;
    char word[LAB_SECRET_MAX + sizeof WORD];
    memset(&t, 0, sizeof t);
    t.rng = rng;
    t.steps = steps;
    snprintf(word, sizeof word, WORD "%s", secret);
    make_members(&t);
    bool won = side == LAB_TWIN ? run_twin(&t, word) : run_real(&t, word);
    for (int who = 0; who < MEMBERS; who++)
        if (t.room[who] != NULL)
            sealed_room_free(t.room[who]);
    if (won) {
        steps_know_all(steps, secret, strlen(secret));
        steps_think(steps, "Eve opens it with the key that she has had all along: %s", word);
    }
    steps_result(steps, won ? "bob read that eve was gone, and eve read on"
                            : "eve read on until bob could read alice; what he said then is for two");
    return won;
}

const struct lab lab_withheld_removal = {
    .name = "withheld-removal",
    .what = "somebody is removed, and the server tells nobody",
    .twin = "a room whose keys stay when its list changes",
    .real = "a room with a key for each list, app/peer/sealed_room.c",
    .run = run,
};
