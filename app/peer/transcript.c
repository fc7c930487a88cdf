/* SPDX-License-Identifier: MIT */
/* Keeping. A line takes its list and its sender's certificate along: both count the lines that need them, and go with
 * the last of these. So a room that lasts for ever, with a founder who signs lists without end, takes no more memory
 * than its newest lines do. */
#include "app/peer/transcript.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/peer/transcript_impl.h"
#include "crypto/ct.h"

static const uint8_t zeros[SHA256_DIGEST_LEN];

/* --- What fits ---------------------------------------------------------------------------------------------------- */

const char *transcript_unfit_certificate(const struct certificate *c)
{
    return c->role == CERTIFICATE_USER && name_valid(c->name, strlen(c->name)) ? NULL : "it is no user's certificate";
}

static bool is_next(uint32_t n, uint32_t before)
{
    return n > before && n - before == 1;
}

/* CAUTION: two lists of one number are two histories, and a list that does not name the one before it is of another:
 *          who is added in one of them can read what was never said to it. tests/test_transcript.c:
 *          test_lists_that_do_not_follow_each_other */
const char *transcript_unfit_list(const struct transcript *t, const struct room_list *l)
{
    const struct transcript_certificate *founder = t->certificates[0];
    if (!ct_equal(l->room, t->room, sizeof l->room) || strcmp(l->name, t->name) != 0)
        return "it is a list of another room";
    if (l->count > 0 && (strcmp(l->members[0].name, founder->name) != 0 ||
                         !ct_equal(l->members[0].fingerprint, founder->fingerprint, sizeof founder->fingerprint)))
        return "its first member is not the founder";
    for (size_t i = 0; i < t->list_count; i++) {
        const struct transcript_list *other = t->lists[i];
        if (other->n == l->n && !ct_equal(other->hash, l->hash, sizeof l->hash))
            return "its founder has signed another list of that number";
        if ((is_next(l->n, other->n) && !ct_equal(l->before, other->hash, sizeof l->before)) ||
            (is_next(other->n, l->n) && !ct_equal(other->before, l->hash, sizeof l->hash)))
            return "it does not follow the list of the number before";
    }
    return NULL;
}

/* CAUTION: a text that stands twice was said once: each place under a key is used once. tests/test_transcript.c:
 *          test_a_line_stands_once */
static const char *unfit_place(const struct transcript *t, const struct sealed_statement *s)
{
    if (s->i >= SENDER_KEY_MESSAGES)
        return "it is beyond what a sender key seals";
    for (size_t i = 0; i < t->count; i++) {
        const struct transcript_line *line = transcript_at(t, i);
        if (strcmp(line->certificate->name, s->sender) != 0 || !ct_equal(line->key_id, s->key_id, sizeof s->key_id))
            continue;
        if (!ct_equal(line->list->hash, s->list, sizeof s->list))
            return "its sender key was drawn for another list";
        if (line->i >= s->i)
            return "it does not come after the line above it under the same sender key";
    }
    return NULL;
}

const char *transcript_unfit_line(const struct transcript *t, const struct sealed_statement *s,
                                  const struct room_list *l, const struct transcript_certificate *c)
{
    if (!ct_equal(s->room, t->room, sizeof s->room))
        return "it was said in another room";
    if (!ct_equal(s->list, l->hash, sizeof s->list))
        return "it was said to another list";
    if (strcmp(c->name, s->sender) != 0 || !room_list_has(l, s->sender, c->fingerprint))
        return "its sender is not on its list with that key";
    if (!text_valid(s->text, s->text_len))
        return "its text has what no text may have";
    return unfit_place(t, s);
}

/* --- What is kept ------------------------------------------------------------------------------------------------- */

/* Makes room at that place of an array of pointers. */
static void insert(void *array, size_t *count, size_t at, const void *pointer)
{
    uint8_t *place = (uint8_t *)array + at * sizeof pointer;
    memmove(place + sizeof pointer, place, (*count - at) * sizeof pointer);
    memcpy(place, &pointer, sizeof pointer);
    (*count)++;
}

/* By name, then by fingerprint. */
static int compare(const struct transcript_certificate *one, const char *name, const uint8_t *fingerprint)
{
    int order = strcmp(one->name, name);
    return order != 0 ? order : memcmp(one->fingerprint, fingerprint, sizeof one->fingerprint);
}

