/* SPDX-License-Identifier: MIT */
/* Appending is a write after the last safe byte, then a sync. A write that fails is cut off again, and synced like
 * one that did not, so that what was refused can't come back after a crash. A sync that fails is the end: the kernel
 * may have thrown the pages away and say "done" the next time, so nothing that is asked later can be believed. */
#include "app/server/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/base/errno_advice.h"
#include "app/terminal/progress_row.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256.h"
#include "net/file.h"

#define CHECKSUM_DIGITS 8

/* Tab, '#' and the digits; text_len counts no tab. */
static void checksum(char out[JOURNAL_CHECKSUM_LEN + 1], const char *text, size_t text_len)
{
    struct sha256 sha256;
    uint8_t digest[SHA256_DIGEST_LEN];
    sha256_init(&sha256);
    sha256_update(&sha256, text, text_len);
    sha256_update(&sha256, "\t", 1);
    sha256_final(&sha256, digest);
    out[0] = '\t';
    out[1] = '#';
    hex_encode(out + 2, digest, CHECKSUM_DIGITS / 2);
}

int journal_line(char *out, size_t cap, size_t *len, const char *text)
{
    size_t text_len = strlen(text);
    *len = text_len + JOURNAL_CHECKSUM_LEN + 1;
    if (*len > cap || *len > JOURNAL_LINE_MAX)
        return -1;
    char tail[JOURNAL_CHECKSUM_LEN + 1];
    checksum(tail, text, text_len);
    memcpy(out, text, text_len);
    memcpy(out + text_len, tail, JOURNAL_CHECKSUM_LEN);
    out[*len - 1] = '\n';
    return 0;
}

enum journal_result journal_append(struct journal *j, const char *lines, size_t len)
{
    if (j->closed)
        return JOURNAL_CLOSED;
    bool written = file_write(j->fd, lines, len, j->end) == 0;
    if (!written)
        j->error = errno;
    if ((!written && ftruncate(j->fd, j->end) != 0) || file_sync(j->fd) != 0) {
        j->error = errno;
        j->closed = true;
        return JOURNAL_CLOSED;
    }
    if (!written)
        return JOURNAL_FAILED;
    j->end += (off_t)len;
    return JOURNAL_DONE;
}

static int fail(char why[static WHY_LEN], const char *name, const char *what)
{
    return why_say(why, "%s %s", name, what);
}

/* For what errno says. */
static int fail_by_errno(char why[static WHY_LEN], const char *name, const char *what)
{
    char cause[ERRNO_ADVICE_LEN];
    errno_advice_print(cause, errno);
    return why_say(why, "%s %s: %s", name, what, cause);
}

/* Whether the file is the server's own and nobody else's. */
static int check_file(int fd, const char *name, off_t *size, char why[static WHY_LEN])
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fail(why, name, "is no regular file; move it away");
    if (st.st_uid != geteuid())
        return fail(why, name, "belongs to another user; run the server as that user, or chown it");
    if ((st.st_mode & 077) != 0)
        return fail(why, name, "can be read or written by others; chmod it to 600");
    *size = st.st_size;
    return 0;
}

/* The first size bytes and a NUL, malloc'd; NULL with errno, EIO where the file is shorter than it should be. */
static char *read_text(int fd, size_t size)
{
    char *text = malloc(size + 1);
    ssize_t n = text != NULL && lseek(fd, 0, SEEK_SET) == 0 ? file_read(fd, text, size) : -1;
    if (n >= 0 && (size_t)n == size) {
        text[size] = '\0';
        return text;
    }
    if (n >= 0)
        errno = EIO;
    free(text);
    return NULL;
}

/* 0 where a line's checksum holds. */
static int check_line(const char *line, size_t len)
{
    char expected[JOURNAL_CHECKSUM_LEN + 1];
    if (len < JOURNAL_CHECKSUM_LEN || len >= JOURNAL_LINE_MAX || memchr(line, '\0', len) != NULL)
        return -1;
    size_t text_len = len - JOURNAL_CHECKSUM_LEN;
    checksum(expected, line, text_len);
    return ct_equal(expected, line + text_len, JOURNAL_CHECKSUM_LEN) ? 0 : -1;
}

