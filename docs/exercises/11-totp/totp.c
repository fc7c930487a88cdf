/* SPDX-License-Identifier: MIT */
/* TOTP: HMAC-SHA-1 of the step, truncated.
 *
 * Standard:    RFC 4226 sections 5.2 and 5.3, RFC 6238.
 * The contract of each function stands in crypto/totp.h; docs/exercises/11-totp/README.md is its page. */
#include "crypto/totp.h"

#include "crypto/ct.h"
#include "crypto/sha1.h"

uint32_t totp_code(const uint8_t *key, size_t key_len, uint64_t step, unsigned digits)
{
    /* TODO: HMAC-SHA-1 of the step's eight bytes, the offset, the four bytes there, the remainder */
    (void)key;
    (void)key_len;
    (void)step;
    (void)digits;
    return 0;
}

int totp_verify(uint64_t *step, const uint8_t *key, size_t key_len, uint64_t now, uint64_t last_step, uint32_t code)
{
    /* TODO: three steps around now / TOTP_PERIOD, each of them later than last_step, or not good */
    (void)step;
    (void)key;
    (void)key_len;
    (void)now;
    (void)last_step;
    (void)code;
    return -1;
}
