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
#include <unistd.h>

#include "crypto/ct.h"
#include "net/fingerprint.h"

#define LOCK_FILE KNOWN_FILE ".lock"
#define NEW_FILE KNOWN_FILE ".new"

/* --- What stands in the file -------------------------------------------------------------------------------------- */

/* One line without its end: sets fp and returns true if it is server's; *wrong if it is no line at all. */
static bool line_is_for(const char *line, size_t len, const char *server,
                        uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], bool *wrong)
{
    const char *space = memchr(line, ' ', len);
    size_t name_len = space != NULL ? (size_t)(space - line) : 0;
    *wrong = name_len == 0 || memchr(line, '\0', len) != NULL ||
             fingerprint_parse(fp, space + 1, len - name_len - 1) != 0;
    return !*wrong && name_len == strlen(server) && strncmp(line, server, name_len) == 0;
}

enum known_result known_search(const char *text, size_t text_len, const char *server,
                               uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], size_t *line)
{
    enum known_result result = KNOWN_ABSENT;
    uint8_t found[CERTIFICATE_FINGERPRINT_LEN];
    for (*line = 1; text_len > 0; ++*line) {
        const char *end = memchr(text, '\n', text_len);
        size_t len = end != NULL ? (size_t)(end - text) : text_len;
        if (len > 0 && text[0] != '#') {
            uint8_t here[CERTIFICATE_FINGERPRINT_LEN];
            bool wrong, ours = line_is_for(text, len, server, here, &wrong);
            if (wrong || (ours && result == KNOWN_FOUND))
                return KNOWN_FAILED;
            if (ours) {
                memcpy(found, here, sizeof found);
                result = KNOWN_FOUND;
            }
        }
        size_t used = end != NULL ? len + 1 : len;
        text += used;
        text_len -= used;
    }
    if (result == KNOWN_FOUND)
        memcpy(fp, found, sizeof found);
    return result;
}

/* --- The folder and its files ------------------------------------------------------------------------------------- */

static int fail(char why[static KNOWN_WHY_LEN], const char *home, const char *file, const char *what)
{
    snprintf(why, KNOWN_WHY_LEN, "%s%s%s: %s", home, *file != '\0' ? "/" : "", file, what);
    return -1;
}

/* Ours, and nobody else may write to it. */
static int check_owner(int fd, const char *home, const char *file, char why[static KNOWN_WHY_LEN])
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
static int open_home(const char *home, bool make, char why[static KNOWN_WHY_LEN])
{
    if (make && mkdir(home, 0700) != 0 && errno != EEXIST) {
        snprintf(why, KNOWN_WHY_LEN, "cannot make the folder %s for known servers: %s (--home chooses another)", home,
                 strerror(errno));
        return -1;
    }
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

/* Reads fd to its end; NULL with errno. */
static char *read_all(int fd, size_t *len)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return NULL;
    if (!S_ISREG(st.st_mode) || st.st_size > KNOWN_FILE_MAX) {
        errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
        return NULL;
    }
    char *text = malloc((size_t)st.st_size + 1);
    *len = 0;
    while (text != NULL && *len < (size_t)st.st_size) {
        ssize_t n = read(fd, text + *len, (size_t)st.st_size - *len);
        if (n == 0)
            break;
        if (n > 0) {
            *len += (size_t)n;
        } else if (errno != EINTR) {
            free(text);
            return NULL;
        }
    }
    return text;
}

/* The file's bytes, malloc'd; NULL where it failed. A file that isn't there has none. */
static char *read_known(int dir, const char *home, size_t *len, char why[static KNOWN_WHY_LEN])
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
    else if (check_owner(fd, home, KNOWN_FILE, why) == 0 && (text = read_all(fd, len)) == NULL)
        (void)fail(why, home, KNOWN_FILE, strerror(errno));
    if (fd >= 0)
        close(fd);
    return text;
}

static enum known_result search_dir(int dir, const char *home, const char *server,
                                    uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], char why[static KNOWN_WHY_LEN])
{
    size_t len, line;
    char *text = read_known(dir, home, &len, why);
    if (text == NULL)
        return KNOWN_FAILED;
    enum known_result result = known_search(text, len, server, fp, &line);
    if (result == KNOWN_FAILED)
        snprintf(why, KNOWN_WHY_LEN,
                 "%s/" KNOWN_FILE ", line %zu is damaged: mend or remove that line, nothing was changed", home, line);
    free(text);
    return result;
}

