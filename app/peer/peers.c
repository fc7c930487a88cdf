/* SPDX-License-Identifier: MIT */
/* The whole file is read each time, so that a line that is wrong is found wherever it stands; of what it says this
 * server's peers are kept, sorted by name. What is to be written is parsed before it is written: so memory and file
 * never differ, and there is no memory to run out of afterwards. */
#include "app/peer/peers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/ct.h"
#include "net/fingerprint.h"
#include "net/home.h"
#include "net/lines.h"

#define LOCK_FILE PEERS_FILE ".lock"
#define WORDS 4 /* of a line */
#define LINE_MAX_LEN (SOCK_NAME_LEN + NAME_MAX_LEN + sizeof "compared" + FINGERPRINT_TEXT_LEN + 4)
#define FIRST_CAP 16

static const char *const kept_words[] = {[PEER_NEW] = "new", [PEER_COMPARED] = "compared"};

const char *peer_state_words(enum peer_state state)
{
    static const char *const words[] = {[PEER_NEW] = "new, not compared",
                                        [PEER_COMPARED] = "compared",
                                        [PEER_VOUCHED] = "vouched for",
                                        [PEER_CHANGED] = "changed"};
    return words[state];
}

/* --- A line of the file ------------------------------------------------------------------------------------------- */

struct word {
    const char *text;
    size_t len;
};

/* Exactly as many words as there are to be, one blank between two. */
static int split(struct word word[static WORDS], const char *text, size_t len)
{
    for (size_t i = 0; i < WORDS; i++) {
        const char *blank = memchr(text, ' ', len);
        size_t word_len = blank != NULL ? (size_t)(blank - text) : len;
        if (word_len == 0 || (blank != NULL) != (i < WORDS - 1))
            return -1;
        word[i] = (struct word){text, word_len};
        if (blank != NULL) {
            text = blank + 1;
            len -= word_len + 1;
        }
    }
    return 0;
}

static bool is_word(const struct word *w, const char *text)
{
    return w->len == strlen(text) && strncmp(w->text, text, w->len) == 0;
}

/* In the one spelling: in any other one a peer's key would be kept, and not found. */
static int take_server(char out[static SOCK_NAME_LEN], const struct word *w)
{
    struct sock_name name;
    char typed[SOCK_NAME_LEN];
    if (w->len >= sizeof typed || memchr(w->text, '\0', w->len) != NULL)
        return -1;
    memcpy(typed, w->text, w->len);
    typed[w->len] = '\0';
    if (sock_parse(&name, typed, "") != 0)
        return -1;
    sock_print(out, &name);
    return strcmp(out, typed) == 0 ? 0 : -1;
}

/* server and peer are what the line says; -1 where it is wrong. */
static int take_line(const struct lines_line *l, char server[static SOCK_NAME_LEN], struct peer *peer)
{
    struct word word[WORDS];
    *peer = (struct peer){.kept = PEER_NEW, .line = l->number};
    if (split(word, l->text, lines_len(l)) != 0 || take_server(server, &word[0]) != 0 ||
        !name_valid(word[1].text, word[1].len))
        return -1;
    memcpy(peer->name, word[1].text, word[1].len);
    if (is_word(&word[2], kept_words[PEER_COMPARED]))
        peer->kept = PEER_COMPARED;
    else if (!is_word(&word[2], kept_words[PEER_NEW]))
        return -1;
    return fingerprint_parse(peer->fingerprint, word[3].text, word[3].len);
}

/* --- The file ----------------------------------------------------------------------------------------------------- */

void peers_free(struct peers *p)
{
    free(p->list);
    p->list = NULL;
    p->count = p->total = 0;
}

static int add(struct peers *p, size_t *cap, const struct peer *peer)
{
    if (p->count == *cap) {
        size_t bigger = *cap == 0 ? FIRST_CAP : 2 * *cap;
        struct peer *list = realloc(p->list, bigger * sizeof *list);
        if (list == NULL)
            return -1;
        p->list = list;
        *cap = bigger;
    }
    p->list[p->count++] = *peer;
    return 0;
}

