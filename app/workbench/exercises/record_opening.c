/* SPDX-License-Identifier: MIT */
/* Exercise 13, the receiving side: what opens, and all that must not. Frames that no sender would make are made here,
 * under right keys, as only a peer could. */
#include <string.h>

#include "app/workbench/exercises/record_checks.h"
#include "crypto/bytes.h"

#define PAYLOAD_AT 21

static const char ok_wanted[] = "the result (NET_OK is 0)";
static const char record_wanted[] = "the result for what must be refused (NET_ERR_RECORD is 11)";
static const char limit_wanted[] = "the result beyond a limit (NET_ERR_LIMIT is 12)";
_Static_assert(NET_ERR_RECORD == 11 && NET_ERR_LIMIT == 12, "the words above");

static struct record_values *const v = &record_values;
static uint8_t frame[FRAME_MAX_LEN], other[FRAME_MAX_LEN];

/* --- One call ----------------------------------------------------------------------------------------------------- */

enum { FRAME, TYPE, PAYLOAD, PAYLOAD_LEN, COUNTS }; /* its arguments */

static bool ask_open(struct checking *c, const uint8_t *bytes, size_t len)
{
    uint8_t type[8] = {0};
    rng_fill(&c->rng, type + 4, 4);
    ask_begin(c, "record_open");
    ask_inout(c, "frame", bytes, len);
    ask_inout(c, "type", type, sizeof type);
    ask_out(c, "payload", 8);
    ask_out(c, "payload_len", 8);
    ask_out(c, "counts", 24);
    record_ask_state(c);
    return ask(c);
}

static bool outputs_kept(struct checking *c)
{
    static const char why[] = "outputs are set only where all is well";
    return expect_untouched(c, TYPE, 0, why) && expect_untouched(c, PAYLOAD, 0, why) &&
           expect_untouched(c, PAYLOAD_LEN, 0, why);
}

/* What a receiver takes that refuses a right Record: which mistake its tag is right with. NULL: none that is known. */
static const char *what_opens(struct checking *c, size_t len)
{
    const char *hint = NULL;
    for (size_t i = 0; record_mistakes_mistagged(other, &v->s, i, &hint) > 0 && hint != NULL; i++)
        if (memcmp(frame, other, len) != 0 && (!ask_open(c, other, len) || c->result == NET_OK))
            return hint;
    return NULL;
}

static bool opens(struct checking *c)
{
    size_t len = record_mistakes_right(frame, &v->s);
    const char *hint = NULL;
    if (!ask_open(c, frame, len))
        return false;
    if (c->result != NET_OK && check_compares(c)) {
        hint = what_opens(c, len);
        if (!ask_open(c, frame, len))
            return false;
        if (c->result == NET_OK)
            return check_failed(c, CHECK_WRONG_RESULT, ok_wanted, "the same frame was refused once, and opened then");
    }
    if (!expect_result(c, NET_OK, ok_wanted)) {
        check_hint(c, "%s", hint != NULL ? hint : "this is a right Record: lengths, tag, decryption, padding, type");
        return false;
    }
    if (!expect_number(c, TYPE, v->s.type, "*type") || !expect_number(c, PAYLOAD_LEN, v->s.payload_len, "*payload_len"))
        return false;
    if (!expect_number(c, PAYLOAD, PAYLOAD_AT, "how far *payload is from frame")) {
        check_hint(c, "in place: header 4, IV 16, content type 1, and there the payload begins");
        return false;
    }
    return expect_equal(c, ask_bytes(c, FRAME) + PAYLOAD_AT, v->payload, v->s.payload_len, "the payload", NULL) &&
           record_counts_right(c, COUNTS);
}

/* What is no Record: refused, and neither the frame nor an output was written. */
static bool refuses(struct checking *c, const uint8_t *bytes, size_t len, const char *hint)
{
    if (!ask_open(c, bytes, len))
        return false;
    if (!expect_result(c, NET_ERR_RECORD, record_wanted)) {
        check_hint(c, "%s", c->result == NET_OK ? hint : "every failure but a limit is NET_ERR_RECORD");
        return false;
    }
    return expect_untouched(c, FRAME, 0, "nothing may be decrypted before the tag was found right") && outputs_kept(c);
}

/* --- What opens, and what was changed ----------------------------------------------------------------------------- */

void record_check_open(struct checking *c)
{
    for (size_t len = 0; len <= 33; len++) {
        record_draw(c, len % 3 == 2 ? SUITE_AES256 : SUITE_AES128, len, UINT64_C(0x0102030405060700) + len);
        v->s.type = len % 4;
        if (!opens(c))
            return;
    }
    record_draw(c, SUITE_AES128, RECORD_PAYLOAD_MAX, 7);
    opens(c);
}

static const char *part_of(size_t i, size_t len)
{
    if (i < 4)
        return "the frame header was changed, which the tag covers, and whose fields are checked";
    if (i < 20)
        return "the IV was changed, which the tag covers";
    return i < len - 32 ? "the ciphertext was changed, which the tag covers" : "all 32 bytes of the tag count";
}

