/* SPDX-License-Identifier: MIT */
/* Three blocks of text, encrypted above and decrypted below after one bit of the first ciphertext block was flipped.
 * What comes out is what cbc_decrypt says. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/cbc.h"

#define BLOCKS 3
#define WIDTH 196
#define FIRST 110 /* where the first column begins */
#define STEP 216  /* from one column to the next */

static const uint8_t key[AES128_KEY_LEN] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                            0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
static const uint8_t iv[AES_BLOCK_LEN] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const char text[] = "meet me at 10:00pay bob euros 10and not one more";
#define FLIPPED 14 /* the byte of the block, and the bit: '1' becomes '9' */
#define BIT 0x08

static int middle(int column)
{
    return FIRST + column * STEP + WIDTH / 2;
}

/* A block as characters, or in hex where it has others. */
static void block(FILE *to, int column, int y, enum draw_role role, const uint8_t bytes[static AES_BLOCK_LEN])
{
    char fold[DRAW_FOLD_LEN];
    for (size_t i = 0; i < AES_BLOCK_LEN; i++)
        if (bytes[i] < ' ' || bytes[i] > '~') {
            draw_box(to, FIRST + column * STEP, y, WIDTH, 36, role, "#%s", draw_fold(fold, bytes, AES_BLOCK_LEN));
            return;
        }
    draw_box(to, FIRST + column * STEP, y, WIDTH, 36, role, "#%.16s", (const char *)bytes);
}

static void start(FILE *to, int y, int sign)
{
    draw_box(to, 20, y, 60, 36, DRAW_WIRE, "IV");
    draw_bent(to, 3, (const int[]){50, sign < y ? y : y + 36, 50, sign, middle(0) - 17, sign});
}

static void encryption(FILE *to, const uint8_t plaintext[], const uint8_t ciphertext[])
{
    start(to, 80, 150);
    for (int j = 0; j < BLOCKS; j++) {
        block(to, j, 80, DRAW_PLAIN, plaintext + 16 * j);
        draw_arrow(to, middle(j), 116, middle(j), 133);
        draw_sign(to, middle(j), 150, "\u2295");
        draw_arrow(to, middle(j), 166, middle(j), 188);
        draw_box(to, middle(j) - 60, 190, 120, 38, DRAW_STEP, "AES");
        draw_arrow(to, middle(j), 228, middle(j), 252);
        block(to, j, 254, DRAW_WIRE, ciphertext + 16 * j);
        draw_text(to, middle(j), 74, "mid small", "plaintext P%d", j + 1);
        draw_text(to, middle(j), 312, "mid small", "ciphertext C%d", j + 1);
        if (j + 1 < BLOCKS)
            draw_bent(to, 4,
                      (const int[]){middle(j) + WIDTH / 2, 272, middle(j) + WIDTH / 2 + 10, 272,
                                    middle(j) + WIDTH / 2 + 10, 150, middle(j + 1) - 17, 150});
    }
}

static void decryption(FILE *to, const uint8_t ciphertext[], const uint8_t plaintext[])
{
    static const char *const fate[BLOCKS] = {"P1: garbage", "P2: one bit flipped", "P3: whole"};
    start(to, 382, 510);
    for (int j = 0; j < BLOCKS; j++) {
        block(to, j, 382, j == 0 ? DRAW_BAD : DRAW_WIRE, ciphertext + 16 * j);
        draw_arrow(to, middle(j), 418, middle(j), 438);
        draw_box(to, middle(j) - 60, 440, 120, 38, DRAW_STEP, "AES\u207b\u00b9");
        draw_arrow(to, middle(j), 478, middle(j), 493);
        draw_sign(to, middle(j), 510, "\u2295");
        draw_arrow(to, middle(j), 526, middle(j), 548);
        block(to, j, 550, j < 2 ? DRAW_BAD : DRAW_GOOD, plaintext + 16 * j);
        draw_text(to, middle(j), 610, "mid", "%s", fate[j]);
        if (j + 1 < BLOCKS)
            draw_bent(to, 4,
                      (const int[]){middle(j) + WIDTH / 2, 400, middle(j) + WIDTH / 2 + 10, 400,
                                    middle(j) + WIDTH / 2 + 10, 510, middle(j + 1) - 17, 510});
    }
}

void figure_cbc(FILE *to)
{
    struct aes_key k;
    uint8_t plaintext[16 * BLOCKS], ciphertext[16 * BLOCKS];
    memcpy(plaintext, text, sizeof plaintext);
    aes_key_init(&k, key, sizeof key);
    cbc_encrypt(&k, iv, ciphertext, plaintext, BLOCKS);
    encryption(to, plaintext, ciphertext);
    draw_text(to, 20, 362, "bold", "Decryption, after one bit of C1 was flipped (byte %d: %02x becomes %02x)", FLIPPED,
              ciphertext[FLIPPED], ciphertext[FLIPPED] ^ BIT);
    ciphertext[FLIPPED] ^= BIT;
    cbc_decrypt(&k, iv, plaintext, ciphertext, BLOCKS);
    decryption(to, ciphertext, plaintext);
    aes_key_wipe(&k);
}
