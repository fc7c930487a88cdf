/* SPDX-License-Identifier: MIT */
/* Exercise 01: bytes, hexadecimal (RFC 4648, section 8) and comparing in constant time. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/bytes.h"

#define LONGEST 40

/* --- Exclusive or ------------------------------------------------------------------------------------------------- */

/* Where out lies. */
enum place { APART, OVER_A, OVER_B };

static void hint_xor(struct checking *c, const uint8_t *yours, const uint8_t *a, const uint8_t *b, size_t len,
                     enum place place)
{
    bool is_or = true, is_and = true;
    for (size_t i = 0; i < len; i++) {
        is_or = is_or && yours[i] == (a[i] | b[i]);
        is_and = is_and && yours[i] == (a[i] & b[i]);
    }
    if (is_or || is_and)
        check_hint(c, "exclusive or is ^ in C: 1 where the two bits differ");
    else if (place != APART)
        check_hint(c, "here out is %s: is a byte of it overwritten before it is read?", place == OVER_A ? "a" : "b");
}

static bool xors(struct checking *c, size_t len, enum place place)
{
    uint8_t a[LONGEST], b[LONGEST], right[LONGEST];
    rng_fill(&c->rng, a, sizeof a);
    rng_fill(&c->rng, b, sizeof b);
    bytes_xor(right, a, b, len);
    ask_begin(c, "bytes_xor");
    size_t out = place == APART ? ask_out(c, "out", len) : ask_inout(c, "out", place == OVER_A ? a : b, len);
    if (place == OVER_A)
        ask_within(c, "a", out, 0);
    else
        ask_in(c, "a", a, len);
    if (place == OVER_B)
        ask_within(c, "b", out, 0);
    else
        ask_in(c, "b", b, len);
    ask_number(c, "len", len);
    if (!ask(c) || expect_bytes(c, out, right, len, "a xor b"))
        return c->outcome.verdict == CHECK_PASSED;
    if (c->outcome.hint[0] == '\0' && c->outcome.kind == CHECK_WRONG_BYTES)
        hint_xor(c, ask_bytes(c, out), a, b, len, place);
    return false;
}

/* The longest first: with few bytes mistakes look alike. */
static size_t nth_length(size_t i)
{
    return i == 0 ? LONGEST : i - 1;
}

static void check_xor(struct checking *c)
{
    for (size_t i = 0; i <= LONGEST; i++)
        if (!xors(c, nth_length(i), APART))
            return;
}

static void check_xor_in_place(struct checking *c)
{
    for (size_t i = 0; i <= LONGEST; i++)
        if (!xors(c, nth_length(i), OVER_A) || !xors(c, nth_length(i), OVER_B))
            return;
}

/* --- Hexadecimal -------------------------------------------------------------------------------------------------- */

static void digit_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, digit %zu, the %s one of byte %zu", what, i, i % 2 == 0 ? "high" : "low", i / 2);
}

static void diagnose_encode(struct checking *c, const char *yours, const char *right, size_t len)
{
    size_t i = c->outcome.at + c->outcome.difference;
    if (i == 2 * len)
        check_hint(c, "the text ends in a NUL, after 2 * len digits");
    else if (yours[i] >= 'A' && yours[i] <= 'F' && yours[i] - 'A' == right[i] - 'a')
        check_hint(c, "the digits are lowercase");
    else if (yours[i] == right[i ^ 1] && yours[i ^ 1] == right[i])
        check_hint(c, "the high four bits of a byte come first");
    else if (right[i] >= 'a' && yours[i] == right[i] - 'a' + 10 + '0')
        check_hint(c, "after 9 comes a: in ASCII other characters lie between them");
}

static bool encodes(struct checking *c, const uint8_t *in, size_t len)
{
    char right[2 * 256 + 1];
    hex_encode(right, in, len);
    ask_begin(c, "hex_encode");
    size_t out = ask_out(c, "out", 2 * len + 1);
    ask_secret(c, "in", in, len);
    ask_number(c, "len", len);
    if (!ask(c))
        return false;
    const uint8_t *yours = ask_bytes(c, out);
    if (expect_equal(c, yours, (const uint8_t *)right, 2 * len, "the text", digit_of) &&
        expect_equal(c, yours, (const uint8_t *)right, 2 * len + 1, "the text", NULL))
        return true;
    diagnose_encode(c, (const char *)yours, right, len);
    return false;
}

