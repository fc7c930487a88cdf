/* SPDX-License-Identifier: MIT */
/* One thread and pselect, which also waits for signals: they come there and nowhere else. A connection either owes an
 * answer, and is only written to, or reads a line: so nothing ever waits for a peer that takes nothing. */
#include "app/workbench/attacks/target.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "app/terminal/display.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* where it is missing, sock.c has set SO_NOSIGPIPE */
#endif

#define ANSWER_MAX (2 * LAB_ANSWER_MAX + 256)

struct guest {
    int fd; /* -1: nobody */
    struct sock_peer peer;
    void *world;
    unsigned long long questions;
    time_t since; /* when the last line was whole, or the last answer taken */
    bool last;    /* ends when what it is owed is sent, and the other side has seen it */
    size_t in_len, out_len, out_sent;
    char in[TARGET_LINE_MAX + 2]; /* with its line end, of two bytes perhaps */
    char out[ANSWER_MAX];
};

struct target {
    const struct target_options *options;
    void *world; /* as it was at the start */
    int listener;
    bool over;
    struct guest guest[TARGET_CONNECTIONS];
};

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
    (void)number;
    ended = 1;
}

static time_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* --- A guest ------------------------------------------------------------------------------------------------------ */

static void owe(struct guest *g, const char *text)
{
    g->out_len = (size_t)snprintf(g->out, sizeof g->out, "%s\n", text);
    g->out_sent = 0;
}

static void leave(struct target *t, struct guest *g)
{
    display_line(stdout, "%s left after %llu questions", g->peer.text, g->questions);
    fflush(stdout);
    sock_close(g->fd);
    ct_wipe(g->world, t->options->lab->world_len);
    free(g->world);
    g->world = NULL;
    g->fd = -1;
    t->over = t->options->once;
}

/* A line that has come whole, without its end. */
static void answer_line(const struct target *t, struct guest *g, const char *line, size_t len)
{
    uint8_t question[LAB_QUESTION_MAX], answer[LAB_ANSWER_MAX];
    size_t question_len, answer_len = 0;
    if (++g->questions > TARGET_QUESTIONS) {
        owe(g, "error that is enough for a connection; begin another");
        g->last = true;
        return;
    }
    if (hex_decode(question, sizeof question, &question_len, line, len) != 0) {
        owe(g, "error a question is hex digits in pairs");
        return;
    }
    bool yes = t->options->lab->answer(g->world, question, question_len, answer, &answer_len) == 0;
    memcpy(g->out, yes ? "ok " : "no ", 3);
    hex_encode(g->out + 3, answer, answer_len);
    g->out_len = (answer_len > 0 ? 3 : 2) + 2 * answer_len;
    g->out[g->out_len++] = '\n';
    g->out_sent = 0;
}

/* Answers the first whole line of what has come, if there is one. */
static void take_line(const struct target *t, struct guest *g)
{
    char *end = memchr(g->in, '\n', g->in_len);
    if (end == NULL && g->in_len == sizeof g->in) {
        owe(g, "error the line is too long");
        g->last = true;
    }
    if (end == NULL)
        return;
    size_t taken = (size_t)(end - g->in) + 1, len = taken - 1;
    if (len > 0 && g->in[len - 1] == '\r')
        len--;
    answer_line(t, g, g->in, len);
    memmove(g->in, g->in + taken, g->in_len - taken);
    g->in_len -= taken;
    g->since = now();
}

