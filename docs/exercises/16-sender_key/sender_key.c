/* SPDX-License-Identifier: MIT */
/* The sender key of a sealed room: a secret for each message, each the one-way image of the one before.
 *
 * Standard:    docs/protocol.md sections 9.3 and 9.6.
 * The contract of each function stands in app/peer/sender_key.h; docs/exercises/16-sender_key/README.md is its page. */
#include "app/peer/sender_key.h"

#include "crypto/ct.h"

void sender_key_draw(struct sender_key *k, const uint8_t room[static ROOM_LIST_ID_LEN],
                     const uint8_t list[static ROOM_LIST_HASH_LEN], struct rng *rng)
{
    /* TODO: every member, whatever was in memory */
    (void)k;
    (void)room;
    (void)list;
    (void)rng;
}

void sender_key_advance(struct sender_key *k)
{
    /* TODO: the next secret in the place of this one, and i; hkdf_expand may not write over what it reads */
    (void)k;
}

void sender_key_encode(uint8_t out[static SENDER_KEY_LEN], const struct sender_key *k)
{
    /* TODO: type | room | L | id | u32 i | secret, as the key stands */
    (void)out;
    (void)k;
}

int sender_key_decode(struct sender_key *k, const uint8_t *in, size_t in_len)
{
    /* TODO: is it one? Only then set anything */
    (void)k;
    (void)in;
    (void)in_len;
    return -1;
}

void sender_key_wipe(struct sender_key *k)
{
    /* TODO */
    (void)k;
}
