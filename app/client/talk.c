#include "app/client/talk.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/client/command.h"
#include "app/client/interrupt.h"

/* --- Saying what went wrong --------------------------------------------------------------------------------------- */

void talk_complain(struct talk *t, const char *format, ...)
{
    char text[TALK_ERROR_LEN + 500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line_show(&t->line, stderr, "glasschat: %s", text);
    t->failed = true;
}

/* How many texts may not have arrived. */
static size_t unanswered_texts(const struct talk *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->pending_len; i++)
        n += t->pending[i].type == MESSAGE_SAY;
    return n;
}

static void end(struct talk *t, const char *why)
{
    size_t lost = unanswered_texts(t);
    t->ended = true;
    if (lost == 0)
        talk_complain(t, "%s", why);
    else
        talk_complain(t, "%s (%zu text%s may not have arrived)", why, lost, lost == 1 ? "" : "s");
}

/* --- Rooms -------------------------------------------------------------------------------------------------------- */

static size_t room_index(const struct talk *t, const char *room)
{
    size_t i = 0;
    while (i < t->rooms_len && strcmp(t->rooms[i], room) != 0)
        i++;
    return i;
}

bool talk_is_in(const struct talk *t, const char *room)
{
    return room_index(t, room) < t->rooms_len;
}

void talk_go_to(struct talk *t, const char *room)
{
    char name[NAME_MAX_LEN + 1]; /* room may point into what changes */
    snprintf(name, sizeof name, "%s", room);
    memcpy(t->room, name, sizeof t->room);
    line_prompt(&t->line, t->room);
}

static void joined(struct talk *t, const char *room)
{
    if (!talk_is_in(t, room) && t->rooms_len < TALK_ROOMS_MAX)
        memcpy(t->rooms[t->rooms_len++], room, NAME_MAX_LEN + 1);
    talk_go_to(t, room);
}

static void left(struct talk *t, const char *room)
{
    size_t i = room_index(t, room);
    if (i == t->rooms_len)
        return;
    t->rooms_len--;
    memmove(t->rooms[i], t->rooms[i + 1], (t->rooms_len - i) * sizeof *t->rooms);
    if (strcmp(t->room, room) == 0)
        talk_go_to(t, t->rooms_len > 0 ? t->rooms[t->rooms_len - 1] : "");
}

/* --- What arrives: answers ---------------------------------------------------------------------------------------- */

/* "alice, bob", without oneself where but is one's name. Returns how many there were. */
static size_t join_names(char *out, size_t out_cap, struct message_list list, const char *but)
{
    struct message_entry entry;
    size_t len = 0, n = 0;
    out[0] = '\0';
    while (message_list_next(&list, &entry, false)) {
        if (strcmp(entry.name, but) == 0)
            continue;
        len += (size_t)snprintf(out + len, out_cap - len, "%s%s", n > 0 ? ", " : "", entry.name);
        n++;
    }
    return n;
}

#define NAMES_LEN (MESSAGE_LIST_MAX * (NAME_MAX_LEN + 2) + 1)

static void show_members(struct talk *t, const struct message *m)
{
    char names[NAMES_LEN];
    if (join_names(names, sizeof names, m->members.list, "") > 0)
        line_show(&t->line, stdout, "* in %s: %s", m->members.room, names);
}

static void show_rooms(struct talk *t, const struct message *m)
{
    struct message_list list = m->rooms.list;
    struct message_entry entry;
    while (message_list_next(&list, &entry, true))
        line_show(&t->line, stdout, "* room %s: %u member%s%s", entry.name, (unsigned)entry.members,
                  entry.members == 1 ? "" : "s", talk_is_in(t, entry.name) ? ", you among them" : "");
}

/* The name that ends a page; the next page begins after it. */
static void last_name(char out[static NAME_MAX_LEN + 1], struct message_list list, bool with_members)
{
    struct message_entry entry = {{0}, 0};
    while (message_list_next(&list, &entry, with_members))
        ;
    memcpy(out, entry.name, sizeof entry.name);
}

static void ask_next_page(struct talk *t, const struct message *m)
{
    struct message next = {.type = MESSAGE_LIST_ROOMS};
    if (m->type == MESSAGE_ROOMS && m->rooms.more != 0 && m->rooms.list.count > 0) {
        last_name(next.list_rooms.after, m->rooms.list, true);
        (void)talk_ask(t, &next, "");
    }
    if (m->type == MESSAGE_MEMBERS && m->members.more != 0 && m->members.list.count > 0) {
        next.type = MESSAGE_WHO;
        memcpy(next.who.room, m->members.room, sizeof next.who.room);
        last_name(next.who.after, m->members.list, false);
        (void)talk_ask(t, &next, next.who.room);
    }
}

