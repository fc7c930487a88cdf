/* SPDX-License-Identifier: MIT */
/* A code takes four steps: the counter's bytes, HMAC-SHA-1, the truncation, the digits. Each mistake is made in one of
 * them, and the others are right. */
#include "app/workbench/exercises/totp_mistakes.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/hmac.h"
#include "crypto/sha1.h"
#include "crypto/totp.h"

enum counter {
    COUNTER_RIGHT,
    COUNTER_LITTLE,
    COUNTER_LOW,
    COUNTER_FOUR,
    COUNTER_SECONDS,
    COUNTER_BEFORE,
    COUNTER_AFTER
};
enum mac { MAC_RIGHT, MAC_PADS, MAC_CUT_KEY, MAC_HASHED_KEY, MAC_BARE, MAC_INNER, MAC_SHA256, MAC_SWAPPED };
enum cut { CUT_RIGHT, CUT_FIRST_BYTE, CUT_HIGH_NIBBLE, CUT_FROM_0, CUT_FROM_END, CUT_LITTLE, CUT_SIGN, CUT_31 };
enum digits { DIGITS_RIGHT, DIGITS_SIX, DIGITS_EIGHT, DIGITS_LESS, DIGITS_ALL, DIGITS_LEADING };

struct mistake {
    enum counter counter;
    enum mac mac;
    enum cut cut;
    enum digits digits;
    const char *hint;
};

static const struct mistake mistakes[] = {
    {.counter = COUNTER_LITTLE, .hint = "the counter: yours is little-endian, it is eight bytes big-endian (5.2)"},
    {.counter = COUNTER_LOW, .hint = "the counter has 64 bits: yours was cut to 32"},
    {.counter = COUNTER_FOUR, .hint = "the counter is eight bytes, also where four are zero (5.2)"},
    {.counter = COUNTER_SECONDS, .hint = "the step was multiplied by the period: totp_code gets the step itself"},
    {.counter = COUNTER_BEFORE, .hint = "this is the code of the step before"},
    {.counter = COUNTER_AFTER, .hint = "this is the code of the step after"},
    {.mac = MAC_PADS, .hint = "ipad and opad are swapped: 36 is the inner one, 5c the outer one (RFC 2104)"},
    {.mac = MAC_CUT_KEY, .hint = "a key of more than 64 bytes counts as its SHA-1 digest: yours was cut (RFC 2104)"},
    {.mac = MAC_HASHED_KEY, .hint = "a key of up to 64 bytes counts as it is: yours was hashed (RFC 2104)"},
    {.mac = MAC_BARE, .hint = "that is SHA-1 of key and counter: HMAC is wanted (RFC 2104)"},
    {.mac = MAC_INNER, .hint = "that is HMAC's inner hash: the outer one, over opad and it, is missing"},
    {.mac = MAC_SHA256, .hint = "that is HMAC-SHA-256: the hash is SHA-1 here (crypto/sha1.h)"},
    {.mac = MAC_SWAPPED, .hint = "key and counter are swapped: the secret is HMAC's key"},
    {.cut = CUT_FIRST_BYTE, .hint = "the offset is in the last byte of the tag, HS[19]: yours is from HS[0] (5.3)"},
    {.cut = CUT_HIGH_NIBBLE, .hint = "the offset is the low four bits of HS[19]: yours are the high ones (5.3)"},
    {.cut = CUT_FROM_0, .hint = "the four bytes begin at the offset: yours begin at HS[0] (5.3)"},
    {.cut = CUT_FROM_END, .hint = "the four bytes begin at the offset: yours are the last of the tag (5.3)"},
    {.cut = CUT_LITTLE, .hint = "the four bytes are a big-endian number: yours is little-endian (5.3)"},
    {.cut = CUT_SIGN, .hint = "the top bit has to be masked: P & 0x7fffffff, before the remainder is taken (5.3)"},
    {.cut = CUT_31, .hint = "the top bit is masked, and nothing else: yours lacks more than that (5.3)"},
    {.digits = DIGITS_SIX, .hint = "six digits, whatever `digits` says: it is the remainder modulo 10^digits"},
    {.digits = DIGITS_EIGHT, .hint = "eight digits, whatever `digits` says: it is the remainder modulo 10^digits"},
    {.digits = DIGITS_LESS, .hint = "a digit is missing: it is the remainder modulo 10^digits"},
    {.digits = DIGITS_ALL, .hint = "the remainder modulo 10^digits is still to be taken (5.3)"},
    {.digits = DIGITS_LEADING, .hint = "those are the number's first digits: the last ones are wanted, the remainder"},
};

