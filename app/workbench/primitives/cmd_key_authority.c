/* SPDX-License-Identifier: MIT */
/* glass key authority new          a class's authority: a key that its teacher keeps, and FILE.pub to hand out, which
 *                                  is what clients take with --user-ca
 * glass key authority certify      signs the certificates of users, one or three hundred: the same names, the same keys
 *
 * What a certificate says of its owner is only what its maker wrote. So the name must be known from elsewhere: it is
 * given with --name, or is what the file is called that was handed in. A certificate is signed by its own key, which
 * shows that its maker has the key; or by this authority, where it is only renewed.
 */
#include "app/workbench/primitives/cmd_key_authority.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/message/name.h"
#include "app/terminal/display.h"
#include "app/workbench/io.h"
#include "app/workbench/primitives/keyfile.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "crypto/rng.h"
#include "net/certificate.h"
#include "net/file.h"
#include "net/fingerprint.h"

#define USAGE_NEW CMD_KEY_AUTHORITY_NEW
#define USAGE_CERTIFY CMD_KEY_AUTHORITY_CERTIFY
#define PATH_LEN 4096
#define SECONDS_A_DAY 86400

/* --- A new one ---------------------------------------------------------------------------------------------------- */

static void join(char out[static PATH_LEN], const char *a, const char *b, const char *c)
{
    if (snprintf(out, PATH_LEN, "%s%s%s", a, b, c) >= PATH_LEN)
        args_fail("%s%s%s is too long a path", a, b, c);
}

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static int new_authority(struct args *args)
{
    const char *password_file = NULL, *out = NULL;
    const struct args_option options[] = {{"password-file", &password_file, NULL}, {"out", &out, NULL}, {0}};
    char public_file[PATH_LEN], pem[PEM_MAX_LEN];
    struct rsa_public pub;
    args_parse(args, options, 0, 0, USAGE_NEW);
    join(public_file, args_need(out, "out", USAGE_NEW), ".pub", "");
    if (is_there(public_file))
        args_fail("%s is there already: nothing is overwritten", public_file);
    keyfile_make(&pub, out, password_file);
    if (pem_encode_public(pem, sizeof pem, &pub) != 0)
        args_fail("the public key can't be written");
    io_write_new(public_file, pem, strlen(pem), 0644);
    keyfile_print(&pub);
    return STATUS_DONE;
}

/* --- Certifying --------------------------------------------------------------------------------------------------- */

struct authority {
    struct rsa_private key;
    struct rsa_public pub;
    struct rng rng;
    uint64_t not_before, not_after;
    const char *name, *out; /* name: the one user that is meant, or NULL */
    size_t signed_now, refused;
};

/* One line on stderr; the others are none the worse. */
static void refuse(struct authority *a, const char *path, const char *what)
{
    a->refused++;
    display_line(stderr, "glass: %s: %s", path, what);
}

