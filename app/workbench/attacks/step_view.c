/* SPDX-License-Identifier: MIT */
/* Each key is taken at once, and Ctrl-C is a key: so nothing ends the program behind the back of the terminal's modes
 * but a signal from elsewhere, and that only sets a flag. */
#include "app/workbench/attacks/step_view.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/terminal/tty.h"

#define CTRL_C 3
#define CTRL_D 4
#define CTRL_Z 26
#define ERASE 127

static volatile sig_atomic_t ended, continued;

struct view {
    const struct steps *s;
    const char *title;
    size_t at, typed; /* typed: the number so far, 0 for none */
};

static void on_signal(int number)
{
    if (number == SIGCONT)
        continued = 1;
    else
        ended = 1;
}

bool step_view_can(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static void draw(const struct view *v)
{
    const struct step *step = &v->s->step[v->at];
    fputs(display_obeys(STDOUT_FILENO) ? "\033[H\033[2J" : "\n", stdout);
    display_line(stdout, "%s, %s: step %zu of %zu", v->title,
                 step->side == LAB_TWIN ? "against the weak twin" : "against the real code", v->at + 1, v->s->count);
    putchar('\n');
    step_print(step);
    if (v->at + 1 == v->s->count || step[1].side != step->side)
        display_line(stdout, "%s: %s", step->side == LAB_TWIN ? "twin" : "real", v->s->result[step->side]);
    putchar('\n');
    if (v->typed > 0)
        display_line(stdout, "go to step %zu: Enter", v->typed);
    else
        display_line(stdout, "n on  p back  N P to what is said  a number  g first  G last  q end");
    fflush(stdout);
}

/* The terminal gives keys at once and unseen from here on. */
static int take_terminal(const struct termios *before)
{
    struct termios keys = *before;
    keys.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
    keys.c_iflag |= ICRNL;
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
}

/* To the next step in that direction that something is said of, or the end. */
static size_t next_said(const struct view *v, int by)
{
    size_t at = v->at;
    while (by > 0 ? at + 1 < v->s->count : at > 0) {
        at = by > 0 ? at + 1 : at - 1;
        if (v->s->step[at].said[0] != '\0')
            break;
    }
    return at;
}

static void go_on(struct view *v)
{
    if (v->typed > 0)
        v->at = v->typed <= v->s->count ? v->typed - 1 : v->s->count - 1;
    else if (v->at + 1 < v->s->count)
        v->at++;
    v->typed = 0;
}

/* False where it is enough. */
static bool obey(struct view *v, unsigned char key)
{
    if (key >= '0' && key <= '9') {
        v->typed = (v->typed * 10 + (size_t)(key - '0')) % 1000000;
        return true;
    }
    if (key == '\n' || key == ' ' || key == 'n')
        go_on(v);
    else if (key == 'p' && v->at > 0)
        v->at--;
    else if (key == 'N' || key == 'P')
        v->at = next_said(v, key == 'N' ? 1 : -1);
    else if (key == 'g')
        v->at = 0;
    else if (key == 'G')
        v->at = v->s->count - 1;
    else if (key == ERASE) {
        v->typed /= 10;
        return true;
    }
    v->typed = 0;
    return key != 'q' && key != CTRL_C && key != CTRL_D;
}

/* Waits for a key; signals come here and nowhere else. 0 where one came instead, -1 at the end of input. */
static int next_key(unsigned char *key, const sigset_t *usual)
{
    fd_set input;
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    if (pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, usual) < 0)
        return 0;
    return read(STDIN_FILENO, key, 1) == 1 ? 1 : -1;
}

static void go_through(struct view *v, const struct termios *before, const sigset_t *usual)
{
    unsigned char key;
    while (!ended) {
        draw(v);
        int got = next_key(&key, usual);
        if (got < 0)
            return;
        if (got > 0 && key == CTRL_Z) {
            tty_give_back(before);
            tty_stop();
            continued = 1;
        } else if (got > 0 && !obey(v, key)) {
            return;
        }
        if (continued && take_terminal(before) != 0)
            return;
        continued = 0;
    }
}

void step_view(const struct steps *s, const char *title)
{
    static const int caught[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT};
    enum { CAUGHT = sizeof caught / sizeof *caught };
    struct sigaction act = {.sa_handler = on_signal}, old[CAUGHT];
    struct view v = {.s = s, .title = title};
    struct termios before;
    sigset_t mask, usual;
    if (s->count == 0 || tty_wait() != 0 || tcgetattr(STDIN_FILENO, &before) != 0 || take_terminal(&before) != 0)
        return;
    sigemptyset(&mask);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(&mask, caught[i]);
    (void)sigprocmask(SIG_BLOCK, &mask, &usual);
    for (size_t i = 0; i < CAUGHT; i++)
        (void)sigaction(caught[i], &act, &old[i]);
    ended = continued = 0;
    go_through(&v, &before, &usual);
    tty_give_back(&before);
    for (size_t i = 0; i < CAUGHT; i++)
        (void)sigaction(caught[i], &old[i], NULL);
    (void)sigprocmask(SIG_SETMASK, &usual, NULL);
}
