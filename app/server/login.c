/* SPDX-License-Identifier: MIT */
/* Registering takes a password to a worker, which hashes it, and then the account to the disk. Logging in is an attempt
 * that changes nothing. */
#include "app/server/login.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/auth.h"
#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/ratelimit_sources.h"
#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "app/server/store/verifier.h"
#include "crypto/ct.h"

#define REGISTRATION_CLOSED_TEXT "accounts are made by this server's operator alone"

/* --- Registering -------------------------------------------------------------------------------------------------- */

struct registration {
    struct job job;
    struct client *client;
    uint32_t request;
    uint32_t iterations;
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
    bool certificate_good;
    struct account account;
};

static void registration_free(struct registration *r)
{
    account_wipe(&r->account);
    ct_wipe(r, sizeof *r);
    free(r);
}

static void register_run(struct job *job, struct rng *rng)
{
    struct registration *r = (struct registration *)(void *)job;
    if (!atomic_load(&r->client->server->abandoned))
        verifier_make(&r->account.password, r->password, r->password_len, r->iterations, rng);
    ct_wipe(r->password, sizeof r->password);
}

/* The account is on disk, or it isn't: only now the client is told. */
static void register_saved(void *arg, enum accounts_result result)
{
    struct registration *r = arg;
    struct client *c = r->client;
    bool saved = result == ACCOUNTS_DONE;
    if (log_limit_allows(&c->server->log_limit, saved ? LOG_LIMIT_CHANGES : LOG_LIMIT_ERRORS, c->server->now))
        log_event(saved ? LOG_INFO : LOG_ERROR, saved ? "register" : "register failed", "user", r->account.name, "from",
                  c->peer, NULL);
    *(saved ? &c->server->counters.registrations : &c->server->counters.registrations_failed) += 1;
    if (client_work_done(c)) {
        if (saved) {
            c->tries--; /* only failures count */
            client_ok(c, r->request);
        } else {
            auth_fail(c, r->request, result == ACCOUNTS_FULL ? MESSAGE_E_LIMIT : MESSAGE_E_NOT_SAVED);
        }
        client_go_on(c);
    }
    registration_free(r);
}

static void register_finish(struct job *job)
{
    struct registration *r = (struct registration *)(void *)job;
    struct client *c = r->client;
    struct server *s = c->server;
    enum message_error error = MESSAGE_E_NONE;
    if (atomic_load(&s->abandoned)) /* first: then the name may be free, and must not be called taken */
        error = MESSAGE_E_STOPPING;
    else if (accounts_taken(s->accounts, r->account.name))
        error = MESSAGE_E_NAME_TAKEN;
    if (error == MESSAGE_E_NONE && c->phase != CLIENT_DEAD) {
        accounts_put(s->accounts, &r->account, register_saved, r);
        return;
    }
    s->counters.registrations_failed++;
    if (client_work_done(c)) {
        auth_fail(c, r->request, error);
        client_go_on(c);
    }
    registration_free(r);
}

/* That nobody may register comes first: what else is wrong would tell which names exist. */
static bool refuse_at_once(struct client *c, const struct message *m)
{
    if (c->server->limits->max_registrations == 0)
        auth_fail_with(c, m->request, MESSAGE_E_LIMIT, REGISTRATION_CLOSED_TEXT);
    else if (name_reserved(m->registration.name))
        auth_fail_with(c, m->request, MESSAGE_E_BAD_NAME, NAME_RESERVED_TEXT);
    else
        return false;
    c->server->counters.registrations_failed++;
    return true;
}

static enum message_error may_register(struct registration *r)
{
    struct server *s = r->client->server;
    if (!r->certificate_good)
        return MESSAGE_E_BAD_CERTIFICATE;
    if (accounts_taken(s->accounts, r->account.name))
        return MESSAGE_E_NAME_TAKEN;
    bool too_many = ratelimit_sources_reached(s->ratelimit, RATELIMIT_REGISTRATIONS, r->client->address,
                                              s->limits->max_registrations, s->now);
    return too_many || auth_waiting_is_full(r->client) ? MESSAGE_E_TRY_LATER : MESSAGE_E_NONE;
}

