/* SPDX-License-Identifier: MIT */
/* What failed at each account's door since its owner was last let in: logins, to tell him, and wrong codes behind the
 * right password, which end in a lock. DATA/codes, one line a change, of which the last for a name counts:
 *
 *      glasschat codes 1
 *      anna <tab> 12 11 <tab> 11 11 1795254190 <tab> 0 0 0 <tab> 0 1 0 <tab> <32 hex digits> <tab> #1a2b3c4d
 *           failed logins, those with the right password | wrong codes since the last right one, since the password is
 *           what it is, locked until: from elsewhere | from home | after login | home (zeros: none)
 *
 * Home is where the last right code came from, as totp_seal_mark makes it. Whoever has the password and comes from
 * elsewhere so locks nobody out who comes from where he came last, and what is asked for after login is counted apart
 * from both. After the first wrong codes, which are free, each one locks: for 1, 2, 4 ... 24 hours, in which no code is
 * looked at. Only a right code ends the doubling. When CODES_ALL codes were wrong under one password, each further one
 * locks for 24 hours: else who tries a few between any two logins of the owner would have thousands in a year.
 *
 *      a year without the owner     10 free ones, then at hours 1, 3, 7, 15, 31 and every 24 hours: 378 codes. Three of
 *                                   a million are good at a time: 378 * 3 / 1,000,000 = 0.11 %
 *      and with him, at the worst   299 and one a day, 664, or 0.20 %; by a thief who comes from the owner's address
 *                                   and from elsewhere, twice that: 0.40 %
 *
 * Nothing is ever pushed out: a name is here only where there is an account of it, or was one, whose name nobody gets
 * again. Memory is some 200 bytes for each account that has had a failed login or a right code. In the file nothing is
 * left of an account that is removed, nor in the long run of one about which there is nothing to say.
 *
 * Standard:    NIST SP 800-63B section 5.2.2 (rate limiting).
 * Use it:      if (codes_locked(c, name, place, now)) no code is good
 *              codes_wrong(c, name, place, free, now);  codes_write(c, &waiter);    waiter.done: it is on disk
 *              codes_right(c, name, place, mark);
 *              struct codes_told told = codes_told(c, name);                        the owner is in: tell him
 * Timing:      codes_write writes and waits as long whether there is anything to write or not: who is answered behind
 *              it can't tell.
 * Threads:     as accounts.h: the reactor's, and one job at a time.
 * Read next:   auth.c, which counts; journal.h, the file; ratelimit.h, the counts that may be forgotten.
 */
#ifndef SERVER_CODES_H
#define SERVER_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"
#include "app/server/journal.h"
#include "app/server/totp_seal.h"
#include "app/server/worker.h"

#define CODES_LOCK_LEAST 3600 /* seconds */
#define CODES_LOCK_MOST 86400
#define CODES_ALL 300
#define CODES_LINE_MAX 256 /* a record as text, with a NUL */
#define CODES_ERROR_MAX 512

enum codes_place { CODES_ELSEWHERE, CODES_HOME, CODES_INSIDE, CODES_PLACES };

struct codes_count {
    uint32_t run, all; /* since the last right one; since the password is what it is */
    uint64_t until;    /* Unix seconds; 0: not locked */
};

struct codes_record {
    char name[NAME_MAX_LEN + 1];
    uint32_t failed, known; /* logins since the last good one; of these with the right password */
    struct codes_count at[CODES_PLACES];
    uint8_t home[TOTP_SEAL_MARK_LEN]; /* zeros: none */
};

void codes_encode(char text[CODES_LINE_MAX], const struct codes_record *r);

/* -1 for what codes_encode can't have written. */
MUST_USE int codes_decode(struct codes_record *r, const char *text);

/* Seconds for which a wrong code locks that makes the count what it is. */
uint32_t codes_lock(const struct codes_count *count, uint32_t free_codes);

struct codes;

/* Loads DATA/codes, making it (mode 0600) where there is none. As accounts_open, but that pool may be NULL only where
 * codes_write and codes_flush are not called. now, here and below, is in milliseconds of a clock that never goes back;
 * over a restart, where that is another, a lock ends by the system's clock, and within CODES_LOCK_MOST whatever that
 * was set to. */
struct codes *codes_open(int dir_fd, struct worker_pool *pool, int64_t now, size_t *torn_bytes,
                         char error[CODES_ERROR_MAX]);

/* Writes what has changed since. After worker_stop. NULL is fine. */
void codes_close(struct codes *c);

/* HOME or ELSEWHERE, for who comes from there. */
enum codes_place codes_place(const struct codes *c, const char *name, const uint8_t mark[static TOTP_SEAL_MARK_LEN]);

/* Whether no code is looked at. Also where there is no memory to count a wrong one. The name is an account's, here and
 * below. */
bool codes_locked(struct codes *c, const char *name, enum codes_place place, int64_t now);

/* Behind codes_locked, which said false. The seconds for which it is locked now. */
uint32_t codes_wrong(struct codes *c, const char *name, enum codes_place place, uint32_t free_codes, int64_t now);

/* Begins a new run. Where it was ELSEWHERE, the mark is home from now on, and the run of HOME, which was about another
 * address, begins anew too. Where it was INSIDE, home stays. */
void codes_right(struct codes *c, const char *name, enum codes_place place,
                 const uint8_t mark[static TOTP_SEAL_MARK_LEN]);

/* A login failed; known: behind the right password. */
void codes_failed(struct codes *c, const char *name, bool known);

struct codes_told {
    uint32_t failed, known;
};

/* How many did since this was asked last. */
struct codes_told codes_told(struct codes *c, const char *name);

/* All runs, totals and locks are over: it has another password, or the operator says so. */
void codes_clear(struct codes *c, const char *name);

/* The account is no more. The next write leaves nothing of its name in the file, or fails. */
void codes_remove(struct codes *c, const char *name);

/* The same of each name that is gone: for accounts that were removed just before a crash. */
void codes_remove_all(struct codes *c, bool (*is_gone)(const void *arg, const char *name), const void *arg);

struct codes_state {
    uint32_t wrong; /* since the last right ones, of all places */
    uint32_t left;  /* seconds that the longest lock goes on; 0: there is none */
};

struct codes_state codes_state(const struct codes *c, const char *name, int64_t now);

struct codes_waiter {
    void (*done)(void *arg);
    void *arg;
    enum journal_result written, left_out; /* set before done: what had changed; and no removed name is in the file */
    int why;                               /* errno of what was not DONE */
    struct codes_waiter *next;             /* its own */
};

/* Writes what has changed, or a line that says nothing where nothing has, and calls done from worker_finish: all that
 * was counted before is on disk, or could not be written, which is logged here. */
void codes_write(struct codes *c, struct codes_waiter *waiter);

/* Whether there is something that nobody waits for. codes_flush begins to write it. */
bool codes_changed(const struct codes *c);
void codes_flush(struct codes *c);

#endif
