/* SPDX-License-Identifier: MIT */
/* A trace says names and bytes, in the order in which they come to be. Each name of the handshake is a row of a table:
 * what to say, where to read of it, who has the value, the command. What belongs together is told together: the keys of
 * a direction, a Record once it is whole. */
#include "app/dissect/narrator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/dissect/dissect.h"
#include "app/dissect/narrator_impl.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

static const char wire[] = "on the wire", own[] = "secret, known to this side alone",
                  shared[] = "secret, both sides compute it",
                  computed[] = "both sides, and whoever listens can compute it";

static void end_step(struct narrator *n)
{
    if (n->config.end != NULL)
        n->config.end(n->config.arg);
}

/* --- The handshake's values --------------------------------------------------------------------------------------- */

struct step {
    const char *event;
    const char *client, *server; /* what to say of it on that side */
    const char *section, *chapter;
    const char *formula; /* or NULL */
    const char *whose;
    void (*command)(struct narrator *n); /* or NULL */
    const char *listener;                /* what somebody on the wire has now; or NULL */
};

static const char signed_formula[] =
    "signed_hash = SHA-256(C || ClientHello || ServerHello without signature and its length)";

static const struct step steps[] = {
    {"C",
     "The context: which kind of handshake this is. What is signed or derived in it means nothing in another kind.",
     "The context: which kind of handshake this is. What is signed or derived in it means nothing in another kind.",
     "4.1", "18-handshake",
     "C = SHA-256(\"glasschat/1 context\" || 0x00 || u8 kind || <u8> client_name || <u8> server_name)", computed,
     narrator_command_context, NULL},
    {"client_random", "The client draws a random value, so that no connection has the keys of another.", NULL, "4.2",
     "10-rng", NULL, "on the wire soon", NULL, NULL},
    {"client_private", "The client draws a private exponent x, for this connection alone.", NULL, "3.1", "11-dh", NULL,
     own, NULL, NULL},
    {"client_public", "It raises 2 to that exponent, modulo the group's prime p. No feasible way back is known.", NULL,
     "3.1", "11-dh", "client_public = 2^client_private mod p", "on the wire soon", narrator_command_public, NULL},
    {"server_random", NULL, "The server draws a random value, so that no connection has the keys of another.", "4.4",
     "10-rng", NULL, "on the wire soon", NULL, NULL},
    {"server_private", NULL, "The server draws a private exponent x, for this connection alone.", "3.1", "11-dh", NULL,
     own, NULL, NULL},
    {"server_public", NULL, "It raises 2 to that exponent, modulo the group's prime p. No feasible way back is known.",
     "3.1", "11-dh", "server_public = 2^server_private mod p", "on the wire soon", narrator_command_public, NULL},
    {"Z", "The signature is right. The client raises the server's public value to its own private exponent.",
     "The server raises the client's public value to its own private exponent.", "3.1", "11-dh",
     "Z = server_public^client_private = client_public^server_private mod p", shared, narrator_command_z,
     "both public values as soon as they are sent; no feasible way from them to Z is known"},
    {"prk", "Z becomes a pseudorandom key: that Z is a number below p doesn't show in it.",
     "Z becomes a pseudorandom key: that Z is a number below p doesn't show in it.", "5.1", "08-hkdf",
     "prk = HKDF-Extract(salt = client_random || server_random, ikm = Z)", shared, narrator_command_prk, NULL},
    {"T", "The transcript: a hash of C and both hellos, whole. Who saw other bytes will have other keys.",
     "The transcript: a hash of C and both hellos, whole. Who saw other bytes will have other keys.", "4.5",
     "18-handshake", "T = SHA-256(C || ClientHello || ServerHello)", computed, narrator_command_transcript, NULL},
};

