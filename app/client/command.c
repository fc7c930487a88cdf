/* SPDX-License-Identifier: MIT */
/* A line is first looked at as a whole: is it a text, a command, or something in between that could be either? Only
 * then is a command looked up, its words counted, and run. A line in doubt is refused: what follows it may be a
 * password. */
#include "app/client/command.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "app/client/conversation.h"
#include "app/client/direct_commands.h"
#include "app/client/mistyped.h"
#include "app/client/other_words.h"
#include "app/client/room_commands.h"
#include "app/client/settings.h"
#include "crypto/ct.h"

static void help(struct conversation *c, const char *word);

static bool want_room(struct conversation *c, const char *room)
{
    if (name_room_valid(room, strlen(room)))
        return true;
    if (name_is_sealed(room))
        screen_bad_sealed_name(&c->screen, room);
    else
        screen_bad_name(&c->screen, room, "room");
    return false;
}

#define NO_ROOM "you talk in no room: /join one"

/* The mark of a sealed room is in it, or that sign as it is on an east Asian keyboard. */
static bool has_mark(const char *line, size_t len)
{
    static const char wide[] = "\xef\xbc\x8b";
    for (size_t i = 0; i + sizeof wide - 1 <= len; i++)
        if (memcmp(line + i, wide, sizeof wide - 1) == 0)
            return true;
    return memchr(line, NAME_SEALED_MARK, len) != NULL;
}

/* Where the lines that follow go depends on the answer to /join and /leave: each waits for its own, and where one is
 * refused, by the server or here, a script ends. */

static void join(struct conversation *c, const char *room)
{
    if (name_is_sealed(room))
        room_commands_join(c, room);
    else if (want_room(c, room))
        conversation_join(c, room);
    else if (has_mark(room, strlen(room)))
        room_commands_stay_out(c);
}

/* Where one talks with a user, that ends; where one is in rooms, a room; where a founder is named, an invitation. */
static void leave(struct conversation *c, const char *word, const char *founder)
{
    if (*word == '\0' && c->direct.with[0] != '\0') {
        direct_leave(&c->direct);
        conversation_prompt(c);
        return;
    }
    const char *room = *word != '\0' ? word : c->room;
    if (*room == '\0')
        screen_refused(&c->screen, NO_ROOM);
    else if (*founder != '\0')
        room_commands_decline(c, room, founder);
    else if (name_is_sealed(room))
        room_commands_leave(c, room);
    else if (want_room(c, room))
        conversation_leave(c, room);
}

static void who(struct conversation *c, const char *word)
{
    struct message m = {.type = MESSAGE_WHO};
    const char *room = *word != '\0' ? word : c->room;
    if (*room == '\0')
        screen_complain(&c->screen, NO_ROOM);
    if (*room == '\0' || !want_room(c, room))
        return;
    strcpy(m.who.room, room);
    (void)conversation_ask(c, &m, room);
}

static void rooms(struct conversation *c)
{
    struct message m = {.type = MESSAGE_LIST_ROOMS};
    (void)conversation_ask(c, &m, "");
}

static bool want_user(struct conversation *c, const char *name)
{
    if (!name_valid(name, strlen(name)))
        screen_bad_name(&c->screen, name, "user");
    else if (strcmp(name, c->user) == 0)
        screen_complain(&c->screen, "that is you");
    else
        return true;
    return false;
}

/* Of blocking and unblocking; what they send is the same. */
static void ask_about_user(struct conversation *c, enum message_type type, const char *name)
{
    struct message m = {.type = type};
    if (!want_user(c, name))
        return;
    strcpy(m.block.name, name);
    (void)conversation_ask(c, &m, name);
}

static void block(struct conversation *c, const char *name)
{
    ask_about_user(c, MESSAGE_BLOCK, name);
}

static void unblock(struct conversation *c, const char *name)
{
    ask_about_user(c, MESSAGE_UNBLOCK, name);
}

static void blocks(struct conversation *c)
{
    struct message m = {.type = MESSAGE_LIST_BLOCKED};
    (void)conversation_ask(c, &m, "");
}

static void quit(struct conversation *c)
{
    c->quits = true;
}

#define REST SIZE_MAX

