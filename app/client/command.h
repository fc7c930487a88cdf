/* SPDX-License-Identifier: MIT */
/* What can be typed: texts, and commands that begin with a slash.
 *
 * Read next:   app/client/screen.h, which shows the answers.
 */
#ifndef APP_CLIENT_COMMAND_H
#define APP_CLIENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct conversation;

/* Does what one line says; len is at most LINE_MAX_LEN. Whoever calls it waits for what it began: an answer
 * (c->awaited), or a form (c->form). c->quits is set where the user wants to leave, c->screen.script_ends where it was
 * a line of a script after which nothing more of it may be done.
 *
 * That is one that is not understood: after a command may come what it asks for. Not understood is what begins with
 * one slash and is no command, has more or other words than the command takes, or looks as if a command had been meant
 * (mistyped.h). Two slashes begin a text with one. And it is a refused /join, /leave or /delete-account: what follows
 * was meant for another room, or for nobody. After any other refused command it means what it means after one that
 * was done: /block, say, changes what is heard, and not who hears. */
void command_do(struct conversation *c, const char *line, size_t len);

/* Whether the editor may give the line back to whoever asks for what was typed before. Not a code, nor what else stands
 * after a command that asks for secrets or after a word that is no command (a password, for those used to another
 * program), nor a password that was given before; nor what is said to one user alone or in a sealed room, which
 * nobody who steals this program's memory later is to read. To be asked before the line is done. */
bool command_may_return(const struct conversation *c, const char *line, size_t len);

/* Whether what is typed after it was meant for somewhere else: another room, or one user. Not after a text. */
bool command_leads(const struct conversation *c, const char *line, size_t len);

/* The ith command, with its slash; NULL where there are no more. */
const char *command_at(size_t i);

/* What the command at the beginning of a line takes, as /help shows it: " NAME TEXT"; NULL: it is none. Its words in
 * capitals are those that complete.c knows, the others are typed as they are. */
const char *command_takes(const char *line, size_t len);

#endif
