#include <string.h>

#include "crypto/pkcs7.h"

size_t pkcs7_padded_len(size_t len)
{
    return (len / 16 + 1) * 16;
}

size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    uint8_t n = (uint8_t)(16 - len % 16);
    for (int i = 0; i < n; i++)
        buf[len + i] = n;
    return len + n;
}

int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    if (buf_len == 0 || buf_len % 16 != 0)
        return -1;
    uint8_t n = buf[buf_len - 1];
    if (n == 0 || n > 16)
        return -1;
    for (size_t i = buf_len - n; i < buf_len; i++)
        if (buf[i] != n)
            return -1;
    *len = buf_len - n;
    return 0;
}
