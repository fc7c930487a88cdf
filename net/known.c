/* SPDX-License-Identifier: MIT */
/* Reading takes the file as it is at that moment (a rename replaces it whole, so there is no half-written one to see);
 * adding takes the lock, reads again, and replaces. The lock is on a file of its own, because the file itself is
 * replaced and a lock would stay with the old one. */
#include "net/known.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/base64.h"
#include "crypto/ct.h"
#include "net/file.h"
#include "net/fingerprint.h"
#include "net/sock.h"

#define LOCK_FILE KNOWN_FILE ".lock"
#define LOCK_TRIES_A_SECOND 50
#define LINE_MAX_LEN (SOCK_NAME_LEN + FINGERPRINT_TEXT_LEN + BASE64_LEN(CERTIFICATE_MAX_LEN) + 4)

/* --- What stands in the file -------------------------------------------------------------------------------------- */

/* A line of the file, with its end. */
struct known_line {
    const char *text;
    size_t len, number; /* from 1 */
    size_t name_len;    /* of the HOST:PORT that it begins with */
    struct known_server is;
};

/* The next line of what is left; false at the end. */
static bool next_line(const char **text, size_t *text_len, struct known_line *l)
{
    if (*text_len == 0)
        return false;
    const char *end = memchr(*text, '\n', *text_len);
    l->text = *text;
    l->len = end != NULL ? (size_t)(end - *text) + 1 : *text_len;
    l->number++;
    *text += l->len;
    *text_len -= l->len;
    return true;
}

/* Some editors put a byte order mark at the beginning of a file: it is no part of the first line.
 * CAUTION: with it, that line would belong to no server, and its pin be a first use:
 *          test_a_byte_order_mark_hides_no_pin */
static void skip_mark(const char **text, size_t *text_len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (*text_len >= sizeof mark - 1 && strncmp(*text, mark, sizeof mark - 1) == 0) {
        *text += sizeof mark - 1;
        *text_len -= sizeof mark - 1;
    }
}

/* How long it is without its end, which some editors write as two characters. */
static size_t without_end(const struct known_line *l)
{
    size_t len = l->len;
    if (l->text[len - 1] == '\n')
        len--;
    if (len > 0 && l->text[len - 1] == '\r')
        len--;
    return len;
}

static bool names_a_server(const struct known_line *l)
{
    return without_end(l) > 0 && l->text[0] != '#';
}

/* A certificate that isn't that key's would have another key believed when it signs a new one. */
static int parse_certificate(struct known_server *is, const char *text, size_t len)
{
    uint8_t bytes[CERTIFICATE_MAX_LEN], fp[CERTIFICATE_FINGERPRINT_LEN];
    size_t bytes_len;
    if (base64_decode(bytes, sizeof bytes, &bytes_len, text, len) != 0 ||
        certificate_decode(&is->certificate, bytes, bytes_len) != NET_OK || is->certificate.role != CERTIFICATE_SERVER)
        return -1;
    certificate_fingerprint(fp, is->certificate.modulus);
    is->has_certificate = true;
    return ct_equal(fp, is->fp, sizeof fp) ? 0 : -1;
}

/* Takes a line apart; -1 where it is damaged. */
static int parse_line(struct known_line *l)
{
    size_t len = without_end(l);
    const char *space = memchr(l->text, ' ', len);
    l->is.has_certificate = false;
    l->name_len = space != NULL ? (size_t)(space - l->text) : 0;
    if (l->name_len == 0 || memchr(l->text, '\0', len) != NULL)
        return -1;
    const char *key = space + 1, *after = key + FINGERPRINT_TEXT_LEN - 1;
    size_t left = len - l->name_len - 1;
    if (left < FINGERPRINT_TEXT_LEN)
        return fingerprint_parse(l->is.fp, key, left);
    if (*after != ' ' || fingerprint_parse(l->is.fp, key, FINGERPRINT_TEXT_LEN - 1) != 0)
        return -1;
    return parse_certificate(&l->is, after + 1, left - FINGERPRINT_TEXT_LEN);
}

