#include "net/record.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/pkcs7.h"

/* header 4 | iv 16 | ciphertext | tag 32 */
#define IV 4
#define TEXT 20
#define TAG_LEN 32

bool suite_exists(int suite)
{
    return suite == SUITE_AES128 || suite == SUITE_AES256;
}

static void make_keys(struct record *r)
{
    uint8_t enc_key[32], mac_key[32];
    size_t enc_len = r->suite == SUITE_AES128 ? 16 : 32;
    hkdf_expand(enc_key, enc_len, r->secret, "glasschat/1 encrypt", strlen("glasschat/1 encrypt"));
    hkdf_expand(mac_key, 32, r->secret, "glasschat/1 authenticate", strlen("glasschat/1 authenticate"));
    trace_event(r->trace, "secret", r->secret, 32);
    trace_event(r->trace, "enc_key", enc_key, enc_len);
    trace_event(r->trace, "mac_key", mac_key, 32);
    etm_key_init(&r->key, enc_key, enc_len, mac_key);
    r->records = 0;
    r->bytes = 0;
    ct_wipe(enc_key, sizeof enc_key);
    ct_wipe(mac_key, sizeof mac_key);
}

void record_init(struct record *r, enum suite suite, const uint8_t secret[static RECORD_SECRET_LEN],
                 const struct trace *trace)
{
    assert(suite_exists((int)suite));
    memset(r, 0, sizeof *r);
    r->suite = suite;
    r->failed = NET_OK;
    r->trace = trace;
    memcpy(r->secret, secret, RECORD_SECRET_LEN);
    make_keys(r);
}

void record_update(struct record *r)
{
    uint8_t next[RECORD_SECRET_LEN];
    if (r->failed != NET_OK)
        return;
    hkdf_expand(next, sizeof next, r->secret, "glasschat/1 update", strlen("glasschat/1 update"));
    memcpy(r->secret, next, sizeof next);
    ct_wipe(next, sizeof next);
    make_keys(r);
}

void record_fail(struct record *r, enum net_err err)
{
    enum net_err first = r->failed == NET_OK ? err : r->failed;
    ct_wipe(r, sizeof *r);
    r->failed = first;
}

void record_wipe(struct record *r)
{
    record_fail(r, NET_ERR_CLOSED);
}

size_t record_frame_len(size_t payload_len)
{
    return TEXT + pkcs7_padded_len(1 + payload_len) + TAG_LEN;
}

bool record_update_due(const struct record *r, size_t payload_len)
{
    uint64_t bytes = (uint64_t)r->bytes + pkcs7_padded_len(1 + payload_len) + 16;
    return r->records >= RECORD_RECORDS_MAX - 1 || bytes > RECORD_BYTES_MAX;
}

static bool may_go(const struct record *r, size_t len)
{
    return r->records < RECORD_RECORDS_MAX && (uint64_t)r->bytes + len <= RECORD_BYTES_MAX && r->sequence != UINT64_MAX;
}

static void counted(struct record *r, size_t len)
{
    r->sequence++;
    r->records++;
    r->bytes += (uint32_t)len;
}

/* tag = HMAC(mac_key, sequence || header || iv || ciphertext) */
static void make_tag(uint8_t tag[TAG_LEN], const struct record *r, const uint8_t *frame, size_t len)
{
    uint8_t sequence[8];
    struct hmac h;
    bytes_store_be64(sequence, r->sequence);
    hmac_init(&h, &r->key.mac);
    hmac_update(&h, sequence, 8);
    hmac_update(&h, frame, TEXT + len);
    hmac_final(&h, tag);
}

enum net_err record_seal(struct record *r, struct rng *rng, uint8_t *frame, size_t frame_cap, size_t *frame_len,
                         enum content_type type, const uint8_t *payload, size_t payload_len)
{
    assert(payload_len <= RECORD_PAYLOAD_MAX && frame_cap >= record_frame_len(payload_len));
    size_t len = pkcs7_padded_len(1 + payload_len);
    uint8_t *text = frame + TEXT;
    if (r->failed != NET_OK)
        return r->failed;
    if (!may_go(r, len)) {
        record_fail(r, NET_ERR_LIMIT);
        return NET_ERR_LIMIT;
    }
    frame_header(frame, FRAME_RECORD, 16 + len + TAG_LEN);
    rng_fill(rng, frame + IV, 16);
    text[0] = (uint8_t)type;
    if (payload_len > 0)
        memcpy(text + 1, payload, payload_len);
    pkcs7_pad(text, 1 + payload_len);
    trace_event(r->trace, "seal_plaintext", text, len);
    cbc_encrypt(&r->key.aes, frame + IV, text, text, len / 16);
    make_tag(text + len, r, frame, len);
    counted(r, len);
    *frame_len = TEXT + len + TAG_LEN;
    return NET_OK;
}

void record_seal_many(struct record_one one[], size_t n, struct rng *rng, enum content_type type,
                      const uint8_t *payload, size_t payload_len)
{
    assert(n <= RECORD_MANY_MAX && payload_len <= RECORD_PAYLOAD_MAX);
    for (size_t i = 0; i < n; i++)
        one[i].err = record_seal(one[i].r, rng, one[i].frame, one[i].frame_cap, &one[i].frame_len, type, payload,
                                 payload_len);
}

static enum net_err refuse(struct record *r, enum net_err err)
{
    record_fail(r, err);
    return err;
}

enum net_err record_open(struct record *r, uint8_t *frame, size_t frame_len, enum content_type *type, uint8_t **payload,
                         size_t *payload_len)
{
    enum frame_type t;
    size_t whole, text_len;
    uint8_t tag[TAG_LEN], *text = frame + TEXT;
    if (r->failed != NET_OK)
        return r->failed;
    if (frame_len < RECORD_FRAME_MIN || (frame_len - TEXT - TAG_LEN) % 16 != 0)
        return refuse(r, NET_ERR_RECORD);
    if (frame_next(&t, &whole, frame, frame_len, &frame_any) != NET_OK || whole != frame_len || t != FRAME_RECORD)
        return refuse(r, NET_ERR_RECORD);
    size_t len = frame_len - TEXT - TAG_LEN;
    if (!may_go(r, len))
        return refuse(r, NET_ERR_LIMIT);
    make_tag(tag, r, frame, len);
    if (memcmp(tag, text + len, TAG_LEN) != 0) {
        ct_wipe(tag, TAG_LEN);
        return refuse(r, NET_ERR_RECORD);
    }
    cbc_decrypt(&r->key.aes, frame + IV, text, text, len / 16);
    if (pkcs7_unpad(&text_len, text, len) != 0 || text_len == 0 || text_len > 1 + RECORD_PAYLOAD_MAX ||
        text[0] > CONTENT_FINISHED) {
        ct_wipe(text, len);
        return refuse(r, NET_ERR_RECORD);
    }
    counted(r, len);
    *type = (enum content_type)text[0];
    *payload = text + 1;
    *payload_len = text_len - 1;
    return NET_OK;
}
