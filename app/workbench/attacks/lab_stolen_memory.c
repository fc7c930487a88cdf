/* SPDX-License-Identifier: MIT */
/* Two users talk under one secret for ever: whoever copies the memory of one of them, once, reads all that was said
 * before and all that will be.
 *
 *      question   01: steal what alice's client keeps, once        empty: hear what crosses next
 *      answer     yes and that memory; no: it was stolen before    yes and its frames; no: they have no more to say
 *      memory     u64 number, [32] secret of what alice sends; u64 number, [32] secret of what bob sends
 *                 and of the real code u64 n, [32] root, u8 whose the latest step is, its exponent or its value
 *
 * Alice says the first half of the line that the attacker is after in what she says first, and the second in what she
 * says last; in between, after the third text, she is robbed. All that crosses is recorded.
 *
 * The real code is the ratchet of net/ratchet.c, and record_update of net/record.c after each Record, as net/session.c
 * calls them. The conversation is played when the world is made: every connection to a target hears the same. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/call_static.h"
#include "net/ratchet.h"

#define TEXTS 6
#define ROBBED_AFTER 3
#define WIRE_MAX 512 /* a step and a text */
#define TEXT_MAX 64
#define SECRETS_LEN 80
#define MEMORY_MAX (SECRETS_LEN + 8 + HKDF_PRK_LEN + 1 + DH_PUBLIC_MAX_LEN)
#define STEAL 0x01
#define BEGINS "it begins with "
#define ENDS "it ends with "
#define GROUP DH_FFDHE2048

/* One end of the real call. */
struct call_end {
    struct record send, receive;
    struct ratchet ratchet;
};

struct world {
    enum lab_side side;
    size_t heard;
    bool robbed;
    uint8_t wire[TEXTS][WIRE_MAX], memory[TEXTS + 1][MEMORY_MAX];
    size_t wire_len[TEXTS], memory_len[TEXTS + 1];
};

/* --- The two users ------------------------------------------------------------------------------------------------ */

/* What is said; alice speaks first, and then they take turns. Returns the length. */
static size_t text_of(char text[static TEXT_MAX], size_t i, const char *secret)
{
    static const char *const others[TEXTS] = {
        [1] = "and how does it end?", [2] = "wait until we are alone", [3] = "now we are", [5] = "got it"};
    size_t half = (strlen(secret) + 1) / 2;
    if (i == 0)
        snprintf(text, TEXT_MAX, BEGINS "%.*s", (int)half, secret);
    else
        snprintf(text, TEXT_MAX, "%s%s", i == 4 ? ENDS : others[i], i == 4 ? secret + half : "");
    return strlen(text);
}

static size_t put_secret(uint8_t *to, const struct record *r)
{
    bytes_store_be64(to, r->sequence);
    memcpy(to + 8, r->secret, RECORD_SECRET_LEN);
    return 8 + RECORD_SECRET_LEN;
}

static void play_twin(struct world *w, struct rng *rng, const char *secret)
{
    struct dh_key_pair pair[2];
    struct lab_call_static end[2];
    char text[TEXT_MAX];
    for (size_t i = 0; i < 2; i++)
        dh_generate(&pair[i], dh_group(GROUP), rng);
    for (size_t i = 0; i < 2; i++) {
        int made = lab_call_static_init(&end[i], &pair[i], pair[1 - i].y, i == 0);
        assert(made == 0);
        (void)made;
    }
    for (size_t i = 0; i <= TEXTS; i++) {
        size_t len = put_secret(w->memory[i], &end[0].send);
        w->memory_len[i] = len + put_secret(w->memory[i] + len, &end[0].receive);
        if (i == TEXTS)
            break;
        uint8_t heard[WIRE_MAX];
        w->wire_len[i] = lab_call_static_seal(&end[i % 2], rng, w->wire[i], WIRE_MAX, text, text_of(text, i, secret));
        int opened = lab_call_static_open(&end[1 - i % 2], heard, &len, w->wire[i], w->wire_len[i]);
        assert(opened == 0);
        (void)opened;
    }
}

/* A direction's secret is replaced by that of a step, as net/session.c does. */
static void rekey(struct record *r, const uint8_t secret[static RECORD_SECRET_LEN])
{
    uint64_t sequence = r->sequence;
    record_init(r, SUITE_AES128, secret, NULL);
    r->sequence = sequence;
    r->steps = true;
}

