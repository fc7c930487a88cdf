/* SPDX-License-Identifier: MIT */
/* A right tag, and three guesses of it. The comparison that stops at the first difference has looked at as many bytes
 * as a clock can count; the other one at all of them, always. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "app/workbench/labs/equal_early.h"
#include "crypto/ct.h"

#define LEN 8
#define GUESSES 3
#define LEFT 20
#define RIGHT 420

/* How many bytes the early one looks at: the shortest beginning that it finds unequal. */
static size_t looked_at(const uint8_t *a, const uint8_t *b)
{
    size_t n = 1;
    while (n < LEN && lab_equal_early(a, b, n))
        n++;
    return n;
}

static void guess(FILE *to, int y, const uint8_t tag[static LEN], const uint8_t bytes[static LEN])
{
    size_t n = looked_at(tag, bytes);
    for (size_t i = 0; i < LEN; i++) {
        enum draw_role compared = bytes[i] == tag[i] ? DRAW_GOOD : DRAW_BAD;
        draw_bytes(to, LEFT + (int)i * (DRAW_CELL_W + 4), y, i < n ? compared : DRAW_FAINT, &bytes[i], 1);
        draw_bytes(to, RIGHT + (int)i * (DRAW_CELL_W + 4), y, compared, &bytes[i], 1);
    }
    draw_text(to, LEFT, y + 56, "small", "%zu looked at: %s", n,
              lab_equal_early(tag, bytes, LEN) ? "equal" : "not equal");
    draw_text(to, RIGHT, y + 56, "small", "%d looked at: %s", LEN, ct_equal(tag, bytes, LEN) ? "equal" : "not equal");
}

void figure_timing(FILE *to)
{
    static const uint8_t tag[LEN] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e};
    static const size_t right[GUESSES] = {0, 3, LEN};
    draw_text(to, 20, 84, "bold", "the right tag");
    for (size_t i = 0; i < LEN; i++)
        draw_bytes(to, 200 + (int)i * (DRAW_CELL_W + 4), 62, DRAW_SECRET, &tag[i], 1);
    draw_text(to, LEFT, 136, "bold", "stops at the first difference");
    draw_text(to, RIGHT, 136, "bold", "ct_equal: always all");
    for (int i = 0; i < GUESSES; i++) {
        uint8_t bytes[LEN] = {0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe};
        memcpy(bytes, tag, right[i]);
        guess(to, 152 + i * 80, tag, bytes);
    }
    draw_text(to, 20, 410, "small", "Dots: never looked at. On the left, the time tells how many bytes are right,");
    draw_text(to, 20, 434, "small", "so the tag is found one byte after the other. On the right it tells nothing.");
}
