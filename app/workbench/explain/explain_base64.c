/* SPDX-License-Identifier: MIT */
/* Bytes are cut at every eighth bit and characters at every sixth, or fifth: both ends meet after 24 bits, or 40. Such
 * a group is a number here, and each row that is shown is another way to cut it.
 */
#include "app/workbench/explain/explain_base64.h"

#include <assert.h>
#include <string.h>

#include "crypto/base64.h"

#define CHARACTERS_PER_ROW 64

struct alphabet {
    const char *name, *pieces;
    const char *characters; /* in the order of their values */
    size_t bits;            /* of a character */
    size_t bytes, group;    /* of a group, and its characters */
};

static const struct alphabet base64 = {
    "base64", "sixes", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 3, 4};
static const struct alphabet base32 = {"base32", "fives", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 5, 8};

static const struct alphabet *alphabet(bool is_base32)
{
    return is_base32 ? &base32 : &base64;
}

/* What is wrong. */

/* -1 where it is none of the alphabet. */
static int value(const struct alphabet *a, char character)
{
    const char *at = character != '\0' ? strchr(a->characters, character) : NULL;
    return at != NULL ? (int)(at - a->characters) : -1;
}

/* How many characters at the end are padding. */
static size_t padding(const char *text, size_t len)
{
    size_t pad = 0;
    while (pad < len && text[len - 1 - pad] == '=')
        pad++;
    return pad;
}

/* What character number i, counted from 0, is: it is none of the alphabet. */
static void say_character(char why[static EXPLAIN_BASE64_WHY_LEN], const struct alphabet *a, char c, size_t i)
{
    const size_t cap = EXPLAIN_BASE64_WHY_LEN;
    if (c == '=')
        snprintf(why, cap, "character %zu is =, which only stands at the end", i + 1);
    else if (c == '\n' || c == '\r' || c == ' ' || c == '\t')
        snprintf(why, cap, "character %zu is a blank or a line end, and the text must be one line", i + 1);
    else if (c > ' ' && c <= '~')
        snprintf(why, cap, "character %zu is %c, which is not in the alphabet of %s", i + 1, c, a->name);
    else
        snprintf(why, cap, "character %zu is the byte %02x, which is not in the alphabet of %s", i + 1,
                 (unsigned)(unsigned char)c, a->name);
}

/* The number of the first of len characters that is none of the alphabet; len where all are. A = among them counts
 * last: it may be there only because something follows that shouldn't. */
static size_t first_wrong(const struct alphabet *a, const char *text, size_t len)
{
    size_t mark = len;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '=' && value(a, text[i]) < 0)
            return i;
        else if (text[i] == '=' && mark == len)
            mark = i;
    return mark;
}

bool explain_base64_wrong(char why[static EXPLAIN_BASE64_WHY_LEN], const char *text, size_t len, bool is_base32)
{
    const size_t cap = EXPLAIN_BASE64_WHY_LEN;
    const struct alphabet *a = alphabet(is_base32);
    size_t pad = padding(text, len), characters = len - pad;
    size_t wrong = first_wrong(a, text, characters);
    if (wrong < characters) {
        say_character(why, a, text[wrong], wrong);
        return true;
    }
    /* Whole bytes end within the last character: what is left of it is less than a character. */
    size_t bits = characters * a->bits, unused = bits % 8;
    if (len % a->group != 0)
        snprintf(why, cap, "it has %zu characters, = included, and must have a multiple of %zu", len, a->group);
    else if (pad >= a->group || unused >= a->bits)
        snprintf(why, cap, "no number of bytes leads to %zu characters and %zu times = after them", characters, pad);
    else if (unused > 0 && (value(a, text[characters - 1]) & ((1 << unused) - 1)) != 0)
        snprintf(why, cap, "character %zu has bits set that no byte uses", characters);
    else
        return false;
    return true;
}

/* Groups. */

/* A group, its first byte at the top. */
struct group {
    const struct alphabet *a;
    uint64_t v;
    size_t bytes, characters; /* that it has, padding apart */
};

static unsigned piece(const struct group *g, size_t i)
{
    const struct alphabet *a = g->a;
    return (unsigned)(g->v >> (a->bits * (a->group - 1 - i))) & ((1u << a->bits) - 1);
}

/* `count` pieces of so many bits each. */
static void show_bits(FILE *to, const char *name, const struct group *g, size_t count, size_t bits)
{
    size_t left = 8 * g->a->bytes;
    fprintf(to, "  %-*s", SHOW_NAME_WIDTH, name);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? " " : "", to);
        for (size_t j = 0; j < bits; j++)
            fputc('0' + (int)(g->v >> --left & 1), to);
    }
    fputc('\n', to);
}

static void show_bytes(FILE *to, const struct group *g)
{
    uint8_t bytes[5];
    for (size_t i = 0; i < g->bytes; i++)
        bytes[i] = (uint8_t)(g->v >> 8 * (g->a->bytes - 1 - i));
    show_value(to, "bytes", bytes, g->bytes);
}

/* Below the pieces, and as far apart. */
static void show_values(FILE *to, const struct group *g)
{
    fprintf(to, "  %-*s", SHOW_NAME_WIDTH, "values");
    for (size_t i = 0; i < g->characters; i++)
        fprintf(to, "%-*u", i + 1 < g->characters ? (int)g->a->bits + 1 : 0, piece(g, i));
    fputc('\n', to);
}

