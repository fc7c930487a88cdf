/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman keys as PEM texts, so that the openssl command can be asked what an exchange leads to.
 *
 *      -----BEGIN PRIVATE KEY-----   PKCS#8:               0, { dhKeyAgreement, { p, g } }, x
 *      -----BEGIN PUBLIC KEY-----    SubjectPublicKeyInfo: { dhKeyAgreement, { p, g } }, y
 *
 * Standard:    RFC 7468 (PEM), RFC 5958 (PKCS#8), RFC 5280 section 4.1.2.7 (SubjectPublicKeyInfo), PKCS #3 section 9
 *              (dhKeyAgreement and its DHParameter), X.690 (DER).
 * Use it:      char key[DH_PEM_CAP], peer[DH_PEM_CAP];
 *              dh_pem_private(key, sizeof key, g, x, g->x_len);  dh_pem_public(peer, sizeof peer, g, y, g->p_len);
 *              openssl pkeyutl -derive -inkey KEY -peerkey PEER -pkeyopt dh_pad:1        Z, its leading zeros kept
 * Timing:      for exponents that are shown anyway: how many leading zeros x has can be seen in the text's length. What
 *              was on the stack is wiped; the text is the caller's.
 * Read next:   crypto/der.h; crypto/pem.h, the same for RSA keys, which this project keeps in files.
 */
#ifndef APP_DISSECT_DH_PEM_H
#define APP_DISSECT_DH_PEM_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/dh_group.h"

#define DH_PEM_CAP 2048 /* bytes that are enough for either text in any group, the closing NUL included */

/* Writes the text, with its closing NUL, and returns its length without it; 0 where cap is too small, and then out is
 * untouched. x has at most g->x_len bytes and y at most g->p_len, at least one each (asserted), big-endian. What y is
 * isn't looked at: a value that a check refuses can be shown to others too. */
size_t dh_pem_private(char *out, size_t cap, const struct dh_group *g, const uint8_t *x, size_t x_len);
size_t dh_pem_public(char *out, size_t cap, const struct dh_group *g, const uint8_t *y, size_t y_len);

#endif
