/* SPDX-License-Identifier: MIT */
/* Both sides put the lower name first, so that they hash the same bytes. The names are in it because a key alone would
 * not say whose it is, and each goes with its length, so that no name and fingerprint can be cut in another way. */
#include "app/peer/safety.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/message/name.h"
#include "crypto/pbkdf2.h"

#define ITERATIONS 100000
#define GROUP_BYTES 5
#define GROUP_MODULUS 100000
#define HALF_MAX (1 + NAME_MAX_LEN + CERTIFICATE_FINGERPRINT_LEN)

static const char label[] = "glasschat/1 safety";

/* <u8> name | fingerprint; returns its length. */
static size_t put_half(uint8_t *out, const char *name, const uint8_t *fingerprint)
{
    size_t len = strlen(name);
    assert(name_valid(name, len));
    out[0] = (uint8_t)len;
    memcpy(out + 1, name, len);
    memcpy(out + 1 + len, fingerprint, CERTIFICATE_FINGERPRINT_LEN);
    return 1 + len + CERTIFICATE_FINGERPRINT_LEN;
}

/* Five bytes as five digits. 2^40 is eleven million times the modulus, so no digit is favoured in a way that counts. */
static void print_group(char out[static SAFETY_GROUP_LEN], const uint8_t bytes[static GROUP_BYTES])
{
    char text[SAFETY_GROUP_LEN + 1];
    uint64_t group = (uint64_t)bytes[0] << 32 | bytes_load_be32(bytes + 1);
    snprintf(text, sizeof text, "%05" PRIu32, (uint32_t)(group % GROUP_MODULUS));
    memcpy(out, text, SAFETY_GROUP_LEN);
}

void safety_number(char out[static SAFETY_LEN], const char *name_a,
                   const uint8_t fingerprint_a[static CERTIFICATE_FINGERPRINT_LEN], const char *name_b,
                   const uint8_t fingerprint_b[static CERTIFICATE_FINGERPRINT_LEN])
{
    uint8_t p[2 * HALF_MAX], dk[SAFETY_GROUPS * GROUP_BYTES];
    int order = strcmp(name_a, name_b);
    assert(order != 0);
    size_t len = order < 0 ? put_half(p, name_a, fingerprint_a) : put_half(p, name_b, fingerprint_b);
    len += order < 0 ? put_half(p + len, name_b, fingerprint_b) : put_half(p + len, name_a, fingerprint_a);
    pbkdf2_derive(dk, sizeof dk, p, len, (const uint8_t *)label, sizeof label - 1, ITERATIONS);
    for (size_t i = 0; i < SAFETY_GROUPS; i++)
        print_group(out + i * SAFETY_GROUP_LEN, dk + i * GROUP_BYTES);
    out[SAFETY_LEN - 1] = '\0';
}

void safety_print(char out[static SAFETY_SHOWN_LEN], const char number[static SAFETY_LEN], size_t first, size_t count)
{
    assert(count >= 1 && count <= SAFETY_GROUPS && first <= SAFETY_GROUPS - count);
    for (size_t i = 0; i < count; i++) {
        memcpy(out, number + (first + i) * SAFETY_GROUP_LEN, SAFETY_GROUP_LEN);
        out += SAFETY_GROUP_LEN;
        *out++ = ' ';
    }
    out[-1] = '\0';
}

/* CAUTION: a comparison that ends where the shorter one ends would call a part of the number the number:
 *          tests/test_safety.c: test_a_part_is_a_mismatch */
bool safety_equal(const char number[static SAFETY_LEN], const char *typed)
{
    for (; *typed != '\0'; typed++) {
        if (strchr(" \t\r\n", *typed) != NULL)
            continue;
        if (*typed != *number)
            return false;
        number++;
    }
    return *number == '\0';
}
