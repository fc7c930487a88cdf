/* SPDX-License-Identifier: MIT */
/* What is granted can be done, and nothing else: tried in a child, as there is no way out again, with each right and
 * without it. */
#include "app/sandbox/landlock.h"

#include <unistd.h>

#include "tests/scratch.h"
#include "tests/test.h"

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { GRANTED = 20, REFUSED, OTHERWISE, HAS_NONE };

/* The folder has: a file, a folder "in" with a file, and an executable. */
struct tried {
    char folder[300], file[320], in[320], inner[340], program[320];
};

typedef long attempt(const struct tried *t);

static void lay_out(void **state, struct tried *t)
{
    snprintf(t->folder, sizeof t->folder, "%s", scratch_path(state));
    snprintf(t->file, sizeof t->file, "%s/file", t->folder);
    snprintf(t->in, sizeof t->in, "%s/in", t->folder);
    snprintf(t->inner, sizeof t->inner, "%s/in/file", t->folder);
    snprintf(t->program, sizeof t->program, "%s/program", t->folder);
    (void)mkdirat(scratch_fd(state), "in", 0700);
    scratch_write(state, "file", "x", 1);
    scratch_write(state, "in/file", "x", 1);
    scratch_write(state, "program", "#!/nothing\n", 11);
    assert_int_equal(chmod(t->program, 0700), 0);
}

static int enter(const struct landlock_grant *grants, size_t n, char *says, size_t cap)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? landlock_enter(grants, n, says, cap) : -1;
}

/* What a child with that one grant, or none (path NULL), gets for its attempt. */
static int try_with(const struct tried *t, const char *path, uint64_t rights, attempt *try)
{
    const struct landlock_grant grants[] = {{path, rights}};
    char says[100];
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (enter(grants, path != NULL ? 1 : 0, says, sizeof says) != 0)
            _exit(HAS_NONE);
        if (try(t) >= 0)
            _exit(GRANTED);
        _exit(errno == EACCES ? REFUSED : OTHERWISE);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static long version(void)
{
    return syscall(444 /* landlock_create_ruleset */, NULL, (size_t)0, 1);
}

static void needs_landlock(long at_least)
{
    if (version() < at_least) {
        print_message("[  SKIPPED ] Landlock %ld is not there\n", at_least);
        skip();
    }
}

static long read_file(const struct tried *t)
{
    return open(t->file, O_RDONLY);
}

static long write_file(const struct tried *t)
{
    return open(t->file, O_WRONLY);
}

static long truncate_file(const struct tried *t)
{
    return open(t->file, O_WRONLY | O_TRUNC);
}

static long read_inner(const struct tried *t)
{
    return open(t->inner, O_RDONLY);
}

static long list_folder(const struct tried *t)
{
    return open(t->in, O_RDONLY | O_DIRECTORY);
}

static long make_inner(const struct tried *t)
{
    char path[400];
    snprintf(path, sizeof path, "%s-new", t->inner);
    return mknod(path, S_IFREG | 0600, 0);
}

static long remove_inner(const struct tried *t)
{
    return unlink(t->inner);
}

/* Its interpreter is not there, which is found out only of a program that may be executed. */
static long execute(const struct tried *t)
{
    execl(t->program, "program", (char *)NULL);
    return errno == ENOENT ? 0 : -1;
}

static void test_nothing_granted_is_nothing(void **state)
{
    attempt *const all[] = {read_file, write_file, read_inner, list_folder, make_inner, remove_inner, execute};
    struct tried t;
    needs_landlock(1);
    lay_out(state, &t);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_int_equal(try_with(&t, NULL, 0, all[i]), REFUSED);
}

static void test_each_right_of_a_file(void **state)
{
    struct tried t;
    needs_landlock(1);
    lay_out(state, &t);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_FILE, read_file), GRANTED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_FILE, write_file), REFUSED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_FILE, read_inner), REFUSED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_WRITE_FILE, write_file), GRANTED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_WRITE_FILE, read_file), REFUSED);
    assert_int_equal(try_with(&t, t.program, LANDLOCK_EXECUTE | LANDLOCK_READ_FILE, execute), GRANTED);
    assert_int_equal(try_with(&t, t.program, LANDLOCK_EXECUTE, execute), REFUSED);
    assert_int_equal(try_with(&t, t.program, LANDLOCK_READ_FILE, execute), REFUSED);
    assert_int_equal(try_with(&t, "/dev/null", LANDLOCK_WRITE_FILE, write_file), REFUSED);
}

static void test_truncating_is_a_right_of_its_own(void **state)
{
    struct tried t;
    needs_landlock(3);
    lay_out(state, &t);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_WRITE_FILE, truncate_file), REFUSED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE, truncate_file), GRANTED);
}

/* The kernel would refuse the whole list. */
static void test_a_file_gets_only_the_rights_of_a_file(void **state)
{
    struct tried t;
    needs_landlock(1);
    lay_out(state, &t);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_MAKE_REG, read_file),
                     GRANTED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_MAKE_REG, list_folder),
                     REFUSED);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_DIR, read_file), REFUSED);
}

