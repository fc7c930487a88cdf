/* SPDX-License-Identifier: MIT */
/* Every other system: none of this is in POSIX, and what there is elsewhere (pledge, capsicum) would want a file of its
 * own. The limits on the dedicated user are what is left. */
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
