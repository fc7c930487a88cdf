/* SPDX-License-Identifier: MIT */
/* The client's first message of the example: its plaintext byte by byte, the frame that crosses the wire, and what the
 * tag covers. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"
#include "crypto/bytes.h"
#include "crypto/pkcs7.h"
#include "net/record.h"

#define IV_X (20 + FRAME_HEADER_LEN * DRAW_CELL_W)
#define PART 176 /* the width of iv and ciphertext */
#define TAG_X (IV_X + 2 * PART)
#define FRAME_Y 262

static void plaintext(FILE *to, const struct example_value *v)
{
    size_t len = v->len;
    if (pkcs7_unpad(&len, v->data, v->len) != 0)
        return;
    int payload = (int)(len - 1) * DRAW_CELL_W, padding = (int)(v->len - len) * DRAW_CELL_W, x = 20 + DRAW_CELL_W;
    draw_bytes(to, 20, 100, DRAW_SECRET, v->data, 1);
    draw_bytes(to, x, 100, DRAW_SECRET, v->data + 1, len - 1);
    draw_bytes(to, x + payload, 100, DRAW_PLAIN, v->data + len, v->len - len);
    draw_text(to, 20, 82, "small", "type");
    draw_bracket(to, x + 2, 97, payload - 4, -8);
    draw_text(to, x + payload / 2, 82, "mid small", "payload \"%.*s\"", (int)(len - 1), (const char *)v->data + 1);
    draw_bracket(to, x + payload + 2, 97, padding - 4, -8);
    draw_text(to, x + payload + padding / 2, 82, "mid small", "padding to %d bytes", AES_BLOCK_LEN);
}

static void part(FILE *to, int x, int w, enum draw_role role, const char *name, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, x, FRAME_Y, w, 58, role, "%s\n#%s", name, draw_fold(fold, data, len));
    draw_text(to, x + w / 2, FRAME_Y - 10, "mid small", "%zu bytes", len);
}

static void frame(FILE *to, const struct example_value *v)
{
    size_t ciphertext_len = v->len - RECORD_FRAME_MIN + AES_BLOCK_LEN;
    const uint8_t *iv = v->data + FRAME_HEADER_LEN, *ciphertext = iv + AES_BLOCK_LEN;
    draw_text(to, 20 + 2 * DRAW_CELL_W, FRAME_Y - 10, "mid small", "header");
    draw_bytes(to, 20, FRAME_Y, DRAW_WIRE, v->data, FRAME_HEADER_LEN);
    draw_text(to, 20, FRAME_Y + 52, "small", "3 1 length %u", bytes_load_be16(v->data + 2));
    part(to, IV_X, PART, DRAW_WIRE, "iv", iv, AES_BLOCK_LEN);
    part(to, IV_X + PART, PART, DRAW_WIRE, "ciphertext", ciphertext, ciphertext_len);
    part(to, TAG_X, DRAW_WIDTH - 20 - TAG_X, DRAW_GOOD, "tag", ciphertext + ciphertext_len, ETM_TAG_LEN);
}

void figure_record(FILE *to)
{
    struct example *e = example_new();
    char sequence[17];
    /* 0 is the Finished */
    hex_encode(sequence, example_value(e, HANDSHAKE_CLIENT, "seal_sequence", 1)->data, 8);
    const struct example_value *whole = example_value(e, HANDSHAKE_CLIENT, "seal_frame", 1);
    plaintext(to, example_value(e, HANDSHAKE_CLIENT, "seal_plaintext", 1));
    draw_arrow(to, IV_X + PART + PART / 2, 132, IV_X + PART + PART / 2, 158);
    draw_box(to, IV_X + PART - 22, 160, PART + 44, 58, DRAW_STEP, "AES-CBC\n~enc_key, a fresh iv");
    draw_arrow(to, IV_X + PART + PART / 2, 218, IV_X + PART + PART / 2, 234);
    frame(to, whole);
    draw_bracket(to, 20, FRAME_Y + 66, TAG_X - 24, 10);
    draw_box(to, 20, 372, 330, 58, DRAW_FAINT, "sequence: counted, not sent\n#%s", sequence);
    draw_box(to, TAG_X, 372, DRAW_WIDTH - 20 - TAG_X, 58, DRAW_STEP, "HMAC-SHA-256\n~mac_key");
    draw_arrow(to, 350, 401, TAG_X - 2, 401);
    draw_bent(to, 3, (const int[]){430, FRAME_Y + 76, 430, 388, TAG_X - 2, 388});
    draw_arrow(to, TAG_X + 112, 372, TAG_X + 112, FRAME_Y + 60);
    draw_text(to, 20, 470, "", "The whole frame has %zu bytes for a payload of %zu.", whole->len, strlen("hello"));
    example_free(e);
}
