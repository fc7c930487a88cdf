/* SPDX-License-Identifier: MIT */
/* The file under the accounts: what was appended is read again; what was cut or damaged is noticed. */
#include "app/server/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/scratch.h"
#include "tests/test.h"

#define HEADER "glasschat test 1"
#define FILE_NAME "journal"

/* --- A disk that fails when it is told to
 * ----------------------------------------------------------------------------- These stand in the place of the
 * system's own functions of these names: the program's come first when it is linked. */

static struct {
    char calls[256]; /* what was called: w(rite), d(ata sync), s(ync), r(ename) */
    size_t room;     /* bytes that writes still take, then ENOSPC */
    size_t at_once;  /* most bytes that one write takes */
    int interrupt;   /* every other write is interrupted by a signal */
    int sync_fails;  /* all; or, negative, that many good ones are left, and then one that fails */
    int rename_fails;
    int cut_fails;
} disk;

static void disk_works(void)
{
    memset(&disk, 0, sizeof disk);
    disk.room = disk.at_once = SIZE_MAX;
}

static void called(char what)
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

static int sync_or_fail(char what)
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

static int take(void *arg, const char *text)
{
    struct taken *t = arg;
    strcat(t->text, text);
    strcat(t->text, "\n");
    return ++t->lines == t->refuse ? -1 : 0;
}

static int load(void **state, struct journal *j, struct taken *t, size_t *torn, char *error)
{
    memset(t, 0, sizeof *t);
    return journal_open(j, scratch_fd(state), FILE_NAME, HEADER, take, t, torn, error);
}

static enum journal_result append(struct journal *j, const char *text)
{
    char line[JOURNAL_LINE_MAX];
    size_t len;
    assert_int_equal(journal_line(line, sizeof line, &len, text), 0);
    return journal_append(j, line, len);
}

/* A file of three lines. */
static void write_three(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_int_equal(append(&j, "one"), JOURNAL_DONE);
    assert_int_equal(append(&j, "two\tfields"), JOURNAL_DONE);
    assert_int_equal(append(&j, ""), JOURNAL_DONE);
    journal_close(&j);
}

