/* SPDX-License-Identifier: MIT */
/* A Record is made of four parts in turn: header, IV, ciphertext, tag. What is wrong in one of them is looked for there
 * alone, as the parts before it are right. */
#include "app/workbench/exercises/record_mistakes.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/cbc.h"
#include "crypto/hkdf.h"
#include "crypto/pkcs7.h"

#define CIPHERTEXT_AT 20
#define TAG_LEN 32
#define PLAINTEXT_MAX (RECORD_PAYLOAD_MAX + 16)

enum key { KEY_RIGHT, KEY_ZERO_BYTE, KEY_OTHER, KEY_SECRET, KEY_OLD };

/* A key of the secret, as it is or as a mistake makes it. */
static void derive(uint8_t key[32], size_t len, const struct sealed *s, bool mac, enum key how)
{
    static const char *const labels[] = {"glasschat/1 encrypt", "glasschat/1 authenticate"};
    const char *label = labels[mac != (how == KEY_OTHER)];
    const uint8_t *secret = how == KEY_OLD && s->old_secret != NULL ? s->old_secret : s->secret;
    hkdf_expand(key, len, secret, label, strlen(label) + (how == KEY_ZERO_BYTE));
    if (how == KEY_SECRET)
        memcpy(key, s->secret, len);
}

static size_t enc_key_len(const struct sealed *s)
{
    return s->suite == SUITE_AES256 ? 32 : 16;
}

static size_t write_plaintext(uint8_t *plaintext, const struct sealed *s)
{
    plaintext[0] = (uint8_t)s->type;
    if (s->payload_len > 0)
        memcpy(plaintext + 1, s->payload, s->payload_len);
    return pkcs7_pad(plaintext, 1 + s->payload_len);
}

/* --- Tags --------------------------------------------------------------------------------------------------------- */

enum sequence { SEQ_RIGHT, SEQ_NONE, SEQ_LITTLE, SEQ_FOUR, SEQ_NEXT, SEQ_ZERO, SEQ_SINCE, SEQ_BEHIND, SEQ_JUNK };
enum body { BODY_CIPHERTEXT, BODY_PADDED, BODY_PLAIN };

struct tag_mistake {
    enum sequence sequence;
    bool no_header, no_iv, zero_header;
    enum body body;
    enum key key;
    const char *hint;
};

static const struct tag_mistake tag_mistakes[] = {
    {.sequence = SEQ_NONE, .hint = "the sequence number is missing in the MAC: a Record can be repeated or dropped"},
    {.sequence = SEQ_LITTLE, .hint = "the sequence number in the MAC: yours is little-endian, u64 is big-endian"},
    {.sequence = SEQ_FOUR, .hint = "the sequence number in the MAC has eight bytes, yours four"},
    {.sequence = SEQ_BEHIND, .hint = "the sequence number comes first in what is MACed, yours comes last"},
    {.sequence = SEQ_NEXT, .hint = "the sequence number in the MAC is one too large: it counts from 0"},
    {.sequence = SEQ_SINCE, .hint = "the sequence number begins again with new keys: it goes on (5.2)"},
    {.sequence = SEQ_ZERO, .hint = "the sequence number in the MAC is always 0: it counts the Records of a direction"},
    {.no_header = true, .hint = "the frame header is missing in the MAC: type and length must be covered too"},
    {.zero_header = true, .hint = "the MAC covers four zeros in the place of the frame header"},
    {.sequence = SEQ_JUNK, .hint = "record_init leaves the sequence number as it was in memory: it begins with 0"},
    {.no_iv = true, .hint = "the IV is missing in the MAC: whoever flips its bits flips those of the first block"},
    {.body = BODY_PADDED, .hint = "the MAC is over the plaintext: it must be over the ciphertext (encrypt-then-MAC)"},
    {.body = BODY_PLAIN, .hint = "the MAC is over type and payload: it must be over the ciphertext (encrypt-then-MAC)"},
    {.key = KEY_ZERO_BYTE, .hint = "mac_key: the label of HKDF has no zero byte at its end"},
    {.key = KEY_OTHER, .hint = "mac_key: its label is \"glasschat/1 authenticate\""},
    {.key = KEY_SECRET, .hint = "mac_key: yours is the secret itself; HKDF-Expand derives it"},
    {.key = KEY_OLD, .hint = "mac_key: yours is still the one before the KeyUpdate"},
    {.sequence = SEQ_ZERO, .no_header = true, .hint = "sequence number and frame header are missing in the MAC"},
    {.sequence = SEQ_NONE, .no_header = true, .hint = "sequence number and frame header are missing in the MAC"},
};

