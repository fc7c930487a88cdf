/* SPDX-License-Identifier: MIT */
/* Each block T_i is the xor of a chain of HMACs U_1 to U_c. Its first links are shown, with what they come to so far,
 * and its last; at the end the key must be crypto/pbkdf2.h's. */
#include "app/workbench/explain/explain_pbkdf2.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "app/workbench/explain/show.h"
#include "crypto/bytes.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"

#define H_LEN HMAC_TAG_LEN
#define SHOWN 3 /* links at the chain's beginning */

static void show_link(FILE *to, const char *name, uint32_t i, const uint8_t *data, size_t len)
{
    char text[SHOW_NAME_WIDTH];
    snprintf(text, sizeof text, name, i);
    show_value(to, text, data, len);
}

/* U_1 = PRF(P, S || INT(i)), which is where T_i begins. */
static void begin_chain(FILE *to, uint8_t U[H_LEN], const struct hmac_key *P, const uint8_t *salt, size_t salt_len,
                        uint32_t i)
{
    uint8_t input[EXPLAIN_PBKDF2_MAX + 4];
    if (salt_len > 0)
        memcpy(input, salt, salt_len);
    bytes_store_be32(input + salt_len, i);
    hmac_message(U, P, input, salt_len + 4);
    show_link(to, "S||INT(%" PRIu32 ")", i, input, salt_len + 4);
    show_value(to, "U_1", U, H_LEN);
}

/* The rest of the chain: U_j = PRF(P, U_j-1), and T becomes T_i. j is wider than c, which may be the greatest of its
 * type. */
static void go_on(FILE *to, uint8_t T[H_LEN], uint8_t U[H_LEN], const struct hmac_key *P, uint32_t c)
{
    for (uint64_t j = 2; j <= c; j++) {
        hmac_message(U, P, U, H_LEN);
        bytes_xor(T, T, U, H_LEN);
        if (j == c && c > SHOWN) {
            show_value(to, "U_c", U, H_LEN);
        } else if (j <= SHOWN) {
            show_link(to, "U_%" PRIu32, (uint32_t)j, U, H_LEN);
            if (j < c)
                show_value(to, "xor so far", T, H_LEN);
            if (j == SHOWN && c == SHOWN + 2)
                show_text(to, "...", "U_%d likewise", SHOWN + 1);
            else if (j == SHOWN && c > SHOWN + 2)
                show_text(to, "...", "U_%d to U_%" PRIu32 " likewise", SHOWN + 1, c - 1);
        }
    }
}

/* T_i = F(P, S, c, i) */
static void make_T(FILE *to, uint8_t T[H_LEN], const struct hmac_key *P, const uint8_t *salt, size_t salt_len,
                   uint32_t c, uint32_t i)
{
    uint8_t U[H_LEN];
    show_heading(to, "T_%" PRIu32 " = U_1 ^ U_2 ^ ... ^ U_c", i);
    begin_chain(to, U, P, salt, salt_len, i);
    memcpy(T, U, H_LEN);
    go_on(to, T, U, P, c);
    show_link(to, "T_%" PRIu32, i, T, H_LEN);
}

static void show_openssl(FILE *to, const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len,
                         uint32_t c, size_t dk_len)
{
    char password_hex[2 * EXPLAIN_PBKDF2_MAX + 1], salt_hex[sizeof password_hex];
    hex_encode(password_hex, password, password_len);
    hex_encode(salt_hex, salt, salt_len);
    show_heading(to, "The same by OpenSSL");
    show_command(
        to,
        "openssl kdf -keylen %zu -kdfopt digest:SHA256 -kdfopt hexpass:%s -kdfopt hexsalt:%s -kdfopt iter:%" PRIu32
        " PBKDF2",
        dk_len, password_hex, salt_hex, c);
}

/* Steps 2 to 4: the blocks T_1, T_2, ..., as many bytes of them as asked for. */
static void make_DK(FILE *to, uint8_t *DK, size_t dk_len, const struct hmac_key *P, const uint8_t *salt,
                    size_t salt_len, uint32_t c)
{
    uint8_t T[H_LEN];
    for (size_t at = 0; at < dk_len; at += H_LEN) {
        make_T(to, T, P, salt, salt_len, c, (uint32_t)(at / H_LEN) + 1);
        memcpy(DK + at, T, dk_len - at < H_LEN ? dk_len - at : H_LEN);
    }
}

void explain_pbkdf2(FILE *to, const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len,
                    uint32_t c, size_t dk_len)
{
    uint8_t DK[EXPLAIN_PBKDF2_MAX], right[EXPLAIN_PBKDF2_MAX];
    struct hmac_key P;
    assert(password_len <= EXPLAIN_PBKDF2_MAX && salt_len <= EXPLAIN_PBKDF2_MAX);
    assert(dk_len >= 1 && dk_len <= EXPLAIN_PBKDF2_MAX && c >= 1);
    show_note(to, "PBKDF2 (RFC 8018, 5.2), where PRF(P, x) is HMAC-SHA-256 of x with the password as its key");
    show_heading(to, "What goes in");
    show_value(to, "P, password", password, password_len);
    show_value(to, "S, salt", salt, salt_len);
    show_text(to, "c", "%" PRIu32 " iterations", c);
    show_text(to, "dkLen", "%zu bytes", dk_len);
    show_text(to, "l", "%zu block%s of hLen = %d bytes", (dk_len + H_LEN - 1) / H_LEN, dk_len > H_LEN ? "s" : "",
              H_LEN);
    show_note(to, "U_1 = PRF(P, S || INT(i)), the block's number i in 4 bytes; then U_j = PRF(P, U_j-1).");
    hmac_key_init(&P, password, password_len);
    make_DK(to, DK, dk_len, &P, salt, salt_len, c);
    hmac_key_wipe(&P);
    pbkdf2_derive(right, dk_len, password, password_len, salt, salt_len, c);
    assert(memcmp(DK, right, dk_len) == 0);
    show_heading(to, "DK: the first dkLen bytes of T_1 || T_2 || ...");
    show_value(to, "DK", DK, dk_len);
    show_openssl(to, password, password_len, salt, salt_len, c, dk_len);
}
