/* SPDX-License-Identifier: MIT */
/* The known-servers file: which key each server had when it was last met.
 *
 *      # one line a server: HOST:PORT, the fingerprint of its key, its certificate in base64
 *      127.0.0.1:7447 SHA256:rIu0mp3TqLMX2lvBtAxDlSyKOM0bWnUt0cl9fxKCGyg= AQEJMTI3LjAuMC4x...
 *
 * Standard:    docs/protocol.md section 7. Lines that are empty or start with # are left as they are; each line may end
 *              in CR LF, as some editors write it, and have more blanks than one between its words, or around them. A
 *              line of version 1.0 has no certificate, and HOST:PORT as it was typed: each is compared as net/sock.h
 *              folds it, so that a line holds for its server however the server is spelled there.
 * Use it:      switch (known_find(home, "example.org:7447", &k, why)) {
 *              case KNOWN_FOUND:     the server must show the key k.fp, or a certificate that this key signed
 *              case KNOWN_ABSENT:    it is new: once it has proved its key, known_add(home, "example.org:7447", c, why)
 *              case KNOWN_DISAGREES:
 *              case KNOWN_FAILED:    why is one line for the user; nothing was changed
 *              }
 * Timing:      nothing secret.
 * Read next:   net/trust.h, the only caller; net/home.h, what it does to the folder.
 *
 * The folder is made with mode 0700 and the file with 0600 where they are missing; if others could write to them, or
 * they are somebody else's, they are refused, since whoever can change them can be any server. A line that is wrong
 * makes the whole file refused, with its number, and so does a link in the file's place, which may lead to nothing: a
 * pin that can't be read must not become a first use. Changes are written beside, synced and renamed, under a lock, so
 * that two clients never lose each other's pins and a crash leaves the old file or the new one. Each holds the lock for
 * that alone, some milliseconds: so whoever has waited for it for HOME_LOCK_SECONDS gives up, and says so.
 */
#ifndef NET_KNOWN_H
#define NET_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/why.h"

#define KNOWN_FILE "known-servers"
#define KNOWN_FILE_MAX (4 * 1024 * 1024) /* bytes: some three thousand servers */

enum known_result {
    KNOWN_FOUND,
    KNOWN_ABSENT,
    KNOWN_DISAGREES, /* two lines are this server's, and name different keys */
    KNOWN_FAILED
};

struct known_server {
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    bool has_certificate; /* its line has one; a line of version 1.0 has none */
    struct certificate certificate;
};

/* Looks server up in home's file. server is what sock_print writes of a name that sock_parse read (that it fits a line
 * is asserted). *k is set only where it is found. why is set for KNOWN_DISAGREES and KNOWN_FAILED. */
enum known_result known_find(const char *home, const char *server, struct known_server *k, char why[static WHY_LEN]);

/* Adds server with its certificate. -1 with why where that failed, or where it got another key meanwhile: nothing is
 * overwritten. */
MUST_USE int known_add(const char *home, const char *server, const struct certificate *c, char why[static WHY_LEN]);

/* Puts the certificate in the place of the key from, which may be its own: then a line of version 1.0 gets the
 * certificate. All the lines of that server become one; every other line stays as it is, byte for byte. -1 with why
 * where that failed, or where another key than from is there by now. */
MUST_USE int known_replace(const char *home, const char *server, const uint8_t from[static CERTIFICATE_FINGERPRINT_LEN],
                           const struct certificate *c, char why[static WHY_LEN]);

/* The same in the place of whatever is remembered, even lines that disagree: for somebody who has compared the
 * fingerprint. */
MUST_USE int known_set(const char *home, const char *server, const struct certificate *c, char why[static WHY_LEN]);

/* Line numbers, from 1; other is 0 where there is one alone. */
struct known_lines {
    size_t first, other;
};

/* The reading itself, of a whole file's bytes; this and the next one are public for tests and for the fuzzer.
 * KNOWN_FAILED: at->first is the first wrong line; a server that stands there twice in the same spelling is wrong too,
 * as no program writes that. KNOWN_DISAGREES: at has the two lines. */
enum known_result known_search(const char *text, size_t text_len, const char *server, struct known_server *k,
                               struct known_lines *at);

/* The changing itself: a whole file's bytes with the server's line added or changed, malloc'd; NULL: no memory. */
char *known_rewrite(const char *text, size_t text_len, const char *server, const struct certificate *c, size_t *len);

#endif