/* The certificate has been looked at. */
static void register_go_on(struct registration *r)
{
    struct client *c = r->client;
    struct server *s = c->server;
    enum message_error error = may_register(r);
    if (error != MESSAGE_E_NONE) {
        s->counters.registrations_failed++;
        auth_fail(c, r->request, error);
        registration_free(r);
        return;
    }
    /* Counted now and not when it is saved: many at a time must not slip through together. */
    ratelimit_sources_add(s->ratelimit, RATELIMIT_REGISTRATIONS, c->address, s->now);
    r->job = (struct job){.run = register_run, .finish = register_finish, .slow = true, .address = c->address};
    client_work_begins(c, &r->job);
}

static void certificate_run(struct job *job, struct rng *rng)
{
    struct registration *r = (struct registration *)(void *)job;
    (void)rng;
    r->certificate_good = account_certificate_good(r->account.name, r->account.certificate, r->account.certificate_len);
}

static void certificate_finish(struct job *job)
{
    struct registration *r = (struct registration *)(void *)job;
    struct client *c = r->client;
    if (!client_work_done(c)) {
        registration_free(r);
        return;
    }
    register_go_on(r);
    client_go_on(c);
}

static struct registration *registration_new(struct client *c, const struct message *m)
{
    struct registration *r = calloc(1, sizeof *r);
    if (r == NULL || account_set_email(&r->account, m->registration.email) != 0 ||
        account_set_certificate(&r->account, m->registration.certificate.data, m->registration.certificate.len) != 0) {
        if (r != NULL)
            registration_free(r);
        return NULL;
    }
    r->client = c;
    r->request = m->request;
    r->iterations = c->server->options->pbkdf2_iterations;
    memcpy(r->password, m->registration.password.data, m->registration.password.len);
    r->password_len = m->registration.password.len;
    memcpy(r->account.name, m->registration.name, sizeof r->account.name);
    r->account.created = clock_now();
    return r;
}

/* A certificate is checked by a worker too, since that takes longer than all else that the loop does. */
void login_register(struct client *c, const struct message *m)
{
    c->tries++;
    if (refuse_at_once(c, m))
        return;
    struct registration *r = registration_new(c, m);
    if (r == NULL) {
        c->server->counters.registrations_failed++;
        auth_fail(c, m->request, MESSAGE_E_NOT_SAVED); /* which is the end where it was the connection's last try */
        return;
    }
    r->certificate_good = r->account.certificate_len == 0;
    if (r->certificate_good) {
        register_go_on(r);
        return;
    }
    r->job = (struct job){.run = certificate_run, .finish = certificate_finish, .address = c->address};
    client_work_begins(c, &r->job);
}

/* --- Logging in --------------------------------------------------------------------------------------------------- */

/* The owner learns from this that somebody has his password; so it comes after each good login, and what it tells of
 * begins anew. */
static void tell_failures(struct client *c, const char *name)
{
    struct login_failures_told told = login_failures_told(c->server->login_failures, name);
    char text[200];
    int len = snprintf(text, sizeof text, "%u failed %s to log in since your last login", (unsigned)told.failed,
                       told.failed == 1 ? "try" : "tries");
    if (told.known > 0)
        len += snprintf(text + len, sizeof text - (size_t)len,
                        ", %u with the right password: if that was not you, change your password",
                        (unsigned)told.known);
    struct message m = {.type = MESSAGE_NOTICE};
    m.notice.text = (struct message_bytes){(const uint8_t *)text, (size_t)len};
    if (told.failed > 0)
        client_send(c, &m);
}

static enum message_error logged_in(struct auth *a)
{
    struct client *c = a->client;
    enum message_error error = client_logged_in(c, a->name, a->account.blocks);
    if (error == MESSAGE_E_NONE) {
        c->server->counters.logins++;
        client_ok(c, a->request);
        tell_failures(c, a->name);
        if (log_limit_allows(&c->server->log_limit, LOG_LIMIT_MEMBERS, c->server->now))
            log_event(LOG_INFO, "login", "user", a->name, "from", c->peer, NULL);
    }
    return error;
}

void login_log_in(struct client *c, const struct message *m)
{
    static const struct auth_kind kind = {.failed = "login failed", .done = logged_in};
    struct auth *a = auth_new(c, m->request, m->log_in.name, m->log_in.password, m->log_in.code, &kind);
    if (a != NULL)
        auth_start(a);
}
