/* SPDX-License-Identifier: MIT */
/* The leaks are the number of turns that the loop takes and the `return` inside it. */
#include "app/workbench/labs/unpad_early.h"

int lab_unpad_early(size_t *len, const uint8_t *buf, size_t buf_len)
{
    if (buf_len == 0 || buf_len % 16 != 0)
        return -1;
    uint8_t n = buf[buf_len - 1];
    if (n == 0 || n > 16)
        return -1;
    for (size_t i = 1; i <= n; i++)
        if (buf[buf_len - i] != n)
            return -1;
    *len = buf_len - n;
    return 0;
}
