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
#include "net/fingerprint.h"

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
    rng_init(&d->rng);
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
    if (!d->is_cut) /* else that was said, of the whole */
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
    d->has_calls = true;
}

/* --- The background's jobs ---------------------------------------------------------------------------------------- */

/* What the identity is sealed under. */
static const struct secret *seal(const struct direct *d)
{
    return d->own.password_len > 0 && !d->typed ? &d->own : &d->secret;
}

static void open_identity(struct direct *d)
{
    const struct secret *s = seal(d);
    d->result = identity_load(&d->files, &d->identity, s->password, s->password_len, d->identity_why);
    d->unsettled = d->result == IDENTITY_OK && identity_settle(&d->files, d->files.opened, d->identity_why) != 0;
}

static void write_identity(struct direct *d, struct rng *rng)
{
    const struct secret *s = seal(d);
    int failed = (d->replaces ? identity_replace : identity_save)(&d->files, &d->identity, s->password, s->password_len,
                                                                  rng, d->identity_why);
    d->result = failed != 0 ? IDENTITY_DAMAGED : IDENTITY_OK;
}

/* Takes what is kept here already, of an account that is not there; or makes a new one. */
static void make_identity(struct direct *d, struct rng *rng)
{
    const struct secret *s = seal(d);
    d->kept = d->kept && identity_is_kept(&d->files);
    if (!d->kept) {
        d->failed = identity_create(&d->next, d->user, unix_time(), rng) != 0;
        if (d->failed)
            why_say(d->identity_why, "this machine computes wrongly");
        return;
    }
    d->failed = identity_load(&d->files, &d->next, s->password, s->password_len, d->identity_why) != IDENTITY_OK;
    identity_files_close(&d->files);
}

static void run_job(void *arg, struct rng *rng)
{
    struct direct *d = arg;
    const struct secret *s = &d->secret;
    if (d->job == DIRECT_JOB_CALL)
        call_work(d->computing, rng);
    else if (d->job == DIRECT_JOB_OPEN && d->is_new)
        write_identity(d, rng);
    else if (d->job == DIRECT_JOB_OPEN)
        open_identity(d);
    else if (d->job == DIRECT_JOB_MAKE)
        make_identity(d, rng);
    else
        d->failed = identity_save_next(&d->files, &d->identity, s->password, s->password_len, rng, d->identity_why) !=
                    0;
}

static void take_back(struct direct *d);

/* Where there is no thread to be had, the chat waits; so it does for calls with --explain, which tells them on the
 * screen's own thread. */
static void begin_job(struct direct *d, enum direct_job job)
{
    bool told = job == DIRECT_JOB_CALL && d->arguments->explain;
    d->job = job;
    if (!told && background_begin(&d->background, run_job, d) == 0)
        return;
    run_job(d, &d->rng);
    take_back(d);
}

/* Begins with what the identity needs when nothing else is under way. */
static void begin_wanted(struct direct *d)
{
    if (d->job != DIRECT_NO_JOB || d->wanted == DIRECT_NO_JOB)
        return;
    d->identity_why[0] = '\0';
    begin_job(d, d->wanted);
}

static void want(struct direct *d, enum direct_job job, void (*done)(void *arg))
{
    d->wanted = job;
    d->done = done;
    d->failed = false;
    begin_wanted(d);
}

static void tell_failed(struct direct *d, enum direct_job job)
{
    bool in_the_way = job == DIRECT_JOB_MAKE && d->kept;
    screen_complain(d->screen, "%s: %s%s",
                    job == DIRECT_JOB_SEAL ? "password not changed"
                    : d->begun             ? "no new identity"
                                           : "not registered",
                    d->identity_why, in_the_way ? "; move it away if nobody needs it any more" : "");
}

static void wanted_is_done(struct direct *d, enum direct_job job)
{
    secret_wipe(&d->secret);
    d->wanted = DIRECT_NO_JOB;
    if (d->failed)
        tell_failed(d, job);
    d->done(d->arg);
}

static void opened(struct direct *d);

static void take_back(struct direct *d)
{
    enum direct_job job = d->job;
    d->job = DIRECT_NO_JOB;
    if (job == DIRECT_JOB_CALL)
        calls_worked(&d->calls, d->computing, d->now());
    else if (job == DIRECT_JOB_OPEN)
        opened(d);
    else if (job != DIRECT_NO_JOB)
        wanted_is_done(d, job);
}

static void compute_calls(struct direct *d)
{
    while (d->job == DIRECT_NO_JOB && d->has_calls && (d->computing = calls_next_work(&d->calls)) != NULL)
        begin_job(d, DIRECT_JOB_CALL);
}

/* --- The identity ------------------------------------------------------------------------------------------------- */

