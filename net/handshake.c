/* SPDX-License-Identifier: MIT */
/* A machine of few states. What comes in is checked in the order of protocol.md section 4, cheap checks before any
 * exponentiation; what takes long is a task that handshake_work does; each failure wipes everything at once.
 *
 * Three things make it safe against whoever stands between the two. The server signs a hash of both hellos, so it shows
 * that it saw this very ClientHello, lists and all, and nobody can push the two to a weaker group or suite. The keys
 * depend on T, the hash of the whole exchange, so two who saw different bytes have different keys, and the first Record
 * fails. And the private exponents are fresh and wiped, so a key stolen tomorrow doesn't open what was said today. */
#include "net/handshake.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/dh_impl.h"
#include "crypto/rsa.h"
#include "net/key_schedule.h"

/* Labels that are signed end in their zero byte (sizeof counts it). */
static const char server_label[] = "glasschat/1 server hello";
static const char client_label[] = "glasschat/1 client finished";

static_assert(HELLO_RANDOM_LEN == KEY_SCHEDULE_RANDOM_LEN, "a hello's random is what the key schedule takes");

#define SERVER_MESSAGE_LEN (sizeof server_label + SHA256_DIGEST_LEN)
#define CLIENT_MESSAGE_LEN (sizeof client_label + 2 * SHA256_DIGEST_LEN)

/* --- Beginning and end -------------------------------------------------------------------------------------------- */

void handshake_config_default(struct handshake_config *config, enum handshake_role role)
{
    static const uint8_t suites[] = {SUITE_AES128, SUITE_AES256};
    static const uint8_t groups[] = {DH_FFDHE3072, DH_FFDHE4096};
    *config = (struct handshake_config){
        .role = role,
        .kind = HANDSHAKE_USER_SERVER,
        .suites = suites,
        .suites_len = sizeof suites,
        .groups = groups,
        .groups_len = sizeof groups,
    };
}

static bool name_len_ok(const char *name)
{
    size_t len = name != NULL ? strlen(name) : 0;
    return len >= 1 && len <= CERTIFICATE_NAME_MAX;
}

static bool config_ok(const struct handshake_config *c)
{
    int lists = c->suites_len >= 1 && c->suites_len <= HELLO_LIST_MAX && c->groups_len >= 1 &&
                c->groups_len <= HELLO_LIST_MAX;
    if (c->kind == HANDSHAKE_USER_USER)
        return lists && c->identity != NULL && c->ratchet != NULL && name_len_ok(c->client_name) &&
               name_len_ok(c->server_name);
    return lists && c->kind == HANDSHAKE_USER_SERVER && (c->identity != NULL || c->role == HANDSHAKE_CLIENT);
}

static bool in_list(const uint8_t *list, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (list[i] == value)
            return true;
    return false;
}

/* What we offer or allow must be what we have. */
static bool lists_exist(const struct handshake_config *c)
{
    for (size_t i = 0; i < c->suites_len; i++)
        if (!suite_exists(c->suites[i]))
            return false;
    for (size_t i = 0; i < c->groups_len; i++)
        if (dh_group(c->groups[i]) == NULL)
            return false;
    return c->group == 0 || in_list(c->groups, c->groups_len, c->group);
}

/* C: the same bytes in another kind of handshake, or between others, give other keys. */
static void set_context(struct handshake *h)
{
    const struct handshake_config *c = h->config;
    bool named = c->kind == HANDSHAKE_USER_USER;
    key_schedule_context(h->context, (uint8_t)c->kind, named ? c->client_name : NULL, named ? c->server_name : NULL);
    trace_event(c->trace, "C", h->context, sizeof h->context);
}

void handshake_init(struct handshake *h, const struct handshake_config *config)
{
    assert(config_ok(config) && lists_exist(config));
    memset(h, 0, sizeof *h);
    h->config = config;
    set_context(h);
    if (config->role == HANDSHAKE_CLIENT) {
        h->state = HANDSHAKE_WORK;
        h->task = HANDSHAKE_MAKE_HELLO;
    }
}

