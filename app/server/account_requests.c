/* SPDX-License-Identifier: MIT */
/* What asks for the password once more is an authentication (auth.h): it says here what is to become of the account
 * once that was right, and what the client is told when it is on disk. What needs no password is an edit. Both live as
 * account_change.h says. */
#include "app/server/account_requests.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/account_change.h"
#include "app/server/auth.h"
#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/store/accounts.h"
#include "app/server/store/blocked_users.h"
#include "app/server/store/login_failures.h"
#include "crypto/ct.h"
#include "crypto/totp.h"

/* --- Edits -------------------------------------------------------------------------------------------------------- */

struct edit {
    struct account_change change;
    enum message_error (*apply)(struct edit *e); /* to change.account; sets change.to_be_stored */
    void (*done)(struct edit *e);                /* it is on disk */
    uint8_t secret[TOTP_SEAL_SECRET_LEN];        /* confirming a second factor: to be sealed, */
    struct account_totp totp;                    /* in here */
    char other[NAME_MAX_LEN + 1];                /* blocking: whom */
};

static void edit_decide(struct account_change *ch)
{
    struct edit *e = (struct edit *)(void *)ch;
    struct accounts *accounts = ch->client->server->accounts;
    const struct account *account = accounts_find(accounts, ch->name);
    enum message_error error;
    /* A session that has ended meanwhile, by a new password or by the operator, must not have the last word. */
    if (account == NULL || !ch->client->logged_in || account_copy(&ch->account, account) != 0)
        error = MESSAGE_E_NOT_SAVED;
    else if (accounts_changing(accounts, ch->name)) /* even where nothing seems to change: what is under way may */
        error = MESSAGE_E_TRY_LATER;
    else
        error = e->apply(e);
    account_change_decided(ch, error);
}

static void edit_ended(struct account_change *ch, enum message_error error)
{
    struct edit *e = (struct edit *)(void *)ch;
    if (error == MESSAGE_E_NONE)
        e->done(e);
}

static void edit_answer(struct account_change *ch, enum message_error error)
{
    if (error == MESSAGE_E_NONE)
        client_ok(ch->client, ch->request);
    else
        client_refuse(ch->client, ch->request, error);
}

static struct edit *edit_new(struct client *c, uint32_t request, const char *event)
{
    static const struct account_change_kind editing = {
        .size = sizeof(struct edit), .decide = edit_decide, .ended = edit_ended, .answer = edit_answer};
    struct edit *e = account_change_new(c, request, c->user.name, &editing);
    if (e == NULL)
        client_refuse(c, request, MESSAGE_E_NOT_SAVED);
    else
        e->change.event = event;
    return e;
}

/* --- The password ------------------------------------------------------------------------------------------------- */

static enum message_error answer_ok(struct auth *a)
{
    client_ok(a->change.client, a->change.request);
    return MESSAGE_E_NONE;
}

static enum message_error change_password(struct auth *a)
{
    a->ends_sessions = true;
    return MESSAGE_E_NONE; /* auth.c has put the new hash in the old one's place */
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

/* All is forgotten but the name, which nobody may have again. */
static enum message_error delete_account(struct auth *a)
{
    account_wipe(&a->change.account);
    memcpy(a->change.account.name, a->change.name, sizeof a->change.name);
    a->change.account.deleted = true;
    a->change.to_be_stored = a->ends_sessions = true;
    return MESSAGE_E_NONE;
}

static enum message_error deleted(struct auth *a)
{
    client_ok(a->change.client, a->change.request);
    client_goodbye(a->change.client, "its account was deleted");
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
    struct client *c = a->change.client;
    struct message m = {.type = MESSAGE_SECRET, .request = a->change.request};
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
    totp_seal_seal(&e->change.client->server->totp_seal, e->totp.sealed, e->change.name, e->secret, rng);
}

static enum message_error confirm(struct edit *e)
{
    struct account *account = &e->change.account;
    if (account->totp == NULL && (account->totp = malloc(sizeof *account->totp)) == NULL)
        return MESSAGE_E_NOT_SAVED;
    *account->totp = e->totp;
    e->change.to_be_stored = true;
    return MESSAGE_E_NONE;
}

static void confirmed(struct edit *e)
{
    struct client *c = e->change.client;
    struct server *s = c->server;
    uint8_t mark[TOTP_SEAL_MARK_LEN];
    totp_seal_mark(&s->totp_seal, mark, e->change.name, c->address, sizeof c->address);
    login_failures_right(s->login_failures, e->change.name, LOGIN_FAILURES_ELSEWHERE, mark);
    auth_end_others(c, e->change.name);
    client_forget_secret(c);
}

/* Codes can be guessed here without end, but only those of a secret that the guesser was told. */
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
    e->apply = confirm;
    e->done = confirmed;
    account_change_work(&e->change, (struct job){.run = seal});
}

