/* SPDX-License-Identifier: MIT */
/* Each box has two lines: a number that fits on a page, modulo 23, and the bytes of a real exchange in ffdhe3072. */
#include <stdbool.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"

#define P 23
#define X 6
#define X_PEER 9
#define WIDTH 214
#define RIGHT (DRAW_WIDTH - 20 - WIDTH)

static unsigned power(unsigned base, unsigned e)
{
    unsigned r = 1;
    while (e-- > 0)
        r = r * base % P;
    return r;
}

static void value(FILE *to, int x, int y, enum draw_role role, const char *small, const struct example_value *real)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, x, y, WIDTH, 84, role, "%s\n#%s\n~%zu bytes", small, draw_fold(fold, real->data, real->len),
             real->len);
}

static void side(FILE *to, const struct example *e, enum handshake_role role)
{
    bool alice = role == HANDSHAKE_CLIENT;
    int left = alice ? 20 : RIGHT, middle = left + WIDTH / 2;
    const char *prime = alice ? "" : "'", *peer = alice ? "'" : "";
    unsigned x = alice ? X : X_PEER, y = power(2, X), y_peer = power(2, X_PEER);
    char small[60];
    draw_text(to, middle, 112, "mid bold", "%s", alice ? "Alice" : "Bob");
    snprintf(small, sizeof small, "private x%s = %u", prime, x);
    value(to, left, 124, DRAW_SECRET, small, example_value(e, role, alice ? "client_private" : "server_private", 0));
    draw_bent(to, 3,
              (const int[]){middle, 208, middle, alice ? 262 : 372, alice ? 271 : DRAW_WIDTH - 271, alice ? 262 : 372});
    snprintf(small, sizeof small, "Z = %u^%u = %u", alice ? y_peer : y, x, power(alice ? y_peer : y, x));
    value(to, left, 444, DRAW_GOOD, small, example_value(e, role, "Z", 0));
    draw_text(to, middle, 552, "mid small", "Z = y%s^x%s mod p", peer, prime);
}

void figure_dh(FILE *to)
{
    struct example *e = example_new();
    char small[60];
    draw_text(to, 20, 72, "", "Everybody knows p and 2. First lines: p = %d; below: p of ffdhe3072.", P);
    side(to, e, HANDSHAKE_CLIENT);
    side(to, e, HANDSHAKE_SERVER);
    draw_text(to, 380, 208, "mid small", "everybody sees");
    snprintf(small, sizeof small, "y = 2^x = %u", power(2, X));
    value(to, 273, 220, DRAW_WIRE, small, example_value(e, HANDSHAKE_CLIENT, "client_public", 0));
    snprintf(small, sizeof small, "y' = 2^x' = %u", power(2, X_PEER));
    value(to, 273, 330, DRAW_WIRE, small, example_value(e, HANDSHAKE_SERVER, "server_public", 0));
    draw_bent(to, 3, (const int[]){487, 262, RIGHT + 60, 262, RIGHT + 60, 442});
    draw_bent(to, 3, (const int[]){273, 372, 20 + WIDTH - 60, 372, 20 + WIDTH - 60, 442});
    draw_text(to, 380, 484, "mid bold", "the same Z");
    draw_text(to, 380, 512, "mid small", "with the large p no feasible");
    draw_text(to, 380, 534, "mid small", "way to it for others is known");
    example_free(e);
}