static void no_calls(struct direct *d, const char *why)
{
    d->state = DIRECT_NONE;
    snprintf(d->why, sizeof d->why, "%s", why);
}

static void ask_ready(struct direct *d)
{
    struct message m = {.type = MESSAGE_READY};
    d->state = DIRECT_ASKING;
    d->hears = true;
    if (!d->ask(d->arg, &m))
        no_calls(d, "the connection to the server is over");
}

/* Those who are known are taken as seen: who looks like one of them is told from them. -1: why says what to mend; it
 * is read again then, before there are calls. */
static int know_peers(struct direct *d, char why[static WHY_LEN])
{
    if (d->has_peers)
        return 0;
    if (peers_load(&d->peers, d->arguments->home, d->server, why) != 0)
        return -1;
    d->has_peers = true;
    for (size_t i = 0; i < d->peers.count; i++)
        (void)seen_names_listed(&d->screen->seen_names, d->peers.list[i].name);
    return 0;
}

/* After login, with the key or without one.
 * CAUTION: without the peers' file everybody would be met for the first time, with any key:
 *          tests/test_direct_server.c: test_no_calls_beside_a_damaged_list_of_peers */
static void use_identity(struct direct *d)
{
    char why[WHY_LEN];
    d->is_new = false; /* from here on what came of it is told */
    if (!d->has_identity) {
        no_calls(d, d->identity_why);
        screen_no_identity(d->screen, d->user, d->result, d->identity_why);
    } else if (know_peers(d, why) != 0) {
        no_calls(d, why);
        screen_complain(d->screen, "no direct messages: %s", why);
    } else {
        begin_calls(d);
        ask_ready(d);
    }
}

static void tell_opened(const struct direct *d)
{
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    char key[FINGERPRINT_TEXT_LEN];
    certificate_fingerprint(own, d->identity.key.n);
    fingerprint_print(key, own);
    if (d->replaces)
        line_show(&d->screen->line, stdout,
                  "* your new key is %s: tell it, in another way than this chat, to those who know the one before",
                  key);
    if (d->typed)
        line_show(&d->screen->line, stdout, "* your key is open%s",
                  d->own.password_len > 0 ? "" : "; it stays under that password until the next /password");
    if (d->unsettled)
        line_show(&d->screen->line, stdout,
                  "* a copy of your key under another password could not be removed: %s; the next login tries again",
                  d->identity_why);
}

static void opened(struct direct *d)
{
    secret_wipe(&d->secret);
    d->has_identity = d->result == IDENTITY_OK;
    if (d->has_identity)
        tell_opened(d);
    else
        identity_wipe(&d->identity);
    d->replaces = d->typed = d->unsettled = false;
    if (d->begun && d->state == DIRECT_OPENING)
        use_identity(d);
}

static void begin_opening(struct direct *d, const struct secret *own)
{
    d->secret = *own;
    d->state = DIRECT_OPENING;
    d->identity_why[0] = '\0';
    begin_job(d, DIRECT_JOB_OPEN);
}

static void know_files(struct direct *d)
{
    if (d->files.home == NULL)
        identity_files_init(&d->files, d->arguments->home, d->server, d->user);
}

void direct_make(struct direct *d, const struct secret *own, void (*done)(void *arg))
{
    know_files(d);
    d->secret = *own;
    d->kept = true; /* if it is there */
    want(d, DIRECT_JOB_MAKE, done);
}

void direct_make_another(struct direct *d, void (*done)(void *arg))
{
    d->kept = false;
    want(d, DIRECT_JOB_MAKE, done);
}

void direct_forget_next(struct direct *d)
{
    identity_wipe(&d->next);
}

static void take_next(struct direct *d)
{
    d->identity = d->next;
    direct_forget_next(d);
}

void direct_registered(struct direct *d, const struct secret *own)
{
    take_next(d);
    if (d->kept) {
        line_show(&d->screen->line, stdout, "* your key is the one that was kept here already");
        d->state = DIRECT_OPENING;
        d->result = IDENTITY_OK;
        opened(d);
        return;
    }
    d->is_new = true;
    begin_opening(d, own);
}

void direct_begin(struct direct *d, const struct secret *own)
{
    char unsaid[WHY_LEN];
    bool registered = d->state == DIRECT_OPENING;
    d->begun = true;
    know_files(d);
    given_secrets_add(&d->screen->line.given, d->own.password, d->own.password_len);
    (void)know_peers(d, unsaid); /* it is said where there is a key */
    if (registered) {
        if (d->job != DIRECT_JOB_OPEN) /* else it is used when that is done */
            use_identity(d);
    } else if (identity_is_kept(&d->files)) {
        begin_opening(d, own);
    } else {
        d->result = IDENTITY_NONE;
        why_say(d->identity_why, "no key of %s is kept here", d->user);
        use_identity(d);
    }
}