static int by_name(const void *one, const void *other)
{
    const struct peer *a = one, *b = other;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* The first line that says a second time what a peer's key is; 0: none. */
static size_t find_second(const struct peers *p)
{
    size_t line = 0;
    for (size_t i = 1; i < p->count; i++)
        if (strcmp(p->list[i - 1].name, p->list[i].name) == 0 && (line == 0 || p->list[i].line < line))
            line = p->list[i].line;
    return line;
}

/* Up to the first line that can't be taken apart, whose number is *line then. -1: no memory. */
static int parse_lines(struct peers *p, const char *text, size_t text_len, size_t *line)
{
    char server[SOCK_NAME_LEN];
    struct peer peer;
    size_t cap = 0;
    lines_skip_mark(&text, &text_len);
    for (struct lines_line l = {0}; lines_next(&text, &text_len, &l);) {
        if (!lines_says_something(&l))
            continue;
        if (take_line(&l, server, &peer) != 0) {
            *line = l.number;
            break;
        }
        p->total++;
        if (strcmp(server, p->server) == 0 && add(p, &cap, &peer) != 0)
            return -1;
    }
    return 0;
}

int peers_parse(struct peers *p, const char *text, size_t text_len, size_t *line)
{
    p->list = NULL;
    p->count = p->total = *line = 0;
    int failed = parse_lines(p, text, text_len, line);
    if (failed == 0 && p->count > 0) {
        qsort(p->list, p->count, sizeof *p->list, by_name);
        size_t second = find_second(p);
        *line = second != 0 ? second : *line;
    }
    if (failed == 0 && *line == 0)
        return 0;
    peers_free(p);
    return -1;
}

static size_t print_line(char out[static LINE_MAX_LEN], const char *server, const struct peer *peer)
{
    char key[FINGERPRINT_TEXT_LEN];
    fingerprint_print(key, peer->fingerprint);
    return (size_t)snprintf(out, LINE_MAX_LEN, "%s %s %s %s\n", server, peer->name, kept_words[peer->kept], key);
}

static bool is_for(const struct lines_line *l, const char *server, const char *name)
{
    char its_server[SOCK_NAME_LEN];
    struct peer peer;
    return lines_says_something(l) && take_line(l, its_server, &peer) == 0 && strcmp(its_server, server) == 0 &&
           strcmp(peer.name, name) == 0;
}

char *peers_rewrite(const char *text, size_t text_len, const char *server, const struct peer *peer, size_t *len)
{
    static const char head[] = "# one line a peer: its server, its name, new or compared, the fingerprint of its key\n";
    char line[LINE_MAX_LEN];
    size_t line_len = print_line(line, server, peer);
    char *out = malloc(text_len + sizeof head + line_len + 1), *p = out;
    bool there = false;
    if (out == NULL)
        return NULL;
    lines_skip_mark(&text, &text_len);
    for (struct lines_line l = {0}; lines_next(&text, &text_len, &l);) {
        bool ours = is_for(&l, server, peer->name);
        size_t from_len = !ours ? l.len : there ? 0 : line_len;
        memcpy(p, ours ? line : l.text, from_len);
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

static int parse_or_say(struct peers *p, const struct home *h, const char *text, size_t len, char why[static WHY_LEN])
{
    size_t line;
    if (peers_parse(p, text, len, &line) == 0)
        return 0;
    if (line == 0)
        return home_say(h, PEERS_FILE, strerror(ENOMEM), why);
    return why_say(why, "%s/" PEERS_FILE ", line %zu is damaged: mend or remove that line, nothing was changed",
                   h->path, line);
}

/* The file's bytes, malloc'd, and what they say; NULL where it can't be used. A file that isn't there has none. */
static char *read_file(struct peers *p, const struct home *h, size_t *len, char why[static WHY_LEN])
{
    char *text = home_read(h, PEERS_FILE, PEERS_FILE_MAX, len, why);
    if (text == NULL && errno == ENOENT && (text = calloc(1, 1)) == NULL)
        (void)home_say(h, PEERS_FILE, strerror(ENOMEM), why);
    if (text == NULL || parse_or_say(p, h, text, *len, why) == 0)
        return text;
    free(text);
    return NULL;
}

int peers_load(struct peers *p, const char *home, const char *server, char why[static WHY_LEN])
{
    struct home h;
    size_t len;
    *p = (struct peers){.home = home};
    snprintf(p->server, sizeof p->server, "%s", server);
    if (home_open(&h, home, false, why) != 0)
        return errno == ENOENT ? 0 : -1;
    char *text = read_file(p, &h, &len, why);
    int failed = text == NULL ? -1 : 0;
    free(text);
    home_close(&h);
    return failed;
}

/* --- Deciding ----------------------------------------------------------------------------------------------------- */

static int by_name_alone(const void *name, const void *peer)
{
    return strcmp(name, ((const struct peer *)peer)->name);
}

static struct peer *find(const struct peers *p, const char *name)
{
    return p->count > 0 ? bsearch(name, p->list, p->count, sizeof *p->list, by_name_alone) : NULL;
}

const struct peer *peers_find(const struct peers *p, const char *name)
{
    return find(p, name);
}

enum peer_state peers_state(const struct peer *peer)
{
    return peer->changed ? PEER_CHANGED : peer->kept;
}

static bool has_key(const struct peer *peer, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    return ct_equal(peer->fingerprint, fingerprint, sizeof peer->fingerprint);
}

/* CAUTION: the authority may have signed servers' certificates too, and other users': role and name were looked at
 *          before this. tests/test_peers.c: test_what_is_no_certificate_of_that_user */
static int check_vouched(const char *name, const struct certificate *c, const struct rsa_public *user_ca, uint64_t now,
                         char why[static WHY_LEN])
{
    if (certificate_verify(c, user_ca) != NET_OK)
        return why_say(why, "REFUSED: the key of %s is not signed by the authority given with --user-ca", name);
    if (now < c->not_before)
        return why_say(why, "REFUSED: the certificate of %s is not valid yet: is the clock right?", name);
    if (!certificate_valid_at(c, now))
        return why_say(why, "REFUSED: the certificate of %s has expired: the authority must sign another", name);
    return 0;
}

static void complain_changed(const struct peer *peer, char why[static WHY_LEN])
{
    char was[FINGERPRINT_TEXT_LEN], is[FINGERPRINT_TEXT_LEN];
    fingerprint_print(was, peer->fingerprint);
    fingerprint_print(is, peer->shown);
    (void)why_say(why,
                  "REFUSED: THE KEY OF %s HAS CHANGED: it was %s and is now %s. Somebody may be in between: nothing is "
                  "sent to it, and nothing of it shown. Ask %s in another way than this; if the key is right, "
                  "/trust %s",
                  peer->name, was, is, peer->name, peer->name);
}

static int complain_full(const struct peers *p, const char *name, char why[static WHY_LEN])
{
    return why_say(why,
                   "REFUSED: %s is new, and %s/" PEERS_FILE " has %d lines, as many as it may: remove those of peers "
                   "whom you do not meet any more",
                   name, p->home, PEERS_MAX);
}

/* Of a key that is who it says, and vouched for if that is asked for. */
static enum peers_decision decide_by_kept(struct peers *p, const char *name,
                                          const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN], bool vouched,
                                          enum peer_state *state, char why[static WHY_LEN])
{
    struct peer *peer = find(p, name);
    if (peer == NULL && p->total >= PEERS_MAX) {
        (void)complain_full(p, name, why);
        return PEERS_FULL;
    }
    if (peer != NULL && !has_key(peer, fingerprint)) {
        peer->changed = true;
        memcpy(peer->shown, fingerprint, sizeof peer->shown);
        complain_changed(peer, why);
        return PEERS_CHANGED;
    }
    bool compared = peer != NULL && peer->kept == PEER_COMPARED;
    *state = compared ? PEER_COMPARED : vouched ? PEER_VOUCHED : PEER_NEW;
    return PEERS_ACCEPTED;
}

enum peers_decision peers_decide(struct peers *p, const char *name, const struct certificate *c,
                                 const struct rsa_public *user_ca, uint64_t now, enum peer_state *state,
                                 char why[static WHY_LEN])
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    if (!name_valid(name, strlen(name)) || c->role != CERTIFICATE_USER || strcmp(c->name, name) != 0) {
        (void)why_say(why, "REFUSED: what %s shows is the certificate of the %s %s", name,
                      c->role == CERTIFICATE_USER ? "user" : "server", c->name);
        return PEERS_WRONG;
    }
    if (user_ca != NULL && check_vouched(name, c, user_ca, now, why) != 0)
        return PEERS_UNVOUCHED;
    certificate_fingerprint(fingerprint, c->modulus);
    return decide_by_kept(p, name, fingerprint, user_ca != NULL, state, why);
}

bool peers_changed(const struct peers *p, const char *name, uint8_t kept[static CERTIFICATE_FINGERPRINT_LEN],
                   uint8_t shown[static CERTIFICATE_FINGERPRINT_LEN])
{
    const struct peer *peer = find(p, name);
    if (peer == NULL || !peer->changed)
        return false;
    memcpy(kept, peer->fingerprint, sizeof peer->fingerprint);
    memcpy(shown, peer->shown, sizeof peer->shown);
    return true;
}

/* --- Changing ----------------------------------------------------------------------------------------------------- */

/* What the line is to become, and in whose place. */
struct change {
    struct peer to;
    const uint8_t *from; /* the fingerprint that may be there instead, or NULL */
    bool may_add;        /* where there is no line */
};

/* Takes over what the file says by now, and what this client has seen of keys that it refused. */
static void adopt(struct peers *p, struct peers *fresh)
{
    for (size_t i = 0; i < p->count; i++) {
        struct peer *old = &p->list[i], *peer = old->changed ? find(fresh, old->name) : NULL;
        if (peer != NULL && !has_key(peer, old->shown)) {
            peer->changed = true;
            memcpy(peer->shown, old->shown, sizeof peer->shown);
        }
    }
    free(p->list);
    p->list = fresh->list;
    p->count = fresh->count;
    p->total = fresh->total;
    fresh->list = NULL;
}

/* 1: it is there already; 0: go on; -1: not what was expected, and why. */
static int compare(const struct peers *p, const struct change *c, char why[static WHY_LEN])
{
    const struct peer *there = find(p, c->to.name);
    if (there == NULL && c->may_add)
        return p->total < PEERS_MAX ? 0 : complain_full(p, c->to.name, why);
    if (there != NULL && has_key(there, c->to.fingerprint))
        return there->kept == PEER_COMPARED || c->to.kept == PEER_NEW ? 1 : 0;
    if (there != NULL && c->from != NULL && has_key(there, c->from))
        return 0;
    return why_say(why, "%s/" PEERS_FILE " has another key for %s by now: nothing was changed", p->home, c->to.name);
}

/* The text changed, parsed, and written. */
static int rewrite(struct peers *fresh, const struct home *h, const struct peer *to, const char *text, size_t text_len,
                   char why[static WHY_LEN])
{
    size_t len;
    char *changed = peers_rewrite(text, text_len, fresh->server, to, &len);
    if (changed == NULL)
        return home_say(h, PEERS_FILE, strerror(ENOMEM), why);
    peers_free(fresh);
    int failed = parse_or_say(fresh, h, changed, len, why);
    if (failed == 0)
        failed = home_replace(h, PEERS_FILE, changed, len, PEERS_FILE_MAX, why);
    free(changed);
    return failed;
}

static int change_locked(struct peers *p, const struct home *h, const struct change *c, char why[static WHY_LEN])
{
    struct peers fresh = {.home = p->home};
    size_t len;
    memcpy(fresh.server, p->server, sizeof fresh.server);
    char *text = read_file(&fresh, h, &len, why);
    if (text == NULL)
        return -1;
    int expected = compare(&fresh, c, why), failed = expected < 0 ? -1 : 0;
    if (expected == 0)
        failed = rewrite(&fresh, h, &c->to, text, len, why);
    if (expected != 0 || failed == 0)
        adopt(p, &fresh);
    peers_free(&fresh);
    free(text);
    return failed;
}

static int change(struct peers *p, const struct change *c, char why[static WHY_LEN])
{
    struct home h;
    if (home_open(&h, p->home, true, why) != 0)
        return -1;
    int lock = home_lock(&h, LOCK_FILE, HOME_LOCK_SECONDS, why);
    int failed = lock < 0 ? -1 : change_locked(p, &h, c, why);
    if (lock >= 0)
        close(lock);
    home_close(&h);
    return failed;
}

static struct change change_to(const char *name, enum peer_state kept,
                               const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN])
{
    struct change c = {.to.kept = kept};
    snprintf(c.to.name, sizeof c.to.name, "%s", name);
    memcpy(c.to.fingerprint, fingerprint, sizeof c.to.fingerprint);
    return c;
}

