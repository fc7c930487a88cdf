/* The known-servers file: which key each server had when it was first met.
 *
 *      # one line a server: HOST:PORT as it was typed, a space, the fingerprint of its key
 *      127.0.0.1:7447 SHA256:rIu0mp3TqLMX2lvBtAxDlSyKOM0bWnUt0cl9fxKCGyg=
 *
 * Standard:    docs/protocol.md section 7. Lines that are empty or start with # are left as they are.
 * Use it:      switch (known_find(home, "example.org:7447", fp, why)) {
 *              case KNOWN_FOUND:   the server must show this key
 *              case KNOWN_ABSENT:  it is new: once it has proved its key, known_add(home, "example.org:7447", fp, why)
 *              case KNOWN_FAILED:  why is one line for the user; nothing was changed
 *              }
 * Timing:      nothing secret.
 * Read next:   net/trust.h, the only caller.
 *
 * The folder is made with mode 0700 and the file with 0600 where they are missing; if others could write to them, or
 * they are somebody else's, they are refused, since whoever can change them can be any server. A line that is wrong
 * makes the whole file refused, with its number, and so does a link in the file's place, which may lead to nothing: a
 * pin that can't be read must not become a first use. Changes are
 * written beside, synced and renamed, under a lock, so that two clients never lose each other's pins and a crash leaves
 * the old file or the new one.
 */
#ifndef NET_KNOWN_H
#define NET_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "net/certificate.h"

#define KNOWN_FILE "known-servers"
#define KNOWN_FILE_MAX (1024 * 1024) /* bytes: some ten thousand servers */
#define KNOWN_WHY_LEN 512

enum known_result { KNOWN_FOUND, KNOWN_ABSENT, KNOWN_FAILED };

/* Looks server up in home's file. server has no spaces and no control characters (asserted). fp is set only where it is
 * found. */
enum known_result known_find(const char *home, const char *server, uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN],
                             char why[static KNOWN_WHY_LEN]);

/* Adds server. -1 with why where that failed, or where it got another fingerprint meanwhile: nothing is overwritten. */
__attribute__((warn_unused_result))
int known_add(const char *home, const char *server, const uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN],
              char why[static KNOWN_WHY_LEN]);

/* The reading itself, of a whole file's bytes. KNOWN_FAILED: *line is the number of the first wrong one. A server that
 * stands there twice is wrong too. */
enum known_result known_search(const char *text, size_t text_len, const char *server,
                               uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], size_t *line);

#endif
