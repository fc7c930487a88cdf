/* A list of calls, the most frequent first, becomes a program that the kernel runs before each call: is it this one,
 * with this argument where that matters? then yes. What is on no line of the list fails with EPERM.
 *
 * Failing, not killing: libc may try a call that we don't know, after an update, say, and go on without it; and what an
 * attacker tries comes to nothing either way. clone3 fails with ENOSYS, which libc takes for an old kernel. A call for
 * another machine (32-bit calls of a 64-bit program) kills: no innocent program makes one. */
#include "app/server/seccomp.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
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

/* --- The list ----------------------------------------------------------------------------------------------------- */

enum kind { ANY, EQUAL, WITHOUT, OURSELVES }; /* an argument: is this, has none of these bits, is our process */

struct rule {
    int call;
    enum kind kind;
    unsigned argument;
    uint32_t value;
};

static const struct rule rules[] = {
#define CALL(name) {__NR_##name, ANY, 0, 0},
#define CALL_IF(name, kind, argument, value) {__NR_##name, kind, argument, value},
/* the loop and its sockets */
#ifdef __NR_epoll_wait
    CALL(epoll_wait)
#endif
    CALL(epoll_pwait)
#ifdef __NR_epoll_pwait2
    CALL(epoll_pwait2)
#endif
#ifdef __NR_recv
    CALL(recv)
#endif
#ifdef __NR_send
    CALL(send)
#endif
    CALL(recvfrom) CALL(sendto) CALL(epoll_ctl) CALL(futex) CALL(write) CALL(read) CALL(writev) CALL(readv)
#ifdef __NR_futex_time64
    CALL(futex_time64)
#endif
#ifdef __NR_poll
    CALL(poll)
#endif
    CALL(ppoll)
#ifdef __NR_ppoll_time64
    CALL(ppoll_time64)
#endif
#ifdef __NR_accept
    CALL(accept)
#endif
    CALL(accept4) CALL(recvmsg) CALL(sendmsg) CALL(shutdown) CALL(setsockopt) CALL(getsockopt) CALL(getsockname)
    CALL(getpeername)
#ifdef __NR_socketcall /* the same calls by the numbers of linux/net.h; not 1, 2, 3: socket, bind, connect */
    CALL_IF(socketcall, EQUAL, 0, 9) CALL_IF(socketcall, EQUAL, 0, 10) CALL_IF(socketcall, EQUAL, 0, 11)
    CALL_IF(socketcall, EQUAL, 0, 12) CALL_IF(socketcall, EQUAL, 0, 5) CALL_IF(socketcall, EQUAL, 0, 18)
    CALL_IF(socketcall, EQUAL, 0, 6) CALL_IF(socketcall, EQUAL, 0, 7) CALL_IF(socketcall, EQUAL, 0, 13)
    CALL_IF(socketcall, EQUAL, 0, 14) CALL_IF(socketcall, EQUAL, 0, 15) CALL_IF(socketcall, EQUAL, 0, 16)
    CALL_IF(socketcall, EQUAL, 0, 17)
#endif
    CALL(close)
/* of what fcntl can do, not F_SETOWN and F_SETSIG: whom a socket's news goes to, as which signal, is as good as kill */
#define FCNTL(name)                                                                                                   \
    CALL_IF(name, EQUAL, 1, F_GETFL) CALL_IF(name, EQUAL, 1, F_SETFL) CALL_IF(name, EQUAL, 1, F_GETFD)                 \
    CALL_IF(name, EQUAL, 1, F_SETFD) CALL_IF(name, EQUAL, 1, F_DUPFD_CLOEXEC)
    FCNTL(fcntl)
#ifdef __NR_fcntl64
    FCNTL(fcntl64)
#endif

/* time, randomness, memory: nothing that could be run as code */
    CALL(clock_gettime) CALL(gettimeofday) CALL(getrandom) CALL(brk) CALL(munmap) CALL(mremap) CALL(madvise)
#ifdef __NR_clock_gettime64
    CALL(clock_gettime64)
#endif
#ifdef __NR_time
    CALL(time)
#endif
#ifdef __NR_mmap2
    CALL_IF(mmap2, WITHOUT, 2, PROT_EXEC)
#elif defined(__s390x__) /* its arguments are in memory, where a filter can't look */
    CALL(mmap)
#else
    CALL_IF(mmap, WITHOUT, 2, PROT_EXEC)
#endif
    CALL_IF(mprotect, WITHOUT, 2, PROT_EXEC)

/* the files of DATA, and the log: Landlock says which files */
    CALL(pwrite64) CALL(pread64) CALL(fdatasync) CALL(fsync) CALL(lseek) CALL(ftruncate) CALL(openat)
    CALL(unlinkat) CALL(renameat2) CALL(faccessat) CALL(dup3) CALL(flock)
#ifdef __NR_faccessat2
    CALL(faccessat2)
#endif
#ifdef __NR_renameat
    CALL(renameat)
#endif
#ifdef __NR_open
    CALL(open)
#endif
#ifdef __NR_rename
    CALL(rename)
#endif
#ifdef __NR_unlink
    CALL(unlink)
#endif
#ifdef __NR_dup2
    CALL(dup2)
#endif
#ifdef __NR_fstat
    CALL(fstat)
#endif
#ifdef __NR_newfstatat
    CALL(newfstatat)
#endif
#ifdef __NR_statx
    CALL(statx)
#endif
#ifdef __NR__llseek
    CALL(_llseek)
#endif
#ifdef __NR_ftruncate64
    CALL(ftruncate64)
#endif
#ifdef __NR_fstat64
    CALL(fstat64)
#endif
#ifdef __NR_fstatat64
    CALL(fstatat64)
#endif
    CALL_IF(ioctl, EQUAL, 1, TCGETS) /* whether it is a terminal */
    CALL_IF(ioctl, EQUAL, 1, TIOCOUTQ) /* what a peer has not taken yet */

/* threads, signals, the end */
    CALL(rt_sigprocmask) CALL(rt_sigreturn) CALL(rt_sigaction) CALL(restart_syscall) CALL(sched_yield)
    CALL(set_robust_list) CALL(nanosleep) CALL(clock_nanosleep) CALL(gettid) CALL(getpid) CALL(geteuid) CALL(getuid)
    CALL(sysinfo) CALL(sched_getaffinity) CALL(exit) CALL(exit_group) CALL_IF(tgkill, OURSELVES, 0, 0)
#ifdef __NR_rseq
    CALL(rseq) /* of a worker that was started and has not run yet */
#endif
#ifdef __NR_geteuid32
    CALL(geteuid32) CALL(getuid32)
#endif
#ifdef __NR_sigreturn
    CALL(sigreturn)
#endif
};

