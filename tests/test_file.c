/* SPDX-License-Identifier: MIT */
/* net/file: what is read is all of it, however the system hands it out; what is replaced is never half there. For
 * crashes between any two steps see tests/integration/test_store_faults_killed.py. */
#undef _FORTIFY_SOURCE /* with it read is an inline function, which none of ours can replace */

#include "net/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/scratch.h"
#include "tests/test.h"

#define NAME "file"

/* --- A system that hands out little at once, is interrupted, and fails -------------------------------------------- */
/* These take the place of the system's own functions of these names: the program's come first when it is linked. */

static struct {
    char calls[256];  /* what was called: w(rite), d(ata sync), r(ename) */
    size_t at_once;   /* most bytes that one read or write takes; 0: no limit */
    bool interrupted; /* every other read or write is interrupted by a signal */
    unsigned odd;     /* counts them */
    int read_fails;   /* errno of reads, once that many bytes were read */
    size_t read_before;
    int fails_at; /* which of the calls fails, from 1; 0: none */
} fake;

static bool is_interrupted(void)
{
    errno = EINTR;
    return fake.interrupted && ++fake.odd % 2 == 1;
}

static size_t limited(size_t len)
{
    return fake.at_once > 0 && len > fake.at_once ? fake.at_once : len;
}

static bool fails(char what)
{
    size_t len = strlen(fake.calls);
    assert_true(len < sizeof fake.calls - 1);
    fake.calls[len] = what;
    errno = EIO;
    return (int)len + 1 == fake.fails_at;
}

ssize_t read(int fd, void *out, size_t cap)
{
    if (is_interrupted())
        return -1;
    errno = fake.read_fails;
    if (fake.read_fails != 0 && fake.read_before == 0)
        return -1;
    ssize_t n = syscall(SYS_read, fd, out, limited(cap));
    if (n > 0 && fake.read_fails != 0)
        fake.read_before -= (size_t)n < fake.read_before ? (size_t)n : fake.read_before;
    return n;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    if (is_interrupted())
        return -1;
    if (fails('w'))
        return -1;
    return lseek(fd, at, SEEK_SET) < 0 ? -1 : write(fd, data, limited(len));
}

int fdatasync(int fd)
{
    (void)fd;
    return fails('d') ? -1 : 0;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return fails('r') ? -1 : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
}

