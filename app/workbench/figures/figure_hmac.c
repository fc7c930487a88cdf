/* SPDX-License-Identifier: MIT */
/* RFC 4231's second test case: both hashes, with the blocks that they begin with. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/hmac.h"

static const char key[] = "Jefe", text[] = "what do ya want for nothing?";

/* K0 with a constant over it: the first bytes are the key's, the rest the constant's alone. */
static void pad(uint8_t block[static SHA256_BLOCK_LEN], uint8_t constant)
{
    memset(block, constant, SHA256_BLOCK_LEN);
    for (size_t i = 0; i < sizeof key - 1; i++)
        block[i] ^= (uint8_t)key[i];
}

static void hash(FILE *to, int y, const char *name, const uint8_t block[static SHA256_BLOCK_LEN], const char *second)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, 20, y, 260, 62, DRAW_SECRET, "%s\n#%s", name, draw_fold(fold, block, SHA256_BLOCK_LEN));
    draw_box(to, 280, y, 330, 62, DRAW_PLAIN, "%s", second);
    draw_bracket(to, 20, y - 4, 260, -8);
    draw_bent(to, 3, (const int[]){610, y + 31, 676, y + 31, 676, y + 76});
    draw_text(to, 20, y - 20, "small", "%d bytes, of the key alone", SHA256_BLOCK_LEN);
}

void figure_hmac(FILE *to)
{
    uint8_t inner[SHA256_BLOCK_LEN], outer[SHA256_BLOCK_LEN], digest[SHA256_DIGEST_LEN], tag[HMAC_TAG_LEN];
    char fold[DRAW_FOLD_LEN], line[80];
    struct sha256 s;
    pad(inner, 0x36);
    pad(outer, 0x5c);
    sha256_init(&s);
    sha256_update(&s, inner, sizeof inner);
    sha256_update(&s, text, sizeof text - 1);
    sha256_final(&s, digest);
    hmac_tag(tag, (const uint8_t *)key, sizeof key - 1, text, sizeof text - 1);

    snprintf(line, sizeof line, "the message\n#%s", text);
    hash(to, 92, "K0 \u2295 ipad", inner, line);
    draw_box(to, 612, 170, 128, 40, DRAW_STEP, "SHA-256");
    snprintf(line, sizeof line, "the inner digest\n#%s", draw_fold(fold, digest, sizeof digest));
    hash(to, 266, "K0 \u2295 opad", outer, line);
    draw_bent(to, 4, (const int[]){676, 210, 676, 228, 445, 228, 445, 264});
    draw_box(to, 612, 344, 128, 40, DRAW_STEP, "SHA-256");
    draw_arrow(to, 612, 364, 504, 364);
    draw_box(to, 240, 340, 260, 62, DRAW_GOOD, "tag, %d bytes\n#%s", HMAC_TAG_LEN, draw_fold(fold, tag, sizeof tag));
}
