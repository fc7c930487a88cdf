/* SPDX-License-Identifier: MIT */
/* Where failed logins and registrations come from: the address, and the networks around it (address.h), so that having
 * a whole IPv6 network doesn't let anybody guess, or make accounts, faster with each of its addresses.
 *
 *      an address              as many as --free-tries-address, or --max-registrations, says
 *      an IPv6 /56             4 times as many
 *      an IPv6 /48, IPv4 /24   16 times as many
 *
 * After that many failures there is a wait (ratelimit.h); after that many registrations there are no more in the
 * hour. An address that has used up its own tries is slow from then on: so it takes 4 that do as much as they can to
 * slow down a /56, and 16 to slow down a /48 or a /24.
 *
 * Use it:      wait = ratelimit_sources_wait(t, address, free, now);           0, or try again in so many seconds
 *              if (ratelimit_sources_reached(t, RATELIMIT_REGISTRATIONS, address, most, now))   as many as may be
 *                  ...
 *              ratelimit_sources_add(t, RATELIMIT_ADDRESSES, address, now);                     one more
 * Timing:      nothing secret.
 * Read next:   auth.c and login.c, which count.
 */
#ifndef APP_SERVER_BASE_RATELIMIT_SOURCES_H
#define APP_SERVER_BASE_RATELIMIT_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "app/server/base/ratelimit.h"
#include "net/sock.h"

/* Of failed logins. free: what the address alone has. As ratelimit_wait, the longest wait of all. */
uint32_t ratelimit_sources_wait(const struct ratelimit *t, const uint8_t address[static SOCK_KEY_LEN], uint32_t free,
                                int64_t now);

/* Whether the address has as many as most, or a network around it as many as it may have. */
bool ratelimit_sources_reached(const struct ratelimit *t, enum ratelimit_kind kind,
                               const uint8_t address[static SOCK_KEY_LEN], uint32_t most, int64_t now);

void ratelimit_sources_add(struct ratelimit *t, enum ratelimit_kind kind, const uint8_t address[static SOCK_KEY_LEN],
                           int64_t now);

#endif
