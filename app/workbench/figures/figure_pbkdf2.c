/* SPDX-License-Identifier: MIT */
/* The first three links of the chain, with the password and salt of RFC 7914's first vector. T after i links is what
 * pbkdf2_derive gives for i iterations. */
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"

#define LINKS 3
#define STEP 252
#define WIDTH 216

static const char password[] = "passwd", salt[] = "salt";

static void link(FILE *to, int i, const uint8_t U[static 32], const uint8_t T[static 32])
{
    int left = 20 + i * STEP, middle = left + WIDTH / 2;
    char fold[DRAW_FOLD_LEN];
    draw_box(to, left + 28, 172, 160, 40, DRAW_STEP, "HMAC");
    draw_arrow(to, middle, 212, middle, 236);
    draw_box(to, left, 238, WIDTH, 58, DRAW_SECRET, "U_%d\n#%s", i + 1, draw_fold(fold, U, 32));
    if (i + 1 < LINKS)
        draw_bent(
            to, 4,
            (const int[]){left + WIDTH, 267, left + WIDTH + 18, 267, left + WIDTH + 18, 192, left + STEP + 26, 192});
    draw_arrow(to, middle, 296, middle, i == 0 ? 386 : 325);
    if (i > 0) {
        draw_sign(to, middle, 342, "\u2295");
        draw_arrow(to, middle, 358, middle, 386);
        draw_bent(to, 4, (const int[]){left - STEP + WIDTH, 417, left - 18, 417, left - 18, 342, middle - 17, 342});
    }
    draw_box(to, left, 388, WIDTH, 58, DRAW_GOOD, "T after %d\n#%s", i + 1, draw_fold(fold, T, 32));
}

void figure_pbkdf2(FILE *to)
{
    uint8_t first[sizeof salt - 1 + 4] = "salt\0\0\0\1", U[32], T[32];
    struct hmac_key k;
    hmac_key_init(&k, (const uint8_t *)password, sizeof password - 1);
    draw_box(to, 20, 64, WIDTH, 58, DRAW_PLAIN, "salt || 00000001\n~salt: \"%s\"", salt);
    draw_arrow(to, 20 + WIDTH / 2, 122, 20 + WIDTH / 2, 170);
    draw_text(to, 272, 88, "", "The key of each HMAC is the password, \"%s\".", password);
    draw_text(to, 272, 114, "small", "No link can begin before the one on its left is done.");
    for (int i = 0; i < LINKS; i++) {
        hmac_message(U, &k, i == 0 ? first : U, i == 0 ? sizeof first : sizeof U);
        pbkdf2_derive(T, sizeof T, (const uint8_t *)password, sizeof password - 1, (const uint8_t *)salt,
                      sizeof salt - 1, (uint32_t)i + 1);
        link(to, i, U, T);
    }
    draw_text(to, 20, 484, "", "... and on, %d,%03d links in glasschat: then T is what is stored.",
              FIGURE_ITERATIONS / 1000, FIGURE_ITERATIONS % 1000);
    hmac_key_wipe(&k);
}
