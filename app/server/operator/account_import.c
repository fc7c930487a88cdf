/* SPDX-License-Identifier: MIT */
/* The file is read whole and cut in place. Names that occur twice are found by sorting. The hashing goes to the
 * workers, sixteen passwords a job, as many as one processor does together. */
#include "app/server/operator/account_import.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/message/email.h"
#include "app/message/name.h"
#include "app/message/password.h"
#include "app/server/base/worker.h"
#include "crypto/ct.h"
#include "net/file.h"

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* Some programs begin a file with a byte order mark, which nobody sees: it is no part of the first name. */
static size_t mark_len(const char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    return strncmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
}

/* Cuts a field off at the tab; NULL where there is none. */
static char *cut(char *field)
{
    char *tab = strchr(field, '\t');
    if (tab == NULL)
        return NULL;
    *tab = '\0';
    return tab + 1;
}

static const char *wrong_with(const struct account_import_entry *e)
{
    if (!name_valid(e->name, strlen(e->name)))
        return "the name must be 1 to 32 of a-z 0-9 _ -, a letter first";
    if (name_reserved(e->name))
        return "that name is one that nobody may have";
    if (!email_valid(e->email, strlen(e->email)))
        return "the second field must be an e-mail address";
    if (!password_valid(e->password_len))
        return "the password must have 8 to 128 bytes";
    return NULL;
}

/* One line without its end, and no NUL in it: becomes an entry, or what is wrong with it is returned. */
static const char *take_line(struct account_import *r, char *line, size_t number)
{
    if (r->len == r->cap) {
        size_t cap = r->cap == 0 ? 256 : 2 * r->cap;
        struct account_import_entry *entries = realloc(r->entries,
                                                       cap * sizeof *entries); /* nothing secret in it yet */
        if (entries == NULL)
            return "there is not enough memory";
        r->entries = entries;
        r->cap = cap;
    }
    struct account_import_entry *e = &r->entries[r->len];
    *e = (struct account_import_entry){.name = line, .line = number};
    char *email = cut(line), *password = email != NULL ? cut(email) : NULL;
    if (password == NULL || strchr(password, '\t') != NULL)
        return "a line must be a name, an e-mail address and a password, with a tab between two";
    e->email = email;
    e->password = password;
    e->password_len = strlen(password);
    const char *wrong = wrong_with(e);
    r->len += wrong == NULL;
    return wrong;
}

static const char *take_lines(struct account_import *r, char *text, size_t len, size_t *number)
{
    const char *wrong = NULL;
    char *end, *line = text;
    for (*number = 1; wrong == NULL && line < text + len; (*number)++, line = end + 1) {
        end = memchr(line, '\n', (size_t)(text + len - line));
        if (end == NULL)
            end = text + len;
        *end = '\0';
        size_t line_len = (size_t)(end - line);
        if (strlen(line) != line_len)
            wrong = "there is a zero byte in it";
        if (line_len > 0 && line[line_len - 1] == '\r')
            line[line_len - 1] = '\0';
        if (wrong == NULL && line[0] != '\0' && line[0] != '#')
            wrong = take_line(r, line, *number);
    }
    (*number)--;
    return wrong;
}

static int compare(const void *a, const void *b)
{
    const struct account_import_entry *const *one = a, *const *other = b;
    int order = strcmp((*one)->name, (*other)->name);
    return order != 0 ? order : ((*one)->line > (*other)->line) - ((*one)->line < (*other)->line);
}

/* The first entry whose name an earlier entry has too; NULL where there is none. */
static const struct account_import_entry *find_twice(const struct account_import *r, bool *no_memory)
{
    const struct account_import_entry **sorted = malloc((r->len + 1) * sizeof *sorted), *twice = NULL;
    *no_memory = sorted == NULL;
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < r->len; i++)
        sorted[i] = &r->entries[i];
    qsort(sorted, r->len, sizeof *sorted, compare);
    for (size_t i = 1; i < r->len; i++)
        if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0 && (twice == NULL || sorted[i]->line < twice->line))
            twice = sorted[i];
    free(sorted);
    return twice;
}