/* NULL, or why it is no certificate. What is read may be a key that was handed in by mistake. */
static const char *read_certificate(struct certificate *c, const char *path)
{
    uint8_t file[PEM_MAX_LEN + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return strerror(errno);
    ssize_t n = file_is_regular(fd) ? file_read(fd, file, sizeof file) : 0;
    const char *wrong = n < 0 ? strerror(errno) : NULL;
    close(fd);
    if (wrong == NULL && certificate_decode(c, file, (size_t)n) != NET_OK)
        wrong = "is no certificate, or is damaged";
    ct_wipe(file, sizeof file);
    return wrong;
}

/* Whether the file is called as the user: alice, alice.certificate, alice@chat.example:7447.certificate. */
static bool is_called(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    size_t len = strcspn(base, ".@");
    return len == strlen(name) && strncmp(base, name, len) == 0;
}

/* NULL, or why it is not signed. */
static const char *check(const struct authority *a, const struct certificate *c, const char *path)
{
    if (c->role != CERTIFICATE_USER)
        return "is a server's, not a user's";
    if (!name_valid(c->name, strlen(c->name)))
        return "is made out to what can't be an account's name";
    if (a->name != NULL ? strcmp(c->name, a->name) != 0 : !is_called(path, c->name))
        return a->name != NULL ? "is not made out to the user that --name gives"
                               : "is not called as the user that it is made out to: find out whose it is, and say so "
                                 "with --name";
    if (certificate_verify_self(c) != NET_OK && certificate_verify(c, &a->pub) != NET_OK)
        return "is signed neither by its own key nor by this authority";
    return ct_equal(c->modulus, a->pub.n, sizeof c->modulus) ? "is the authority's own key" : NULL;
}

static void write_certificate(struct authority *a, const struct certificate *c)
{
    uint8_t bytes[CERTIFICATE_MAX_LEN], fp[CERTIFICATE_FINGERPRINT_LEN];
    char path[PATH_LEN], name[NAME_MAX_LEN + sizeof ".certificate"], text[FINGERPRINT_TEXT_LEN];
    snprintf(name, sizeof name, "%s.certificate", c->name);
    join(path, a->out, "/", name);
    if (is_there(path)) {
        refuse(a, path, "is there already: nothing is overwritten");
        return;
    }
    io_write_new(path, bytes, certificate_encode(bytes, c), 0644);
    certificate_fingerprint(fp, c->modulus);
    fingerprint_print(text, fp);
    display_line(stdout, "%s %s %s", c->name, text, path);
    a->signed_now++;
}

static void certify_file(struct authority *a, const char *path)
{
    struct certificate c;
    const char *wrong = read_certificate(&c, path);
    if (wrong == NULL)
        wrong = check(a, &c, path);
    if (wrong != NULL) {
        refuse(a, path, wrong);
        return;
    }
    c.not_before = a->not_before;
    c.not_after = a->not_after;
    if (certificate_sign(&c, &a->key, &a->rng) != NET_OK)
        args_fail("the authority's key does not sign: the key or this machine is damaged");
    write_certificate(a, &c);
}

/* --- Many --------------------------------------------------------------------------------------------------------- */

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* All that is in a folder, by name; or the file. */
static void certify_path(struct authority *a, const char *path)
{
    struct dirent **entry;
    int n = scandir(path, &entry, is_shown, by_name);
    if (n < 0) {
        certify_file(a, path);
        return;
    }
    if (a->name != NULL)
        refuse(a, path, "is a folder, and --name is for one file");
    for (int i = 0; i < n; i++) {
        char file[PATH_LEN];
        join(file, path, "/", entry[i]->d_name);
        if (a->name == NULL)
            certify_file(a, file);
        free(entry[i]);
    }
    free(entry);
}

static void set_dates(struct authority *a, const char *days)
{
    time_t now = time(NULL);
    if (now < 0) /* a certificate has no number for such a time */
        args_fail("this machine's clock stands before 1970: set it, and try again");
    a->not_before = (uint64_t)now;
    a->not_after = a->not_before +
                   SECONDS_A_DAY * (days == NULL ? 365 : args_number(days, 1, 36500, "days", USAGE_CERTIFY));
}

static int certify(struct args *args)
{
    const char *key = NULL, *password_file = NULL, *days = NULL;
    struct authority a = {0};
    const struct args_option options[] = {{"authority", &key, NULL}, {"password-file", &password_file, NULL},
                                          {"name", &a.name, NULL},   {"days", &days, NULL},
                                          {"out", &a.out, NULL},     {0}};
    args_parse(args, options, 1, INT_MAX, USAGE_CERTIFY);
    args_need(key, "authority", USAGE_CERTIFY);
    args_need(a.out, "out", USAGE_CERTIFY);
    if (a.name != NULL && (args->count > 1 || !name_valid(a.name, strlen(a.name))))
        args_wrong("--name takes an account's name, and is for one file", USAGE_CERTIFY);
    set_dates(&a, days);
    if (mkdir(a.out, 0755) != 0 && errno != EEXIST)
        args_fail("%s can't be made: %s", a.out, strerror(errno));
    keyfile_private(&a.key, key, password_file);
    rsa_public_of(&a.pub, &a.key);
    rng_init(&a.rng);
    for (int i = 0; i < args->count; i++)
        certify_path(&a, args->value[i]);
    rsa_wipe(&a.key);
    rng_wipe(&a.rng);
    if (a.signed_now + a.refused != 1)
        display_line(stdout, "%zu signed, %zu refused", a.signed_now, a.refused);
    return a.refused == 0 ? STATUS_DONE : STATUS_FAILED;
}

int cmd_key_authority(struct args *args)
{
    const char *what = args->count > 0 ? args->value[0] : "";
    struct args rest = {args->count - 1, args->value + 1};
    if (strcmp(what, "new") == 0)
        return new_authority(&rest);
    if (strcmp(what, "certify") == 0)
        return certify(&rest);
    if (strcmp(what, "--help") == 0) {
        puts("usage: " USAGE_NEW "\n       " USAGE_CERTIFY);
        return STATUS_DONE;
    }
    args_wrong("`glass key authority` makes an authority, or signs with it", "glass key authority new|certify ...");
}
