/* SPDX-License-Identifier: MIT */
/* Runs one check after the other, each in a process of its own, under the engine of tests/ct/secret.h.
 *
 * Use it:      static void hash(const void *impl)
 *              {
 *                  uint8_t msg[100], digest[32];
 *                  check_secret(msg, sizeof msg);
 *                  ... compute ...
 *                  check_output(digest, sizeof digest);
 *              }
 *              check_run(CHECK_BACKEND, "sha256", "ni", hash, &sha256_ni);
 *
 * Each check runs twice. The first run must be clean, and every byte given to check_output must depend on a secret. In
 * the second, check_output branches on what it is given, and the engine must see that: a check that can't fail, because
 * the engine lost the secrets on the way, does not count.
 */
#ifndef TESTS_CT_CHECK_H
#define TESTS_CT_CHECK_H

#include <stddef.h>

#include "crypto/rng.h"

enum check_kind {
    CHECK_BACKEND, /* each backend that this processor can run must pass under at least one engine */
    CHECK_CODE,    /* must pass wherever it runs */
    CHECK_LEAKY    /* leaks on purpose: must be seen by every engine that it runs under */
};

/* Runs a check and prints "kind TAB stem TAB name TAB result": ok; leaks (a branch or an address depends on a secret);
 * lost (secrets did not reach the output); blind (the planted branch was not seen); died. */
void check_run(enum check_kind kind, const char *stem, const char *name, void (*check)(const void *arg),
               const void *arg);

/* Prints the line without running anything: this engine can't. */
void check_unusable(const char *stem, const char *name);

/* Fills len bytes with something and marks them secret; or leaves them public. */
void check_secret(void *p, size_t len);
void check_fill(void *p, size_t len);

/* What a check has computed from its secrets; it is public afterwards. */
void check_output(void *p, size_t len);

/* Ends the process unless ok: something is wrong that has nothing to do with secrets. */
void check_that(int ok, const char *what);

/* A source whose bytes are all secret. */
void check_rng(struct rng *rng);

/* The checks, by file. */
void check_backends(void);   /* every backend of everything that has some */
void check_primitives(void); /* the rest of crypto/ that does without big numbers */
void check_key_schedule(void);
void check_record(void);
void check_powers(void);  /* bignum's backends */
void check_numbers(void); /* bignum, dh, ring, rsa, pem */
void check_handshake(void);
void check_leaky(void);

/* Prints every backend that this processor can run, by family: "usable TAB stem TAB name". */
void check_list_backends(void);
void check_list_powers(void); /* bignum's */

#endif
