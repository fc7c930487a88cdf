/* SPDX-License-Identifier: MIT */
/* Three bytes, their bits, the same bits in groups of six, and the characters that base64_encode makes of them. */
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/base64.h"

#define BIT 30 /* the width of one */

/* Whose group a bit is in shows: every second group is shaded. */
static void bits(FILE *to, int y, uint32_t v, int group)
{
    for (int i = 0; i < 24; i++)
        draw_box(to, 20 + i * BIT, y, BIT, DRAW_CELL_H, i / group % 2 == 0 ? DRAW_PLAIN : DRAW_WIRE, "#%u",
                 (unsigned)(v >> (23 - i) & 1));
}

void figure_base64(FILE *to)
{
    static const uint8_t bytes[3] = {'f', 'o', 'o'};
    char text[BASE64_LEN(3) + 1];
    uint32_t v = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    base64_encode(text, bytes, 3);
    for (int i = 0; i < 3; i++) {
        int left = 20 + i * 8 * BIT;
        draw_box(to, left + 2, 62, 8 * BIT - 4, 44, i % 2 == 0 ? DRAW_PLAIN : DRAW_WIRE, "byte %02x, \"%c\"", bytes[i],
                 bytes[i]);
        draw_arrow(to, left + 4 * BIT, 106, left + 4 * BIT, 126);
    }
    bits(to, 128, v, 8);
    draw_text(to, 380, 190, "mid", "the same 24 bits, six at a time");
    bits(to, 206, v, 6);
    for (int i = 0; i < 4; i++) {
        int left = 20 + i * 6 * BIT;
        draw_arrow(to, left + 3 * BIT, 238, left + 3 * BIT, 260);
        draw_box(to, left + 2, 262, 6 * BIT - 4, 44, i % 2 == 0 ? DRAW_PLAIN : DRAW_WIRE, "number %u",
                 (unsigned)(v >> (18 - 6 * i) & 63));
        draw_arrow(to, left + 3 * BIT, 306, left + 3 * BIT, 328);
        draw_box(to, left + 2, 330, 6 * BIT - 4, 44, DRAW_GOOD, "#%c", text[i]);
    }
    draw_text(to, 20, 408, "small", "0 to 25 are A to Z, 26 to 51 a to z, 52 to 61 the digits, 62 is +, 63 is /");
}
