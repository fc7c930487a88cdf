/* SPDX-License-Identifier: MIT */
/* A line is put together on the stack and written at once, so that two threads' lines never mix. Nobody waits for a
 * reader that has stopped reading: strangers decide how much there is to log, and a full pipe would stop the server.
 * A log file is reopened under the same descriptor, so that no thread ever writes to one that is closed. */
#include "app/server/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/message/utf8.h"
#include "app/terminal/display.h"

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static atomic_int threshold = LOG_INFO;
static atomic_ulong told[LOG_DEBUG + 1]; /* of each level */
static atomic_int json;                  /* enum log_format */
static atomic_int log_fd = STDERR_FILENO;
static atomic_uint left_out; /* lines since the last that was written */
static atomic_bool torn;     /* the file ends inside a line */

struct line {
    char text[LOG_LINE_MAX];
    size_t len, cap;
    bool json, full; /* full: something was left out */
};

#define JSON_CUT ",\"cut\":true}" /* ends a line that is not whole */

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

void log_set_format(enum log_format format)
{
    atomic_store(&json, format == LOG_JSON);
}

int log_level_by_name(enum log_level *level, const char *name)
{
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++)
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return 0;
        }
    return -1;
}

/* --- The file ----------------------------------------------------------------------------------------------------- */

/* A FIFO's reader may be gone: then this fails at once, and no write to it ever waits. */
static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
}

int log_open(const char *path)
{
    int fd = open_file(path);
    if (fd < 0)
        return -1;
    atomic_store(&log_fd, fd);
    return 0;
}

int log_reopen(const char *path)
{
    int fd = open_file(path), at = atomic_load(&log_fd);
    if (fd < 0)
        return -1;
    int failed = dup2(fd, at) < 0 || fcntl(at, F_SETFD, FD_CLOEXEC) != 0;
    int error = errno;
    close(fd);
    if (!failed)
        atomic_store(&torn, false);
    errno = error;
    return failed ? -1 : 0;
}

void log_close(void)
{
    int fd = atomic_exchange(&log_fd, STDERR_FILENO);
    if (fd != STDERR_FILENO)
        close(fd);
}

/* --- Text --------------------------------------------------------------------------------------------------------- */

static void add_char(struct line *line, char c)
{
    if (line->len < line->cap)
        line->text[line->len++] = c;
    else
        line->full = true;
}

static void add(struct line *line, const char *text)
{
    for (; *text != '\0'; text++)
        add_char(line, *text);
}

/* Printable, and no part of the line's own syntax. */
static bool is_plain(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
}

static void add_hex(struct line *line, const char *before, unsigned n, int digits)
{
    add(line, before);
    while (digits-- > 0)
        add_char(line, "0123456789abcdef"[n >> (4 * digits) & 15]);
}

static void add_escaped(struct line *line, char c)
{
    if (c == '"' || c == '\\') {
        add_char(line, '\\');
        add_char(line, c);
    } else if (c >= ' ' && c <= '~') {
        add_char(line, c);
    } else {
        add_hex(line, "\\x", (unsigned char)c, 2);
    }
}

/* RFC 8259, section 7. Everything but ASCII is escaped as UTF-16, so that no reader and no terminal need know more;
 * what is not UTF-8 becomes the replacement character. Returns how many bytes were taken. */
static size_t add_json(struct line *line, const char *text, size_t len)
{
    uint32_t c = 0xfffd;
    size_t n = utf8_decode(&c, (const uint8_t *)text, len);
    if (c >= 0x10000) {
        add_hex(line, "\\u", 0xd800 + ((c - 0x10000) >> 10), 4);
        add_hex(line, "\\u", 0xdc00 + ((c - 0x10000) & 0x3ff), 4);
    } else if (c < ' ' || c > '~') {
        add_hex(line, "\\u", c, 4);
    } else {
        add_escaped(line, (char)c);
    }
    return n == 0 ? 1 : n;
}

