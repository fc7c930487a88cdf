/* SPDX-License-Identifier: MIT */
/* Each request that was sent stands in a queue until its answer comes. Where the connection is lost before, what stands
 * there is told, and with the rooms it says where one would be now. */
#include "app/client/conversation.h"

#include <stdio.h>
#include <string.h>

#include "app/client/conversation_impl.h"
#include "app/client/room_screen.h"

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

void conversation_fail(struct conversation *c, const char *why)
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

void conversation_abandon(struct conversation *c, const char *why)
{
    server_link_abandon(&c->link);
    conversation_fail(c, why);
}

/* --- What is not answered ----------------------------------------------------------------------------------------- */

bool conversation_of_itself(enum message_type request)
{
    return request == MESSAGE_PING || request == MESSAGE_RELAY || request == MESSAGE_READY || request == MESSAGE_SEAL;
}

/* A ping's answer is not waited for: a server can have the next one sent with each of its answers. Nor is a relay's: a
 * peer can. */
bool conversation_waits(const struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++)
        if (!conversation_of_itself(c->pending[i].type))
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

bool conversation_has_own_words(enum message_type request)
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

/* Whether somebody is heard is told in the answer alone; other requests are made again, or show that nothing came. */
static void tell_unanswered_blocks(struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++)
        if (c->pending[i].type == MESSAGE_BLOCK || c->pending[i].type == MESSAGE_UNBLOCK)
            screen_not_done(&c->screen, c->pending[i].type, c->pending[i].about,
                            c->pending[i].type == MESSAGE_BLOCK ? "perhaps not blocked: /blocks says it"
                                                                : "perhaps blocked still: /blocks says it");
}

/* What one logs in with may have been changed, or not: who is there should look. */
static bool is_changing_account(const struct conversation *c)
{
    for (size_t i = 0; i < c->pending_len; i++)
        if (conversation_has_own_words(c->pending[i].type) && c->pending[i].type != MESSAGE_LOG_IN)
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
    if (c->reconnect.state != RECONNECT_NONE)
        return;
    snprintf(name, sizeof name, "%s%s", direct ? "@" : "", direct ? c->direct.with : c->room);
    screen_go_to(&c->screen, name);
}

void conversation_joined(struct conversation *c, const char *room)
{
    if (!conversation_is_in(c, room) && c->rooms_len < CONVERSATION_ROOMS_MAX)
        memcpy(c->rooms[c->rooms_len++], room, strlen(room) + 1);
    conversation_go_to(c, room);
}

void conversation_left(struct conversation *c, const char *room)
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
            conversation_joined(c, c->pending[i].about);
        }
        if (c->pending[i].type == MESSAGE_LEAVE)
            conversation_left(c, c->pending[i].about);
    }
}

static bool goes_on(const struct conversation *c)
{
    return c->wants_another != NULL && c->wants_another(c) && !is_changing_account(c);
}

/* What came with the end is an answer all the same, and whoever waits for it is called, as the loop would have done.
 * Nothing can be asked there.
 * CAUTION: else a password would be changed, and the one before kept for the next login; and a new identity would be
 * the server's alone: tests/integration/test_reconnect.py: test_an_answer_that_comes_with_the_end. */
static void take_last_answer(struct conversation *c)
{
    void (*when_answered)(struct conversation *) = c->when_answered;
    if (!c->awaited || conversation_waits(c) || when_answered == NULL)
        return;
    c->awaited = false;
    c->when_answered = NULL;
    c->away = c->direct.is_cut = true;
    when_answered(c);
    c->away = false;
}

void conversation_cut(struct conversation *c, const char *why, const char *advice)
{
    char text[200];
    if (goes_on(c))
        take_last_answer(c);
    if (goes_on(c)) { /* still: with a second factor now, say, no script does */
        line_show(&c->screen.line, stdout, "* %s", why);
        direct_cut(&c->direct);
        tell_unanswered(c);
        tell_unanswered_blocks(c);
        take_rooms_as_asked(c);
        forget_requests(c);
        c->begin_another(c);
        return;
    }
    snprintf(text, sizeof text, "%s%s", why, advice);
    conversation_fail(c, text);
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

void conversation_meet_members(struct conversation *c, const char *room)
{
    struct message m = {.type = MESSAGE_WHO};
    people_left(&c->screen.people, room); /* who was there before may have left while one was not */
    if (!c->screen.line.terminal && !name_is_sealed(room))
        return;
    snprintf(m.who.room, sizeof m.who.room, "%s", room);
    if (conversation_ask(c, &m, room))
        c->pending[c->pending_len - 1].quiet = true;
}

void conversation_enter_sealed(struct conversation *c, const char *room)
{
    sealed_rooms_entered(&c->direct.rooms.sealed, room, true);
    room_screen_entered(&c->screen, room);
    conversation_meet_members(c, room);
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
            conversation_enter_sealed(c, room);
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
        conversation_cut(c, "the server does not answer any more", ": connect again later");
    } else if (now - oldest_asked(c) >= CONVERSATION_ANSWER_SECONDS) {
        snprintf(why, sizeof why, "the server has left a request unanswered for %d seconds",
                 CONVERSATION_ANSWER_SECONDS);
        conversation_cut(c, why, ": connect again later");
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
        conversation_fail(c, "the server did not say good-bye");
}
