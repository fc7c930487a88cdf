/* SPDX-License-Identifier: MIT */
/* A list of paths, and what may be done there, becomes a rule set in the kernel: no other file can be opened, made,
 * executed or removed.
 *
 * Standard:    Linux, Documentation/userspace-api/landlock.rst; the rights have the names and bits of linux/landlock.h.
 * Use it:      const struct landlock_grant grants[] = {{"/usr", LANDLOCK_EXECUTE | LANDLOCK_READ_FILE},
 *                                                      {"/dev/null", LANDLOCK_WRITE_FILE}};
 *              if (landlock_enter(grants, 2, says, sizeof says) == 0)        after PR_SET_NO_NEW_PRIVS
 * Timing:      nothing secret.
 * Read next:   landlock.c; seccomp.h, for what is asked of the kernel without a path.
 *
 * What is open already stays open. Landlock says nothing about looking at a file (stat), its mode, owner and times.
 */
#ifndef APP_SANDBOX_LANDLOCK_H
#define APP_SANDBOX_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

/* Of a file. */
#define LANDLOCK_EXECUTE (UINT64_C(1) << 0) /* it is read too, and so are its libraries: grant both */
#define LANDLOCK_WRITE_FILE (UINT64_C(1) << 1)
#define LANDLOCK_READ_FILE (UINT64_C(1) << 2)
#define LANDLOCK_TRUNCATE (UINT64_C(1) << 14) /* where the kernel does not know it, it is part of writing */
/* Of a folder, and of those in it. */
#define LANDLOCK_READ_DIR (UINT64_C(1) << 3) /* list its names */
#define LANDLOCK_REMOVE_FILE (UINT64_C(1) << 5)
#define LANDLOCK_MAKE_REG (UINT64_C(1) << 8)
#define LANDLOCK_MAKE_SOCK (UINT64_C(1) << 9)

/* A file, or a folder: then for all that is below it, now and later. Of a file only the rights of a file count. */
struct landlock_grant {
    const char *path;
    uint64_t rights;
};

/* From now on this thread, those that it starts and the programs that they execute can do with files what the n grants
 * say; two grants for one path add up. Nothing of the network is granted: where the kernel knows of these, TCP can't
 * be bound or connected, and no abstract socket and no process outside be reached. It can't be undone. Up to cap bytes
 * of says, with a NUL, are what holds, by the kernel's version: "landlock-7,landlock-tcp,landlock-scopes". -1, and
 * nothing has changed, where the system has no Landlock, forbids it, or a path can't be opened: then says is why, in
 * the words of one line. */
MUST_USE int landlock_enter(const struct landlock_grant *grants, size_t n, char *says, size_t cap);

#endif
