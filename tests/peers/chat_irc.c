/* SPDX-License-Identifier: MIT */
/* A line is `[:prefix ]COMMAND arguments\r\n`. The numeric 001 welcomes a client, and 366 ends the list of a room's
 * members that a newcomer gets. */
#define _GNU_SOURCE /* memmem */
#include "tests/peers/chat.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WELCOME 1
#define END_OF_NAMES 366
#define NO_MOTD 422 /* counts as an error there, and is none here */

static const char *const rooms[CHAT_ROOMS] = {"#lobby", "#one-more"};

static size_t log_in(char *out, const char *name)
{
    return (size_t)snprintf(out, CHAT_BYTES_MAX, "NICK %s\r\nUSER %s 0 * :%s\r\n", name, name, name);
}

static size_t join(char *out, int room)
{
    return (size_t)snprintf(out, CHAT_BYTES_MAX, "JOIN %s\r\n", rooms[room]);
}

static size_t say(char *out, const char *text, size_t text_len)
{
    return (size_t)snprintf(out, CHAT_BYTES_MAX, "PRIVMSG %s :%.*s\r\n", rooms[CHAT_LOBBY], (int)text_len, text);
}

/* Where `word` begins in the line, or NULL. */
static const char *find(const char *line, size_t len, const char *word)
{
    return memmem(line, len, word, strlen(word));
}

static void read_numeric(struct chat_event *e, int number)
{
    if (number == WELCOME)
        e->what = CHAT_LOGGED_IN;
    else if (number == END_OF_NAMES)
        e->what = CHAT_JOINED;
    else if (number >= 400 && number != NO_MOTD)
        e->what = CHAT_REFUSED;
}

static bool begins(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(end - at) >= len && memcmp(at, word, len) == 0;
}

/* A line without its end. */
static void read_line(const char *line, size_t len, struct chat_event *e)
{
    const char *end = line + len, *at = line;
    if (begins(at, end, "PING ")) {
        e->what = CHAT_ASKED;
        e->text = e->own;
        e->text_len = (size_t)snprintf(e->own, sizeof e->own, "PONG %.*s\r\n", (int)(len - 5 < 500 ? len - 5 : 500),
                                       line + 5);
        return;
    }
    e->text = line;
    e->text_len = len;
    if (begins(at, end, "ERROR "))
        e->what = CHAT_REFUSED;
    if (len == 0 || *at != ':' || (at = memchr(at, ' ', len)) == NULL)
        return;
    at++;
    e->room = find(at, (size_t)(end - at), rooms[CHAT_ONE_MORE]) != NULL ? CHAT_ONE_MORE : CHAT_LOBBY;
    const char *colon = find(at, (size_t)(end - at), " :");
    if (begins(at, end, "PRIVMSG ") && colon != NULL) {
        e->what = CHAT_SAID;
        e->text = colon + 2;
        e->text_len = (size_t)(end - e->text);
    } else if (begins(at, end, "JOIN ")) {
        e->what = CHAT_CAME;
    } else if (end - at > 3 && *at >= '0' && *at <= '9') {
        read_numeric(e, atoi(at));
    }
}

static size_t next(const char *in, size_t len, struct chat_event *e)
{
    const char *newline = memchr(in, '\n', len);
    e->what = CHAT_NOTHING;
    if (newline == NULL)
        return 0;
    size_t used = (size_t)(newline - in) + 1, line = used - 1;
    while (line > 0 && in[line - 1] == '\r')
        line--;
    read_line(in, line, e);
    return used;
}

const struct chat chat_irc = {"irc", log_in, join, say, next};
