/* SPDX-License-Identifier: MIT */
/* A loop: read a request, lay its arguments out in memory, call, write the answer. All that a student's code can reach
 * in here is the question; forging an answer takes knowing it.
 *
 * Each buffer lies between two guards, whose bytes go back with it. Under the address sanitizer the guards are poisoned
 * as well, so that a byte read beside a buffer is caught too. Under valgrind what the grader calls secret counts as
 * uninitialised memory, and valgrind's errors during the call are the leaks (the idea is A. Langley's ctgrind).
 *
 * It uses no memory but its own, and asks the system without libc: the student's code runs before main if it wants to,
 * may have broken what it could, and may have a read, a write or a raise of its own. */
#define _GNU_SOURCE /* syscall */
#include "app/workbench/runner/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/bytes.h"

#if defined(__has_feature) /* as clang says it */
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(p, len) ((void)(p), (void)(len))
#define __asan_address_is_poisoned(p) ((void)(p), 1)
#endif

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif
#if !defined(VALGRIND_COUNT_ERRORS)
#define VALGRIND_COUNT_ERRORS 0
#define VALGRIND_MAKE_MEM_UNDEFINED(p, len) ((void)(p), (void)(len))
#define VALGRIND_MAKE_MEM_DEFINED(p, len) ((void)(p), (void)(len))
#endif

static uint8_t request[WIRE_LEN_MAX];
static alignas(64) uint8_t memory[2 * WIRE_LEN_MAX]; /* of the arguments, guards included */
static size_t memory_len;
static uint32_t published;

/* What ct_public calls. How much is declared to be public is counted, as only a verdict may be. */
void ct_check_public(const void *p, size_t len);
void ct_check_public(const void *p, size_t len)
{
    published = len < UINT32_MAX - published ? published + (uint32_t)len : UINT32_MAX;
    VALGRIND_MAKE_MEM_DEFINED(p, len);
}

/* A system call of at most three arguments; errors are negative. */
static long ask_system(long number, long a, long b, long c)
{
#if defined(__linux__) && defined(__x86_64__) && !defined(__ILP32__)
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
#elif defined(__linux__) && defined(__aarch64__)
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
#else
    long result = syscall(number, a, b, c);
    return result < 0 ? -errno : result;
#endif
}

/* Nor is libc's memcpy asked, which a student's file may have as well, and look at what it copies. */
static void copy(uint8_t *to, const uint8_t *from, size_t len)
{
    volatile uint8_t *p = to; /* or the compiler would make a memcpy of it */
    for (size_t i = 0; i < len; i++)
        p[i] = from[i];
}

static bool is_name(const char *name, const uint8_t *word, size_t len)
{
    size_t i = 0;
    while (i < len && name[i] != '\0' && (uint8_t)name[i] == word[i])
        i++;
    return i == len && name[i] == '\0';
}

static _Noreturn void confused(void)
{
    for (;;)
        (void)ask_system(SYS_exit_group, RUNNER_CONFUSED, 0, 0);
}

