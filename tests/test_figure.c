/* SPDX-License-Identifier: MIT */
/* The pictures of the walkthrough: what is committed is what the code draws, it is well-formed, its words have room,
 * and the values in it are the published ones. How it looks is left to the eye. */
#include "app/workbench/figures/figure.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "crypto/bytes.h"
#include "tests/test.h"

#define FOLDER "docs/walkthrough/figures/"
#define FILE_MAX_LEN 65536

/* The pictures, each drawn once: some take a whole handshake. */
static char *pictures[64];

static const char *drawn(const struct figure *f)
{
    char **text = &pictures[f - figures];
    size_t len;
    if (*text != NULL)
        return *text;
    FILE *to = open_memstream(text, &len);
    assert_non_null(to);
    assert_int_equal(figures_write(to, f->name), 0);
    assert_int_equal(fclose(to), 0);
    return *text;
}

static int forget(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++)
        free(pictures[i]);
    return 0;
}

static void test_what_is_committed_is_what_is_drawn(void **state)
{
    (void)state;
    static char committed[FILE_MAX_LEN + 1];
    for (const struct figure *f = figures; f->name != NULL; f++) {
        const char *now = drawn(f);
        char path[128];
        snprintf(path, sizeof path, FOLDER "%s.svg", f->name);
        FILE *file = fopen(path, "rb");
        size_t len = file != NULL ? fread(committed, 1, FILE_MAX_LEN, file) : 0;
        if (file != NULL)
            fclose(file);
        committed[len] = '\0';
        if (strcmp(committed, now) != 0)
            fail_msg("%s is not what the code draws: make figures", path);
    }
}

static void test_no_picture_is_left_over(void **state)
{
    (void)state;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const struct figure *f = figures;
        if (entry->d_name[0] == '.')
            continue;
        size_t len = strcspn(entry->d_name, ".");
        while (f->name != NULL && (strlen(f->name) != len || strncmp(f->name, entry->d_name, len) != 0))
            f++;
        if (f->name == NULL || strcmp(entry->d_name + len, ".svg") != 0)
            fail_msg("nothing draws " FOLDER "%s", entry->d_name);
    }
    closedir(folder);
}

static void test_there_is_no_other(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    assert_int_equal(figures_write(f, "aes2"), -1);
    assert_int_equal(figures_write(f, ""), -1);
    fclose(f);
    assert_int_equal(len, 0);
    free(text);
}

/* --- XML ---------------------------------------------------------------------------------------------------------- */

/* A tag's attributes are name="value", and nothing else. Returns what follows the tag. */
static const char *attributes(const char *at, bool *empty)
{
    for (;;) {
        at += strspn(at, " ");
        *empty = *at == '/';
        if (strncmp(at, "/>", 2) == 0)
            return at + 2;
        if (*at == '>')
            return at + 1;
        size_t name = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
        assert_true(name > 0);
        assert_memory_equal(at + name, "=\"", 2);
        at += name + 2;
        at += strcspn(at, "\"<&");
        assert_int_equal(*at++, '"');
    }
}

static const char *text_between(const char *at)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;"};
    for (; *at != '\0' && *at != '<'; at++) {
        bool known = *at != '&';
        for (size_t i = 0; i < 3; i++)
            known |= strncmp(at, entities[i], strlen(entities[i])) == 0;
        assert_true(known && *at != '>');
    }
    return at;
}

static void expect_well_formed(const char *svg)
{
    char open[8][16];
    size_t depth = 0, elements = 0;
    for (const char *at = text_between(svg); *at != '\0'; at = text_between(at)) {
        bool closing = *++at == '/', empty;
        char name[16] = "";
        at += closing;
        for (size_t i = 0; isalnum((unsigned char)*at) && i < sizeof name - 1; i++)
            name[i] = *at++;
        assert_true(name[0] != '\0');
        at = attributes(at, &empty);
        if (closing) {
            assert_true(depth > 0);
            assert_string_equal(open[--depth], name);
        } else if (!empty) {
            assert_true(depth < 8);
            strcpy(open[depth++], name);
        }
        elements++;
    }
    assert_int_equal(depth, 0);
    assert_true(elements > 10);
}

