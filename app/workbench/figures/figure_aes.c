/* SPDX-License-Identifier: MIT */
/* FIPS 197, appendix B, round 1: a square for the state after each step. Four bytes are marked all the way: they stand
 * on a diagonal until ShiftRows brings them into one column, where MixColumns mixes them. */
#include <stdbool.h>
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/aes_ref.h"

#define SIDE (4 * DRAW_CELL_W)
#define STEP (SIDE + 48) /* from one square to the next */
#define TOP 100
#define BELOW 332
#define SUM_X (20 + 3 * STEP + SIDE / 2) /* where the key is added */
#define SUM_Y 276

static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const uint8_t plaintext[16] = {0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a, 0x30, 0x8d,
                                      0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};

/* The marked bytes: the diagonal, or column 0. */
static void square(FILE *to, int x, int y, const char *name, uint8_t state[4][4], bool diagonal)
{
    draw_text(to, x + SIDE / 2, y - 12, "mid", "%s", name);
    for (int r = 0; r < 4; r++)
        for (int c = 0; c < 4; c++)
            draw_bytes(to, x + c * DRAW_CELL_W, y + r * DRAW_CELL_H, c == (diagonal ? r : 0) ? DRAW_GOOD : DRAW_PLAIN,
                       &state[r][c], 1);
}

static void arrow(FILE *to, int x)
{
    draw_arrow(to, x - 44, TOP + SIDE / 2 - 8, x - 4, TOP + SIDE / 2 - 8);
}

static void round_one(FILE *to, uint8_t state[4][4], const uint8_t round_key[static 16])
{
    uint8_t key_square[4][4];
    square(to, 20, TOP, "round 1 begins", state, true);
    SubBytes(state);
    square(to, 20 + STEP, TOP, "SubBytes", state, true);
    ShiftRows(state);
    square(to, 20 + 2 * STEP, TOP, "ShiftRows", state, false);
    MixColumns(state);
    square(to, 20 + 3 * STEP, TOP, "MixColumns", state, false);
    AddRoundKey(state, round_key);
    square(to, 20 + 2 * STEP, BELOW, "AddRoundKey", state, false);
    aes_ref_state_load(key_square, round_key);
    for (int r = 0; r < 4; r++)
        draw_bytes(to, 20 + 3 * STEP, BELOW + r * DRAW_CELL_H, DRAW_SECRET, key_square[r], 4);
    draw_text(to, 20 + 3 * STEP + SIDE / 2, BELOW + 4 * DRAW_CELL_H + 26, "mid", "key of round 1");
}

void figure_aes(FILE *to)
{
    static const char *const notes[] = {"SubBytes: each byte by the table",  "ShiftRows: row r by r to the left",
                                        "MixColumns: each column in itself", "AddRoundKey: xor the round key",
                                        "Marked (thick and green):",         "a diagonal becomes a column"};
    uint8_t w[AES_REF_W_LEN], state[4][4];
    KeyExpansion(w, key, 4, 10);
    aes_ref_state_load(state, plaintext);
    AddRoundKey(state, w);
    round_one(to, state, w + 16);
    for (int i = 1; i < 4; i++)
        arrow(to, 20 + i * STEP);
    draw_arrow(to, SUM_X, TOP + 4 * DRAW_CELL_H, SUM_X, SUM_Y - 17);
    draw_arrow(to, SUM_X, BELOW, SUM_X, SUM_Y + 17);
    draw_sign(to, SUM_X, SUM_Y, "\u2295");
    draw_bent(to, 3, (const int[]){SUM_X - 15, SUM_Y, SUM_X - STEP, SUM_Y, SUM_X - STEP, BELOW - 32});
    for (int i = 0; i < 6; i++)
        draw_text(to, 20, BELOW + 26 * i, "", "%s", notes[i]);
}