static enum handshake_state fail(struct handshake *h, enum net_err err)
{
    const struct handshake_config *config = h->config;
    enum net_err first = h->state == HANDSHAKE_FAILED ? h->error : err;
    uint8_t alert_code = h->alert_code, retry_group = h->retry_group;
    handshake_wipe(h);
    h->config = config;
    h->error = first;
    h->alert_code = alert_code;
    h->retry_group = retry_group;
    return h->state;
}

/* CAUTION: without the wipe a handshake leaves its private exponent and secrets behind, and whoever reads this memory
 * later opens all that was said; tests/test_handshake.c: test_failure_wipes and
 * test_success_wipes. */
void handshake_wipe(struct handshake *h)
{
    ct_wipe(h, sizeof *h);
    h->state = HANDSHAKE_FAILED;
    h->error = NET_ERR_CLOSED;
}

/* --- What is hashed, signed, derived ------------------------------------------------------------------------------ */

/* So much of the ServerHello's frame counts. */
static void hash_hellos(const struct handshake *h, size_t server_len, uint8_t digest[static SHA256_DIGEST_LEN])
{
    key_schedule_transcript(digest, h->context, h->client_frame, h->client_frame_len, h->server_frame, server_len);
}

/* What the server signs. */
static void server_message(const struct handshake *h, uint8_t msg[static SERVER_MESSAGE_LEN])
{
    memcpy(msg, server_label, sizeof server_label);
    hash_hellos(h, h->server_hello.signed_len, msg + sizeof server_label);
    trace_event(h->config->trace, "signed_hash", msg + sizeof server_label, SHA256_DIGEST_LEN);
}

/* What the client signs in kind 2. */
static void client_message(const struct handshake *h, uint8_t msg[static CLIENT_MESSAGE_LEN],
                           const uint8_t *certificate, size_t certificate_len)
{
    memcpy(msg, client_label, sizeof client_label);
    memcpy(msg + sizeof client_label, h->transcript, SHA256_DIGEST_LEN);
    sha256_digest(msg + sizeof client_label + SHA256_DIGEST_LEN, certificate, certificate_len);
}

/* Z, and signatures, by the backend that was asked for; by the one that is picked where none was. */
static int derive(const struct handshake *h, uint8_t *z, const uint8_t *peer, size_t peer_len)
{
    const struct bignum_impl *bignum = h->config->bignum;
    return bignum == NULL ? dh_derive(z, &h->pair, peer, peer_len)
                          : dh_derive_with(bignum, z, &h->pair, peer, peer_len);
}

static int sign(const struct handshake *h, uint8_t signature[static RSA_SIGNATURE_LEN], const uint8_t *msg,
                size_t msg_len, struct rng *rng)
{
    const struct bignum_impl *bignum = h->config->bignum;
    const struct rsa_private *key = &h->config->identity->key;
    return bignum == NULL ? rsa_pss_sign(signature, key, msg, msg_len, rng)
                          : rsa_pss_sign_with(bignum, signature, key, msg, msg_len, rng);
}

/* Z and prk; the private exponent and Z are gone afterwards. */
static enum net_err derive_prk(struct handshake *h, const uint8_t *server_random, const uint8_t *peer, size_t peer_len)
{
    uint8_t z[DH_PUBLIC_MAX_LEN];
    size_t z_len = h->pair.group->p_len;
    int ok = derive(h, z, peer, peer_len) == 0;
    if (ok) {
        trace_event(h->config->trace, "Z", z, z_len);
        key_schedule_extract(h->prk, h->client_hello.random, server_random, z, z_len);
        trace_event(h->config->trace, "prk", h->prk, sizeof h->prk);
    }
    ct_wipe(z, sizeof z);
    dh_wipe(&h->pair);
    return ok ? NET_OK : NET_ERR_PUBLIC_VALUE;
}

/* T and the two directions' secrets; both hellos are complete. */
static void derive_secrets(struct handshake *h)
{
    hash_hellos(h, h->server_frame_len, h->transcript);
    trace_event(h->config->trace, "T", h->transcript, sizeof h->transcript);
    key_schedule_secrets(h->c_secret, h->s_secret, h->prk, h->transcript);
    trace_event(h->config->trace, "c_secret", h->c_secret, sizeof h->c_secret);
    trace_event(h->config->trace, "s_secret", h->s_secret, sizeof h->s_secret);
    if (h->config->kind == HANDSHAKE_USER_USER) {
        key_schedule_root(h->root, h->prk, h->transcript);
        trace_event(h->config->trace, "root", h->root, sizeof h->root);
    }
    ct_wipe(h->prk, sizeof h->prk);
}

