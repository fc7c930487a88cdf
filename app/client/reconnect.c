/* SPDX-License-Identifier: MIT */
/* A step is taken by reconnect_go_on when what the one before it waited for has come. What a person types meanwhile is
 * said to nobody; the half of a line that was being typed stays. */
#include "app/client/reconnect.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/client/conversation.h"
#include "app/client/interrupt.h"
#include "app/client/introduce.h"
#include "app/client/room_commands.h"
#include "crypto/ct.h"

bool reconnect_is_on(const struct conversation *c)
{
    return c->reconnect.state != RECONNECT_NONE;
}

/* --- Where one is on the way back --------------------------------------------------------------------------------- */

/* The prompt says it; while an editor has the line, also how long it takes. */
static void show_prompt(struct conversation *c)
{
    char text[60];
    if (c->reconnect.state == RECONNECT_PAUSING && c->screen.line.edits)
        snprintf(text, sizeof text, "not connected, again in %d s", (int)c->reconnect.shown);
    else
        snprintf(text, sizeof text, "not connected");
    line_prompt(&c->screen.line, text);
}

static int64_t seconds_left(const struct reconnect *r)
{
    return (r->due - r->now() + 999) / 1000;
}

static void go_to_state(struct conversation *c, enum reconnect_state state)
{
    c->reconnect.state = state;
    c->away = state == RECONNECT_ASKING || state == RECONNECT_PAUSING || state == RECONNECT_DIALING;
    if (state == RECONNECT_ASKING || state == RECONNECT_PAUSING)
        show_prompt(c);
}

/* Told once where an editor has the line, as its prompt goes on telling it. */
static void begin_pause(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    bool first = r->why[0] == '\0';
    r->due = r->now() + backoff_next(&r->backoff, &r->rng);
    r->shown = seconds_left(r);
    if (first || !c->screen.line.edits)
        line_show(&c->screen.line, stdout, "* connecting again in %d s%s", (int)r->shown,
                  c->screen.line.terminal ? ": Enter does it now, /quit leaves" : "");
    go_to_state(c, RECONNECT_PAUSING);
}

static void begin_asking(struct conversation *c)
{
    line_show(&c->screen.line, stdout, "connect again? Enter does, /quit leaves"); /* a question: not dim */
    go_to_state(c, RECONNECT_ASKING);
}

/* No more of it is asked for.
 * CAUTION: the rest of a password that is being typed would be shown, and be a line of its own: so that question stays
 * until Enter, and loop.c throws away what came. tests/integration/test_reconnect.py: test_half_of_a_password. */
static void drop_form(struct conversation *c)
{
    bool hide, asks = form_asks(&c->form, &hide) != NULL;
    c->stop_asking = c->stop_asking || (asks && !(hide && c->screen.line.terminal));
    form_wipe(&c->form);
}

static void pause_or_ask(struct conversation *c)
{
    server_link_close(&c->link);
    drop_form(c);
    if (c->reconnect.by_itself)
        begin_pause(c);
    else
        begin_asking(c);
}

/* It was not to be, this time. The same reason is not told twice. */
static void try_later(struct conversation *c, const char *why)
{
    struct reconnect *r = &c->reconnect;
    if (!r->by_itself || strcmp(why, r->why) != 0)
        line_show(&c->screen.line, stdout, "* %s", why);
    pause_or_ask(c);
    snprintf(r->why, sizeof r->why, "%s", why);
}

/* Waiting does not help. A person may know what does. */
static void give_up(struct conversation *c, const char *why)
{
    screen_complain(&c->screen, "%s", why);
    server_link_close(&c->link);
    form_wipe(&c->form);
    c->reconnect.by_itself = false;
    if (c->screen.line.terminal) {
        begin_asking(c);
        return;
    }
    go_to_state(c, RECONNECT_NONE);
    c->ended = c->broken = true;
}

/* --- The cut ------------------------------------------------------------------------------------------------------ */

/* What was to be joined after the login, and is not yet: one goes there.
 * CAUTION: a script's lines are for the last of them alone: tests/test_reconnect.c: test_rooms_to_come. */
