/* SPDX-License-Identifier: MIT */
/* The journal without its dead lines: what is kept, and what holds where that fails at any step. */
#include "app/server/store/journal.h"

#include <sys/stat.h>

#include "tests/journal_disk.h"

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

/* Written aside, synced, renamed, and the folder synced, in this order. What is appended then goes at the end. */
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

/* Of the names above, c's last line says nothing, and nor does one of a's that is not its last. */
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
        assert_int_equal(j.error, what < 2 ? ENOSPC : EIO);
        disk_works();
        assert_int_equal(faccessat(scratch_fd(state), FILE_NAME ".new", F_OK, 0), -1);
        assert_int_equal(append(&j, "d\t1"), JOURNAL_DONE);
        journal_close(&j);
        assert_loads(state, ALL "d\t1\n");
    }
}

/* The next one is not hindered by what was left, and the file is whole when it is opened again. */
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

/* A file that was damaged meanwhile is left alone: some of its lines could be saved, and there may be a backup. */
static void test_a_damaged_file_is_not_compacted(void **state)
{
    size_t len, lines;
    struct journal j = with_dead_lines(state);
    char *text = scratch_read(state, FILE_NAME, &len);
    for (size_t at = 0; at < len; at++) {
        text[at] ^= 1;
        assert_int_equal(pwrite(j.fd, text, len, 0), len);
        assert_int_equal(journal_compact(&j, NULL, &lines), JOURNAL_FAILED);
        assert_int_equal(j.error, EBADMSG);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
