/* SPDX-License-Identifier: MIT */
/* Files are small, and are read and written by calls that are begun again where they were cut short. */
#include "net/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/ct.h"

#define FIRST_CAP 65536

bool file_is_regular(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

ssize_t file_read(int fd, void *out, size_t cap)
{
    char *bytes = out;
    size_t len = 0;
    while (len < cap) {
        ssize_t n = read(fd, bytes + len, cap - len);
        if (n == 0)
            break;
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            len += (size_t)n;
    }
    return (ssize_t)len;
}

/* NULL, for the errno that is there. */
static void *drop(char *text, size_t len)
{
    int error = errno;
    if (text != NULL)
        ct_wipe(text, len);
    free(text);
    errno = error;
    return NULL;
}

/* More room; the old one is wiped, because realloc would leave its copy of a password behind. NULL: no memory. */
static char *grow(char *old, size_t len, size_t cap)
{
    char *bigger = malloc(cap);
    if (bigger != NULL && old != NULL)
        memcpy(bigger, old, len);
    (void)drop(old, len);
    return bigger;
}

void *file_read_whole(int fd, size_t max, size_t *len)
{
    char *text = NULL;
    ssize_t n = 0;
    *len = 0;
    for (size_t cap = FIRST_CAP; *len <= max; cap *= 2) {
        text = grow(text, *len, cap);
        n = text != NULL ? file_read(fd, text + *len, cap - 1 - *len) : -1;
        if (n < 0)
            return drop(text, text != NULL ? cap : 0);
        *len += (size_t)n;
        if (*len < cap - 1)
            break;
    }
    errno = EFBIG;
    if (*len > max)
        return drop(text, *len);
    text[*len] = '\0';
    return text;
}

int file_write(int fd, const void *data, size_t len, off_t at)
{
    const char *bytes = data;
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
        at += n;
    }
    return 0;
}

int file_sync(int fd)
{
#if defined __linux__ || (defined _POSIX_SYNCHRONIZED_IO && _POSIX_SYNCHRONIZED_IO > 0) /* musl says it nowhere */
    return fdatasync(fd);
#else
    return fsync(fd);
#endif
}

enum file_result file_rename(int folder, const char *from, const char *to)
{
    if (renameat(folder, from, folder, to) != 0)
        return FILE_FAILED;
    return file_sync(folder) == 0 ? FILE_DONE : FILE_UNSYNCED;
}

enum file_result file_replace(int folder, const char *name, const void *data, size_t len, int *kept)
{
    char aside[FILE_NAME_CAP];
    assert(strlen(name) + sizeof FILE_ASIDE <= sizeof aside);
    snprintf(aside, sizeof aside, "%s" FILE_ASIDE, name);
    /* of one that was killed; or a link that somebody put there */
    if (unlinkat(folder, aside, 0) != 0 && errno != ENOENT)
        return FILE_FAILED;
    int fd = openat(folder, aside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    enum file_result result = FILE_FAILED;
    if (fd >= 0 && file_write(fd, data, len, 0) == 0 && file_sync(fd) == 0)
        result = file_rename(folder, aside, name);
    int error = errno;
    if (result == FILE_FAILED)
        (void)unlinkat(folder, aside, 0);
    if (kept != NULL && result != FILE_FAILED)
        *kept = fd;
    else if (fd >= 0)
        close(fd);
    errno = error;
    return result;
}
