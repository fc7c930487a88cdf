/* Which file a path leads to is known once the file is there: so this is asked before it is opened, which may make it,
 * and once more after that. */
#include "app/server/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/log.h"

#define ASIDE ".new" /* behind a name: what is written before it gets that name */
#define NAME_CAP 64

/* All that the server makes in its folder; of most there is an ASIDE too, at times. */
static const char *const files[] = {"accounts",           "codes",  "delays", "control",
                                    "server.certificate", "server.certificate.renewed",
                                    "server.key",         "storage.key", "lock"};

static bool is_same_file(int folder_fd, const char *name, const struct stat *log)
{
    struct stat st;
    return fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == log->st_dev &&
           st.st_ino == log->st_ino;
}

/* The name in the folder of the file at path, or NULL where it has none of ours. made: it is nobody's yet, and goes. */
static const char *find(const char *path, int folder_fd, bool made)
{
    static char name[NAME_CAP];
    struct stat log;
    bool found = false;
    if (stat(path, &log) != 0)
        return NULL;
    for (size_t i = 0; !found && i < 2 * (sizeof files / sizeof *files); i++) {
        snprintf(name, sizeof name, "%s%s", files[i / 2], i % 2 == 0 ? "" : ASIDE);
        found = is_same_file(folder_fd, name, &log);
    }
    if (found && made)
        (void)unlinkat(folder_fd, name, 0);
    return found ? name : NULL;
}

static int refuse(char why[static LOGFILE_WHY_LEN], const char *path, const char *name)
{
    snprintf(why, LOGFILE_WHY_LEN, "the log %.300s is the data folder's own %s; choose another --log-file", path, name);
    return -1;
}

int logfile_open(const char *path, int folder_fd, char why[static LOGFILE_WHY_LEN])
{
    const char *name = find(path, folder_fd, false);
    if (name != NULL)
        return refuse(why, path, name);
    if (log_open(path) != 0) {
        snprintf(why, LOGFILE_WHY_LEN, "cannot open the log %.300s: %s; choose another --log-file", path,
                 strerror(errno));
        return -1;
    }
    name = find(path, folder_fd, true);
    if (name == NULL)
        return 0;
    log_close();
    return refuse(why, path, name);
}

/* Once sealed, the server may ask only about what it has open (seccomp.c). A name that can't be opened is no file that
 * a log could be. */
static bool is_same_open(int folder_fd, const char *name, const struct stat *log)
{
    struct stat st;
    int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same = fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == log->st_dev && st.st_ino == log->st_ino;
    if (fd >= 0)
        close(fd);
    return same;
}

int logfile_reopen(const char *path, int folder_fd, char why[static LOGFILE_WHY_LEN])
{
    struct stat log;
    const char *kept = NULL;
    int fd = open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    bool there = fd >= 0 && fstat(fd, &log) == 0;
    if (fd >= 0)
        close(fd);
    for (size_t i = 0; there && kept == NULL && i < sizeof files / sizeof *files; i++)
        kept = is_same_open(folder_fd, files[i], &log) ? files[i] : NULL;
    if (kept != NULL)
        return refuse(why, path, kept);
    if (log_reopen(path) == 0)
        return 0;
    snprintf(why, LOGFILE_WHY_LEN, "%s", strerror(errno));
    return -1;
}
