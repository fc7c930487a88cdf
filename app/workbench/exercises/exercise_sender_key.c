/* SPDX-License-Identifier: MIT */
/* Exercise 16: the sender key of a sealed room (docs/protocol.md, 9.6). A wrong secret is compared with what the usual
 * mistakes give, and a wrong payload with what another order or another i would be. */
#include <stdio.h>
#include <string.h>

#include "app/peer/sender_key.h"
#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define SECRET_LEN SENDER_KEY_SECRET_LEN
#define ROOM_AT 1
#define LIST_AT (ROOM_AT + ROOM_LIST_ID_LEN)
#define ID_AT (LIST_AT + ROOM_LIST_HASH_LEN)
#define I_AT (ID_AT + SENDER_KEY_ID_LEN)
#define SECRET_AT (I_AT + 4)

static const char update_info[] = "glasschat/1 update";

/* The arguments: as run_sender_key.c has them. */
enum { ROOM, LIST, ID, I, SECRET, FIRST };

/* --- A key, asked and looked at ----------------------------------------------------------------------------------- */

static void draw(struct checking *c, struct sender_key *k, uint32_t i)
{
    rng_fill(&c->rng, k->room, sizeof k->room);
    rng_fill(&c->rng, k->list, sizeof k->list);
    rng_fill(&c->rng, k->id, sizeof k->id);
    rng_fill(&c->rng, k->secret, sizeof k->secret);
    k->i = i;
}

/* With whatever was in memory before. */
static void ask_for(struct checking *c, const char *function)
{
    ask_begin(c, function);
    ask_out(c, "k->room", ROOM_LIST_ID_LEN);
    ask_out(c, "k->list", ROOM_LIST_HASH_LEN);
    ask_out(c, "k->id", SENDER_KEY_ID_LEN);
    ask_out(c, "k->i", 4);
    ask_out(c, "k->secret", SECRET_LEN);
}

static void ask_with(struct checking *c, const char *function, const struct sender_key *k)
{
    uint8_t i[4];
    bytes_store_be32(i, k->i);
    ask_begin(c, function);
    ask_inout(c, "k->room", k->room, sizeof k->room);
    ask_inout(c, "k->list", k->list, sizeof k->list);
    ask_inout(c, "k->id", k->id, sizeof k->id);
    ask_inout(c, "k->i", i, sizeof i);
    ask_secret_inout(c, "k->secret", k->secret, sizeof k->secret);
}

static bool number_right(struct checking *c, uint32_t right)
{
    uint32_t yours = bytes_load_be32(ask_bytes(c, I));
    if (!check_compares(c) || yours == right)
        return true;
    if (memcmp(ask_bytes(c, I), ask_sent(c, I), 4) == 0)
        return check_failed(c, CHECK_WRONG_RESULT, "k->i", "yours is as it was, should be %u", right);
    return check_failed(c, CHECK_WRONG_RESULT, "k->i", "yours %u, should be %u", yours, right);
}

static bool all_but_secret_right(struct checking *c, const struct sender_key *right)
{
    return expect_bytes(c, ROOM, right->room, sizeof right->room, "k->room") &&
           expect_bytes(c, LIST, right->list, sizeof right->list, "k->list") &&
           expect_bytes(c, ID, right->id, sizeof right->id, "k->id") && number_right(c, right->i);
}

static bool key_right(struct checking *c, const struct sender_key *right)
{
    return all_but_secret_right(c, right) && expect_bytes(c, SECRET, right->secret, sizeof right->secret, "k->secret");
}

/* --- A fresh one -------------------------------------------------------------------------------------------------- */

static void check_draw(struct checking *c)
{
    struct sender_key k;
    uint8_t drawn[SENDER_KEY_ID_LEN + SECRET_LEN];
    draw(c, &k, 0);
    memcpy(drawn, k.id, sizeof k.id);
    memcpy(drawn + sizeof k.id, k.secret, sizeof k.secret);
    ask_for(c, "sender_key_draw");
    ask_in(c, "room", k.room, sizeof k.room);
    ask_in(c, "list", k.list, sizeof k.list);
    ask_secret(c, "what rng gives", drawn, sizeof drawn);
    if (!ask(c))
        return;
    bool swapped = memcmp(ask_bytes(c, SECRET), drawn, SECRET_LEN) == 0;
    if (!key_right(c, &k) && swapped)
        check_hint(c, "the id is drawn first, and then secret 0");
}

/* --- The next secret ---------------------------------------------------------------------------------------------- */

