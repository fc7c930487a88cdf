/* SPDX-License-Identifier: MIT */
/* Every other system: getentropy, which macOS and the BSDs have long had and POSIX.1-2024 asks for. It gives at
 * most 256 bytes a call, and all of them or none. (Linux: rng_system_linux.c.) */
#include "crypto/rng.h"

#if !defined(__linux__) || defined(GLASSCHAT_PORTABLE)

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

#define MOST_A_CALL 256

void rng_system(uint8_t *out, size_t len)
{
    while (len > 0) {
        size_t n = len < MOST_A_CALL ? len : MOST_A_CALL;
        if (getentropy(out, n) == 0) {
            out += n;
            len -= n;
        } else if (errno != EINTR) {
            fprintf(stderr, "no random bytes from the kernel: getentropy: %s; nothing can be done safely without\n",
                    strerror(errno));
            abort();
        }
    }
}

#else
typedef int rng_system_posix_unused; /* ISO C wants something in every file */
#endif