static void check_encode(struct checking *c)
{
    uint8_t all[256];
    if (!encodes(c, (const uint8_t *)"foobar", 6)) /* RFC 4648, section 10 */
        return;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    if (!encodes(c, all, sizeof all))
        return;
    for (size_t len = 0; len <= LONGEST; len++) {
        rng_fill(&c->rng, all, len);
        if (!encodes(c, all, len))
            return;
    }
}

/* The arguments 0 and 2 are out and *out_len. */
static bool ask_decode(struct checking *c, const char *in, size_t len, size_t room, bool secret)
{
    ask_begin(c, "hex_decode");
    ask_out(c, "out", room);
    ask_number(c, "out_cap", room);
    ask_out(c, "out_len", 8);
    if (secret)
        ask_secret(c, "in", in, len);
    else
        ask_in(c, "in", in, len);
    return ask(c);
}

static bool decodes(struct checking *c, const char *in, size_t len, const uint8_t *right)
{
    if (!ask_decode(c, in, len, len / 2, false))
        return false;
    if (!expect_result(c, 0, "the result for good digits")) {
        check_hint(c, "\"%.*s%s\" was refused, and has hexadecimal digits alone", (int)(len < 40 ? len : 40), in,
                   len > 40 ? "..." : "");
        return false;
    }
    if (!expect_number(c, 2, len / 2, "*out_len"))
        return false;
    if (expect_bytes(c, 0, right, len / 2, "out"))
        return true;
    size_t i = c->outcome.at + c->outcome.difference;
    uint8_t yours = ask_bytes(c, 0)[i];
    if (yours == (uint8_t)(right[i] << 4 | right[i] >> 4))
        check_hint(c, "\"%.2s\": the first digit is the high one", in + 2 * i);
    else
        check_hint(c, "the digits were \"%.2s\"", in + 2 * i);
    return false;
}

static void check_decode(struct checking *c)
{
    static const char digits[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    uint8_t bytes[LONGEST];
    char text[2 * LONGEST];
    if (!decodes(c, "666F6F626172", 12, (const uint8_t *)"foobar")) /* RFC 4648, section 10 */
        return;
    for (size_t len = 0; len <= LONGEST; len++) {
        rng_fill(&c->rng, bytes, sizeof bytes);
        for (size_t i = 0; i < len; i++) {
            text[2 * i] = (len % 2 == 0 ? digits : upper)[bytes[i] >> 4];
            text[2 * i + 1] = (len % 3 == 0 ? digits : upper)[bytes[i] & 15];
        }
        if (!decodes(c, text, 2 * len, bytes))
            return;
    }
}

/* Comes before what must be refused: a function that refuses everything tells nothing apart. Digits alone, and two
 * alike: that the high one comes first, or that letters are digits too, is no matter here. */
static bool takes_good(struct checking *c)
{
    uint8_t right[10];
    char text[20];
    rng_fill(&c->rng, right, sizeof right);
    for (size_t i = 0; i < sizeof right; i++) {
        right[i] = (uint8_t)(right[i] % 10 * 0x11);
        text[2 * i] = text[2 * i + 1] = (char)('0' + right[i] % 16);
    }
    if (!ask_decode(c, text, sizeof text, sizeof right, false))
        return false;
    if (expect_result(c, 0, "the result for good digits"))
        return expect_number(c, 2, sizeof right, "*out_len") && expect_bytes(c, 0, right, sizeof right, "out");
    return check_not_run(c, "good digits first: they are refused as well");
}

/* What must be refused, with nothing written. */
static bool refuses(struct checking *c, const char *in, size_t len, size_t room, const char *why)
{
    if (!ask_decode(c, in, len, room, false))
        return false;
    if (!expect_result(c, -1, "the result for what is no hexadecimal")) {
        check_hint(c, "%s", c->result == 0 ? why : "it was refused, but by another value than -1");
        return false;
    }
    return expect_untouched(c, 0, 0, "out stays as it is where -1 is returned") &&
           expect_untouched(c, 2, 0, "*out_len stays as it is where -1 is returned");
}

static void check_refuse_character(struct checking *c)
{
    if (!takes_good(c))
        return;
    for (unsigned u = 0; u < 256; u++) {
        bool digit = (u >= '0' && u <= '9') || (u >= 'a' && u <= 'f') || (u >= 'A' && u <= 'F');
        char why[80], text[] = "0123456789abcdef";
        if (u > 32 && u < 127)
            snprintf(why, sizeof why, "'%c' was taken for a digit", (int)u);
        else
            snprintf(why, sizeof why, "the character %02x was taken for a digit", u);
        text[u % 16] = (char)u;
        if (!digit && !refuses(c, text, 16, 8, why))
            return;
        text[u % 16] = '0';
        text[15] = (char)u;
        if (!digit && !refuses(c, text, 16, 8, why))
            return;
    }
}

static void check_refuse_length(struct checking *c)
{
    static const char text[] = "00112233445566778899";
    if (!takes_good(c))
        return;
    for (size_t len = 1; len < 20; len += 2)
        if (!refuses(c, text, len, 20, "a byte has two digits: an odd number of them is no bytes"))
            return;
    for (size_t room = 0; room < 10; room++)
        if (!refuses(c, text, 20, room, "in_len / 2 bytes are more than out_cap"))
            return;
}

/* --- Comparing ---------------------------------------------------------------------------------------------------- */

static bool ask_equal(struct checking *c, const uint8_t *a, const uint8_t *b, size_t len)
{
    ask_begin(c, "ct_equal");
    ask_secret(c, "a", a, len);
    ask_secret(c, "b", b, len);
    ask_number(c, "len", len);
    return ask(c);
}

static bool sees(struct checking *c, const uint8_t *a, const uint8_t *b, size_t len, size_t bit)
{
    if (!ask_equal(c, a, b, len))
        return false;
    if (expect_result(c, 0, "the result for different bytes"))
        return true;
    check_hint(c, "bit %zu of byte %zu of %zu differs, and nothing else", bit % 8, bit / 8, len);
    return false;
}

static void check_equal(struct checking *c)
{
    uint8_t a[16], b[16];
    for (size_t len = 0; len <= sizeof a; len++) {
        rng_fill(&c->rng, a, sizeof a);
        if (!ask_equal(c, a, a, len) || !expect_result(c, 1, "the result for equal bytes"))
            return;
    }
    memcpy(b, a, sizeof b);
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (!sees(c, a, b, sizeof a, bit))
            return;
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t i = 0; i < 2; i++)
        b[i] ^= 0x80;
    if (!ask_equal(c, a, b, sizeof a) || !expect_result(c, 0, "the result for different bytes"))
        check_hint(c,
                   "bytes 0 and 1 differ in the same bit: a sum or an exclusive or of the differences hides that; |= "
                   "gathers them");
}

