/* SPDX-License-Identifier: MIT */
/* The known-servers file: what is found in it, what makes it refused, and that nothing in it is ever lost. */
#include "net/known.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/base64.h"
#include "net/fingerprint.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define FP_A "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define FP_B "SHA256:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define HEAD "# one line a server: HOST:PORT, the fingerprint of its key, its certificate in base64\n"
#define LINE_MAX_LEN 2000

/* Counts the calls, and fails them while it is told to. This stands in the place of the system's: the program's own
 * comes first when it is linked. */
static struct {
    int calls, interrupted, busy, fails;
} flock_state;

int flock(int fd, int operation)
{
    flock_state.calls++;
    if (flock_state.interrupted > 0 && flock_state.interrupted-- > 0)
        return errno = EINTR, -1;
    if (flock_state.busy > 0 && flock_state.busy-- > 0)
        return errno = EWOULDBLOCK, -1;
    if (flock_state.fails != 0)
        return errno = flock_state.fails, -1;
    return (int)syscall(SYS_flock, fd, operation);
}

/* A certificate as it may stand in the file; nobody verifies its signature there. */
static struct certificate certificate_of(uint8_t key)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "chat.example", .not_before = 1, .not_after = 2};
    memset(c.modulus, 0x81 + 2 * key, sizeof c.modulus);
    memset(c.signature, key, sizeof c.signature);
    certificate_fingerprint(c.issuer, c.modulus);
    return c;
}

static void fingerprint_of(uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], uint8_t key)
{
    struct certificate c = certificate_of(key);
    certificate_fingerprint(fp, c.modulus);
}

/* " SHA256:..." and, where it is wanted, the certificate: what stands in a line behind the server. Two can be used at a
 * time. */
static const char *key_text(uint8_t key, bool with_certificate)
{
    static char text[2][LINE_MAX_LEN];
    static int turn;
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], bytes[CERTIFICATE_MAX_LEN];
    char *out = text[turn ^= 1];
    struct certificate c = certificate_of(key);
    fingerprint_of(fp, key);
    *out = ' ';
    fingerprint_print(out + 1, fp);
    if (with_certificate) {
        strcat(out, " ");
        base64_encode(out + strlen(out), bytes, certificate_encode(bytes, &c));
    }
    return out;
}

static void assert_file(void **state, const char *expected)
{
    size_t len;
    char *text = scratch_read(state, KNOWN_FILE, &len);
    assert_string_equal(text, expected);
    free(text);
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

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

/* Some editors write one: the pin behind it must still refuse another key. */
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
    assert_memory_equal(text, "a:1 ", 4); /* its own line was changed, and there is no second one of it */
    assert_memory_equal(text + len - strlen("b:1 " FP_B "\n"), "b:1 " FP_B "\n", strlen("b:1 " FP_B "\n"));
    free(text);
}

/* What saves the file with them makes no pin one that is to be removed. */
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

static void test_lines_that_disagree(void **state)
{
    char why[KNOWN_WHY_LEN];
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
    assert_int_equal(known_set(scratch_path(state), "localhost:1", &c, why), 0); /* who has compared the fingerprint */
    char after[LINE_MAX_LEN];
    snprintf(after, sizeof after, "# mine\nlocalhost:1%s\nx:1 " FP_A "\n", key_text(3, true));
    assert_file(state, after);
}

