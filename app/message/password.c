/* SPDX-License-Identifier: MIT */
/* A password may have any bytes: only its length is judged. A code has six digits, or none where no second factor is
 * asked for. */
#include "app/message/password.h"

#include <stdint.h>
#include <string.h>

bool password_valid(size_t len)
{
    return len >= PASSWORD_MIN_LEN && len <= PASSWORD_MAX_LEN;
}

bool password_has_mark(const void *password, size_t len)
{
    return len >= 3 && memcmp(password, "\xef\xbb\xbf", 3) == 0;
}

bool password_code_valid(const void *code, size_t len)
{
    const uint8_t *p = code;
    if (len != 0 && len != 6)
        return false;
    for (size_t i = 0; i < len; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    return true;
}
