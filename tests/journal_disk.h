/* SPDX-License-Identifier: MIT */
/* For the tests of the journal: a file in a fresh folder, on a disk that fails when it is told to. */
#ifndef TESTS_JOURNAL_DISK_H
#define TESTS_JOURNAL_DISK_H

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/server/store/journal.h"
#include "net/why.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define HEADER "glasschat test 1"
#define FILE_NAME "journal"

/* These take the place of the system's own functions: the program's come first when it is linked. */
static struct {
    char calls[256]; /* what was called: w(rite), d(ata sync), s(ync), r(ename) */
    size_t room;     /* bytes that writes still take, then ENOSPC */
    size_t at_once;  /* most bytes that one write takes */
    int interrupt;   /* every other write is interrupted by a signal */
    int sync_fails;  /* all; if negative, so many succeed first, and then one fails */
    int rename_fails;
    int cut_fails;
} disk;

static inline void disk_works(void)
{
    memset(&disk, 0, sizeof disk);
    disk.room = disk.at_once = SIZE_MAX;
}

static inline void called(char what)
{
    size_t len = strlen(disk.calls);
    if (len < sizeof disk.calls - 1)
        disk.calls[len] = what;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    called('w');
    if (disk.interrupt && strlen(disk.calls) % 2 == 1) {
        errno = EINTR;
        return -1;
    }
    if (disk.room == 0) {
        errno = ENOSPC;
        return -1;
    }
    len = len < disk.room ? len : disk.room;
    len = len < disk.at_once ? len : disk.at_once;
    disk.room -= len;
    return lseek(fd, at, SEEK_SET) < 0 ? -1 : write(fd, data, len);
}

static inline int sync_or_fail(char what)
{
    called(what);
    errno = EIO;
    if (disk.sync_fails < 0)
        return ++disk.sync_fails == 0 ? -1 : 0;
    return disk.sync_fails ? -1 : 0;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    called('r');
    errno = EIO;
    return disk.rename_fails ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

int ftruncate(int fd, off_t len)
{
    errno = EIO;
    return disk.cut_fails ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int fdatasync(int fd)
{
    (void)fd;
    return sync_or_fail('d');
}

int fsync(int fd)
{
    (void)fd;
    return sync_or_fail('s');
}

/* What a journal_take was given, line after line. */
struct taken {
    char text[4096];
    size_t lines, refuse; /* refuse: the line that take says no to, 0 none */
};

static inline int take(void *arg, const char *text)
{
    struct taken *t = arg;
    strcat(t->text, text);
    strcat(t->text, "\n");
    return ++t->lines == t->refuse ? -1 : 0;
}

static inline int load(void **state, struct journal *j, struct taken *t, size_t *torn, char *error)
{
    memset(t, 0, sizeof *t);
    return journal_open(j, scratch_fd(state), FILE_NAME, HEADER, take, t, torn, error);
}

static inline enum journal_result append(struct journal *j, const char *text)
{
    char line[JOURNAL_LINE_MAX];
    size_t len;
    assert_int_equal(journal_line(line, sizeof line, &len, text), 0);
    return journal_append(j, line, len);
}

/* A file of three lines. */
static inline void write_three(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN];
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_int_equal(append(&j, "one"), JOURNAL_DONE);
    assert_int_equal(append(&j, "two\tfields"), JOURNAL_DONE);
    assert_int_equal(append(&j, ""), JOURNAL_DONE);
    journal_close(&j);
}

static inline struct journal open_journal(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN];
    if (load(state, &j, &t, &torn, error) != 0)
        fail_msg("%s", error);
    memset(disk.calls, 0, sizeof disk.calls);
    return j;
}

static inline void assert_file(void **state, const char *expected)
{
    size_t len;
    char *text = scratch_read(state, FILE_NAME, &len);
    assert_string_equal(text, expected);
    free(text);
}

static inline void assert_loads(void **state, const char *expected)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN];
    disk_works();
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_string_equal(t.text, expected);
    journal_close(&j);
    assert_int_equal(faccessat(scratch_fd(state), FILE_NAME ".new", F_OK, 0), -1);
}

static inline int set_up(void **state)
{
    disk_works();
    return scratch_make(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, scratch_remove)

#endif
