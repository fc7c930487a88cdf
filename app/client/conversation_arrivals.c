/* SPDX-License-Identifier: MIT */
/* Answers come in the order of the queue. A server is believed nothing that does not fit: an answer must be of a type
 * that its request can have, a list must go on from page to page and come to an end, and what happens in a room must be
 * in one where the user is. Otherwise it is left without another word. */
#include <stdio.h>
#include <string.h>

#include "app/client/conversation_impl.h"
#include "crypto/ct.h"

#define BREAKS_THE_PROTOCOL "the server sent a message that breaks the protocol: leaving it"

/* --- Answers ------------------------------------------------------------------------------------------------------ */

static void show_rooms(struct conversation *c, const struct message *m)
{
    struct message_list list = m->rooms.list;
    struct message_entry entry;
    while (message_list_next(&list, &entry, true))
        screen_room(&c->screen, &entry, conversation_is_in(c, entry.name));
}

/* The first and the last name of a page; the next page begins after the last. */
static void page_ends(char first[static NAME_MAX_LEN + 1], char last[static NAME_MAX_LEN + 1], struct message_list list,
                      bool with_members)
{
    struct message_entry entry = {{0}, 0};
    (void)message_list_next(&list, &entry, with_members);
    memcpy(first, entry.name, sizeof entry.name);
    while (message_list_next(&list, &entry, with_members))
        ;
    memcpy(last, entry.name, sizeof entry.name);
}

/* Asks for what comes after a page that is not the last. A server decides how many pages there are; but each must begin
 * after the one before it, and there is an end. */
static void ask_next_page(struct conversation *c, const struct pending *p, const struct message *m)
{
    bool members = m->type == MESSAGE_MEMBERS;
    struct message next = {.type = p->type};
    char first[NAME_MAX_LEN + 1], last[NAME_MAX_LEN + 1];
    page_ends(first, last, members ? m->members.list : m->rooms.list, !members);
    bool more = (members ? m->members.more : m->rooms.more) != 0;
    if (first[0] == '\0' ? more : strcmp(first, p->after) <= 0) {
        conversation_abandon(c, "the server sent a list that does not go on: leaving it");
        return;
    }
    if (!more || (p->quiet && p->page + 1 >= CONVERSATION_QUIET_PAGES_MAX))
        return;
    if (p->page + 1 >= CONVERSATION_PAGES_MAX) {
        screen_complain(&c->screen, "the list goes on after %d pages: no more of it is asked for",
                        CONVERSATION_PAGES_MAX);
        return;
    }
    memcpy(members ? next.who.after : next.list_rooms.after, last, sizeof last);
    if (members)
        memcpy(next.who.room, p->about, sizeof next.who.room);
    if (!conversation_ask(c, &next, p->about))
        return;
    struct pending *asked = &c->pending[c->pending_len - 1];
    memcpy(asked->after, last, sizeof last);
    asked->asked = p->asked; /* the list as a whole is waited for, or its pages would keep us for hours */
    asked->page = p->page + 1;
    asked->quiet = p->quiet;
}

static void take_ok(struct conversation *c, const struct pending *p)
{
    if (p->type == MESSAGE_LOG_IN) {
        c->logged_in = true;
        seen_names_own(&c->screen.seen_names, c->user);
        conversation_joined(c, MESSAGE_LOBBY);
    }
    if (p->type == MESSAGE_JOIN) {
        c->direct.with[0] = '\0'; /* as where one is in that room already */
        conversation_joined(c, p->about);
    }
    bool moves = p->type == MESSAGE_LEAVE && strcmp(c->room, p->about) == 0;
    if (p->type == MESSAGE_LEAVE)
        conversation_left(c, p->about);
    if (p->type == MESSAGE_DELETE_ACCOUNT)
        c->deleted = true;
    screen_done(&c->screen, p->type, p->about);
    if (moves && c->room[0] != '\0' && c->screen.line.terminal) /* piped output stays as it is */
        screen_talk_in(&c->screen, c->room);
    if (p->type == MESSAGE_JOIN && name_is_sealed(p->about))
        conversation_enter_sealed(c, p->about);
    else if (p->type == MESSAGE_LOG_IN || p->type == MESSAGE_JOIN)
        conversation_meet_members(c, c->room);
}

/* A refusal's words as the client's own, where they are those that belong to its code: whatever else a server sends
 * must not look as if this program had said it. Returns the code. */
