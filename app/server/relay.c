/* SPDX-License-Identifier: MIT */
/* The server is only a way from one user to the other, and the two trust it with nothing else (docs/protocol.md section
 * 8). So all that there is to decide is who gets what: whom a frame may reach, and how much of it may wait. */
#include "app/server/relay.h"

#include <string.h>

#include "app/server/relay_shares.h"
#include "app/server/store/accounts.h"
#include "app/server/store/blocked_users.h"

void relay_ready(struct client *c, const struct message *m)
{
    c->ready = true;
    client_ok(c, m->request);
}

/* Whether this sender's frame may wait there too. Half of what may is for whoever comes, the other half in shares.
 * Those who are blocked have shares of their own, in nothing: they are answered like the others, and take no place of
 * theirs. CAUTION: without shares one sender keeps all others from calling somebody on a slow line; tests/test_relay.c:
 * test_one_sender_leaves_room_for_others. */
static bool has_room(struct client *to, const struct client *from, bool blocked, size_t frame_len)
{
    size_t waits = conn_queued(&to->conn), max = client_unread_max(to->server);
    if (waits <= max / 2) {
        relay_shares_forget(&to->shares);
        relay_shares_forget(&to->blocked_shares);
        return true;
    }
    return waits <= max && relay_shares_take(blocked ? &to->blocked_shares : &to->shares, from->user.name,
                                             bandwidth_cost(frame_len), max / 2 / RELAY_SHARES);
}

/* Who of that name is here and takes calls, or NULL.
 * CAUTION: a client of version 1.0 ends its connection when it gets a push that it doesn't know; tests/test_relay.c:
 * test_nothing_comes_before_ready. */
static struct client *find_recipient(const struct server *s, const char *name)
{
    struct room_user *user = rooms_user(&s->rooms, name);
    if (user == NULL || user->is_operator)
        return NULL;
    struct client *c = client_of(user);
    return c->phase == CLIENT_CHAT && c->ready ? c : NULL;
}

static void hand(struct client *to, const struct client *from, const struct message *m)
{
    struct message out = {.type = MESSAGE_RELAYED, .relayed = {.frame = m->relay.frame}};
    memcpy(out.relayed.name, from->user.name, sizeof out.relayed.name);
    memcpy(out.relayed.call, m->relay.call, sizeof out.relayed.call);
    to->server->counters.relays++;
    to->server->counters.relayed_bytes += m->relay.frame.len;
    client_send(to, &out);
}

/* CAUTION: the block comes last, and changes no answer: whoever is blocked must not be told (the same goes for what is
 * said in rooms); tests/test_relay.c: test_whoever_is_blocked_is_not_told. */
static enum message_error pass_on(struct client *from, const struct message *m)
{
    const struct server *s = from->server;
    const char *name = m->relay.name;
    if (strcmp(name, from->user.name) == 0)
        return MESSAGE_E_BAD_NAME;
    if (server_tells_names(s) && accounts_find(s->accounts, name) == NULL)
        return MESSAGE_E_NO_SUCH_USER;
    struct client *to = find_recipient(s, name);
    if (to == NULL)
        return MESSAGE_E_NOT_HERE;
    bool blocked = blocked_users_has(to->user.blocks, from->user.name);
    if (!has_room(to, from, blocked, m->relay.frame.len))
        return MESSAGE_E_TRY_LATER;
    if (blocked)
        from->server->counters.relays_refused++;
    else
        hand(to, from, m);
    return MESSAGE_E_NONE;
}

void relay_pass_on(struct client *c, const struct message *m)
{
    client_counts_as_relay(c);
    enum message_error error = pass_on(c, m);
    if (error == MESSAGE_E_NONE) {
        client_ok(c, m->request);
        return;
    }
    c->server->counters.relays_refused++;
    if (error == MESSAGE_E_TRY_LATER)
        client_refuse_with(c, m->request, error, "too much waits for that user already: try again later");
    else
        client_refuse(c, m->request, error);
}