static enum message_error end_second_factor(struct auth *a)
{
    struct account *account = &a->change.account;
    if (account->totp == NULL)
        return MESSAGE_E_NO_SECOND_FACTOR;
    free(account->totp);
    account->totp = NULL;
    a->change.to_be_stored = a->ends_sessions = true;
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
    struct account_change *ch = &a->change;
    ch->to_be_stored = a->ends_sessions = true;
    bool set = account_set_certificate(&ch->account, ch->certificate, ch->certificate_len) == 0;
    return set ? MESSAGE_E_NONE : MESSAGE_E_NOT_SAVED;
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
    memcpy(a->certificate, certificate.data, certificate.len);
    a->change.certificate = a->certificate;
    a->change.certificate_len = certificate.len;
    auth_start(a);
}

void account_requests_fetch_certificate(struct client *c, const struct message *m)
{
    const char *name = m->fetch_certificate.name;
    const struct account *account = accounts_find(c->server->accounts, name);
    struct message out = {.type = MESSAGE_CERTIFICATE, .request = m->request};
    if (account == NULL && server_tells_names(c->server)) {
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
    struct account *account = &e->change.account;
    e->change.to_be_stored = strcmp(blocks, account->blocks == NULL ? "" : account->blocks) != 0;
    return account_set_blocks(account, blocks) == 0 ? MESSAGE_E_NONE : MESSAGE_E_NOT_SAVED;
}

static enum message_error block(struct edit *e)
{
    const struct server *s = e->change.client->server;
    char blocks[BLOCKED_USERS_MAX_LEN + 1];
    if (blocked_users_has(e->change.account.blocks, e->other))
        return MESSAGE_E_NONE;
    if (accounts_find(s->accounts, e->other) == NULL && server_tells_names(s))
        return MESSAGE_E_NO_SUCH_USER;
    if (blocked_users_count(e->change.account.blocks) >= s->limits->max_blocks)
        return MESSAGE_E_LIMIT;
    blocked_users_add(blocks, e->change.account.blocks, e->other);
    return set_blocks(e, blocks);
}

static enum message_error unblock(struct edit *e)
{
    char blocks[BLOCKED_USERS_MAX_LEN + 1];
    blocked_users_remove(blocks, e->change.account.blocks, e->other);
    return set_blocks(e, blocks);
}

/* Whoever is logged in now: the session that asked may have been replaced by a newer one. */
static void blocks_changed(struct edit *e)
{
    struct room_user *user = rooms_user(&e->change.client->server->rooms, e->change.account.name);
    if (user != NULL && client_set_blocks(client_of(user), e->change.account.blocks) != 0)
        client_end(client_of(user), "not enough memory");
}

/* A worker has nothing to do for it: it only waits there for the turn of its address. */
static void nothing(struct job *job, struct rng *rng)
{
    (void)job;
    (void)rng;
}

static void start_block(struct client *c, uint32_t request, const char *other, const char *event,
                        enum message_error (*apply)(struct edit *e))
{
    struct edit *e = edit_new(c, request, event);
    if (e == NULL)
        return;
    memcpy(e->other, other, strlen(other) + 1);
    e->apply = apply;
    e->done = blocks_changed;
    account_change_work(&e->change, (struct job){.run = nothing});
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
    while (blocked_users_next(&left, entry.name) && message_list_add(&out.blocked.list, buf, &entry, false) == 0)
        ;
    client_send(c, &out);
}
