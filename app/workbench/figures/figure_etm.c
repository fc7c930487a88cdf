/* SPDX-License-Identifier: MIT */
/* What the tag covers, and what etm_open says when one bit of any part was flipped. */
#include <stdbool.h>
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/etm.h"
#include "crypto/pkcs7.h"

#define PARTS 4
#define AD_LEN 12 /* as in a Record: a sequence number and a header */
#define ALL (AD_LEN + AES_BLOCK_LEN + AES_BLOCK_LEN + ETM_TAG_LEN)

static const struct part {
    const char *name;
    size_t at, len;
    int x, w;
    enum draw_role role;
} parts[PARTS] = {
    {"ad, known to both", 0, AD_LEN, 20, 176, DRAW_PLAIN},
    {"iv", AD_LEN, AES_BLOCK_LEN, 196, 172, DRAW_WIRE},
    {"ciphertext", AD_LEN + AES_BLOCK_LEN, AES_BLOCK_LEN, 368, 172, DRAW_WIRE},
    {"tag", AD_LEN + 2 * AES_BLOCK_LEN, ETM_TAG_LEN, 540, 200, DRAW_GOOD},
};

/* All four parts one after the other. */
static bool opens(const struct etm_key *k, const uint8_t all[static ALL])
{
    uint8_t out[AES_BLOCK_LEN];
    return etm_open(k, out, all + AD_LEN, all, AD_LEN, all + AD_LEN + AES_BLOCK_LEN, 1) == 0;
}

static void attempts(FILE *to, const struct etm_key *k, uint8_t all[static ALL])
{
    bool whole = opens(k, all);
    draw_text(to, 20, 346, "bold", "The receiver makes the tag anew, and compares before it decrypts:");
    for (int i = 0; i < PARTS; i++) {
        const struct part *p = &parts[i];
        all[p->at + p->len - 1] ^= 1;
        bool opened = opens(k, all);
        all[p->at + p->len - 1] ^= 1;
        draw_box(to, p->x + 4, 364, p->w - 8, 84, opened ? DRAW_GOOD : DRAW_BAD, "~one bit flipped\n~in %.10s:\n%s",
                 i == 0 ? "ad" : p->name, opened ? "opened" : "refused");
    }
    draw_text(to, 20, 486, "", "Untouched: %s.", whole ? "opened, decrypted, and only then unpadded" : "refused");
}

void figure_etm(FILE *to)
{
    static const uint8_t enc_key[AES128_KEY_LEN] = {1}, mac_key[ETM_MAC_KEY_LEN] = {2};
    uint8_t all[ALL] = {0}, padded[AES_BLOCK_LEN] = "attack at dawn";
    char fold[DRAW_FOLD_LEN];
    struct etm_key k;
    for (size_t i = 0; i < AD_LEN + AES_BLOCK_LEN; i++)
        all[i] = (uint8_t)i;
    etm_key_init(&k, enc_key, sizeof enc_key, mac_key);
    (void)pkcs7_pad(padded, 14);
    etm_seal(&k, all + AD_LEN + AES_BLOCK_LEN, all + AD_LEN, all, AD_LEN, padded, 1);
    draw_box(to, 330, 60, 248, 40, DRAW_SECRET, "\"attack at dawn\", padded");
    draw_arrow(to, 454, 100, 454, 118);
    draw_box(to, 368, 120, 172, 40, DRAW_STEP, "CBC, enc_key");
    draw_arrow(to, 454, 160, 454, 178);
    for (int i = 0; i < PARTS; i++)
        draw_box(to, parts[i].x, 180, parts[i].w, 58, parts[i].role, "%s\n#%s", parts[i].name,
                 draw_fold(fold, all + parts[i].at, parts[i].len));
    draw_bracket(to, 20, 244, 516, 10);
    draw_arrow(to, 278, 254, 278, 276);
    draw_bent(to, 3, (const int[]){388, 298, 640, 298, 640, 240});
    draw_box(to, 168, 278, 220, 36, DRAW_STEP, "HMAC, mac_key");
    attempts(to, &k, all);
    etm_key_wipe(&k);
}
