/* SPDX-License-Identifier: MIT */
/* The pictures of the walkthrough: what is committed is what the code draws, it is well-formed, and its words have
 * room. The values are test_figure_values.c's; how it looks is left to the eye. */
#include "app/workbench/figures/figure.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "tests/pictures.h"
#include "tests/test.h"

#define FOLDER "docs/walkthrough/figures/"
#define FILE_MAX_LEN 65536

static void test_what_is_committed_is_what_is_drawn(void **state)
{
    (void)state;
    static char committed[FILE_MAX_LEN + 1];
    for (const struct figure *f = figures; f->name != NULL; f++) {
        const char *now = picture(f->name);
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
        const char *svg = picture(f->name);
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

#define PLACES_MAX 1000

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
    bool page = other->box && other->w > DRAW_WIDTH - 20;
    if ((!page && !overlap(text, other)) || (other->box && inside))
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
        size_t n = places_of(places, picture(f->name));
        assert_true(n > 4 && places[0].box); /* the page is the first, and everything is inside it */
        for (size_t i = 1; i < n; i++) {
            if (places[i].box) {
                assert_true(places[i].x >= 0 && places[i].x + places[i].w <= DRAW_WIDTH);
                assert_true(places[i].y + places[i].h <= f->height);
                continue;
            }
            for (size_t j = 0; j < n; j++)
                if (places[j].box || j < i)
                    wrong += crowded(f->name, &places[i], &places[j]);
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_committed_is_what_is_drawn),
        cmocka_unit_test(test_no_picture_is_left_over),
        cmocka_unit_test(test_there_is_no_other),
        cmocka_unit_test(test_each_is_well_formed_and_says_what_it_is),
        cmocka_unit_test(test_words_are_escaped),
        cmocka_unit_test_teardown(test_words_have_room, pictures_forget),
    };
    return RUN(tests);
}
