/* SPDX-License-Identifier: MIT */
/* How many connections each address has. An address is what sock.h counts as one: an IPv4 address, an IPv6 network.
 *
 * Use it:      if (address_networks_count(&n, peer.key, 0) >= max) refuse, else address_networks_add;
 *              address_networks_remove when it has gone
 * Timing:      nothing secret.
 * Read next:   reactor.c, which accepts.
 */
#ifndef APP_SERVER_BASE_ADDRESS_H
#define APP_SERVER_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/sock.h"

#define ADDRESS_BUCKETS 1024

/* Somebody with one address can often have its neighbours for nothing: with IPv6, a home has a /56 and a site a /48. So
 * strangers are counted by the networks around them too, level 0 being the address itself:
 *
 *      level   IPv6    IPv4
 *      0       /64     /32
 *      1       /56     /24
 *      2       /48     /24 */
#define ADDRESS_LEVELS 3

bool address_is_ipv4(const uint8_t key[static SOCK_KEY_LEN]);

/* The network of this level that has the address: the key with what tells its members apart set to 0. Networks of
 * different levels can have the same bytes, so each level is counted in a table of its own. */
void address_network(uint8_t network[static SOCK_KEY_LEN], const uint8_t key[static SOCK_KEY_LEN], unsigned level);

struct address;

/* Zeroed: empty. */
struct address_table {
    struct address *buckets[ADDRESS_BUCKETS];
};

/* One table, of which struct address_networks has one a level; by itself for tests. */
uint32_t address_count(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN]);

/* -1: no memory. */
MUST_USE int address_add(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN]);

/* Of an address that was added; once for each time. */
void address_remove(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN]);

/* The same for an address and the networks around it at once. Zeroed: empty. */
struct address_networks {
    struct address_table level[ADDRESS_LEVELS];
};

/* Of the network of this level around the address. */
uint32_t address_networks_count(struct address_networks *n, const uint8_t key[static SOCK_KEY_LEN], unsigned level);

/* Where counts is not NULL, each is where its level's count can be read until what was added is removed. -1: no memory,
 * and nothing was added. */
MUST_USE int address_networks_add(struct address_networks *n, const uint8_t key[static SOCK_KEY_LEN],
                                  const uint32_t *counts[ADDRESS_LEVELS]);

void address_networks_remove(struct address_networks *n, const uint8_t key[static SOCK_KEY_LEN]);

#endif
