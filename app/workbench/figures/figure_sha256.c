/* SPDX-License-Identifier: MIT */
/* One word of the message schedule, and round 0, of the first block of the two-block message of FIPS 180-2 appendix
 * B.2. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/bytes.h"
#include "crypto/sha256_ref.h"

#define WIDTH 90 /* of a word */
#define ROW 84   /* where the first row of words begins */
#define BEFORE 418
#define AFTER 566

static const char message[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static int left(int i)
{
    return 20 + i * WIDTH;
}

static void word(FILE *to, int x, int y, enum draw_role role, const char *name, uint32_t value)
{
    draw_box(to, x, y, WIDTH - 2, 34, role, "~%08x", (unsigned)value);
    draw_text(to, x + WIDTH / 2, y - 6, "mid small", "%s", name);
}

static void schedule(FILE *to, const uint32_t W[64])
{
    static const char *const part[16] = {[0] = "W0", [1] = "\u03c3\u2080(W1)", [9] = "W9", [14] = "\u03c3\u2081(W14)"};
    for (int t = 0; t < 16; t++) {
        char name[16];
        snprintf(name, sizeof name, "W%d", t);
        word(to, left(t % 8), ROW + t / 8 * 64, part[t] != NULL ? DRAW_GOOD : DRAW_PLAIN, name, W[t]);
    }
    draw_text(to, 20, 226, "bold", "W16 = \u03c3\u2081(W14) + W9 + \u03c3\u2080(W1) + W0");
    const uint32_t terms[] = {sha256_sigma1(W[14]), W[9], sha256_sigma0(W[1]), W[0], W[16]};
    const char *const names[] = {part[14], part[9], part[1], part[0], "W16"};
    for (int i = 0; i < 5; i++) {
        word(to, 20 + i * 132, 268, i < 4 ? DRAW_GOOD : DRAW_SECRET, names[i], terms[i]);
        if (i < 4)
            draw_sign(to, 20 + i * 132 + 110, 285, i < 3 ? "+" : "=");
    }
    draw_text(to, 20, 334, "small", "+ is modulo 2\u00b3\u00b2; then W17 from W15, W10, W2 and W1, up to W63");
}

static void one_round(FILE *to, const uint32_t W[64])
{
    uint32_t v[8];
    memcpy(v, sha256_H0, sizeof v);
    draw_text(to, 20, 384, "bold", "Round 0: T1 of e, f, g, h, K0 and W0; T2 of a, b, c");
    for (int i = 0; i < 8; i++) {
        const char name[] = {(char)('a' + i), '\0'};
        word(to, left(i), BEFORE, DRAW_PLAIN, name, v[i]);
        if (i < 7)
            draw_arrow(to, left(i) + WIDTH / 2, BEFORE + 34, left(i + 1) + WIDTH / 2, AFTER - 2);
    }
    sha256_round(v, sha256_K[0], W[0]);
    uint32_t T1 = v[4] - sha256_H0[3], T2 = v[0] - T1; /* as e = d + T1, and a = T1 + T2 */
    for (int i = 0; i < 8; i++)
        draw_box(to, left(i), AFTER, WIDTH - 2, 34, i % 4 == 0 ? DRAW_SECRET : DRAW_PLAIN, "~%08x", (unsigned)v[i]);
    draw_text(to, left(0) + WIDTH / 2, AFTER - 32, "mid small", "T1 + T2");
    draw_arrow(to, left(0) + WIDTH / 2, AFTER - 26, left(0) + WIDTH / 2, AFTER - 2);
    draw_text(to, left(4) + 57, AFTER - 44, "mid small", "+ T1");
    draw_text(to, 20, AFTER + 58, "small", "T1 = %08x, T2 = %08x; + is modulo 2\u00b3\u00b2 here too", (unsigned)T1,
              (unsigned)T2);
}

void figure_sha256(FILE *to)
{
    uint8_t block[64] = {0};
    uint32_t W[64];
    memcpy(block, message, sizeof message - 1);
    block[sizeof message - 1] = 0x80; /* the rest of the padding, and the length, are in the second block */
    sha256_message_schedule(W, block);
    schedule(to, W);
    one_round(to, W);
}
