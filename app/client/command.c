#include "app/client/command.h"

#include <stdio.h>
#include <string.h>

#include "app/client/talk.h"

/* A command's argument, NUL-terminated; empty where there was none. */
#define ARGUMENT_LEN 200

static bool help(struct talk *t, const char *argument);

static bool want_room(struct talk *t, const char *room)
{
    if (name_valid(room, strlen(room)))
        return true;
    talk_complain(t, *room == '\0' ? "which room? /join ROOM" : "'%.40s' is no room: %s", room,
                  message_error_text(MESSAGE_E_BAD_NAME));
    return false;
}

static bool join(struct talk *t, const char *argument)
{
    struct message m = {.type = MESSAGE_JOIN};
    if (!want_room(t, argument))
        return true;
    if (talk_is_in(t, argument)) {
        talk_go_to(t, argument);
        line_show(&t->line, stdout, "* you talk in %s now", argument);
        return true;
    }
    if (t->rooms_len == TALK_ROOMS_MAX) {
        talk_complain(t, "you are in %d rooms already: /leave one first", TALK_ROOMS_MAX);
        return true;
    }
    strcpy(m.join.room, argument);
    (void)talk_ask(t, &m, argument);
    return talk_settle(t); /* where the next line goes depends on the answer */
}

static bool leave(struct talk *t, const char *argument)
{
    struct message m = {.type = MESSAGE_LEAVE};
    const char *room = *argument != '\0' ? argument : t->room;
    if (!want_room(t, room))
        return true;
    strcpy(m.leave.room, room);
    (void)talk_ask(t, &m, m.leave.room);
    return talk_settle(t);
}

static bool who(struct talk *t, const char *argument)
{
    struct message m = {.type = MESSAGE_WHO};
    const char *room = *argument != '\0' ? argument : t->room;
    if (!want_room(t, room))
        return true;
    strcpy(m.who.room, room);
    (void)talk_ask(t, &m, room);
    return true;
}

static bool rooms(struct talk *t, const char *argument)
{
    struct message m = {.type = MESSAGE_LIST_ROOMS};
    (void)argument;
    (void)talk_ask(t, &m, "");
    return true;
}

static bool quit(struct talk *t, const char *argument)
{
    (void)t;
    (void)argument;
    return false;
}

static const struct {
    const char *name, *takes, *help;
    bool (*run)(struct talk *t, const char *argument);
} commands[] = {
    {"/help", "", "this list", help},
    {"/who", " [ROOM]", "who is in the room", who},
    {"/rooms", "", "all rooms", rooms},
    {"/join", " ROOM", "go into a room, or talk in another one that you are in", join},
    {"/leave", " [ROOM]", "leave the room", leave},
    {"/quit", "", "leave; so does exit, or the end of the input", quit},
};

static bool help(struct talk *t, const char *argument)
{
    (void)argument;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char usage[40];
        snprintf(usage, sizeof usage, "%s%s", commands[i].name, commands[i].takes);
        line_show(&t->line, stdout, "* %-15s %s", usage, commands[i].help);
    }
    line_show(&t->line, stdout, "* %-15s %s", "//text", "say a text that begins with a slash");
    if (t->line.editor == &line_plain && t->line.terminal)
        line_show(&t->line, stdout, "* %-15s %s", "Ctrl-R", "show again what you have typed so far");
    return true;
}

static bool say(struct talk *t, const char *text, size_t len)
{
    struct message m = {.type = MESSAGE_SAY, .say.text = {(const uint8_t *)text, len}};
    if (len == 0)
        return true;
    if (t->room[0] == '\0') {
        talk_complain(t, "not said: you are in no room; /join one");
        return true;
    }
    if (!text_valid(text, len)) {
        talk_complain(t, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
        return true;
    }
    memcpy(m.say.room, t->room, sizeof m.say.room);
    (void)talk_ask(t, &m, t->room);
    return true;
}

static bool command(struct talk *t, const char *line, size_t len)
{
    char text[ARGUMENT_LEN];
    if (len >= sizeof text)
        len = sizeof text - 1;
    memcpy(text, line, len);
    text[len] = '\0';
    size_t name_len = strcspn(text, " \t");
    char *argument = text + name_len + strspn(text + name_len, " \t");
    argument[strcspn(argument, " \t")] = '\0';
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strlen(commands[i].name) == name_len && strncmp(commands[i].name, text, name_len) == 0)
            return commands[i].run(t, argument);
    text[name_len] = '\0';
    talk_complain(t, "there is no command %s: /help lists them, and // begins a text with a slash", text);
    return true;
}

bool command_do(struct talk *t, const char *line, size_t len)
{
    if (len == 4 && strncmp(line, "exit", 4) == 0)
        return false;
    if (len >= 2 && line[0] == '/' && line[1] == '/')
        return say(t, line + 1, len - 1);
    if (len >= 1 && line[0] == '/')
        return command(t, line, len);
    return say(t, line, len);
}
