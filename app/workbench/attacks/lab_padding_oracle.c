/* SPDX-License-Identifier: MIT */
/* Vaudenay's attack, 2002: who is told whether the padding is right reads the message, byte by byte from its end.
 *
 *      question   iv [16] || ciphertext [16k]                      empty: the message as it was overheard
 *      answer     yes: the padding was right; no: it was not
 *
 * To read a block C whose predecessor is C', the attacker sends X || C for X of its own choice. The receiver looks at
 * D(C) xor X. Where the answer is yes, its last byte is 01, or it ends in 02 02, and so on: a second question, with the
 * byte before the last changed, tells. So D(C)[15] = X[15] xor 01, and P[15] = D(C)[15] xor C'[15].
 *
 * The real code is a Record (net/record.c): the same question, with the tag that was overheard. */
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/padding_told.h"
#include "crypto/aes.h"
#include "crypto/cbc.h"
#include "crypto/pkcs7.h"
#include "net/record.h"

#define BLOCK AES_BLOCK_LEN
#define TEXT "The word for tonight is: "
#define TEXT_MAX (sizeof TEXT - 1 + LAB_SECRET_MAX)
#define SAID_FIRST 2 /* tries of a block's last byte that something is said of */

struct world {
    enum lab_side side;
    struct aes_key key;
    struct record receiver;
    uint8_t overheard[LAB_ANSWER_MAX]; /* twin: iv || ciphertext; real: a frame */
    size_t overheard_len;
};

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    uint8_t key[RECORD_SECRET_LEN], text[TEXT_MAX + BLOCK];
    w->side = side;
    rng_key(rng, key, sizeof key);
    memcpy(text, TEXT, sizeof TEXT - 1);
    memcpy(text + sizeof TEXT - 1, secret, strlen(secret));
    size_t len = sizeof TEXT - 1 + strlen(secret);
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

