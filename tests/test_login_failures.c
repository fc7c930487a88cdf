/* SPDX-License-Identifier: MIT */
/* app/server/store/login_failures: locks that double, what ends them, and what a restart finds, with real workers and
 * real files. */
#include "app/server/store/login_failures.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define HOUR INT64_C(3600000)
#define FREE 10
#define NAME "anna"

static const uint8_t here[TOTP_SEAL_MARK_LEN] = "here", there[TOTP_SEAL_MARK_LEN] = "there";

/* They take the place of the system's: the program's own come first when it is linked. */
static atomic_int disk_fails;
static time_t clock_now = 1700000000;

int fdatasync(int fd)
{
    (void)fd;
    errno = EIO;
    return atomic_load(&disk_fails) ? -1 : 0;
}

time_t time(time_t *out)
{
    if (out != NULL)
        *out = clock_now;
    return clock_now;
}

static struct worker_pool *pool;
static struct login_failures *codes;
static int served;

static void open_codes(void **state, int64_t now)
{
    char error[WHY_LEN];
    size_t torn;
    pool = worker_start(1);
    assert_non_null(pool);
    codes = login_failures_open(scratch_fd(state), pool, now, &torn, error);
    if (codes == NULL)
        fail_msg("%s", error);
}

static void close_codes(void)
{
    worker_stop(pool);
    login_failures_close(codes);
}

static void restart(void **state, int64_t now)
{
    close_codes();
    open_codes(state, now);
}

static int set_up(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    clock_now = 1700000000;
    served = 0;
    log_set_level(LOG_ERROR);
    open_codes(state, 0);
    return 0;
}

static int tear_down(void **state)
{
    close_codes();
    return scratch_remove(state);
}

/* As auth.c does: where there is a lock nothing is checked. Returns the lock in hours. */
static uint32_t wrong(enum login_failures_place place, int64_t now)
{
    assert_false(login_failures_locked(codes, NAME, place, now));
    uint32_t lock = login_failures_wrong(codes, NAME, place, FREE, now);
    assert_int_equal(login_failures_locked(codes, NAME, place, now), lock > 0);
    return lock / 3600;
}

static void test_locks_double(void **state)
{
    (void)state;
    const uint32_t hours[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 24, 24, 24};
    int64_t now = 5;
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        assert_int_equal(wrong(LOGIN_FAILURES_ELSEWHERE, now), hours[i]);
        now += hours[i] * HOUR;
        if (hours[i] > 0)
            assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, now - 1));
        assert_false(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, now));
    }
    now += 1000 * 24 * HOUR; /* three silent years don't end the doubling */
    assert_int_equal(wrong(LOGIN_FAILURES_ELSEWHERE, now), 24);
}

/* The numbers of login_failures.h, of threat-model.md and of the protocol's section 10.8. */
static void test_a_year_of_guesses(void **state)
{
    (void)state;
    const int64_t year = 365 * 24 * HOUR;
    unsigned guesses = 0, with_owner = 0;
    for (int64_t now = 0; now < year; guesses++)
        now += wrong(LOGIN_FAILURES_ELSEWHERE, now) * HOUR;
    assert_int_equal(guesses, 378);
    login_failures_clear(codes, NAME);
    /* At the worst the owner has a right code before each one of the thief's. */
    for (int64_t now = 0; now < year; with_owner++) {
        login_failures_right(codes, NAME, LOGIN_FAILURES_ELSEWHERE, there);
        now += wrong(LOGIN_FAILURES_ELSEWHERE, now) * HOUR;
    }
    assert_int_equal(with_owner, 299 + 365);
    assert_true(2 * with_owner * 3 < 1000000 / 200); /* from both places: less than half a percent */
}

