/* SPDX-License-Identifier: MIT */
/* Two layers with two tasks. Outside a tag under a secret that all members have: a stranger, the server among them,
 * fails at it, before anything is decrypted or any signature computed. Inside a signature, which alone says which of
 * the members it was, over everything that gives the text its meaning: the room, the list of those who may read it, the
 * place in the sender's row, and what the sender had said and read before.
 *
 * The sender's name is in both, and is sent in neither: it is the one that the receiver takes the sender for, so what
 * was sealed by one member doesn't open as another's. */
#include "app/peer/sealed.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/pkcs7.h"

/* sizeof counts the zero byte that ends each label; HKDF's info strings have none: sizeof - 1. */
static const char record_label[] = "glasschat/1 room record";
static const char message_label[] = SEALED_MESSAGE_LABEL;
static const char encrypt_info[] = "glasschat/1 encrypt";
static const char authenticate_info[] = "glasschat/1 authenticate";

#define LIST_AT ROOM_LIST_ID_LEN
#define KEY_ID_AT (LIST_AT + ROOM_LIST_HASH_LEN)
#define I_AT (KEY_ID_AT + SENDER_KEY_ID_LEN)
#define IV_AT SEALED_HEAD_LEN
#define CIPHERTEXT_AT (IV_AT + AES_BLOCK_LEN)

#define AD_MAX (sizeof record_label + 1 + NAME_MAX_LEN + SEALED_HEAD_LEN)
#define SIGNED_MAX                                                                                                     \
    (sizeof message_label + SEALED_HEAD_LEN + 1 + NAME_MAX_LEN + 2 * SHA256_DIGEST_LEN + 2 + TEXT_MAX_LEN)
#define NAME_AT (sizeof message_label + ROOM_LIST_ID_LEN + ROOM_LIST_HASH_LEN) /* in what is signed */
#define TEXT_BEHIND_NAME (SENDER_KEY_ID_LEN + 4 + 2 * SHA256_DIGEST_LEN + 2)
#define STATEMENT_LEN(name_len, text_len) (NAME_AT + 1 + (name_len) + TEXT_BEHIND_NAME + (text_len) + RSA_SIGNATURE_LEN)
#define PADDED_MAX (SEALED_MAX - SEALED_OVERHEAD)

_Static_assert(SEALED_STATEMENT_MAX == STATEMENT_LEN(NAME_MAX_LEN, TEXT_MAX_LEN), "one length, told in two ways");
_Static_assert(SEALED_MIN == 580 && SEALED_MAX == 4580, "as docs/protocol.md says");

static uint8_t *put(uint8_t *p, const void *bytes, size_t len)
{
    memcpy(p, bytes, len);
    return p + len;
}

static uint8_t *put_u32(uint8_t *p, uint32_t value)
{
    bytes_store_be32(p, value);
    return p + 4;
}

static uint8_t *put_name(uint8_t *p, const char *name)
{
    size_t len = strlen(name);
    assert(name_valid(name, len));
    *p = (uint8_t)len;
    return put(p + 1, name, len);
}

/* <u16> text */
static uint8_t *put_text(uint8_t *p, const struct sealed_statement *s)
{
    assert(s->text_len <= TEXT_MAX_LEN);
    bytes_store_be16(p, (uint16_t)s->text_len);
    return put(p + 2, s->text, s->text_len);
}

/* --- What is signed ----------------------------------------------------------------------------------------------- */

static size_t signed_message(uint8_t out[static SIGNED_MAX], const struct sealed_statement *s)
{
    uint8_t *p = put(out, message_label, sizeof message_label);
    p = put(p, s->room, sizeof s->room);
    p = put(p, s->list, sizeof s->list);
    p = put_name(p, s->sender);
    p = put(p, s->key_id, sizeof s->key_id);
    p = put_u32(p, s->i);
    p = put(p, s->prev, sizeof s->prev);
    p = put(p, s->seen, sizeof s->seen);
    p = put_text(p, s);
    return (size_t)(p - out);
}

void sealed_statement_hash(uint8_t out[static SHA256_DIGEST_LEN], const struct sealed_statement *s)
{
    uint8_t message[SIGNED_MAX];
    size_t len = signed_message(message, s);
    sha256_digest(out, message, len);
    ct_wipe(message, len);
}

int sealed_statement_sign(struct sealed_statement *s, const struct rsa_private *key, struct rng *rng)
{
    uint8_t message[SIGNED_MAX], signature[RSA_SIGNATURE_LEN];
    size_t len = signed_message(message, s);
    int failed = rsa_pss_sign(signature, key, message, len, rng);
    if (failed == 0)
        memcpy(s->signature, signature, sizeof signature);
    ct_wipe(message, len);
    return failed;
}

int sealed_statement_verify(const struct sealed_statement *s, const struct rsa_public *key)
{
    uint8_t message[SIGNED_MAX];
    size_t len = signed_message(message, s);
    int failed = rsa_pss_verify(key, message, len, s->signature);
    ct_wipe(message, len);
    return failed;
}

