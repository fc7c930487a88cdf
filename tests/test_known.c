/* SPDX-License-Identifier: MIT */
/* The known-servers file: what is found in it, and what it is refused for. What is written to it:
 * test_known_changes.c. */
#include "net/known.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/known_lines.h"

static enum known_result search(const char *text, const char *server, uint8_t *first, size_t *line)
{
    struct known_server k = {0};
    struct known_lines at;
    enum known_result result = known_search(text, strlen(text), server, &k, &at);
    *first = k.fp[0];
    *line = at.first;
    return result;
}

static void test_search(void **state)
{
    (void)state;
    uint8_t first;
    size_t line;
    const char *two = "# a comment\n\na:1 " FP_A "\n[::1]:7447 " FP_B "\n";
    assert_int_equal(search(two, "a:1", &first, &line), KNOWN_FOUND);
    assert_int_equal(first, 1);
    assert_int_equal(search(two, "[::1]:7447", &first, &line), KNOWN_FOUND);
    assert_int_equal(first, 2);
    assert_int_equal(search(two, "a:12", &first, &line), KNOWN_ABSENT);
    assert_int_equal(search(two, "a:", &first, &line), KNOWN_ABSENT);
    assert_int_equal(first, 0);
    assert_int_equal(search("", "a:1", &first, &line), KNOWN_ABSENT);
    assert_int_equal(search("a:1 " FP_A, "a:1", &first, &line), KNOWN_FOUND); /* a last line that does not end */
}

/* What version 1.0 wrote has the server as it was typed. */
static void test_each_spelling_is_found(void **state)
{
    (void)state;
    static const char *const spelled[][2] = {{"LocalHost:7447", "localhost:7447"},
                                             {"localhost.:7447", "localhost:7447"},
                                             {"localhost:07447", "localhost:7447"},
                                             {"127.1:7447", "127.0.0.1:7447"},
                                             {"[0::1]:7447", "[::1]:7447"},
                                             {"0x7f.1:7447", "127.0.0.1:7447"},
                                             {"[::ffff:127.0.0.1]:7447", "127.0.0.1:7447"}};
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        char text[300];
        uint8_t first;
        size_t line;
        snprintf(text, sizeof text, "other:7447 " FP_B "\n%s " FP_A "\n", spelled[i][0]);
        assert_int_equal(search(text, spelled[i][1], &first, &line), KNOWN_FOUND);
        assert_int_equal(first, 1);
    }
    uint8_t first;
    size_t line;
    assert_int_equal(search("LocalHost:7447 " FP_A "\nlocalhost:7447 " FP_A "\n", "localhost:7447", &first, &line),
                     KNOWN_FOUND);
    assert_int_equal(search("localhost " FP_A "\n::1:1 " FP_A "\n", "localhost:7447", &first, &line), KNOWN_ABSENT);
}

/* Some editors write a byte order mark: the pin after it must still refuse another key. */
static void test_a_byte_order_mark_hides_no_pin(void **state)
{
    (void)state;
    uint8_t first;
    size_t line, len;
    struct certificate c = certificate_of(1);
    assert_int_equal(search("\xef\xbb\xbf"
                            "a:1 " FP_A "\n",
                            "a:1", &first, &line),
                     KNOWN_FOUND);
    assert_int_equal(first, 1);
    assert_int_equal(search("\xef\xbb\xbf", "a:1", &first, &line), KNOWN_ABSENT);
    static const char marked[] = "\xef\xbb\xbf"
                                 "a:1 " FP_A "\nb:1 " FP_B "\n";
    char *text = known_rewrite(marked, sizeof marked - 1, "a:1", &c, &len);
    assert_non_null(text);
    assert_memory_equal(text, "a:1 ", 4); /* its own line was changed, and no second one added */
    assert_memory_equal(text + len - strlen("b:1 " FP_B "\n"), "b:1 " FP_B "\n", strlen("b:1 " FP_B "\n"));
    free(text);
}