/* Where a value is kept for what refers to it later; NULL: nobody does. *cap is how many bytes fit. */
static uint8_t *place(struct narrator *n, const char *event, size_t *cap, size_t **len)
{
    const struct place {
        const char *event;
        uint8_t *at;
        size_t cap, *len;
    } places[] = {
        {"C", n->context, sizeof n->context, NULL},
        {"T", n->transcript, sizeof n->transcript, NULL},
        {"server_random", n->own_random, sizeof n->own_random, NULL},
        {"signed_hash", n->signed_hash, sizeof n->signed_hash, NULL},
        {"prk", n->prk, sizeof n->prk, NULL},
        {"client_private", n->x, sizeof n->x, &n->x_len},
        {"server_private", n->x, sizeof n->x, &n->x_len},
        {"Z", n->z, sizeof n->z, &n->z_len},
        {"client_hello", n->client_frame, sizeof n->client_frame, &n->client_frame_len},
        {"server_hello", n->server_frame, sizeof n->server_frame, &n->server_frame_len},
        {"c_secret", n->c_secret, sizeof n->c_secret, NULL},
        {"s_secret", n->s_secret, sizeof n->s_secret, NULL},
        {"seal_sequence", n->sequence, sizeof n->sequence, NULL},
        {"open_sequence", n->sequence, sizeof n->sequence, NULL},
        {"seal_iv", n->iv, sizeof n->iv, NULL},
        {"seal_plaintext", n->plaintext, sizeof n->plaintext, &n->plaintext_len},
        {"open_plaintext", n->plaintext, sizeof n->plaintext, &n->plaintext_len},
        {"seal_frame", n->frame, sizeof n->frame, &n->frame_len},
        {"open_frame", n->frame, sizeof n->frame, &n->frame_len},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(places[i].event, event) == 0) {
            *cap = places[i].cap;
            *len = places[i].len;
            return places[i].at;
        }
    return NULL;
}

static void keep(struct narrator *n, const char *event, const uint8_t *data, size_t len)
{
    size_t cap, *kept_len;
    uint8_t *at = place(n, event, &cap, &kept_len);
    if (at == NULL || len > cap)
        return;
    if (len > 0)
        memcpy(at, data, len);
    if (kept_len != NULL)
        *kept_len = len;
}

static bool tell_step(struct narrator *n, const char *event, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct step *s = &steps[i];
        const char *sentence = n->config.role == HANDSHAKE_CLIENT ? s->client : s->server;
        if (strcmp(s->event, event) != 0 || sentence == NULL)
            continue;
        narrator_step(n, sentence, s->section, s->chapter);
        narrator_value(n, s->formula != NULL ? s->formula : event, data, len, s->whose);
        if (s->command != NULL)
            s->command(n);
        if (s->listener != NULL)
            narrator_say(n, "  Somebody who listens has %s.", s->listener);
        return true;
    }
    return false;
}

/* --- Frames in the clear ------------------------------------------------------------------------------------------ */

static void tell_frame(struct narrator *n, const char *sentence, const char *section, const char *listener,
                       const uint8_t *frame, size_t len)
{
    narrator_step(n, sentence, section, "18-handshake");
    dissect_frame(n->dissection, frame, len);
    narrator_fields(n, frame);
    narrator_say(n, "  Somebody who listens has %s.", listener);
}

/* A server computes these before its frame is whole, and tells them after it: then the commands can be told, too. */
static void tell_signing(struct narrator *n, const char *sentence)
{
    narrator_step(n, sentence, "4.4", "12-rsa");
    narrator_value(n, signed_formula, n->signed_hash, sizeof n->signed_hash, computed);
    narrator_command_signed_hash(n);
    narrator_value(n, "signature = RSASSA-PSS(the server's key, \"glasschat/1 server hello\" || 0x00 || signed_hash)",
                   n->server_frame + n->server_frame_len - RSA_SIGNATURE_LEN, RSA_SIGNATURE_LEN, wire);
    narrator_command_signature(n);
}

