/* SPDX-License-Identifier: MIT */
/* The random generator: the kernel's, and a buffer in front of it for what is drawn often.
 *
 * Standard:    none for the whole; getrandom(2) of Linux, getentropy of POSIX.1-2024, AES-256 (FIPS 197) in counter
 *              mode (SP 800-38A 6.5), used as "fast key erasure" (D. J. Bernstein, 2017).
 * Use it:      struct rng rng;                      one a thread: it has no lock
 *              rng_init(&rng);
 *              rng_key(&rng, secret, sizeof secret);        drawn seldom: keys, exponents, what is kept on disk
 *              rng_fill(&rng, iv, sizeof iv);               drawn often: IVs, client_random, PSS salts, blinding
 *              rng_wipe(&rng);
 * Timing:      depends on len, and on how much was drawn before.
 * Read next:   crypto/rng.c; app/workbench/rng_fixed.h, the source that always says the same, for known answers.
 */
#ifndef CRYPTO_RNG_H
#define CRYPTO_RNG_H

#include <stddef.h>
#include <stdint.h>

#define RNG_KEY_LEN 32
#define RNG_BUFFER_LEN 992 /* with the key 1,024 bytes: 64 blocks at a time */

/* A source of another kind (only tests and the workbench have one) sets `source`, and may use the other fields as its
 * own. */
struct rng {
    void (*source)(struct rng *rng, uint8_t *out, size_t len); /* NULL: the system */
    uint8_t key[RNG_KEY_LEN];
    uint8_t buffer[RNG_BUFFER_LEN]; /* what has been served is zero */
    size_t used;                    /* bytes of buffer that have been served */
    uint64_t refills;               /* since the key last took something from the kernel */
    unsigned long generation;       /* of the process that may serve from buffer: see rng.c on fork */
};

/* Nothing below reports failure: a machine whose kernel gives no randomness can't do anything safely, so the process
 * writes one line to stderr and aborts. */

/* The system's source. A struct rng that was not initialised must not be used. */
void rng_init(struct rng *rng);

/* len bytes straight from the kernel. */
void rng_key(struct rng *rng, uint8_t *out, size_t len);

/* len bytes through the buffer: no system call for most draws, and as good as the kernel's to anybody who can't read
 * this process's memory. What was served can't be found again from what remains. A forked child and its parent never
 * get the same bytes. */
void rng_fill(struct rng *rng, uint8_t *out, size_t len);

/* Overwrites everything; rng_init makes it usable again. */
void rng_wipe(struct rng *rng);

/* The kernel's bytes, whoever asks; the rest of crypto/ goes through a struct rng. Defined in rng_system_linux.c, or in
 * rng_system_posix.c where Linux's own calls are not there or not wanted (GLASSCHAT_PORTABLE). */
void rng_system(uint8_t *out, size_t len);

#endif
