/* SPDX-License-Identifier: MIT */
/* Lines as the terminal's own line discipline or a pipe hands them over. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app/client/line/line.h"
#include "app/terminal/display.h"
#include "crypto/ct.h"

static void redraw(struct line *line)
{
    if (line->terminal)
        display_ask(stdout, line->prompt);
    fflush(stdout);
}

/* The terminal keeps what was typed, and Ctrl-R shows it. */
static void erase(struct line *line)
{
    if (line->terminal)
        display_erase_row(stdout);
}

static int plain_open(struct line *line)
{
    line->in_len = line->in_used = 0;
    return 0;
}

/* Takes a whole line out of what was read; false where there is none. */
static bool take(struct line *line, const char **text, size_t *len, enum line_result *result)
{
    char *end = memchr(line->in, '\n', line->in_len);
    if (end == NULL && line->in_len == sizeof line->in) {
        line->skipping = true;
        line->in_len = 0;
    }
    if (end == NULL && !(line->in_ended && line->in_len > 0))
        return false;
    *text = line->in;
    *len = end != NULL ? (size_t)(end - line->in) : line->in_len;
    line->in_used = end != NULL ? *len + 1 : *len;
    if (*len > 0 && (*text)[*len - 1] == '\r' && !line->terminal)
        --*len; /* a script that was written on Windows */
    *result = line->skipping ? LINE_TOO_LONG : LINE_TEXT;
    line->skipping = false;
    return true;
}

/* Whether a read that failed is as good as the end: a terminal hung up, or there is no input at all (EBADF). */
static bool is_end(const struct line *line)
{
    return line->terminal || errno == EBADF;
}

/* What comes next, the shell's prompt say, begins a row of its own. */
static enum line_result leave_row(const struct line *line, enum line_result result)
{
    if (line->terminal)
        fputc('\n', stdout);
    return result;
}

static enum line_result plain_next(struct line *line, const char **text, size_t *len)
{
    enum line_result result;
    line->in_len -= line->in_used;
    memmove(line->in, line->in + line->in_used, line->in_len);
    ct_wipe(line->in + line->in_len, line->in_used);
    line->in_used = 0;
    while (!take(line, text, len, &result)) {
        if (line->in_ended)
            return leave_row(line, LINE_END);
        if (line->terminal && !line->editing)
            redraw(line);
        line->editing = line->terminal;
        bool readable = line->until_readable(line->arg);
        line->editing = false;
        if (!readable)
            return leave_row(line, LINE_STOPPED);
        ssize_t n = read(line->input, line->in + line->in_len, sizeof line->in - line->in_len);
        if (n > 0) {
            line->in_len += (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN && is_end(line))) {
            line->in_ended = true;
        } else if (errno != EINTR && errno != EAGAIN) {
            line->input_error = errno; /* half a line is none */
            return leave_row(line, LINE_END);
        }
    }
    return result;
}

static void resized(struct line *line)
{
    (void)line;
}

static void pause_typing(struct line *line, bool on)
{
    if (!on)
        redraw(line);
}

static void remember(struct line *line)
{
    (void)line;
}

static void wipe(struct line *line)
{
    ct_wipe(line->in, line->in_used);
}

static void plain_close(struct line *line)
{
    (void)line;
}

const struct line_editor line_plain = {
    plain_open, plain_next, erase, redraw, resized, pause_typing, remember, wipe, plain_close,
};
