/* SPDX-License-Identifier: MIT */
/* app/server/operator/admin, asked without a socket, with real accounts: limits, lists that change, a disk that
 * fails. */
#include "app/server/operator/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/base/log.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define VERIFIER "1:AAAAAAAAAAAAAAAAAAAAAA==:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PASSWORD "pbkdf2=" VERIFIER
#define ALL_OF_THEM "`glasschatd account list` shows all\n"
#define RESET_BOB ("reset bob " VERIFIER)
#define ACCOUNTS_MAX 600

/* Takes the place of the system's: the program's own comes first when it is linked. */
static atomic_int disk_fails; /* from the nth sync on, counted down to 1; 0: never */
static atomic_int disk_synced;

int fdatasync(int fd)
{
    (void)fd;
    errno = EIO;
    if (atomic_load(&disk_fails) > 1)
        atomic_fetch_sub(&disk_fails, 1);
    else if (atomic_load(&disk_fails) == 1)
        return -1;
    atomic_fetch_add(&disk_synced, 1);
    return 0;
}

static struct admin admin;
static struct worker_pool *pool;

static int set_up(void **state)
{
    static const struct admin_calls none = {NULL, NULL, NULL};
    size_t torn;
    char error[WHY_LEN];
    if (scratch_make(state) != 0)
        return -1;
    atomic_store(&disk_fails, 0);
    log_set_level(LOG_ERROR);
    pool = worker_start(1);
    assert_non_null(pool);
    admin_init(&admin, accounts_open(scratch_fd(state), pool, ACCOUNTS_MAX, &torn, error), &none, NULL);
    assert_non_null(admin.accounts);
    return 0;
}

static int tear_down(void **state)
{
    struct accounts *a = admin.accounts;
    struct login_failures *codes = admin.login_failures;
    worker_stop(pool);
    admin_free(&admin);
    login_failures_close(codes);
    accounts_close(a);
    return scratch_remove(state);
}

/* The whole answer, which stays until the next. */
static const char *ask(const char *line)
{
    static char answer[ADMIN_OUT_MAX + 1];
    admin_request(&admin, line);
    while (admin.busy) {
        struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
        assert_int_equal(poll(&bell, 1, 5000), 1);
        worker_finish(pool);
    }
    memcpy(answer, admin.out, admin.out_len);
    answer[admin.out_len] = '\0';
    admin.out_len = 0;
    return answer;
}

static void add(const char *name)
{
    char line[400];
    snprintf(line, sizeof line, "add %s\temail=a@%s\tcreated=1\t" PASSWORD, name,
             "a-domain-that-makes-the-list-longer-than-an-answer.example.org");
    assert_string_equal(ask(line), "");
}

static void add_many(size_t from, size_t to)
{
    char name[NAME_MAX_LEN + 1];
    for (size_t i = from; i < to; i++) {
        snprintf(name, sizeof name, "user%zu", i);
        add(name);
    }
}

static void tell_two(void *arg, void (*tell)(void *to, const char *line), void *to)
{
    tell(to, arg);
    tell(to, "b 2 ! two");
}

static void test_the_status_of_a_server(void **state)
{
    (void)state;
    static char first[] = "a 1 - one";
    const struct admin_calls *none = admin.calls, calls = {NULL, tell_two, NULL};
    assert_string_equal(ask("status"), "error no server runs here\n");
    admin.calls = &calls;
    admin.arg = first;
    assert_string_equal(ask("status"), "a 1 - one\nb 2 ! two\nok\n");
    assert_string_equal(ask("status now"), "error there is no such request\n");
    admin.calls = none;
}

