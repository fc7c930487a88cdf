/* SPDX-License-Identifier: MIT */
/* Everything that the program could hold up is done with poll and a deadline: it may not read, not answer, print
 * without end, or leave children behind. It gets a session of its own, so that one kill ends them all. */
#define _GNU_SOURCE /* execvpe, pipe2, prctl */
#include "app/workbench/check/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/workbench/runner/wire.h"

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/ptrace.h>
#endif

/* --- Signals ------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t interrupted;

static void note(int signal)
{
    interrupted = signal;
}

void child_catch_signals(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        (void)sigaction(caught[i], &(struct sigaction){.sa_handler = note}, NULL); /* without SA_RESTART */
    (void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

int child_interrupted(void)
{
    return interrupted;
}

/* --- Its start ---------------------------------------------------------------------------------------------------- */

#define FDS_MAX 256
#define PATIENCE 4 /* times as long for a program that gets no processor */

/* A macro, as the type of `what` is an enumeration in one libc and an int in the next. */
#define BOUND(what, most) (void)setrlimit(what, &(struct rlimit){most, most})

static void set_bounds(const struct child_bounds *b)
{
    BOUND(RLIMIT_CORE, 0);
    BOUND(RLIMIT_CPU, b->cpu_seconds);
    BOUND(RLIMIT_FSIZE, b->file);
    BOUND(RLIMIT_NOFILE, FDS_MAX);
    if (b->memory > 0)
        BOUND(RLIMIT_AS, b->memory);
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Its pipes; the last one tells why it could not be started. Of each we have one end. */
enum { REQUESTS, ANSWERS, PRINTED, FAILURE, PIPES };

static int *our_end(int pipes[PIPES][2], int which)
{
    return &pipes[which][which == REQUESTS];
}

static int *their_end(int pipes[PIPES][2], int which)
{
    return &pipes[which][which != REQUESTS];
}

/* Nothing else is left open in it, whatever we were given ourselves. */
static int put_descriptors(int pipes[PIPES][2])
{
    int nothing = open("/dev/null", O_RDONLY);
    for (int fd = WIRE_ANSWERS + 1; fd < FDS_MAX; fd++)
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    int printed = *their_end(pipes, PRINTED);
    return dup2(nothing, STDIN_FILENO) < 0 || dup2(printed, STDOUT_FILENO) < 0 || dup2(printed, STDERR_FILENO) < 0 ||
                   dup2(*their_end(pipes, REQUESTS), WIRE_REQUESTS) < 0 ||
                   dup2(*their_end(pipes, ANSWERS), WIRE_ANSWERS) < 0
               ? -1
               : 0;
}

static void reset_signals(void)
{
    sigset_t none;
    for (int signal = 1; signal < 32; signal++)
        (void)sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A path is taken as it is: execvpe hands a file of another machine to a shell, and what the shell says to that would
 * pass for the student's. */
static void execute(char *const argv[], char *const environment[])
{
    if (strchr(argv[0], '/') != NULL)
        (void)execve(argv[0], argv, environment);
    else
        (void)execvpe(argv[0], argv, environment);
}

/* Has the stack for what comes mapped: once addresses are bounded, a grader that a sanitizer was built into has far too
 * many of them already, and not a page is added. */
static __attribute__((noinline)) void grow_stack(void)
{
    volatile char pages[65536];
    for (size_t i = 0; i < sizeof pages; i += 1024)
        pages[i] = 0;
}

/* Becomes the program. Where it can't, that goes into the pipe FAILURE, which closes by itself once it can: what the
 * program does afterwards is never taken for that. */
static _Noreturn void become(char *const argv[], const struct child_bounds *bounds, const struct box *box,
                             int pipes[PIPES][2])
{
    char tmpdir[BOX_PATH_MAX + 8];
    char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                           "LC_ALL=C",
                           "ASAN_OPTIONS=detect_leaks=0:halt_on_error=1:allow_user_poisoning=1",
                           "UBSAN_OPTIONS=halt_on_error=1",
                           tmpdir,
                           NULL};
    snprintf(tmpdir, sizeof tmpdir, "TMPDIR=%s", box->scratch);
    (void)setsid();
#if defined(__linux__)
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (bounds->traced)
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
#endif
    reset_signals();
    if (chdir(box->scratch) == 0 && put_descriptors(pipes) == 0) {
        grow_stack();
        set_bounds(bounds);
        if (box_enter(box) == 0)
            execute(argv, environment);
    }
    int error = errno;
    _exit(write(*their_end(pipes, FAILURE), &error, sizeof error) < 0);
}

/* Both ends high enough not to be in the way of the numbers that the child expects. */
static int make_pipe(int ends[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
        close(low[i]);
    }
    return ends[0] >= 0 && ends[1] >= 0 ? 0 : -1;
}

/* Waits until the program runs: 0, or why it does not. */
static int wait_for_start(int failure)
{
    int error = 0;
    ssize_t n;
    while ((n = read(failure, &error, sizeof error)) < 0 && errno == EINTR)
        ;
    return n == (ssize_t)sizeof error ? error : 0;
}

int child_start(struct child *c, char *const argv[], const struct child_bounds *bounds, const struct box *box)
{
    int pipes[PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}, made = 0, error;
    *c = (struct child){.requests = -1, .answers = -1, .printed = -1};
    if (interrupted) {
        errno = EINTR;
        return -1;
    }
    while (made < PIPES && make_pipe(pipes[made]) == 0)
        made++;
    pid_t pid = made == PIPES ? fork() : -1;
    if (pid == 0)
        become(argv, bounds, box, pipes);
    error = errno;
    for (int i = 0; i < PIPES; i++)
        close_one(their_end(pipes, i));
    if (pid > 0)
        error = wait_for_start(*our_end(pipes, FAILURE));
    close_one(our_end(pipes, FAILURE));
    c->pid = pid > 0 ? pid : 0;
    c->requests = *our_end(pipes, REQUESTS);
    c->answers = *our_end(pipes, ANSWERS);
    c->printed = *our_end(pipes, PRINTED);
    if (error != 0) {
        child_end(c);
        errno = error;
        return -1;
    }
    (void)fcntl(c->requests, F_SETFL, O_NONBLOCK);
    (void)fcntl(c->answers, F_SETFL, O_NONBLOCK);
    (void)fcntl(c->printed, F_SETFL, O_NONBLOCK);
    return 0;
}

/* --- What it says ------------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Without taking its number away from it, so that nobody else can have it before its session is killed. */
static bool has_ended(const struct child *c)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == c->pid;
}

/* Ends it, where it has not ended itself, and whatever it has started. */
static void reap(struct child *c)
{
    (void)kill(-c->pid, SIGKILL);
    (void)kill(c->pid, SIGKILL);
    while (waitpid(c->pid, &c->status, 0) == c->pid && !WIFEXITED(c->status) && !WIFSIGNALED(c->status))
        ; /* the stops of one that is traced */
    c->pid = 0;
}

/* Keeps the beginning of what it prints. False once that is too much. */
static bool collect_output(struct child *c)
{
    char piece[4096];
    ssize_t n;
    while ((n = read(c->printed, piece, sizeof piece)) > 0) {
        size_t kept = c->output_len < CHILD_OUTPUT_KEPT ? CHILD_OUTPUT_KEPT - c->output_len : 0;
        kept = kept < (size_t)n ? kept : (size_t)n;
        memcpy(c->output + (c->output_len < CHILD_OUTPUT_KEPT ? c->output_len : 0), piece, kept);
        c->output_len += (size_t)n;
        if (c->output_len > CHILD_OUTPUT_MAX) {
            c->flooded = true;
            return false;
        }
    }
    if (n == 0)
        close_one(&c->printed);
    return true;
}

/* Where an exchange stands: what is still to be sent; what has come, its length in front of it. */
struct exchange {
    const uint8_t *send;
    size_t send_len;
    uint8_t head[4];
    uint8_t *answer;
    size_t cap, got; /* got counts the head too */
};

static void send_more(struct child *c, struct exchange *x)
{
    ssize_t n = write(c->requests, x->send, x->send_len);
    if (n > 0) {
        x->send += n;
        x->send_len -= (size_t)n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        x->send_len = 0; /* it does not listen any more: what it says, or its end, comes next */
    }
}

static enum child_news receive(struct child *c, struct exchange *x, size_t *answer_len)
{
    size_t want = x->got < 4 ? 4 - x->got : bytes_load_be32(x->head) - (x->got - 4);
    uint8_t *to = x->got < 4 ? x->head + x->got : x->answer + (x->got - 4);
    ssize_t n = read(c->answers, to, want);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        c->closed = true;
        return CHILD_ENDED;
    }
    x->got += n > 0 ? (size_t)n : 0;
    if (x->got >= 4 && bytes_load_be32(x->head) > x->cap)
        return CHILD_ENDED;
    if (x->got < 4 || x->got - 4 < bytes_load_be32(x->head))
        return CHILD_LATE;
    *answer_len = x->got - 4;
    return CHILD_ANSWERED;
}

