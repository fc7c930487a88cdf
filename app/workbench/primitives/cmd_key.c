/* SPDX-License-Identifier: MIT */
/* glass key new FILE           makes an RSA-3072 key in PKCS#8, encrypted (PBES2) where a password is given
 * glass key show FILE          a key's fingerprint and public half, or what a certificate says
 * glass key certify OUT        an authority's certificate over a server's key: what clients check with --ca, and what
 *                              the server shows when it stands in its data folder as server.certificate; or, with
 *                              --user, a user's own, signed by the key it is for: what /certificate registers
 * glass key authority ...      a class's authority for its users: cmd_key_authority.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/message/name.h"
#include "app/terminal/display.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/cmd_key_authority.h"
#include "app/workbench/primitives/keyfile.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/hostname.h"

#define USAGE_NEW "glass key new [--password-file FILE] FILE"
#define USAGE_SHOW "glass key show [--password-file FILE] FILE"
#define USAGE_CERTIFY                                                                                                  \
    "glass key certify --authority KEYFILE [--password-file FILE] --key FILE --name HOST [--days N] OUT"
#define USAGE_CERTIFY_USER "glass key certify --user NAME --key KEYFILE [--password-file FILE] [--days N] OUT"

static int new_key(struct args *args)
{
    const char *password_file = NULL;
    const struct args_option options[] = {{"password-file", &password_file, NULL}, {0}};
    args_parse(args, options, 1, 1, USAGE_NEW);
    struct rsa_public pub;
    keyfile_make(&pub, args->value[0], password_file);
    keyfile_print(&pub);
    return STATUS_DONE;
}

static void print_time(const char *label, uint64_t seconds)
{
    char text[CERTIFICATE_TIME_LEN];
    certificate_print_time(text, seconds);
    display_line(stdout, "%s %s", label, text);
}

/* True where the file was a certificate, and is shown. */
static bool show_certificate(const char *name)
{
    struct certificate c;
    size_t len;
    uint8_t *bytes = io_read_file(name, PEM_FILE_MAX_LEN, &len);
    enum net_err wrong = certificate_decode(&c, bytes, len);
    ct_wipe(bytes, len); /* it may be a private key */
    free(bytes);
    if (wrong != NET_OK)
        return false;
    display_line(stdout, "certificate of the %s %s", c.role == CERTIFICATE_SERVER ? "server" : "user", c.name);
    print_time("not before", c.not_before);
    print_time("not after", c.not_after);
    keyfile_print_fingerprint("issuer", c.issuer);
    struct rsa_public pub;
    memcpy(pub.n, c.modulus, sizeof pub.n);
    keyfile_print(&pub);
    return true;
}

static int show(struct args *args)
{
    const char *password_file = NULL;
    const struct args_option options[] = {{"password-file", &password_file, NULL}, {0}};
    args_parse(args, options, 1, 1, USAGE_SHOW);
    struct rsa_public pub;
    if (password_file == NULL) {
        if (show_certificate(args->value[0]))
            return STATUS_DONE;
        keyfile_public(&pub, args->value[0]);
    } else {
        struct rsa_private key;
        keyfile_private(&key, args->value[0], password_file);
        rsa_public_of(&pub, &key);
        rsa_wipe(&key);
    }
    keyfile_print(&pub);
    return STATUS_DONE;
}

/* Both kinds of certificate: what is asked for, and thereby who signs. */
struct certify {
    const char *authority, *password_file, *key, *host, *user, *days;
};

/* In the one spelling that clients compare: they would refuse a certificate for a name that no host has. */
static void take_host(char name[static HOSTNAME_LEN], const char *host)
{
    if (hostname_fold(name, host, strlen(host)) != 0)
        args_wrong("--name takes a host name or an address as clients type it, in ASCII and without a port",
                   USAGE_CERTIFY);
}

static void take_user(char name[static CERTIFICATE_NAME_MAX + 1], const struct certify *o)
{
    if (o->host != NULL || o->authority != NULL)
        args_wrong("a user's key signs its own certificate: --user goes without --authority and --name",
                   USAGE_CERTIFY_USER);
    if (!name_valid(o->user, strlen(o->user)))
        args_wrong("--user takes an account's name: 1 to 32 of a-z 0-9 _ -, starting with a letter",
                   USAGE_CERTIFY_USER);
    memcpy(name, o->user, strlen(o->user) + 1);
}

/* Signs c, whose other fields are set, and whose modulus is the signer's own where it is a user's. */
static void sign(struct certificate *c, const char *signer, const char *password_file)
{
    struct rsa_private key;
    struct rng rng;
    keyfile_private(&key, signer, password_file);
    rng_init(&rng);
    enum net_err failed = c->role == CERTIFICATE_USER ? certificate_sign_self(c, &key, &rng)
                                                      : certificate_sign(c, &key, &rng);
    rsa_wipe(&key);
    rng_wipe(&rng);
    if (failed != NET_OK)
        args_fail("%s does not sign: the key or this machine is damaged", signer);
}

static int certify(struct args *args)
{
    struct certify o = {0};
    const struct args_option options[] = {{"authority", &o.authority, NULL},
                                          {"password-file", &o.password_file, NULL},
                                          {"key", &o.key, NULL},
                                          {"name", &o.host, NULL},
                                          {"user", &o.user, NULL},
                                          {"days", &o.days, NULL},
                                          {0}};
    args_parse(args, options, 1, 1, USAGE_CERTIFY);
    const char *usage = o.user != NULL ? USAGE_CERTIFY_USER : USAGE_CERTIFY;
    time_t now = time(NULL);
    if (now < 0) /* a certificate has no number for such a time */
        args_fail("this machine's clock stands before 1970: set it, and try again");
    struct certificate c = {.role = o.user != NULL ? CERTIFICATE_USER : CERTIFICATE_SERVER,
                            .not_before = (uint64_t)now};
    if (o.user != NULL)
        take_user(c.name, &o);
    else
        take_host(c.name, args_need(o.host, "name", usage));
    c.not_after = c.not_before + 86400 * (o.days == NULL ? 365 : args_number(o.days, 1, 36500, "days", usage));
    args_need(o.key, "key", usage);
    if (o.user == NULL) {
        struct rsa_public pub;
        keyfile_public(&pub, o.key);
        memcpy(c.modulus, pub.n, sizeof c.modulus);
        args_need(o.authority, "authority", usage);
    }
    sign(&c, o.user != NULL ? o.key : o.authority, o.password_file);
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    io_write_new(args->value[0], bytes, certificate_encode(bytes, &c), 0600);
    return STATUS_DONE;
}

int cmd_key(struct args *args)
{
    const char *what = args->count > 0 ? args->value[0] : "";
    struct args rest = {args->count - 1, args->value + 1};
    if (strcmp(what, "new") == 0)
        return new_key(&rest);
    if (strcmp(what, "show") == 0)
        return show(&rest);
    if (strcmp(what, "certify") == 0)
        return certify(&rest);
    if (strcmp(what, "authority") == 0)
        return cmd_key_authority(&rest);
    if (strcmp(what, "--help") == 0) {
        puts("usage: " USAGE_NEW "\n       " USAGE_SHOW "\n       " USAGE_CERTIFY "\n       " USAGE_CERTIFY_USER
             "\n       " CMD_KEY_AUTHORITY_NEW "\n       " CMD_KEY_AUTHORITY_CERTIFY);
        return STATUS_DONE;
    }
    args_wrong("`glass key` makes, shows or certifies a key", "glass key new|show|certify|authority ...");
}
