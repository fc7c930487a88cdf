/* Each of these is an attempt that went well: what is to become of the account, and what is said when it is on disk. */
#include "app/server/settings.h"

#include <string.h>

#include "app/server/attempt.h"
#include "app/server/request.h"

static enum message_error answer_ok(struct attempt *a)
{
    request_ok(a->client, a->request);
    return MESSAGE_E_NONE;
}

/* --- The password ------------------------------------------------------------------------------------------------- */

static enum message_error change_password(struct attempt *a)
{
    a->ends_sessions = true;
    return MESSAGE_E_NONE; /* the attempt has put the new hash in the old one's place */
}

void settings_change_password(struct client *c, const struct message *m)
{
    static const struct attempt_kind kind = {"password changed", "password not changed", change_password, answer_ok};
    struct attempt *a = attempt_new(c, m->request, c->user.name, m->change_password.password, m->change_password.code,
                                    &kind);
    if (a == NULL)
        return;
    memcpy(a->new_password, m->change_password.new_password.data, m->change_password.new_password.len);
    a->new_password_len = m->change_password.new_password.len;
    attempt_start(a);
}

/* --- The end of an account ---------------------------------------------------------------------------------------- */

/* All is forgotten but the name, which nobody may have after him. */
static enum message_error delete_account(struct attempt *a)
{
    account_wipe(&a->account);
    memcpy(a->account.name, a->name, sizeof a->name);
    a->account.deleted = 1;
    a->changed = a->ends_sessions = true;
    return MESSAGE_E_NONE;
}

static enum message_error deleted(struct attempt *a)
{
    request_ok(a->client, a->request);
    client_goodbye(a->client, "its account was deleted");
    return MESSAGE_E_NONE;
}

void settings_delete_account(struct client *c, const struct message *m)
{
    static const struct attempt_kind kind = {"account deleted", "account not deleted", delete_account, deleted};
    struct attempt *a = attempt_new(c, m->request, c->user.name, m->delete_account.password, m->delete_account.code,
                                    &kind);
    if (a != NULL)
        attempt_start(a);
}