static void test_each_is_well_formed_and_says_what_it_is(void **state)
{
    (void)state;
    for (const struct figure *f = figures; f->name != NULL; f++) {
        const char *svg = drawn(f);
        expect_well_formed(svg);
        assert_non_null(strstr(svg, " role=\"img\" aria-labelledby=\"title what\">\n<title id=\"title\">"));
        assert_non_null(strstr(svg, "prefers-color-scheme: dark"));
        assert_true(strlen(f->what) > 60 && f->what[strlen(f->what) - 1] == '.');
    }
}

static void test_words_are_escaped(void **state)
{
    (void)state;
    char *text = NULL, fold[DRAW_FOLD_LEN];
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    draw_begin(f, 100, "a < b", "a & b > c");
    draw_box(f, 20, 20, 300, 40, DRAW_BAD, "#1<2&3>0\n~%s", "two");
    draw_text(f, 0, 0, "", "<%s>", "&");
    draw_arrow(f, 1, 2, 3, 4);
    draw_line(f, 1, 2, 3, 4);
    draw_bracket(f, 1, 2, 3, 4);
    draw_sign(f, 1, 2, "+");
    draw_end(f);
    fclose(f);
    expect_well_formed(text);
    assert_non_null(strstr(text, "class=\"mid hex\">1&lt;2&amp;3&gt;0<"));
    assert_non_null(strstr(text, "class=\"mid small\">two<"));
    free(text);
    assert_string_equal(draw_fold(fold, (const uint8_t *)"\1\2\3\4\5\6\7\x8", 8), "0102030405060708");
    assert_string_equal(draw_fold(fold, (const uint8_t *)"\1\2\3\4\5\6\7\x8\x9", 9), "01020304..0809");
}

/* --- Room --------------------------------------------------------------------------------------------------------- */

struct place {
    int x, y, w, h; /* of the upper left corner */
    const char *words;
    int len;
    bool box; /* a rect, and no text */
};

#define PLACES_MAX 400

/* Letters of a sans-serif are half as wide as high and a little more, all in all; those of a monospace 0.6. Bold ones,
 * more. */
static struct place text_place(const char *tag)
{
    struct place p = {0};
    char style[32] = "";
    assert_true(sscanf(tag, "<text x=\"%d\" y=\"%d\" class=\"%31[^\"]", &p.x, &p.y, style) >= 2);
    p.words = strchr(tag, '>') + 1;
    p.len = (int)strcspn(p.words, "<");
    int letters = 0;
    for (int i = 0; i < p.len; i++) {
        letters += ((unsigned char)p.words[i] & 0xc0) != 0x80; /* not the rest of a character in UTF-8 */
        if (p.words[i] == '&')
            i += (int)strcspn(p.words + i, ";");
    }
    int size = strstr(style, "head") != NULL ? 22 : strstr(style, "small") != NULL ? 17 : 19;
    int percent = strstr(style, "bold") != NULL || strstr(style, "head") != NULL ? 57 : 53;
    p.w = strstr(style, "hex") != NULL ? letters * 11 : letters * size * percent / 100;
    p.h = size * 3 / 4;
    p.y -= p.h;
    p.x -= strstr(style, "mid") != NULL ? p.w / 2 : strstr(style, "end") != NULL ? p.w : 0;
    return p;
}

