/* SPDX-License-Identifier: MIT */
/* The list of a sealed room: who is in it, by name and key, signed by who founded it. It is whole each time, and names
 * the one before it.
 *
 *      "glasschat/1 room list" 0x00 | [16] room | <u8> name of the room | u32 n | [32] L_(n-1) | u8 count |
 *      count times: <u8> name | [32] fingerprint                        | [384] signature, over all before it
 *
 *      L_n = SHA-256(all before the signature)                          L_(n-1): zeros for n = 0
 *
 * The founder is first, the others follow by name. A list of nobody closes the room.
 *
 * Standard:    docs/protocol.md section 9.
 * Use it:      the founder   struct room_list l = {.name = "+ring", .n = 0, .count = 1, .members = {{"alice", ...}}};
 *                            if (room_list_sign(&l, &key, &rng) != 0) this machine computes wrongly: send nothing;
 *                            l.bytes, l.len is what is kept and sent
 *              a member      if (room_list_decode(&l, bytes, len) != 0 || room_list_verify(&l, &founder) != 0) refuse
 *                            whether it may follow the list that is known is for the caller: l.room, l.n, l.before
 *                            if (room_list_has(&l, peer, fingerprint)) ...
 * Timing:      nothing here is secret but the key that signs (crypto/rsa.h).
 * Read next:   room_list.c; sender_key.h and sealed.h, which name a list by its L.
 */
#ifndef APP_PEER_ROOM_LIST_H
#define APP_PEER_ROOM_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"
#include "crypto/rsa.h"
#include "crypto/sha256.h"
#include "net/certificate.h"

#define ROOM_LIST_ID_LEN 16
#define ROOM_LIST_HASH_LEN SHA256_DIGEST_LEN
#define ROOM_LIST_MEMBERS_MAX 32
#define ROOM_LIST_LABEL "glasschat/1 room list" /* its zero byte follows */

/* Whole, with its signature. */
#define ROOM_LIST_MAX_LEN                                                                                              \
    (sizeof ROOM_LIST_LABEL + ROOM_LIST_ID_LEN + 1 + NAME_MAX_LEN + 4 + ROOM_LIST_HASH_LEN + 1 +                       \
     ROOM_LIST_MEMBERS_MAX * (1 + NAME_MAX_LEN + CERTIFICATE_FINGERPRINT_LEN) + RSA_SIGNATURE_LEN)

struct room_list_member {
    char name[NAME_MAX_LEN + 1];
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
};

struct room_list {
    uint8_t room[ROOM_LIST_ID_LEN];
    char name[NAME_MAX_LEN + 1]; /* of the room, with its + */
    uint32_t n;
    uint8_t before[ROOM_LIST_HASH_LEN];                     /* L_(n-1); zeros for n = 0, and only then */
    size_t count;                                           /* 0: the room is closed; never for n = 0 */
    struct room_list_member members[ROOM_LIST_MEMBERS_MAX]; /* the founder first, the others ascending by name */
    uint8_t hash[ROOM_LIST_HASH_LEN];                       /* L_n: set by decode and by sign */
    uint8_t bytes[ROOM_LIST_MAX_LEN]; /* as signed, with the signature: set by decode and by sign */
    size_t len;
};

/* Signs: sets bytes, len and hash from the other fields, which must be as the struct says, with valid names (asserted).
 * -1: this machine computes wrongly, and nothing is set. One private RSA operation. */
MUST_USE int room_list_sign(struct room_list *l, const struct rsa_private *key, struct rng *rng);

/* Reads exactly in_len bytes. -1, with nothing set, where they are no list: another label, a name that is none, members
 * out of order or twice, more than ROOM_LIST_MEMBERS_MAX, none in the first list, a first list that names one before
 * it, a later one that names none, bytes left over. The signature is not looked at. in may be l->bytes. */
MUST_USE int room_list_decode(struct room_list *l, const uint8_t *in, size_t in_len);

/* After decode or sign. 0 where it is signed by that key, and where the first on it, if there is one, has that key;
 * else -1. One public RSA operation. */
MUST_USE int room_list_verify(const struct room_list *l, const struct rsa_public *founder);

/* NULL: not on it. */
const struct room_list_member *room_list_find(const struct room_list *l, const char *name);

/* Whether that name is on it, and with that key. */
bool room_list_has(const struct room_list *l, const char *name,
                   const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);

/* Whether they have the same L. */
bool room_list_same(const struct room_list *a, const struct room_list *b);

#endif
