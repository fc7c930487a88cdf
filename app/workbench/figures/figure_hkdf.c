/* SPDX-License-Identifier: MIT */
/* Above, RFC 5869's first test case; below, the same two steps in glasschat's own handshake, down to the keys. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"
#include "crypto/hkdf.h"

#define OKM_LEN 42
#define HALF 344 /* the width of one of two columns */
#define RIGHT 396

static void value(FILE *to, int x, int y, int w, enum draw_role role, const char *name, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, x, y, w, 58, role, "~%s, %zu bytes\n#%s", name, len, draw_fold(fold, data, len));
}

static void extract(FILE *to, int y, const char *salt, const uint8_t prk[static HKDF_PRK_LEN])
{
    draw_arrow(to, 230, y + 29, 268, y + 29);
    draw_box(to, 270, y, 190, 58, DRAW_STEP, "Extract: HMAC\n~salt: %s", salt);
    draw_arrow(to, 460, y + 29, 498, y + 29);
    value(to, 500, y, 240, DRAW_SECRET, "PRK", prk, HKDF_PRK_LEN);
}

static void rfc_5869(FILE *to)
{
    uint8_t ikm[22], salt[13], info[10], prk[HKDF_PRK_LEN], T[2 * 32], okm[OKM_LEN];
    char fold[DRAW_FOLD_LEN];
    memset(ikm, 0x0b, sizeof ikm);
    for (uint8_t i = 0; i < 13; i++)
        salt[i] = i;
    for (uint8_t i = 0; i < 10; i++)
        info[i] = (uint8_t)(0xf0 + i);
    hkdf_extract(prk, salt, sizeof salt, ikm, sizeof ikm);
    hkdf_expand(T, sizeof T, prk, info, sizeof info);
    hkdf_expand(okm, sizeof okm, prk, info, sizeof info);

    value(to, 20, 64, 210, DRAW_SECRET, "IKM", ikm, sizeof ikm);
    extract(to, 64, draw_fold(fold, salt, sizeof salt), prk);
    draw_bent(to, 4, (const int[]){560, 122, 560, 142, 192, 142, 192, 158});
    draw_arrow(to, 568, 122, 568, 158);
    draw_box(to, 20, 160, HALF, 40, DRAW_STEP, "~HMAC(PRK, info || 01)");
    draw_box(to, RIGHT, 160, HALF, 40, DRAW_STEP, "~HMAC(PRK, T(1) || info || 02)");
    draw_arrow(to, 192, 200, 192, 218);
    draw_arrow(to, 568, 200, 568, 218);
    value(to, 20, 220, HALF, DRAW_SECRET, "T(1)", T, 32);
    value(to, RIGHT, 220, HALF, DRAW_SECRET, "T(2)", T + 32, 32);
    draw_bent(to, 4, (const int[]){364, 249, 380, 249, 380, 180, 394, 180});
    draw_text(to, 20, 308, "", "OKM, %d bytes: T(1), and of T(2) the first %d:", OKM_LEN, OKM_LEN - 32);
    draw_text(to, 740, 308, "end hex", "%s", draw_fold(fold, okm, sizeof okm));
}

/* The two keys of a direction's secret, the nth that this side got. */
static void keys(FILE *to, const struct example *e, size_t nth, int x)
{
    const struct example_value *enc_key = example_value(e, HANDSHAKE_CLIENT, "enc_key", nth);
    const struct example_value *mac_key = example_value(e, HANDSHAKE_CLIENT, "mac_key", nth);
    draw_arrow(to, x + 82, 548, x + 82, 600);
    draw_arrow(to, x + 262, 548, x + 262, 600);
    draw_text(to, x + 74, 580, "end small", "encrypt");
    draw_text(to, x + 254, 580, "end small", "authenticate");
    value(to, x, 602, 166, DRAW_SECRET, "enc_key", enc_key->data, enc_key->len);
    value(to, x + 178, 602, 166, DRAW_SECRET, "mac_key", mac_key->data, mac_key->len);
}

static void glasschat(FILE *to)
{
    struct example *e = example_new();
    const struct example_value *z = example_value(e, HANDSHAKE_CLIENT, "Z", 0);
    const struct example_value *c_secret = example_value(e, HANDSHAKE_CLIENT, "c_secret", 0);
    const struct example_value *s_secret = example_value(e, HANDSHAKE_CLIENT, "s_secret", 0);
    draw_text(to, 20, 362, "bold", "In glasschat: from Z to the keys of both directions");
    value(to, 20, 378, 210, DRAW_SECRET, "Z", z->data, z->len);
    extract(to, 378, "both randoms", example_value(e, HANDSHAKE_CLIENT, "prk", 0)->data);
    draw_bent(to, 4, (const int[]){560, 436, 560, 456, 192, 456, 192, 488});
    draw_arrow(to, 568, 436, 568, 488);
    draw_text(to, 204, 480, "small", "client || T");
    draw_text(to, 580, 480, "small", "server || T");
    value(to, 20, 490, HALF, DRAW_SECRET, "c_secret", c_secret->data, c_secret->len);
    value(to, RIGHT, 490, HALF, DRAW_SECRET, "s_secret", s_secret->data, s_secret->len);
    keys(to, e, 0, 20);
    keys(to, e, 1, RIGHT);
    draw_text(to, 20, 690, "small",
              "each arrow below PRK: Expand; its info is \"glasschat/1 \" and what stands beside it");
    example_free(e);
}

void figure_hkdf(FILE *to)
{
    rfc_5869(to);
    glasschat(to);
}
