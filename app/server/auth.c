/* SPDX-License-Identifier: MIT */
/* What can be refused at once is; a job takes the password to a worker; what the worker found comes back here, where
 * the account may have changed, and the client have left, meanwhile. */
#include "app/server/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/ratelimit_sources.h"
#include "app/server/store/accounts.h"
#include "app/server/store/verifier.h"
#include "crypto/ct.h"
#include "crypto/totp.h"

/* --- Beginning ---------------------------------------------------------------------------------------------------- */

static struct ratelimit_key key_of_account(const struct client *c, const char *name)
{
    uint8_t both[NAME_MAX_LEN + 1 + SOCK_KEY_LEN] = {0};
    memcpy(both, name, strlen(name));
    memcpy(both + NAME_MAX_LEN + 1, c->address, SOCK_KEY_LEN);
    return ratelimit_key(c->server->ratelimit, RATELIMIT_LOGINS, both, sizeof both);
}

static void refuse_for_now(struct client *c, uint32_t request, uint32_t seconds)
{
    char text[100];
    snprintf(text, sizeof text, "too many failed tries: come back in %u second%s", (unsigned)seconds,
             seconds == 1 ? "" : "s");
    c->server->counters.logins_delayed++;
    client_refuse_with(c, request, MESSAGE_E_TRY_LATER, text);
}

bool auth_waiting_is_full(struct client *c)
{
    if (worker_slow_of(c->server->workers, c->address) < c->server->limits->max_waiting)
        return false;
    c->server->counters.logins_delayed++;
    return true;
}

void auth_free(struct auth *a)
{
    account_wipe(&a->account);
    ct_wipe(a, sizeof *a);
    free(a);
}

struct auth *auth_new(struct client *c, uint32_t request, const char *name, struct message_bytes password,
                      const char *code, const struct auth_kind *kind)
{
    struct server *s = c->server;
    struct ratelimit_key by_account = key_of_account(c, name);
    uint32_t wait = ratelimit_wait(s->ratelimit, &by_account, s->limits->free_tries, s->now);
    uint32_t wait_address = ratelimit_sources_wait(s->ratelimit, c->address, s->limits->free_tries_address, s->now);
    if (wait > 0 || wait_address > 0) {
        refuse_for_now(c, request, wait > wait_address ? wait : wait_address);
        return NULL;
    }
    struct auth *a = auth_waiting_is_full(c) ? NULL : calloc(1, sizeof *a);
    if (a == NULL) {
        client_refuse(c, request, MESSAGE_E_TRY_LATER);
        return NULL;
    }
    a->kind = kind;
    a->client = c;
    a->request = request;
    a->came = clock_now();
    a->iterations = a->even = s->options->pbkdf2_iterations;
    if (accounts_iterations(s->accounts) > a->even)
        a->even = accounts_iterations(s->accounts);
    a->by_account = by_account;
    memcpy(a->name, name, strlen(name) + 1);
    memcpy(a->password, password.data, password.len); /* message_decode checked that they fit */
    a->password_len = password.len;
    memcpy(a->code, code, strlen(code) + 1);
    return a;
}

/* --- On a worker -------------------------------------------------------------------------------------------------- */

/* Whether a new hash is to be made. Only where the code is good too: else the time that it takes would say that the
 * password is. */
static bool is_remade(const struct auth *a)
{
    bool is_new = a->new_password_len > 0 || a->tried.iterations < a->iterations;
    return a->right && a->known && a->code_good && is_new;
}

static void run(struct job *job, struct rng *rng)
{
    struct auth *a = (struct auth *)(void *)job;
    if (!atomic_load(&a->client->server->abandoned)) {
        a->right = verifier_check(&a->tried, a->password, a->password_len);
        a->remade = is_remade(a);
        if (!a->remade)
            verifier_even_out(&a->tried, a->password, a->password_len, a->even);
        else if (a->new_password_len > 0)
            verifier_make(&a->made, a->new_password, a->new_password_len, a->iterations, rng);
        else
            verifier_make(&a->made, a->password, a->password_len, a->iterations, rng);
    }
    ct_wipe(a->password, sizeof a->password);
    ct_wipe(a->new_password, sizeof a->new_password);
}