static void test_a_right_code_ends_a_run_of_its_place(void **state)
{
    (void)state;
    login_failures_right(codes, NAME, LOGIN_FAILURES_ELSEWHERE, here);
    assert_int_equal(login_failures_place(codes, NAME, here), LOGIN_FAILURES_HOME);
    assert_int_equal(login_failures_place(codes, NAME, there), LOGIN_FAILURES_ELSEWHERE);
    assert_int_equal(login_failures_place(codes, "bert", here), LOGIN_FAILURES_ELSEWHERE);
    for (int i = 0; i < FREE; i++)
        for (enum login_failures_place place = 0; place < LOGIN_FAILURES_PLACES; place++)
            wrong(place, 1);
    for (enum login_failures_place place = 0; place < LOGIN_FAILURES_PLACES; place++)
        assert_true(login_failures_locked(codes, NAME, place, HOUR));
    login_failures_right(codes, NAME, LOGIN_FAILURES_HOME, here);
    assert_true(
        login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, HOUR)); /* a thief elsewhere gains nothing by it */
    assert_false(login_failures_locked(codes, NAME, LOGIN_FAILURES_HOME, HOUR));
    assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_INSIDE, HOUR));
    login_failures_right(codes, NAME, LOGIN_FAILURES_INSIDE, there);
    assert_int_equal(login_failures_place(codes, NAME, there),
                     LOGIN_FAILURES_ELSEWHERE); /* only a login says where home is */
    assert_false(login_failures_locked(codes, NAME, LOGIN_FAILURES_INSIDE, HOUR));
    assert_int_equal(login_failures_state(codes, NAME, 1).wrong, FREE);
    assert_int_equal(login_failures_state(codes, NAME, 1).left, 3600);
    login_failures_clear(codes, NAME);
    assert_int_equal(login_failures_state(codes, NAME, 1).wrong, 0);
    assert_int_equal(login_failures_state(codes, NAME, 1).left, 0);
    assert_int_equal(login_failures_place(codes, NAME, here), LOGIN_FAILURES_HOME);
    login_failures_remove(codes, NAME);
    assert_int_equal(login_failures_place(codes, NAME, here), LOGIN_FAILURES_ELSEWHERE);
}

/* As many accounts as there may be, each with a count: none gives way. */
static void test_nothing_is_pushed_out(void **state)
{
    (void)state;
    char name[NAME_MAX_LEN + 1];
    for (int i = 0; i < FREE; i++)
        wrong(LOGIN_FAILURES_ELSEWHERE, 1);
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "a%u", i);
        assert_false(login_failures_locked(codes, name, LOGIN_FAILURES_ELSEWHERE, 1));
        login_failures_wrong(codes, name, LOGIN_FAILURES_ELSEWHERE, FREE, 1);
    }
    assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, HOUR));
}

static void test_what_a_restart_finds(void **state)
{
    login_failures_right(codes, NAME, LOGIN_FAILURES_ELSEWHERE, here);
    for (int i = 0; i <= FREE; i++)
        wrong(LOGIN_FAILURES_ELSEWHERE, i * HOUR); /* the last one locks for two hours */
    wrong(LOGIN_FAILURES_HOME, 0);
    login_failures_failed(codes, NAME, true);
    login_failures_failed(codes, NAME, false);
    clock_now += 3600; /* one of them passes */
    restart(state, 77);
    assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, 77 + HOUR - 1));
    assert_false(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, 77 + HOUR));
    assert_false(login_failures_locked(codes, NAME, LOGIN_FAILURES_HOME, 77));
    assert_int_equal(login_failures_place(codes, NAME, here), LOGIN_FAILURES_HOME);
    assert_int_equal(login_failures_state(codes, NAME, 77).wrong, FREE + 2);
    struct login_failures_told told = login_failures_told(codes, NAME);
    assert_int_equal(told.failed, 2);
    assert_int_equal(told.known, 1);
    assert_int_equal(login_failures_told(codes, NAME).failed, 0);
    restart(state, 0);
    assert_int_equal(login_failures_told(codes, NAME).failed, 0);
    clock_now -= 365 * 86400; /* set back by a year: not locked for longer than the longest lock */
    restart(state, 0);
    assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, 24 * HOUR - 1));
    assert_false(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, 24 * HOUR));
    clock_now += 3 * 365 * 86400; /* and forward: the lock is over, and the next is as long as it would have been */
    restart(state, 0);
    assert_int_equal(wrong(LOGIN_FAILURES_ELSEWHERE, 0), 4);
}

static void count_served(void *arg)
{
    (void)arg;
    served++;
}

static void finish_all(int want)
{
    for (int i = 0; i < 1000 && (served < want || worker_in_flight(pool) > 0); i++) {
        struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
        poll(&bell, 1, 10);
        worker_finish(pool);
    }
    assert_int_equal(served, want);
}

static size_t size_of_file(void **state)
{
    size_t len;
    free(scratch_read(state, "codes", &len));
    return len;
}

/* Waiters are served when the count is on disk; a line is written even where nothing has changed. */
static void test_waits_for_the_disk(void **state)
{
    struct login_failures_waiter waiters[3] = {{.done = count_served}, {.done = count_served}, {.done = count_served}};
    size_t before = size_of_file(state), len;
    wrong(LOGIN_FAILURES_ELSEWHERE, 0);
    login_failures_write(codes, &waiters[0]);
    login_failures_write(codes, &waiters[1]);
    assert_int_equal(served, 0);
    finish_all(2);
    char *text = scratch_read(state, "codes", &len);
    assert_non_null(strstr(text, "\n" NAME "\t0 0\t1 1 0\t"));
    assert_non_null(strstr(text, "\n-\tnothing\t")); /* the second one's */
    free(text);
    assert_true(len > before);
    assert_false(login_failures_changed(codes));
    login_failures_flush(codes); /* nothing is written */
    assert_int_equal(worker_in_flight(pool), 0);
    login_failures_write(codes, &waiters[2]);
    finish_all(3);
    assert_true(size_of_file(state) > len);
}

