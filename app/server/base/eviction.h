/* SPDX-License-Identifier: MIT */
/* Clients that have not logged in yet, or are being said good-bye to, and which of them gives way where there is no
 * room for one more. Anybody can open connections and be slow, so a place does not belong to the client that came
 * first: each newcomer gets one, and the client that gives way is
 *
 *      first      one of the address with the most, counting the networks around it too (address.h)
 *      of these   the one that has said the least: enum eviction_said
 *      of these   the oldest
 *
 * So a flood from few addresses takes its own places, whatever it says or does not say: an honest newcomer, whose
 * address has few others, is the last to give way. Only an attacker with as many addresses, in as many networks, as
 * there are places can keep everybody out.
 *
 * Use it:      eviction_add(&all, &client->stranger, key);      client->stranger.said = EVICTION_HELLO;
 *              while (all.len >= max && (s = eviction_weakest(&all, NULL, 0)) != NULL)   end it; eviction_remove(s)
 * Timing:      nothing secret.
 * Read next:   client.c, which keeps two of these: all, and those whose handshake is not finished.
 */
#ifndef APP_SERVER_BASE_EVICTION_H
#define APP_SERVER_BASE_EVICTION_H

#include <stddef.h>
#include <stdint.h>

#include "app/server/base/address.h"
#include "crypto/bytes.h"

enum eviction_said {
    EVICTION_NOTHING,  /* no whole ClientHello yet; or has nothing more to say */
    EVICTION_HELLO,    /* a valid ClientHello */
    EVICTION_FINISHED, /* the whole handshake */
    EVICTION_TRIES     /* a login or a registration, which a worker is busy with */
};

struct eviction_list;

/* Zeroed: in no list. */
struct eviction_entry {
    struct eviction_entry *previous, *next;
    struct eviction_list *in; /* NULL: in none */
    enum eviction_said said;
    const uint32_t *counts[ADDRESS_LEVELS]; /* of its address and of the networks around it */
    uint8_t key[SOCK_KEY_LEN];
};

/* Zeroed: nobody. Must not be moved while anybody is in it. */
struct eviction_list {
    struct eviction_entry *first, *last; /* the oldest first */
    uint32_t len;
    struct address_networks networks;
};

/* -1: no memory. */
MUST_USE int eviction_add(struct eviction_list *all, struct eviction_entry *s, const uint8_t key[static SOCK_KEY_LEN]);

/* Does nothing where s is in none. */
void eviction_remove(struct eviction_entry *s);

/* The one that gives way: of all, or where key is not NULL, of those in the network of this level around it. NULL:
 * nobody is there. Looks at each once. */
struct eviction_entry *eviction_weakest(const struct eviction_list *all, const uint8_t *key, unsigned level);

#endif