static int read_entries(struct account_import *r, int fd, const char *path, char why[static WHY_LEN])
{
    size_t len, number;
    bool no_memory = false;
    struct stat st;
    r->text = file_read_whole(fd, ACCOUNT_IMPORT_FILE_MAX, &len);
    if (r->text == NULL)
        return why_say(why, "%.300s: %s", path, strerror(errno));
    r->text_cap = len + 1;
    r->open_to_others = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0;
    size_t mark = mark_len(r->text);
    const char *wrong = take_lines(r, r->text + mark, len - mark, &number);
    const struct account_import_entry *twice = find_twice(r, &no_memory); /* all of them stand before a wrong line */
    if (twice != NULL) {
        wrong = "an earlier line has that name too";
        number = twice->line;
    }
    if (wrong == NULL && !no_memory && r->len > 0)
        return 0;
    if (wrong != NULL)
        return why_say(why, "%.300s line %zu: %s; nothing was added", path, number, wrong);
    return why_say(why, "%.300s: %s", path, no_memory ? "there is not enough memory" : "has no accounts");
}

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *account_import_name(const char *path)
{
    return is_stdin(path) ? "standard input" : path;
}

int account_import_read(struct account_import *r, const char *path, char why[static WHY_LEN])
{
    *r = (struct account_import){0};
    int fd = is_stdin(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return why_say(why, "%.300s: %s", path, strerror(errno));
    int failed = read_entries(r, fd, account_import_name(path), why);
    if (!is_stdin(path))
        close(fd);
    if (failed)
        account_import_free(r);
    return failed;
}

int account_import_one(struct account_import *r, const char *name, const char *email, const uint8_t *password,
                       size_t len, char why[static WHY_LEN])
{
    size_t name_len = strlen(name), email_len = strlen(email);
    *r = (struct account_import){.text_cap = name_len + email_len + len + 3};
    r->text = calloc(1, r->text_cap);
    r->entries = calloc(1, sizeof *r->entries);
    const char *wrong = "there is not enough memory";
    if (r->text != NULL && r->entries != NULL) {
        char *at = r->text + name_len + 1, *password_at = at + email_len + 1;
        memcpy(r->text, name, name_len);
        memcpy(at, email, email_len);
        memcpy(password_at, password, len);
        r->len = r->cap = 1;
        r->entries[0] = (struct account_import_entry){r->text, at, password_at, len, 0, {0}};
        wrong = wrong_with(&r->entries[0]);
    }
    if (wrong == NULL)
        return 0;
    why_say(why, "%s", wrong);
    account_import_free(r);
    return -1;
}

void account_import_free(struct account_import *r)
{
    if (r->text != NULL)
        ct_wipe(r->text, r->text_cap);
    if (r->entries != NULL)
        ct_wipe(r->entries, r->cap * sizeof *r->entries);
    free(r->text);
    free(r->entries);
    *r = (struct account_import){0};
}

/* --- Hashing ------------------------------------------------------------------------------------------------------ */

struct hash_job {
    struct job job;
    struct account_import_entry *entries;
    size_t len;
    uint32_t iterations;
    size_t *done;
};

static void hash_run(struct job *job, struct rng *rng)
{
    struct hash_job *h = (struct hash_job *)(void *)job;
    struct verifier_new news[VERIFIER_MANY_MAX];
    for (size_t i = 0; i < h->len; i++) {
        struct account_import_entry *e = &h->entries[i];
        news[i] = (struct verifier_new){&e->verifier, (const uint8_t *)e->password, e->password_len};
    }
    verifier_make_many(news, h->len, h->iterations, rng);
}

static void hash_finish(struct job *job)
{
    struct hash_job *h = (struct hash_job *)(void *)job;
    *h->done += h->len;
}

int account_import_hash(struct account_import *r, uint32_t iterations, void (*progress)(size_t done, size_t of),
                        char why[static WHY_LEN])
{
    size_t n = (r->len + VERIFIER_MANY_MAX - 1) / VERIFIER_MANY_MAX, done = 0;
    struct hash_job *jobs = calloc(n + 1, sizeof *jobs);
    struct worker_pool *pool = jobs != NULL ? worker_start(worker_default_count()) : NULL;
    if (pool == NULL) {
        worker_why(why, errno); /* the jobs' memory was for them too */
        free(jobs);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at = i * VERIFIER_MANY_MAX, len = r->len - at < VERIFIER_MANY_MAX ? r->len - at : VERIFIER_MANY_MAX;
        jobs[i] = (struct hash_job){{.run = hash_run, .finish = hash_finish}, &r->entries[at], len, iterations, &done};
        worker_submit(pool, &jobs[i].job);
    }
    while (worker_in_flight(pool) > 0) {
        struct pollfd bell = {.fd = worker_fd(pool), .events = POLLIN};
        poll(&bell, 1, -1);
        worker_finish(pool);
        if (progress != NULL)
            progress(done, r->len);
    }
    worker_stop(pool);
    free(jobs);
    return 0;
}
