/* SPDX-License-Identifier: MIT */
/* What a line looks like, as a terminal gets it; when colours are used at all; that they are readable, and that no text
 * can look like a line of the program's. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#include "app/terminal/style.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/message/confusable.h"
#include "tests/test.h"

#define DIM "\033[2m"
#define BOLD "\033[1m"
#define MARK "\033[1;7m@\033[0m "
#define END "\033[0m"

#define MORNING UINT64_C(1796118060) /* 2026-12-01T09:41:00Z */
#define DAY UINT64_C(86400)

static const struct style coloured = {.colours = true, .marks = true};
static struct style_line line;
static char shown[DISPLAY_LINE_MAX * 2];

static void put(void *arg, const char *bytes, size_t len)
{
    size_t *at = arg;
    assert_in_range(len, 1, sizeof shown - *at - 1);
    memcpy(shown + *at, bytes, len);
    *at += len;
    shown[*at] = '\0';
}

/* What a terminal of that width gets of the line. */
static const char *as_shown(size_t columns)
{
    size_t at = 0;
    line_wrap_print(
        &(struct line_wrap){
            .columns = columns, .put = put, .arg = &at, .parts = line.parts, .parts_len = line.parts_len},
        line.text, line.len);
    return shown;
}

static const char *said_by(const struct style *s, const char *sender, const char *print, const char *text)
{
    style_said(s, &line,
               &(struct style_said){.time = MORNING,
                                    .before = "[lobby] ",
                                    .after = ": ",
                                    .sender = sender,
                                    .shown = print,
                                    .text = text,
                                    .text_len = strlen(text),
                                    .you = "alice"});
    return as_shown(0);
}

static const char *said(const struct style *s, const char *text)
{
    return said_by(s, "bob", "bob", text);
}

static const char *words(const struct style *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *words(const struct style *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    style_words(s, &line, MORNING, format, args);
    va_end(args);
    return as_shown(0);
}

static const char *name_looks(const char *name)
{
    (void)said_by(&coloured, name, name, "hello");
    assert_int_equal(line.parts_len, 1);
    return line.parts[0].on;
}

/* --- Known answers ------------------------------------------------------------------------------------------------ */

/* The hash of bob's skeleton chooses. Who changes that changes everybody's colour. */
#define BOB "\033[38;5;33m"

static void test_nothing_wanted_is_nothing_changed(void **state)
{
    (void)state;
    const struct style plain = {0};
    assert_string_equal(said(&plain, "alice, look"), "[lobby] bob: alice, look\n");
    assert_string_equal(words(&plain, "* %s left", "bob"), "* bob left\n");
    assert_false(line.rings);
}

static void test_looks(void **state)
{
    (void)state;
    assert_string_equal(said(&coloured, "hello"), "[lobby] " BOB "bob" END ": hello\n");
    assert_string_equal(said_by(&coloured, "b0b", "b0b (looks like bob)", "hello"),
                        "[lobby] " BOB "b0b" END " (looks like bob): hello\n");
    assert_string_equal(words(&coloured, "* %s left", "bob"), DIM "* bob left" END "\n");
    assert_string_equal(words(&coloured, "/help: this list"), "/help: this list\n");
    assert_string_equal(words(&coloured, "*%s", " 3 logins"), "* 3 logins\n");
    assert_string_equal(words(&coloured, "%s", "* 3 logins"), "* 3 logins\n");
}

static void test_your_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"alice", BOLD "alice" END},
        {"Alice, look!", BOLD "Alice" END ", look!"},
        {"ask ALICE", "ask " BOLD "ALICE" END},
        {"@alice: alice's", "@" BOLD "alice" END ": " BOLD "alice" END "'s"},
        {"\xe2\x80\x9e"
         "alice\xe2\x80\x9c",
         "\xe2\x80\x9e" BOLD "alice" END "\xe2\x80\x9c"},
        {"malice", NULL},
        {"alice2 alice-b alice_b alices 2alice", NULL},
        {"alic", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[200];
        const char *of_you = cases[i].shown;
        snprintf(wanted, sizeof wanted, "%s[lobby] " BOB "bob" END ": %s\n", of_you != NULL ? MARK : "",
                 of_you != NULL ? of_you : cases[i].text);
        assert_string_equal(said(&coloured, cases[i].text), wanted);
    }
    assert_null(strstr(said_by(&coloured, "alice", "alice", "I am alice"), "@")); /* one's own */
}

