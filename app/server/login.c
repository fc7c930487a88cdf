/* SPDX-License-Identifier: MIT */
/* Registering takes a password to a worker, which hashes it, and then the account to the disk. Logging in is an
 * authentication (auth.h) that changes nothing. */
#include "app/server/login.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/account_change.h"
#include "app/server/auth.h"
#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/ratelimit_sources.h"
#include "app/server/options.h"
#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "app/server/store/verifier.h"
#include "crypto/ct.h"

#define REGISTRATION_CLOSED_TEXT "accounts are made by this server's operator alone"

/* --- Registering -------------------------------------------------------------------------------------------------- */

struct registration {
    struct account_change change;
    uint32_t iterations;
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
};

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

static enum message_error may_register(const struct account_change *ch)
{
    struct client *c = ch->client;
    struct server *s = c->server;
    if (!ch->certificate_good)
        return MESSAGE_E_BAD_CERTIFICATE;
    if (accounts_taken(s->accounts, ch->name))
        return MESSAGE_E_NAME_TAKEN;
    bool too_many = ratelimit_sources_reached(s->ratelimit, RATELIMIT_REGISTRATIONS, c->address,
                                              s->limits->max_registrations, s->now);
    return too_many || auth_waiting_is_full(c) ? MESSAGE_E_TRY_LATER : MESSAGE_E_NONE;
}

static void hash_password(struct job *job, struct rng *rng)
{
    struct registration *r = (struct registration *)(void *)job;
    if (!atomic_load(&r->change.client->server->abandoned))
        verifier_make(&r->change.account.password, r->password, r->password_len, r->iterations, rng);
    ct_wipe(r->password, sizeof r->password);
}

static void registration_admit(struct account_change *ch)
{
    struct client *c = ch->client;
    struct server *s = c->server;
    enum message_error error = may_register(ch);
    if (error != MESSAGE_E_NONE) {
        s->counters.registrations_failed++;
        auth_fail(c, ch->request, error);
        account_change_free(ch);
        return;
    }
    /* Counted now and not when it is saved: many at a time must not slip through together. */
    ratelimit_sources_add(s->ratelimit, RATELIMIT_REGISTRATIONS, c->address, s->now);
    account_change_work(ch, (struct job){.run = hash_password, .slow = true});
}

static void registration_decide(struct account_change *ch)
{
    enum message_error error = MESSAGE_E_NONE;
    if (accounts_taken(ch->client->server->accounts, ch->name))
        error = MESSAGE_E_NAME_TAKEN;
    else if (ch->client->phase == CLIENT_DEAD)
        error = MESSAGE_E_NOT_SAVED; /* nobody would be told that there is an account now */
    ch->to_be_stored = error == MESSAGE_E_NONE;
    account_change_decided(ch, error);
}

static void registration_ended(struct account_change *ch, enum message_error error)
{
    struct server *s = ch->client->server;
    bool failed = error != MESSAGE_E_NONE;
    if (failed && ch->to_be_stored && log_limit_allows(&s->log_limit, LOG_LIMIT_ERRORS, s->now))
        log_event(LOG_ERROR, "register failed", "user", ch->name, "from", ch->client->peer, NULL);
    *(failed ? &s->counters.registrations_failed : &s->counters.registrations) += 1;
}

static void registration_answer(struct account_change *ch, enum message_error error)
{
    if (error != MESSAGE_E_NONE) {
        auth_fail(ch->client, ch->request, error);
        return;
    }
    ch->client->tries--; /* only failures count */
    client_ok(ch->client, ch->request);
}

static const struct account_change_kind registering = {.size = sizeof(struct registration),
                                                       .admit = registration_admit,
                                                       .decide = registration_decide,
                                                       .ended = registration_ended,
                                                       .answer = registration_answer};

/* NULL: no memory. */
static struct account_change *registration_new(struct client *c, const struct message *m)
{
    struct registration *r = account_change_new(c, m->request, m->registration.name, &registering);
    if (r == NULL)
        return NULL;
    struct account *account = &r->change.account;
    struct message_bytes certificate = m->registration.certificate;
    r->change.event = "register";
    r->iterations = c->server->options->pbkdf2_iterations;
    memcpy(r->password, m->registration.password.data, m->registration.password.len);
    r->password_len = m->registration.password.len;
    memcpy(account->name, m->registration.name, sizeof account->name);
    account->created = clock_now();
    if (account_set_email(account, m->registration.email) != 0 ||
        account_set_certificate(account, certificate.data, certificate.len) != 0) {
        account_change_free(&r->change);
        return NULL;
    }
    r->change.certificate = account->certificate;
    r->change.certificate_len = account->certificate_len;
    return &r->change;
}

void login_register(struct client *c, const struct message *m)
{
    c->tries++;
    if (refuse_at_once(c, m))
        return;
    struct account_change *ch = registration_new(c, m);
    if (ch != NULL) {
        account_change_check(ch);
        return;
    }
    c->server->counters.registrations_failed++;
    auth_fail(c, m->request, MESSAGE_E_NOT_SAVED); /* which is the end where it was the connection's last try */
}

/* --- Logging in --------------------------------------------------------------------------------------------------- */

/* The owner learns from this that somebody else has the password; so it comes after each good login, and what it tells
 * of begins anew. */
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
    struct client *c = a->change.client;
    enum message_error error = client_logged_in(c, a->change.name, a->change.account.blocks);
    if (error == MESSAGE_E_NONE) {
        c->server->counters.logins++;
        client_ok(c, a->change.request);
        tell_failures(c, a->change.name);
        if (log_limit_allows(&c->server->log_limit, LOG_LIMIT_MEMBERS, c->server->now))
            log_event(LOG_INFO, "login", "user", a->change.name, "from", c->peer, NULL);
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