static void test_names_at_their_limit(void **state)
{
    static const char longest[] = "abcdefghijklmnopqrstuvwxyz-_0123", too_long[] = "abcdefghijklmnopqrstuvwxyz-_01234";
    char line[200];
    (void)state;
    add(longest);
    assert_string_equal(ask("commit"), "ok 1\n");
    add(too_long);
    assert_string_equal(ask("commit"), "error 1 0 is no account\n");
    for (size_t i = 0; i < 3; i++) {
        static const char *const verbs[] = {"lock", "unlock", "remove"};
        snprintf(line, sizeof line, "%s %s", verbs[i], too_long);
        assert_string_equal(ask(line), "error there is no account of the name that was given; " ALL_OF_THEM);
        snprintf(line, sizeof line, "%s no\x1b[2J", verbs[i]);
        assert_string_equal(ask(line), "error there is no account of the name that was given; " ALL_OF_THEM);
        snprintf(line, sizeof line, "%s nobody", verbs[i]);
        assert_string_equal(ask(line), "error there is no account of the name nobody; " ALL_OF_THEM);
        snprintf(line, sizeof line, "%s %s", verbs[i], longest);
        assert_string_equal(ask(line), "ok\n");
    }
}

static void test_a_line_that_is_too_long(void **state)
{
    static char line[ADMIN_LINE_MAX + 1];
    (void)state;
    memset(line, 'x', ADMIN_LINE_MAX);
    assert_string_equal(ask(line), "error that line is too long\n");
    line[ADMIN_LINE_MAX - 1] = '\0';
    assert_string_equal(ask(line), "error there is no such request\n");
}

/* As admin_client.c greets a server. */
static void test_next_without_a_list(void **state)
{
    (void)state;
    assert_string_equal(ask("next"), "ok\n");
    add("alice");
    assert_string_equal(ask("next"), "ok\n");
    assert_string_equal(ask("commit"), "ok 1\n");
}

static void test_one_too_many(void **state)
{
    (void)state;
    add_many(0, ACCOUNTS_MAX + 3);
    assert_string_equal(ask("commit"), "error 601 0 is one too many: see --max-accounts\n");
    assert_int_equal(accounts_count(admin.accounts), 0);
    add_many(0, ACCOUNTS_MAX); /* the failure is forgotten */
    assert_string_equal(ask("commit"), "ok 600\n");
    assert_string_equal(ask("commit"), "ok 0\n");
}

static void test_the_same_name_twice(void **state)
{
    (void)state;
    add("alice");
    add("bob");
    add("alice");
    add("root");
    assert_string_equal(ask("commit"), "error 4 0 has a name that nobody may have\n");
    add("alice");
    add("bob");
    add("alice");
    assert_string_equal(ask("commit"), "error 3 2 is taken\n");
    assert_int_equal(accounts_count(admin.accounts), 2);
}

/* Each part is whole lines and ends in "more"; accounts that were removed meanwhile are left out. */
static void test_a_list_that_changes_while_it_is_told(void **state)
{
    size_t lines = 0;
    (void)state;
    add_many(0, ACCOUNTS_MAX);
    assert_string_equal(ask("commit"), "ok 600\n");
    const char *answer = ask("list");
    for (const char *c = answer; (c = strchr(c, '\n')) != NULL; c++)
        lines++;
    assert_string_equal(answer + strlen(answer) - 6, "\nmore\n");
    assert_null(strstr(answer, "user99\t")); /* the last by name */
    assert_string_equal(ask("remove user99"), "ok\n");
    answer = ask("next");
    assert_null(strstr(answer, "user99\t"));
    for (const char *c = answer; (c = strchr(c, '\n')) != NULL; c++)
        lines++;
    assert_string_equal(answer + strlen(answer) - 4, "\nok\n");
    assert_int_equal(lines, ACCOUNTS_MAX - 1 + 2);
    assert_string_equal(ask("next"), "ok\n");
}

static void test_a_disk_that_fails(void **state)
{
    (void)state;
    add("alice");
    assert_string_equal(ask("commit"), "ok 1\n");
    atomic_store(&disk_fails, 1);
    add("bob");
    add("carl");
    const char *answer = ask("commit");
    assert_int_equal(strncmp(answer, "error 1 0 can't be written", 26), 0);
    assert_int_equal(strncmp(ask("lock alice"), "error alice can't be written", 28), 0);
    assert_false(accounts_find(admin.accounts, "alice")->locked);
    assert_null(accounts_find(admin.accounts, "bob"));
}

