/* SPDX-License-Identifier: MIT */
/* DATA, the server's folder: DATA/lock, DATA/server.key, DATA/server.certificate, DATA/storage.key, DATA/accounts,
 * DATA/delays, DATA/codes; and while the key is being renewed DATA/server.certificate.renewed.
 *
 * Use it:      char why[WHY_LEN];
 *              if (datadir_open(&d, "./glasschat-data", why) != 0) ...              one line that says what to do
 *              if (datadir_identity(&d, &identity, host, now, &rng, why) != 0) ...
 * Read next:   app/server/store/datadir.c; app/server/store/accounts.h.
 */
#ifndef APP_SERVER_STORE_DATADIR_H
#define APP_SERVER_STORE_DATADIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/server/store/totp_seal.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/why.h"

struct datadir {
    int fd;      /* the folder; files are opened relative to it, so that a folder swapped meanwhile changes nothing */
    int lock_fd; /* holds DATA/lock */
    char path[256];
};

/* Opens the folder, making it (mode 0700) where there is none, and locks it against a second server; the lock ends with
 * the process, however that ends. -1 with one line in why where it is no folder, or a link to one, is not owned by
 * this user, can be entered or read by others, or is locked. */
MUST_USE int datadir_open(struct datadir *d, const char *path, char why[static WHY_LEN]);

/* The folder alone, made where it is missing if make says so: its descriptor, or -1 with errno, ENOTDIR or ELOOP
 * where it is no folder or a link, whatever slashes and dots come after its name. */
MUST_USE int datadir_open_folder(const char *path, bool make);

/* Loads DATA/server.key and DATA/server.certificate. Where there is neither, makes a key and writes it (mode 0600, as
 * net/file.h replaces files), which takes a second or so. Where there is a key and no certificate, makes a self-signed
 * one, name = host, valid for ten years; a certificate signed by an authority (`glass key certify`) can be put in its
 * place. A renewal that was cut off is finished, or what it left is removed. -1 with one line in why where a file is
 * damaged, open to others, or the two do not belong together, or the key alone is missing; nothing is then overwritten.
 */
MUST_USE int datadir_identity(struct datadir *d, struct identity *identity, const char *host, uint64_t now,
                              struct rng *rng, char why[static WHY_LEN]);

/* Replaces DATA/server.key by a new key, with a certificate signed by the old key, with the old one's name, valid for
 * ten years. The old key is overwritten. Whenever it is cut off, datadir_identity finds the old key with its
 * certificate or the new one with its own. *fresh is the new one, before the old one's fingerprint; host is for a
 * folder that has a key and no certificate. -1 with one line in why: there is no key to renew, or it failed, and even
 * then one of the two pairs is there. */
MUST_USE int datadir_renew(struct datadir *d, struct identity *fresh, uint8_t before[CERTIFICATE_FINGERPRINT_LEN],
                           const char *host, uint64_t now, struct rng *rng, char why[static WHY_LEN]);

/* Loads DATA/storage.key, 64 hex digits and a line end. Where there is none, makes one (mode 0600, as above), unless
 * something is sealed under the one that is missing: then, and where the file is damaged or open to others, -1 with one
 * line in why. */
MUST_USE int datadir_storage_key(struct datadir *d, struct totp_seal_key *key, bool something_sealed, struct rng *rng,
                                 char why[static WHY_LEN]);

/* Reads a file of at most max bytes into *text, to be freed by the caller. 1 where there is none, -1 with one line in
 * why where it can't be used; *text is then left as it is. */
MUST_USE int datadir_load(const struct datadir *d, const char *file, char **text, size_t *len, size_t max,
                          char why[static WHY_LEN]);

/* Writes a file whole, or leaves what was there, as net/file.h says. Mode 0600. May be called on any thread, for one
 * file by one at a time. -1 with one line in why. */
MUST_USE int datadir_save(const struct datadir *d, const char *file, const void *data, size_t len,
                          char why[static WHY_LEN]);

/* -1, and the line in why that says this of a file. */
int datadir_fail(char why[WHY_LEN], const struct datadir *d, const char *file, const char *what);

void datadir_close(struct datadir *d);

#endif
