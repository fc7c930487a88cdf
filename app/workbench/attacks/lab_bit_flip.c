/* SPDX-License-Identifier: MIT */
/* CBC without a MAC: `pay 0010` becomes `pay 9010`, and whoever did it never knew the key.
 *
 *      question   an order, sealed: iv [16] || ciphertext [16k]        empty: the order that was overheard
 *      answer     yes and what the bank says; no: the order makes no sense
 *
 * P[0] = D(C[0]) xor IV. The attacker knows the text, or guesses its form, and wants another: a bit flipped in the IV
 * is flipped in P[0], and no other bit is. (In a later block it is the block before it that is changed, which becomes
 * noise.)
 *
 * The real code is a Record (net/record.c). There the attack tries the same flip, and then every single bit. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/cbc_bare.h"
#include "crypto/cbc.h"
#include "crypto/pkcs7.h"
#include "net/record.h"

#define BLOCK AES_BLOCK_LEN
#define ORDER "pay 0010 to bob"
#define AMOUNT 4   /* where it stands in the order */
#define LARGE 1000 /* amounts for which the bank has more to say */
#define SAYS "paid, and the word is "

struct world {
    enum lab_side side;
    struct aes_key key;
    struct record receiver;
    char secret[LAB_SECRET_MAX + 1];
    uint8_t overheard[LAB_ANSWER_MAX]; /* twin: iv || ciphertext; real: a frame */
    size_t overheard_len;
};

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    uint8_t key[RECORD_SECRET_LEN], text[2 * BLOCK] = ORDER;
    size_t len = strlen(ORDER);
    w->side = side;
    snprintf(w->secret, sizeof w->secret, "%s", secret);
    rng_key(rng, key, sizeof key);
    if (side == LAB_REAL) {
        struct record sender;
        record_init(&sender, SUITE_AES128, key, NULL);
        record_init(&w->receiver, SUITE_AES128, key, NULL);
        (void)record_seal(&sender, rng, w->overheard, sizeof w->overheard, &w->overheard_len, CONTENT_APPLICATION, text,
                          len);
        return;
    }
    len = pkcs7_pad(text, len);
    aes_key_init(&w->key, key, AES128_KEY_LEN);
    rng_fill(rng, w->overheard, BLOCK);
    cbc_encrypt(&w->key, w->overheard, w->overheard + BLOCK, text, len / BLOCK);
    w->overheard_len = BLOCK + len;
}

/* The order in a question; -1 where it can't be opened. text is as long as a question. */
static int open_order(const struct world *w, uint8_t *text, size_t *text_len, const uint8_t *question,
                      size_t question_len)
{
    if (w->side == LAB_TWIN)
        return lab_cbc_bare_open(text, text_len, &w->key, question, question_len);
    struct record receiver = w->receiver; /* one failure ends a session; the attacker gets a fresh one each time */
    uint8_t frame[LAB_QUESTION_MAX], *payload;
    enum content_type type;
    memcpy(frame, question, question_len);
    if (question_len < RECORD_FRAME_MIN ||
        record_open(&receiver, frame, question_len, &type, &payload, text_len) != NET_OK)
        return -1;
    memcpy(text, payload, *text_len);
    return 0;
}

/* The amount of an order; -1 where it is none. */
static int amount_of(const uint8_t *text, size_t len)
{
    int amount = 0;
    if (len != strlen(ORDER) || memcmp(text, ORDER, AMOUNT) != 0 ||
        memcmp(text + AMOUNT + 4, &ORDER[AMOUNT + 4], len - AMOUNT - 4) != 0)
        return -1;
    for (size_t i = AMOUNT; i < AMOUNT + 4; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        amount = 10 * amount + text[i] - '0';
    }
    return amount;
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct world *w = world;
    uint8_t text[LAB_QUESTION_MAX];
    size_t len;
    if (question_len == 0) {
        memcpy(out, w->overheard, w->overheard_len);
        *out_len = w->overheard_len;
        return 0;
    }
    int amount = open_order(w, text, &len, question, question_len) == 0 ? amount_of(text, len) : -1;
    if (amount < 0)
        return -1;
    *out_len = (size_t)snprintf((char *)out, LAB_ANSWER_MAX, "%s%s", amount < LARGE ? "paid" : SAYS,
                                amount < LARGE ? "" : w->secret);
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* Every bit by itself, where the one that was wanted is refused. Returns how many are taken. */
static size_t try_each_bit(struct oracle *o, uint8_t *message, size_t len)
{
    size_t taken = 0;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        taken += lab_ask(o, message, len) == 0;
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    return taken;
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    uint8_t message[LAB_ANSWER_MAX];
    lab_listen(o);
    size_t len = o->answer_len;
    memcpy(message, o->answer, len);
    /* In a Record the IV comes after the header, and the text after its type. */
    bool record = len % BLOCK != 0;
    size_t i = AMOUNT + (record ? 1 : 0), at = i + (record ? FRAME_HEADER_LEN : 0);
    steps_say(o->steps, "Overheard. The attacker can't read it, and knows what such orders look like: \"%s\".", ORDER);
    if (lab_ask(o, message, len) == 0)
        steps_say(o->steps, "As it was, it is an order for 0010.");
    message[at] ^= '0' ^ '9';
    bool taken = lab_ask(o, message, len) == 0;
    steps_say(o->steps,
              "IV[%zu] ^ '0' ^ '9' = IV[%zu] ^ 09 at byte %zu of what is sent: P[%zu] = D(C)[%zu] ^ IV[%zu] turns from "
              "'0' into '9'.",
              i, i, at, i, i, i);
    if (taken && o->answer_len > strlen(SAYS) && o->answer_len - strlen(SAYS) <= LAB_SECRET_MAX) {
        memcpy(found, o->answer + strlen(SAYS), o->answer_len - strlen(SAYS));
        found[o->answer_len - strlen(SAYS)] = '\0';
        steps_result(o->steps, "\"pay 0010\" became \"pay 9010\" by one changed byte of the IV");
        return;
    }
    message[at] ^= '0' ^ '9';
    steps_think(o->steps, "Perhaps another bit is not looked at. The attacker tries each of %zu.", 8 * len);
    size_t others = try_each_bit(o, message, len);
    steps_result(o->steps,
                 "the tag is over header, IV and ciphertext: of %zu messages with one bit flipped %zu were taken",
                 8 * len, others);
}

const struct lab lab_bit_flip = {
    .name = "bit-flip",
    .what = "CBC without a MAC: others change the text, unread",
    .twin = "app/workbench/labs/cbc_bare.c",
    .real = "net/record.c: record_open",
    .hello = "iv[16] ciphertext[16k], an order: ok and what the bank says",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
