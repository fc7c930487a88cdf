/* SPDX-License-Identifier: MIT */
/* Checking a transcript, line by line from the top, so that the first that is wrong is the one that is named. Nothing
 * is believed of the file but what a signature holds. The founder's key is the file's own word, so a reader compares
 * its fingerprint; what the founder signed says whose the others are. What nobody signed, as the marks and the numbers
 * at the end, must be what follows from the rest. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "app/peer/transcript.h"
#include "app/peer/transcript_impl.h"
#include "crypto/base64.h"
#include "crypto/ct.h"

/* Part of the text. */
struct span {
    const char *text;
    size_t len;
};

struct reader {
    struct transcript *t;
    struct span rest; /* what is not read yet, from the beginning of a line */
    struct span line; /* the one that is looked at, without its end */
    size_t number;    /* its own, from 1 */
    char *why;
    struct rsa_public founder;
};

static int refuse_at(const struct reader *r, size_t number, const char *what)
{
    return why_say(r->why, "line %zu: %s", number, what);
}

static int refuse(const struct reader *r, const char *what)
{
    return refuse_at(r, r->number, what);
}

/* --- Lines and words ---------------------------------------------------------------------------------------------- */

static void skip(struct span *s, size_t len)
{
    s->text += len;
    s->len -= len;
}

static bool is(struct span s, const char *text, size_t len)
{
    return s.len == len && memcmp(s.text, text, len) == 0;
}

/* Takes these words off the front, where they are there. */
static bool take_words(struct span *s, const char *words)
{
    size_t len = strlen(words);
    if (s->len < len || memcmp(s->text, words, len) != 0)
        return false;
    skip(s, len);
    return true;
}

/* Goes on to the next line. -1 and why: there is none, or it has no end. */
static int next_line(struct reader *r)
{
    const char *end = r->rest.len > 0 ? memchr(r->rest.text, '\n', r->rest.len) : NULL;
    r->number++;
    if (end == NULL)
        return refuse(r, r->rest.len > 0 ? "it has no end: the file was cut"
                                         : "it is not there: the file was cut, and ends before its line 'end'");
    r->line = (struct span){r->rest.text, (size_t)(end - r->rest.text)};
    skip(&r->rest, r->line.len + 1);
    return 0;
}

/* The bytes that the rest of the line is; cap is the most that it can be. */
static int take_base64(struct reader *r, uint8_t *out, size_t cap, size_t *len)
{
    return base64_decode(out, cap, len, r->line.text, r->line.len);
}

/* --- The head ----------------------------------------------------------------------------------------------------- */

static int read_room(struct reader *r)
{
    struct transcript *t = r->t;
    char again[2 * ROOM_LIST_ID_LEN + 1];
    struct span hex = r->line, name = r->line;
    size_t len;
    if (!take_words(&hex, TRANSCRIPT_ROOM) || hex.len < sizeof again)
        return -1;
    name = hex, hex.len = sizeof again - 1;
    skip(&name, hex.len);
    if (hex_decode(t->room, sizeof t->room, &len, hex.text, hex.len) != 0)
        return -1;
    hex_encode(again, t->room, sizeof t->room); /* hex_decode takes capitals too */
    if (!is(hex, again, sizeof again - 1) || !take_words(&name, " ") || !name_sealed_valid(name.text, name.len))
        return -1;
    memcpy(t->name, name.text, name.len);
    return 0;
}

static int read_head(struct reader *r)
{
    if (next_line(r) != 0)
        return -1;
    if (!is(r->line, TRANSCRIPT_FIRST, sizeof TRANSCRIPT_FIRST - 1))
        return refuse(r, "it should be '" TRANSCRIPT_FIRST "': this is no transcript, or one of another version");
    if (next_line(r) != 0)
        return -1;
    if (!is(r->line, TRANSCRIPT_HINT, sizeof TRANSCRIPT_HINT - 1))
        return refuse(r, "it should be '" TRANSCRIPT_HINT "'");
    if (next_line(r) != 0)
        return -1;
    return read_room(r) == 0 ? 0 : refuse(r, "it should be 'room', the room's number in hex, and its name");
}

/* --- Certificates ------------------------------------------------------------------------------------------------- */

/* The founder's stands first, the others ascending: so each stands once. */
static bool in_order(const struct transcript *t, const struct transcript_certificate *c, size_t before)
{
    if (t->certificate_count != before + 1)
        return false;
    return t->certificates[before] == c;
}