struct transcript_certificate *transcript_put_certificate(struct transcript *t, const struct certificate *c,
                                                          const uint8_t *bytes, size_t len)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    size_t at = 0;
    certificate_fingerprint(fingerprint, c->modulus);
    for (; at < t->certificate_count; at++) {
        int order = compare(t->certificates[at], c->name, fingerprint);
        if (order == 0)
            return t->certificates[at];
        if (at > 0 && order > 0) /* the founder's stays the first */
            break;
    }
    struct transcript_certificate *made = malloc(sizeof *made + len);
    if (made == NULL)
        return NULL;
    *made = (struct transcript_certificate){.len = len};
    memcpy(made->name, c->name, strlen(c->name) + 1);
    memcpy(made->fingerprint, fingerprint, sizeof fingerprint);
    memcpy(made->issuer, c->issuer, sizeof made->issuer);
    memcpy(made->bytes, bytes, len);
    insert(t->certificates, &t->certificate_count, at, made);
    return made;
}

struct transcript_list *transcript_put_list(struct transcript *t, const struct room_list *l)
{
    size_t at = t->list_count;
    while (at > 0 && t->lists[at - 1]->n >= l->n)
        at--;
    if (at < t->list_count && t->lists[at]->n == l->n)
        return t->lists[at];
    struct transcript_list *made = malloc(sizeof *made + l->len);
    if (made == NULL)
        return NULL;
    *made = (struct transcript_list){.n = l->n, .len = l->len};
    memcpy(made->hash, l->hash, sizeof made->hash);
    memcpy(made->before, l->before, sizeof made->before);
    memcpy(made->bytes, l->bytes, l->len);
    insert(t->lists, &t->list_count, at, made);
    return made;
}

static void free_line(struct transcript_line *line)
{
    ct_wipe(line, sizeof *line + line->len);
    free(line);
}

static void forget_line(struct transcript_line *line)
{
    line->certificate->lines--;
    line->list->lines--;
    free_line(line);
}

static struct transcript_line *make_line(const struct sealed_statement *s)
{
    uint8_t bytes[SEALED_STATEMENT_MAX];
    size_t len = sealed_statement_encode(bytes, s);
    struct transcript_line *line = malloc(sizeof *line + len);
    if (line != NULL) {
        *line = (struct transcript_line){.i = s->i, .len = len};
        memcpy(line->key_id, s->key_id, sizeof line->key_id);
        memcpy(line->prev, s->prev, sizeof line->prev);
        memcpy(line->seen, s->seen, sizeof line->seen);
        memcpy(line->bytes, bytes, len);
        sealed_statement_hash(line->hash, s);
    }
    ct_wipe(bytes, len);
    return line;
}

static void put_line(struct transcript *t, struct transcript_line *line, struct transcript_list *l,
                     struct transcript_certificate *c)
{
    line->list = l, l->lines++;
    line->certificate = c, c->lines++;
    if (t->count == TRANSCRIPT_LINES) {
        forget_line(t->lines[t->first]);
        t->first = (t->first + 1) % TRANSCRIPT_LINES, t->count--;
    }
    t->lines[(t->first + t->count++) % TRANSCRIPT_LINES] = line;
}

int transcript_put_line(struct transcript *t, const struct sealed_statement *s, struct transcript_list *l,
                        struct transcript_certificate *c)
{
    struct transcript_line *line = make_line(s);
    if (line == NULL)
        return -1;
    put_line(t, line, l, c);
    return 0;
}

/* Drops what no line needs: the founder's certificate, the first list and the newest stay. */
static void tidy(struct transcript *t)
{
    size_t kept = 1;
    for (size_t i = 1; i < t->certificate_count; i++)
        if (t->certificates[i]->lines > 0)
            t->certificates[kept++] = t->certificates[i];
        else
            free(t->certificates[i]);
    t->certificate_count = kept;
    kept = 1;
    for (size_t i = 1; i < t->list_count; i++)
        if (t->lists[i]->lines > 0 || i + 1 == t->list_count)
            t->lists[kept++] = t->lists[i];
        else
            free(t->lists[i]);
    t->list_count = kept;
}

/* --- For a client ------------------------------------------------------------------------------------------------- */

static int read_certificate(struct certificate *c, const uint8_t *bytes, size_t len)
{
    return certificate_decode(c, bytes, len) == NET_OK && transcript_unfit_certificate(c) == NULL ? 0 : -1;
}

