/* Failed logins by where they come from: the address, and the networks around it (address.h), so that who has a whole
 * network of IPv6 can't guess as many times as fast as it has addresses.
 *
 *      an address              as many for free as --free-tries-address says, then it waits (tally.h)
 *      an IPv6 /56             4 times as many
 *      an IPv6 /48, IPv4 /24   16 times as many
 *
 * An address that has used up its own is slow from then on: so it takes 4 that fail as much as they can to slow down a
 * /56, and 16 to slow down a /48 or a /24.
 *
 * Use it:      if ((wait = failures_wait(t, address, free, now)) > 0) come back in so many seconds
 *              failures_add(t, address, now);                         it failed
 * Timing:      nothing secret.
 * Read next:   attempt.c, which counts.
 */
#ifndef SERVER_FAILURES_H
#define SERVER_FAILURES_H

#include <stdint.h>

#include "app/server/tally.h"
#include "net/sock.h"

/* free: what the address alone has. As tally_wait, the longest wait of all. */
uint32_t failures_wait(const struct tally *t, const uint8_t address[static SOCK_KEY_LEN], uint32_t free, int64_t now);

void failures_add(struct tally *t, const uint8_t address[static SOCK_KEY_LEN], int64_t now);

#endif
