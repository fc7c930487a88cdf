/* SPDX-License-Identifier: MIT */
/* Whether to believe that the server at the other end is the one that was meant.
 *
 * Standard:    docs/protocol.md section 7. The user's options choose the rule, never what the server shows, and there
 *              is no falling back from one rule to another.
 * Use it:      struct trust t = {.rule = TRUST_KNOWN, .home = home, .server = name};
 *              in SESSION_PEER         trust_decide(&t, conn_peer(&c), time(NULL), why) == 0 ? accept : refuse
 *              after ESTABLISHED       trust_remember(&t, why)      never before: anybody can show a certificate
 * Timing:      nothing secret.
 * Read next:   net/known.h, the file behind TRUST_KNOWN.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/sock.h"
#include "net/why.h"

enum trust_rule {
    TRUST_KNOWN, /* the key it had the last time, or one that this key signed; the first time, any */
    TRUST_PIN,   /* the key with this fingerprint */
    TRUST_CA     /* whatever key this authority certified for this host, now */
};

struct trust {
    enum trust_rule rule;
    struct sock_name server;                  /* as sock_parse reads it */
    const char *home;                         /* the folder of the known-servers file; TRUST_CA doesn't look at it */
    uint8_t pin[CERTIFICATE_FINGERPRINT_LEN]; /* TRUST_PIN */
    bool remember;                            /* TRUST_PIN: the pinned key becomes the one that is known */
    bool again;                               /* TRUST_KNOWN: it was met before, so one that isn't known is refused */
    struct rsa_public authority;              /* TRUST_CA */
    /* What trust_decide found. */
    struct certificate peer;                          /* what the server showed */
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN]; /* of its key */
    bool first_use, renewed, bare;
    uint8_t before[CERTIFICATE_FINGERPRINT_LEN]; /* renewed: of the key that was known, and signed this one */
};

/* 0: believe it. -1: don't, and why is what to tell the user, in one line. now is in Unix seconds. Sets peer and
 * fingerprint in both cases; first_use where the server has never been met; renewed where its key is another than the
 * one that is known, and certified by that one; bare where the key is known and its certificate isn't kept yet. */
MUST_USE int trust_decide(struct trust *t, const struct certificate *peer, uint64_t now, char why[static WHY_LEN]);

/* Writes down what trust_decide found new, and a pinned key that is to be remembered; does nothing otherwise. Only once
 * the server's Finished has opened, because until then it has not shown that it has the key: anybody can show another's
 * certificate. -1 with why where it can't be written; but keeping the certificate of a known key is only tried, as
 * the line holds without. */
MUST_USE int trust_remember(const struct trust *t, char why[static WHY_LEN]);

/* Takes the authority's key from the bytes of a file: a PEM public key, or a certificate (section 7), of which only the
 * key counts. -1: it is neither. */
MUST_USE int trust_authority(struct rsa_public *authority, const uint8_t *file, size_t file_len);

#endif
