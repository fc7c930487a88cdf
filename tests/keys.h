/* SPDX-License-Identifier: MIT */
/* The keys and certificates that the tests of net/ use: vectors/keys.txt, and what follows from them.
 *
 * Use it:      const struct identity *server = keys_identity("server");
 */
#ifndef TESTS_KEYS_H
#define TESTS_KEYS_H

#include "net/certificate.h"

/* Each certificate here is valid in this second, and for a year around it. */
#define KEYS_NOW UINT64_C(1800000000)

/* "server" (role server, name "chat.example"), "alice", "bob" (role user, their names): a key and a self-signed
 * certificate, its salt from the fixed source seeded with the name. "authority" has only a key. Made once and kept. */
const struct identity *keys_identity(const char *who);

/* Only the key of one of them. */
void keys_private(struct rsa_private *key, const char *who);

#endif
