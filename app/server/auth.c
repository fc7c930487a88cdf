/* SPDX-License-Identifier: MIT */
/* What can be refused at once is (the end of this file); a worker checks the password; what it found is judged here, as
 * the account may have changed, and the client have left, meanwhile. */
#include "app/server/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/base/ratelimit_sources.h"
#include "app/server/base/worker.h"
#include "app/server/options.h"
#include "app/server/store/accounts.h"
#include "app/server/store/verifier.h"
#include "crypto/ct.h"
#include "crypto/totp.h"

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
    if (!atomic_load(&a->change.client->server->abandoned)) {
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

/* Old hashes, where the password and the code were right. */
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
    if (!atomic_load(&((struct auth *)(void *)jobs[0])->change.client->server->abandoned)) {
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

/* The operator, whose name no account should have, is no client and stays. */
static void end_session(struct server *s, const char *name, const struct client *but, const char *text,
                        const char *cause)
{
    struct room_user *user = rooms_user(&s->rooms, name);
    if (user == NULL || user->is_operator || client_of(user) == but)
        return;
    struct message m = {.type = MESSAGE_NOTICE};
    m.notice.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    client_send(client_of(user), &m);
    client_goodbye(client_of(user), cause);
}

void auth_end_others(const struct client *c, const char *name)
{
    end_session(c->server, name, c, "another session changed what logging in to this account needs, or deleted it",
                "another session changed or deleted its account");
}

void auth_end_session(struct server *s, const char *name)
{
    end_session(s, name, NULL, "the operator has locked, changed or removed this account",
                "the operator changed its account");
}

/* A session's own requests are counted apart from logins: or a thief of the password who wastes codes would keep the
 * owner, whose session is still there, from changing it. */
static enum login_failures_place place_of(const struct auth *a)
{
    return a->inside ? LOGIN_FAILURES_INSIDE
                     : login_failures_place(a->change.client->server->login_failures, a->change.name, a->mark);
}

/* Whether what was given as a code is what this account wants; sets step where that is one. While codes are locked none
 * is good: that gets the answer that a wrong one gets, after the same work, or it would say that the password was
 * right. */
static bool code_is_good(struct auth *a, const struct account *account)
{
    struct server *s = a->change.client->server;
    uint8_t secret[TOTP_SEAL_SECRET_LEN];
    a->step = 0;
    if (account == NULL || account->totp == NULL || a->code[0] == '\0')
        return (account == NULL || account->totp == NULL) && a->code[0] == '\0';
    a->code_unseen = login_failures_locked(s->login_failures, a->change.name, place_of(a), s->now) || a->code_unseen;
    if (totp_seal_open(&s->totp_seal, secret, a->change.name, account->totp->sealed) != 0) {
        if (log_limit_allows(&s->log_limit, LOG_LIMIT_ERRORS, s->now))
            log_event(LOG_ERROR, "a second factor can't be opened: storage.key is another, or the line is damaged",
                      "user", a->change.name, NULL);
        return false;
    }
    bool good = totp_verify(&a->step, secret, sizeof secret, a->asked_at, account->totp->step,
                            (uint32_t)strtoul(a->code, NULL, 10)) == 0;
    ct_wipe(secret, sizeof secret);
    return good && !a->code_unseen;
}

static void count_wrong_code(struct auth *a)
{
    static const char *const places[] = {"another address", "the last login's address", "a session"};
    struct server *s = a->change.client->server;
    char hours[LOG_NUMBER_MAX];
    enum login_failures_place place = place_of(a);
    s->counters.codes_wrong++;
    if (a->code_unseen || login_failures_locked(s->login_failures, a->change.name, place, s->now))
        return; /* else whoever goes on trying would keep the owner out for ever */
    uint32_t lock = login_failures_wrong(s->login_failures, a->change.name, place, s->limits->max_wrong_codes, s->now);
    if (lock > 0)
        log_event(LOG_WARN, "too many wrong codes after the right password: none is looked at for some hours", "user",
                  a->change.name, "hours", log_number(hours, lock / 3600), "from", places[place], NULL);
}

/* After the right password. Whoever has that and guesses codes has a few, and then one a day. A code that is given
 * where there is no second factor is wrong too. A client that is logged in is told that it was the code.
 * CAUTION: one that is not must not learn that the password was right (test_codes_can_not_be_guessed). */
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

/* Many failed while this one was under way: whether it is right nobody learns now, or whoever opens hundreds of
 * connections would have as many tries each time that the wait is over. */
static bool too_late(const struct auth *a)
{
    const struct server *s = a->change.client->server;
    return ratelimit_sources_wait(s->ratelimit, a->change.client->address, s->limits->free_tries_address, s->now) > 0;
}

/* A failure was counted for the account from the beginning. */
static void count_try(struct auth *a, const struct account *account, enum message_error error)
{
    struct server *s = a->change.client->server;
    if (error == MESSAGE_E_NONE) {
        ratelimit_forget(s->ratelimit, &a->by_account);
        return;
    }
    s->counters.logins_failed++;
    if (account != NULL && !a->inside)
        login_failures_failed(s->login_failures, account->name, a->right);
    ratelimit_sources_add(s->ratelimit, RATELIMIT_ADDRESSES, a->change.client->address, s->now);
    /* An unknown name may be a password that was typed in the wrong place. */
    const char *user = account != NULL ? account->name : "-";
    if (log_limit_allows(&s->log_limit, LOG_LIMIT_FAILED, s->now))
        log_event(LOG_WARN, a->kind->failed, "user", user, "from", a->change.client->peer, NULL);
}

/* Makes a->change.account, as it is to be. */
static enum message_error change(struct auth *a, const struct account *account)
{
    struct account_change *ch = &a->change;
    if (account_copy(&ch->account, account) != 0)
        return MESSAGE_E_NOT_SAVED;
    if (a->remade)
        ch->account.password = a->made;
    if (a->step > 0)
        ch->account.totp->step = a->step; /* before ok is said: no code works twice, not even after a crash */
    ch->to_be_stored = a->remade || a->step > 0;
    ch->can_wait = a->kind->change == NULL && a->step == 0; /* all that changes is that an old hash is raised */
    return a->kind->change != NULL ? a->kind->change(a) : MESSAGE_E_NONE;
}

static void failure_written(void *arg)
{
    struct auth *a = arg;
    account_change_decided(&a->change, a->error);
}

static void decide(struct account_change *ch)
{
    struct auth *a = (struct auth *)(void *)ch;
    struct server *s = ch->client->server;
    const struct account *account = accounts_find(s->accounts, ch->name);
    if (too_late(a)) {
        s->counters.logins_delayed++;
        account_change_decided(ch, MESSAGE_E_TRY_LATER);
        return;
    }
    a->error = judge(a, account);
    count_try(a, account, a->error);
    if (a->error == MESSAGE_E_NONE)
        a->error = change(a, account);
    /* CAUTION: every failure that came with a code is answered after a write of login_failures.h. Were it only that of
     * a code which was counted, its time would say that the password was right; were it none, whoever can make the
     * server crash would try codes that are never counted (test_a_wrong_code_is_on_disk_before_its_answer). */
    a->waiter = (struct login_failures_waiter){.done = failure_written, .arg = a};
    if (a->error != MESSAGE_E_NONE && a->code[0] != '\0')
        login_failures_write(s->login_failures, &a->waiter);
    else
        account_change_decided(ch, a->error);
}

/* What was right ends what was wrong: a code the run of wrong ones from its place, a new password all. */
static void ended(struct account_change *ch, enum message_error error)
{
    const struct auth *a = (struct auth *)(void *)ch;
    struct login_failures *failures = ch->client->server->login_failures;
    if (error != MESSAGE_E_NONE)
        return;
    if (a->step > 0)
        login_failures_right(failures, ch->name, place_of(a), a->mark);
    if (a->new_password_len > 0)
        login_failures_clear(failures, ch->name);
    if (ch->account.deleted)
        login_failures_remove(failures, ch->name);
    if (a->ends_sessions)
        auth_end_others(ch->client, ch->name);
}

static void answer(struct account_change *ch, enum message_error error)
{
    struct auth *a = (struct auth *)(void *)ch;
    if (error == MESSAGE_E_NONE)
        error = a->kind->done(a);
    if (error == MESSAGE_E_NONE)
        ch->client->tries = 0;
    else
        auth_fail(ch->client, ch->request, error);
}

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

static void check_password(struct auth *a)
{
    struct account_change *ch = &a->change;
    struct client *c = ch->client;
    struct server *s = c->server;
    const struct account *account = accounts_find(s->accounts, ch->name);
    if (name_reserved(ch->name))
        account = NULL; /* whoever wrote that into the file: the console's name is the console's */
    a->known = account != NULL && !account->locked;
    totp_seal_mark(&s->totp_seal, a->mark, ch->name, c->address, sizeof c->address);
    a->code_good = code_is_good(a, account);
    a->tried = account != NULL ? account->password : s->nobody;
    if (account == NULL)
        a->tried.iterations = a->even;
    struct job job = {.run = run, .slow = true, .many_least = verifier_many_least()};
    if (job.many_least > 0 && a->new_password_len == 0)
        job.run_many = run_many;
    c->tries++;
    ratelimit_add(s->ratelimit, &a->by_account, s->now);
    account_change_work(ch, job);
}

static void admit(struct account_change *ch)
{
    struct auth *a = (struct auth *)(void *)ch;
    if (ch->certificate_good && a->inside == ch->client->logged_in) {
        check_password(a);
        return;
    }
    client_refuse(ch->client, ch->request, ch->certificate_good ? MESSAGE_E_NOT_SAVED : MESSAGE_E_BAD_CERTIFICATE);
    account_change_free(ch);
}

static const struct account_change_kind trying = {
    .size = sizeof(struct auth), .admit = admit, .decide = decide, .ended = ended, .answer = answer};

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
    struct auth *a = auth_waiting_is_full(c) ? NULL : account_change_new(c, request, name, &trying);
    if (a == NULL) {
        client_refuse(c, request, MESSAGE_E_TRY_LATER);
        return NULL;
    }
    a->change.event = kind->well;
    a->kind = kind;
    a->inside = c->logged_in;
    a->asked_at = clock_now();
    a->iterations = a->even = s->options->pbkdf2_iterations;
    if (accounts_iterations(s->accounts) > a->even)
        a->even = accounts_iterations(s->accounts);
    a->by_account = by_account;
    memcpy(a->password, password.data, password.len); /* message_decode checked that they fit */
    a->password_len = password.len;
    memcpy(a->code, code, strlen(code) + 1);
    return a;
}

void auth_start(struct auth *a)
{
    account_change_check(&a->change);
}