static void take_ok(struct talk *t, const struct pending *p)
{
    if (p->type == MESSAGE_LOG_IN)
        joined(t, MESSAGE_LOBBY);
    if (p->type == MESSAGE_JOIN) {
        joined(t, p->room);
        line_show(&t->line, stdout, "* you joined %s", p->room);
    }
    if (p->type == MESSAGE_LEAVE) {
        left(t, p->room);
        line_show(&t->line, stdout, "* you left %s", p->room);
    }
}

static void take_error(struct talk *t, const struct pending *p, const struct message *m)
{
    t->error = m->error.code;
    snprintf(t->error_text, sizeof t->error_text, "%.*s", (int)m->error.text.len, (const char *)m->error.text.data);
    if (p->type == MESSAGE_REGISTER || p->type == MESSAGE_LOG_IN)
        return; /* signin.c says it */
    if (p->type == MESSAGE_SAY)
        talk_complain(t, "not said in %s: %s", p->room, t->error_text);
    else if (p->room[0] != '\0')
        talk_complain(t, "%s: %s", p->room, t->error_text);
    else
        talk_complain(t, "%s", t->error_text);
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
    default:
        return request != MESSAGE_LIST_ROOMS && request != MESSAGE_WHO;
    }
}

static void take_answer(struct talk *t, const struct message *m)
{
    size_t i = 0;
    while (i < t->pending_len && t->pending[i].request != m->request)
        i++;
    if (i == t->pending_len && m->type == MESSAGE_ERROR && m->request == 0) {
        talk_complain(t, "the server says: %.*s", (int)m->error.text.len, (const char *)m->error.text.data);
        return;
    }
    if (i == t->pending_len || !answers(m->type, t->pending[i].type)) {
        end(t, "the server answered what was not asked: leaving it");
        return;
    }
    struct pending p = t->pending[i];
    t->pending_len--;
    memmove(&t->pending[i], &t->pending[i + 1], (t->pending_len - i) * sizeof p);
    t->error = 0;
    if (m->type == MESSAGE_ERROR)
        take_error(t, &p, m);
    else if (m->type == MESSAGE_ROOMS)
        show_rooms(t, m);
    else if (m->type == MESSAGE_MEMBERS)
        show_members(t, m);
    else
        take_ok(t, &p);
    ask_next_page(t, m);
}

/* --- What arrives: pushes ----------------------------------------------------------------------------------------- */

static void show_presence(struct talk *t, const struct message *m)
{
    char names[NAMES_LEN];
    if (join_names(names, sizeof names, m->presence.list, t->user) > 0)
        line_show(&t->line, stdout, "* %s %s %s", names, m->presence.what == MESSAGE_JOINED ? "joined" : "left",
                  m->presence.room);
}

static void take(struct talk *t, const struct message *m)
{
    struct message ping = {.type = MESSAGE_PING};
    switch (m->type) {
    case MESSAGE_SAID:
        line_show(&t->line, stdout, "[%s] %s: %.*s", m->said.room, m->said.sender, (int)m->said.text.len,
                  (const char *)m->said.text.data);
        break;
    case MESSAGE_PRESENCE:
        show_presence(t, m);
        break;
    case MESSAGE_NOTICE:
        line_show(&t->line, stdout, "* notice: %.*s", (int)m->notice.text.len, (const char *)m->notice.text.data);
        break;
    case MESSAGE_REPLACED:
        t->replaced = true;
        break;
    case MESSAGE_STILL_THERE:
        (void)talk_ask(t, &ping, "");
        break;
    default:
        take_answer(t, m);
        break;
    }
}

static void closed(struct talk *t)
{
    if (t->leaving && t->pending_len == 0)
        t->ended = true;
    else if (t->replaced)
        end(t, "this account has logged in elsewhere, and that ended the connection here");
    else
        end(t, "the server closed the connection: connect again later");
}

/* Everything that has arrived. */
static void pump(struct talk *t)
{
    struct message m;
    char text[300];
    for (;;) {
        if (t->ended)
            return;
        switch (link_next(&t->link, &m)) {
        case LINK_QUIET:
            return;
        case LINK_MESSAGE:
            take(t, &m);
            break;
        case LINK_CLOSED:
            closed(t);
            return;
        case LINK_CUT:
            end(t, t->leaving ? "the connection was cut before the server's good-bye"
                              : "the connection was cut, by the network or by somebody in between: connect again");
            return;
        case LINK_NONSENSE:
            end(t, "the server sent a message that breaks the protocol: leaving it");
            return;
        case LINK_FAILED:
            snprintf(text, sizeof text, "the connection failed (%s): somebody may be tampering with it; connect again",
                     link_error(&t->link));
            end(t, text);
            return;
        }
    }
}