static void test_a_folder_and_all_below(void **state)
{
    struct tried t;
    needs_landlock(1);
    lay_out(state, &t);
    assert_int_equal(try_with(&t, t.folder, LANDLOCK_READ_FILE, read_inner), GRANTED);
    assert_int_equal(try_with(&t, t.folder, LANDLOCK_READ_FILE, list_folder), REFUSED);
    assert_int_equal(try_with(&t, t.folder, LANDLOCK_READ_DIR, list_folder), GRANTED);
    assert_int_equal(try_with(&t, t.in, LANDLOCK_READ_FILE, read_inner), GRANTED);
    assert_int_equal(try_with(&t, t.in, LANDLOCK_READ_FILE, read_file), REFUSED);
    assert_int_equal(try_with(&t, t.in, LANDLOCK_REMOVE_FILE, make_inner), REFUSED);
    assert_int_equal(try_with(&t, t.in, LANDLOCK_MAKE_REG, make_inner), GRANTED);
    assert_int_equal(try_with(&t, t.in, LANDLOCK_MAKE_REG, remove_inner), REFUSED);
    assert_int_equal(try_with(&t, t.in, LANDLOCK_REMOVE_FILE, remove_inner), GRANTED);
}

static void test_grants_add_up(void **state)
{
    struct tried t;
    char says[100];
    int status;
    needs_landlock(1);
    lay_out(state, &t);
    const struct landlock_grant grants[] = {
        {t.in, LANDLOCK_READ_DIR}, {t.file, LANDLOCK_WRITE_FILE}, {t.file, LANDLOCK_READ_FILE}};
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (enter(grants, 3, says, sizeof says) != 0)
            _exit(HAS_NONE);
        _exit(open(t.file, O_RDWR) >= 0 && list_folder(&t) >= 0 && read_inner(&t) == -1 ? GRANTED : OTHERWISE);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), GRANTED);
}

static long connect_to_a_port(const struct tried *t)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    (void)t;
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof at);
}

static void test_nothing_of_the_network_is_granted(void **state)
{
    struct tried t;
    needs_landlock(4);
    lay_out(state, &t);
    assert_int_equal(try_with(&t, t.file, LANDLOCK_READ_FILE, connect_to_a_port), REFUSED);
}

/* A whole list or none of it: what was meant to be reached would be missed in the middle of the work. */
static void test_a_path_that_is_not_there(void **state)
{
    struct tried t;
    char says[400], gone[330], expected[400];
    needs_landlock(1);
    lay_out(state, &t);
    snprintf(gone, sizeof gone, "%s/gone", t.folder);
    snprintf(expected, sizeof expected, "%s: %s", gone, strerror(ENOENT));
    const struct landlock_grant grants[] = {{t.in, LANDLOCK_READ_DIR}, {gone, LANDLOCK_READ_FILE}};
    assert_int_equal(landlock_enter(grants, 2, says, sizeof says), -1);
    assert_string_equal(says, expected);
    int fd = open(t.file, O_RDONLY);
    assert_true(fd >= 0);
    close(fd);
}

static long says_what_holds(const struct tried *t)
{
    const struct landlock_grant grants[] = {{t->folder, LANDLOCK_READ_FILE}};
    char says[100], expected[100];
    snprintf(expected, sizeof expected, "landlock-%ld%s%s", version(), version() >= 4 ? ",landlock-tcp" : "",
             version() >= 6 ? ",landlock-scopes" : "");
    return enter(grants, 1, says, sizeof says) == 0 && strcmp(says, expected) == 0 ? 0 : -1;
}

/* One may enter again, and has then what both lists grant. */
static void test_says_which_version(void **state)
{
    struct tried t;
    needs_landlock(1);
    lay_out(state, &t);
    assert_int_equal(try_with(&t, t.folder, LANDLOCK_READ_FILE, says_what_holds), GRANTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_nothing_granted_is_nothing),
        WITH_FOLDER(test_each_right_of_a_file),
        WITH_FOLDER(test_truncating_is_a_right_of_its_own),
        WITH_FOLDER(test_a_file_gets_only_the_rights_of_a_file),
        WITH_FOLDER(test_a_folder_and_all_below),
        WITH_FOLDER(test_grants_add_up),
        WITH_FOLDER(test_nothing_of_the_network_is_granted),
        WITH_FOLDER(test_a_path_that_is_not_there),
        WITH_FOLDER(test_says_which_version),
    };
    return RUN(tests);
}

#else

static void test_says_that_it_is_not_there(void **state)
{
    const struct landlock_grant grants[] = {{scratch_path(state), LANDLOCK_READ_FILE}};
    char says[100];
    assert_int_equal(landlock_enter(grants, 1, says, sizeof says), -1);
    assert_string_equal(says, "Landlock: only Linux has it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {WITH_FOLDER(test_says_that_it_is_not_there)};
    return RUN(tests);
}

#endif