/* Passes on its text alone. */
static int take_text(char *line, size_t len, journal_take *take, void *arg)
{
    if (check_line(line, len) != 0)
        return -1;
    line[len - JOURNAL_CHECKSUM_LEN] = '\0';
    return take(arg, line);
}

/* Passes the lines after the header to take; *end is set to the end of the last whole line. */
static int load_lines(char *text, size_t size, const char *name, const char *header, journal_take *take, void *arg,
                      size_t *end, char why[static WHY_LEN])
{
    char *line = text, *newline;
    for (size_t number = 1; (newline = memchr(line, '\n', size - (size_t)(line - text))) != NULL; number++) {
        *newline = '\0';
        size_t len = (size_t)(newline - line);
        bool good = number == 1 ? len == strlen(header) && memcmp(line, header, len) == 0
                                : take_text(line, len, take, arg) == 0;
        if (!good)
            return why_say(why, "%s line %zu is damaged%s; nothing was changed", name, number,
                           number == 1 ? ", or of another version: put back a copy of the file"
                                       : ": put back a copy of the file, or take the line out");
        line = newline + 1;
        progress_row_at((size_t)(line - text), size);
    }
    *end = (size_t)(line - text);
    return 0;
}

/* A file without a whole header is new, or was cut while it was made: it gets one. Anything else in it is not ours. */
static int start_file(struct journal *j, const char *name, const char *header, const char *found, size_t found_len,
                      char why[static WHY_LEN])
{
    char line[JOURNAL_LINE_MAX];
    int len = snprintf(line, sizeof line, "%s\n", header);
    if (found_len >= (size_t)len || memcmp(found, line, found_len) != 0)
        return fail(why, name,
                    "line 1 is damaged, or of another version: put back a copy of the file; nothing was changed");
    if (file_write(j->fd, line, (size_t)len, 0) != 0)
        return fail_by_errno(why, name, "can't be written");
    j->end = len;
    return 0;
}

static int cut_torn(struct journal *j, const char *name, size_t size, size_t end, size_t *torn_bytes,
                    char why[static WHY_LEN])
{
    j->end = (off_t)end;
    if (size > end && ftruncate(j->fd, j->end) != 0)
        return fail_by_errno(why, name, "can't be written");
    *torn_bytes = size - end;
    return 0;
}

static int load(struct journal *j, const char *name, const char *header, journal_take *take, void *arg,
                size_t *torn_bytes, char why[static WHY_LEN])
{
    off_t file_size = 0;
    if (check_file(j->fd, name, &file_size, why) != 0)
        return -1;
    size_t size = (size_t)file_size, end = 0;
    char *text = read_text(j->fd, size);
    if (text == NULL)
        return fail_by_errno(why, name, "can't be read");
    char what[64];
    snprintf(what, sizeof what, "reading %s", name);
    progress_row_begin(what, PROGRESS_ROW_PERCENT);
    int result = load_lines(text, size, name, header, take, arg, &end, why);
    progress_row_end();
    if (result == 0)
        result = end == 0 ? start_file(j, name, header, text, size, why)
                          : cut_torn(j, name, size, end, torn_bytes, why);
    ct_wipe(text, size);
    free(text);
    return result;
}

/* Removes what a compaction left that was killed. */
static void remove_aside(int dir_fd, const char *name)
{
    char aside[FILE_NAME_CAP];
    snprintf(aside, sizeof aside, "%s" FILE_ASIDE, name);
    (void)unlinkat(dir_fd, aside, 0);
}

/* What was read is synced before anybody is told of it: the last change may have been written, and not synced, when the
 * server was killed, and the file's name may not be on disk yet. */
int journal_open(struct journal *j, int dir_fd, const char *name, const char *header, journal_take *take, void *arg,
                 size_t *torn_bytes, char why[static WHY_LEN])
{
    *torn_bytes = 0;
    *j = (struct journal){.fd = -1, .dir_fd = dir_fd, .name = name, .header = header};
    remove_aside(dir_fd, name);
    j->fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (j->fd < 0)
        return fail_by_errno(why, name, "can't be opened");
    int result = load(j, name, header, take, arg, torn_bytes, why);
    if (result == 0 && (fsync(j->fd) != 0 || fsync(dir_fd) != 0))
        result = fail_by_errno(why, name, "can't be synced to disk");
    if (result != 0)
        close(j->fd);
    return result;
}

