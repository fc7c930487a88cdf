/* SPDX-License-Identifier: MIT */
/* Records without a sequence number: one sealed line is sent again and again, and is taken each time.
 *
 *      question   a Record for the bank                                empty: both Records that its customer sealed
 *      answer     yes and what the bank says; no: it is refused, and the bank waits for the next
 *
 * The attacker sits on the wire, holds both Records of a customer and can open neither: the customer pays eve once,
 * then bob once. Which Record arrives when, and how often, is the attacker's to say. Eve, who is the attacker's friend,
 * is told the word as soon as she is rich.
 *
 * The real code is a Record (net/record.c), whose tag is over a number that both sides count and nobody sends. There a
 * failure ends the connection; here the bank goes on as if nothing had come, so that the attacker can try on. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/record_unnumbered.h"
#include "net/record.h"

#define ORDER_TO_EVE "pay 0100 to eve"
#define ORDER_TO_BOB "pay 0007 to bob"
#define AMOUNT 100
#define RICH 1000
#define RECORD_LEN 84 /* of either order: header 4, IV 16, ciphertext 32, tag 32 */
#define HAS "eve has %04u"
#define SAYS "eve has 1000, and the word is "

struct world {
    enum lab_side side;
    struct etm_key key;
    struct record receiver;
    char secret[LAB_SECRET_MAX + 1];
    unsigned account; /* eve's */
    uint8_t sealed[2 * RECORD_LEN];
};

static void seal_both(struct world *w, const uint8_t key[static RECORD_SECRET_LEN], struct rng *rng)
{
    static const char *const orders[2] = {ORDER_TO_EVE, ORDER_TO_BOB};
    uint8_t frame[LAB_RECORD_UNNUMBERED_MAX];
    struct record sender;
    size_t len = 0;
    record_init(&sender, SUITE_AES128, key, NULL);
    for (size_t i = 0; i < 2; i++) {
        if (w->side == LAB_TWIN)
            len = lab_record_unnumbered_seal(&w->key, rng, frame, orders[i], strlen(orders[i]));
        else
            (void)record_seal(&sender, rng, frame, sizeof frame, &len, CONTENT_APPLICATION, (const uint8_t *)orders[i],
                              strlen(orders[i])); /* can't fail: these are the first under their keys */
        memcpy(w->sealed + i * RECORD_LEN, frame, len);
    }
    record_wipe(&sender);
}

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    uint8_t key[RECORD_SECRET_LEN];
    w->side = side;
    snprintf(w->secret, sizeof w->secret, "%s", secret);
    rng_key(rng, key, sizeof key);
    record_init(&w->receiver, SUITE_AES128, key, NULL);
    w->key = w->receiver.key; /* the twin's is the same, so that only the number is missing */
    seal_both(w, key, rng);
}

/* The order in a question, -1 where it can't be opened. text is as long as a question. */
static int open_order(struct world *w, uint8_t *text, size_t *text_len, const uint8_t *question, size_t question_len)
{
    if (w->side == LAB_TWIN)
        return lab_record_unnumbered_open(&w->key, text, text_len, question, question_len);
    struct record receiver = w->receiver;
    uint8_t frame[LAB_QUESTION_MAX], *payload;
    enum content_type type;
    memcpy(frame, question, question_len);
    if (question_len < RECORD_FRAME_MIN ||
        record_open(&receiver, frame, question_len, &type, &payload, text_len) != NET_OK)
        return -1;
    memcpy(text, payload, *text_len);
    w->receiver = receiver;
    return 0;
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct world *w = world;
    uint8_t text[LAB_QUESTION_MAX];
    size_t len;
    if (question_len == 0) {
        memcpy(out, w->sealed, sizeof w->sealed);
        *out_len = sizeof w->sealed;
        return 0;
    }
    if (open_order(w, text, &len, question, question_len) != 0)
        return -1;
    if (len == strlen(ORDER_TO_EVE) && memcmp(text, ORDER_TO_EVE, len) == 0 && w->account < RICH)
        w->account += AMOUNT;
    *out_len = w->account < RICH ? (size_t)snprintf((char *)out, LAB_ANSWER_MAX, HAS, w->account)
                                 : (size_t)snprintf((char *)out, LAB_ANSWER_MAX, SAYS "%s", w->secret);
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* The bank's word, where it said it. */
static bool read_word(const struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    size_t before = strlen(SAYS);
    if (o->answer_len <= before || o->answer_len - before > LAB_SECRET_MAX)
        return false;
    memcpy(found, o->answer + before, o->answer_len - before);
    found[o->answer_len - before] = '\0';
    return true;
}

/* The Record for eve until it is refused or the bank says the word. Returns how often it was taken. */
static unsigned repeat(struct oracle *o, const uint8_t *record, bool late, char found[static LAB_SECRET_MAX + 1])
{
    for (unsigned times = 0; times < RICH / AMOUNT; times++) {
        bool taken = lab_ask(o, record, RECORD_LEN) == 0;
        if (times == 0)
            steps_say(o->steps, "Record 1, %s: %s.", late ? "late" : "in its turn", taken ? "taken" : "refused");
        if (!taken) {
            steps_say(o->steps, "The same Record once more: refused.");
            return times;
        }
        if (times == 1)
            steps_say(o->steps, "The same Record once more, byte for byte: taken, and eve is paid again.");
        if (read_word(o, found)) {
            steps_say(o->steps, "Number %u of the same Record.", times + 1);
            return times + 1;
        }
    }
    return RICH / AMOUNT;
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    uint8_t sealed[2 * RECORD_LEN];
    lab_listen(o);
    memcpy(sealed, o->answer, sizeof sealed);
    const uint8_t *first = sealed, *second = sealed + RECORD_LEN;
    steps_say(o->steps,
              "Held back on the wire: Record 1, which pays eve %d, and Record 2, which pays bob. The attacker can "
              "read neither, and changes no bit of them.",
              AMOUNT);
    bool early = lab_ask(o, second, RECORD_LEN) == 0;
    steps_say(o->steps, "Record 2 before Record 1: %s.", early ? "taken" : "refused");
    unsigned times = repeat(o, first, early, found);
    if (found[0] != '\0') {
        steps_result(o->steps, "two Records came in the wrong order, and one of them was taken %u times", times);
        return;
    }
    if (lab_ask(o, second, RECORD_LEN) == 0)
        steps_say(o->steps, "Record 2, in its turn: taken.");
    bool again = lab_ask(o, second, RECORD_LEN) == 0;
    steps_say(o->steps, "Record 2 once more: %s.", again ? "taken" : "refused");
    steps_result(o->steps, "the tag is over a number that both sides count: %s",
                 early || times > 1 || again ? "and yet one was taken out of its turn"
                                             : "each Record was taken in its turn, and never again");
}

const struct lab lab_replay = {
    .name = "replay",
    .what = "a Record without a number: what was sent once comes twice",
    .twin = "app/workbench/labs/record_unnumbered.c",
    .real = "net/record.c: record_open",
    .hello = "a Record for the bank: ok and what it says",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