static void keep_rooms_to_come(struct reconnect *r, struct rejoin *to_come)
{
    while (to_come->next < to_come->len && r->rooms_len < CONVERSATION_ROOMS_MAX) {
        const char *room = to_come->rooms[to_come->next++];
        if (strcmp(room, MESSAGE_LOBBY) != 0)
            memcpy(r->rooms[r->rooms_len++], room, sizeof r->rooms[0]);
        memcpy(r->room, room, sizeof r->room);
    }
}

static void keep_rooms(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    r->rooms_len = 0;
    r->was_in_lobby = false;
    for (size_t i = 0; i < c->rooms_len; i++) {
        if (strcmp(c->rooms[i], MESSAGE_LOBBY) == 0)
            r->was_in_lobby = true;
        else
            memcpy(r->rooms[r->rooms_len++], c->rooms[i], sizeof r->rooms[0]);
    }
    memcpy(r->room, c->room, sizeof r->room);
    memcpy(r->with, c->direct.with, sizeof r->with);
    keep_rooms_to_come(r, &c->rejoin);
}

static void leave_rooms(struct conversation *c)
{
    for (size_t i = 0; i < c->rooms_len; i++)
        sealed_rooms_entered(&c->direct.rooms.sealed, c->rooms[i], false);
    c->rooms_len = 0;
}

/* A question that was being asked is not answered any more: what it was for is not done.
 * CAUTION: a script's next lines are its answers, a password perhaps, and would be said as texts: so it ends there.
 * tests/integration/test_reconnect.py: test_answers_are_not_said. */
static void drop_question(struct conversation *c)
{
    if (c->form.filled_in == NULL)
        return;
    screen_refused(&c->screen, "what you were asked for is not done");
    drop_form(c);
}

/* CAUTION: whoever has left, was replaced or has not been in the chat is not called back:
 * tests/test_reconnect.c: test_what_is_no_cut. */
static bool wants_another(const struct conversation *c)
{
    const struct reconnect *r = &c->reconnect;
    if (r->arguments == NULL || !c->signin.done || c->replaced || c->deleted || c->leaving || c->quits ||
        c->interrupted || c->screen.script_ends)
        return false;
    return c->screen.line.terminal || (r->arguments->reconnect && kept_secret_get(&r->secret) != NULL);
}

static void begin_another(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    if (!reconnect_is_on(c)) {
        if (r->now() - r->since >= BACKOFF_STEADY_MS)
            r->backoff.tries = 0;
        r->by_itself = r->arguments->reconnect && kept_secret_get(&r->secret) != NULL;
        r->why[0] = '\0';
        r->astray = false;
        drop_question(c);
        c->change.cut = true;
        keep_rooms(c);
    }
    leave_rooms(c);
    pause_or_ask(c);
}

/* --- Another connection ------------------------------------------------------------------------------------------- */

/* A person is told to wait: no prompt says so, and a password that is typed before it is asked for is shown, and thrown
 * away. */
static void begin_dialing(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    if (!r->by_itself)
        line_show(&c->screen.line, stdout, "* connecting");
    r->dial = dial_begin(r->arguments, r->trust);
    if (r->dial == NULL) {
        give_up(c, "cannot connect: no memory");
        return;
    }
    go_to_state(c, RECONNECT_DIALING);
    line_prompt(&c->screen.line, "connecting");
}

/* Where the connection is over, begin_another was called, and all is different. */
static void log_in(struct conversation *c, const struct secret *secret)
{
    struct message m = {.type = MESSAGE_LOG_IN, .log_in.password = {secret->password, secret->password_len}};
    memcpy(m.log_in.name, c->user, sizeof m.log_in.name);
    memcpy(m.log_in.code, secret->code, sizeof m.log_in.code);
    c->error = MESSAGE_E_MALFORMED; /* until the answer says otherwise */
    (void)conversation_ask(c, &m, "");
    ct_wipe(&m, sizeof m);
}

static void secret_given(struct conversation *c)
{
    if (c->form.why[0] != '\0') {
        give_up(c, c->form.why);
        return;
    }
    reconnect_keep(c, &c->form.own); /* until it is refused */
    log_in(c, &c->form.own);
    form_wipe(&c->form);
}

