/* SPDX-License-Identifier: MIT */
/* A question, and one line that answers it. The terminal itself holds what is being typed, as no line editor has to
 * know a password, and what arrives meanwhile is shown above the question: it is an editor of line.h for as long. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/client/line/line.h"
#include "app/terminal/display.h"
#include "app/terminal/tty.h"
#include "crypto/ct.h"

static void erase(struct line *line)
{
    (void)line;
    display_erase_row(stderr);
}

static void redraw(struct line *line)
{
    display_ask(stderr, line->question);
}

static void resized(struct line *line)
{
    (void)line;
}

static void pause_typing(struct line *line, bool on)
{
    const struct termios *before = line->hidden;
    if (before != NULL && on)
        tty_give_back(before);
    if (before != NULL && !on)
        (void)tty_hide_again(before);
    if (!on)
        redraw(line);
}

static const struct line_editor line_question = {
    .erase = erase,
    .redraw = redraw,
    .resized = resized,
    .pause = pause_typing,
};

/* The answer, once there is one. -1: the user is to be asked no more. */
static ssize_t read_answer(struct line *line, char *out, size_t out_cap)
{
    ssize_t n;
    do {
        if (!line->until_readable(line->arg))
            return -1;
        n = read(line->input, out, out_cap);
    } while (n < 0 && errno == EAGAIN);
    return n;
}

/* Puts the question, and waits for the answer. */
static ssize_t put(struct line *line, const char *question, char *out, size_t out_cap)
{
    const struct line_editor *editor = line->editor;
    char asked[LINE_PROMPT_LEN];
    snprintf(asked, sizeof asked, "%s", question);
    line->question = asked;
    line->editor = &line_question;
    redraw(line);
    line->editing = true;
    ssize_t n = read_answer(line, out, out_cap);
    line->editing = false;
    line->editor = editor;
    line->question = NULL;
    return n;
}

/* Around a hidden answer, what was typed ahead is thrown away: before it, it was seen; after it, it is more of a
 * password than was asked for, and must not become a text. */
static ssize_t ask_person(struct line *line, char *out, size_t out_cap, const char *question, bool hide)
{
    char typed[4096]; /* a terminal's line is never longer */
    struct termios before;
    line_discard(line);
    if (hide && tty_hide(&before) != 0)
        return -1;
    line->hidden = hide ? &before : NULL;
    ssize_t n = put(line, question, typed, sizeof typed);
    line->hidden = NULL;
    if (hide)
        tty_give_back(&before);
    if (n <= 0) {
        fputc('\n', stderr);
        return -1;
    }
    if (typed[n - 1] == '\n')
        n--;
    size_t len = (size_t)n <= out_cap ? (size_t)n : out_cap;
    memcpy(out, typed, len);
    ct_wipe(typed, sizeof typed);
    return (size_t)n <= out_cap ? n : (ssize_t)out_cap + 1;
}

static ssize_t ask_script(struct line *line, char *out, size_t out_cap)
{
    const char *text;
    size_t len;
    enum line_result result = line_next(line, &text, &len);
    if (result == LINE_TEXT && len <= out_cap)
        memcpy(out, text, len);
    if (result == LINE_TOO_LONG)
        len = out_cap + 1;
    line_wipe(line);
    if (result != LINE_TEXT && result != LINE_TOO_LONG)
        return -1;
    return len <= out_cap ? (ssize_t)len : (ssize_t)out_cap + 1;
}

ssize_t line_ask(struct line *line, char *out, size_t out_cap, const char *question, bool hide)
{
    return line->terminal ? ask_person(line, out, out_cap, question, hide) : ask_script(line, out, out_cap);
}