static void check_many(struct job *const jobs[], size_t n)
{
    struct verifier_try tries[JOB_MANY_MAX];
    uint32_t even = 0;
    for (size_t i = 0; i < n; i++) {
        const struct auth *a = (struct auth *)(void *)jobs[i];
        tries[i] = (struct verifier_try){.v = &a->tried, .password = a->password, .len = a->password_len};
        even = a->even > even ? a->even : even;
    }
    verifier_check_many(tries, n, even);
    for (size_t i = 0; i < n; i++)
        ((struct auth *)(void *)jobs[i])->right = tries[i].right;
}

/* Old hashes of those who have come in. */
static void raise_many(struct job *const jobs[], size_t n, struct rng *rng)
{
    struct verifier_new news[JOB_MANY_MAX];
    uint32_t iterations = 0;
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        struct auth *a = (struct auth *)(void *)jobs[i];
        a->remade = is_remade(a);
        if (a->remade)
            news[len++] = (struct verifier_new){&a->made, a->password, a->password_len};
        iterations = a->iterations; /* all have the server's */
    }
    if (len > 0)
        verifier_make_many(news, len, iterations, rng);
}

/* Passwords that wait for a worker are checked together: at the start of a lesson there are many at once. */
static void run_many(struct job *const jobs[], size_t n, struct rng *rng)
{
    if (!atomic_load(&((struct auth *)(void *)jobs[0])->client->server->abandoned)) {
        check_many(jobs, n);
        raise_many(jobs, n, rng);
    }
    for (size_t i = 0; i < n; i++) {
        struct auth *a = (struct auth *)(void *)jobs[i];
        ct_wipe(a->password, sizeof a->password);
    }
}

/* --- On the loop's thread again ----------------------------------------------------------------------------------- */

void auth_fail(struct client *c, uint32_t request, enum message_error error)
{
    if (error == MESSAGE_E_TRY_LATER)
        c->tries--; /* only what was looked at counts */
    auth_fail_with(c, request, error, message_error_text(error));
}

void auth_fail_with(struct client *c, uint32_t request, enum message_error error, const char *text)
{
    client_refuse_with(c, request, error, text);
    if (c->tries >= c->server->limits->max_tries)
        client_goodbye(c, "too many failed tries");
}

void auth_end_others(const struct client *c, const char *name)
{
    struct room_user *user = rooms_user(&c->server->rooms, name);
    if (user == NULL || client_of(user) == c)
        return;
    static const char text[] = "another session changed what logging in to this account needs, or deleted it";
    struct message m = {.type = MESSAGE_NOTICE};
    m.notice.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    client_send(client_of(user), &m);
    client_goodbye(client_of(user), "another session changed or deleted its account");
}

/* A session's own requests are counted apart from logins: or who has stolen a password and wastes codes would keep the
 * owner, whose session is still there, from changing it. */
static enum login_failures_place place_of(const struct auth *a)
{
    return a->inside ? LOGIN_FAILURES_INSIDE
                     : login_failures_place(a->client->server->login_failures, a->name, a->mark);
}

/* What was right ends what was wrong: a code the run of wrong ones from its place, a new password all. */
static void count_well(const struct auth *a)
{
    struct login_failures *codes = a->client->server->login_failures;
    if (a->step > 0)
        login_failures_right(codes, a->name, place_of(a), a->mark);
    if (a->new_password_len > 0)
        login_failures_clear(codes, a->name);
    if (a->account.deleted)
        login_failures_remove(codes, a->name);
}

static void end(struct auth *a, enum message_error error)
{
    struct client *c = a->client;
    if (error == MESSAGE_E_NONE)
        count_well(a);
    if (error == MESSAGE_E_NONE && a->ends_sessions)
        auth_end_others(c, a->name);
    bool changed = error == MESSAGE_E_NONE && a->kind->change != NULL;
    if (changed && log_limit_allows(&c->server->log_limit, LOG_LIMIT_CHANGES, c->server->now))
        log_event(LOG_INFO, a->kind->well, "user", a->name, "from", c->peer, NULL);
    if (client_work_done(c)) {
        if (error == MESSAGE_E_NONE)
            error = a->kind->done(a);
        if (error != MESSAGE_E_NONE)
            auth_fail(c, a->request, error);
        else
            c->tries = 0;
        client_go_on(c);
    }
    auth_free(a);
}

