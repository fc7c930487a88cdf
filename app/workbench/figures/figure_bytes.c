/* SPDX-License-Identifier: MIT */
/* One number, its four bytes in the middle, and the two orders in which they can lie in memory. */
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/bytes.h"

#define WIDTH 120
#define LEFT 240 /* of the four columns */
#define NUMBER UINT32_C(305419896)

static int middle(int i)
{
    return LEFT + i * WIDTH + WIDTH / 2 - 4;
}

/* first is the place of the most significant byte. */
static void row(FILE *to, int y, int first, const uint8_t bytes[static 4])
{
    for (int i = 0; i < 4; i++)
        draw_box(to, LEFT + i * WIDTH, y, WIDTH - 8, 42, i == first ? DRAW_GOOD : DRAW_PLAIN, "#%02x", bytes[i]);
}

void figure_bytes(FILE *to)
{
    static const char *const shift[] = {"v >> 24", "v >> 16", "v >> 8", "v"};
    uint8_t big[4], little[4];
    bytes_store_be32(big, NUMBER);
    bytes_store_le32(little, NUMBER);
    draw_text(to, 20, 102, "bold", "big-endian");
    draw_text(to, 20, 126, "small", "bytes_store_be32");
    draw_text(to, 20, 238, "bold", "v = %u", NUMBER);
    draw_text(to, 20, 262, "small", "as a number: 0x%08x", NUMBER);
    draw_text(to, 20, 396, "bold", "little-endian");
    draw_text(to, 20, 420, "small", "bytes_store_le32");
    row(to, 90, 0, big);
    row(to, 384, 3, little);
    for (int i = 0; i < 4; i++) {
        draw_text(to, middle(i), 82, "mid small", "byte %d", i);
        draw_text(to, middle(i), 446, "mid small", "byte %d", i);
        draw_box(to, LEFT + i * WIDTH, 214, WIDTH - 8, 62, i == 0 ? DRAW_GOOD : DRAW_PLAIN, "#%02x\n~%s",
                 (unsigned)(uint8_t)(NUMBER >> (24 - 8 * i)), shift[i]);
        draw_arrow(to, middle(i), 214, middle(i), 134);
        draw_arrow(to, middle(i), 276, middle(3 - i), 382);
    }
    draw_text(to, 20, 486, "small",
              "Green, with a thick border: the most significant byte. On the wire it comes first.");
}
