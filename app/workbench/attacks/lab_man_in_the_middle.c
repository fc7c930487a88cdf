/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman with whoever answers: a man in the middle agrees with both ends, reads what they say and says
 * something else.
 *
 *      question   u8 0: to the client, 1: to the server || what arrives there       empty: the client's public value
 *      answer     yes and what that end says then; no: it hangs up
 *
 *      client                    the one between them                   server
 *      y_c        -------------> y_m, y_m'     ----------------> y_m'
 *      y_m        <-------------               <---------------- y_s
 *      Z = y_m^x_c = y_c^x_m                                  Z' = y_m'^x_s = y_s^x_m'
 *      Record     -------------> opens under Z, seals another line under Z' ---> Record
 *
 * Here client and server are processes and the wires are sockets (middle.h), and the questions are for a target alone.
 *
 * The real code is the handshake of net/handshake.c with a client that has the server's fingerprint. The same attack
 * replaces the same two values; a second one shows a certificate of its own, and is the server. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/middle.h"
#include "app/workbench/attacks/talkers.h"
#include "crypto/ct.h"
#include "net/hello.h"

/* --- The target --------------------------------------------------------------------------------------------------- */

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    (void)side; /* a target is always the twin */
    talkers_init(world, rng, secret);
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct talkers *t = world;
    if (question_len == 0) {
        memcpy(out, t->weak[MIDDLE_CLIENT].pair.y, LAB_DH_UNSIGNED_LEN);
        *out_len = LAB_DH_UNSIGNED_LEN;
        return 0;
    }
    if (question[0] > MIDDLE_SERVER)
        return -1;
    return talkers_hear(t, question[0] == 0 ? MIDDLE_CLIENT : MIDDLE_SERVER, question + 1, question_len - 1, out,
                        out_len);
}

/* --- Against the twin --------------------------------------------------------------------------------------------- */

struct attacker {
    struct middle m;
    struct rng *rng;
    struct steps *steps;
    uint64_t sent; /* how often something was */
    uint8_t in[FRAME_MAX_LEN];
    size_t in_len;
};

/* Sends, and records it; what comes back is recorded by note_back. */
static int put(struct attacker *a, enum middle_end to, const uint8_t *bytes, size_t len)
{
    steps_ask(a->steps, ++a->sent, bytes, len);
    return middle_send(a->m.fd[to], bytes, len);
}

static int get_value(struct attacker *a, enum middle_end from)
{
    a->in_len = LAB_DH_UNSIGNED_LEN;
    int result = middle_receive(a->m.fd[from], a->in, a->in_len);
    steps_answer(a->steps, result != 0, a->in, result == 0 ? a->in_len : 0);
    return result;
}

static int get_frame(struct attacker *a, enum middle_end from)
{
    int result = middle_receive_frame(a->m.fd[from], a->in, sizeof a->in, &a->in_len);
    steps_answer(a->steps, result != 0, a->in, result == 0 ? a->in_len : 0);
    return result;
}

/* Agrees with both. toward[MIDDLE_CLIENT] plays the server, toward[MIDDLE_SERVER] the client. */
static int agree(struct attacker *a, struct lab_dh_unsigned toward[static 2])
{
    struct lab_dh_unsigned *c = &toward[MIDDLE_CLIENT], *s = &toward[MIDDLE_SERVER];
    steps_ask(a->steps, ++a->sent, NULL, 0);
    if (get_value(a, MIDDLE_CLIENT) != 0 || lab_dh_unsigned_finish(c, false, a->in) != 0)
        return -1;
    steps_say(a->steps, "From the client: y_c = 2^x_c mod p. It goes no further.");
    if (put(a, MIDDLE_SERVER, s->pair.y, LAB_DH_UNSIGNED_LEN) != 0 || get_value(a, MIDDLE_SERVER) != 0 ||
        lab_dh_unsigned_finish(s, true, a->in) != 0)
        return -1;
    steps_say(a->steps, "To the server, as if from the client: y_m' = 2^x_m'. It answers with y_s, and both have Z' = "
                        "y_s^x_m' = y_m'^x_s.");
    if (put(a, MIDDLE_CLIENT, c->pair.y, LAB_DH_UNSIGNED_LEN) != 0 || get_frame(a, MIDDLE_CLIENT) != 0)
        return -1;
    steps_say(a->steps, "To the client, as if from the server: y_m = 2^x_m. Both have Z = y_c^x_m = y_m^x_c. The "
                        "client's first Record comes, sealed under Z.");
    return 0;
}

