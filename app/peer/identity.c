/* SPDX-License-Identifier: MIT */
/* The certificate says which key is the identity's. So a new key can lie ready in the second copy's place, under
 * whatever password, and counts from the moment when its certificate has replaced the old one. */
#include "app/peer/identity.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/message/name.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "net/file.h"
#include "net/home.h"

#define CERTIFICATE ".certificate"
#define LOCK ".lock"
#define SECONDS_A_DAY 86400

static const char *const key_end[] = {[IDENTITY_FIRST] = ".key", [IDENTITY_NEXT] = ".key.next"};

/* --- Names of files ----------------------------------------------------------------------------------------------- */

/* What means nothing to a file system or a shell; a slash and a percent sign may be in a host's name too. */
static bool is_plain(const char *server)
{
    return server[strspn(server, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]")] == '\0';
}

/* CAUTION: the server's name is its operator's choice, or was typed: as it stands it could lead out of the folder:
 *          tests/test_identity.c: test_no_name_leaves_the_folder. A hash has no colon, unlike each server's name. */
static void make_name(char out[static IDENTITY_NAME_LEN], const char *server, const char *user)
{
    char hex[2 * SHA256_DIGEST_LEN + 1];
    if (!is_plain(server) || strlen(user) + 1 + strlen(server) >= IDENTITY_NAME_LEN) {
        uint8_t digest[SHA256_DIGEST_LEN];
        struct sha256 hash;
        sha256_init(&hash);
        sha256_update(&hash, server, strlen(server));
        sha256_final(&hash, digest);
        hex_encode(hex, digest, sizeof digest);
        server = hex;
    }
    snprintf(out, IDENTITY_NAME_LEN, "%s@%s", user, server);
}

void identity_files_init(struct identity_files *f, const char *home, const char *server, const char *user)
{
    assert(name_valid(user, strlen(user)) && strchr(server, ':') != NULL);
    *f = (struct identity_files){.home = home, .user = user, .lock = -1, .iterations = IDENTITY_ITERATIONS};
    make_name(f->name, server, user);
}

static const char *file_of(char out[static FILE_NAME_CAP], const struct identity_files *f, const char *end)
{
    snprintf(out, FILE_NAME_CAP, "%s%s", f->name, end);
    return out;
}

/* A line about one of the files. */
static int say(const struct identity_files *f, const struct home *h, const char *end, const char *what,
               char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP];
    return home_say(h, file_of(file, f, end), what, why);
}

static bool has(const struct identity_files *f, const struct home *h, const char *end)
{
    char file[FILE_NAME_CAP];
    return home_has(h, file_of(file, f, end));
}

static bool has_key(const struct identity_files *f, const struct home *h)
{
    return has(f, h, key_end[IDENTITY_FIRST]) || has(f, h, key_end[IDENTITY_NEXT]);
}

/* --- The folder and its lock -------------------------------------------------------------------------------------- */

static int open_folder(const struct identity_files *f, struct home *h, bool make, char why[static WHY_LEN])
{
    return home_open(h, f->home, make, why) == 0 ? home_below(h, IDENTITY_FOLDER, make, why) : -1;
}

static int take_lock(struct identity_files *f, const struct home *h, int seconds, char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP];
    if (f->lock == -1)
        f->lock = home_lock(h, file_of(file, f, LOCK), seconds, why);
    return f->lock >= 0 ? 0 : -1;
}

static void let_go(struct identity_files *f)
{
    if (f->lock >= 0)
        close(f->lock);
    f->lock = -1;
}

void identity_files_close(struct identity_files *f)
{
    let_go(f);
}

/* --- A new one ---------------------------------------------------------------------------------------------------- */

int identity_create(struct identity *id, const char *user, uint64_t now, struct rng *rng)
{
    struct certificate c = {.role = CERTIFICATE_USER, .not_before = now};
    assert(name_valid(user, strlen(user)));
    memcpy(c.name, user, strlen(user) + 1);
    c.not_after = now + (uint64_t)IDENTITY_DAYS * SECONDS_A_DAY;
    rsa_generate(&id->key, rng);
    if (certificate_sign_self(&c, &id->key, rng) != NET_OK) {
        identity_wipe(id);
        return -1;
    }
    id->certificate_len = certificate_encode(id->certificate, &c);
    return 0;
}

void identity_wipe(struct identity *id)
{
    ct_wipe(id, sizeof *id);
}

/* --- The certificate ---------------------------------------------------------------------------------------------- */

static int check_certificate(const struct identity_files *f, const struct certificate *c, char why[static WHY_LEN])
{
    if (c->role != CERTIFICATE_USER)
        return why_say(why, "it is a server's, not a user's");
    if (strcmp(c->name, f->user) != 0)
        return why_say(why, "it is not made out to %s", f->user);
    if (certificate_is_self_signed(c) && certificate_verify_self(c) != NET_OK)
        return why_say(why, "its signature is wrong");
    return 0;
}

