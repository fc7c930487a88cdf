/* SPDX-License-Identifier: MIT */
/* What a program that is not trusted may do: the kernel's means, as far as this machine has them.
 *
 *      BOX_COMPILER  reads the system's headers and programs, the kit and its scratch folder; writes there; no network
 *      BOX_RUNNER    computes, and reads and writes the pipes that it has: no file, no process, no network
 *      BOX_TOOL      valgrind with the runner, or one that a sanitizer was built into: reads the system's libraries
 *
 * Use it:      struct box box = {.kind = BOX_RUNNER, .scratch = folder, .program = path};
 *              in a child that is about to exec: box_enter(&box);
 * Errors:      what the machine does not have is left out, as the server does it; box_says names what holds, and the
 *              grader prints it. Limits of time and memory (child.h) hold everywhere.
 * Timing:      nothing secret.
 * Read next:   app/sandbox/landlock.h, app/sandbox/seccomp.h.
 */
#ifndef APP_WORKBENCH_CHECK_BOX_H
#define APP_WORKBENCH_CHECK_BOX_H

#include <stddef.h>

#define BOX_PATH_MAX 1024

enum box_kind { BOX_COMPILER, BOX_RUNNER, BOX_TOOL };

struct box {
    enum box_kind kind;
    const char *scratch; /* a folder: its working directory, and all that it may write in */
    const char *program; /* of a runner and of a tool: the one file that it may execute, beside the system's */
    const char *kit;     /* of a compiler: headers and objects that it may read */
};

/* From now on this process and those that it becomes and starts are in the box. 0, or -1 where the machine has the
 * means and they failed: then nothing may be run. */
int box_enter(const struct box *box);

/* What holds here, for people: "landlock,seccomp,limits" or "limits only". Tried in a child, once. */
const char *box_says(void);

#endif
