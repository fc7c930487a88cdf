/* The known-servers file: what is found in it, what makes it refused, and that nothing in it is ever lost. */
#include "net/known.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/fingerprint.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define FP_A "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define FP_B "SHA256:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="

static void all_of(uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], uint8_t byte)
{
    memset(fp, byte, CERTIFICATE_FINGERPRINT_LEN);
}

static enum known_result search(const char *text, const char *server, uint8_t *first, size_t *line)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {0};
    enum known_result result = known_search(text, strlen(text), server, fp, line);
    *first = fp[0];
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

static void test_a_damaged_line_refuses_the_file(void **state)
{
    (void)state;
    static const char *const bad[] = {"a:1\n", "a:1 \n", " " FP_A "\n", "b:1 SHA256:AQ==\n", "b:1  " FP_A "\n",
                                      "b:1 " FP_A " \n", "b:1\t" FP_A "\n", "b:1 " FP_A "\r\n", "b:1 SHA256:AQEBAQ",
                                      "a:1 " FP_A "\n", "a:1 " FP_B "\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[300];
        uint8_t first;
        size_t line;
        snprintf(text, sizeof text, "# head\na:1 " FP_A "\n%s", bad[i]);
        assert_int_equal(search(text, "a:1", &first, &line), KNOWN_FAILED);
        assert_int_equal(line, 3);
        assert_int_equal(first, 0);
    }
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    size_t line;
    assert_int_equal(known_search("a\0:1 " FP_A, 5 + strlen(FP_A), "a", fp, &line), KNOWN_FAILED);
}

static void test_add_then_find(void **state)
{
    char home[300], why[KNOWN_WHY_LEN];
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], found[CERTIFICATE_FINGERPRINT_LEN];
    struct stat st;
    snprintf(home, sizeof home, "%s/home", scratch_path(state));
    assert_int_equal(known_find(home, "a:1", found, why), KNOWN_ABSENT);
    assert_int_equal(stat(home, &st), -1); /* looking makes nothing */
    all_of(fp, 1);
    assert_int_equal(known_add(home, "a:1", fp, why), 0);
    all_of(fp, 2);
    assert_int_equal(known_add(home, "b:1", fp, why), 0);
    assert_int_equal(known_add(home, "b:1", fp, why), 0); /* the same again is no change */
    assert_int_equal(known_find(home, "a:1", found, why), KNOWN_FOUND);
    assert_int_equal(found[0], 1);
    assert_int_equal(known_find(home, "b:1", found, why), KNOWN_FOUND);
    assert_int_equal(found[0], 2);

    assert_int_equal(stat(home, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    size_t len;
    char *text = scratch_read(state, "home/" KNOWN_FILE, &len);
    assert_string_equal(text, "# one line a server: HOST:PORT as it was typed, a space, the fingerprint of its key\n"
                              "a:1 " FP_A "\nb:1 " FP_B "\n");
    free(text);
    strcat(home, "/" KNOWN_FILE);
    assert_int_equal(stat(home, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_add_overwrites_nothing(void **state)
{
    char why[KNOWN_WHY_LEN];
    const char *home = scratch_path(state);
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    static const char before[] = "# mine\na:1 " FP_A; /* and without a line's end */
    all_of(fp, 2);
    scratch_write(state, KNOWN_FILE, before, strlen(before));
    assert_int_equal(known_add(home, "a:1", fp, why), -1);
    assert_int_equal(known_add(home, "b:1", fp, why), 0);
    size_t len;
    char *text = scratch_read(state, KNOWN_FILE, &len);
    assert_string_equal(text, "# mine\na:1 " FP_A "\nb:1 " FP_B "\n");
    free(text);

    static const char damaged[] = "a:1 " FP_A "\nb:1 SHA2";
    scratch_write(state, KNOWN_FILE, damaged, strlen(damaged));
    assert_int_equal(known_add(home, "c:1", fp, why), -1);
    assert_non_null(strstr(why, "line 2"));
    assert_int_equal(known_find(home, "c:1", fp, why), KNOWN_FAILED);
    assert_non_null(strstr(why, "line 2"));
    text = scratch_read(state, KNOWN_FILE, &len);
    assert_string_equal(text, damaged);
    free(text);
}

static void test_what_others_can_write_is_refused(void **state)
{
    char why[KNOWN_WHY_LEN];
    const char *home = scratch_path(state);
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {0};
    scratch_write(state, KNOWN_FILE, "a:1 " FP_A "\n", strlen("a:1 " FP_A "\n"));
    assert_int_equal(fchmodat(scratch_fd(state), KNOWN_FILE, 0620, 0), 0);
    assert_int_equal(known_find(home, "a:1", fp, why), KNOWN_FAILED);
    assert_non_null(strstr(why, "chmod"));
    assert_int_equal(known_add(home, "b:1", fp, why), -1);
    assert_int_equal(fchmodat(scratch_fd(state), KNOWN_FILE, 0644, 0), 0);
    assert_int_equal(known_find(home, "a:1", fp, why), KNOWN_FOUND);
    assert_int_equal(fchmod(scratch_fd(state), 0702), 0);
    assert_int_equal(known_find(home, "a:1", fp, why), KNOWN_FAILED);
    assert_int_equal(known_add(home, "b:1", fp, why), -1);
    assert_int_equal(fchmod(scratch_fd(state), 0700), 0);
}

static void test_what_is_no_file_is_refused(void **state)
{
    char why[KNOWN_WHY_LEN], home[300];
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {0};
    assert_int_equal(mkdirat(scratch_fd(state), KNOWN_FILE, 0700), 0);
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_FAILED);
    assert_int_equal(unlinkat(scratch_fd(state), KNOWN_FILE, AT_REMOVEDIR), 0);
    assert_int_equal(mkfifoat(scratch_fd(state), KNOWN_FILE, 0600), 0);
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_FAILED); /* and doesn't wait for a writer */
    assert_int_equal(unlinkat(scratch_fd(state), KNOWN_FILE, 0), 0);
    scratch_write(state, "file", "", 0);
    snprintf(home, sizeof home, "%s/file", scratch_path(state));
    assert_int_equal(known_find(home, "a:1", fp, why), KNOWN_FAILED);
    assert_int_equal(known_add(home, "a:1", fp, why), -1);
    char *comment = malloc(KNOWN_FILE_MAX + 1);
    assert_non_null(comment);
    memset(comment, '#', KNOWN_FILE_MAX + 1);
    scratch_write(state, KNOWN_FILE, comment, KNOWN_FILE_MAX);
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_ABSENT);
    assert_int_equal(known_add(scratch_path(state), "a:1", fp, why), -1); /* or nothing could be read from then on */
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_ABSENT);
    scratch_write(state, KNOWN_FILE, comment, KNOWN_FILE_MAX + 1);
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_FAILED);
    free(comment);
}

