/* SPDX-License-Identifier: MIT */
/* What a folder of secrets must be: ours, closed to others, and ours alone while we run. Each check that fails gives
 * one line that says what to do. */
#include "app/server/store/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/server/base/errno_advice.h"
#include "app/terminal/progress_row.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/pem.h"
#include "net/file.h"

#define DAMAGED "is damaged; put back a copy"
#define CERTIFICATE "server.certificate"
#define RENEWED "server.certificate.renewed" /* of a new key, from before that key is there until it is CERTIFICATE */
#define TEN_YEARS (3652ull * 86400)
#define CLOCK_SLACK 86400 /* a client's clock may be a day slow */
#define TOTP_SEAL_KEY_TEXT_LEN (2 * TOTP_SEAL_KEY_LEN + 1)

int datadir_fail(char why[WHY_LEN], const struct datadir *d, const char *file, const char *what)
{
    return why_say(why, "%s%s%s: %s", d->path, *file ? "/" : "", file, what);
}

/* For what errno says. */
static int fail_by_errno(char why[WHY_LEN], const struct datadir *d, const char *file)
{
    char cause[ERRNO_ADVICE_LEN];
    errno_advice_print(cause, errno);
    return datadir_fail(why, d, file, cause);
}

static int check_folder(const struct datadir *d, char why[static WHY_LEN])
{
    struct stat st;
    if (fstat(d->fd, &st) != 0)
        return fail_by_errno(why, d, "");
    if (st.st_uid != geteuid())
        return datadir_fail(why, d, "", "belongs to another user; run the server as that user, or give another --data");
    if ((st.st_mode & 077) != 0)
        return datadir_fail(why, d, "", "is open to other users; chmod it to 700");
    return 0;
}

