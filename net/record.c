/* SPDX-License-Identifier: MIT */
/* A Record hides a message (AES-CBC under a fresh random IV) and makes any change to it, to its place in the sequence
 * or to its header visible (HMAC over all of it). Opening goes strictly in this order: lengths, tag, decryption,
 * padding, content type. An attacker who changes anything fails at the tag, so nothing after it ever sees what the
 * attacker wrote.
 *
 * The sequence number is never sent: both sides count. A Record that was dropped, repeated or moved is checked against
 * another number than it was sealed with, and fails. */
#include "net/record.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/etm_many.h"
#include "crypto/hkdf.h"
#include "crypto/pkcs7.h"

#define IV_AT FRAME_HEADER_LEN
#define CIPHERTEXT_AT (IV_AT + AES_BLOCK_LEN)
#define OVERHEAD (CIPHERTEXT_AT + SHA256_DIGEST_LEN) /* of a frame, beside the ciphertext */
#define AD_LEN (8 + FRAME_HEADER_LEN)

/* HKDF's info strings have no zero byte at their end: sizeof - 1. */
static const char encrypt_info[] = "glasschat/1 encrypt";
static const char authenticate_info[] = "glasschat/1 authenticate";
static const char update_info[] = "glasschat/1 update";

bool suite_exists(int suite)
{
    return suite == SUITE_AES128 || suite == SUITE_AES256;
}

static void derive_keys(struct record *r)
{
    uint8_t enc_key[AES256_KEY_LEN], mac_key[SHA256_DIGEST_LEN];
    size_t enc_key_len = r->suite == SUITE_AES256 ? AES256_KEY_LEN : AES128_KEY_LEN;
    hkdf_expand(enc_key, enc_key_len, r->secret, encrypt_info, sizeof encrypt_info - 1);
    hkdf_expand(mac_key, sizeof mac_key, r->secret, authenticate_info, sizeof authenticate_info - 1);
    trace_event(r->trace, "secret", r->secret, sizeof r->secret);
    trace_event(r->trace, "enc_key", enc_key, enc_key_len);
    trace_event(r->trace, "mac_key", mac_key, sizeof mac_key);
    etm_key_init(&r->key, enc_key, enc_key_len, mac_key);
    r->records = 0;
    r->bytes = 0;
    ct_wipe(enc_key, sizeof enc_key);
    ct_wipe(mac_key, sizeof mac_key);
}

void record_init(struct record *r, enum suite suite, const uint8_t secret[static RECORD_SECRET_LEN],
                 const struct trace *trace)
{
    assert(suite_exists((int)suite));
    *r = (struct record){.suite = suite, .failed = NET_OK, .trace = trace};
    memcpy(r->secret, secret, sizeof r->secret);
    derive_keys(r);
}

void record_update(struct record *r)
{
    uint8_t next[RECORD_SECRET_LEN];
    if (r->failed != NET_OK)
        return;
    hkdf_expand(next, sizeof next, r->secret, update_info, sizeof update_info - 1);
    memcpy(r->secret, next, sizeof next);
    ct_wipe(next, sizeof next);
    etm_key_wipe(&r->key);
    derive_keys(r);
}

void record_wipe(struct record *r)
{
    record_fail(r, NET_ERR_CLOSED);
}

void record_fail(struct record *r, enum net_err err)
{
    enum net_err first = r->failed != NET_OK ? r->failed : err;
    /* CAUTION: without this the keys of a dead connection stay in memory; tests/test_record.c:
     * test_every_bit_flip_is_refused. */
    ct_wipe(r, sizeof *r);
    r->failed = first;
}

/* The plaintext's length with its content type and padding. */
static size_t padded_len(size_t payload_len)
{
    return pkcs7_padded_len(1 + payload_len);
}

size_t record_frame_len(size_t payload_len)
{
    return OVERHEAD + padded_len(payload_len);
}

/* Whether another Record with so much padded plaintext may go under these keys. The sequence can't come near its end
 * (2^64 Records), but if it could, it must not wrap: a number used twice is a replay that verifies. */