int peers_met(struct peers *p, const char *name, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN],
              char why[static WHY_LEN])
{
    struct peer *peer = find(p, name);
    if (peer != NULL && has_key(peer, fingerprint)) {
        peer->changed = false; /* it has shown that it has the key that is kept */
        return 0;
    }
    struct change c = change_to(name, PEER_NEW, fingerprint);
    c.may_add = true;
    return change(p, &c, why);
}

int peers_compared(struct peers *p, const char *name, const uint8_t fingerprint[static CERTIFICATE_FINGERPRINT_LEN],
                   char why[static WHY_LEN])
{
    struct change c = change_to(name, PEER_COMPARED, fingerprint);
    c.may_add = true;
    return change(p, &c, why);
}

int peers_trust(struct peers *p, const char *name, const uint8_t shown[static CERTIFICATE_FINGERPRINT_LEN],
                char why[static WHY_LEN])
{
    uint8_t kept[CERTIFICATE_FINGERPRINT_LEN], refused[CERTIFICATE_FINGERPRINT_LEN];
    if (!peers_changed(p, name, kept, refused))
        return why_say(why, "no other key of %s than the one that is kept has been refused", name);
    if (!ct_equal(refused, shown, sizeof refused))
        return why_say(why, "THE KEY OF %s HAS CHANGED AGAIN since its fingerprint was shown: nothing was changed",
                       name);
    struct change c = change_to(name, PEER_NEW, shown);
    c.from = kept;
    return change(p, &c, why);
}