/* Whether the line is server's. What is no HOST:PORT was written by hand and belongs to no server. */
static bool is_for(const struct known_line *l, const char *server)
{
    char typed[SOCK_NAME_LEN], folded[SOCK_NAME_LEN];
    struct sock_name name;
    if (l->name_len >= sizeof typed)
        return false;
    memcpy(typed, l->text, l->name_len);
    typed[l->name_len] = '\0';
    if (sock_parse(&name, typed, "") != 0)
        return false;
    sock_print(folded, &name);
    return strcmp(folded, server) == 0;
}

static bool same_spelling(const struct known_line *one, const struct known_line *other)
{
    return one->name_len == other->name_len && strncmp(one->text, other->text, one->name_len) == 0;
}

/* One line more of a server that was found already. */
static enum known_result add_line(struct known_line *found, const struct known_line *here, struct known_lines *at)
{
    if (same_spelling(found, here)) {
        at->first = here->number;
        return KNOWN_FAILED;
    }
    if (!ct_equal(found->is.fp, here->is.fp, sizeof here->is.fp)) {
        *at = (struct known_lines){found->number, here->number};
        return KNOWN_DISAGREES;
    }
    if (!found->is.has_certificate)
        found->is = here->is;
    return KNOWN_FOUND;
}

enum known_result known_search(const char *text, size_t text_len, const char *server, struct known_server *k,
                               struct known_lines *at)
{
    struct known_line here = {0}, found = {0};
    enum known_result result = KNOWN_ABSENT;
    *at = (struct known_lines){0};
    skip_mark(&text, &text_len);
    while (result != KNOWN_FAILED && next_line(&text, &text_len, &here)) {
        if (!names_a_server(&here))
            continue;
        if (parse_line(&here) != 0) {
            *at = (struct known_lines){here.number, 0};
            return KNOWN_FAILED;
        }
        if (result == KNOWN_DISAGREES || !is_for(&here, server))
            continue;
        if (result == KNOWN_FOUND) {
            result = add_line(&found, &here, at);
        } else {
            found = here;
            result = KNOWN_FOUND;
        }
    }
    if (result == KNOWN_FOUND)
        *k = found.is;
    return result;
}

/* --- What it is to be --------------------------------------------------------------------------------------------- */

static size_t print_line(char out[static LINE_MAX_LEN], const char *server, const struct certificate *c)
{
    uint8_t bytes[CERTIFICATE_MAX_LEN], fp[CERTIFICATE_FINGERPRINT_LEN];
    char key[FINGERPRINT_TEXT_LEN], text[BASE64_LEN(CERTIFICATE_MAX_LEN) + 1];
    certificate_fingerprint(fp, c->modulus);
    fingerprint_print(key, fp);
    base64_encode(text, bytes, certificate_encode(bytes, c));
    return (size_t)snprintf(out, LINE_MAX_LEN, "%s %s %s\n", server, key, text);
}

char *known_rewrite(const char *text, size_t text_len, const char *server, const struct certificate *c, size_t *len)
{
    static const char head[] =
        "# one line a server: HOST:PORT, the fingerprint of its key, its certificate in base64\n";
    char line[LINE_MAX_LEN];
    size_t line_len = print_line(line, server, c);
    char *out = malloc(text_len + sizeof head + line_len + 1), *p = out;
    if (out == NULL)
        return NULL;
    bool there = false;
    skip_mark(&text, &text_len);
    for (struct known_line here = {0}; next_line(&text, &text_len, &here);) {
        bool ours = names_a_server(&here) && parse_line(&here) == 0 && is_for(&here, server);
        const char *from = ours ? line : here.text;
        size_t from_len = !ours ? here.len : there ? 0 : line_len;
        memcpy(p, from, from_len);
        p += from_len;
        there = there || ours;
    }
    if (!there) {
        const char *before = p == out ? head : p[-1] != '\n' ? "\n" : "";
        p += snprintf(p, sizeof head + line_len, "%s%s", before, line);
    }
    *len = (size_t)(p - out);
    return out;
}

/* --- The folder and its files ------------------------------------------------------------------------------------- */

static int fail(char why[static WHY_LEN], const char *home, const char *file, const char *what)
{
    return why_say(why, "%s%s%s: %s", home, *file != '\0' ? "/" : "", file, what);
}