/* HMAC(secret, info || number || zero bytes || counter), or something else. */
struct advance_mistake {
    const char *info;
    bool zero_byte, no_counter, with_i;
    const char *hint;
};

static const struct advance_mistake advance_mistakes[] = {
    {update_info, .zero_byte = true, .hint = "an info of HKDF has no zero byte after the label: sizeof counts it"},
    {update_info, .no_counter = true, .hint = "this is HMAC(secret, info): hkdf_expand adds the byte 01"},
    {update_info, .with_i = true, .hint = "i is not in the info: the label alone"},
    {"", .hint = "the info is missing: \"glasschat/1 update\""},
    {"update", .hint = "the info is the whole of it, \"glasschat/1 update\""},
    {"glasschat/1 next root", .hint = "this is the label of a call's root: here it is \"glasschat/1 update\""},
    {"glasschat/1 ratchet", .hint = "this is the label of a call's step: here it is \"glasschat/1 update\""},
    {"glasschat/1 encrypt", .hint = "this is the label of enc_key: here it is \"glasschat/1 update\""},
    {"glasschat/1 authenticate", .hint = "this is the label of mac_key: here it is \"glasschat/1 update\""},
};

static void advance_wrongly(uint8_t out[static SECRET_LEN], const struct sender_key *k, const struct advance_mistake *m)
{
    uint8_t text[64];
    size_t len = strlen(m->info);
    memcpy(text, m->info, len);
    if (m->with_i) {
        bytes_store_be32(text + len, k->i);
        len += 4;
    }
    text[len] = 0;
    len += m->zero_byte;
    text[len] = 1;
    len += !m->no_counter;
    hmac_tag(out, k->secret, SECRET_LEN, text, len);
}

/* k is the key before. */
static void diagnose_advance(struct checking *c, const struct sender_key *k, const uint8_t *yours)
{
    uint8_t guess[SECRET_LEN];
    for (size_t i = 0; i < COUNT(advance_mistakes); i++) {
        advance_wrongly(guess, k, &advance_mistakes[i]);
        if (memcmp(guess, yours, sizeof guess) == 0)
            check_hint(c, "%s", advance_mistakes[i].hint);
    }
    hkdf_extract(guess, (const uint8_t *)update_info, sizeof update_info - 1, k->secret, SECRET_LEN);
    if (memcmp(guess, yours, sizeof guess) == 0)
        check_hint(c, "this is Extract: a secret that is a key already only has to be expanded");
    if (memcmp(k->secret, yours, sizeof guess) == 0)
        check_hint(c,
                   "the secret is the one before: two messages have the same keys, and whoever steals it later opens "
                   "both");
}

static bool advances(struct checking *c, const struct sender_key *k)
{
    struct sender_key right = *k;
    sender_key_advance(&right);
    ask_with(c, "sender_key_advance", k);
    if (!ask(c) || !all_but_secret_right(c, &right))
        return false;
    if (expect_bytes(c, SECRET, right.secret, sizeof right.secret, "the next secret"))
        return true;
    diagnose_advance(c, k, ask_bytes(c, SECRET));
    return false;
}

static void check_advance(struct checking *c)
{
    static const uint8_t numbers[] = {0, 1, 41, 98, 99};
    struct sender_key k;
    for (size_t i = 0; i < sizeof numbers; i++) {
        draw(c, &k, numbers[i]);
        if (!advances(c, &k))
            return;
    }
}

static void byte_of_secret(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s %zu, byte %zu", what, i / SECRET_LEN + 1, i % SECRET_LEN);
}

static void check_a_hundred(struct checking *c)
{
    static uint8_t right[SENDER_KEY_MESSAGES * SECRET_LEN];
    struct sender_key k, end;
    draw(c, &k, 0);
    end = k;
    for (size_t n = 0; n < SENDER_KEY_MESSAGES; n++) {
        sender_key_advance(&end);
        memcpy(right + n * SECRET_LEN, end.secret, SECRET_LEN);
    }
    ask_with(c, "sender_key_advance, a hundred times", &k);
    ask_out(c, "secrets", sizeof right);
    if (ask(c) && expect_equal(c, ask_bytes(c, FIRST), right, sizeof right, "secret", byte_of_secret))
        key_right(c, &end);
}

/* --- Handed over -------------------------------------------------------------------------------------------------- */

