/* SPDX-License-Identifier: MIT */
/* Where Linux gives core files to a program it asks for no limit (core(5)), but takes 1 for: make none
 * (fs/coredump.c). Nor does it write a file of 1 byte. */
#include "net/coredump.h"

#include <sys/resource.h>

void coredump_forbid(void)
{
    const struct rlimit none = {1, 1}, zero = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        (void)setrlimit(RLIMIT_CORE, &zero);
}