static void test_what_was_appended_is_read_again(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    write_three(state);
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_string_equal(t.text, "one\ntwo\tfields\n\n");
    assert_int_equal(torn, 0);
    struct stat st;
    assert_int_equal(fstat(j.fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    journal_close(&j);
}

/* The form of the file is relied upon by its readers: this is it, to the byte. */
static void test_the_file_is_as_documented(void **state)
{
    size_t len;
    write_three(state);
    char *text = scratch_read(state, FILE_NAME, &len);
    /* printf 'one\t' | sha256sum, and so on */
    assert_string_equal(text, HEADER "\none\t#5ef21a33\ntwo\tfields\t#b7ded4d0\n\t#2b4c342f\n");
    free(text);
}

static void test_a_cut_end_is_removed_at_every_length(void **state)
{
    size_t len, header_len = strlen(HEADER) + 1;
    write_three(state);
    char *whole = scratch_read(state, FILE_NAME, &len);
    for (size_t cut = 0; cut < len; cut++) {
        struct journal j;
        struct taken t;
        size_t torn, left;
        char error[JOURNAL_ERROR_MAX];
        scratch_write(state, FILE_NAME, whole, cut);
        assert_int_equal(load(state, &j, &t, &torn, error), 0);
        size_t lines = 0, end = 0;
        for (size_t i = 0; i < cut; i++)
            if (whole[i] == '\n') {
                lines++;
                end = i + 1;
            }
        assert_int_equal(t.lines, lines == 0 ? 0 : lines - 1);
        assert_int_equal(torn, lines == 0 ? 0 : cut - end);
        free(scratch_read(state, FILE_NAME, &left));
        assert_int_equal(left, lines == 0 ? header_len : end);
        assert_int_equal(append(&j, "next"), JOURNAL_DONE);
        journal_close(&j);
        assert_int_equal(load(state, &j, &t, &torn, error), 0);
        assert_int_equal(t.lines, (lines == 0 ? 0 : lines - 1) + 1);
        journal_close(&j);
    }
    free(whole);
}

/* What is left of a line must go before the next is written over it. */
static void test_a_cut_end_that_can_not_be_removed(void **state)
{
    struct journal j;
    struct taken t;
    size_t len, torn, after;
    char error[JOURNAL_ERROR_MAX];
    write_three(state);
    char *whole = scratch_read(state, FILE_NAME, &len);
    scratch_write(state, FILE_NAME, whole, len - 1);
    disk.cut_fails = 1;
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
    assert_non_null(strstr(error, FILE_NAME " can't be written"));
    char *left = scratch_read(state, FILE_NAME, &after);
    assert_int_equal(after, len - 1);
    assert_memory_equal(left, whole, after);
    disk_works();
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_true(torn > 0);
    journal_close(&j);
    free(left);
    free(whole);
}

/* No byte can change without being noticed, the file then stays as it is, and the line is named. (A line end that is
 * no more at the very end makes a cut line of the last one: that one alone is lost, with its length told.) */
static void test_damage_is_noticed_at_every_byte(void **state)
{
    size_t len;
    write_three(state);
    char *whole = scratch_read(state, FILE_NAME, &len);
    for (size_t at = 0; at < len; at++) {
        struct journal j;
        struct taken t;
        size_t torn, after;
        char error[JOURNAL_ERROR_MAX], line[16];
        whole[at] ^= 1;
        scratch_write(state, FILE_NAME, whole, len);
        int result = load(state, &j, &t, &torn, error);
        if (at == len - 1) {
            assert_int_equal(result, 0);
            assert_int_equal(torn, 11);
            journal_close(&j);
        } else {
            assert_int_equal(result, -1);
            size_t number = 1;
            for (size_t i = 0; i < at; i++)
                number += whole[i] == '\n';
            snprintf(line, sizeof line, "line %zu ", number);
            assert_non_null(strstr(error, line));
            char *left = scratch_read(state, FILE_NAME, &after);
            assert_int_equal(after, len);
            assert_memory_equal(left, whole, len);
            free(left);
        }
        whole[at] ^= 1;
    }
    free(whole);
}

static void test_a_line_that_take_refuses_is_damage(void **state)
{
    struct journal j;
    struct taken t = {.refuse = 2};
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    write_three(state);
    assert_int_equal(journal_open(&j, scratch_fd(state), FILE_NAME, HEADER, take, &t, &torn, error), -1);
    assert_non_null(strstr(error, "line 3 "));
}

static void test_a_nul_is_damage(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    static const char text[] = HEADER "\none\t#5ef21a33\0\none\t#5ef21a33\n";
    scratch_write(state, FILE_NAME, text, sizeof text - 1);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
    scratch_write(state, FILE_NAME, "\0\0\0\0", 4);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
    static const char in_header[] = HEADER "\0\n", in_text[] = HEADER "\no\0e\t#870db312\n"; /* the checksum is right */
    scratch_write(state, FILE_NAME, in_header, sizeof in_header - 1);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
    scratch_write(state, FILE_NAME, in_text, sizeof in_text - 1);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
}

static void test_a_file_open_to_others_is_refused(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    write_three(state);
    assert_int_equal(fchmodat(scratch_fd(state), FILE_NAME, 0644, 0), 0);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
    assert_non_null(strstr(error, "chmod"));
}

static void test_a_link_is_refused(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    write_three(state);
    assert_int_equal(renameat(scratch_fd(state), FILE_NAME, scratch_fd(state), "elsewhere"), 0);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), FILE_NAME), 0);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
}

/* A full disk, by a limit on the file's size: nothing is left of what did not fit, and later there is room again. */
static void test_a_write_that_fails_leaves_nothing(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX], long_text[1000];
    struct rlimit before, limit;
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 500;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum journal_result short_one = append(&j, "fits"), long_one = append(&j, long_text);
    enum journal_result again = append(&j, "fits too");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(short_one, JOURNAL_DONE);
    assert_int_equal(long_one, JOURNAL_FAILED);
    assert_int_equal(again, JOURNAL_DONE);
    journal_close(&j);
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_string_equal(t.text, "fits\nfits too\n");
    journal_close(&j);
}

/* /dev/full can be neither written nor cut: what is there is unknown, and no later call says otherwise. */
static void test_unknown_state_is_for_ever(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    int real = j.fd;
    j.fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    assert_true(j.fd >= 0);
    assert_int_equal(append(&j, "one"), JOURNAL_CLOSED);
    close(j.fd);
    j.fd = real;
    assert_int_equal(append(&j, "two"), JOURNAL_CLOSED);
    journal_close(&j);
}

