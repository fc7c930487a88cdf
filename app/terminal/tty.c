/* SPDX-License-Identifier: MIT */
/* Changing the modes stops a process in the background, and that is used: a program that asks a question waits until it
 * has the terminal. Restoring the modes must never stop it. */
#include "app/terminal/tty.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* In the background tcdrain stops the process, as changing the modes would. */
int tty_wait(void)
{
    return tcdrain(STDIN_FILENO);
}

/* The program that started us may have left the terminal in a mode that gives each key at once: a question needs a
 * line. */
int tty_hide_again(const struct termios *before)
{
    struct termios hidden = *before;
    hidden.c_iflag |= ICRNL;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ICANON | ISIG | ECHONL;
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden);
}

int tty_hide(struct termios *before)
{
    if (tty_wait() != 0 || tcgetattr(STDIN_FILENO, before) != 0 || tty_hide_again(before) != 0)
        return -1;
    return tcflush(STDIN_FILENO, TCIFLUSH); /* what was typed until now was seen */
}

/* The shell may take the terminal between our asking whose it is and the change. To be stopped there would be worse:
 * once continued, the process would set its own modes again and stop once more. */
void tty_give_back(const struct termios *before)
{
    sigset_t stop, usual;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    (void)sigprocmask(SIG_BLOCK, &stop, &usual);
    if (tty_is_ours())
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, before);
    (void)sigprocmask(SIG_SETMASK, &usual, NULL);
}

bool tty_is_ours(void)
{
    pid_t foreground = tcgetpgrp(STDIN_FILENO);
    return foreground < 0 || foreground == getpgrp();
}

int tty_open_input(void)
{
    const char *name = ttyname(STDIN_FILENO);
    int fd = name != NULL ? open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    return fd >= 0 ? fd : STDIN_FILENO;
}

void tty_close_input(int fd)
{
    if (fd != STDIN_FILENO)
        close(fd);
}

/* Not SIGSTOP, which stops the process even where nobody can continue it. */
void tty_stop(void)
{
    struct sigaction stop = {.sa_handler = SIG_DFL}, ours;
    sigset_t open, usual;
    sigemptyset(&open);
    sigaddset(&open, SIGTSTP);
    sigaddset(&open, SIGCONT);
    if (sigaction(SIGTSTP, &stop, &ours) != 0)
        return;
    (void)sigprocmask(SIG_UNBLOCK, &open, &usual);
    (void)raise(SIGTSTP);
    (void)sigprocmask(SIG_SETMASK, &usual, NULL);
    (void)sigaction(SIGTSTP, &ours, NULL);
}
