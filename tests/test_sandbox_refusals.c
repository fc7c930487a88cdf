/* SPDX-License-Identifier: MIT */
/* The sandbox: a process that has entered it tries what is forbidden, and so does one outside, to show that the attempt
 * means something. What the kernel does not have is skipped, and named. */
#define _GNU_SOURCE /* renameat2, F_SETSIG */
#include "app/server/base/sandbox.h"

#include "tests/sandboxed.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <linux/futex.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>

/* --- Files: Landlock ---------------------------------------------------------------------------------------------- */

static int open_passwd(struct inside *in)
{
    (void)in;
    return refused(open("/etc/passwd", O_RDONLY));
}

static int open_proc(struct inside *in)
{
    (void)in;
    return refused(open("/proc/self/mem", O_RDWR));
}

static int read_beside(struct inside *in)
{
    return refused(openat(in->data_fd, "../beside", O_RDONLY));
}

static int write_beside(struct inside *in)
{
    return refused(openat(in->data_fd, "../new", O_WRONLY | O_CREAT, 0600));
}

static int read_the_folder_above(struct inside *in)
{
    return refused(openat(in->data_fd, "..", O_RDONLY | O_DIRECTORY));
}

static int remove_beside(struct inside *in)
{
    return refused(unlinkat(in->data_fd, "../beside", 0));
}

static int move_out(struct inside *in)
{
    long result = renameat(in->data_fd, "file", in->data_fd, "../moved");
    return result == -1 && (errno == EPERM || errno == EACCES || errno == EXDEV) ? AS_IT_SHOULD : OTHERWISE;
}

static int read_the_logs(struct inside *in)
{
    return refused(openat(in->data_fd, "../logs/log", O_RDONLY | O_CREAT, 0600));
}

/* --- Calls: seccomp ----------------------------------------------------------------------------------------------- */

static int execute(struct inside *in)
{
    (void)in;
    int result = refused(execl("/bin/true", "true", (char *)NULL));
    return result;
}

static int fork_again(struct inside *in)
{
    (void)in;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return refused(child);
}

static void *nothing(void *arg)
{
    return arg;
}

static int start_a_thread(struct inside *in)
{
    pthread_t thread;
    (void)in;
    return pthread_create(&thread, NULL, nothing, NULL) != 0 ? AS_IT_SHOULD : OTHERWISE;
}

static int new_inet_socket(struct inside *in)
{
    (void)in;
    return refused(socket(AF_INET, SOCK_STREAM, 0));
}