/* A link to a file that is gone, or on a disk that is not there, would make every server one that was never met. */
static void test_a_link_is_refused(void **state)
{
    char why[KNOWN_WHY_LEN];
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {0};
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), KNOWN_FILE), 0);
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_FAILED);
    assert_non_null(strstr(why, "is a link"));
    assert_int_equal(known_add(scratch_path(state), "a:1", fp, why), -1);
    scratch_write(state, "elsewhere", "a:1 " FP_A "\n", strlen("a:1 " FP_A "\n"));
    assert_int_equal(known_find(scratch_path(state), "a:1", fp, why), KNOWN_FAILED);
}

#define WRITERS 4
#define EACH 12

/* Several at once: without the lock, one's rename throws away what another just added. */
static void test_nobody_loses_a_pin_to_another(void **state)
{
    char why[KNOWN_WHY_LEN], server[32];
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {0};
    pid_t child[WRITERS];
    for (int w = 0; w < WRITERS; w++) {
        child[w] = fork();
        assert_true(child[w] >= 0);
        if (child[w] == 0) {
            int failed = 0;
            for (int i = 0; i < EACH; i++) {
                snprintf(server, sizeof server, "w%d-%d:1", w, i);
                failed |= known_add(scratch_path(state), server, fp, why);
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
        assert_int_equal(known_find(scratch_path(state), server, fp, why), KNOWN_FOUND);
    }
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_a_damaged_line_refuses_the_file),
        WITH_FOLDER(test_add_then_find),
        WITH_FOLDER(test_add_overwrites_nothing),
        WITH_FOLDER(test_what_others_can_write_is_refused),
        WITH_FOLDER(test_what_is_no_file_is_refused),
        WITH_FOLDER(test_a_link_is_refused),
        WITH_FOLDER(test_nobody_loses_a_pin_to_another),
    };
    return RUN(tests);
}
