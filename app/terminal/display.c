/* SPDX-License-Identifier: MIT */
/* The locale is looked at once and remembered in a global variable, as the locale itself is the process's; so is what
 * stands on the terminal. */
#include "app/terminal/display.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/message/text.h"
#include "crypto/ct.h"

static bool utf8; /* what display_init found */
static void (*before_line)(void);

void display_before_lines(void (*make_way)(void))
{
    before_line = make_way;
}

void display_init(void)
{
    utf8 = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    /* CAUTION: no other locale may stand in for the user's: test_a_terminal_without_utf8_gets_ascii */
    if (!utf8)
        (void)setlocale(LC_CTYPE, "C");
}

bool display_utf8(void)
{
    return utf8;
}

bool display_obeys(int fd)
{
    const char *kind = getenv("TERM");
    return isatty(fd) && kind != NULL && *kind != '\0' && strcmp(kind, "dumb") != 0;
}

struct line_wrap display_of(int fd)
{
    struct line_wrap wrap = {.columns = line_wrap_columns(fd), .ascii = !utf8 && isatty(fd)};
    wrap.clip = line_wrap_breaks(&wrap) && display_obeys(fd);
    return wrap;
}

/* --- A line ------------------------------------------------------------------------------------------------------- */

/* A line is put together before it is written. What two threads print is not mixed then, and a row's beginning, which
 * switches auto-wrap off, and its end, which switches it on, are in one write. */
struct sheet {
    FILE *to;
    bool terminal;
    int result;
    size_t len, most, rows; /* most: how far bytes were ever filled; rows: where the last whole one ends */
    char bytes[DISPLAY_LINE_MAX + 1];
};

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        if (n < 0 && errno == EAGAIN)
            (void)poll(&p, 1, -1);
        else if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

static void write_sheet(struct sheet *s, size_t len)
{
    if (!s->terminal)
        (void)fwrite(s->bytes, 1, len, s->to);
    else if (write_all(fileno(s->to), s->bytes, len) != 0)
        s->result = -1;
    s->len -= len;
    s->rows = 0;
    memmove(s->bytes, s->bytes + len, s->len);
}

static void to_sheet(void *arg, const char *bytes, size_t len)
{
    struct sheet *s = arg;
    if (s->len + len > sizeof s->bytes)
        write_sheet(s, s->rows > 0 ? s->rows : s->len);
    memcpy(s->bytes + s->len, bytes, len);
    s->len += len;
    if (s->most < s->len)
        s->most = s->len;
    if (bytes[len - 1] == '\n')
        s->rows = s->len;
}

int display_parts(FILE *to, const char *line, size_t len, const struct line_wrap_part *parts, size_t parts_len)
{
    struct line_wrap wrap = display_of(fileno(to));
    struct sheet sheet;
    sheet.to = to;
    sheet.terminal = isatty(fileno(to));
    sheet.result = sheet.terminal ? fflush(to) : 0;
    if (sheet.terminal && before_line != NULL)
        before_line();
    sheet.len = sheet.most = sheet.rows = 0;
    wrap.put = to_sheet;
    wrap.arg = &sheet;
    wrap.parts = parts;
    wrap.parts_len = parts_len;
    line_wrap_print(&wrap, line, len);
    write_sheet(&sheet, sheet.len);
    ct_wipe(sheet.bytes, sheet.most); /* a second factor's secret, perhaps */
    return sheet.result;
}

int display_vline(FILE *to, const char *format, va_list args)
{
    char text[DISPLAY_LINE_MAX];
    int n = vsnprintf(text, sizeof text, format, args);
    if (n < 0)
        return -1;
    size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    int result = display_parts(to, text, len, NULL, 0);
    ct_wipe(text, len);
    return result;
}

int display_line(FILE *to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int result = display_vline(to, format, args);
    va_end(args);
    return result;
}

void display_text(FILE *to, const char *text)
{
    for (const char *line = text, *end; *line != '\0'; line = end + (*end == '\n')) {
        end = line + strcspn(line, "\n");
        (void)display_line(to, "%.*s", (int)(end - line), line);
    }
}

void display_erase_row(FILE *to)
{
    fputs(isatty(fileno(to)) && !display_obeys(fileno(to)) ? "\n" : "\r\033[K", to);
    (void)fflush(to);
}

void display_ask(FILE *to, const char *question)
{
    bool ascii = !utf8 && isatty(fileno(to));
    for (size_t len = strlen(question); len > 0;) {
        struct text_glyph glyph;
        size_t n = text_take(&glyph, question, len, ascii);
        (void)fwrite(glyph.bytes, 1, glyph.len, to);
        question += n;
        len -= n;
    }
    (void)fflush(to);
}
