/* SPDX-License-Identifier: MIT */
/* What the system has counted of another process: processor time and memory.
 *
 * Standard:    Linux proc(5): /proc/PID/stat (utime, stime), /proc/PID/status (VmRSS).
 * Use it:      struct process_use before, after;  process_read(&before, pid);
 * Timing:      nothing secret.
 * Read next:   app/workbench/load/cmd_load.c.
 */
#ifndef APP_WORKBENCH_LOAD_PROCESS_H
#define APP_WORKBENCH_LOAD_PROCESS_H

#include "crypto/bytes.h"

struct process_use {
    double cpu_seconds; /* of all its threads, in user and in system mode; the kernel counts in steps of 10 ms */
    double resident_kib;
};

/* -1: there is no such process, or the system doesn't say. */
MUST_USE int process_read(struct process_use *use, long pid);

#endif
