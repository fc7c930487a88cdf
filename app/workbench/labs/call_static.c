/* SPDX-License-Identifier: MIT */
/* The hole is what is not here: no key is ever wiped, and no new value ever comes in. What opens one Record opens all,
 * those of last year and those of next year. */
#include "app/workbench/labs/call_static.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/hkdf.h"

static void direction(struct record *r, const uint8_t prk[static HKDF_PRK_LEN], const char *info)
{
    uint8_t secret[RECORD_SECRET_LEN];
    hkdf_expand(secret, sizeof secret, prk, info, strlen(info));
    record_init(r, SUITE_AES128, secret, NULL);
    ct_wipe(secret, sizeof secret);
}

int lab_call_static_init(struct lab_call_static *c, const struct dh_key_pair *own, const uint8_t *peer, bool caller)
{
    uint8_t z[DH_PUBLIC_MAX_LEN], prk[HKDF_PRK_LEN];
    if (dh_derive(z, own, peer, own->group->p_len) != 0)
        return -1;
    hkdf_extract(prk, NULL, 0, z, own->group->p_len);
    direction(&c->send, prk, caller ? "caller" : "callee");
    direction(&c->receive, prk, caller ? "callee" : "caller");
    ct_wipe(z, sizeof z);
    ct_wipe(prk, sizeof prk);
    return 0;
}

size_t lab_call_static_seal(struct lab_call_static *c, struct rng *rng, uint8_t *frame, size_t frame_cap,
                            const char *text, size_t text_len)
{
    size_t frame_len = 0;
    enum net_err err = record_seal(&c->send, rng, frame, frame_cap, &frame_len, CONTENT_APPLICATION,
                                   (const uint8_t *)text, text_len);
    assert(err == NET_OK);
    (void)err;
    return frame_len;
}

int lab_call_static_open(struct lab_call_static *c, uint8_t *text, size_t *text_len, const uint8_t *frame,
                         size_t frame_len)
{
    uint8_t copy[FRAME_MAX_LEN], *payload;
    enum content_type type;
    size_t len;
    if (frame_len > sizeof copy)
        return -1;
    memcpy(copy, frame, frame_len);
    if (record_open(&c->receive, copy, frame_len, &type, &payload, &len) != NET_OK || type != CONTENT_APPLICATION)
        return -1;
    memcpy(text, payload, len);
    *text_len = len;
    return 0;
}
