/* SPDX-License-Identifier: MIT */
/* The calls say what happens, and here it is shown; what they have to send becomes requests of the conversation; and
 * what they have to compute goes to the background, a job at a time, as do the identity's jobs. Nothing here decides
 * anything about keys: that is done in app/peer. */
#include "app/client/direct.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/client/explain.h"
#include "app/client/room_screen.h"
#include "app/terminal/display.h"
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
    own_identity_init(&d->own);
    room_talk_init(&d->rooms, screen, may_ask, ask, arg);
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

/* Where there are no rooms it is dropped: whoever gives it may talk with the user alone. */
static bool on_given(void *arg, const struct call *call, const uint8_t *payload, size_t len)
{
    struct direct *d = arg;
    return !d->rooms.begun || sealed_rooms_given(&d->rooms.sealed, call, payload, len);
}

static void on_taken(void *arg, const struct call *call)
{
    struct direct *d = arg;
    sealed_rooms_taken(&d->rooms.sealed, call);
}

static bool is_member(void *arg, const char *peer)
{
    const struct direct *d = arg;
    return sealed_rooms_is_member(&d->rooms.sealed, peer);
}

static void on_unreached(void *arg, const char *peer, const char *why)
{
    struct direct *d = arg;
    sealed_rooms_unreached(&d->rooms.sealed, peer, why);
}

static void begin_rooms(struct direct *d)
{
    const struct sealed_rooms_config config = {
        .me = d->user,
        .identity = &d->own.identity,
        .peers = &d->peers,
        .file = {.home = d->arguments->home, .name = d->own.files.name},
    };
    room_talk_begin(&d->rooms, &config, &d->calls);
}

static void begin_calls(struct direct *d)
{
    const struct arguments *a = d->arguments;
    const struct calls_config config = {
        .me = d->user,
        .identity = &d->own.identity,
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
        .given = on_given,
        .taken = on_taken,
        .is_member = is_member,
        .unreached = on_unreached,
    };
    calls_init(&d->calls, &config, &hooks);
    begin_rooms(d);
    d->has_calls = true;
}

/* --- The background's jobs ---------------------------------------------------------------------------------------- */

