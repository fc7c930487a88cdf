/* SPDX-License-Identifier: MIT */
/* --backend NAME: one implementation of a primitive instead of the one that is picked.
 *
 * Read next:   cmd_backends.c, which lists them; crypto/aes_impl.h, crypto/sha256_impl.h, crypto/bignum_impl.h.
 */
#ifndef APP_WORKBENCH_PRIMITIVES_BACKEND_H
#define APP_WORKBENCH_PRIMITIVES_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/aes_impl.h"
#include "crypto/bignum_impl.h"
#include "crypto/sha256_impl.h"

/* The backend of that name; NULL (no --backend given) gives NULL. An unknown name ends the program with status 2, one
 * that this processor can't run with status 1. */
const struct aes_impl *backend_aes(const char *name, const char *usage);
const struct sha256_impl *backend_sha256(const char *name, const char *usage);
const struct bignum_impl *backend_bignum(const char *name, const char *usage); /* NULL gives the one that is picked */

/* A key or a hash on that backend; NULL is the one that is picked. */
void backend_aes_key_init(struct aes_key *k, const struct aes_impl *impl, const uint8_t *key, size_t key_len);
void backend_sha256_init(struct sha256 *s, const struct sha256_impl *impl);

#endif