static bool server_fits_a_line(const char *server)
{
    bool fits = *server != '\0' && *server != '#';
    for (const char *p = server; *p != '\0'; p++)
        fits = fits && *p > ' ' && *p != 0x7f;
    return fits;
}

enum known_result known_find(const char *home, const char *server, uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN],
                             char why[static KNOWN_WHY_LEN])
{
    assert(server_fits_a_line(server));
    int dir = open_home(home, false, why);
    if (dir < 0)
        return errno == ENOENT ? KNOWN_ABSENT : KNOWN_FAILED;
    enum known_result result = search_dir(dir, home, server, fp, why);
    close(dir);
    return result;
}

/* --- Adding ------------------------------------------------------------------------------------------------------- */

/* Held until the descriptor is closed; the system lets go of it too when the process ends. */
static int lock(int dir)
{
    int fd = openat(dir, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) {
            close(fd);
            return -1;
        }
    return fd;
}

/* Writes text to the new file, whole and synced. */
static int write_new(int dir, const char *text, size_t len)
{
    int fd = openat(dir, NEW_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    int failed = fchmod(fd, 0600);
    while (failed == 0 && len > 0) {
        ssize_t n = write(fd, text, len);
        if (n >= 0) {
            text += n;
            len -= (size_t)n;
        } else if (errno != EINTR) {
            failed = -1;
        }
    }
    if (failed == 0)
        failed = fsync(fd);
    return close(fd) != 0 || failed != 0 ? -1 : 0;
}

/* The old text and one line more, in its place. */
static int replace(int dir, const char *old, size_t old_len, const char *server,
                   const uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN])
{
    static const char head[] = "# one line a server: HOST:PORT as it was typed, a space, the fingerprint of its key\n";
    char fingerprint[FINGERPRINT_TEXT_LEN];
    fingerprint_print(fingerprint, fp);
    size_t cap = old_len + sizeof head + strlen(server) + sizeof fingerprint + 4;
    char *text = malloc(cap);
    if (text == NULL)
        return -1;
    memcpy(text, old, old_len);
    const char *before = old_len == 0 ? head : old[old_len - 1] != '\n' ? "\n" : "";
    size_t len = old_len + (size_t)snprintf(text + old_len, cap - old_len, "%s%s %s\n", before, server, fingerprint);
    errno = EFBIG;
    int failed = len > KNOWN_FILE_MAX ? -1 : write_new(dir, text, len);
    free(text);
    if (failed != 0 || renameat(dir, NEW_FILE, dir, KNOWN_FILE) != 0) {
        int error = errno;
        (void)unlinkat(dir, NEW_FILE, 0);
        errno = error;
        return -1;
    }
    /* EINVAL: a file system that knows no syncing of folders. */
    return fsync(dir) != 0 && errno != EINVAL ? -1 : 0;
}

static int add_locked(int dir, const char *home, const char *server,
                      const uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN], char why[static KNOWN_WHY_LEN])
{
    uint8_t there[CERTIFICATE_FINGERPRINT_LEN];
    switch (search_dir(dir, home, server, there, why)) {
    case KNOWN_FAILED:
        return -1;
    case KNOWN_FOUND:
        if (ct_equal(there, fp, sizeof there))
            return 0;
        return fail(why, home, KNOWN_FILE, "got another key for this server just now: connect again");
    case KNOWN_ABSENT:
        break;
    }
    size_t len;
    char *text = read_known(dir, home, &len, why);
    if (text == NULL)
        return -1;
    int failed = replace(dir, text, len, server, fp);
    free(text);
    return failed != 0 ? fail(why, home, KNOWN_FILE, strerror(errno)) : 0;
}

int known_add(const char *home, const char *server, const uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN],
              char why[static KNOWN_WHY_LEN])
{
    assert(server_fits_a_line(server));
    int dir = open_home(home, true, why);
    if (dir < 0)
        return -1;
    int locked = lock(dir);
    int failed = locked < 0 ? fail(why, home, LOCK_FILE, strerror(errno)) : add_locked(dir, home, server, fp, why);
    if (locked >= 0)
        close(locked);
    close(dir);
    return failed;
}