static void run_job(void *arg, struct rng *rng)
{
    struct direct *d = arg;
    if (d->job == DIRECT_JOB_CALL)
        call_work(d->computing, rng);
    else
        own_identity_work(&d->own, rng);
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
static void work_on_identity(struct direct *d)
{
    if (d->job == DIRECT_NO_JOB && d->own.busy)
        begin_job(d, DIRECT_JOB_IDENTITY);
}

static void compute_calls(struct direct *d)
{
    while (d->job == DIRECT_NO_JOB && d->has_calls && (d->computing = calls_next_work(&d->calls)) != NULL)
        begin_job(d, DIRECT_JOB_CALL);
}

static void identity_worked(struct direct *d);

static void take_back(struct direct *d)
{
    enum direct_job job = d->job;
    d->job = DIRECT_NO_JOB;
    if (job == DIRECT_JOB_CALL)
        calls_worked(&d->calls, d->computing, d->now());
    else if (job == DIRECT_JOB_IDENTITY)
        identity_worked(d);
}

static void finish_job(struct direct *d)
{
    background_wait(&d->background);
    take_back(d);
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
    if (d->is_cut) /* another connection may come, and direct_resume */
        return;
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
    if (!own_identity_is_open(&d->own)) {
        no_calls(d, d->own.job.why);
        screen_no_identity(d->screen, d->user, d->own.result, d->own.job.why);
    } else if (know_peers(d, why) != 0) {
        no_calls(d, why);
        screen_complain(d->screen, "no direct messages: %s", why);
    } else {
        begin_calls(d);
        ask_ready(d);
    }
}

static void tell_opened(const struct direct *d, const uint8_t own[static CERTIFICATE_FINGERPRINT_LEN])
{
    const struct own_identity_job *job = &d->own.job;
    char key[FINGERPRINT_TEXT_LEN];
    fingerprint_print(key, own);
    if (job->task == OWN_IDENTITY_REPLACE)
        line_show(&d->screen->line, stdout,
                  "* your new key is %s: tell it, in another way than this chat, to those who know the one before",
                  key);
    if (job->typed)
        line_show(&d->screen->line, stdout, "* your key is open%s",
                  d->own.password.password_len > 0 ? "" : "; it stays under that password until the next /password");
    if (job->unsettled)
        line_show(&d->screen->line, stdout,
                  "* a copy of your key under another password could not be removed: %s; the next login tries again",
                  job->why);
}

/* Or not. */
static void opened(struct direct *d)
{
    uint8_t own[CERTIFICATE_FINGERPRINT_LEN];
    if (own_identity_fingerprint(&d->own, own))
        tell_opened(d, own);
    if (d->begun && d->state == DIRECT_OPENING)
        use_identity(d);
}

static void tell_failed(struct direct *d)
{
    const struct own_identity_job *job = &d->own.job;
    screen_complain(d->screen, "%s: %s%s",
                    job->task == OWN_IDENTITY_SEAL ? "password not changed"
                    : d->begun                     ? "no new identity"
                                                   : "not registered",
                    job->why, job->kept ? "; move it away if nobody needs it any more" : "");
}

static void identity_worked(struct direct *d)
{
    if (own_identity_worked(&d->own)) {
        opened(d);
        return;
    }
    bool ok = d->own.job.result == IDENTITY_OK;
    if (!ok)
        tell_failed(d);
    d->done(d->arg, ok);
}

/* Until the job is done there is no key, and so there are no calls. */
static void open_by_job(struct direct *d)
{
    d->state = DIRECT_OPENING;
    work_on_identity(d);
}

static void know_files(struct direct *d)
{
    own_identity_locate(&d->own, d->arguments->home, d->server, d->user);
}

/* On a slow machine it takes seconds, in which nothing else is to be seen. Scripts read what they always have. */
static void tell_of_making(struct direct *d)
{
    if (d->screen->line.terminal && display_obeys(STDOUT_FILENO))
        line_show(&d->screen->line, stdout, "* making your key");
}

void direct_make(struct direct *d, const struct secret *account, direct_done *done)
{
    know_files(d);
    d->done = done;
    own_identity_make(&d->own, account);
    if (!identity_is_kept(&d->own.files))
        tell_of_making(d);
    work_on_identity(d);
}

void direct_make_another(struct direct *d, direct_done *done)
{
    d->done = done;
    own_identity_make_another(&d->own);
    tell_of_making(d);
    work_on_identity(d);
}

void direct_registered(struct direct *d, const struct secret *account)
{
    if (!own_identity_register(&d->own, account))
        line_show(&d->screen->line, stdout, "* your key is the one that was kept here already");
    open_by_job(d);
}

void direct_begin(struct direct *d, const struct secret *account)
{
    char unsaid[WHY_LEN];
    bool registered = d->state == DIRECT_OPENING;
    d->begun = true;
    know_files(d);
    given_secrets_add(&d->screen->line.given, d->own.password.password, d->own.password.password_len);
    (void)know_peers(d, unsaid); /* it is said where there is a key */
    if (!registered && own_identity_open(&d->own, account))
        open_by_job(d);
    else if (!d->own.busy) /* else it is used when that is done */
        use_identity(d);
}

/* All calls and what they compute come to an end: they have pointers to the identity. */
static void end_calls(struct direct *d)
{
    finish_job(d);
    if (d->has_calls) {
        sealed_rooms_cut(&d->rooms.sealed, "you have another key now");
        direct_leave_all(d);
        d->forgotten += d->calls.relays.unanswered_len;
        calls_cut(&d->calls, d->now()); /* which nobody wants now: so it is said of texts alone */
        room_talk_end(&d->rooms);
        calls_free(&d->calls);
    }
    d->has_calls = false;
    own_identity_close(&d->own);
}

void direct_replace_identity(struct direct *d, const struct secret *account)
{
    end_calls(d);
    own_identity_replace(&d->own, account);
    open_by_job(d);
}

/* CAUTION: a call that is being computed reads it:
 *          tests/test_direct.c: test_nobody_computes_with_a_certificate_that_is_changed */
int direct_set_certificate(struct direct *d, const struct certificate *c, char why[static WHY_LEN])
{
    finish_job(d);
    return identity_set_certificate(&d->own.files, &d->own.identity, c, why);
}

void direct_unlock(struct direct *d, const struct secret *typed)
{
    own_identity_unlock(&d->own, typed);
    open_by_job(d);
}

/* --- The password ------------------------------------------------------------------------------------------------- */

void direct_before_password(struct direct *d, const uint8_t *password, size_t password_len, direct_done *done)
{
    if (!own_identity_follows_account(&d->own)) {
        done(d->arg, true);
        return;
    }
    d->done = done;
    own_identity_seal(&d->own, password, password_len);
    work_on_identity(d);
}

void direct_after_password(struct direct *d, bool changed)
{
    char why[WHY_LEN];
    if (own_identity_settle(&d->own, changed, why) != 0)
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

static void begin(struct direct *d)
{
    d->state = DIRECT_ON;
    if (!d->resumed)
        room_screen_rooms(d->screen, &d->rooms.sealed);
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
        begin(d);
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

static void go_on_with_calls(struct direct *d)
{
    compute_calls(d);
    send_relays(d);
}

void direct_go_on(struct direct *d)
{
    if (background_done(&d->background))
        take_back(d);
    work_on_identity(d);
    if (!d->has_calls)
        return;
    sealed_rooms_go_on(&d->rooms.sealed, d->now());
    calls_tick(&d->calls, d->now());
    go_on_with_calls(d);
    if (!room_talk_waits(&d->rooms))
        return;
    sealed_rooms_go_on(&d->rooms.sealed, d->now()); /* a line goes out behind the last key, which may have gone now */
    go_on_with_calls(d);
}

int direct_wait(const struct direct *d, int otherwise)
{
    int64_t now = d->now();
    return d->has_calls ? (int)sealed_rooms_wait(&d->rooms.sealed, now, calls_wait(&d->calls, now, otherwise))
                        : otherwise;
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
    if (d->own.busy || direct_is_beginning(d))
        return false;
    if (d->state != DIRECT_ON)
        return true;
    return room_talk_takes_line(&d->rooms) && calls_take_more(&d->calls) &&
           (d->screen->line.terminal || !calls_is_calling(&d->calls));
}

bool direct_waits(const struct direct *d)
{
    return d->state == DIRECT_ON && (room_talk_waits(&d->rooms) || calls_wait_for_texts(&d->calls));
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
    d->hears = false;
    d->forgotten = 0;
    sealed_rooms_cut(&d->rooms.sealed, "the connection to the server ended");
    if (d->has_calls)
        calls_cut(&d->calls, d->now());
}

void direct_resume(struct direct *d)
{
    d->is_cut = false;
    d->resumed = d->state == DIRECT_ON;
    if (d->state == DIRECT_ON || d->state == DIRECT_ASKING)
        ask_ready(d);
}

bool direct_is_beginning(const struct direct *d)
{
    return d->state == DIRECT_OPENING || d->state == DIRECT_ASKING;
}

/* A new key was not used yet, so that nobody was told what came of writing it. */
static bool is_untold(const struct direct *d)
{
    enum own_identity_task task = d->own.job.task;
    return d->state == DIRECT_OPENING && (task == OWN_IDENTITY_WRITE || task == OWN_IDENTITY_REPLACE);
}

/* What the background does is waited for: it has what is to be freed, and a new key is to be written, which the server
 * has taken already. */
void direct_end(struct direct *d)
{
    background_wait(&d->background);
    if (d->job == DIRECT_JOB_CALL)
        take_back(d);
    if (is_untold(d) && d->own.job.result != IDENTITY_OK)
        screen_complain(d->screen, "the new key may be lost: %s", d->own.job.why);
    background_end(&d->background);
    room_talk_end(&d->rooms);
    if (d->has_calls)
        calls_free(&d->calls);
    d->has_calls = false;
    own_identity_end(&d->own);
    rng_wipe(&d->rng);
    peers_free(&d->peers);
    d->state = DIRECT_OFF;
}
