/* SPDX-License-Identifier: MIT */
/* The client's folder and its files. That nothing is lost by several at once, and by a lock that fails, is shown on the
 * file of known servers: test_known.c, test_known_changes.c. */
#include "net/home.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/scratch.h"
#include "tests/test.h"

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

static void assert_mode(void **state, const char *file, mode_t mode)
{
    struct stat st;
    assert_int_equal(fstatat(scratch_fd(state), file, &st, AT_SYMLINK_NOFOLLOW), 0);
    assert_int_equal(st.st_mode & 0777, mode);
}

static void test_what_is_not_there(void **state)
{
    char path[300], why[WHY_LEN] = "unsaid";
    struct home h;
    size_t len;
    snprintf(path, sizeof path, "%s/home", scratch_path(state));
    assert_int_equal(home_open(&h, path, false, why), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(home_open(&h, scratch_path(state), false, why), 0);
    assert_null(home_read(&h, "file", 10, &len, why));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(home_below(&h, "below", false, why), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(h.fd, -1);
    assert_string_equal(why, "unsaid");
    assert_int_equal(faccessat(scratch_fd(state), "below", F_OK, 0), -1); /* looking makes nothing */
}

static void test_folders_and_files_are_made(void **state)
{
    char path[300], why[WHY_LEN];
    struct home h;
    size_t len;
    snprintf(path, sizeof path, "%s/home", scratch_path(state));
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(home_open(&h, path, true, why), 0);
        assert_int_equal(home_below(&h, "below", true, why), 0);
        assert_int_equal(home_replace(&h, "file", "a\0b", 3, 3, why), 0);
        char *text = home_read(&h, "file", 3, &len, why);
        assert_non_null(text);
        assert_int_equal(len, 3);
        assert_memory_equal(text, "a\0b", 4);
        free(text);
        home_close(&h);
        home_close(&h); /* once more does nothing */
    }
    assert_mode(state, "home", 0700);
    assert_mode(state, "home/below", 0700);
    assert_mode(state, "home/below/file", 0600);
}

static void test_what_is_said_names_the_file(void **state)
{
    char why[WHY_LEN];
    struct home h = {.fd = -1, .path = "/x"};
    (void)state;
    errno = EDOM;
    assert_int_equal(home_say(&h, "file", "is odd", why), -1);
    assert_string_equal(why, "/x/file: is odd");
    h.below = "y";
    assert_int_equal(home_say(&h, "file", "is odd", why), -1);
    assert_string_equal(why, "/x/y/file: is odd");
    assert_int_equal(home_say(&h, "", "is odd", why), -1);
    assert_string_equal(why, "/x/y: is odd");
    assert_int_equal(errno, EDOM);
}

/* In the folder's place, and in the file's. */
static void test_links_are_not_followed(void **state)
{
    char why[WHY_LEN] = "";
    struct home h;
    size_t len;
    assert_int_equal(mkdirat(scratch_fd(state), "elsewhere", 0700), 0);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), "below"), 0);
    scratch_write(state, "elsewhere/file", "text", 4);
    for (int make = 0; make < 2; make++) {
        assert_int_equal(home_open(&h, scratch_path(state), false, why), 0);
        assert_int_equal(home_below(&h, "below", make == 1, why), -1);
        assert_int_equal(h.fd, -1);
        assert_non_null(strstr(why, "/below: "));
    }
    assert_int_equal(home_open(&h, scratch_path(state), false, why), 0);
    assert_int_equal(symlinkat("elsewhere/file", scratch_fd(state), "file"), 0);
    assert_null(home_read(&h, "file", 10, &len, why));
    assert_non_null(strstr(why, "/file: is a link"));
    assert_int_equal(home_lock(&h, "file", 0, why), -1);
    assert_int_equal(home_replace(&h, "file", "new", 3, 3, why), 0); /* in the link's place */
    char *text = scratch_read(state, "elsewhere/file", &len);
    assert_string_equal(text, "text");
    free(text);
    home_close(&h);
}

static void test_what_others_can_change_is_refused(void **state)
{
    char why[WHY_LEN] = "";
    struct home h;
    size_t len;
    scratch_write(state, "file", "text", 4);
    assert_int_equal(fchmodat(scratch_fd(state), "file", 0620, 0), 0);
    assert_int_equal(home_open(&h, scratch_path(state), false, why), 0);
    assert_null(home_read(&h, "file", 10, &len, why));
    assert_int_equal(errno, EPERM);
    assert_non_null(strstr(why, "/file: can be changed by other users"));
    assert_int_equal(mkdirat(scratch_fd(state), "below", 0700), 0);
    assert_int_equal(fchmodat(scratch_fd(state), "below", 0777, 0), 0);
    assert_int_equal(home_below(&h, "below", true, why), -1);
    assert_int_equal(errno, EPERM);
    assert_non_null(strstr(why, "/below: can be changed by other users"));
}

static void test_what_is_too_long(void **state)
{
    char why[WHY_LEN] = "";
    struct home h;
    size_t len;
    assert_int_equal(home_open(&h, scratch_path(state), false, why), 0);
    assert_int_equal(home_replace(&h, "file", "1234", 4, 3, why), -1);
    assert_non_null(strstr(why, strerror(EFBIG)));
    assert_int_equal(faccessat(scratch_fd(state), "file", F_OK, 0), -1);
    scratch_write(state, "file", "1234", 4);
    assert_null(home_read(&h, "file", 3, &len, why));
    assert_non_null(strstr(why, strerror(EFBIG)));
    home_close(&h);
}

static void test_a_lock_is_held_by_one(void **state)
{
    char why[WHY_LEN] = "";
    struct home h;
    assert_int_equal(home_open(&h, scratch_path(state), false, why), 0);
    int first = home_lock(&h, "lock", 0, why), other = home_lock(&h, "other", 0, why);
    assert_true(first >= 0 && other >= 0);
    assert_int_equal(home_lock(&h, "lock", 0, why), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    assert_non_null(strstr(why, "/lock: another program does not let go of it"));
    close(first);
    first = home_lock(&h, "lock", 0, why);
    assert_true(first >= 0);
    close(first);
    close(other);
    home_close(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_what_is_not_there),
        WITH_FOLDER(test_folders_and_files_are_made),
        cmocka_unit_test(test_what_is_said_names_the_file),
        WITH_FOLDER(test_links_are_not_followed),
        WITH_FOLDER(test_what_others_can_change_is_refused),
        WITH_FOLDER(test_what_is_too_long),
        WITH_FOLDER(test_a_lock_is_held_by_one),
    };
    return RUN(tests);
}
