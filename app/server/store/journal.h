/* SPDX-License-Identifier: MIT */
/* A text file that only grows, one line a change, each with its own checksum; what was acknowledged survives any crash.
 *
 *      glasschat accounts 1                         the header: what this file is, and its version
 *      <text of a change> <tab> #1a2b3c4d           the checksum: first 8 hex digits of SHA-256(the text and the tab)
 *
 * The text's first field, up to a tab, names what the line is about, and the last line for a name wins: so
 * journal_compact may leave the others out.
 *
 * Use it:      journal_open(&j, dir_fd, "accounts", "glasschat accounts 1", take, arg, &torn_bytes, why);
 *              journal_line(out, cap, &len, "alice\t...");  ...  journal_append(&j, out, len);
 * Read next:   app/server/store/journal.c; app/server/store/accounts.h.
 */
#ifndef APP_SERVER_STORE_JOURNAL_H
#define APP_SERVER_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "crypto/bytes.h"
#include "net/why.h"

#define JOURNAL_CHECKSUM_LEN 10 /* tab, '#', 8 digits */
#define JOURNAL_LINE_MAX 4352   /* bytes of a line with checksum and line end */

struct journal {
    int fd, dir_fd;
    const char *name, *header;
    off_t end;   /* after the last line that is safe on disk */
    bool closed; /* a sync failed: what is on disk is unknown, and nothing is written any more */
    int error;   /* errno of the last call that failed */
};

enum journal_result { JOURNAL_DONE, JOURNAL_FAILED, JOURNAL_CLOSED };

/* Called for each line, its checksum checked and taken off; -1 stops the loading as damage. */
typedef int journal_take(void *arg, const char *text);

/* Opens the file in that folder, making it with mode 0600 where there is none, and reads it all. dir_fd, name and
 * header must live as long as the journal. A last line without a line end was cut while it was written, never
 * acknowledged: it is removed, and *torn_bytes is its length. -1 with one line in why for anything else that is
 * wrong: the file is then left as it is. */
MUST_USE int journal_open(struct journal *j, int dir_fd, const char *name, const char *header, journal_take *take,
                          void *arg, size_t *torn_bytes, char why[static WHY_LEN]);

/* Writes text, its checksum and a line end to out; *len is the length. -1 where they do not fit. text has no line
 * end. */
MUST_USE int journal_line(char *out, size_t cap, size_t *len, const char *text);

/* Appends lines made by journal_line, and syncs. FAILED: nothing was added, and that is synced too; a later one may
 * succeed (the disk is full, say). CLOSED: it is not known what is on disk, now and for all later calls. */
MUST_USE enum journal_result journal_append(struct journal *j, const char *lines, size_t len);

/* Whether a text of that length, with no NUL after it, says nothing about its name, so that having no line of that name
 * means the same. */
typedef bool journal_idle(const char *text, size_t len);

/* Replaces the file by one that has only the last line for each name, without those that idle (unless NULL) calls idle,
 * as net/file.h replaces files. After a crash at any moment one or the other is there, both good; what is left of the
 * new one journal_open removes. FAILED: the old file is in use as before. CLOSED: it is not known which of the two a
 * crash would leave, so nothing can be added to either. lines: how many there are then. */
MUST_USE enum journal_result journal_compact(struct journal *j, journal_idle *idle, size_t *lines);

void journal_close(struct journal *j);

#endif
