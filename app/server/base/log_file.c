/* SPDX-License-Identifier: MIT */
/* Which file a path leads to is known only once the file is there. So this is checked before opening, which may make
 * it, and once more after that. */
#include "app/server/base/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "net/file.h"

/* All that the server makes in its folder; at times there is also one with FILE_ASIDE after most of these names. */
static const char *const files[] = {
    "accounts",   "codes",       "delays", "control", "server.certificate", "server.certificate.renewed",
    "server.key", "storage.key", "lock"};

/* Once sealed, the server may ask only about what it has open (server_calls.c). A name that can't be opened is no
 * file that could be the log. */
static bool is_same_file(int folder_fd, const char *name, const struct stat *log)
{
    struct stat st;
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same = fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == log->st_dev && st.st_ino == log->st_ino;
    if (fd >= 0)
        close(fd);
    return same;
}

/* The name that the file has in the folder, or NULL where it has none of ours. */
static const char *find(int folder_fd, const struct stat *log)
{
    static char name[FILE_NAME_CAP];
    for (size_t i = 0; i < 2 * (sizeof files / sizeof *files); i++) {
        snprintf(name, sizeof name, "%s%s", files[i / 2], i % 2 == 0 ? "" : FILE_ASIDE);
        if (is_same_file(folder_fd, name, log))
            return name;
    }
    return NULL;
}

static const char *find_path(int folder_fd, const char *path)
{
    struct stat log;
    return stat(path, &log) == 0 ? find(folder_fd, &log) : NULL;
}

static int refuse(char why[static WHY_LEN], const char *path, const char *name)
{
    return why_say(why, "the log %.300s is the data folder's own %s; choose another --log-file", path, name);
}

int log_file_open(const char *path, int folder_fd, char why[static WHY_LEN])
{
    const char *name = find_path(folder_fd, path);
    if (name != NULL)
        return refuse(why, path, name);
    if (log_open(path) != 0)
        return why_say(why, "cannot open the log %.300s: %s; choose another --log-file", path, strerror(errno));
    name = find_path(folder_fd, path);
    if (name == NULL)
        return 0;
    (void)unlinkat(folder_fd, name, 0); /* it was not there before, and is nobody's yet */
    log_close();
    return refuse(why, path, name);
}

int log_file_reopen(const char *path, int folder_fd, char why[static WHY_LEN])
{
    struct stat log;
    int fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const char *name = fd >= 0 && fstat(fd, &log) == 0 ? find(folder_fd, &log) : NULL;
    if (fd >= 0)
        close(fd);
    if (name != NULL)
        return refuse(why, path, name);
    if (log_reopen(path) == 0)
        return 0;
    return why_say(why, "%s", strerror(errno));
}
