/* SPDX-License-Identifier: MIT */
/* Exercise 08: HMAC-SHA-256 (RFC 2104, FIPS 198-1). A wrong answer is compared with what the usual mistakes give. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/bytes.h"
#include "crypto/hmac.h"
#include "crypto/sha256_ref.h"

#define KEY_MAX 200
#define MESSAGE_MAX 300
#define LONGEST 130
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* --- What a mistake gives ----------------------------------------------------------------------------------------- */

/* How K0 is made, and what it is xored with. */
struct key_mistake {
    size_t hashed_from; /* keys of this length and above are hashed; 65 is right */
    bool hex, short_pad;
    uint8_t inner, outer;
    const char *hint;
};

static const struct key_mistake right_key = {65, false, false, 0x36, 0x5c, NULL};

static const struct key_mistake key_mistakes[] = {
    {65, false, false, 0x5c, 0x36,
     "ipad and opad are swapped: the inner key is K0 ^ 36 36 .., the outer one K0 ^ 5c 5c .."},
    {65, false, false, 0x36, 0x36, "the outer key is K0 ^ opad, 5c 5c ..; here both have ipad"},
    {65, false, false, 0x5c, 0x5c, "the inner key is K0 ^ ipad, 36 36 ..; here both have opad"},
    {65, false, true, 0x36, 0x5c, "K0 is the key and zeros up to 64 bytes, and all 64 are xored with the pad"},
    {65, false, false, 0, 0, "K0 is to be xored with ipad and with opad"},
    {SIZE_MAX, false, false, 0x36, 0x5c,
     "a key of more than 64 bytes counts as its digest; here its first 64 bytes were taken"},
    {64, false, false, 0x36, 0x5c, "a key of 64 bytes is K0 as it is: only a longer one is hashed"},
    {33, false, false, 0x36, 0x5c,
     "only a key of more than 64 bytes is hashed: the block's length counts, not the digest's"},
    {0, false, false, 0x36, 0x5c, "only a key of more than 64 bytes is hashed; here all of them were"},
    {65, true, false, 0x36, 0x5c, "a longer key counts as its digest, 32 bytes, and not as the digest's hex"},
};

static void pad_key(uint8_t block[64], const uint8_t *key, size_t len, const struct key_mistake *m, uint8_t pad)
{
    uint8_t digest[SHA256_DIGEST_LEN];
    char hex[2 * SHA256_DIGEST_LEN + 1];
    memset(block, 0, 64);
    if (len >= m->hashed_from) {
        sha256_digest(digest, key, len);
        hex_encode(hex, digest, sizeof digest);
        key = m->hex ? (const uint8_t *)hex : digest;
        len = m->hex ? 64 : sizeof digest;
    }
    len = len < 64 ? len : 64;
    if (len > 0)
        memcpy(block, key, len);
    for (size_t i = 0; i < (m->short_pad ? len : 64); i++)
        block[i] ^= pad;
}

/* The chaining value after that block, as bytes. */
static void key_value(uint8_t out[32], const uint8_t *key, size_t len, const struct key_mistake *m, uint8_t pad)
{
    uint8_t block[64];
    struct sha256 s;
    pad_key(block, key, len, m, pad);
    sha256_init(&s);
    sha256_update(&s, block, sizeof block);
    for (size_t i = 0; i < 8; i++)
        bytes_store_be32(out + 4 * i, s.h[i]);
}

static void tag_with(uint8_t tag[32], const uint8_t *key, size_t key_len, const struct key_mistake *m,
                     const uint8_t *message, size_t len)
{
    uint8_t block[64];
    struct sha256 s;
    pad_key(block, key, key_len, m, m->inner);
    sha256_init(&s);
    sha256_update(&s, block, sizeof block);
    sha256_update(&s, message, len);
    sha256_final(&s, tag);
    pad_key(block, key, key_len, m, m->outer);
    sha256_init(&s);
    sha256_update(&s, block, sizeof block);
    sha256_update(&s, tag, 32);
    sha256_final(&s, tag);
}