struct command {
    const char *name, *takes, *help;
    size_t least, most; /* how many words it takes; most is REST where the second is the rest of the line */
    bool asks;          /* the next lines are answers, and secret */
    /* One of these three, by how many words there may be; what was not given is empty. */
    void (*run)(struct conversation *c);
    void (*run_one)(struct conversation *c, const char *word);
    void (*run_two)(struct conversation *c, const char *first, const char *second);
};

static const struct command commands[] = {
    {"/help", " [COMMAND]", "this list, or what that one does", 0, 1, false, .run_one = help},
    {"/who", " [ROOM]", "who is in the room", 0, 1, false, .run_one = who},
    {"/rooms", "", "all rooms", 0, 0, false, .run = rooms},
    {"/join", " ROOM", "go into a room, or talk in another one that you are in", 1, 1, false, .run_one = join},
    {"/leave", " [ROOM [FOUNDER]]", "leave the room, or the call; or decline an invitation", 0, 2, false,
     .run_two = leave},
    {"/msg", " NAME TEXT", "say something to one user alone, so that the server can't read it", 2, REST, false,
     .run_two = direct_commands_msg},
    {"/call", " NAME", "talk with one user alone, until /leave", 1, 1, false, .run_one = direct_commands_call},
    {"/verify", " NAME [DIGITS]", "compare keys with a user: see the safety number, or say the one they see", 1, REST,
     false, .run_two = direct_commands_verify},
    {"/trust", " NAME", "believe a user's new key, after seeing both", 1, 1, true, .run_one = direct_commands_trust},
    {"/peers", "", "whose keys are known, and which are compared", 0, 0, false, .run = direct_commands_peers},
    {"/receipts", " on|off", "be told when a user has what you said", 1, 1, false, .run_one = direct_commands_receipts},
    {"/identity", " [new|unlock]", "your own key; make another one; open the one that is kept", 0, 1, true,
     .run_one = direct_commands_identity},
    {"/seal", " +ROOM", "found a sealed room, so that the server can't read what is said there", 1, 1, false,
     .run_one = room_commands_seal},
    {"/invite", " NAME", "put a user on the list of the sealed room that you founded", 1, 1, false,
     .run_one = room_commands_invite},
    {"/remove", " NAME", "take a user off that list", 1, 1, false, .run_one = room_commands_remove},
    {"/accept", " +ROOM FOUNDER", "go into the sealed room that a user has invited you to", 2, 2, false,
     .run_two = room_commands_accept},
    {"/close", "", "close the sealed room that you founded, for ever", 0, 0, false, .run = room_commands_close},
    {"/save", " FILE [+ROOM]", "keep what was said in a sealed room, signed: a proof for others", 1, 2, false,
     .run_two = room_commands_save},
    {"/block", " NAME", "hear no more of that user, in rooms and in calls", 1, 1, false, .run_one = block},
    {"/unblock", " NAME", "hear that user again", 1, 1, false, .run_one = unblock},
    {"/blocks", "", "whom you have blocked", 0, 0, false, .run = blocks},
    {"/password", "", "change your password", 0, 0, true, .run = settings_password},
    {"/2fa", " on|confirm CODE|off", "a second factor: codes of an authenticator app", 1, 2, true,
     .run_two = settings_second_factor},
    {"/certificate", " FILE|@NAME", "register your certificate; see another user's", 1, 1, true,
     .run_one = settings_certificate},
    {"/delete-certificate", "", "have no certificate any more", 0, 0, true, .run = settings_delete_certificate},
    {"/delete-account", "", "delete your account, for ever", 0, 0, true, .run = settings_delete_account},
    {"/quit", "", "leave; so does exit, or the end of the input", 0, 0, false, .run = quit},
};

#define COMMANDS_LEN (sizeof commands / sizeof *commands)

static const struct command *find_command(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && line[n] != ' ' && line[n] != '\t')
        n++;
    for (size_t i = 0; i < COMMANDS_LEN; i++)
        if (strlen(commands[i].name) == n && strncmp(line, commands[i].name, n) == 0)
            return &commands[i];
    return NULL;
}

