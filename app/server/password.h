/* How a password is kept: PBKDF2-HMAC-SHA-256, its salt and its iterations.
 *
 * Standard:    RFC 8018, section 5.2.
 * Use it:      on a worker, it takes long:  password_hash(&h, password, len, iterations, rng);  password_check(&h, ...)
 * Timing:      password_check takes the same for a right and for a wrong password, and for an account that does not
 *              exist when it is given password_dummy's hash.
 * Read next:   crypto/pbkdf2.h.
 */
#ifndef SERVER_PASSWORD_H
#define SERVER_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/rng.h"

#define PASSWORD_SALT_LEN 16
#define PASSWORD_HASH_LEN 32
#define PASSWORD_ITERATIONS 600000 /* the default */
#define PASSWORD_ITERATIONS_MAX 100000000

struct password_hash {
    uint32_t iterations;
    uint8_t salt[PASSWORD_SALT_LEN];
    uint8_t hash[PASSWORD_HASH_LEN];
};

/* Draws a salt and hashes. The caller wipes the password. */
void password_make(struct password_hash *h, const uint8_t *password, size_t len, uint32_t iterations, struct rng *rng);

/* 1 where the password is the one, else 0. */
int password_check(const struct password_hash *h, const uint8_t *password, size_t len);

/* What to check against for a name that does not exist: no password fits, and checking costs the same. */
void password_dummy(struct password_hash *h, uint32_t iterations, struct rng *rng);

#endif
