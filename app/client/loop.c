/* SPDX-License-Identifier: MIT */
/* A turn of the loop shows what has arrived and waits for more, at most for a second, so that a server which says
 * nothing is noticed. What a script says is read as fast as requests are answered. */
#include "app/client/loop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/client/interrupt.h"

/* --- Waiting ------------------------------------------------------------------------------------------------------ */

/* Who was stopped in another way than by SIGTSTP finds the terminal as the shell had it, with what is typed shown, even
 * where a password is asked for. A SIGTSTP before a SIGCONT is over: the script that started us was stopped by it, and
 * goes on; to be stopped now would be for ever, as the shell lets go on the script alone. */
static void take_signals(struct conversation *c)
{
    bool stop, resume = false;
    do { /* after a stop again: the SIGCONT that ended it is no second going on */
        stop = false;
        for (int signal; (signal = interrupt_next()) != 0;) {
            if (signal == SIGWINCH)
                line_resized(&c->screen.line);
            else if (signal == SIGTSTP || signal == SIGCONT)
                stop = signal == SIGTSTP;
            else
                c->interrupted = true;
            resume = resume || signal == SIGTSTP || signal == SIGCONT;
        }
        if (stop)
            line_suspend(&c->screen.line);
    } while (stop);
    if (resume) {
        line_resume(&c->screen.line);
        conversation_forgive_waiting(c);
    }
}

/* One turn: shows what has arrived, waits for more, or for input where it is wanted. True: there is input. */
static bool turn(struct conversation *c, bool want_input)
{
    conversation_receive(c);
    if (c->ended)
        return false;
    unsigned ready = server_link_wait(&c->link, want_input ? STDIN_FILENO : -1, 1000);
    if ((ready & SERVER_LINK_INTERRUPT) != 0)
        take_signals(c);
    conversation_receive(c);
    if (!c->ended)
        conversation_check_times(c);
    if (c->screen.line.output_failed) { /* which is said at the exit; the server has done nothing wrong */
        server_link_goodbye(&c->link);
        c->ended = c->broken = true;
    }
    return (ready & SERVER_LINK_INPUT) != 0;
}

bool loop_until_answered(struct conversation *c)
{
    while (conversation_waits(c) && !c->ended && !c->interrupted)
        (void)turn(c, false);
    return !c->ended && !c->interrupted;
}

bool loop_request(struct conversation *c, struct message *m, const char *room)
{
    if (!loop_until_answered(c) || !conversation_ask(c, m, room))
        return false;
    (void)loop_until_answered(c);
    return !conversation_waits(c) && c->error == 0; /* what came after the answer, be it the end, changes nothing */
}

/* What line_next does while nobody types. */
static bool until_readable(void *arg)
{
    struct conversation *c = arg;
    while (!c->ended && !c->interrupted)
        if (turn(c, c->pending_len < CONVERSATION_PENDING_MAX))
            return true;
    return false;
}

void loop_init(struct conversation *c)
{
    *c = (struct conversation){0};
    line_init(&c->screen.line, until_readable, c);
}

/* Waits until there is room for one request more: lines that were read ahead don't ask until_readable. */
static bool make_room(struct conversation *c)
{
    while (c->pending_len >= CONVERSATION_PENDING_MAX && !c->ended && !c->interrupted)
        (void)turn(c, false);
    return !c->ended && !c->interrupted;
}

/* Logs out and waits, not for long, for the server's good-bye after ours. */
static void say_goodbye(struct conversation *c)
{
    uint64_t deadline = c->link.now() + LOOP_GOODBYE_SECONDS;
    if (c->ended)
        return;
    conversation_log_out(c);
    while (!c->ended && c->link.now() < deadline)
        (void)turn(c, false);
    conversation_close(c);
}

/* What some programs put at the beginning of a file: a byte order mark is no part of the first line. */
static void drop_mark(const struct conversation *c, const char **text, size_t *len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (!c->screen.line.terminal && *len >= sizeof mark - 1 && memcmp(*text, mark, sizeof mark - 1) == 0) {
        *text += sizeof mark - 1;
        *len -= sizeof mark - 1;
    }
}

void loop_run(struct conversation *c, bool (*do_line)(struct conversation *c, const char *line, size_t len),
              bool (*may_return)(const struct conversation *c, const char *line, size_t len))
{
    const char *text;
    size_t len;
    bool more = true, first = true;
    line_edit(&c->screen.line);
    while (more && make_room(c)) {
        switch (line_next(&c->screen.line, &text, &len)) {
        case LINE_TEXT:
            if (first)
                drop_mark(c, &text, &len);
            first = false;
            if (may_return(c, text, len))
                line_remember(&c->screen.line);
            more = do_line(c, text, len);
            line_wipe(&c->screen.line);
            break;
        case LINE_TOO_LONG: /* of whatever it was, it is gone */
            screen_not_understood(&c->screen, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
            first = false;
            more = !c->screen.script_ends;
            break;
        case LINE_END:
        case LINE_STOPPED:
            if (c->screen.line.input_error != 0)
                screen_complain(&c->screen, "cannot read the input: %s: nothing more was done or said",
                                strerror(c->screen.line.input_error));
            more = false;
            break;
        }
    }
    line_close(&c->screen.line);
    if (!c->interrupted)
        (void)loop_until_answered(c);
    say_goodbye(c);
}
