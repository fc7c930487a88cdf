/* SPDX-License-Identifier: MIT */
/* Each shape is one line of SVG with a class; what a class looks like is in the stylesheet, by day and by night. Only
 * what simple readers of SVG know as well is used there: no variables, no scripts, no fonts but the reader's own. */
#include "app/workbench/figures/draw.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "crypto/bytes.h"

#define WORDS_MAX 200
#define LINE_HEIGHT 24
#define LETTER_DROP 6 /* from the middle of a line of letters down to where they stand */

static const char *const classes[] = {"plain", "step", "secret", "wire", "good", "bad", "faint"};

static const char stylesheet[] =
    "<style>\n"
    "text { font-family: sans-serif; font-size: 19px; fill: #1b1f24 }\n"
    ".hex { font-family: monospace; font-size: 18px } .small { font-size: 17px } .big { font-size: 24px }\n"
    ".bold, .head { font-weight: bold } .head { font-size: 22px } .mid { text-anchor: middle } "
    ".end { text-anchor: end }\n"
    "rect, circle { stroke-width: 1.5 } .line { fill: none; stroke-width: 2 }\n"
    ".secret, .good { stroke-width: 3.5 } .bad { stroke-width: 3; stroke-dasharray: 9 4 } "
    ".faint { stroke-dasharray: 2 4 }\n"
    ".page { fill: #ffffff; stroke: #d0d5dc } .plain { fill: #f0f2f5; stroke: #5b6472 } "
    ".step { fill: #ffffff; stroke: #1b1f24 }\n"
    ".secret { fill: #fff1d6; stroke: #a86400 } .wire { fill: #dfecff; stroke: #1f5fae }\n"
    ".good { fill: #def4e2; stroke: #1d7a35 } .bad { fill: #ffe3e0; stroke: #b3261e } "
    ".faint { fill: none; stroke: #5b6472 }\n"
    ".line { stroke: #444c56 } .tip { fill: #444c56 }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "text { fill: #e6e9ee } .page { fill: #15181d; stroke: #3a414b } .plain { fill: #262b33; stroke: #9aa4b2 } "
    ".step { fill: #0b0d10; stroke: #e6e9ee }\n"
    ".secret { fill: #3d2e10; stroke: #e0a030 } .wire { fill: #152b49; stroke: #6aa8f0 }\n"
    ".good { fill: #123420; stroke: #5cc27a } .bad { fill: #45191a; stroke: #ff8a80 } .faint { stroke: #9aa4b2 }\n"
    ".line { stroke: #b8c0cc } .tip { fill: #b8c0cc }\n"
    "}\n"
    "</style>\n";

static const char arrow_head[] = "<defs><marker id=\"tip\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
                                 "markerWidth=\"6\" markerHeight=\"6\" orient=\"auto\">"
                                 "<path class=\"tip\" d=\"M0 0L10 5L0 10z\"/></marker></defs>\n";

static void escaped(FILE *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '&')
            fputs("&amp;", to);
        else if (text[i] == '<')
            fputs("&lt;", to);
        else if (text[i] == '>')
            fputs("&gt;", to);
        else
            fputc(text[i], to);
}

static void words(FILE *to, int x, int y, const char *style, const char *text, size_t len)
{
    fprintf(to, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, style);
    escaped(to, text, len);
    fputs("</text>\n", to);
}

void draw_begin(FILE *to, int height, const char *title, const char *what)
{
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
            "aria-labelledby=\"title what\">\n",
            DRAW_WIDTH, height);
    fputs("<title id=\"title\">", to);
    escaped(to, title, strlen(title));
    fputs("</title>\n<desc id=\"what\">", to);
    escaped(to, what, strlen(what));
    fputs("</desc>\n", to);
    fputs(stylesheet, to);
    fputs(arrow_head, to);
    fprintf(to, "<rect x=\"1\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"8\" class=\"page\"/>\n", DRAW_WIDTH - 2,
            height - 2);
    words(to, 20, 36, "head", title, strlen(title));
}

void draw_end(FILE *to)
{
    fputs("</svg>\n", to);
}

void draw_text(FILE *to, int x, int y, const char *style, const char *format, ...)
{
    char text[WORDS_MAX + 1];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    words(to, x, y, style, text, strlen(text));
}

static void rectangle(FILE *to, int x, int y, int w, int h, enum draw_role role)
{
    fprintf(to, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" class=\"%s\"/>\n", x, y, w, h,
            role == DRAW_STEP ? 14 : 3, classes[role]);
}

/* Lines of words, their middle at x, y. */
static void lines(FILE *to, int x, int y, const char *text)
{
    int count = 1;
    for (const char *c = text; *c != '\0'; c++)
        count += *c == '\n';
    y += LETTER_DROP - (count - 1) * LINE_HEIGHT / 2;
    for (; count > 0; count--, y += LINE_HEIGHT) {
        size_t marked = *text == '#' || *text == '~', len = strcspn(text, "\n");
        words(to, x, y, *text == '#' ? "mid hex" : *text == '~' ? "mid small" : "mid", text + marked, len - marked);
        text += len + 1;
    }
}

void draw_box(FILE *to, int x, int y, int w, int h, enum draw_role role, const char *format, ...)
{
    char text[WORDS_MAX + 1];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    rectangle(to, x, y, w, h, role);
    if (text[0] != '\0')
        lines(to, x + w / 2, y + h / 2, text);
}

void draw_bytes(FILE *to, int x, int y, enum draw_role role, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++, x += DRAW_CELL_W)
        draw_box(to, x, y, DRAW_CELL_W, DRAW_CELL_H, role, "#%02x", bytes[i]);
}

void draw_sign(FILE *to, int x, int y, const char *sign)
{
    fprintf(to, "<circle cx=\"%d\" cy=\"%d\" r=\"15\" class=\"step\"/>\n", x, y);
    words(to, x, y + LETTER_DROP, "mid", sign, strlen(sign));
}

static void path(FILE *to, size_t n, const int points[], const char *end)
{
    fputs("<path class=\"line\" d=\"", to);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%c%d %d", i == 0 ? 'M' : 'L', points[2 * i], points[2 * i + 1]);
    fprintf(to, "\"%s/>\n", end);
}

void draw_bent(FILE *to, size_t n, const int points[])
{
    assert(n >= 2 && n <= 8);
    path(to, n, points, " marker-end=\"url(#tip)\"");
}

void draw_arrow(FILE *to, int x1, int y1, int x2, int y2)
{
    draw_bent(to, 2, (const int[]){x1, y1, x2, y2});
}

void draw_line(FILE *to, int x1, int y1, int x2, int y2)
{
    path(to, 2, (const int[]){x1, y1, x2, y2}, "");
}

void draw_bracket(FILE *to, int x, int y, int w, int depth)
{
    path(to, 4, (const int[]){x, y, x, y + depth, x + w, y + depth, x + w, y}, "");
}

const char *draw_fold(char out[static DRAW_FOLD_LEN], const uint8_t *data, size_t len)
{
    if (len <= 8) {
        hex_encode(out, data, len);
        return out;
    }
    hex_encode(out, data, 4);
    memcpy(out + 8, "..", 2);
    hex_encode(out + 10, data + len - 2, 2);
    return out;
}
