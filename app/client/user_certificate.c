/* SPDX-License-Identifier: MIT */
/* The file is read whole before it is looked at, and what it turns out to be decides what is said: whoever gives a
 * private key by mistake is told so, and nothing of it is kept. */
#include "app/client/user_certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/message/confusable.h"
#include "app/message/name.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "net/file.h"

#define PATH_SHOWN "%.200s" /* why holds one line, and a path may be longer */

/* --- The file ----------------------------------------------------------------------------------------------------- */

/* At most cap bytes. A pipe or a device is refused: while one waits for it, nothing is shown or answered. */
static int read_file(uint8_t *out, size_t cap, size_t *len, const char *path, const char *shown,
                     char why[static WHY_LEN])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return why_say(why, PATH_SHOWN ": %s", shown, strerror(errno));
    int failed = 0;
    ssize_t n = 0;
    if (!file_is_regular(fd))
        failed = why_say(why, PATH_SHOWN ": it is no file", shown);
    else if ((n = file_read(fd, out, cap)) < 0)
        failed = why_say(why, PATH_SHOWN ": %s", shown, strerror(errno));
    *len = n > 0 ? (size_t)n : 0;
    close(fd);
    return failed;
}

/* Any PEM block of that kind: PKCS#8, encrypted or not, and what other programs write (RSA, EC, OPENSSH). */
static bool has_private_key(const uint8_t *file, size_t len)
{
    static const char mark[] = "PRIVATE KEY-----";
    for (size_t i = 0; i + sizeof mark - 1 <= len; i++)
        if (memcmp(file + i, mark, sizeof mark - 1) == 0)
            return true;
    return false;
}

static int complain_other(const uint8_t *file, size_t len, const char *shown, char why[static WHY_LEN])
{
    struct rsa_public pub;
    if (has_private_key(file, len))
        return why_say(why,
                       PATH_SHOWN " holds a private key: keep it to yourself; `glass key certify --user` makes a "
                                  "certificate of it",
                       shown);
    enum pem_result result = pem_decode_public(&pub, (const char *)file, len);
    if (result == PEM_OK)
        return why_say(why,
                       PATH_SHOWN " holds a public key: `glass key certify --user` makes a certificate, and needs "
                                  "the private one",
                       shown);
    if (result == PEM_CERTIFICATE)
        return why_say(why, PATH_SHOWN " %s", shown, pem_result_words(result));
    return why_say(why, PATH_SHOWN " is no certificate as `glass key certify` writes it, or is damaged", shown);
}

int user_certificate_read(struct certificate *c, const char *path, const char *shown, char why[static WHY_LEN])
{
    uint8_t file[PEM_MAX_LEN + 1]; /* more than any certificate: what is longer is none */
    size_t len = 0;
    int failed = read_file(file, sizeof file, &len, path, shown, why);
    if (failed == 0 && certificate_decode(c, file, len) != NET_OK)
        failed = complain_other(file, len, shown, why);
    ct_wipe(file, sizeof file);
    return failed;
}

/* --- What it says ------------------------------------------------------------------------------------------------- */

/* As seen_names.h shows names; but this one may be no user's at all, and longer. */
static const char *quote(const char *name)
{
    return name_valid(name, strlen(name)) && !confusable_you(name) ? "" : "'";
}

/* A signature by somebody else says something to those who have that key. */
static bool may_be_signed_by_another(const struct certificate *c, const struct rsa_public *own,
                                     const struct rsa_public *authority)
{
    if (own != NULL && ct_equal(own->n, c->modulus, sizeof c->modulus))
        return true;
    return authority != NULL && certificate_verify(c, authority) == NET_OK;
}

int user_certificate_check(const struct certificate *c, const char *name, uint64_t now, const struct rsa_public *own,
                           const struct rsa_public *authority, char why[static WHY_LEN])
{
    char time[CERTIFICATE_TIME_LEN];
    if (c->role != CERTIFICATE_USER)
        return why_say(why, "it is a server's, not a user's");
    if (strcmp(c->name, name) != 0)
        return why_say(why, "it is made out to %s%s%s, not to %s%s%s", quote(c->name), c->name, quote(c->name),
                       quote(name), name, quote(name));
    bool self_signed = certificate_is_self_signed(c);
    if (!self_signed && !may_be_signed_by_another(c, own, authority))
        return why_say(why, "it is signed by another key than its own");
    if (self_signed && certificate_verify_self(c) != NET_OK)
        return why_say(why, "its signature is wrong");
    certificate_print_time(time, now < c->not_before ? c->not_before : c->not_after);
    if (now < c->not_before)
        return why_say(why, "it is not valid before %s: is the clock right?", time);
    if (!certificate_valid_at(c, now))
        return why_say(why, "it expired on %s", time);
    return 0;
}