/* How the two hashes are put together wrongly: the inner digest alone, its hex, or the text on the wrong side. */
static const char *mistake_in_hashes(const uint8_t yours[32], const uint8_t *key, size_t key_len,
                                     const uint8_t *message, size_t len)
{
    uint8_t block[64], inner[32], tag[32];
    char hex[65];
    struct sha256 s;
    pad_key(block, key, key_len, &right_key, 0x36);
    sha256_init(&s);
    sha256_update(&s, block, sizeof block);
    sha256_update(&s, message, len);
    sha256_final(&s, inner);
    if (memcmp(inner, yours, 32) == 0)
        return "this is the inner hash: it has to be hashed again, behind K0 ^ opad";
    hex_encode(hex, inner, sizeof inner);
    pad_key(block, key, key_len, &right_key, 0x5c);
    sha256_init(&s);
    sha256_update(&s, block, sizeof block);
    sha256_update(&s, hex, 64);
    sha256_final(&s, tag);
    if (memcmp(tag, yours, 32) == 0)
        return "the outer hash is of the inner digest's 32 bytes, and not of its hex";
    sha256_digest(tag, inner, sizeof inner);
    if (memcmp(tag, yours, 32) == 0)
        return "the outer hash begins with the block K0 ^ opad: here it is of the inner digest alone";
    sha256_init(&s);
    sha256_update(&s, key, key_len);
    sha256_update(&s, message, len);
    sha256_final(&s, tag);
    return memcmp(tag, yours, 32) == 0 ? "this is H(K || text), which whoever knows a tag can append to" : NULL;
}

static void diagnose(struct checking *c, const uint8_t yours[32], const uint8_t *key, size_t key_len,
                     const uint8_t *message, size_t len)
{
    uint8_t tag[32];
    const char *hint = mistake_in_hashes(yours, key, key_len, message, len);
    for (size_t i = 0; i < COUNT(key_mistakes) && hint == NULL; i++) {
        tag_with(tag, key, key_len, &key_mistakes[i], message, len);
        if (memcmp(tag, yours, sizeof tag) == 0)
            hint = key_mistakes[i].hint;
    }
    if (hint != NULL)
        check_hint(c, "%s", hint);
}

/* --- The key ------------------------------------------------------------------------------------------------------ */

static bool asks_key(struct checking *c, const uint8_t *key, size_t len)
{
    ask_begin(c, "hmac_key_init");
    ask_out(c, "inner", 32);
    ask_out(c, "outer", 32);
    if (len > 0)
        ask_secret(c, "key", key, len);
    else
        ask_null(c, "key");
    return ask(c);
}

static bool key_right(struct checking *c, const uint8_t *key, size_t len)
{
    uint8_t inner[32], outer[32], wrong_inner[32], wrong_outer[32];
    if (!asks_key(c, key, len))
        return false;
    key_value(inner, key, len, &right_key, 0x36);
    key_value(outer, key, len, &right_key, 0x5c);
    char what[80];
    snprintf(what, sizeof what, "a key of %zu bytes, the chaining value after K0 ^ ipad", len);
    if (expect_bytes(c, 0, inner, 32, what)) {
        snprintf(what, sizeof what, "a key of %zu bytes, the chaining value after K0 ^ opad", len);
        if (expect_bytes(c, 1, outer, 32, what))
            return true;
    }
    for (size_t i = COUNT(key_mistakes); i-- > 0;) {
        key_value(wrong_inner, key, len, &key_mistakes[i], key_mistakes[i].inner);
        key_value(wrong_outer, key, len, &key_mistakes[i], key_mistakes[i].outer);
        if (memcmp(wrong_inner, ask_bytes(c, 0), 32) == 0 && memcmp(wrong_outer, ask_bytes(c, 1), 32) == 0)
            check_hint(c, "%s", key_mistakes[i].hint);
    }
    return false;
}

static bool keys_right(struct checking *c, size_t from, size_t to)
{
    uint8_t key[KEY_MAX];
    bool right = true;
    for (size_t len = from; len <= to && right; len++) {
        rng_fill(&c->rng, key, len);
        right = key_right(c, key, len);
    }
    return right;
}

static void check_key(struct checking *c)
{
    keys_right(c, 0, 64);
}