/* A Record goes from one end to the other, and neither keeps the means to open it again. */
static void carry(struct world *w, size_t i, struct call_end *from, struct call_end *to, struct rng *rng,
                  enum content_type type, const uint8_t *payload, size_t payload_len)
{
    uint8_t copy[WIRE_MAX], *got;
    size_t len = 0, got_len = 0;
    enum net_err err = record_seal(&from->send, rng, w->wire[i] + w->wire_len[i], WIRE_MAX - w->wire_len[i], &len, type,
                                   payload, payload_len);
    record_update(&from->send);
    memcpy(copy, w->wire[i] + w->wire_len[i], len);
    w->wire_len[i] += len;
    if (err == NET_OK)
        err = record_open(&to->receive, copy, len, &type, &got, &got_len);
    record_update(&to->receive);
    assert(err == NET_OK);
    if (err != NET_OK || type != CONTENT_STEP)
        return;
    int taken = ratchet_take(&to->ratchet, got, got_len);
    assert(taken == 0);
    (void)taken;
    ratchet_work(&to->ratchet, rng);
    if (to->ratchet.n > 0) {
        rekey(&from->send, from->ratchet.secret);
        rekey(&to->receive, to->ratchet.secret);
    }
    ratchet_done(&from->ratchet);
    ratchet_done(&to->ratchet);
}

static size_t put_ratchet(uint8_t *to, const struct ratchet *r)
{
    const struct dh_group *g = r->latest.group;
    size_t len = r->mine ? g->x_len : g->p_len;
    bytes_store_be64(to, r->n);
    memcpy(to + 8, r->root, HKDF_PRK_LEN);
    to[8 + HKDF_PRK_LEN] = r->mine;
    memcpy(to + 8 + HKDF_PRK_LEN + 1, r->mine ? r->latest.x : r->latest.y, len);
    return 8 + HKDF_PRK_LEN + 1 + len;
}

static void play_real(struct world *w, struct rng *rng, const char *secret)
{
    struct call_end end[2];
    uint8_t keys[3][32], payload[RATCHET_STEP_MAX];
    char text[TEXT_MAX];
    rng_key(rng, keys[0], sizeof keys); /* as a handshake leaves them: two secrets and the root */
    for (size_t i = 0; i < 2; i++) {
        record_init(&end[i].send, SUITE_AES128, keys[i], NULL);
        record_init(&end[i].receive, SUITE_AES128, keys[1 - i], NULL);
        end[i].send.steps = end[i].receive.steps = true;
        ratchet_init(&end[i].ratchet, dh_group(GROUP), i == 0, keys[2], NULL);
    }
    for (size_t i = 0; i <= TEXTS; i++) {
        struct call_end *from = &end[i % 2], *to = &end[1 - i % 2];
        size_t len = put_secret(w->memory[i], &end[0].send);
        len += put_secret(w->memory[i] + len, &end[0].receive);
        w->memory_len[i] = len + put_ratchet(w->memory[i] + len, &end[0].ratchet);
        if (i == TEXTS)
            break;
        ratchet_make(&from->ratchet); /* each text is a change of speaker */
        ratchet_work(&from->ratchet, rng);
        carry(w, i, from, to, rng, CONTENT_STEP, payload, ratchet_payload(&from->ratchet, payload));
        len = text_of(text, i, secret);
        carry(w, i, from, to, rng, CONTENT_APPLICATION, (const uint8_t *)text, len);
    }
}

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    w->side = side;
    if (side == LAB_TWIN)
        play_twin(w, rng, secret);
    else
        play_real(w, rng, secret);
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct world *w = world;
    if (question_len == 0 && w->heard < TEXTS) {
        *out_len = w->wire_len[w->heard];
        memcpy(out, w->wire[w->heard++], *out_len);
        return 0;
    }
    if (question_len != 1 || question[0] != STEAL || w->robbed)
        return -1;
    w->robbed = true;
    *out_len = w->memory_len[w->heard];
    memcpy(out, w->memory[w->heard], *out_len);
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* What crossed with each text, and what was stolen. */
struct loot {
    uint8_t wire[TEXTS][WIRE_MAX];
    size_t wire_len[TEXTS];
    struct record secret[2]; /* alice's direction, and bob's */
    bool has_ratchet;
    struct ratchet ratchet;
    char half[2][LAB_SECRET_MAX + 1];
    bool has[2];
    size_t opened;
};

static void hear(struct oracle *o, struct loot *loot, size_t i)
{
    lab_listen(o);
    assert(o->answer_len <= WIRE_MAX);
    loot->wire_len[i] = o->answer_len;
    memcpy(loot->wire[i], o->answer, o->answer_len);
}

static void steal(struct oracle *o, struct loot *loot)
{
    static const uint8_t question[] = {STEAL};
    (void)lab_ask(o, question, sizeof question);
    const uint8_t *p = o->answer, *more = p + SECRETS_LEN;
    for (size_t i = 0; i < 2; i++, p += 8 + RECORD_SECRET_LEN) {
        record_init(&loot->secret[i], SUITE_AES128, p + 8, NULL);
        loot->secret[i].sequence = bytes_load_be64(p);
        loot->secret[i].steps = true;
    }
    loot->has_ratchet = o->answer_len > SECRETS_LEN;
    steps_say(o->steps, "Stolen, once: two secrets%s. Nothing is changed, and nobody notices.",
              loot->has_ratchet ? ", a root, and the exponent of alice's latest step" : "");
    if (!loot->has_ratchet)
        return;
    ratchet_init(&loot->ratchet, dh_group(GROUP), true, more + 8, NULL);
    loot->ratchet.n = bytes_load_be64(more);
    loot->ratchet.begun = true;
    loot->ratchet.mine = more[8 + HKDF_PRK_LEN] != 0;
    memcpy(loot->ratchet.latest.x, more + 8 + HKDF_PRK_LEN + 1, loot->ratchet.latest.group->x_len);
}

