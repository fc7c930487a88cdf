/* SPDX-License-Identifier: MIT */
/* A turn of the loop shows what has arrived and waits for more, at most for a second, so that a server which says
 * nothing is noticed. Where a line is wanted, an editor has the keyboard until there is one: for each key it waits in
 * until_readable, which takes turns until there is input. A script is read as fast as its requests are answered. */
#include "app/client/loop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/client/command.h"
#include "app/client/complete.h"
#include "app/client/interrupt.h"
#include "app/client/reconnect.h"
#include "app/client/rejoin.h"
#include "crypto/ct.h"

/* --- Waiting ------------------------------------------------------------------------------------------------------ */

/* A user who was stopped in another way than by SIGTSTP finds the terminal as the shell had it, with what is typed
 * shown, even where a password is asked for. Who is continued while a shell has the terminal stops again: the prompt
 * would come into the shell's line, and what is typed there would be read. A SIGTSTP before a SIGCONT is over: the
 * script that started us was stopped by it, and goes on; to be stopped now would be for ever, as the shell lets go on
 * the script alone. */
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
            stop = stop || (signal == SIGCONT && line_is_away(&c->screen.line));
        }
        if (stop)
            line_suspend(&c->screen.line);
    } while (stop);
    if (resume) {
        line_resume(&c->screen.line);
        conversation_restart_times(c);
    }
}

static bool is_over(const struct conversation *c)
{
    return c->ended || c->interrupted;
}

/* Shows what has arrived, and waits for more. */
static unsigned wait_connected(struct conversation *c, int input)
{
    conversation_receive(c);
    if (c->ended || c->away)
        return 0;
    direct_go_on(&c->direct);
    if (c->ended || c->away)
        return 0;
    c->link.also_fd = background_fd(&c->direct.background);
    return server_link_wait(&c->link, input, direct_wait(&c->direct, 1000));
}

/* One turn: shows what has arrived, waits for more, or for input where it is wanted. True: there is input. */
static bool turn(struct conversation *c, bool want_input)
{
    int input = want_input ? STDIN_FILENO : -1;
    if (reconnect_go_on(c))
        return false;
    unsigned ready = c->away ? reconnect_wait(c, input) : wait_connected(c, input);
    if ((ready & SERVER_LINK_INTERRUPT) != 0)
        take_signals(c);
    conversation_receive(c);
    if (!c->ended && !c->away)
        conversation_check_times(c);
    if (c->screen.line.output_failed) { /* which is said at the exit; the server has done nothing wrong */
        server_link_goodbye(&c->link);
        c->ended = c->broken = true;
    }
    return (ready & SERVER_LINK_INPUT) != 0;
}

/* Whether what the next line may ask for has room. */
static bool may_read(const struct conversation *c)
{
    if (reconnect_is_on(c))
        return reconnect_reads(c);
    return c->pending_len < CONVERSATION_PENDING_MAX && direct_takes_line(&c->direct);
}

/* What line_next and line_ask do while nobody types. */
static bool until_readable(void *arg)
{
    struct conversation *c = arg;
    while (!is_over(c) && !c->stop_asking)
        if (turn(c, may_read(c)))
            return true;
    c->stop_asking = false;
    return false;
}

void loop_init(struct conversation *c)
{
    conversation_init(c);
    line_init(&c->screen.line, until_readable, c);
    c->screen.line.complete = complete_line;
}

/* --- Going on with what was begun --------------------------------------------------------------------------------- */

static void call_when_answered(struct conversation *c)
{
    void (*when_answered)(struct conversation *) = c->when_answered;
    c->awaited = false;
    c->when_answered = NULL;
    if (when_answered != NULL)
        when_answered(c);
}

/* Whether all questions were answered, and nothing has been done with that. */
static bool is_filled_in(const struct conversation *c)
{
    bool hide;
    return c->form.filled_in != NULL && form_asks(&c->form, &hide) == NULL;
}

static void call_filled_in(struct conversation *c)
{
    void (*filled_in)(struct conversation *) = c->form.filled_in;
    c->form.filled_in = NULL;
    filled_in(c);
}

/* One step of what was begun and wants no line. What a form leads to is asked when all before it is answered: the next
 * page of a list that goes on would come after that answer, and it would be forgotten. */
static void go_on(struct conversation *c)
{
    if (c->awaited && !conversation_waits(c))
        call_when_answered(c);
    else if (!c->awaited && is_filled_in(c) && (c->form.why[0] != '\0' || !conversation_waits(c)))
        call_filled_in(c);
    else
        (void)turn(c, false);
}

/* What was done is told as done even where the end came with the answer, and what was not asked as not asked. */
static void finish(struct conversation *c)
{
    if (!conversation_waits(c) && c->awaited)
        call_when_answered(c);
    else if (is_filled_in(c) && c->form.why[0] != '\0')
        call_filled_in(c);
}