static size_t write_sequence(uint8_t bytes[8], const struct tag_mistake *m, const struct sealed *s)
{
    memset(bytes, 0, 8);
    switch (m->sequence) {
    case SEQ_NONE:
        return 0;
    case SEQ_LITTLE:
        bytes_store_le64(bytes, s->sequence);
        return 8;
    case SEQ_FOUR:
        bytes_store_be32(bytes, (uint32_t)s->sequence);
        return 4;
    case SEQ_ZERO:
        return 8;
    case SEQ_JUNK:
        bytes_store_be64(bytes, s->sequence + UINT64_C(0x5a5a5a5a5a5a5a5a)); /* as run_record.c fills the struct */
        return 8;
    default:
        bytes_store_be64(bytes, m->sequence == SEQ_SINCE ? s->since : s->sequence + (m->sequence == SEQ_NEXT));
        return 8;
    }
}

/* The tag of a frame whose ciphertext has len bytes. */
static void tag_with(uint8_t tag[TAG_LEN], const struct tag_mistake *m, const struct sealed *s, const uint8_t *frame,
                     size_t len)
{
    static const uint8_t zero[4];
    static uint8_t plaintext[PLAINTEXT_MAX];
    uint8_t key[32], sequence[8];
    struct hmac_key k;
    struct hmac h;
    size_t sequence_len = write_sequence(sequence, m, s);
    derive(key, sizeof key, s, true, m->key);
    hmac_key_init(&k, key, sizeof key);
    hmac_init(&h, &k);
    if (m->sequence != SEQ_BEHIND)
        hmac_update(&h, sequence, sequence_len);
    hmac_update(&h, m->zero_header ? zero : frame, m->no_header ? 0 : 4);
    hmac_update(&h, frame + 4, m->no_iv ? 0 : 16);
    if (m->body == BODY_CIPHERTEXT) {
        hmac_update(&h, frame + CIPHERTEXT_AT, len);
    } else {
        write_plaintext(plaintext, s);
        hmac_update(&h, plaintext, m->body == BODY_PADDED ? len : 1 + s->payload_len);
    }
    if (m->sequence == SEQ_BEHIND)
        hmac_update(&h, sequence, sequence_len);
    hmac_final(&h, tag);
}

/* --- Frames ------------------------------------------------------------------------------------------------------- */

static size_t frame_with(uint8_t *frame, const struct sealed *s, const struct tag_mistake *m, const uint8_t *plaintext,
                         size_t blocks)
{
    uint8_t key[32];
    struct aes_key k;
    frame_header(frame, FRAME_RECORD, 16 + 16 * blocks + TAG_LEN);
    memcpy(frame + 4, s->iv, 16);
    derive(key, enc_key_len(s), s, false, KEY_RIGHT);
    aes_key_init(&k, key, enc_key_len(s));
    cbc_encrypt(&k, s->iv, frame + CIPHERTEXT_AT, plaintext, blocks);
    tag_with(frame + CIPHERTEXT_AT + 16 * blocks, m, s, frame, 16 * blocks);
    return CIPHERTEXT_AT + 16 * blocks + TAG_LEN;
}

static const struct tag_mistake no_mistake = {.hint = NULL};

size_t record_mistakes_right(uint8_t *frame, const struct sealed *s)
{
    static uint8_t plaintext[PLAINTEXT_MAX];
    size_t blocks = write_plaintext(plaintext, s) / 16;
    return frame_with(frame, s, &no_mistake, plaintext, blocks);
}

size_t record_mistakes_forge(uint8_t *frame, const struct sealed *s, const uint8_t *plaintext, size_t blocks)
{
    return frame_with(frame, s, &no_mistake, plaintext, blocks);
}

size_t record_mistakes_mistagged(uint8_t *frame, const struct sealed *s, size_t which, const char **hint)
{
    static uint8_t plaintext[PLAINTEXT_MAX];
    bool there = which < sizeof tag_mistakes / sizeof *tag_mistakes;
    size_t blocks = write_plaintext(plaintext, s) / 16;
    *hint = there ? tag_mistakes[which].hint : NULL;
    return frame_with(frame, s, there ? &tag_mistakes[which] : &no_mistake, plaintext, blocks);
}

/* --- Which mistake ------------------------------------------------------------------------------------------------ */