static void test_a_mark_needs_no_colour(void **state)
{
    (void)state;
    const struct style marked = {.marks = true};
    assert_string_equal(said(&marked, "alice, look"), "@ [lobby] bob: alice, look\n");
}

/* Who writes decides how often the name is there: all of it is shown, whatever there is room for. */
static void test_your_name_often(void **state)
{
    (void)state;
    char text[600] = "";
    for (int i = 0; i < 90; i++)
        strcat(text, "alice ");
    (void)said(&coloured, text);
    assert_int_equal(line.parts_len, STYLE_PARTS_MAX);
    assert_memory_equal(line.text + line.len - strlen(text), text, strlen(text));
}

static void test_what_rings(void **state)
{
    (void)state;
    const struct style belled = {.bell = true};
    struct style_said to_you = {.before = "[",
                                .sender = "bob",
                                .shown = "bob",
                                .after = "] ",
                                .text = "hello",
                                .text_len = 5,
                                .you = "alice",
                                .to_you = true};
    (void)said(&belled, "alice?");
    assert_true(line.rings);
    (void)said(&belled, "hello");
    assert_false(line.rings);
    style_said(&belled, &line, &to_you);
    assert_true(line.rings);
    style_said(&coloured, &line, &to_you);
    assert_false(line.rings);
    (void)words(&belled, "* alice is here");
    assert_false(line.rings);
}

/* --- Times -------------------------------------------------------------------------------------------------------- */

static void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void test_times(void **state)
{
    (void)state;
    const struct style here = {.times = true}, pipe = {.times = true, .dates = true},
                       both = {.times = true, .colours = true, .marks = true};
    set_zone("XYZ-05:30");
    assert_string_equal(said(&here, "hello"), "15:11 [lobby] bob: hello\n");
    assert_string_equal(words(&here, "* bob left"), "15:11 * bob left\n");
    assert_string_equal(words(&here, "/help"), "/help\n");
    assert_string_equal(said(&pipe, "hello"), "2026-12-01T09:41:00Z [lobby] bob: hello\n");
    assert_string_equal(words(&pipe, "* bob left"), "2026-12-01T09:41:00Z * bob left\n");
    assert_string_equal(said(&both, "Alice"),
                        DIM "15:11 " END MARK "[lobby] " BOB "bob" END ": " BOLD "Alice" END "\n");
    assert_string_equal(words(&both, "* bob left"), DIM "15:11 " END DIM "* bob left" END "\n");
    set_zone("UTC");
}

/* A server may say what it wants. */
static void test_times_that_are_none(void **state)
{
    (void)state;
    static const uint64_t times[] = {UINT64_MAX, UINT64_MAX / 2 + 1, INT64_MAX, UINT64_C(253402300800)};
    struct style s = {.times = true, .dates = true, .day = 20261201};
    struct style_said hello = {
        .before = "", .sender = "bob", .shown = "bob", .after = ": ", .text = "hello", .text_len = 5, .you = ""};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        hello.time = times[i];
        style_said(&s, &line, &hello);
        assert_string_equal(as_shown(0), "--:-- bob: hello\n");
        s.dates = false;
        assert_false(style_day(&s, &line, times[i]));
    }
}

static void test_days(void **state)
{
    (void)state;
    struct style s = {.times = true, .colours = true, .day = 20261201}, off = {.day = 1},
                 pipe = {.times = true, .dates = true};
    set_zone("UTC");
    assert_false(style_day(&s, &line, MORNING));
    assert_false(style_day(&s, &line, MORNING + DAY / 2));
    assert_true(style_day(&s, &line, MORNING + DAY));
    assert_string_equal(as_shown(0), DIM "* 2026-12-02" END "\n");
    assert_false(style_day(&s, &line, MORNING + DAY));
    assert_true(style_day(&s, &line, MORNING)); /* else the time would be of the wrong day */
    assert_false(style_day(&off, &line, MORNING));
    assert_false(style_day(&pipe, &line, MORNING));
}

/* --- Whether colours are used ------------------------------------------------------------------------------------- */

