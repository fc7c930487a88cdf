/* A line is put together on the stack and written at once, so that two threads' lines never mix. Nobody waits for a
 * reader that has stopped reading: strangers decide how much there is to log, and a full pipe would stop the server. */
#include "app/server/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static atomic_int threshold = LOG_INFO;
static atomic_uint left_out; /* lines since the last that was written */

struct line {
    char text[LOG_LINE_MAX];
    size_t len;
};

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
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

/* One byte less than the whole is used, so that the line end always fits. */
static void add_char(struct line *line, char c)
{
    if (line->len < sizeof line->text - 1)
        line->text[line->len++] = c;
}

static void add(struct line *line, const char *text)
{
    for (; *text != '\0'; text++)
        add_char(line, *text);
}

/* Printable, and no part of the line's own syntax. */
static int is_plain(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=';
}

static void add_escaped(struct line *line, char c)
{
    static const char digits[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        add_char(line, '\\');
        add_char(line, c);
    } else if (c >= ' ' && c <= '~') {
        add_char(line, c);
    } else {
        add(line, "\\x");
        add_char(line, digits[(unsigned char)c >> 4]);
        add_char(line, digits[(unsigned char)c & 15]);
    }
}

static void add_value(struct line *line, const char *value)
{
    size_t len = strlen(value), shown = len < LOG_VALUE_MAX ? len : LOG_VALUE_MAX, plain = 0;
    while (plain < shown && is_plain(value[plain]))
        plain++;
    int quote = plain < shown || len == 0;
    if (quote)
        add_char(line, '"');
    for (size_t i = 0; i < shown; i++)
        add_escaped(line, value[i]);
    if (shown < len)
        add(line, "...");
    if (quote)
        add_char(line, '"');
}

static void add_time(struct line *line)
{
    char text[32];
    struct tm tm;
    time_t now = time(NULL);
    gmtime_r(&now, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    add(line, text);
}

/* A pipe that says so takes PIPE_BUF bytes, which a line never exceeds, without waiting. */
static bool is_read(void)
{
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&log, 1, 0) == 1 && (log.revents & POLLOUT) != 0;
}

static void write_line(const struct line *line)
{
    char count[LOG_NUMBER_MAX];
    if (!is_read()) {
        atomic_fetch_add(&left_out, 1);
        return;
    }
    unsigned lines = atomic_exchange(&left_out, 0);
    if (lines > 0)
        log_event(LOG_ERROR, "lines were left out here: the log was not read", "lines", log_number(count, lines), NULL);
    ssize_t n = write(STDERR_FILENO, line->text, line->len);
    (void)n; /* where the log can't be written there is nowhere to say so */
}

void log_event(enum log_level level, const char *event, ...)
{
    if ((int)level > atomic_load(&threshold))
        return;
    struct line line = {.len = 0};
    add_time(&line);
    add_char(&line, ' ');
    add(&line, level_names[level]);
    add_char(&line, ' ');
    add(&line, event);
    va_list pairs;
    va_start(pairs, event);
    for (const char *key; (key = va_arg(pairs, const char *)) != NULL;) {
        add_char(&line, ' ');
        add(&line, key);
        add_char(&line, '=');
        add_value(&line, va_arg(pairs, const char *));
    }
    va_end(pairs);
    line.text[line.len++] = '\n';
    write_line(&line);
}

const char *log_number(char text[LOG_NUMBER_MAX], uint64_t n)
{
    snprintf(text, LOG_NUMBER_MAX, "%llu", (unsigned long long)n);
    return text;
}
