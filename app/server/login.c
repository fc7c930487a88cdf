/* Both requests go the same way: what can be refused at once is; a job takes the password to a worker; what the worker
 * found comes back here, to a client who may have left meanwhile. */
#include "app/server/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <time.h>

#include "app/server/accounts.h"
#include "app/server/log.h"
#include "app/server/verifier.h"
#include "app/server/request.h"
#include "crypto/ct.h"

struct attempt {
    struct job job;
    struct client *client;
    uint32_t request;
    uint32_t iterations;
    uint8_t password[PASSWORD_MAX_LEN];
    size_t password_len;
    struct account account; /* registering: the new one; logging in: the one that is tried, or only its name */
    bool known, right;
    struct tally_key by_account, by_address;
};

/* --- What both do ------------------------------------------------------------------------------------------------- */

static struct attempt *attempt_new(struct client *c, uint32_t request, const char *name, struct message_bytes password)
{
    struct attempt *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->client = c;
    a->request = request;
    a->iterations = c->server->options->pbkdf2_iterations;
    memcpy(a->account.name, name, strlen(name) + 1);
    memcpy(a->password, password.data, password.len); /* message_decode checked that it fits */
    a->password_len = password.len;
    return a;
}

static void attempt_free(struct attempt *a)
{
    ct_wipe(a, sizeof *a);
    free(a);
}

static void refuse_for_now(struct client *c, uint32_t request, uint32_t seconds)
{
    char text[100];
    snprintf(text, sizeof text, "too many failed tries: come back in %u second%s", (unsigned)seconds,
             seconds == 1 ? "" : "s");
    request_refuse_with(c, request, MESSAGE_E_TRY_LATER, text);
}

/* The end of a try that failed; who has used up all of his is shown out. */
static void fail(struct client *c, uint32_t request, enum message_error error)
{
    request_refuse(c, request, error);
    if (c->tries >= c->server->limits->max_tries)
        client_goodbye(c, "too many failed tries");
}

/* --- Registering -------------------------------------------------------------------------------------------------- */

static void register_run(struct job *job, struct rng *rng)
{
    struct attempt *a = (struct attempt *)(void *)job;
    if (!atomic_load(&a->client->server->abandoned))
        verifier_make(&a->account.password, a->password, a->password_len, a->iterations, rng);
    ct_wipe(a->password, sizeof a->password);
}

/* The account is on disk, or it isn't: only now the client is told. */
static void register_saved(void *arg, enum accounts_result result)
{
    struct attempt *a = arg;
    struct client *c = a->client;
    bool saved = result == ACCOUNTS_DONE;
    log_event(saved ? LOG_INFO : LOG_ERROR, saved ? "register" : "register failed", "user", a->account.name, "from",
              c->peer, NULL);
    *(saved ? &c->server->status.registrations : &c->server->status.registrations_failed) += 1;
    if (client_work_done(c)) {
        if (saved) {
            c->tries--; /* only failures count */
            request_ok(c, a->request);
        } else {
            fail(c, a->request, result == ACCOUNTS_FULL ? MESSAGE_E_LIMIT : MESSAGE_E_NOT_SAVED);
        }
        client_go_on(c);
    }
    attempt_free(a);
}

static void register_finish(struct job *job)
{
    struct attempt *a = (struct attempt *)(void *)job;
    struct client *c = a->client;
    struct server *s = c->server;
    bool made = c->phase != CLIENT_DEAD && !atomic_load(&s->abandoned);
    if (made && !accounts_taken(s->accounts, a->account.name)) {
        accounts_put(s->accounts, &a->account, register_saved, a);
        return;
    }
    s->status.registrations_failed++;
    if (client_work_done(c)) {
        fail(c, a->request, MESSAGE_E_NAME_TAKEN);
        client_go_on(c);
    }
    attempt_free(a);
}

static enum message_error may_register(const struct server *s, const struct message *m)
{
    if (name_reserved(m->registration.name))
        return MESSAGE_E_BAD_NAME;
    if (m->registration.certificate.len != 0)
        return MESSAGE_E_BAD_CERTIFICATE;
    if (accounts_taken(s->accounts, m->registration.name))
        return MESSAGE_E_NAME_TAKEN;
    return MESSAGE_E_NONE;
}

void login_register(struct client *c, const struct message *m)
{
    struct server *s = c->server;
    struct tally_key by_address = tally_key(s->tally, 'r', c->address, sizeof c->address);
    enum message_error error = may_register(s, m);
    c->tries++;
    if (error != MESSAGE_E_NONE) {
        s->status.registrations_failed++;
        fail(c, m->request, error);
        return;
    }
    if (tally_count(s->tally, &by_address, s->now) >= s->limits->max_registrations) {
        s->status.registrations_failed++;
        request_refuse(c, m->request, MESSAGE_E_TRY_LATER);
        return;
    }
    struct attempt *a = attempt_new(c, m->request, m->registration.name, m->registration.password);
    if (a == NULL) {
        request_refuse(c, m->request, MESSAGE_E_NOT_SAVED);
        return;
    }
    memcpy(a->account.email, m->registration.email, sizeof a->account.email);
    a->account.created = (uint64_t)time(NULL);
    /* Counted now and not when it is saved: many at a time must not slip through together. */
    tally_add(s->tally, &by_address, s->now);
    a->job = (struct job){.run = register_run, .finish = register_finish, .slow = true};
    client_work_begins(c);
    worker_submit(s->workers, &a->job);
}

