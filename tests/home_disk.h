/* SPDX-License-Identifier: MIT */
/* For the tests of what a client keeps in its folder: a disk that fails, or a program that is killed, at each step of a
 * change. A step is a write, a sync, a rename or a removal; a write that fails or dies has written the half. */
#ifndef TESTS_HOME_DISK_H
#define TESTS_HOME_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/why.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define STEPS_MAX 100

/* What stands below takes the place of the system's own functions: the program's come first when it is linked. */
static struct {
    int steps, dies_at, fails_at; /* from 1; 0: never */
    int error;                    /* what a step fails with */
    bool is_memory;               /* nothing is really synced, where that is done thousands of times */
} disk;

static inline bool is_last(void)
{
    disk.steps++;
    return disk.steps == disk.dies_at || disk.steps == disk.fails_at;
}

static inline int fail_or_die(void)
{
    if (disk.steps == disk.dies_at)
        raise(SIGKILL);
    errno = disk.error;
    return -1;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    bool last = is_last();
    if (lseek(fd, at, SEEK_SET) < 0)
        return -1;
    ssize_t n = write(fd, data, last ? len / 2 : len);
    return last ? fail_or_die() : n;
}

int fdatasync(int fd)
{
    if (is_last())
        return fail_or_die();
    return disk.is_memory ? 0 : (int)syscall(SYS_fdatasync, fd);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return is_last() ? fail_or_die() : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

int unlinkat(int fd, const char *file, int flags)
{
    return is_last() ? fail_or_die() : (int)syscall(SYS_unlinkat, fd, file, flags);
}

/* Does it in a child that is killed at that step; false where it was over before. */
static inline bool killed_at(int step, void (*change)(void *), void *arg)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0 && step < STEPS_MAX);
    if (child == 0) {
        disk.steps = 0;
        disk.dies_at = step;
        change(arg);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : status == 0);
    return WIFSIGNALED(status);
}

/* From here on that step fails so. disk_works ends it, and says whether it came to that. */
static inline void disk_fails_at(int step, int error)
{
    assert_true(step < STEPS_MAX);
    disk.steps = 0;
    disk.fails_at = step;
    disk.error = error;
}

static inline bool disk_works(void)
{
    bool failed = disk.steps >= disk.fails_at;
    disk.fails_at = 0;
    return failed;
}

static inline void assert_mode(void **state, const char *file, mode_t mode)
{
    struct stat st;
    if (fstatat(scratch_fd(state), file, &st, AT_SYMLINK_NOFOLLOW) != 0)
        fail_msg("%s is not there", file);
    assert_int_equal(st.st_mode & 0777, mode);
}

static inline bool is_there(void **state, const char *file)
{
    struct stat st;
    return fstatat(scratch_fd(state), file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

#endif