static int read_certificate(struct reader *r)
{
    struct transcript *t = r->t;
    struct certificate c;
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    size_t len, before = t->certificate_count;
    if (before == TRANSCRIPT_CERTIFICATES)
        return refuse(r, "there are more certificates than a transcript can have");
    if (take_base64(r, bytes, sizeof bytes, &len) != 0 || certificate_decode(&c, bytes, len) != NET_OK)
        return refuse(r, "it is no certificate in base64");
    const char *unfit = transcript_unfit_certificate(&c);
    if (unfit == NULL && certificate_is_self_signed(&c) && certificate_verify_self(&c) != NET_OK)
        unfit = "it says that its own key signed it, and that key did not";
    if (unfit != NULL)
        return refuse(r, unfit);
    const struct transcript_certificate *put = transcript_put_certificate(t, &c, bytes, len);
    if (put == NULL)
        return why_say(r->why, "there is no memory for it");
    if (!in_order(t, put, before))
        return refuse(r, "it stands out of order, or twice");
    if (before == 0)
        memcpy(r->founder.n, c.modulus, sizeof r->founder.n);
    return 0;
}

/* --- Lists -------------------------------------------------------------------------------------------------------- */

static int read_list(struct reader *r)
{
    struct transcript *t = r->t;
    struct room_list l;
    uint8_t bytes[ROOM_LIST_MAX_LEN];
    size_t len, before = t->list_count;
    if (before == TRANSCRIPT_LISTS)
        return refuse(r, "there are more lists than a transcript can have");
    if (take_base64(r, bytes, sizeof bytes, &len) != 0 || room_list_decode(&l, bytes, len) != 0)
        return refuse(r, "it is no list of a room in base64");
    if (room_list_verify(&l, &r->founder) != 0)
        return refuse(r, "the key of the founder, whose certificate is the first, did not sign this list");
    if (before == 0 && (!ct_equal(l.room, t->room, sizeof l.room) || strcmp(l.name, t->name) != 0))
        return refuse_at(r, 3, "the first list, which is signed, has another room or name");
    const char *unfit = transcript_unfit_list(t, &l);
    if (unfit == NULL && before > 0 && t->lists[before - 1]->n >= l.n)
        unfit = "it stands out of order, or twice";
    if (unfit != NULL)
        return refuse(r, unfit);
    return transcript_put_list(t, &l) != NULL ? 0 : why_say(r->why, "there is no memory for it");
}

/* --- What was said ------------------------------------------------------------------------------------------------ */

static struct transcript_list *find_list(const struct transcript *t, const uint8_t *hash)
{
    for (size_t i = 0; i < t->list_count; i++)
        if (ct_equal(t->lists[i]->hash, hash, sizeof t->lists[i]->hash))
            return t->lists[i];
    return NULL;
}

static struct transcript_certificate *find_certificate(const struct transcript *t,
                                                       const struct room_list_member *member)
{
    for (size_t i = 0; i < t->certificate_count; i++)
        if (strcmp(t->certificates[i]->name, member->name) == 0 &&
            ct_equal(t->certificates[i]->fingerprint, member->fingerprint, sizeof member->fingerprint))
            return t->certificates[i];
    return NULL;
}

/* Of what was decoded before, and so can be again. */
static void decode_again(struct room_list *l, const struct transcript_list *list)
{
    int failed = room_list_decode(l, list->bytes, list->len);
    assert(failed == 0);
    (void)failed;
}

static void key_of(struct rsa_public *key, const struct transcript_certificate *kept)
{
    struct certificate c;
    enum net_err failed = certificate_decode(&c, kept->bytes, kept->len);
    assert(failed == NET_OK);
    (void)failed;
    memcpy(key->n, c.modulus, sizeof key->n);
}

/* CAUTION: without the signature a member, or whoever has the file, writes what others never said:
 *          tests/test_transcript_forged.c: test_another_key_says_nothing */
static int take_statement(struct reader *r, const struct sealed_statement *s)
{
    struct room_list l;
    struct rsa_public key;
    struct transcript_list *list = find_list(r->t, s->list);
    if (list == NULL)
        return refuse(r, "it was said to a list that is not among those above");
    decode_again(&l, list);
    const struct room_list_member *member = room_list_find(&l, s->sender);
    struct transcript_certificate *c = member != NULL ? find_certificate(r->t, member) : NULL;
    if (member == NULL)
        return refuse(r, "its sender is not on the list that it was said to");
    if (c == NULL)
        return refuse(r, "its sender's certificate is not among those above");
    key_of(&key, c);
    if (sealed_statement_verify(s, &key) != 0)
        return refuse(r, "its sender's key did not sign it");
    const char *unfit = transcript_unfit_line(r->t, s, &l, c);
    if (unfit != NULL)
        return refuse(r, unfit);
    return transcript_put_line(r->t, s, list, c) == 0 ? 0 : why_say(r->why, "there is no memory for it");
}

