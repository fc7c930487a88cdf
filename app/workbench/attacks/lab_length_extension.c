/* SPDX-License-Identifier: MIT */
/* A digest of the key and the message is no MAC: whoever has one can append to the message, and needs no key.
 *
 *      question   message || tag [32]                                  empty: the request that was overheard
 *      answer     yes and what the server says; no: the tag is wrong
 *
 * The tag is the state h of SHA-256 after K || M || pad, where pad is what SHA-256 itself appends: 80, zeros, and the
 * length of K || M in bits, up to a multiple of 64 bytes. So SHA-256(K || M || pad || more) is what comes of going on
 * from h with `more`. Of the key only the length is wanted, and that is tried.
 *
 * The real code is HMAC (crypto/hmac.c), where what could be gone on from is inside another hash. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/mac_prefix.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

#define REQUEST "user=bob&do=list"
#define MORE "&do=open"
#define SAYS "open, and the word is "
#define KEY_MIN 16
#define KEY_MAX 47
#define TRIED_MAX 64 /* the lengths that the attack tries */
#define SAID_FIRST 2

struct world {
    enum lab_side side;
    uint8_t key[KEY_MAX];
    size_t key_len;
    char secret[LAB_SECRET_MAX + 1];
};

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    uint8_t more;
    w->side = side;
    snprintf(w->secret, sizeof w->secret, "%s", secret);
    rng_fill(rng, &more, 1);
    w->key_len = KEY_MIN + more % (KEY_MAX - KEY_MIN + 1);
    rng_key(rng, w->key, w->key_len);
}

static void make_tag(const struct world *w, uint8_t tag[static HMAC_TAG_LEN], const uint8_t *message, size_t len)
{
    if (w->side == LAB_TWIN)
        lab_mac_prefix(tag, w->key, w->key_len, message, len);
    else
        hmac_tag(tag, w->key, w->key_len, message, len);
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    const struct world *w = world;
    uint8_t tag[HMAC_TAG_LEN];
    if (question_len == 0) {
        memcpy(out, REQUEST, strlen(REQUEST));
        make_tag(w, out + strlen(REQUEST), out, strlen(REQUEST));
        *out_len = strlen(REQUEST) + sizeof tag;
        return 0;
    }
    if (question_len < sizeof tag)
        return -1;
    size_t len = question_len - sizeof tag;
    make_tag(w, tag, question, len);
    if (!ct_equal(tag, question + len, sizeof tag))
        return -1;
    /* The last thing asked for counts. */
    bool opens = len >= strlen(MORE) && memcmp(question + len - strlen(MORE), MORE, strlen(MORE)) == 0;
    *out_len = (size_t)snprintf((char *)out, LAB_ANSWER_MAX, "%s%s", opens ? SAYS : "a list", opens ? w->secret : "");
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* What SHA-256 appends to a message of len bytes (FIPS 180-4, section 5.1.1). Returns how much. */
static size_t make_padding(uint8_t out[static 2 * SHA256_BLOCK_LEN], size_t len)
{
    size_t zeros = (2 * SHA256_BLOCK_LEN - 9 - len % SHA256_BLOCK_LEN) % SHA256_BLOCK_LEN;
    memset(out, 0, 2 * SHA256_BLOCK_LEN);
    out[0] = 0x80;
    bytes_store_be64(out + 1 + zeros, 8 * (uint64_t)len);
    return 9 + zeros;
}

/* SHA-256 gone on with MORE from a digest that stands for `done` bytes. */
static void go_on(uint8_t tag[static SHA256_DIGEST_LEN], const uint8_t digest[static SHA256_DIGEST_LEN], size_t done)
{
    uint32_t h[8];
    struct sha256 s;
    for (size_t i = 0; i < 8; i++)
        h[i] = bytes_load_be32(digest + 4 * i);
    sha256_resume(&s, h, done);
    sha256_update(&s, MORE, strlen(MORE));
    sha256_final(&s, tag);
}

static bool try_length(struct oracle *o, const uint8_t *request, size_t request_len, size_t key_len)
{
    uint8_t question[LAB_QUESTION_MAX];
    size_t len = request_len;
    memcpy(question, request, len);
    size_t pad_len = make_padding(question + len, key_len + len);
    len += pad_len;
    memcpy(question + len, MORE, strlen(MORE));
    go_on(question + len + strlen(MORE), request + request_len, key_len + len);
    bool taken = lab_ask(o, question, len + strlen(MORE) + SHA256_DIGEST_LEN) == 0;
    if (taken || key_len <= SAID_FIRST)
        steps_say(o->steps,
                  "If |K| = %zu: |K| + |M| + |pad| = %zu + %zu + %zu = %zu; SHA-256 goes on from h = the overheard tag "
                  "with \"" MORE "\".",
                  key_len, key_len, request_len, pad_len, key_len + len);
    return taken;
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    uint8_t request[LAB_ANSWER_MAX];
    lab_listen(o);
    memcpy(request, o->answer, o->answer_len);
    size_t len = o->answer_len - SHA256_DIGEST_LEN;
    steps_say(o->steps, "Overheard: M = \"%.*s\" and its tag.", (int)len, (const char *)request);
    for (size_t key_len = 1; key_len <= TRIED_MAX; key_len++)
        if (try_length(o, request, len, key_len) && o->answer_len > strlen(SAYS) &&
            o->answer_len - strlen(SAYS) <= LAB_SECRET_MAX) {
            memcpy(found, o->answer + strlen(SAYS), o->answer_len - strlen(SAYS));
            found[o->answer_len - strlen(SAYS)] = '\0';
            steps_result(o->steps,
                         "a valid tag for M || pad || \"" MORE "\", made without the key, which has %zu bytes",
                         key_len);
            return;
        }
    steps_result(o->steps, "HMAC's inner digest never shows, so there is nothing to go on from: %d of %d tags refused",
                 TRIED_MAX, TRIED_MAX);
}

const struct lab lab_length_extension = {
    .name = "length-extension",
    .what = "a digest of key and message is no MAC: others append",
    .twin = "app/workbench/labs/mac_prefix.c",
    .real = "crypto/hmac.c",
    .hello = "message tag[32], a request: ok and what the server says",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