/* False at the end of the input. */
static bool read_all(uint8_t *p, size_t len)
{
    while (len > 0) {
        long n = ask_system(SYS_read, WIRE_REQUESTS, (long)(uintptr_t)p, (long)len);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static void write_all(const uint8_t *p, size_t len)
{
    while (len > 0) {
        long n = ask_system(SYS_write, WIRE_ANSWERS, (long)(uintptr_t)p, (long)len);
        if (n == -EINTR)
            continue;
        if (n <= 0)
            confused();
        p += n;
        len -= (size_t)n;
    }
}

/* --- The request -------------------------------------------------------------------------------------------------- */

/* What is left of it. */
struct reader {
    const uint8_t *p, *end;
};

static const uint8_t *take(struct reader *in, size_t len)
{
    if ((size_t)(in->end - in->p) < len)
        confused();
    in->p += len;
    return in->p - len;
}

/* An argument in memory: a guard, the bytes, a guard. They begin at a multiple of 64 or, to catch code that counts on
 * that, one beside it: each second time as a rule, but not where instructions are counted, as libc takes other ways
 * there. */
static uint8_t *place(const uint8_t *bytes, size_t len, size_t arg, uint64_t nonce, bool count)
{
    size_t start = (memory_len + 63) / 64 * 64 + (count ? 0 : nonce & 1);
    if (start + len + 2 * WIRE_GUARD > sizeof memory)
        confused();
    for (size_t i = 0; i < WIRE_GUARD; i++) {
        memory[start + i] = wire_guard_byte(nonce, arg, i);
        memory[start + WIRE_GUARD + len + i] = wire_guard_byte(nonce, arg, WIRE_GUARD + i);
    }
    copy(memory + start + WIRE_GUARD, bytes, len);
    memory_len = start + len + 2 * WIRE_GUARD;
    return memory + start + WIRE_GUARD;
}

/* kind[i] says what the argument i is. */
static void read_argument(struct reader *in, struct runner_call *c, uint8_t *kind, uint8_t *flags, uint64_t nonce,
                          bool count)
{
    struct runner_arg *arg = &c->arg[c->args];
    *kind = *take(in, 1);
    *flags = *take(in, 1);
    *arg = (struct runner_arg){0};
    if (*kind == WIRE_NUMBER) {
        arg->n = bytes_load_be64(take(in, 8));
    } else if (*kind == WIRE_BUFFER) {
        arg->len = bytes_load_be32(take(in, 4));
        arg->p = place(take(in, arg->len), arg->len, c->args, nonce, count);
    } else if (*kind == WIRE_WITHIN) {
        const uint8_t *of = take(in, 5);
        const struct runner_arg *other = &c->arg[of[0]];
        if (of[0] >= c->args || bytes_load_be32(of + 1) > other->len)
            confused();
        arg->p = other->p + bytes_load_be32(of + 1);
        arg->len = other->len - bytes_load_be32(of + 1);
    } else if (*kind != WIRE_NULL) {
        confused();
    }
    c->args++;
}

static runner_run *find(const uint8_t *name, size_t len)
{
    for (const struct runner_function *f = runner_functions; f->name != NULL; f++)
        if (is_name(f->name, name, len))
            return f->run;
    confused();
}

/* --- The call ----------------------------------------------------------------------------------------------------- */

/* During the call nothing of the memory may be reached but the arguments; and those that are secret are. */
static void set_apart(const struct runner_call *c, const uint8_t *kind, const uint8_t *flags)
{
    ASAN_POISON_MEMORY_REGION(memory, sizeof memory);
    for (size_t i = 0; i < c->args; i++) {
        if (kind[i] != WIRE_BUFFER)
            continue;
        ASAN_UNPOISON_MEMORY_REGION(c->arg[i].p, c->arg[i].len);
        if (flags[i] & WIRE_SECRET)
            VALGRIND_MAKE_MEM_UNDEFINED(c->arg[i].p, c->arg[i].len);
    }
}

/* Code that knows the sanitizer's own functions may open what lies beside its arguments. */
static void look_at_guards(const struct runner_call *c, const uint8_t *kind)
{
    static const char says[] = "runtime error: memory beside the arguments was declared to be open\n";
    for (size_t i = 0; i < c->args; i++)
        if (kind[i] == WIRE_BUFFER && (!__asan_address_is_poisoned(c->arg[i].p + c->arg[i].len) ||
                                       !__asan_address_is_poisoned(c->arg[i].p - WIRE_GUARD / 2))) {
            (void)ask_system(SYS_write, STDERR_FILENO, (long)(uintptr_t)says, sizeof says - 1);
            confused();
        }
}

static void put_together(const struct runner_call *c, const uint8_t *kind)
{
    look_at_guards(c, kind);
    ASAN_UNPOISON_MEMORY_REGION(memory, sizeof memory);
    for (size_t i = 0; i < c->args; i++)
        if (kind[i] == WIRE_BUFFER)
            VALGRIND_MAKE_MEM_DEFINED(c->arg[i].p, c->arg[i].len);
}

/* Whoever counts instructions begins and ends with it. */
static void mark(void)
{
    (void)ask_system(SYS_tgkill, ask_system(SYS_getpid, 0, 0, 0), ask_system(SYS_gettid, 0, 0, 0), SIGUSR1);
}

static uint64_t call(runner_run *run, struct runner_call *c, bool count)
{
    if (count)
        mark();
    uint64_t result = run(c);
    if (count)
        mark();
    VALGRIND_MAKE_MEM_DEFINED(&result, sizeof result);
    return result;
}

static void answer(const struct runner_call *c, const uint8_t *kind, uint64_t nonce, uint64_t result, uint32_t leaks)
{
    uint8_t head[4 + 8 + 8 + 4 + 4];
    size_t len = sizeof head - 4;
    for (size_t i = 0; i < c->args; i++)
        if (kind[i] == WIRE_BUFFER)
            len += c->arg[i].len + 2 * WIRE_GUARD;
    bytes_store_be32(head, (uint32_t)len);
    bytes_store_be64(head + 4, nonce);
    bytes_store_be64(head + 12, result);
    bytes_store_be32(head + 20, leaks);
    bytes_store_be32(head + 24, published);
    write_all(head, sizeof head);
    for (size_t i = 0; i < c->args; i++)
        if (kind[i] == WIRE_BUFFER)
            write_all(c->arg[i].p - WIRE_GUARD, c->arg[i].len + 2 * WIRE_GUARD);
}

static void serve(size_t len)
{
    struct reader in = {request, request + len};
    struct runner_call c = {.args = 0};
    uint8_t kind[WIRE_ARGS_MAX], flags[WIRE_ARGS_MAX];
    uint64_t nonce = bytes_load_be64(take(&in, 8));
    size_t name_len = *take(&in, 1);
    runner_run *run = find(take(&in, name_len), name_len);
    bool count = (*take(&in, 1) & WIRE_COUNT) != 0;
    size_t args = *take(&in, 1);
    if (args > WIRE_ARGS_MAX)
        confused();
    memory_len = 0;
    while (c.args < args)
        read_argument(&in, &c, &kind[c.args], &flags[c.args], nonce, count);
    struct runner_call given = c; /* the function may have changed what it was given */
    published = 0;
    unsigned before = VALGRIND_COUNT_ERRORS;
    set_apart(&given, kind, flags);
    uint64_t result = call(run, &c, count);
    unsigned leaks = VALGRIND_COUNT_ERRORS - before;
    put_together(&given, kind);
    answer(&given, kind, nonce, result, leaks);
}

int main(void)
{
    uint8_t len[4];
    while (read_all(len, sizeof len)) {
        if (bytes_load_be32(len) > sizeof request || !read_all(request, bytes_load_be32(len)))
            confused();
        serve(bytes_load_be32(len));
    }
    return 0;
}