/* CAUTION: where a line was cut, or comes too early, one below it says so; a file that does not say it was changed
 *          after it was saved. tests/test_transcript_verify.c: test_each_line_that_is_cut_or_moved */
static int check_marks(const struct reader *r, bool gap, bool unseen)
{
    struct transcript_links links;
    transcript_links(&links, r->t, r->t->count - 1);
    if (links.gap && !gap)
        return refuse(r, "its sender said something between the last of its lines above and this one, which is cut");
    if (links.unseen && !unseen)
        return refuse(r, "its sender had seen a line that is not above it: that one is cut, or stands too late");
    return links.gap == gap && links.unseen == unseen
               ? 0
               : refuse(r, "it is said that lines before it are missing, and they are there");
}

static int read_said(struct reader *r)
{
    struct sealed_statement s;
    uint8_t bytes[SEALED_STATEMENT_MAX];
    size_t len;
    bool gap = take_words(&r->line, TRANSCRIPT_GAP), unseen = take_words(&r->line, TRANSCRIPT_UNSEEN);
    if (r->t->count == TRANSCRIPT_LINES)
        return refuse(r, "there are more lines than a transcript can have");
    if (take_base64(r, bytes, sizeof bytes, &len) != 0)
        return refuse(r, "it is no signed statement in base64");
    int failed = sealed_statement_decode(&s, bytes, len);
    if (failed != 0)
        failed = refuse(r, "it is no signed statement in base64");
    else if ((failed = take_statement(r, &s)) == 0)
        failed = check_marks(r, gap, unseen);
    ct_wipe(bytes, len);
    ct_wipe(&s, sizeof s);
    return failed;
}

/* --- The end ------------------------------------------------------------------------------------------------------ */

/* A file has nothing that no line needs. */
static int check_needed(const struct reader *r)
{
    const struct transcript *t = r->t;
    for (size_t i = 1; i < t->certificate_count; i++)
        if (t->certificates[i]->lines == 0)
            return refuse_at(r, 3 + i + 1, "nothing below was said with this certificate's key");
    for (size_t i = 1; i + 1 < t->list_count; i++)
        if (t->lists[i]->lines == 0)
            return refuse_at(r, 3 + t->certificate_count + i + 1, "nothing below was said to this list");
    return 0;
}

static int read_end(struct reader *r)
{
    char end[128];
    const struct transcript *t = r->t;
    int len = snprintf(end, sizeof end, "%zu %zu %zu", t->certificate_count, t->list_count, t->count);
    if (!is(r->line, end, (size_t)len))
        return why_say(r->why,
                       "line %zu: it should be '" TRANSCRIPT_END "%s': lines above it are cut, or it was changed",
                       r->number, end);
    if (r->rest.len != 0)
        return refuse_at(r, r->number + 1, "there is something after the end");
    return check_needed(r);
}

/* The lines that begin so, and the first that does not. */
static int read_all(struct reader *r, const char *words, int (*read)(struct reader *r))
{
    int failed = 0;
    while (failed == 0) {
        if (!take_words(&r->line, words))
            return 0;
        failed = read(r) != 0 || next_line(r) != 0 ? -1 : 0;
    }
    return failed;
}

static int read_file(struct reader *r)
{
    if (read_head(r) != 0 || next_line(r) != 0 || read_all(r, TRANSCRIPT_CERTIFICATE, read_certificate) != 0)
        return -1;
    if (r->t->certificate_count == 0)
        return refuse(r, "it should be the founder's certificate");
    if (read_all(r, TRANSCRIPT_LIST, read_list) != 0)
        return -1;
    if (r->t->list_count == 0)
        return refuse(r, "it should be a list of the room, or a certificate before the first");
    if (read_all(r, TRANSCRIPT_SAID, read_said) != 0)
        return -1;
    if (!take_words(&r->line, TRANSCRIPT_END))
        return refuse(r, "it is none of the lines that can stand here");
    return read_end(r);
}

int transcript_verify(struct transcript *t, const char *text, size_t len, char why[static WHY_LEN])
{
    struct reader r = {.t = t, .rest = {text, len}, .why = why};
    memset(t, 0, sizeof *t);
    if (len > TRANSCRIPT_TEXT_MAX)
        return why_say(why, "it is longer than a transcript can be");
    if (read_file(&r) == 0)
        return 0;
    transcript_free(t);
    return -1;
}
