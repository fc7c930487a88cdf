/* SPDX-License-Identifier: MIT */
/* Transcripts: any bytes, where the first of the input is even; else what a client keeps of a made-up room, and then
 * edits of its file. Steps of the client are `u8 what, u8 n`, up to the first `what` of 255:
 *      even     statement n came, which may be one that does not fit
 *      odd      list n came
 * and those of the editor `u8 what, u16 where, u8 value`:
 *      0        the character there is that one
 *      1        and that one stands before it
 *      2, 3, 4  a line is cut, stands twice, changes places with the next one
 * A client's file always holds. What holds is written again as it was, and a client that gets it all keeps the same.
 * Where something is refused a line is named that is there, or the one behind the last. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/peer/transcript.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/pem.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LISTS = 6, STATEMENTS = 32, TEXT_CAP = 1 << 17 };

/* All have the same key, as one is to be had: which of them signed is not what this is about. */
static struct rsa_private key;
static struct rng rng;
static struct identity alice, bob;
static struct room_list lists[LISTS];
static struct sealed_statement statements[STATEMENTS];
static const struct room_list *list_of[STATEMENTS];

static void need(int holds)
{
    if (!holds)
        abort();
}

/* --- What is said ------------------------------------------------------------------------------------------------- */

static void read_key(void)
{
    char text[PEM_MAX_LEN];
    FILE *f = fopen("vectors/pem/key1.pem", "r"); /* from the top of the tree */
    need(f != NULL);
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    need(pem_decode_private(&key, text, len, NULL, 0) == PEM_OK);
}

static void certify(struct identity *id, const char *name)
{
    struct certificate c = {.role = CERTIFICATE_USER, .not_after = 1};
    memcpy(c.name, name, strlen(name));
    need(certificate_sign_self(&c, &key, &rng) == NET_OK);
    id->certificate_len = certificate_encode(id->certificate, &c);
}

/* Each after the one before it, but the last, which is another number 2. */
static void make_lists(void)
{
    for (size_t i = 0; i < LISTS; i++) {
        struct room_list *l = &lists[i];
        *l = (struct room_list){.name = "+ring", .n = (uint32_t)i, .count = i % 3 == 0 ? 1 : 2};
        if (i == LISTS - 1)
            l->n = 2, l->count = 1;
        if (l->n > 0)
            memcpy(l->before, lists[l->n - 1].hash, sizeof l->before);
        memcpy(l->members[0].name, "alice", 6);
        memcpy(l->members[1].name, "bob", 4);
        certificate_fingerprint(l->members[0].fingerprint, key.n);
        certificate_fingerprint(l->members[1].fingerprint, key.n);
        if (i == LISTS - 2)
            l->count = 0;
        need(room_list_sign(l, &key, &rng) == 0);
    }
}

/* Some go on where the same sender was, some begin anew or contradict, some fit nowhere. */
static void make_statement(size_t i)
{
    struct sealed_statement *s = &statements[i];
    const char *sender = i % 3 == 2 ? "bob" : "alice";
    const struct room_list *l = list_of[i] = &lists[i / 4 % LISTS];
    *s = (struct sealed_statement){.i = i % 11 == 10 ? 100 : (uint32_t)i % 7, .text_len = 1 + i % 5};
    memcpy(s->list, l->hash, sizeof s->list);
    memcpy(s->sender, sender, strlen(sender));
    memset(s->text, 'a' + (int)(i % 26), s->text_len);
    s->text[0] = i == 20 ? 0x1b : s->text[0];
    s->key_id[0] = (uint8_t)(i / 8);
    if (i % 8 != 0)
        sealed_statement_hash(s->prev, &statements[i > 4 ? i - 1 - i % 4 : i - 1]);
    if (i % 8 > 1)
        sealed_statement_hash(s->seen, &statements[i - 2]);
    need(sealed_statement_sign(s, &key, &rng) == 0);
}

static void make_room(void)
{
    rng_fixed_init(&rng, "room", 4);
    read_key();
    certify(&alice, "alice");
    certify(&bob, "bob");
    make_lists();
    for (size_t i = 0; i < STATEMENTS; i++)
        make_statement(i);
}

/* --- What holds of any file --------------------------------------------------------------------------------------- */

static void assert_same(const struct transcript *t, const char *text, size_t len)
{
    size_t again_len;
    char *again = transcript_write(t, &again_len);
    need(again != NULL && again_len == len && memcmp(again, text, len) == 0);
    free(again);
}

static void decode_list(struct room_list *l, const struct transcript_list *list)
{
    need(room_list_decode(l, list->bytes, list->len) == 0);
}

