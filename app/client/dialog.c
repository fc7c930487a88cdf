/* SPDX-License-Identifier: MIT */
#include "app/client/dialog.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/client/command.h"
#include "app/client/interrupt.h"
#include "app/client/secret.h"
#include "crypto/ct.h"

#define SERVER_SAYS "the server says: "
#define BREAKS_THE_PROTOCOL "the server sent a message that breaks the protocol: leaving it"

/* --- Saying what went wrong --------------------------------------------------------------------------------------- */

void dialog_complain(struct dialog *d, const char *format, ...)
{
    char text[DIALOG_ERROR_LEN + 500];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    line_show(&d->line, stderr, "glasschat: %s", text);
    d->complained = true;
}

static void end_script(struct dialog *d, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void end_script(struct dialog *d, const char *format, va_list args)
{
    char text[DIALOG_ERROR_LEN + 400];
    vsnprintf(text, sizeof text, format, args);
    d->script_ends = !d->line.terminal;
    if (d->script_ends)
        dialog_complain(d, "%s (line %zu: nothing behind it was done or said)", text, d->line.number);
    else
        dialog_complain(d, "%s", text);
}

void dialog_not_understood(struct dialog *d, const char *format, ...)
{
    va_list args;
    if (d->line.terminal)
        secret_skip(&d->line); /* first: what is typed once the complaint has been read counts */
    va_start(args, format);
    end_script(d, format, args);
    va_end(args);
}

void dialog_bad_name(struct dialog *d, const char *name, const char *what)
{
    const char *why = message_error_text(MESSAGE_E_BAD_NAME);
    if (d->line.terminal)
        dialog_not_understood(d, "'%.40s' is no %s: %s", name, what, why);
    else
        dialog_not_understood(d, "that is no %s: %s", what, why);
}

void dialog_refused(struct dialog *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    end_script(d, format, args);
    va_end(args);
}

/* How many texts may not have arrived. */
static size_t unanswered_texts(const struct dialog *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->pending_len; i++)
        n += d->pending[i].type == MESSAGE_SAY;
    return n;
}

static void end(struct dialog *d, const char *why)
{
    size_t lost = unanswered_texts(d);
    d->ended = d->broken = true;
    if (lost == 0)
        dialog_complain(d, "%s", why);
    else
        dialog_complain(d, "%s (%zu text%s may not have arrived)", why, lost, lost == 1 ? "" : "s");
}

/* A server that breaks the protocol gets no more words, not even a Close: docs/protocol.md section 10.1. */
static void leave(struct dialog *d, const char *why)
{
    server_link_abandon(&d->link);
    end(d, why);
}

/* Whether an answer is waited for. A ping's is not: a server can have the next one sent with each of its answers. */
static bool waits(const struct dialog *d)
{
    for (size_t i = 0; i < d->pending_len; i++)
        if (d->pending[i].type != MESSAGE_PING)
            return true;
    return false;
}

/* --- Rooms -------------------------------------------------------------------------------------------------------- */

static size_t room_index(const struct dialog *d, const char *room)
{
    size_t i = 0;
    while (i < d->rooms_len && strcmp(d->rooms[i], room) != 0)
        i++;
    return i;
}

bool dialog_is_in(const struct dialog *d, const char *room)
{
    return room_index(d, room) < d->rooms_len;
}

void dialog_go_to(struct dialog *d, const char *room)
{
    char name[NAME_MAX_LEN + 1]; /* room may point into what changes */
    snprintf(name, sizeof name, "%s", room);
    memcpy(d->room, name, sizeof d->room);
    line_prompt(&d->line, d->room);
}

static void joined(struct dialog *d, const char *room)
{
    if (!dialog_is_in(d, room) && d->rooms_len < DIALOG_ROOMS_MAX)
        memcpy(d->rooms[d->rooms_len++], room, strlen(room) + 1);
    dialog_go_to(d, room);
}

static void left(struct dialog *d, const char *room)
{
    size_t i = room_index(d, room);
    if (i == d->rooms_len)
        return;
    d->rooms_len--;
    memmove(d->rooms[i], d->rooms[i + 1], (d->rooms_len - i) * sizeof *d->rooms);
    if (strcmp(d->room, room) == 0)
        dialog_go_to(d, d->rooms_len > 0 ? d->rooms[d->rooms_len - 1] : "");
}

