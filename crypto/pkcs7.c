/* SPDX-License-Identifier: MIT */
/* n bytes of value n: the last byte says how many there are, and it is always there, so that a message which is whole
 * blocks already gets a block more, and none can be mistaken.
 *
 * Taking it off looks at all 16 last bytes, whatever they say, and gathers what is wrong with them in one mask: an
 * answer that came sooner for some bytes than for others would be the padding oracle that this is famous for. */
#include "crypto/pkcs7.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"

#define BLOCK_LEN 16

size_t pkcs7_padded_len(size_t len)
{
    assert(len <= SIZE_MAX - BLOCK_LEN);
    return len + BLOCK_LEN - len % BLOCK_LEN;
}

size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    size_t padded_len = pkcs7_padded_len(len);
    memset(buf + len, (int)(padded_len - len), padded_len - len);
    return padded_len;
}

/* CAUTION: no branch may look at n or at a byte before all 16 have gone into `good`; test_pkcs7's test_every_wrong_byte
 * sees a byte that is left out, no test sees the time. */
int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    if (buf_len == 0 || buf_len % BLOCK_LEN != 0)
        return -1; /* the length is on the wire anyway */
    uint32_t n = buf[buf_len - 1];
    uint32_t good = ~ct_is_zero(n) & ct_lt(n, BLOCK_LEN + 1);
    for (uint32_t i = 0; i < BLOCK_LEN; i++) {
        uint32_t is_padding = ct_lt(i, n);
        good &= ~is_padding | ct_eq(buf[buf_len - 1 - i], n);
    }
    ct_public(&good, sizeof good); /* the verdict */
    if (ct_barrier(good) == 0)
        return -1;
    *len = buf_len - n;
    return 0;
}
