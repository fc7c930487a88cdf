/* SPDX-License-Identifier: MIT */
/* Plain system calls: glibc has no functions for these, and the numbers and structs are the kernel's promise to all
 * programs, so they are written out here and need no recent header. */
#define _GNU_SOURCE /* O_PATH */
#include "app/sandbox/landlock.h"

#include <stdio.h>

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, ADD_RULE, RESTRICT_SELF }; /* the same on every machine */
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

/* The kernel takes no others for a file. */
#define RIGHTS_OF_A_FILE (LANDLOCK_EXECUTE | LANDLOCK_WRITE_FILE | LANDLOCK_READ_FILE | LANDLOCK_TRUNCATE)

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

/* No right left is no rule: the kernel refuses an empty one. */
static int add_rule(int ruleset, int path, uint64_t rights)
{
    struct {
        uint64_t rights;
        int32_t path;
    } __attribute__((packed)) rule = {.rights = rights, .path = path};
    struct stat st;
    if (fstat(path, &st) != 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        rule.rights &= RIGHTS_OF_A_FILE;
    return rule.rights == 0 ? 0 : (int)syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
}

static int grant(int ruleset, const struct landlock_grant *g, uint64_t known, char *says, size_t cap)
{
    int path = open(g->path, O_PATH | O_CLOEXEC);
    int result = path < 0 ? -1 : add_rule(ruleset, path, g->rights & known);
    if (result != 0)
        snprintf(says, cap, "%s: %s", g->path, strerror(errno));
    if (path >= 0)
        close(path);
    return result;
}

static int grant_and_restrict(int ruleset, const struct landlock_grant *grants, size_t n, uint64_t known, char *says,
                              size_t cap)
{
    for (size_t i = 0; i < n; i++)
        if (grant(ruleset, &grants[i], known, says, cap) != 0)
            return -1;
    if (syscall(RESTRICT_SELF, ruleset, 0) != 0) {
        snprintf(says, cap, "Landlock: %s", strerror(errno));
        return -1;
    }
    return 0;
}

int landlock_enter(const struct landlock_grant *grants, size_t n, char *says, size_t cap)
{
    struct ruleset all;
    long version = syscall(CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);
    size_t size = handle_all(&all, version);
    int ruleset = version < 1 ? -1 : (int)syscall(CREATE_RULESET, &all, size, 0);
    if (ruleset < 0) {
        snprintf(says, cap, "Landlock: %s", strerror(errno));
        return -1;
    }
    int result = grant_and_restrict(ruleset, grants, n, all.files, says, cap);
    close(ruleset);
    if (result == 0)
        snprintf(says, cap, "landlock-%ld%s%s", version, all.network != 0 ? ",landlock-tcp" : "",
                 all.scopes != 0 ? ",landlock-scopes" : "");
    return result;
}

#else

int landlock_enter(const struct landlock_grant *grants, size_t n, char *says, size_t cap)
{
    (void)grants;
    (void)n;
    snprintf(says, cap, "Landlock: only Linux has it");
    return -1;
}

#endif
