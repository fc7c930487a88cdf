/* Each block of output is the xor of a chain: U_1 = HMAC(P, S || INT(i)), U_c = HMAC(P, U_{c-1}). The password is the key
 * of every HMAC, so its two blocks are hashed once for all (crypto/hmac.h): an iteration is two blocks of SHA-256, for
 * the defender and for who guesses. */
#include "crypto/pbkdf2.h"

#include <assert.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

/* F(P, S, c, i) of RFC 8018, 5.2, step 3. */
static void F(uint8_t T[HMAC_TAG_LEN], const struct hmac_key *P, const uint8_t *S, size_t S_len, uint32_t c, uint32_t i)
{
    uint8_t U[HMAC_TAG_LEN], INT[4];
    struct hmac h;
    bytes_store_be32(INT, i);
    hmac_init(&h, P);
    hmac_update(&h, S, S_len);
    hmac_update(&h, INT, sizeof INT);
    hmac_final(&h, U);
    memcpy(T, U, HMAC_TAG_LEN);
    while (--c > 0) {
        hmac_init(&h, P);
        hmac_update(&h, U, sizeof U);
        hmac_final(&h, U);
        bytes_xor(T, T, U, HMAC_TAG_LEN);
    }
    ct_wipe(U, sizeof U);
}

void pbkdf2_derive(uint8_t *out, size_t out_len, const uint8_t *password, size_t password_len, const uint8_t *salt,
                   size_t salt_len, uint32_t iterations)
{
    assert(iterations > 0 && out_len / HMAC_TAG_LEN < UINT32_MAX);
    struct hmac_key P;
    uint8_t T[HMAC_TAG_LEN];
    hmac_key_init(&P, password, password_len);
    for (uint32_t i = 1; out_len > 0; i++) {
        F(T, &P, salt, salt_len, iterations, i);
        size_t take = out_len < sizeof T ? out_len : sizeof T;
        memcpy(out, T, take);
        out += take;
        out_len -= take;
    }
    hmac_key_wipe(&P);
    ct_wipe(T, sizeof T);
}
