/* SPDX-License-Identifier: MIT */
/* The server's folder: what is refused and in what words, and the lock. The keys in it: test_datadir_keys.c. */
#include "app/server/store/datadir.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/datadir_scratch.h"

static void assert_refused(const char *path, const char *why)
{
    struct datadir d;
    char error[WHY_LEN] = "";
    assert_int_equal(datadir_open(&d, path, error), -1);
    if (strstr(error, why) == NULL || strstr(error, path) == NULL || strchr(error, '\n') != NULL)
        fail_msg("%s says: %s", path, error);
}

static void test_it_is_made_for_us_alone(void **state)
{
    mode_t before = umask(0);
    struct datadir d = open_data(state);
    umask(before);
    assert_int_equal(mode_of(scratch_fd(state), "data"), 0700);
    assert_int_equal(mode_of(d.fd, "lock"), 0600);
    datadir_close(&d);
    d = open_data(state); /* and is found again */
    datadir_close(&d);
}

/* The folder above knows the new one only once it is synced. */
static void test_the_folder_above_is_synced(void **state)
{
    struct datadir d = open_data(state);
    assert_string_equal(sync_state.calls, "d");
    datadir_close(&d);
    sync_state.fails = 1;
    assert_refused(in_scratch(state, "data"), "Input/output error");
}

static void test_a_folder_open_to_others_is_refused(void **state)
{
    assert_int_equal(mkdirat(scratch_fd(state), "data", 0700), 0);
    for (mode_t bit = 1; bit < 0100; bit <<= 1) {
        assert_int_equal(fchmodat(scratch_fd(state), "data", 0700 | bit, 0), 0);
        assert_refused(in_scratch(state, "data"), "chmod it to 700");
    }
    assert_int_equal(fchmodat(scratch_fd(state), "data", 0700, 0), 0);
    struct datadir d = open_data(state);
    datadir_close(&d);
}

static void test_what_is_no_folder_is_refused(void **state)
{
    scratch_write(state, "file", "x", 1);
    assert_refused(in_scratch(state, "file"), "is no folder");
    assert_refused(in_scratch(state, "none/data"), "No such file or directory");
    struct datadir d = open_data(state);
    datadir_close(&d);
    assert_int_equal(symlinkat("data", scratch_fd(state), "link"), 0);
    static const char *const links[] = {"link", "link/", "link//", "link/.", "link/./", "./link/././/"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        assert_refused(in_scratch(state, links[i]), "is no folder");
    assert_int_equal(symlinkat("nothing", scratch_fd(state), "dangling"), 0);
    assert_refused(in_scratch(state, "dangling"), "is no folder");
    assert_refused(in_scratch(state, "dangling/"), "is no folder");
    assert_false(exists(scratch_fd(state), "nothing"));
}

static void test_somebody_elses_folder_is_refused(void **state)
{
    if (geteuid() != 0) {
        puts("skipped: somebody else's folder (only root can make one)");
        return;
    }
    assert_int_equal(mkdirat(scratch_fd(state), "data", 0700), 0);
    assert_int_equal(fchownat(scratch_fd(state), "data", 12345, 12345, 0), 0);
    assert_refused(in_scratch(state, "data"), "belongs to another user");
}

static void test_a_second_server_is_refused(void **state)
{
    struct datadir d = open_data(state);
    assert_refused(in_scratch(state, "data"), "in use by another server");
    datadir_close(&d);
    d = open_data(state);
    datadir_close(&d);
}

static void test_the_lock_ends_with_its_process(void **state)
{
    int ready[2], status;
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        open_data(state);
        if (write(ready[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_refused(in_scratch(state, "data"), "in use by another server");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    struct datadir d = open_data(state);
    datadir_close(&d);
    close(ready[0]);
    close(ready[1]);
}

/* Where a file can't be opened, or the folder itself, the message says what can be done. */
static void test_what_can_not_be_opened_has_its_remedy(void **state)
{
    struct datadir d = open_data(state), again;
    struct rlimit before, limit;
    char error[WHY_LEN];
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    int saved = datadir_save(&d, "delays", "text", 4, error), opened = -1;
    char *of_file = strstr(error, "delays: can't be written: Too many open files; raise the limit");
    if (of_file != NULL)
        opened = datadir_open(&again, d.path, error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(saved, -1);
    assert_non_null(of_file);
    assert_int_equal(opened, -1);
    assert_non_null(strstr(error, ": Too many open files; raise the limit"));
    datadir_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_it_is_made_for_us_alone),
        WITH_FOLDER(test_the_folder_above_is_synced),
        WITH_FOLDER(test_a_folder_open_to_others_is_refused),
        WITH_FOLDER(test_what_is_no_folder_is_refused),
        WITH_FOLDER(test_somebody_elses_folder_is_refused),
        WITH_FOLDER(test_a_second_server_is_refused),
        WITH_FOLDER(test_the_lock_ends_with_its_process),
        WITH_FOLDER(test_what_can_not_be_opened_has_its_remedy),
    };
    return RUN(tests);
}
