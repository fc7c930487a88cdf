#include "crypto/totp.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/sha1.h"

static void hmac_sha1(uint8_t out[20], const uint8_t *key, size_t key_len, const uint8_t *msg, size_t msg_len)
{
    uint8_t k[64], pad[64], inner[20];
    struct sha1 s;
    memset(k, 0, sizeof k);
    if (key_len > 64)
        sha1_digest(k, key, key_len);
    else if (key_len > 0)
        memcpy(k, key, key_len);
    for (int i = 0; i < 64; i++)
        pad[i] = k[i] ^ 0x36;
    sha1_init(&s);
    sha1_update(&s, pad, 64);
    sha1_update(&s, msg, msg_len);
    sha1_final(&s, inner);
    for (int i = 0; i < 64; i++)
        pad[i] = k[i] ^ 0x5c;
    sha1_init(&s);
    sha1_update(&s, pad, 64);
    sha1_update(&s, inner, 20);
    sha1_final(&s, out);
    ct_wipe(k, sizeof k);
    ct_wipe(pad, sizeof pad);
}

uint32_t totp_code(const uint8_t *key, size_t key_len, uint64_t step, unsigned digits)
{
    static const uint32_t power[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    uint8_t counter[8], hs[20];
    assert(digits >= 6 && digits <= 8);
    bytes_store_be64(counter, step);
    hmac_sha1(hs, key, key_len, counter, 8);
    int offset = hs[19] & 0xf;
    uint32_t bin = (uint32_t)(hs[offset] & 0x7f) << 24 | (uint32_t)hs[offset + 1] << 16 |
                   (uint32_t)hs[offset + 2] << 8 | hs[offset + 3];
    return bin % power[digits];
}

int totp_verify(uint64_t *step, const uint8_t *key, size_t key_len, uint64_t now, uint64_t last_step, uint32_t code)
{
    uint64_t t = now / TOTP_PERIOD;
    for (int i = -1; i <= 1; i++) {
        if (i < 0 && t == 0)
            continue;
        uint64_t s = t + (uint64_t)(int64_t)i;
        if (s <= last_step)
            continue;
        if (totp_code(key, key_len, s, TOTP_DIGITS) == code) {
            *step = s;
            return 0;
        }
    }
    return -1;
}
