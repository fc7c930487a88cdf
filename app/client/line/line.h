/* SPDX-License-Identifier: MIT */
/* Lines in from the keyboard or a pipe, lines out to the screen, and neither breaking the other.
 *
 * Standard:    POSIX termios, wcwidth; libedit (histedit.h) where it was found when this was built.
 * Use it:      struct line line;
 *              line_init(&line, until_readable, arg);
 *              line_show(&line, stdout, "[%s] %s: %s", room, sender, text);      at any time
 *              line_open(&line);                                                 from here on the user may type
 *              while (line_next(&line, &text, &text_len) == LINE_TEXT) ...
 *              line_close(&line);
 * Timing:      passwords come this way, and are wiped as soon as they have been handed on.
 * Read next:   line_libedit.c, line_plain.c, line_question.c: the three ways of typing; app/terminal/display.h.
 *
 * line_show and line_said are the one place where anything goes to the screen after the start, and display.h filters
 * what they print: whoever forgets a check elsewhere can't drive the terminal.
 *
 * With libedit, what is being typed is taken off the screen, the new line printed, and what was typed put back. Without
 * it the terminal itself holds the line that is being typed, and no program can see it: the new line is printed over
 * it, and Ctrl-R shows again what was typed. Nothing of it is lost in either case.
 */
#ifndef APP_CLIENT_LINE_H
#define APP_CLIENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "app/client/line/given_secrets.h"
#include "app/message/message.h"
#include "app/terminal/style.h"

#define LINE_MAX_LEN 8192 /* bytes of one typed line that are looked at; a text has at most 4,000 */
#define LINE_PROMPT_LEN 80
#define LINE_WORDS_MAX 64 /* that a key goes through to complete one */
#define LINE_WORD_LEN 80

enum line_result {
    LINE_TEXT,
    LINE_TOO_LONG, /* the line was thrown away */
    LINE_END,      /* end of the input */
    LINE_STOPPED   /* until_readable said so */
};

struct line_editor;

/* What may take the place of the word that stands before the cursor: ASCII, each with what follows it. */
struct line_words {
    size_t begun; /* bytes of that word, fewer than LINE_WORD_LEN; they are put back after the last one */
    size_t len;
    char words[LINE_WORDS_MAX + 1][LINE_WORD_LEN];
};

struct line {
    /* Returns true once the standard input can be read, false to make line_next stop. What happens meanwhile, on the
     * network above all, happens in there. */
    bool (*until_readable)(void *arg);
    /* What may complete the len bytes of text before the cursor, for an editor; out->len is 0 before. NULL: nothing. */
    void (*complete)(void *arg, struct line_words *out, const char *text, size_t len);
    void *arg;
    struct style style;               /* how what is shown looks: style_init after line_init */
    uint64_t rang;                    /* when the bell rang last, in seconds */
    const struct line_editor *editor; /* NULL until line_open */
    void *state;                      /* libedit's */
    void *history;
    bool terminal; /* a person types */
    int input;     /* what to read, of tty_open_input */
    bool editing;  /* a prompt and perhaps half a line are on the screen */
    bool stopped;
    char prompt[LINE_PROMPT_LEN];
    void *hidden;           /* line_question.c's, while nothing that is typed is shown */
    char in[LINE_MAX_LEN];  /* read, and not yet a line */
    size_t in_len, in_used; /* in_used: what the last line_next handed out */
    bool skipping;          /* inside a line that is too long */
    bool in_ended;
    int input_error;            /* errno, where a script could not be read to its end */
    bool output_failed;         /* the standard output is gone */
    size_t number;              /* of the last line that line_next gave, from 1 */
    struct given_secrets given; /* what may be a password of what was answered to questions; line_close wipes it */
    const char *question;       /* what is asked in the prompt's place, or NULL */

    /* line_libedit.c's, where edits is set: what is typed can be completed, and the prompt change meanwhile. */
    bool edits;
    char drawn[LINE_PROMPT_LEN]; /* the prompt that is on the screen */
    int earlier;                 /* how many lines back the one is that is shown */
    struct line_words words;     /* what the last tab has completed with, */
    size_t words_at, words_end;  /* ... by which of them, and where the cursor has stood then */
};

/* What an editor has to do; line_libedit.c and line_plain.c do all of it. */
struct line_editor {
    int (*open)(struct line *line);
    enum line_result (*next)(struct line *line, const char **text, size_t *len);
    void (*erase)(struct line *line);  /* takes the prompt and what is typed off the screen */
    void (*redraw)(struct line *line); /* puts them back */
    void (*resized)(struct line *line);
    void (*pause)(struct line *line, bool on); /* gives the terminal back to the shell, and takes it again */
    void (*remember)(struct line *line);       /* both of the line that next gave last */
    void (*wipe)(struct line *line);
    void (*close)(struct line *line);
};

extern const struct line_editor line_plain;
#ifdef HAVE_LIBEDIT
extern const struct line_editor line_libedit;
#endif

void line_init(struct line *line, bool (*until_readable)(void *arg), void *arg);

/* Begins to take lines. */
void line_open(struct line *line);

/* Why a terminal has no editor, after line_open; NULL: it has one. */
const char *line_why_plain(const struct line *line);

/* The next line, without its end, valid until the next call. */
enum line_result line_next(struct line *line, const char **text, size_t *len);

/* Puts a question, at a terminal, and reads the line that answers it into out; hide: without showing it. Of a script it
 * is the next line. Returns its length without its end, or out_cap + 1 where it was longer than out_cap; -1 where there
 * is none: the user gave up, the input ended, until_readable said so. */
ssize_t line_ask(struct line *line, char *out, size_t out_cap, const char *question, bool hide);

/* Forgets what was read ahead, and the line that was handed out: what was typed before a question is no answer to
 * it. */
void line_discard(struct line *line);

/* At a terminal, where a question is not asked after all: what was typed ahead is thrown away, and what goes on coming
 * faster than anybody types; the line that was handed out stays. Returns whether there was any. */
bool line_discard_typed(struct line *line);

/* Keeps the line that was handed out where an editor finds it again, for whoever comes to the keyboard. */
void line_remember(struct line *line);

/* Wipes the line that was handed out. */
void line_wipe(struct line *line);

/* Prints one line as display_line does. to is stdout, where it looks as style_words says, or stderr. */
void line_show(struct line *line, FILE *to, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Prints what somebody said to stdout, and rings where that is wanted, once a second at most; time 0: now. */
void line_said(struct line *line, const struct style_said *said);

/* Changes the prompt, at once where one is shown. name is a room's, or empty, and perhaps more; what does not fit into
 * LINE_PROMPT_LEN is left out. */
void line_prompt(struct line *line, const char *name);

/* The same, but it is seen with the next line that is shown. */
void line_prompt_next(struct line *line, const char *name);

void line_resized(struct line *line);
void line_suspend(struct line *line); /* gives the terminal back, and stops the process; then line_resume */
void line_resume(struct line *line);  /* takes the terminal again, whatever was made of it meanwhile */

/* Whether there is a terminal, and a shell has it. */
bool line_is_away(const struct line *line);

void line_close(struct line *line); /* where line_open was never called, too */

#endif
