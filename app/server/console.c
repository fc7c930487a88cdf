/* SPDX-License-Identifier: MIT */
/* Input: bytes into lines, lines into commands. Output: text as rows for the screen (display.h) into a queue, and the
 * queue to the terminal, as much as that takes. */
#include "app/server/console.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/server/base/clock.h"
#include "app/server/chat.h"
#include "app/server/server.h"
#include "app/server/status.h"
#include "app/terminal/display.h"
#include "app/terminal/tty.h"

#define WRITE_MAX 512 /* bytes at a time: a terminal that is ready for writing takes as many without waiting */

/* --- Output ------------------------------------------------------------------------------------------------------- */

static bool takes_some(const struct console *c)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return c->out_is_file || (poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0);
}

/* How many bytes to write at a time: whole rows where possible, so that a server that is killed leaves the terminal
 * with auto-wrap on. */
static size_t next_write(const char *bytes, size_t len)
{
    size_t rows = len < WRITE_MAX ? len : WRITE_MAX, most = rows;
    while (rows > 0 && bytes[rows - 1] != '\n')
        rows--;
    return rows > 0 ? rows : most;
}

static void flush(struct console *c)
{
    size_t done = 0;
    while (done < c->queue_len && takes_some(c)) {
        size_t len = next_write(c->queue + done, c->queue_len - done);
        ssize_t n = write(STDOUT_FILENO, c->queue + done, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            done = c->queue_len; /* nobody is there any more */
            break;
        }
        done += (size_t)n;
    }
    memmove(c->queue, c->queue + done, c->queue_len - done);
    c->queue_len -= done;
}

static void append(void *console, const char *bytes, size_t len)
{
    struct console *c = console;
    c->full = c->full || CONSOLE_QUEUE - c->queue_len < len;
    if (c->full)
        return;
    memcpy(c->queue + c->queue_len, bytes, len);
    c->queue_len += len;
}

/* Puts a line into the queue, whole or not at all. */
static void queue_line(struct console *c, const struct style_line *line)
{
    static const char to_the_start[] = "\r\033[K"; /* overwrites what is being typed, which Ctrl-R shows again */
    struct line_wrap wrap = display_of(STDOUT_FILENO);
    size_t before = c->queue_len;
    c->full = c->left_out > 0;
    wrap.put = append;
    wrap.arg = c;
    wrap.parts = line->parts;
    wrap.parts_len = line->parts_len;
    if (display_obeys(STDOUT_FILENO))
        append(c, to_the_start, sizeof to_the_start - 1);
    line_wrap_print(&wrap, line->text, line->len);
    if (c->full) {
        c->queue_len = before;
        c->left_out++;
    }
}

static void queue_day(struct console *c, struct style_line *line, uint64_t time)
{
    if (style_day(&c->style, line, time))
        queue_line(c, line);
}

