/* SPDX-License-Identifier: MIT */
/* Linux: Landlock for files, capabilities for what only root may do, mlockall against the swap, and seccomp
 * (server_calls.c) for everything else that the kernel can be asked for. */
#define _GNU_SOURCE /* MCL_ONFAULT */
#include "app/server/base/sandbox.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "app/sandbox/landlock.h"
#include "app/server/base/server_calls.h"

static void say(struct sandbox *box, const char *what)
{
    size_t len = strlen(box->says);
    snprintf(box->says + len, sizeof box->says - len, "%s%s", len > 0 ? "," : "", what);
}

/* --- Files -------------------------------------------------------------------------------------------------------- */

#define IN_DATA                                                                                                        \
    (LANDLOCK_WRITE_FILE | LANDLOCK_READ_FILE | LANDLOCK_READ_DIR | LANDLOCK_REMOVE_FILE | LANDLOCK_MAKE_REG |         \
     LANDLOCK_MAKE_SOCK | LANDLOCK_TRUNCATE)
/* A new log file is made in the folder of the old one. */
#define BESIDE_THE_LOG (LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG)

static void restrict_files(struct sandbox *box, const char *data, const char *log_file)
{
    char path[PATH_MAX], what[64];
    struct landlock_grant grants[2] = {{data, IN_DATA}};
    size_t n = 1;
    if (log_file != NULL) {
        if (strlen(log_file) >= sizeof path)
            return;
        strcpy(path, log_file);
        grants[n++] = (struct landlock_grant){dirname(path), BESIDE_THE_LOG};
    }
    if (landlock_enter(grants, n, what, sizeof what) == 0)
        say(box, what);
}

/* --- Privileges and memory ---------------------------------------------------------------------------------------- */

/* root without capabilities is a user who owns some files. True where we have none now; an ordinary user had none. */
static bool drop_capabilities(void)
{
    struct {
        uint32_t version;
        int pid;
    } header = {.version = 0x20080522}; /* version 3: effective, permitted, inheritable, twice */
    const uint32_t none[6] = {0};
    uint32_t left[6] = {0};
    (void)syscall(SYS_capset, &header, none);
    return syscall(SYS_capget, &header, left) == 0 && (left[0] | left[1] | left[3] | left[4]) == 0;
}

/* Keys and passwords pass through much of the heap and of the stacks, so all of it is locked, as it comes into use. But
 * where only a part may be locked, reaching that limit would mean no more memory: then only the key is. */
static void lock_memory(struct sandbox *box, const void *secret, size_t len)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    bool all = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
    if (all && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0)
        say(box, "memory-locked");
    else if (mlock(secret, len) == 0)
        say(box, "key-locked");
}

/* libc reads some files at the first call that needs them: these calls are made while it still may. */
static void preload_libc_files(void)
{
    tzset();
}

void sandbox_drop(struct sandbox *box, const char *data, const char *log_file, const void *secret, size_t len)
{
    box->says[0] = '\0';
    preload_libc_files();
    lock_memory(box, secret, len);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        say(box, "no-new-privs");
    /* no other process of the same user may look into this one, nor a core dump reach a program that collects them */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
        say(box, "not-dumpable");
    restrict_files(box, data, log_file);
    if (drop_capabilities())
        say(box, "no-capabilities");
}

void sandbox_seal(struct sandbox *box)
{
    if (server_calls_enter() == 0)
        say(box, "seccomp");
    if (box->says[0] == '\0')
        say(box, "unavailable");
}

#endif
