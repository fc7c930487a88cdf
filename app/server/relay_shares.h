/* SPDX-License-Identifier: MIT */
/* Who sent how much of what waits for one slow reader: so that one sender can't use up what belongs to all of them.
 *
 * Use it:      relay.c alone. Where little waits nobody is counted: relay_shares_forget(&to->shares). Beyond that
 *              if (!relay_shares_take(&to->shares, from->user.name, len, share_max)) it is answered by try_later.
 * Timing:      names and lengths, which the server sees anyway.
 * Read next:   relay.c, for the two bounds.
 */
#ifndef APP_SERVER_RELAY_SHARES_H
#define APP_SERVER_RELAY_SHARES_H

#include <stdbool.h>
#include <stddef.h>

#define RELAY_SHARES 8 /* senders that have one, of a reader; there is none for a further one */

struct relay_shares;

/* Counts len bytes more of this sender, who has a share of share_max bytes: the one that goes beyond it is the last.
 * False where the share is used up, where there is none left, and where there is no memory. *shares is NULL at first,
 * and the caller's to forget. */
bool relay_shares_take(struct relay_shares **shares, const char *sender, size_t len, size_t share_max);

/* Frees them; *shares is NULL afterwards, and may have been. */
void relay_shares_forget(struct relay_shares **shares);

#endif
