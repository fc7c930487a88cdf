/* SPDX-License-Identifier: MIT */
/* The locale is looked at once and remembered in a global variable, as the locale itself is the process's. Rows for a
 * terminal are put together first and written whole, so that a row never begins in one way and ends in another. */
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

#define SHEET_LEN 8192

static bool utf8; /* what display_init found */

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

/* --- To a terminal ------------------------------------------------------------------------------------------------ */

/* Rows are put together before they are written, so that a row's beginning, which switches auto-wrap off, and its end,
 * which switches it on, are in one write. */
struct sheet {
    int fd, result;
    size_t len, rows; /* rows: where the last whole one ends */
    char bytes[SHEET_LEN];
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
    if (write_all(s->fd, s->bytes, len) != 0)
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
    if (bytes[len - 1] == '\n')
        s->rows = s->len;
}

static int print_on_terminal(FILE *to, struct line_wrap wrap, const char *text, size_t len)
{
    struct sheet sheet;
    sheet.fd = fileno(to);
    sheet.result = fflush(to);
    sheet.len = sheet.rows = 0;
    wrap.put = to_sheet;
    wrap.arg = &sheet;
    line_wrap_print(&wrap, text, len);
    write_sheet(&sheet, sheet.len);
    ct_wipe(sheet.bytes, sizeof sheet.bytes); /* a second factor's secret, perhaps */
    return sheet.result;
}

/* --- To anything -------------------------------------------------------------------------------------------------- */

static void to_file(void *arg, const char *bytes, size_t len)
{
    (void)fwrite(bytes, 1, len, arg);
}

static int print(FILE *to, const char *text, size_t len)
{
    struct line_wrap wrap = display_of(fileno(to));
    if (isatty(fileno(to)))
        return print_on_terminal(to, wrap, text, len);
    wrap.put = to_file;
    wrap.arg = to;
    line_wrap_print(&wrap, text, len);
    return 0;
}

int display_vline(FILE *to, const char *format, va_list args)
{
    char text[DISPLAY_LINE_MAX];
    int n = vsnprintf(text, sizeof text, format, args);
    if (n < 0)
        return -1;
    size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    int result = print(to, text, len);
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