static int lock_folder(struct datadir *d, char why[static WHY_LEN])
{
    d->lock_fd = openat(d->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (d->lock_fd < 0)
        return fail_by_errno(why, d, "lock");
    if (flock(d->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    int cause = errno;
    close(d->lock_fd);
    return datadir_fail(why, d, "",
                        cause == EWOULDBLOCK ? "is in use by another server; stop it, or give another --data"
                                             : strerror(cause));
}

/* A new folder is a line in the one above it, which must be on disk too. */
static int sync_parent(const struct datadir *d, char why[static WHY_LEN])
{
    int parent = openat(d->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool failed = parent < 0 || fsync(parent) != 0;
    int cause = errno;
    if (parent >= 0)
        close(parent);
    errno = cause;
    /* a folder that may be entered and not read can't be synced, and is no reason not to start */
    return failed && cause != EACCES ? fail_by_errno(why, d, "") : 0;
}

/* With a slash after it, a link is followed that would not be at the end of a path. */
static size_t without_slashes(const char *path)
{
    size_t len = strlen(path);
    while (len > 1 && (path[len - 1] == '/' || (path[len - 1] == '.' && path[len - 2] == '/')))
        len--;
    return len;
}

int datadir_open_folder(const char *path, bool make)
{
    char bare[PATH_MAX];
    size_t len = without_slashes(path);
    if (len >= sizeof bare) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(bare, path, len);
    bare[len] = '\0';
    if (make && mkdir(bare, 0700) != 0 && errno != EEXIST)
        return -1;
    return open(bare, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int datadir_open(struct datadir *d, const char *path, char why[static WHY_LEN])
{
    snprintf(d->path, sizeof d->path, "%s", path);
    d->fd = datadir_open_folder(path, true);
    if (d->fd < 0)
        return errno == ENOTDIR || errno == ELOOP ? datadir_fail(why, d, "", "is no folder; give another --data")
                                                  : fail_by_errno(why, d, "");
    if (check_folder(d, why) != 0 || sync_parent(d, why) != 0 || lock_folder(d, why) != 0) {
        close(d->fd);
        return -1;
    }
    return 0;
}

void datadir_close(struct datadir *d)
{
    close(d->lock_fd);
    close(d->fd);
}

int datadir_save(const struct datadir *d, const char *file, const void *data, size_t len, char why[static WHY_LEN])
{
    if (file_replace(d->fd, file, data, len, NULL) == FILE_DONE)
        return 0;
    char what[sizeof "can't be written: " + ERRNO_ADVICE_LEN] = "can't be written: ";
    errno_advice_print(what + strlen(what), errno);
    return datadir_fail(why, d, file, what);
}

/* Opens a file of at most cap bytes; *size is how many it has. As read_file. */
static int open_file(const struct datadir *d, const char *file, size_t cap, int *fd, size_t *size,
                     char why[static WHY_LEN])
{
    struct stat st;
    *fd = openat(d->fd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return errno == ENOENT ? 1 : fail_by_errno(why, d, file);
    const char *wrong = NULL;
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0 || (uintmax_t)st.st_size > cap)
        wrong = DAMAGED;
    else if (st.st_uid != geteuid() || (st.st_mode & 077) != 0)
        wrong = "is open to other users, or belongs to one; chmod it to 600";
    *size = (size_t)st.st_size;
    if (wrong == NULL)
        return 0;
    close(*fd);
    return datadir_fail(why, d, file, wrong);
}

/* Whether they are all there: a file that is shorter than it said was changed meanwhile. */
static bool read_all(int fd, char *out, size_t len)
{
    return file_read(fd, out, len) == (ssize_t)len;
}

int datadir_load(const struct datadir *d, const char *file, char **text, size_t *len, size_t max,
                 char why[static WHY_LEN])
{
    int fd, result = open_file(d, file, max, &fd, len, why);
    if (result != 0)
        return result;
    char *out = malloc(*len + 1);
    bool whole = out != NULL && read_all(fd, out, *len);
    close(fd);
    if (!whole) {
        free(out);
        return datadir_fail(why, d, file, "can't be read");
    }
    *text = out;
    return 0;
}

/* Reads a file of at most cap bytes. 1 where there is none, -1 with a line in why where it can't be used. */
static int read_file(const struct datadir *d, const char *file, void *out, size_t cap, size_t *len,
                     char why[static WHY_LEN])
{
    int fd, result = open_file(d, file, cap, &fd, len, why);
    if (result != 0)
        return result;
    const char *wrong = read_all(fd, out, *len) ? NULL : DAMAGED;
    close(fd);
    return wrong == NULL ? 0 : datadir_fail(why, d, file, wrong);
}

static int load_key(const struct datadir *d, struct rsa_private *key, char why[static WHY_LEN])
{
    char pem[PEM_FILE_MAX_LEN];
    size_t len = 0;
    int result = read_file(d, "server.key", pem, sizeof pem, &len, why);
    if (result == 0) {
        enum pem_result is = pem_decode_private(key, pem, len, NULL, 0);
        bool encrypted = is == PEM_NEEDS_PASSWORD || (is >= PEM_SCRYPT && is <= PEM_PROC_TYPE);
        const char *wrong = is == PEM_MALFORMED ? "is no RSA-3072 key in PEM, or is damaged; put back a copy"
                            : encrypted         ? "is encrypted, and the server has no password for it"
                                                : pem_result_words(is);
        if (is != PEM_OK)
            result = datadir_fail(why, d, "server.key", wrong);
    }
    ct_wipe(pem, sizeof pem);
    return result;
}

static int save_key(const struct datadir *d, const struct rsa_private *key, char why[static WHY_LEN])
{
    char pem[PEM_MAX_LEN];
    if (pem_encode_private(pem, sizeof pem, key) != 0)
        return datadir_fail(why, d, "server.key", "can't be encoded");
    int result = datadir_save(d, "server.key", pem, strlen(pem), why);
    ct_wipe(pem, sizeof pem);
    return result;
}

/* Seconds on a slow machine. */
static void generate(struct rsa_private *key, struct rng *rng)
{
    progress_row_begin("making the server's key", NULL);
    rsa_generate(key, rng);
    progress_row_end();
}

static int make_key(const struct datadir *d, struct rsa_private *key, struct rng *rng, char why[static WHY_LEN])
{
    /* the key is always written first: it was lost, and clients would take a new one for an impostor's */
    if (faccessat(d->fd, CERTIFICATE, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return datadir_fail(why, d, "server.key",
                            "is missing, and its certificate is there; put back a copy of the key, or remove "
                            "server.certificate to start with a new one");
    generate(key, rng);
    return save_key(d, key, why);
}

/* A certificate that was put there must be a server's, and this key's. Whether an authority signed it is for the
 * clients to check, which know that authority. */
static int load_certificate(const struct datadir *d, const char *file, struct identity *identity,
                            char why[static WHY_LEN])
{
    struct certificate c;
    int result = read_file(d, file, identity->certificate, sizeof identity->certificate, &identity->certificate_len,
                           why);
    if (result != 0)
        return result;
    if (certificate_decode(&c, identity->certificate, identity->certificate_len) != NET_OK ||
        c.role != CERTIFICATE_SERVER)
        return datadir_fail(why, d, file, "is no server's certificate; put back a copy, or remove it");
    if (!ct_equal(c.modulus, identity->key.n, sizeof c.modulus))
        return datadir_fail(why, d, file, "is for another key than server.key; put back a copy, or remove it");
    return 0;
}

/* Signs a certificate of the identity's key, for ten years, with the issuer's key, which may be the same. */
static int sign_certificate(const struct datadir *d, struct identity *identity, const struct rsa_private *issuer,
                            const char *name, uint64_t now, struct rng *rng, char why[static WHY_LEN])
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .not_after = now + TEN_YEARS};
    c.not_before = now > CLOCK_SLACK ? now - CLOCK_SLACK : 0;
    snprintf(c.name, sizeof c.name, "%s", name);
    memcpy(c.modulus, identity->key.n, sizeof c.modulus);
    if (certificate_sign(&c, issuer, rng) != NET_OK)
        return datadir_fail(why, d, "server.key", "does not sign; the key or this machine is damaged");
    identity->certificate_len = certificate_encode(identity->certificate, &c);
    return 0;
}

static int make_certificate(const struct datadir *d, struct identity *identity, const char *host, uint64_t now,
                            struct rng *rng, char why[static WHY_LEN])
{
    if (sign_certificate(d, identity, &identity->key, host, now, rng, why) != 0)
        return -1;
    return datadir_save(d, CERTIFICATE, identity->certificate, identity->certificate_len, why);
}

/* Puts the new certificate in the old one's place: the last step of a renewal. */
static int put_renewed(const struct datadir *d, char why[static WHY_LEN])
{
    if (file_rename(d->fd, RENEWED, CERTIFICATE) == FILE_DONE)
        return 0;
    return datadir_fail(why, d, CERTIFICATE, "can't be written; the next start of the server does it");
}

/* The certificate that fits the key that is there. Where that is the new key of a renewal that was cut off, its
 * certificate is in RENEWED; where it is the old one, what the renewal left is removed, as it is another key's. */
static int find_certificate(const struct datadir *d, struct identity *identity, char why[static WHY_LEN])
{
    char unheard[WHY_LEN];
    int result = load_certificate(d, CERTIFICATE, identity, why);
    if (result != 0 && load_certificate(d, RENEWED, identity, unheard) == 0)
        return put_renewed(d, why);
    if (result >= 0) {
        unlinkat(d->fd, RENEWED, 0);
        unlinkat(d->fd, RENEWED FILE_ASIDE, 0);
        unlinkat(d->fd, "server.key" FILE_ASIDE, 0);
    }
    return result;
}

int datadir_identity(struct datadir *d, struct identity *identity, const char *host, uint64_t now, struct rng *rng,
                     char why[static WHY_LEN])
{
    int result = load_key(d, &identity->key, why);
    if (result > 0)
        result = make_key(d, &identity->key, rng, why);
    if (result == 0) {
        result = find_certificate(d, identity, why);
        if (result > 0)
            result = make_certificate(d, identity, host, now, rng, why);
    }
    if (result != 0)
        ct_wipe(identity, sizeof *identity);
    return result;
}

/* CAUTION: the order is what a kill at any moment relies on: first the new certificate in RENEWED, then the new key,
 * from which point the new pair counts, then the certificate in its place. test_killed_while_renewing notices. */
static int put_pair(const struct datadir *d, const struct identity *fresh, char why[static WHY_LEN])
{
    if (datadir_save(d, RENEWED, fresh->certificate, fresh->certificate_len, why) != 0 ||
        save_key(d, &fresh->key, why) != 0)
        return -1;
    return put_renewed(d, why);
}

/* Writes zeros over what was server.key, still open, once it has no name any more. If it still has one, that is a copy
 * that the operator made, and theirs to remove. No promise: a disk may keep what is overwritten. */
static void wipe_old_key(int fd)
{
    static const char zeros[PEM_FILE_MAX_LEN];
    struct stat st;
    if (fstat(fd, &st) == 0 && st.st_nlink == 0 && (uintmax_t)st.st_size <= sizeof zeros &&
        file_write(fd, zeros, (size_t)st.st_size, 0) == 0)
        (void)fsync(fd);
    close(fd);
}

int datadir_renew(struct datadir *d, struct identity *fresh, uint8_t before[CERTIFICATE_FINGERPRINT_LEN],
                  const char *host, uint64_t now, struct rng *rng, char why[static WHY_LEN])
{
    struct identity old;
    struct certificate c;
    if (faccessat(d->fd, "server.key", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return datadir_fail(why, d, "server.key",
                            errno == ENOENT ? "is not there: the server's first start makes one" : strerror(errno));
    if (datadir_identity(d, &old, host, now, rng, why) != 0)
        return -1;
    int result = -1;
    if (certificate_decode(&c, old.certificate, old.certificate_len) == NET_OK) { /* as it was a moment ago */
        certificate_fingerprint(before, c.modulus);
        generate(&fresh->key, rng);
        result = sign_certificate(d, fresh, &old.key, c.name, now, rng, why);
    }
    int old_fd = openat(d->fd, "server.key", O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (result == 0)
        result = put_pair(d, fresh, why);
    if (old_fd >= 0 && result == 0)
        wipe_old_key(old_fd);
    else if (old_fd >= 0)
        close(old_fd); /* after a crash the folder may have it again under its name */
    ct_wipe(&old, sizeof old);
    if (result != 0)
        ct_wipe(fresh, sizeof *fresh);
    return result;
}

static int make_storage_key(const struct datadir *d, uint8_t bytes[TOTP_SEAL_KEY_LEN], struct rng *rng,
                            char why[static WHY_LEN])
{
    char text[TOTP_SEAL_KEY_TEXT_LEN + 1];
    rng_key(rng, bytes, TOTP_SEAL_KEY_LEN);
    hex_encode(text, bytes, TOTP_SEAL_KEY_LEN);
    text[TOTP_SEAL_KEY_TEXT_LEN - 1] = '\n';
    int result = datadir_save(d, "storage.key", text, TOTP_SEAL_KEY_TEXT_LEN, why);
    ct_wipe(text, sizeof text);
    return result;
}

int datadir_storage_key(struct datadir *d, struct totp_seal_key *key, bool something_sealed, struct rng *rng,
                        char why[static WHY_LEN])
{
    char text[TOTP_SEAL_KEY_TEXT_LEN + 1];
    uint8_t bytes[TOTP_SEAL_KEY_LEN];
    size_t len = 0, bytes_len;
    int result = read_file(d, "storage.key", text, sizeof text, &len, why);
    if (result > 0 && something_sealed)
        result = datadir_fail(why, d, "storage.key",
                              "is missing, and the second factors in accounts are sealed under it; put back a copy");
    else if (result > 0)
        result = make_storage_key(d, bytes, rng, why);
    else if (result == 0 && (len != TOTP_SEAL_KEY_TEXT_LEN || text[len - 1] != '\n' ||
                             hex_decode(bytes, sizeof bytes, &bytes_len, text, len - 1) != 0))
        result = datadir_fail(why, d, "storage.key", "is damaged; put back a copy");
    if (result == 0)
        totp_seal_key_init(key, bytes);
    ct_wipe(text, sizeof text);
    ct_wipe(bytes, sizeof bytes);
    return result;
}