size_t sealed_statement_encode(uint8_t out[static SEALED_STATEMENT_MAX], const struct sealed_statement *s)
{
    size_t len = signed_message(out, s);
    memcpy(out + len, s->signature, sizeof s->signature);
    return len + sizeof s->signature;
}

/* The fields behind the name, whose lengths were judged; in is at the key id. */
static void take_behind_name(struct sealed_statement *s, const uint8_t *in)
{
    memcpy(s->key_id, in, sizeof s->key_id);
    s->i = bytes_load_be32(in + sizeof s->key_id);
    in += sizeof s->key_id + 4;
    memcpy(s->prev, in, sizeof s->prev);
    memcpy(s->seen, in + sizeof s->prev, sizeof s->seen);
    in += sizeof s->prev + sizeof s->seen + 2;
    memcpy(s->text, in, s->text_len);
    memcpy(s->signature, in + s->text_len, sizeof s->signature);
}

int sealed_statement_decode(struct sealed_statement *s, const uint8_t *in, size_t in_len)
{
    struct sealed_statement read = {.i = 0};
    if (in_len < STATEMENT_LEN(0, 0) || !ct_equal(in, message_label, sizeof message_label))
        return -1;
    const uint8_t *name = in + NAME_AT + 1;
    size_t name_len = in[NAME_AT];
    if (in_len < STATEMENT_LEN(name_len, 0) || !name_valid(name, name_len))
        return -1;
    read.text_len = bytes_load_be16(name + name_len + TEXT_BEHIND_NAME - 2);
    if (read.text_len > TEXT_MAX_LEN || in_len != STATEMENT_LEN(name_len, read.text_len))
        return -1;
    memcpy(read.room, in + sizeof message_label, sizeof read.room);
    memcpy(read.list, in + sizeof message_label + sizeof read.room, sizeof read.list);
    memcpy(read.sender, name, name_len);
    take_behind_name(&read, name + name_len);
    *s = read;
    ct_wipe(&read, sizeof read);
    return 0;
}

/* --- Keys, and what the tag covers beside IV and ciphertext ------------------------------------------------------- */

static void derive(struct etm_key *key, const struct sender_key *k)
{
    uint8_t enc_key[AES128_KEY_LEN], mac_key[ETM_MAC_KEY_LEN];
    hkdf_expand(enc_key, sizeof enc_key, k->secret, encrypt_info, sizeof encrypt_info - 1);
    hkdf_expand(mac_key, sizeof mac_key, k->secret, authenticate_info, sizeof authenticate_info - 1);
    etm_key_init(key, enc_key, sizeof enc_key, mac_key);
    ct_wipe(enc_key, sizeof enc_key);
    ct_wipe(mac_key, sizeof mac_key);
}

/* The head as it is sent: no two senders and heads are the same bytes, as the name goes with its length. */
static size_t associated_data(uint8_t out[static AD_MAX], const char *sender, const uint8_t *head)
{
    uint8_t *p = put(out, record_label, sizeof record_label);
    p = put_name(p, sender);
    p = put(p, head, SEALED_HEAD_LEN);
    return (size_t)(p - out);
}

/* --- Sealing ------------------------------------------------------------------------------------------------------ */

static bool is_next_of(const struct sealed_statement *s, const struct sender_key *k)
{
    return ct_equal(s->room, k->room, sizeof s->room) && ct_equal(s->list, k->list, sizeof s->list) &&
           ct_equal(s->key_id, k->id, sizeof s->key_id) && s->i == k->i && k->i < SENDER_KEY_MESSAGES;
}

static void put_head(uint8_t out[static SEALED_HEAD_LEN], const struct sealed_statement *s)
{
    memcpy(out, s->room, sizeof s->room);
    memcpy(out + LIST_AT, s->list, sizeof s->list);
    memcpy(out + KEY_ID_AT, s->key_id, sizeof s->key_id);
    bytes_store_be32(out + I_AT, s->i);
}

/* prev, seen, text, signature and padding; returns their length. */
static size_t put_inside(uint8_t *out, const struct sealed_statement *s)
{
    uint8_t *p = put(out, s->prev, sizeof s->prev);
    p = put(p, s->seen, sizeof s->seen);
    p = put_text(p, s);
    p = put(p, s->signature, sizeof s->signature);
    return pkcs7_pad(out, (size_t)(p - out));
}

int sealed_seal(uint8_t *out, size_t cap, size_t *len, const struct sealed_statement *s, const struct sender_key *k,
                struct rng *rng)
{
    struct etm_key key;
    uint8_t ad[AD_MAX], *inside = out + CIPHERTEXT_AT;
    assert(is_next_of(s, k) && text_valid(s->text, s->text_len));
    if (cap < SEALED_LEN(s->text_len))
        return -1;
    put_head(out, s);
    rng_fill(rng, out + IV_AT, AES_BLOCK_LEN);
    size_t ad_len = associated_data(ad, s->sender, out), padded = put_inside(inside, s);
    derive(&key, k);
    etm_seal(&key, inside, out + IV_AT, ad, ad_len, inside, padded / AES_BLOCK_LEN);
    etm_key_wipe(&key);
    *len = SEALED_OVERHEAD + padded;
    return 0;
}

