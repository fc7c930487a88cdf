/* SPDX-License-Identifier: MIT */
/* The tracer lets the runner go until the SIGUSR1 that begins the call, takes it through the call one instruction at a
 * time, noting where each one is, and lets it go again at the SIGUSR1 that ends it. Neither signal is delivered. The
 * runner lies at fixed addresses (it is linked -no-pie), so the ways of two calls, even in two processes, can be
 * compared. */
#include "app/workbench/check/single_step.h"

#include <stdlib.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__)) && !defined(GLASSCHAT_PORTABLE)

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a child that stops, and is to go on by one instruction: emulators and containers do not all let us. */
static bool try_a_step(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
            (void)raise(SIGSTOP);
        _exit(0);
    }
    if (pid < 0)
        return false;
    bool possible = waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status) &&
                    ptrace(PTRACE_SINGLESTEP, pid, NULL, 0) == 0 && waitpid(pid, &status, __WALL) == pid &&
                    WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
    if (WIFSTOPPED(status)) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, &status, __WALL);
    }
    return possible;
}

bool single_step_possible(void)
{
    static enum { UNKNOWN, NO, YES } possible;
    if (possible == UNKNOWN)
        possible = try_a_step() ? YES : NO;
    return possible == YES;
}

static volatile sig_atomic_t late;

static void note_late(int signal)
{
    (void)signal;
    late = 1;
}

/* Interrupts a wait after so many seconds; 0: no more. A process that does nothing at all would never stop. */
static void set_alarm(unsigned seconds)
{
    struct sigaction action = {.sa_handler = note_late}; /* without SA_RESTART */
    late = 0;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)alarm(seconds);
}

/* Waits for the next stop; returns its signal, or -1 once the process has ended or is late. */
static int next_stop(pid_t pid, int *status)
{
    while (waitpid(pid, status, __WALL) != pid)
        if (errno != EINTR || late)
            return -1;
    return WIFSTOPPED(*status) ? WSTOPSIG(*status) : -1;
}

static uint64_t address(pid_t pid)
{
    struct user_regs_struct registers = {0};
    struct iovec where = {&registers, sizeof registers};
    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &where) != 0)
        return 0;
#if defined(__x86_64__)
    return registers.rip;
#else
    return registers.pc;
#endif
}

int single_step_begin(pid_t pid)
{
    int status;
    if (next_stop(pid, &status) != SIGTRAP) /* the exec */
        return -1;
    (void)ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL);
    return ptrace(PTRACE_CONT, pid, NULL, 0) == 0 ? 0 : -1;
}

static int record(pid_t pid, struct path *s, int *status)
{
    int stop;
    s->len = 0;
    while ((stop = next_stop(pid, status)) != SIGUSR1)
        if (stop < 0 || ptrace(PTRACE_CONT, pid, NULL, stop) != 0)
            return -1;
    do {
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, stop == SIGUSR1 || stop == SIGTRAP ? 0 : stop) != 0)
            return -1;
        stop = next_stop(pid, status);
        if (stop < 0 || s->len >= PATH_MAX_STEPS)
            return -1;
        s->at[s->len++] = address(pid);
    } while (stop != SIGUSR1);
    return ptrace(PTRACE_CONT, pid, NULL, 0) == 0 ? 0 : -1;
}

int single_step_record(pid_t pid, struct path *s, int *status, unsigned seconds)
{
    set_alarm(seconds);
    int result = record(pid, s, status);
    set_alarm(0);
    return result;
}

/* A signal that is blocked or waits would mark another stretch of code than the call. */
bool single_step_was_whole(pid_t pid)
{
    char path[40], line[128];
    unsigned long long kept = 0, mask;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *f = fopen(path, "r");
    bool read = f != NULL;
    while (read && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "SigBlk: %llx", &mask) == 1 || sscanf(line, "SigPnd: %llx", &mask) == 1 ||
            sscanf(line, "ShdPnd: %llx", &mask) == 1)
            kept |= mask;
    if (read)
        fclose(f);
    return read && (kept >> (SIGUSR1 - 1) & 1) == 0;
}

#else

bool single_step_possible(void)
{
    return false;
}

bool single_step_was_whole(pid_t pid)
{
    (void)pid;
    return false;
}

int single_step_begin(pid_t pid)
{
    (void)pid;
    return -1;
}

int single_step_record(pid_t pid, struct path *s, int *status, unsigned seconds)
{
    (void)pid;
    (void)s;
    (void)status;
    (void)seconds;
    return -1;
}

#endif

int single_step_make(struct path *s)
{
    s->len = 0;
    s->at = calloc(PATH_MAX_STEPS, sizeof *s->at);
    return s->at != NULL ? 0 : -1;
}

void single_step_free(struct path *s)
{
    free(s->at);
    *s = (struct path){0};
}

size_t single_step_differ(const struct path *a, const struct path *b)
{
    size_t i = 0;
    while (i < a->len && i < b->len && a->at[i] == b->at[i])
        i++;
    return i == a->len && i == b->len ? SIZE_MAX : i;
}
