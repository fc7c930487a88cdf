/* SPDX-License-Identifier: MIT */
/* The tag tells the right Z from every other: no text has to be recognised. */
#include "app/workbench/attacks/sealed_line.h"

#include <assert.h>
#include <string.h>

#include "crypto/hkdf.h"

static void begin(struct record *r, const uint8_t *z, size_t z_len)
{
    uint8_t secret[HKDF_PRK_LEN];
    hkdf_extract(secret, NULL, 0, z, z_len);
    record_init(r, SUITE_AES128, secret, NULL);
}

void sealed_line_make(uint8_t *frame, size_t *frame_len, struct rng *rng, const char *text, const uint8_t *z,
                      size_t z_len)
{
    struct record r;
    assert(strlen(text) <= LAB_SECRET_MAX);
    begin(&r, z, z_len);
    (void)record_seal(&r, rng, frame, SEALED_LINE_MAX, frame_len, CONTENT_APPLICATION, (const uint8_t *)text,
                      strlen(text)); /* can't fail: it is the first Record under its keys */
    record_wipe(&r);
}

bool sealed_line_open(char *text, const uint8_t *frame, size_t frame_len, const uint8_t *z, size_t z_len)
{
    struct record r;
    uint8_t work[SEALED_LINE_MAX], *payload;
    enum content_type type;
    size_t len;
    if (frame_len < RECORD_FRAME_MIN || frame_len > sizeof work)
        return false;
    memcpy(work, frame, frame_len);
    begin(&r, z, z_len);
    bool opened = record_open(&r, work, frame_len, &type, &payload, &len) == NET_OK && len <= LAB_SECRET_MAX;
    if (opened) {
        memcpy(text, payload, len);
        text[len] = '\0';
    }
    record_wipe(&r);
    return opened;
}
