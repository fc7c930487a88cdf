/* SPDX-License-Identifier: MIT */
/* Landlock says which files, seccomp which calls. The lists are those of a program that computes and answers, and of
 * what watches it. Both may become what they are about to run, which is why execve is on them: Landlock lets a runner
 * become nothing but itself. Without these two (another system, an old kernel) what holds are the limits of child.c. */
#define _GNU_SOURCE
#include "app/workbench/check/box.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/sandbox/landlock.h"
#include "app/sandbox/seccomp.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define READ (LANDLOCK_READ_FILE | LANDLOCK_READ_DIR)
#define RUN (READ | LANDLOCK_EXECUTE)
#define CHANGE (READ | LANDLOCK_WRITE_FILE | LANDLOCK_TRUNCATE | LANDLOCK_MAKE_REG | LANDLOCK_REMOVE_FILE)

/* --- Which files -------------------------------------------------------------------------------------------------- */

/* Where the system keeps its programs and libraries. */
static const struct landlock_grant system_files[] = {
    {"/usr", RUN},
    {"/bin", RUN},
    {"/lib", RUN},
    {"/lib64", RUN},
    {"/etc/ld.so.cache", LANDLOCK_READ_FILE},
    {"/etc/ld-musl-x86_64.path", LANDLOCK_READ_FILE},
    {"/dev/null", LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE},
};

#define GRANTS_MAX 12

static int files(const struct box *box, char *says, size_t cap)
{
    struct landlock_grant grants[GRANTS_MAX];
    size_t n = 0;
    if (box->kind != BOX_COMPILER)
        grants[n++] = (struct landlock_grant){box->program, LANDLOCK_READ_FILE | LANDLOCK_EXECUTE};
    if (box->kind == BOX_RUNNER)
        return landlock_enter(grants, n, says, cap);
    for (size_t i = 0; i < sizeof system_files / sizeof *system_files; i++)
        if (access(system_files[i].path, F_OK) == 0)
            grants[n++] = system_files[i];
    if (box->kind == BOX_COMPILER)
        grants[n++] = (struct landlock_grant){box->kit, READ};
    else
        grants[n++] = (struct landlock_grant){"/proc/self", READ}; /* their own maps */
    grants[n++] = (struct landlock_grant){box->scratch, box->kind == BOX_TOOL ? CHANGE : CHANGE | LANDLOCK_EXECUTE};
    return landlock_enter(grants, n, says, cap);
}

/* --- Which calls -------------------------------------------------------------------------------------------------- */

/* clang-format off */
#define TO_COMPUTE                                                                                                     \
    CALL(read) CALL(write) CALL(readv) CALL(writev) CALL(close) CALL(brk) CALL(munmap) CALL(mprotect)                  \
    CALL(madvise) CALL(mremap) CALL(exit) CALL(exit_group) CALL(rt_sigaction) CALL(rt_sigprocmask)                     \
    CALL(rt_sigreturn) CALL(getpid) CALL(gettid) CALL(getrandom) CALL(clock_gettime) CALL(execve)                      \
    CALL(set_tid_address) CALL(set_robust_list) CALL(futex) CALL(uname) CALL_IF(tgkill, IS_US(0))                      \
    CALL_IF(kill, IS_US(0)) CALL_IF(prlimit64, IS(0, 0), IS_NULL(2)) CALL(sched_yield) CALL(getuid) CALL(geteuid)      \
    CALL(getgid) CALL(getegid) CALL_IF(ioctl, IS(1, TCGETS)) CALL(sigaltstack) CALL(restart_syscall)

/* What 32-bit x86 has besides, or by another name. */
#if defined(__i386__)
#define OF_32_BITS                                                                                                     \
    CALL(mmap2) CALL(fstatat64) CALL(fstat64) CALL(_llseek) CALL(set_thread_area) CALL(clock_gettime64)                \
    CALL(futex_time64) CALL(getuid32) CALL(geteuid32) CALL(getgid32) CALL(getegid32) CALL(ugetrlimit)
#else
#define OF_32_BITS
#endif

static const struct seccomp_rule of_a_runner[] = {
    TO_COMPUTE
    CALL_IF(mmap, OF_THESE(3, MAP_ANONYMOUS, MAP_ANONYMOUS))
#ifdef __NR_arch_prctl
    CALL(arch_prctl)
#endif
#ifdef __NR_rseq
    CALL(rseq)
#endif
#ifdef __NR_newfstatat
    CALL_IF(newfstatat, IS(3, AT_EMPTY_PATH))
#endif
#ifdef __NR_fstat
    CALL(fstat)
#endif
    OF_32_BITS
};