/* Makes an account and locks its codes. */
static void lock_codes(void **state, const char *name)
{
    char error[WHY_LEN];
    size_t torn;
    if (admin.login_failures == NULL)
        admin.login_failures = login_failures_open(scratch_fd(state), pool, 0, &torn, error);
    assert_non_null(admin.login_failures);
    add(name);
    assert_string_equal(ask("commit"), "ok 1\n");
    assert_false(login_failures_locked(admin.login_failures, name, LOGIN_FAILURES_ELSEWHERE, 0));
    assert_true(login_failures_wrong(admin.login_failures, name, LOGIN_FAILURES_ELSEWHERE, 0, 0) > 0);
    assert_true(login_failures_locked(admin.login_failures, name, LOGIN_FAILURES_ELSEWHERE, 0));
}

/* Two writes, one after the other: the account, and its codes. */
static void test_what_the_operator_ends_is_on_disk(void **state)
{
    static const char *const requests[] = {"unlock alice", RESET_BOB, "remove carl"};
    static const char *const names[] = {"alice", "bob", "carl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lock_codes(state, names[i]);
        int before = atomic_load(&disk_synced);
        assert_string_equal(ask(requests[i]), "ok\n");
        int anew = i == 2 ? 2 : 0; /* syncs of a file and the folder: a removed name is left out of the codes */
        assert_int_equal(atomic_load(&disk_synced), before + 2 + anew);
        assert_false(login_failures_changed(admin.login_failures));
        assert_false(login_failures_locked(admin.login_failures, names[i], LOGIN_FAILURES_ELSEWHERE, 0));
    }
}

/* What is answered is on disk, and nothing of a removed account is there. */
static void test_a_removed_name_is_in_no_file_of_codes(void **state)
{
    size_t len;
    lock_codes(state, "alice");
    lock_codes(state, "bob");
    assert_string_equal(ask("remove alice"), "ok\n");
    char *text = scratch_read(state, "codes", &len);
    assert_null(strstr(text, "alice"));
    assert_non_null(strstr(text, "\nbob\t"));
    free(text);
    assert_int_equal(mkdirat(scratch_fd(state), "codes.new", 0700), 0);
    assert_string_equal(ask("remove bob"), "error bob is removed, but its name stays in DATA/codes, which can't be "
                                           "written: Is a directory\n");
    assert_int_equal(unlinkat(scratch_fd(state), "codes.new", AT_REMOVEDIR), 0);
}

static void test_a_disk_that_fails_after_the_account(void **state)
{
    lock_codes(state, "alice");
    atomic_store(&disk_fails, 2);
    assert_string_equal(ask("unlock alice"), "error alice is changed, but the end of the lock on its codes can't be "
                                             "written: the disk failed (Input/output error), and what is on it is "
                                             "unknown; start the server again\n");
    atomic_store(&disk_fails, 0);
    assert_string_equal(ask("unlock alice"), "error alice is changed, but the end of the lock on its codes can't be "
                                             "written: the disk failed (Input/output error), and what is on it is "
                                             "unknown; start the server again\n");
}

/* Neither the accounts nor the codes can grow: each error says what the system said, and it may be tried again. */
static void test_a_file_that_can_not_grow(void **state)
{
    struct rlimit before, none = {0, 0};
    lock_codes(state, "alice");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_string_equal(ask("lock alice"), "error alice can't be written: File too large; raise the limit on the size "
                                           "of files (ulimit -f)\n");
    add("bob");
    assert_string_equal(ask("commit"), "error 1 0 can't be written: File too large; raise the limit on the size of "
                                       "files (ulimit -f)\n");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_string_equal(ask("lock alice"), "ok\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_status_of_a_server),
        TEST(test_names_at_their_limit),
        TEST(test_a_line_that_is_too_long),
        TEST(test_next_without_a_list),
        TEST(test_one_too_many),
        TEST(test_the_same_name_twice),
        TEST(test_a_list_that_changes_while_it_is_told),
        TEST(test_a_disk_that_fails),
        TEST(test_what_the_operator_ends_is_on_disk),
        TEST(test_a_disk_that_fails_after_the_account),
        TEST(test_a_file_that_can_not_grow),
        TEST(test_a_removed_name_is_in_no_file_of_codes),
    };
    return RUN(tests);
}
