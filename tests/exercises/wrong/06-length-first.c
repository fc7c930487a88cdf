#include <string.h>

#include "crypto/pkcs7.h"

size_t pkcs7_padded_len(size_t len)
{
    return len + 16 - len % 16;
}

size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    int n = 16 - (int)(len % 16);
    memset(buf + len, n, (size_t)n);
    return len + (size_t)n;
}

int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    int i, n;
    if (buf_len < 16 || buf_len % 16 != 0)
        return -1;
    n = buf[buf_len - 1];
    *len = buf_len - (size_t)n;
    if (n < 1 || n > 16)
        return -1;
    for (i = 2; i <= n; i++) {
        if (buf[buf_len - (size_t)i] != n)
            return -1;
    }
    return 0;
}