static void test_a_line_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char text[JOURNAL_LINE_MAX], out[2 * JOURNAL_LINE_MAX];
    size_t len;
    memset(text, 'a', sizeof text);
    text[sizeof text - JOURNAL_CHECKSUM_LEN - 1] = '\0';
    assert_int_equal(journal_line(out, sizeof out, &len, text), 0);
    assert_int_equal(len, JOURNAL_LINE_MAX);
    assert_int_equal(journal_line(out, len - 1, &len, text), -1);
    text[sizeof text - JOURNAL_CHECKSUM_LEN - 1] = 'a';
    text[sizeof text - JOURNAL_CHECKSUM_LEN] = '\0';
    assert_int_equal(journal_line(out, sizeof out, &len, text), -1);
}

/* --- The disk fails ----------------------------------------------------------------------------------------------- */

static struct journal open_journal(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    if (load(state, &j, &t, &torn, error) != 0)
        fail_msg("%s", error);
    memset(disk.calls, 0, sizeof disk.calls);
    return j;
}

static void assert_file(void **state, const char *expected)
{
    size_t len;
    char *text = scratch_read(state, FILE_NAME, &len);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_loads(void **state, const char *expected)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    disk_works();
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_string_equal(t.text, expected);
    journal_close(&j);
    assert_int_equal(faccessat(scratch_fd(state), FILE_NAME ".new", F_OK, 0), -1);
}

static void test_done_is_said_after_the_sync(void **state)
{
    struct journal j = open_journal(state);
    assert_int_equal(append(&j, "one"), JOURNAL_DONE);
    assert_string_equal(disk.calls, "wd");
    journal_close(&j);
}

/* The file, the folder: what was read may have been written by a server that was killed before it could sync. */
static void test_what_is_read_is_synced(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    write_three(state);
    memset(disk.calls, 0, sizeof disk.calls);
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_string_equal(disk.calls, "ss");
    journal_close(&j);
    disk.sync_fails = 1;
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
}

static void test_short_and_interrupted_writes_go_on(void **state)
{
    struct journal j = open_journal(state);
    disk.at_once = 3;
    disk.interrupt = 1;
    assert_int_equal(append(&j, "one"), JOURNAL_DONE);
    assert_file(state, HEADER "\none\t#5ef21a33\n");
    journal_close(&j);
}

/* Full after each number of bytes: nothing of the line is left, that is synced, and the next line goes where it
 * should. */
static void test_a_full_disk_at_every_byte(void **state)
{
    for (size_t room = 0; room < strlen("one\t#5ef21a33\n"); room++) {
        scratch_write(state, FILE_NAME, "", 0);
        struct journal j = open_journal(state);
        disk.room = room;
        assert_int_equal(append(&j, "one"), JOURNAL_FAILED);
        assert_int_equal(j.why, ENOSPC);
        assert_int_equal(disk.calls[strlen(disk.calls) - 1], 'd');
        assert_file(state, HEADER "\n");
        disk.room = SIZE_MAX;
        assert_int_equal(append(&j, "two\tfields"), JOURNAL_DONE);
        assert_file(state, HEADER "\ntwo\tfields\t#b7ded4d0\n");
        journal_close(&j);
    }
}

/* The kernel may forget what it could not write, and say "done" to the next sync: so there is no next one. */
static void test_a_failed_sync_ends_all_writing(void **state)
{
    struct journal j = open_journal(state);
    disk.sync_fails = 1;
    assert_int_equal(append(&j, "one"), JOURNAL_CLOSED);
    assert_int_equal(j.why, EIO);
    disk.sync_fails = 0;
    assert_string_equal(disk.calls, "wd");
    assert_int_equal(append(&j, "two"), JOURNAL_CLOSED);
    assert_string_equal(disk.calls, "wd");
    journal_close(&j);
}

static void test_a_failed_sync_after_a_failed_write_ends_all_writing(void **state)
{
    struct journal j = open_journal(state);
    disk.sync_fails = 1;
    disk.room = 2;
    assert_int_equal(append(&j, "one"), JOURNAL_CLOSED);
    disk_works();
    assert_int_equal(append(&j, "two"), JOURNAL_CLOSED);
    assert_string_equal(disk.calls, "");
    journal_close(&j);
}

