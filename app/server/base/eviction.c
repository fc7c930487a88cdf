/* SPDX-License-Identifier: MIT */
/* A list in order of arrival, and beside it the counts of each address and network. */
#include "app/server/base/eviction.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

int eviction_add(struct eviction_list *all, struct eviction_entry *s, const uint8_t key[static SOCK_KEY_LEN])
{
    assert(s->in == NULL);
    if (address_networks_add(&all->networks, key, s->counts) != 0)
        return -1;
    memcpy(s->key, key, sizeof s->key);
    s->in = all;
    s->said = EVICTION_NOTHING;
    s->next = NULL;
    s->previous = all->last;
    *(all->last != NULL ? &all->last->next : &all->first) = s;
    all->last = s;
    all->len++;
    return 0;
}

void eviction_remove(struct eviction_entry *s)
{
    struct eviction_list *all = s->in;
    if (all == NULL)
        return;
    *(s->previous != NULL ? &s->previous->next : &all->first) = s->next;
    *(s->next != NULL ? &s->next->previous : &all->last) = s->previous;
    s->in = NULL;
    all->len--;
    address_networks_remove(&all->networks, s->key);
}

/* How many in the list come from the same address and networks. Each of an address counts 4, of its /56 another 2, and
 * of its /48 another 1: with a sum nobody is safe by spreading over one of them, nor guilty by having a flood next
 * door. With IPv4 the /24 stands for both networks (address.h), and counts 3: so one that is alone in its network
 * weighs 7 in either, and neither gives way to the other. */
static uint64_t weight(const struct eviction_entry *s)
{
    uint64_t sum = 0;
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++)
        sum += (uint64_t)*s->counts[level] << (ADDRESS_LEVELS - 1 - level);
    return sum;
}

static bool is_inside(const struct eviction_entry *s, const uint8_t *network, unsigned level)
{
    uint8_t own[SOCK_KEY_LEN];
    if (network == NULL)
        return true;
    address_network(own, s->key, level);
    return memcmp(own, network, sizeof own) == 0;
}

struct eviction_entry *eviction_weakest(const struct eviction_list *all, const uint8_t *key, unsigned level)
{
    uint8_t network[SOCK_KEY_LEN];
    struct eviction_entry *weakest = NULL;
    uint64_t most = 0;
    if (key != NULL)
        address_network(network, key, level);
    for (struct eviction_entry *s = all->first; s != NULL; s = s->next) {
        uint64_t has = weight(s);
        if (has < most || (has == most && weakest != NULL && s->said >= weakest->said))
            continue;
        if (!is_inside(s, key != NULL ? network : NULL, level))
            continue;
        weakest = s;
        most = has;
    }
    return weakest;
}