static void check_long_key(struct checking *c)
{
    keys_right(c, 65, KEY_MAX);
}

/* --- The tag ------------------------------------------------------------------------------------------------------ */

/* The answer stands in the argument 0. */
static bool tag_right(struct checking *c, const uint8_t *key, size_t key_len, const uint8_t *message, size_t len,
                      const char *what)
{
    uint8_t right[HMAC_TAG_LEN];
    hmac_tag(right, key, key_len, message, len);
    if (expect_bytes(c, 0, right, sizeof right, what))
        return true;
    if (c->outcome.difference + c->outcome.at > 0)
        check_hint(c, "the tag has all 32 bytes: yours is right as far as byte %zu",
                   c->outcome.difference + c->outcome.at);
    diagnose(c, ask_bytes(c, 0), key, key_len, message, len);
    return false;
}

static bool tags(struct checking *c, const char *function, const uint8_t *key, size_t key_len, const uint8_t *message,
                 size_t len, const char *what)
{
    ask_begin(c, function);
    ask_out(c, "tag", HMAC_TAG_LEN);
    ask_secret(c, "key", key, key_len);
    ask_secret(c, "data", message, len);
    return ask(c) && tag_right(c, key, key_len, message, len, what);
}

/* RFC 4231. The keys and the texts are printed there as strings, or as one byte again and again. */
static void check_published(struct checking *c)
{
    static const struct {
        const char *key, *text;
        uint8_t key_byte, text_byte;
        size_t key_len, len;
    } cases[] = {
        {NULL, "Hi There", 0x0b, 0, 20, 8},
        {"Jefe", "what do ya want for nothing?", 0, 0, 4, 28},
        {NULL, NULL, 0xaa, 0xdd, 20, 50},
        {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19", NULL,
         0, 0xcd, 25, 50},
        {NULL, "Test With Truncation", 0x0c, 0, 20, 20},
        {NULL, "Test Using Larger Than Block-Size Key - Hash Key First", 0xaa, 0, 131, 54},
        {NULL,
         "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
         "hashed before being used by the HMAC algorithm.",
         0xaa, 0, 131, 152},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t key[KEY_MAX], text[MESSAGE_MAX];
        char what[60];
        memset(key, cases[i].key_byte, sizeof key);
        memset(text, cases[i].text_byte, sizeof text);
        if (cases[i].key != NULL)
            memcpy(key, cases[i].key, cases[i].key_len);
        if (cases[i].text != NULL)
            memcpy(text, cases[i].text, cases[i].len);
        snprintf(what, sizeof what, "RFC 4231, test case %zu, the tag", i + 1);
        if (!tags(c, "hmac_tag", key, cases[i].key_len, text, cases[i].len, what))
            return;
    }
}

static void check_messages(struct checking *c)
{
    uint8_t key[32], message[LONGEST];
    for (size_t len = 0; len <= LONGEST; len++) {
        rng_fill(&c->rng, key, sizeof key);
        rng_fill(&c->rng, message, len);
        if (!tags(c, len % 2 ? "hmac_tag" : "hmac_message", key, sizeof key, message, len, "the tag"))
            return;
    }
}

/* In two parts, by the function named. */
static bool tags_parts(struct checking *c, const char *function, const uint8_t *message, uint32_t first,
                       uint32_t second)
{
    uint8_t key[32], lengths[8];
    char what[60];
    rng_fill(&c->rng, key, sizeof key);
    bytes_store_be32(lengths, first);
    bytes_store_be32(lengths + 4, second);
    ask_begin(c, function);
    ask_out(c, "tag", HMAC_TAG_LEN);
    ask_secret(c, "key", key, sizeof key);
    ask_secret(c, "message", message, first + second);
    ask_in(c, "lengths", lengths, sizeof lengths);
    snprintf(what, sizeof what, "the tag of parts of %u and %u bytes", (unsigned)first, (unsigned)second);
    return ask(c) && tag_right(c, key, sizeof key, message, first + second, what) &&
           expect_result(c, 0, "the bytes of h that are not wiped");
}

