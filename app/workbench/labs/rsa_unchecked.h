/* SPDX-License-Identifier: MIT */
/* RSA signatures by the Chinese remainder theorem that leave without being looked at. Only the workbench links it.
 *
 *      EM, 384 bytes: 00 || SHA-256(H || 0) || SHA-256(H || 1) || ..., with H = SHA-256(message) and the numbers in 4
 *      bytes; the last digest is cut off. signature = EM^d mod n
 *
 * Standard:    RFC 8017 section 5.1.2 step 2b (CRT) and B.2.1 (MGF1); the encoding is the "full domain hash" of Bellare
 *              and Rogaway (1996), in which a message has only one signature, as with PKCS #1 v1.5.
 * Use it:      lab_rsa_sign(sig, &key, msg, msg_len);
 *              if (lab_rsa_verify(&pub, msg, msg_len, sig) != 0) refuse
 * Timing:      as crypto/rsa.h but for the blinding, which is missing.
 * Read next:   crypto/rsa.c: private_operation, which looks; docs/labs/rsa-fault.md.
 */
#ifndef APP_WORKBENCH_LABS_RSA_UNCHECKED_H
#define APP_WORKBENCH_LABS_RSA_UNCHECKED_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/rsa.h"

/* What is signed for a message: a number below n. */
void lab_rsa_encode(uint8_t em[static RSA_MODULUS_LEN], const void *msg, size_t msg_len);

void lab_rsa_sign(uint8_t sig[static RSA_SIGNATURE_LEN], const struct rsa_private *key, const void *msg,
                  size_t msg_len);

/* r = sig^e mod n. */
void lab_rsa_open(uint8_t r[static RSA_MODULUS_LEN], const struct rsa_public *pub,
                  const uint8_t sig[static RSA_SIGNATURE_LEN]);

/* 0 or -1. The modulus must pass rsa_public_check. */
MUST_USE int lab_rsa_verify(const struct rsa_public *pub, const void *msg, size_t msg_len,
                            const uint8_t sig[static RSA_SIGNATURE_LEN]);

#endif
