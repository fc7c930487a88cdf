/* SPDX-License-Identifier: MIT */
/* A private key under a password: EncryptedPrivateKeyInfo, which says how the password becomes a key, and what that key
 * encrypts.
 *
 *      SEQUENCE { SEQUENCE { id-PBES2, SEQUENCE {
 *                     SEQUENCE { id-PBKDF2, SEQUENCE { salt, iterations, [keyLength,] prf } },
 *                     SEQUENCE { aes-CBC, iv } } },
 *                 OCTET STRING { the encrypted PrivateKeyInfo } }
 *
 * Standard:    RFC 5958 section 3, RFC 8018 section 6.2 and appendix A. Read are PBKDF2 with HMAC over SHA-1, SHA-224,
 *              SHA-256, SHA-384 and SHA-512, and AES-CBC with 128, 192 and 256 bits; everything else is named. Written
 *              are HMAC-SHA-256 and AES-128.
 * Use it:      if (pbes2_read(&e, der) == PEM_OK)
 *                  int good = pbes2_decrypt(plain, &plain_len, &e, password, password_len) == 0;
 * Timing:      what is encrypted, and the password, are handled in constant time, its length and the result apart. What
 *              the file says of itself may leak.
 * Read next:   crypto/pem.h; crypto/pbkdf2.h and crypto/prf.h, how long a guess takes.
 */
#ifndef CRYPTO_PBES2_H
#define CRYPTO_PBES2_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/der.h"
#include "crypto/pem_result.h"

struct prf_hash;
struct rng;

#define PBES2_ITERATIONS_MAX 10000000 /* a file that asks for more is refused: it would only keep the reader busy */

/* What the file says. The slices point into it. */
struct pbes2 {
    struct der salt, iv, encrypted;
    uint32_t iterations;
    size_t key_len;
    const struct prf_hash *hash;
};

/* PEM_OK; PEM_MALFORMED; or in which other way it is encrypted: PEM_SCRYPT to PEM_ITERATIONS of
 * crypto/pem_result.h. */
enum pem_result pbes2_read(struct pbes2 *e, struct der in);

/* Decrypts into out, e->encrypted.len bytes, which the caller wipes; *out_len is how many are no padding. -1 where the
 * padding is wrong, as it is after nearly every wrong password; out has what came out all the same. */
MUST_USE int pbes2_decrypt(uint8_t *out, size_t *out_len, const struct pbes2 *e, const uint8_t *password,
                           size_t password_len);

/* Encrypts the plain_len bytes at plain, where 16 more must have room, and puts the whole structure in front of what w
 * holds. iterations is 1 to PBES2_ITERATIONS_MAX (asserted); salt and IV come from rng. */
void pbes2_write(struct der_writer *w, uint8_t *plain, size_t plain_len, const uint8_t *password, size_t password_len,
                 uint32_t iterations, struct rng *rng);

#endif
