/* SPDX-License-Identifier: MIT */
/* Everything goes through the descriptor of the folder that was checked: its path could lead elsewhere a moment later.
 * A lock is on a file of its own, because the file that it is for is replaced, and a lock would stay with the old
 * one. */
#include "net/home.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/file.h"

#define LOCK_TRIES_A_SECOND 50

/* errno survives it, for callers that look at it. */
int home_say(const struct home *h, const char *file, const char *what, char why[static WHY_LEN])
{
    int error = errno;
    (void)why_say(why, "%s%s%s%s%s: %s", h->path, h->below != NULL ? "/" : "", h->below != NULL ? h->below : "",
                  *file != '\0' ? "/" : "", file, what);
    errno = error;
    return -1;
}

/* Ours, and nobody else may write to it. */
static int check_owner(const struct home *h, int fd, const char *file, char why[static WHY_LEN])
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return home_say(h, file, strerror(errno), why);
    errno = EPERM;
    if (st.st_uid != geteuid())
        return home_say(h, file, "belongs to another user: choose another --home", why);
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return home_say(h, file, "can be changed by other users: chmod go-w it, after a look at what is in it", why);
    return 0;
}

/* Of the folder that was just opened, or was not. */
static int check_folder(struct home *h, bool make, char why[static WHY_LEN])
{
    if (h->fd < 0)
        return errno == ENOENT && !make ? -1 : home_say(h, "", strerror(errno), why);
    if (check_owner(h, h->fd, "", why) == 0)
        return 0;
    int error = errno;
    home_close(h);
    errno = error;
    return -1;
}

int home_open(struct home *h, const char *path, bool make, char why[static WHY_LEN])
{
    *h = (struct home){.fd = -1, .path = path};
    if (make && mkdir(path, 0700) != 0 && errno != EEXIST)
        return why_say(why, "cannot make the folder %s: %s (--home chooses another)", path, strerror(errno));
    h->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return check_folder(h, make, why);
}

int home_below(struct home *h, const char *below, bool make, char why[static WHY_LEN])
{
    int above = h->fd;
    h->below = below;
    h->fd = -1;
    if (!make || mkdirat(above, below, 0700) == 0 || errno == EEXIST)
        h->fd = openat(above, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int error = errno;
    close(above);
    errno = error;
    return check_folder(h, make, why);
}

void home_close(struct home *h)
{
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
}

static char *read_regular(int fd, size_t max, size_t *len)
{
    if (file_is_regular(fd))
        return file_read_whole(fd, max, len);
    errno = EINVAL;
    return NULL;
}

char *home_read(const struct home *h, const char *file, size_t max, size_t *len, char why[static WHY_LEN])
{
    *len = 0;
    int fd = openat(h->fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    if (fd < 0 && errno == ELOOP)
        (void)home_say(h, file, "is a link: put the file itself there, or choose another --home", why);
    else if (fd < 0 && errno != ENOENT)
        (void)home_say(h, file, strerror(errno), why);
    else if (fd >= 0 && check_owner(h, fd, file, why) == 0 && (text = read_regular(fd, max, len)) == NULL)
        (void)home_say(h, file,
                       errno == EINVAL ? "is no file: move it away, or choose another --home" : strerror(errno), why);
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return text;
}

static int lock_in_time(int fd, int seconds)
{
    const struct timespec pause = {.tv_nsec = 1000000000 / LOCK_TRIES_A_SECOND};
    for (int tries = seconds * LOCK_TRIES_A_SECOND; flock(fd, LOCK_EX | LOCK_NB) != 0; tries--) {
        if (errno != EINTR && (errno != EWOULDBLOCK || tries <= 0))
            return -1;
        if (errno == EWOULDBLOCK)
            (void)nanosleep(&pause, NULL);
    }
    return 0;
}

int home_lock(const struct home *h, const char *file, int seconds, char why[static WHY_LEN])
{
    int fd = openat(h->fd, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return home_say(h, file, strerror(errno), why);
    if (lock_in_time(fd, seconds) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return home_say(h, file,
                    error == EWOULDBLOCK ? "another program does not let go of it: end that one, then try again"
                                         : strerror(error),
                    why);
}

/* EINVAL: a file system that knows no syncing of folders. */
static int done(const struct home *h, const char *file, enum file_result result, char why[static WHY_LEN])
{
    if (result == FILE_DONE || (result == FILE_UNSYNCED && errno == EINVAL))
        return 0;
    return home_say(h, file, strerror(errno), why);
}

int home_replace(const struct home *h, const char *file, const void *data, size_t len, size_t max,
                 char why[static WHY_LEN])
{
    errno = EFBIG;
    return done(h, file, len <= max ? file_replace(h->fd, file, data, len, NULL) : FILE_FAILED, why);
}

bool home_has(const struct home *h, const char *file)
{
    struct stat st;
    return fstatat(h->fd, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int home_rename(const struct home *h, const char *from, const char *to, char why[static WHY_LEN])
{
    return done(h, from, file_rename(h->fd, from, to), why);
}

int home_remove(const struct home *h, const char *file, char why[static WHY_LEN])
{
    if (unlinkat(h->fd, file, 0) != 0)
        return errno == ENOENT ? 0 : home_say(h, file, strerror(errno), why);
    return done(h, file, file_sync(h->fd) == 0 ? FILE_DONE : FILE_UNSYNCED, why);
}