static bool has(void **state, const char *text)
{
    size_t len;
    char *file = scratch_read(state, "codes", &len);
    bool found = strstr(file, text) != NULL;
    free(file);
    return found;
}

static void count_one(const char *name)
{
    assert_false(login_failures_locked(codes, name, LOGIN_FAILURES_ELSEWHERE, 0));
    login_failures_wrong(codes, name, LOGIN_FAILURES_ELSEWHERE, FREE, 0);
}

/* Two names stay: one whose count was on disk before, and one that is counted in the same write. */
static void test_a_removed_name_leaves_the_file(void **state)
{
    struct login_failures_waiter waiters[2] = {{.done = count_served}, {.done = count_served}};
    count_one(NAME);
    count_one("bert");
    login_failures_right(codes, NAME, LOGIN_FAILURES_ELSEWHERE, here);
    login_failures_write(codes, &waiters[0]);
    finish_all(1);
    assert_true(has(state, "\n" NAME "\t"));
    count_one("carl");
    login_failures_remove(codes, NAME);
    login_failures_write(codes, &waiters[1]);
    finish_all(2);
    assert_int_equal(waiters[1].written, JOURNAL_DONE);
    assert_int_equal(waiters[1].left_out, JOURNAL_DONE);
    assert_false(has(state, NAME));
    assert_false(has(state, "nothing"));
    assert_false(login_failures_changed(codes));
    restart(state, 0);
    assert_int_equal(login_failures_state(codes, "bert", 0).wrong, 1);
    assert_int_equal(login_failures_state(codes, "carl", 0).wrong, 1);
    assert_int_equal(login_failures_state(codes, NAME, 0).wrong, 0);
}

/* Nobody waits: it is written all the same, at the latest when the file is closed. */
static void test_a_removed_name_leaves_the_file_without_a_waiter(void **state)
{
    for (int closed = 0; closed < 2; closed++) {
        struct login_failures_waiter waiter = {.done = count_served};
        served = 0;
        count_one(NAME);
        count_one("bert");
        login_failures_write(codes, &waiter);
        finish_all(1);
        login_failures_remove(codes, NAME);
        assert_true(login_failures_changed(codes));
        if (closed)
            restart(state, 0);
        else
            login_failures_flush(codes);
        finish_all(1);
        assert_false(has(state, NAME));
        assert_true(has(state, "\nbert\t"));
    }
}

static bool is_anna(const void *arg, const char *name)
{
    (void)arg;
    return strcmp(name, NAME) == 0;
}

/* A crash after the account's removal and before that of its codes: the next start removes the codes. */
static void test_a_name_that_is_gone_at_the_start(void **state)
{
    count_one(NAME);
    count_one("bert");
    restart(state, 0);
    login_failures_remove_all(codes, is_anna, NULL);
    restart(state, 0);
    assert_false(has(state, NAME));
    assert_int_equal(login_failures_state(codes, "bert", 0).wrong, 1);
    size_t len = size_of_file(state);
    login_failures_remove_all(codes, is_anna, NULL);
    assert_false(login_failures_changed(codes)); /* once it is gone no start writes the file again */
    restart(state, 0);
    assert_int_equal(size_of_file(state), len);
}

/* Where no second file can be made, the others' counts are on disk all the same, and the removal is tried again. */
static void test_a_removed_name_that_can_not_be_left_out(void **state)
{
    struct login_failures_waiter waiters[2] = {{.done = count_served}, {.done = count_served}};
    count_one(NAME);
    login_failures_write(codes, &waiters[0]);
    finish_all(1);
    assert_int_equal(mkdirat(scratch_fd(state), "codes.new", 0700), 0);
    count_one("bert");
    login_failures_remove(codes, NAME);
    login_failures_write(codes, &waiters[1]);
    finish_all(2);
    assert_int_equal(waiters[1].written, JOURNAL_DONE);
    assert_int_equal(waiters[1].left_out, JOURNAL_FAILED);
    assert_int_equal(waiters[1].error, EISDIR);
    assert_true(has(state, "\nbert\t0 0\t1 1 0\t"));
    assert_true(login_failures_changed(codes));
    size_t size = size_of_file(state);
    login_failures_flush(codes);
    finish_all(2);
    assert_true(login_failures_changed(codes));
    assert_int_equal(size_of_file(state), size); /* a failed try writes nothing */
    assert_int_equal(unlinkat(scratch_fd(state), "codes.new", AT_REMOVEDIR), 0);
    login_failures_flush(codes);
    finish_all(2);
    assert_false(has(state, NAME));
    assert_true(has(state, "\nbert\t0 0\t1 1 0\t"));
    assert_false(login_failures_changed(codes));
}