/* A pipe gives a password once, and would be waited for. */
static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* A file's password is read anew, as it was not kept. Its code, if there is one, has counted. */
static bool log_in_by_file(struct conversation *c)
{
    const char *path = c->reconnect.arguments->password_file;
    struct secret secret;
    char why[WHY_LEN];
    if (path == NULL || c->reconnect.refused || !is_file(path))
        return false;
    bool good = secret_from_file(&secret, path, why) == 0 && secret.code[0] == '\0';
    if (good)
        log_in(c, &secret);
    secret_wipe(&secret);
    return good;
}

static void begin_signing_in(struct conversation *c)
{
    if (c->reconnect.by_itself)
        log_in(c, kept_secret_get(&c->reconnect.secret));
    else if (!log_in_by_file(c))
        form_begin(&c->form, FORM_OWN, secret_given);
}

static void dialed(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    struct dial *d = r->dial;
    bool connected = d->connected;
    r->dial = NULL;
    if (connected) {
        conversation_begin_again(c, &d->link);
        introduce(&c->screen.line, &d->trust);
        go_to_state(c, RECONNECT_SIGNING_IN);
    } else if (d->link.unreached) {
        try_later(c, d->why);
    } else {
        give_up(c, d->why);
    }
    dial_free(d);
    if (connected)
        begin_signing_in(c);
}

/* --- As before ---------------------------------------------------------------------------------------------------- */

static void signed_in(struct conversation *c)
{
    char why[SCREEN_ERROR_LEN + 50];
    snprintf(why, sizeof why, "not logged in: %s", c->error_text);
    if (c->error == 0) {
        direct_resume(&c->direct);
        go_to_state(c, RECONNECT_READYING);
    } else if (c->error == MESSAGE_E_TRY_LATER || c->error == MESSAGE_E_STOPPING) {
        try_later(c, why);
    } else {
        if (c->error == MESSAGE_E_LOGIN_FAILED) { /* each further try would be one more wrong guess */
            reconnect_forget(c);
            c->reconnect.refused = true;
        }
        give_up(c, why);
    }
}

/* Where one was; or nowhere, where that room could not be joined, or something was to lead to another: what is typed
 * was for that one alone. */
static void come_back(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    go_to_state(c, RECONNECT_NONE);
    r->since = r->now();
    memcpy(c->direct.with, r->with, sizeof c->direct.with);
    bool there = r->room[0] == '\0' || conversation_is_in(c, r->room);
    if (there)
        conversation_go_to(c, r->room);
    if (!there || r->astray)
        room_commands_stay_out(c);
    line_show(&c->screen.line, stdout, "* you are back%s%s: what was said meanwhile was not kept for you",
              c->room[0] != '\0' ? ", in " : "", c->room);
}

/* One room after the other, so that an answer is about the one that was asked for; before that the lobby is left, to
 * which every login leads, as one may be in as many rooms as there may be. */
static void join_next(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    struct message join = {.type = MESSAGE_JOIN}, leave = {.type = MESSAGE_LEAVE};
    if (!r->was_in_lobby && !r->left_lobby && conversation_is_in(c, MESSAGE_LOBBY)) {
        r->left_lobby = true; /* whatever is answered */
        snprintf(leave.leave.room, sizeof leave.leave.room, "%s", MESSAGE_LOBBY);
        (void)conversation_ask(c, &leave, MESSAGE_LOBBY);
    } else if (r->joined < r->rooms_len) {
        const char *room = r->rooms[r->joined++];
        snprintf(join.join.room, sizeof join.join.room, "%s", room);
        (void)conversation_ask(c, &join, room);
    } else {
        come_back(c);
    }
}

/* --- A turn ------------------------------------------------------------------------------------------------------- */

static void count_down(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    int64_t left = seconds_left(r);
    if (left <= 0) {
        begin_dialing(c);
    } else if (left != r->shown && c->screen.line.edits) {
        r->shown = left;
        show_prompt(c);
    }
}

static void take_step(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    switch (r->state) {
    case RECONNECT_NONE:
    case RECONNECT_ASKING:
        break;
    case RECONNECT_PAUSING:
        count_down(c);
        break;
    case RECONNECT_DIALING:
        if (dial_done(r->dial))
            dialed(c);
        break;
    case RECONNECT_SIGNING_IN:
        if (c->form.filled_in == NULL && !conversation_waits(c))
            signed_in(c);
        break;
    case RECONNECT_READYING:
        r->joined = 0;
        r->left_lobby = false;
        if (!direct_is_beginning(&c->direct))
            go_to_state(c, RECONNECT_JOINING);
        break;
    case RECONNECT_JOINING:
        if (!conversation_waits(c))
            join_next(c);
        break;
    }
}