/* A fresh key pair in h->group. The names are only for whoever traces. */
static void make_pair(struct handshake *h, struct rng *rng, const char *private_name, const char *public_name)
{
    const struct dh_group *group = dh_group(h->group);
    dh_generate(&h->pair, group, rng);
    trace_event(h->config->trace, private_name, h->pair.x, group->x_len);
    trace_event(h->config->trace, public_name, h->pair.y, group->p_len);
}

/* --- Checks of the peer's values ---------------------------------------------------------------------------------- */

/* The first of one list that is also in the other; 0 where there is none (no group or suite has that number). */
static uint8_t first_common(const uint8_t *wanted, size_t wanted_len, const uint8_t *allowed, size_t allowed_len)
{
    for (size_t i = 0; i < wanted_len; i++)
        if (in_list(allowed, allowed_len, wanted[i]))
            return wanted[i];
    return 0;
}

static enum net_err check_public(const struct handshake *h, const uint8_t *y, size_t y_len)
{
    return dh_check_public(dh_group(h->group), y, y_len) == 0 ? NET_OK : NET_ERR_PUBLIC_VALUE;
}

/* The name that a peer's certificate must have, between users; a server's name is for the caller to judge. */
static bool name_expected(const struct handshake *h)
{
    const struct handshake_config *c = h->config;
    if (c->kind != HANDSHAKE_USER_USER)
        return true;
    return strcmp(h->peer.name, c->role == HANDSHAKE_CLIENT ? c->server_name : c->client_name) == 0;
}

/* A peer with my own key is a mirror, or somebody who has stolen it. */
static bool own_key(const struct handshake *h)
{
    return h->config->kind == HANDSHAKE_USER_USER &&
           ct_equal(h->peer.modulus, h->config->identity->key.n, sizeof h->peer.modulus);
}

/* All that can be said of a certificate without knowing whom the user trusts. */
static enum net_err check_certificate(struct handshake *h, const uint8_t *certificate, size_t certificate_len)
{
    enum certificate_role role = h->config->kind == HANDSHAKE_USER_USER ? CERTIFICATE_USER : CERTIFICATE_SERVER;
    if (certificate_decode(&h->peer, certificate, certificate_len) != NET_OK)
        return NET_ERR_CERTIFICATE;
    if (h->peer.role != role || !name_expected(h) || own_key(h))
        return NET_ERR_CERTIFICATE;
    return certificate_is_self_signed(&h->peer) ? certificate_verify_self(&h->peer) : NET_OK;
}

static enum net_err check_signature(const struct handshake *h, const uint8_t *msg, size_t msg_len,
                                    const uint8_t signature[static RSA_SIGNATURE_LEN])
{
    struct rsa_public key;
    memcpy(key.n, h->peer.modulus, sizeof key.n);
    return rsa_pss_verify(&key, msg, msg_len, signature) == 0 ? NET_OK : NET_ERR_SIGNATURE;
}

/* --- The peer's hello --------------------------------------------------------------------------------------------- */

static enum handshake_state stop_for(struct handshake *h, enum handshake_task task)
{
    h->task = task;
    h->state = HANDSHAKE_WORK;
    return h->state;
}

/* The group must be the client's first that is allowed here: then whoever cut the better ones out of its list, or
 * claimed that we refuse them, has changed what is signed or is found out now. */
