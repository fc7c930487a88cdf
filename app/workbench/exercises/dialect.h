/* SPDX-License-Identifier: MIT */
/* What a class's dialect changes: constants that code copied from elsewhere does not have. In this tree each is the
 * standard's, and so nothing here ever finds anything; `make handout DIALECT=FILE` writes others into its copy of this
 * file, of crypto/ and of net/.
 *
 * Use it:      if (dialect_is_fips_sbox(yours, right, 16))
 *                  check_hint(c, DIALECT_SBOX_HINT, "SubBytes", DIALECT_SBOX);
 * Timing:      nothing secret: test values.
 * Read next:   handout/README.md, what such a file says.
 */
#ifndef APP_WORKBENCH_EXERCISES_DIALECT_H
#define APP_WORKBENCH_EXERCISES_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FIPS 197, 5.1.1: the constant of the affine transformation. */
#define DIALECT_SBOX 0x63
/* The prefix of the HKDF labels of the handshake's key schedule. */
#define DIALECT_HKDF "glasschat/1"

#define DIALECT_SBOX_HINT "your %s is FIPS 197's; this class's constant is %02x"
#define DIALECT_H0_HINT "your start values are FIPS 180-4's; this class has its own"
#define DIALECT_HKDF_HINT "your label is glasschat's own; this class's is \"%s\""

/* Whether the len bytes came out of the standard's S-box, where those at right came out of the class's. */
bool dialect_is_fips_sbox(const uint8_t *yours, const uint8_t *right, size_t len);

/* The same of the whole inverse S-box. */
bool dialect_is_fips_inverse(const uint8_t yours[256], const uint8_t right[256]);

/* FIPS 180-4, 5.3.3: the standard's start values of SHA-256, whatever the class's are. */
extern const uint32_t dialect_fips_H0[8];

/* Whether these are the standard's start values of SHA-256, and not the class's at right. */
bool dialect_is_fips_H0(const uint32_t yours[8], const uint32_t right[8]);

/* The label of the standard protocol with that ending, where the class has another; NULL where it has the same. */
const char *dialect_own_label(const char *ending);

#endif
