/* SPDX-License-Identifier: MIT */
/* Exercise 13: Records (docs/protocol.md, sections 5 and 6). The keys of a Record are secret, so that timing can be
 * asked of all of it; what is expected is put together by record_mistakes.c, of crypto/. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/exercises/exercise.h"
#include "app/workbench/exercises/record_checks.h"
#include "crypto/bytes.h"
#include "crypto/pkcs7.h"

#define SLOT_LEN 336 /* as run_record.c has it */
#define KEY_UPDATE 0xff
#define SHORT_MAX 255

static const char ok_wanted[] = "the result (NET_OK is 0)";

struct record_values record_values;
static struct record_values *const v = &record_values;

void record_draw(struct checking *c, enum suite suite, size_t payload_len, uint64_t sequence)
{
    rng_fill(&c->rng, v->secret, sizeof v->secret);
    rng_fill(&c->rng, v->iv, sizeof v->iv);
    rng_fill(&c->rng, v->payload, payload_len);
    v->records = v->bytes = 0;
    v->s = (struct sealed){.suite = suite, .secret = v->secret, .sequence = sequence, .since = sequence};
    v->s.iv = v->iv;
    v->s.type = CONTENT_APPLICATION;
    v->s.payload = v->payload;
    v->s.payload_len = payload_len;
}

/* The second Record of vectors/record.txt, where its frame can be read. */
static void known_values(struct checking *c)
{
    static const uint8_t secret[] = {0x97, 0xf3, 0xcd, 0x83, 0x3b, 0x1c, 0xc5, 0x06, 0x1c, 0xcf, 0x72,
                                     0x18, 0xc6, 0x7c, 0xb6, 0xf9, 0x4e, 0x31, 0x8f, 0x20, 0x5a, 0x70,
                                     0x16, 0xd9, 0x6c, 0xc4, 0x3c, 0x63, 0xd6, 0x57, 0x24, 0xb2};
    static const uint8_t iv[] = {0xd5, 0x45, 0xea, 0xb4, 0x00, 0x06, 0x38, 0xaf,
                                 0x07, 0x8c, 0x2c, 0x2b, 0xc1, 0xcb, 0xad, 0x0b};
    record_draw(c, SUITE_AES128, 5, 1);
    memcpy(v->secret, secret, sizeof secret);
    memcpy(v->iv, iv, sizeof iv);
    memcpy(v->payload, "hello", 5);
}

void record_ask_state(struct checking *c)
{
    ask_secret(c, "secret", v->secret, sizeof v->secret);
    ask_number(c, "suite", v->s.suite);
    ask_number(c, "sequence", v->s.sequence);
    ask_number(c, "records", v->records);
    ask_number(c, "bytes", v->bytes);
}

/* --- Sealing ------------------------------------------------------------------------------------------------------ */

static void name_part(char *text, size_t cap, const char *record, const char *part)
{
    snprintf(text, cap, "%s%s%s", record, record[0] != '\0' ? ", " : "", part);
}

/* Compares a sealed frame part by part; `record` says which one it is, empty where there is one. */
static bool frame_right(struct checking *c, const struct sealed *s, const uint8_t *yours, const char *record)
{
    static const struct {
        const char *name;
        const char *(*mistake)(const struct sealed *s, const uint8_t *yours);
    } parts[] = {
        {"the frame header", record_mistake_in_header},
        {"the IV", record_mistake_in_iv},
        {"the ciphertext", record_mistake_in_ciphertext},
        {"the tag", record_mistake_in_tag},
    };
    static uint8_t right[FRAME_MAX_LEN];
    size_t len = record_mistakes_right(right, s), from[] = {0, 4, 20, len - 32, len};
    for (size_t i = 0; i < 4; i++) {
        char name[80];
        name_part(name, sizeof name, record, parts[i].name);
        if (expect_equal(c, yours + from[i], right + from[i], from[i + 1] - from[i], name, NULL))
            continue;
        const char *hint = parts[i].mistake(s, yours);
        if (c->outcome.kind == CHECK_WRONG_BYTES && hint != NULL)
            check_hint(c, "%s", hint);
        return false;
    }
    return true;
}