/* Reads the client's line, says another to the server, reads the answer, and leaves the client in its belief. */
static int read_and_alter(struct attacker *a, struct lab_dh_unsigned toward[static 2],
                          char found[static LAB_SECRET_MAX + 1])
{
    struct lab_dh_unsigned *c = &toward[MIDDLE_CLIENT], *s = &toward[MIDDLE_SERVER];
    char line[TALKERS_LINE_MAX], other[TALKERS_LINE_MAX];
    uint8_t frame[LAB_ANSWER_MAX];
    if (talkers_open(&c->receive, line, a->in, a->in_len) != 0)
        return -1;
    steps_think(a->steps, "It opens under Z: \"%s\".", line);
    snprintf(other, sizeof other, "%.*s%s", TALKERS_PASSWORD_LEN, line, TALKERS_OPEN);
    if (put(a, MIDDLE_SERVER, frame, talkers_seal(&s->send, a->rng, frame, other)) != 0 ||
        get_frame(a, MIDDLE_SERVER) != 0 || talkers_open(&s->receive, line, a->in, a->in_len) != 0)
        return -1;
    steps_say(a->steps, "\"%s\", sealed under Z'. The answer opens: \"%s\".", other, line);
    if (strncmp(line, TALKERS_WORD, strlen(TALKERS_WORD)) != 0)
        return -1;
    snprintf(found, LAB_SECRET_MAX + 1, "%.*s", LAB_SECRET_MAX, line + strlen(TALKERS_WORD));
    size_t len = talkers_seal(&c->send, a->rng, frame, TALKERS_CLOSED);
    int result = put(a, MIDDLE_CLIENT, frame, len);
    steps_answer(a->steps, false, NULL, 0);
    steps_say(a->steps, "\"%s\", sealed under Z: the client notices nothing.", TALKERS_CLOSED);
    return result;
}

static int attack_twin(struct attacker *a, const struct talkers *t, char found[static LAB_SECRET_MAX + 1])
{
    struct lab_dh_unsigned toward[2];
    char why[WHY_LEN];
    lab_dh_unsigned_init(&toward[MIDDLE_CLIENT], a->rng);
    lab_dh_unsigned_init(&toward[MIDDLE_SERVER], a->rng);
    if (middle_begin(&a->m, talkers_weak, t, why) != 0) {
        steps_result(a->steps, "%.300s", why);
        return -1;
    }
    int result = agree(a, toward) == 0 ? read_and_alter(a, toward, found) : -1;
    middle_finish(&a->m);
    steps_think(a->steps, "What the client was told: \"%.200s\".", a->m.said[MIDDLE_CLIENT]);
    steps_result(a->steps, result == 0 ? "one key with each end: \"close\" was read, and became \"open\" on its way"
                                       : "an end hung up");
    return 0;
}

/* --- Against the real code ---------------------------------------------------------------------------------------- */

/* Puts a value of the attacker's own in the place of the one in a hello, in the same group; -1 where there is none. */
static int replace_value(struct attacker *a, const uint8_t *value, size_t len, enum dh_group_id id)
{
    const struct dh_group *group = dh_group((int)id);
    struct dh_key_pair pair;
    if (group == NULL || len != group->p_len)
        return -1;
    dh_generate(&pair, group, a->rng);
    memcpy(a->in + (value - a->in), pair.y, len);
    dh_wipe(&pair);
    return 0;
}

/* The attack that the twin fell to. 1 where the client goes on, 0 where it does not. */
static int replace_both(struct attacker *a)
{
    struct hello_client client;
    struct hello_server server;
    steps_ask(a->steps, ++a->sent, NULL, 0);
    if (get_frame(a, MIDDLE_CLIENT) != 0 || hello_decode_client(&client, a->in, a->in_len) != NET_OK ||
        replace_value(a, client.public_value, client.public_value_len, client.group) != 0)
        return 0;
    enum dh_group_id group = client.group;
    steps_say(a->steps, "The ClientHello. Its y_c is exchanged for y_m', and nothing else.");
    if (put(a, MIDDLE_SERVER, a->in, a->in_len) != 0 || get_frame(a, MIDDLE_SERVER) != 0 ||
        hello_decode_server(&server, a->in, a->in_len) != NET_OK ||
        replace_value(a, server.public_value, server.public_value_len, group) != 0)
        return 0;
    steps_say(a->steps, "The ServerHello: y_s, a certificate, and a signature over both hellos, as the server saw "
                        "them. y_s is exchanged for y_m. The attacker can't make the signature anew.");
    if (put(a, MIDDLE_CLIENT, a->in, a->in_len) != 0)
        return 0;
    return get_frame(a, MIDDLE_CLIENT) == 0;
}