static void show(struct console *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void show(struct console *c, const char *format, ...)
{
    struct style_line line;
    uint64_t now = clock_now();
    va_list args;
    queue_day(c, &line, now);
    va_start(args, format);
    style_words(&c->style, &line, now, format, args);
    va_end(args);
    queue_line(c, &line);
}

void console_end_turn(struct server *s)
{
    struct console *c = s->console;
    if (c == NULL)
        return;
    flush(c);
    if (c->left_out > 0 && c->queue_len == 0) {
        size_t left_out = c->left_out;
        c->left_out = 0;
        show(c, "* %zu lines were left out", left_out);
        flush(c);
    }
    if (!c->out_is_file && poller_want(s->poller, &c->out, c->queue_len > 0 ? POLLER_WRITE : 0) != 0)
        c->queue_len = 0; /* it would wait for ever */
}

static void hear_presence(struct console *c, const struct message *m)
{
    struct message_list list = m->presence.list;
    struct message_entry entry;
    bool came = m->presence.what == MESSAGE_JOINED;
    while (message_list_next(&list, &entry, false)) {
        char name[SEEN_NAMES_PRINT_LEN], room[SEEN_NAMES_PRINT_LEN];
        (void)seen_names_print(name, entry.name, came ? seen_names_joined(&c->seen_names, entry.name) : NULL);
        show(c, "* %s %s %s", name, came ? "joined" : "left", seen_names_quote(room, m->presence.room));
    }
}

static void hear_said(struct console *c, const struct message *m)
{
    struct style_line line;
    char sender[SEEN_NAMES_PRINT_LEN], room[SEEN_NAMES_PRINT_LEN], before[SEEN_NAMES_PRINT_LEN + 4];
    (void)seen_names_print(sender, m->said.sender, seen_names_spoke(&c->seen_names, m->said.sender));
    snprintf(before, sizeof before, "[%s] ", seen_names_quote(room, m->said.room));
    queue_day(c, &line, m->said.time);
    const struct style_said said = {.time = m->said.time,
                                    .before = before,
                                    .sender = m->said.sender,
                                    .shown = sender,
                                    .after = ": ",
                                    .text = (const char *)m->said.text.data,
                                    .text_len = m->said.text.len,
                                    .you = CONSOLE_NAME};
    style_said(&c->style, &line, &said);
    queue_line(c, &line);
}

/* Something that was pushed to a room that the operator is in. */
static void hear(struct room_user *user, const struct message *m)
{
    struct console *c = (struct console *)(void *)((char *)user - offsetof(struct console, user));
    if (m->type == MESSAGE_SAID)
        hear_said(c, m);
    else if (m->type == MESSAGE_PRESENCE)
        hear_presence(c, m);
}

/* --- Commands ----------------------------------------------------------------------------------------------------- */

static void report(struct console *c, enum message_error error)
{
    if (error != MESSAGE_E_NONE)
        show(c, "! %s", message_error_text(error));
}

static void say(struct server *s, const char *room, const char *text)
{
    struct message_bytes bytes = {(const uint8_t *)text, strlen(text)};
    if (text_valid(bytes.data, bytes.len))
        report(s->console, chat_say_in(s, &s->console->user, room, bytes));
    else
        report(s->console, MESSAGE_E_BAD_TEXT);
}

static void join(struct server *s, const char *room, const char *rest)
{
    struct console *c = s->console;
    char shown[SEEN_NAMES_PRINT_LEN];
    (void)rest;
    enum message_error error = MESSAGE_E_BAD_NAME;
    if (name_valid(room, strlen(room)))
        error = chat_join_room(s, &c->user, room);
    if (error == MESSAGE_E_NONE || error == MESSAGE_E_ALREADY_IN_ROOM) {
        memcpy(c->room, room, strlen(room) + 1);
        show(c, "* lines go to %s now", seen_names_quote(shown, room));
    } else if (error == MESSAGE_E_LIMIT) {
        show(c, "! %s", s->rooms.full);
    } else {
        report(c, error);
    }
}

static void leave(struct server *s, const char *room, const char *rest)
{
    struct console *c = s->console;
    (void)rest;
    enum message_error error = chat_leave_room(s, &c->user, *room != '\0' ? room : c->room);
    if (error == MESSAGE_E_NONE && (*room == '\0' || strcmp(room, c->room) == 0))
        memcpy(c->room, MESSAGE_LOBBY, sizeof MESSAGE_LOBBY);
    report(c, error);
}

static void show_member(struct console *c, const struct room *room, const char *name)
{
    char shown[SEEN_NAMES_PRINT_LEN], where[SEEN_NAMES_PRINT_LEN];
    (void)seen_names_print(shown, name, seen_names_listed(&c->seen_names, name));
    show(c, "* in %s: %s", seen_names_quote(where, room->name), shown);
}

static void who(struct server *s, const char *room, const char *rest)
{
    struct console *c = s->console;
    const struct room *found = room_find(&s->rooms, *room != '\0' ? room : c->room);
    (void)rest;
    if (found == NULL)
        report(c, MESSAGE_E_NO_SUCH_ROOM);
    else
        for (size_t i = 0; i < found->members_len; i++)
            show_member(c, found, found->members[i]->name);
}

static void rooms(struct server *s, const char *word, const char *rest)
{
    (void)word;
    (void)rest;
    char shown[SEEN_NAMES_PRINT_LEN];
    for (size_t i = 0; i < s->rooms.len; i++)
        show(s->console, "* room %s: %zu member%s", seen_names_quote(shown, s->rooms.list[i]->name),
             s->rooms.list[i]->members_len, s->rooms.list[i]->members_len == 1 ? "" : "s");
}

static void notice(struct server *s, const char *word, const char *rest)
{
    char text[MESSAGE_NOTICE_MAX + 1];
    int len = snprintf(text, sizeof text, "%s%s%s", word, *rest != '\0' ? " " : "", rest);
    if (len < 0 || (size_t)len >= sizeof text)
        show(s->console, "! a notice has at most %d bytes: nothing was said", MESSAGE_NOTICE_MAX);
    else if (text_valid(text, strlen(text)))
        chat_notice(s, text);
    else
        report(s->console, MESSAGE_E_BAD_TEXT);
}

/* Numbers, which nobody wants to be dim, nor to be moved by the time. */
static void show_line(void *console, const char *line)
{
    show(console, "*%s", line);
}

static void status(struct server *s, const char *word, const char *rest)
{
    (void)word;
    (void)rest;
    status_show(s, show_line, s->console);
}

static void quit(struct server *s, const char *word, const char *rest)
{
    (void)word;
    (void)rest;
    s->stop_asked = true;
}

static void help(struct server *s, const char *word, const char *rest);

static const struct {
    const char *name, *help;
    void (*run)(struct server *s, const char *word, const char *rest);
} commands[] = {
    {"/say", "/say ROOM TEXT: say something in a room; a plain line goes to the room joined last", say},
    {"/join", "/join ROOM: listen and talk there", join},
    {"/leave", "/leave [ROOM]", leave},
    {"/who", "/who [ROOM]: who is in it", who},
    {"/rooms", "/rooms: all rooms and how many are in them", rooms},
    {"/notice", "/notice TEXT: the server says this to everybody", notice},
    {"/status", "/status: what the server has done since it started, in numbers", status},
    {"/help", "/help: this list", help},
    {"/quit", "/quit, exit, quit: stop the server", quit},
    {"exit", NULL, quit},
    {"quit", NULL, quit},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void help(struct server *s, const char *word, const char *rest)
{
    (void)word;
    (void)rest;
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].help != NULL)
            show(s->console, "%s", commands[i].help);
}