static int read_certificate(const struct identity_files *f, const struct home *h, struct certificate *c,
                            char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP], what[WHY_LEN];
    size_t len;
    char *bytes = home_read(h, file_of(file, f, CERTIFICATE), PEM_MAX_LEN, &len, why);
    if (bytes == NULL)
        return errno == ENOENT ? home_say(h, file, "is missing, and its key is there", why) : -1;
    int failed = certificate_decode(c, (const uint8_t *)bytes, len) == NET_OK
                     ? check_certificate(f, c, what)
                     : why_say(what, "it is no certificate, or is damaged");
    free(bytes);
    return failed == 0 ? 0 : home_say(h, file, what, why);
}

static bool is_of(const struct certificate *c, const struct rsa_private *key)
{
    return ct_equal(c->modulus, key->n, sizeof c->modulus);
}

static int write_certificate(const struct identity_files *f, const struct home *h, const uint8_t *bytes, size_t len,
                             char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP];
    return home_replace(h, file_of(file, f, CERTIFICATE), bytes, len, PEM_MAX_LEN, why);
}

/* Another client may have replaced the identity since this one was loaded: to change a part of it would ruin both. */
static int check_still_ours(const struct identity_files *f, const struct home *h, const struct identity *id,
                            char why[static WHY_LEN])
{
    struct certificate c;
    if (read_certificate(f, h, &c, why) != 0)
        return -1;
    return is_of(&c, &id->key) ? 0 : say(f, h, CERTIFICATE, "was changed just now: log in again", why);
}

/* --- The key ------------------------------------------------------------------------------------------------------ */

/* Who seals: a password, and how much a guess at it costs. */
struct seal {
    const uint8_t *password;
    size_t password_len;
    struct rng *rng;
};

static int write_key(const struct identity_files *f, const struct home *h, enum identity_copy copy,
                     const struct identity *id, const struct seal *s, char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP], pem[PEM_MAX_LEN + 1];
    if (pem_encode_private_encrypted(pem, sizeof pem, &id->key, s->password, s->password_len, f->iterations, s->rng) !=
        0)
        return say(f, h, key_end[copy], "can't be encoded", why);
    return home_replace(h, file_of(file, f, key_end[copy]), pem, strlen(pem), PEM_MAX_LEN, why);
}

/* CAUTION: a key that lies there unsealed would be used as if the password protected it:
 *          tests/test_identity.c: test_a_key_that_is_not_sealed_is_refused */
static enum pem_result unseal(struct rsa_private *key, const char *pem, size_t len, const struct seal *s)
{
    enum pem_result result = pem_decode_private(key, pem, len, NULL, 0);
    if (result != PEM_NEEDS_PASSWORD)
        return result == PEM_OK ? PEM_MALFORMED : result;
    return pem_decode_private(key, pem, len, s->password, s->password_len);
}

static enum identity_result open_key(const struct identity_files *f, const struct home *h, enum identity_copy copy,
                                     struct rsa_private *key, const struct seal *s, char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP];
    size_t len;
    char *pem = home_read(h, file_of(file, f, key_end[copy]), PEM_FILE_MAX_LEN, &len, why);
    if (pem == NULL)
        return errno == ENOENT ? IDENTITY_NONE : IDENTITY_DAMAGED;
    enum pem_result result = unseal(key, pem, len, s);
    ct_wipe(pem, len);
    free(pem);
    if (result == PEM_OK)
        return IDENTITY_OK;
    bool closed = result == PEM_WRONG_PASSWORD || result == PEM_NEEDS_PASSWORD;
    const char *wrong = closed                    ? "does not open with this password"
                        : result == PEM_MALFORMED ? "is damaged, or is no key that is sealed under a password"
                                                  : pem_result_words(result);
    (void)home_say(h, file, wrong, why);
    return closed ? IDENTITY_WRONG_PASSWORD : IDENTITY_DAMAGED;
}

/* --- Loading ------------------------------------------------------------------------------------------------------ */

static enum identity_result none(const struct identity_files *f, char why[static WHY_LEN])
{
    (void)why_say(why, "%s/" IDENTITY_FOLDER " has no key for %s", f->home, f->name);
    return IDENTITY_NONE;
}

/* Tries one copy. It is OK only where the key that opens is the certificate's; c is NULL where there is no sound one,
 * and why says so. */
