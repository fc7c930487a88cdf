/* SPDX-License-Identifier: MIT */
/* The random generator: what it makes of the kernel's bytes; nothing that it served can be found again, no two
 * processes get the same, and the program ends when the kernel gives nothing.
 *
 * getrandom and getentropy are defined here, so that this program's own stand between crypto/ and the kernel: they
 * count, and on demand give fixed bytes, give fewer, are interrupted, or fail. */
#include "crypto/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/vec.h"

#define LEN 32

enum behaviour { HONEST, FIXED, SHORT, INTERRUPTED, BROKEN, EMPTY };
static enum behaviour kernel;
static const uint8_t *fixed; /* RNG_KEY_LEN bytes */
static unsigned long calls;

ssize_t getrandom(void *buf, size_t len, unsigned flags);

ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
    (void)flags;
    calls++;
    if (kernel == BROKEN) {
        errno = ENOSYS;
        return -1;
    }
    if (kernel == EMPTY) {
        errno = EINTR; /* left over from something else: it must not be believed */
        return 0;
    }
    if (kernel == INTERRUPTED && calls % 2 == 1) {
        errno = EINTR;
        return -1;
    }
    if (kernel == FIXED) {
        memcpy(buf, fixed, len);
        return (ssize_t)len;
    }
    if (kernel == SHORT && len > 3)
        len = 3;
    int fd = open("/dev/urandom", O_RDONLY);
    ssize_t n = read(fd, buf, len);
    close(fd);
    return n;
}

int getentropy(void *buf, size_t len)
{
    if (len > 256) {
        errno = EIO;
        return -1;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = getrandom((uint8_t *)buf + done, len - done, 0);
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

static int honest_again(void **state)
{
    (void)state;
    kernel = HONEST;
    calls = 0;
    return 0;
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("rng");
    while (vec_next(v)) {
        size_t len;
        vec_hex(v, "served", &len);
        uint8_t out[RNG_BUFFER_LEN];
        fixed = vec_hex_n(v, "kernel", RNG_KEY_LEN);
        kernel = FIXED;
        struct rng rng;
        rng_init(&rng);
        rng_fill(&rng, out, (size_t)vec_number(v, "skip"));
        rng_fill(&rng, out, len);
        vec_check(v, "served", out, len);
    }
    vec_close(v);
}

/* The bytes are the same in whatever pieces they are drawn. */
static void test_every_piece(void **state)
{
    (void)state;
    static uint8_t whole[3 * RNG_BUFFER_LEN], out[3 * RNG_BUFFER_LEN];
    const uint8_t seed[RNG_KEY_LEN] = {1, 2, 3};
    struct rng rng;
    fixed = seed;
    kernel = FIXED;
    rng_init(&rng);
    rng_fill(&rng, whole, sizeof whole);
    for (size_t step = 1; step <= sizeof out; step += step < 40 ? 1 : 119) {
        rng_init(&rng);
        for (size_t done = 0; done < sizeof out; done += step)
            rng_fill(&rng, out + done, sizeof out - done < step ? sizeof out - done : step);
        assert_memory_equal(out, whole, sizeof out);
    }
}

/* Neither what was served, nor the key that made it, is anywhere in the struct afterwards. */
static void test_served_is_gone(void **state)
{
    (void)state;
    struct rng rng;
    uint8_t first[LEN], key[RNG_KEY_LEN], rest[RNG_BUFFER_LEN];
    rng_init(&rng);
    rng_fill(&rng, first, sizeof first);
    for (size_t i = 0; i < sizeof first; i++)
        assert_int_equal(rng.buffer[i], 0);
    memcpy(key, rng.key, sizeof key);
    rng_fill(&rng, rest, RNG_BUFFER_LEN - sizeof first);
    for (size_t i = 0; i < RNG_BUFFER_LEN; i++)
        assert_int_equal(rng.buffer[i], 0);
    assert_memory_equal(rng.key, key, sizeof key);
    rng_fill(&rng, first, 1);
    assert_memory_not_equal(rng.key, key, sizeof key);
}

static void test_kernel_is_asked_again(void **state)
{
    (void)state;
    static uint8_t out[RNG_BUFFER_LEN];
    struct rng rng;
    rng_init(&rng);
    assert_int_equal(calls, 0);
    for (int i = 0; i < 1024; i++)
        rng_fill(&rng, out, sizeof out);
    assert_int_equal(calls, 1);
    rng_fill(&rng, out, 1);
    assert_int_equal(calls, 2);
}

/* The kernel's new bytes change what is served: seeded alike and reseeded differently, two streams part. */
static void test_reseed_matters(void **state)
{
    (void)state;
    static uint8_t out[RNG_BUFFER_LEN];
    uint8_t a[LEN], b[LEN];
    const uint8_t seed[RNG_KEY_LEN] = {9};
    struct rng rng, twin;
    fixed = seed;
    kernel = FIXED;
    rng_init(&rng);
    for (int i = 0; i < 1024; i++)
        rng_fill(&rng, out, sizeof out);
    twin = rng;
    kernel = HONEST;
    rng_fill(&rng, a, sizeof a);
    rng_fill(&twin, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void test_key_is_the_kernels(void **state)
{
    (void)state;
    struct rng rng;
    uint8_t seed[1000], out[1000];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(i % 251 + i / 256 * 3);
    rng_init(&rng);
    fixed = seed;
    kernel = FIXED;
    rng_key(&rng, out, 200);
    assert_memory_equal(out, seed, 200);
    rng_key(&rng, out, 200);
    assert_memory_equal(out, seed, 200);
    assert_int_equal(calls, 2);
    rng_key(&rng, out, 0);
}

static bool all_written(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i + 8 <= len; i += 8)
        if (memcmp(p + i, "\0\0\0\0\0\0\0\0", 8) == 0)
            return false;
    return true;
}

/* Asked for 1,000 bytes, of a kernel that gives 3 at a time or is interrupted every second time: all come. */
static void test_short_and_interrupted(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng);
    for (int round = 0; round < 2; round++) {
        uint8_t out[1000] = {0};
        kernel = round == 0 ? SHORT : INTERRUPTED;
        calls = 0;
        rng_key(&rng, out, sizeof out);
        assert_true(all_written(out, sizeof out));
        assert_true(calls >= 2);
    }
}

static void test_no_repeats(void **state)
{
    (void)state;
    static uint8_t out[600][16];
    struct rng a, b;
    rng_init(&a);
    rng_init(&b);
    for (int i = 0; i < 600; i += 3) {
        rng_fill(&a, out[i], 16);
        rng_fill(&b, out[i + 1], 16);
        rng_key(&a, out[i + 2], 16);
    }
    for (int i = 0; i < 600; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(out[i], out[j], 16);
}

/* Forks; the child draws LEN bytes, and lets a child of its own draw as many; both reach the parent through a pipe. */
static void draw_in_children(struct rng *rng, uint8_t child[static LEN], uint8_t grandchild[static LEN])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        uint8_t out[LEN];
        rng_fill(rng, out, LEN);
        bool ok = write(ends[1], out, LEN) == LEN;
        pid_t second = fork();
        if (second == 0) {
            rng_fill(rng, out, LEN);
            _exit(write(ends[1], out, LEN) == LEN ? 0 : 1);
        }
        int status = 1;
        ok = ok && waitpid(second, &status, 0) == second && status == 0;
        _exit(ok ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], child, LEN), LEN);
    assert_int_equal(read(ends[0], grandchild, LEN), LEN);
    close(ends[0]);
    close(ends[1]);
}

