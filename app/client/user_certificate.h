/* SPDX-License-Identifier: MIT */
/* A user's certificate: the file that holds one, and whether it is what it says.
 *
 * Standard:    docs/protocol.md sections 7.1 to 7.3.
 * Use it:      struct certificate c;
 *              if (user_certificate_read(&c, path, path, why) != 0 ||
 *                  user_certificate_check(&c, name, now, NULL, NULL, why) != 0) ... say why
 * Timing:      certificates are public. What a file holds that is none is wiped and never shown: it may be a key.
 * Read next:   net/certificate.h; settings.c, which registers one's own and fetches those of others.
 */
#ifndef APP_CLIENT_USER_CERTIFICATE_H
#define APP_CLIENT_USER_CERTIFICATE_H

#include <stdint.h>

#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/why.h"

/* Reads a regular file, as `glass key certify` writes it. -1 with one line in why, which calls the file as shown says
 * and shows nothing of what it holds. Decides nothing about the certificate but its layout. */
MUST_USE int user_certificate_read(struct certificate *c, const char *path, const char *shown,
                                   char why[static WHY_LEN]);

/* 0 where c is the certificate of a user of this name, now (Unix seconds) is inside its validity, and it is signed: by
 * its own key; by authority (NULL: there is none); or, where it is of the key own (NULL: of no key of ours), by
 * anybody: whom, those check who are shown it. -1 with a clause in why whose subject is the certificate: "it expired on
 * ...". It says nothing of who has the key: whoever carries certificates, as a server does, can make one for any
 * name. */
MUST_USE int user_certificate_check(const struct certificate *c, const char *name, uint64_t now,
                                    const struct rsa_public *own, const struct rsa_public *authority,
                                    char why[static WHY_LEN]);

#endif
