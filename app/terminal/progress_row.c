/* SPDX-License-Identifier: MIT */
/* There is one row, as there is one terminal: its state is the process's. Signal handlers draw it and erase it, so all
 * on that way is made of calls that they may make: no printf, and a single write. */
#include "app/terminal/progress_row.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/terminal/line_wrap.h"
#include "app/terminal/tty.h"

#define ERASED "\r\033[K"
#define SILENT_MS 500 /* what takes less is not worth a row */
#define PAUSE_MS 200
#define SURE_MS 1000 /* before that the speed is not known well enough to tell how long it will take */
#define LEAST_COLUMNS 20

static const int caught[] = {SIGALRM, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define CAUGHT (sizeof caught / sizeof *caught)

static struct {
    bool begun;
    volatile sig_atomic_t drawn;
    char what[PROGRESS_ROW_MAX];
    const char *unit;
    volatile uint64_t done, of, first;
    volatile uint64_t began, counted, touched; /* milliseconds: the work, the first count, the terminal */
    struct sigaction before[CAUGHT];
} row;

/* --- Its words ---------------------------------------------------------------------------------------------------- */

struct words {
    char *out;
    size_t len, max;
};

static void put(struct words *w, const char *text)
{
    while (*text != '\0' && w->len < w->max)
        w->out[w->len++] = *text++;
}

static void put_number(struct words *w, uint64_t n)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    put(w, digits + at);
}

static void put_time(struct words *w, uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{1, " s"}, {60, " min"}, {3600, " h"}};
    size_t u = 0;
    while (u < 2 && seconds >= 100 * units[u].seconds)
        u++;
    put_number(w, (seconds + units[u].seconds - 1) / units[u].seconds);
    put(w, units[u].name);
}

static void put_so_far(struct words *w, const struct progress_row *p)
{
    if (p->ms < SURE_MS)
        return;
    put(w, ", ");
    put_time(w, p->ms / 1000);
    put(w, " so far");
}

/* Left: rounded up. */
static void put_left(struct words *w, const struct progress_row *p)
{
    put(w, ", ");
    put_time(w, (p->of - p->done) * p->counted_ms / (p->done - p->first) / 1000 + 1);
    put(w, " left");
}

static void put_count(struct words *w, const struct progress_row *p)
{
    put(w, ": ");
    if (strcmp(p->unit, PROGRESS_ROW_PERCENT) == 0) {
        put_number(w, 100 * p->done / p->of);
        put(w, " %");
    } else {
        put_number(w, p->done);
        put(w, " of ");
        put_number(w, p->of);
        put(w, " ");
        put(w, p->unit);
    }
}

size_t progress_row_words(char out[static PROGRESS_ROW_MAX], const struct progress_row *p, size_t columns)
{
    struct words w = {out, 0, columns < PROGRESS_ROW_MAX ? columns : PROGRESS_ROW_MAX};
    put(&w, p->what);
    if (p->unit != NULL && p->of > 0)
        put_count(&w, p);
    if (p->counted_ms >= SURE_MS && p->done > p->first && p->done < p->of)
        put_left(&w, p);
    else
        put_so_far(&w, p);
    return w.len;
}

/* --- On the terminal ---------------------------------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A shell that has the terminal meanwhile may have drawn its prompt there. */
static bool is_ours(void)
{
    pid_t foreground = tcgetpgrp(STDERR_FILENO);
    return foreground < 0 || foreground == getpgrp();
}

static void send(const char *bytes, size_t len)
{
    ssize_t ignored = write(STDERR_FILENO, bytes, len); /* a terminal that is gone is no reason to stop the work */
    (void)ignored;
}

static void erase(void)
{
    row.drawn = 0;
    row.touched = now_ms();
    if (is_ours())
        send(ERASED, sizeof ERASED - 1);
}

/* Before somebody else's line, for which the next drawing waits. A process that was forked meanwhile doesn't know
 * whether the row is drawn: so it is erased in any case. */
static void make_way(void)
{
    int error = errno;
    erase();
    errno = error;
}

/* The cursor goes back to the row's start: what another process prints there stands at a line's beginning. */
static void draw(void)
{
    char bytes[sizeof ERASED + PROGRESS_ROW_MAX + 1];
    size_t columns = line_wrap_columns(STDERR_FILENO), len = sizeof ERASED - 1;
    uint64_t now = now_ms();
    if (columns < LEAST_COLUMNS || !is_ours() || now - row.touched < PAUSE_MS / 2)
        return;
    struct progress_row p = {row.what, row.unit, row.done, row.of, row.first, now - row.began, now - row.counted};
    memcpy(bytes, ERASED, len);
    len += progress_row_words(bytes + len, &p, columns - 1); /* without the last column: see line_wrap.c */
    bytes[len++] = '\r';
    row.drawn = 1;
    row.touched = now;
    send(bytes, len);
}

static void on_signal(int signal)
{
    int error = errno;
    if (signal == SIGALRM)
        draw();
    else if (row.drawn)
        erase();
    if (signal == SIGTSTP)
        tty_stop();
    else if (signal != SIGALRM && sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL) == 0)
        (void)raise(signal); /* it comes when this handler has returned */
    errno = error;
}

/* By the program, and by whoever started it. */
static bool is_left_alone(int signal)
{
    struct sigaction now;
    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_DFL;
}

static void catch_signals(void)
{
    struct sigaction ours = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(&ours.sa_mask, caught[i]);
    for (size_t i = 0; i < CAUGHT; i++)
        if (sigaction(caught[i], NULL, &row.before[i]) == 0 && row.before[i].sa_handler == SIG_DFL)
            (void)sigaction(caught[i], &ours, NULL);
}

static void let_signals_go(void)
{
    for (size_t i = 0; i < CAUGHT; i++)
        if (row.before[i].sa_handler == SIG_DFL)
            (void)sigaction(caught[i], &row.before[i], NULL);
}

static void set_timer(unsigned first_ms, unsigned next_ms)
{
    struct itimerval timer = {.it_value.tv_usec = 1000 * first_ms, .it_interval.tv_usec = 1000 * next_ms};
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* --- The work ----------------------------------------------------------------------------------------------------- */

/* The timer may come in the middle of it, and meet a part of either, up to a zero. */
void progress_row_what(const char *what)
{
    size_t len = strnlen(what, sizeof row.what - 1);
    memcpy(row.what, what, len);
    row.what[len] = '\0';
}

void progress_row_begin(const char *what, const char *unit)
{
    int error = errno;
    assert(!row.begun);
    row.begun = display_obeys(STDERR_FILENO) && is_left_alone(SIGALRM); /* a fuzzer has the timer for itself */
    if (row.begun) {
        progress_row_what(what);
        row.unit = unit;
        row.drawn = 0;
        row.done = row.of = row.first = row.touched = 0;
        row.began = row.counted = now_ms();
        catch_signals();
        display_before_lines(make_way);
        set_timer(SILENT_MS, PAUSE_MS);
    }
    errno = error;
}

void progress_row_at(uint64_t done, uint64_t of)
{
    if (row.begun && row.of == 0) {
        row.first = done;
        row.counted = now_ms();
    }
    row.done = done;
    row.of = of;
}

void progress_row_end(void)
{
    int error = errno;
    if (row.begun) {
        set_timer(0, 0);
        display_before_lines(NULL);
        if (row.drawn)
            erase();
        let_signals_go();
        row.begun = false;
    }
    errno = error;
}