static void diagnose_encode(struct checking *c, const struct sender_key *k, const uint8_t *yours)
{
    uint32_t i = bytes_load_be32(yours + I_AT);
    struct sender_key next = *k;
    sender_key_advance(&next);
    if (memcmp(yours + ROOM_AT, k->list, sizeof k->list) == 0)
        check_hint(c, "room stands before L");
    else if (memcmp(yours + ROOM_AT, k->id, sizeof k->id) == 0)
        check_hint(c, "room and L stand before the key's id");
    else if (memcmp(yours, k->room, sizeof k->room) == 0)
        check_hint(c, "the first byte is the type, 3");
    else if (memcmp(yours + SECRET_AT, next.secret, sizeof next.secret) == 0 || i == k->i + 1)
        check_hint(c, "a key is handed over as it stands: i is the next message's, and so is the secret");
    else if (i != k->i && bytes_load_le32(yours + I_AT) == k->i)
        check_hint(c, "i is big-endian");
}

static bool encodes(struct checking *c, const struct sender_key *k)
{
    uint8_t right[SENDER_KEY_LEN];
    sender_key_encode(right, k);
    ask_with(c, "sender_key_encode", k);
    ask_out(c, "out", sizeof right);
    if (!ask(c))
        return false;
    if (expect_bytes(c, FIRST, right, sizeof right, "the payload"))
        return key_right(c, k);
    if (c->outcome.kind == CHECK_WRONG_BYTES)
        diagnose_encode(c, k, ask_bytes(c, FIRST));
    return false;
}

static void check_encode(struct checking *c)
{
    static const uint8_t numbers[] = {1, 0, 5, 99};
    struct sender_key k;
    for (size_t i = 0; i < sizeof numbers; i++) {
        draw(c, &k, numbers[i]);
        if (!encodes(c, &k))
            return;
    }
}

static void ask_decode(struct checking *c, const uint8_t *in, size_t len)
{
    ask_for(c, "sender_key_decode");
    ask_in(c, "in", in, len);
}

static bool decodes(struct checking *c, uint32_t i)
{
    uint8_t payload[SENDER_KEY_LEN];
    struct sender_key k;
    draw(c, &k, i);
    sender_key_encode(payload, &k);
    ask_decode(c, payload, sizeof payload);
    if (!ask(c))
        return false;
    if (!expect_result(c, 0, "of a good payload the result")) {
        check_hint(c, "%s",
                   i == 0 ? "it has 101 bytes, and begins with the type, 3" : "i is big-endian, and 0 to 99 are good");
        return false;
    }
    return key_right(c, &k);
}

static void check_decode(struct checking *c)
{
    static const uint8_t numbers[] = {0, 1, 57, 99};
    for (size_t i = 0; i < sizeof numbers; i++)
        if (!decodes(c, numbers[i]))
            return;
}

/* --- What is refused ---------------------------------------------------------------------------------------------- */

static bool is_refused(struct checking *c, const uint8_t *payload, size_t len, const char *hint)
{
    static const char why[] = "what is no sender key changes nothing: check all, then copy";
    ask_decode(c, payload, len);
    if (!ask(c))
        return false;
    if (!expect_result(c, -1, "of what is no sender key the result")) {
        check_hint(c, "%s", hint);
        return false;
    }
    return expect_untouched(c, ROOM, 0, why) && expect_untouched(c, LIST, 0, why) && expect_untouched(c, ID, 0, why) &&
           expect_untouched(c, I, 0, why) && expect_untouched(c, SECRET, 0, why);
}

static bool lengths_refused(struct checking *c, const struct sender_key *k)
{
    static const uint8_t lengths[] = {SENDER_KEY_LEN + 1, SENDER_KEY_LEN - 1, 2 * SENDER_KEY_LEN, SECRET_AT, 1, 0};
    uint8_t payload[2 * SENDER_KEY_LEN] = {0};
    sender_key_encode(payload, k);
    for (size_t i = 0; i < sizeof lengths; i++)
        if (!is_refused(c, payload, lengths[i], "a sender key has 101 bytes: not one more, and none less"))
            return false;
    return true;
}

static bool types_refused(struct checking *c, const struct sender_key *k)
{
    static const uint8_t types[] = {0, 1, 2, 4, 5, 0x83, 255};
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, k);
    for (size_t i = 0; i < sizeof types; i++) {
        payload[0] = types[i];
        if (!is_refused(c, payload, sizeof payload, "the first byte of a sender key is its type, 3"))
            return false;
    }
    return true;
}