/* A text was opened: does it have a half? */
static void read_text(struct oracle *o, struct loot *loot, size_t i, const uint8_t *text, size_t len)
{
    static const char *const before[2] = {BEGINS, ENDS};
    loot->opened++;
    steps_think(o->steps, "Text %zu, %s the theft: it opens. %s says: %.*s", i + 1,
                i < ROBBED_AFTER ? "before" : "after", i % 2 == 0 ? "alice" : "bob", (int)len, (const char *)text);
    for (size_t k = 0; k < 2; k++) {
        size_t skip = strlen(before[k]);
        if (len < skip || len - skip > LAB_SECRET_MAX || memcmp(text, before[k], skip) != 0)
            continue;
        memcpy(loot->half[k], text + skip, len - skip);
        loot->half[k][len - skip] = '\0';
        loot->has[k] = true;
    }
}

/* The step that came is one that these exponents belong to: its secret is known, too. */
static bool follow(struct oracle *o, struct loot *loot, size_t i, const uint8_t *payload, size_t len)
{
    if (!ratchet_may_take(&loot->ratchet) || ratchet_take(&loot->ratchet, payload, len) != 0) {
        steps_think(
            o->steps,
            "Step %zu opens: it is the last that was sealed under a stolen secret. Its value is known now, and the "
            "value before it; but neither exponent: alice's was drawn after the theft, bob's was never with her.",
            i);
        return false;
    }
    ratchet_work(&loot->ratchet, o->rng);
    steps_think(o->steps,
                "Step %zu opens. Its value and the stolen exponent make Z; Z and the stolen root make the secret.", i);
    rekey(&loot->secret[i % 2], loot->ratchet.secret);
    ratchet_done(&loot->ratchet);
    return true;
}

/* All Records of one text, with what is known of its direction; first: the number of the first of them. */
static void try_text(struct oracle *o, struct loot *loot, size_t i, uint64_t first)
{
    struct record *r = &loot->secret[i % 2];
    for (size_t at = 0; at < loot->wire_len[i];) {
        uint8_t copy[WIRE_MAX], *payload;
        enum content_type type;
        struct record now = *r;
        size_t len = FRAME_HEADER_LEN + (size_t)bytes_load_be16(loot->wire[i] + at + 2), payload_len;
        now.sequence = first++;
        memcpy(copy, loot->wire[i] + at, len);
        at += len;
        if (record_open(&now, copy, len, &type, &payload, &payload_len) != NET_OK) {
            steps_think(o->steps, "Text %zu, %s the theft: its Record does not open.", i + 1,
                        i < ROBBED_AFTER ? "before" : "after");
            return;
        }
        if (loot->has_ratchet)
            record_update(r);
        if (type == CONTENT_APPLICATION)
            read_text(o, loot, i, payload, payload_len);
        else if (!follow(o, loot, i, payload, payload_len))
            return;
    }
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    struct loot loot = {.opened = 0};
    for (size_t i = 0; i < TEXTS; i++) {
        if (i == ROBBED_AFTER)
            steal(o, &loot);
        hear(o, &loot, i);
        if (i == 0)
            steps_say(o->steps, "Recorded, as all that crosses from now on; it can't be read.");
    }
    const uint64_t of_each = loot.has_ratchet ? 2 : 1; /* Records: a step and a text, or a text */
    for (size_t i = 0; i < TEXTS; i++)
        try_text(o, &loot, i, of_each * (i / 2));
    if (loot.has[0] && loot.has[1])
        snprintf(found, LAB_SECRET_MAX + 1, "%.16s%.16s", loot.half[0], loot.half[1]);
    if (found[0] != '\0')
        steps_result(o->steps, "one theft, and %zu of %d texts opened, of before and of after it", loot.opened, TEXTS);
    else
        steps_result(o->steps, "one theft, and %zu of %d texts opened: what came before the robbed one's next step",
                     loot.opened, TEXTS);
}

const struct lab lab_stolen_memory = {
    .name = "stolen-memory",
    .what = "one secret for ever: one theft opens what was and will be",
    .twin = "app/workbench/labs/call_static.c",
    .real = "net/ratchet.c, and record_update after each Record",
    .hello = "01 steals what alice keeps, once; each empty line hears what crosses next",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