static void finish_job(struct direct *d)
{
    background_wait(&d->background);
    take_back(d);
}

/* All calls and what they compute come to an end: they have pointers to the identity. */
static void end_calls(struct direct *d)
{
    finish_job(d);
    if (d->has_calls) {
        direct_leave_all(d);
        d->forgotten += d->calls.relays.unanswered_len;
        calls_cut(&d->calls, d->now()); /* which nobody wants now: so it is said of texts alone */
        calls_free(&d->calls);
    }
    d->has_calls = d->has_identity = false;
    identity_wipe(&d->identity);
}

void direct_replace_identity(struct direct *d, const struct secret *own)
{
    end_calls(d);
    take_next(d);
    d->is_new = d->replaces = true;
    begin_opening(d, own);
}

/* CAUTION: a call that is being computed reads it:
 *          tests/test_direct.c: test_nobody_computes_with_a_certificate_that_is_changed */
int direct_set_certificate(struct direct *d, const struct certificate *c, char why[static WHY_LEN])
{
    finish_job(d);
    return identity_set_certificate(&d->files, &d->identity, c, why);
}

void direct_unlock(struct direct *d, const struct secret *own)
{
    d->typed = true;
    begin_opening(d, own);
}

/* --- The password ------------------------------------------------------------------------------------------------- */

/* Whether the identity's key is sealed under the account's password. */
static bool follows_password(const struct direct *d)
{
    return d->has_identity && d->own.password_len == 0;
}

void direct_before_password(struct direct *d, const uint8_t *password, size_t password_len, void (*done)(void *arg))
{
    d->failed = false;
    if (!follows_password(d)) {
        done(d->arg);
        return;
    }
    memcpy(d->secret.password, password, password_len);
    d->secret.password_len = password_len;
    want(d, DIRECT_JOB_SEAL, done);
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
    return d->hears;
}

/* What comes while there is no key is dropped. */
void direct_relayed(struct direct *d, const struct message *m)
{
    if (d->state == DIRECT_ASKING || d->state == DIRECT_ON)
        calls_relayed(&d->calls, d->now(), m);
}

static void relay_answered(struct direct *d, enum message_error code)
{
    if (d->forgotten > 0)
        d->forgotten--;
    else
        calls_answered(&d->calls, d->now(), code, message_error_text(code));
}

void direct_answered(struct direct *d, enum message_type request, const struct message *answer)
{
    bool ok = answer->type == MESSAGE_OK;
    enum message_error code = ok ? MESSAGE_E_NONE : (enum message_error)answer->error.code;
    if (!ok && code == MESSAGE_E_NONE)
        code = MESSAGE_E_MALFORMED; /* a refusal without a number is one too */
    if (request == MESSAGE_RELAY)
        relay_answered(d, code);
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

void direct_go_on(struct direct *d)
{
    if (background_done(&d->background))
        take_back(d);
    begin_wanted(d);
    if (!d->has_calls)
        return;
    calls_tick(&d->calls, d->now());
    compute_calls(d);
    send_relays(d);
}

int direct_wait(const struct direct *d, int otherwise)
{
    return d->has_calls ? (int)calls_wait(&d->calls, d->now(), otherwise) : otherwise;
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
    if (d->wanted != DIRECT_NO_JOB || d->state == DIRECT_OPENING || d->state == DIRECT_ASKING)
        return false;
    if (d->state != DIRECT_ON)
        return true;
    return calls_take_more(&d->calls) && (d->screen->line.terminal || !calls_is_calling(&d->calls));
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

bool direct_is_leaving(const struct direct *d)
{
    return d->has_calls && calls_are_leaving(&d->calls);
}

void direct_cut(struct direct *d)
{
    d->is_cut = true;
    if (d->has_calls)
        calls_cut(&d->calls, d->now());
}

/* What the background does is waited for: it has what is to be freed, and a new key is to be written, which the server
 * has taken already. */
void direct_end(struct direct *d)
{
    background_wait(&d->background);
    if (d->job == DIRECT_JOB_CALL)
        take_back(d);
    if (d->is_new && d->result != IDENTITY_OK)
        screen_complain(d->screen, "the new key may be lost: %s", d->identity_why);
    background_end(&d->background);
    if (d->has_calls)
        calls_free(&d->calls);
    d->has_calls = false;
    identity_wipe(&d->identity);
    identity_wipe(&d->next);
    identity_files_close(&d->files);
    secret_wipe(&d->secret);
    secret_wipe(&d->own);
    rng_wipe(&d->rng);
    peers_free(&d->peers);
    d->state = DIRECT_OFF;
}