const char *record_mistake_in_header(const struct sealed *s, const uint8_t *yours)
{
    size_t len = record_frame_len(s->payload_len);
    if (yours[0] != FRAME_RECORD)
        return "a Record is a frame of type 3";
    if (yours[1] != FRAME_VERSION)
        return "the second byte is the protocol's version, 1";
    if (bytes_load_be16(yours + 2) == len)
        return "the length is that of what follows the header: yours has the header's four bytes in it";
    if ((size_t)yours[2] + 256 * (size_t)yours[3] == len - FRAME_HEADER_LEN)
        return "the length is big-endian";
    return "the length is that of IV, ciphertext and tag together";
}

const char *record_mistake_in_iv(const struct sealed *s, const uint8_t *yours)
{
    static const uint8_t zero[16];
    uint8_t number[8];
    bytes_store_be64(number, s->sequence);
    if (memcmp(yours + 4, zero, 16) == 0)
        return "the IV is all zeros: it is drawn from rng, for each Record anew";
    if (memcmp(yours + 12, number, 8) == 0 || memcmp(yours + 4, number, 8) == 0)
        return "the IV is made of the sequence number: whoever can foresee an IV can test guesses (BEAST)";
    return "the IV is what rng_fill(rng, ..., 16) gives, the first that is drawn";
}

/* What is in it under the right key, where it makes sense there; NULL elsewhere. */
static const char *in_plaintext(const struct sealed *s, const uint8_t *p, size_t len)
{
    size_t n = s->payload_len, unpadded;
    if (p[0] == s->type && memcmp(p + 1, s->payload, n) == 0)
        return "content type and payload are right, the padding is not: n bytes of value n, 1 to 16";
    if (memcmp(p, s->payload, n) == 0 && p[n] == s->type)
        return "the content type is the first byte of the plaintext: yours stands behind the payload";
    if (n > 0 && memcmp(p, s->payload, n) == 0)
        return "the content type is missing: it is the first byte of the plaintext";
    if (n > 0 && memcmp(p + 1, s->payload, n) == 0)
        return "the payload is right, but the content type before it is not";
    if (pkcs7_unpad(&unpadded, p, len) == 0)
        return "key, IV and padding are right, but what was encrypted is not content type and payload";
    return NULL;
}

const char *record_mistake_in_ciphertext(const struct sealed *s, const uint8_t *yours)
{
    static const char *const hints[] = {
        [KEY_ZERO_BYTE] = "enc_key: the label of HKDF has no zero byte at its end",
        [KEY_OTHER] = "enc_key: its label is \"glasschat/1 encrypt\"; yours is the MAC's key",
        [KEY_SECRET] = "enc_key: yours is the secret itself; HKDF-Expand derives it",
        [KEY_OLD] = "enc_key: yours is still the one before the KeyUpdate",
    };
    static const uint8_t zero[16];
    static uint8_t plaintext[PLAINTEXT_MAX], p[PLAINTEXT_MAX];
    size_t len = write_plaintext(plaintext, s);
    const char *hint = NULL;
    if (memcmp(yours + CIPHERTEXT_AT, plaintext, len) == 0)
        return "nothing was encrypted: this is the plaintext";
    for (size_t key_len = 16; key_len <= 32; key_len += 16)
        for (int how = KEY_RIGHT; how <= KEY_OLD && hint == NULL; how++) {
            uint8_t key[32];
            struct aes_key k;
            bool right = how == KEY_RIGHT && key_len == enc_key_len(s);
            derive(key, key_len, s, false, (enum key)how);
            aes_key_init(&k, key, key_len);
            cbc_decrypt(&k, zero, p, yours + CIPHERTEXT_AT, len / 16);
            if (memcmp(p, plaintext, len) == 0)
                hint = "the first block is not xored with the IV";
            bytes_xor(p, p, s->iv, 16);
            if (memcmp(p, plaintext, len) == 0)
                hint = how == KEY_RIGHT ? "enc_key has 16 bytes in suite 1 and 32 in suite 2" : hints[how];
            else if (right && hint == NULL)
                hint = in_plaintext(s, p, len);
        }
    return hint;
}

const char *record_mistake_in_tag(const struct sealed *s, const uint8_t *yours)
{
    uint8_t tag[TAG_LEN];
    size_t len = record_frame_len(s->payload_len) - CIPHERTEXT_AT - TAG_LEN;
    for (size_t i = 0; i < sizeof tag_mistakes / sizeof *tag_mistakes; i++) {
        tag_with(tag, &tag_mistakes[i], s, yours, len);
        if (memcmp(tag, yours + CIPHERTEXT_AT + len, TAG_LEN) == 0)
            return tag_mistakes[i].hint;
    }
    return NULL;
}
