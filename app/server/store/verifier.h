/* SPDX-License-Identifier: MIT */
/* How a password is kept: PBKDF2-HMAC-SHA-256, its salt and its iterations.
 *
 * Standard:    RFC 8018, section 5.2.
 * Use it:      on a worker (slow):  verifier_make(&v, password, len, iterations, rng);  verifier_check(&v, ...)
 * Timing:      verifier_check takes the same for a right and for a wrong password, and for an account that does not
 *              exist when it is given verifier_dummy's hash.
 * Read next:   crypto/pbkdf2.h.
 */
#ifndef APP_SERVER_STORE_VERIFIER_H
#define APP_SERVER_STORE_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/rng.h"

#define VERIFIER_SALT_LEN 16
#define VERIFIER_HASH_LEN 32
#define VERIFIER_ITERATIONS 600000 /* the default */
#define VERIFIER_ITERATIONS_MAX 100000000
#define VERIFIER_MANY_MAX 16

struct verifier {
    uint32_t iterations;
    uint8_t salt[VERIFIER_SALT_LEN];
    uint8_t hash[VERIFIER_HASH_LEN];
};

/* Draws a salt and hashes. The caller wipes the password. */
void verifier_make(struct verifier *v, const uint8_t *password, size_t len, uint32_t iterations, struct rng *rng);

/* One of several to be made. */
struct verifier_new {
    struct verifier *v;
    const uint8_t *password;
    size_t len;
};

/* The same for n at once (1 to VERIFIER_MANY_MAX; asserted), which is faster where the processor can. */
void verifier_make_many(const struct verifier_new news[], size_t n, uint32_t iterations, struct rng *rng);

/* As text: the iterations, the salt and the hash in base64, with a colon between two. */
#define VERIFIER_TEXT_MAX 90
void verifier_encode(char text[VERIFIER_TEXT_MAX], const struct verifier *v);

/* -1 for anything that verifier_encode can't have written; v is then left as it was. */
MUST_USE int verifier_decode(struct verifier *v, const char *text);

/* True where the password is the one. */
bool verifier_check(const struct verifier *v, const uint8_t *password, size_t len);

/* One of several checks. */
struct verifier_try {
    const struct verifier *v;
    const uint8_t *password;
    size_t len;
    bool right; /* out: as verifier_check */
};

/* From how many on checks at once are faster on this processor than one after the other; 0: never. */
size_t verifier_many_least(void);

/* n checks (1 to VERIFIER_MANY_MAX; asserted) at once. All take the time of the costliest, and at least that of so many
 * iterations, whatever the results are. */
void verifier_check_many(struct verifier_try tries[], size_t n, uint32_t iterations);

/* Does, without using the result, the work by which checking v falls short of so many iterations: else the time taken
 * would reveal an account whose hash is older than the default. */
void verifier_even_out(const struct verifier *v, const uint8_t *password, size_t len, uint32_t iterations);

/* What to check against for a name that does not exist: no password fits, and checking costs the same. */
void verifier_dummy(struct verifier *v, uint32_t iterations, struct rng *rng);

#endif