static int answer_real(struct world *w, const uint8_t *question, size_t question_len)
{
    struct record receiver = w->receiver; /* one failure ends a session; the attacker gets a fresh one each time */
    uint8_t frame[LAB_QUESTION_MAX], *payload;
    enum content_type type;
    size_t payload_len;
    if (question_len < RECORD_FRAME_MIN)
        return -1;
    memcpy(frame, question, question_len);
    return record_open(&receiver, frame, question_len, &type, &payload, &payload_len) == NET_OK ? 0 : -1;
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct world *w = world;
    if (question_len == 0) {
        memcpy(out, w->overheard, w->overheard_len);
        *out_len = w->overheard_len;
        return 0;
    }
    return w->side == LAB_REAL ? answer_real(w, question, question_len)
                               : lab_padding_told(&w->key, question, question_len);
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* Where the blocks are in what was overheard, and what goes around them in a question. */
struct wire {
    uint8_t bytes[LAB_ANSWER_MAX];
    size_t len;        /* of all */
    size_t at;         /* of the IV */
    size_t blocks;     /* of ciphertext */
    size_t head, tail; /* bytes that go before the IV and after the ciphertext: of a Record, its header and tag */
};

/* X || C, in a Record's shape where that is what the receiver takes. */
static int ask(struct oracle *o, const struct wire *wire, const uint8_t x[static BLOCK], const uint8_t *c)
{
    uint8_t question[LAB_QUESTION_MAX];
    memcpy(question, wire->bytes, wire->head);
    if (wire->head > 0)
        bytes_store_be16(question + 2, (uint16_t)(2 * BLOCK + wire->tail));
    memcpy(question + wire->head, x, BLOCK);
    memcpy(question + wire->head + BLOCK, c, BLOCK);
    memcpy(question + wire->head + 2 * BLOCK, wire->bytes + wire->len - wire->tail, wire->tail);
    return lab_ask(o, question, wire->head + 2 * BLOCK + wire->tail);
}

/* Whether a yes means what it should: with the byte before changed it is a yes still, or the padding was a longer
 * one. */
static bool is_sure(struct oracle *o, const struct wire *wire, uint8_t x[static BLOCK], const uint8_t *c, size_t at)
{
    if (at == 0)
        return true;
    x[at - 1] ^= 0x80;
    bool sure = ask(o, wire, x, c) == 0;
    x[at - 1] ^= 0x80;
    if (!sure)
        steps_say(o->steps, "No more: that padding was longer than %zu. On with the search.", BLOCK - at);
    return sure;
}

/* Finds D(C)[at], with those after it known. False: no value of X[at] gets a yes. */
static bool find_byte(struct oracle *o, const struct wire *wire, size_t block, size_t at, uint8_t d[static BLOCK])
{
    const uint8_t *before = wire->bytes + wire->at + BLOCK * block, *c = before + BLOCK;
    uint8_t x[BLOCK], pad = (uint8_t)(BLOCK - at);
    rng_fill(o->rng, x, sizeof x);
    for (size_t i = at + 1; i < BLOCK; i++)
        x[i] = d[i] ^ pad;
    for (unsigned guess = 0; guess < 256; guess++) {
        x[at] = (uint8_t)guess;
        if (ask(o, wire, x, c) != 0) {
            if (at == BLOCK - 1 && guess < SAID_FIRST)
                steps_say(o->steps, "X[15] = %02x: D(C) ^ X does not end in 01 (nor 02 02, ...).", guess);
            continue;
        }
        if (!is_sure(o, wire, x, c, at))
            continue;
        d[at] = x[at] ^ pad;
        steps_know(o->steps, BLOCK * block + at, d[at] ^ before[at]);
        steps_say(o->steps, "D(C)[%zu] = X[%zu] ^ %02x = %02x;  P[%zu] = D(C)[%zu] ^ C'[%zu] = %02x ^ %02x = %02x", at,
                  at, pad, d[at], at, at, at, d[at], before[at], d[at] ^ before[at]);
        return true;
    }
    return false;
}

static void find_wire(struct oracle *o, struct wire *wire)
{
    lab_listen(o);
    memcpy(wire->bytes, o->answer, o->answer_len);
    wire->len = o->answer_len;
    bool is_record = wire->len % BLOCK != 0; /* 4 bytes of header */
    wire->head = is_record ? FRAME_HEADER_LEN : 0;
    wire->tail = is_record ? ETM_TAG_LEN : 0;
    wire->at = wire->head;
    wire->blocks = (wire->len - wire->head - wire->tail) / BLOCK - 1;
    size_t wanted = BLOCK * wire->blocks;
    steps_unknown(o->steps, wanted < STEP_KNOWN ? wanted : STEP_KNOWN);
    steps_say(o->steps, "Overheard: %sIV, %zu blocks of ciphertext%s. The key is not needed.",
              is_record ? "a header, " : "", wire->blocks, is_record ? ", a tag" : "");
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    struct wire wire;
    uint8_t d[BLOCK], text[STEP_KNOWN];
    size_t len;
    find_wire(o, &wire);
    for (size_t block = wire.blocks; block-- > 0;)
        for (size_t at = BLOCK; at-- > 0;)
            if (!find_byte(o, &wire, block, at, d)) {
                steps_result(o->steps, "the tag is checked before anything is decrypted: 256 of 256 values of one byte "
                                       "get the same no");
                return;
            }
    memcpy(text, o->steps->known, sizeof text);
    if (pkcs7_unpad(&len, text, BLOCK * wire.blocks) != 0 || len < sizeof TEXT || len > TEXT_MAX)
        return;
    memcpy(found, text + sizeof TEXT - 1, len - (sizeof TEXT - 1));
    found[len - (sizeof TEXT - 1)] = '\0';
    steps_result(o->steps, "%zu blocks read without the key, with %llu questions", wire.blocks,
                 (unsigned long long)o->asked);
}

const struct lab lab_padding_oracle = {
    .name = "padding-oracle",
    .what = "\"wrong padding\" as an answer gives the message away",
    .twin = "app/workbench/labs/padding_told.c",
    .real = "net/record.c: record_open",
    .hello = "iv[16] ciphertext[16k]: ok where its padding is right",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