static void add_value(struct line *line, const char *value)
{
    size_t len = strlen(value), shown = len < LOG_VALUE_MAX ? len : LOG_VALUE_MAX, plain = 0;
    while (plain < shown && is_plain(value[plain]))
        plain++;
    bool quote = line->json || plain < shown || len == 0;
    if (quote)
        add_char(line, '"');
    for (size_t i = 0; i < shown;) {
        if (line->json)
            i += add_json(line, value + i, shown - i);
        else
            add_escaped(line, value[i++]);
    }
    if (shown < len)
        add(line, "...");
    if (quote)
        add_char(line, '"');
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

static void time_now(char text[32])
{
    struct tm tm;
    time_t now = time(NULL);
    gmtime_r(&now, &tm);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void begin_text(struct line *line, const char *now, const char *level, const char *event)
{
    line->cap = sizeof line->text - 1; /* the line end always fits */
    add(line, now);
    add_char(line, ' ');
    add(line, level);
    add_char(line, ' ');
    add(line, event);
}

static void add_json_pair(struct line *line, const char *key, const char *value)
{
    size_t before = line->len;
    add(line, line->len > 0 ? ",\"" : "{\"");
    add(line, key);
    add(line, "\":");
    add_value(line, value);
    if (line->full)
        line->len = before; /* whole or not at all: the line must stay JSON */
}

static void begin_json(struct line *line, const char *now, const char *level, const char *event)
{
    line->cap = sizeof line->text - sizeof JSON_CUT;
    add_json_pair(line, "time", now);
    add_json_pair(line, "level", level);
    add_json_pair(line, "event", event);
}

static void add_pair(struct line *line, const char *key, const char *value)
{
    if (line->full)
        return;
    if (line->json) {
        add_json_pair(line, key, value);
        return;
    }
    add_char(line, ' ');
    add(line, key);
    add_char(line, '=');
    add_value(line, value);
}

static void begin_line(struct line *line, enum log_level level, const char *event)
{
    char now[32];
    time_now(now);
    line->len = 0;
    line->full = false;
    line->json = atomic_load(&json) != 0;
    (line->json ? begin_json : begin_text)(line, now, level_names[level], event);
}

static void end_line(struct line *line)
{
    line->cap = sizeof line->text - 1;
    if (line->json)
        add(line, line->full ? JSON_CUT : "}");
    line->text[line->len++] = '\n';
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/* A pipe that is reported as writable takes PIPE_BUF bytes, which a line never exceeds, without waiting. */
static bool is_read(void)
{
    struct pollfd log = {.fd = atomic_load(&log_fd), .events = POLLOUT};
    return poll(&log, 1, 0) == 1 && (log.revents & POLLOUT) != 0;
}

/* A disk that is full may take half a line: what follows must not be glued to it. */
static bool write_bytes(int fd, const char *bytes, size_t len)
{
    if (atomic_load(&torn) && write(fd, "\n", 1) != 1)
        return false;
    ssize_t n = write(fd, bytes, len);
    atomic_store(&torn, n > 0 && (size_t)n < len);
    return n == (ssize_t)len;
}

struct rows {
    char text[4 * LOG_LINE_MAX]; /* broken after every eighth character it still fits */
    size_t len;
};

static void to_rows(void *arg, const char *bytes, size_t len)
{
    struct rows *rows = arg;
    if (sizeof rows->text - rows->len < len)
        return;
    memcpy(rows->text + rows->len, bytes, len);
    rows->len += len;
}

/* On a terminal, what a stranger put into a value must not end up where a line begins. */
static bool write_line(const struct line *line)
{
    int fd = atomic_load(&log_fd);
    struct line_wrap wrap = display_of(fd);
    struct rows rows = {.len = 0};
    if (!line_wrap_breaks(&wrap))
        return write_bytes(fd, line->text, line->len);
    wrap.put = to_rows;
    wrap.arg = &rows;
    line_wrap_print(&wrap, line->text, line->len - 1);
    return write_bytes(fd, rows.text, rows.len);
}

static bool tell_missing(unsigned lines)
{
    struct line line;
    char count[LOG_NUMBER_MAX];
    begin_line(&line, LOG_ERROR, "lines were left out here: the log took no more");
    add_pair(&line, "lines", log_number(count, lines));
    end_line(&line);
    return write_line(&line);
}

static void put_line(const struct line *line)
{
    if (!is_read()) {
        atomic_fetch_add(&left_out, 1);
        return;
    }
    unsigned lines = atomic_exchange(&left_out, 0);
    if (lines > 0 && !tell_missing(lines))
        atomic_fetch_add(&left_out, lines + 1);
    else if (!write_line(line))
        atomic_fetch_add(&left_out, 1);
}

void log_event(enum log_level level, const char *event, ...)
{
    atomic_fetch_add(&told[level], 1);
    if ((int)level > atomic_load(&threshold))
        return;
    struct line line;
    begin_line(&line, level, event);
    va_list pairs;
    va_start(pairs, event);
    for (const char *key; (key = va_arg(pairs, const char *)) != NULL;)
        add_pair(&line, key, va_arg(pairs, const char *));
    va_end(pairs);
    end_line(&line);
    put_line(&line);
}

uint64_t log_lines(enum log_level level)
{
    return atomic_load(&told[level]);
}

const char *log_number(char text[LOG_NUMBER_MAX], uint64_t n)
{
    snprintf(text, LOG_NUMBER_MAX, "%llu", (unsigned long long)n);
    return text;
}
