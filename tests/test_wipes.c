/* SPDX-License-Identifier: MIT */
/* What is given back to the allocator, or left on a worker's stack, has no secret in it: each block is searched when it
 * is freed. Where a sanitizer has its own allocator, and without glibc, nothing is tested. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/dissect/recording.h"
#include "app/server/operator/admin.h"
#include "app/server/operator/admin_socket.h"
#include "app/server/store/accounts.h"
#include "app/workbench/explain/explain_html.h"
#include "app/workbench/explain/explain_pcap.h"
#include "app/workbench/explain/sample_session.h"
#include "crypto/base64.h"
#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "tests/accounts_server.h"
#include "tests/fill.h"
#include "tests/sanitized.h"
#include "tests/scratch.h"

static uint8_t hash[VERIFIER_HASH_LEN];                   /* of a password: raw */
static char hash_text[BASE64_LEN(VERIFIER_HASH_LEN) + 1]; /* and as it is written */
static const char word[] = "a made-up password";          /* of the session that is recorded */
static bool word_counts;
static atomic_size_t freed_with_secret;

/* --- What is freed ------------------------------------------------------------------------------------------------ */

static bool has(const void *block, size_t len, const void *secret, size_t secret_len)
{
    return memmem(block, len, secret, secret_len) != NULL;
}

#if MALLOC_IS_OURS
void __libc_free(void *p);

/* Takes the place of the system's: the program's own comes first when it is linked. */
void free(void *p)
{
    size_t len = p != NULL ? malloc_usable_size(p) : 0;
    if (len > 0 && *hash != 0 && (has(p, len, hash, sizeof hash) || has(p, len, hash_text, 24)))
        atomic_fetch_add(&freed_with_secret, 1);
    if (len > 0 && word_counts && has(p, len, word, sizeof word - 1))
        atomic_fetch_add(&freed_with_secret, 1);
    __libc_free(p);
}
#endif

static void make_secret(void)
{
    fill(hash, sizeof hash, 7);
    hash[0] = 0xa5;
    base64_encode(hash_text, hash, sizeof hash);
    atomic_store(&freed_with_secret, 0);
}

static void test_what_is_freed_is_seen(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    make_secret();
    uint8_t *volatile block = malloc(100);
    memcpy(block + 30, hash, sizeof hash);
    free(block);
    assert_int_equal(atomic_load(&freed_with_secret), 1);
}

/* --- A thread's stack --------------------------------------------------------------------------------------------- */

#define STACK_LEN (1 << 20)

static uint8_t *stack; /* of the next thread; NULL: the system's own */

#if MALLOC_IS_OURS
/* On a stack of its own, which stays as it is when the thread has ended. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    pthread_attr_t own;
    *(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
    if (stack == NULL)
        return create(thread, attr, start, arg);
    pthread_attr_init(&own);
    pthread_attr_setstack(&own, stack, STACK_LEN);
    int result = create(thread, &own, start, arg);
    pthread_attr_destroy(&own);
    return result;
}
#endif

static void make_stack(void)
{
    stack = mmap(NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(stack != MAP_FAILED);
}

static void forget_stack(void)
{
    munmap(stack, STACK_LEN);
    stack = NULL;
}

/* --- Accounts, and the way to them -------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    if (server_set_up(state) != 0)
        return -1;
    make_secret();
    return 0;
}

static void put_done(void *arg, enum accounts_result result)
{
    *(bool *)arg = result == ACCOUNTS_DONE;
}

/* The change, the batch's text, and the account that the next change replaces. */
static void test_a_changed_account(void **state)
{
    struct account account = {.name = "anna", .created = 1, .password = {.iterations = 1}};
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    memcpy(account.password.hash, hash, sizeof hash);
    assert_int_equal(account_set_email(&account, "a@example.org"), 0);
    for (int i = 0; i < 2; i++) {
        bool done = false;
        account.locked = i;
        accounts_put(server.accounts, &account, put_done, &done);
        while (worker_in_flight(server.workers) > 0) {
            struct pollfd bell = {.fd = worker_fd(server.workers), .events = POLLIN};
            poll(&bell, 1, 1000);
            worker_finish(server.workers);
        }
        assert_true(done);
    }
    account_wipe(&account);
    assert_int_equal(atomic_load(&freed_with_secret), 0);
}

static void *serve(void *unused)
{
    for (int i = 0; i < 2000 && accounts_find(server.accounts, "anna") == NULL; i++)
        server_turn(5);
    return unused;
}