/* False where the guest has gone. */
static bool take(struct guest *g)
{
    ssize_t n = recv(g->fd, g->in + g->in_len, sizeof g->in - g->in_len, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    g->in_len += (size_t)n;
    return n > 0;
}

static bool give(struct guest *g)
{
    ssize_t n = send(g->fd, g->out + g->out_sent, g->out_len - g->out_sent, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    g->out_sent += (size_t)n;
    if (g->out_sent < g->out_len)
        return true;
    g->out_len = g->out_sent = 0;
    g->since = now();
    if (g->last)
        (void)shutdown(g->fd, SHUT_WR);
    return true;
}

/* Reads on after the last word: closed with something unread, a socket sends a reset, which may overtake that word. */
static bool drain(struct guest *g)
{
    g->in_len = 0;
    return take(g);
}

/* A turn: sends, or else reads and answers one line. */
static void serve(struct target *t, struct guest *g, bool readable)
{
    bool stays = now() - g->since < TARGET_SILENCE_SECONDS;
    if (stays && g->last && g->out_len == 0) {
        if (readable && !drain(g))
            leave(t, g);
        return;
    }
    if (stays && g->out_len == 0 && readable && memchr(g->in, '\n', g->in_len) == NULL)
        stays = take(g);
    if (stays && g->out_len == 0)
        take_line(t, g);
    if (stays && g->out_len > 0)
        stays = give(g);
    if (!stays)
        leave(t, g);
}

/* --- All of them -------------------------------------------------------------------------------------------------- */

/* Sends a stranger away with a word, if it is taken at once. */
static void refuse(int fd, const char *why)
{
    (void)send(fd, why, strlen(why), MSG_NOSIGNAL);
    sock_close(fd);
}

static void welcome(struct target *t)
{
    struct sock_peer peer;
    struct guest *place = NULL;
    size_t same = 0;
    int fd = sock_accept(t->listener, &peer);
    if (fd < 0) {
        const struct timespec moment = {
            .tv_nsec = 20000000}; /* with no descriptor left, or this would run in circles */
        if (errno != EAGAIN)
            (void)nanosleep(&moment, NULL);
        return;
    }
    for (size_t i = 0; i < TARGET_CONNECTIONS; i++) {
        struct guest *g = &t->guest[i];
        if (g->fd < 0)
            place = g;
        else
            same += memcmp(g->peer.key, peer.key, sizeof peer.key) == 0;
    }
    void *world = place != NULL && same < TARGET_CONNECTIONS_ADDRESS && fd < FD_SETSIZE
                      ? malloc(t->options->lab->world_len)
                      : NULL;
    if (world == NULL) {
        refuse(fd, "error there are too many connections; end one\n");
        return;
    }
    memset(place, 0, sizeof *place);
    memcpy(world, t->world, t->options->lab->world_len);
    place->fd = fd;
    place->peer = peer;
    place->world = world;
    place->since = now();
    place->out_len = (size_t)snprintf(place->out, sizeof place->out, "hello %s: %s\n", t->options->lab->name,
                                      t->options->lab->hello);
}

static void wait_and_serve(struct target *t, const sigset_t *usual)
{
    fd_set readable, writable;
    int highest = t->listener;
    struct timespec second = {.tv_sec = 1};
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(t->listener, &readable);
    for (size_t i = 0; i < TARGET_CONNECTIONS; i++) {
        const struct guest *g = &t->guest[i];
        if (g->fd < 0)
            continue;
        if (g->out_len > 0)
            FD_SET(g->fd, &writable);
        else
            FD_SET(g->fd, &readable);
        if (memchr(g->in, '\n', g->in_len) != NULL && g->out_len == 0 && !g->last)
            second.tv_sec = 0; /* a line has come with the one before */
        highest = g->fd > highest ? g->fd : highest;
    }
    if (pselect(highest + 1, &readable, &writable, NULL, &second, usual) < 0)
        return;
    for (size_t i = 0; i < TARGET_CONNECTIONS; i++) {
        struct guest *g = &t->guest[i];
        if (g->fd >= 0 && (g->out_len == 0 || FD_ISSET(g->fd, &writable) || now() - g->since >= TARGET_SILENCE_SECONDS))
            serve(t, g, FD_ISSET(g->fd, &readable) != 0);
    }
    if (FD_ISSET(t->listener, &readable))
        welcome(t);
}

static void serve_all(struct target *t)
{
    struct sigaction act = {.sa_handler = on_signal}, old_int, old_term;
    sigset_t mask, usual;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &mask, &usual);
    (void)sigaction(SIGINT, &act, &old_int);
    (void)sigaction(SIGTERM, &act, &old_term);
    for (ended = 0; !ended && !t->over;)
        wait_and_serve(t, &usual);
    (void)sigaction(SIGINT, &old_int, NULL);
    (void)sigaction(SIGTERM, &old_term, NULL);
    (void)sigprocmask(SIG_SETMASK, &usual, NULL);
}

static void say_where(const struct target *t)
{
    struct sock_name name = *t->options->where;
    char text[SOCK_NAME_LEN];
    snprintf(name.port, sizeof name.port, "%u", sock_local_port(t->listener));
    sock_print(text, &name);
    display_line(stdout, "listening on %s", text);
    fflush(stdout);
}

int target_serve(const struct target_options *options, struct rng *rng, char why[static WHY_LEN])
{
    struct target *t = calloc(1, sizeof *t);
    void *world = calloc(1, options->lab->world_len);
    int listener = t != NULL && world != NULL ? sock_listen(options->where, why) : why_say(why, "out of memory");
    if (listener >= 0) {
        t->options = options;
        t->world = world;
        t->listener = listener;
        for (size_t i = 0; i < TARGET_CONNECTIONS; i++)
            t->guest[i].fd = -1;
        options->lab->make(world, LAB_TWIN, rng, options->flag);
        say_where(t);
        serve_all(t);
        for (size_t i = 0; i < TARGET_CONNECTIONS; i++)
            if (t->guest[i].fd >= 0)
                leave(t, &t->guest[i]);
        close(listener);
    }
    if (world != NULL)
        ct_wipe(world, options->lab->world_len);
    free(world);
    free(t);
    return listener >= 0 ? 0 : -1;
}
