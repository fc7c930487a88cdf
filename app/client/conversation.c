/* SPDX-License-Identifier: MIT */
/* Each request that was sent stands in a queue until its answer comes, and answers come in the queue's order. A server
 * is believed nothing that does not fit: an answer must be of a type that its request can have, a list must go on from
 * page to page and come to an end, and what happens in a room must be in one where the user is. Otherwise it is left
 * without another word. */
#include "app/client/conversation.h"

#include <stdio.h>
#include <string.h>

#include "app/client/room_screen.h"
#include "crypto/ct.h"

#define BREAKS_THE_PROTOCOL "the server sent a message that breaks the protocol: leaving it"

/* --- The end ------------------------------------------------------------------------------------------------------ */

/* How many texts may not have arrived. */
static size_t unanswered_texts(const struct conversation *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->pending_len; i++)
        n += c->pending[i].type == MESSAGE_SAY || c->pending[i].type == MESSAGE_SEAL;
    return n;
}

/* Each, where there is somebody who may say it again, and with --reconnect; any other script is told how many. */
static void tell_unanswered(struct conversation *c)
{
    const struct arguments *a = c->reconnect.arguments;
    const struct unanswered_text *t;
    while ((t = unanswered_first(&c->unanswered)) != NULL) {
        if (c->screen.line.terminal || (a != NULL && a->reconnect))
            screen_unanswered(&c->screen, t->room, t->text, t->len);
        unanswered_drop(&c->unanswered, t->request);
    }
}

static void end(struct conversation *c, const char *why)
{
    size_t lost = unanswered_texts(c);
    direct_cut(&c->direct);
    c->ended = c->broken = true;
    if (lost == 0)
        screen_complain(&c->screen, "%s", why);
    else
        screen_complain(&c->screen, "%s (%zu text%s may not have arrived)", why, lost, lost == 1 ? "" : "s");
    tell_unanswered(c);
}

/* A server that breaks the protocol gets no more words, not even a Close: docs/protocol.md section 10.1. */
static void leave(struct conversation *c, const char *why)
{
    server_link_abandon(&c->link);
    end(c, why);
}

/* What the client sends of itself, and whenever its turn has come. */
static bool of_itself(enum message_type request)
{
    return request == MESSAGE_PING || request == MESSAGE_RELAY || request == MESSAGE_READY || request == MESSAGE_SEAL;
}

/* A ping's answer is not waited for: a server can have the next one sent with each of its answers. Nor is a relay's: a
 * peer can. */
bool conversation_waits(const struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++)
        if (!of_itself(c->pending[i].type))
            return true;
    return false;
}

bool conversation_seals(const struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++)
        if (c->pending[i].type == MESSAGE_SEAL)
            return true;
    return false;
}

/* Those who ask for these wait for the answer, and say themselves what it means. */
static bool has_words_of_its_own(enum message_type request)
{
    switch (request) {
    case MESSAGE_REGISTER:
    case MESSAGE_LOG_IN:
    case MESSAGE_CHANGE_PASSWORD:
    case MESSAGE_DELETE_ACCOUNT:
    case MESSAGE_BEGIN_SECOND_FACTOR:
    case MESSAGE_CONFIRM_SECOND_FACTOR:
    case MESSAGE_END_SECOND_FACTOR:
    case MESSAGE_REPLACE_CERTIFICATE:
        return true;
    default:
        return false;
    }
}

/* What one logs in with may have been changed, or not: who is there should look. */
static bool is_changing_account(const struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++)
        if (has_words_of_its_own(c->pending[i].type) && c->pending[i].type != MESSAGE_LOG_IN)
            return true;
    return false;
}

static void forget_requests(struct conversation *c)
{
    c->pending_len = 0;
    c->awaited = false;
    c->when_answered = NULL;
}

void conversation_begin_again(struct conversation *c, const struct server_link *link)
{
    c->link = *link;
    c->logged_in = c->server_stops = false;
}

/* --- Rooms -------------------------------------------------------------------------------------------------------- */

static size_t room_index(const struct conversation *c, const char *room)
{
    size_t i = 0;
    while (i < c->rooms_len && strcmp(c->rooms[i], room) != 0)
        i++;
    return i;
}

