/* SPDX-License-Identifier: MIT */
/* qrencode is run with a pipe at each end, and given a few seconds; what it answers is parsed into light and dark, and
 * any other answer is none. */
#include "app/client/qr.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "crypto/ct.h"

#define SIDE_MAX 185                             /* the largest code has 177 modules a side, and a margin of 4 */
#define TEXT_MAX (SIDE_MAX * (2 * SIDE_MAX + 1)) /* two characters a module, and a line's end */
#define ANSWER_MS 3000

struct qr {
    size_t side;
    bool dark[SIDE_MAX][SIDE_MAX];
};

/* --- Asking qrencode ---------------------------------------------------------------------------------------------- */

static _Noreturn void become_qrencode(int in, int out)
{
    static char *const argv[] = {"qrencode", "-t", "ASCII", "-l", "M", "-m", "4", "-o", "-", NULL};
    int nowhere = open("/dev/null", O_WRONLY);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && nowhere >= 0 &&
        dup2(nowhere, STDERR_FILENO) >= 0 && signal(SIGPIPE, SIG_DFL) != SIG_ERR)
        execvp(argv[0], argv);
    _exit(127);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads to the end; 0 where it did not come in time, or there was more than out_cap. */
static size_t read_answer(int fd, char *out, size_t out_cap)
{
    size_t len = 0;
    int64_t deadline = now_ms() + ANSWER_MS;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - now_ms();
        if (left <= 0 || poll(&p, 1, (int)left) < 0 || len == out_cap)
            return 0;
        ssize_t n = p.revents != 0 ? read(fd, out + len, out_cap - len) : 0;
        if (p.revents != 0 && n <= 0)
            return n == 0 ? len : 0;
        len += (size_t)n;
    }
}

/* Gives text to a qrencode of its own and takes what it says; 0 where there is none. */
static size_t ask_qrencode(const char *text, char *out, size_t out_cap)
{
    int in[2], from[2], status = -1;
    if (pipe(in) != 0)
        return 0;
    if (pipe(from) != 0) {
        close(in[0]);
        close(in[1]);
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        (void)fcntl(in[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(from[i], F_SETFD, FD_CLOEXEC);
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        become_qrencode(in[0], from[1]);
    close(in[0]);
    close(from[1]);
    /* A pipe holds at least 4,096 bytes, so this can't wait. */
    bool sent = child > 0 && write(in[1], text, strlen(text)) == (ssize_t)strlen(text);
    close(in[1]);
    size_t len = sent ? read_answer(from[0], out, out_cap) : 0;
    close(from[0]);
    if (child > 0 && len == 0)
        kill(child, SIGKILL);
    if (child > 0 && (waitpid(child, &status, 0) != child || status != 0))
        len = 0;
    return len;
}

/* --- Drawing ------------------------------------------------------------------------------------------------------ */

/* A square of "##" and "  ", and nothing else. */
static bool parse(struct qr *qr, const char *text, size_t len)
{
    const char *line = text, *end = text + len;
    size_t rows = 0;
    qr->side = 0;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t columns = stop != NULL ? (size_t)(stop - line) / 2 : 0;
        if (rows == 0)
            qr->side = columns;
        if (columns == 0 || columns != qr->side || columns > SIDE_MAX || rows == columns || (stop - line) % 2 != 0)
            return false;
        for (size_t i = 0; i < columns; i++) {
            if (line[2 * i] != line[2 * i + 1] || (line[2 * i] != '#' && line[2 * i] != ' '))
                return false;
            qr->dark[rows][i] = line[2 * i] == '#';
        }
        rows++;
        line = stop + 1;
    }
    return rows > 0 && rows == qr->side;
}

/* Two rows become one line, as a character is about twice as high as it is wide. */
static void draw_halves(const struct qr *qr)
{
    static const char *const halves[] = {" ", "\u2580", "\u2584", "\u2588"};
    for (size_t row = 0; row < qr->side; row += 2) {
        fputs("\033[30;107m", stdout);
        for (size_t i = 0; i < qr->side; i++)
            fputs(halves[(qr->dark[row][i] ? 1 : 0) + (row + 1 < qr->side && qr->dark[row + 1][i] ? 2 : 0)], stdout);
        fputs("\033[0m\n", stdout);
    }
    fflush(stdout);
}

/* In ASCII: two coloured blanks a module. */
static void draw_blanks(const struct qr *qr)
{
    for (size_t row = 0; row < qr->side; row++) {
        for (size_t i = 0; i < qr->side; i++)
            fputs(qr->dark[row][i] ? "\033[40m  " : "\033[47m  ", stdout);
        fputs("\033[0m\n", stdout);
    }
    fflush(stdout);
}

bool qr_draw(const char *text)
{
    static struct qr qr;
    static char answer[TEXT_MAX];
    bool drawn = false;
    size_t columns = line_wrap_columns(STDOUT_FILENO);
    if (columns == 0 || !display_obeys(STDOUT_FILENO)) /* it is drawn in colours */
        return false;
    size_t len = ask_qrencode(text, answer, sizeof answer);
    if (len > 0 && parse(&qr, answer, len) && (display_utf8() ? qr.side : 2 * qr.side) <= columns) {
        (display_utf8() ? draw_halves : draw_blanks)(&qr);
        drawn = true;
    }
    ct_wipe(answer, sizeof answer);
    ct_wipe(&qr, sizeof qr);
    return drawn;
}
