/* SPDX-License-Identifier: MIT */
/* The calls say what happens, and here it is shown; what they have to send becomes requests of the conversation; and
 * what they have to compute goes to the background, a job at a time, as does the opening of the key. Nothing here
 * decides anything about keys: that is done in app/peer. */
#include "app/client/direct.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/client/explain.h"
#include "app/terminal/display.h"
#include "crypto/ct.h"

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t unix_time(void)
{
    return (uint64_t)time(NULL);
}

void direct_init(struct direct *d, struct screen *screen, const char *user, const char *server,
                 bool (*may_ask)(void *arg), bool (*ask)(void *arg, struct message *m), void *arg)
{
    *d = (struct direct){.screen = screen, .user = user, .server = server};
    d->may_ask = may_ask;
    d->ask = ask;
    d->arg = arg;
    d->now = monotonic_ms;
    d->files.lock = -1;
    background_init(&d->background);
}

/* --- What calls tell ---------------------------------------------------------------------------------------------- */

static void on_opened(void *arg, const struct call *call, bool first)
{
    struct direct *d = arg;
    screen_call(d->screen, call->peer, call->state, first ? call->fingerprint : NULL, strcmp(d->with, call->peer) == 0);
}

static void on_text(void *arg, const struct call *call, const uint8_t *text, size_t len)
{
    struct direct *d = arg;
    screen_direct(d->screen, call->peer, call->state, (const char *)text, len);
}

static void on_confirmed(void *arg, const struct call *call, const uint8_t *text, size_t len)
{
    struct direct *d = arg;
    (void)text;
    (void)len;
    if (d->receipts)
        screen_has_it(d->screen, call->peer);
}

static void on_unconfirmed(void *arg, const char *peer, const uint8_t *text, size_t len)
{
    struct direct *d = arg;
    screen_unconfirmed(d->screen, peer, (const char *)text, len);
}

static void on_unsaid(void *arg, const char *peer, const uint8_t *text, size_t len, const char *why)
{
    struct direct *d = arg;
    (void)text;
    (void)len;
    screen_unsaid(d->screen, peer, why);
}

static void on_cut(void *arg, const char *peer, const char *why)
{
    struct direct *d = arg;
    screen_call_ended(d->screen, peer, why);
}

static void on_refused(void *arg, const char *line)
{
    struct direct *d = arg;
    screen_complain(d->screen, "%s", line);
}

static void begin_calls(struct direct *d)
{
    const struct arguments *a = d->arguments;
    const struct calls_config config = {
        .me = d->user,
        .identity = &d->identity,
        .peers = &d->peers,
        .user_ca = d->has_user_ca ? &d->user_ca : NULL,
        .suites = a->suites,
        .suites_len = a->suites_len,
        .groups = a->groups,
        .groups_len = a->groups_len,
        .unix_time = unix_time,
        .trace = a->explain ? explain_call : NULL,
    };
    const struct calls_hooks hooks = {
        .arg = d,
        .opened = on_opened,
        .text = on_text,
        .confirmed = on_confirmed,
        .unconfirmed = on_unconfirmed,
        .unsaid = on_unsaid,
        .cut = on_cut,
        .refused = on_refused,
    };
    calls_init(&d->calls, &config, &hooks);
}

static void take_back(struct direct *d);

/* --- The identity ------------------------------------------------------------------------------------------------- */

static void no_calls(struct direct *d, const char *why)
{
    d->state = DIRECT_NONE;
    snprintf(d->why, sizeof d->why, "%s", why);
}

/* On the background's thread: opens the key, or writes the one that was made. */
static void open_identity(void *arg, struct rng *rng)
{
    struct direct *d = arg;
    const struct secret *s = d->own.password_len > 0 ? &d->own : &d->secret;
    int failed = 0;
    if (d->is_new && d->replaces)
        failed = identity_replace(&d->files, &d->identity, s->password, s->password_len, rng, d->identity_why);
    else if (d->is_new)
        failed = identity_save(&d->files, &d->identity, s->password, s->password_len, rng, d->identity_why);
    d->result = failed != 0 ? IDENTITY_DAMAGED : IDENTITY_OK;
    if (!d->is_new)
        d->result = identity_load(&d->files, &d->identity, s->password, s->password_len, d->identity_why);
    if (!d->is_new && d->result == IDENTITY_OK && identity_settle(&d->files, d->files.opened, d->identity_why) != 0)
        d->identity_why[0] = '\0'; /* both copies are there still, and the next login tries again */
}