bool conversation_is_in(const struct conversation *c, const char *room)
{
    return room_index(c, room) < c->rooms_len;
}

void conversation_go_to(struct conversation *c, const char *room)
{
    char name[NAME_MAX_LEN + 1]; /* room may point into what changes */
    snprintf(name, sizeof name, "%s", room);
    if (name[0] == '\0' && c->room[0] != '\0')
        memcpy(c->room_before, c->room, sizeof c->room_before);
    memcpy(c->room, name, sizeof c->room);
    conversation_prompt(c);
}

void conversation_prompt(struct conversation *c)
{
    char name[NAME_MAX_LEN + 2];
    bool direct = c->direct.with[0] != '\0';
    snprintf(name, sizeof name, "%s%s", direct ? "@" : "", direct ? c->direct.with : c->room);
    screen_go_to(&c->screen, name);
}

static void joined(struct conversation *c, const char *room)
{
    if (!conversation_is_in(c, room) && c->rooms_len < CONVERSATION_ROOMS_MAX)
        memcpy(c->rooms[c->rooms_len++], room, strlen(room) + 1);
    conversation_go_to(c, room);
}

static void left(struct conversation *c, const char *room)
{
    size_t i = room_index(c, room);
    if (i == c->rooms_len)
        return;
    c->rooms_len--;
    memmove(c->rooms[i], c->rooms[i + 1], (c->rooms_len - i) * sizeof *c->rooms);
    sealed_rooms_entered(&c->direct.rooms.sealed, room, false);
    screen_left(&c->screen, room);
    if (strcmp(c->room, room) == 0)
        conversation_go_to(c, c->rooms_len > 0 ? c->rooms[c->rooms_len - 1] : "");
}

/* Whether a room was joined, or left, that is not answered; what is typed next is for where that leads, so it is done
 * again there.
 * CAUTION: a script's next line would be said in the room before: tests/integration/test_reconnect.py:
 * test_a_join_that_is_not_answered, test_a_leave_that_is_not_answered. */
static void take_rooms_as_asked(struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++) {
        if (c->pending[i].type == MESSAGE_JOIN) {
            c->direct.with[0] = '\0';
            joined(c, c->pending[i].about);
        }
        if (c->pending[i].type == MESSAGE_LEAVE)
            left(c, c->pending[i].about);
    }
}

/* The connection is gone, and not because somebody wanted that. */
static void cut(struct conversation *c, const char *why, const char *advice)
{
    char text[200];
    if (c->wants_another != NULL && c->wants_another(c) && !is_changing_account(c)) {
        line_show(&c->screen.line, stdout, "* %s", why);
        direct_cut(&c->direct);
        tell_unanswered(c);
        take_rooms_as_asked(c);
        forget_requests(c);
        c->begin_another(c);
        return;
    }
    snprintf(text, sizeof text, "%s%s", why, advice);
    end(c, text);
}

/* --- What arrives: answers ---------------------------------------------------------------------------------------- */

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
        leave(c, "the server sent a list that does not go on: leaving it");
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

/* A person is told who looks like somebody else (seen_names.h), also like one who is there already and has said
 * nothing: so who is there is asked for, and not shown. In a sealed room it is for the keys, too. */
static void meet_members(struct conversation *c, const char *room)
{
    struct message m = {.type = MESSAGE_WHO};
    people_left(&c->screen.people, room); /* who was there before may have left while one was not */
    if (!c->screen.line.terminal && !name_is_sealed(room))
        return;
    snprintf(m.who.room, sizeof m.who.room, "%s", room);
    if (conversation_ask(c, &m, room))
        c->pending[c->pending_len - 1].quiet = true;
}

/* From now on what is sealed there is opened, and whoever is there is called. */
static void enter_sealed(struct conversation *c, const char *room)
{
    sealed_rooms_entered(&c->direct.rooms.sealed, room, true);
    room_screen_entered(&c->screen, room);
    meet_members(c, room);
}