static enum identity_result load_copy(struct identity_files *f, const struct home *h, enum identity_copy copy,
                                      struct identity *id, const struct certificate *c, const struct seal *s,
                                      char why[static WHY_LEN])
{
    char unsaid[WHY_LEN];
    struct rsa_private key;
    enum identity_result result = open_key(f, h, copy, &key, s, c != NULL ? why : unsaid);
    if (result == IDENTITY_WRONG_PASSWORD || result == IDENTITY_NONE)
        return result;
    if (result == IDENTITY_OK && c != NULL && is_of(c, &key)) {
        id->key = key;
        id->certificate_len = certificate_encode(id->certificate, c);
        f->opened = copy;
    } else if (result == IDENTITY_OK) {
        if (c != NULL)
            (void)say(f, h, CERTIFICATE, "is another key's", why);
        result = IDENTITY_DAMAGED;
    }
    rsa_wipe(&key);
    return result;
}

/* The copy that opens. Where none does: that the password may be the wrong one says more than that the other copy is of
 * no use. */
static enum identity_result load_either(struct identity_files *f, const struct home *h, struct identity *id,
                                        const struct seal *s, char why[static WHY_LEN])
{
    char why_next[WHY_LEN];
    struct certificate certificate;
    const struct certificate *c = read_certificate(f, h, &certificate, why) == 0 ? &certificate : NULL;
    if (c == NULL)
        memcpy(why_next, why, sizeof why_next);
    enum identity_result first = load_copy(f, h, IDENTITY_FIRST, id, c, s, why);
    if (first == IDENTITY_OK)
        return first;
    enum identity_result next = load_copy(f, h, IDENTITY_NEXT, id, c, s, why_next);
    if (next == IDENTITY_OK)
        return next;
    if (first == IDENTITY_NONE && next == IDENTITY_NONE)
        return none(f, why);
    if (first == IDENTITY_NONE || (next == IDENTITY_WRONG_PASSWORD && first == IDENTITY_DAMAGED))
        memcpy(why, why_next, sizeof why_next);
    return first == IDENTITY_WRONG_PASSWORD || next == IDENTITY_WRONG_PASSWORD ? IDENTITY_WRONG_PASSWORD
                                                                               : IDENTITY_DAMAGED;
}

bool identity_is_kept(const struct identity_files *f)
{
    char unsaid[WHY_LEN];
    struct home h;
    if (open_folder(f, &h, false, unsaid) != 0)
        return errno != ENOENT; /* what can't be looked into is complained of by identity_load */
    bool kept = has_key(f, &h);
    home_close(&h);
    return kept;
}

