/* SPDX-License-Identifier: MIT */
/* Who a user is to other users, on disk: a key, sealed under a password, and the certificate to show for it.
 *
 *      HOME/identities/alice@chat.example:7447.key           PKCS#8 sealed by PBES2
 *      HOME/identities/alice@chat.example:7447.key.next      the same key under another password; rarely there
 *      HOME/identities/alice@chat.example:7447.certificate   its bytes (docs/protocol.md section 7.5)
 *      HOME/identities/alice@chat.example:7447.lock          empty
 *
 * Where the server's name is long, or has a character that file systems or shells take for something else, its SHA-256
 * in hex stands in its place.
 *
 * Standard:    docs/protocol.md sections 7.5 and 8.1.
 * Use it:      struct identity_files f;
 *              identity_files_init(&f, home, "chat.example:7447", "alice");
 *              a new account:      identity_create(&id, "alice", now, &rng), identity_save(&f, &id, secret, ...)
 *              a login:            identity_load(&f, &id, secret, ...); once it has succeeded
 *                                  identity_settle(&f, f.opened, why)
 *              another password:   identity_save_next(&f, &id, new secret, ...), then ask the server; its ok:
 *                                  identity_settle(&f, IDENTITY_NEXT, why), its refusal: the same with
 *                                  IDENTITY_FIRST
 *              /identity new:      identity_create, identity_replace
 *              ... identity_wipe(&id), identity_files_close(&f)
 * Timing:      opening takes as long as a login's hash, and twice that where there are two copies. Whether a password
 *              was right, and which copy opened, may show.
 * Read next:   net/home.h, what is done to the folder; crypto/pem.h, the key's form; net/certificate.h;
 *              app/client/own_identity.h, which does this beside a chat.
 *
 * What becomes of a crash. Whichever copy opens is taken only if its key is the certificate's, and each step replaces
 * one file whole: so there is always one copy under the password that the server knows, whether it has taken the new
 * one or not; and a new identity is there from the moment when its certificate is, and the old one until then.
 *
 * Two clients at once. From identity_load to identity_settle, and from identity_save_next to identity_settle, the lock
 * is held: meanwhile another client of the same account changes nothing, and removes no copy that is still needed.
 */
#ifndef APP_PEER_IDENTITY_H
#define APP_PEER_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/why.h"

#define IDENTITY_FOLDER "identities"
#define IDENTITY_ITERATIONS 600000 /* as for the passwords of accounts, which these are */
#define IDENTITY_DAYS 3653         /* ten years: only an authority's dates ever count */

/* Whether there is an identity that can be used. */
enum identity_result {
    IDENTITY_OK,
    IDENTITY_NONE,           /* no key is kept here for this account */
    IDENTITY_WRONG_PASSWORD, /* there is one, under another password; a damaged file can look the same */
    IDENTITY_DAMAGED         /* or can't be read */
};

/* The two files that a key can be in. */
enum identity_copy { IDENTITY_FIRST, IDENTITY_NEXT };

#define IDENTITY_NAME_LEN 128 /* of what the names of an account's files begin with, its NUL too */

/* One account's files. Its user sets nothing but, in tests, iterations. */
struct identity_files {
    const char *home, *user;
    char name[IDENTITY_NAME_LEN];
    enum identity_copy opened; /* what identity_load opened, while it is that copy */
    int lock;                  /* -1: not held */
    uint32_t iterations;       /* of PBKDF2, what one guess costs */
};

/* home, the client's folder, and user are kept, and must stay; server is what sock_print writes of a name that
 * sock_parse read. Both names are valid (asserted). Opens nothing. close lets go of the lock. */
void identity_files_init(struct identity_files *f, const char *home, const char *server, const char *user);
void identity_files_close(struct identity_files *f);

/* A new key, which takes a second or so, and a certificate that it signs itself, valid from now on. -1: this machine
 * computes wrongly. */
MUST_USE int identity_create(struct identity *id, const char *user, uint64_t now, struct rng *rng);

void identity_wipe(struct identity *id);

/* Writes a new account's identity. -1 with why: also where a key is kept for this account already, which is not lost by
 * a name that is registered by mistake. */
MUST_USE int identity_save(struct identity_files *f, const struct identity *id, const uint8_t *password,
                           size_t password_len, struct rng *rng, char why[static WHY_LEN]);

/* Whether a key is kept here for this account, whatever it is worth: a quick look. */
bool identity_is_kept(const struct identity_files *f);

/* Opens it. id is set at IDENTITY_OK alone, and then the caller's to wipe; why in all other cases. */
MUST_USE enum identity_result identity_load(struct identity_files *f, struct identity *id, const uint8_t *password,
                                            size_t password_len, char why[static WHY_LEN]);

/* Writes a second copy of what is loaded, under another password. -1 with why, and nothing has changed: then the server
 * is not to be asked for the new password. Waits for no other program. */
MUST_USE int identity_save_next(struct identity_files *f, const struct identity *id, const uint8_t *password,
                                size_t password_len, struct rng *rng, char why[static WHY_LEN]);

/* Keeps that copy, and removes the other: only once the server has taken the password that opens it. -1 with why: both
 * may be there still, and nothing is lost by that. Does nothing where another client of this account holds the lock. */
MUST_USE int identity_settle(struct identity_files *f, enum identity_copy keep, char why[static WHY_LEN]);

/* Puts another identity in the place of whatever is there, if anything. -1 with why. What was there can't be had
 * back. */
MUST_USE int identity_replace(struct identity_files *f, const struct identity *id, const uint8_t *password,
                              size_t password_len, struct rng *rng, char why[static WHY_LEN]);

/* Shows another certificate from now on: one that an authority has signed, say. -1 with why, which begins with the
 * certificate as its subject where that is what is wrong: it must be a user's, of this name and of this very key, and,
 * if it is self-signed, rightly. An authority's signature is not looked at, since no authority is known here. */
MUST_USE int identity_set_certificate(struct identity_files *f, struct identity *id, const struct certificate *c,
                                      char why[static WHY_LEN]);

#endif
