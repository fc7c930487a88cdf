/* SPDX-License-Identifier: MIT */
/* Counts of what strangers did, each for an hour from its first: failed logins of an account from an address, failed
 * logins of an address, registrations from an address. From a count comes how long to wait before the next try.
 *
 * Standard:    NIST SP 800-63B section 5.2.2 (rate limiting).
 * Use it:      struct ratelimit_key key = ratelimit_key(t, RATELIMIT_ADDRESSES, address, address_len);
 *              if ((wait = ratelimit_wait(t, &key, 3, now)) > 0)    try again in so many seconds
 *              ratelimit_add(t, &key, now);                        it failed
 *              ratelimit_forget(t, &key);                          it went well
 * Timing:      keys are hashed together with a secret of this process, so that nobody can choose what falls into the
 *              same set, and nothing that was typed is kept.
 * Read next:   auth.c and login.c, which count; ratelimit_file.h; login_failures.h, for what is never to be forgotten.
 *
 * Each kind has a table of its own, as big as it was made: sets of eight, and in a full set what was counted least
 * gives way, of these the oldest. So registrations push out no failed logins; and a flood of invented names, or of an
 * IPv6 network's addresses, pushes out what was counted once, but not what slows somebody's guessing. Names that exist
 * and names that don't share a table: with a table each it would show which is which.
 *
 * It can be written as text and read again, so that a restart is no way out of a delay (ratelimit_file.h does that):
 *
 *      glasschat delays 2 <Unix seconds, when it was written> <the secret, in hex>
 *      <its kind, a letter> <a key, in hex> <its count> <milliseconds since the first> <milliseconds since the last>
 *      ...
 *      #<the SHA-256 of all lines before>
 *
 * Version 1 is read too. It has no kinds, and codes were counted in it as well.
 */
#ifndef APP_SERVER_BASE_RATELIMIT_H
#define APP_SERVER_BASE_RATELIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/rng.h"

#define RATELIMIT_KEY_LEN 16
#define RATELIMIT_SECONDS 3600
#define RATELIMIT_WAIT_MAX 300 /* seconds: slow, but never locked out for good */

struct ratelimit;

#define RATELIMIT_TEXT_MAX ((size_t)320 << 20) /* more is not read */

enum ratelimit_kind {
    RATELIMIT_LOGINS,        /* that failed, by name and address */
    RATELIMIT_ADDRESSES,     /* where logins failed */
    RATELIMIT_REGISTRATIONS, /* by address */
    RATELIMIT_KINDS
};

struct ratelimit_key {
    uint8_t kind;
    uint8_t bytes[RATELIMIT_KEY_LEN];
};

/* Room for about max entries of each kind. NULL: no memory. */
struct ratelimit *ratelimit_new(size_t max, struct rng *rng);
void ratelimit_free(struct ratelimit *t); /* NULL is fine */

/* Grows with whatever changes. */
uint64_t ratelimit_changes(const struct ratelimit *t);

/* To be written elsewhere while this one goes on; ratelimit_free it. NULL: no memory. */
struct ratelimit *ratelimit_copy(const struct ratelimit *t);

/* The text, of *len bytes, to be wiped and freed; NULL: no memory. now is the clock of ratelimit_add, and unix_now the
 * same moment. */
char *ratelimit_write(const struct ratelimit *t, size_t *len, int64_t now, uint64_t unix_now);

/* Takes what a text says into an empty ratelimit, its secret too, so that the keys stay the same. The time since it was
 * written has passed for each entry; a clock that was set back since counts as no time. Entries whose hour is over are
 * left out. -1 for anything that ratelimit_write can't have written: then nothing is taken. */
MUST_USE int ratelimit_read(struct ratelimit *t, const char *text, size_t len, int64_t now, uint64_t unix_now);

struct ratelimit_key ratelimit_key(const struct ratelimit *t, enum ratelimit_kind kind, const void *data, size_t len);

/* now is in milliseconds of a clock that never goes back. */
void ratelimit_add(struct ratelimit *t, const struct ratelimit_key *key, int64_t now);
void ratelimit_forget(struct ratelimit *t, const struct ratelimit_key *key);

/* How often it was counted in the hour that began with the first; 0 when that hour is over. */
uint32_t ratelimit_count(const struct ratelimit *t, const struct ratelimit_key *key, int64_t now);

/* Seconds until the next try is allowed, rounded up: none while the count is below free_tries, then 1, 2, 4 ...
 * RATELIMIT_WAIT_MAX after the last. */
uint32_t ratelimit_wait(const struct ratelimit *t, const struct ratelimit_key *key, uint32_t free_tries, int64_t now);

/* Takes out the count that a text of version 1 had of something that is not counted here any more, under its letter of
 * that time, for the hour from its first; *last is set where that is not 0. A second call finds nothing, nor does one
 * after the next start. */
uint32_t ratelimit_take_of_1(struct ratelimit *t, char letter, const void *data, size_t len, int64_t now,
                             int64_t *last);

#endif