/* CAUTION: whoever waits before a password is asked for lets it be typed where it is shown:
 * tests/test_reconnect.c: test_a_step_is_followed_at_once. */
bool reconnect_go_on(struct conversation *c)
{
    enum reconnect_state before = c->reconnect.state;
    take_step(c);
    return c->reconnect.state != before;
}

unsigned reconnect_wait(struct conversation *c, int input)
{
    const struct reconnect *r = &c->reconnect;
    struct pollfd fds[] = {
        {.fd = interrupt_fd(), .events = POLLIN},
        {.fd = input, .events = POLLIN},
        {.fd = r->dial != NULL ? dial_fd(r->dial) : -1, .events = POLLIN},
    };
    int64_t left = r->state == RECONNECT_PAUSING ? r->due - r->now() : 1000;
    int wait = (int)(left < 0 ? 0 : left < 1000 ? left : left % 1000 > 0 ? left % 1000 : 1000);
    if (poll(fds, sizeof fds / sizeof *fds, wait) <= 0)
        return 0;
    return (fds[0].revents != 0 ? SERVER_LINK_INTERRUPT : 0u) | (fds[1].revents != 0 ? SERVER_LINK_INPUT : 0u);
}

/* --- The user ----------------------------------------------------------------------------------------------------- */

/* But where a question may come next, which throws away what was typed before it.
 * CAUTION: what is typed before one is back, and not read until then, would be said there, as answers to a question
 * that was not put: tests/integration/test_reconnect.py: test_what_is_typed_while_it_connects. */
bool reconnect_reads(const struct conversation *c)
{
    const struct reconnect *r = &c->reconnect;
    return c->screen.line.terminal && (r->by_itself || r->state != RECONNECT_DIALING);
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* CAUTION: the rest of what is pasted goes with its first line: an empty one in it would connect, and what follows, an
 * answer to a question that is never put, be said: tests/integration/test_reconnect.py:
 * test_what_is_pasted_meanwhile. */
bool reconnect_takes(struct conversation *c, const char *text, size_t len)
{
    enum reconnect_state state = c->reconnect.state;
    if (state == RECONNECT_NONE)
        return false;
    if (is_word(text, len, "/quit") || is_word(text, len, "exit"))
        c->quits = true;
    else if (len > 0)
        screen_not_understood(&c->screen, "not said: you are not connected%s",
                              c->away ? "; Enter connects, /quit leaves" : " yet");
    else if (state == RECONNECT_ASKING || state == RECONNECT_PAUSING)
        begin_dialing(c);
    return true;
}

/* --- The beginning and the end ------------------------------------------------------------------------------------ */

void reconnect_init(struct conversation *c, const struct arguments *a, const struct trust *trust)
{
    struct reconnect *r = &c->reconnect;
    *r = (struct reconnect){.arguments = a, .trust = trust, .now = c->direct.now};
    rng_init(&r->rng);
    r->since = r->now();
    c->wants_another = wants_another;
    c->begin_another = begin_another;
}

void reconnect_keep(struct conversation *c, const struct secret *secret)
{
    struct reconnect *r = &c->reconnect;
    if (r->arguments == NULL || !r->arguments->reconnect)
        return;
    if (secret->code[0] != '\0')
        reconnect_forget(c);
    else if (!kept_secret_keep(&r->secret, secret))
        line_show(&c->screen.line, stdout,
                  "* the system locks no memory for your password (ulimit -l): it is not kept, and %s",
                  c->screen.line.terminal ? "asked for again" : "a connection that is cut is the end");
}

void reconnect_forget(struct conversation *c)
{
    kept_secret_wipe(&c->reconnect.secret);
}

void reconnect_end(struct conversation *c)
{
    struct reconnect *r = &c->reconnect;
    reconnect_forget(c);
    rng_wipe(&r->rng);
    if (!reconnect_is_on(c))
        return;
    if (r->dial != NULL && dial_done(r->dial)) {
        if (r->dial->connected)
            server_link_close(&r->dial->link);
        dial_free(r->dial);
    }
    r->dial = NULL;
    r->state = RECONNECT_NONE;
    c->ended = c->broken = true;
}