/* No process is started, no socket made, and nobody else's signal sent. */
static const struct seccomp_rule of_a_tool[] = {
    TO_COMPUTE
    CALL(mmap) CALL(openat) CALL(pread64) CALL(lseek) CALL(statx) CALL(faccessat) CALL(readlinkat)
    CALL(getcwd) CALL(getdents64) CALL(unlinkat) CALL(dup) CALL(dup3) CALL(pipe2) CALL(getppid) CALL(sysinfo)
    CALL(sched_getaffinity) CALL(gettimeofday) CALL(getxattr) CALL(nanosleep) CALL(clock_nanosleep) CALL(ftruncate)
    CALL_IF(fcntl, IS(1, F_GETFL)) CALL_IF(fcntl, IS(1, F_SETFL)) CALL_IF(fcntl, IS(1, F_GETFD))
    CALL_IF(fcntl, IS(1, F_SETFD)) CALL_IF(fcntl, IS(1, F_DUPFD)) CALL_IF(fcntl, IS(1, F_DUPFD_CLOEXEC))
    CALL_IF(prctl, IS(0, PR_GET_DUMPABLE)) CALL_IF(prctl, IS(0, PR_SET_NAME)) CALL_IF(prctl, IS(0, PR_GET_NAME))
    CALL_IF(prlimit64, IS(0, 0)) CALL(getpgid)
#ifdef __NR_newfstatat
    CALL(newfstatat)
#endif
    OF_32_BITS
#ifdef __NR_arch_prctl
    CALL(arch_prctl)
#endif
#ifdef __NR_rseq
    CALL(rseq)
#endif
#ifdef __NR_fstat
    CALL(fstat)
#endif
#ifdef __NR_open
    CALL(open) CALL(access) CALL(readlink) CALL(stat) CALL(lstat) CALL(unlink) CALL(dup2) CALL(pipe) CALL(poll)
    CALL(getrlimit) CALL(setrlimit) CALL(getpgrp)
#endif
#ifdef __NR_time
    CALL(time)
#endif
};
/* clang-format on */

static int calls(const struct box *box)
{
    switch (box->kind) {
    case BOX_RUNNER:
        return seccomp_enter(of_a_runner, sizeof of_a_runner / sizeof *of_a_runner);
    case BOX_TOOL:
        return seccomp_enter(of_a_tool, sizeof of_a_tool / sizeof *of_a_tool);
    default:
        return 0; /* a compiler is the system's own, and starts others */
    }
}

/* root without capabilities is a user who owns some files, and may look into no process that has more. A compiler keeps
 * them: the kit may lie where root alone comes by them. */
static void drop_capabilities(void)
{
    struct {
        uint32_t version;
        int pid;
    } header = {.version = 0x20080522}; /* version 3: effective, permitted, inheritable, twice */
    const uint32_t none[6] = {0};
    (void)syscall(SYS_capset, &header, none);
}

static void enter(const struct box *box, char *holds, size_t cap)
{
    char landlock[160] = "";
    holds[0] = '\0';
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return;
    if (box->kind != BOX_COMPILER)
        drop_capabilities();
    if (files(box, landlock, sizeof landlock) == 0)
        snprintf(holds, cap, "%s, ", landlock);
    if (calls(box) == 0)
        snprintf(holds + strlen(holds), cap - strlen(holds), "seccomp, ");
}

#else

static void enter(const struct box *box, char *holds, size_t cap)
{
    (void)box;
    (void)cap;
    holds[0] = '\0';
}

#endif

static char says[240]; /* what holds here, once that was tried */

/* What held when it was tried has to hold each time. */
int box_enter(const struct box *box)
{
    static const char *const means[] = {"landlock", "seccomp"};
    char now[200];
    enter(box, now, sizeof now);
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        if (strstr(says, means[i]) != NULL && strstr(now, means[i]) == NULL) {
            errno = EPERM;
            return -1;
        }
    return 0;
}

/* In a child, as there is no way out again; it tells through a pipe. */
const char *box_says(void)
{
    int ends[2];
    if (says[0] != '\0' || pipe(ends) != 0)
        return says;
    pid_t pid = fork();
    if (pid == 0) {
        struct box box = {.kind = BOX_RUNNER, .program = "/", .scratch = "/", .kit = "/"};
        char text[200];
        enter(&box, text, sizeof text);
        _exit(write(ends[1], text, strlen(text)) < 0);
    }
    close(ends[1]);
    ssize_t len = pid > 0 ? read(ends[0], says, sizeof says - 16) : 0;
    close(ends[0]);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    strcpy(says + (len > 0 ? len : 0), len > 0 ? "limits" : "limits only");
    return says;
}