static bool within_limits(const struct record *r, size_t plaintext_len)
{
    return r->records < RECORD_RECORDS_MAX && r->bytes + plaintext_len <= RECORD_BYTES_MAX && r->sequence < UINT64_MAX;
}

bool record_update_due(const struct record *r, size_t payload_len)
{
    return r->records + 1 >= RECORD_RECORDS_MAX ||
           r->bytes + padded_len(payload_len) + padded_len(0) > RECORD_BYTES_MAX;
}

static void count(struct record *r, size_t plaintext_len)
{
    r->sequence++;
    r->records++;
    r->bytes += (uint32_t)plaintext_len;
}

/* What the tag covers besides IV and ciphertext. */
static void associated_data(uint8_t ad[static AD_LEN], const struct record *r, const uint8_t *header)
{
    bytes_store_be64(ad, r->sequence);
    memcpy(ad + 8, header, FRAME_HEADER_LEN);
}

/* What goes before the ciphertext: header and a fresh IV; and ad. */
static enum net_err seal_begin(struct record *r, struct rng *rng, uint8_t *frame, uint8_t ad[static AD_LEN],
                               size_t plaintext_len)
{
    if (r->failed != NET_OK)
        return r->failed;
    if (!within_limits(r, plaintext_len)) {
        record_fail(r, NET_ERR_LIMIT);
        return r->failed;
    }
    frame_header(frame, FRAME_RECORD, AES_BLOCK_LEN + plaintext_len + SHA256_DIGEST_LEN);
    associated_data(ad, r, frame);
    rng_fill(rng, frame + IV_AT, AES_BLOCK_LEN);
    return NET_OK;
}

/* The content type, the payload and the padding. */
static void write_plaintext(uint8_t *plaintext, enum content_type type, const uint8_t *payload, size_t payload_len)
{
    plaintext[0] = (uint8_t)type;
    if (payload_len > 0)
        memcpy(plaintext + 1, payload, payload_len);
    pkcs7_pad(plaintext, 1 + payload_len);
}

static void trace_seal(const struct record *r, const uint8_t *frame, const uint8_t *ad, const uint8_t *plaintext,
                       size_t plaintext_len)
{
    trace_event(r->trace, "seal_sequence", ad, 8);
    trace_event(r->trace, "seal_iv", frame + IV_AT, AES_BLOCK_LEN);
    trace_event(r->trace, "seal_plaintext", plaintext, plaintext_len);
}

/* Counts what was sealed; returns the length of the frame. */
static size_t seal_end(struct record *r, const uint8_t *frame, size_t plaintext_len)
{
    count(r, plaintext_len);
    trace_event(r->trace, "seal_frame", frame, OVERHEAD + plaintext_len);
    return OVERHEAD + plaintext_len;
}

enum net_err record_seal(struct record *r, struct rng *rng, uint8_t *frame, size_t frame_cap, size_t *frame_len,
                         enum content_type type, const uint8_t *payload, size_t payload_len)
{
    assert(payload_len <= RECORD_PAYLOAD_MAX && frame_cap >= record_frame_len(payload_len));
    size_t plaintext_len = padded_len(payload_len);
    uint8_t ad[AD_LEN], *plaintext = frame + CIPHERTEXT_AT;
    enum net_err err = seal_begin(r, rng, frame, ad, plaintext_len);
    if (err != NET_OK)
        return err;
    write_plaintext(plaintext, type, payload, payload_len);
    trace_seal(r, frame, ad, plaintext, plaintext_len);
    etm_seal(&r->key, plaintext, frame + IV_AT, ad, sizeof ad, plaintext, plaintext_len / AES_BLOCK_LEN);
    *frame_len = seal_end(r, frame, plaintext_len);
    return NET_OK;
}