/* Cuts off the first word, and returns what follows it. */
static char *cut_word(char *text)
{
    char *end = text + strcspn(text, " ");
    if (*end != '\0')
        *end++ = '\0';
    return end + strspn(end, " ");
}

static void run_line(struct server *s, char *line)
{
    struct console *c = s->console;
    bool command = line[0] == '/' || strcmp(line, "exit") == 0 || strcmp(line, "quit") == 0;
    if (line[0] == '\0')
        return;
    if (!command) {
        say(s, c->room, line);
        return;
    }
    char *word = cut_word(line);
    char *rest = cut_word(word);
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(line, commands[i].name) == 0) {
            commands[i].run(s, word, rest);
            return;
        }
    }
    show(c, "! no such command: /help lists them");
}

/* --- Input -------------------------------------------------------------------------------------------------------- */

static void end_line(struct server *s)
{
    struct console *c = s->console;
    if (c->line_len > 0 && c->line[c->line_len - 1] == '\r')
        c->line_len--;
    c->line[c->line_len] = '\0';
    bool has_zero = strlen(c->line) != c->line_len;
    if (c->too_long || has_zero)
        show(c, "! that line is too long, or is no text");
    else
        run_line(s, c->line);
    c->line_len = 0;
    c->too_long = false;
}

static void take_bytes(struct server *s, const char *bytes, size_t len)
{
    struct console *c = s->console;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n')
            end_line(s);
        else if (c->line_len < sizeof c->line - 1)
            c->line[c->line_len++] = bytes[i];
        else
            c->too_long = true;
    }
}

static void read_input(struct server *s)
{
    struct console *c = s->console;
    char bytes[4096];
    ssize_t n = read(c->in.fd, bytes, sizeof bytes);
    if (n > 0) {
        take_bytes(s, bytes, (size_t)n);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        if (c->line_len > 0)
            end_line(s);
        c->ended = true;
        if (!c->in_is_file)
            poller_remove(s->poller, &c->in);
    }
}

/* --- The rest ----------------------------------------------------------------------------------------------------- */

bool console_owns(const struct console *c, const struct poller_watch *watch)
{
    return c != NULL && (watch == &c->in || watch == &c->out);
}

void console_ready(struct server *s, const struct poller_watch *watch)
{
    struct console *c = s->console;
    if (watch == &c->in && !c->ended)
        read_input(s);
}

bool console_pending(const struct console *c)
{
    return c != NULL && c->in_is_file && !c->ended;
}

int console_open(struct server *s)
{
    struct console *c = calloc(1, sizeof *c);
    char *queue = malloc(CONSOLE_QUEUE);
    if (c == NULL || queue == NULL) {
        free(c);
        free(queue);
        return -1;
    }
    c->queue = queue;
    c->style = s->console_style;
    c->user.hear = hear;
    c->user.is_operator = true;
    memcpy(c->user.name, CONSOLE_NAME, sizeof CONSOLE_NAME);
    memcpy(c->room, MESSAGE_LOBBY, sizeof MESSAGE_LOBBY);
    seen_names_own(&c->seen_names, CONSOLE_NAME);
    if (rooms_enter_lobby(&s->rooms, &c->user) != MESSAGE_E_NONE) {
        free(c->queue);
        free(c);
        return -1;
    }
    /* A poller may refuse a regular file: reading one never blocks. */
    c->in_is_file = poller_add(s->poller, &c->in, s->console_input, POLLER_READ, c) != 0;
    c->out_is_file = poller_add(s->poller, &c->out, STDOUT_FILENO, POLLER_WRITE, c) != 0;
    s->console = c;
    return 0;
}

void console_close(struct server *s)
{
    struct console *c = s->console;
    if (c == NULL)
        return;
    flush(c);
    if (!c->in_is_file && !c->ended)
        poller_remove(s->poller, &c->in);
    if (!c->out_is_file)
        poller_remove(s->poller, &c->out);
    tty_close_input(s->console_input);
    rooms_exit(&s->rooms, &c->user);
    free(c->queue);
    free(c);
    s->console = NULL;
}