static bool refuses_lengths(struct checking *c, size_t len)
{
    static const char hint[] = "a Record has 68 bytes at least, whole blocks of ciphertext, and ends where its frame "
                               "does (6.2)";
    for (size_t cut = 0; cut <= len + 17; cut++) {
        memset(other, 0, sizeof other);
        memcpy(other, frame, len);
        if (cut != len && !refuses(c, other, cut, hint))
            return false;
        if (cut >= 4)
            bytes_store_be16(other + 2, (uint16_t)(cut - 4));
        if (cut != len && !refuses(c, other, cut, hint))
            return false;
    }
    return true;
}

void record_check_changed(struct checking *c)
{
    record_draw(c, SUITE_AES128, 20, 3);
    if (!opens(c))
        return;
    size_t len = record_mistakes_right(frame, &v->s);
    for (size_t i = 0; i < len; i++) {
        memcpy(other, frame, len);
        other[i] ^= (uint8_t)(1u << i % 8);
        if (!refuses(c, other, len, part_of(i, len)))
            return;
    }
    refuses_lengths(c, len);
}

/* --- In which order ----------------------------------------------------------------------------------------------- */

/* The frames of two Records, of which the second has the same IV and payload and the number `second`. */
static size_t two_frames(uint64_t second)
{
    size_t len = record_mistakes_right(frame, &v->s);
    struct sealed s = v->s;
    s.sequence = second;
    record_mistakes_right(other, &s);
    return len;
}

/* Both are opened, one after the other, by the same receiver, which counts from v->s.sequence. */
static bool two_right(struct checking *c, size_t len, uint64_t first, uint64_t second, const char *hint)
{
    ask_begin(c, "record_open, twice");
    ask_out(c, "first", 8);
    ask_out(c, "second", 8);
    ask_out(c, "left", 8);
    ask_inout(c, "frame", frame, len);
    ask_inout(c, "frame", other, len);
    record_ask_state(c);
    if (!ask(c))
        return false;
    if (!expect_number(c, 0, first, "the result for the first frame (NET_ERR_RECORD is 11)") ||
        !expect_number(c, 1, second, "the result for the second frame (NET_ERR_RECORD is 11)")) {
        check_hint(c, "%s", hint);
        return false;
    }
    if (first == NET_OK && second == NET_OK)
        return true;
    if (!expect_number(c, 2, 0, "bytes of secret and keys that are left after a failure")) {
        check_hint(c, "after any failure the keys are wiped: call record_fail");
        return false;
    }
    return true;
}

void record_check_order(struct checking *c)
{
    record_draw(c, SUITE_AES128, 9, 4);
    size_t len = two_frames(5);
    if (!two_right(c, len, NET_OK, NET_OK, "the receiver counts too: after Record 4 comes Record 5"))
        return;
    two_frames(4);
    if (!two_right(c, len, NET_OK, NET_ERR_RECORD,
                   "this is a replay: the same Record twice; is the number counted up?"))
        return;
    two_frames(6);
    if (!two_right(c, len, NET_OK, NET_ERR_RECORD, "a Record between the two was dropped: the tag covers the number"))
        return;
    two_frames(4);
    frame[len - 1] ^= 1;
    if (!two_right(c, len, NET_ERR_RECORD, NET_ERR_RECORD,
                   "after a failure there is no second try: every later call returns the same error"))
        return;
    const char *hint = NULL;
    record_mistakes_right(frame, &v->s);
    for (size_t i = 0; record_mistakes_mistagged(other, &v->s, i, &hint) > 0 && hint != NULL; i++)
        if (memcmp(frame, other, len) != 0 && !refuses(c, other, len, hint))
            return;
}

/* --- What only a peer can make ------------------------------------------------------------------------------------ */

/* Under a right tag: refused all the same, and the plaintext is not left in the frame. */
static bool refuses_plaintext(struct checking *c, const uint8_t *plaintext, size_t blocks, const char *hint)
{
    size_t len = record_mistakes_forge(frame, &v->s, plaintext, blocks);
    if (!ask_open(c, frame, len))
        return false;
    if (!expect_result(c, NET_ERR_RECORD, record_wanted)) {
        check_hint(c, "%s", hint);
        return false;
    }
    if (check_compares(c) && memcmp(ask_bytes(c, FRAME) + 20, plaintext, 16 * blocks) == 0)
        return check_failed(c, CHECK_TOUCHED, "frame", "what was decrypted still stands in the frame after a refusal");
    return outputs_kept(c);
}

static bool refuses_paddings(struct checking *c)
{
    uint8_t plaintext[32];
    for (unsigned n = 0; n <= 17; n++)
        for (unsigned i = 0; i <= 1; i++) { /* the count as it is, and one with another byte wrong */
            if (i == 0 ? n >= 1 && n <= 16 : n < 2 || n > 16)
                continue;
            memset(plaintext, (int)n, sizeof plaintext);
            plaintext[0] = CONTENT_APPLICATION;
            plaintext[32 - (n > 1 ? n : 2)] ^= (uint8_t)i;
            if (!refuses_plaintext(c, plaintext, 2, "the padding is wrong, though the tag is right (6.2, step 4)"))
                return false;
        }
    return true;
}