static enum handshake_state feed_client_hello(struct handshake *h, const uint8_t *frame, size_t frame_len)
{
    const struct handshake_config *c = h->config;
    struct hello_client *hello = &h->client_hello;
    assert(frame_len <= sizeof h->client_frame);
    memcpy(h->client_frame, frame, frame_len);
    h->client_frame_len = frame_len;
    trace_event(c->trace, "client_hello", frame, frame_len);
    if (hello_decode_client(hello, h->client_frame, frame_len) != NET_OK)
        return fail(h, NET_ERR_MALFORMED);
    h->group = first_common(hello->groups, hello->groups_len, c->groups, c->groups_len);
    if (h->group == 0 || h->group != hello->group)
        return fail(h, NET_ERR_GROUP);
    h->suite = first_common(c->suites, c->suites_len, hello->suites, hello->suites_len);
    if (h->suite == 0)
        return fail(h, NET_ERR_SUITE);
    return stop_for(h, HANDSHAKE_ANSWER_HELLO);
}

static enum handshake_state feed_server_hello(struct handshake *h, const uint8_t *frame, size_t frame_len)
{
    const struct handshake_config *c = h->config;
    struct hello_server *hello = &h->server_hello;
    assert(frame_len <= sizeof h->server_frame);
    memcpy(h->server_frame, frame, frame_len);
    h->server_frame_len = frame_len;
    trace_event(c->trace, "server_hello", frame, frame_len);
    if (hello_decode_server(hello, h->server_frame, frame_len) != NET_OK)
        return fail(h, NET_ERR_MALFORMED);
    if (!in_list(c->suites, c->suites_len, hello->suite))
        return fail(h, NET_ERR_SUITE);
    h->suite = hello->suite;
    return stop_for(h, HANDSHAKE_CHECK_SERVER);
}

/* An Alert is a hint from nobody in particular. The one thing that follows from it, another try, uses the same list. */
static enum handshake_state feed_alert(struct handshake *h, const uint8_t *frame, size_t frame_len)
{
    const struct handshake_config *c = h->config;
    struct hello_alert alert;
    trace_event(c->trace, "alert", frame, frame_len);
    if (hello_decode_alert(&alert, frame, frame_len) != NET_OK)
        return fail(h, NET_ERR_MALFORMED);
    h->alert_code = alert.code;
    if (alert.code == ALERT_GROUP_NOT_ALLOWED) {
        uint8_t group = first_common(c->groups, c->groups_len, alert.data, alert.data_len);
        h->retry_group = group != h->group ? group : 0;
    }
    return fail(h, NET_ERR_ALERT);
}

enum handshake_state handshake_feed(struct handshake *h, enum frame_type type, const uint8_t *frame, size_t frame_len)
{
    assert(h->state == HANDSHAKE_READ);
    if (h->config->role == HANDSHAKE_SERVER && type == FRAME_CLIENT_HELLO)
        return feed_client_hello(h, frame, frame_len);
    if (h->config->role == HANDSHAKE_CLIENT && type == FRAME_SERVER_HELLO)
        return feed_server_hello(h, frame, frame_len);
    if (h->config->role == HANDSHAKE_CLIENT && type == FRAME_ALERT)
        return feed_alert(h, frame, frame_len);
    return fail(h, NET_ERR_OUT_OF_TURN);
}

/* --- The long computations ---------------------------------------------------------------------------------------- */

static enum net_err make_hello(struct handshake *h, struct rng *rng)
{
    const struct handshake_config *c = h->config;
    uint8_t random[HELLO_RANDOM_LEN];
    rng_fill(rng, random, sizeof random);
    trace_event(c->trace, "client_random", random, sizeof random);
    h->group = c->group != 0 ? c->group : c->groups[0];
    make_pair(h, rng, "client_private", "client_public");
    struct hello_client hello = {
        .random = random,
        .suites = c->suites,
        .suites_len = c->suites_len,
        .groups = c->groups,
        .groups_len = c->groups_len,
        .group = h->group,
        .public_value = h->pair.y,
        .public_value_len = h->pair.group->p_len,
    };
    h->client_frame_len = hello_encode_client(h->client_frame, &hello);
    trace_event(c->trace, "client_hello", h->client_frame, h->client_frame_len);
    return hello_decode_client(&h->client_hello, h->client_frame, h->client_frame_len);
}

