/* SPDX-License-Identifier: MIT */
/* Keys in files: PEM around DER, as the openssl command and most other tools read and write them.
 *
 *      -----BEGIN PRIVATE KEY-----             PKCS#8 PrivateKeyInfo, plain, with attributes and the public key or not
 *      -----BEGIN ENCRYPTED PRIVATE KEY-----   the same, encrypted under a password (crypto/pbes2.h)
 *      -----BEGIN RSA PRIVATE KEY-----         PKCS#1, what stands inside of PKCS#8; it is read, and not written
 *      -----BEGIN PUBLIC KEY-----              SubjectPublicKeyInfo
 *      -----BEGIN RSA PUBLIC KEY-----          PKCS#1; it is read, and not written
 *
 * Standard:    RFC 7468 (PEM), RFC 5958 (PKCS#8, OneAsymmetricKey), RFC 8018 (PBES2), RFC 5280 section 4.1.2.7 and RFC
 *              8017 appendix A.1 (the RSA key inside), X.690 (DER).
 * Use it:      pem_encode_private_encrypted(text, sizeof text, &key, password, password_len, 600000, &rng);
 *              enum pem_result result = pem_decode_private(&key, text, strlen(text), password, password_len);
 *              if (result != PEM_OK) ... pem_result_words(result)
 * Timing:      base64 and the padding under a password are handled in constant time. The shape of the file (lengths,
 *              which kind it is, whether the password was right) may leak.
 * Read next:   crypto/pem_text.h, the text; crypto/der.h, the few DER rules that this needs; crypto/pbes2.h.
 */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/pbes2.h"
#include "crypto/pem_result.h"
#include "crypto/rsa.h"

struct rng;

#define PEM_MAX_LEN 8192       /* the longest text written, the closing NUL apart */
#define PEM_FILE_MAX_LEN 32768 /* the longest file read: other tools put words around a key */
#define PEM_ITERATIONS_MAX PBES2_ITERATIONS_MAX

/* Each writes a text with its closing NUL to out and returns 0; -1 where out_cap is too small (PEM_MAX_LEN + 1 is
 * always enough), and then out is untouched. What holds a plain private key is the caller's to wipe. */
MUST_USE int pem_encode_private(char *out, size_t out_cap, const struct rsa_private *key);
MUST_USE int pem_encode_public(char *out, size_t out_cap, const struct rsa_public *pub);

/* The same under a password of any bytes. iterations is 1 to PEM_ITERATIONS_MAX (asserted) and sets what one guess at
 * the password costs; salt and IV come from rng. */
MUST_USE int pem_encode_private_encrypted(char *out, size_t out_cap, const struct rsa_private *key,
                                          const uint8_t *password, size_t password_len, uint32_t iterations,
                                          struct rng *rng);

/* Reads the one private key, plain or encrypted, that a file holds among whatever else; or the one public key. The text
 * around it is free, the DER inside is not: every encoding but the one right one is refused. The key is set only at
 * PEM_OK, after rsa_private_check or rsa_public_check. For a plain key the password is not looked at; NULL is none.
 * A sound key that can't be used is named, as far as its soundness shows: an RSA key of any size is multiplied out. */
MUST_USE enum pem_result pem_decode_private(struct rsa_private *key, const char *pem, size_t pem_len,
                                            const uint8_t *password, size_t password_len);
MUST_USE enum pem_result pem_decode_public(struct rsa_public *pub, const char *pem, size_t pem_len);

#endif