static void test_a_damaged_line_refuses_the_file(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {"a:1\n", "a:1 \n", " " FP_A "\n", "b:1 SHA256:AQ==\n", "b:1  " FP_A "\n",
                                      "b:1 " FP_A " \n", "b:1\t" FP_A "\n", "b:1 " FP_A "\r\r\n", "b:1 SHA256:AQEBAQ",
                                      "a:1 " FP_A "\n", "a:1 " FP_B "\n", "b:1 " FP_A " AAAA\n", "b:1 " FP_A "  \n"};
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
    text[len - 1] = ' ';
    assert_int_equal(known_search(text, len, "a:1", &k, &at), KNOWN_FAILED);

    /* Another key's certificate behind this fingerprint, and a user's. */
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

/* --- Changing ----------------------------------------------------------------------------------------------------- */

static void test_add_then_find(void **state)
{
    char home[300], why[KNOWN_WHY_LEN], expected[2 * LINE_MAX_LEN];
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    struct known_server found;
    struct certificate one = certificate_of(1), two = certificate_of(2);
    struct stat st;
    snprintf(home, sizeof home, "%s/home", scratch_path(state));
    assert_int_equal(known_find(home, "a:1", &found, why), KNOWN_ABSENT);
    assert_int_equal(stat(home, &st), -1); /* looking makes nothing */
    assert_int_equal(known_add(home, "a:1", &one, why), 0);
    assert_int_equal(known_add(home, "b:1", &two, why), 0);
    assert_int_equal(known_add(home, "b:1", &two, why), 0); /* the same again is no change */
    for (uint8_t key = 1; key <= 2; key++) {
        assert_int_equal(known_find(home, key == 1 ? "a:1" : "b:1", &found, why), KNOWN_FOUND);
        fingerprint_of(fp, key);
        assert_memory_equal(found.fp, fp, sizeof fp);
        assert_true(found.has_certificate);
    }
    assert_int_equal(stat(home, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    size_t len;
    char *text = scratch_read(state, "home/" KNOWN_FILE, &len);
    snprintf(expected, sizeof expected, HEAD "a:1%s\nb:1%s\n", key_text(1, true), key_text(2, true));
    assert_string_equal(text, expected);
    free(text);
    strcat(home, "/" KNOWN_FILE);
    assert_int_equal(stat(home, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_add_overwrites_nothing(void **state)
{
    char why[KNOWN_WHY_LEN], expected[LINE_MAX_LEN];
    const char *home = scratch_path(state);
    struct known_server k;
    struct certificate c = certificate_of(2);
    static const char before[] = "# mine\nA:1 " FP_A; /* and without a line's end */
    scratch_write(state, KNOWN_FILE, before, strlen(before));
    assert_int_equal(known_add(home, "a:1", &c, why), -1);
    assert_non_null(strstr(why, "was changed for this server just now"));
    assert_int_equal(known_add(home, "b:1", &c, why), 0);
    snprintf(expected, sizeof expected, "# mine\nA:1 " FP_A "\nb:1%s\n", key_text(2, true));
    assert_file(state, expected);

    static const char damaged[] = "a:1 " FP_A "\nb:1 SHA2";
    scratch_write(state, KNOWN_FILE, damaged, strlen(damaged));
    assert_int_equal(known_add(home, "c:1", &c, why), -1);
    assert_non_null(strstr(why, "line 2"));
    assert_int_equal(known_set(home, "c:1", &c, why), -1);
    assert_int_equal(known_find(home, "c:1", &k, why), KNOWN_FAILED);
    assert_non_null(strstr(why, "line 2"));
    assert_file(state, damaged);
}

/* Version 1.0's lines of one server, in several spellings, become one with its certificate; nothing else is touched. */
static void test_an_old_line_gets_its_certificate(void **state)
{
    char why[KNOWN_WHY_LEN], before[LINE_MAX_LEN], after[LINE_MAX_LEN];
    const char *home = scratch_path(state), *old = key_text(1, false);
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    struct certificate c = certificate_of(1);
    fingerprint_of(fp, 1);
    snprintf(before, sizeof before,
             "# typed by hand\n\nx:1 " FP_A "\nLocalHost:07447%s\n#localhost:7447 off\n"
             "localhost.:7447%s\ny " FP_B,
             old, old);
    scratch_write(state, KNOWN_FILE, before, strlen(before));
    assert_int_equal(known_replace(home, "localhost:7447", fp, &c, why), 0);
    snprintf(after, sizeof after, "# typed by hand\n\nx:1 " FP_A "\nlocalhost:7447%s\n#localhost:7447 off\ny " FP_B,
             key_text(1, true));
    assert_file(state, after);
    assert_int_equal(known_replace(home, "localhost:7447", fp, &c, why), 0); /* again: no change */
    assert_file(state, after);
}

static void test_replace_only_what_was_there(void **state)
{
    char why[KNOWN_WHY_LEN], text[LINE_MAX_LEN];
    const char *home = scratch_path(state);
    uint8_t one[CERTIFICATE_FINGERPRINT_LEN], two[CERTIFICATE_FINGERPRINT_LEN];
    struct certificate c[4] = {certificate_of(0), certificate_of(1), certificate_of(2), certificate_of(3)};
    fingerprint_of(one, 1);
    fingerprint_of(two, 2);
    assert_int_equal(known_replace(home, "a:1", one, &c[2], why), -1); /* it is gone */
    assert_non_null(strstr(why, "was changed for this server just now"));
    assert_int_equal(known_add(home, "a:1", &c[1], why), 0);
    assert_int_equal(known_replace(home, "a:1", two, &c[3], why), -1); /* another one is there */
    assert_int_equal(known_replace(home, "a:1", one, &c[2], why), 0);
    assert_int_equal(known_replace(home, "a:1", one, &c[2], why), 0); /* another client did it first */
    assert_int_equal(known_replace(home, "a:1", one, &c[3], why), -1);
    snprintf(text, sizeof text, HEAD "a:1%s\n", key_text(2, true));
    assert_file(state, text);
    assert_int_equal(known_set(home, "a:1", &c[3], why), 0);
    snprintf(text, sizeof text, HEAD "a:1%s\n", key_text(3, true));
    assert_file(state, text);
}

/* --- What can't be used ------------------------------------------------------------------------------------------- */

/* The reason in words, in a line that names the file. */
static void assert_why(const char *why, const char *home, const char *file, const char *words)
{
    char begin[400];
    snprintf(begin, sizeof begin, "%s%s%s: ", home, *file != '\0' ? "/" : "", file);
    if (strncmp(why, begin, strlen(begin)) != 0 || strstr(why, words) == NULL || strchr(why, '\n') != NULL)
        fail_msg("%s\nis not %s... %s", why, begin, words);
}

static void assert_unusable(const char *home, const char *at, const char *file, const char *words)
{
    char why[KNOWN_WHY_LEN];
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
    char why[KNOWN_WHY_LEN];
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
    char why[KNOWN_WHY_LEN], home[300];
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
    assert_int_equal(known_add(scratch_path(state), "a:1", &c, why), -1); /* or nothing could be read from then on */
    assert_why(why, scratch_path(state), KNOWN_FILE, strerror(EFBIG));
    assert_int_equal(known_find(scratch_path(state), "a:1", &k, why), KNOWN_ABSENT);
    scratch_write(state, KNOWN_FILE, comment, KNOWN_FILE_MAX + 1);
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, strerror(EFBIG));
    free(comment);
}

/* A link to a file that is gone, or on a disk that is not there, would make every server one that was never met. */
static void test_a_link_is_refused(void **state)
{
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), KNOWN_FILE), 0);
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, "is a link: put the file itself there");
    scratch_write(state, "elsewhere", "a:1 " FP_A "\n", strlen("a:1 " FP_A "\n"));
    assert_unusable(scratch_path(state), scratch_path(state), KNOWN_FILE, "is a link: put the file itself there");
}

/* Whatever stands where the new file is written goes: what a link leads to stays as it is, and nobody waits for a
 * FIFO's reader. */
static void test_what_stands_in_the_new_files_place(void **state)
{
    char why[KNOWN_WHY_LEN];
    struct certificate one = certificate_of(1), two = certificate_of(2);
    struct known_server found;
    size_t len;
    scratch_write(state, "elsewhere", "left", 4);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), KNOWN_FILE ".new"), 0);
    assert_int_equal(known_add(scratch_path(state), "a:1", &one, why), 0);
    char *text = scratch_read(state, "elsewhere", &len);
    assert_string_equal(text, "left");
    free(text);
    assert_int_equal(mkfifoat(scratch_fd(state), KNOWN_FILE ".new", 0600), 0);
    assert_int_equal(known_add(scratch_path(state), "b:1", &two, why), 0);
    assert_int_equal(known_find(scratch_path(state), "a:1", &found, why), KNOWN_FOUND);
    assert_int_equal(known_find(scratch_path(state), "b:1", &found, why), KNOWN_FOUND);
    assert_int_equal(faccessat(scratch_fd(state), KNOWN_FILE ".new", F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

/* Without the lock nothing is changed; a signal while it is waited for is no failure, nor that another one has it. That
 * it is not waited for without an end: test_what_never_comes. */
static void test_a_lock_that_fails(void **state)
{
    char why[KNOWN_WHY_LEN] = "";
    const char *home = scratch_path(state);
    struct certificate c = certificate_of(1);
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    struct known_server k;
    static const char before[] = "a:1 " FP_A "\n";
    scratch_write(state, KNOWN_FILE, before, strlen(before));
    flock_state.fails = ENOLCK;
    assert_int_equal(known_add(home, "b:1", &c, why), -1);
    assert_why(why, home, KNOWN_FILE ".lock", strerror(ENOLCK));
    memset(fp, 1, sizeof fp);
    assert_int_equal(known_replace(home, "a:1", fp, &c, why), -1);
    assert_int_equal(known_set(home, "a:1", &c, why), -1);
    flock_state.fails = 0;
    assert_file(state, before);
    assert_int_equal(known_find(home, "a:1", &k, why), KNOWN_FOUND); /* reading takes none */
    flock_state.calls = 0;
    flock_state.interrupted = 2;
    assert_int_equal(known_add(home, "b:1", &c, why), 0);
    assert_int_equal(flock_state.calls, 3);
    assert_int_equal(known_find(home, "b:1", &k, why), KNOWN_FOUND);
    flock_state.busy = 2;
    assert_int_equal(known_add(home, "d:1", &c, why), 0);
    assert_int_equal(flock_state.calls, 6);
    assert_int_equal(unlinkat(scratch_fd(state), KNOWN_FILE ".lock", 0), 0);
    assert_int_equal(mkdirat(scratch_fd(state), KNOWN_FILE ".lock", 0700), 0);
    assert_int_equal(known_add(home, "c:1", &c, why), -1);
    assert_why(why, home, KNOWN_FILE ".lock", strerror(EISDIR));
}

#define WRITERS 4
#define EACH 12

/* Several at once: without the lock, one's rename throws away what another just added. */
static void test_nobody_loses_a_pin_to_another(void **state)
{
    char why[KNOWN_WHY_LEN], server[32];
    struct certificate c = certificate_of(1), next = certificate_of(2);
    struct known_server k;
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], fp_next[CERTIFICATE_FINGERPRINT_LEN];
    pid_t child[WRITERS];
    fingerprint_of(fp, 1);
    fingerprint_of(fp_next, 2);
    for (int w = 0; w < WRITERS; w++) {
        child[w] = fork();
        assert_true(child[w] >= 0);
        if (child[w] == 0) {
            int failed = 0;
            for (int i = 0; i < EACH; i++) {
                snprintf(server, sizeof server, "w%d-%d:1", w, i);
                failed |= known_add(scratch_path(state), server, &c, why);
                failed |= known_replace(scratch_path(state), server, fp, &next, why);
            }
            _exit(failed != 0);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        assert_int_equal(waitpid(child[w], &status, 0), child[w]);
        assert_int_equal(status, 0);
    }
    for (int i = 0; i < WRITERS * EACH; i++) {
        snprintf(server, sizeof server, "w%d-%d:1", i / EACH, i % EACH);
        assert_int_equal(known_find(scratch_path(state), server, &k, why), KNOWN_FOUND);
        assert_memory_equal(k.fp, fp_next, sizeof k.fp);
    }
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_each_spelling_is_found),
        cmocka_unit_test(test_a_byte_order_mark_hides_no_pin),
        cmocka_unit_test(test_line_ends_of_two_characters),
        WITH_FOLDER(test_lines_that_disagree),
        cmocka_unit_test(test_a_damaged_line_refuses_the_file),
        cmocka_unit_test(test_a_damaged_certificate_refuses_the_file),
        WITH_FOLDER(test_add_then_find),
        WITH_FOLDER(test_add_overwrites_nothing),
        WITH_FOLDER(test_an_old_line_gets_its_certificate),
        WITH_FOLDER(test_replace_only_what_was_there),
        WITH_FOLDER(test_what_others_can_write_is_refused),
        WITH_FOLDER(test_what_is_no_file_is_refused),
        WITH_FOLDER(test_a_link_is_refused),
        WITH_FOLDER(test_what_stands_in_the_new_files_place),
        WITH_FOLDER(test_a_lock_that_fails),
        WITH_FOLDER(test_nobody_loses_a_pin_to_another),
    };
    return RUN(tests);
}
