/* SPDX-License-Identifier: MIT */
/* CBC whose IV is always the same shows which messages begin alike; one whose IV is known before lets a guess be tried.
 *
 *      question   how [1] || text: the sender seals text || secret, as a browser sends a path that a page chose, then
 *                 a cookie. how is 0: the IV is fixed; 1: it is the last block that was sent. (The real code takes a
 *                 random one whatever is asked.)                       empty: the secret alone, with how = 1
 *      answer     iv [16] || ciphertext [16k]
 *
 * The attacker lets the text be so long that one unknown byte ends a block, whose ciphertext is T = E(B xor T'), with
 * T' the block before. The next IV is known, so the attacker asks for the text IV xor T' xor B', for a guess B': its
 * first block is E(IV xor IV xor T' xor B') = E(T' xor B'), and that is T where the guess was right. A byte costs some
 * dozens of guesses, a secret as many for each byte: Duong and Rizzo's BEAST, 2011. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/iv_weak.h"
#include "crypto/cbc.h"
#include "crypto/etm.h"
#include "crypto/pkcs7.h"

#define BLOCK AES_BLOCK_LEN
#define FIXED 0
#define CHAINED 1
#define TEXT_MAX 512
#define FILL 'A'
/* What text may be made of, the likely first. The byte 01 comes after the last: it is padding. */
static const char alphabet[] =
    "abcdefghijklmnopqrstuvwxyz0123456789-{} .,_ABCDEFGHIJKLMNOPQRSTUVWXYZ!\"#$%&'()*+/:;<=>?@[\\]^`|~\001";

struct world {
    enum lab_side side;
    struct lab_iv_weak weak;
    struct etm_key strong;
    struct rng *rng; /* of the real code */
    char secret[LAB_SECRET_MAX + 1];
};

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    uint8_t key[AES128_KEY_LEN], mac_key[ETM_MAC_KEY_LEN];
    w->side = side;
    w->rng = rng;
    snprintf(w->secret, sizeof w->secret, "%s", secret);
    rng_key(rng, key, sizeof key);
    rng_key(rng, mac_key, sizeof mac_key);
    lab_iv_weak_init(&w->weak, key);
    etm_key_init(&w->strong, key, sizeof key, mac_key);
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct world *w = world;
    uint8_t text[TEXT_MAX + LAB_SECRET_MAX + BLOCK];
    size_t len = question_len > 0 ? question_len - 1 : 0;
    if (len > TEXT_MAX)
        return -1;
    if (len > 0)
        memcpy(text, question + 1, len);
    memcpy(text + len, w->secret, strlen(w->secret));
    len = pkcs7_pad(text, len + strlen(w->secret));
    *out_len = BLOCK + len;
    if (w->side == LAB_REAL) {
        rng_fill(w->rng, out, BLOCK);
        etm_seal(&w->strong, out + BLOCK, out, NULL, 0, text, len / BLOCK);
        *out_len += ETM_TAG_LEN;
        return 0;
    }
    if (question_len > 0 && question[0] == FIXED)
        lab_iv_fixed(&w->weak, out);
    else
        lab_iv_chained(&w->weak, out);
    cbc_encrypt(&w->weak.key, out, out + BLOCK, text, len / BLOCK);
    lab_iv_sent(&w->weak, out + len); /* the last of the blocks that begin at out + BLOCK */
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

static void send_text(struct oracle *o, uint8_t how, const uint8_t *text, size_t len)
{
    uint8_t question[1 + TEXT_MAX];
    question[0] = how;
    memcpy(question + 1, text, len);
    (void)lab_ask(o, question, 1 + len);
}

/* The block of ciphertext that ends the last answer, without a tag: the IV that comes next, where it is chained. */
static const uint8_t *last_block(const struct oracle *o)
{
    size_t len = o->answer_len;
    if (o->steps->side == LAB_REAL)
        len -= ETM_TAG_LEN;
    return o->answer + len - BLOCK;
}

