/* SPDX-License-Identifier: MIT */
/* Who has not logged in yet, or is being said good-bye, and who of them gives way where there is room for no more.
 * Anybody can open connections and be slow, so the places are not kept by who came first: whoever comes gets one, and
 * the one who gives way is
 *
 *      first      one of the address with the most, counting the networks around it too (address.h)
 *      of these   the one who has said the least: enum stranger_said
 *      of these   the oldest
 *
 * So a flood from few addresses takes its own places, whatever it says or does not say: an honest newcomer, of whose
 * address there are few, is the last to give way. Only who has as many addresses, in as many networks, as there are
 * places can be in everybody's way.
 *
 * Use it:      strangers_add(&all, &client->stranger, key);      client->stranger.said = STRANGER_HELLO;
 *              while (all.len >= max && (s = strangers_weakest(&all, NULL, 0)) != NULL)   end it; strangers_remove(s)
 * Timing:      nothing secret.
 * Read next:   client.c, which keeps two of these: all, and those whose handshake is not finished.
 */
#ifndef SERVER_STRANGERS_H
#define SERVER_STRANGERS_H

#include <stddef.h>
#include <stdint.h>

#include "app/server/address.h"
#include "crypto/bytes.h"

enum stranger_said {
    STRANGER_NOTHING,  /* no whole ClientHello; or all that there was to say */
    STRANGER_HELLO,    /* one that is in order */
    STRANGER_FINISHED, /* all of a handshake */
    STRANGER_TRIES     /* a login or a registration, of which a worker has something */
};

struct strangers;

/* Zeroed: in no crowd. */
struct stranger {
    struct stranger *previous, *next;
    struct strangers *in; /* NULL: in none */
    enum stranger_said said;
    const uint32_t *counts[ADDRESS_LEVELS]; /* of its address and of the networks around it */
    uint8_t key[SOCK_KEY_LEN];
};

/* Zeroed: nobody. Must stay where it is while anybody is in it. */
struct strangers {
    struct stranger *first, *last; /* the oldest first */
    uint32_t len;
    struct address_networks networks;
};

/* -1: no memory. */
MUST_USE int strangers_add(struct strangers *all, struct stranger *s, const uint8_t key[static SOCK_KEY_LEN]);

/* Does nothing where s is in none. */
void strangers_remove(struct stranger *s);

/* Who gives way: of all, or where key is not NULL of those in the network of this level around it. NULL: nobody is
 * there. Looks at each once. */
struct stranger *strangers_weakest(const struct strangers *all, const uint8_t *key, unsigned level);

#endif