static uint16_t refusal(char words[static SCREEN_ERROR_LEN], const struct message *m)
{
    const char *text = (const char *)m->error.text.data;
    int len = (int)m->error.text.len;
    uint16_t code = m->error.code != 0 ? m->error.code : MESSAGE_E_MALFORMED; /* one without a number is one too */
    const char *usual = message_error_text((enum message_error)code);
    bool own = strlen(usual) == (size_t)len && memcmp(usual, text, (size_t)len) == 0;
    snprintf(words, SCREEN_ERROR_LEN, "%s%.*s", own ? "" : SCREEN_SERVER_SAYS, len, text);
    return code;
}

/* Of what was sealed. c->error stays as it is: what is awaited may have been answered just before. */
static void seal_answered(struct conversation *c, const char *room, const struct message *m)
{
    char words[SCREEN_ERROR_LEN];
    if (m->type != MESSAGE_ERROR)
        return;
    (void)refusal(words, m);
    screen_not_done(&c->screen, MESSAGE_SEAL, room, words);
}

static void take_error(struct conversation *c, const struct pending *p, const struct message *m)
{
    if (p->quiet)
        return;
    if (p->type != MESSAGE_PING)
        c->error = refusal(c->error_text, m);
    if (conversation_has_own_words(p->type))
        return;
    if (p->about[0] != '\0')
        screen_not_done(&c->screen, p->type, p->about, c->error_text);
    else
        screen_server_error(&c->screen, m);
}

/* True where an answer of this type can be one to that request. */
static bool answers(enum message_type answer, enum message_type request)
{
    switch (answer) {
    case MESSAGE_ERROR:
        return true;
    case MESSAGE_ROOMS:
        return request == MESSAGE_LIST_ROOMS;
    case MESSAGE_MEMBERS:
        return request == MESSAGE_WHO;
    case MESSAGE_SECRET:
        return request == MESSAGE_BEGIN_SECOND_FACTOR;
    case MESSAGE_CERTIFICATE:
        return request == MESSAGE_FETCH_CERTIFICATE;
    case MESSAGE_BLOCKED:
        return request == MESSAGE_LIST_BLOCKED;
    default:
        return request != MESSAGE_LIST_ROOMS && request != MESSAGE_WHO && request != MESSAGE_BEGIN_SECOND_FACTOR &&
               request != MESSAGE_FETCH_CERTIFICATE && request != MESSAGE_LIST_BLOCKED;
    }
}

/* message_decode has seen that it is one, so that it fits. */
static void keep_certificate(struct conversation *c, struct message_bytes certificate)
{
    if (certificate.len > 0)
        memcpy(c->certificate, certificate.data, certificate.len);
    c->certificate_len = certificate.len;
}

/* The oldest request is answered first: what comes before its answer is none to a later one.
 * CAUTION: a later one's would be believed without the answer between; test_answers_keep_their_order notices. */
static bool answers_the_oldest(const struct conversation *c, const struct message *m)
{
    const struct pending *p = &c->pending[0];
    if (c->pending_len == 0 || p->request != m->request || !answers(m->type, p->type))
        return false;
    if (m->type == MESSAGE_MEMBERS)
        return strcmp(m->members.room, p->about) == 0;
    return m->type != MESSAGE_CERTIFICATE || strcmp(m->certificate.name, p->about) == 0;
}

static void take_members(struct conversation *c, const struct pending *p, const struct message *m)
{
    bool known = sealed_rooms_find(&c->direct.rooms.sealed, p->about) != NULL;
    screen_members(&c->screen, m, p->quiet || known);
    room_talk_members(&c->direct.rooms, c->direct.now(), m, p->page == 0, p->quiet);
}

static void take_answer(struct conversation *c, const struct message *m)
{
    if (m->type == MESSAGE_ERROR && m->request == 0) {
        screen_server_error(&c->screen, m);
        return;
    }
    if (!answers_the_oldest(c, m)) {
        conversation_abandon(c, "the server answered what was not asked: leaving it");
        return;
    }
    struct pending p = c->pending[0];
    unanswered_drop(&c->unanswered, p.request);
    c->pending_len--;
    memmove(&c->pending[0], &c->pending[1], c->pending_len * sizeof p);
    /* What is not awaited may come between an answer and whoever waits for it. */
    bool awaited = !conversation_of_itself(p.type) && !p.quiet;
    if (awaited)
        c->error = 0;
    if (p.type == MESSAGE_RELAY || p.type == MESSAGE_READY)
        direct_answered(&c->direct, p.type, m);
    else if (p.type == MESSAGE_SEAL)
        seal_answered(c, p.about, m);
    else if (m->type == MESSAGE_ERROR)
        take_error(c, &p, m);
    else if (m->type == MESSAGE_SECRET)
        memcpy(c->secret, m->secret.secret, sizeof c->secret);
    else if (m->type == MESSAGE_CERTIFICATE)
        keep_certificate(c, m->certificate.certificate);
    else if (m->type == MESSAGE_ROOMS)
        show_rooms(c, m);
    else if (m->type == MESSAGE_MEMBERS)
        take_members(c, &p, m);
    else if (m->type == MESSAGE_BLOCKED)
        screen_blocked(&c->screen, m);
    else
        take_ok(c, &p);
    if (m->type == MESSAGE_ROOMS || m->type == MESSAGE_MEMBERS)
        ask_next_page(c, &p, m);
}

