/* SPDX-License-Identifier: MIT */
/* Linux: Landlock for files, capabilities for what only root may do, mlockall against the swap, seccomp (seccomp.c) for
 * everything else that the kernel can be asked for. Plain system calls: glibc has no functions for most of them, and
 * the numbers and structs are the kernel's promise to all programs, so they are written out here and need no recent
 * header. */
#define _GNU_SOURCE /* O_PATH, MCL_ONFAULT */
#include "app/server/base/sandbox.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <fcntl.h>
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

#include "app/server/base/seccomp.h"

static void say(struct sandbox *box, const char *what)
{
    size_t len = strlen(box->says);
    snprintf(box->says + len, sizeof box->says - len, "%s%s", len > 0 ? "," : "", what);
}

/* --- Landlock ----------------------------------------------------------------------------------------------------- */

enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF }; /* the same on every machine */
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

#define ACCESS_WRITE_FILE (UINT64_C(1) << 1)
#define ACCESS_READ_FILE (UINT64_C(1) << 2)
#define ACCESS_READ_DIR (UINT64_C(1) << 3)
#define ACCESS_REMOVE_FILE (UINT64_C(1) << 5)
#define ACCESS_MAKE_REG (UINT64_C(1) << 8)
#define ACCESS_MAKE_SOCK (UINT64_C(1) << 9)
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define IN_DATA                                                                                                        \
    (ACCESS_WRITE_FILE | ACCESS_READ_FILE | ACCESS_READ_DIR | ACCESS_REMOVE_FILE | ACCESS_MAKE_REG |                   \
     ACCESS_MAKE_SOCK | ACCESS_TRUNCATE)
#define BESIDE_THE_LOG (ACCESS_WRITE_FILE | ACCESS_MAKE_REG)

/* All rights that a version of Landlock knows are handled, and so refused where no rule grants them. */
struct ruleset {
    uint64_t files, network, scopes;
};

static size_t handle_all(struct ruleset *all, long version)
{
    unsigned rights = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    *all = (struct ruleset){.files = (UINT64_C(1) << rights) - 1};
    all->network = version >= 4 ? 3 : 0; /* bind and connect TCP */
    all->scopes = version >= 6 ? 3 : 0;  /* abstract Unix sockets and processes outside */
    return version >= 6 ? 24 : version >= 4 ? 16 : 8;
}

/* For everything below a folder. */
static int grant(int ruleset, const char *folder, uint64_t rights)
{
    struct {
        uint64_t rights;
        int32_t folder;
    } __attribute__((packed)) rule = {.rights = rights};
    rule.folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (rule.folder < 0)
        return -1;
    long result = syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
    close(rule.folder);
    return (int)result;
}

/* A new log file is made in the folder of the old one. */
static int grant_log(int ruleset, const char *log_file)
{
    char path[PATH_MAX];
    if (log_file == NULL)
        return 0;
    if (strlen(log_file) >= sizeof path)
        return -1;
    strcpy(path, log_file);
    return grant(ruleset, dirname(path), BESIDE_THE_LOG);
}

static void landlock(struct sandbox *box, const char *data, const char *log_file)
{
    char what[64];
    struct ruleset all;
    long version = syscall(CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);
    if (version < 1)
        return;
    size_t size = handle_all(&all, version);
    int ruleset = (int)syscall(CREATE_RULESET, &all, size, 0);
    if (ruleset < 0)
        return;
    if (grant(ruleset, data, IN_DATA & all.files) == 0 && grant_log(ruleset, log_file) == 0 &&
        syscall(RESTRICT_SELF, ruleset, 0) == 0) {
        snprintf(what, sizeof what, "landlock-%ld%s%s", version, all.network != 0 ? ",landlock-tcp" : "",
                 all.scopes != 0 ? ",landlock-scopes" : "");
        say(box, what);
    }
    close(ruleset);
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
    landlock(box, data, log_file);
    if (drop_capabilities())
        say(box, "no-capabilities");
}

void sandbox_seal(struct sandbox *box)
{
    if (seccomp_enter() == 0)
        say(box, "seccomp");
    if (box->says[0] == '\0')
        say(box, "unavailable");
}

#endif