/* Where two tags differ, and what a key is, must not show. */
static void timing(struct checking *c)
{
    uint8_t a[32], b[32];
    char text[2 * sizeof a + 1];
    rng_fill(&c->rng, a, sizeof a);
    expect_new_path(c, "a difference in byte 0");
    for (size_t i = 0; i < sizeof a; i++) {
        memcpy(b, a, sizeof b);
        b[i] ^= 1;
        if (!ask_equal(c, a, b, sizeof a) || !expect_published(c, 8, "the verdict") ||
            !expect_same_path(c, "one further behind"))
            return;
    }
    expect_new_path(c, "a key of zeros");
    for (int i = 0; i < 3; i++) {
        memset(a, i == 0 ? 0 : 0xff, sizeof a);
        if (i == 2)
            rng_fill(&c->rng, a, sizeof a);
        if (!encodes(c, a, sizeof a) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another key"))
            return;
    }
    expect_new_path(c, "a key of random digits");
    for (int i = 0; i < 3; i++) {
        hex_encode(text, a, sizeof a);
        if (!ask_decode(c, text, 2 * sizeof a, sizeof a, true) || !expect_published(c, 8, "the verdict") ||
            !expect_same_path(c, "another key"))
            return;
        memset(a, i == 0 ? 0 : 0xff, sizeof a);
    }
}

static const struct check checks[] = {
    {"exclusive or", 1, check_xor},
    {"exclusive or in place", 1, check_xor_in_place},
    {"bytes to digits", 1, check_encode},
    {"digits to bytes", 2, check_decode},
    {"what is no digit is refused", 1, check_refuse_character},
    {"an odd length and too little room are refused", 1, check_refuse_length},
    {"equal or not", 1, check_equal},
    {NULL, 0, NULL},
};

const struct exercise exercise_bytes = {
    .number = "01",
    .stem = "bytes",
    .title = "bytes and comparing",
    .files = {"bytes.c", "ct.c"},
    .given = "",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
