/* SPDX-License-Identifier: MIT */
/* A call is on the list with the flags that the server gives it, not without those that are known to do harm: nobody
 * knows what the next kernel will do for a flag that is not in use today. The filter can't look at what a pointer
 * points to, a path, say: that is Landlock's task. */
#define _GNU_SOURCE /* AT_EMPTY_PATH */
#include "app/server/base/server_calls.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "app/sandbox/seccomp.h"

/* What libc may add to the flags of any file; its own O_LARGEFILE is 0 where it always does. */
#if defined(__aarch64__)
#define LARGE_FILE 0400000
#else
#define LARGE_FILE 0100000
#endif

/* A file of its owner's alone: no name, no terminal, and no mode that would let others read or run it, as the log's
 * folder may be open to them. */
#define OPEN_FLAGS                                                                                                     \
    (O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_DIRECTORY |           \
     O_NOCTTY | LARGE_FILE)
#define OWN_MODE 0600

/* clang-format off */
static const struct seccomp_rule rules[] = {
/* the loop and its sockets; nothing is sent to an address, with a descriptor in it, or with MSG_FASTOPEN, a connect */
#ifdef __NR_epoll_wait
    CALL(epoll_wait)
#endif
    CALL(epoll_pwait)
#ifdef __NR_epoll_pwait2
    CALL(epoll_pwait2)
#endif
#ifdef __NR_recv
    CALL_IF(recv, IS(3, 0))
#endif
#ifdef __NR_send
    CALL_IF(send, ONLY(3, MSG_NOSIGNAL))
#endif
    CALL_IF(recvfrom, IS(3, 0))
    CALL_IF(sendto, ONLY(3, MSG_NOSIGNAL), IS_NULL(4))
    CALL(epoll_ctl)
/* no priority-inheriting locks: they had many of the kernel's vulnerabilities, and we don't need them */
#define FUTEX_IS(what) IS_BUT_FOR(1, FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, what)
#define FUTEX(name)                                                                                                   \
    CALL_IF(name, FUTEX_IS(FUTEX_WAKE)) CALL_IF(name, FUTEX_IS(FUTEX_WAIT))                                            \
    CALL_IF(name, FUTEX_IS(FUTEX_WAIT_BITSET)) CALL_IF(name, FUTEX_IS(FUTEX_REQUEUE))
    FUTEX(futex)
#ifdef __NR_futex_time64
    FUTEX(futex_time64)
#endif
    CALL(write) CALL(read) CALL(writev) CALL(readv)
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
    CALL_IF(accept4, ONLY(3, SOCK_NONBLOCK | SOCK_CLOEXEC))
/* a listener that is shut down for reading is no listener any more, and could connect */
    CALL_IF(shutdown, IS(1, SHUT_WR))
#define SET_OPTION(level, option) CALL_IF(setsockopt, IS(1, level), IS(2, option))
    SET_OPTION(IPPROTO_TCP, TCP_NODELAY) SET_OPTION(SOL_SOCKET, SO_LINGER)
    SET_OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT)
    CALL(getsockname)
/* The same calls by the numbers of linux/net.h, whose arguments are in memory, where a filter can't look: those that
 * can give an address are left out, 1, 2, 3 (socket, bind, connect), 11 (sendto), 16 and 17 (sendmsg, recvmsg). */
#ifdef __NR_socketcall
    CALL_IF(socketcall, IS(0, 9)) CALL_IF(socketcall, IS(0, 10)) CALL_IF(socketcall, IS(0, 12))
    CALL_IF(socketcall, IS(0, 5)) CALL_IF(socketcall, IS(0, 18)) CALL_IF(socketcall, IS(0, 6))
    CALL_IF(socketcall, IS(0, 13)) CALL_IF(socketcall, IS(0, 14))
#endif
    CALL(close)
/* of what fcntl can do, not F_SETOWN, F_SETSIG and O_ASYNC: whom a socket's news goes to, as which signal, is as good
 * as kill */
#define FCNTL(name)                                                                                                   \
    CALL_IF(name, IS(1, F_GETFL)) CALL_IF(name, IS(1, F_SETFL), ONLY(2, O_ACCMODE | O_NONBLOCK | LARGE_FILE))          \
    CALL_IF(name, IS(1, F_GETFD)) CALL_IF(name, IS(1, F_SETFD)) CALL_IF(name, IS(1, F_DUPFD_CLOEXEC))
    FCNTL(fcntl)
#ifdef __NR_fcntl64
    FCNTL(fcntl64)
#endif

/* time, randomness, memory: nothing that could be run as code, and no file */
    CALL(clock_gettime) CALL(gettimeofday) CALL(getrandom) CALL(brk) CALL(munmap)
    CALL_IF(mremap, IS(3, MREMAP_MAYMOVE))
    CALL_IF(madvise, IS(2, MADV_DONTNEED)) CALL_IF(madvise, IS(2, MADV_FREE))
#ifdef __NR_clock_gettime64
    CALL(clock_gettime64)
#endif
#ifdef __NR_time
    CALL(time)
#endif
#define OWN_MEMORY WITHOUT(2, PROT_EXEC), OF_THESE(3, MAP_ANONYMOUS | MAP_SHARED, MAP_ANONYMOUS)
#ifdef __NR_mmap2
    CALL_IF(mmap2, OWN_MEMORY)
#elif defined(__s390x__) /* its arguments are in memory */
    CALL(mmap)
#else
    CALL_IF(mmap, OWN_MEMORY)
#endif
    CALL_IF(mprotect, WITHOUT(2, PROT_EXEC))

/* the files of DATA, and the log: Landlock says which files */
    CALL(pwrite64) CALL(pread64) CALL(fdatasync) CALL(fsync) CALL(lseek) CALL(ftruncate)
    CALL_IF(openat, ONLY(2, OPEN_FLAGS), ONLY(3, OWN_MODE))
    CALL_IF(unlinkat, IS(2, 0))
    CALL_IF(renameat2, IS(4, 0))
    CALL_IF(dup3, ONLY(2, O_CLOEXEC))
#ifdef __NR_renameat
    CALL(renameat)
#endif
#ifdef __NR_open
    CALL_IF(open, ONLY(1, OPEN_FLAGS), ONLY(2, OWN_MODE))
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
/* libc's fstat; a path given with this flag could still be looked at */
#ifdef __NR_newfstatat
    CALL_IF(newfstatat, IS(3, AT_EMPTY_PATH))
#endif
#ifdef __NR_statx
    CALL_IF(statx, OF_THESE(2, AT_EMPTY_PATH, AT_EMPTY_PATH))
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
    CALL_IF(fstatat64, IS(3, AT_EMPTY_PATH))
#endif
    CALL_IF(ioctl, IS(1, TCGETS)) /* whether it is a terminal */
    CALL_IF(ioctl, IS(1, TIOCGWINSZ)) /* and how wide */
    CALL_IF(ioctl, IS(1, TIOCOUTQ)) /* what a peer has not taken yet */

/* threads, signals, the end */
    CALL(rt_sigprocmask) CALL(rt_sigreturn) CALL(rt_sigaction) CALL(restart_syscall) CALL(sched_yield)
    CALL(set_robust_list) CALL(nanosleep) CALL(clock_nanosleep) CALL(gettid) CALL(getpid) CALL(geteuid) CALL(getuid)
    CALL(sysinfo) CALL(sched_getaffinity) CALL(exit) CALL(exit_group) CALL_IF(tgkill, IS_US(0))
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
/* clang-format on */

int server_calls_enter(void)
{
    return seccomp_enter(rules, sizeof rules / sizeof *rules);
}

#endif