/* --- Opening ------------------------------------------------------------------------------------------------------ */

int sealed_head(struct sealed_head *h, const uint8_t *in, size_t in_len)
{
    if (in_len < SEALED_MIN || in_len > SEALED_MAX || (in_len - SEALED_OVERHEAD) % AES_BLOCK_LEN != 0)
        return -1;
    memcpy(h->room, in, sizeof h->room);
    memcpy(h->list, in + LIST_AT, sizeof h->list);
    memcpy(h->key_id, in + KEY_ID_AT, sizeof h->key_id);
    h->i = bytes_load_be32(in + I_AT);
    return 0;
}

/* The head into s, where it is one that k, or what follows from it, opens.
 *
 * CAUTION: the tag says nothing of i to other members, who can seal under a later secret what was signed for an earlier
 *          message: tests/test_sealed_refusals.c: test_a_member_can_not_repeat_another */
static int take_head(struct sealed_statement *s, const uint8_t *in, size_t in_len, const struct sender_key *k)
{
    struct sealed_head h;
    if (sealed_head(&h, in, in_len) != 0)
        return -1;
    if (!ct_equal(h.room, k->room, sizeof h.room) || !ct_equal(h.list, k->list, sizeof h.list) ||
        !ct_equal(h.key_id, k->id, sizeof h.key_id) || h.i < k->i || h.i >= SENDER_KEY_MESSAGES)
        return -1;
    memcpy(s->room, h.room, sizeof s->room);
    memcpy(s->list, h.list, sizeof s->list);
    memcpy(s->key_id, h.key_id, sizeof s->key_id);
    s->i = h.i;
    return 0;
}

/* The tag, then the padding: inside has room for PADDED_MAX. */
static int decrypt(uint8_t *inside, size_t *inside_len, const uint8_t *in, size_t in_len, const char *sender,
                   const struct sender_key *k)
{
    struct etm_key key;
    uint8_t ad[AD_MAX];
    size_t padded = in_len - SEALED_OVERHEAD, ad_len = associated_data(ad, sender, in);
    derive(&key, k);
    int failed = etm_open(&key, inside, in + IV_AT, ad, ad_len, in + CIPHERTEXT_AT, padded / AES_BLOCK_LEN);
    etm_key_wipe(&key);
    return failed == 0 ? pkcs7_unpad(inside_len, inside, padded) : -1;
}

/* What a member has sealed: its shape is still to be judged. SEALED_MIN has seen to it that it is longer than prev,
 * seen and the text's length. */
static int take_inside(struct sealed_statement *s, const uint8_t *inside, size_t len)
{
    const uint8_t *text = inside + 2 * SHA256_DIGEST_LEN + 2;
    s->text_len = bytes_load_be16(text - 2);
    if (s->text_len > TEXT_MAX_LEN || len != SEALED_INSIDE_LEN(s->text_len))
        return -1;
    memcpy(s->prev, inside, sizeof s->prev);
    memcpy(s->seen, inside + sizeof s->prev, sizeof s->seen);
    memcpy(s->text, text, s->text_len);
    memcpy(s->signature, text + s->text_len, sizeof s->signature);
    return 0;
}

/* CAUTION: the tag shows no more than that some member sealed it. Without the signature any of them could speak as
 *          another: tests/test_sealed_refusals.c: test_a_member_can_not_speak_as_another */
int sealed_open(struct sealed_statement *s, struct sender_key *next, const uint8_t *in, size_t in_len,
                const char *sender, const struct sender_key *k, const struct rsa_public *key)
{
    struct sealed_statement got = {.i = 0};
    struct sender_key at = *k;
    uint8_t inside[PADDED_MAX];
    size_t sender_len = strlen(sender), len = 0;
    assert(name_valid(sender, sender_len));
    int failed = take_head(&got, in, in_len, k);
    while (failed == 0 && at.i < got.i)
        sender_key_advance(&at);
    if (failed == 0)
        failed = decrypt(inside, &len, in, in_len, sender, &at);
    if (failed == 0)
        failed = take_inside(&got, inside, len);
    memcpy(got.sender, sender, sender_len);
    if (failed == 0)
        failed = sealed_statement_verify(&got, key);
    if (failed == 0 && !text_valid(got.text, got.text_len))
        failed = -1;
    if (failed == 0) {
        sender_key_advance(&at);
        *next = at;
        *s = got;
    }
    ct_wipe(inside, sizeof inside);
    ct_wipe(&got, sizeof got);
    ct_wipe(&at, sizeof at);
    return failed;
}