/* A file that an editor saved with CR LF keeps every pin valid. */
static void test_line_ends_of_two_characters(void **state)
{
    (void)state;
    static const char mixed[] = "# mine\r\n\r\na:1 " FP_A "\r\nb:1 " FP_B "\n\r\n";
    uint8_t first;
    size_t line, len;
    struct certificate c = certificate_of(1);
    assert_int_equal(search(mixed, "a:1", &first, &line), KNOWN_FOUND);
    assert_int_equal(first, 1);
    assert_int_equal(search(mixed, "b:1", &first, &line), KNOWN_FOUND);
    assert_int_equal(search(mixed, "c:1", &first, &line), KNOWN_ABSENT);
    assert_int_equal(search("a:1 " FP_A "\r", "a:1", &first, &line), KNOWN_FOUND);
    assert_int_equal(search("\r", "a:1", &first, &line), KNOWN_ABSENT);
    char *text = known_rewrite(mixed, sizeof mixed - 1, "a:1", &c, &len);
    assert_non_null(text);
    assert_memory_equal(text, "# mine\r\n\r\na:1 ", 14);
    assert_memory_equal(text + len - strlen("b:1 " FP_B "\n\r\n"), "b:1 " FP_B "\n\r\n", strlen("b:1 " FP_B "\n\r\n"));
    free(text);
}

/* Blanks, where a hand or an editor put them, change nothing, and are no reason to believe another key. */
static void test_blanks_change_no_pin(void **state)
{
    (void)state;
    static const char *const lines[] = {"a:1  " FP_A,
                                        "a:1\t" FP_A,
                                        "  a:1 " FP_A "  ",
                                        "\ta:1 " FP_A "\t\r\n",
                                        "a:1 \t " FP_A,
                                        "a:1 " FP_A "\r\r\n",
                                        " \n  # note\n\t\n \r\na:1 " FP_A " "};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        uint8_t first;
        size_t line, len;
        struct known_server k;
        struct known_lines at;
        struct certificate c = certificate_of(1);
        assert_int_equal(search(lines[i], "a:1", &first, &line), KNOWN_FOUND);
        assert_int_equal(first, 1);
        char *text = known_rewrite(lines[i], strlen(lines[i]), "a:1", &c, &len); /* its line is still its line */
        assert_non_null(text);
        assert_int_equal(known_search(text, len, "a:1", &k, &at), KNOWN_FOUND);
        assert_true(k.has_certificate);
        free(text);
    }
    char text[LINE_MAX_LEN + 10];
    struct known_server k;
    struct known_lines at;
    snprintf(text, sizeof text, " a:1 %s \t\r\n", key_text(1, true));
    assert_int_equal(known_search(text, strlen(text), "a:1", &k, &at), KNOWN_FOUND);
    assert_true(k.has_certificate);
    snprintf(text, sizeof text, "a:1%s x\n", key_text(1, true)); /* a word more is no blank */
    assert_int_equal(known_search(text, strlen(text), "a:1", &k, &at), KNOWN_FAILED);
}

static void test_lines_that_disagree(void **state)
{
    char why[WHY_LEN];
    struct known_server k = {.fp = {7}};
    struct certificate c = certificate_of(3);
    static const char text[] = "# mine\nLocalHost:1 " FP_A "\nx:1 " FP_A "\nlocalhost.:1 " FP_B "\nLOCALHOST:1 " FP_A
                               "\n";
    struct known_lines at;
    assert_int_equal(known_search(text, strlen(text), "localhost:1", &k, &at), KNOWN_DISAGREES);
    assert_int_equal(at.first, 2);
    assert_int_equal(at.other, 4);
    assert_int_equal(k.fp[0], 7);
    assert_int_equal(known_search(text, strlen(text), "x:1", &k, &at), KNOWN_FOUND); /* the others are none the worse */

    scratch_write(state, KNOWN_FILE, text, strlen(text));
    assert_int_equal(known_find(scratch_path(state), "localhost:1", &k, why), KNOWN_DISAGREES);
    assert_non_null(strstr(why, "lines 2 and 4"));
    assert_non_null(strstr(why, "localhost:1 and name different keys"));
    assert_int_equal(known_add(scratch_path(state), "localhost:1", &c, why), -1);
    assert_int_equal(known_replace(scratch_path(state), "localhost:1", k.fp, &c, why), -1);
    assert_file(state, text);
    assert_int_equal(known_set(scratch_path(state), "localhost:1", &c, why), 0); /* the fingerprint was compared */
    char after[LINE_MAX_LEN];
    snprintf(after, sizeof after, "# mine\nlocalhost:1%s\nx:1 " FP_A "\n", key_text(3, true));
    assert_file(state, after);
}

