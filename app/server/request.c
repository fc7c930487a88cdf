/* SPDX-License-Identifier: MIT */
/* Three checks before anything is done: the message has its shape, its number is greater than the last, and it is a
 * request that may come now. A client that fails the first two is broken or hostile: it is told so, and its connection
 * is closed. */
#include "app/server/request.h"

#include <string.h>

#include "app/server/account_requests.h"
#include "app/server/chat.h"
#include "app/server/login.h"
#include "app/server/relay.h"

static void log_out(struct client *c, const struct message *m)
{
    client_ok(c, m->request);
    client_goodbye(c, "it logged out");
}

static void ping(struct client *c, const struct message *m)
{
    client_ok(c, m->request);
}

/* Which function handles each request, and when it may come. */
struct rule {
    enum message_type type;
    enum { ANY_TIME, BEFORE_LOGIN, AFTER_LOGIN } when;
    void (*handle)(struct client *c, const struct message *m);
};

/* clang-format off */
static const struct rule rules[] = {
    {MESSAGE_REGISTER, BEFORE_LOGIN, login_register}, {MESSAGE_LOG_IN, BEFORE_LOGIN, login_log_in},
    {MESSAGE_LOG_OUT, ANY_TIME, log_out},             {MESSAGE_PING, ANY_TIME, ping},
    {MESSAGE_LIST_ROOMS, AFTER_LOGIN, chat_rooms},    {MESSAGE_JOIN, AFTER_LOGIN, chat_join},
    {MESSAGE_LEAVE, AFTER_LOGIN, chat_leave},         {MESSAGE_SAY, AFTER_LOGIN, chat_say},
    {MESSAGE_WHO, AFTER_LOGIN, chat_who},
    {MESSAGE_CHANGE_PASSWORD, AFTER_LOGIN, account_requests_change_password},
    {MESSAGE_DELETE_ACCOUNT, AFTER_LOGIN, account_requests_delete_account},
    {MESSAGE_BEGIN_SECOND_FACTOR, AFTER_LOGIN, account_requests_begin_second_factor},
    {MESSAGE_CONFIRM_SECOND_FACTOR, AFTER_LOGIN, account_requests_confirm_second_factor},
    {MESSAGE_END_SECOND_FACTOR, AFTER_LOGIN, account_requests_end_second_factor},
    {MESSAGE_REPLACE_CERTIFICATE, AFTER_LOGIN, account_requests_replace_certificate},
    {MESSAGE_FETCH_CERTIFICATE, AFTER_LOGIN, account_requests_fetch_certificate},
    {MESSAGE_BLOCK, AFTER_LOGIN, account_requests_block},
    {MESSAGE_UNBLOCK, AFTER_LOGIN, account_requests_unblock},
    {MESSAGE_LIST_BLOCKED, AFTER_LOGIN, account_requests_list_blocked},
    {MESSAGE_RELAY, AFTER_LOGIN, relay_pass_on},      {MESSAGE_READY, AFTER_LOGIN, relay_ready},
    {MESSAGE_SEAL, AFTER_LOGIN, chat_seal},
};
/* clang-format on */

static const struct rule *find_rule(enum message_type type)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].type == type)
            return &rules[i];
    return NULL;
}

static void do_request(struct client *c, const struct message *m)
{
    const struct rule *rule = find_rule(m->type);
    bool in = c->phase == CLIENT_CHAT;
    if (rule == NULL)
        client_refuse(c, m->request, MESSAGE_E_UNKNOWN_TYPE);
    else if (c->server->stopping)
        client_refuse(c, m->request, MESSAGE_E_STOPPING);
    else if (rule->when == AFTER_LOGIN && !in)
        client_refuse(c, m->request, MESSAGE_E_NOT_LOGGED_IN);
    else if (rule->when == BEFORE_LOGIN && in)
        client_refuse(c, m->request, MESSAGE_E_ALREADY_LOGGED_IN);
    else
        rule->handle(c, m);
}

void request_handle(struct client *c, const uint8_t *payload, size_t len)
{
    struct message m;
    enum message_error error = message_decode(&m, payload, len);
    if (error != MESSAGE_E_MALFORMED && !message_is_request(m.type))
        error = MESSAGE_E_MALFORMED;
    if (error == MESSAGE_E_MALFORMED || m.request <= c->last_request) {
        client_refuse(c, m.request, MESSAGE_E_MALFORMED);
        client_goodbye(c, error == MESSAGE_E_MALFORMED ? "a malformed message" : "a request number out of order");
        return;
    }
    c->last_request = m.request;
    if (error == MESSAGE_E_NONE)
        do_request(c, &m);
    else
        client_refuse(c, m.request, error);
}
