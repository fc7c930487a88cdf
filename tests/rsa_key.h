/* SPDX-License-Identifier: MIT */
/* The two fixed RSA keys of vectors/rsa.txt, for tests that can't wait for a fresh one. */
#ifndef TESTS_RSA_KEY_H
#define TESTS_RSA_KEY_H

#include "crypto/rsa.h"

/* Key number which, 1 or 2. */
void rsa_key(struct rsa_private *key, int which);

#endif