/* --- The program -------------------------------------------------------------------------------------------------- */

#if defined(MACHINE)

#define RULES (sizeof rules / sizeof *rules)
#define STEPS_MAX (8 + 5 * RULES)

#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset)))
#define ANSWER(what) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (uint32_t)(what)))
#define IF(test, k, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | (test) | BPF_K, (uint32_t)(k), yes, no))
#define LOAD_CALL LOAD(offsetof(struct seccomp_data, nr))

/* The low half of an argument: all that are looked at are ints, or flags that have no others. */
static uint32_t offset_of_argument(unsigned i)
{
    size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    return (uint32_t)(offsetof(struct seccomp_data, args) + 8 * i + low);
}

/* With the call in the accumulator, before and after. */
static size_t compile_rule(struct sock_filter *step, const struct rule *rule)
{
    size_t n = 0;
    if (rule->kind == ANY) {
        step[n++] = IF(BPF_JEQ, rule->call, 0, 1);
        step[n++] = ANSWER(SECCOMP_RET_ALLOW);
        return n;
    }
    uint32_t value = rule->kind == OURSELVES ? (uint32_t)getpid() : rule->value;
    step[n++] = IF(BPF_JEQ, rule->call, 0, 4);
    step[n++] = LOAD(offset_of_argument(rule->argument));
    step[n++] = rule->kind == WITHOUT ? IF(BPF_JSET, value, 1, 0) : IF(BPF_JEQ, value, 0, 1);
    step[n++] = ANSWER(SECCOMP_RET_ALLOW);
    step[n++] = LOAD_CALL;
    return n;
}

static size_t compile(struct sock_filter step[STEPS_MAX])
{
    size_t n = 0;
    step[n++] = LOAD(offsetof(struct seccomp_data, arch));
    step[n++] = IF(BPF_JEQ, MACHINE, 1, 0);
    step[n++] = ANSWER(SECCOMP_RET_KILL_PROCESS);
    step[n++] = LOAD_CALL;
    for (size_t i = 0; i < RULES; i++)
        n += compile_rule(step + n, &rules[i]);
#ifdef __NR_clone3
    step[n++] = IF(BPF_JEQ, __NR_clone3, 0, 1);
    step[n++] = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
#endif
    step[n++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
    assert(n <= STEPS_MAX && n <= BPF_MAXINSNS);
    return n;
}

int seccomp_enter(void)
{
    struct sock_filter steps[STEPS_MAX];
    struct sock_fprog program = {.filter = steps};
    program.len = (unsigned short)compile(steps);
    /* TSYNC: the workers too; a positive answer would be a thread that has other filters */
    return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0 ? 0 : -1;
}

#else /* a machine whose calls nobody has looked at */

int seccomp_enter(void)
{
    (void)rules;
    return -1;
}

#endif

#else
typedef int seccomp_unused; /* ISO C wants something in every file */
#endif
