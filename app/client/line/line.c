/* SPDX-License-Identifier: MIT */
/* What all ways of typing share. The editor, if there is one, does the rest: whatever is printed while somebody types
 * goes between its erase and its redraw. */
#include "app/client/line/line.h"

#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/terminal/tty.h"
#include "crypto/ct.h"

#define SKIP_QUIET_MS 50
#define SKIP_PIECES_MAX 20

void line_init(struct line *line, bool (*until_readable)(void *arg), void *arg)
{
    *line = (struct line){.until_readable = until_readable, .arg = arg, .terminal = isatty(STDIN_FILENO) != 0};
    line->input = tty_open_input();
    strcpy(line->prompt, "> ");
}

/* An editor moves the cursor about: for that it needs a person, a screen, and a screen that obeys. */
static bool can_edit(const struct line *line)
{
    return line->terminal && display_obeys(STDOUT_FILENO);
}

void line_open(struct line *line)
{
#ifdef HAVE_LIBEDIT
    line->editor = &line_libedit;
    line->edits = can_edit(line) && line->editor->open(line) == 0;
    if (line->edits)
        return;
#else
    (void)can_edit;
#endif
    line->editor = &line_plain;
    (void)line->editor->open(line);
}

const char *line_why_plain(const struct line *line)
{
    if (line->edits)
        return NULL;
#ifdef HAVE_LIBEDIT
    return can_edit(line) ? "libedit can't be begun" : "TERM says that this terminal can't move its cursor";
#else
    return "this program was built without libedit";
#endif
}

enum line_result line_next(struct line *line, const char **text, size_t *len)
{
    enum line_result result = line->editor->next(line, text, len);
    line->number += result == LINE_TEXT || result == LINE_TOO_LONG;
    return result;
}

void line_discard(struct line *line)
{
    ct_wipe(line->in, sizeof line->in);
    line->in_len = line->in_used = 0;
}

/* CAUTION: whoever throws it away still looks at the line that was handed out, which line_plain.c keeps in the same
 * place: tests/integration/test_reconnect.py: test_a_join_meanwhile. */
static void discard_ahead(struct line *line)
{
    ct_wipe(line->in + line->in_used, sizeof line->in - line->in_used);
    line->in_len = line->in_used;
}

/* What is pasted comes in pieces, the next of them sooner than anybody can type. */
bool line_discard_typed(struct line *line)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    bool more = poll(&fd, 1, 0) > 0 && (fd.revents & POLLIN) != 0;
    bool any = more || line->in_len > line->in_used;
    for (int i = 0; i == 0 || (more && i < SKIP_PIECES_MAX); i++) {
        discard_ahead(line);
        (void)tcflush(STDIN_FILENO, TCIFLUSH);
        more = poll(&fd, 1, SKIP_QUIET_MS) > 0 && (fd.revents & POLLIN) != 0;
        any = any || more;
    }
    return any;
}

void line_remember(struct line *line)
{
    line->editor->remember(line);
}

void line_wipe(struct line *line)
{
    line->editor->wipe(line);
}

/* Between an erase and a redraw. */
static void print(struct line *line, const struct style_line *shown)
{
    if (display_parts(stdout, shown->text, shown->len, shown->parts, shown->parts_len) != 0)
        line->output_failed = true;
}

static void print_words(struct line *line, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void print_words(struct line *line, const char *format, va_list args)
{
    struct style_line shown;
    uint64_t now = (uint64_t)time(NULL);
    if (style_day(&line->style, &shown, now))
        print(line, &shown);
    style_words(&line->style, &shown, now, format, args);
    print(line, &shown);
    ct_wipe(shown.text, shown.len); /* a second factor's secret, perhaps */
}

void line_show(struct line *line, FILE *to, const char *format, ...)
{
    va_list args;
    if (line->editing)
        line->editor->erase(line);
    va_start(args, format);
    if (to == stdout)
        print_words(line, format, args);
    else
        (void)display_vline(to, format, args);
    va_end(args);
    if (fflush(to) != 0 && to == stdout)
        line->output_failed = true;
    if (line->editing)
        line->editor->redraw(line);
}

void line_said(struct line *line, const struct style_said *said)
{
    struct style_line shown;
    uint64_t now = (uint64_t)time(NULL);
    struct style_said timed = *said;
    timed.time = said->time != 0 ? said->time : now;
    if (line->editing)
        line->editor->erase(line);
    if (style_day(&line->style, &shown, timed.time))
        print(line, &shown);
    style_said(&line->style, &shown, &timed);
    print(line, &shown);
    ct_wipe(shown.text, shown.len); /* nobody but these two may know it */
    if (shown.rings && line->rang != now) {
        fputc('\a', stdout);
        line->rang = now;
    }
    if (fflush(stdout) != 0)
        line->output_failed = true;
    if (line->editing)
        line->editor->redraw(line);
}

void line_prompt_next(struct line *line, const char *name)
{
    snprintf(line->prompt, sizeof line->prompt, "%.*s> ", LINE_PROMPT_LEN - 3, name);
}

void line_prompt(struct line *line, const char *name)
{
    bool shown = line->editing && line->question == NULL;
    if (shown)
        line->editor->erase(line);
    line_prompt_next(line, name);
    if (shown)
        line->editor->redraw(line);
}

void line_resized(struct line *line)
{
    if (line->editing)
        line->editor->resized(line);
}

void line_suspend(struct line *line)
{
    if (line->editing && tty_is_ours())
        line->editor->pause(line, true);
    tty_stop();
}

void line_resume(struct line *line)
{
    if (line->editing)
        line->editor->pause(line, false);
}

bool line_is_away(const struct line *line)
{
    return line->terminal && !tty_is_ours();
}

void line_close(struct line *line)
{
    if (line->editor != NULL)
        line->editor->close(line);
    line->editor = NULL;
    tty_close_input(line->input);
    line->input = STDIN_FILENO;
    line_discard(line);
    given_secrets_wipe(&line->given);
}