/* The ServerHello all but its signature. */
static void write_server_hello(struct handshake *h, const uint8_t random[static HELLO_RANDOM_LEN])
{
    const struct identity *identity = h->config->identity;
    struct hello_server *hello = &h->server_hello;
    *hello = (struct hello_server){
        .random = random,
        .suite = h->suite,
        .public_value = h->pair.y,
        .public_value_len = h->pair.group->p_len,
        .certificate = identity->certificate,
        .certificate_len = identity->certificate_len,
    };
    h->server_frame_len = hello_encode_server(h->server_frame, &hello->signed_len, hello);
}

static enum net_err sign_server_hello(struct handshake *h, struct rng *rng)
{
    uint8_t msg[SERVER_MESSAGE_LEN], *signature = h->server_frame + h->server_frame_len - RSA_SIGNATURE_LEN;
    server_message(h, msg);
    if (sign(h, signature, msg, sizeof msg, rng) != 0)
        return NET_ERR_FAULT;
    trace_event(h->config->trace, "signature", signature, RSA_SIGNATURE_LEN);
    trace_event(h->config->trace, "server_hello", h->server_frame, h->server_frame_len);
    return NET_OK;
}

static enum net_err answer_hello(struct handshake *h, struct rng *rng)
{
    const struct hello_client *client = &h->client_hello;
    enum net_err err = check_public(h, client->public_value, client->public_value_len);
    if (err != NET_OK)
        return err;
    uint8_t random[HELLO_RANDOM_LEN];
    rng_fill(rng, random, sizeof random);
    trace_event(h->config->trace, "server_random", random, sizeof random);
    make_pair(h, rng, "server_private", "server_public");
    write_server_hello(h, random);
    err = derive_prk(h, random, client->public_value, client->public_value_len);
    if (err == NET_OK)
        err = sign_server_hello(h, rng);
    if (err == NET_OK)
        derive_secrets(h);
    return err;
}

static enum net_err check_server(struct handshake *h)
{
    const struct hello_server *server = &h->server_hello;
    enum net_err err = check_public(h, server->public_value, server->public_value_len);
    return err != NET_OK ? err : check_certificate(h, server->certificate, server->certificate_len);
}

/* The client's Finished in kind 2: `u16 certificate | u16 signature`. */
static enum net_err write_finished(struct handshake *h, struct rng *rng)
{
    const struct identity *identity = h->config->identity;
    uint8_t msg[CLIENT_MESSAGE_LEN], *p = h->finished;
    bytes_store_be16(p, (uint16_t)identity->certificate_len);
    memcpy(p + 2, identity->certificate, identity->certificate_len);
    p += 2 + identity->certificate_len;
    bytes_store_be16(p, RSA_SIGNATURE_LEN);
    client_message(h, msg, identity->certificate, identity->certificate_len);
    if (sign(h, p + 2, msg, sizeof msg, rng) != 0)
        return NET_ERR_FAULT;
    trace_event(h->config->trace, "client_signature", p + 2, RSA_SIGNATURE_LEN);
    h->finished_len = (size_t)(p - h->finished) + 2 + RSA_SIGNATURE_LEN;
    return NET_OK;
}

static enum net_err verify_and_derive(struct handshake *h, struct rng *rng)
{
    const struct hello_server *server = &h->server_hello;
    uint8_t msg[SERVER_MESSAGE_LEN];
    server_message(h, msg);
    enum net_err err = check_signature(h, msg, sizeof msg, server->signature);
    if (err == NET_OK)
        err = derive_prk(h, server->random, server->public_value, server->public_value_len);
    if (err != NET_OK)
        return err;
    derive_secrets(h);
    return h->config->kind == HANDSHAKE_USER_USER ? write_finished(h, rng) : NET_OK;
}

/* The two fields of the client's Finished, whose shape handshake_finished has checked. */
static const uint8_t *finished_certificate(const struct handshake *h, size_t *len)
{
    *len = bytes_load_be16(h->finished);
    return h->finished + 2;
}

static enum net_err check_client(struct handshake *h)
{
    size_t len;
    const uint8_t *certificate = finished_certificate(h, &len);
    return check_certificate(h, certificate, len);
}

static enum net_err verify_client(struct handshake *h)
{
    size_t len;
    const uint8_t *certificate = finished_certificate(h, &len);
    uint8_t msg[CLIENT_MESSAGE_LEN];
    client_message(h, msg, certificate, len);
    return check_signature(h, msg, sizeof msg, certificate + len + 2);
}

