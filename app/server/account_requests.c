/* SPDX-License-Identifier: MIT */
/* Most of these are attempts that went well: what is to become of the account, and what is said when it is on disk.
 * What needs no password is an edit: it goes over a worker too, and then to the disk. */
#include "app/server/account_requests.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/auth.h"
#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/store/accounts.h"
#include "app/server/store/blocks.h"
#include "app/server/store/login_failures.h"
#include "crypto/ct.h"
#include "crypto/totp.h"

/* --- Edits -------------------------------------------------------------------------------------------------------- */

struct edit {
    struct job job;
    struct client *client;
    uint32_t request;
    const char *event;                            /* in the log */
    enum message_error (*change)(struct edit *e); /* changes e->account, and sets e->changed */
    void (*done)(struct edit *e);                 /* or NULL: it is on disk */
    struct account account;
    bool changed;
    uint8_t secret[TOTP_SEAL_SECRET_LEN]; /* confirming a second factor: to be sealed, */
    struct account_totp totp;             /* in here */
    char other[NAME_MAX_LEN + 1];         /* blocking: whom */
};

static void edit_end(struct edit *e, enum message_error error)
{
    struct client *c = e->client;
    bool changed = error == MESSAGE_E_NONE && e->changed;
    if (changed && log_limit_allows(&c->server->log_limit, LOG_LIMIT_CHANGES, c->server->now))
        log_event(LOG_INFO, e->event, "user", e->account.name, "from", c->peer, NULL);
    if (error == MESSAGE_E_NONE && e->done != NULL)
        e->done(e);
    if (client_work_done(c)) {
        if (error != MESSAGE_E_NONE)
            client_refuse(c, e->request, error);
        else
            client_ok(c, e->request);
        client_go_on(c);
    }
    account_wipe(&e->account);
    ct_wipe(e, sizeof *e);
    free(e);
}

static void edit_saved(void *arg, enum accounts_result result)
{
    edit_end(arg, result == ACCOUNTS_DONE ? MESSAGE_E_NONE : MESSAGE_E_NOT_SAVED);
}

static void edit_finish(struct job *job)
{
    struct edit *e = (struct edit *)(void *)job;
    struct server *s = e->client->server;
    const struct account *account = accounts_find(s->accounts, e->client->user.name);
    enum message_error error = MESSAGE_E_NONE;
    /* A session that has ended meanwhile, by a new password or by the operator, must not have the last word. */
    bool here = e->client->logged_in && !atomic_load(&s->abandoned);
    if (account == NULL || !here || account_copy(&e->account, account) != 0)
        error = MESSAGE_E_NOT_SAVED;
    else if (accounts_changing(s->accounts, account->name))
        error = MESSAGE_E_TRY_LATER;
    else
        error = e->change(e);
    if (error == MESSAGE_E_NONE && e->changed)
        accounts_put(s->accounts, &e->account, edit_saved, e);
    else
        edit_end(e, error);
}

static struct edit *edit_new(struct client *c, uint32_t request, const char *event)
{
    struct edit *e = calloc(1, sizeof *e);
    if (e == NULL) {
        client_refuse(c, request, MESSAGE_E_NOT_SAVED);
        return NULL;
    }
    e->client = c;
    e->request = request;
    e->event = event;
    return e;
}

static void nothing(struct job *job, struct rng *rng)
{
    (void)job;
    (void)rng;
}

static void edit_start(struct edit *e, void (*run)(struct job *job, struct rng *rng))
{
    e->job = (struct job){.run = run, .finish = edit_finish, .address = e->client->address};
    client_work_begins(e->client, &e->job);
}

/* --- Attempts ----------------------------------------------------------------------------------------------------- */

static enum message_error answer_ok(struct auth *a)
{
    client_ok(a->client, a->request);
    return MESSAGE_E_NONE;
}

/* --- The password ------------------------------------------------------------------------------------------------- */

static enum message_error change_password(struct auth *a)
{
    a->ends_sessions = true;
    return MESSAGE_E_NONE; /* the attempt has put the new hash in the old one's place */
}

void account_requests_change_password(struct client *c, const struct message *m)
{
    static const struct auth_kind kind = {"password changed", "password not changed", change_password, answer_ok};
    struct auth *a = auth_new(c, m->request, c->user.name, m->change_password.password, m->change_password.code, &kind);
    if (a == NULL)
        return;
    memcpy(a->new_password, m->change_password.new_password.data, m->change_password.new_password.len);
    a->new_password_len = m->change_password.new_password.len;
    auth_start(a);
}

/* --- The end of an account ---------------------------------------------------------------------------------------- */

/* All is forgotten but the name, which nobody may have after him. */
static enum message_error delete_account(struct auth *a)
{
    account_wipe(&a->account);
    memcpy(a->account.name, a->name, sizeof a->name);
    a->account.deleted = true;
    a->changed = a->ends_sessions = true;
    return MESSAGE_E_NONE;
}

static enum message_error deleted(struct auth *a)
{
    client_ok(a->client, a->request);
    client_goodbye(a->client, "its account was deleted");
    return MESSAGE_E_NONE;
}