static int new_unix_socket(struct inside *in)
{
    (void)in;
    return refused(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int connect_somewhere(struct inside *in)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    at.sin_port = htons((uint16_t)in->port);
    /* a listening socket can't connect (EISCONN, EINVAL); here it is not even asked */
    return refused(connect(in->listener, (struct sockaddr *)&at, sizeof at));
}

static int trace(struct inside *in)
{
    (void)in;
    return refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int signal_another(struct inside *in)
{
    return refused(kill(in->parent, 0)) | refused(syscall(SYS_tgkill, in->parent, in->parent, 0));
}

/* A socket can announce its events to any process of the same user, by any signal. */
static int signal_by_socket(struct inside *in)
{
    return refused(fcntl(in->listener, F_SETOWN, in->parent));
}

/* Landlock says nothing about modes. */
static int open_to_all(struct inside *in)
{
    return refused(fchmodat(in->data_fd, "../beside", 0666, 0)) | refused(fchmod(in->data_fd, 0777));
}

static int memory_to_run(struct inside *in)
{
    (void)in;
    void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return refused(p == MAP_FAILED ? -1 : 0);
}

static int memory_made_to_run(struct inside *in)
{
    (void)in;
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? OTHERWISE : refused(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int change_mode_of_process(struct inside *in)
{
    (void)in;
    return refused(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int become_another(struct inside *in)
{
    (void)in;
    return refused(setuid(getuid()));
}

static int make_a_folder(struct inside *in)
{
    return refused(mkdirat(in->data_fd, "folder", 0700));
}

static int make_a_link(struct inside *in)
{
    return refused(symlinkat("/etc/passwd", in->data_fd, "link"));
}

static int type_into_the_terminal(struct inside *in)
{
    (void)in;
    return refused(syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x"));
}

static int new_kernel_code(struct inside *in)
{
    (void)in;
    return refused(syscall(425 /* io_uring_setup */, 1, NULL)) | refused(syscall(321, 0, NULL, 0));
}

/* --- Calls that are on the list, with other arguments ------------------------------------------------------------- */

static struct sockaddr_in address_of_other(const struct inside *in)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    at.sin_port = htons((uint16_t)in->other_port);
    return at;
}

/* A listener that was shut down is a socket like others, and this is a connect with the first byte in it. */
static int connect_by_sending(struct inside *in)
{
    struct sockaddr_in at = address_of_other(in);
    (void)shutdown(in->listener, SHUT_RDWR);
    return refused(sendto(in->listener, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&at, sizeof at));
}

static int connect_by_a_message(struct inside *in)
{
    struct sockaddr_in at = address_of_other(in);
    struct iovec bytes = {.iov_base = "x", .iov_len = 1};
    struct msghdr msg = {.msg_name = &at, .msg_namelen = sizeof at, .msg_iov = &bytes, .msg_iovlen = 1};
    (void)shutdown(in->listener, SHUT_RDWR);
    return refused(sendmsg(in->listener, &msg, MSG_FASTOPEN));
}

static int send_to_an_address(struct inside *in)
{
    struct sockaddr_in at = address_of_other(in);
    return refused(sendto(in->listener, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&at, sizeof at));
}

#if UINTPTR_MAX > UINT32_MAX
/* The low half of its address is 0. */
static int send_to_a_high_address(struct inside *in)
{
    return refused(syscall(SYS_sendto, in->listener, "x", 1, MSG_NOSIGNAL, (uintptr_t)1 << 32, 16));
}
#endif

static int take_a_descriptor(struct inside *in)
{
    struct msghdr msg = {0};
    return refused(recvmsg(in->listener, &msg, 0));
}

#define TRY(name, call)                                                                                                \
    static int name(struct inside *in)                                                                                 \
    {                                                                                                                  \
        (void)in;                                                                                                      \
        return refused(call);                                                                                          \
    }

#if !defined(SYS_socketcall) /* whose arguments can't be looked at */
static int set_option(struct inside *in, int level, int option)
{
    int on = 1;
    return refused(setsockopt(in->listener, level, option, &on, sizeof on));
}

static int set_options(struct inside *in)
{
    return set_option(in, SOL_SOCKET, SO_REUSEPORT) | set_option(in, SOL_SOCKET, SO_ATTACH_FILTER) |
           set_option(in, IPPROTO_TCP, TCP_FASTOPEN_CONNECT) | set_option(in, IPPROTO_TCP, TCP_ULP) |
           set_option(in, IPPROTO_TCP, TCP_REPAIR);
}

TRY(stop_listening, shutdown(in->listener, SHUT_RD))
TRY(stop_both_ways, shutdown(in->listener, SHUT_RDWR))
TRY(send_urgently, send(in->listener, "x", 1, MSG_OOB | MSG_NOSIGNAL))
TRY(accept_otherwise, syscall(SYS_accept4, in->listener, NULL, NULL, 1))
#endif

TRY(signal_by_files, fcntl(in->data_fd, F_SETSIG, SIGKILL))
TRY(signal_by_input, fcntl(in->listener, F_SETFL, O_RDWR | O_ASYNC))
TRY(watch_the_folder, fcntl(in->data_fd, F_NOTIFY, 4 /* DN_CREATE */))
TRY(owner_by_ioctl, ioctl(in->listener, 0x8901 /* FIOSETOWN */, &in->parent))
TRY(addresses_of_the_machine, ioctl(in->listener, 0x8912 /* SIOCGIFCONF */, &(struct {
                                        int n;
                                        void *p;
                                    }){0, NULL}))
TRY(a_file_in_memory, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, in->data_fd, 0) == MAP_FAILED ? -1 : 0)
TRY(memory_for_others, mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0)
/* Whatever is at that address would be gone. */
static int memory_moved_onto_other(struct inside *in)
{
    (void)in;
    char *p = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return OTHERWISE;
    return refused(mremap(p, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, p + 4096) == MAP_FAILED ? -1 : 0);
}

TRY(a_name_without_a_file, openat(in->data_fd, "..", O_PATH))
TRY(a_file_without_a_name, openat(in->data_fd, ".", O_TMPFILE | O_WRONLY, 0600))
TRY(a_file_for_all, openat(in->data_fd, "for-all", O_WRONLY | O_CREAT, 0644))
TRY(a_program_of_ours_for_all, openat(in->data_fd, "program", O_WRONLY | O_CREAT, 04700))
TRY(a_folder_removed, unlinkat(in->data_fd, "nothing", AT_REMOVEDIR))
TRY(two_files_exchanged, renameat2(in->data_fd, "file", in->data_fd, "file", RENAME_EXCHANGE))
TRY(what_is_beside, fstatat(in->data_fd, "../beside", &(struct stat){0}, 0))
TRY(whether_it_is_beside, faccessat(in->data_fd, "../beside", F_OK, 0))
TRY(a_lock_with_priority, syscall(SYS_futex, &(uint32_t){0}, FUTEX_LOCK_PI, 0, NULL, NULL, 0))
TRY(memory_merged, madvise(NULL, 0, MADV_MERGEABLE))

/* Calls on no line of the list, any of which would be a way out or a way to more of the kernel. */
static int calls_on_no_line(struct inside *in)
{
    /* clang-format off */
    static const long numbers[] = {
        SYS_kill, SYS_tkill, SYS_prlimit64, SYS_setpriority, SYS_sched_setaffinity, SYS_sched_setscheduler,
        SYS_process_vm_readv, SYS_process_vm_writev, SYS_unshare, SYS_setns, SYS_mount, SYS_memfd_create,
        SYS_userfaultfd, SYS_splice, SYS_vmsplice, SYS_tee, SYS_sendfile, SYS_keyctl, SYS_add_key, SYS_perf_event_open,
        SYS_inotify_init1, SYS_signalfd4, SYS_timerfd_create, SYS_timer_create, SYS_linkat, SYS_mknodat, SYS_fchownat,
        SYS_truncate, SYS_fallocate, SYS_chdir, SYS_chroot, SYS_getdents64, SYS_readlinkat, SYS_utimensat, SYS_pipe2,
        SYS_shmget, SYS_shmat, SYS_msgget, SYS_clock_settime, SYS_setrlimit, SYS_seccomp, SYS_personality, SYS_capset,
        SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_sendmmsg, SYS_recvmmsg, SYS_socketpair, SYS_listen, SYS_bind,
        SYS_getsockopt, SYS_getpeername,
    };
    /* clang-format on */
    int result = AS_IT_SHOULD;
    (void)in;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        result |= refused(syscall(numbers[i], -1, -1, -1, -1, -1, -1));
    return result;
}

struct forbidden {
    const char *what;
    attempt *try;
    bool free_outside; /* it works outside, as any user */
};

static void assert_forbidden(void **state, const struct forbidden *tries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int inside = run_child(state, tries[i].try, true);
        if (inside != AS_IT_SHOULD)
            print_error("%s: not refused (%d)\n", tries[i].what, inside);
        assert_int_equal(inside, AS_IT_SHOULD);
        if (tries[i].free_outside && run_child(state, tries[i].try, false) == AS_IT_SHOULD) {
            print_error("%s: refused outside too, so this shows nothing\n", tries[i].what);
            fail();
        }
    }
}

static int says_landlock(struct inside *in)
{
    return has(in, "landlock") ? AS_IT_SHOULD : OTHERWISE;
}

static int says_seccomp(struct inside *in)
{
    return has(in, "seccomp") ? AS_IT_SHOULD : OTHERWISE;
}

/* Where the kernel has something, it must have been used. */
static void assert_used(void **state, bool there, attempt *says_so, const char *what)
{
    if (!there) {
        print_message("[  SKIPPED ] %s is not there\n", what);
        skip();
    }
    assert_int_equal(run_child(state, says_so, true), AS_IT_SHOULD);
}

static void needs_landlock(void **state)
{
    long version = syscall(444 /* landlock_create_ruleset */, NULL, (size_t)0, 1);
    assert_used(state, version >= 1, says_landlock, "Landlock");
}

static void needs_seccomp(void **state)
{
#if SANITIZED
    bool there = false;
#else
    bool there = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
#endif
    assert_used(state, there, says_seccomp, "seccomp");
}

static void test_files_out_of_reach(void **state)
{
    static const struct forbidden tries[] = {
        {"/etc/passwd", open_passwd, true},
        {"/proc/self/mem", open_proc, true},
        {"a file beside DATA", read_beside, true},
        {"a new file beside DATA", write_beside, true},
        {"the folder above DATA", read_the_folder_above, true},
        {"removing a file beside DATA", remove_beside, true},
        {"moving a file out of DATA", move_out, true},
        {"reading the log", read_the_logs, true},
    };
    needs_landlock(state);
    assert_forbidden(state, tries, sizeof tries / sizeof *tries);
}

static void test_calls_out_of_reach(void **state)
{
    static const struct forbidden tries[] = {
        {"execve", execute, false}, /* outside it would not come back */
        {"fork", fork_again, true},
        {"a new thread", start_a_thread, true},
        {"an Internet socket", new_inet_socket, true},
        {"a Unix socket", new_unix_socket, true},
        {"connect", connect_somewhere, true},
        {"ptrace", trace, true},
        {"a signal to another process", signal_another, true},
        {"a signal to another process by way of a socket", signal_by_socket, true},
        {"other modes for files", open_to_all, true},
        {"memory to run", memory_to_run, true},
        {"memory made to run", memory_made_to_run, true},
        {"prctl", change_mode_of_process, true},
        {"setuid", become_another, true},
        {"a folder", make_a_folder, true},
        {"a link", make_a_link, true},
        {"typing into the terminal", type_into_the_terminal, false},
        {"io_uring and bpf", new_kernel_code, false},
        {"one of many that are on no line", calls_on_no_line, false},
    };
    needs_seccomp(state);
    assert_forbidden(state, tries, sizeof tries / sizeof *tries);
}

static void test_other_arguments(void **state)
{
    static const struct forbidden tries[] = {
        {"connecting by MSG_FASTOPEN", connect_by_sending, true},
        {"connecting by MSG_FASTOPEN in sendmsg", connect_by_a_message, true},
        {"sending to an address", send_to_an_address, true},
#if UINTPTR_MAX > UINT32_MAX
        {"sending to an address that ends with 0", send_to_a_high_address, true},
#endif
        {"receiving descriptors", take_a_descriptor, true},
#if !defined(SYS_socketcall)
        {"a socket's options", set_options, true},
        {"a listener that reads no more", stop_listening, true},
        {"a listener that is shut down", stop_both_ways, true},
        {"sending out of band", send_urgently, true},
        {"other flags for accept4", accept_otherwise, true},
#endif
        {"F_SETSIG", signal_by_files, true},
        {"O_ASYNC", signal_by_input, true},
        {"F_NOTIFY", watch_the_folder, true},
        {"FIOSETOWN", owner_by_ioctl, true},
        {"SIOCGIFCONF", addresses_of_the_machine, true},
        {"a file as memory", a_file_in_memory, true},
        {"memory to be shared", memory_for_others, true},
        {"MREMAP_FIXED", memory_moved_onto_other, true},
        {"O_PATH", a_name_without_a_file, true},
        {"O_TMPFILE", a_file_without_a_name, true},
        {"a new file that is open to others", a_file_for_all, true},
        {"a new program that runs as its owner", a_program_of_ours_for_all, true},
        {"removing a folder", a_folder_removed, true},
        {"RENAME_EXCHANGE", two_files_exchanged, true},
        {"looking at a file beside DATA", what_is_beside, true},
        {"asking whether a file is beside DATA", whether_it_is_beside, true},
        {"FUTEX_LOCK_PI", a_lock_with_priority, true},
        {"MADV_MERGEABLE", memory_merged, true},
    };
    needs_seccomp(state);
    assert_forbidden(state, tries, sizeof tries / sizeof *tries);
}

#if defined(__x86_64__)
/* The calls of the third kind of program that this kernel may run have this bit in their number. */
static int call_as_x32(struct inside *in)
{
    (void)in;
    return refused(syscall(0x40000000 | SYS_getpid)) | refused(syscall(0x40000000 | SYS_sendto, 0, 0, 0, 0, 0, 0));
}

/* A 32-bit call of a 64-bit program goes by other numbers: open is 5 there, which here is fstat. A kernel that has no
 * such calls answers with SIGSEGV, which CMocka would turn into a failed test. */
static int call_as_another_machine(struct inside *in)
{
    long result;
    (void)in;
    (void)signal(SIGSEGV, SIG_DFL);
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
    return OTHERWISE;
}

static void test_calls_of_another_machine(void **state)
{
    enum { DIES_WITHOUT_SUCH_CALLS = 256 + SIGSEGV, DIES_BY_THE_FILTER = 256 + SIGSYS };
    needs_seccomp(state);
    int outside = run_child(state, call_as_another_machine, false);
    if (outside == DIES_WITHOUT_SUCH_CALLS)
        print_message("this kernel has no 32-bit calls, so nothing shows that the filter kills for one\n");
    else
        assert_int_equal(outside, OTHERWISE); /* it came back: the kernel has them */
    int inside = run_child(state, call_as_another_machine, true);
    assert_int_equal(inside, outside == OTHERWISE ? DIES_BY_THE_FILTER : DIES_WITHOUT_SUCH_CALLS);
    assert_int_equal(run_child(state, call_as_x32, true), AS_IT_SHOULD);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_files_out_of_reach),
        WITH_FOLDER(test_calls_out_of_reach),
        WITH_FOLDER(test_other_arguments),
#if defined(__x86_64__)
        WITH_FOLDER(test_calls_of_another_machine),
#endif
    };
    return RUN(tests);
}

#else

int main(void)
{
    puts("skipped: what the sandbox refuses (this system has none)");
    return 0;
}

#endif
