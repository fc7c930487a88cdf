/* SPDX-License-Identifier: MIT */
/* crypto/totp.c keeps its HMAC-SHA-1 to itself, so it is written out here once more, of crypto/sha1.h. At the end the
 * code must be crypto/totp.h's. */
#include "app/workbench/explain/explain_totp.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "crypto/totp.h"
#include "net/certificate.h"

#define B SHA1_BLOCK_LEN
#define P_LEN 4 /* bytes that truncation takes of HS */

/* --- The time ----------------------------------------------------------------------------------------------------- */

/* certificate_print_time stops at the year 9999, but the calendar comes round in 400 years: a time of any year reads as
 * the one in the first 400, with only another year before it. */
static void show_utc(FILE *to, uint64_t seconds)
{
    const uint64_t cycle = UINT64_C(146097) * 86400; /* the days in 400 years, in seconds */
    char text[CERTIFICATE_TIME_LEN];
    certificate_print_time(text, seconds % cycle);
    uint64_t year = strtoul(text, NULL, 10) + seconds / cycle * 400;
    show_text(to, "UTC time", "%04" PRIu64 "-%.5s %.8s", year, text + 5, text + 11);
}

static void show_step(FILE *to, uint8_t T[8], uint64_t now)
{
    bytes_store_be64(T, now / TOTP_PERIOD);
    show_heading(to, "The time step (4.2): T = (Time - T0) / X, rounded down");
    show_note(to, "T0 = 0, and X = %d seconds.", TOTP_PERIOD);
    show_text(to, "Time (sec)", "%" PRIu64, now);
    show_utc(to, now);
    show_text(to, "T", "%" PRIu64, now / TOTP_PERIOD);
    show_value(to, "T (hex)", T, 8);
    show_text(to, "Mode", "SHA1");
}

/* --- HMAC-SHA-1 --------------------------------------------------------------------------------------------------- */

static void make_K0(FILE *to, uint8_t K0[B], const uint8_t *key, size_t key_len)
{
    memset(K0, 0, B);
    show_value(to, "K", key, key_len);
    if (key_len > B) {
        sha1_digest(K0, key, key_len);
        show_note(to, "K is longer than a block of %d bytes: its digest takes its place.", B);
    } else if (key_len > 0) {
        memcpy(K0, key, key_len);
    }
    show_value(to, "K0", K0, B);
}

/* hash = H((K0 ^ pad) || data) */
static void hash_keyed(FILE *to, uint8_t hash[SHA1_DIGEST_LEN], const char *name, const uint8_t K0[B], uint8_t pad,
                       const uint8_t *data, size_t len)
{
    uint8_t block[B];
    struct sha1 sha1;
    for (size_t i = 0; i < B; i++)
        block[i] = K0[i] ^ pad;
    show_value(to, name, block, B);
    sha1_init(&sha1);
    sha1_update(&sha1, block, B);
    sha1_update(&sha1, data, len);
    sha1_final(&sha1, hash);
}

static void make_HS(FILE *to, uint8_t HS[SHA1_DIGEST_LEN], const uint8_t *key, size_t key_len, const uint8_t T[8])
{
    uint8_t K0[B], inner[SHA1_DIGEST_LEN];
    char feed[SHOW_FEED_LEN(8)], hex[2 * EXPLAIN_TOTP_KEY_MAX + 1];
    show_heading(to, "HS = HMAC-SHA-1(K, T) (RFC 4226, 5.3, step 1)");
    make_K0(to, K0, key, key_len);
    hash_keyed(to, inner, "K0 ^ ipad", K0, 0x36, T, 8);
    show_value(to, "inner hash", inner, sizeof inner);
    hash_keyed(to, HS, "K0 ^ opad", K0, 0x5c, inner, sizeof inner);
    show_value(to, "HS", HS, SHA1_DIGEST_LEN);
    hex_encode(hex, key, key_len);
    show_command(to, "%sopenssl mac -digest SHA1 -macopt hexkey:%s HMAC", show_feed(feed, T, 8), hex);
}

/* --- Truncation --------------------------------------------------------------------------------------------------- */

/* The bytes with their numbers above them; those that count are marked below. */
static void show_bytes(FILE *to, const uint8_t HS[SHA1_DIGEST_LEN], size_t offset)
{
    char numbers[3 * SHA1_DIGEST_LEN + 1], values[sizeof numbers], marks[sizeof numbers];
    memset(marks, ' ', sizeof marks);
    for (size_t i = 0; i < SHA1_DIGEST_LEN; i++) {
        snprintf(numbers + 3 * i, 4, "%02zu ", i);
        snprintf(values + 3 * i, 4, "%02x ", HS[i]);
    }
    memset(marks + 3 * offset, '*', 3 * P_LEN - 1);
    memset(marks + 3 * (SHA1_DIGEST_LEN - 1), '+', 2);
    numbers[3 * SHA1_DIGEST_LEN - 1] = values[3 * SHA1_DIGEST_LEN - 1] = marks[3 * SHA1_DIGEST_LEN - 1] = '\0';
    show_text(to, "byte number", "%s", numbers);
    show_text(to, "byte value", "%s", values);
    show_text(to, "", "%s", marks);
}

uint32_t explain_totp_truncate(FILE *to, const uint8_t HS[static SHA1_DIGEST_LEN], unsigned digits)
{
    size_t offset = HS[SHA1_DIGEST_LEN - 1] & 0xf;
    uint32_t P = bytes_load_be32(HS + offset), Snum = P & 0x7fffffff, power = 1;
    assert(digits >= 6 && digits <= 8);
    for (unsigned i = 0; i < digits; i++)
        power *= 10;
    show_heading(to, "Dynamic truncation (RFC 4226, 5.3, step 2), as in the example of 5.4");
    show_bytes(to, HS, offset);
    show_text(to, "Offset", "%zu, the low four bits of byte 19, %02x", offset, HS[SHA1_DIGEST_LEN - 1]);
    show_text(to, "P", "%08" PRIx32 ", the bytes %zu to %zu", P, offset, offset + P_LEN - 1);
    show_text(to, "Snum", "%08" PRIx32 " & 7fffffff = %08" PRIx32 " = %" PRIu32, P, Snum, Snum);
    show_heading(to, "The code (RFC 4226, 5.3, step 3): Snum mod 10^%u, in %u digits", digits, digits);
    show_text(to, "TOTP", "%0*" PRIu32, (int)digits, Snum % power);
    return Snum % power;
}

void explain_totp(FILE *to, const uint8_t *key, size_t key_len, uint64_t now, unsigned digits)
{
    uint8_t T[8], HS[SHA1_DIGEST_LEN];
    char hex[2 * EXPLAIN_TOTP_KEY_MAX + 1];
    assert(key_len <= EXPLAIN_TOTP_KEY_MAX);
    show_note(to, "TOTP (RFC 6238), laid out as its appendix B");
    show_step(to, T, now);
    make_HS(to, HS, key, key_len, T);
    uint32_t code = explain_totp_truncate(to, HS, digits);
    assert(code == totp_code(key, key_len, now / TOTP_PERIOD, digits));
    hex_encode(hex, key, key_len);
    show_heading(to, "The same by oathtool");
    show_command(to, "oathtool --totp=sha1 --digits=%u --now=@%" PRIu64 " '%s'", digits, now, hex);
}