/* An end of a terminal; -1 where this machine gives none. */
static int open_terminal(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    if (*master < 0 || grantpt(*master) != 0 || unlockpt(*master) != 0)
        return -1;
    return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

static struct style made(enum style_when when, const char *term, const char *no_color, int fd)
{
    struct style s;
    unsetenv("NO_COLOR");
    unsetenv("TERM");
    if (no_color != NULL)
        setenv("NO_COLOR", no_color, 1);
    if (term != NULL)
        setenv("TERM", term, 1);
    style_init(&s, when, true, true, fd);
    return s;
}

static void test_when(void **state)
{
    (void)state;
    static const struct {
        enum style_when when;
        const char *term, *no_color;
        bool colours, marks; /* on a terminal */
    } cases[] = {
        {STYLE_AUTO, "xterm", NULL, true, true},   {STYLE_AUTO, "xterm", "", true, true},
        {STYLE_AUTO, "xterm", "0", false, true},   {STYLE_AUTO, "dumb", NULL, false, false},
        {STYLE_AUTO, NULL, NULL, false, false},    {STYLE_AUTO, "", NULL, false, false},
        {STYLE_AUTO, "vt220", NULL, false, true},  {STYLE_ALWAYS, "xterm", "1", true, true},
        {STYLE_ALWAYS, "dumb", NULL, true, true},  {STYLE_NEVER, "xterm", NULL, false, true},
        {STYLE_NEVER, "dumb", NULL, false, false},
    };
    int master, terminal = open_terminal(&master), ends[2];
    assert_true(terminal >= 0);
    assert_int_equal(pipe(ends), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct style s = made(cases[i].when, cases[i].term, cases[i].no_color, terminal);
        assert_int_equal(s.colours, cases[i].colours);
        assert_int_equal(s.marks, cases[i].marks);
        assert_true(s.times && s.bell && !s.dates);
        s = made(cases[i].when, cases[i].term, cases[i].no_color, ends[1]);
        assert_int_equal(s.colours, cases[i].when == STYLE_ALWAYS);
        assert_int_equal(s.marks, cases[i].when == STYLE_ALWAYS);
        assert_true(s.times && !s.bell && s.dates);
    }
    close(master);
    close(terminal);
    close(ends[0]);
    close(ends[1]);
}

static void test_words_of_the_option(void **state)
{
    (void)state;
    enum style_when when = STYLE_NEVER;
    assert_true(style_when_by_name(&when, "auto") == 0 && when == STYLE_AUTO);
    assert_true(style_when_by_name(&when, "always") == 0 && when == STYLE_ALWAYS);
    assert_true(style_when_by_name(&when, "never") == 0 && when == STYLE_NEVER);
    when = STYLE_ALWAYS;
    assert_true(style_when_by_name(&when, "Never") != 0 && style_when_by_name(&when, "") != 0);
    assert_int_equal(when, STYLE_ALWAYS);
}

/* --- Colours ------------------------------------------------------------------------------------------------------ */

static double linear(unsigned step)
{
    static const double steps[] = {0, 95, 135, 175, 215, 255};
    double x = steps[step] / 255;
    return x <= 0.03928 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

/* Of a colour of xterm's cube, as WCAG 2.2 has it. */
static double luminance(const char *looks)
{
    unsigned n = 0;
    assert_int_equal(sscanf(looks, "\033[38;5;%um", &n), 1);
    assert_in_range(n, 16, 231);
    n -= 16;
    return 0.2126 * linear(n / 36) + 0.7152 * linear(n / 6 % 6) + 0.0722 * linear(n % 6);
}

static void test_colours_are_readable_on_white_and_on_black(void **state)
{
    (void)state;
    const char *met[64];
    size_t met_len = 0, i;
    for (int n = 0; n < 2000; n++) {
        char name[16];
        snprintf(name, sizeof name, "u%d", n);
        const char *looks = name_looks(name);
        for (i = 0; i < met_len && strcmp(met[i], looks) != 0; i++)
            ;
        if (i == met_len && met_len < 64)
            met[met_len++] = looks;
    }
    assert_in_range(met_len, 6, 16);
    for (i = 0; i < met_len; i++) {
        double l = luminance(met[i]);
        assert_true((1 + 0.05) / (l + 0.05) >= 3.5);
        assert_true((l + 0.05) / 0.05 >= 3.5);
    }
}

/* So no colour seems to tell them apart. */
static void test_names_that_look_alike_share_a_colour(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"bob", "b0b"}, {"mary", "rnary"}, {"alice", "al1ce"}, {"al-x", "al_x"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_true(confusable_names(pairs[i][0], pairs[i][1]));
        assert_string_equal(name_looks(pairs[i][0]), name_looks(pairs[i][1]));
    }
    assert_string_not_equal(name_looks("alice"), name_looks("bob"));
}

/* --- Of strangers ------------------------------------------------------------------------------------------------- */

/* Whoever sends an escape sequence gets none shown, in a text and in a notice alike. */
static void test_no_escape_sequence_comes_through(void **state)
{
    (void)state;
    static const char hostile[] = "x" END "\n" DIM "* the server stops" END "\r\x9b"
                                  "2m\033]0;title\a";
    const char *out = said(&coloured, hostile);
    assert_non_null(strstr(out, "[lobby] " BOB "bob" END ": x\xef\xbf\xbd[0m"));
    assert_null(strstr(out, DIM));
    assert_null(strchr(out, '\a'));
    assert_true(strchr(out, '\n') == out + strlen(out) - 1);
    out = words(&coloured, "* notice: %s", hostile);
    assert_true(strncmp(out, DIM "* notice: ", 14) == 0);
    assert_null(strchr(out + 1, '\a'));
    out = strchr(out + 1, '\033');
    assert_string_equal(out, END "\n"); /* the first after the beginning ends the line */
}

/* What others say is neither dim, wherever it is broken, nor does it begin a row. */
static void test_words_of_others_are_never_dim(void **state)
{
    (void)state;
    (void)said(&coloured, "* bob left                    * notice: the server stops");
    const char *out = as_shown(40);
    assert_null(strstr(out, DIM));
    assert_non_null(strstr(out, "\n    "));
    assert_null(strstr(out, "\n*"));
}

/* Each row of a line ends plain, and begins plain: the indent and whatever comes next. */
static void test_rows(void **state)
{
    (void)state;
    (void)words(&coloured, "* one two three four five six seven");
    assert_string_equal(as_shown(20),
                        DIM "* one two three " END "\n    " DIM "four five six " END "\n    " DIM "seven" END "\n");
    const struct style plain = {0};
    (void)words(&plain, "* one two three four five six seven");
    assert_string_equal(as_shown(20), "* one two three \n    four five six \n    seven\n");
}

/* What was shown, without the sequences that are ours. */
static void strip(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0';) {
        if (*from == '\033')
            from += strcspn(from, "m") + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

/* Of any bytes at all: looks take no column, change no character, and never stay. */
static void test_looks_change_nothing_else(void **state)
{
    (void)state;
    static const char *const words[] = {"alice",  " ",    "\033[2m",  "\033", "[0m", "\n",
                                        "Alice,", "\xc3", "\xd7\x90", "m",    "* "};
    static char plainly[sizeof shown];
    const struct style plain = {0}, looks = {.colours = true};
    uint32_t random = 1;
    for (int i = 0; i < 300; i++) {
        char text[400] = "";
        for (int n = 0; n < 40; n++) {
            random = random * 1664525 + 1013904223;
            strcat(text, words[(random >> 16) % (sizeof words / sizeof *words)]);
        }
        (void)said(&plain, text);
        strcpy(plainly, as_shown(30));
        (void)said(&looks, text);
        (void)as_shown(30);
        for (const char *row = strchr(shown, '\n'); row != NULL && row[1] != '\0'; row = strchr(row + 1, '\n'))
            assert_true(strncmp(row, "\n    ", 5) == 0);
        strip(shown);
        assert_string_equal(shown, plainly);
    }
}

static void test_a_line_too_long_is_cut(void **state)
{
    (void)state;
    static char text[DISPLAY_LINE_MAX + 100];
    memset(text, 'a', sizeof text - 1);
    (void)said(&coloured, text);
    assert_int_equal(line.len, DISPLAY_LINE_MAX);
    (void)words(&coloured, "* %s", text);
    assert_in_range(line.len, DISPLAY_LINE_MAX - 1, DISPLAY_LINE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_wanted_is_nothing_changed),
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_your_name),
        cmocka_unit_test(test_a_mark_needs_no_colour),
        cmocka_unit_test(test_your_name_often),
        cmocka_unit_test(test_what_rings),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_times_that_are_none),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_words_of_the_option),
        cmocka_unit_test(test_colours_are_readable_on_white_and_on_black),
        cmocka_unit_test(test_names_that_look_alike_share_a_colour),
        cmocka_unit_test(test_no_escape_sequence_comes_through),
        cmocka_unit_test(test_words_of_others_are_never_dim),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_looks_change_nothing_else),
        cmocka_unit_test(test_a_line_too_long_is_cut),
    };
    return RUN(tests);
}
