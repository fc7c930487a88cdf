#include "app/client/command.h"

#include <stdio.h>
#include <string.h>

#include "app/client/dialog.h"
#include "app/client/settings.h"

/* A command, its argument and one more word, NUL-terminated; empty where there was none. The argument may be a path. */
#define ARGUMENT_LEN (LINE_MAX_LEN + 1)

static bool help(struct dialog *d, const char *argument, const char *more);

static bool want_room(struct dialog *d, const char *room)
{
    if (name_valid(room, strlen(room)))
        return true;
    dialog_complain(d, *room == '\0' ? "which room? /join ROOM" : "'%.40s' is no room: %s", room,
                  message_error_text(MESSAGE_E_BAD_NAME));
    return false;
}

static bool join(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_JOIN};
    (void)more;
    if (!want_room(d, argument))
        return true;
    if (dialog_is_in(d, argument)) {
        dialog_go_to(d, argument);
        line_show(&d->line, stdout, "* you talk in %s now", argument);
        return true;
    }
    if (d->rooms_len == DIALOG_ROOMS_MAX) {
        dialog_complain(d, "you are in %d rooms already: /leave one first", DIALOG_ROOMS_MAX);
        return true;
    }
    strcpy(m.join.room, argument);
    (void)dialog_ask(d, &m, argument);
    return dialog_settle(d); /* where the next line goes depends on the answer */
}

static bool leave(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_LEAVE};
    (void)more;
    const char *room = *argument != '\0' ? argument : d->room;
    if (!want_room(d, room))
        return true;
    strcpy(m.leave.room, room);
    (void)dialog_ask(d, &m, m.leave.room);
    return dialog_settle(d);
}

static bool who(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_WHO};
    (void)more;
    const char *room = *argument != '\0' ? argument : d->room;
    if (!want_room(d, room))
        return true;
    strcpy(m.who.room, room);
    (void)dialog_ask(d, &m, room);
    return true;
}

static bool rooms(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_LIST_ROOMS};
    (void)argument;
    (void)more;
    (void)dialog_ask(d, &m, "");
    return true;
}

static bool want_user(struct dialog *d, const char *name, const char *usage)
{
    if (*name == '\0')
        dialog_complain(d, "whom? %s", usage);
    else if (!name_valid(name, strlen(name)))
        dialog_complain(d, "'%.40s' is no user: %s", name, message_error_text(MESSAGE_E_BAD_NAME));
    else if (strcmp(name, d->user) == 0)
        dialog_complain(d, "that is you");
    else
        return true;
    return false;
}

static bool block(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_BLOCK};
    (void)more;
    if (!want_user(d, argument, "/block NAME"))
        return true;
    strcpy(m.block.name, argument);
    (void)dialog_ask(d, &m, argument);
    return true;
}

static bool unblock(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_UNBLOCK};
    (void)more;
    if (!want_user(d, argument, "/unblock NAME"))
        return true;
    strcpy(m.unblock.name, argument);
    (void)dialog_ask(d, &m, argument);
    return true;
}

static bool blocks(struct dialog *d, const char *argument, const char *more)
{
    struct message m = {.type = MESSAGE_LIST_BLOCKED};
    (void)argument;
    (void)more;
    (void)dialog_ask(d, &m, "");
    return true;
}

static bool quit(struct dialog *d, const char *argument, const char *more)
{
    (void)d;
    (void)argument;
    (void)more;
    return false;
}

static const struct {
    const char *name, *takes, *help;
    bool (*run)(struct dialog *d, const char *argument, const char *more);
} commands[] = {
    {"/help", "", "this list", help},
    {"/who", " [ROOM]", "who is in the room", who},
    {"/rooms", "", "all rooms", rooms},
    {"/join", " ROOM", "go into a room, or talk in another one that you are in", join},
    {"/leave", " [ROOM]", "leave the room", leave},
    {"/block", " NAME", "hear no more of what that user says in rooms", block},
    {"/unblock", " NAME", "hear that user again", unblock},
    {"/blocks", "", "whom you have blocked", blocks},
    {"/password", "", "change your password", settings_password},
    {"/2fa", " on|confirm CODE|off", "a second factor: codes of an authenticator app", settings_second_factor},
    {"/certificate", " FILE|@NAME", "register your certificate; see another user's", settings_certificate},
    {"/delete-certificate", "", "have no certificate any more", settings_delete_certificate},
    {"/delete-account", "", "delete your account, for ever", settings_delete_account},
    {"/quit", "", "leave; so does exit, or the end of the input", quit},
};

static bool help(struct dialog *d, const char *argument, const char *more)
{
    (void)argument;
    (void)more;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char usage[60];
        snprintf(usage, sizeof usage, "%s%s", commands[i].name, commands[i].takes);
        line_show(&d->line, stdout, "* %-24s %s", usage, commands[i].help);
    }
    line_show(&d->line, stdout, "* %-24s %s", "//text", "say a text that begins with a slash");
    if (d->line.editor == &line_plain && d->line.terminal)
        line_show(&d->line, stdout, "* %-24s %s", "Ctrl-R", "show again what you have typed so far");
    return true;
}

static bool say(struct dialog *d, const char *text, size_t len)
{
    struct message m = {.type = MESSAGE_SAY, .say.text = {(const uint8_t *)text, len}};
    if (len == 0)
        return true;
    if (d->room[0] == '\0') {
        dialog_complain(d, "not said: you are in no room; /join one");
        return true;
    }
    if (!text_valid(text, len)) {
        dialog_complain(d, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
        return true;
    }
    memcpy(m.say.room, d->room, sizeof m.say.room);
    (void)dialog_ask(d, &m, d->room);
    return true;
}

static bool command(struct dialog *d, const char *line, size_t len)
{
    char text[ARGUMENT_LEN];
    if (len >= sizeof text)
        len = sizeof text - 1;
    memcpy(text, line, len);
    text[len] = '\0';
    size_t name_len = strcspn(text, " \t");
    char *argument = text + name_len + strspn(text + name_len, " \t");
    char *more = argument + strcspn(argument, " \t");
    if (*more != '\0')
        *more++ = '\0';
    more += strspn(more, " \t");
    more[strcspn(more, " \t")] = '\0';
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strlen(commands[i].name) == name_len && strncmp(commands[i].name, text, name_len) == 0)
            return commands[i].run(d, argument, more);
    text[name_len] = '\0';
    dialog_complain(d, "there is no command %s: /help lists them, and // begins a text with a slash", text);
    return true;
}

bool command_do(struct dialog *d, const char *line, size_t len)
{
    if (len == 4 && strncmp(line, "exit", 4) == 0)
        return false;
    if (len >= 2 && line[0] == '/' && line[1] == '/')
        return say(d, line + 1, len - 1);
    if (len >= 1 && line[0] == '/')
        return command(d, line, len);
    return say(d, line, len);
}
