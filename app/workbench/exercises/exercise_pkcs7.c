/* SPDX-License-Identifier: MIT */
/* Exercise 06: PKCS#7 padding (RFC 5652, 6.3). */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/pkcs7.h"

#define LONGEST 48

/* A message of len random bytes in a buffer of LONGEST + 16. */
static size_t ask_pad(struct checking *c, size_t len)
{
    uint8_t message[LONGEST + 16];
    rng_fill(&c->rng, message, sizeof message);
    ask_begin(c, "pkcs7_pad");
    size_t buf = ask_inout(c, "buf", message, pkcs7_padded_len(len));
    ask_number(c, "len", len);
    return buf;
}

static void check_padded_len(struct checking *c)
{
    for (size_t len = 0; len <= 2 * LONGEST; len++) {
        ask_begin(c, "pkcs7_padded_len");
        ask_number(c, "len", len);
        if (!ask(c))
            return;
        if (!expect_result(c, (int64_t)pkcs7_padded_len(len), "the padded length")) {
            if (len % 16 == 0 && c->result == len)
                check_hint(c, "a message of whole blocks gets a block more: 16 bytes of value 16 (RFC 5652, 6.3)");
            return;
        }
    }
}

/* Pads a message of len bytes; false where that went wrong. */
static bool pads(struct checking *c, size_t len)
{
    uint8_t right[LONGEST + 16];
    size_t buf = ask_pad(c, len);
    memcpy(right, ask_sent(c, buf), pkcs7_padded_len(len));
    size_t padded_len = pkcs7_pad(right, len);
    if (!ask(c) || !expect_result(c, (int64_t)padded_len, "the padded length"))
        return false;
    if (expect_bytes(c, buf, right, padded_len, "the padded message"))
        return true;
    const uint8_t *yours = ask_bytes(c, buf);
    if (c->outcome.difference + c->outcome.at < len)
        check_hint(c, "the message itself, the first %zu bytes, must stay as it is", len);
    else if (yours[padded_len - 1] == padded_len - len && padded_len - len > 1 &&
             yours[padded_len - 2] != padded_len - len)
        check_hint(c, "each byte of the padding has the value %zu, not only the last one", padded_len - len);
    else if (yours[padded_len - 1] == len % 16 && len % 16 != padded_len - len)
        check_hint(c, "the value is how many bytes are missing, and yours how many the last block has");
    return false;
}

static void check_pad(struct checking *c)
{
    for (size_t len = 0; len <= LONGEST; len++)
        if (len % 16 != 0 && !pads(c, len))
            return;
}

static void check_full_block(struct checking *c)
{
    for (size_t len = 0; len <= LONGEST; len += 16)
        if (!pads(c, len))
            return;
}

/* Asks for the length of the message in padded; the argument 0 holds the answer. */
static bool ask_unpad(struct checking *c, const uint8_t *padded, size_t len, bool secret)
{
    ask_begin(c, "pkcs7_unpad");
    ask_out(c, "len", 8);
    if (secret)
        ask_secret(c, "buf", padded, len);
    else
        ask_in(c, "buf", padded, len);
    return ask(c);
}

static bool unpads(struct checking *c, size_t len)
{
    uint8_t padded[LONGEST + 16];
    rng_fill(&c->rng, padded, sizeof padded);
    size_t padded_len = pkcs7_pad(padded, len);
    if (!ask_unpad(c, padded, padded_len, false))
        return false;
    if (expect_result(c, 0, "the result for good padding"))
        return expect_number(c, 0, len, "the length of the message");
    if (len % 16 == 0)
        check_hint(c, "16 bytes of padding were refused: a full block of padding is legal");
    else
        check_hint(c, "%zu bytes of padding were refused: they are the last ones of buf, and none before them counts",
                   padded_len - len);
    return false;
}

static void check_unpad(struct checking *c)
{
    for (size_t len = 0; len <= LONGEST; len++)
        if (len % 16 != 0 && !unpads(c, len))
            return;
    for (size_t len = 0; len <= LONGEST; len += 16)
        if (!unpads(c, len))
            return;
}

/* Comes before what must be refused: a function that refuses everything tells nothing apart. The same padding for all
 * students, and none that is often mistaken: that has a check of its own. */
