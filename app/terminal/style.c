/* SPDX-License-Identifier: MIT */
/* A line is put together from parts, each with what makes a terminal show it so. Of what others wrote nothing is looked
 * at but for one's own name in it. */
#define _XOPEN_SOURCE 700 /* tzset belongs to the X/Open part of POSIX */
#include "app/terminal/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/message/confusable.h"

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define MARK_LOOKS "\033[1;7m"
#define MARK "@"
#define TIME_LEN 40
#define LAST_TIME UINT64_C(253402300799) /* the end of the year 9999 */

/* Nobody knows which background a terminal has, so each of these is readable on a white one and on a black one. By WCAG
 * a colour's luminance is L = 0.2126 R + 0.7152 G + 0.0722 B, where R, G and B (of 0 to 1) were made linear: x/12.92 up
 * to 0.03928, ((x + 0.055)/1.055)^2.4 above; of two colours the contrast is (L1 + 0.05)/(L2 + 0.05). 3 is asked for of
 * large text and of signs, and these have 3.5 on both, so they stand out from the greys of the usual dark themes and
 * from cream, too. They are of xterm's cube (16 + 36 r + 6 g + b, the steps being 0, 95, 135, 175, 215, 255 of 255),
 * which themes leave alone; the first 16 colours they do not. test_colours_are_readable_on_white_and_on_black */
static const char *const speakers[] = {
    "\033[38;5;166m", "\033[38;5;100m", "\033[38;5;28m",  "\033[38;5;30m",
    "\033[38;5;33m",  "\033[38;5;99m",  "\033[38;5;164m", "\033[38;5;197m",
};

/* --- What is wanted ----------------------------------------------------------------------------------------------- */

int style_when_by_name(enum style_when *when, const char *name)
{
    static const char *const names[] = {[STYLE_AUTO] = "auto", [STYLE_ALWAYS] = "always", [STYLE_NEVER] = "never"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *when = (enum style_when)i;
            return 0;
        }
    }
    return -1;
}

/* DEC's terminals obey, and have no colours: they would take 38 ; 5 ; N for blinking. */
static bool has_colours(int fd)
{
    const char *unwanted = getenv("NO_COLOR");
    return display_obeys(fd) && (unwanted == NULL || *unwanted == '\0') && strncmp(getenv("TERM"), "vt", 2) != 0;
}

/* 0: that is no day. */
static int day_of(uint64_t time)
{
    struct tm tm;
    time_t seconds = (time_t)time;
    if (time > LAST_TIME || (uint64_t)seconds != time || localtime_r(&seconds, &tm) == NULL)
        return 0;
    return ((tm.tm_year + 1900) * 100 + tm.tm_mon + 1) * 100 + tm.tm_mday;
}

void style_init(struct style *s, enum style_when when, bool times, bool bell, int fd)
{
    bool terminal = isatty(fd) != 0;
    tzset();
    s->colours = when == STYLE_ALWAYS || (when == STYLE_AUTO && has_colours(fd));
    s->marks = s->colours || display_obeys(fd);
    s->times = times;
    s->dates = !terminal;
    s->bell = bell && terminal;
    s->day = day_of((uint64_t)time(NULL));
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

static void begin(struct style_line *line)
{
    line->rings = false;
    line->len = line->parts_len = 0;
}

static void add(const struct style *s, struct style_line *line, const char *looks, const char *text, size_t len)
{
    size_t room = sizeof line->text - line->len;
    len = len < room ? len : room;
    memcpy(line->text + line->len, text, len);
    if (s->colours && looks != NULL && len > 0 && line->parts_len < STYLE_PARTS_MAX)
        line->parts[line->parts_len++] = (struct line_wrap_part){line->len, line->len + len, looks};
    line->len += len;
}

/* A server may say any time at all. */
static void add_time(const struct style *s, struct style_line *line, uint64_t time)
{
    struct tm tm;
    char text[TIME_LEN] = "--:-- ";
    time_t seconds = (time_t)time;
    if (!s->times)
        return;
    if (day_of(time) != 0 && (s->dates ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm)) != NULL)
        (void)strftime(text, sizeof text, s->dates ? "%Y-%m-%dT%H:%M:%SZ " : "%H:%M ", &tm);
    add(s, line, DIM, text, strlen(text));
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* As people write it: Alice is alice. */
static bool is_name(const char *text, const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        if (c != name[i])
            return false;
    }
    return true;
}

/* Where one's own name stands as a word, from that byte on; text_len where it doesn't. */
static size_t find_you(const struct style_said *said, size_t from)
{
    size_t len = strlen(said->you);
    for (size_t at = from; len > 0 && at + len <= said->text_len; at++)
        if (is_name(said->text + at, said->you, len) && (at == 0 || !in_name(said->text[at - 1])) &&
            (at + len == said->text_len || !in_name(said->text[at + len])))
            return at;
    return said->text_len;
}

/* One's own name in it is bold, but not for ever: who wrote it decides how often it is there. */
static void add_text(const struct style *s, struct style_line *line, const struct style_said *said)
{
    size_t from = 0, len = strlen(said->you);
    for (size_t at; (at = find_you(said, from)) < said->text_len && line->parts_len < STYLE_PARTS_MAX;) {
        add(s, line, NULL, said->text + from, at - from);
        add(s, line, BOLD, said->text + at, len);
        from = at + len;
    }
    add(s, line, NULL, said->text + from, said->text_len - from);
}

void style_said(const struct style *s, struct style_line *line, const struct style_said *said)
{
    bool of_you = strcmp(said->sender, said->you) != 0 && find_you(said, 0) < said->text_len;
    size_t name_len = strcspn(said->shown, " "); /* no name has a blank: more are words about it */
    begin(line);
    line->rings = s->bell && (of_you || said->to_you);
    add_time(s, line, said->time);
    if (s->marks && of_you) {
        add(s, line, MARK_LOOKS, MARK, sizeof MARK - 1);
        add(s, line, NULL, " ", 1);
    }
    add(s, line, NULL, said->before, strlen(said->before));
    add(s, line, speakers[confusable_hash(said->sender) % (sizeof speakers / sizeof *speakers)], said->shown, name_len);
    add(s, line, NULL, said->shown + name_len, strlen(said->shown + name_len));
    add(s, line, NULL, said->after, strlen(said->after));
    add_text(s, line, said);
}

void style_words(const struct style *s, struct style_line *line, uint64_t now, const char *format, va_list args)
{
    bool tells = strncmp(format, "* ", 2) == 0;
    begin(line);
    if (tells)
        add_time(s, line, now);
    size_t at = line->len, room = sizeof line->text - at;
    int n = vsnprintf(line->text + at, room, format, args);
    if (n > 0)
        line->len += (size_t)n < room ? (size_t)n : room - 1;
    if (s->colours && tells && line->len > at)
        line->parts[line->parts_len++] = (struct line_wrap_part){at, line->len, DIM};
}

bool style_day(struct style *s, struct style_line *line, uint64_t time)
{
    char text[TIME_LEN];
    int day = day_of(time);
    if (!s->times || s->dates || day == 0 || day == s->day)
        return false;
    s->day = day;
    begin(line);
    int len = snprintf(text, sizeof text, "* %04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
    add(s, line, DIM, text, (size_t)len);
    return true;
}