static void test_what_can_not_be_cut_off_ends_all_writing(void **state)
{
    struct journal j = open_journal(state);
    disk.cut_fails = 1;
    disk.room = 2;
    assert_int_equal(append(&j, "one"), JOURNAL_CLOSED);
    assert_int_equal(j.why, EIO);
    disk_works();
    assert_int_equal(append(&j, "two"), JOURNAL_CLOSED);
    assert_string_equal(disk.calls, "");
    journal_close(&j);
    assert_loads(state, "");
}

static void test_a_new_file_on_a_full_disk_is_said(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[JOURNAL_ERROR_MAX];
    for (size_t room = 0; room <= strlen(HEADER); room++) {
        disk.room = room;
        assert_int_equal(load(state, &j, &t, &torn, error), -1);
        assert_non_null(strstr(error, "No space left on device; make room"));
    }
    disk_works();
    j = open_journal(state);
    assert_file(state, HEADER "\n");
    journal_close(&j);
}

/* --- Compaction --------------------------------------------------------------------------------------------------- */

static struct journal with_dead_lines(void **state)
{
    scratch_write(state, FILE_NAME, "", 0);
    struct journal j = open_journal(state);
    static const char *const texts[] = {"a\t1", "ab\t1", "b", "a\t2", "c\t1", "a\t3", "b\t2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(append(&j, texts[i]), JOURNAL_DONE);
    disk_works();
    return j;
}

#define ALL "a\t1\nab\t1\nb\na\t2\nc\t1\na\t3\nb\t2\n"
#define LAST "ab\t1\nc\t1\na\t3\nb\t2\n"

/* Aside, synced, renamed, and the folder synced: in this order. What is appended then goes behind. */
static void test_compaction_keeps_the_last_line_of_each_name(void **state)
{
    size_t lines;
    struct stat st;
    struct journal j = with_dead_lines(state);
    assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_DONE);
    assert_int_equal(lines, 4);
    assert_string_equal(disk.calls, "wdrd");
    assert_int_equal(append(&j, "d\t1"), JOURNAL_DONE);
    assert_int_equal(fstat(j.fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    journal_close(&j);
    assert_loads(state, LAST "d\t1\n");
    j = open_journal(state);
    assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_DONE); /* again: nothing to do is no problem */
    assert_int_equal(lines, 5);
    journal_close(&j);
    assert_loads(state, LAST "d\t1\n");
}

/* Of the names above: c's last line says nothing, and so does one of a's that is not its last. */
static bool is_idle(const char *text, size_t len)
{
    return len == 3 && (memcmp(text, "c\t1", 3) == 0 || memcmp(text, "a\t2", 3) == 0);
}

static void test_compaction_leaves_out_what_says_nothing(void **state)
{
    size_t lines;
    struct journal j = with_dead_lines(state);
    assert_int_equal(journal_compact(&j, is_idle, &lines), JOURNAL_DONE);
    assert_int_equal(lines, 3);
    assert_int_equal(append(&j, "c\t1"), JOURNAL_DONE);
    journal_close(&j);
    assert_loads(state, "ab\t1\na\t3\nb\t2\nc\t1\n");
}

static void test_an_empty_journal_is_compacted_to_itself(void **state)
{
    size_t lines;
    struct journal j = open_journal(state);
    assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_DONE);
    assert_int_equal(lines, 0);
    journal_close(&j);
    assert_loads(state, "");
}

/* The old file is as it was and goes on being used, whatever fails before the new one is in its place. */
static void test_a_compaction_that_fails_changes_nothing(void **state)
{
    for (int what = 0; what < 4; what++) {
        size_t lines;
        struct journal j = with_dead_lines(state);
        disk.room = what == 0 ? 0 : what == 1 ? 20 : SIZE_MAX;
        disk.sync_fails = what == 2 ? -1 : 0;
        disk.rename_fails = what == 3;
        assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_FAILED);
        assert_int_equal(j.why, what < 2 ? ENOSPC : EIO);
        disk_works();
        assert_int_equal(faccessat(scratch_fd(state), FILE_NAME ".new", F_OK, 0), -1);
        assert_int_equal(append(&j, "d\t1"), JOURNAL_DONE);
        journal_close(&j);
        assert_loads(state, ALL "d\t1\n");
    }
}