/* --- Compaction --------------------------------------------------------------------------------------------------- */

/* Where a line is in the text, how long with its end, and how much of it is the name. */
struct span {
    const char *text;
    size_t len, name_len;
};

static bool is_same_name(const struct span *one, const struct span *other)
{
    return one->name_len == other->name_len && memcmp(one->text, other->text, one->name_len) == 0;
}

static int compare_places(const void *a, const void *b)
{
    const struct span *one = a, *other = b;
    return one->text < other->text ? -1 : 1;
}

/* By the name, then by the place. */
static int compare_names(const void *a, const void *b)
{
    const struct span *one = a, *other = b;
    size_t shorter = one->name_len < other->name_len ? one->name_len : other->name_len;
    int order = memcmp(one->text, other->text, shorter);
    if (order == 0 && one->name_len != other->name_len)
        order = one->name_len < other->name_len ? -1 : 1;
    return order != 0 ? order : compare_places(a, b);
}

/* The last line for each name, if it says anything, in the file's order; returns how many. */
static size_t keep_last(struct span *spans, size_t n, journal_idle *idle)
{
    size_t kept = 0;
    qsort(spans, n, sizeof *spans, compare_names);
    for (size_t i = 0; i < n; i++) {
        bool last = i + 1 == n || !is_same_name(&spans[i], &spans[i + 1]);
        if (last && (idle == NULL || !idle(spans[i].text, spans[i].len - JOURNAL_CHECKSUM_LEN - 1)))
            spans[kept++] = spans[i];
    }
    qsort(spans, kept, sizeof *spans, compare_places);
    return kept;
}

/* Finds all lines; -1 where one of them is damaged, which is no time to throw others away. */
static int find_lines(const char *at, const char *end, struct span *spans, size_t *n)
{
    for (*n = 0; at < end; (*n)++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = newline != NULL ? (size_t)(newline - at) : 0;
        if (newline == NULL || check_line(at, len) != 0)
            return -1;
        const char *tab = memchr(at, '\t', len); /* the checksum has one in front */
        spans[*n] = (struct span){at, len + 1, (size_t)(tab - at)};
        at = newline + 1;
    }
    return 0;
}

static size_t count_lines(const char *at, const char *end)
{
    size_t n = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        n++;
    }
    return n;
}

/* Moves the lines that are kept together, after the header. Returns the new size, or 0 with errno. */
static size_t squeeze(char *text, size_t size, const char *header, journal_idle *idle, size_t *lines)
{
    size_t len = strlen(header) + 1, n = 0;
    struct span *spans = malloc((count_lines(text, text + size) + 1) * sizeof *spans);
    if (spans == NULL)
        return 0;
    if (size < len || memcmp(text, header, len - 1) != 0 || text[len - 1] != '\n' ||
        find_lines(text + len, text + size, spans, &n) != 0) {
        free(spans);
        errno = EBADMSG;
        return 0;
    }
    *lines = keep_last(spans, n, idle);
    for (size_t i = 0; i < *lines; i++) {
        memmove(text + len, spans[i].text, spans[i].len);
        len += spans[i].len;
    }
    free(spans);
    return len;
}

static enum journal_result replace(struct journal *j, const char *text, size_t len)
{
    int fd;
    enum file_result result = file_replace(j->dir_fd, j->name, text, len, &fd);
    if (result != FILE_DONE)
        j->error = errno;
    if (result == FILE_FAILED)
        return JOURNAL_FAILED;
    close(j->fd);
    j->fd = fd;
    j->end = (off_t)len;
    j->closed = result == FILE_UNSYNCED;
    return j->closed ? JOURNAL_CLOSED : JOURNAL_DONE;
}

enum journal_result journal_compact(struct journal *j, journal_idle *idle, size_t *lines)
{
    if (j->closed)
        return JOURNAL_CLOSED;
    size_t size = (size_t)j->end;
    char *text = read_text(j->fd, size);
    size_t len = text != NULL ? squeeze(text, size, j->header, idle, lines) : 0;
    enum journal_result result = JOURNAL_FAILED;
    if (len > 0)
        result = replace(j, text, len);
    else
        j->error = errno;
    if (text != NULL)
        ct_wipe(text, size);
    free(text);
    return result;
}

void journal_close(struct journal *j)
{
    close(j->fd);
}
