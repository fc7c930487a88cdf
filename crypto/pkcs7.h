/* SPDX-License-Identifier: MIT */
/* PKCS#7 padding: a message of any length becomes whole blocks of 16 bytes, and can be told from its padding again.
 *
 * Standard:    RFC 5652 section 6.3, with k = 16: n bytes of value n, n from 1 to 16.
 * Use it:      size_t len = pkcs7_pad(buf, text_len);
 *              cbc_encrypt(&key, iv, buf, buf, len / 16);
 *              ...
 *              cbc_decrypt(&key, iv, buf, buf, len / 16);
 *              if (pkcs7_unpad(&text_len, buf, len) != 0) ...
 * Timing:      depends on buf_len, and on whether the padding is right; not on how long it is nor on what is wrong.
 *              Telling a sender, by any sign, that its padding is wrong gives the plaintext away (Vaudenay, 2002):
 *              check a tag first (crypto/etm.h).
 * Read next:   crypto/pkcs7.c; docs/walkthrough, the chapter on PKCS#7, for the attack.
 */
#ifndef CRYPTO_PKCS7_H
#define CRYPTO_PKCS7_H

#include "crypto/bytes.h"

/* The length after padding: the next multiple of 16 above len, so 1 to 16 more. */
size_t pkcs7_padded_len(size_t len);

/* Writes the padding after the len bytes at buf, which has room for pkcs7_padded_len(len); returns that length. */
size_t pkcs7_pad(uint8_t *buf, size_t len);

/* Finds the length of the message in buf, without its padding. Returns -1, *len untouched, where buf_len is 0 or not a
 * multiple of 16 or the padding is not n bytes of value n. A message may have length 0. */
MUST_USE int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len);

#endif