/* The next one is not hindered by what was left, and what is opened again after it is whole. */
static void test_a_compaction_after_one_that_failed(void **state)
{
    for (int what = 0; what < 2; what++) {
        size_t lines;
        struct journal j = with_dead_lines(state);
        disk.sync_fails = what == 0 ? -1 : 0;
        disk.rename_fails = what == 1;
        assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_FAILED);
        disk_works();
        assert_int_equal(append(&j, "d\t1"), JOURNAL_DONE);
        assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_DONE);
        assert_int_equal(append(&j, "e\t1"), JOURNAL_DONE);
        journal_close(&j);
        assert_loads(state, LAST "d\t1\ne\t1\n");
    }
}

/* The new file is in its place, but a crash may bring the old one back: what were added now could be lost. */
static void test_a_folder_that_can_not_be_synced_ends_all_writing(void **state)
{
    size_t lines;
    struct journal j = with_dead_lines(state);
    disk.sync_fails = -2;
    assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_CLOSED);
    assert_string_equal(disk.calls, "wdrd");
    disk_works();
    assert_int_equal(append(&j, "d\t1"), JOURNAL_CLOSED);
    assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_CLOSED);
    assert_string_equal(disk.calls, "");
    journal_close(&j);
    assert_loads(state, LAST);
}

/* A file that was damaged meanwhile is left alone: it has lines that could be saved, and a backup may be elsewhere. */
static void test_a_damaged_file_is_not_compacted(void **state)
{
    size_t len, lines;
    struct journal j = with_dead_lines(state);
    char *text = scratch_read(state, FILE_NAME, &len);
    for (size_t at = 0; at < len; at++) {
        text[at] ^= 1;
        assert_int_equal(pwrite(j.fd, text, len, 0), len);
        assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_FAILED);
        assert_int_equal(j.why, EBADMSG);
        text[at] ^= 1;
    }
    assert_int_equal(pwrite(j.fd, text, len, 0), len);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(ftruncate(j.fd, (off_t)cut), 0);
        assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_FAILED);
        assert_int_equal(pwrite(j.fd, text, len, 0), len);
    }
    assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_DONE);
    free(text);
    journal_close(&j);
}

static void test_what_a_killed_compaction_left_is_removed(void **state)
{
    struct journal j = with_dead_lines(state);
    journal_close(&j);
    scratch_write(state, FILE_NAME ".new", "glasschat te", 12);
    assert_loads(state, ALL);
}

static int make(void **state)
{
    disk_works();
    return scratch_make(state);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_what_was_appended_is_read_again),
        WITH_FOLDER(test_the_file_is_as_documented),
        WITH_FOLDER(test_a_cut_end_is_removed_at_every_length),
        WITH_FOLDER(test_a_cut_end_that_can_not_be_removed),
        WITH_FOLDER(test_damage_is_noticed_at_every_byte),
        WITH_FOLDER(test_a_line_that_take_refuses_is_damage),
        WITH_FOLDER(test_a_nul_is_damage),
        WITH_FOLDER(test_a_file_open_to_others_is_refused),
        WITH_FOLDER(test_a_link_is_refused),
        WITH_FOLDER(test_a_write_that_fails_leaves_nothing),
        WITH_FOLDER(test_unknown_state_is_for_ever),
        cmocka_unit_test(test_a_line_that_is_too_long_is_refused),
        WITH_FOLDER(test_done_is_said_after_the_sync),
        WITH_FOLDER(test_what_is_read_is_synced),
        WITH_FOLDER(test_short_and_interrupted_writes_go_on),
        WITH_FOLDER(test_a_full_disk_at_every_byte),
        WITH_FOLDER(test_a_failed_sync_ends_all_writing),
        WITH_FOLDER(test_a_failed_sync_after_a_failed_write_ends_all_writing),
        WITH_FOLDER(test_what_can_not_be_cut_off_ends_all_writing),
        WITH_FOLDER(test_a_new_file_on_a_full_disk_is_said),
        WITH_FOLDER(test_compaction_keeps_the_last_line_of_each_name),
        WITH_FOLDER(test_compaction_leaves_out_what_says_nothing),
        WITH_FOLDER(test_an_empty_journal_is_compacted_to_itself),
        WITH_FOLDER(test_a_compaction_that_fails_changes_nothing),
        WITH_FOLDER(test_a_compaction_after_one_that_failed),
        WITH_FOLDER(test_a_folder_that_can_not_be_synced_ends_all_writing),
        WITH_FOLDER(test_a_damaged_file_is_not_compacted),
        WITH_FOLDER(test_what_a_killed_compaction_left_is_removed),
    };
    return RUN(tests);
}
