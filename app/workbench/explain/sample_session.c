/* SPDX-License-Identifier: MIT */
/* What alice's client and the server say to each other, in the chat's own messages; played_session.h carries it. The
 * first step that does not lead to what it should ends the play. */
#include "app/workbench/explain/sample_session.h"

#include <stdio.h>
#include <string.h>

#include "app/message/message.h"
#include "app/workbench/played_session.h"

#define BEGINS UINT64_C(1767225600)  /* the certificate's not_before: 2026-01-01T00:00:00Z */
#define ENDS UINT64_C(2082758400)    /* its not_after: 2036-01-01T00:00:00Z */
#define SAID_AT UINT64_C(1772582400) /* when bob speaks: 2026-03-04T00:00:00Z */
#define SERVER_NAME "chat.example"   /* RFC 2606: nobody's */
#define NAME "alice"
#define OTHER_NAME "bob"
#define PASSWORD "a made-up password" /* nobody's */
#define FIRST_LINE "Hello, Bob!"
#define ANSWER "Gr\xc3\xbc\xc3\x9f dich, Alice." /* not all characters are one byte */
#define LAST_LINE "These are new keys."

struct play {
    struct played_session session;
    uint32_t requests;
};

static int tell(struct play *p, enum handshake_role from, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    return message_encode(payload, sizeof payload, &len, m) == 0 ? played_session_say(&p->session, from, payload, len)
                                                                 : -1;
}

/* A request and its answer, which is always ok. */
static int ask(struct play *p, struct message *m)
{
    m->request = ++p->requests;
    const struct message ok = {.type = MESSAGE_OK, .request = m->request};
    return tell(p, HANDSHAKE_CLIENT, m) == 0 ? tell(p, HANDSHAKE_SERVER, &ok) : -1;
}

static struct message_bytes bytes_of(const char *text)
{
    return (struct message_bytes){(const uint8_t *)text, strlen(text)};
}

static int say(struct play *p, const char *text)
{
    struct message m = {.type = MESSAGE_SAY, .say = {.room = MESSAGE_LOBBY, .text = bytes_of(text)}};
    return ask(p, &m);
}

static int log_in(struct play *p)
{
    struct message m = {.type = MESSAGE_LOG_IN, .log_in = {.name = NAME, .password = bytes_of(PASSWORD)}};
    return ask(p, &m);
}

static int hear(struct play *p)
{
    const struct message m = {
        .type = MESSAGE_SAID,
        .said = {.room = MESSAGE_LOBBY, .sender = OTHER_NAME, .time = SAID_AT, .text = bytes_of(ANSWER)}};
    return tell(p, HANDSHAKE_SERVER, &m);
}

static int play(struct play *p, const struct played_session_plan *plan)
{
    struct played_session *session = &p->session;
    if (played_session_begin(session, plan) != 0 || log_in(p) != 0)
        return -1;
    if (say(p, FIRST_LINE) != 0 || hear(p) != 0)
        return -1;
    if (played_session_update(session, HANDSHAKE_CLIENT) != 0 || say(p, LAST_LINE) != 0)
        return -1;
    return played_session_close(session, HANDSHAKE_CLIENT) == 0 ? played_session_close(session, HANDSHAKE_SERVER) : -1;
}

int sample_session_play(uint64_t seed, const struct sample_session_watch *watch)
{
    struct play p = {.requests = 0};
    char seeds[RNG_FIXED_SEED_MAX];
    snprintf(seeds, sizeof seeds, "glasschat session %llu ", (unsigned long long)seed);
    const struct played_session_plan plan = {.seeds = seeds,
                                             .key = "key",
                                             .name = SERVER_NAME,
                                             .not_before = BEGINS,
                                             .not_after = ENDS,
                                             .event = watch->event,
                                             .arg = watch->arg};
    int result = play(&p, &plan);
    played_session_end(&p.session);
    return result;
}