static void ask_ready(struct direct *d)
{
    struct message m = {.type = MESSAGE_READY};
    d->state = DIRECT_ASKING;
    if (!d->ask(d->arg, &m))
        no_calls(d, "the connection to the server is over");
}

static void opened(struct direct *d)
{
    secret_wipe(&d->secret);
    d->has_identity = d->result == IDENTITY_OK;
    d->is_new = d->replaces = false;
    if (d->has_identity) {
        begin_calls(d);
        ask_ready(d);
        return;
    }
    identity_wipe(&d->identity);
    no_calls(d, d->identity_why);
    screen_no_identity(d->screen, d->user, d->result, d->identity_why);
}

static void begin_opening(struct direct *d)
{
    d->state = DIRECT_OPENING;
    d->identity_why[0] = '\0';
    if (background_begin(&d->background, open_identity, d) == 0)
        return;
    why_say(d->identity_why, "the system has no thread for it");
    d->result = IDENTITY_DAMAGED;
    opened(d);
}

void direct_begin(struct direct *d, const struct secret *own)
{
    char why[WHY_LEN];
    identity_files_init(&d->files, d->arguments->home, d->server, d->user);
    if (peers_load(&d->peers, d->arguments->home, d->server, why) != 0) {
        screen_complain(d->screen, "no direct messages: %s", why);
        no_calls(d, why);
        return;
    }
    d->secret = *own;
    if (!d->is_new && !identity_is_kept(&d->files)) {
        d->result = IDENTITY_NONE;
        why_say(d->identity_why, "no key of %s is kept here", d->user);
        opened(d);
        return;
    }
    begin_opening(d);
}

int direct_make_identity(struct direct *d)
{
    struct rng rng;
    rng_init(&rng);
    int failed = identity_create(&d->next, d->user, unix_time(), &rng);
    rng_wipe(&rng);
    if (failed != 0)
        screen_complain(d->screen, "no key could be made: this machine computes wrongly");
    return failed;
}

void direct_take_identity(struct direct *d)
{
    d->identity = d->next;
    d->is_new = true;
    identity_wipe(&d->next);
}

/* All calls and what they compute come to an end: they have pointers to the identity. */
static void end_calls(struct direct *d)
{
    background_wait(&d->background);
    if (d->computing != NULL)
        take_back(d);
    if (d->has_identity) {
        calls_cut(&d->calls, d->now());
        calls_free(&d->calls);
    }
    d->has_identity = false;
    identity_wipe(&d->identity);
}

void direct_replace_identity(struct direct *d, const struct secret *own)
{
    end_calls(d);
    direct_take_identity(d);
    d->replaces = true;
    d->secret = *own;
    begin_opening(d);
}

void direct_unlock(struct direct *d, const struct secret *own)
{
    d->secret = *own;
    begin_opening(d);
}

/* --- The password ------------------------------------------------------------------------------------------------- */

/* Whether the identity's key is sealed under the account's password. */
static bool follows_password(const struct direct *d)
{
    return d->has_identity && d->own.password_len == 0;
}

int direct_before_password(struct direct *d, const uint8_t *password, size_t password_len)
{
    char why[WHY_LEN];
    if (!follows_password(d))
        return 0;
    struct rng rng;
    rng_init(&rng);
    int failed = identity_save_next(&d->files, &d->identity, password, password_len, &rng, why);
    rng_wipe(&rng);
    if (failed != 0)
        screen_complain(d->screen, "password not changed: %s", why);
    return failed;
}

void direct_after_password(struct direct *d, bool changed)
{
    char why[WHY_LEN];
    if (follows_password(d) && identity_settle(&d->files, changed ? IDENTITY_NEXT : IDENTITY_FIRST, why) != 0)
        screen_complain(d->screen, "%s", why);
}

/* --- The server --------------------------------------------------------------------------------------------------- */

bool direct_may_hear(const struct direct *d)
{
    return d->state == DIRECT_ASKING || d->state == DIRECT_ON;
}

void direct_relayed(struct direct *d, const struct message *m)
{
    calls_relayed(&d->calls, d->now(), m);
}