/* Two messages that are alike, with an IV that is said to be the same. */
static void compare_two(struct oracle *o)
{
    static const uint8_t text[BLOCK] = "attack at dawn: ";
    uint8_t first[BLOCK];
    send_text(o, FIXED, text, sizeof text);
    memcpy(first, o->answer + BLOCK, BLOCK);
    steps_say(o->steps, "One message, and then the same once more.");
    send_text(o, FIXED, text, sizeof text);
    bool alike = memcmp(first, o->answer + BLOCK, BLOCK) == 0;
    steps_say(o->steps, alike ? "E(P ^ IV) is what it was: whoever listens sees which messages begin alike."
                              : "Nothing of it looks like the first: E(P ^ IV) with another IV.");
}

/* A block of which all but the last byte is known, and what came of it. */
struct wanted {
    uint8_t before[BLOCK], cipher[BLOCK], block[BLOCK];
};

/* Lets byte number `at` of the secret end a block. */
static void find_block(struct oracle *o, struct wanted *wanted, const char *found, size_t at)
{
    uint8_t fill[BLOCK + LAB_SECRET_MAX];
    size_t fill_len = BLOCK - 1 - at % BLOCK, block = at / BLOCK;
    memset(fill, FILL, fill_len);
    send_text(o, CHAINED, fill, fill_len);
    memcpy(wanted->before, o->answer + BLOCK * block, BLOCK);
    memcpy(wanted->cipher, o->answer + BLOCK * (block + 1), BLOCK);
    memcpy(fill + fill_len, found, at);
    memcpy(wanted->block, fill + BLOCK * block, BLOCK - 1);
    if (at == 0)
        steps_say(o->steps, "15 bytes of the attacker's, then the first of the secret: T = E(B ^ T'), with B known but "
                            "for its last byte.");
}

static bool try_guess(struct oracle *o, struct wanted *wanted, uint8_t guess)
{
    uint8_t text[BLOCK];
    wanted->block[BLOCK - 1] = guess;
    bytes_xor(text, wanted->block, wanted->before, BLOCK);
    bytes_xor(text, text, last_block(o), BLOCK);
    send_text(o, CHAINED, text, BLOCK);
    return memcmp(o->answer + BLOCK, wanted->cipher, BLOCK) == 0;
}

/* The byte, or -1 where no guess is confirmed. */
static int find_byte(struct oracle *o, const char *found, size_t at)
{
    struct wanted wanted;
    find_block(o, &wanted, found, at);
    for (const char *guess = alphabet; *guess != '\0'; guess++) {
        bool right = try_guess(o, &wanted, (uint8_t)*guess);
        if (right && *guess >= ' ')
            steps_know(o->steps, at, (uint8_t)*guess);
        if (right)
            steps_say(o->steps, "B'[15] = %02x: IV ^ P = T' ^ B', and the first block is T. So byte %zu is %02x.",
                      *guess, at, *guess);
        else if (at == 0 && guess < alphabet + 2)
            steps_say(o->steps, "P = IV ^ T' ^ B' with B'[15] = %02x: the first block is not T.", *guess);
        if (right)
            return *guess;
    }
    return -1;
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    size_t len = 0;
    compare_two(o);
    steps_unknown(o->steps, LAB_SECRET_MAX);
    for (; len <= LAB_SECRET_MAX; len++) {
        int byte = find_byte(o, found, len);
        if (byte < 0) {
            steps_result(o->steps,
                         "the IV is random, and known only with the message: none of %zu guesses was confirmed",
                         strlen(alphabet));
            return;
        }
        if (byte < ' ')
            break;
        if (len == LAB_SECRET_MAX)
            return;
        found[len] = (char)byte;
    }
    found[len] = '\0';
    steps_result(o->steps, "%zu bytes guessed one at a time, each confirmed by the sender, with %llu messages", len,
                 (unsigned long long)o->asked);
}

const struct lab lab_iv_reuse = {
    .name = "iv-reuse",
    .what = "an IV that is known before: guesses are confirmed",
    .twin = "app/workbench/labs/iv_weak.c",
    .real = "crypto/etm.c with rng_fill, as net/record.c has it",
    .hello = "how[1] text: ok iv[16] ciphertext[16k] of text and secret",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
