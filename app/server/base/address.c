/* SPDX-License-Identifier: MIT */
/* A hash table with chains; an address is in it while it has a connection. */
#include "app/server/base/address.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"

struct address {
    struct address *next;
    uint32_t count;
    uint8_t key[SOCK_KEY_LEN];
};

/* As sock.h makes keys: no IPv6 network that anybody has begins with four zero bytes. */
bool address_is_ipv4(const uint8_t key[static SOCK_KEY_LEN])
{
    return bytes_load_be32(key) == 0;
}

void address_network(uint8_t network[static SOCK_KEY_LEN], const uint8_t key[static SOCK_KEY_LEN], unsigned level)
{
    assert(level < ADDRESS_LEVELS);
    size_t kept = SOCK_KEY_LEN - (address_is_ipv4(key) && level > 1 ? 1 : level);
    memcpy(network, key, kept);
    memset(network + kept, 0, SOCK_KEY_LEN - kept);
}

/* The link that points to this address, or the empty one at the end of its chain. */
static struct address **place(struct address_table *table, const uint8_t *key)
{
    uint64_t mixed = bytes_load_be64(key) * UINT64_C(0x9e3779b97f4a7c15); /* Knuth's multiplicative hashing */
    struct address **link = &table->buckets[mixed >> 32 & (ADDRESS_BUCKETS - 1)];
    while (*link != NULL && !ct_equal((*link)->key, key, SOCK_KEY_LEN))
        link = &(*link)->next;
    return link;
}

uint32_t address_count(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN])
{
    const struct address *found = *place(table, key);
    return found != NULL ? found->count : 0;
}

int address_add(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN])
{
    struct address **link = place(table, key);
    if (*link == NULL) {
        *link = calloc(1, sizeof **link);
        if (*link == NULL)
            return -1;
        memcpy((*link)->key, key, SOCK_KEY_LEN);
    }
    (*link)->count++;
    return 0;
}

void address_remove(struct address_table *table, const uint8_t key[static SOCK_KEY_LEN])
{
    struct address **link = place(table, key), *found = *link;
    assert(found != NULL);
    if (--found->count == 0) {
        *link = found->next;
        free(found);
    }
}

uint32_t address_networks_count(struct address_networks *n, const uint8_t key[static SOCK_KEY_LEN], unsigned level)
{
    uint8_t network[SOCK_KEY_LEN];
    address_network(network, key, level);
    return address_count(&n->level[level], network);
}

/* Takes the address out of the first so many levels. */
static void remove_levels(struct address_networks *n, const uint8_t *key, unsigned levels)
{
    uint8_t network[SOCK_KEY_LEN];
    for (unsigned level = 0; level < levels; level++) {
        address_network(network, key, level);
        address_remove(&n->level[level], network);
    }
}

int address_networks_add(struct address_networks *n, const uint8_t key[static SOCK_KEY_LEN],
                         const uint32_t *counts[ADDRESS_LEVELS])
{
    uint8_t network[SOCK_KEY_LEN];
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
        address_network(network, key, level);
        if (address_add(&n->level[level], network) != 0) {
            remove_levels(n, key, level);
            return -1;
        }
        if (counts != NULL)
            counts[level] = &(*place(&n->level[level], network))->count;
    }
    return 0;
}

void address_networks_remove(struct address_networks *n, const uint8_t key[static SOCK_KEY_LEN])
{
    remove_levels(n, key, ADDRESS_LEVELS);
}
