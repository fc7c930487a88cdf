/* SPDX-License-Identifier: MIT */
/* The backends of PBKDF2's chain: one that only uses the public calls of sha256, and one that keeps everything in
 * registers.
 *
 * Standard:    as crypto/pbkdf2.h.
 * Use it:      pbkdf2_derive_with(&pbkdf2_portable, out, out_len, password, password_len, salt, salt_len, iterations);
 *              Only for pbkdf2 itself, its tests and the workbench; everybody else calls crypto/pbkdf2.h.
 * Timing:      as crypto/pbkdf2.h.
 * Read next:   crypto/pbkdf2_ni.c; crypto/pbkdf2_many_impl.h, many chains side by side.
 */
#ifndef CRYPTO_PBKDF2_IMPL_H
#define CRYPTO_PBKDF2_IMPL_H

#include <stdbool.h>

#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"

struct pbkdf2_impl {
    const char *name;

    /* Whether this processor can run it: 1 or 0. */
    bool (*usable)(void);

    /* T is U_1, as words: replaces it by U_1 ^ ... ^ U_c, each U the HMAC under P of the one before it. c at least
     * 1. */
    void (*chain)(uint32_t T[8], const struct hmac_key *P, uint32_t c);
};

/* All of them, fastest first, NULL after the last; pbkdf2_portable is the last and runs everywhere. */
extern const struct pbkdf2_impl *const pbkdf2_impls[];

extern const struct pbkdf2_impl pbkdf2_ni, pbkdf2_portable;

/* As pbkdf2_derive, with a backend of the caller's choice, which must be usable. */
void pbkdf2_derive_with(const struct pbkdf2_impl *impl, uint8_t *out, size_t out_len, const uint8_t *password,
                        size_t password_len, const uint8_t *salt, size_t salt_len, uint32_t iterations);

#endif
