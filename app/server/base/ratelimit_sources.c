/* SPDX-License-Identifier: MIT */
/* An address counts at each of its levels, itself first: all are added to, and the strictest decides. From level to
 * level the limit is four times as high. */
#include "app/server/base/ratelimit_sources.h"

#include "app/server/base/address.h"

/* The address itself has the key that version 1.0 had for it, so that what was counted before still counts. */
static struct ratelimit_key key_of(const struct ratelimit *t, enum ratelimit_kind kind, const uint8_t *address,
                                   unsigned level)
{
    uint8_t network[SOCK_KEY_LEN + 1];
    address_network(network, address, level);
    network[SOCK_KEY_LEN] = (uint8_t)level;
    return ratelimit_key(t, kind, network, level == 0 ? SOCK_KEY_LEN : sizeof network);
}

/* IPv4 has only one network, the /24, which would otherwise be held to the limit of a /56. */
static bool counts(const uint8_t *address, unsigned level)
{
    return level != 1 || !address_is_ipv4(address);
}

uint32_t ratelimit_sources_wait(const struct ratelimit *t, const uint8_t address[static SOCK_KEY_LEN], uint32_t free,
                                int64_t now)
{
    uint32_t longest = 0;
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
        struct ratelimit_key key = key_of(t, RATELIMIT_ADDRESSES, address, level);
        uint32_t wait = counts(address, level) ? ratelimit_wait(t, &key, free << 2 * level, now) : 0;
        longest = wait > longest ? wait : longest;
    }
    return longest;
}

bool ratelimit_sources_reached(const struct ratelimit *t, enum ratelimit_kind kind,
                               const uint8_t address[static SOCK_KEY_LEN], uint32_t most, int64_t now)
{
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
        struct ratelimit_key key = key_of(t, kind, address, level);
        if (counts(address, level) && ratelimit_count(t, &key, now) >= most << 2 * level)
            return true;
    }
    return false;
}

void ratelimit_sources_add(struct ratelimit *t, enum ratelimit_kind kind, const uint8_t address[static SOCK_KEY_LEN],
                           int64_t now)
{
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
        struct ratelimit_key key = key_of(t, kind, address, level);
        if (counts(address, level))
            ratelimit_add(t, &key, now);
    }
}