static int make(void **state)
{
    memset(&fake, 0, sizeof fake);
    return scratch_make(state);
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static int open_file(void **state, const char *name)
{
    int fd = openat(scratch_fd(state), name, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* len bytes of which no two neighbours are the same; valid until the next call. */
static const char *pattern(size_t len)
{
    static char bytes[300000];
    assert_true(len <= sizeof bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    return bytes;
}

static void test_a_part_is_read_up_to_the_cap_or_the_end(void **state)
{
    char out[10] = "";
    scratch_write(state, NAME, "abcdef", 6);
    int fd = open_file(state, NAME);
    assert_int_equal(file_read(fd, out, 4), 4);
    assert_memory_equal(out, "abcd", 5);
    assert_int_equal(file_read(fd, out, sizeof out), 2);
    assert_memory_equal(out, "ef", 2);
    assert_int_equal(file_read(fd, out, sizeof out), 0);
    close(fd);
}

static void assert_whole(void **state, size_t len, size_t max)
{
    size_t found;
    scratch_write(state, NAME, pattern(len), len);
    int fd = open_file(state, NAME);
    char *text = file_read_whole(fd, max, &found);
    assert_non_null(text);
    assert_int_equal(found, len);
    assert_memory_equal(text, pattern(len), len);
    assert_int_equal(text[len], '\0');
    free(text);
    close(fd);
}

static void test_a_whole_file_is_read_at_every_length_that_matters(void **state)
{
    static const size_t lengths[] = {0, 1, 65534, 65535, 65536, 131071, 131072, 262143, 262144, 300000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        assert_whole(state, lengths[i], lengths[i]);
        assert_whole(state, lengths[i], SIZE_MAX);
    }
}

static void test_reading_goes_on_after_a_short_or_an_interrupted_read(void **state)
{
    fake.interrupted = true;
    fake.at_once = 7;
    assert_whole(state, 1000, 1000);
    fake.at_once = 65536;
    assert_whole(state, 300000, 300000);
}

static void test_what_is_longer_is_refused(void **state)
{
    static const size_t lengths[] = {1, 2, 65536, 131072, 300000};
    size_t len;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        scratch_write(state, NAME, pattern(lengths[i]), lengths[i]);
        int fd = open_file(state, NAME);
        errno = 0;
        assert_null(file_read_whole(fd, lengths[i] - 1, &len));
        assert_int_equal(errno, EFBIG);
        close(fd);
    }
    int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    assert_null(file_read_whole(endless, 100000, &len));
    assert_int_equal(errno, EFBIG);
    close(endless);
}

static void test_a_read_that_fails_is_said(void **state)
{
    char out[10];
    size_t len;
    static const size_t before[] = {0, 1, 100000};
    scratch_write(state, NAME, pattern(300000), 300000);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        int fd = open_file(state, NAME);
        fake.read_fails = EIO;
        fake.read_before = before[i];
        assert_null(file_read_whole(fd, SIZE_MAX, &len));
        assert_int_equal(errno, EIO);
        assert_int_equal(file_read(fd, out, sizeof out), -1);
        close(fd);
    }
    fake.read_fails = 0;
    assert_null(file_read_whole(scratch_fd(state), 100, &len));
    assert_int_equal(errno, EISDIR);
}

static void test_what_is_a_regular_file(void **state)
{
    int ends[2];
    scratch_write(state, NAME, "", 0);
    int fd = open_file(state, NAME);
    assert_true(file_is_regular(fd));
    close(fd);
    assert_false(file_is_regular(fd));
    assert_false(file_is_regular(scratch_fd(state)));
    assert_int_equal(pipe(ends), 0);
    assert_false(file_is_regular(ends[0]));
    close(ends[0]);
    close(ends[1]);
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static void assert_file(void **state, const char *name, const char *expected)
{
    size_t len;
    char *text = scratch_read(state, name, &len);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
    free(text);
}

static void assert_not_there(void **state, const char *name)
{
    assert_int_equal(faccessat(scratch_fd(state), name, F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

static enum file_result replace(void **state, const char *text)
{
    memset(fake.calls, 0, sizeof fake.calls);
    return file_replace(scratch_fd(state), NAME, text, strlen(text), NULL);
}

/* The bytes, their sync, the name, its sync: a name that shows before its bytes are safe would be an empty file after
 * a crash. */
static void test_the_steps_come_in_their_order(void **state)
{
    struct stat st;
    mode_t before = umask(0);
    assert_int_equal(replace(state, "one"), FILE_DONE);
    umask(before);
    assert_string_equal(fake.calls, "wdrd");
    assert_file(state, NAME, "one");
    assert_not_there(state, NAME FILE_ASIDE);
    assert_int_equal(fstatat(scratch_fd(state), NAME, &st, 0), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(replace(state, "other"), FILE_DONE);
    assert_file(state, NAME, "other");
    assert_int_equal(replace(state, ""), FILE_DONE);
    assert_string_equal(fake.calls, "drd");
    assert_file(state, NAME, "");
}

static void test_writing_goes_on_after_a_short_or_an_interrupted_write(void **state)
{
    fake.interrupted = true;
    fake.at_once = 2;
    assert_int_equal(replace(state, "seven b"), FILE_DONE);
    fake.interrupted = false;
    fake.at_once = 0;
    assert_string_equal(fake.calls, "wwwwdrd");
    assert_file(state, NAME, "seven b");
}

static void test_whatever_fails_before_the_renaming_changes_nothing(void **state)
{
    assert_int_equal(replace(state, "old"), FILE_DONE);
    for (int at = 1; at <= 3; at++) {
        fake.fails_at = at;
        assert_int_equal(replace(state, "new"), FILE_FAILED);
        assert_int_equal(errno, EIO);
        assert_int_equal(strlen(fake.calls), at);
        assert_file(state, NAME, "old");
        assert_not_there(state, NAME FILE_ASIDE);
    }
}

static void test_a_folder_that_is_not_synced_is_said(void **state)
{
    assert_int_equal(replace(state, "old"), FILE_DONE);
    fake.fails_at = 4;
    assert_int_equal(replace(state, "new"), FILE_UNSYNCED);
    assert_int_equal(errno, EIO);
    assert_file(state, NAME, "new");
    fake.fails_at = 0;
    memset(fake.calls, 0, sizeof fake.calls);
    assert_int_equal(file_rename(scratch_fd(state), NAME, "other"), FILE_DONE);
    assert_string_equal(fake.calls, "rd");
    fake.fails_at = 4;
    assert_int_equal(file_rename(scratch_fd(state), "other", NAME), FILE_UNSYNCED);
    assert_int_equal(file_rename(scratch_fd(state), "other", NAME), FILE_FAILED);
    assert_int_equal(errno, ENOENT);
    assert_file(state, NAME, "new");
}

/* What a link leads to stays as it is, and a FIFO's reader is not waited for. */
static void test_what_stands_aside_goes(void **state)
{
    int folder = scratch_fd(state);
    scratch_write(state, NAME FILE_ASIDE, "what a crash has left", 21);
    assert_int_equal(replace(state, "one"), FILE_DONE);
    assert_file(state, NAME, "one");
    scratch_write(state, "elsewhere", "left", 4);
    assert_int_equal(symlinkat("elsewhere", folder, NAME FILE_ASIDE), 0);
    assert_int_equal(replace(state, "two"), FILE_DONE);
    assert_file(state, "elsewhere", "left");
    assert_int_equal(linkat(folder, "elsewhere", folder, NAME FILE_ASIDE, 0), 0);
    assert_int_equal(replace(state, "three"), FILE_DONE);
    assert_file(state, "elsewhere", "left");
    assert_int_equal(mkfifoat(folder, NAME FILE_ASIDE, 0600), 0);
    assert_int_equal(replace(state, "four"), FILE_DONE);
    assert_file(state, NAME, "four");
    assert_int_equal(mkdirat(folder, NAME FILE_ASIDE, 0700), 0);
    assert_int_equal(replace(state, "five"), FILE_FAILED);
    assert_int_equal(errno, EISDIR);
    assert_file(state, NAME, "four");
}

/* A link in the file's own place is replaced, and not what it leads to. */
static void test_a_link_is_replaced(void **state)
{
    struct stat st;
    scratch_write(state, "elsewhere", "left", 4);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), NAME), 0);
    assert_int_equal(replace(state, "new"), FILE_DONE);
    assert_file(state, "elsewhere", "left");
    assert_int_equal(fstatat(scratch_fd(state), NAME, &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_true(S_ISREG(st.st_mode));
}

static void test_the_new_file_may_be_kept(void **state)
{
    char out[10];
    for (int at = 0; at <= 4; at += 4) {
        int fd = -1;
        memset(fake.calls, 0, sizeof fake.calls);
        fake.fails_at = at;
        assert_int_equal(file_replace(scratch_fd(state), NAME, "kept", 4, &fd), at == 0 ? FILE_DONE : FILE_UNSYNCED);
        fake.fails_at = 0;
        assert_int_equal(file_write(fd, "more", 4, 2), 0);
        assert_file(state, NAME, "kemore");
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(file_read(fd, out, sizeof out), 6);
        close(fd);
    }
    int fd = -1;
    memset(fake.calls, 0, sizeof fake.calls);
    fake.fails_at = 3;
    assert_int_equal(file_replace(scratch_fd(state), NAME, "gone", 4, &fd), FILE_FAILED);
    assert_int_equal(fd, -1);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_a_part_is_read_up_to_the_cap_or_the_end),
        WITH_FOLDER(test_a_whole_file_is_read_at_every_length_that_matters),
        WITH_FOLDER(test_reading_goes_on_after_a_short_or_an_interrupted_read),
        WITH_FOLDER(test_what_is_longer_is_refused),
        WITH_FOLDER(test_a_read_that_fails_is_said),
        WITH_FOLDER(test_what_is_a_regular_file),
        WITH_FOLDER(test_the_steps_come_in_their_order),
        WITH_FOLDER(test_writing_goes_on_after_a_short_or_an_interrupted_write),
        WITH_FOLDER(test_whatever_fails_before_the_renaming_changes_nothing),
        WITH_FOLDER(test_a_folder_that_is_not_synced_is_said),
        WITH_FOLDER(test_what_stands_aside_goes),
        WITH_FOLDER(test_a_link_is_replaced),
        WITH_FOLDER(test_the_new_file_may_be_kept),
    };
    return RUN(tests);
}