/* --- Waiting ------------------------------------------------------------------------------------------------------ */

bool talk_ask(struct talk *t, struct message *m, const char *room)
{
    bool is_ping = m->type == MESSAGE_PING;
    for (size_t i = 0; i < t->pending_len && is_ping; i++)
        if (t->pending[i].type == MESSAGE_PING)
            return true; /* one at a time is enough to say that we are there */
    if (t->ended || t->pending_len == sizeof t->pending / sizeof *t->pending)
        return false;
    struct pending *p = &t->pending[t->pending_len];
    p->request = link_request(&t->link, m);
    if (p->request == 0) {
        pump(t);
        return false;
    }
    p->type = m->type;
    snprintf(p->room, sizeof p->room, "%s", room);
    t->pending_len++;
    return true;
}

static void take_signals(struct talk *t)
{
    for (int signal; (signal = interrupt_next()) != 0;) {
        if (signal == SIGWINCH)
            line_resized(&t->line);
        else if (signal == SIGTSTP)
            line_suspend(&t->line);
        else
            t->interrupted = true;
    }
}

/* A server that vanished without a word is found out by asking. */
static void check_silence(struct talk *t)
{
    struct message ping = {.type = MESSAGE_PING};
    uint64_t silence = link_now() - t->link.heard;
    if (silence >= 2 * TALK_SILENCE_SECONDS)
        end(t, "the server does not answer any more: connect again later");
    else if (silence >= TALK_SILENCE_SECONDS)
        (void)talk_ask(t, &ping, "");
}

/* One turn: shows what has arrived, waits for more, or for input where it is wanted. True: there is input. */
static bool turn(struct talk *t, bool want_input)
{
    pump(t);
    if (t->ended)
        return false;
    unsigned ready = link_wait(&t->link, want_input ? STDIN_FILENO : -1, 1000);
    if ((ready & LINK_INTERRUPT) != 0)
        take_signals(t);
    pump(t);
    if (!t->ended)
        check_silence(t);
    if (t->line.output_failed && !t->ended)
        end(t, "cannot write to the standard output: leaving");
    return (ready & LINK_INPUT) != 0;
}

bool talk_settle(struct talk *t)
{
    while (t->pending_len > 0 && !t->ended && !t->interrupted)
        (void)turn(t, false);
    return !t->ended && !t->interrupted;
}

/* What line_next does while nobody types. */
static bool until_readable(void *arg)
{
    struct talk *t = arg;
    while (!t->ended && !t->interrupted)
        if (turn(t, t->pending_len < TALK_PENDING_MAX))
            return true;
    return false;
}

void talk_init(struct talk *t)
{
    *t = (struct talk){0};
    line_init(&t->line, until_readable, t);
}

/* Waits until there is room for one request more: lines that were read ahead don't ask until_readable. */
static bool make_room(struct talk *t)
{
    while (t->pending_len >= TALK_PENDING_MAX && !t->ended && !t->interrupted)
        (void)turn(t, false);
    return !t->ended && !t->interrupted;
}

/* Logs out and waits, not for long, for the server's good-bye after ours. */
static void say_goodbye(struct talk *t)
{
    uint64_t deadline = link_now() + TALK_GOODBYE_SECONDS;
    struct message log_out = {.type = MESSAGE_LOG_OUT};
    t->leaving = true;
    if (t->ended)
        return;
    (void)talk_ask(t, &log_out, "");
    while (!t->ended && link_now() < deadline)
        (void)turn(t, false);
    link_goodbye(&t->link);
    if (!t->ended)
        end(t, "the server did not say good-bye");
}

void talk_run(struct talk *t)
{
    const char *text;
    size_t len;
    bool more = true;
    line_edit(&t->line);
    while (more && make_room(t)) {
        switch (line_next(&t->line, &text, &len)) {
        case LINE_TEXT:
            more = command_do(t, text, len);
            break;
        case LINE_TOO_LONG:
            talk_complain(t, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
            break;
        case LINE_END: case LINE_STOPPED:
            more = false;
            break;
        }
    }
    line_close(&t->line);
    if (!t->interrupted)
        (void)talk_settle(t);
    say_goodbye(t);
}
