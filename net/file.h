/* SPDX-License-Identifier: MIT */
/* Small files: read whole, and replaced so that a crash at any moment leaves the old one or the new one, both whole.
 *
 * Use it:      uint8_t *all = file_read_whole(fd, max, &len);
 *              if (file_replace(folder, "delays", text, len, NULL) != FILE_DONE) ... errno
 * Timing:      the lengths may show. What is read is nowhere but in the memory that is handed out.
 * Read next:   net/home.c, app/server/store/datadir.c and app/server/store/journal.c, which replace files;
 *              net/input.h, for what may be a pipe whose writer is slow.
 */
#ifndef NET_FILE_H
#define NET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "crypto/bytes.h"

#define FILE_ASIDE ".new" /* after a file's name: what is written before it gets that name */
#define FILE_NAME_CAP 144 /* with its NUL: encrypted folders take names of 143 bytes, all others of 255 */

/* Whether it is no pipe, device or folder. */
bool file_is_regular(int fd);

/* Reads until cap bytes are there or the end has come; returns how many. -1 with errno; then out may have a part. */
MUST_USE ssize_t file_read(int fd, void *out, size_t cap);

/* All that is left of what is read, at most max bytes, and a NUL after them, for the caller to free (and wipe, where
 * it is secret). NULL with errno, EFBIG where it is longer; nothing of it is left in memory then. */
MUST_USE void *file_read_whole(int fd, size_t max, size_t *len);

/* Writes all of it at that offset. -1 with errno; then a part may be written. */
MUST_USE int file_write(int fd, const void *data, size_t len, off_t at);

/* What was written is on disk when this returns, and enough to find it again: fdatasync where the system has it (the
 * option Synchronized Input and Output of POSIX), else fsync. Of a folder, its names. -1 with errno. */
MUST_USE int file_sync(int fd);

enum file_result {
    FILE_DONE,
    FILE_FAILED,   /* nothing has changed */
    FILE_UNSYNCED, /* done, but the folder could not be synced: it is not known which file a crash would leave */
};

/* Puts a new file (mode 0600) in the place of name, which has less than FILE_NAME_CAP bytes with FILE_ASIDE after it:
 * written aside, synced, renamed, the folder synced. What stands aside is removed before; a link is not followed. For
 * one file by one caller at a time. kept, where it is not NULL, gets the new file open to be read and written, unless
 * it FAILED. errno says why where it is not DONE. */
MUST_USE enum file_result file_replace(int folder, const char *name, const void *data, size_t len, int *kept);

/* The last two of these steps, for a file that was written and synced before. */
MUST_USE enum file_result file_rename(int folder, const char *from, const char *to);

#endif