/* What the operator's command sends stays in the peer's memory until the peer goes, and on no stack. */
static void test_what_the_operator_sends(void **state)
{
    char line[300];
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    admin_socket_open(&admin_socket);
    assert_true(admin_socket.on);
    int fd = admin_socket_connect(dir.path, 5);
    assert_true(fd >= 0);
    int len = snprintf(line, sizeof line,
                       "add anna\temail=a@x\tcreated=1\tpbkdf2=1:AAAAAAAAAAAAAAAAAAAAAA==:%s\n"
                       "commit\n",
                       hash_text);
    assert_int_equal(send(fd, line, (size_t)len, MSG_NOSIGNAL), len);
    pthread_t loop;
    make_stack();
    assert_int_equal(pthread_create(&loop, NULL, serve, NULL), 0);
    assert_int_equal(pthread_join(loop, NULL), 0);
    assert_false(has(stack, STACK_LEN, hash_text, 24));
    assert_false(has(stack, STACK_LEN, hash, sizeof hash));
    forget_stack();
    assert_non_null(accounts_find(server.accounts, "anna"));
    close(fd);
    for (int i = 0; i < 100; i++)
        server_turn(5);
    for (size_t i = 0; i < ADMIN_SOCKET_PEERS_MAX; i++)
        assert_null(admin_socket.peers[i]);
    assert_int_equal(atomic_load(&freed_with_secret), 0);
}

/* --- GMP's blocks ------------------------------------------------------------------------------------------------- */

static void test_a_big_number(void **state)
{
    void *(*allocate)(size_t);
    void *(*reallocate)(void *, size_t, size_t);
    void (*release)(void *, size_t);
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    make_secret();
    bignum_setup();
    mp_get_memory_functions(&allocate, &reallocate, &release);
    uint8_t *block = allocate(sizeof hash);
    memcpy(block, hash, sizeof hash);
    block = reallocate(block, sizeof hash, 5000); /* which moves it */
    release(block, 5000);
    assert_int_equal(atomic_load(&freed_with_secret), 0);
}

/* --- A worker's generator ----------------------------------------------------------------------------------------- */

static uint8_t key[RNG_KEY_LEN];

static void draw(struct job *job, struct rng *rng)
{
    uint8_t bytes[16];
    (void)job;
    rng_fill(rng, bytes, sizeof bytes);
    memcpy(key, rng->key, sizeof key);
}

static void finished(struct job *job)
{
    (void)job;
}

static void test_the_generator_of_a_worker(void **state)
{
    struct job job = {.run = draw, .finish = finished};
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    make_stack();
    struct worker_pool *pool = worker_start(1);
    assert_non_null(pool);
    worker_submit(pool, &job);
    worker_stop(pool);
    uint8_t zero[RNG_KEY_LEN] = {0};
    assert_memory_not_equal(key, zero, sizeof key);
    assert_false(has(stack, STACK_LEN, key, sizeof key));
    forget_stack();
}

/* --- What a recording becomes ------------------------------------------------------------------------------------- */

static void note(void *arg, enum handshake_role side, const char *name, const uint8_t *data, size_t len)
{
    struct recording *r = arg;
    if (side == HANDSHAKE_CLIENT)
        trace_event(&r->trace, name, data, len);
}

/* A page and captures, which have the password; what they print is not looked at here. */
static void test_a_page_and_captures(void **state)
{
    char why[WHY_LEN], path[3][200];
    struct recording r;
    struct sample_session_watch watch = {.event = note, .arg = &r};
    if (!MALLOC_IS_OURS)
        skip();
    for (size_t i = 0; i < 3; i++)
        snprintf(path[i], sizeof path[i], "%s/%zu", scratch_path(state), i);
    assert_int_equal(recording_create(&r, path[0], "client", "localhost:7447", why), 0);
    assert_int_equal(sample_session_play(1, &watch), 0);
    assert_int_equal(recording_close(&r, true, why), 0);
    atomic_store(&freed_with_secret, 0);
    word_counts = true;
    assert_int_equal(explain_html(path[1], NULL, path[0], ""), 0);
    assert_int_equal(explain_pcap(path[0], path[2]), 0);
    word_counts = false;
    assert_int_equal(atomic_load(&freed_with_secret), 0);
    size_t len;
    char *page = scratch_read(state, "1", &len), *inside = scratch_read(state, "2.inside.pcap", &len);
    assert_non_null(strstr(page, word));
    assert_true(has(inside, len, word, sizeof word - 1));
    free(page);
    free(inside);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, server_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_freed_is_seen),
        TEST(test_a_changed_account),
        TEST(test_what_the_operator_sends),
        cmocka_unit_test(test_a_big_number),
        cmocka_unit_test(test_the_generator_of_a_worker),
        cmocka_unit_test_setup_teardown(test_a_page_and_captures, scratch_make, scratch_remove),
    };
    return RUN(tests);
}
