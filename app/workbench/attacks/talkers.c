/* SPDX-License-Identifier: MIT */
/* Both handshakes carry the same two lines, so that what differs is the handshake alone. */
#include "app/workbench/attacks/talkers.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crypto/bytes.h"
#include "net/trust.h"

void talkers_init(struct talkers *t, struct rng *rng, const char *secret)
{
    uint8_t random[TALKERS_PASSWORD_LEN / 2];
    memset(t, 0, sizeof *t);
    t->rng = rng;
    rng_fill(rng, random, sizeof random);
    hex_encode(t->password, random, sizeof random);
    snprintf(t->secret, sizeof t->secret, "%s", secret);
    lab_dh_unsigned_init(&t->weak[MIDDLE_CLIENT], rng);
    lab_dh_unsigned_init(&t->weak[MIDDLE_SERVER], rng);
}

static void order(char line[static TALKERS_LINE_MAX], const struct talkers *t)
{
    snprintf(line, TALKERS_LINE_MAX, "%s%s", t->password, TALKERS_CLOSE);
}

/* A source with a seed would give both processes the same bytes: each goes on from a place of its own. */
static void part_ways(const struct talkers *t, enum middle_end end)
{
    uint8_t passed[1999];
    rng_fill(t->rng, passed, end == MIDDLE_CLIENT ? sizeof passed / 2 : sizeof passed);
}

/* What the server says to a line. -1: it hangs up on whoever doesn't know the password. */
static int reply(char out[static TALKERS_LINE_MAX], const struct talkers *t, const char *line)
{
    if (strncmp(line, t->password, TALKERS_PASSWORD_LEN) != 0)
        return -1;
    const char *what = line + TALKERS_PASSWORD_LEN;
    if (strcmp(what, TALKERS_CLOSE) == 0)
        snprintf(out, TALKERS_LINE_MAX, "%s", TALKERS_CLOSED);
    else if (strcmp(what, TALKERS_OPEN) == 0)
        snprintf(out, TALKERS_LINE_MAX, "%s%s", TALKERS_WORD, t->secret);
    else
        return -1;
    return 0;
}

/* --- The weak handshake ------------------------------------------------------------------------------------------- */

size_t talkers_seal(struct record *r, struct rng *rng, uint8_t *frame, const char *line)
{
    size_t len = 0;
    (void)record_seal(r, rng, frame, LAB_ANSWER_MAX, &len, CONTENT_APPLICATION, (const uint8_t *)line,
                      strlen(line)); /* can't fail: it is one of the first under its keys */
    return len;
}

int talkers_open(struct record *r, char line[static TALKERS_LINE_MAX], const uint8_t *frame, size_t frame_len)
{
    uint8_t work[LAB_QUESTION_MAX], *payload;
    enum content_type type;
    size_t len;
    if (frame_len < RECORD_FRAME_MIN || frame_len > sizeof work)
        return -1;
    memcpy(work, frame, frame_len);
    if (record_open(r, work, frame_len, &type, &payload, &len) != NET_OK || len >= TALKERS_LINE_MAX)
        return -1;
    memcpy(line, payload, len);
    line[len] = '\0';
    return 0;
}

/* The peer's value. The server answers with its own, the client with its line. */
static int take_value(struct talkers *t, enum middle_end end, const uint8_t *in, uint8_t *out, size_t *out_len)
{
    struct lab_dh_unsigned *d = &t->weak[end];
    char line[TALKERS_LINE_MAX];
    if (lab_dh_unsigned_finish(d, end == MIDDLE_CLIENT, in) != 0)
        return -1;
    t->has_keys[end] = true;
    order(line, t);
    if (end == MIDDLE_CLIENT) {
        *out_len = talkers_seal(&d->send, t->rng, out, line);
    } else {
        memcpy(out, d->pair.y, LAB_DH_UNSIGNED_LEN);
        *out_len = LAB_DH_UNSIGNED_LEN;
    }
    return 0;
}

int talkers_hear(struct talkers *t, enum middle_end end, const uint8_t *in, size_t in_len,
                 uint8_t out[static LAB_ANSWER_MAX], size_t *out_len)
{
    char line[TALKERS_LINE_MAX], said[TALKERS_LINE_MAX];
    *out_len = 0;
    if (!t->has_keys[end])
        return in_len == LAB_DH_UNSIGNED_LEN ? take_value(t, end, in, out, out_len) : -1;
    if (talkers_open(&t->weak[end].receive, line, in, in_len) != 0)
        return -1;
    if (end == MIDDLE_CLIENT)
        return 0;
    if (reply(said, t, line) != 0)
        return -1;
    *out_len = talkers_seal(&t->weak[end].send, t->rng, out, said);
    return 0;
}

/* What the client was told last, which talkers_hear has checked. */
static void report(struct record *before, const uint8_t *frame, size_t len, char why[static WHY_LEN])
{
    char line[TALKERS_LINE_MAX];
    if (talkers_open(before, line, frame, len) == 0)
        (void)why_say(why, "%s", line);
}