/* --- Logging in --------------------------------------------------------------------------------------------------- */

static void log_in_run(struct job *job, struct rng *rng)
{
    struct attempt *a = (struct attempt *)(void *)job;
    (void)rng;
    if (!atomic_load(&a->client->server->abandoned)) {
        a->right = verifier_check(&a->account.password, a->password, a->password_len);
        verifier_even_out(&a->account.password, a->password, a->password_len, a->iterations);
    }
    ct_wipe(a->password, sizeof a->password);
}

/* Logins that wait for a worker are checked together: at the start of a lesson there are many at once. */
static void log_in_run_many(struct job *const jobs[], size_t n, struct rng *rng)
{
    struct verifier_try tries[WORKER_MANY_MAX];
    (void)rng;
    for (size_t i = 0; i < n; i++) {
        struct attempt *a = (struct attempt *)(void *)jobs[i];
        tries[i] = (struct verifier_try){.v = &a->account.password, .password = a->password, .len = a->password_len};
    }
    if (!atomic_load(&((struct attempt *)(void *)jobs[0])->client->server->abandoned))
        verifier_check_many(tries, n);
    for (size_t i = 0; i < n; i++) {
        struct attempt *a = (struct attempt *)(void *)jobs[i];
        a->right = tries[i].right;
        ct_wipe(a->password, sizeof a->password);
    }
}

static void log_in_well(struct client *c, struct attempt *a)
{
    enum message_error error = client_logged_in(c, a->account.name);
    if (error != MESSAGE_E_NONE) {
        fail(c, a->request, error);
        return;
    }
    c->tries = 0;
    request_ok(c, a->request);
    c->server->status.logins++;
    log_event(LOG_INFO, "login", "user", a->account.name, "from", c->peer, NULL);
}

static void log_in_finish(struct job *job)
{
    struct attempt *a = (struct attempt *)(void *)job;
    struct client *c = a->client;
    struct server *s = c->server;
    /* A code is given only by who has a second factor, and nobody has one yet: it can't be right. */
    const struct account *account = accounts_find(s->accounts, a->account.name);
    bool well = a->known && a->right && account != NULL;
    if (well) {
        tally_forget(s->tally, &a->by_account);
    } else {
        s->status.logins_failed++;
        tally_add(s->tally, &a->by_address, s->now);
        /* An unknown name may be a password that was typed in the wrong place. */
        log_event(LOG_WARN, "login failed", "user", account != NULL ? account->name : "-", "from", c->peer, NULL);
    }
    if (client_work_done(c)) {
        if (well)
            log_in_well(c, a);
        else
            fail(c, a->request, MESSAGE_E_LOGIN_FAILED);
        client_go_on(c);
    }
    attempt_free(a);
}

static struct tally_key key_of_account(const struct client *c, const char *name)
{
    uint8_t both[NAME_MAX_LEN + 1 + SOCK_KEY_LEN] = {0};
    memcpy(both, name, strlen(name));
    memcpy(both + NAME_MAX_LEN + 1, c->address, SOCK_KEY_LEN);
    return tally_key(c->server->tally, 'l', both, sizeof both);
}

void login_log_in(struct client *c, const struct message *m)
{
    struct server *s = c->server;
    struct tally_key by_account = key_of_account(c, m->log_in.name);
    struct tally_key by_address = tally_key(s->tally, 'a', c->address, sizeof c->address);
    uint32_t wait = tally_wait(s->tally, &by_account, s->limits->free_tries, s->now);
    uint32_t wait_address = tally_wait(s->tally, &by_address, s->limits->free_tries_address, s->now);
    if (wait > 0 || wait_address > 0) {
        s->status.logins_delayed++;
        refuse_for_now(c, m->request, wait > wait_address ? wait : wait_address);
        return;
    }
    struct attempt *a = attempt_new(c, m->request, m->log_in.name, m->log_in.password);
    if (a == NULL) {
        request_refuse(c, m->request, MESSAGE_E_TRY_LATER);
        return;
    }
    const struct account *account = accounts_find(s->accounts, m->log_in.name);
    if (name_reserved(m->log_in.name))
        account = NULL; /* whoever wrote that into the file: the console's name is the console's */
    a->known = account != NULL && m->log_in.code[0] == '\0';
    a->account.password = account != NULL ? account->password : s->nobody;
    a->by_account = by_account;
    a->by_address = by_address;
    a->job = (struct job){.run = log_in_run, .finish = log_in_finish, .slow = true};
    a->job.many_least = verifier_many_least();
    if (a->job.many_least > 0 && a->account.password.iterations >= a->iterations)
        a->job.run_many = log_in_run_many;
    c->tries++;
    tally_add(s->tally, &by_account, s->now);
    client_work_begins(c);
    worker_submit(s->workers, &a->job);
}
