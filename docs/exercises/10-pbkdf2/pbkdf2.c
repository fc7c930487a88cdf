/* SPDX-License-Identifier: MIT */
/* PBKDF2-HMAC-SHA-256: a password becomes a key, slowly on purpose.
 *
 * Standard:    RFC 8018, section 5.2, whose names are used here: P, S, c, T, U.
 * The contract of the function stands in crypto/pbkdf2.h; docs/exercises/10-pbkdf2/README.md is its page. */
#include "crypto/pbkdf2.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/pbkdf2_impl.h"

/* T is U_1, as eight big-endian words: replaces it by U_1 ^ ... ^ U_c. */
static void chain(uint32_t T[8], const struct hmac_key *P, uint32_t c)
{
    /* TODO: U_2 = HMAC(P, U_1), and so on (hmac_message); wipe every U that you had */
    (void)T;
    (void)P;
    (void)c;
}

/* Block i of the output, F(P, S, c, i). */
static void F(uint8_t out[HMAC_TAG_LEN], const struct pbkdf2_impl *impl, const struct hmac_key *P, const uint8_t *S,
              size_t S_len, uint32_t c, uint32_t i)
{
    /* TODO: 1. U_1 = HMAC(P, S || INT(i))
     *       2. its eight words are T (bytes_load_be32); impl->chain(T, P, c) does the rest
     *       3. T as bytes is the block */
    (void)out;
    (void)impl;
    (void)P;
    (void)S;
    (void)S_len;
    (void)c;
    (void)i;
}

void pbkdf2_derive_with(const struct pbkdf2_impl *impl, uint8_t *out, size_t out_len, const uint8_t *password,
                        size_t password_len, const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    assert(iterations > 0 && out_len / HMAC_TAG_LEN < UINT32_MAX);
    /* TODO: the password is made an HMAC key once; then block after block, of the last one as much as is wanted */
    (void)F;
    (void)impl;
    (void)out;
    (void)password;
    (void)password_len;
    (void)salt;
    (void)salt_len;
}

/* --- Given: the one backend, which runs everywhere ---------------------------------------------------------------- */

static bool usable(void)
{
    return true;
}

const struct pbkdf2_impl pbkdf2_portable = {.name = "portable", .usable = usable, .chain = chain};

const struct pbkdf2_impl *const pbkdf2_impls[] = {&pbkdf2_portable, NULL};

void pbkdf2_derive(uint8_t *out, size_t out_len, const uint8_t *password, size_t password_len, const uint8_t *salt,
                   size_t salt_len, uint32_t iterations)
{
    pbkdf2_derive_with(&pbkdf2_portable, out, out_len, password, password_len, salt, salt_len, iterations);
}