static void check_parts(struct checking *c)
{
    uint8_t message[LONGEST];
    rng_fill(&c->rng, message, sizeof message);
    for (uint32_t first = 0; first <= LONGEST; first++)
        if (!tags_parts(c, "hmac_init, _update, _final", message, first, LONGEST - first) ||
            !tags_parts(c, "hmac_init, _update, _last", message, first, first % 3 == 0 ? 0 : LONGEST - first))
            return;
}

/* The caller has hashed `done` bytes itself. */
static bool tags_from(struct checking *c, size_t done, size_t len)
{
    uint8_t key[32], message[MESSAGE_MAX];
    rng_fill(&c->rng, key, sizeof key);
    rng_fill(&c->rng, message, sizeof message);
    ask_begin(c, "hmac_message_from");
    ask_out(c, "tag", HMAC_TAG_LEN);
    ask_secret(c, "key", key, sizeof key);
    ask_secret(c, "done", message, done);
    ask_secret(c, "data", message + done, len);
    if (!ask(c) || tag_right(c, key, sizeof key, message, done + len, "the tag"))
        return c->outcome.verdict == CHECK_PASSED;
    if (c->outcome.hint[0] == '\0')
        check_hint(c, "does h count for the block K0 ^ ipad and the first `done` bytes, 64 + done in all?");
    return false;
}

static void check_from(struct checking *c)
{
    static const uint8_t lengths[] = {0, 1, 55, 56, 64, 120};
    for (size_t done = 0; done <= 128; done += 64)
        for (size_t i = 0; i < sizeof lengths; i++)
            if (!tags_from(c, done, lengths[i]))
                return;
}

/* The tag takes the place of the message's first bytes; and the key is wiped. */
static void check_memory(struct checking *c)
{
    uint8_t key[32], message[100];
    rng_fill(&c->rng, key, sizeof key);
    rng_fill(&c->rng, message, sizeof message);
    ask_begin(c, "hmac_message");
    ask_inout(c, "tag", message, sizeof message);
    ask_in(c, "key", key, sizeof key);
    ask_within(c, "data", 0, 0);
    if (!ask(c))
        return;
    if (!tag_right(c, key, sizeof key, message, sizeof message, "the tag inside data")) {
        if (c->outcome.hint[0] == '\0')
            check_hint(c, "tag lies inside data: is all of it hashed before tag is written?");
        return;
    }
    if (!expect_untouched(c, 0, HMAC_TAG_LEN, "the tag has 32 bytes"))
        return;
    ask_begin(c, "hmac_key_wipe");
    ask_secret(c, "key", key, sizeof key);
    if (ask(c))
        expect_result(c, 0, "the bytes of k that are not wiped");
}

/* Keys of one length, and messages of one length. */
static void timing(struct checking *c)
{
    uint8_t key[100], message[32];
    for (size_t what = 0; what < 5; what++) {
        expect_new_path(c, "some key and message");
        for (size_t i = 0; i < 2; i++) { /* of all exercises' calls these have the most instructions */
            rng_fill(&c->rng, key, sizeof key);
            rng_fill(&c->rng, message, sizeof message);
            bool asked = what == 0   ? asks_key(c, key, 32)
                         : what == 1 ? asks_key(c, key, sizeof key)
                         : what == 2 ? tags(c, "hmac_tag", key, 64, message, sizeof message, "the tag")
                         : what == 3 ? tags_parts(c, "hmac_init, _update, _final", message, 20, 12)
                                     : tags_from(c, 0, 32);
            if (!asked || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another key and message"))
                return;
        }
    }
}

static const struct check checks[] = {
    {"keys of up to 64 bytes", 1, check_key},
    {"a longer key counts as its digest", 1, check_long_key},
    {"the tags of RFC 4231", 1, check_published},
    {"messages of 0 to 130 bytes", 2, check_messages},
    {"a message in parts", 1, check_parts},
    {"hmac_message_from", 1, check_from},
    {"the tag inside data, and the key wiped", 1, check_memory},
    {NULL, 0, NULL},
};

const struct exercise exercise_hmac = {
    .number = "08",
    .stem = "hmac",
    .title = "HMAC",
    .files = {"hmac.c"},
    .needs = {"sha256"},
    .given = "bytes ct sha256 sha256_ref sha256_choice_ref",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
