/* SPDX-License-Identifier: MIT */
/* What is written to the known-servers file: nothing in it is ever lost, even if several write at the same time. */
#include "net/known.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/known_lines.h"

/* Counts the calls, and fails them while it is told to. This takes the place of the system's: the program's own
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

static void test_add_then_find(void **state)
{
    char home[300], why[WHY_LEN], expected[2 * LINE_MAX_LEN];
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
    char why[WHY_LEN], expected[LINE_MAX_LEN];
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
    char why[WHY_LEN], before[LINE_MAX_LEN], after[LINE_MAX_LEN];
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
    char why[WHY_LEN], text[LINE_MAX_LEN];
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

/* Whatever stands where the new file is to be written is removed: what a link leads to stays as it is, and a FIFO's
 * reader is not waited for. */
static void test_what_stands_in_the_new_files_place(void **state)
{
    char why[WHY_LEN];
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

/* Without the lock nothing is changed; neither a signal during the wait nor another holder is a failure. That the
 * wait has an end is shown by test_what_never_comes. */
static void test_a_lock_that_fails(void **state)
{
    char why[WHY_LEN] = "";
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
    char why[WHY_LEN], server[32];
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_add_then_find),
        WITH_FOLDER(test_add_overwrites_nothing),
        WITH_FOLDER(test_an_old_line_gets_its_certificate),
        WITH_FOLDER(test_replace_only_what_was_there),
        WITH_FOLDER(test_what_stands_in_the_new_files_place),
        WITH_FOLDER(test_a_lock_that_fails),
        WITH_FOLDER(test_nobody_loses_a_pin_to_another),
    };
    return RUN(tests);
}