static bool takes_good(struct checking *c)
{
    uint8_t padded[32];
    rng_fill(&c->rng, padded, sizeof padded);
    pkcs7_pad(padded, 29);
    if (!ask_unpad(c, padded, sizeof padded, false))
        return false;
    if (!expect_result(c, 0, "the result for good padding"))
        return check_not_run(c, "good padding first: it is refused as well");
    if (expect_number(c, 0, 29, "the length of the message"))
        return true;
    check_hint(c, "good padding first: this is some, and is to be taken off before refusing counts");
    return false;
}

/* Padding that must be refused, and *len left alone. */
static bool refuses(struct checking *c, const uint8_t *padded, size_t len, const char *why)
{
    if (!ask_unpad(c, padded, len, false))
        return false;
    if (!expect_result(c, -1, "the result for wrong padding")) {
        check_hint(c, "%s", c->result == 0 ? why : "it was refused, but by another value than -1");
        return false;
    }
    return expect_untouched(c, 0, 0, "*len stays as it is where -1 is returned");
}

static void check_refuse_length(struct checking *c)
{
    uint8_t padded[33];
    memset(padded, 1, sizeof padded);
    static const uint8_t lengths[] = {0, 1, 15, 17, 31, 33};
    if (!takes_good(c))
        return;
    for (size_t i = 0; i < sizeof lengths; i++)
        if (!refuses(c, padded, lengths[i], "a padded message has whole blocks, and at least one"))
            return;
    ask_begin(c, "pkcs7_unpad"); /* no bytes, where a good padding lies just before them */
    ask_out(c, "len", 8);
    ask_in(c, "before", padded, 32);
    ask_within(c, "buf", 1, 32);
    if (ask(c) && !expect_result(c, -1, "the result for no bytes at all"))
        check_hint(c, "buf[buf_len - 1] of 0 bytes lies before buf");
}

static void check_refuse_count(struct checking *c)
{
    uint8_t padded[32];
    if (!takes_good(c))
        return;
    for (unsigned n = 0; n < 256; n++) {
        if (n >= 1 && n <= 16)
            continue;
        memset(padded, (int)n, sizeof padded);
        if (!refuses(c, padded, sizeof padded,
                     n == 0 ? "a last byte of 0 is no padding" : "more than 16 bytes of padding are never there"))
            return;
    }
}

static void check_refuse_byte(struct checking *c)
{
    uint8_t padded[32];
    if (!takes_good(c))
        return;
    for (size_t n = 2; n <= 16; n++)
        for (size_t i = 2; i <= n; i++) {
            rng_fill(&c->rng, padded, sizeof padded);
            pkcs7_pad(padded, sizeof padded - n);
            padded[sizeof padded - i] ^= (uint8_t)(1u << (i + n) % 8);
            if (!refuses(c, padded, sizeof padded, "every byte of the padding has to be compared with the last one"))
                return;
        }
}

/* What the padding is must not show: neither how long it is nor where it is wrong. */
static void timing(struct checking *c)
{
    uint8_t padded[32];
    expect_new_path(c, "1 byte of padding");
    for (size_t n = 1; n <= 16; n++) {
        rng_fill(&c->rng, padded, sizeof padded);
        pkcs7_pad(padded, sizeof padded - n);
        char more[32];
        snprintf(more, sizeof more, "%zu bytes of padding", n);
        if (!ask_unpad(c, padded, sizeof padded, true) || !expect_published(c, 8, "the verdict") ||
            !expect_same_path(c, more))
            return;
    }
    expect_new_path(c, "padding whose first byte is wrong");
    for (size_t i = 16; i >= 2; i--) {
        pkcs7_pad(padded, 16);
        padded[32 - i] ^= 1;
        if (!ask_unpad(c, padded, sizeof padded, true) || !expect_same_path(c, "padding that is wrong elsewhere"))
            return;
    }
}

static const struct check checks[] = {
    {"the padded length", 1, check_padded_len},
    {"padding of 1 to 15 bytes", 1, check_pad},
    {"a full block of padding", 1, check_full_block},
    {"good padding is taken off", 2, check_unpad},
    {"a length that is not whole blocks is refused", 1, check_refuse_length},
    {"a count of 0 or of more than 16 is refused", 1, check_refuse_count},
    {"a wrong byte of padding is refused", 1, check_refuse_byte},
    {NULL, 0, NULL},
};

const struct exercise exercise_pkcs7 = {
    .number = "06",
    .stem = "pkcs7",
    .title = "PKCS#7 padding",
    .files = {"pkcs7.c"},
    .given = "ct",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