static void take_ok(struct conversation *c, const struct pending *p)
{
    if (p->type == MESSAGE_LOG_IN) {
        c->logged_in = true;
        seen_names_own(&c->screen.seen_names, c->user);
        joined(c, MESSAGE_LOBBY);
    }
    if (p->type == MESSAGE_JOIN) {
        c->direct.with[0] = '\0'; /* as where one is in that room already */
        joined(c, p->about);
    }
    bool moves = p->type == MESSAGE_LEAVE && strcmp(c->room, p->about) == 0;
    if (p->type == MESSAGE_LEAVE)
        left(c, p->about);
    if (p->type == MESSAGE_DELETE_ACCOUNT)
        c->deleted = true;
    screen_done(&c->screen, p->type, p->about);
    if (moves && c->room[0] != '\0' && c->screen.line.terminal) /* piped output stays as it is */
        screen_talk_in(&c->screen, c->room);
    if (p->type == MESSAGE_JOIN && name_is_sealed(p->about))
        enter_sealed(c, p->about);
    else if (p->type == MESSAGE_LOG_IN || p->type == MESSAGE_JOIN)
        meet_members(c, c->room);
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
    if (has_words_of_its_own(p->type))
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
        leave(c, "the server answered what was not asked: leaving it");
        return;
    }
    struct pending p = c->pending[0];
    unanswered_drop(&c->unanswered, p.request);
    c->pending_len--;
    memmove(&c->pending[0], &c->pending[1], c->pending_len * sizeof p);
    /* What is not awaited may come between an answer and whoever waits for it. */
    bool awaited = !of_itself(p.type) && !p.quiet;
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

/* --- What arrives: pushes ----------------------------------------------------------------------------------------- */

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
        leave(c, BREAKS_THE_PROTOCOL);
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
        end(c, "this account has logged in elsewhere, and that ended the connection here");
    else if (c->server_stops || c->reconnect.state != RECONNECT_NONE)
        cut(c, "the server closed the connection", ": connect again later");
    else
        end(c, "the server closed the connection: connect again later");
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
                end(c, "the connection was cut before the server's good-bye");
            else
                cut(c, "the connection was cut, by the network or by somebody in between", ": connect again");
            return;
        case SERVER_LINK_NONSENSE:
            leave(c, BREAKS_THE_PROTOCOL);
            return;
        case SERVER_LINK_FAILED:
            snprintf(text, sizeof text, "the connection failed (%s): somebody may be tampering with it; connect again",
                     server_link_error(&c->link));
            end(c, text);
            return;
        }
    }
}

/* --- Asking ------------------------------------------------------------------------------------------------------ */

bool conversation_ask(struct conversation *c, struct message *m, const char *about)
{
    bool is_ping = m->type == MESSAGE_PING;
    for (size_t i = 0; i < c->pending_len && is_ping; i++)
        if (c->pending[i].type == MESSAGE_PING)
            return true; /* one at a time is enough to say that we are there */
    if (c->ended || c->away || c->pending_len == sizeof c->pending / sizeof *c->pending)
        return false;
    struct pending *p = &c->pending[c->pending_len];
    p->request = server_link_request(&c->link, m);
    if (p->request == 0) {
        conversation_receive(c);
        return false;
    }
    p->type = m->type;
    p->quiet = false;
    p->after[0] = '\0';
    p->page = 0;
    p->asked = c->link.now();
    snprintf(p->about, sizeof p->about, "%s", about);
    c->pending_len++;
    return true;
}

void conversation_await(struct conversation *c, struct message *m, const char *about,
                        void (*when_answered)(struct conversation *c))
{
    c->awaited = true;
    c->when_answered = when_answered;
    c->error = MESSAGE_E_MALFORMED; /* until the answer says otherwise: what can't be asked is not done */
    snprintf(c->error_text, sizeof c->error_text, "%s", message_error_text(MESSAGE_E_MALFORMED));
    (void)conversation_ask(c, m, about);
}

/* For the calls and the sealed rooms: they leave room for what the user asks. */
static bool may_relay(void *arg)
{
    const struct conversation *c = arg;
    return c->pending_len < CONVERSATION_PENDING_MAX;
}

static bool relay(void *arg, struct message *m)
{
    return conversation_ask(arg, m, m->type == MESSAGE_SEAL ? m->seal.room : "");
}

