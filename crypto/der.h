/* SPDX-License-Identifier: MIT */
/* DER: nested values, each a tag, a length and that many bytes, with exactly one right way to write anything.
 *
 *      02 03 01 00 01       INTEGER of 3 bytes, 65537         lengths up to 127 are one byte, longer ones are 81 xx or
 *      30 82 01 22 ...      SEQUENCE, 290 bytes of values     82 xx xx, whichever is the shortest
 *
 * Standard:    X.690 sections 8.1, 8.3, 8.6, 8.7, 8.9 and 10. Only what RSA keys need, and at most 65,535 bytes.
 * Use it:      reading takes values off the front of a slice, each call one:
 *                  struct der in = {bytes, len}, sequence, n;
 *                  if (der_take(&in, DER_SEQUENCE, &sequence) != 0 || !der_end(&in)) ...
 *                  if (der_integer(&sequence, &n) != 0) ...
 *              writing goes from the back to the front, because a length stands before what it counts:
 *                  struct der_writer w = der_writer(buf, sizeof buf);
 *                  size_t end = w.len;  der_put_integer(&w, e, 3);  der_put_integer(&w, n, 384);
 *                  der_put_header(&w, DER_SEQUENCE, w.len - end);     the bytes are the last w.len of buf
 * Timing:      tags and lengths may leak, and with them how many leading zero bytes an INTEGER has. The bytes do not.
 * Read next:   crypto/pem.c, which reads and writes keys with it.
 */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

enum der_tag {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_CONTEXT_1 = 0x81,    /* [1] IMPLICIT of what isn't made of values */
    DER_CONTEXT_0_OF = 0xa0, /* [0] IMPLICIT of what is */
};

/* Bytes that are still to be read. Borrowed. */
struct der {
    const uint8_t *data;
    size_t len;
};

/* Takes the value in front, which must have that tag, and sets *content to what is inside. -1 where the tag is another,
 * the length is not the shortest way to write it or goes past the end; and then in and content are untouched. */
MUST_USE int der_take(struct der *in, enum der_tag tag, struct der *content);

/* Whether the value in front has that tag; false where there is none. */
bool der_next_is(const struct der *in, enum der_tag tag);

/* Takes an INTEGER that is not negative and sets *value to its bytes without leading zeros; none at all for 0. -1 as
 * above, or where the integer is negative or longer than it need be. */
MUST_USE int der_integer(struct der *in, struct der *value);

/* The same for one below 2^32. */
MUST_USE int der_small(struct der *in, uint32_t *value);

/* Takes exactly these bytes; -1 where others stand there. */
MUST_USE int der_expect(struct der *in, const uint8_t *bytes, size_t bytes_len);

/* 1 where nothing is left. */
bool der_end(const struct der *in);

/* Writes a value's bytes to out, with zeros in front to make out_len; -1 where it is longer. */
MUST_USE int der_number(uint8_t *out, size_t out_len, const struct der *value);

struct der_writer {
    uint8_t *end; /* one past the buffer */
    size_t cap;
    size_t len; /* bytes written so far: the last ones of the buffer */
};

struct der_writer der_writer(uint8_t *buf, size_t cap);

/* Each puts something in front of what was written so far. The buffer must be large enough (asserted): what is written
 * here has a size known beforehand. der_put_integer takes big-endian bytes, at least one, leading zeros or not. */
void der_put(struct der_writer *w, const uint8_t *bytes, size_t bytes_len);
void der_put_integer(struct der_writer *w, const uint8_t *value, size_t value_len);
void der_put_header(struct der_writer *w, enum der_tag tag, size_t content_len);

#endif
