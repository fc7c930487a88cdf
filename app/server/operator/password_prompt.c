/* SPDX-License-Identifier: MIT */
/* Signals are blocked except while pselect waits for the line: so one that ends the program is noticed while the
 * terminal can be restored, and takes effect after that. */
#include "app/server/operator/password_prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "app/terminal/new_password.h"
#include "app/terminal/tty.h"
#include "crypto/ct.h"
#include "net/input.h"
#include "net/lines.h"

void password_prompt_wipe(struct password_prompt *p)
{
    ct_wipe(p, sizeof *p);
}

/* Cuts off the line end and what follows it, and a byte order mark. False where it is not a valid password. */
static bool take_line(struct password_prompt *p, size_t len)
{
    const char *line = (const char *)p->bytes;
    p->len = lines_first(&line, len);
    memmove(p->bytes, line, p->len);
    return password_valid(p->len);
}

/* --- From a file -------------------------------------------------------------------------------------------------- */

/* Reads up to the first line's end: a pipe may give it in parts. -1: errno. */
static ssize_t read_first_line(struct password_prompt *p, int fd)
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < sizeof p->bytes && memchr(p->bytes, '\n', len) == NULL) {
        n = read(fd, p->bytes + len, sizeof p->bytes - len);
        if (n > 0)
            len += (size_t)n;
    }
    return n < 0 ? -1 : (ssize_t)len;
}

/* Standard input may have to be waited for, as in any program. */
static ssize_t read_from(struct password_prompt *p, int fd)
{
    return fd == STDIN_FILENO ? read_first_line(p, fd) : input_read(fd, p->bytes, sizeof p->bytes, true);
}

static int from_file(struct password_prompt *p, const char *path, char why[static WHY_LEN])
{
    struct stat st;
    ssize_t n = -1;
    const char *wrong = NULL;
    bool input = strcmp(path, "-") == 0; /* opened by another program, which saw to it that nobody else reads it */
    int fd = input ? STDIN_FILENO : input_open(path);
    if (fd < 0 || fstat(fd, &st) != 0 || (n = read_from(p, fd)) < 0)
        wrong = input_why(errno);
    else if (!input && (st.st_mode & 077) != 0)
        wrong = "can be read by other users: chmod 600 it first";
    else if (!take_line(p, (size_t)n))
        wrong = "its first line must be the password, 8 to 128 bytes";
    else if (password_has_mark(p->bytes, p->len))
        wrong = "it " PASSWORD_MARK_TEXT;
    if (fd >= 0 && !input)
        close(fd);
    if (wrong != NULL)
        why_say(why, "%.300s: %s", input ? "standard input" : path, wrong);
    return wrong == NULL ? 0 : -1;
}

/* --- At the terminal ---------------------------------------------------------------------------------------------- */

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGTSTP, SIGCONT};

#define CAUGHT (sizeof caught / sizeof *caught)

static volatile sig_atomic_t seen;

static void on_signal(int number)
{
    if (seen == 0 || seen == SIGTSTP || seen == SIGCONT) /* one that ends the program stays */
        seen = number;
}

/* A line, unless a signal comes. */
static ssize_t read_line(struct password_prompt *p, const sigset_t *open)
{
    int fd = tty_open_input();
    ssize_t n;
    fd_set in;
    do {
        FD_ZERO(&in);
        FD_SET(fd, &in);
        n = pselect(fd + 1, &in, NULL, NULL, NULL, open) == 1 ? read(fd, p->bytes, sizeof p->bytes) : -1;
    } while (n < 0 && errno == EAGAIN);
    tty_close_input(fd);
    return n;
}

/* Stops where that was the signal. True: it was, or the process goes on after a SIGSTOP, and the question is to be
 * asked again: the shell may have changed the terminal's modes. */
static bool was_stopped(void)
{
    int number = seen;
    if (number != SIGTSTP && number != SIGCONT)
        return false;
    if (number == SIGTSTP)
        tty_stop();
    seen = 0; /* also the SIGCONT that ended the stop: one question is enough */
    return true;
}

/* A line that was typed without being seen. At most 0: nothing was. */
static ssize_t ask_hidden(struct password_prompt *p, const char *question, const sigset_t *open)
{
    struct termios before;
    ssize_t n;
    do {
        if (tty_hide(&before) != 0)
            return -1;
        display_ask(stderr, question);
        n = read_line(p, open);
        tty_give_back(&before);
        if (n <= 0)
            fputc('\n', stderr);
    } while (n < 0 && was_stopped());
    return n;
}

/* Asks until it is a valid password, and the same twice. -1: the operator gave up. */
static int ask(struct password_prompt *p, const sigset_t *open)
{
    struct new_password asked = {0};
    while (!asked.repeated) {
        ssize_t n = ask_hidden(p, new_password_question(&asked), open);
        if (n <= 0)
            break;
        (void)take_line(p, (size_t)n);
        const char *wrong = new_password_answer(&asked, p->bytes, p->len);
        if (wrong != NULL)
            display_line(stderr, "%s", wrong);
    }
    int result = asked.repeated ? 0 : -1;
    new_password_wipe(&asked);
    return result;
}

static int from_terminal(struct password_prompt *p, char why[static WHY_LEN])
{
    struct sigaction tell = {.sa_handler = on_signal}, before[CAUGHT];
    sigset_t closed, open;
    if (!isatty(STDIN_FILENO))
        return why_say(why, "there is no terminal to ask at: give --password-file FILE");
    sigemptyset(&closed);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaddset(&closed, caught[i]);
    sigprocmask(SIG_BLOCK, &closed, &open);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &tell, &before[i]);
    seen = 0;
    int result = ask(p, &open);
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &before[i], NULL);
    sigprocmask(SIG_SETMASK, &open, NULL);
    if (seen != 0)
        raise(seen);
    why_say(why, "nothing was typed: nothing was changed");
    return result;
}

int password_prompt_get(struct password_prompt *p, const char *path, char why[static WHY_LEN])
{
    *p = (struct password_prompt){{0}, 0};
    if (path != NULL && strcmp(path, "-") == 0 && isatty(STDIN_FILENO))
        path = NULL; /* typed, so it is read without being shown */
    int failed = path != NULL ? from_file(p, path, why) : from_terminal(p, why);
    if (failed)
        password_prompt_wipe(p);
    return failed;
}