/* A client that gets the same lists and lines. */
static void assert_kept(const struct transcript *t, const char *text, size_t len)
{
    static struct transcript again;
    static struct room_list l;
    decode_list(&l, t->lists[0]);
    need(transcript_init(&again, &l, t->certificates[0]->bytes, t->certificates[0]->len) == 0);
    for (size_t i = 0; i < t->count; i++) {
        const struct transcript_line *line = transcript_at(t, i);
        struct sealed_statement s;
        need(sealed_statement_decode(&s, line->bytes, line->len) == 0);
        decode_list(&l, line->list);
        need(transcript_add(&again, &s, &l, line->certificate->bytes, line->certificate->len) == 0);
    }
    decode_list(&l, t->lists[t->list_count - 1]);
    need(transcript_add_list(&again, &l) == 0);
    assert_same(&again, text, len);
    transcript_free(&again);
}

/* Whether it holds. */
static bool check(const char *text, size_t len)
{
    static struct transcript t;
    char why[WHY_LEN], *exact = malloc(len > 0 ? len : 1);
    size_t lines = 1;
    unsigned long number;
    need(exact != NULL);
    memcpy(exact, text, len);
    bool holds = transcript_verify(&t, exact, len, why) == 0;
    if (holds) {
        assert_same(&t, text, len);
        assert_kept(&t, text, len);
        transcript_free(&t);
    } else {
        for (size_t i = 0; i < len; i++)
            lines += text[i] == '\n';
        need(sscanf(why, "line %lu: ", &number) == 1 && number >= 1 && number <= lines);
        need(strchr(why, '\n') == NULL && t.count == 0 && t.list_count == 0 && t.certificate_count == 0);
    }
    free(exact);
    return holds;
}

/* --- The client, and the editor ----------------------------------------------------------------------------------- */

static size_t client(struct transcript *t, const uint8_t *data, size_t size)
{
    size_t at = 0;
    for (; at + 2 <= size && data[at] != 255; at += 2) {
        size_t n = data[at + 1];
        int failed;
        if (data[at] % 2 == 1) {
            failed = transcript_add_list(t, &lists[n % LISTS]);
        } else {
            n %= STATEMENTS;
            const struct identity *id = statements[n].sender[0] == 'a' ? &alice : &bob;
            failed = transcript_add(t, &statements[n], list_of[n], id->certificate, id->certificate_len);
        }
        (void)failed;
    }
    return at + (at < size);
}

/* Where the line with that number begins, of those that there are; and how long it is. */
static char *find_line(char *text, size_t len, size_t number, size_t *line_len)
{
    size_t lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    char *p = text;
    for (size_t i = 0; lines > 0 && i < number % lines; i++)
        p = (char *)memchr(p, '\n', len - (size_t)(p - text)) + 1;
    const char *end = memchr(p, '\n', len - (size_t)(p - text));
    *line_len = end != NULL ? (size_t)(end + 1 - p) : len - (size_t)(p - text);
    return p;
}

/* So many bytes are in the place of others. */
static void replace(char *text, size_t *len, char *at, size_t n, const char *by, size_t by_len)
{
    static char rest[TEXT_CAP];
    size_t rest_len = *len - (size_t)(at - text) - n;
    if (*len - n + by_len > TEXT_CAP)
        return;
    memcpy(rest, at + n, rest_len);
    memmove(at, by, by_len);
    memcpy(at + by_len, rest, rest_len);
    *len = *len - n + by_len;
}

static void edit(char *text, size_t *len, const uint8_t *step)
{
    static char line[TEXT_CAP];
    size_t where = (size_t)step[1] << 8 | step[2], n, next_len;
    char *p = find_line(text, *len, where, &n), value = (char)step[3];
    if (*len == 0)
        return;
    if (step[0] % 5 == 0)
        text[where % *len] = value;
    else if (step[0] % 5 == 1)
        replace(text, len, text + where % *len, 0, &value, 1);
    else if (step[0] % 5 == 2)
        replace(text, len, p, n, "", 0);
    else {
        memcpy(line, p, n);
        if (step[0] % 5 == 3) {
            replace(text, len, p, 0, line, n);
        } else {
            replace(text, len, p, n, "", 0);
            if (p < text + *len) {
                p = find_line(text, *len, where, &next_len) + next_len;
                replace(text, len, p, 0, line, n);
            }
        }
    }
}

static void run(const uint8_t *data, size_t size)
{
    static struct transcript t;
    static char text[TEXT_CAP];
    size_t len;
    need(transcript_init(&t, &lists[0], alice.certificate, alice.certificate_len) == 0);
    size_t at = client(&t, data, size);
    char *kept = transcript_write(&t, &len);
    need(kept != NULL && len <= sizeof text && check(kept, len));
    memcpy(text, kept, len);
    free(kept);
    transcript_free(&t);
    for (; at + 4 <= size; at += 4)
        edit(text, &len, data + at);
    (void)check(text, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (alice.certificate_len == 0)
        make_room();
    if (size > 0 && data[0] % 2 == 1)
        run(data + 1, size - 1);
    else if (size > 0)
        (void)check((const char *)data + 1, size - 1);
    return 0;
}