static bool tell_clear(struct narrator *n, const char *event, const uint8_t *data, size_t len)
{
    bool client = n->config.role == HANDSHAKE_CLIENT;
    if (strcmp(event, "client_hello") == 0)
        tell_frame(n,
                   client ? "The client sends its ClientHello: what it can do, preferred first, and its public value."
                          : "A ClientHello came: what the client can do, preferred first, and its public value.",
                   "4.2", "all of this, and nothing in it is secret", data, len);
    else if (strcmp(event, "server_hello") == 0)
        tell_frame(
            n,
            client
                ? "The server's ServerHello came: its choice, its public value, its certificate, and its signature."
                : "The server sends its ServerHello: its choice, its public value, its certificate, and its signature.",
            "4.4", "all of this too: whose key the server shows, but not what will be said", data, len);
    else if (strcmp(event, "alert") == 0)
        tell_frame(n,
                   client ? "An Alert came in place of a ServerHello. Anybody can have forged it: it is a hint."
                          : "The server refuses, and says as much as helps an honest client.",
                   "2.3", "all of this", data, len);
    else
        return false;
    return true;
}

static bool tell_signature(struct narrator *n, const char *event)
{
    bool client = n->config.role == HANDSHAKE_CLIENT;
    if (strcmp(event, client ? "signed_hash" : "server_hello") != 0 || n->server_frame_len <= RSA_SIGNATURE_LEN)
        return false;
    tell_signing(n, client
                        ? "The server has signed a hash of both hellos: the client checks that nobody changed either."
                        : "In it the server has signed a hash of both hellos: whoever changes either is found out.");
    return true;
}

/* --- Secrets and keys --------------------------------------------------------------------------------------------- */

static bool tell_secret(struct narrator *n, const char *event, const uint8_t *data, size_t len)
{
    bool client = strcmp(event, "c_secret") == 0;
    if (!client && strcmp(event, "s_secret") != 0)
        return false;
    narrator_step(n,
                  client ? "From prk and T comes the secret for what the client sends."
                         : "And the secret for what the server sends: each direction has its own.",
                  "5.1", "08-hkdf");
    narrator_value(n,
                   client ? "c_secret = HKDF-Expand(prk, \"glasschat/1 client\" || T, 32)"
                          : "s_secret = HKDF-Expand(prk, \"glasschat/1 server\" || T, 32)",
                   data, len, shared);
    narrator_command_secret(n, client ? "glasschat/1 client" : "glasschat/1 server");
    return true;
}

/* A new secret is one of the two of the handshake, or what follows from one by a KeyUpdate. */
static void tell_new_secret(struct narrator *n, const uint8_t secret[static RECORD_SECRET_LEN])
{
    bool client = n->config.role == HANDSHAKE_CLIENT;
    struct narrator_keys *sends = client ? &n->send : &n->receive, *other = client ? &n->receive : &n->send;
    if (ct_equal(secret, n->c_secret, RECORD_SECRET_LEN)) {
        n->being_made = sends;
        ct_wipe(n->c_secret, sizeof n->c_secret);
        narrator_step(n, "From the client's secret come the two keys for what it sends.", "5.1", "08-hkdf");
    } else if (ct_equal(secret, n->s_secret, RECORD_SECRET_LEN)) {
        n->being_made = other;
        ct_wipe(n->s_secret, sizeof n->s_secret);
        narrator_step(n, "From the server's secret come the two keys for what it sends.", "5.1", "08-hkdf");
    } else {
        n->being_made = n->sent_update ? &n->send : &n->receive;
        narrator_step(n, "After the KeyUpdate, a new secret from the old, which is wiped: no feasible way leads back.",
                      "5.2", "19-session");
        narrator_value(n, "secret' = HKDF-Expand(secret, \"glasschat/1 update\", 32)", secret, RECORD_SECRET_LEN,
                       shared);
        narrator_command_update(n, n->being_made->secret);
    }
    memcpy(n->being_made->secret, secret, RECORD_SECRET_LEN);
}

