/* SPDX-License-Identifier: MIT */
/* The last block of messages that leave 1 to 16 bytes to fill, one below the other. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/aes.h"
#include "crypto/pkcs7.h"

#define LEFT 164
#define TOP 84

void figure_pkcs7(FILE *to)
{
    static const char message[] = "attack at dawn!";
    draw_text(to, 20, TOP - 14, "small", "message");
    draw_text(to, LEFT, TOP - 14, "small", "the block: the message's bytes, then n bytes of value n");
    for (int i = 0; i < AES_BLOCK_LEN; i++) {
        size_t len = (size_t)(AES_BLOCK_LEN - 1 - i);
        uint8_t block[AES_BLOCK_LEN];
        memcpy(block, message, len);
        size_t padded = pkcs7_pad(block, len);
        int y = TOP + i * DRAW_CELL_H, padding = LEFT + (int)len * DRAW_CELL_W;
        draw_text(to, 20, y + 22, "small", len > 1 ? "%zu bytes" : len > 0 ? "%zu byte" : "%zu, 16, 32 ...", len);
        for (size_t j = 0; j < len; j++)
            draw_box(to, LEFT + (int)j * DRAW_CELL_W, y, DRAW_CELL_W, DRAW_CELL_H, DRAW_PLAIN, "#%02x", block[j]);
        draw_bytes(to, padding, y, DRAW_GOOD, block + len, padded - len);
    }
    draw_text(to, 20, TOP + 16 * DRAW_CELL_H + 30, "small",
              "A message of whole blocks gets one block more: so the last byte always");
    draw_text(to, 20, TOP + 16 * DRAW_CELL_H + 54, "small", "says how much to take off.");
}
