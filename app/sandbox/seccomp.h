/* SPDX-License-Identifier: MIT */
/* A list of system calls becomes a filter in the kernel: what is not on the list is refused, for all threads.
 *
 * Standard:    Linux, Documentation/userspace-api/seccomp_filter.rst; the program is classic BPF.
 * Use it:      #include <sys/syscall.h>
 *              static const struct seccomp_rule list[] = {CALL(read) CALL_IF(mprotect, WITHOUT(2, PROT_EXEC))};
 *              if (seccomp_enter(list, sizeof list / sizeof *list) == 0)     after PR_SET_NO_NEW_PRIVS
 *              The most frequent calls first, as the kernel goes through the list from its top. A call may have several
 *              rules: one that lets it through is enough.
 * Timing:      nothing secret.
 * Read next:   seccomp.c; landlock.h, for the files behind a path, which no filter can see.
 */
#ifndef APP_SANDBOX_SECCOMP_H
#define APP_SANDBOX_SECCOMP_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

enum { SECCOMP_CONDITIONS_MAX = 2 };

/* A call by its number, and what must hold of its arguments, which count from 0: its bits of mask are value; it is our
 * process; it is no address. Of the first two kinds the low 32 bits are looked at. */
struct seccomp_rule {
    int call;
    struct seccomp_condition {
        enum { SECCOMP_ANY, SECCOMP_MASKED, SECCOMP_OURSELVES, SECCOMP_NULL } kind;
        unsigned argument;
        uint32_t mask, value;
    } must[SECCOMP_CONDITIONS_MAX];
};

/* A rule for a list; each brings its comma. All the conditions of CALL_IF must hold. */
#define CALL(name) {.call = __NR_##name},
#define CALL_IF(name, ...) {.call = __NR_##name, .must = {__VA_ARGS__}},
/* clang-format off */
#define IS(argument, value) {SECCOMP_MASKED, argument, UINT32_MAX, value}
#define IS_BUT_FOR(argument, flags, value) {SECCOMP_MASKED, argument, ~(uint32_t)(flags), value} /* with or without */
#define OF_THESE(argument, flags, value) {SECCOMP_MASKED, argument, flags, value} /* just these, and any others */
#define ONLY(argument, flags) {SECCOMP_MASKED, argument, ~(uint32_t)(flags), 0}
#define WITHOUT(argument, flags) {SECCOMP_MASKED, argument, flags, 0}
#define IS_US(argument) {SECCOMP_OURSELVES, argument, 0, 0}
#define IS_NULL(argument) {SECCOMP_NULL, argument, 0, 0}
/* clang-format on */

/* From now on all threads of the process, those that they start and the programs that they execute may make only the n
 * calls of rules; it can't be undone. What is not there fails with EPERM, clone3 with ENOSYS, and a call for another
 * machine, as a 32-bit call of a 64-bit program, ends the process. rules is not needed afterwards. -1, and nothing has
 * changed, where the system, or an emulator that stands in for it, has no such filter, a thread has another one, or
 * rules has more than a filter holds (some hundreds). */
MUST_USE int seccomp_enter(const struct seccomp_rule *rules, size_t n);

#endif