/* A parent, two children and their children, all with one struct rng whose buffer was full before: nobody draws what
 * another draws. */
static void test_fork_parts_ways(void **state)
{
    (void)state;
    struct rng rng;
    uint8_t out[6][LEN];
    rng_init(&rng);
    rng_fill(&rng, out[0], LEN);
    draw_in_children(&rng, out[1], out[2]);
    draw_in_children(&rng, out[3], out[4]);
    rng_fill(&rng, out[5], LEN);
    for (int i = 0; i < 6; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(out[i], out[j], LEN);
}

static void fail_in_child(void (*draw)(struct rng *, uint8_t *, size_t), enum behaviour how, char line[static 200])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL);
        alarm(10); /* to try for ever is not to abort */
        dup2(ends[1], STDERR_FILENO);
        struct rng rng;
        uint8_t out[LEN];
        rng_init(&rng);
        kernel = how;
        draw(&rng, out, LEN);
        _exit(0);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], line, 199);
    line[n < 0 ? 0 : n] = '\0';
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_failure_aborts(void **state)
{
    (void)state;
    char line[200];
    for (int i = 0; i < 4; i++) {
        fail_in_child(i % 2 == 0 ? rng_key : rng_fill, i < 2 ? BROKEN : EMPTY, line);
        assert_non_null(strstr(line, "no random bytes from the kernel"));
        const char *end = strchr(line, '\n');
        assert_non_null(end);
        assert_true(end[1] == '\0' || strncmp(end + 1, "qemu: ", 6) == 0); /* an emulator adds a word of its own */
    }
}

static void test_wipe_leaves_nothing(void **state)
{
    (void)state;
    struct rng rng;
    uint8_t out[LEN];
    rng_init(&rng);
    rng_fill(&rng, out, sizeof out);
    rng_wipe(&rng);
    for (size_t i = 0; i < sizeof rng; i++)
        assert_int_equal(((const uint8_t *)&rng)[i], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, honest_again, honest_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_vectors),        TEST(test_every_piece),           TEST(test_served_is_gone),
        TEST(test_reseed_matters), TEST(test_kernel_is_asked_again), TEST(test_key_is_the_kernels),
        TEST(test_no_repeats),     TEST(test_short_and_interrupted), TEST(test_fork_parts_ways),
        TEST(test_failure_aborts), TEST(test_wipe_leaves_nothing),
    };
    return RUN(tests);
}
