#include <stdbool.h>
#include <string.h>

#include "crypto/pkcs7.h"

size_t pkcs7_padded_len(size_t len)
{
    return len + (16 - len % 16);
}

size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    size_t padded = pkcs7_padded_len(len);
    uint8_t n = (uint8_t)(padded - len);
    memset(buf + len, n, n);
    return padded;
}

int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    if (buf_len % 16 != 0 || buf_len == 0)
        return -1;
    const uint8_t *end = buf + buf_len;
    int n = end[-1];
    bool ok = true;
    for (int i = 1; i <= n; i++)
        if (end[-i] != n)
            ok = false;
    if (n < 1 || n > 16)
        ok = false;
    if (!ok)
        return -1;
    *len = buf_len - (size_t)n;
    return 0;
}