bool loop_until_answered(struct conversation *c)
{
    while (!is_over(c) && (c->awaited || is_filled_in(c) || conversation_waits(c)))
        go_on(c);
    finish(c);
    return !is_over(c);
}

/* --- Lines -------------------------------------------------------------------------------------------------------- */

/* What some programs put at the beginning of a file: a byte order mark is no part of the first line. */
static void drop_mark(const struct line *line, const char **text, size_t *len)
{
    static const char mark[] = "\xef\xbb\xbf";
    if (line->number == 1 && !line->terminal && *len >= sizeof mark - 1 && memcmp(*text, mark, sizeof mark - 1) == 0) {
        *text += sizeof mark - 1;
        *len -= sizeof mark - 1;
    }
}

static void ask(struct conversation *c, const char *question, bool hide)
{
    char text[FORM_ANSWER_MAX];
    ssize_t len = line_ask(&c->screen.line, text, sizeof text, question, hide);
    if (len < 0 || c->form.filled_in != NULL)
        form_answer(&c->form, &c->screen.line, text, len);
    else
        (void)reconnect_takes(c, "", 0); /* the connection was cut: the question is gone, and only Enter counts */
    ct_wipe(text, sizeof text);
}

/* CAUTION: what is typed after a /join that is refused while there is no connection is for that room alone, and not for
 * the one from before: tests/integration/test_reconnect.py: test_a_join_meanwhile. */
static void do_line(struct conversation *c, const char *text, size_t len)
{
    if (!reconnect_takes(c, text, len))
        command_do(c, text, len);
    else if (command_leads(c, text, len))
        c->reconnect.astray = true;
}

static void read_line(struct conversation *c)
{
    struct line *line = &c->screen.line;
    const char *text;
    size_t len;
    switch (line_next(line, &text, &len)) {
    case LINE_TEXT:
        drop_mark(line, &text, &len);
        if (command_may_return(c, text, len))
            line_remember(line);
        do_line(c, text, len);
        line_wipe(line);
        break;
    case LINE_TOO_LONG: /* of whatever it was, it is gone */
        screen_not_understood(&c->screen, "not said: %s", message_error_text(MESSAGE_E_BAD_TEXT));
        break;
    case LINE_STOPPED: /* the end, or a question that was about to be put */
        break;
    case LINE_END:
        if (line->input_error != 0)
            screen_complain(&c->screen, "cannot read the input: %s: nothing more was done or said",
                            strerror(line->input_error));
        c->quits = true;
        break;
    }
}

/* Lines that were read ahead don't ask until_readable whether there is room for one request more. */
static bool wants_line(const struct conversation *c)
{
    return !c->awaited && !is_filled_in(c) && may_read(c);
}

static void read_lines(struct conversation *c)
{
    while (!is_over(c) && !c->quits && !c->screen.script_ends) {
        bool hide;
        const char *question = form_asks(&c->form, &hide);
        if (!wants_line(c))
            go_on(c);
        else if (question != NULL)
            ask(c, question, hide);
        else if (!rejoin_next(c))
            read_line(c);
    }
    finish(c);
    form_wipe(&c->form);
}

static bool waits_for_words(const struct conversation *c)
{
    return direct_waits(&c->direct) || conversation_seals(c);
}

/* Waits until each text is acknowledged, or told as not confirmed; then each call gets its Close, after what is to be
 * acknowledged. */
static void say_goodbye_to_peers(struct conversation *c)
{
    uint64_t began = c->link.now();
    for (bool told = !c->screen.line.terminal; !is_over(c) && waits_for_words(c);) {
        if (!told && c->link.now() - began >= LOOP_WAITING_SECONDS) {
            line_show(&c->screen.line, stdout,
                      "* waiting to hear whether what you said has arrived: Ctrl-C leaves now");
            told = true;
        }
        (void)turn(c, false);
    }
    if (!c->ended)
        direct_leave_all(&c->direct);
    uint64_t deadline = c->link.now() + LOOP_WAITING_SECONDS;
    while (!is_over(c) && direct_is_leaving(&c->direct) && c->link.now() < deadline)
        (void)turn(c, false);
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

void loop_run(struct conversation *c)
{
    read_lines(c);
    line_close(&c->screen.line);
    reconnect_end(c);
    if (!c->signin.done) {
        server_link_goodbye(&c->link);
        return;
    }
    if (!c->interrupted)
        (void)loop_until_answered(c);
    say_goodbye_to_peers(c);
    say_goodbye(c);
    direct_cut(&c->direct); /* what is not acknowledged by now is told */
    secret_wipe(&c->change.own);
}
