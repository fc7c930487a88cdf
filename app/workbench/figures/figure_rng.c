/* SPDX-License-Identifier: MIT */
/* Two refills from the zero key. What rng.c does with its buffer is done here with AES-256 itself, as rng.c takes its
 * key from the kernel and nowhere else; vectors/rng.txt holds both to the same values. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/aes.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"

static void refill(FILE *to, int y, int number, uint8_t key[static RNG_KEY_LEN])
{
    uint8_t stream[RNG_KEY_LEN + RNG_BUFFER_LEN] = {0};
    char fold[DRAW_FOLD_LEN];
    struct aes_key k;
    draw_box(to, 20, y, 216, 58, DRAW_SECRET, "key %d\n#%s", number, draw_fold(fold, key, RNG_KEY_LEN));
    for (uint32_t i = 0; i < sizeof stream / AES_BLOCK_LEN; i++)
        bytes_store_be32(stream + AES_BLOCK_LEN * i + 12, i);
    aes_key_init(&k, key, RNG_KEY_LEN);
    aes_encrypt(&k, stream, stream, sizeof stream / AES_BLOCK_LEN);
    memcpy(key, stream, RNG_KEY_LEN);
    draw_arrow(to, 236, y + 29, 266, y + 29);
    draw_box(to, 268, y, 172, 58, DRAW_STEP, "AES-256\n~of 0, 1, ... %zu", sizeof stream / AES_BLOCK_LEN - 1);
    draw_arrow(to, 440, y + 29, 470, y + 29);
    draw_box(to, 472, y, 268, 58, DRAW_SECRET, "%d bytes: key %d\n#%s", RNG_KEY_LEN, number + 1,
             draw_fold(fold, key, RNG_KEY_LEN));
    draw_box(to, 472, y + 58, 268, 58, DRAW_GOOD, "%d bytes to serve\n#%s", RNG_BUFFER_LEN,
             draw_fold(fold, stream + RNG_KEY_LEN, RNG_BUFFER_LEN));
}

void figure_rng(FILE *to)
{
    uint8_t key[RNG_KEY_LEN] = {0};
    refill(to, 64, 0, key);
    draw_bent(to, 6, (const int[]){740, 93, 750, 93, 750, 200, 128, 200, 128, 216, 128, 232});
    draw_text(to, 20, 160, "small", "the new key is written over the old one,");
    draw_text(to, 20, 182, "small", "and each byte served is wiped");
    refill(to, 234, 1, key);
    draw_text(to, 20, 340, "small", "whoever finds key 1 can go forward,");
    draw_text(to, 20, 362, "small", "never back to key 0; so now and then");
    draw_text(to, 20, 384, "small", "%d bytes of the kernel are mixed in", RNG_KEY_LEN);
}