/* Where all that changes is that an old hash is raised, that can wait for another time. */
static bool only_raised(const struct auth *a)
{
    return a->kind->change == NULL && a->step == 0;
}

static void saved(void *arg, enum accounts_result result)
{
    struct auth *a = arg;
    end(a, result == ACCOUNTS_DONE || only_raised(a) ? MESSAGE_E_NONE : MESSAGE_E_NOT_SAVED);
}

/* Whether what was given as a code is what this account wants; sets step where that is one. While codes are locked none
 * is good: that gets the answer that a wrong one gets, after the same work, or it would say that the password was
 * right. */
static bool code_is_good(struct auth *a, const struct account *account)
{
    struct server *s = a->client->server;
    uint8_t secret[TOTP_SEAL_SECRET_LEN];
    a->step = 0;
    if (account == NULL || account->totp == NULL || a->code[0] == '\0')
        return (account == NULL || account->totp == NULL) && a->code[0] == '\0';
    a->code_unseen = login_failures_locked(s->login_failures, a->name, place_of(a), s->now) || a->code_unseen;
    if (totp_seal_open(&s->totp_seal, secret, a->name, account->totp->sealed) != 0) {
        if (log_limit_allows(&s->log_limit, LOG_LIMIT_ERRORS, s->now))
            log_event(LOG_ERROR, "a second factor can't be opened: storage.key is another, or the line is damaged",
                      "user", a->name, NULL);
        return false;
    }
    bool good = totp_verify(&a->step, secret, sizeof secret, a->came, account->totp->step,
                            (uint32_t)strtoul(a->code, NULL, 10)) == 0;
    ct_wipe(secret, sizeof secret);
    return good && !a->code_unseen;
}

static void count_wrong_code(struct auth *a)
{
    static const char *const places[] = {"another address", "the last login's address", "a session"};
    struct server *s = a->client->server;
    char hours[LOG_NUMBER_MAX];
    enum login_failures_place place = place_of(a);
    s->counters.codes_wrong++;
    if (a->code_unseen || login_failures_locked(s->login_failures, a->name, place, s->now))
        return; /* else who goes on trying would keep the owner out for ever */
    uint32_t lock = login_failures_wrong(s->login_failures, a->name, place, s->limits->max_wrong_codes, s->now);
    if (lock > 0)
        log_event(LOG_WARN, "too many wrong codes behind the right password: none is looked at for some hours", "user",
                  a->name, "hours", log_number(hours, lock / 3600), "from", places[place], NULL);
}

/* Behind the right password. Who has that and guesses codes has a few, and then one a day. A code that is given
 * where there is no second factor is wrong too. Who is logged in is told that it was the code.
 * CAUTION: who is not must not learn that the password was right (test_codes_can_not_be_guessed). */
static enum message_error judge_code(struct auth *a, const struct account *account)
{
    a->code_good = a->code_good && code_is_good(a, account);
    if (account->totp != NULL && a->code[0] != '\0' && !a->code_good)
        count_wrong_code(a);
    if (a->code_good)
        return MESSAGE_E_NONE;
    return a->inside ? MESSAGE_E_WRONG_CODE : MESSAGE_E_LOGIN_FAILED;
}

static enum message_error judge(struct auth *a, const struct account *account)
{
    if (!a->known || !a->right || account == NULL || account->locked)
        return MESSAGE_E_LOGIN_FAILED;
    /* It must still be the password that was tried: it may have been changed while the worker was busy. */
    if (!ct_equal(a->tried.hash, account->password.hash, sizeof a->tried.hash))
        return MESSAGE_E_TRY_LATER;
    return judge_code(a, account);
}

/* Many failed while this one was under way: whether it is right nobody learns now, or who opens hundreds of connections
 * would have as many tries each time that the wait is over. */
static bool too_late(const struct auth *a)
{
    const struct server *s = a->client->server;
    return ratelimit_sources_wait(s->ratelimit, a->client->address, s->limits->free_tries_address, s->now) > 0;
}

