/* SPDX-License-Identifier: MIT */
/* Signals only set flags, and no wait is longer than a second: one that comes just before a wait is seen after it. Keys
 * come one at a time and unseen, but Ctrl-C and Ctrl-Z stay signals, as the grader can be interrupted by no key. */
#include "app/workbench/practice/practice_view.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/tty.h"
#include "app/workbench/practice/watch.h"

static volatile sig_atomic_t stopped, continued;

static void on_signal(int number)
{
    if (number == SIGTSTP)
        stopped = 1;
    else
        continued = 1;
}

bool practice_view_can(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int64_t practice_view_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Ctrl-\ would end the program behind the back of the modes. */
static int take_terminal(const struct termios *before)
{
    struct termios keys = *before;
    keys.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    keys.c_lflag |= ISIG;
    keys.c_iflag |= ICRNL;
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    keys.c_cc[VQUIT] = _POSIX_VDISABLE;
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
}

struct view {
    struct practice_session *s;
    struct watch watch;
    int input; /* a read of it never waits */
    struct termios before;
};

/* False once it is enough. */
static bool take_keys(struct view *v)
{
    char keys[64];
    ssize_t n = read(v->input, keys, sizeof keys);
    bool said = false;
    for (ssize_t i = 0; i < n; i++) {
        int64_t now = practice_view_now();
        enum practice_act act = practice_key(&v->s->p, keys[i], now);
        if (act == PRACTICE_END)
            return false;
        said = practice_session_do(v->s, act, now) || said;
    }
    if (said)
        practice_session_tell_keys(v->s);
    return n != 0;
}

/* Stops where that was asked for, and has the terminal afterwards. -1: it can't be had. */
static int keep_terminal(struct view *v)
{
    if (stopped) {
        stopped = 0;
        tty_give_back(&v->before);
        tty_stop();
        continued = 1;
    }
    if (!continued)
        return 0;
    continued = 0;
    if (tty_wait() != 0 || take_terminal(&v->before) != 0)
        return -1;
    practice_session_tell_keys(v->s);
    return 0;
}

static void go_on(struct view *v)
{
    while (!child_interrupted() && keep_terminal(v) == 0) {
        watch_renew(&v->watch, v->s->folder); /* before the look, so that what it takes in is seen */
        practice_session_look(v->s, practice_view_now());
        int64_t now = practice_view_now();
        if (practice_session_do(v->s, practice_tick(&v->s->p, now), now)) {
            practice_session_tell_keys(v->s);
            continue;
        }
        struct pollfd polled[] = {{.fd = v->input, .events = POLLIN}, {.fd = v->watch.fd, .events = POLLIN}};
        if (poll(polled, 2, practice_left(&v->s->p, now, watch_rest(&v->watch))) > 0 && polled[0].revents != 0 &&
            !take_keys(v))
            return;
    }
}

int practice_view(struct practice_session *s)
{
    struct view v = {.s = s};
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old_stop, old_continue;
    if (tty_wait() != 0 || tcgetattr(STDIN_FILENO, &v.before) != 0 || take_terminal(&v.before) != 0)
        return -1;
    (void)sigaction(SIGTSTP, &act, &old_stop);
    (void)sigaction(SIGCONT, &act, &old_continue);
    v.input = tty_open_input();
    watch_open(&v.watch);
    practice_session_tell_keys(s);
    go_on(&v);
    watch_close(&v.watch);
    tty_close_input(v.input);
    tty_give_back(&v.before);
    (void)sigaction(SIGTSTP, &old_stop, NULL);
    (void)sigaction(SIGCONT, &old_continue, NULL);
    return 0;
}