/* What is shown of a command that is none. Where lines end otherwise than they should, a password follows it; a
 * script's may be one whole, and is told by its number. */
static int shown_len(const struct conversation *c, const char *name)
{
    size_t n = strspn(name, "/-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (!c->screen.line.terminal)
        n = 0;
    return (int)(n < 20 ? n : 20);
}

/* What a person may have meant; NULL: no command is like it. */
static const char *meant(const struct conversation *c, const char *name)
{
    for (size_t i = 0; i < COMMANDS_LEN && c->screen.line.terminal; i++)
        if (mistyped_letter(name, strlen(name), commands[i].name))
            return commands[i].name;
    return NULL;
}

/* name is the first word of a line, and no command. A script is told nothing of it, but the line's number. */
static void tell_unknown(struct conversation *c, const char *name)
{
    int shown = shown_len(c, name);
    const char *other = c->screen.line.terminal ? other_words_find(name, strlen(name)) : NULL, *near = meant(c, name);
    if (other != NULL)
        screen_not_understood(&c->screen, "there is no %s here: %s", name, other);
    else
        screen_not_understood(&c->screen,
                              "there is no %scommand%s%.*s: %s%s%s/help lists them, and // begins a text with a slash",
                              shown > 0 ? "" : "such ", shown > 0 ? " " : "", shown, name,
                              near != NULL ? "did you mean " : "", near != NULL ? near : "", near != NULL ? "? " : "");
}

/* --- Help --------------------------------------------------------------------------------------------------------- */

/* Of a person; and what is missing there. */
static void help_keys(struct line *line)
{
    const char *why = line_why_plain(line);
    if (why == NULL)
        line_show(line, stdout, "* %-24s %s", "TAB", "complete a command, name or room; again: the next");
    if (why == NULL || !line->terminal)
        return;
    line_show(line, stdout, "* %-24s %s", "Ctrl-R", "show again what you have typed so far");
    line_show(line, stdout, "* no TAB, no earlier lines by the arrows, no count of lines elsewhere: %s", why);
}

static void help_one(struct conversation *c, const struct command *command)
{
    char usage[60];
    snprintf(usage, sizeof usage, "%s%s", command->name, command->takes);
    line_show(&c->screen.line, stdout, "* %-24s %s", usage, command->help);
}

/* A command's name with its slash or without. */
static void help(struct conversation *c, const char *word)
{
    char name[LINE_MAX_LEN + 2];
    snprintf(name, sizeof name, "%s%s", *word == '/' ? "" : "/", word);
    const struct command *one = find_command(name, strlen(name));
    if (one != NULL) {
        help_one(c, one);
    } else if (*word != '\0') {
        tell_unknown(c, name);
    } else {
        for (size_t i = 0; i < COMMANDS_LEN; i++)
            help_one(c, &commands[i]);
        line_show(&c->screen.line, stdout, "* %-24s %s", "//text", "say a text that begins with a slash");
        help_keys(&c->screen.line);
    }
}

/* --- One line ----------------------------------------------------------------------------------------------------- */

/* CAUTION: what is typed in a sealed room never goes to the server as it is: tests/test_room_commands.c:
 * test_a_text_is_never_said_in_the_clear. */
static void say(struct conversation *c, const char *text, size_t len)
{
    if (len == 0)
        return;
    if (c->direct.with[0] != '\0') {
        direct_commands_say(c, c->direct.with, text, len);
        return;
    }
    if (given_secrets_has(&c->screen.line.given, text, len)) {
        screen_not_understood(&c->screen, "not said: it was given as a password");
        return;
    }
    if (c->room[0] == '\0') {
        screen_complain(&c->screen, "not said: you talk in no room; /join one");
        return;
    }
    if (!text_valid(text, len)) {
        screen_complain(&c->screen, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
        return;
    }
    if (name_is_sealed(c->room)) {
        room_commands_say(c, text, len);
        return;
    }
    conversation_say(c, text, len);
}

/* Cuts a line at its blanks; how many words it has, of which the first two after the command are given. */
static size_t split(char *text, const char **first, const char **second)
{
    const char **const out[] = {first, second};
    size_t n = 0;
    *first = *second = "";
    text += strcspn(text, " \t");
    while (*text != '\0') {
        *text++ = '\0';
        text += strspn(text, " \t");
        if (*text != '\0' && n < sizeof out / sizeof *out)
            *out[n] = text;
        n += *text != '\0';
        text += strcspn(text, " \t");
    }
    return n;
}

static void run(struct conversation *c, const struct command *known, const char *first, const char *second)
{
    if (known->run != NULL)
        known->run(c);
    else if (known->run_one != NULL)
        known->run_one(c, first);
    else
        known->run_two(c, first, second);
}

const char *command_at(size_t i)
{
    return i < COMMANDS_LEN ? commands[i].name : NULL;
}

const char *command_takes(const char *line, size_t len)
{
    const struct command *known = find_command(line, len);
    return known != NULL ? known->takes : NULL;
}

/* Cuts a line after its second word; the rest is one, with the blanks in it. */
static size_t split_rest(char *text, const char **first, const char **rest)
{
    *first = *rest = "";
    text += strcspn(text, " \t");
    text += strspn(text, " \t");
    if (*text == '\0')
        return 0;
    *first = text;
    text += strcspn(text, " \t");
    if (*text != '\0')
        *text++ = '\0';
    text += strspn(text, " \t");
    *rest = text;
    return *text == '\0' ? 1 : 2;
}

/* Does what a line says; text is a copy of it, which is cut here. False: it is none of the commands. */
static bool look_up(struct conversation *c, char *text, size_t len)
{
    const char *first, *second;
    const struct command *known = memchr(text, '\0', len) != NULL ? NULL : find_command(text, len);
    if (known != NULL) {
        size_t words = known->most == REST ? split_rest(text, &first, &second) : split(text, &first, &second);
        if (words >= known->least && words <= known->most)
            run(c, known, first, second);
        else
            screen_not_understood(&c->screen, "%s is used like this: %s%s", known->name, known->name, known->takes);
        return words >= known->least && words <= known->most;
    }
    (void)split(text, &first, &second);
    tell_unknown(c, text);
    return false;
}

/* Whether a line that was not understood was to lead to a sealed room, as far as one can tell. */
static bool was_to_seal(const char *line, size_t len)
{
    static const char *const leading[] = {"/seal", "/accept"};
    for (size_t at = 0; at < len; at++)
        for (size_t i = 0; i < sizeof leading / sizeof *leading; i++)
            if (len - at >= strlen(leading[i]) && strncmp(line + at, leading[i], strlen(leading[i])) == 0)
                return true;
    return has_mark(line, len);
}

static void not_understood(struct conversation *c, const char *line, size_t len)
{
    if (was_to_seal(line, len))
        room_commands_stay_out(c);
}

static void command(struct conversation *c, const char *line, size_t len)
{
    char text[LINE_MAX_LEN + 1];
    assert(len < sizeof text);
    memcpy(text, line, len);
    text[len] = '\0';
    if (!look_up(c, text, len))
        not_understood(c, line, len);
    ct_wipe(text, len);
}

/* A command that asks was meant, and the slash missed. What a person types without one is a text: that no question
 * comes is seen before anything else is typed. Not so after msg: the line itself is for one user alone. */
static bool missed_slash(const struct conversation *c, const char *line, size_t len)
{
    static const char *const asking[] = {"2fa on", "2fa off"};
    bool script = !c->screen.line.terminal;
    if (mistyped_with_text(line, len, "msg", script))
        return true;
    for (size_t i = 0; i < COMMANDS_LEN; i++)
        if (commands[i].asks && (mistyped_key(line, len, commands[i].name + 1) ||
                                 (script && mistyped_bare(line, len, commands[i].name + 1))))
            return true;
    for (size_t i = 0; i < sizeof asking / sizeof *asking; i++)
        if (script && mistyped_bare(line, len, asking[i]))
            return true;
    return false;
}

/* A script's line that was copied from a screen or a text, with what stood before the command there. Two slashes begin
 * a text, but one that is a command that asks, and no more, is not worth the passwords that may follow it. */
static bool was_copied(const struct conversation *c, const char *line, size_t len, bool two_slashes)
{
    for (size_t i = 0; i < COMMANDS_LEN && !c->screen.line.terminal; i++)
        if ((commands[i].asks || !two_slashes) && mistyped_copied(line, len, commands[i].name + 1))
            return true;
    return false;
}

enum kind { IS_TEXT, IS_TEXT_AFTER_A_SLASH, IS_COMMAND, IS_UNCLEAR };

static enum kind kind_of(const struct conversation *c, const char *line, size_t len)
{
    bool two_slashes = len >= 2 && line[0] == '/' && line[1] == '/';
    if (two_slashes && !was_copied(c, line, len, true))
        return IS_TEXT_AFTER_A_SLASH;
    if (len >= 1 && line[0] == '/' && !two_slashes)
        return IS_COMMAND;
    if (mistyped_slash(line, len) || missed_slash(c, line, len) || was_copied(c, line, len, false))
        return IS_UNCLEAR;
    return IS_TEXT;
}

void command_do(struct conversation *c, const char *line, size_t len)
{
    if (len == 4 && strncmp(line, "exit", 4) == 0) {
        c->quits = true;
        return;
    }
    switch (kind_of(c, line, len)) {
    case IS_TEXT:
        say(c, line, len);
        break;
    case IS_TEXT_AFTER_A_SLASH:
        say(c, line + 1, len - 1);
        break;
    case IS_COMMAND:
        command(c, line, len);
        break;
    case IS_UNCLEAR:
        screen_not_understood(&c->screen, "not said: %s",
                              text_valid(line, len)
                                  ? "it looks like a command: those begin with a slash, and nothing before it"
                                  : message_error_text(MESSAGE_E_BAD_TEXT));
        not_understood(c, line, len);
        break;
    }
}

bool command_leads(const struct conversation *c, const char *line, size_t len)
{
    static const char *const leading[] = {"/join", "/leave", "/call"};
    const struct command *known = find_command(line, len);
    enum kind kind = kind_of(c, line, len);
    for (size_t i = 0; i < sizeof leading / sizeof *leading && known != NULL; i++)
        if (strcmp(known->name, leading[i]) == 0)
            return true;
    return (kind == IS_COMMAND || kind == IS_UNCLEAR) && was_to_seal(line, len);
}

/* What of a line follows its second word. */
static size_t rest_at(const char *line, size_t len)
{
    size_t at = 0;
    for (int word = 0; word < 2; word++) {
        while (at < len && line[at] != ' ' && line[at] != '\t')
            at++;
        while (at < len && (line[at] == ' ' || line[at] == '\t'))
            at++;
    }
    return at;
}

/* Whether it is a command after which nobody writes a secret, or has written none. A certificate's is a file's name. */
static bool has_no_secret(const struct conversation *c, const char *line, size_t len)
{
    const struct command *known = find_command(line, len);
    if (known == NULL || known->run_two == direct_commands_msg)
        return false;
    if (known->most == REST) {
        size_t at = rest_at(line, len);
        return !given_secrets_has(&c->screen.line.given, line + at, len - at);
    }
    return !known->asks || known->run_one == settings_certificate;
}

/* What is said now goes to one user alone, or to a sealed room; or was to go to one, maybe, and is said to nobody. On
 * the way back from a cut it is where one talked before: the login has led to the lobby meanwhile. */
static bool is_for_few(const struct conversation *c)
{
    const struct reconnect *r = &c->reconnect;
    const char *room = r->state != RECONNECT_NONE ? r->room : c->room;
    const char *with = r->state != RECONNECT_NONE ? r->with : c->direct.with;
    return *with != '\0' || name_is_sealed(room) || *room == '\0';
}

/* Where a person is asked to connect again, a password comes next, and may be typed too early. */
static bool may_be_password(const struct conversation *c)
{
    return c->reconnect.state != RECONNECT_NONE && !c->reconnect.by_itself;
}

bool command_may_return(const struct conversation *c, const char *line, size_t len)
{
    enum kind kind = kind_of(c, line, len);
    if (kind == IS_COMMAND)
        return has_no_secret(c, line, len);
    return kind != IS_UNCLEAR && !may_be_password(c) && !is_for_few(c) &&
           !given_secrets_has(&c->screen.line.given, line, len);
}