void record_ask_seal(struct checking *c, size_t frame_cap)
{
    ask_begin(c, "record_seal");
    ask_out(c, "frame", frame_cap);
    ask_out(c, "frame_len", 8);
    ask_out(c, "counts", 24);
    record_ask_state(c);
    ask_in(c, "random", v->iv, 16);
    ask_number(c, "type", v->s.type);
    ask_secret(c, "payload", v->payload, v->s.payload_len);
}

/* sequence, records and bytes after a Record went through. */
bool record_counts_right(struct checking *c, size_t arg)
{
    static const char *const names[] = {"sequence", "records", "bytes"};
    uint64_t len = pkcs7_padded_len(1 + v->s.payload_len);
    uint64_t right[] = {v->s.sequence + 1, (uint64_t)v->records + 1, v->bytes + len};
    for (size_t i = 0; i < 3 && check_compares(c); i++) {
        uint64_t yours = bytes_load_be64(ask_bytes(c, arg) + 8 * i);
        if (yours != right[i])
            return check_failed(c, CHECK_WRONG_RESULT, "the counts in struct record", "%s: yours %llu, should be %llu",
                                names[i], (unsigned long long)yours, (unsigned long long)right[i]);
    }
    return c->outcome.verdict == CHECK_PASSED;
}

static bool seals(struct checking *c)
{
    size_t len = record_frame_len(v->s.payload_len);
    record_ask_seal(c, len + 16);
    return ask(c) && expect_result(c, NET_OK, ok_wanted) && frame_right(c, &v->s, ask_bytes(c, 0), "") &&
           expect_number(c, 1, len, "*frame_len") && expect_untouched(c, 0, len, "that is beyond the frame") &&
           record_counts_right(c, 2);
}

static bool lengths_right(struct checking *c)
{
    static const size_t lengths[] = {0, 1, 14, 15, 16, 30, 31, 32, 255, RECORD_PAYLOAD_MAX - 1, RECORD_PAYLOAD_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        ask_begin(c, "record_frame_len");
        ask_number(c, "payload_len", lengths[i]);
        if (!ask(c))
            return false;
        if (!expect_result(c, (int64_t)record_frame_len(lengths[i]), "the frame's length")) {
            check_hint(c, "header 4, IV 16, tag 32; and content type and payload, padded: 15 bytes fill a block, "
                          "and a block of padding follows");
            return false;
        }
    }
    for (uint64_t suite = 0; suite <= 3; suite++) {
        ask_begin(c, "suite_exists");
        ask_number(c, "suite", suite);
        if (!ask(c) || !expect_result(c, suite_exists((int)suite), "whether the suite exists"))
            return false;
    }
    return true;
}

static void check_seal(struct checking *c)
{
    known_values(c);
    if (!seals(c) || !lengths_right(c))
        return;
    for (size_t len = 0; len <= 33; len++) {
        record_draw(c, len % 3 == 2 ? SUITE_AES256 : SUITE_AES128, len, UINT64_C(0x0102030405060700) + len);
        v->s.type = len % 4;
        if (!seals(c))
            return;
    }
    record_draw(c, SUITE_AES128, RECORD_PAYLOAD_MAX, 7);
    seals(c);
}

