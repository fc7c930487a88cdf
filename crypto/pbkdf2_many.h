/* SPDX-License-Identifier: MIT */
/* PBKDF2-HMAC-SHA-256 of many passwords at once, each with its own salt and number of iterations.
 *
 * Standard:    as crypto/pbkdf2.h.
 * Use it:      struct pbkdf2_one one[2] = {{a, p, p_len, s, 16, 600000}, {.out = b, ...}};
 *              pbkdf2_derive_many(one, 2, 0);
 * Timing:      depends on the number, on the lengths and on the iterations, not on the passwords' bytes. Those of one
 *              batch end together, whatever the iterations of each.
 * Read next:   crypto/pbkdf2_many.c; app/server/store/verifier.h, which checks the logins that wait.
 *
 * A single password's chain can't be hurried: each hash waits for the one before it. The chains of several passwords
 * don't wait for each other, so 16 of them take hardly longer than three or four one after the other. An attacker who
 * guesses passwords does just this, with a whole list of them: it's only fair that the server does too.
 */
#ifndef CRYPTO_PBKDF2_MANY_H
#define CRYPTO_PBKDF2_MANY_H

#include <stddef.h>
#include <stdint.h>

#define PBKDF2_ONE_LEN 32 /* what one password comes to: a whole block of output, no more, no less */

struct pbkdf2_one {
    uint8_t *out; /* PBKDF2_ONE_LEN bytes, which must not overlap an input */
    const uint8_t *password;
    size_t password_len;
    const uint8_t *salt;
    size_t salt_len;
    uint32_t iterations; /* at least 1 (asserted) */
};

/* From how many on a batch is faster than one after the other; 0 where it never is. Measured at the first call, which
 * takes some milliseconds, and then the same. */
size_t pbkdf2_many_least(void);

/* As pbkdf2_derive(one[j].out, 32, ...) for each of the n (0 and more than 16 too; 16 at a time fill the registers). A
 * chain that has come to its end goes on for nothing while others of its batch do, and so does each that has fewer than
 * least iterations, up to that number: whoever waits for the answers can't tell which chain was short. */
void pbkdf2_derive_many(const struct pbkdf2_one one[], size_t n, uint32_t least);

#endif