static void show_characters(FILE *to, const struct group *g)
{
    fprintf(to, "  %-*s", SHOW_NAME_WIDTH, "characters");
    for (size_t i = 0; i < g->a->group; i++)
        fprintf(to, "%-*c", i + 1 < g->a->group ? (int)g->a->bits + 1 : 0,
                i < g->characters ? g->a->characters[piece(g, i)] : '=');
    fputc('\n', to);
}

/* A text, in rows. */
static void show_characters_of(FILE *to, const char *text, size_t len)
{
    if (len == 0)
        show_text(to, "text", "(empty)");
    for (size_t at = 0; at < len; at += CHARACTERS_PER_ROW)
        show_text(to, at == 0 ? "text" : "", "%.*s",
                  (int)(len - at < CHARACTERS_PER_ROW ? len - at : CHARACTERS_PER_ROW), text + at);
}

/* Encoding. */

static void encode_group(FILE *to, const struct alphabet *a, const uint8_t *in, size_t n, size_t number)
{
    struct group g = {.a = a, .bytes = n, .characters = (8 * n + a->bits - 1) / a->bits};
    for (size_t i = 0; i < a->bytes; i++)
        g.v = g.v << 8 | (i < n ? in[i] : 0u);
    show_heading(to, "Group %zu", number);
    show_bytes(to, &g);
    show_bits(to, "bits", &g, n, 8);
    show_bits(to, a->pieces, &g, g.characters, a->bits);
    show_values(to, &g);
    show_characters(to, &g);
    if (n < a->bytes)
        show_note(to,
                  "It has %zu of %zu bytes: zeros fill up the bits of its last character, and = stands for those that "
                  "are missing.",
                  n, a->bytes);
}

static void show_alphabet(FILE *to, const struct alphabet *a)
{
    show_heading(to, "%s (RFC 4648, section %d)", a->name, a == &base64 ? 4 : 6);
    show_note(
        to,
        "%zu bytes are %zu bits, and these are %zu characters of %zu bits each. The characters of the values from "
        "0 on:",
        a->bytes, 8 * a->bytes, a->group, a->bits);
    show_text(to, "alphabet", "%s", a->characters);
}

void explain_base64_encode(FILE *to, const uint8_t *in, size_t len, bool is_base32)
{
    static char text[EXPLAIN_BASE64_TEXT_MAX + 1], feed[SHOW_FEED_LEN(EXPLAIN_BASE64_MAX)];
    const struct alphabet *a = alphabet(is_base32);
    assert(len <= EXPLAIN_BASE64_MAX);
    show_alphabet(to, a);
    show_value(to, "data", in, len);
    for (size_t at = 0; at < len; at += a->bytes)
        encode_group(to, a, in + at, len - at < a->bytes ? len - at : a->bytes, at / a->bytes + 1);
    (is_base32 ? base32_encode : base64_encode)(text, in, len);
    show_heading(to, "Together, which is one line");
    show_characters_of(to, text, strlen(text));
    show_heading(to, "The same by coreutils");
    show_command(to, "%sbasenc --%s -w0", show_feed(feed, in, len), a->name);
}

/* Decoding. */

static void decode_group(FILE *to, const struct alphabet *a, const char *in, size_t number)
{
    struct group g = {.a = a, .characters = a->group - padding(in, a->group)};
    g.bytes = g.characters * a->bits / 8;
    for (size_t i = 0; i < a->group; i++)
        g.v = g.v << a->bits | (i < g.characters ? (unsigned)value(a, in[i]) : 0u);
    show_heading(to, "Group %zu", number);
    show_characters(to, &g);
    show_values(to, &g);
    show_bits(to, a->pieces, &g, g.characters, a->bits);
    show_bits(to, "bits", &g, g.bytes, 8);
    show_bytes(to, &g);
    if (g.bytes < a->bytes)
        show_note(to,
                  "= fills the group up. The last %zu bits are no byte's, and have to be zeros: else the same bytes "
                  "could be written in several ways.",
                  g.characters * a->bits % 8);
}

int explain_base64_decode(FILE *to, const char *text, size_t len, bool is_base32)
{
    static uint8_t bytes[EXPLAIN_BASE64_TEXT_MAX];
    const struct alphabet *a = alphabet(is_base32);
    char why[EXPLAIN_BASE64_WHY_LEN] = "", sentence[EXPLAIN_BASE64_WHY_LEN + 32];
    size_t bytes_len = 0;
    assert(len <= EXPLAIN_BASE64_TEXT_MAX);
    bool wrong = explain_base64_wrong(why, text, len, is_base32);
    int refused = (is_base32 ? base32_decode : base64_decode)(bytes, sizeof bytes, &bytes_len, text, len);
    assert(wrong == (refused != 0));
    show_alphabet(to, a);
    snprintf(sentence, sizeof sentence, "It can't be read: %s.", why);
    if (!show_check(to, "valid?", !wrong, sentence))
        return -1;
    show_characters_of(to, text, len);
    for (size_t at = 0; at < len; at += a->group)
        decode_group(to, a, text + at, at / a->group + 1);
    show_heading(to, "Together");
    show_value(to, "data", bytes, bytes_len);
    show_heading(to, "The same by coreutils");
    show_command(to, "echo %.*s | basenc -d --%s | basenc --base16", (int)len, text, a->name);
    return 0;
}