static void test_a_damaged_line_refuses_the_file(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {"a:1\n", "a:1 \n", " " FP_A "\n", "b:1 SHA256:AQ==\n", "b:1 sha256:AQ==\n",
                                      "b:1 " FP_A "AA\n", "b:1 " FP_A " # mine\n", "b:1\r\r\n", "b:1 SHA256:AQEBAQ",
                                      "a:1 " FP_A "\n", "  a:1 " FP_B "\n", "b:1 " FP_A " AAAA\n", "b :1 " FP_A "\n"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[300];
        uint8_t first;
        size_t line;
        snprintf(text, sizeof text, "# head\na:1 " FP_A "\n%s", bad[i]);
        assert_int_equal(search(text, "a:1", &first, &line), KNOWN_FAILED);
        assert_int_equal(line, 3);
        assert_int_equal(first, 0);
    }
    struct known_server k;
    struct known_lines at;
    assert_int_equal(known_search("a\0:1 " FP_A, 5 + strlen(FP_A), "a", &k, &at), KNOWN_FAILED);
}

static void test_a_damaged_certificate_refuses_the_file(void **state)
{
    (void)state;
    char text[LINE_MAX_LEN];
    struct known_server k;
    struct known_lines at;
    snprintf(text, sizeof text, "a:1%s\n", key_text(1, true));
    size_t len = strlen(text);
    assert_int_equal(known_search(text, len, "a:1", &k, &at), KNOWN_FOUND);
    assert_true(k.has_certificate);
    struct certificate c = certificate_of(1);
    assert_memory_equal(k.certificate.modulus, c.modulus, sizeof c.modulus);
    assert_int_equal(known_search(text, len - 2, "a:1", &k, &at), KNOWN_FAILED); /* cut short */
    text[len - 1] = '=';
    assert_int_equal(known_search(text, len, "a:1", &k, &at), KNOWN_FAILED);
    text[len - 2] = ' '; /* a blank within it */
    assert_int_equal(known_search(text, len, "a:1", &k, &at), KNOWN_FAILED);

    /* Another key's certificate after this fingerprint, and a user's. */
    char *key = strstr(key_text(2, true) + 1, " ");
    snprintf(text, sizeof text, "a:1%s%s\n", key_text(1, false), key);
    assert_int_equal(known_search(text, strlen(text), "a:1", &k, &at), KNOWN_FAILED);
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    c.role = CERTIFICATE_USER;
    snprintf(text, sizeof text, "a:1%s ", key_text(1, false));
    base64_encode(text + strlen(text), bytes, certificate_encode(bytes, &c));
    assert_int_equal(known_search(text, strlen(text), "a:1", &k, &at), KNOWN_FAILED);
    assert_int_equal(at.first, 1);
}

/* --- What can't be used ------------------------------------------------------------------------------------------- */

static void assert_unusable(const char *home, const char *at, const char *file, const char *words)
{
    char why[WHY_LEN];
    struct known_server k;
    struct certificate c = certificate_of(1);
    strcpy(why, "");
    assert_int_equal(known_find(home, "a:1", &k, why), KNOWN_FAILED);
    assert_why(why, at, file, words);
    strcpy(why, "");
    assert_int_equal(known_add(home, "b:1", &c, why), -1);
    assert_why(why, at, file, words);
}