void talkers_weak(int fd, enum middle_end end, const void *world, char why[static WHY_LEN])
{
    struct talkers t = *(const struct talkers *)world;
    uint8_t in[LAB_QUESTION_MAX], out[LAB_ANSWER_MAX];
    size_t len = LAB_DH_UNSIGNED_LEN, out_len;
    part_ways(&t, end);
    if (end == MIDDLE_CLIENT && middle_send(fd, t.weak[end].pair.y, LAB_DH_UNSIGNED_LEN) != 0)
        return;
    if (middle_receive(fd, in, len) != 0 || talkers_hear(&t, end, in, len, out, &out_len) != 0 ||
        middle_send(fd, out, out_len) != 0)
        return;
    struct record before = t.weak[end].receive;
    if (middle_receive_frame(fd, in, sizeof in, &len) != 0 || talkers_hear(&t, end, in, len, out, &out_len) != 0)
        return;
    if (end == MIDDLE_CLIENT)
        report(&before, in, len, why);
    else
        (void)!middle_send(fd, out, out_len);
}

/* --- The real one ------------------------------------------------------------------------------------------------- */

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

/* As app/client does it. */
static enum session_event decide(struct conn *c, const uint8_t *pin, char why[static WHY_LEN])
{
    struct trust trust = {.rule = TRUST_PIN};
    memcpy(trust.pin, pin, sizeof trust.pin);
    if (trust_decide(&trust, conn_peer(c), (uint64_t)time(NULL), why) != 0)
        return conn_refuse(c);
    return conn_accept(c);
}

/* Flushes, waits and reads. */
static enum session_event read_more(struct conn *c, struct rng *rng, struct session_message *msg)
{
    if (conn_flush(c) == NET_OK) {
        if (middle_wait(c->fd, (short)(POLLIN | (conn_wants_write(c) ? POLLOUT : 0))) != 0)
            conn_fail(c, NET_ERR_TIMEOUT);
    }
    conn_read(c);
    return conn_next(c, rng, now(), msg);
}

enum session_event talkers_drive(struct conn *c, bool starts, struct rng *rng, const uint8_t *pin,
                                 struct session_message *msg, char why[static WHY_LEN])
{
    enum session_event event = starts ? conn_start(c) : conn_next(c, rng, now(), msg);
    why[0] = '\0';
    for (;;) {
        switch (event) {
        case SESSION_WORK:
            conn_work(c, rng);
            event = conn_step(c, rng, now());
            break;
        case SESSION_PEER:
            event = decide(c, pin, why);
            break;
        case SESSION_MORE:
            event = read_more(c, rng, msg);
            break;
        case SESSION_FAILED:
            if (why[0] == '\0')
                (void)why_say(why, "the handshake failed: %s", net_err_text(conn_error(c)));
            (void)conn_flush(c);
            return event;
        case SESSION_ESTABLISHED:
        case SESSION_MESSAGE:
        case SESSION_CLOSED:
            return event;
        }
    }
}

static void send_line(struct conn *c, struct rng *rng, const char *line)
{
    if (conn_send(c, rng, now(), (const uint8_t *)line, strlen(line)) == NET_OK)
        while (conn_flush(c) == NET_OK && conn_wants_write(c) && middle_wait(c->fd, POLLOUT) == 0)
            continue;
}

/* Says its line, and hears one. */
static void be_client(struct conn *c, const struct talkers *t, char why[static WHY_LEN])
{
    uint8_t pin[CERTIFICATE_FINGERPRINT_LEN];
    struct certificate own;
    struct session_message msg;
    char line[TALKERS_LINE_MAX];
    if (certificate_decode(&own, t->identity->certificate, t->identity->certificate_len) != NET_OK)
        return;
    certificate_fingerprint(pin, own.modulus);
    if (talkers_drive(c, true, t->rng, pin, &msg, why) != SESSION_ESTABLISHED)
        return;
    order(line, t);
    send_line(c, t->rng, line);
    if (talkers_drive(c, false, t->rng, pin, &msg, why) == SESSION_MESSAGE)
        (void)why_say(why, "%.*s", (int)msg.len, (const char *)msg.payload);
}

/* Hears a line, and answers it. */
static void be_server(struct conn *c, const struct talkers *t, char why[static WHY_LEN])
{
    struct session_message msg;
    char line[TALKERS_LINE_MAX], said[TALKERS_LINE_MAX];
    if (talkers_drive(c, true, t->rng, NULL, &msg, why) != SESSION_ESTABLISHED ||
        talkers_drive(c, false, t->rng, NULL, &msg, why) != SESSION_MESSAGE || msg.len >= sizeof line)
        return;
    memcpy(line, msg.payload, msg.len);
    line[msg.len] = '\0';
    if (reply(said, t, line) == 0)
        send_line(c, t->rng, said);
}

void talkers_real(int fd, enum middle_end end, const void *world, char why[static WHY_LEN])
{
    const struct talkers *t = world;
    struct handshake_config config;
    struct conn c;
    part_ways(t, end);
    handshake_config_default(&config, end == MIDDLE_CLIENT ? HANDSHAKE_CLIENT : HANDSHAKE_SERVER);
    config.identity = end == MIDDLE_CLIENT ? NULL : t->identity;
    if (conn_open(&c, fd, &config, CONN_QUEUE_MAX) != 0)
        return;
    if (end == MIDDLE_CLIENT)
        be_client(&c, t, why);
    else
        be_server(&c, t, why);
    conn_free(&c);
}