void handshake_work(struct handshake *h, struct rng *rng)
{
    enum net_err err = NET_OK;
    assert(h->state == HANDSHAKE_WORK && h->task != HANDSHAKE_NOTHING);
    switch (h->task) {
    case HANDSHAKE_NOTHING:
        break;
    case HANDSHAKE_MAKE_HELLO:
        err = make_hello(h, rng);
        break;
    case HANDSHAKE_ANSWER_HELLO:
        err = answer_hello(h, rng);
        break;
    case HANDSHAKE_CHECK_SERVER:
        err = check_server(h);
        break;
    case HANDSHAKE_VERIFY_SERVER:
        err = verify_and_derive(h, rng);
        break;
    case HANDSHAKE_CHECK_CLIENT:
        err = check_client(h);
        break;
    case HANDSHAKE_VERIFY_CLIENT:
        err = verify_client(h);
        break;
    }
    h->done = h->task;
    h->task = HANDSHAKE_NOTHING;
    if (err != NET_OK)
        fail(h, err);
}

/* --- Going on ----------------------------------------------------------------------------------------------------- */

enum handshake_state handshake_step(struct handshake *h, const uint8_t **out, size_t *out_len)
{
    *out_len = 0;
    if (h->state == HANDSHAKE_FAILED)
        return HANDSHAKE_FAILED;
    assert(h->state == HANDSHAKE_WORK && h->task == HANDSHAKE_NOTHING);
    switch (h->done) {
    case HANDSHAKE_NOTHING:
        break;
    case HANDSHAKE_MAKE_HELLO:
        *out = h->client_frame;
        *out_len = h->client_frame_len;
        h->state = HANDSHAKE_READ;
        break;
    case HANDSHAKE_ANSWER_HELLO:
        *out = h->server_frame;
        *out_len = h->server_frame_len;
        h->state = HANDSHAKE_KEYS;
        break;
    case HANDSHAKE_CHECK_SERVER:
    case HANDSHAKE_CHECK_CLIENT:
        h->state = HANDSHAKE_PEER;
        break;
    case HANDSHAKE_VERIFY_SERVER:
        h->state = HANDSHAKE_KEYS;
        break;
    case HANDSHAKE_VERIFY_CLIENT:
        h->state = HANDSHAKE_DONE;
        break;
    }
    return h->state;
}

enum handshake_state handshake_accept(struct handshake *h)
{
    assert(h->state == HANDSHAKE_PEER);
    return stop_for(h, h->config->role == HANDSHAKE_CLIENT ? HANDSHAKE_VERIFY_SERVER : HANDSHAKE_VERIFY_CLIENT);
}

/* Whether a client's Finished is `u16 certificate | u16 384, signature` and nothing else. */
static bool finished_ok(const uint8_t *payload, size_t len)
{
    if (len < 2 + 2 + RSA_SIGNATURE_LEN || len > HANDSHAKE_FINISHED_MAX)
        return false;
    size_t certificate_len = len - 2 - 2 - RSA_SIGNATURE_LEN;
    return bytes_load_be16(payload) == certificate_len &&
           bytes_load_be16(payload + 2 + certificate_len) == RSA_SIGNATURE_LEN;
}

enum handshake_state handshake_finished(struct handshake *h, const uint8_t *payload, size_t payload_len)
{
    assert(h->state == HANDSHAKE_KEYS);
    if (h->config->role == HANDSHAKE_SERVER && h->config->kind == HANDSHAKE_USER_USER) {
        ct_public(payload, payload_len); /* a certificate and a signature: hidden on the wire, but no secret */
        if (!finished_ok(payload, payload_len))
            return fail(h, NET_ERR_MALFORMED);
        memcpy(h->finished, payload, payload_len);
        h->finished_len = payload_len;
        return stop_for(h, HANDSHAKE_CHECK_CLIENT);
    }
    if (payload_len != 0)
        return fail(h, NET_ERR_MALFORMED);
    h->state = HANDSHAKE_DONE;
    return h->state;
}
