/* SPDX-License-Identifier: MIT */
/* The peers' file: which key each user had when it was last met, and whether the two of you have compared it.
 *
 *      # one line a peer: its server, its name, new or compared, the fingerprint of its key
 *      chat.example:7447 bob compared SHA256:rIu0mp3TqLMX2lvBtAxDlSyKOM0bWnUt0cl9fxKCGyg=
 *
 * Standard:    docs/protocol.md section 8.7. Lines that are empty or start with # are left as they are, and so is
 *              every other server's, byte for byte; a line may end in CR LF.
 * Use it:      struct peers p;
 *              if (peers_load(&p, home, "chat.example:7447", why) != 0) ...      no calls: why says what to mend
 *              at a peer's certificate:       peers_decide(&p, "bob", &c, user_ca, now, &state, why) == PEERS_ACCEPTED
 *              once that call is open:        peers_met(&p, "bob", fingerprint, why), and never before: anybody can
 *                                             show another's certificate
 *              /verify with equal digits:     peers_compared(&p, "bob", fingerprint, why)
 *              /trust:                        peers_changed(&p, "bob", kept, shown), show both, ask, then
 *                                             peers_trust(&p, "bob", shown, why)
 *              peers_free(&p)
 * Timing:      nothing secret.
 * Read next:   net/known.h, the same for servers; safety.h, what is compared.
 *
 * Deciding looks at what is in memory. Each change reads the file again under its lock, so that two clients with one
 * HOME never lose each other's lines; then that is what is in memory. A line that is wrong, or a second one of the same
 * peer, makes the whole file refused, with its number, and it is never written over: a key that can't be read must not
 * become a first meeting.
 */
#ifndef APP_PEER_PEERS_H
#define APP_PEER_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/message/name.h"
#include "crypto/bytes.h"
#include "net/certificate.h"
#include "net/sock.h"
#include "net/why.h"

#define PEERS_FILE "peers"
#define PEERS_FILE_MAX (4 * 1024 * 1024) /* bytes; PEERS_MAX of the longest lines are shorter */
#define PEERS_MAX 10000                  /* of all servers together: beyond, nobody new is taken, and nothing removed */

/* What is known of a peer's key. */
enum peer_state {
    PEER_NEW,      /* seen, and not compared */
    PEER_COMPARED, /* the users have compared their safety number */
    PEER_VOUCHED,  /* the authority of --user-ca has signed it; is never kept, as it holds under that option alone */
    PEER_CHANGED   /* another key than the one that is kept was shown; is never kept either */
};

/* "new, not compared", "compared", "vouched for", "changed". */
const char *peer_state_words(enum peer_state state);

/* One of them, at this server. */
struct peer {
    char name[NAME_MAX_LEN + 1];
    enum peer_state kept; /* PEER_NEW or PEER_COMPARED */
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    size_t line;                                /* its number in the file */
    bool changed;                               /* it was refused for another key, and has not been met since */
    uint8_t shown[CERTIFICATE_FINGERPRINT_LEN]; /* changed: that key's */
};

/* All that a client knows of its peers. */
struct peers {
    const char *home;
    char server[SOCK_NAME_LEN];
    struct peer *list; /* this server's, by name */
    size_t count;
    size_t total; /* in the file, of all servers */
};

/* Reads the file; one that isn't there is empty. home is kept, and must stay; server is what sock_print writes. -1 with
 * why; then p is empty and needs no freeing. */
MUST_USE int peers_load(struct peers *p, const char *home, const char *server, char why[static WHY_LEN]);
void peers_free(struct peers *p);

/* The peer of that name, or NULL where no key of it is kept. Valid until the next change. */
const struct peer *peers_find(const struct peers *p, const char *name);

/* The state to show of a peer that is kept, where no call says more. */
enum peer_state peers_state(const struct peer *peer);

enum peers_decision {
    PEERS_ACCEPTED,
    PEERS_WRONG,     /* no user's certificate, or another's */
    PEERS_UNVOUCHED, /* under an authority: not signed by it, or not valid now */
    PEERS_CHANGED,   /* another key than the one that is kept: peers_trust may accept it */
    PEERS_FULL       /* nobody new fits the file */
};

/* Whether to go on with whoever shows this certificate. name is both what the server stamps and what the user means.
 * user_ca is the authority's key, or NULL where there is none; now, in Unix seconds, counts under one alone. *state is
 * what to show, set at PEERS_ACCEPTED alone; why is one line in all other cases. Nothing is written. A key that has
 * been compared and is vouched for is shown as compared. What an authority doesn't vouch for never counts as changed,
 * as to trust it would be of no use. The certificate's self-signature is the handshake's to check. */
MUST_USE enum peers_decision peers_decide(struct peers *p, const char *name, const struct certificate *c,
                                          const struct rsa_public *user_ca, uint64_t now, enum peer_state *state,
                                          char why[static WHY_LEN]);

/* A call with that peer, and this key, is open: keeps the key, as new, if it is the first one. -1 with why: it could
 * not be kept, or another client has met another key meanwhile; the call must end. */
MUST_USE int peers_met(struct peers *p, const char *name, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN],
                       char why[static WHY_LEN]);

/* The users have compared: the key is kept as compared. -1 with why: nothing was changed; so where another key is
 * kept. */
MUST_USE int peers_compared(struct peers *p, const char *name,
                            const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN], char why[static WHY_LEN]);

/* The two fingerprints to be shown before a changed key is trusted: the one that is kept, and the one that was refused
 * last. false where there is no such key. */
bool peers_changed(const struct peers *p, const char *name, uint8_t kept[static CERTIFICATE_FINGERPRINT_LEN],
                   uint8_t shown[static CERTIFICATE_FINGERPRINT_LEN]);

/* Puts the key with the fingerprint that was shown in the place of the one that is kept; it is new then, or as another
 * client has made it that was asked the same. -1 with why: nothing was changed; so where yet another key has been
 * refused since, or another client has put a third one there. */
MUST_USE int peers_trust(struct peers *p, const char *name, const uint8_t shown[static CERTIFICATE_FINGERPRINT_LEN],
                         char why[static WHY_LEN]);

/* The reading itself, of a whole file's bytes; this and the next one are public for tests and for the fuzzer. Sets
 * list, count and total of p, whose server is set before. -1 where a line is wrong, and *line is its number, the first
 * one's; or where there is no memory, and *line is 0; then p is empty. */
MUST_USE int peers_parse(struct peers *p, const char *text, size_t text_len, size_t *line);

/* The changing itself, of a file that could be read: with this peer's line added or changed, malloc'd. NULL: no
 * memory. */
char *peers_rewrite(const char *text, size_t text_len, const char *server, const struct peer *peer, size_t *len);

#endif
