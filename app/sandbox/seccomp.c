/* SPDX-License-Identifier: MIT */
/* A list of calls, the most frequent first, becomes a program that the kernel runs before each call: is it this one,
 * with arguments such as ours? then yes.
 *
 * Failing, not killing: libc may try a call that we don't know, after an update, say, and go on without it; and what an
 * attacker tries comes to nothing either way. clone3 fails with ENOSYS, which libc takes to mean an old kernel. A call
 * for another machine (32-bit calls of a 64-bit program) kills: no innocent program makes one. */
#include "app/sandbox/seccomp.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define MACHINE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__s390x__)
#define MACHINE AUDIT_ARCH_S390X
#endif

#endif

#if defined(MACHINE)

#define STEPS_RULE (3 + 4 * SECCOMP_CONDITIONS_MAX)
#define STEPS_END 3    /* after the last rule */
#define TO_THE_END 255 /* where a step leads that isn't known yet */

#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset)))
#define AND(mask) ((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask))
#define ANSWER(what) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (uint32_t)(what)))
#define IF(test, k, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | (test) | BPF_K, (uint32_t)(k), yes, no))
#define LOAD_CALL LOAD(offsetof(struct seccomp_data, nr))

/* Of an argument's 64 bits half 0 is the low one. */
static uint32_t offset_of(unsigned argument, unsigned half)
{
    unsigned at = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 1 - half : half;
    return (uint32_t)(offsetof(struct seccomp_data, args) + 8 * argument + 4 * at);
}

/* Ints, and flags that have no others, are in the low half, and the kernel looks at no other; an address is in both. */
static size_t compile_condition(struct sock_filter *step, const struct seccomp_condition *must)
{
    size_t n = 0;
    if (must->kind == SECCOMP_ANY)
        return 0;
    step[n++] = LOAD(offset_of(must->argument, 0));
    if (must->kind == SECCOMP_NULL) {
        step[n++] = IF(BPF_JEQ, 0, 0, TO_THE_END);
        step[n++] = LOAD(offset_of(must->argument, 1));
    } else if (must->kind == SECCOMP_MASKED && must->mask != UINT32_MAX) {
        step[n++] = AND(must->mask);
    }
    step[n++] = IF(BPF_JEQ, must->kind == SECCOMP_OURSELVES ? (uint32_t)getpid() : must->value, 0, TO_THE_END);
    return n;
}

/* The call's number is in the accumulator, before and after. */
static size_t compile_rule(struct sock_filter *step, const struct seccomp_rule *rule)
{
    size_t n = 0;
    step[n++] = IF(BPF_JEQ, rule->call, 0, TO_THE_END);
    for (size_t i = 0; i < SECCOMP_CONDITIONS_MAX; i++)
        n += compile_condition(step + n, &rule->must[i]);
    bool looked = n > 1;
    step[n++] = ANSWER(SECCOMP_RET_ALLOW);
    for (size_t i = 1; i < n; i++)
        if (step[i].jf == TO_THE_END)
            step[i].jf = (uint8_t)(n - i - 1);
    if (looked)
        step[n++] = LOAD_CALL;
    step[0].jf = (uint8_t)(n - 1);
    return n;
}

/* How many steps it has; 0 where step has no room for them. */
static size_t compile(struct sock_filter step[BPF_MAXINSNS], const struct seccomp_rule *rules, size_t count)
{
    size_t n = 0;
    step[n++] = LOAD(offsetof(struct seccomp_data, arch));
    step[n++] = IF(BPF_JEQ, MACHINE, 1, 0);
    step[n++] = ANSWER(SECCOMP_RET_KILL_PROCESS);
    step[n++] = LOAD_CALL;
    for (size_t i = 0; i < count; i++) {
        if (n + STEPS_RULE + STEPS_END > BPF_MAXINSNS)
            return 0;
        n += compile_rule(step + n, &rules[i]);
    }
#ifdef __NR_clone3
    step[n++] = IF(BPF_JEQ, __NR_clone3, 0, 1);
    step[n++] = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
#endif
    step[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
    return n;
}

int seccomp_enter(const struct seccomp_rule *rules, size_t n)
{
    struct sock_filter steps[BPF_MAXINSNS];
    struct sock_fprog program = {.filter = steps};
    program.len = (unsigned short)compile(steps, rules, n);
    if (program.len == 0)
        return -1;
    /* TSYNC: the threads that run already too; a positive answer would be one that has other filters */
    return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0 ? 0 : -1;
}

#else /* no Linux, or a machine whose calls nobody has looked at */

int seccomp_enter(const struct seccomp_rule *rules, size_t n)
{
    (void)rules;
    (void)n;
    return -1;
}

#endif
