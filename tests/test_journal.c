/* SPDX-License-Identifier: MIT */
/* The file under the accounts: what was appended is read again; what was cut or damaged is noticed. On a disk that
 * fails: test_journal_faults.c; without its dead lines: test_journal_compaction.c. */
#include "app/server/store/journal.h"

#include <sys/stat.h>

#include "tests/journal_disk.h"

static void test_what_was_appended_is_read_again(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN];
    write_three(state);
    assert_int_equal(load(state, &j, &t, &torn, error), 0);
    assert_string_equal(t.text, "one\ntwo\tfields\n\n");
    assert_int_equal(torn, 0);
    struct stat st;
    assert_int_equal(fstat(j.fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    journal_close(&j);
}

/* Readers rely on the form of the file: this is it, to the byte. */
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
        char error[WHY_LEN];
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

/* No byte can change without being noticed, the file then stays as it is, and the line is named. (Where the
 * very last line end is changed the last line counts as cut: that one alone is lost, with its length told.) */
static void test_damage_is_noticed_at_every_byte(void **state)
{
    size_t len;
    write_three(state);
    char *whole = scratch_read(state, FILE_NAME, &len);
    for (size_t at = 0; at < len; at++) {
        struct journal j;
        struct taken t;
        size_t torn, after;
        char error[WHY_LEN], line[16];
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
    char error[WHY_LEN];
    write_three(state);
    assert_int_equal(journal_open(&j, scratch_fd(state), FILE_NAME, HEADER, take, &t, &torn, error), -1);
    assert_non_null(strstr(error, "line 3 "));
}

static void test_a_nul_is_damage(void **state)
{
    struct journal j;
    struct taken t;
    size_t torn;
    char error[WHY_LEN];
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
    char error[WHY_LEN];
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
    char error[WHY_LEN];
    write_three(state);
    assert_int_equal(renameat(scratch_fd(state), FILE_NAME, scratch_fd(state), "elsewhere"), 0);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), FILE_NAME), 0);
    assert_int_equal(load(state, &j, &t, &torn, error), -1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_what_was_appended_is_read_again),         WITH_FOLDER(test_the_file_is_as_documented),
        WITH_FOLDER(test_a_cut_end_is_removed_at_every_length),    WITH_FOLDER(test_damage_is_noticed_at_every_byte),
        WITH_FOLDER(test_a_line_that_take_refuses_is_damage),      WITH_FOLDER(test_a_nul_is_damage),
        WITH_FOLDER(test_a_file_open_to_others_is_refused),        WITH_FOLDER(test_a_link_is_refused),
        cmocka_unit_test(test_a_line_that_is_too_long_is_refused),
    };
    return RUN(tests);
}