/* The Records of one direction, KeyUpdates among them. */
static void check_row(struct checking *c)
{
    static const uint8_t steps[] = {5, 0, 31, KEY_UPDATE, 15, 6, KEY_UPDATE, KEY_UPDATE, 100};
    uint8_t random[16 * sizeof steps], secrets[4][RECORD_SECRET_LEN] = {{0}};
    struct record mine;
    size_t keys = 0;
    record_draw(c, SUITE_AES128, SHORT_MAX, 0);
    rng_fill(&c->rng, random, sizeof random);
    ask_begin(c, "record_seal, in a row");
    size_t frames = ask_out(c, "frames", SLOT_LEN * sizeof steps);
    ask_in(c, "steps", steps, sizeof steps);
    record_ask_state(c);
    ask_in(c, "random", random, sizeof random);
    ask_in(c, "payload", v->payload, SHORT_MAX);
    if (!ask(c) || !expect_result(c, NET_OK, ok_wanted))
        return;
    record_init(&mine, v->s.suite, v->secret, NULL);
    v->s.sequence = v->s.since = 0;
    for (size_t i = 0; i < sizeof steps; i++, v->s.sequence++, v->s.since++) {
        char name[40];
        memcpy(secrets[keys], mine.secret, RECORD_SECRET_LEN);
        v->s.secret = secrets[keys];
        v->s.old_secret = keys > 0 ? secrets[keys - 1] : NULL;
        v->s.iv = random + 16 * i;
        v->s.type = steps[i] == KEY_UPDATE ? CONTENT_KEY_UPDATE : CONTENT_APPLICATION;
        v->s.payload_len = steps[i] == KEY_UPDATE ? 0 : steps[i];
        snprintf(name, sizeof name, "Record %zu", i);
        if (!frame_right(c, &v->s, ask_bytes(c, frames) + SLOT_LEN * i, name))
            return;
        if (steps[i] != KEY_UPDATE)
            continue;
        record_update(&mine);
        keys++;
        v->s.since = UINT64_MAX; /* the next one is number 0 of these keys */
    }
}

static void check_many(struct checking *c)
{
    static const size_t numbers[] = {1, 3, RECORD_MANY_MAX, 0};
    uint8_t secrets[RECORD_SECRET_LEN * RECORD_MANY_MAX], random[16 * RECORD_MANY_MAX];
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        size_t n = numbers[k];
        record_draw(c, SUITE_AES128, 20 * k, 11);
        rng_fill(&c->rng, secrets, sizeof secrets);
        rng_fill(&c->rng, random, sizeof random);
        ask_begin(c, "record_seal_many");
        size_t frames = ask_out(c, "frames", SLOT_LEN * n);
        ask_in(c, "secrets", secrets, RECORD_SECRET_LEN * n);
        ask_number(c, "suite", v->s.suite);
        ask_number(c, "sequence", v->s.sequence);
        ask_in(c, "random", random, sizeof random);
        ask_in(c, "payload", v->payload, v->s.payload_len);
        if (!ask(c) || !expect_result(c, NET_OK, ok_wanted))
            return;
        for (size_t i = 0; i < n; i++, v->s.sequence++) {
            char name[40];
            v->s.secret = secrets + RECORD_SECRET_LEN * i;
            v->s.iv = random + 16 * i;
            v->s.since = v->s.sequence;
            snprintf(name, sizeof name, "direction %zu", i);
            if (!frame_right(c, &v->s, ask_bytes(c, frames) + SLOT_LEN * i, name))
                return;
        }
    }
}

static void check_in_a_row(struct checking *c)
{
    check_row(c);
    if (c->outcome.verdict == CHECK_PASSED)
        check_many(c);
}

/* Neither the secret nor the payload shows. */
static void timing(struct checking *c)
{
    expect_new_path(c, "a payload of zeros");
    for (int i = 0; i < 2; i++) {
        record_draw(c, SUITE_AES128, 20, 3);
        memset(v->payload, 0, i == 0 ? 20 : 0);
        record_ask_seal(c, record_frame_len(20));
        if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another one under another secret"))
            return;
    }
    record_open_timing(c);
}

static const struct check checks[] = {
    {"a sealed Record", 2, check_seal},
    {"Records in a row, KeyUpdates, many directions", 1, check_in_a_row},
    {"a Record is opened", 1, record_check_open},
    {"whatever was changed is refused", 1, record_check_changed},
    {"replayed, moved and mistagged Records are refused", 1, record_check_order},
    {"what only a peer can forge is refused", 1, record_check_forged},
    {"the limits of one key", 1, record_check_limits},
    {NULL, 0, NULL},
};

const struct exercise exercise_record = {
    .number = "13",
    .stem = "record",
    .title = "Records",
    .files = {"etm.c", "record.c"},
    .needs = {"sub_mix", "key_expansion", "aes", "cbc", "pkcs7", "sha256", "hmac", "hkdf"},
    .given = "cbc pkcs7 hkdf hmac sha256 sha256_ref sha256_choice_ref aes aes_choice_bitslice/aes_choice_ref "
             "etm_many_loop frame trace bytes ct",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
