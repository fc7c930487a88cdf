/* SPDX-License-Identifier: MIT */
/* Records: sealed messages in one direction, under one secret. A session has two of these; a room has one a sender.
 *
 *      0        4        20                 20+16k      52+16k
 *      +--------+--------+------------------+-----------+
 *      | frame  | iv     | ciphertext       | tag       |
 *      | header | [16]   | [16k], k >= 1    | [32]      |
 *      +--------+--------+------------------+-----------+
 *
 *      plaintext  = u8 content type || payload, at most 16,384 bytes || PKCS#7 padding to 16
 *      ciphertext = AES-CBC(enc_key, iv, plaintext)
 *      tag        = HMAC-SHA-256(mac_key, u64 sequence || frame header || iv || ciphertext)
 *
 * Standard:    docs/protocol.md sections 5 and 6; encrypt-then-MAC as RFC 7366 argues for it; CBC: SP 800-38A section
 *              6.2.
 * Use it:      struct record r;
 *              record_init(&r, SUITE_AES128, secret, NULL);
 *              record_seal(&r, &rng, frame, sizeof frame, &frame_len, CONTENT_APPLICATION, text, text_len);
 *              ... the other side, with a struct record of its own under the same secret ...
 *              record_open(&r, frame, frame_len, &type, &payload, &payload_len);
 *              record_wipe(&r);
 * Timing:      the lengths and the content type are not hidden from whoever watches the processor; keys, plaintext and
 *              tag are. The tag is compared in constant time, and decryption happens only after it matched, so the
 *              padding can't be used as an oracle (Vaudenay 2002, Lucky Thirteen 2013): every failure is the same
 *              NET_ERR_RECORD.
 * Read next:   crypto/etm.h, which does the work; net/session.h, which uses two of these.
 */
#ifndef NET_RECORD_H
#define NET_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/etm.h"
#include "crypto/rng.h"
#include "net/err.h"
#include "net/frame.h"
#include "net/trace.h"

/* The ciphers to choose from; the MAC is HMAC-SHA-256 in both. */
enum suite { SUITE_AES128 = 1, SUITE_AES256 = 2 };

enum content_type {
    CONTENT_CLOSE = 0,
    CONTENT_APPLICATION = 1,
    CONTENT_KEY_UPDATE = 2,
    CONTENT_FINISHED = 3,
    CONTENT_STEP = 4 /* of a call: net/ratchet.h */
};

#define RECORD_SECRET_LEN 32
#define RECORD_PAYLOAD_MAX 16384
#define RECORD_FRAME_MIN (FRAME_HEADER_LEN + 16 + 16 + 32) /* the shortest Record, header included: an empty payload */
#define RECORD_RECORDS_MAX (UINT32_C(1) << 20)             /* under one key, the KeyUpdate that ends it included */
#define RECORD_BYTES_MAX (UINT32_C(1) << 30)               /* padded plaintext under one key */

struct record {
    enum suite suite;
    enum net_err failed; /* the first failure, returned for ever after; NET_OK while the keys are good */
    uint64_t sequence;   /* of the next Record; goes on across KeyUpdates and never wraps */
    uint32_t records;    /* how many went under the present keys */
    uint32_t bytes;      /* how many bytes of padded plaintext went under the present keys */
    bool steps;          /* CONTENT_STEP may come; false after record_init */
    const struct trace *trace;
    uint8_t secret[RECORD_SECRET_LEN];
    struct etm_key key;
};

/* True for the number of a suite that exists here. */
bool suite_exists(int suite);

/* Derives the keys of one direction from its secret. trace may be NULL and is kept. */
void record_init(struct record *r, enum suite suite, const uint8_t secret[static RECORD_SECRET_LEN],
                 const struct trace *trace);

/* The length of the whole frame, header included, of a Record with so much payload. */
size_t record_frame_len(size_t payload_len);

/* Seals a payload of at most RECORD_PAYLOAD_MAX bytes (asserted, as is the room: frame_cap >= record_frame_len) into a
 * whole frame under a fresh random IV. payload may be NULL when it is empty; it may not overlap frame.
 * NET_ERR_LIMIT where the keys have been used up: call record_update in time (record_update_due says when). */
enum net_err record_seal(struct record *r, struct rng *rng, uint8_t *frame, size_t frame_cap, size_t *frame_len,
                         enum content_type type, const uint8_t *payload, size_t payload_len);

#define RECORD_MANY_MAX 16

/* One of the directions in which the same payload goes. */
struct record_one {
    struct record *r; /* another one in each */
    uint8_t *frame;   /* room for the frame; overlaps no other */
    size_t frame_cap;
    size_t frame_len; /* out: the frame's length, where err is NET_OK */
    enum net_err err; /* out: as record_seal returns it */
};

/* Seals one payload in n directions (0 to RECORD_MANY_MAX; asserted): for each what record_seal does, and several times
 * as fast for all of them together, where the processor can (crypto/etm_many.h). What one of them fails at does not
 * matter to the others. */
void record_seal_many(struct record_one one[], size_t n, struct rng *rng, enum content_type type,
                      const uint8_t *payload, size_t payload_len);

/* Opens a whole frame of type 3, as frame_next found it, in place: *payload points into frame. The outputs are set, and
 * a byte of plaintext is written, only when all is well. After any failure the keys are wiped and every later call
 * returns the same error. */
enum net_err record_open(struct record *r, uint8_t *frame, size_t frame_len, enum content_type *type, uint8_t **payload,
                         size_t *payload_len);

/* True where a sender must send a KeyUpdate before it seals this much payload, so that the KeyUpdate, sealed under the
 * old keys, is still within the limits. */
bool record_update_due(const struct record *r, size_t payload_len);

/* Goes on to the next keys: the sender after it sealed a KeyUpdate, the receiver after it opened one. The old secret
 * and keys are wiped; the sequence number goes on. */
void record_update(struct record *r);

/* Forgets the keys; err (not NET_OK) is what every later seal or open returns. */
void record_fail(struct record *r, enum net_err err);

void record_wipe(struct record *r);

#endif