void account_requests_delete_account(struct client *c, const struct message *m)
{
    static const struct auth_kind kind = {"account deleted", "account not deleted", delete_account, deleted};
    struct auth *a = auth_new(c, m->request, c->user.name, m->delete_account.password, m->delete_account.code, &kind);
    if (a != NULL)
        auth_start(a);
}

/* --- The second factor -------------------------------------------------------------------------------------------- */

static enum message_error begun(struct auth *a)
{
    struct client *c = a->client;
    struct message m = {.type = MESSAGE_SECRET, .request = a->request};
    client_forget_secret(c);
    c->new_secret = malloc(TOTP_SEAL_SECRET_LEN);
    if (c->new_secret == NULL)
        return MESSAGE_E_NOT_SAVED;
    rng_key(&c->server->rng, c->new_secret, TOTP_SEAL_SECRET_LEN);
    memcpy(m.secret.secret, c->new_secret, TOTP_SEAL_SECRET_LEN);
    client_send(c, &m);
    ct_wipe(&m, sizeof m);
    return MESSAGE_E_NONE;
}

void account_requests_begin_second_factor(struct client *c, const struct message *m)
{
    static const struct auth_kind kind = {.failed = "second factor not begun", .done = begun};
    struct auth *a = auth_new(c, m->request, c->user.name, m->begin_second_factor.password, m->begin_second_factor.code,
                              &kind);
    if (a != NULL)
        auth_start(a);
}

static void seal(struct job *job, struct rng *rng)
{
    struct edit *e = (struct edit *)(void *)job;
    totp_seal_seal(&e->client->server->totp_seal, e->totp.sealed, e->client->user.name, e->secret, rng);
}

static enum message_error confirm(struct edit *e)
{
    if (e->account.totp == NULL && (e->account.totp = malloc(sizeof *e->account.totp)) == NULL)
        return MESSAGE_E_NOT_SAVED;
    *e->account.totp = e->totp;
    e->changed = true;
    return MESSAGE_E_NONE;
}

static void confirmed(struct edit *e)
{
    struct server *s = e->client->server;
    uint8_t mark[TOTP_SEAL_MARK_LEN];
    totp_seal_mark(&s->totp_seal, mark, e->account.name, e->client->address, sizeof e->client->address);
    login_failures_right(s->login_failures, e->account.name, LOGIN_FAILURES_ELSEWHERE, mark);
    auth_end_others(e->client, e->account.name);
    client_forget_secret(e->client);
}

/* Codes can be guessed here without end, but only of the secret that the one who guesses was told. */
void account_requests_confirm_second_factor(struct client *c, const struct message *m)
{
    const char *code = m->confirm_second_factor.code;
    uint64_t step;
    if (c->new_secret == NULL) {
        client_refuse(c, m->request, MESSAGE_E_NO_SECOND_FACTOR);
        return;
    }
    if (*code == '\0' || totp_verify(&step, c->new_secret, TOTP_SEAL_SECRET_LEN, clock_now(), 0,
                                     (uint32_t)strtoul(code, NULL, 10)) != 0) {
        client_refuse(c, m->request, MESSAGE_E_WRONG_CODE);
        return;
    }
    struct edit *e = edit_new(c, m->request, "second factor confirmed");
    if (e == NULL)
        return;
    memcpy(e->secret, c->new_secret, TOTP_SEAL_SECRET_LEN);
    e->totp.step = step;
    e->change = confirm;
    e->done = confirmed;
    edit_start(e, seal);
}

static enum message_error end_second_factor(struct auth *a)
{
    if (a->account.totp == NULL)
        return MESSAGE_E_NO_SECOND_FACTOR;
    free(a->account.totp);
    a->account.totp = NULL;
    a->changed = a->ends_sessions = true;
    return MESSAGE_E_NONE;
}

void account_requests_end_second_factor(struct client *c, const struct message *m)
{
    static const struct auth_kind kind = {"second factor ended", "second factor not ended", end_second_factor,
                                          answer_ok};
    struct auth *a = auth_new(c, m->request, c->user.name, m->end_second_factor.password, m->end_second_factor.code,
                              &kind);
    if (a != NULL)
        auth_start(a);
}

/* --- The certificate ---------------------------------------------------------------------------------------------- */

static enum message_error replace_certificate(struct auth *a)
{
    a->changed = a->ends_sessions = true;
    return account_set_certificate(&a->account, a->certificate, a->certificate_len) == 0 ? MESSAGE_E_NONE
                                                                                         : MESSAGE_E_NOT_SAVED;
}

/* On a worker: it takes longer than all else that the loop does. */
static void check_certificate(struct job *job, struct rng *rng)
{
    struct auth *a = (struct auth *)(void *)job;
    (void)rng;
    a->certificate_good = account_certificate_good(a->name, a->certificate, a->certificate_len);
}

static void certificate_checked(struct job *job)
{
    struct auth *a = (struct auth *)(void *)job;
    struct client *c = a->client;
    if (!client_work_done(c)) {
        auth_free(a);
        return;
    }
    if (c->logged_in && a->certificate_good) {
        auth_start(a);
    } else {
        client_refuse(c, a->request, a->certificate_good ? MESSAGE_E_NOT_SAVED : MESSAGE_E_BAD_CERTIFICATE);
        auth_free(a);
    }
    client_go_on(c);
}