static bool tell_keys(struct narrator *n, const char *event, const uint8_t *data, size_t len)
{
    struct narrator_keys *keys = n->being_made;
    if (strcmp(event, "secret") == 0 && len == RECORD_SECRET_LEN) {
        tell_new_secret(n, data);
    } else if (strcmp(event, "enc_key") == 0 && keys != NULL && len <= sizeof keys->enc_key) {
        memcpy(keys->enc_key, data, len);
        keys->enc_key_len = len;
        narrator_value(n,
                       len == AES128_KEY_LEN ? "enc_key = HKDF-Expand(secret, \"glasschat/1 encrypt\", 16)"
                                             : "enc_key = HKDF-Expand(secret, \"glasschat/1 encrypt\", 32)",
                       data, len, shared);
        narrator_command_key(n, keys->secret, "glasschat/1 encrypt", len);
    } else if (strcmp(event, "mac_key") == 0 && keys != NULL && len == sizeof keys->mac_key) {
        memcpy(keys->mac_key, data, len);
        narrator_value(n, "mac_key = HKDF-Expand(secret, \"glasschat/1 authenticate\", 32)", data, len, shared);
        narrator_command_key(n, keys->secret, "glasschat/1 authenticate", len);
    } else {
        return false;
    }
    return true;
}

/* --- Records ------------------------------------------------------------------------------------------------------ */

/* What its content type says of a Record, after the name of who sent it. */
static const char *meaning(const struct narrator *n)
{
    switch (n->plaintext_len > 0 ? n->plaintext[0] : -1) {
    case CONTENT_FINISHED:
        return ": whoever opens it knows that the other has the same keys, and saw the same two hellos.";
    case CONTENT_KEY_UPDATE:
        return ": from the next Record on the sender uses new keys.";
    case CONTENT_CLOSE:
        return ": the last of its direction. Where none comes, the end may have been cut off.";
    default:
        return ".";
    }
}

static void record_heading(struct narrator *n, bool sealed)
{
    bool client = (n->config.role == HANDSHAKE_CLIENT) == sealed;
    uint8_t type = n->plaintext_len > 0 ? n->plaintext[0] : 255;
    const char *message = type == CONTENT_APPLICATION && n->plaintext_len > 1 ? dissect_message_type(n->plaintext[1])
                                                                              : "";
    char sentence[240];
    snprintf(sentence, sizeof sentence, "The %s's Record %llu%s: %s%s%s%s", client ? "client" : "server",
             (unsigned long long)bytes_load_be64(n->sequence), sealed ? " is sealed" : " came, and its tag is right",
             dissect_content_type(type), message[0] != '\0' ? ", " : "", message, meaning(n));
    narrator_step(n, sentence, sealed ? "6.1" : "6.2", "17-frame-and-record");
}

/* Whether a field is one that is not to be shown, and so nothing that holds it. */
static bool hides(const struct narrator *n)
{
    for (size_t i = 0; i < n->dissection->count; i++)
        if (n->config.masked && n->dissection->field[i].secret)
            return true;
    return false;
}

static void tell_tag(struct narrator *n, const struct narrator_keys *keys)
{
    narrator_value(n, "tag = HMAC-SHA-256(mac_key, u64 sequence || header || iv || ciphertext)",
                   n->frame + n->frame_len - ETM_TAG_LEN, ETM_TAG_LEN, wire);
    narrator_command_tag(n, keys);
}

static void tell_ciphertext(struct narrator *n, const char *formula)
{
    narrator_value(n, "iv", n->iv, sizeof n->iv, wire);
    narrator_value(n, formula, n->frame + NARRATOR_CIPHERTEXT_AT, narrator_ciphertext_len(n), wire);
}

static void tell_listener(struct narrator *n)
{
    narrator_say(n, "  Somebody who listens has a Record of %zu bytes, and knows when it went from where to where.",
                 n->frame_len);
}

static void tell_sealed(struct narrator *n)
{
    dissect_plaintext(n->dissection, n->plaintext, n->plaintext_len, true);
    record_heading(n, true);
    narrator_fields(n, n->plaintext);
    tell_ciphertext(n, "ciphertext = AES-CBC-Encrypt(enc_key, iv, plaintext)");
    if (!hides(n))
        narrator_command_ciphertext(n, &n->send);
    tell_tag(n, &n->send);
    tell_listener(n);
}

