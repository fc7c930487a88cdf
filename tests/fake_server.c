/* SPDX-License-Identifier: MIT */
/* The part runs in a child, the client in the test's own process, so the test sees what state the client is left in,
 * and the child's status says whether the part went as it was written. */
#include "tests/fake_server.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/client/interrupt.h"
#include "net/sock.h"
#include "tests/printed.h"
#include "tests/test.h"

static struct identity identity;
static struct rng rng;
uint8_t fake_server_groups[1] = {DH_FFDHE3072};

/* --- The server --------------------------------------------------------------------------------------------------- */

enum session_event fake_server_next(struct fake_server *s)
{
    struct session_message m;
    for (;;) {
        enum session_event event = conn_next(&s->conn, &rng, 0, &m);
        if (event == SESSION_WORK) {
            conn_work(&s->conn, &rng);
            event = conn_step(&s->conn, &rng, 0);
        }
        (void)conn_flush(&s->conn);
        s->payload = m.payload;
        s->payload_len = m.len;
        if (event != SESSION_MORE)
            return event;
        struct pollfd fd = {.fd = s->conn.fd, .events = POLLIN};
        poll(&fd, 1, 10000);
        conn_read(&s->conn);
    }
}

bool fake_server_try(struct fake_server *s, const void *payload, size_t len)
{
    return conn_send(&s->conn, &rng, 0, payload, len) == NET_OK && conn_flush(&s->conn) == NET_OK;
}

void fake_server_send_bytes(struct fake_server *s, const void *payload, size_t len)
{
    if (!fake_server_try(s, payload, len))
        _exit(11);
}

void fake_server_queue(struct fake_server *s, const struct message *m)
{
    uint8_t payload[MESSAGE_MAX_LEN];
    size_t len;
    if (message_encode(payload, sizeof payload, &len, m) != 0 || conn_send(&s->conn, &rng, 0, payload, len) != NET_OK)
        _exit(12);
}

void fake_server_send(struct fake_server *s, const struct message *m)
{
    fake_server_queue(s, m);
    if (conn_flush(&s->conn) != NET_OK)
        _exit(11);
}

uint32_t fake_server_expect(struct fake_server *s, enum message_type type, struct message *m)
{
    struct message own;
    m = m != NULL ? m : &own;
    if (fake_server_next(s) != SESSION_MESSAGE || message_decode(m, s->payload, s->payload_len) != 0 || m->type != type)
        _exit(13);
    return m->request;
}

void fake_server_answer_who(struct fake_server *s)
{
    struct message who = {.type = MESSAGE_MEMBERS, .members.room = "lobby"};
    who.request = fake_server_expect(s, MESSAGE_WHO, NULL);
    who.members.list.bytes.data = (const uint8_t *)"";
    fake_server_send(s, &who);
}

void fake_server_answer_ok(struct fake_server *s, uint32_t request)
{
    fake_server_send(s, &(struct message){.type = MESSAGE_OK, .request = request});
}

void fake_server_refuse(struct fake_server *s, uint32_t request, enum message_error code)
{
    struct message m = {.type = MESSAGE_ERROR, .request = request, .error.code = (uint16_t)code};
    const char *text = message_error_text(code);
    m.error.text = (struct message_bytes){(const uint8_t *)text, strlen(text)};
    fake_server_send(s, &m);
}

void fake_server_close(struct fake_server *s)
{
    enum session_event event;
    (void)conn_close(&s->conn, &rng);
    (void)conn_flush(&s->conn);
    while ((event = fake_server_next(s)) == SESSION_MESSAGE)
        ;
    if (event != SESSION_CLOSED) /* the client answers a Close with its own */
        _exit(14);
}

void fake_server_take_leave(struct fake_server *s)
{
    fake_server_answer_ok(s, fake_server_expect(s, MESSAGE_LOG_OUT, NULL));
    fake_server_close(s);
}

void fake_server_script(const char *script)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], script, strlen(script)), strlen(script));
    close(ends[1]);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    close(ends[0]);
}

