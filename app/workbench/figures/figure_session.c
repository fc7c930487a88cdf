/* SPDX-License-Identifier: MIT */
/* Both directions of the example after its handshake: the Records that each secret sealed, and what follows a
 * KeyUpdate. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"
#include "crypto/bytes.h"
#include "crypto/hkdf.h"

#define WIDTH 220
#define STEP 250
static const char info[] = "glasschat/1 update";

static void secret(FILE *to, int i, int y, enum draw_role role, const char *name, const uint8_t bytes[static 32])
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, 20 + i * STEP, y, WIDTH, 58, role, "%s\n#%s", name, draw_fold(fold, bytes, 32));
    if (i > 0)
        draw_arrow(to, 20 + i * STEP - 30, y + 29, 20 + i * STEP - 2, y + 29);
}

/* The nth Record that this side sealed: its number, as the tag covers it, and its content. */
static void record(FILE *to, const struct example *e, enum handshake_role side, size_t nth, int x, int y)
{
    static const char *const types[] = {"Close", "", "KeyUpdate", "Finished"};
    const struct example_value *plaintext = example_value(e, side, "seal_plaintext", nth);
    unsigned long long number = bytes_load_be64(example_value(e, side, "seal_sequence", nth)->data);
    if (plaintext->data[0] == CONTENT_APPLICATION)
        draw_box(to, x, y, WIDTH, 36, DRAW_WIRE, "%llu: \"%.*s\"", number,
                 (int)strspn((const char *)plaintext->data + 1, "abcdefghijklmnopqrstuvwxyz"),
                 (const char *)plaintext->data + 1);
    else
        draw_box(to, x, y, WIDTH, 36, DRAW_WIRE, "%llu: %s", number, types[plaintext->data[0] & 3]);
}

void figure_session(FILE *to)
{
    struct example *e = example_new();
    uint8_t next[32];
    const uint8_t *updated = example_value(e, HANDSHAKE_CLIENT, "secret", 2)->data;
    hkdf_expand(next, sizeof next, updated, info, sizeof info - 1);
    draw_text(to, 20, 84, "bold", "what the client sends");
    secret(to, 0, 98, DRAW_SECRET, "c_secret", example_value(e, HANDSHAKE_CLIENT, "secret", 0)->data);
    secret(to, 1, 98, DRAW_SECRET, "c_secret'", updated);
    secret(to, 2, 98, DRAW_FAINT, "the one after", next);
    for (size_t i = 0; i < 4; i++)
        record(to, e, HANDSHAKE_CLIENT, i, 20 + (i == 3 ? STEP : 0), 164 + (i == 3 ? 0 : (int)i * 40));
    draw_text(to, 282, 236, "small", "the number goes on;");
    draw_text(to, 282, 258, "small", "c_secret and its keys are wiped");
    draw_text(to, 20, 338, "bold", "what the server sends");
    secret(to, 0, 352, DRAW_SECRET, "s_secret", example_value(e, HANDSHAKE_CLIENT, "secret", 1)->data);
    for (size_t i = 0; i < 2; i++)
        record(to, e, HANDSHAKE_SERVER, i, 20, 418 + (int)i * 40);
    draw_text(to, 270, 382, "small", "has its own secret, its own numbers, its own time");
    draw_text(to, 270, 436, "small", "each arrow: Expand(secret, \"%s\", %zu)", info, sizeof next);
    draw_text(to, 270, 460, "small", "there is no arrow back");
    example_free(e);
}