void direct_answered(struct direct *d, enum message_type request, const struct message *answer)
{
    bool ok = answer->type == MESSAGE_OK;
    enum message_error code = ok ? MESSAGE_E_NONE : (enum message_error)answer->error.code;
    if (!ok && code == MESSAGE_E_NONE)
        code = MESSAGE_E_MALFORMED; /* a refusal without a number is one too */
    if (request == MESSAGE_RELAY)
        calls_answered(&d->calls, d->now(), code, message_error_text(code));
    else if (ok)
        d->state = DIRECT_ON;
    else
        no_calls(d, code == MESSAGE_E_UNKNOWN_TYPE ? "this server is of version 1.0, and has no calls"
                                                   : message_error_text(code));
}

static void send_relays(struct direct *d)
{
    struct message m;
    while (d->may_ask(d->arg) && calls_next_relay(&d->calls, &m))
        if (!d->ask(d->arg, &m))
            return; /* the connection is over */
}

/* --- Computing ---------------------------------------------------------------------------------------------------- */

static void compute(void *arg, struct rng *rng)
{
    call_work(arg, rng);
}

static void take_back(struct direct *d)
{
    struct call *call = d->computing;
    d->computing = NULL;
    if (call != NULL)
        calls_worked(&d->calls, call, d->now());
    else
        opened(d);
}

/* Where there is no thread to be had, the chat waits; so it does with --explain, which tells it on the screen's own
 * thread. */
static void hand_out(struct direct *d)
{
    while (!background_is_busy(&d->background) && direct_may_hear(d)) {
        d->computing = calls_next_work(&d->calls);
        if (d->computing == NULL ||
            (!d->arguments->explain && background_begin(&d->background, compute, d->computing) == 0))
            return;
        call_work(d->computing, &d->calls.rng);
        take_back(d);
    }
}

void direct_go_on(struct direct *d)
{
    if (background_done(&d->background))
        take_back(d);
    if (!direct_may_hear(d))
        return;
    calls_tick(&d->calls, d->now());
    hand_out(d);
    send_relays(d);
}

int direct_wait(const struct direct *d, int otherwise)
{
    return direct_may_hear(d) ? (int)calls_wait(&d->calls, d->now(), otherwise) : otherwise;
}

/* --- The user ----------------------------------------------------------------------------------------------------- */

bool direct_is_on(struct direct *d)
{
    if (d->state == DIRECT_ON)
        return true;
    screen_complain(d->screen, "no direct messages: %s", d->why);
    return false;
}

void direct_say(struct direct *d, const char *peer, const char *text, size_t len)
{
    if (direct_is_on(d))
        calls_say(&d->calls, d->now(), peer, (const uint8_t *)text, len);
}

void direct_leave(struct direct *d)
{
    char shown[SEEN_NAMES_PRINT_LEN];
    line_show(&d->screen->line, stdout, "* you left the call with %s", seen_names_quote(shown, d->with));
    if (d->state == DIRECT_ON)
        calls_leave(&d->calls, d->now(), d->with);
    d->with[0] = '\0';
}

bool direct_takes_line(const struct direct *d)
{
    if (d->state == DIRECT_OPENING || d->state == DIRECT_ASKING)
        return false;
    return d->state != DIRECT_ON || calls_take_more(&d->calls);
}

bool direct_waits(const struct direct *d)
{
    return d->state == DIRECT_ON && calls_wait_for_texts(&d->calls);
}

/* --- The end ------------------------------------------------------------------------------------------------------ */

void direct_leave_all(struct direct *d)
{
    if (d->state != DIRECT_ON)
        return;
    calls_leave_all(&d->calls, d->now());
    send_relays(d);
}

void direct_cut(struct direct *d)
{
    if (!direct_may_hear(d))
        return;
    calls_cut(&d->calls, d->now());
}

/* What the background does is waited for: it has what is to be freed. */
void direct_end(struct direct *d)
{
    background_wait(&d->background);
    if (d->computing != NULL)
        calls_worked(&d->calls, d->computing, d->now());
    background_end(&d->background);
    if (d->has_identity)
        calls_free(&d->calls);
    identity_wipe(&d->identity);
    identity_wipe(&d->next);
    identity_files_close(&d->files);
    secret_wipe(&d->secret);
    secret_wipe(&d->own);
    peers_free(&d->peers);
    d->state = DIRECT_OFF;
}