/* How long it has had a processor; 0 where that can't be told. */
static int64_t processor_ms(const struct child *c)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(c->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum child_news child_exchange(struct child *c, const uint8_t *request, size_t request_len, uint8_t *answer, size_t cap,
                               size_t *answer_len, int milliseconds)
{
    struct exchange x = {.send = request, .send_len = request_len, .answer = answer, .cap = cap};
    int64_t begun = now_ms(), had = processor_ms(c), waited = 0;
    while (waited < milliseconds || (waited < PATIENCE * milliseconds && processor_ms(c) - had < milliseconds)) {
        struct pollfd polled[] = {
            {.fd = c->answers, .events = POLLIN},
            {.fd = c->printed, .events = POLLIN},
            {.fd = x.send_len > 0 ? c->requests : -1, .events = POLLOUT},
        };
        if ((poll(polled, 3, 100) < 0 && errno != EINTR) || interrupted)
            return CHILD_ENDED;
        if (polled[1].revents != 0 && !collect_output(c))
            return CHILD_FLOODED;
        if (polled[2].revents != 0)
            send_more(c, &x);
        enum child_news news = polled[0].revents != 0 ? receive(c, &x, answer_len) : CHILD_LATE;
        if (news != CHILD_LATE)
            return news;
        waited = now_ms() - begun;
    }
    return CHILD_LATE;
}

enum child_news child_finish(struct child *c, int milliseconds)
{
    int64_t until = now_ms() + milliseconds;
    close_one(&c->requests);
    while (c->printed >= 0) {
        int64_t left = until - now_ms();
        struct pollfd polled = {.fd = c->printed, .events = POLLIN};
        if (left <= 0 || (poll(&polled, 1, (int)left) < 0 && errno != EINTR) || interrupted)
            return CHILD_LATE;
        if (polled.revents != 0 && !collect_output(c))
            return CHILD_FLOODED;
    }
    while (!has_ended(c)) {
        if (now_ms() >= until || interrupted)
            return CHILD_LATE;
        (void)poll(NULL, 0, 5);
    }
    reap(c);
    return CHILD_ENDED;
}

void child_end(struct child *c)
{
    if (c->printed >= 0)
        (void)collect_output(c);
    close_one(&c->requests);
    close_one(&c->answers);
    close_one(&c->printed);
    for (int i = 0; c->pid > 0 && c->closed && i < 100 && !has_ended(c); i++)
        (void)poll(NULL, 0, 2); /* it is about to: so that its own status is seen and not that of our kill */
    if (c->pid > 0)
        reap(c);
    c->output[c->output_len < CHILD_OUTPUT_KEPT ? c->output_len : CHILD_OUTPUT_KEPT] = '\0';
}