static void tell_opened(struct narrator *n)
{
    dissect_plaintext(n->dissection, n->plaintext, n->plaintext_len, false);
    record_heading(n, false);
    tell_tag(n, &n->receive);
    memcpy(n->iv, n->frame + NARRATOR_IV_AT, sizeof n->iv);
    tell_ciphertext(n, "ciphertext");
    if (!hides(n)) {
        narrator_value(n, "plaintext = AES-CBC-Decrypt(enc_key, iv, ciphertext) without its padding", n->plaintext,
                       n->plaintext_len, "secret, both sides have it");
        narrator_command_plaintext(n, &n->receive);
    }
    narrator_fields(n, n->plaintext);
    tell_listener(n);
}

/* A Record whose tag, or anything else, was wrong is followed by nothing. */
static void tell_unopened(struct narrator *n)
{
    n->opening = false;
    narrator_step(n, "A Record came that does not open. All keys are wiped, and what was wrong is told to nobody.",
                  "6.2", "17-frame-and-record");
    narrator_value(n, "frame", n->frame, n->frame_len, wire);
    end_step(n);
}

static bool tell_record(struct narrator *n, const char *event)
{
    bool sealed = strcmp(event, "seal_frame") == 0, opened = strcmp(event, "open_plaintext") == 0;
    bool whole = n->frame_len >= RECORD_FRAME_MIN;
    if (sealed && whole)
        tell_sealed(n);
    else if (opened && whole)
        tell_opened(n);
    else
        return false;
    return true;
}

/* --- Beginning, each event, and end ------------------------------------------------------------------------------- */

/* What is taken apart needs half a megabyte: for so long only. */
static bool takes_apart(const char *event)
{
    static const char *const events[] = {"client_hello", "server_hello", "alert", "seal_frame", "open_plaintext"};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i], event) == 0)
            return true;
    return false;
}

static bool tell(struct narrator *n, const char *event, const uint8_t *data, size_t len)
{
    if (!takes_apart(event))
        return tell_step(n, event, data, len) || tell_signature(n, event) || tell_secret(n, event, data, len) ||
               tell_keys(n, event, data, len);
    n->dissection = malloc(sizeof *n->dissection);
    if (n->dissection == NULL) {
        narrator_say(n, "%s: there is no memory to take it apart", event);
        return true;
    }
    bool told = tell_clear(n, event, data, len) || tell_record(n, event);
    if (told && n->config.role == HANDSHAKE_SERVER)
        (void)tell_signature(n, event);
    ct_wipe(n->dissection, sizeof *n->dissection);
    free(n->dissection);
    n->dissection = NULL;
    return told;
}

/* Whose keys a KeyUpdate changes is to be known even where there was no memory to tell it. */
static void note_update(struct narrator *n, const char *event)
{
    bool sealed = strcmp(event, "seal_frame") == 0, opened = strcmp(event, "open_plaintext") == 0;
    if ((sealed || opened) && n->plaintext_len > 0 && n->plaintext[0] == CONTENT_KEY_UPDATE)
        n->sent_update = sealed;
}

/* What has done its work here too, so that this memory doesn't open what the connection's own can't. */
static void forget(struct narrator *n, const char *event)
{
    if (strcmp(event, "seal_frame") == 0 || strcmp(event, "open_plaintext") == 0)
        ct_wipe(n->plaintext, sizeof n->plaintext);
    if (strcmp(event, "s_secret") == 0) {
        ct_wipe(n->x, sizeof n->x);
        ct_wipe(n->z, sizeof n->z);
        ct_wipe(n->prk, sizeof n->prk);
    }
}

static void hear(void *arg, const char *event, const uint8_t *data, size_t len)
{
    struct narrator *n = arg;
    if (n->opening && strcmp(event, "open_plaintext") != 0)
        tell_unopened(n);
    n->opening = strcmp(event, "open_frame") == 0;
    keep(n, event, data, len);
    note_update(n, event);
    if (tell(n, event, data, len))
        end_step(n);
    forget(n, event);
}

void narrator_init(struct narrator *n, const struct narrator_config *config)
{
    memset(n, 0, sizeof *n);
    n->trace = (struct trace){.event = hear, .arg = n};
    n->config = *config;
}

void narrator_wipe(struct narrator *n)
{
    if (n->opening)
        tell_unopened(n);
    ct_wipe(n, sizeof *n);
}
