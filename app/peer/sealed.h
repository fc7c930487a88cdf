/* SPDX-License-Identifier: MIT */
/* One message of a sealed room: what its sender signed, sealed under that sender's key, so that the server can pass it
 * on to all of the room and read nothing.
 *
 *      outside   [16] room | [32] L | [16] key id | u32 i | [16] iv | [16k] ciphertext | [32] tag
 *      inside    [32] prev | [32] seen | <u16> text | [384] signature, and PKCS#7 padding
 *
 *      tag       = HMAC(mac_key, "glasschat/1 room record" 0x00 | <u8> sender | room | L | key id | u32 i | iv |
 *                                ciphertext)
 *      signature over "glasschat/1 room message" 0x00 | room | L | <u8> sender | key id | u32 i | prev | seen |
 *                     <u16> text
 *      prev, seen: SHA-256 of what the sender, and another whom it read last, signed before; zeros: nothing
 *
 * The tag shows that somebody with the sender key sealed it, and that is every member; the signature, which of them.
 *
 * Standard:    docs/protocol.md section 9; enc_key and mac_key of secret_i: section 5.1, suite 1.
 * Use it:      the sender    sealed_statement_sign(&s, &key, &rng);  sealed_seal(out, sizeof out, &len, &s, &k, &rng);
 *                            sender_key_advance(&k);
 *              a receiver    if (sealed_head(&head, bytes, len) != 0) refuse; find the sender's key by head.key_id
 *                            if (sealed_open(&s, &k, bytes, len, sender, &k, &public) != 0) refuse; show s.text
 *                            sealed_statement_hash(line, &s): what the next prev and seen must be
 * Timing:      as crypto/etm.h; i, lengths and texts as app/message/text.h. Every failure is the same -1.
 * Read next:   sealed.c; sender_key.h, whose secrets these are; room_list.h, who may send.
 */
#ifndef APP_PEER_SEALED_H
#define APP_PEER_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"
#include "app/message/text.h"
#include "app/peer/room_list.h"
#include "app/peer/sender_key.h"
#include "crypto/aes.h"
#include "crypto/bytes.h"
#include "crypto/etm.h"
#include "crypto/rng.h"
#include "crypto/rsa.h"
#include "crypto/sha256.h"

#define SEALED_HEAD_LEN (ROOM_LIST_ID_LEN + ROOM_LIST_HASH_LEN + SENDER_KEY_ID_LEN + 4)
#define SEALED_OVERHEAD (SEALED_HEAD_LEN + AES_BLOCK_LEN + ETM_TAG_LEN) /* beside the ciphertext */
#define SEALED_INSIDE_LEN(text_len) (2 * SHA256_DIGEST_LEN + 2 + (text_len) + RSA_SIGNATURE_LEN)
#define SEALED_LEN(text_len) (SEALED_OVERHEAD + (SEALED_INSIDE_LEN(text_len) / AES_BLOCK_LEN + 1) * AES_BLOCK_LEN)
#define SEALED_MIN SEALED_LEN(1)
#define SEALED_MAX SEALED_LEN(TEXT_MAX_LEN)
#define SEALED_MESSAGE_LABEL "glasschat/1 room message" /* its zero byte follows */
#define SEALED_STATEMENT_MAX                                                                                           \
    (sizeof SEALED_MESSAGE_LABEL + SEALED_HEAD_LEN + 1 + NAME_MAX_LEN + SEALED_INSIDE_LEN(TEXT_MAX_LEN))

/* What its sender signed: also for a transcript, which has no keys any more. */
struct sealed_statement {
    uint8_t room[ROOM_LIST_ID_LEN];
    uint8_t list[ROOM_LIST_HASH_LEN]; /* its L */
    char sender[NAME_MAX_LEN + 1];
    uint8_t key_id[SENDER_KEY_ID_LEN];
    uint32_t i;
    uint8_t prev[SHA256_DIGEST_LEN];
    uint8_t seen[SHA256_DIGEST_LEN];
    uint8_t text[TEXT_MAX_LEN];
    size_t text_len;
    uint8_t signature[RSA_SIGNATURE_LEN];
};

/* SHA-256 of what is signed, label included and without the signature: what prev and seen name. The sender is a name,
 * text_len at most TEXT_MAX_LEN (asserted, here and in the next three). */
void sealed_statement_hash(uint8_t out[static SHA256_DIGEST_LEN], const struct sealed_statement *s);

/* Sets the signature. -1: this machine computes wrongly, and nothing is set. One private RSA operation. */
MUST_USE int sealed_statement_sign(struct sealed_statement *s, const struct rsa_private *key, struct rng *rng);

/* 0 where the signature is that key's over this statement, else -1. Neither the text nor i is judged. */
MUST_USE int sealed_statement_verify(const struct sealed_statement *s, const struct rsa_public *key);

/* What is signed, then the signature, for whoever keeps a statement: returns the length. */
size_t sealed_statement_encode(uint8_t out[static SEALED_STATEMENT_MAX], const struct sealed_statement *s);

/* Reads exactly in_len bytes of that. -1, with nothing set, for another label, a sender that is no name, a text of more
 * than TEXT_MAX_LEN bytes, bytes left over. Neither the text nor i nor the signature is judged. */
MUST_USE int sealed_statement_decode(struct sealed_statement *s, const uint8_t *in, size_t in_len);

/* Seals a signed statement under k as it stands: room, list, key id and i are the statement's, i is below
 * SENDER_KEY_MESSAGES, the text is one (asserted). The caller advances k then, whatever becomes of the message: a
 * secret seals once. -1, with nothing written, where cap is less than SEALED_LEN(s->text_len). */
MUST_USE int sealed_seal(uint8_t *out, size_t cap, size_t *len, const struct sealed_statement *s,
                         const struct sender_key *k, struct rng *rng);

/* What stands outside, and anybody can read and have written. */
struct sealed_head {
    uint8_t room[ROOM_LIST_ID_LEN];
    uint8_t list[ROOM_LIST_HASH_LEN];
    uint8_t key_id[SENDER_KEY_ID_LEN];
    uint32_t i; /* any number */
};

/* -1, with nothing set, where the length is none that a message can have: SEALED_MIN to SEALED_MAX, whole blocks. */
MUST_USE int sealed_head(struct sealed_head *h, const uint8_t *in, size_t in_len);

/* Opens what is said to be sender's (a valid name: asserted) with k, that sender's key. In this order: the lengths;
 * room, list and key id are k's, and k->i <= i <= 99; the tag, under k's secret advanced to i; the padding; the fields;
 * the signature, by the sender's own key; the text (app/message/text.h). 0: *s is set, and *next, which may be k
 * itself, is the key for i + 1. -1: neither is set, and what was decrypted is wiped. */
MUST_USE int sealed_open(struct sealed_statement *s, struct sender_key *next, const uint8_t *in, size_t in_len,
                         const char *sender, const struct sender_key *k, const struct rsa_public *key);

#endif
