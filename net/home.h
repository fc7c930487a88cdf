/* SPDX-License-Identifier: MIT */
/* The folder in which a user's client keeps whom it trusts and who it is, and the small files in it.
 *
 * Standard:    none. Whoever can change these files can be any server or any user, so nothing is used that others can
 *              write to; links are not followed; and two programs at once, or one that is killed, lose nothing.
 * Use it:      struct home h;
 *              if (home_open(&h, path, true, why) != 0) ...
 *              int lock = home_lock(&h, "peers.lock", HOME_LOCK_SECONDS, why);
 *              char *text = home_read(&h, "peers", max, &len, why);           NULL with ENOENT: it isn't there
 *              ... change it ...
 *              if (home_replace(&h, "peers", changed, changed_len, max, why) != 0) ...
 *              close(lock), home_close(&h);
 * Timing:      the lengths may show.
 * Read next:   net/known.c, its first user; net/file.h, below it.
 *
 * The folder is made with mode 0700 and each file with 0600. why is always one line that names folder and file.
 */
#ifndef NET_HOME_H
#define NET_HOME_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/bytes.h"
#include "net/why.h"

#define HOME_LOCK_SECONDS 10

struct home {
    int fd;
    const char *path;  /* as its user gave it; borrowed */
    const char *below; /* the name of a folder in it, or NULL: itself; borrowed */
};

/* Opens the folder, and makes it where it is missing, if make says so. -1 with why; or, where it isn't to be made, with
 * errno ENOENT and no why: it isn't there. One that belongs to somebody else, or that others can write to, is refused
 * (EPERM). */
MUST_USE int home_open(struct home *h, const char *path, bool make, char why[static WHY_LEN]);

/* Goes into a folder of that one, by the same rules; a link in its place is refused. -1 as home_open; then h is
 * closed. */
MUST_USE int home_below(struct home *h, const char *below, bool make, char why[static WHY_LEN]);

void home_close(struct home *h);

/* A line about one of its files; file is "" for the folder itself. -1 always. */
int home_say(const struct home *h, const char *file, const char *what, char why[static WHY_LEN]);

/* A file's bytes and a NUL after them, at most max, to be freed (and wiped, where they are secret). NULL with why; or,
 * with errno ENOENT and no why, it isn't there. What is no regular file, or is a link, is refused. */
MUST_USE char *home_read(const struct home *h, const char *file, size_t max, size_t *len, char why[static WHY_LEN]);

/* Takes the lock that is a file's, made where it is missing: a descriptor, which holds it until it is closed; the
 * system lets go of it too when the process ends. It is asked for again and again, for that many seconds, since a call
 * that waits would do so for ever where its holder was stopped. -1 with why, and EWOULDBLOCK where another one has
 * it. */
MUST_USE int home_lock(const struct home *h, const char *file, int seconds, char why[static WHY_LEN]);

/* Puts a new file in the place of that name (net/file.h), where it has no more than max bytes. -1 with why: the old one
 * is there as it was, or, where its folder could not be synced, the new one. */
MUST_USE int home_replace(const struct home *h, const char *file, const void *data, size_t len, size_t max,
                          char why[static WHY_LEN]);

/* Whether anything has that name, a link that leads nowhere too. */
bool home_has(const struct home *h, const char *file);

/* Gives a file another's name, in whose place it comes; or removes one, which need not be there. -1 with why. */
MUST_USE int home_rename(const struct home *h, const char *from, const char *to, char why[static WHY_LEN]);
MUST_USE int home_remove(const struct home *h, const char *file, char why[static WHY_LEN]);

#endif