static bool numbers_refused(struct checking *c, const struct sender_key *k)
{
    static const uint32_t numbers[] = {100, 101, 256, 0x10000, 0x01000000, 0x7fffffff, 0x80000000, 0xffffffff};
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, k);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        bytes_store_be32(payload + I_AT, numbers[i]);
        if (!is_refused(c, payload, sizeof payload, "i is at most 99, all four bytes of it: a key seals 100 messages"))
            return false;
    }
    return true;
}

/* First a good one, as whoever refuses everything refuses nothing in particular. */
static void check_refused(struct checking *c)
{
    struct sender_key k;
    draw(c, &k, 7);
    if (decodes(c, 0) && lengths_refused(c, &k) && types_refused(c, &k))
        numbers_refused(c, &k);
}

/* --- What is kept ------------------------------------------------------------------------------------------------- */

static void check_wiped(struct checking *c)
{
    struct sender_key k;
    draw(c, &k, 77);
    ask_with(c, "sender_key_wipe", &k);
    if (ask(c) && !expect_result(c, 0, "how many bytes of the key are left"))
        check_hint(c, "wipe sizeof *k bytes: sizeof k is a pointer's");
}

/* The secret before, and the next one, which stands in the key and nowhere else. */
static bool nothing_left(struct checking *c, const struct sender_key *k)
{
    uint8_t needles[2][SECRET_LEN];
    struct sender_key next = *k;
    sender_key_advance(&next);
    memcpy(needles[0], k->secret, SECRET_LEN);
    memcpy(needles[1], next.secret, SECRET_LEN);
    ask_with(c, "sender_key_advance, and what it leaves", k);
    ask_in(c, "looked for", needles, sizeof needles);
    if (!ask(c))
        return false;
    const uint64_t stack = c->result & UINT32_MAX, kept = c->result >> 32;
    if (stack == 0 && (kept & 1) == 0)
        return true;
    check_failed(c, CHECK_WRONG_RESULT, "what is left", "a secret is still in memory, and not only where it belongs");
    check_hint(c, "%s",
               (stack & 1) != 0 || (kept & 1) != 0
                   ? "the secret before is still there: it opens the message that was sealed under it"
                   : "a copy of the next secret is left on the stack: ct_wipe it");
    return false;
}

/* The stack below is looked through where no tool looks at it as well. */
static void check_left(struct checking *c)
{
    struct sender_key k;
    draw(c, &k, 3);
    if (c->mode != CHECK_PLAIN)
        return;
    if (!advances(c, &k)) {
        check_not_run(c, "the next secret is wrong, so that there is nothing to look for");
        return;
    }
    nothing_left(c, &k);
}

/* --- Timing ------------------------------------------------------------------------------------------------------- */

static void ask_secret_decode(struct checking *c, const struct sender_key *k)
{
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, k);
    memset(payload + SECRET_AT, 0, SECRET_LEN);
    ask_for(c, "sender_key_decode");
    ask_inout(c, "in", payload, sizeof payload);
    ask_secret(c, "its secret", k->secret, SECRET_LEN);
}

/* What is secret is the secret alone: id and i are told with each message. */
static void timing(struct checking *c)
{
    static const char *const functions[] = {"sender_key_advance", "sender_key_encode", "sender_key_wipe",
                                            "sender_key_decode"};
    struct sender_key k;
    draw(c, &k, 12);
    for (size_t f = 0; f < COUNT(functions); f++) {
        expect_new_path(c, "a secret that begins with zeros");
        for (size_t i = 0; i < 3; i++) {
            rng_fill(&c->rng, k.secret, sizeof k.secret);
            memset(k.secret, 0, i == 0 ? 3 : 0);
            if (f < 3)
                ask_with(c, functions[f], &k);
            else
                ask_secret_decode(c, &k);
            if (f == 1)
                ask_out(c, "out", SENDER_KEY_LEN);
            if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another secret"))
                return;
        }
    }
}

static const struct check checks[] = {
    {"a fresh key", 1, check_draw},
    {"the next secret", 2, check_advance},
    {"a hundred messages", 1, check_a_hundred},
    {"what is handed over", 2, check_encode},
    {"what was handed over is taken", 1, check_decode},
    {"what is no sender key is refused", 2, check_refused},
    {"all of a key is wiped", 1, check_wiped},
    {"the secret before is gone", 1, check_left},
    {NULL, 0, NULL},
};

const struct exercise exercise_sender_key = {
    .number = "16",
    .stem = "sender_key",
    .title = "the sender key of a sealed room",
    .files = {"sender_key.c"},
    .given = "hkdf hmac sha256 sha256_ref sha256_choice_ref bytes ct",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
