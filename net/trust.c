/* SPDX-License-Identifier: MIT */
/* One function for each rule. Nothing is written while deciding: what is to be kept is noted in the struct, and
 * trust_remember writes it once the peer has shown that it has the key. */
#include "net/trust.h"

#include <stdio.h>
#include <string.h>

#include "crypto/ct.h"
#include "crypto/pem.h"
#include "net/fingerprint.h"
#include "net/hostname.h"
#include "net/known.h"

static int decide_by_pin(const struct trust *t, char why[static WHY_LEN])
{
    if (ct_equal(t->fingerprint, t->pin, sizeof t->pin))
        return 0;
    char shown[FINGERPRINT_TEXT_LEN];
    fingerprint_print(shown, t->fingerprint);
    return why_say(
        why, "REFUSED: the server shows the key %s, not the one given with --pin: ask its operator which is right",
        shown);
}

static int decide_by_authority(const struct trust *t, const struct certificate *peer, uint64_t now,
                               char why[static WHY_LEN])
{
    if (certificate_verify(peer, &t->authority) != NET_OK)
        return why_say(why, "REFUSED: the server's certificate is not signed by the authority given with --ca");
    /* CAUTION: strcasecmp goes by the locale: in Turkish I and i are two letters. test_it_speaks_turkish notices. */
    if (!hostname_same(peer->name, t->server.host))
        return why_say(why, "REFUSED: the server's certificate is for %s, not for %s", peer->name, t->server.host);
    if (certificate_valid_at(peer, now))
        return 0;
    if (now < peer->not_before)
        return why_say(why, "REFUSED: the server's certificate is not valid yet: is the clock right?");
    return why_say(why, "REFUSED: the server's certificate has expired: its operator must renew it");
}

static int complain_changed(const struct trust *t, const char *server, const uint8_t *known, char why[static WHY_LEN])
{
    char was[FINGERPRINT_TEXT_LEN], is[FINGERPRINT_TEXT_LEN];
    fingerprint_print(was, known);
    fingerprint_print(is, t->fingerprint);
    return why_say(
        why,
        "REFUSED: THE KEY OF %s HAS CHANGED: it was %s and is now %s, which the old one did not sign for "
        "this server. Somebody may be in between. Ask the server's operator, in another way than this, for the "
        "fingerprint; if it is the new one, connect once with --pin, what the operator gave, and --remember. "
        "Nothing was changed in %s/" KNOWN_FILE,
        server, was, is, t->home);
}

/* A renewal keeps the name, which may be no host, as nobody looks at it at the first meeting. Or it has the name that
 * the user asked for: between two meetings an authority may have certified the same key for that. */
static bool is_named_alike(const struct trust *t, const struct certificate *known)
{
    return strcmp(t->peer.name, known->name) == 0 || hostname_same(t->peer.name, known->name) ||
           hostname_same(t->peer.name, t->server.host);
}

/* CAUTION: the certificate must be signed by the very key that is remembered for this server and name it as its
 * issuer, and never the other way round; and it must be this server's, or a key that certifies other servers would hand
 * them this one: test_a_renewed_key_and_its_forgeries notices. */
static bool is_successor(const struct trust *t, const struct known_server *known)
{
    struct rsa_public key;
    if (!known->has_certificate || !is_named_alike(t, &known->certificate))
        return false;
    memcpy(key.n, known->certificate.modulus, sizeof key.n);
    return certificate_verify(&t->peer, &key) == NET_OK;
}

static int decide_by_known(struct trust *t, char why[static WHY_LEN])
{
    char server[SOCK_NAME_LEN];
    struct known_server known;
    sock_print(server, &t->server);
    switch (known_find(t->home, server, &known, why)) {
    case KNOWN_FOUND:
        t->bare = !known.has_certificate;
        if (ct_equal(known.fp, t->fingerprint, sizeof known.fp))
            return 0;
        t->renewed = is_successor(t, &known);
        memcpy(t->before, known.fp, sizeof t->before);
        return t->renewed ? 0 : complain_changed(t, server, known.fp, why);
    case KNOWN_ABSENT:
        if (t->again)
            return why_say(why, "REFUSED: the server's key is not known here any more: start the client again, and "
                                "compare it");
        t->first_use = true;
        return 0;
    case KNOWN_DISAGREES:
    case KNOWN_FAILED:
        break;
    }
    return -1;
}

int trust_decide(struct trust *t, const struct certificate *peer, uint64_t now, char why[static WHY_LEN])
{
    t->first_use = t->renewed = t->bare = false;
    t->peer = *peer;
    certificate_fingerprint(t->fingerprint, peer->modulus);
    if (peer->role != CERTIFICATE_SERVER)
        return why_say(why, "REFUSED: what the server shows is a user's certificate");
    switch (t->rule) {
    case TRUST_KNOWN:
        return decide_by_known(t, why);
    case TRUST_PIN:
        return decide_by_pin(t, why);
    case TRUST_CA:
        return decide_by_authority(t, peer, now, why);
    }
    return why_say(why, "REFUSED: no rule of trust was chosen");
}

int trust_remember(const struct trust *t, char why[static WHY_LEN])
{
    char server[SOCK_NAME_LEN], unheard[WHY_LEN];
    sock_print(server, &t->server);
    if (t->first_use)
        return known_add(t->home, server, &t->peer, why);
    if (t->renewed)
        return known_replace(t->home, server, t->before, &t->peer, why);
    if (t->rule == TRUST_PIN && t->remember)
        return known_set(t->home, server, &t->peer, why);
    if (t->bare)
        (void)!known_replace(t->home, server, t->fingerprint, &t->peer, unheard);
    return 0;
}

int trust_authority(struct rsa_public *authority, const uint8_t *file, size_t file_len)
{
    struct rsa_public key;
    struct certificate certificate;
    if (pem_decode_public(&key, (const char *)file, file_len) == PEM_OK) {
        *authority = key;
        return 0;
    }
    if (certificate_decode(&certificate, file, file_len) != NET_OK)
        return -1;
    memcpy(authority->n, certificate.modulus, sizeof authority->n);
    return 0;
}
