/* SPDX-License-Identifier: MIT */
/* The chain of HMACs, each with what goes into it; at the end PRK and OKM must be crypto/hkdf.h's. */
#include "app/workbench/explain/explain_hkdf.h"

#include <assert.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

#define HASH_LEN HMAC_TAG_LEN

/* 2.2 */
static void extract(FILE *to, uint8_t prk[HASH_LEN], const uint8_t *salt, size_t salt_len, const uint8_t *ikm,
                    size_t ikm_len)
{
    static const uint8_t zeros[HASH_LEN];
    uint8_t right[HASH_LEN];
    show_heading(to, "Extract (2.2): PRK = HMAC-Hash(salt, IKM), with the salt as the key");
    if (salt_len == 0) {
        show_note(to, "Without a salt it is %d zeros.", HASH_LEN);
        hmac_tag(prk, zeros, sizeof zeros, ikm, ikm_len);
    } else {
        hmac_tag(prk, salt, salt_len, ikm, ikm_len);
    }
    hkdf_extract(right, salt, salt_len, ikm, ikm_len);
    assert(memcmp(prk, right, sizeof right) == 0);
    show_value(to, "PRK", prk, HASH_LEN);
}

/* T(i), of what it is made of: T has T(i-1), and has T(i) afterwards. */
static void next_T(FILE *to, uint8_t T[HASH_LEN], const uint8_t prk[HASH_LEN], const uint8_t *info, size_t info_len,
                   size_t i)
{
    uint8_t input[HASH_LEN + HKDF_INFO_MAX + 1];
    size_t len = i == 1 ? 0 : HASH_LEN; /* T(0) is empty */
    char name[24];
    memcpy(input, T, len);
    if (info_len > 0)
        memcpy(input + len, info, info_len);
    len += info_len;
    input[len++] = (uint8_t)i;
    hmac_tag(T, prk, HASH_LEN, input, len);
    show_value(to, "input", input, len);
    snprintf(name, sizeof name, "T(%zu)", i);
    show_value(to, name, T, HASH_LEN);
}

/* 2.3 */
static void expand(FILE *to, uint8_t *okm, size_t okm_len, const uint8_t prk[HASH_LEN], const uint8_t *info,
                   size_t info_len)
{
    uint8_t T[HASH_LEN], right[HKDF_OKM_MAX];
    size_t N = (okm_len + HASH_LEN - 1) / HASH_LEN;
    show_heading(to, "Expand (2.3): T(i) = HMAC-Hash(PRK, T(i-1) | info | i), for i = 1 to %zu", N);
    show_note(to, "T(0) is empty, and N = %zu blocks of HashLen = %d bytes are enough for L = %zu.", N, HASH_LEN,
              okm_len);
    for (size_t i = 1; i <= N; i++) {
        size_t at = HASH_LEN * (i - 1), left = okm_len - at;
        next_T(to, T, prk, info, info_len, i);
        memcpy(okm + at, T, left < HASH_LEN ? left : HASH_LEN);
    }
    hkdf_expand(right, okm_len, prk, info, info_len);
    assert(memcmp(okm, right, okm_len) == 0);
}

static void show_openssl(FILE *to, const uint8_t *ikm, size_t ikm_len, const uint8_t *salt, size_t salt_len,
                         const uint8_t *info, size_t info_len, size_t okm_len)
{
    char ikm_hex[2 * EXPLAIN_HKDF_INPUT_MAX + 1], salt_hex[sizeof ikm_hex], info_hex[2 * HKDF_INFO_MAX + 1];
    hex_encode(ikm_hex, ikm, ikm_len);
    hex_encode(salt_hex, salt, salt_len);
    hex_encode(info_hex, info, info_len);
    show_heading(to, "The same by OpenSSL");
    show_command(
        to,
        "openssl kdf -keylen %zu -kdfopt digest:SHA256 -kdfopt hexkey:%s -kdfopt hexsalt:%s -kdfopt hexinfo:%s "
        "HKDF",
        okm_len, ikm_hex, salt_hex, info_hex);
}

void explain_hkdf(FILE *to, const uint8_t *ikm, size_t ikm_len, const uint8_t *salt, size_t salt_len,
                  const uint8_t *info, size_t info_len, size_t okm_len)
{
    uint8_t prk[HASH_LEN], okm[HKDF_OKM_MAX];
    assert(ikm_len <= EXPLAIN_HKDF_INPUT_MAX && salt_len <= EXPLAIN_HKDF_INPUT_MAX);
    assert(info_len <= HKDF_INFO_MAX && okm_len <= HKDF_OKM_MAX);
    show_note(to, "HKDF (RFC 5869), laid out as its appendix A");
    show_heading(to, "What goes in");
    show_text(to, "Hash", "SHA-256");
    show_value(to, "IKM", ikm, ikm_len);
    show_value(to, "salt", salt, salt_len);
    show_value(to, "info", info, info_len);
    show_text(to, "L", "%zu", okm_len);
    extract(to, prk, salt, salt_len, ikm, ikm_len);
    expand(to, okm, okm_len, prk, info, info_len);
    show_heading(to, "OKM: the first L bytes of T(1) | T(2) | ...");
    show_value(to, "OKM", okm, okm_len);
    show_openssl(to, ikm, ikm_len, salt, salt_len, info, info_len, okm_len);
}

void explain_hkdf_expand(FILE *to, const uint8_t prk[static HKDF_PRK_LEN], const uint8_t *info, size_t info_len,
                         size_t okm_len)
{
    uint8_t okm[HKDF_OKM_MAX];
    char prk_hex[2 * HKDF_PRK_LEN + 1], info_hex[2 * HKDF_INFO_MAX + 1];
    assert(info_len <= HKDF_INFO_MAX && okm_len <= HKDF_OKM_MAX);
    show_note(to, "HKDF-Expand (RFC 5869, 2.3), of a key that was extracted before");
    show_heading(to, "What goes in");
    show_text(to, "Hash", "SHA-256");
    show_value(to, "PRK", prk, HKDF_PRK_LEN);
    show_value(to, "info", info, info_len);
    show_text(to, "L", "%zu", okm_len);
    expand(to, okm, okm_len, prk, info, info_len);
    show_heading(to, "OKM: the first L bytes of T(1) | T(2) | ...");
    show_value(to, "OKM", okm, okm_len);
    hex_encode(prk_hex, prk, HKDF_PRK_LEN);
    hex_encode(info_hex, info, info_len);
    show_heading(to, "The same by OpenSSL");
    show_command(to,
                 "openssl kdf -keylen %zu -kdfopt digest:SHA256 -kdfopt mode:EXPAND_ONLY -kdfopt hexkey:%s "
                 "-kdfopt hexinfo:%s HKDF",
                 okm_len, prk_hex, info_hex);
}
