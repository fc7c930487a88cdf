/* SPDX-License-Identifier: MIT */
/* Linux: getrandom(2) with no flags. It waits until the kernel's pool has been seeded after boot, and never again; it
 * needs no file descriptor and no /dev. Where more than 256 bytes are asked for, a signal can make it give
 * less. (The other systems: rng_system_posix.c.) */
#include "crypto/rng.h"

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void rng_system(uint8_t *out, size_t len)
{
    while (len > 0) {
        ssize_t n = getrandom(out, len, 0);
        if (n > 0) {
            out += n;
            len -= (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            fprintf(stderr, "no random bytes from the kernel: getrandom: %s; nothing can be done safely without\n",
                    n == 0 ? "it gave none" : strerror(errno));
            abort();
        }
    }
}

#else
typedef int rng_system_linux_unused; /* ISO C wants something in every file */
#endif
