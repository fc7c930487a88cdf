/* SPDX-License-Identifier: MIT */
/* The journal on a disk that fails: what is said to be done is on it, and once that is unknown nothing more is done. */
#include "app/server/store/journal.h"

#include <signal.h>
#include <sys/resource.h>

#include "tests/journal_disk.h"

/* What is left of a line must go before the next is written over it. */
static void test_a_cut_end_that_can_not_be_removed(void **state)
{
    struct journal j;
    struct taken t;
    size_t len, torn, after;
    char error[WHY_LEN];
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

/* A full disk, by a limit on the file's size: nothing is left of what did not fit, and later there is room again. */
static void test_a_write_that_fails_leaves_nothing(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN], long_text[1000];
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
    char error[WHY_LEN];
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

static void test_done_is_said_after_the_sync(void **state)
{
    struct journal j = open_journal(state);
    assert_int_equal(append(&j, "one"), JOURNAL_DONE);
    assert_string_equal(disk.calls, "wd");
    journal_close(&j);
}

/* The file and the folder: what was read may have been written by a server that was killed before it could sync. */
static void test_what_is_read_is_synced(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN];
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

/* Full after each number of bytes: nothing of the line is left, its removal is synced, and the next line goes where
 * it should. */
static void test_a_full_disk_at_every_byte(void **state)
{
    for (size_t room = 0; room < strlen("one\t#5ef21a33\n"); room++) {
        scratch_write(state, FILE_NAME, "", 0);
        struct journal j = open_journal(state);
        disk.room = room;
        assert_int_equal(append(&j, "one"), JOURNAL_FAILED);
        assert_int_equal(j.error, ENOSPC);
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
    assert_int_equal(j.error, EIO);
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
    assert_int_equal(j.error, EIO);
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
    char error[WHY_LEN];
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_a_cut_end_that_can_not_be_removed),
        WITH_FOLDER(test_a_write_that_fails_leaves_nothing),
        WITH_FOLDER(test_unknown_state_is_for_ever),
        WITH_FOLDER(test_done_is_said_after_the_sync),
        WITH_FOLDER(test_what_is_read_is_synced),
        WITH_FOLDER(test_short_and_interrupted_writes_go_on),
        WITH_FOLDER(test_a_full_disk_at_every_byte),
        WITH_FOLDER(test_a_failed_sync_ends_all_writing),
        WITH_FOLDER(test_a_failed_sync_after_a_failed_write_ends_all_writing),
        WITH_FOLDER(test_what_can_not_be_cut_off_ends_all_writing),
        WITH_FOLDER(test_a_new_file_on_a_full_disk_is_said),
    };
    return RUN(tests);
}
