/* SPDX-License-Identifier: MIT */
/* Key files (PEM) for the commands of `glass`.
 *
 * Read next:   crypto/pem.h, the formats.
 */
#ifndef APP_WORKBENCH_PRIMITIVES_KEYFILE_H
#define APP_WORKBENCH_PRIMITIVES_KEYFILE_H

#include <stdbool.h>

#include "crypto/rsa.h"
#include "net/certificate.h"

/* Reads a private key; password_file is NULL where none was given. Whatever is wrong ends the program with status 1.
 * The caller wipes the key. */
void keyfile_private(struct rsa_private *key, const char *name, const char *password_file);

/* Reads a public key, or the public half of a private one that is not encrypted; returns whether it was a private
 * one's. */
bool keyfile_public(struct rsa_public *pub, const char *name);

/* Makes a key and writes it to a new file, sealed under the first line of password_file unless that is NULL; pub is its
 * public half. */
void keyfile_make(struct rsa_public *pub, const char *name, const char *password_file);

/* Prints a label and a fingerprint; or a key's fingerprint and, in PEM, its public half. */
void keyfile_print_fingerprint(const char *label, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN]);
void keyfile_print(const struct rsa_public *pub);

#endif
