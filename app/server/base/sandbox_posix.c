/* SPDX-License-Identifier: MIT */
/* Every other system: none of this is in POSIX, and what there is elsewhere (pledge, capsicum) would need a file of its
 * own. What is left are the limits on the dedicated user. */
#include "app/server/base/sandbox.h"

#if !defined(__linux__) || defined(GLASSCHAT_PORTABLE)

#include <string.h>

void sandbox_drop(struct sandbox *box, const char *data, const char *log_file, const void *secret, size_t len)
{
    (void)secret;
    (void)len;
    (void)data;
    (void)log_file;
    strcpy(box->says, "unavailable");
}

void sandbox_seal(struct sandbox *box)
{
    (void)box;
}

#endif
