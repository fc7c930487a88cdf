/* SPDX-License-Identifier: MIT */
/* A step is told where its values come to be. Two secrets can follow a Record: the one that Expand makes of the secret
 * that sealed it, and, where that Record was a step, the step's own. */
#include "app/dissect/narrator_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/dissect/dissect.h"
#include "app/dissect/narrator_impl.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define CHAPTER "24-between-users"
#define FORMULA_MAX 120

static const char own[] = "secret, known to this side alone", both[] = "secret, both users compute it",
                  relayed[] = "sealed; the server has it";

static __attribute__((format(printf, 3, 4))) void begin(struct narrator_call *n, const char *section,
                                                        const char *format, ...)
{
    char sentence[240];
    va_list values;
    int len = snprintf(sentence, sizeof sentence, "Call with %s: ", n->peer);
    va_start(values, format);
    vsnprintf(sentence + len, sizeof sentence - (size_t)len, format, values);
    va_end(values);
    narrator_step(&n->lines, sentence, section, CHAPTER);
}

static __attribute__((format(printf, 5, 6))) void value(struct narrator_call *n, const uint8_t *data, size_t len,
                                                        const char *whose, const char *format, ...)
{
    char formula[FORMULA_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(formula, sizeof formula, format, values);
    va_end(values);
    narrator_value(&n->lines, formula, data, len, whose);
}

/* --- The handshake ------------------------------------------------------------------------------------------------ */

static bool tell_hello(struct narrator_call *n, const char *event, const uint8_t *data, size_t len)
{
    bool client = strcmp(event, "client_hello") == 0, ours = client == n->caller;
    if (!client && strcmp(event, "server_hello") != 0 && strcmp(event, "alert") != 0)
        return false;
    if (strcmp(event, "alert") == 0)
        begin(n, "8.3", "an Alert in place of a ServerHello; the server may have forged it.");
    else
        begin(n, "8.3", "%s %s, in a relay. It is that of a session with a server, but kind and names are others.",
              ours ? "our" : "their", client ? "ClientHello" : "ServerHello");
    value(n, data, len, "on the wire inside a Record; the server reads it", "%s", event);
    return true;
}

static bool tell_handshake(struct narrator_call *n, const char *event, const uint8_t *data, size_t len)
{
    if (strcmp(event, "C") == 0) {
        begin(n, "4.1", "the context, of kind 2: it has both users' names in it, the caller's first.");
        value(n, data, len, "both users, and the server, can compute it",
              "C = SHA-256(\"glasschat/1 context\" || 0x00 || u8 kind || <u8> client_name || <u8> server_name)");
    } else if (strcmp(event, "Z") == 0) {
        begin(n, "8.3", "each has the other's value: Z of the handshake.");
        value(n, data, len, both, "Z");
    } else if (strcmp(event, "c_secret") == 0 || strcmp(event, "s_secret") == 0) {
        begin(n, "5.1", "the first secret of what the %s says.", event[0] == 'c' ? "caller" : "callee");
        value(n, data, len, both, "%s = HKDF-Expand(prk, \"glasschat/1 %s\" || T, 32)", event,
              event[0] == 'c' ? "client" : "server");
    } else {
        return tell_hello(n, event, data, len);
    }
    return true;
}

/* --- Steps -------------------------------------------------------------------------------------------------------- */

static void tell_root(struct narrator_call *n, const uint8_t *root)
{
    if (!n->stepped) {
        begin(n, "8.4", "and what the ratchet begins with.");
        value(n, root, sizeof n->root, both, "root_0 = HKDF-Expand(prk, \"glasschat/1 root\" || T, 32)");
    } else {
        value(n, root, sizeof n->root, both, "root_%llu = HKDF-Expand(t_%llu, \"glasschat/1 next root\", 32)",
              (unsigned long long)n->n, (unsigned long long)n->n);
        narrator_command_expand(&n->lines, n->t, "glasschat/1 next root", NULL, 0);
    }
    memcpy(n->root, root, sizeof n->root);
    n->has_root = true;
}

static void tell_t(struct narrator_call *n, const uint8_t *t)
{
    unsigned long long i = n->n;
    value(n, t, sizeof n->t, both, "t_%llu = HKDF-Extract(salt = root_%llu, ikm = Z_%llu)", i, i - 1, i);
    if (n->has_root)
        narrator_command_extract(&n->lines, n->root, n->lines.z, n->lines.z_len);
    memcpy(n->t, t, sizeof n->t);
    ct_wipe(n->lines.z, sizeof n->lines.z);
}

static void tell_z(struct narrator_call *n, const uint8_t *z, size_t len)
{
    value(n, z, len, both, "Z_%llu", (unsigned long long)n->n);
    if (len > sizeof n->lines.z)
        return;
    memcpy(n->lines.z, z, len);
    n->lines.z_len = len;
}

static void begin_step(struct narrator_call *n, const uint8_t *number)
{
    n->n = bytes_load_be64(number);
    n->stepped = true;
    bool ours = (n->n % 2 == 0) == n->caller;
    begin(n, "8.4", "step %llu, %s.%s", (unsigned long long)n->n, ours ? "ours: a fresh value" : "theirs",
          n->n == 0 ? " It changes no secret yet." : "");
}

static bool tell_ratchet(struct narrator_call *n, const char *event, const uint8_t *data, size_t len)
{
    unsigned long long i = n->n;
    if (strcmp(event, "step") == 0 && len == 8)
        begin_step(n, data);
    else if (strcmp(event, "step_private") == 0)
        value(n, data, len, own, "step_private");
    else if (strcmp(event, "step_public") == 0)
        value(n, data, len, "inside a sealed Record", "step_public = 2^x of step %llu", i);
    else if (strcmp(event, "step_Z") == 0)
        tell_z(n, data, len);
    else if (strcmp(event, "step_t") == 0 && len == sizeof n->t)
        tell_t(n, data);
    else if (strcmp(event, "root") == 0 && len == sizeof n->root)
        tell_root(n, data);
    else
        return false;
    return true;
}

/* --- Records ------------------------------------------------------------------------------------------------------ */

/* What is inside an Application Record: 8.6. */
static void tell_inside(struct narrator_call *n, const uint8_t *payload, size_t len)
{
    if (len >= 3 && payload[0] == 1) {
        narrator_put(&n->lines, "  text               ");
        narrator_text(&n->lines, payload + 3, len - 3);
        narrator_say(&n->lines, "%s", "");
    } else if (len == 9 && payload[0] == 2) {
        narrator_say(&n->lines, "  ack                of Record %llu, which was opened and shown",
                     (unsigned long long)bytes_load_be64(payload + 1));
    }
}

/* plaintext: content type and payload, and padding_len bytes after it. */
static void tell_plaintext(struct narrator_call *n, bool sealed, const uint8_t *plaintext, size_t len)
{
    uint8_t type = len > 0 ? plaintext[0] : 255;
    n->type = type;
    const char *name = type == CONTENT_STEP ? "Step" : dissect_content_type(type);
    begin(n, sealed ? "6.1" : "6.2", "%s Record %llu %s: %s.", sealed ? "our" : "their",
          (unsigned long long)bytes_load_be64(n->sequence), sealed ? "is sealed" : "came, and its tag is right", name);
    if (type == CONTENT_APPLICATION)
        tell_inside(n, plaintext + 1, len - 1);
}

static void tell_unopened(struct narrator_call *n)
{
    n->opening = false;
    begin(n, "6.2", "a Record of %zu bytes came that does not open: it was changed, or is no Record of theirs.",
          n->frame_len);
}

static bool tell_record(struct narrator_call *n, const char *event, const uint8_t *data, size_t len)
{
    bool sealing = strcmp(event, "seal_plaintext") == 0, opened = strcmp(event, "open_plaintext") == 0;
    if ((strcmp(event, "seal_sequence") == 0 || strcmp(event, "open_sequence") == 0) && len == sizeof n->sequence)
        memcpy(n->sequence, data, len);
    else if (sealing && len > 0 && data[len - 1] < len)
        tell_plaintext(n, true, data, len - data[len - 1]);
    else if (opened)
        tell_plaintext(n, false, data, len);
    else if (strcmp(event, "seal_frame") == 0)
        value(n, data, len, relayed, "frame");
    else
        return false;
    n->sealed_or_opened |= sealing || opened;
    return true;
}

/* After a Record, and after a step: the new one. */
static bool tell_secret(struct narrator_call *n, const char *event, const uint8_t *data, size_t len)
{
    uint8_t number[8];
    if (strcmp(event, "secret") != 0)
        return false;
    if (n->sealed_or_opened && n->type == CONTENT_CLOSE) {
        narrator_say(&n->lines, "  Its direction has no secret any more.");
        n->sealed_or_opened = false;
    } else if (n->sealed_or_opened) {
        value(n, data, len, both, "secret' = HKDF-Expand(secret, \"glasschat/1 update\", 32)");
        n->sealed_or_opened = false;
    } else if (n->stepped && n->n > 0) {
        bytes_store_be64(number, n->n);
        begin(n, "8.4", "after step %llu its sender goes on with a new secret, and t is wiped.",
              (unsigned long long)n->n);
        value(n, data, len, both, "secret = HKDF-Expand(t_%llu, \"glasschat/1 ratchet\" || u64 %llu, 32)",
              (unsigned long long)n->n, (unsigned long long)n->n);
        narrator_command_expand(&n->lines, n->t, "glasschat/1 ratchet", number, sizeof number);
        ct_wipe(n->t, sizeof n->t);
    }
    return true;
}

/* --- Beginning, each event, and end ------------------------------------------------------------------------------- */

static void turn_to(struct narrator_call *n, const void *which, const char *peer, bool caller, const char *event)
{
    if (n->opening && (which != n->which || strcmp(event, "open_plaintext") != 0))
        tell_unopened(n);
    if (which != n->which || strcmp(event, "C") == 0) { /* or another in the same place */
        n->which = which;
        n->caller = caller;
        snprintf(n->peer, sizeof n->peer, "%s", peer);
        n->has_root = n->sealed_or_opened = n->stepped = false;
        ct_wipe(n->root, sizeof n->root);
        ct_wipe(n->t, sizeof n->t);
    }
    n->opening = strcmp(event, "open_frame") == 0;
}

void narrator_call_hear(struct narrator_call *n, const void *which, const char *peer, bool caller, const char *event,
                        const uint8_t *data, size_t len)
{
    turn_to(n, which, peer, caller, event);
    if (n->opening)
        n->frame_len = len;
    else
        (void)(tell_handshake(n, event, data, len) || tell_ratchet(n, event, data, len) ||
               tell_record(n, event, data, len) || tell_secret(n, event, data, len));
}

void narrator_call_init(struct narrator_call *n, const struct narrator_config *config)
{
    memset(n, 0, sizeof *n);
    narrator_init(&n->lines, config);
}

void narrator_call_wipe(struct narrator_call *n)
{
    if (n->opening)
        tell_unopened(n);
    narrator_wipe(&n->lines);
    ct_wipe(n, sizeof *n);
}
