/* SPDX-License-Identifier: MIT */
/* PEM: base64 between two lines that say what it is, among whatever else stands in a file.
 *
 *      subject=somebody                        text, which says nothing here
 *      -----BEGIN PUBLIC KEY-----              the label
 *      MIIBojANBgkqhkiG9w0BAQEFAAOCAY8A...     base64
 *      -----END PUBLIC KEY-----                the same label
 *
 * Standard:    RFC 7468. What is written is its strict form (section 3, figure 3), lines of 64 characters; what is read
 *              its lax one (figure 2): white space anywhere in the base64, text before, between and after. Lines may
 *              end in LF, CR LF or CR, and a byte order mark may stand at the beginning.
 * Use it:      struct pem_text t = {text, len};  struct pem_block b;
 *              while ((found = pem_text_next(&t, &b)) > 0)
 *                  if (pem_block_is(&b, "PUBLIC KEY") && pem_block_decode(der, &der_len, &b) == 0) ...
 * Timing:      where white space and dashes stand may leak, and what is no base64 at all; the characters of base64 do
 *              not.
 * Read next:   crypto/pem.h, which blocks are read; crypto/base64.h.
 */
#ifndef CRYPTO_PEM_TEXT_H
#define CRYPTO_PEM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

#define PEM_BLOCK_MAX_CHARS 16384 /* of base64 in a block: RSA keys of up to 16,384 bits */
#define PEM_BLOCK_MAX_LEN (PEM_BLOCK_MAX_CHARS / 4 * 3)

/* What is still to be read. Borrowed. */
struct pem_text {
    const char *text;
    size_t len;
};

/* A block: its label, and what stands between its two lines. Both point into the text. */
struct pem_block {
    const char *label, *body;
    size_t label_len, body_len;
};

/* Takes the next block: 1. 0 where there is none left; -1 where one begins and is damaged. */
MUST_USE int pem_text_next(struct pem_text *t, struct pem_block *b);

bool pem_block_is(const struct pem_block *b, const char *label);

/* Whether its body begins so, as the lines above the base64 do in old files: with something that no base64 of DER
 * begins with, of which each begins with an M. */
bool pem_block_begins(const struct pem_block *b, const char *with);

/* The bytes of a block, at most PEM_BLOCK_MAX_LEN; out is written over while they are decoded, and the caller's to wipe
 * even where it fails. -1: no base64, or too much of it. */
MUST_USE int pem_block_decode(uint8_t out[static PEM_BLOCK_MAX_CHARS], size_t *out_len, const struct pem_block *b);

/* Writes one block with its closing NUL; -1 where out_cap is too small, and then out is untouched. */
MUST_USE int pem_text_write(char *out, size_t out_cap, const char *label, const uint8_t *bytes, size_t bytes_len);

#endif
