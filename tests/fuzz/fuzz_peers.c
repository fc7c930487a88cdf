/* SPDX-License-Identifier: MIT */
/* Any bytes as a peers' file. Where it can be read, its peers are in order and each stands there once; and it is
 * rewritten so that a peer is found in it with its new key and state, while every other one, at this server and at
 * another, is as it was. Where it can't, the line that is wrong is named, and what stands before it can be read. */
#include <stdlib.h>
#include <string.h>

#include "app/peer/peers.h"
#include "net/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SERVER "chat.example:7447"
#define OTHER "[::1]:7447"

static void need(int holds)
{
    if (!holds)
        abort();
}

static int parse(struct peers *p, const char *server, const char *text, size_t len, size_t *line)
{
    memset(p, 0, sizeof *p);
    memcpy(p->server, server, strlen(server) + 1);
    return peers_parse(p, text, len, line);
}

static void check_list(const struct peers *p)
{
    need(p->count <= p->total);
    for (size_t i = 0; i < p->count; i++) {
        const struct peer *peer = &p->list[i];
        need(name_valid(peer->name, strlen(peer->name)) && !peer->changed && peer->line > 0);
        need(peer->kept == PEER_NEW || peer->kept == PEER_COMPARED);
        need(i == 0 || strcmp(p->list[i - 1].name, peer->name) < 0);
        need(peers_find(p, peer->name) == peer);
    }
}

/* All of one's peers but that name are the other's, with key and state. */
static void check_same(const struct peers *one, const struct peers *other, const char *but)
{
    for (size_t i = 0; i < one->count; i++) {
        const struct peer *a = &one->list[i], *b = peers_find(other, a->name);
        if (strcmp(a->name, but) != 0)
            need(b != NULL && a->kept == b->kept && memcmp(a->fingerprint, b->fingerprint, sizeof a->fingerprint) == 0);
    }
}

static void rewrite(const char *text, size_t size, const struct peers *p, const char *name)
{
    struct peer to = {.kept = PEER_COMPARED, .fingerprint = {7}};
    struct peers then, other_before, other_then;
    size_t len, line;
    memcpy(to.name, name, strlen(name) + 1);
    char *changed = peers_rewrite(text, size, SERVER, &to, &len);
    need(changed != NULL && parse(&then, SERVER, changed, len, &line) == 0);
    check_list(&then);
    const struct peer *found = peers_find(&then, name);
    need(found != NULL && found->kept == PEER_COMPARED && memcmp(found->fingerprint, to.fingerprint, 32) == 0);
    need(then.total == p->total + (peers_find(p, name) == NULL));
    check_same(p, &then, name);
    if (parse(&other_before, OTHER, text, size, &line) == 0) {
        need(parse(&other_then, OTHER, changed, len, &line) == 0 && other_then.count == other_before.count);
        check_same(&other_before, &other_then, "");
        peers_free(&other_then);
    }
    peers_free(&other_before);
    peers_free(&then);
    free(changed);
}

static void check_before(const char *text, size_t size, size_t wrong)
{
    struct peers p;
    const char *rest = text;
    size_t left = size, line;
    lines_skip_mark(&rest, &left);
    for (struct lines_line l = {0}; lines_next(&rest, &left, &l) && l.number < wrong;)
        ;
    need(left < size || wrong == 1);
    struct lines_line last = {0};
    size_t before = 0;
    rest = text, left = size;
    while (last.number < wrong - 1 && lines_next(&rest, &left, &last))
        before = (size_t)(rest - text);
    need(parse(&p, SERVER, text, before, &line) == 0);
    peers_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct peers p;
    size_t line;
    if (parse(&p, SERVER, text, size, &line) != 0) {
        need(line > 0 && p.list == NULL && p.count == 0 && p.total == 0);
        check_before(text, size, line);
        return 0;
    }
    need(line == 0);
    check_list(&p);
    rewrite(text, size, &p, "bob");
    if (p.count > 0) {
        char name[NAME_MAX_LEN + 1];
        memcpy(name, p.list[p.count / 2].name, sizeof name);
        rewrite(text, size, &p, name);
    }
    peers_free(&p);
    return 0;
}