/* Writes the counter; returns how many bytes it has. */
static size_t write_counter(uint8_t bytes[8], enum counter how, uint64_t step)
{
    switch (how) {
    case COUNTER_LITTLE:
        bytes_store_le64(bytes, step);
        return 8;
    case COUNTER_FOUR:
        bytes_store_be32(bytes, (uint32_t)step);
        return 4;
    case COUNTER_LOW:
        bytes_store_be64(bytes, (uint32_t)step);
        return 8;
    default:
        bytes_store_be64(bytes, how == COUNTER_SECONDS  ? step * TOTP_PERIOD
                                : how == COUNTER_BEFORE ? step - 1
                                : how == COUNTER_AFTER  ? step + 1
                                                        : step);
        return 8;
    }
}

/* SHA-1 of K0, each byte xored with the pad, and a message. */
static void sha1_padded(uint8_t digest[20], const uint8_t K0[64], uint8_t pad, const uint8_t *msg, size_t len)
{
    uint8_t block[SHA1_BLOCK_LEN];
    struct sha1 s;
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = K0[i] ^ pad;
    sha1_init(&s);
    sha1_update(&s, block, sizeof block);
    sha1_update(&s, msg, len);
    sha1_final(&s, digest);
}

static void hmac_sha1(uint8_t HS[20], enum mac how, const uint8_t *key, size_t key_len, const uint8_t *msg, size_t len)
{
    uint8_t K0[SHA1_BLOCK_LEN] = {0};
    if (how == MAC_HASHED_KEY || (key_len > sizeof K0 && how != MAC_CUT_KEY))
        sha1_digest(K0, key, key_len);
    else if (key_len > 0)
        memcpy(K0, key, key_len < sizeof K0 ? key_len : sizeof K0);
    sha1_padded(HS, K0, how == MAC_PADS ? 0x5c : 0x36, msg, len);
    if (how != MAC_INNER)
        sha1_padded(HS, K0, how == MAC_PADS ? 0x36 : 0x5c, HS, SHA1_DIGEST_LEN);
}

/* The tag, of which the last byte has the offset; returns its length. */
static size_t write_tag(uint8_t HS[HMAC_TAG_LEN], enum mac how, const uint8_t *key, size_t key_len, const uint8_t *msg,
                        size_t len)
{
    uint8_t joined[TOTP_MISTAKES_KEY_MAX + 8];
    switch (how) {
    case MAC_SHA256:
        hmac_tag(HS, key, key_len, msg, len);
        return HMAC_TAG_LEN;
    case MAC_BARE:
        memcpy(joined, key, key_len);
        memcpy(joined + key_len, msg, len);
        sha1_digest(HS, joined, key_len + len);
        return SHA1_DIGEST_LEN;
    case MAC_SWAPPED:
        hmac_sha1(HS, MAC_RIGHT, msg, len, key, key_len);
        return SHA1_DIGEST_LEN;
    default:
        hmac_sha1(HS, how, key, key_len, msg, len);
        return SHA1_DIGEST_LEN;
    }
}

static uint32_t truncate_with(enum cut how, const uint8_t *HS, size_t len)
{
    size_t offset = how == CUT_FIRST_BYTE    ? HS[0] & 0xf
                    : how == CUT_HIGH_NIBBLE ? HS[len - 1] >> 4
                    : how == CUT_FROM_0      ? 0
                    : how == CUT_FROM_END    ? len - 4
                                             : HS[len - 1] & 0xf;
    uint32_t P = how == CUT_LITTLE ? bytes_load_le32(HS + offset) : bytes_load_be32(HS + offset);
    return how == CUT_SIGN ? P : how == CUT_31 ? P & 0x0fffffff : P & 0x7fffffff;
}

static uint64_t shorten(enum digits how, uint32_t number, unsigned digits)
{
    uint64_t power = 1;
    unsigned n = how == DIGITS_SIX ? 6 : how == DIGITS_EIGHT ? 8 : how == DIGITS_LESS ? digits - 1 : digits;
    for (unsigned i = 0; i < n; i++)
        power *= 10;
    while (how == DIGITS_LEADING && number >= power)
        number /= 10;
    return how == DIGITS_ALL ? number : number % power;
}

const char *totp_mistake_in_code(uint64_t yours, const uint8_t *key, size_t key_len, uint64_t step, unsigned digits)
{
    assert(key_len <= TOTP_MISTAKES_KEY_MAX);
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *m = &mistakes[i];
        uint8_t counter[8], HS[HMAC_TAG_LEN];
        size_t counter_len = write_counter(counter, m->counter, step);
        size_t len = write_tag(HS, m->mac, key, key_len, counter, counter_len);
        if (shorten(m->digits, truncate_with(m->cut, HS, len), digits) == yours)
            return m->hint;
    }
    return NULL;
}

void totp_mistakes_HS(uint8_t HS[static 20], const uint8_t *key, size_t key_len, uint64_t step)
{
    uint8_t counter[8];
    bytes_store_be64(counter, step);
    hmac_sha1(HS, MAC_RIGHT, key, key_len, counter, sizeof counter);
}