/* --- What arrives: answers ---------------------------------------------------------------------------------------- */

#define NAMES_LEN (MESSAGE_LIST_MAX * (SEEN_NAMES_PRINT_LEN + 2) + 1)

/* How those of a list were seen: seen_names_joined or seen_names_listed. */
typedef const char *seen_fn(struct seen_names *f, const char *name);

static const char *not_seen(struct seen_names *f, const char *name)
{
    (void)f;
    (void)name;
    return NULL;
}

/* "alice, bob", without oneself where but is one's name. Returns how many there were. */
static size_t join_names(struct dialog *d, char out[static NAMES_LEN], struct message_list list, const char *but,
                         seen_fn *seen)
{
    struct message_entry entry;
    size_t len = 0, n = 0;
    out[0] = '\0';
    while (message_list_next(&list, &entry, false)) {
        if (strcmp(entry.name, but) == 0)
            continue;
        if (n++ > 0)
            len += (size_t)snprintf(out + len, NAMES_LEN - len, ", ");
        len += seen_names_print(out + len, entry.name, seen(&d->seen_names, entry.name));
    }
    return n;
}

static void show_members(struct dialog *d, const struct message *m, bool log_limit)
{
    char names[NAMES_LEN], room[SEEN_NAMES_PRINT_LEN];
    (void)join_names(d, names, m->members.list, "", seen_names_listed); /* so that of two alike both are told */
    if (log_limit)
        return;
    if (join_names(d, names, m->members.list, "", seen_names_listed) > 0)
        line_show(&d->line, stdout, "* in %s: %s", seen_names_quote(room, m->members.room), names);
}

static void show_blocked(struct dialog *d, const struct message *m)
{
    char names[NAMES_LEN];
    if (join_names(d, names, m->blocked.list, "", not_seen) > 0)
        line_show(&d->line, stdout, "* you don't hear: %s", names);
    else
        line_show(&d->line, stdout, "* you have blocked nobody");
}

