/* SPDX-License-Identifier: MIT */
/* What `glass rsa sign --explain` and `glass rsa verify --explain` show: EMSA-PSS step by step, as the signer makes EM
 * and as the verifier takes it apart.
 *
 * Standard:    RFC 8017 sections 8.1 (RSASSA-PSS), 9.1.1 and 9.1.2 (EMSA-PSS), B.2.1 (MGF1); steps have its numbers.
 * Use it:      explain_rsa_sign(stdout, &pub, msg, msg_len, sig, &files);
 *              if (explain_rsa_verify(stdout, &pub, msg, msg_len, sig, sig_len, &files) != 0) ...      refused
 * Timing:      nothing secret goes in: not the private key, nor the salt, which anybody finds again in the signature.
 * Read next:   crypto/rsa.c, the same in a few lines.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_RSA_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_RSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crypto/rsa.h"

/* The files that the commands of openssl are given. A name that no line can show leaves its commands out. */
struct explain_rsa_files {
    const char *key;      /* "-" is standard input, which can't be read again: no commands */
    bool private;         /* it holds a private key, as openssl wants to be told */
    const char *password; /* the file of a sealed key's password; NULL where there is none */
    const char *message;  /* NULL or "-": standard input */
};

/* Explains a signature that has just been made with pub's private half: it is good (asserted). */
void explain_rsa_sign(FILE *to, const struct rsa_public *pub, const void *msg, size_t msg_len,
                      const uint8_t sig[static RSA_SIGNATURE_LEN], const struct explain_rsa_files *files);

/* Explains how a signature of any length is verified. Returns 0, or -1 where it is refused: then the step that refuses
 * it, the first one of the RFC that does, is the last thing shown. It is what rsa_pss_verify says (asserted). */
MUST_USE int explain_rsa_verify(FILE *to, const struct rsa_public *pub, const void *msg, size_t msg_len,
                                const uint8_t *sig, size_t sig_len, const struct explain_rsa_files *files);

#endif
