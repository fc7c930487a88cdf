/* SPDX-License-Identifier: MIT */
/* Keys in files: PEM around DER, as the openssl command and most other tools read and write them.
 *
 *      -----BEGIN PRIVATE KEY-----             PKCS#8 PrivateKeyInfo, plain
 *      -----BEGIN ENCRYPTED PRIVATE KEY-----   the same, encrypted under a password (PBES2: PBKDF2 with HMAC-SHA-256
 *                                              and AES-128-CBC; AES-256-CBC is read as well)
 *      -----BEGIN PUBLIC KEY-----              SubjectPublicKeyInfo
 *
 * Standard:    RFC 7468 (PEM), RFC 5958 (PKCS#8), RFC 8018 section 6.2 and appendix A (PBES2), RFC 5280 section 4.1.2.7
 *              and RFC 8017 appendix A.1 (the RSA key inside), X.690 (DER).
 * Use it:      pem_encode_private_encrypted(text, sizeof text, &key, password, password_len, 600000, &rng);
 *              switch (pem_decode_private(&key, text, strlen(text), password, password_len)) { case PEM_OK: ... }
 * Timing:      base64 and the padding under a password are handled in constant time. The shape of the file (lengths,
 *              which kind it is, whether the password was right) may leak.
 * Read next:   crypto/der.h, the few DER rules that this needs; crypto/pbkdf2.h.
 */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/rsa.h"

struct rng;

#define PEM_MAX_LEN 8192            /* the longest text written or read, the closing NUL apart */
#define PEM_ITERATIONS_MAX 10000000 /* a file that asks for more is malformed: it would only keep the reader busy */

enum pem_result { PEM_OK, PEM_MALFORMED, PEM_NEEDS_PASSWORD, PEM_WRONG_PASSWORD, PEM_NOT_RSA3072 };

/* Each writes a text with its closing NUL to out and returns 0; -1 where out_cap is too small (PEM_MAX_LEN + 1 is
 * always enough), and then out is untouched. What holds a plain private key is the caller's to wipe. */
MUST_USE int pem_encode_private(char *out, size_t out_cap, const struct rsa_private *key);
MUST_USE int pem_encode_public(char *out, size_t out_cap, const struct rsa_public *pub);

/* The same under a password of any bytes. iterations is 1 to PEM_ITERATIONS_MAX (asserted) and sets what one guess at
 * the password costs; salt and IV come from rng. */
MUST_USE int pem_encode_private_encrypted(char *out, size_t out_cap, const struct rsa_private *key,
                                          const uint8_t *password, size_t password_len, uint32_t iterations,
                                          struct rng *rng);

/* Reads a private key, plain or encrypted. Text before and after the PEM block is refused, whitespace apart, and so is
 * every DER encoding but the one right one. The key is set only at PEM_OK, after rsa_private_check.
 *      PEM_NEEDS_PASSWORD   encrypted, and password is NULL (for a plain key the password is not looked at)
 *      PEM_WRONG_PASSWORD   what comes out is no key; a damaged file can look the same
 *      PEM_NOT_RSA3072      a sound file with another kind or size of key, or another e
 *      PEM_MALFORMED        everything else */
MUST_USE enum pem_result pem_decode_private(struct rsa_private *key, const char *pem, size_t pem_len,
                                            const uint8_t *password, size_t password_len);
MUST_USE enum pem_result pem_decode_public(struct rsa_public *pub, const char *pem, size_t pem_len);

#endif