/* The waiters are served all the same, and all goes on in memory. */
static void test_a_disk_that_fails(void **state)
{
    (void)state;
    struct login_failures_waiter waiters[2] = {{.done = count_served}, {.done = count_served}};
    atomic_store(&disk_fails, 1);
    for (int i = 0; i < FREE; i++)
        wrong(LOGIN_FAILURES_ELSEWHERE, 0);
    login_failures_write(codes, &waiters[0]);
    login_failures_write(codes, &waiters[1]);
    finish_all(2);
    atomic_store(&disk_fails, 0);
    assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, 1));
    assert_false(login_failures_changed(codes)); /* it is closed: nothing is tried again and again */
}

/* What could not be written goes with the next. */
static void test_a_file_that_can_not_grow(void **state)
{
    struct login_failures_waiter waiters[2] = {{.done = count_served}, {.done = count_served}};
    struct rlimit before, none = {0, 0};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    for (int i = 0; i < FREE; i++)
        wrong(LOGIN_FAILURES_ELSEWHERE, 0);
    login_failures_write(codes, &waiters[0]);
    finish_all(1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(login_failures_changed(codes));
    login_failures_write(codes, &waiters[1]);
    finish_all(2);
    assert_false(login_failures_changed(codes));
    restart(state, 0);
    assert_true(login_failures_locked(codes, NAME, LOGIN_FAILURES_ELSEWHERE, 1));
}

/* Ten thousand failures leave a short file. */
static void test_the_file_stays_short(void **state)
{
    for (int i = 0; i < 10000; i++) {
        struct login_failures_waiter waiter = {.done = count_served};
        login_failures_failed(codes, NAME, false);
        login_failures_write(codes, &waiter);
        finish_all(i + 1);
    }
    assert_true(size_of_file(state) < 600 * LOGIN_FAILURES_LINE_MAX);
    restart(state, 0);
    assert_int_equal(login_failures_told(codes, NAME).failed, 10000);
}

static void test_what_is_no_record(void **state)
{
    (void)state;
    static const char zeros[] = "00000000000000000000000000000000";
    const char *const good = "anna\t1 0\t1 1 1795254190\t0 0 0\t0 0 0\t";
    const char *const bad[] = {"anna\t01 0\t1 1 1\t0 0 0\t0 0 0\t", "anna\t1 0\t1 1 1\t0 0 0\t0 0  0\t",
                               "Anna\t1 0\t1 1 1\t0 0 0\t0 0 0\t",  "anna\t-1 0\t1 1 1\t0 0 0\t0 0 0\t",
                               "anna\t1 0\t1 1 1\t0 0 0\t0 0\t",    "anna\t4294967296 0\t1 1 1\t0 0 0\t0 0 0\t",
                               "\t1 0\t1 1 1\t0 0 0\t0 0 0\t",      "anna 1 0\t1 1 1\t0 0 0\t0 0 0\t"};
    struct login_failures_record r;
    char text[400];
    snprintf(text, sizeof text, "%s%s", good, zeros);
    assert_int_equal(login_failures_decode(&r, text), 0);
    snprintf(text, sizeof text, "%s%.30s", good, zeros);
    assert_int_equal(login_failures_decode(&r, text), -1);
    snprintf(text, sizeof text, "%s%s0", good, zeros);
    assert_int_equal(login_failures_decode(&r, text), -1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "%s%s", bad[i], zeros);
        assert_int_equal(login_failures_decode(&r, text), -1);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        TEST(test_locks_double),          TEST(test_a_year_of_guesses),
        TEST(test_nothing_is_pushed_out), TEST(test_a_right_code_ends_a_run_of_its_place),
        TEST(test_what_a_restart_finds),  TEST(test_waits_for_the_disk),
        TEST(test_a_disk_that_fails),     TEST(test_the_file_stays_short),
        TEST(test_what_is_no_record),     TEST(test_a_file_that_can_not_grow),
        TEST(test_a_removed_name_leaves_the_file),
        TEST(test_a_removed_name_leaves_the_file_without_a_waiter),
        TEST(test_a_name_that_is_gone_at_the_start),
        TEST(test_a_removed_name_that_can_not_be_left_out),
    };
    /* clang-format on */
    return RUN(tests);
}