void record_seal_many(struct record_one one[], size_t n, struct rng *rng, enum content_type type,
                      const uint8_t *payload, size_t payload_len)
{
    assert(n <= RECORD_MANY_MAX && payload_len <= RECORD_PAYLOAD_MAX);
    uint8_t plaintext[RECORD_PAYLOAD_MAX + AES_BLOCK_LEN], ad[RECORD_MANY_MAX][AD_LEN];
    struct etm_one sealing[RECORD_MANY_MAX];
    size_t plaintext_len = padded_len(payload_len), len = 0;
    write_plaintext(plaintext, type, payload, payload_len);
    for (size_t i = 0; i < n; i++) {
        struct record_one *o = &one[i];
        assert(o->frame_cap >= record_frame_len(payload_len));
        o->err = seal_begin(o->r, rng, o->frame, ad[len], plaintext_len);
        if (o->err != NET_OK)
            continue;
        trace_seal(o->r, o->frame, ad[len], plaintext, plaintext_len);
        sealing[len] = (struct etm_one){&o->r->key, o->frame + CIPHERTEXT_AT, o->frame + IV_AT, ad[len]};
        len++;
    }
    etm_seal_many(sealing, len, AD_LEN, plaintext, plaintext_len / AES_BLOCK_LEN);
    for (size_t i = 0; i < n; i++)
        if (one[i].err == NET_OK)
            one[i].frame_len = seal_end(one[i].r, one[i].frame, plaintext_len);
    ct_wipe(plaintext, plaintext_len);
}

/* True where this is one whole Record's frame with at least one block in it. */
static bool shape_ok(const uint8_t *frame, size_t frame_len)
{
    enum frame_type type;
    size_t whole_len;
    return frame_next(&type, &whole_len, frame, frame_len, &frame_any) == NET_OK && whole_len == frame_len &&
           frame_len > 0 && type == FRAME_RECORD && frame_len >= RECORD_FRAME_MIN &&
           (frame_len - OVERHEAD) % AES_BLOCK_LEN == 0;
}

/* Lengths, limits, tag, decryption: on NET_OK the plaintext stands where the ciphertext was. */
static enum net_err decrypt(struct record *r, uint8_t *frame, size_t frame_len)
{
    uint8_t ad[AD_LEN], *ciphertext = frame + CIPHERTEXT_AT;
    if (!shape_ok(frame, frame_len))
        return NET_ERR_RECORD;
    if (!within_limits(r, frame_len - OVERHEAD))
        return NET_ERR_LIMIT;
    associated_data(ad, r, frame);
    trace_event(r->trace, "open_sequence", ad, 8);
    trace_event(r->trace, "open_frame", frame, frame_len);
    size_t blocks = (frame_len - OVERHEAD) / AES_BLOCK_LEN;
    return etm_open(&r->key, ciphertext, frame + IV_AT, ad, sizeof ad, ciphertext, blocks) == 0 ? NET_OK
                                                                                                : NET_ERR_RECORD;
}

enum net_err record_open(struct record *r, uint8_t *frame, size_t frame_len, enum content_type *type, uint8_t **payload,
                         size_t *payload_len)
{
    if (r->failed != NET_OK)
        return r->failed;
    enum net_err err = decrypt(r, frame, frame_len);
    if (err != NET_OK) {
        record_fail(r, err);
        return err;
    }
    uint8_t *plaintext = frame + CIPHERTEXT_AT;
    size_t padded = frame_len - OVERHEAD, len = 0;
    int unpadded = pkcs7_unpad(&len, plaintext, padded) == 0;
    ct_public(&len, sizeof len); /* record.h: length and type are not hidden from whoever watches the processor, */
    ct_public(plaintext, 1);     /* and the tag has passed, so that nobody can ask about padding of their own */
    uint8_t type_max = r->steps ? CONTENT_STEP : CONTENT_FINISHED;
    if (!unpadded || len < 1 || len > 1 + RECORD_PAYLOAD_MAX || plaintext[0] > type_max) {
        ct_wipe(plaintext, padded);
        record_fail(r, NET_ERR_RECORD);
        return NET_ERR_RECORD;
    }
    count(r, padded);
    trace_event(r->trace, "open_plaintext", plaintext, len);
    *type = (enum content_type)plaintext[0];
    *payload = plaintext + 1;
    *payload_len = len - 1;
    return NET_OK;
}