static void sealed_said(void *arg, const char *room, const uint8_t *text, size_t len)
{
    struct conversation *c = arg;
    unanswered_add(&c->unanswered, c->link.last_request, room, text, len);
}

void conversation_say(struct conversation *c, const char *text, size_t len)
{
    struct message m = {.type = MESSAGE_SAY, .say.text = {(const uint8_t *)text, len}};
    memcpy(m.say.room, c->room, sizeof m.say.room);
    if (conversation_ask(c, &m, c->room))
        unanswered_add(&c->unanswered, m.request, c->room, text, len);
    else
        screen_unsent(&c->screen, m.say.room, text, len);
}

/* A sealed room of a name in whose room one is there already: another one had it before, say. */
static bool is_to_be_entered(const struct conversation *c, const char *room)
{
    const struct sealed_room *r = sealed_rooms_find(&c->direct.rooms.sealed, room);
    return r != NULL && !r->entered;
}

void conversation_join(struct conversation *c, const char *room)
{
    struct message m = {.type = MESSAGE_JOIN};
    if (conversation_is_in(c, room)) {
        c->direct.with[0] = '\0';
        conversation_go_to(c, room);
        screen_talk_in(&c->screen, room);
        if (is_to_be_entered(c, room)) {
            enter_sealed(c, room);
            c->awaited = true; /* who is there is to be known before anything is said */
        }
    } else if (c->rooms_len == CONVERSATION_ROOMS_MAX) {
        screen_refused(&c->screen, "you are in %d rooms already: /leave one first", CONVERSATION_ROOMS_MAX);
    } else {
        snprintf(m.join.room, sizeof m.join.room, "%s", room);
        conversation_await(c, &m, m.join.room, NULL);
    }
}

void conversation_leave(struct conversation *c, const char *room)
{
    struct message m = {.type = MESSAGE_LEAVE};
    snprintf(m.leave.room, sizeof m.leave.room, "%s", room);
    conversation_await(c, &m, m.leave.room, NULL);
}

void conversation_init(struct conversation *c)
{
    *c = (struct conversation){0};
    direct_init(&c->direct, &c->screen, c->user, c->server, may_relay, relay, c);
    c->direct.rooms.said = sealed_said;
}

void conversation_end(struct conversation *c)
{
    direct_end(&c->direct);
    unanswered_free(&c->unanswered);
}

/* --- How long ----------------------------------------------------------------------------------------------------- */

void conversation_restart_times(struct conversation *c)
{
    c->link.heard = c->link.now();
    for (size_t i = 0; i < c->pending_len; i++)
        c->pending[i].asked = c->link.heard;
}

/* When the oldest request was made, which a list's next page may be though it stands at the end. */
static uint64_t oldest_asked(const struct conversation *c)
{
    uint64_t oldest = c->link.now();
    for (size_t i = 0; i < c->pending_len; i++)
        oldest = c->pending[i].asked < oldest ? c->pending[i].asked : oldest;
    return oldest;
}

void conversation_check_times(struct conversation *c)
{
    struct message ping = {.type = MESSAGE_PING};
    uint64_t now = c->link.now(), silence = now - c->link.heard;
    char why[100];
    if (silence >= 2 * CONVERSATION_SILENCE_SECONDS) {
        cut(c, "the server does not answer any more", ": connect again later");
    } else if (now - oldest_asked(c) >= CONVERSATION_ANSWER_SECONDS) {
        snprintf(why, sizeof why, "the server has left a request unanswered for %d seconds",
                 CONVERSATION_ANSWER_SECONDS);
        cut(c, why, ": connect again later");
    } else if (silence >= CONVERSATION_SILENCE_SECONDS) {
        (void)conversation_ask(c, &ping, "");
    }
}

/* --- Good-bye ----------------------------------------------------------------------------------------------------- */

void conversation_log_out(struct conversation *c)
{
    struct message log_out = {.type = MESSAGE_LOG_OUT};
    c->leaving = true;
    if (!c->ended && !c->deleted)
        (void)conversation_ask(c, &log_out, "");
}

void conversation_close(struct conversation *c)
{
    server_link_goodbye(&c->link);
    if (!c->ended)
        end(c, "the server did not say good-bye");
}