static size_t places_of(struct place places[PLACES_MAX], const char *svg)
{
    size_t n = 0;
    for (const char *at = svg; (at = strchr(at, '<')) != NULL; at++) {
        struct place p = {.box = true};
        if (sscanf(at, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", &p.x, &p.y, &p.w, &p.h) != 4) {
            if (strncmp(at, "<text ", 6) != 0)
                continue;
            p = text_place(at);
        }
        assert_true(n < PLACES_MAX);
        places[n++] = p;
    }
    return n;
}

static bool overlap(const struct place *a, const struct place *b)
{
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/* Words that touch a box are inside it, and no two words lie over each other. Says what is wrong, and how often. */
static int crowded(const char *name, const struct place *text, const struct place *other)
{
    bool inside = text->x >= other->x && text->x + text->w <= other->x + other->w && text->y >= other->y &&
                  text->y + text->h <= other->y + other->h;
    if (!overlap(text, other) || (other->box && inside))
        return 0;
    print_error("%s: no room for '%.*s', %d wide at %d, %d, beside %.*s of %d, %d\n", name, text->len, text->words,
                text->w, text->x, text->y, other->box ? 5 : other->len, other->box ? "a box" : other->words, other->x,
                other->y);
    return 1;
}

static void test_words_have_room(void **state)
{
    (void)state;
    static struct place places[PLACES_MAX];
    int wrong = 0;
    for (const struct figure *f = figures; f->name != NULL; f++) {
        size_t n = places_of(places, drawn(f));
        assert_true(n > 4 && places[0].box); /* the page is the first, and everything is inside it */
        for (size_t i = 1; i < n; i++) {
            if (places[i].box) {
                assert_true(places[i].x >= 0 && places[i].x + places[i].w <= DRAW_WIDTH);
                assert_true(places[i].y + places[i].h <= f->height);
                continue;
            }
            wrong += places[i].x < 4 || places[i].x + places[i].w > DRAW_WIDTH - 4;
            for (size_t j = 0; j < n; j++)
                if (places[j].box || j < i)
                    wrong += crowded(f->name, &places[i], &places[j]);
        }
    }
    assert_int_equal(wrong, 0);
}

/* --- Values ------------------------------------------------------------------------------------------------------- */

/* What is drawn under that name. */
static const char *picture(const char *name)
{
    const struct figure *f = figures;
    while (f->name != NULL && strcmp(f->name, name) != 0)
        f++;
    assert_non_null(f->name);
    return drawn(f);
}

/* Goes to the record of that name; whatever the ones before it hold is not asked about. */
static struct vec *record(const char *stem, const char *name)
{
    static const char *const fields[] = {"key", "w",   "plaintext", "ciphertext", "block", "rounds", "digest",
                                         "msg", "tag", "ikm",       "salt",       "info",  "prk",    "okm"};
    struct vec *v = vec_open(stem);
    while (vec_next(v)) {
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (vec_has(v, fields[i]))
                (void)vec_text(v, fields[i]);
        if (strcmp(vec_name(v), name) == 0)
            return v;
    }
    fail_msg("%s has no record '%s'", stem, name);
    return NULL;
}

/* The words come as a whole text, from *at on; *at is moved behind them. */
static void expect_next(const char **at, const char *words)
{
    char whole[100];
    snprintf(whole, sizeof whole, ">%s</text>", words);
    const char *found = strstr(*at, whole);
    if (found == NULL)
        fail_msg("'%s' is not where it should be", words);
    *at = found + strlen(whole);
}

static void expect_fold(const char **at, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    expect_next(at, draw_fold(fold, data, len));
}

static void test_aes_is_the_standard_s_example(void **state)
{
    (void)state;
    static const char *const steps[] = {"start", "s_box", "s_row", "m_col", "output", "k_sch"};
    struct vec *v = record("aes", "cipher example, round 1");
    const char *at = picture("aes");
    for (size_t i = 0; i < 6; i++) {
        const uint8_t *block = vec_hex_n(v, steps[i], 16);
        for (size_t j = 0; j < 16; j++) { /* row by row: FIPS 197 counts them by columns */
            char hex[3];
            hex_encode(hex, block + j / 4 + j % 4 * 4, 1);
            expect_next(&at, hex);
        }
    }
    vec_close(v);
}

/* FIPS 180-2 appendix B.2, the line of t = 0. */
static void test_sha256_is_the_standard_s_example(void **state)
{
    (void)state;
    static const char *const after[] = {"5d6aebb1", "6a09e667", "bb67ae85", "3c6ef372",
                                        "fa2a4606", "510e527f", "9b05688c", "1f83d9ab"};
    static const char *const words[] = {"61626364", "62636465", "6a6b6c6d", "80000000", "00000000"};
    const char *at = picture("sha256");
    for (size_t i = 0; i < 5; i++)
        expect_next(&at, words[i]);
    assert_non_null(strstr(at, ">eb8012ad</text>")); /* 00205000 + 6a6b6c6d + 1f91f2dc + 61626364 */
    at = strstr(at, "Round 0");
    for (size_t i = 0; i < 8; i++)
        expect_next(&at, after[i]);
}

static void test_hmac_and_hkdf_are_the_rfcs_examples(void **state)
{
    (void)state;
    struct vec *v = record("hmac", "a key shorter than the tag");
    const char *at = picture("hmac");
    expect_fold(&at, vec_hex_n(v, "tag", 32), 32);
    vec_close(v);
    v = record("hkdf", "basic");
    at = picture("hkdf");
    const uint8_t *okm = vec_hex_n(v, "okm", 42);
    expect_fold(&at, vec_hex_n(v, "prk", 32), 32);
    expect_fold(&at, okm, 32);
    expect_fold(&at, okm, 42);
    vec_close(v);
}

/* 2^6 = 64 = 2 * 23 + 18, 2^9 = 512 = 22 * 23 + 6, 6^6 = 46656 = 2028 * 23 + 12. */
static void test_dh_comes_to_the_same(void **state)
{
    (void)state;
    const char *at = picture("dh");
    expect_next(&at, "secret x = 6");
    expect_next(&at, "Z = 6^6 = 12");
    const char *z = at;
    char real[20];
    snprintf(real, sizeof real, "%.14s", strchr(strstr(z, "hex\">"), '>') + 1);
    expect_next(&at, "secret x' = 9");
    expect_next(&at, "Z = 18^9 = 12");
    expect_next(&at, real);
    expect_next(&at, "y = 2^x = 18");
    expect_next(&at, "y' = 2^x' = 6");
}

/* protocol.md, 6.1: 4 + 16 + 16 k + 32; the plaintext is a type, five letters, and ten bytes of value ten. */
static void test_a_record_has_its_layout(void **state)
{
    (void)state;
    const char *at = picture("record");
    expect_next(&at, "01");
    expect_next(&at, "68");
    expect_next(&at, "6f");
    for (int i = 0; i < 10; i++)
        expect_next(&at, "0a");
    expect_next(&at, "03");
    expect_next(&at, "01");
    expect_next(&at, "00");
    expect_next(&at, "40");
    expect_next(&at, "0000000000000001");
    expect_next(&at, "The whole frame has 68 bytes for a payload of 5.");
}

/* 4.2 and 4.4: 4 + 32 + 3 + 3 + 1 + 2 + 384; and with a certificate of 1074 - 255 + 9 bytes 4 + 32 + 1 + 2 + 384 + 2 +
 * 828 + 386. */
static void test_the_handshake_has_its_lengths(void **state)
{
    (void)state;
    const char *at = picture("handshake");
    expect_next(&at, "ClientHello, 429 bytes");
    expect_next(&at, "ServerHello, 1639 bytes");
    expect_next(&at, "Record: Finished, 68 bytes");
    expect_next(&at, "Record: Finished, 68 bytes");
    expect_next(&at, "Record: \"hello\", 68 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_committed_is_what_is_drawn),
        cmocka_unit_test(test_no_picture_is_left_over),
        cmocka_unit_test(test_there_is_no_other),
        cmocka_unit_test(test_each_is_well_formed_and_says_what_it_is),
        cmocka_unit_test(test_words_are_escaped),
        cmocka_unit_test(test_words_have_room),
        cmocka_unit_test(test_aes_is_the_standard_s_example),
        cmocka_unit_test(test_sha256_is_the_standard_s_example),
        cmocka_unit_test(test_hmac_and_hkdf_are_the_rfcs_examples),
        cmocka_unit_test(test_dh_comes_to_the_same),
        cmocka_unit_test(test_a_record_has_its_layout),
        cmocka_unit_test_teardown(test_the_handshake_has_its_lengths, forget),
    };
    return RUN(tests);
}