void account_requests_replace_certificate(struct client *c, const struct message *m)
{
    static const struct auth_kind kind = {"certificate replaced", "certificate not replaced", replace_certificate,
                                          answer_ok};
    struct message_bytes certificate = m->replace_certificate.certificate;
    if (certificate.len > CERTIFICATE_MAX_LEN) {
        client_refuse(c, m->request, MESSAGE_E_BAD_CERTIFICATE);
        return;
    }
    struct auth *a = auth_new(c, m->request, c->user.name, m->replace_certificate.password, m->replace_certificate.code,
                              &kind);
    if (a == NULL)
        return;
    if (certificate.len == 0) {
        auth_start(a);
        return;
    }
    memcpy(a->certificate, certificate.data, certificate.len);
    a->certificate_len = certificate.len;
    a->job = (struct job){.run = check_certificate, .finish = certificate_checked, .address = c->address};
    client_work_begins(c, &a->job);
}

/* Where everybody may register, everybody may know which names are taken. Where the operator alone makes accounts,
 * which there are is nobody's business: no answer tells a name without an account from one with nothing to show.
 *
 * CAUTION: tests/integration/test_account_cli.py: test_members_are_not_told_which_names_there_are. */
static bool tells_names(const struct server *s)
{
    return s->limits->max_registrations > 0;
}

void account_requests_fetch_certificate(struct client *c, const struct message *m)
{
    const char *name = m->fetch_certificate.name;
    const struct account *account = accounts_find(c->server->accounts, name);
    struct message out = {.type = MESSAGE_CERTIFICATE, .request = m->request};
    if (account == NULL && tells_names(c->server)) {
        client_refuse(c, m->request, MESSAGE_E_NO_SUCH_USER);
        return;
    }
    memcpy(out.certificate.name, name, strlen(name) + 1);
    if (account != NULL)
        out.certificate.certificate = (struct message_bytes){account->certificate, account->certificate_len};
    client_send(c, &out);
}

/* --- Blocking ----------------------------------------------------------------------------------------------------- */

static enum message_error set_blocks(struct edit *e, const char *blocks)
{
    e->changed = strcmp(blocks, e->account.blocks == NULL ? "" : e->account.blocks) != 0;
    return account_set_blocks(&e->account, blocks) == 0 ? MESSAGE_E_NONE : MESSAGE_E_NOT_SAVED;
}

static enum message_error block(struct edit *e)
{
    const struct server *s = e->client->server;
    char blocks[BLOCKS_MAX_LEN + 1];
    if (blocks_has(e->account.blocks, e->other))
        return MESSAGE_E_NONE;
    if (accounts_find(s->accounts, e->other) == NULL && tells_names(s))
        return MESSAGE_E_NO_SUCH_USER;
    if (blocks_count(e->account.blocks) >= s->limits->max_blocks)
        return MESSAGE_E_LIMIT;
    blocks_add(blocks, e->account.blocks, e->other);
    return set_blocks(e, blocks);
}

static enum message_error unblock(struct edit *e)
{
    char blocks[BLOCKS_MAX_LEN + 1];
    blocks_remove(blocks, e->account.blocks, e->other);
    return set_blocks(e, blocks);
}

/* Whoever is logged in now: the session that asked may have been replaced by a newer one. */
static void blocks_changed(struct edit *e)
{
    struct room_user *user = rooms_user(&e->client->server->rooms, e->account.name);
    if (user != NULL && client_set_blocks(client_of(user), e->account.blocks) != 0)
        client_end(client_of(user), "not enough memory");
}

static void start_block(struct client *c, uint32_t request, const char *other, const char *event,
                        enum message_error (*change)(struct edit *e))
{
    struct edit *e = edit_new(c, request, event);
    if (e == NULL)
        return;
    memcpy(e->other, other, strlen(other) + 1);
    e->change = change;
    e->done = blocks_changed;
    edit_start(e, nothing);
}

void account_requests_block(struct client *c, const struct message *m)
{
    if (strcmp(m->block.name, c->user.name) == 0)
        client_refuse(c, m->request, MESSAGE_E_BAD_NAME);
    else
        start_block(c, m->request, m->block.name, "blocked", block);
}

void account_requests_unblock(struct client *c, const struct message *m)
{
    start_block(c, m->request, m->unblock.name, "unblocked", unblock);
}

/* What counts for this session: an answer to block or unblock that came before this request is in it. */
void account_requests_list_blocked(struct client *c, const struct message *m)
{
    struct message out = {.type = MESSAGE_BLOCKED, .request = m->request};
    uint8_t buf[MESSAGE_LIST_BUF_LEN];
    struct message_entry entry = {{0}, 0};
    const char *left = c->user.blocks;
    message_list_init(&out.blocked.list, buf);
    while (blocks_next(&left, entry.name) && message_list_add(&out.blocked.list, buf, &entry, false) == 0)
        ;
    client_send(c, &out);
}