/* --- Pushes ------------------------------------------------------------------------------------------------------- */

/* What happens in a room comes to its members alone, and to somebody who has asked to join: the server may tell of it
 * before it answers. */
static bool may_hear(const struct conversation *c, const char *room)
{
    bool asked = false;
    for (size_t i = 0; i < c->pending_len; i++)
        asked = asked || (c->pending[i].type == MESSAGE_JOIN && strcmp(c->pending[i].about, room) == 0);
    return asked || conversation_is_in(c, room);
}

/* Before the login is answered there is nobody whom these are for. */
static bool may_come(const struct conversation *c, const struct message *m)
{
    switch (m->type) {
    case MESSAGE_SAID:
        return may_hear(c, m->said.room);
    case MESSAGE_PRESENCE:
        return may_hear(c, m->presence.room);
    case MESSAGE_SEALED:
        return may_hear(c, m->sealed.room);
    case MESSAGE_REPLACED:
        return c->logged_in;
    case MESSAGE_RELAYED:
        return direct_may_hear(&c->direct);
    default:
        return true;
    }
}

static bool says(struct message_bytes text, const char *words)
{
    return text.len == strlen(words) && memcmp(text.data, words, text.len) == 0;
}

static void take(struct conversation *c, const struct message *m)
{
    struct message ping = {.type = MESSAGE_PING};
    if (!may_come(c, m)) {
        conversation_abandon(c, BREAKS_THE_PROTOCOL);
        return;
    }
    switch (m->type) {
    case MESSAGE_SAID:
        screen_said(&c->screen, m);
        break;
    case MESSAGE_PRESENCE:
        screen_presence(&c->screen, m, c->user);
        room_talk_presence(&c->direct.rooms, m);
        break;
    case MESSAGE_SEALED:
        sealed_rooms_sealed(&c->direct.rooms.sealed, c->direct.now(), m);
        break;
    case MESSAGE_NOTICE:
        screen_notice(&c->screen, m);
        c->server_stops = c->server_stops || says(m->notice.text, MESSAGE_NOTICE_STOPPING);
        break;
    case MESSAGE_REPLACED:
        c->replaced = true;
        break;
    case MESSAGE_RELAYED:
        direct_relayed(&c->direct, m);
        break;
    case MESSAGE_STILL_THERE:
        (void)conversation_ask(c, &ping, "");
        break;
    default:
        take_answer(c, m);
        break;
    }
}

static void closed(struct conversation *c)
{
    if (c->deleted || (c->leaving && !conversation_waits(c)))
        c->ended = true;
    else if (c->replaced)
        conversation_fail(c, "this account has logged in elsewhere, and that ended the connection here");
    else if (c->server_stops || c->reconnect.state != RECONNECT_NONE)
        conversation_cut(c, "the server closed the connection", ": connect again later");
    else
        conversation_fail(c, "the server closed the connection");
}

void conversation_receive(struct conversation *c)
{
    struct message m;
    char text[300];
    for (;;) {
        if (c->ended || c->away)
            return;
        switch (server_link_next(&c->link, &m)) {
        case SERVER_LINK_QUIET:
            return;
        case SERVER_LINK_MESSAGE:
            take(c, &m);
            if (m.type == MESSAGE_SECRET)
                ct_wipe(&m, sizeof m);
            break;
        case SERVER_LINK_CLOSED:
            closed(c);
            return;
        case SERVER_LINK_CUT:
            if (c->leaving)
                conversation_fail(c, "the connection was cut before the server's good-bye");
            else
                conversation_cut(c, "the connection was cut, by the network or by somebody in between",
                                 ": connect again");
            return;
        case SERVER_LINK_NONSENSE:
            conversation_abandon(c, BREAKS_THE_PROTOCOL);
            return;
        case SERVER_LINK_FAILED:
            snprintf(text, sizeof text, "the connection failed (%s): somebody may be tampering with it; connect again",
                     server_link_error(&c->link));
            conversation_fail(c, text);
            return;
        }
    }
}
