/* Registering takes a password to a worker, which hashes it, and then the account to the disk. Logging in is an attempt
 * that changes nothing. */
#include "app/server/login.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/server/accounts.h"
#include "app/server/attempt.h"
#include "app/server/log.h"
#include "app/server/request.h"
#include "app/server/verifier.h"
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
    log_event(saved ? LOG_INFO : LOG_ERROR, saved ? "register" : "register failed", "user", r->account.name, "from",
              c->peer, NULL);
    *(saved ? &c->server->status.registrations : &c->server->status.registrations_failed) += 1;
    if (client_work_done(c)) {
        if (saved) {
            c->tries--; /* only failures count */
            request_ok(c, r->request);
        } else {
            attempt_fail(c, r->request, result == ACCOUNTS_FULL ? MESSAGE_E_LIMIT : MESSAGE_E_NOT_SAVED);
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
    bool made = c->phase != CLIENT_DEAD && !atomic_load(&s->abandoned);
    if (made && !accounts_taken(s->accounts, r->account.name)) {
        accounts_put(s->accounts, &r->account, register_saved, r);
        return;
    }
    s->status.registrations_failed++;
    if (client_work_done(c)) {
        attempt_fail(c, r->request, MESSAGE_E_NAME_TAKEN);
        client_go_on(c);
    }
    registration_free(r);
}

static enum message_error may_register(const struct server *s, const struct message *m)
{
    struct message_bytes certificate = m->registration.certificate;
    if (certificate.len > 0 && !account_certificate_good(m->registration.name, certificate.data, certificate.len))
        return MESSAGE_E_BAD_CERTIFICATE;
    if (accounts_taken(s->accounts, m->registration.name))
        return MESSAGE_E_NAME_TAKEN;
    return MESSAGE_E_NONE;
}

/* True where it was answered. That nobody may register comes first: what else is wrong would tell which names exist. */
static bool refuse_registration(struct client *c, const struct message *m, const struct tally_key *by_address)
{
    struct server *s = c->server;
    enum message_error error;
    const char *text = NULL;
    if (s->limits->max_registrations == 0) {
        error = MESSAGE_E_LIMIT;
        text = REGISTRATION_CLOSED_TEXT;
    } else if (name_reserved(m->registration.name)) {
        error = MESSAGE_E_BAD_NAME;
        text = NAME_RESERVED_TEXT;
    } else {
        error = may_register(s, m);
        bool too_many = tally_count(s->tally, by_address, s->now) >= s->limits->max_registrations;
        if (error == MESSAGE_E_NONE && (too_many || attempt_waiting_is_full(c)))
            error = MESSAGE_E_TRY_LATER;
    }
    if (error == MESSAGE_E_NONE)
        return false;
    s->status.registrations_failed++;
    if (text != NULL)
        attempt_fail_with(c, m->request, error, text);
    else
        attempt_fail(c, m->request, error);
    return true;
}

void login_register(struct client *c, const struct message *m)
{
    struct server *s = c->server;
    struct tally_key by_address = tally_key(s->tally, TALLY_REGISTRATIONS, c->address, sizeof c->address);
    c->tries++;
    if (refuse_registration(c, m, &by_address))
        return;
    struct registration *r = calloc(1, sizeof *r);
    if (r == NULL || account_set_email(&r->account, m->registration.email) != 0 ||
        account_set_certificate(&r->account, m->registration.certificate.data, m->registration.certificate.len) != 0) {
        if (r != NULL)
            registration_free(r);
        request_refuse(c, m->request, MESSAGE_E_NOT_SAVED);
        return;
    }
    r->client = c;
    r->request = m->request;
    r->iterations = s->options->pbkdf2_iterations;
    memcpy(r->password, m->registration.password.data, m->registration.password.len);
    r->password_len = m->registration.password.len;
    memcpy(r->account.name, m->registration.name, sizeof r->account.name);
    r->account.created = (uint64_t)time(NULL);
    /* Counted now and not when it is saved: many at a time must not slip through together. */
    tally_add(s->tally, &by_address, s->now);
    r->job = (struct job){.run = register_run, .finish = register_finish, .slow = true, .address = c->address};
    client_work_begins(c);
    worker_submit(s->workers, &r->job);
}

/* --- Logging in --------------------------------------------------------------------------------------------------- */

static enum message_error logged_in(struct attempt *a)
{
    struct client *c = a->client;
    enum message_error error = client_logged_in(c, a->name, a->account.blocks);
    if (error == MESSAGE_E_NONE) {
        c->server->status.logins++;
        request_ok(c, a->request);
        log_event(LOG_INFO, "login", "user", a->name, "from", c->peer, NULL);
    }
    return error;
}

void login_log_in(struct client *c, const struct message *m)
{
    static const struct attempt_kind kind = {.failed = "login failed", .done = logged_in};
    struct attempt *a = attempt_new(c, m->request, m->log_in.name, m->log_in.password, m->log_in.code, &kind);
    if (a != NULL)
        attempt_start(a);
}