/* Is a server with a key of its own. 1 where the client says a line to it. */
static int be_the_server(struct attacker *a, const struct identity *own)
{
    struct handshake_config config;
    struct session_message msg = {0};
    struct conn c;
    char why[WHY_LEN];
    handshake_config_default(&config, HANDSHAKE_SERVER);
    config.identity = own;
    steps_ask(a->steps, ++a->sent, own->certificate, own->certificate_len);
    if (conn_open(&c, a->m.fd[MIDDLE_CLIENT], &config, CONN_QUEUE_MAX) != 0)
        return -1;
    a->m.fd[MIDDLE_CLIENT] = -1; /* the connection's now */
    int read = talkers_drive(&c, true, a->rng, NULL, &msg, why) == SESSION_ESTABLISHED &&
               talkers_drive(&c, false, a->rng, NULL, &msg, why) == SESSION_MESSAGE;
    steps_answer(a->steps, !read, msg.payload, read ? msg.len : 0);
    conn_free(&c);
    return read;
}

static void make_identity(struct identity *identity, struct rng *rng)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "127.0.0.1", .not_after = UINT64_MAX};
    rsa_generate(&identity->key, rng);
    (void)certificate_sign_self(&c, &identity->key, rng); /* fails by a fault alone, and then no client takes it */
    identity->certificate_len = certificate_encode(identity->certificate, &c);
}

/* Both tries, each on wires of its own. Returns 1 where the client went on, 0 where it never did, -1 for no wire. */
static int attack_real(struct attacker *a, const struct talkers *t, const struct identity *own)
{
    char why[WHY_LEN];
    if (middle_begin(&a->m, talkers_real, t, why) != 0)
        return -1;
    int believed = replace_both(a);
    middle_finish(&a->m);
    steps_say(a->steps, "The client: \"%.300s\"", a->m.said[MIDDLE_CLIENT]);
    if (middle_begin(&a->m, talkers_real, t, why) != 0)
        return -1;
    int read = be_the_server(a, own);
    middle_finish(&a->m);
    steps_say(a->steps, "A certificate of the attacker's own, and with it a good signature. The client: \"%.260s\"",
              a->m.said[MIDDLE_CLIENT]);
    return believed > 0 || read > 0;
}

static int run_real(struct attacker *a, struct talkers *t)
{
    static struct identity identity[2]; /* the server's and the attacker's, once in a process: making them takes time */
    if (identity[0].certificate_len == 0)
        for (int i = 0; i < 2; i++)
            make_identity(&identity[i], a->rng);
    t->identity = &identity[0];
    int result = attack_real(a, t, &identity[1]);
    steps_result(a->steps, result == 0  ? "the client hung up both times before it said a word: the signature is over "
                                          "both values, and the key is pinned"
                           : result > 0 ? "the client went on"
                                        : "no process could be started, or no wire laid");
    return result;
}

static int run(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    static struct attacker a; /* a frame is long */
    struct talkers t;
    char found[LAB_SECRET_MAX + 1] = "";
    a = (struct attacker){.rng = rng, .steps = steps};
    talkers_init(&t, rng, secret);
    int result = side == LAB_TWIN ? attack_twin(&a, &t, found) : run_real(&a, &t);
    ct_wipe(&t, sizeof t);
    if (side == LAB_REAL || result != 0)
        return result;
    if (strcmp(found, secret) != 0)
        return 0;
    steps_know_all(steps, found, strlen(found));
    steps_think(steps, "The attacker has the secret line.");
    return 1;
}

const struct lab lab_man_in_the_middle = {
    .name = "man-in-the-middle",
    .what = "nobody shows who they are: one in between reads and alters",
    .twin = "app/workbench/labs/dh_unsigned.c",
    .real = "net/handshake.c with a pinned key",
    .hello = "00 and bytes for the client, 01 and bytes for the server: ok and what it says",
    .world_len = sizeof(struct talkers),
    .make = make,
    .answer = answer,
    .run = run,
};
