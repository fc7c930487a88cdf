/* Appending is a write behind the last safe byte, then fdatasync. A write that fails is cut off again, and synced like
 * one that did not, so that what was refused can't come back after a crash. A sync that fails is the end: the kernel
 * may have thrown the pages away and say "done" the next time, so nothing that is asked later can be believed. */
#include "app/server/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256.h"

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

static int write_at(int fd, const char *data, size_t len, off_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        len -= (size_t)n;
        at += n;
    }
    return 0;
}

enum journal_result journal_append(struct journal *j, const char *lines, size_t len)
{
    if (j->closed)
        return JOURNAL_CLOSED;
    int written = write_at(j->fd, lines, len, j->end) == 0;
    if (!written)
        j->why = errno;
    if ((!written && ftruncate(j->fd, j->end) != 0) || fdatasync(j->fd) != 0) {
        j->why = errno;
        j->closed = 1;
        return JOURNAL_CLOSED;
    }
    if (!written)
        return JOURNAL_FAILED;
    j->end += (off_t)len;
    return JOURNAL_DONE;
}

static int fail(char error[JOURNAL_ERROR_MAX], const char *name, const char *what)
{
    snprintf(error, JOURNAL_ERROR_MAX, "%s %s", name, what);
    return -1;
}

/* Whether the file is the server's own and nobody else's. */
static int check_file(int fd, const char *name, off_t *size, char error[JOURNAL_ERROR_MAX])
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return fail(error, name, "is no regular file; move it away");
    if (st.st_uid != geteuid())
        return fail(error, name, "belongs to another user; run the server as that user, or chown it");
    if ((st.st_mode & 077) != 0)
        return fail(error, name, "can be read or written by others; chmod it to 600");
    *size = st.st_size;
    return 0;
}

static char *read_all(int fd, size_t size)
{
    char *text = malloc(size + 1);
    size_t len = 0;
    while (text != NULL && len < size) {
        ssize_t n = pread(fd, text + len, size - len, (off_t)len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            free(text);
            return NULL;
        }
        len += (size_t)n;
    }
    if (text != NULL)
        text[size] = '\0';
    return text;
}

/* A line whose end is a NUL now: 0 where its checksum holds, which is then cut off. */
static int check_line(char *line, size_t len)
{
    char expected[JOURNAL_CHECKSUM_LEN + 1];
    if (len < JOURNAL_CHECKSUM_LEN || len >= JOURNAL_LINE_MAX || strlen(line) != len)
        return -1;
    size_t text_len = len - JOURNAL_CHECKSUM_LEN;
    checksum(expected, line, text_len);
    if (!ct_equal(expected, line + text_len, JOURNAL_CHECKSUM_LEN))
        return -1;
    line[text_len] = '\0';
    return 0;
}

/* Hands out the lines behind the header; *end is set behind the last whole line. */
static int load_lines(char *text, size_t size, const char *name, const char *header, journal_take *take, void *arg,
                      size_t *end, char error[JOURNAL_ERROR_MAX])
{
    char *line = text, *newline;
    for (size_t number = 1; (newline = memchr(line, '\n', size - (size_t)(line - text))) != NULL; number++) {
        *newline = '\0';
        size_t len = (size_t)(newline - line);
        int good = number == 1 ? len == strlen(header) && memcmp(line, header, len) == 0
                               : check_line(line, len) == 0 && take(arg, line) == 0;
        if (!good) {
            snprintf(error, JOURNAL_ERROR_MAX,
                     "%s line %zu is damaged%s; nothing was changed", name, number,
                     number == 1 ? ", or of another version: put back a copy of the file"
                                 : ": put back a copy of the file, or take the line out");
            return -1;
        }
        line = newline + 1;
    }
    *end = (size_t)(line - text);
    return 0;
}

/* A file without a whole header is new, or was cut while it was made: it gets one. Anything else in it is not ours. */
static int start_file(struct journal *j, const char *name, const char *header, const char *found, size_t found_len,
                      char error[JOURNAL_ERROR_MAX])
{
    char line[JOURNAL_LINE_MAX];
    int len = snprintf(line, sizeof line, "%s\n", header);
    if (found_len >= (size_t)len || memcmp(found, line, found_len) != 0)
        return fail(error, name,
                    "line 1 is damaged, or of another version: put back a copy of the file; nothing was changed");
    if (write_at(j->fd, line, (size_t)len, 0) != 0)
        return fail(error, name, "can't be written: is the disk full?");
    j->end = len;
    return 0;
}

static int cut_torn(struct journal *j, const char *name, size_t size, size_t end, size_t *torn_bytes,
                    char error[JOURNAL_ERROR_MAX])
{
    j->end = (off_t)end;
    if (size > end && ftruncate(j->fd, j->end) != 0)
        return fail(error, name, "can't be written");
    *torn_bytes = size - end;
    return 0;
}

static int load(struct journal *j, const char *name, const char *header, journal_take *take, void *arg,
                size_t *torn_bytes, char error[JOURNAL_ERROR_MAX])
{
    off_t file_size;
    if (check_file(j->fd, name, &file_size, error) != 0)
        return -1;
    size_t size = (size_t)file_size, end = 0;
    char *text = read_all(j->fd, size);
    if (text == NULL)
        return fail(error, name, "can't be read");
    int result = load_lines(text, size, name, header, take, arg, &end, error);
    if (result == 0)
        result = end == 0 ? start_file(j, name, header, text, size, error)
                          : cut_torn(j, name, size, end, torn_bytes, error);
    ct_wipe(text, size);
    free(text);
    return result;
}

/* What was read is made to last before anybody is told of it: the last change may have been written, and not synced,
 * when the server was killed; the folder may not know the file yet. */
int journal_open(struct journal *j, int dir_fd, const char *name, const char *header, journal_take *take, void *arg,
                 size_t *torn_bytes, char error[JOURNAL_ERROR_MAX])
{
    *torn_bytes = 0;
    *j = (struct journal){.fd = -1};
    j->fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (j->fd < 0) {
        snprintf(error, JOURNAL_ERROR_MAX, "%s can't be opened: %s", name, strerror(errno));
        return -1;
    }
    int result = load(j, name, header, take, arg, torn_bytes, error);
    if (result == 0 && (fsync(j->fd) != 0 || fsync(dir_fd) != 0))
        result = fail(error, name, "can't be synced to disk");
    if (result != 0)
        close(j->fd);
    return result;
}

void journal_close(struct journal *j)
{
    close(j->fd);
}