enum identity_result identity_load(struct identity_files *f, struct identity *id, const uint8_t *password,
                                   size_t password_len, char why[static WHY_LEN])
{
    char unsaid[WHY_LEN];
    struct home h;
    const struct seal s = {password, password_len, NULL};
    if (open_folder(f, &h, false, why) != 0)
        return errno == ENOENT ? none(f, why) : IDENTITY_DAMAGED;
    enum identity_result result = IDENTITY_NONE;
    if (has_key(f, &h)) {
        (void)!take_lock(f, &h, 0, unsaid); /* without it nothing is settled later */
        result = load_either(f, &h, id, &s, why);
    } else {
        (void)none(f, why);
    }
    if (result != IDENTITY_OK)
        let_go(f);
    home_close(&h);
    return result;
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/* The key is what counts as being there, so it comes last. */
static int write_first(const struct identity_files *f, const struct home *h, const struct identity *id,
                       const struct seal *s, char why[static WHY_LEN])
{
    if (write_certificate(f, h, id->certificate, id->certificate_len, why) != 0)
        return -1;
    return write_key(f, h, IDENTITY_FIRST, id, s, why);
}

/* Not where it only can't be seen. */
static bool next_is_gone(const struct identity_files *f, const struct home *h)
{
    return !has(f, h, key_end[IDENTITY_NEXT]) && errno == ENOENT;
}

/* It is the first copy from when it has that name, even where the folder can't be synced then.
 * CAUTION: what is still the second copy would be written over as one that nobody needs:
 *          tests/test_identity_changes.c: test_a_login_that_could_not_settle */
static int keep_next(struct identity_files *f, const struct home *h, char why[static WHY_LEN])
{
    char next[FILE_NAME_CAP], first[FILE_NAME_CAP];
    int failed = home_rename(h, file_of(next, f, key_end[IDENTITY_NEXT]), file_of(first, f, key_end[IDENTITY_FIRST]),
                             why);
    if (next_is_gone(f, h))
        f->opened = IDENTITY_FIRST;
    return failed;
}

/* What was opened is to be the first copy before a second one is written: the other one may be another key's, or under
 * a password that the server does not know. Another client may have done it. */
static int keep_opened(struct identity_files *f, const struct home *h, char why[static WHY_LEN])
{
    if (next_is_gone(f, h))
        f->opened = IDENTITY_FIRST;
    return f->opened == IDENTITY_NEXT ? keep_next(f, h, why) : 0;
}

static int remove_next(const struct identity_files *f, const struct home *h, char why[static WHY_LEN])
{
    char file[FILE_NAME_CAP];
    return home_remove(h, file_of(file, f, key_end[IDENTITY_NEXT]), why);
}

/* The new key lies ready beside the old one, then its certificate makes it the identity: even one whose folder can't be
 * synced. */
static int write_over(struct identity_files *f, const struct home *h, const struct identity *id, const struct seal *s,
                      char why[static WHY_LEN])
{
    char unsaid[WHY_LEN];
    if (keep_opened(f, h, why) != 0)
        return -1;
    if (write_key(f, h, IDENTITY_NEXT, id, s, why) != 0)
        return -1;
    int failed = write_certificate(f, h, id->certificate, id->certificate_len, why);
    if (check_still_ours(f, h, id, unsaid) == 0)
        f->opened = IDENTITY_NEXT;
    return failed == 0 ? keep_next(f, h, why) : -1;
}

/* With the folder open and the lock held, for as long as it writes. */
static int write_locked(struct identity_files *f, const struct identity *id, const struct seal *s, bool replace,
                        char why[static WHY_LEN])
{
    struct home h;
    if (open_folder(f, &h, true, why) != 0)
        return -1;
    int failed = take_lock(f, &h, HOME_LOCK_SECONDS, why);
    if (failed == 0 && !has_key(f, &h))
        failed = write_first(f, &h, id, s, why);
    else if (failed == 0 && replace)
        failed = write_over(f, &h, id, s, why);
    else if (failed == 0)
        failed = say(f, &h, key_end[IDENTITY_FIRST], "is there already, and was not changed", why);
    let_go(f);
    home_close(&h);
    return failed;
}

int identity_save(struct identity_files *f, const struct identity *id, const uint8_t *password, size_t password_len,
                  struct rng *rng, char why[static WHY_LEN])
{
    return write_locked(f, id, &(struct seal){password, password_len, rng}, false, why);
}

int identity_replace(struct identity_files *f, const struct identity *id, const uint8_t *password, size_t password_len,
                     struct rng *rng, char why[static WHY_LEN])
{
    return write_locked(f, id, &(struct seal){password, password_len, rng}, true, why);
}

static int write_next(struct identity_files *f, const struct home *h, const struct identity *id, const struct seal *s,
                      char why[static WHY_LEN])
{
    if (check_still_ours(f, h, id, why) != 0)
        return -1;
    if (keep_opened(f, h, why) != 0)
        return -1;
    return write_key(f, h, IDENTITY_NEXT, id, s, why);
}

int identity_save_next(struct identity_files *f, const struct identity *id, const uint8_t *password,
                       size_t password_len, struct rng *rng, char why[static WHY_LEN])
{
    struct home h;
    if (open_folder(f, &h, true, why) != 0)
        return -1;
    int failed = take_lock(f, &h, 0, why);
    if (failed == 0)
        failed = write_next(f, &h, id, &(struct seal){password, password_len, rng}, why);
    if (failed != 0)
        let_go(f);
    home_close(&h);
    return failed;
}

int identity_settle(struct identity_files *f, enum identity_copy keep, char why[static WHY_LEN])
{
    struct home h;
    if (f->lock < 0)
        return 0;
    int failed = open_folder(f, &h, true, why);
    if (failed == 0) {
        failed = keep == IDENTITY_NEXT ? keep_next(f, &h, why) : remove_next(f, &h, why);
        home_close(&h);
    }
    let_go(f);
    return failed;
}

static int set_locked(struct identity_files *f, const struct home *h, struct identity *id, const struct certificate *c,
                      char why[static WHY_LEN])
{
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    size_t len = certificate_encode(bytes, c);
    if (check_still_ours(f, h, id, why) != 0 || write_certificate(f, h, bytes, len, why) != 0)
        return -1;
    memcpy(id->certificate, bytes, len);
    id->certificate_len = len;
    return 0;
}

int identity_set_certificate(struct identity_files *f, struct identity *id, const struct certificate *c,
                             char why[static WHY_LEN])
{
    struct home h;
    if (check_certificate(f, c, why) != 0)
        return -1;
    if (!is_of(c, &id->key))
        return why_say(why, "it is another key's");
    if (open_folder(f, &h, true, why) != 0)
        return -1;
    bool held = f->lock >= 0;
    int failed = take_lock(f, &h, HOME_LOCK_SECONDS, why);
    if (failed == 0)
        failed = set_locked(f, &h, id, c, why);
    if (!held)
        let_go(f);
    home_close(&h);
    return failed;
}
