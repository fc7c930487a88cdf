/* SPDX-License-Identifier: MIT */
/* A public key as PEM: the text, the bytes behind its first characters, and the values inside values that they are. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/base64.h"
#include "crypto/der.h"
#include "crypto/pem.h"

#define LINE 64  /* characters of base64 in a line */
#define SHOWN 16 /* characters that are followed on */
#define HEADER_MAX 4

/* Takes the value in front, and draws its tag and its length in the next row, the deeper the further to the right.
 * Returns what is inside; no bytes where it isn't there. */
static struct der enter(FILE *to, struct der *in, enum der_tag tag, int depth, int row, const char *words)
{
    const uint8_t *header = in->data;
    struct der content = {in->data, 0};
    char hex[2 * HEADER_MAX + 1];
    int x = 20 + depth * 40, y = 340 + row * 44;
    if (der_take(in, tag, &content) != 0 || content.data - header > HEADER_MAX)
        return content;
    hex_encode(hex, header, (size_t)(content.data - header));
    draw_box(to, x, y, 116, 36, DRAW_WIRE, "#%s", hex);
    draw_text(to, x + 130, y + 24, "", "%s, %zu bytes", words, content.len);
    return content;
}

/* SubjectPublicKeyInfo of an RSA key (RFC 5280, 4.1.2.7; RFC 8017, A.1.1). */
static void levels(FILE *to, const uint8_t *data, size_t len)
{
    struct der all = {data, len};
    struct der info = enter(to, &all, DER_SEQUENCE, 0, 0, "SEQUENCE");
    (void)enter(to, &info, DER_SEQUENCE, 1, 1, "SEQUENCE: what kind of key, rsaEncryption");
    struct der bits = enter(to, &info, DER_BIT_STRING, 1, 2, "BIT STRING: the key");
    if (bits.len == 0)
        return;
    bits = (struct der){bits.data + 1, bits.len - 1}; /* after the number of bits that are left over */
    struct der key = enter(to, &bits, DER_SEQUENCE, 2, 3, "SEQUENCE");
    (void)enter(to, &key, DER_INTEGER, 3, 4, "INTEGER: n, with a 00 in front");
    (void)enter(to, &key, DER_INTEGER, 3, 5, "INTEGER: e");
}

/* The three lines of the text's beginning, and its end. */
static const char *text(FILE *to, const char *pem)
{
    const char *base64 = strchr(pem, '\n') + 1, *end = strstr(pem, "-----END");
    draw_box(to, 20, 60, 720, 122, DRAW_PLAIN, "%s", "");
    draw_text(to, 30, 86, "hex", "%.*s", (int)(base64 - 1 - pem), pem);
    draw_text(to, 30, 114, "hex", "%.*s", LINE, base64);
    draw_text(to, 30, 140, "hex", "...");
    draw_text(to, 30, 168, "hex", "%.*s", (int)strcspn(end, "\n"), end);
    return base64;
}

void figure_pem(FILE *to)
{
    char pem[PEM_MAX_LEN + 1], joined[PEM_MAX_LEN + 1];
    uint8_t der[PEM_MAX_LEN];
    size_t len = 0, n = 0;
    struct rsa_public key;
    struct rng rng;
    rng_fixed_init(&rng, "a modulus", 9); /* any odd number of this length is written in the same way */
    rng_fill(&rng, key.n, sizeof key.n);
    key.n[0] |= 0x80;
    key.n[RSA_MODULUS_LEN - 1] |= 1;
    if (pem_encode_public(pem, sizeof pem, &key) != 0)
        return;
    const char *base64 = text(to, pem);
    for (const char *c = base64; *c != '-'; c++)
        if (*c != '\n')
            joined[n++] = *c;
    if (base64_decode(der, sizeof der, &len, joined, n) != 0)
        return;
    draw_arrow(to, 110, 182, 110, 214);
    draw_text(to, 126, 206, "small", "base64: the first %d characters are %d bytes", SHOWN, SHOWN / 4 * 3);
    draw_bytes(to, 20, 216, DRAW_WIRE, der, SHOWN / 4 * 3);
    draw_arrow(to, 110, 248, 110, 280);
    draw_text(to, 126, 272, "small", "DER: a tag, a length, and that many bytes");
    draw_text(to, 20, 320, "bold", "Values inside values: tag and length, and what they hold");
    levels(to, der, len);
}
