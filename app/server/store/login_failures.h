/* SPDX-License-Identifier: MIT */
/* What failed for each account since its owner last logged in: logins, of which the owner is told, and wrong codes
 * after the right password, which lead to a lock. DATA/codes, one line a change, of which the last for a name counts:
 *
 *      glasschat codes 1
 *      anna <tab> 12 11 <tab> 11 11 1795254190 <tab> 0 0 0 <tab> 0 1 0 <tab> <32 hex digits> <tab> #1a2b3c4d
 *           failed logins, those with the right password | wrong codes since the last right one, wrong codes since the
 *           password was set, locked until: from elsewhere | from home | after login | home (zeros: none)
 *
 * Home is where the last right code came from, as totp_seal_mark makes it. So a thief of the password that comes from
 * elsewhere does not lock out the owner, who comes from home; and codes given after login are counted apart from both.
 * After the first wrong codes, which are free, each one locks: for 1, 2, 4 ... 24 hours, in which no code is looked at.
 * Only a right code ends the doubling. When LOGIN_FAILURES_ALL codes were wrong under one password, each further one
 * locks for 24 hours: or a thief that tries a few between any two logins of the owner would have thousands of tries
 * a year.
 *
 *      a year without the owner     10 free ones, then at hours 1, 3, 7, 15, 31 and every 24 hours: 378 codes. At any
 *                                   time three of a million are right: 378 * 3 / 1,000,000 = 0.11 %
 *      and with the owner, at the   299 and one a day, 664, or 0.20 %; by a thief that comes from the owner's address
 *      worst                        and from elsewhere, twice that: 0.40 %
 *
 * Nothing is ever evicted: a name is here only if an account has it, or had it, and then nobody gets that name again.
 * Memory is some 200 bytes for each account that has had a failed login or a right code. The file keeps nothing of an
 * account that is removed, nor in the long run of one about which there is nothing to say.
 *
 * Standard:    NIST SP 800-63B section 5.2.2 (rate limiting).
 * Use it:      if (login_failures_locked(f, name, place, now)) no code is accepted;
 *              login_failures_wrong(f, name, place, free, now);
 *              login_failures_write(f, &waiter);                                      waiter.done: it is on disk
 *              login_failures_right(f, name, place, mark);
 *              struct login_failures_told told = login_failures_told(f, name);        the owner is told after login
 * Timing:      login_failures_write writes and waits as long whether there is anything to write or not: a client that
 *              is answered after it can't tell.
 * Threads:     as accounts.h: the reactor's, and one job at a time.
 * Read next:   auth.c, which counts; journal.h, the file; ratelimit.h, the counts that may be forgotten.
 */
#ifndef APP_SERVER_STORE_LOGIN_FAILURES_H
#define APP_SERVER_STORE_LOGIN_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"
#include "app/server/base/worker.h"
#include "app/server/store/journal.h"
#include "app/server/store/totp_seal.h"
#include "net/why.h"

#define LOGIN_FAILURES_LOCK_LEAST 3600 /* seconds */
#define LOGIN_FAILURES_LOCK_MOST 86400
#define LOGIN_FAILURES_ALL 300
#define LOGIN_FAILURES_LINE_MAX 256 /* a record as text, with a NUL */

enum login_failures_place {
    LOGIN_FAILURES_ELSEWHERE,
    LOGIN_FAILURES_HOME,
    LOGIN_FAILURES_INSIDE,
    LOGIN_FAILURES_PLACES
};

struct login_failures_count {
    uint32_t run, all; /* since the last right one; since the password was set */
    uint64_t until;    /* Unix seconds; 0: not locked */
};

struct login_failures_record {
    char name[NAME_MAX_LEN + 1];
    uint32_t failed, known; /* logins since the last good one; of these with the right password */
    struct login_failures_count at[LOGIN_FAILURES_PLACES];
    uint8_t home[TOTP_SEAL_MARK_LEN]; /* zeros: none */
};

