/* SPDX-License-Identifier: MIT */
/* The safety number of two users: 60 digits that are the same on both screens if, and only if, each has the other's
 * key. Compared in another way than the chat's, they show that nobody stands in between.
 *
 *      alice, bob ->   76836 39364 35367 42114 07354 94977
 *                      05108 66620 12931 06112 94649 39359
 *
 *      P   = <u8> name | [32] fingerprint, of both users, the lower name first
 *      dk  = PBKDF2-HMAC-SHA-256(P, "glasschat/1 safety", 100000, 60)
 *      a group is five bytes of dk, a big-endian number modulo 100,000
 *
 * Standard:    docs/protocol.md section 8.7.
 * Use it:      char number[SAFETY_LEN], shown[SAFETY_SHOWN_LEN];
 *              safety_number(number, "alice", alice, "bob", bob);
 *              safety_print(shown, number, 0, 6), then safety_print(shown, number, 6, 6): two lines
 *              if (safety_equal(number, typed)) ...
 * Timing:      some 200,000 computations of HMAC: as long as a third of a login. Nothing here is secret.
 * Read next:   peers.h, which keeps that two keys were compared.
 *
 * It takes long on purpose. Whoever wants to stand in between unnoticed needs two keys of its own whose numbers are the
 * right ones at each side, and RSA keys are cheap to vary: k primes give k*k/2 of them, each to be tried. 60 digits are
 * out of reach. People who compare two groups of the twelve have compared nothing.
 */
#ifndef APP_PEER_SAFETY_H
#define APP_PEER_SAFETY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/certificate.h"

#define SAFETY_GROUPS 12
#define SAFETY_GROUP_LEN 5                                        /* digits */
#define SAFETY_LEN (SAFETY_GROUPS * SAFETY_GROUP_LEN + 1)         /* with its NUL */
#define SAFETY_SHOWN_LEN (SAFETY_GROUPS * (SAFETY_GROUP_LEN + 1)) /* with blanks between the groups, and a NUL */

/* Both names are valid, and they are two (asserted): a user has no number with itself. */
void safety_number(char out[static SAFETY_LEN], const char *name_a,
                   const uint8_t fingerprint_a[static CERTIFICATE_FINGERPRINT_LEN], const char *name_b,
                   const uint8_t fingerprint_b[static CERTIFICATE_FINGERPRINT_LEN]);

/* Writes count groups of a number from group first on, a blank between two. Both are within the number (asserted). */
void safety_print(char out[static SAFETY_SHOWN_LEN], const char number[static SAFETY_LEN], size_t first, size_t count);

/* Whether what was typed is this number: blanks, tabs and line ends in it are passed over, wherever they are; anything
 * else but the 60 digits is a mismatch. */
bool safety_equal(const char number[static SAFETY_LEN], const char *typed);

#endif
