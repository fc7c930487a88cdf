/* SPDX-License-Identifier: MIT */
/* Reading takes the file as it is at that moment (a rename replaces it whole, so there is no half-written one to see);
 * adding takes the lock, reads again, and replaces. */
#include "net/known.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/base64.h"
#include "crypto/ct.h"
#include "net/fingerprint.h"
#include "net/home.h"
#include "net/lines.h"
#include "net/sock.h"

#define LOCK_FILE KNOWN_FILE ".lock"
#define LINE_MAX_LEN (SOCK_NAME_LEN + FINGERPRINT_TEXT_LEN + BASE64_LEN(CERTIFICATE_MAX_LEN) + 4)

/* --- What stands in the file -------------------------------------------------------------------------------------- */

/* A line of the file. */
struct known_line {
    struct lines_line at;
    const char *name; /* the HOST:PORT that it begins with, and how long that is */
    size_t name_len;
    struct known_server is;
};

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

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next word off what is left of a line, and says how long it is; 0 where there is none. */
static size_t take_word(const char **text, const char *end, const char **word)
{
    while (*text < end && is_blank(**text))
        ++*text;
    *word = *text;
    while (*text < end && !is_blank(**text))
        ++*text;
    return (size_t)(*text - *word);
}

/* Whether it is neither empty nor a comment. */
static bool says_something(const struct lines_line *l)
{
    const char *text = l->text, *word;
    return take_word(&text, l->text + lines_len(l), &word) > 0 && *word != '#';
}

/* Takes a line apart; -1 where it is damaged. */
static int parse_line(struct known_line *l)
{
    const char *text = l->at.text, *end = text + lines_len(&l->at), *key, *certificate, *more;
    l->is.has_certificate = false;
    l->name_len = take_word(&text, end, &l->name);
    size_t key_len = take_word(&text, end, &key), certificate_len = take_word(&text, end, &certificate);
    if (memchr(l->name, '\0', l->name_len) != NULL || fingerprint_parse(l->is.fp, key, key_len) != 0 ||
        take_word(&text, end, &more) > 0)
        return -1;
    return certificate_len == 0 ? 0 : parse_certificate(&l->is, certificate, certificate_len);
}

/* Whether the line is server's. What is no HOST:PORT was written by hand and belongs to no server. */
static bool is_for(const struct known_line *l, const char *server)
{
    char typed[SOCK_NAME_LEN], folded[SOCK_NAME_LEN];
    struct sock_name name;
    if (l->name_len >= sizeof typed)
        return false;
    memcpy(typed, l->name, l->name_len);
    typed[l->name_len] = '\0';
    if (sock_parse(&name, typed, "") != 0)
        return false;
    sock_print(folded, &name);
    return strcmp(folded, server) == 0;
}

static bool same_spelling(const struct known_line *one, const struct known_line *other)
{
    return one->name_len == other->name_len && strncmp(one->name, other->name, one->name_len) == 0;
}

/* One line more of a server that was found already. */
static enum known_result add_line(struct known_line *found, const struct known_line *here, struct known_lines *at)
{
    if (same_spelling(found, here)) {
        at->first = here->at.number;
        return KNOWN_FAILED;
    }
    if (!ct_equal(found->is.fp, here->is.fp, sizeof here->is.fp)) {
        *at = (struct known_lines){found->at.number, here->at.number};
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
    lines_skip_mark(&text, &text_len);
    while (result != KNOWN_FAILED && lines_next(&text, &text_len, &here.at)) {
        if (!says_something(&here.at))
            continue;
        if (parse_line(&here) != 0) {
            *at = (struct known_lines){here.at.number, 0};
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
    lines_skip_mark(&text, &text_len);
    for (struct known_line here = {0}; lines_next(&text, &text_len, &here.at);) {
        bool ours = says_something(&here.at) && parse_line(&here) == 0 && is_for(&here, server);
        const char *from = ours ? line : here.at.text;
        size_t from_len = !ours ? here.at.len : there ? 0 : line_len;
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

/* The file's bytes, malloc'd; NULL where it failed. A file that isn't there has none. */
static char *read_known(const struct home *h, size_t *len, char why[static WHY_LEN])
{
    char *text = home_read(h, KNOWN_FILE, KNOWN_FILE_MAX, len, why);
    return text == NULL && errno == ENOENT ? calloc(1, 1) : text;
}

/* The file's whole text in *text, to be freed, and what it says of server; why where it can't be used. */
static enum known_result search_home(const struct home *h, const char *server, struct known_server *k, char **text,
                                     size_t *len, char why[static WHY_LEN])
{
    struct known_lines at;
    *text = read_known(h, len, why);
    if (*text == NULL)
        return KNOWN_FAILED;
    enum known_result result = known_search(*text, *len, server, k, &at);
    if (result == KNOWN_DISAGREES)
        why_say(why,
                "REFUSED: lines %zu and %zu of %s/" KNOWN_FILE " are both %s and name different keys: ask its "
                "operator for the right fingerprint, and connect once with --pin, what the operator gave, and "
                "--remember",
                at.first, at.other, h->path, server);
    else if (result == KNOWN_FAILED)
        why_say(why, "%s/" KNOWN_FILE ", line %zu is damaged: mend or remove that line, nothing was changed", h->path,
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
    struct home h;
    if (home_open(&h, home, false, why) != 0)
        return errno == ENOENT ? KNOWN_ABSENT : KNOWN_FAILED;
    char *text;
    size_t len;
    enum known_result result = search_home(&h, server, k, &text, &len, why);
    free(text);
    home_close(&h);
    return result;
}

/* --- Changing ----------------------------------------------------------------------------------------------------- */

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

static int rewrite(const struct home *h, const char *server, const struct certificate *to, const char *text,
                   size_t text_len, char why[static WHY_LEN])
{
    size_t len;
    char *changed = known_rewrite(text, text_len, server, to, &len);
    if (changed == NULL)
        return home_say(h, KNOWN_FILE, strerror(ENOMEM), why);
    int failed = home_replace(h, KNOWN_FILE, changed, len, KNOWN_FILE_MAX, why);
    free(changed);
    return failed;
}

static int change_locked(const struct home *h, const char *server, const struct change *c, char why[static WHY_LEN])
{
    struct known_server there;
    char *text;
    size_t len;
    enum known_result result = search_home(h, server, &there, &text, &len, why);
    int failed = -1;
    if (result != KNOWN_FAILED && (result != KNOWN_DISAGREES || c->anything)) {
        int expected = compare(c, result, &there);
        if (expected < 0)
            (void)home_say(h, KNOWN_FILE, "was changed for this server just now: connect again", why);
        else
            failed = expected > 0 ? 0 : rewrite(h, server, c->to, text, len, why);
    }
    free(text);
    return failed;
}

static int change(const char *home, const char *server, const struct change *c, char why[static WHY_LEN])
{
    struct home h;
    assert(server_fits_a_line(server));
    if (home_open(&h, home, true, why) != 0)
        return -1;
    int locked = home_lock(&h, LOCK_FILE, HOME_LOCK_SECONDS, why);
    int failed = locked < 0 ? -1 : change_locked(&h, server, c, why);
    if (locked >= 0)
        close(locked);
    home_close(&h);
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
