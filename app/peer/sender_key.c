/* SPDX-License-Identifier: MIT */
/* A chain of secrets, each the one-way image of the one before: from secret_i all later ones follow, and no earlier
 * one. So a key that is handed over late, or stolen, opens nothing that was said before. What comes after it is open
 * until its owner draws another. */
#include "app/peer/sender_key.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"

/* HKDF's info strings have no zero byte at their end: sizeof - 1. */
static const char update_info[] = "glasschat/1 update";

#define ROOM_AT 1
#define LIST_AT (ROOM_AT + ROOM_LIST_ID_LEN)
#define ID_AT (LIST_AT + ROOM_LIST_HASH_LEN)
#define I_AT (ID_AT + SENDER_KEY_ID_LEN)
#define SECRET_AT (I_AT + 4)

void sender_key_draw(struct sender_key *k, const uint8_t room[static ROOM_LIST_ID_LEN],
                     const uint8_t list[static ROOM_LIST_HASH_LEN], struct rng *rng)
{
    memcpy(k->room, room, sizeof k->room);
    memcpy(k->list, list, sizeof k->list);
    k->i = 0;
    rng_key(rng, k->id, sizeof k->id);
    rng_key(rng, k->secret, sizeof k->secret);
}

void sender_key_advance(struct sender_key *k)
{
    uint8_t next[SENDER_KEY_SECRET_LEN];
    assert(k->i < SENDER_KEY_MESSAGES);
    hkdf_expand(next, sizeof next, k->secret, update_info, sizeof update_info - 1);
    memcpy(k->secret, next, sizeof next);
    k->i++;
    ct_wipe(next, sizeof next);
}

void sender_key_encode(uint8_t out[static SENDER_KEY_LEN], const struct sender_key *k)
{
    assert(k->i < SENDER_KEY_MESSAGES);
    out[0] = SENDER_KEY_TYPE;
    memcpy(out + ROOM_AT, k->room, sizeof k->room);
    memcpy(out + LIST_AT, k->list, sizeof k->list);
    memcpy(out + ID_AT, k->id, sizeof k->id);
    bytes_store_be32(out + I_AT, k->i);
    memcpy(out + SECRET_AT, k->secret, sizeof k->secret);
}

int sender_key_decode(struct sender_key *k, const uint8_t *in, size_t in_len)
{
    if (in_len != SENDER_KEY_LEN || in[0] != SENDER_KEY_TYPE || bytes_load_be32(in + I_AT) >= SENDER_KEY_MESSAGES)
        return -1;
    memcpy(k->room, in + ROOM_AT, sizeof k->room);
    memcpy(k->list, in + LIST_AT, sizeof k->list);
    memcpy(k->id, in + ID_AT, sizeof k->id);
    k->i = bytes_load_be32(in + I_AT);
    memcpy(k->secret, in + SECRET_AT, sizeof k->secret);
    return 0;
}

void sender_key_wipe(struct sender_key *k)
{
    ct_wipe(k, sizeof *k);
}