int transcript_init(struct transcript *t, const struct room_list *l, const uint8_t *founder, size_t founder_len)
{
    struct certificate c;
    memset(t, 0, sizeof *t);
    memcpy(t->room, l->room, sizeof t->room);
    memcpy(t->name, l->name, sizeof t->name);
    if (read_certificate(&c, founder, founder_len) == 0 &&
        transcript_put_certificate(t, &c, founder, founder_len) != NULL && transcript_unfit_list(t, l) == NULL &&
        transcript_put_list(t, l) != NULL)
        return 0;
    transcript_free(t);
    return -1;
}

int transcript_add_list(struct transcript *t, const struct room_list *l)
{
    if (transcript_unfit_list(t, l) != NULL || transcript_put_list(t, l) == NULL)
        return -1;
    tidy(t);
    return 0;
}

/* The list comes last: were it there without its line, it would stay as the newest. */
int transcript_add(struct transcript *t, const struct sealed_statement *s, const struct room_list *l,
                   const uint8_t *certificate, size_t certificate_len)
{
    struct certificate c;
    struct transcript_line *line = NULL;
    struct transcript_list *list = NULL;
    if (read_certificate(&c, certificate, certificate_len) != 0 || transcript_unfit_list(t, l) != NULL)
        return -1;
    struct transcript_certificate *kept = transcript_put_certificate(t, &c, certificate, certificate_len);
    if (kept != NULL && transcript_unfit_line(t, s, l, kept) == NULL)
        line = make_line(s);
    if (line != NULL)
        list = transcript_put_list(t, l);
    if (list != NULL)
        put_line(t, line, list, kept);
    else if (line != NULL)
        free_line(line);
    tidy(t);
    return list != NULL ? 0 : -1;
}

bool transcript_refuses_key(const struct transcript *t, const char *sender,
                            const uint8_t key_id[static SENDER_KEY_ID_LEN],
                            const uint8_t list[static ROOM_LIST_HASH_LEN], uint32_t i)
{
    for (size_t at = 0; at < t->count; at++) {
        const struct transcript_line *l = transcript_at(t, at);
        if (strcmp(l->certificate->name, sender) == 0 && ct_equal(l->key_id, key_id, SENDER_KEY_ID_LEN) &&
            (!ct_equal(l->list->hash, list, ROOM_LIST_HASH_LEN) || l->i >= i))
            return true;
    }
    return false;
}

void transcript_free(struct transcript *t)
{
    for (size_t i = 0; i < t->count; i++)
        forget_line(t->lines[(t->first + i) % TRANSCRIPT_LINES]);
    for (size_t i = 0; i < t->list_count; i++)
        free(t->lists[i]);
    for (size_t i = 0; i < t->certificate_count; i++)
        free(t->certificates[i]);
    ct_wipe(t, sizeof *t);
}

/* --- What its lines say of each other ----------------------------------------------------------------------------- */

const struct transcript_line *transcript_at(const struct transcript *t, size_t i)
{
    assert(i < t->count);
    return t->lines[(t->first + i) % TRANSCRIPT_LINES];
}

size_t transcript_find(const struct transcript *t, const uint8_t hash[static SHA256_DIGEST_LEN])
{
    for (size_t i = 0; i < t->count; i++)
        if (ct_equal(transcript_at(t, i)->hash, hash, SHA256_DIGEST_LEN))
            return i + 1;
    return 0;
}

void transcript_links(struct transcript_links *k, const struct transcript *t, size_t at)
{
    const struct transcript_line *line = transcript_at(t, at), *last = NULL;
    bool begins = ct_equal(line->prev, zeros, sizeof zeros) != 0;
    *k = (struct transcript_links){.last = 0};
    for (size_t i = 0; i < at; i++) {
        const struct transcript_line *above = transcript_at(t, i);
        if (strcmp(above->certificate->name, line->certificate->name) == 0)
            last = above, k->last = i + 1;
        else if (ct_equal(above->hash, line->seen, sizeof line->seen))
            k->seen = i + 1;
    }
    k->anew = begins && last != NULL;
    k->gap = !begins && (last == NULL || !ct_equal(last->hash, line->prev, sizeof line->prev));
    k->unseen = k->seen == 0 && !ct_equal(line->seen, zeros, sizeof zeros);
}