/* Ours, and nobody else may write to it. */
static int check_owner(int fd, const char *home, const char *file, char why[static WHY_LEN])
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail(why, home, file, strerror(errno));
    if (st.st_uid != geteuid())
        return fail(why, home, file, "belongs to another user: choose another --home");
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(why, home, file, "can be changed by other users: chmod go-w it, after a look at what is in it");
    return 0;
}

/* The folder, open; made where it is missing, if make says so. -1 with errno ENOENT and no why: it isn't there. */
static int open_home(const char *home, bool make, char why[static WHY_LEN])
{
    if (make && mkdir(home, 0700) != 0 && errno != EEXIST)
        return why_say(why, "cannot make the folder %s for known servers: %s (--home chooses another)", home,
                       strerror(errno));
    int fd = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        int error = errno;
        (void)fail(why, home, "", strerror(error));
        errno = error;
        return -1;
    }
    if (check_owner(fd, home, "", why) != 0) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

static char *read_regular(int fd, size_t *len)
{
    if (file_is_regular(fd))
        return file_read_whole(fd, KNOWN_FILE_MAX, len);
    errno = EINVAL;
    return NULL;
}

/* The file's bytes, malloc'd; NULL where it failed. A file that isn't there has none. */
static char *read_known(int dir, const char *home, size_t *len, char why[static WHY_LEN])
{
    *len = 0;
    int fd = openat(dir, KNOWN_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return calloc(1, 1);
    char *text = NULL;
    if (fd < 0 && errno == ELOOP)
        (void)fail(why, home, KNOWN_FILE, "is a link: put the file itself there, or choose another --home");
    else if (fd < 0)
        (void)fail(why, home, KNOWN_FILE, strerror(errno));
    else if (check_owner(fd, home, KNOWN_FILE, why) == 0 && (text = read_regular(fd, len)) == NULL)
        (void)fail(why, home, KNOWN_FILE,
                   errno == EINVAL ? "is no file: move it away, or choose another --home" : strerror(errno));
    if (fd >= 0)
        close(fd);
    return text;
}

/* The file's whole text in *text, to be freed, and what it says of server; why where it can't be used. */
static enum known_result search_dir(int dir, const char *home, const char *server, struct known_server *k, char **text,
                                    size_t *len, char why[static WHY_LEN])
{
    struct known_lines at;
    *text = read_known(dir, home, len, why);
    if (*text == NULL)
        return KNOWN_FAILED;
    enum known_result result = known_search(*text, *len, server, k, &at);
    if (result == KNOWN_DISAGREES)
        why_say(why,
                "REFUSED: lines %zu and %zu of %s/" KNOWN_FILE " are both %s and name different keys: ask its "
                "operator for the right fingerprint, and connect once with --pin, what the operator gave, and "
                "--remember",
                at.first, at.other, home, server);
    else if (result == KNOWN_FAILED)
        why_say(why, "%s/" KNOWN_FILE ", line %zu is damaged: mend or remove that line, nothing was changed", home,
                at.first);
    return result;
}

static bool server_fits_a_line(const char *server)
{
    bool fits = *server != '\0' && *server != '#';
    for (const char *p = server; *p != '\0'; p++)
        fits = fits && *p > ' ' && *p != 0x7f;
    return fits;
}

enum known_result known_find(const char *home, const char *server, struct known_server *k, char why[static WHY_LEN])
{
    assert(server_fits_a_line(server));
    int dir = open_home(home, false, why);
    if (dir < 0)
        return errno == ENOENT ? KNOWN_ABSENT : KNOWN_FAILED;
    char *text;
    size_t len;
    enum known_result result = search_dir(dir, home, server, k, &text, &len, why);
    free(text);
    close(dir);
    return result;
}

/* --- Changing ----------------------------------------------------------------------------------------------------- */

/* Asked for again and again: a call that waits for it would do so for ever where its holder was stopped. */
static int lock_in_time(int fd)
{
    const struct timespec pause = {.tv_nsec = 1000000000 / LOCK_TRIES_A_SECOND};
    for (int tries = KNOWN_LOCK_SECONDS * LOCK_TRIES_A_SECOND; flock(fd, LOCK_EX | LOCK_NB) != 0; tries--) {
        if (errno != EINTR && (errno != EWOULDBLOCK || tries <= 0))
            return -1;
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

/* Held until the descriptor is closed; the system lets go of it too when the process ends. */
static int lock(int dir, const char *home, char why[static WHY_LEN])
{
    int fd = openat(dir, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(why, home, LOCK_FILE, strerror(errno));
    if (lock_in_time(fd) == 0)
        return fd;
    int error = errno;
    close(fd);
    return fail(why, home, LOCK_FILE,
                error == EWOULDBLOCK ? "another program does not let go of it: end that one, then connect again"
                                     : strerror(error));
}

/* The text in the file's place. EINVAL: a file system that knows no syncing of folders. */
static int replace(int dir, const char *text, size_t len)
{
    errno = EFBIG;
    enum file_result result = len <= KNOWN_FILE_MAX ? file_replace(dir, KNOWN_FILE, text, len, NULL) : FILE_FAILED;
    return result == FILE_DONE || (result == FILE_UNSYNCED && errno == EINVAL) ? 0 : -1;
}

/* What is to be there before, as it was when it was decided to change it: another client may have been quicker. */
struct change {
    const struct certificate *to;
    const uint8_t *from; /* the fingerprint; NULL: nothing yet */
    bool anything;       /* whatever is there */
};

/* 1: it is there already; 0: go on; -1: not what was expected. */
static int compare(const struct change *c, enum known_result result, const struct known_server *there)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fp, c->to->modulus);
    if (result == KNOWN_FOUND && there->has_certificate && ct_equal(there->fp, fp, sizeof fp))
        return 1;
    if (c->anything || result == KNOWN_ABSENT)
        return c->anything || c->from == NULL ? 0 : -1;
    if (ct_equal(there->fp, fp, sizeof fp))
        return 0;
    return c->from != NULL && ct_equal(there->fp, c->from, sizeof fp) ? 0 : -1;
}

static int rewrite(int dir, const char *home, const char *server, const struct certificate *to, const char *text,
                   size_t text_len, char why[static WHY_LEN])
{
    size_t len;
    char *changed = known_rewrite(text, text_len, server, to, &len);
    if (changed == NULL)
        return fail(why, home, KNOWN_FILE, strerror(ENOMEM));
    int failed = replace(dir, changed, len);
    if (failed != 0)
        (void)fail(why, home, KNOWN_FILE, strerror(errno));
    free(changed);
    return failed;
}

static int change_locked(int dir, const char *home, const char *server, const struct change *c,
                         char why[static WHY_LEN])
{
    struct known_server there;
    char *text;
    size_t len;
    enum known_result result = search_dir(dir, home, server, &there, &text, &len, why);
    int failed = -1;
    if (result != KNOWN_FAILED && (result != KNOWN_DISAGREES || c->anything)) {
        int expected = compare(c, result, &there);
        if (expected < 0)
            (void)fail(why, home, KNOWN_FILE, "was changed for this server just now: connect again");
        else
            failed = expected > 0 ? 0 : rewrite(dir, home, server, c->to, text, len, why);
    }
    free(text);
    return failed;
}

static int change(const char *home, const char *server, const struct change *c, char why[static WHY_LEN])
{
    assert(server_fits_a_line(server));
    int dir = open_home(home, true, why);
    if (dir < 0)
        return -1;
    int locked = lock(dir, home, why);
    int failed = locked < 0 ? -1 : change_locked(dir, home, server, c, why);
    if (locked >= 0)
        close(locked);
    close(dir);
    return failed;
}

int known_add(const char *home, const char *server, const struct certificate *c, char why[static WHY_LEN])
{
    return change(home, server, &(struct change){.to = c}, why);
}

int known_replace(const char *home, const char *server, const uint8_t from[static CERTIFICATE_FINGERPRINT_LEN],
                  const struct certificate *c, char why[static WHY_LEN])
{
    return change(home, server, &(struct change){.to = c, .from = from}, why);
}

int known_set(const char *home, const char *server, const struct certificate *c, char why[static WHY_LEN])
{
    return change(home, server, &(struct change){.to = c, .anything = true}, why);
}