/* Accepts, shakes hands, plays its part, ends with status 0. */
static _Noreturn void serve(int listener, void (*part)(struct fake_server *s))
{
    struct fake_server s;
    struct sock_peer peer;
    struct handshake_config config;
    enum session_event event;
    (void)signal(SIGALRM, SIG_DFL); /* the client catches it, and a part may wait for ever */
    alarm(60);                      /* some keys take half a minute on a machine that is emulated, or busy */
    handshake_config_default(&config, HANDSHAKE_SERVER);
    config.identity = &identity;
    config.groups = fake_server_groups;
    config.groups_len = sizeof fake_server_groups;
    do { /* a client that offers a group that isn't allowed is told so, and comes again */
        struct pollfd fd = {.fd = listener, .events = POLLIN};
        poll(&fd, 1, 10000);
        if (conn_open(&s.conn, sock_accept(listener, &peer), &config, CONN_QUEUE_MAX) != 0)
            _exit(10);
        conn_start(&s.conn);
        event = fake_server_next(&s);
        if (event != SESSION_ESTABLISHED)
            conn_free(&s.conn);
    } while (event != SESSION_ESTABLISHED);
    part(&s);
    conn_free(&s.conn);
    _exit(0);
}

/* --- The client --------------------------------------------------------------------------------------------------- */

static void start(struct played *c, void (*part)(struct fake_server *s))
{
    struct sock_name at;
    char why[WHY_LEN];
    assert_int_equal(sock_parse(&at, "127.0.0.1:0", ""), 0);
    int listener = sock_listen(&at, why);
    assert_true(listener >= 0);
    fflush(NULL);
    c->server = fork();
    assert_true(c->server >= 0);
    if (c->server == 0)
        serve(listener, part);
    snprintf(at.port, sizeof at.port, "%u", sock_local_port(listener));
    close(listener);
    char text[SOCK_NAME_LEN];
    sock_print(text, &at);
    char *argv[] = {"glasschat", text, "--home", "/nonexistent", NULL};
    assert_int_equal(arguments_parse(&c->arguments, 4, argv, why), 0);
}

const char *fake_server_play(struct played *c, void (*part)(struct fake_server *s))
{
    char why[WHY_LEN];
    struct message m = {.type = MESSAGE_WHO, .who.room = "lobby"};
    struct conversation *d = &c->talk;
    start(c, part);
    printed_begin();
    loop_init(d);
    d->screen.line.terminal = false;
    strcpy(d->user, "alice");
    strcpy(d->server, "localhost:7447");
    d->logged_in = !c->stranger;
    d->rooms_len = d->logged_in;
    strcpy(d->rooms[0], "lobby");
    struct trust trust = {.rule = TRUST_PIN, .server = c->arguments.server};
    certificate_fingerprint(trust.pin, identity.key.n);
    int opened = server_link_open(&d->link, &c->arguments, &trust, NULL, why);
    if (c->now != NULL)
        d->link.now = c->now;
    bool settled = opened == 0 && conversation_ask(d, &m, "lobby") && loop_until_answered(d);
    bool ended = d->ended;
    if (settled && c->more != NULL)
        c->more(d);
    conversation_end(d);
    if (opened == 0)
        server_link_close(&d->link);
    c->printed = printed();
    if (opened != 0)
        fail_msg("%s", why);
    int status;
    waitpid(c->server, &status, 0);
    if (status != 0)
        fail_msg("the server ended with %x; the client printed:\n%s", (unsigned)status, c->printed);
    assert_int_equal(settled, !ended);
    return c->printed;
}

int fake_server_init(void **state)
{
    (void)state;
    struct certificate certificate = {.role = CERTIFICATE_SERVER, .name = "localhost", .not_after = UINT64_MAX};
    rng_init(&rng);
    rsa_generate(&identity.key, &rng);
    assert_int_equal(certificate_sign_self(&certificate, &identity.key, &rng), NET_OK);
    identity.certificate_len = certificate_encode(identity.certificate, &certificate);
    return interrupt_init();
}
