/* SPDX-License-Identifier: MIT */
/* A sender key of a sealed room: the secret under which one member's next message is sealed, drawn by that member for
 * one list, and handed to each of the others inside a call.
 *
 *      u8 3 | [16] room | [32] L | [16] key id | u32 i | [32] secret_i
 *
 *      secret_(i+1) = HKDF-Expand(secret_i, "glasschat/1 update", 32)
 *
 * It is handed over as it stands: whoever gets secret_i opens message i and those after it, and none before.
 *
 * Standard:    docs/protocol.md section 9.
 * Use it:      sender_key_draw(&k, list.room, list.hash, &rng);
 *              sender_key_encode(payload, &k), inside a call, to each member; sealed_seal; sender_key_advance(&k);
 *              at the other end   if (sender_key_decode(&k, payload, len) != 0) refuse; then sealed_open
 *              sender_key_wipe(&k);
 * Timing:      the secret: as crypto/hkdf.h. All else is told with each message.
 * Read next:   sealed.h, what is sealed under one; room_list.h, what L is.
 */
#ifndef APP_PEER_SENDER_KEY_H
#define APP_PEER_SENDER_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "app/peer/room_list.h"
#include "crypto/bytes.h"
#include "crypto/hkdf.h"
#include "crypto/rng.h"

#define SENDER_KEY_ID_LEN 16
#define SENDER_KEY_SECRET_LEN HKDF_PRK_LEN
#define SENDER_KEY_MESSAGES 100 /* i is at most 99 */
#define SENDER_KEY_TYPE 3       /* of what is inside a call: docs/protocol.md section 8.6 */
#define SENDER_KEY_LEN (1 + ROOM_LIST_ID_LEN + ROOM_LIST_HASH_LEN + SENDER_KEY_ID_LEN + 4 + SENDER_KEY_SECRET_LEN)

struct sender_key {
    uint8_t room[ROOM_LIST_ID_LEN];
    uint8_t list[ROOM_LIST_HASH_LEN]; /* its L */
    uint8_t id[SENDER_KEY_ID_LEN];
    uint32_t i;                            /* of the next message; SENDER_KEY_MESSAGES: there is none any more */
    uint8_t secret[SENDER_KEY_SECRET_LEN]; /* secret_i */
};

/* A fresh one: i is 0, id and secret_0 are drawn, in this order. */
void sender_key_draw(struct sender_key *k, const uint8_t room[static ROOM_LIST_ID_LEN],
                     const uint8_t list[static ROOM_LIST_HASH_LEN], struct rng *rng);

/* Goes on to the next message's secret; this one's is gone then. i is below SENDER_KEY_MESSAGES before (asserted). */
void sender_key_advance(struct sender_key *k);

/* With its first byte, SENDER_KEY_TYPE. i is below SENDER_KEY_MESSAGES (asserted): one that is used up opens
 * nothing. */
void sender_key_encode(uint8_t out[static SENDER_KEY_LEN], const struct sender_key *k);

/* What sender_key_encode writes. -1, with nothing set, for another length or first byte, or for an i above 99. Whether
 * the room, the list and the sender are the right ones is for the caller. */
MUST_USE int sender_key_decode(struct sender_key *k, const uint8_t *in, size_t in_len);

void sender_key_wipe(struct sender_key *k);

#endif