void record_check_forged(struct checking *c)
{
    static uint8_t plaintext[RECORD_PAYLOAD_MAX + 16];
    record_draw(c, SUITE_AES128, 20, 8);
    if (!opens(c) || !refuses_paddings(c))
        return;
    memset(plaintext, 16, 16);
    if (!refuses_plaintext(c, plaintext, 1, "sixteen bytes of padding leave no content type (6.2, step 5)"))
        return;
    for (unsigned type = CONTENT_FINISHED + 1; type < 256; type += 63) {
        memset(plaintext, 15, 16);
        plaintext[0] = (uint8_t)type;
        if (!refuses_plaintext(c, plaintext, 1, "there are the content types 0 to 3 (6.3), and no others"))
            return;
    }
    memset(plaintext, 1, sizeof plaintext);
    refuses_plaintext(c, plaintext, sizeof plaintext / 16,
                      "more than 16,384 bytes of payload are too many (6.2, step 5)");
}

/* --- Limits ------------------------------------------------------------------------------------------------------- */

static bool due_right(struct checking *c, uint64_t records, uint64_t bytes, size_t payload_len)
{
    struct record r = {.records = (uint32_t)records, .bytes = (uint32_t)bytes};
    ask_begin(c, "record_update_due");
    ask_number(c, "records", records);
    ask_number(c, "bytes", bytes);
    ask_number(c, "payload_len", payload_len);
    if (!ask(c) || expect_result(c, record_update_due(&r, payload_len), "whether a KeyUpdate is due"))
        return c->outcome.verdict == CHECK_PASSED;
    check_hint(c, "after this Record the KeyUpdate, 16 bytes of plaintext, must still be within both limits (5.3)");
    return false;
}

/* A Record with these counts before it, sealed and opened: within the limits, or beyond one. */
static bool limit_right(struct checking *c, uint64_t sequence, uint32_t records, uint32_t bytes, bool within)
{
    static const char hint[] = "2^20 Records and 2^30 bytes of padded plaintext may go under one key; 2^64 - 1 in all";
    record_draw(c, SUITE_AES128, 20, sequence);
    v->records = records;
    v->bytes = bytes;
    size_t len = record_mistakes_right(frame, &v->s);
    record_ask_seal(c, len);
    if (!ask(c))
        return false;
    if (!expect_result(c, within ? NET_OK : NET_ERR_LIMIT, limit_wanted)) {
        check_hint(c, "%s", hint);
        return false;
    }
    if (within)
        return opens(c);
    if (!ask_open(c, frame, len))
        return false;
    if (!expect_result(c, NET_ERR_LIMIT, limit_wanted)) {
        check_hint(c, "%s", hint);
        return false;
    }
    return outputs_kept(c);
}

void record_check_limits(struct checking *c)
{
    const uint32_t records = RECORD_RECORDS_MAX, bytes = RECORD_BYTES_MAX;
    if (limit_right(c, 5, records - 1, 0, true) && limit_right(c, 5, records, 0, false) &&
        limit_right(c, 5, 0, bytes - 32, true) && limit_right(c, 5, 0, bytes - 16, false) &&
        limit_right(c, UINT64_MAX - 1, 0, 0, true) && limit_right(c, UINT64_MAX, 0, 0, false) &&
        due_right(c, 0, 0, 0) && due_right(c, records - 2, 0, 0) && due_right(c, records - 1, 0, 0) &&
        due_right(c, 0, bytes - 48, 30) && due_right(c, 0, bytes - 48, 31) && due_right(c, 0, bytes - 32, 14))
        due_right(c, 0, bytes - 16, 0);
}

/* --- What may show ------------------------------------------------------------------------------------------------ */

/* Of a forgery the verdict, wherever its tag is wrong; of a good Record also its length and content type. */
void record_open_timing(struct checking *c)
{
    expect_new_path(c, "a tag whose first byte is wrong");
    for (size_t i = 0; i < 32; i += 31) {
        record_draw(c, SUITE_AES128, 20, 3);
        size_t len = record_mistakes_right(frame, &v->s);
        frame[len - 32 + i] ^= 1;
        if (!ask_open(c, frame, len) || !expect_published(c, 8, "the verdict") ||
            !expect_same_path(c, "a tag whose last byte is wrong"))
            return;
    }
    for (int i = 0; i < 2 && c->mode != CHECK_STEPS; i++) {
        record_draw(c, SUITE_AES128, 20, 3);
        if (!ask_open(c, frame, record_mistakes_right(frame, &v->s)) ||
            !expect_published(c, 24, "verdicts, the payload's length and the content type"))
            return;
    }
}
