/* SPDX-License-Identifier: MIT */
/* For the tests of the server's folder: one in a fresh folder, and what of it was synced. */
#ifndef TESTS_DATADIR_SCRATCH_H
#define TESTS_DATADIR_SCRATCH_H

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/store/datadir.h"
#include "net/why.h"
#include "tests/scratch.h"
#include "tests/test.h"

/* What was synced: f(iles) and d(irectories). These take the place of the system's own functions: the program's
 * come first when it is linked. */
static struct {
    char calls[64];
    int fails;
} sync_state;

int fsync(int fd)
{
    struct stat st;
    size_t len = strlen(sync_state.calls);
    assert_int_equal(fstat(fd, &st), 0);
    if (len < sizeof sync_state.calls - 1)
        sync_state.calls[len] = S_ISDIR(st.st_mode) ? 'd' : 'f';
    errno = EIO;
    return sync_state.fails ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

/* A path in the test's folder; valid until the next call. */
static inline const char *in_scratch(void **state, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", scratch_path(state), name);
    return path;
}

static inline struct datadir open_data(void **state)
{
    struct datadir d;
    char error[WHY_LEN];
    if (datadir_open(&d, in_scratch(state, "data"), error) != 0)
        fail_msg("%s", error);
    return d;
}

static inline mode_t mode_of(int dir_fd, const char *file)
{
    struct stat st;
    assert_int_equal(fstatat(dir_fd, file, &st, AT_SYMLINK_NOFOLLOW), 0);
    return st.st_mode & 07777;
}

static inline int exists(int dir_fd, const char *file)
{
    return faccessat(dir_fd, file, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline int set_up(void **state)
{
    memset(&sync_state, 0, sizeof sync_state);
    return scratch_make(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, scratch_remove)

#endif