/* A line of the file. Public for tests and for the fuzzer, as are the two below. */
void login_failures_encode(char text[LOGIN_FAILURES_LINE_MAX], const struct login_failures_record *r);

/* -1 for what login_failures_encode can't have written. */
MUST_USE int login_failures_decode(struct login_failures_record *r, const char *text);

/* Seconds for which the wrong code that brought the count to this value locks. */
uint32_t login_failures_lock(const struct login_failures_count *count, uint32_t free_codes);

struct login_failures;

/* Loads DATA/codes, making it (mode 0600) where there is none. As accounts_open, but that pool may be NULL only where
 * login_failures_write and login_failures_flush are not called. now, here and below, is in milliseconds of a clock that
 * never goes back; that clock does not outlast a restart, so across one a lock ends by the system's clock, and within
 * LOGIN_FAILURES_LOCK_MOST whatever that is set to. */
struct login_failures *login_failures_open(int dir_fd, struct worker_pool *pool, int64_t now, size_t *torn_bytes,
                                           char why[static WHY_LEN]);

/* Writes what has changed since. After worker_stop. NULL is fine. */
void login_failures_close(struct login_failures *f);

/* HOME or ELSEWHERE, for a client with that mark. */
enum login_failures_place login_failures_place(const struct login_failures *f, const char *name,
                                               const uint8_t mark[static TOTP_SEAL_MARK_LEN]);

/* Whether no code is looked at. Also where there is no memory to count a wrong one. The name is an account's, here and
 * below. */
bool login_failures_locked(struct login_failures *f, const char *name, enum login_failures_place place, int64_t now);

/* After login_failures_locked, which said false. The seconds for which it is locked now. */
uint32_t login_failures_wrong(struct login_failures *f, const char *name, enum login_failures_place place,
                              uint32_t free_codes, int64_t now);

/* Begins a new run. Where it was ELSEWHERE, the mark is home from now on, and the run of HOME, which was about another
 * address, begins anew too. Where it was INSIDE, home stays. */
void login_failures_right(struct login_failures *f, const char *name, enum login_failures_place place,
                          const uint8_t mark[static TOTP_SEAL_MARK_LEN]);

/* A login failed; known: after the right password. */
void login_failures_failed(struct login_failures *f, const char *name, bool known);

struct login_failures_told {
    uint32_t failed, known;
};

/* How many failed since this was last asked. */
struct login_failures_told login_failures_told(struct login_failures *f, const char *name);

/* Ends all runs, totals and locks: the account has another password, or the operator says so. */
void login_failures_clear(struct login_failures *f, const char *name);

/* The account is no more. The next write leaves nothing of its name in the file, or fails. */
void login_failures_remove(struct login_failures *f, const char *name);

/* The same for each name that is gone: for accounts that were removed just before a crash. */
void login_failures_remove_all(struct login_failures *f, bool (*is_gone)(const void *arg, const char *name),
                               const void *arg);

struct login_failures_state {
    uint32_t wrong; /* since the last right ones, of all places */
    uint32_t left;  /* seconds that the longest lock goes on; 0: there is none */
};

struct login_failures_state login_failures_state(const struct login_failures *f, const char *name, int64_t now);

struct login_failures_waiter {
    void (*done)(void *arg);
    void *arg;
    enum journal_result written, left_out; /* set before done: of the changes; of leaving removed names out */
    int error;                             /* errno of the one that was not DONE */
    struct login_failures_waiter *next;    /* its own */
};

/* Writes what has changed, or an empty record where nothing has, and calls done from worker_finish: all that was
 * counted before is then on disk, or could not be written, which is logged here. */
void login_failures_write(struct login_failures *f, struct login_failures_waiter *waiter);

/* Whether there are changes that nobody waits for. login_failures_flush begins to write them. */
bool login_failures_changed(const struct login_failures *f);
void login_failures_flush(struct login_failures *f);

#endif
