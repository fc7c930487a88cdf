/* SPDX-License-Identifier: MIT */
/* Two round trips to a worker and one to the disk, each of which may find the client gone when it comes back. */
#include "app/server/account_change.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/base/log.h"
#include "app/server/store/accounts.h"
#include "crypto/ct.h"

void *account_change_new(struct client *c, uint32_t request, const char *name, const struct account_change_kind *kind)
{
    struct account_change *ch = calloc(1, kind->size);
    if (ch == NULL)
        return NULL;
    ch->kind = kind;
    ch->client = c;
    ch->request = request;
    memcpy(ch->name, name, strlen(name) + 1);
    return ch;
}

void account_change_free(struct account_change *ch)
{
    account_wipe(&ch->account);
    ct_wipe(ch, ch->kind->size);
    free(ch);
}

/* --- The certificate ---------------------------------------------------------------------------------------------- */

/* On a worker: it takes longer than all else that the loop does. */
static void check_certificate(struct job *job, struct rng *rng)
{
    struct account_change *ch = (struct account_change *)(void *)job;
    (void)rng;
    ch->certificate_good = account_certificate_good(ch->name, ch->certificate, ch->certificate_len);
}

static void certificate_checked(struct job *job)
{
    struct account_change *ch = (struct account_change *)(void *)job;
    struct client *c = ch->client;
    if (!client_work_done(c)) {
        account_change_free(ch);
        return;
    }
    ch->kind->admit(ch);
    client_go_on(c);
}

void account_change_check(struct account_change *ch)
{
    ch->certificate_good = ch->certificate_len == 0;
    if (ch->certificate_good) {
        ch->kind->admit(ch);
        return;
    }
    ch->job = (struct job){.run = check_certificate, .finish = certificate_checked, .address = ch->client->address};
    client_work_begins(ch->client, &ch->job);
}

/* --- The work, the disk, the answer ------------------------------------------------------------------------------- */

static void end(struct account_change *ch, enum message_error error)
{
    struct client *c = ch->client;
    struct server *s = c->server;
    bool changed = error == MESSAGE_E_NONE && ch->to_be_stored;
    if (changed && ch->event != NULL && log_limit_allows(&s->log_limit, LOG_LIMIT_CHANGES, s->now))
        log_event(LOG_INFO, ch->event, "user", ch->name, "from", c->peer, NULL);
    ch->kind->ended(ch, error);
    if (client_work_done(c)) {
        ch->kind->answer(ch, error);
        client_go_on(c);
    }
    account_change_free(ch);
}

/* It is on disk, or it isn't.
 * CAUTION: only now may the client be told; tests/integration/test_store_faults_disk.py. */
static void stored(void *arg, enum accounts_result result)
{
    struct account_change *ch = arg;
    if (result != ACCOUNTS_DONE && ch->can_wait)
        ch->to_be_stored = false;
    if (result == ACCOUNTS_DONE || ch->can_wait)
        end(ch, MESSAGE_E_NONE);
    else
        end(ch, result == ACCOUNTS_FULL ? MESSAGE_E_LIMIT : MESSAGE_E_NOT_SAVED);
}

void account_change_decided(struct account_change *ch, enum message_error error)
{
    struct accounts *accounts = ch->client->server->accounts;
    bool store = error == MESSAGE_E_NONE && ch->to_be_stored;
    bool busy = accounts_changing(accounts, ch->name);
    if (store && !busy) {
        accounts_put(accounts, &ch->account, stored, ch);
        return;
    }
    if (ch->can_wait)
        ch->to_be_stored = false;
    end(ch, store && !ch->can_wait ? MESSAGE_E_TRY_LATER : error);
}

static void worked(struct job *job)
{
    struct account_change *ch = (struct account_change *)(void *)job;
    if (job->withdrawn || atomic_load(&ch->client->server->abandoned))
        end(ch, MESSAGE_E_STOPPING);
    else
        ch->kind->decide(ch);
}

void account_change_work(struct account_change *ch, struct job job)
{
    ch->job = job;
    ch->job.finish = worked;
    ch->job.address = ch->client->address;
    client_work_begins(ch->client, &ch->job);
}
