/* SPDX-License-Identifier: MIT */
/* Each line sees the last one of another, whoever said it: in this room nothing is lost. */
#include "tests/transcript_room.h"

#include <string.h>

#include "app/workbench/rng_fixed.h"
#include "tests/keys.h"
#include "tests/test.h"

static void make_member(struct transcript_room *r, size_t i, const char *name, const char *key)
{
    struct transcript_room_member *m = &r->member[i];
    struct certificate c = {.role = CERTIFICATE_USER, .not_before = 1, .not_after = UINT64_MAX};
    memcpy(m->name, name, strlen(name));
    memcpy(c.name, name, strlen(name));
    memcpy(m->next.sender, name, strlen(name));
    keys_private(&m->id.key, key);
    assert_int_equal(certificate_sign_self(&c, &m->id.key, &r->rng), NET_OK);
    m->id.certificate_len = certificate_encode(m->id.certificate, &c);
}

struct transcript_room_member *transcript_room_member(struct transcript_room *r, const char *name)
{
    for (size_t i = 0; i < 3; i++)
        if (strcmp(r->member[i].name, name) == 0)
            return &r->member[i];
    fail_msg("nobody is called %s", name);
    return NULL;
}

/* All draw new sender keys for a list. */
static void use_list(struct transcript_room *r)
{
    for (size_t i = 0; i < 3; i++) {
        struct sealed_statement *next = &r->member[i].next;
        memcpy(next->room, r->list.room, sizeof next->room);
        memcpy(next->list, r->list.hash, sizeof next->list);
        rng_fill(&r->rng, next->key_id, sizeof next->key_id);
        next->i = 0;
    }
}

static void sign_list(struct transcript_room *r, const char *names)
{
    r->list.count = 0;
    while (*names != '\0') {
        struct room_list_member *to = &r->list.members[r->list.count++];
        size_t len = strcspn(names, " ");
        memset(to, 0, sizeof *to);
        memcpy(to->name, names, len);
        certificate_fingerprint(to->fingerprint, transcript_room_member(r, to->name)->id.key.n);
        names += len + (names[len] == ' ');
    }
    assert_int_equal(room_list_sign(&r->list, &r->member[0].id.key, &r->rng), 0);
    use_list(r);
}

void transcript_room_begin(struct transcript_room *r)
{
    memset(r, 0, sizeof *r);
    rng_fixed_init(&r->rng, "room", 4);
    make_member(r, 0, "alice", "alice");
    make_member(r, 1, "bob", "bob");
    make_member(r, 2, "carol", "server");
    memcpy(r->list.name, "+ring", 6);
    rng_fill(&r->rng, r->list.room, sizeof r->list.room);
    sign_list(r, "alice");
    assert_int_equal(transcript_init(&r->t, &r->list, r->member[0].id.certificate, r->member[0].id.certificate_len), 0);
}

void transcript_room_next_list(struct transcript_room *r, const char *names)
{
    r->list.n++;
    memcpy(r->list.before, r->list.hash, sizeof r->list.before);
    sign_list(r, names);
}

void transcript_room_list(struct transcript_room *r, const char *names)
{
    transcript_room_next_list(r, names);
    assert_int_equal(transcript_add_list(&r->t, &r->list), 0);
}

void transcript_room_sign(struct transcript_room *r, struct sealed_statement *s, const char *name)
{
    if (!r->is_unsigned)
        assert_int_equal(sealed_statement_sign(s, &transcript_room_member(r, name)->id.key, &r->rng), 0);
}

struct sealed_statement transcript_room_said(struct transcript_room *r, const char *name, const char *text)
{
    struct transcript_room_member *m = transcript_room_member(r, name);
    struct sealed_statement s = m->next;
    s.text_len = strlen(text);
    memcpy(s.text, text, s.text_len);
    if (r->by != m)
        memcpy(s.seen, r->said, sizeof s.seen);
    transcript_room_sign(r, &s, name);
    sealed_statement_hash(r->said, &s);
    r->by = m;
    memcpy(m->next.prev, r->said, sizeof m->next.prev);
    memcpy(m->next.seen, s.seen, sizeof m->next.seen);
    if (++m->next.i == SENDER_KEY_MESSAGES) {
        rng_fill(&r->rng, m->next.key_id, sizeof m->next.key_id);
        m->next.i = 0;
    }
    return s;
}

void transcript_room_keep(struct transcript_room *r, const struct sealed_statement *s)
{
    const struct identity *id = &transcript_room_member(r, s->sender)->id;
    assert_int_equal(transcript_add(&r->t, s, &r->list, id->certificate, id->certificate_len), 0);
}

void transcript_room_say(struct transcript_room *r, const char *name, const char *text)
{
    struct sealed_statement s = transcript_room_said(r, name, text);
    transcript_room_keep(r, &s);
}

char *transcript_room_text(const struct transcript_room *r, size_t *len)
{
    char *text = transcript_write(&r->t, len);
    assert_non_null(text);
    return text;
}
