/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-1 of the step, truncated to 31 bits, modulo a power of ten. HMAC-SHA-1 is private to this file: nothing new
 * may come to use it. */
#include "crypto/totp.h"

#include <assert.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/sha1.h"

/* RFC 2104 with SHA-1. */
static void hmac_sha1(uint8_t tag[SHA1_DIGEST_LEN], const uint8_t *key, size_t key_len, const uint8_t *msg,
                      size_t msg_len)
{
    uint8_t K0[SHA1_BLOCK_LEN] = {0};
    struct sha1 s;
    if (key_len > sizeof K0)
        sha1_digest(K0, key, key_len);
    else if (key_len > 0)
        memcpy(K0, key, key_len);
    for (size_t i = 0; i < sizeof K0; i++)
        K0[i] ^= 0x36;
    sha1_init(&s);
    sha1_update(&s, K0, sizeof K0);
    sha1_update(&s, msg, msg_len);
    sha1_final(&s, tag);
    for (size_t i = 0; i < sizeof K0; i++)
        K0[i] ^= 0x36 ^ 0x5c;
    sha1_init(&s);
    sha1_update(&s, K0, sizeof K0);
    sha1_update(&s, tag, SHA1_DIGEST_LEN);
    sha1_final(&s, tag);
    ct_wipe(K0, sizeof K0);
}

/* RFC 4226, 5.3. The offset depends on a secret, and so would the address it selects: all sixteen places are read, and
 * masks keep the one. */
static uint32_t truncate(const uint8_t tag[SHA1_DIGEST_LEN])
{
    uint32_t offset = tag[SHA1_DIGEST_LEN - 1] & 0xf, found = 0;
    for (uint32_t i = 0; i < 16; i++)
        found |= ct_eq(offset, i) & bytes_load_be32(tag + i);
    return found & 0x7fffffff;
}

uint32_t totp_code(const uint8_t *key, size_t key_len, uint64_t step, unsigned digits)
{
    assert(digits >= 6 && digits <= 8);
    uint8_t counter[8], tag[SHA1_DIGEST_LEN];
    bytes_store_be64(counter, step);
    hmac_sha1(tag, key, key_len, counter, sizeof counter);
    uint32_t number = truncate(tag);
    ct_wipe(tag, sizeof tag);
    /* Constant divisors become multiplications; a division takes a time that depends on what is divided. */
    return digits == 6 ? number % 1000000 : digits == 7 ? number % 10000000 : number % 100000000;
}

int totp_verify(uint64_t *step, const uint8_t *key, size_t key_len, uint64_t now, uint64_t last_step, uint32_t code)
{
    uint64_t current = now / TOTP_PERIOD, first = current == 0 ? 0 : current - 1;
    uint32_t found = 0; /* bit n: the code is that of step first + n, and good */
    /* All three steps are computed, whichever matches; only the verdict is branched on. */
    for (uint32_t n = 0; first + n <= current + 1; n++) {
        uint32_t expected = totp_code(key, key_len, first + n, TOTP_DIGITS);
        uint32_t later = first + n > last_step;
        found |= ((uint32_t)ct_equal(&expected, &code, sizeof code) & later) << n;
        ct_wipe(&expected, sizeof expected);
    }
    ct_public(&found, sizeof found); /* the verdict: which step it was is what the caller stores */
    if (found == 0)
        return -1;
    *step = first + ((found & 1) != 0 ? 0 : (found & 2) != 0 ? 1 : 2);
    return 0;
}