static void show_rooms(struct dialog *d, const struct message *m)
{
    struct message_list list = m->rooms.list;
    struct message_entry entry;
    char room[SEEN_NAMES_PRINT_LEN];
    while (message_list_next(&list, &entry, true))
        line_show(&d->line, stdout, "* room %s: %u member%s%s", seen_names_quote(room, entry.name),
                  (unsigned)entry.members, entry.members == 1 ? "" : "s",
                  dialog_is_in(d, entry.name) ? ", you among them" : "");
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
static void ask_next_page(struct dialog *d, const struct pending *p, const struct message *m)
{
    bool members = m->type == MESSAGE_MEMBERS;
    struct message next = {.type = p->type};
    char first[NAME_MAX_LEN + 1], last[NAME_MAX_LEN + 1];
    page_ends(first, last, members ? m->members.list : m->rooms.list, !members);
    bool more = (members ? m->members.more : m->rooms.more) != 0;
    if (first[0] == '\0' ? more : strcmp(first, p->after) <= 0) {
        leave(d, "the server sent a list that does not go on: leaving it");
        return;
    }
    if (!more || (p->log_limit && p->page + 1 >= DIALOG_QUIET_PAGES_MAX))
        return;
    if (p->page + 1 >= DIALOG_PAGES_MAX) {
        dialog_complain(d, "the list goes on after %d pages: no more of it is asked for", DIALOG_PAGES_MAX);
        return;
    }
    memcpy(members ? next.who.after : next.list_rooms.after, last, sizeof last);
    if (members)
        memcpy(next.who.room, p->room, sizeof next.who.room);
    if (!dialog_ask(d, &next, p->room))
        return;
    struct pending *asked = &d->pending[d->pending_len - 1];
    memcpy(asked->after, last, sizeof last);
    asked->asked = p->asked; /* the list as a whole is waited for, or its pages would keep us for hours */
    asked->page = p->page + 1;
    asked->log_limit = p->log_limit;
}

/* A person is told who looks like somebody else (seen_names.h), also like one who is there already and has said
 * nothing: so who is there is asked for, and not shown. */
static void meet_members(struct dialog *d, const char *room)
{
    struct message m = {.type = MESSAGE_WHO};
    if (!d->line.terminal)
        return;
    snprintf(m.who.room, sizeof m.who.room, "%s", room);
    if (dialog_ask(d, &m, room))
        d->pending[d->pending_len - 1].log_limit = true;
}

static void take_ok(struct dialog *d, const struct pending *p)
{
    char name[SEEN_NAMES_PRINT_LEN];
    if (p->type == MESSAGE_LOG_IN) {
        d->logged_in = true;
        seen_names_own(&d->seen_names, d->user);
        joined(d, MESSAGE_LOBBY);
        meet_members(d, MESSAGE_LOBBY);
    }
    if (p->type == MESSAGE_JOIN) {
        joined(d, p->room);
        line_show(&d->line, stdout, "* you joined %s", seen_names_quote(name, p->room));
        meet_members(d, p->room);
    }
    if (p->type == MESSAGE_LEAVE) {
        left(d, p->room);
        line_show(&d->line, stdout, "* you left %s", seen_names_quote(name, p->room));
    }
    if (p->type == MESSAGE_BLOCK)
        line_show(&d->line, stdout, "* you don't hear %s any more", seen_names_quote(name, p->room));
    if (p->type == MESSAGE_UNBLOCK)
        line_show(&d->line, stdout, "* you hear %s again", seen_names_quote(name, p->room));
    if (p->type == MESSAGE_DELETE_ACCOUNT)
        d->deleted = true;
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

/* A refusal's words as the client's own, where they are those that belong to its code: whatever else a server sends
 * must not look as if this program had said it. */
static void keep_refusal(struct dialog *d, const struct message *m)
{
    const char *text = (const char *)m->error.text.data;
    int len = (int)m->error.text.len;
    d->error = m->error.code != 0 ? m->error.code : MESSAGE_E_MALFORMED; /* a refusal without a number is one too */
    const char *usual = message_error_text((enum message_error)d->error);
    bool own = strlen(usual) == (size_t)len && memcmp(usual, text, (size_t)len) == 0;
    snprintf(d->error_text, sizeof d->error_text, "%s%.*s", own ? "" : SERVER_SAYS, len, text);
}

static void take_error(struct dialog *d, const struct pending *p, const struct message *m)
{
    char name[SEEN_NAMES_PRINT_LEN];
    if (p->log_limit)
        return;
    if (p->type != MESSAGE_PING)
        keep_refusal(d, m);
    if (has_words_of_its_own(p->type))
        return;
    if (p->type == MESSAGE_SAY)
        dialog_complain(d, "not said in %s: %s", seen_names_quote(name, p->room), d->error_text);
    else if (p->type == MESSAGE_JOIN || p->type == MESSAGE_LEAVE)
        dialog_refused(d, "%s: %s", seen_names_quote(name, p->room), d->error_text);
    else if (p->room[0] != '\0')
        dialog_complain(d, "%s: %s", seen_names_quote(name, p->room), d->error_text);
    else
        dialog_complain(d, SERVER_SAYS "%.*s", (int)m->error.text.len, (const char *)m->error.text.data);
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
static void keep_certificate(struct dialog *d, struct message_bytes certificate)
{
    if (certificate.len > 0)
        memcpy(d->certificate, certificate.data, certificate.len);
    d->certificate_len = certificate.len;
}

/* The oldest request is answered first: what comes before its answer is none to a later one.
 * CAUTION: a later one's would be believed without the answer between; test_answers_keep_their_order notices. */
static bool answers_the_oldest(const struct dialog *d, const struct message *m)
{
    const struct pending *p = &d->pending[0];
    if (d->pending_len == 0 || p->request != m->request || !answers(m->type, p->type))
        return false;
    if (m->type == MESSAGE_MEMBERS)
        return strcmp(m->members.room, p->room) == 0;
    return m->type != MESSAGE_CERTIFICATE || strcmp(m->certificate.name, p->room) == 0;
}

static void take_answer(struct dialog *d, const struct message *m)
{
    if (m->type == MESSAGE_ERROR && m->request == 0) {
        dialog_complain(d, SERVER_SAYS "%.*s", (int)m->error.text.len, (const char *)m->error.text.data);
        return;
    }
    if (!answers_the_oldest(d, m)) {
        leave(d, "the server answered what was not asked: leaving it");
        return;
    }
    struct pending p = d->pending[0];
    d->pending_len--;
    memmove(&d->pending[0], &d->pending[1], d->pending_len * sizeof p);
    bool awaited = p.type != MESSAGE_PING &&
                   !p.log_limit; /* what is not may come between an answer and who waits for it */
    if (awaited)
        d->error = 0;
    if (m->type == MESSAGE_ERROR)
        take_error(d, &p, m);
    else if (m->type == MESSAGE_SECRET)
        memcpy(d->secret, m->secret.secret, sizeof d->secret);
    else if (m->type == MESSAGE_CERTIFICATE)
        keep_certificate(d, m->certificate.certificate);
    else if (m->type == MESSAGE_ROOMS)
        show_rooms(d, m);
    else if (m->type == MESSAGE_MEMBERS)
        show_members(d, m, p.log_limit);
    else if (m->type == MESSAGE_BLOCKED)
        show_blocked(d, m);
    else
        take_ok(d, &p);
    if (m->type == MESSAGE_ROOMS || m->type == MESSAGE_MEMBERS)
        ask_next_page(d, &p, m);
}

/* --- What arrives: pushes ----------------------------------------------------------------------------------------- */

static void show_presence(struct dialog *d, const struct message *m)
{
    char names[NAMES_LEN], room[SEEN_NAMES_PRINT_LEN];
    bool came = m->presence.what == MESSAGE_JOINED;
    if (join_names(d, names, m->presence.list, d->user, came ? seen_names_joined : not_seen) > 0)
        line_show(&d->line, stdout, "* %s %s %s", names, came ? "joined" : "left",
                  seen_names_quote(room, m->presence.room));
}

static void show_said(struct dialog *d, const struct message *m)
{
    char sender[SEEN_NAMES_PRINT_LEN], room[SEEN_NAMES_PRINT_LEN];
    (void)seen_names_print(sender, m->said.sender, seen_names_spoke(&d->seen_names, m->said.sender));
    line_show(&d->line, stdout, "[%s] %s: %.*s", seen_names_quote(room, m->said.room), sender, (int)m->said.text.len,
              (const char *)m->said.text.data);
}

/* What happens in a room comes to its members alone: to whoever has asked for it too, as he may be told of it before he
 * is answered. */
static bool may_hear(const struct dialog *d, const char *room)
{
    bool asked = false;
    for (size_t i = 0; i < d->pending_len; i++)
        asked = asked || (d->pending[i].type == MESSAGE_JOIN && strcmp(d->pending[i].room, room) == 0);
    return asked || dialog_is_in(d, room);
}

/* Before the login is answered there is nobody whom these are for. */
static bool may_come(const struct dialog *d, const struct message *m)
{
    switch (m->type) {
    case MESSAGE_SAID:
        return may_hear(d, m->said.room);
    case MESSAGE_PRESENCE:
        return may_hear(d, m->presence.room);
    case MESSAGE_REPLACED:
        return d->logged_in;
    default:
        return true;
    }
}

static void take(struct dialog *d, const struct message *m)
{
    struct message ping = {.type = MESSAGE_PING};
    if (!may_come(d, m)) {
        leave(d, BREAKS_THE_PROTOCOL);
        return;
    }
    switch (m->type) {
    case MESSAGE_SAID:
        show_said(d, m);
        break;
    case MESSAGE_PRESENCE:
        show_presence(d, m);
        break;
    case MESSAGE_NOTICE:
        line_show(&d->line, stdout, "* notice: %.*s", (int)m->notice.text.len, (const char *)m->notice.text.data);
        break;
    case MESSAGE_REPLACED:
        d->replaced = true;
        break;
    case MESSAGE_STILL_THERE:
        (void)dialog_ask(d, &ping, "");
        break;
    default:
        take_answer(d, m);
        break;
    }
}

static void closed(struct dialog *d)
{
    if (d->deleted || (d->leaving && !waits(d)))
        d->ended = true;
    else if (d->replaced)
        end(d, "this account has logged in elsewhere, and that ended the connection here");
    else
        end(d, "the server closed the connection: connect again later");
}

/* Everything that has arrived. */
static void pump(struct dialog *d)
{
    struct message m;
    char text[300];
    for (;;) {
        if (d->ended)
            return;
        switch (server_link_next(&d->link, &m)) {
        case SERVER_LINK_QUIET:
            return;
        case SERVER_LINK_MESSAGE:
            take(d, &m);
            if (m.type == MESSAGE_SECRET)
                ct_wipe(&m, sizeof m);
            break;
        case SERVER_LINK_CLOSED:
            closed(d);
            return;
        case SERVER_LINK_CUT:
            end(d, d->leaving ? "the connection was cut before the server's good-bye"
                              : "the connection was cut, by the network or by somebody in between: connect again");
            return;
        case SERVER_LINK_NONSENSE:
            leave(d, BREAKS_THE_PROTOCOL);
            return;
        case SERVER_LINK_FAILED:
            snprintf(text, sizeof text, "the connection failed (%s): somebody may be tampering with it; connect again",
                     server_link_error(&d->link));
            end(d, text);
            return;
        }
    }
}

/* --- Waiting ------------------------------------------------------------------------------------------------------ */

bool dialog_ask(struct dialog *d, struct message *m, const char *room)
{
    bool is_ping = m->type == MESSAGE_PING;
    for (size_t i = 0; i < d->pending_len && is_ping; i++)
        if (d->pending[i].type == MESSAGE_PING)
            return true; /* one at a time is enough to say that we are there */
    if (d->ended || d->pending_len == sizeof d->pending / sizeof *d->pending)
        return false;
    struct pending *p = &d->pending[d->pending_len];
    p->request = server_link_request(&d->link, m);
    if (p->request == 0) {
        pump(d);
        return false;
    }
    p->type = m->type;
    p->log_limit = false;
    p->after[0] = '\0';
    p->page = 0;
    p->asked = d->link.now();
    snprintf(p->room, sizeof p->room, "%s", room);
    d->pending_len++;
    return true;
}

/* Stopped, and going on: nobody kept us waiting meanwhile. */
static void forgive_waiting(struct dialog *d)
{
    d->link.heard = d->link.now();
    for (size_t i = 0; i < d->pending_len; i++)
        d->pending[i].asked = d->link.heard;
}

/* Who was stopped in another way than by SIGTSTP finds the terminal as the shell had it, with what is typed shown, even
 * where a password is asked for. A SIGTSTP before a SIGCONT is over: the script that started us was stopped by it, and
 * goes on; to be stopped now would be for ever, as the shell lets go on the script alone. */
static void take_signals(struct dialog *d)
{
    bool stop, resume = false;
    do { /* after a stop again: the SIGCONT that ended it is no second going on */
        stop = false;
        for (int signal; (signal = interrupt_next()) != 0;) {
            if (signal == SIGWINCH)
                line_resized(&d->line);
            else if (signal == SIGTSTP || signal == SIGCONT)
                stop = signal == SIGTSTP;
            else
                d->interrupted = true;
            resume = resume || signal == SIGTSTP || signal == SIGCONT;
        }
        if (stop)
            line_suspend(&d->line);
    } while (stop);
    if (resume) {
        line_resume(&d->line);
        forgive_waiting(d);
    }
}

/* When the oldest request was made, which a list's next page may be though it stands at the end. */
static uint64_t oldest_asked(const struct dialog *d)
{
    uint64_t oldest = d->link.now();
    for (size_t i = 0; i < d->pending_len; i++)
        oldest = d->pending[i].asked < oldest ? d->pending[i].asked : oldest;
    return oldest;
}

/* A server that vanished without a word is found out by asking. One that goes on talking and answers nothing would
 * keep a script, which waits for its answers, for ever. */
static void check_times(struct dialog *d)
{
    struct message ping = {.type = MESSAGE_PING};
    uint64_t now = d->link.now(), silence = now - d->link.heard;
    char why[100];
    if (silence >= 2 * DIALOG_SILENCE_SECONDS) {
        end(d, "the server does not answer any more: connect again later");
    } else if (now - oldest_asked(d) >= DIALOG_ANSWER_SECONDS) {
        snprintf(why, sizeof why, "the server has left a request unanswered for %d seconds: connect again later",
                 DIALOG_ANSWER_SECONDS);
        end(d, why);
    } else if (silence >= DIALOG_SILENCE_SECONDS) {
        (void)dialog_ask(d, &ping, "");
    }
}

/* One turn: shows what has arrived, waits for more, or for input where it is wanted. True: there is input. */
static bool turn(struct dialog *d, bool want_input)
{
    pump(d);
    if (d->ended)
        return false;
    unsigned ready = server_link_wait(&d->link, want_input ? STDIN_FILENO : -1, 1000);
    if ((ready & SERVER_LINK_INTERRUPT) != 0)
        take_signals(d);
    pump(d);
    if (!d->ended)
        check_times(d);
    if (d->line.output_failed) { /* which is said at the exit; the server has done nothing wrong */
        server_link_goodbye(&d->link);
        d->ended = d->broken = true;
    }
    return (ready & SERVER_LINK_INPUT) != 0;
}

bool dialog_settle(struct dialog *d)
{
    while (waits(d) && !d->ended && !d->interrupted)
        (void)turn(d, false);
    return !d->ended && !d->interrupted;
}

bool dialog_request(struct dialog *d, struct message *m, const char *room)
{
    if (!dialog_settle(d) || !dialog_ask(d, m, room))
        return false;
    (void)dialog_settle(d);
    return !waits(d) && d->error == 0; /* what came behind the answer, be it the end, changes nothing of it */
}

/* What line_next does while nobody types. */
static bool until_readable(void *arg)
{
    struct dialog *d = arg;
    while (!d->ended && !d->interrupted)
        if (turn(d, d->pending_len < DIALOG_PENDING_MAX))
            return true;
    return false;
}

void dialog_init(struct dialog *d)
{
    *d = (struct dialog){0};
    line_init(&d->line, until_readable, d);
}

/* Waits until there is room for one request more: lines that were read ahead don't ask until_readable. */
static bool make_room(struct dialog *d)
{
    while (d->pending_len >= DIALOG_PENDING_MAX && !d->ended && !d->interrupted)
        (void)turn(d, false);
    return !d->ended && !d->interrupted;
}

/* Logs out and waits, not for long, for the server's good-bye after ours. */
static void say_goodbye(struct dialog *d)
{
    uint64_t deadline = d->link.now() + DIALOG_GOODBYE_SECONDS;
    struct message log_out = {.type = MESSAGE_LOG_OUT};
    d->leaving = true;
    if (d->ended)
        return;
    if (!d->deleted)
        (void)dialog_ask(d, &log_out, "");
    while (!d->ended && d->link.now() < deadline)
        (void)turn(d, false);
    server_link_goodbye(&d->link);
    if (!d->ended)
        end(d, "the server did not say good-bye");
}

/* What some programs put at the beginning of a file: a byte order mark is no part of the first line. */
static void drop_mark(const struct dialog *d, const char **text, size_t *len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (!d->line.terminal && *len >= sizeof mark - 1 && memcmp(*text, mark, sizeof mark - 1) == 0) {
        *text += sizeof mark - 1;
        *len -= sizeof mark - 1;
    }
}

void dialog_run(struct dialog *d)
{
    const char *text;
    size_t len;
    bool more = true, first = true;
    line_edit(&d->line);
    while (more && make_room(d)) {
        switch (line_next(&d->line, &text, &len)) {
        case LINE_TEXT:
            if (first)
                drop_mark(d, &text, &len);
            first = false;
            if (command_may_return(d, text, len))
                line_remember(&d->line);
            more = command_do(d, text, len);
            line_wipe(&d->line);
            break;
        case LINE_TOO_LONG: /* of whatever it was, it is gone */
            dialog_not_understood(d, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
            first = false;
            more = !d->script_ends;
            break;
        case LINE_END:
        case LINE_STOPPED:
            if (d->line.input_error != 0)
                dialog_complain(d, "cannot read the input: %s: nothing more was done or said",
                                strerror(d->line.input_error));
            more = false;
            break;
        }
    }
    line_close(&d->line);
    if (!d->interrupted)
        (void)dialog_settle(d);
    say_goodbye(d);
}