/* A failure was counted for the account from the beginning. */
static void count(struct auth *a, const struct account *account, enum message_error error)
{
    struct server *s = a->client->server;
    if (error == MESSAGE_E_NONE) {
        ratelimit_forget(s->ratelimit, &a->by_account);
        return;
    }
    s->counters.logins_failed++;
    if (account != NULL && !a->inside)
        login_failures_failed(s->login_failures, account->name, a->right);
    ratelimit_sources_add(s->ratelimit, RATELIMIT_ADDRESSES, a->client->address, s->now);
    /* An unknown name may be a password that was typed in the wrong place. */
    const char *user = account != NULL ? account->name : "-";
    if (log_limit_allows(&s->log_limit, LOG_LIMIT_FAILED, s->now))
        log_event(LOG_WARN, a->kind->failed, "user", user, "from", a->client->peer, NULL);
}

/* Makes a->account, as it is to be. */
static enum message_error change(struct auth *a, const struct account *account)
{
    if (account_copy(&a->account, account) != 0)
        return MESSAGE_E_NOT_SAVED;
    if (a->remade) {
        a->account.password = a->made;
        a->changed = true;
    }
    if (a->step > 0) {
        a->account.totp->step = a->step; /* before ok is said: no code works twice, not even after a crash */
        a->changed = true;
    }
    return a->kind->change != NULL ? a->kind->change(a) : MESSAGE_E_NONE;
}

static void counted(void *arg)
{
    struct auth *a = arg;
    end(a, a->error);
}

/* CAUTION: every failure that came with a code is answered behind a write of login_failures.h. Were it only that of a
 * code which was counted, its time would say that the password was right; were it none, who can make the server crash
 * would try codes that are never counted (test_a_wrong_code_is_on_disk_before_its_answer). */
static void answer(struct auth *a, enum message_error error)
{
    if (error == MESSAGE_E_NONE || a->code[0] == '\0') {
        end(a, error);
        return;
    }
    a->error = error;
    a->waiter = (struct login_failures_waiter){.done = counted, .arg = a};
    login_failures_write(a->client->server->login_failures, &a->waiter);
}

static void finish(struct job *job)
{
    struct auth *a = (struct auth *)(void *)job;
    struct server *s = a->client->server;
    const struct account *account = accounts_find(s->accounts, a->name);
    if (a->job.withdrawn || atomic_load(&s->abandoned)) {
        end(a, MESSAGE_E_STOPPING);
        return;
    }
    if (too_late(a)) {
        s->counters.logins_delayed++;
        end(a, MESSAGE_E_TRY_LATER);
        return;
    }
    enum message_error error = judge(a, account);
    count(a, account, error);
    if (error == MESSAGE_E_NONE)
        error = change(a, account);
    bool busy = accounts_changing(s->accounts, a->name);
    if (error == MESSAGE_E_NONE && a->changed && !busy)
        accounts_put(s->accounts, &a->account, saved, a);
    else if (error == MESSAGE_E_NONE && a->changed && !only_raised(a))
        end(a, MESSAGE_E_TRY_LATER);
    else
        answer(a, error);
}

void auth_start(struct auth *a)
{
    struct client *c = a->client;
    struct server *s = c->server;
    const struct account *account = accounts_find(s->accounts, a->name);
    if (name_reserved(a->name))
        account = NULL; /* whoever wrote that into the file: the console's name is the console's */
    a->known = account != NULL && !account->locked;
    a->inside = c->logged_in;
    totp_seal_mark(&s->totp_seal, a->mark, a->name, c->address, sizeof c->address);
    a->code_good = code_is_good(a, account);
    a->tried = account != NULL ? account->password : s->nobody;
    if (account == NULL)
        a->tried.iterations = a->even;
    a->job = (struct job){.run = run, .finish = finish, .slow = true, .address = c->address};
    a->job.many_least = verifier_many_least();
    if (a->job.many_least > 0 && a->new_password_len == 0)
        a->job.run_many = run_many;
    c->tries++;
    ratelimit_add(s->ratelimit, &a->by_account, s->now);
    client_work_begins(c, &a->job);
}
