/* SPDX-License-Identifier: MIT */
/* The thief's side of a stolen password file: candidates are hashed, as many at once as this processor can, until one
 * of them comes to the stored digest.
 *
 * Standard:    none. Two ways to store a password: SHA-256(salt || password), and PBKDF2-HMAC-SHA-256.
 * Use it:      struct guess g = {.salt = {...}, .iterations = 1000};
 *              guess_digest(&g, g.digest, "abcdefgh");                what the server stored
 *              uint64_t n;
 *              if (guess_range(&g, 0, 1 << 20, &n)) { guess_password(text, n); puts(text); }
 * Read next:   crypto/sha256_many.h, crypto/pbkdf2_many.h: what does the work; app/workbench/bench/bench_attack.c.
 */
#ifndef APP_WORKBENCH_BENCH_GUESS_H
#define APP_WORKBENCH_BENCH_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#define GUESS_LEN 8                             /* letters of a candidate */
#define GUESS_CANDIDATES UINT64_C(208827064576) /* 26^8 */
#define GUESS_SALT_LEN 16
#define GUESS_DIGEST_LEN 32
#define GUESS_BATCH 16 /* candidates that are hashed side by side */

struct guess {
    uint8_t salt[GUESS_SALT_LEN];
    uint8_t digest[GUESS_DIGEST_LEN]; /* what is looked for */
    uint32_t iterations;              /* of PBKDF2; 0: SHA-256 of the salt and the password */
};

/* Candidate number n, below GUESS_CANDIDATES: n in base 26, a for 0, and a zero after it. For tests: what an attack
 * costs does not depend on which candidate was right. */
void guess_password(char password[static GUESS_LEN + 1], uint64_t n);

/* The defender's side: the digest of one password of GUESS_LEN bytes. */
void guess_digest(const struct guess *g, uint8_t digest[static GUESS_DIGEST_LEN], const char *password);

/* Tries the candidates first to first + count - 1, both multiples of GUESS_BATCH (asserted), and stops after the batch
 * in which one was right: then *n is its number. */
bool guess_range(const struct guess *g, uint64_t first, uint64_t count, uint64_t *n);

#endif