static void test_what_others_can_write_is_refused(void **state)
{
    char why[WHY_LEN];
    const char *home = scratch_path(state);
    struct known_server k;
    scratch_write(state, KNOWN_FILE, "a:1 " FP_A "\n", strlen("a:1 " FP_A "\n"));
    assert_int_equal(fchmodat(scratch_fd(state), KNOWN_FILE, 0620, 0), 0);
    assert_unusable(home, home, KNOWN_FILE, "can be changed by other users: chmod go-w it");
    assert_int_equal(fchmodat(scratch_fd(state), KNOWN_FILE, 0644, 0), 0);
    assert_int_equal(known_find(home, "a:1", &k, why), KNOWN_FOUND);
    assert_int_equal(fchmod(scratch_fd(state), 0702), 0);
    assert_unusable(home, home, "", "can be changed by other users: chmod go-w it");
    assert_int_equal(fchmod(scratch_fd(state), 0700), 0);
    if (geteuid() != 0) {
        puts("skipped: somebody else's file (only root can make one)");
        return;
    }
    assert_int_equal(fchownat(scratch_fd(state), KNOWN_FILE, 12345, 12345, 0), 0);
    assert_unusable(home, home, KNOWN_FILE, "belongs to another user: choose another --home");
}

static void test_what_is_no_file_is_refused(void **state)
{
    char why[WHY_LEN], home[300];
    struct known_server k;
    struct certificate c = certificate_of(1);
    assert_int_equal(mkdirat(scratch_fd(state), KNOWN_FILE, 0700), 0);
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, "is no file: move it away");
    assert_int_equal(unlinkat(scratch_fd(state), KNOWN_FILE, AT_REMOVEDIR), 0);
    assert_int_equal(mkfifoat(scratch_fd(state), KNOWN_FILE, 0600), 0);
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, "is no file"); /* waits for no writer */
    assert_int_equal(unlinkat(scratch_fd(state), KNOWN_FILE, 0), 0);
    scratch_write(state, "file", "", 0);
    snprintf(home, sizeof home, "%s/file", scratch_path(state));
    assert_unusable(home, home, "", strerror(ENOTDIR));
    snprintf(home, sizeof home, "%s/none/home", scratch_path(state));
    assert_int_equal(known_find(home, "a:1", &k, why), KNOWN_ABSENT);
    assert_int_equal(known_add(home, "a:1", &c, why), -1);
    assert_non_null(strstr(why, "cannot make the folder"));
    assert_non_null(strstr(why, strerror(ENOENT)));
    assert_non_null(strstr(why, "--home chooses another"));
    char *comment = malloc(KNOWN_FILE_MAX + 1);
    assert_non_null(comment);
    memset(comment, '#', KNOWN_FILE_MAX + 1);
    scratch_write(state, KNOWN_FILE, comment, KNOWN_FILE_MAX);
    assert_int_equal(known_find(scratch_path(state), "a:1", &k, why), KNOWN_ABSENT);
    assert_int_equal(known_add(scratch_path(state), "a:1", &c, why), -1); /* or nothing could be read any more */
    assert_why(why, scratch_path(state), KNOWN_FILE, strerror(EFBIG));
    assert_int_equal(known_find(scratch_path(state), "a:1", &k, why), KNOWN_ABSENT);
    scratch_write(state, KNOWN_FILE, comment, KNOWN_FILE_MAX + 1);
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, strerror(EFBIG));
    free(comment);
}

/* A link to a file that is gone, or on a disk that is not there, would make every server a stranger. */
static void test_a_link_is_refused(void **state)
{
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), KNOWN_FILE), 0);
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, "is a link: put the file itself there");
    scratch_write(state, "elsewhere", "a:1 " FP_A "\n", strlen("a:1 " FP_A "\n"));
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, "is a link: put the file itself there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_each_spelling_is_found),
        cmocka_unit_test(test_a_byte_order_mark_hides_no_pin),
        cmocka_unit_test(test_line_ends_of_two_characters),
        cmocka_unit_test(test_blanks_change_no_pin),
        WITH_FOLDER(test_lines_that_disagree),
        cmocka_unit_test(test_a_damaged_line_refuses_the_file),
        cmocka_unit_test(test_a_damaged_certificate_refuses_the_file),
        WITH_FOLDER(test_what_others_can_write_is_refused),
        WITH_FOLDER(test_what_is_no_file_is_refused),
        WITH_FOLDER(test_a_link_is_refused),
    };
    return RUN(tests);
}
