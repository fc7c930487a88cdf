/* SPDX-License-Identifier: MIT */
/* Exercise 14: the handshake's key schedule (docs/protocol.md, 4.1, 4.5 and 5.1). A wrong answer is compared with what
 * the usual mistakes give. */
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/dialect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/hkdf.h"
#include "net/key_schedule.h"

#define FRAME_MAX 4100 /* a ServerHello with its header; a ClientHello has 1,028 at most */
#define SIGNATURE_END 386
#define Z_MAX 512

/* Bytes put together as a mistake would, to be hashed or derived from. */
struct mix {
    size_t len;
    uint8_t bytes[2 * FRAME_MAX + 64];
};

static void mix_add(struct mix *m, const void *data, size_t len)
{
    if (len > 0)
        memcpy(m->bytes + m->len, data, len);
    m->len += len;
}

static bool is_digest(const struct mix *m, const uint8_t *yours)
{
    uint8_t digest[SHA256_DIGEST_LEN];
    sha256_digest(digest, m->bytes, m->len);
    return memcmp(digest, yours, sizeof digest) == 0;
}

/* --- C ------------------------------------------------------------------------------------------------------------ */

/* How C is put together wrongly: the label's zero byte, kind and the names' lengths can be left out. */
struct parts {
    bool zero, kind, lengths;
    const char *hint;
};

static bool is_context_of(const struct parts *p, const uint8_t *yours, uint8_t kind, const char *client,
                          const char *server)
{
    static const char label[] = "glasschat/1 context";
    struct mix m = {.len = 0};
    uint8_t client_len = (uint8_t)strlen(client), server_len = (uint8_t)strlen(server);
    mix_add(&m, label, sizeof label - !p->zero);
    mix_add(&m, &kind, p->kind);
    mix_add(&m, &client_len, p->lengths);
    mix_add(&m, client, client_len);
    mix_add(&m, &server_len, p->lengths);
    mix_add(&m, server, server_len);
    return is_digest(&m, yours);
}

static void diagnose_context(struct checking *c, const uint8_t *yours, uint8_t kind, const char *client,
                             const char *server)
{
    static const struct parts mistakes[] = {
        {false, true, true, "the label ends in its zero byte, which is hashed too"},
        {true, false, true, "the byte `kind` is missing"},
        {true, true, false, "each name has a byte before it that says how long it is"},
    };
    static const struct parts whole = {true, true, true, NULL};
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (is_context_of(&mistakes[i], yours, kind, client, server))
            check_hint(c, "%s", mistakes[i].hint);
    if (strcmp(client, server) != 0 && is_context_of(&whole, yours, kind, server, client))
        check_hint(c, "the client's name comes before the server's");
}

static bool context_right(struct checking *c, uint8_t kind, const char *client, const char *server)
{
    uint8_t right[SHA256_DIGEST_LEN];
    ask_begin(c, "key_schedule_context");
    size_t out = ask_out(c, "context", sizeof right);
    ask_number(c, "kind", kind);
    if (client != NULL)
        ask_in(c, "client_name", client, strlen(client) + 1);
    else
        ask_null(c, "client_name");
    if (server != NULL)
        ask_in(c, "server_name", server, strlen(server) + 1);
    else
        ask_null(c, "server_name");
    key_schedule_context(right, kind, client, server);
    if (!ask(c) || expect_bytes(c, out, right, sizeof right, "C"))
        return c->outcome.verdict == CHECK_PASSED;
    diagnose_context(c, ask_bytes(c, out), kind, client != NULL ? client : "", server != NULL ? server : "");
    return false;
}

static void check_context(struct checking *c)
{
    if (context_right(c, 1, NULL, NULL) && context_right(c, 1, "", ""))
        context_right(c, 2, NULL, NULL);
}

static void check_context_names(struct checking *c)
{
    char longest[256];
    memset(longest, 'x', 255);
    longest[255] = '\0';
    if (context_right(c, 2, "alice", "bob") && context_right(c, 2, "ab", "c") && context_right(c, 2, "a", "bc"))
        context_right(c, 2, longest, "b");
}

/* --- T ------------------------------------------------------------------------------------------------------------ */

static void diagnose_transcript(struct checking *c, const uint8_t *yours, const uint8_t *context, const uint8_t *client,
                                size_t client_len, const uint8_t *server, size_t server_len)
{
    struct mix without = {.len = 0}, swapped = {.len = 0}, bare = {.len = 0};
    mix_add(&without, client, client_len);
    mix_add(&without, server, server_len);
    mix_add(&swapped, context, SHA256_DIGEST_LEN);
    mix_add(&swapped, server, server_len);
    mix_add(&swapped, client, client_len);
    mix_add(&bare, context, SHA256_DIGEST_LEN);
    mix_add(&bare, client + (client_len < 4 ? client_len : 4), client_len < 4 ? 0 : client_len - 4);
    mix_add(&bare, server + (server_len < 4 ? server_len : 4), server_len < 4 ? 0 : server_len - 4);
    struct mix behind = without, signed_part = {.len = 0};
    mix_add(&behind, context, SHA256_DIGEST_LEN);
    mix_add(&signed_part, context, SHA256_DIGEST_LEN);
    mix_add(&signed_part, client, client_len);
    mix_add(&signed_part, server, server_len < SIGNATURE_END ? 0 : server_len - SIGNATURE_END);
    if (is_digest(&behind, yours))
        check_hint(c, "C is hashed before the frames, not after them");
    if (is_digest(&signed_part, yours))
        check_hint(c, "the whole ServerHello is hashed here: what the server signs is for the caller to cut");
    if (is_digest(&without, yours))
        check_hint(c, "C is hashed before the frames");
    if (is_digest(&swapped, yours))
        check_hint(c, "the ClientHello comes before the ServerHello");
    if (is_digest(&bare, yours))
        check_hint(c, "the frames are hashed whole, their headers included");
}

static void check_transcript(struct checking *c)
{
    static const size_t lengths[][2] = {{426, 1538}, {5, 4}, {1028, 4100}, {64, 0}};
    uint8_t context[SHA256_DIGEST_LEN], client[FRAME_MAX], server[FRAME_MAX], right[SHA256_DIGEST_LEN];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size_t client_len = lengths[i][0], server_len = lengths[i][1];
        rng_fill(&c->rng, context, sizeof context);
        rng_fill(&c->rng, client, client_len);
        rng_fill(&c->rng, server, server_len);
        ask_begin(c, "key_schedule_transcript");
        size_t out = ask_out(c, "digest", sizeof right);
        ask_in(c, "context", context, sizeof context);
        ask_in(c, "client_frame", client, client_len);
        ask_in(c, "server_frame", server, server_len);
        key_schedule_transcript(right, context, client, client_len, server, server_len);
        if (!ask(c))
            return;
        if (!expect_bytes(c, out, right, sizeof right, "T")) {
            diagnose_transcript(c, ask_bytes(c, out), context, client, client_len, server, server_len);
            return;
        }
    }
}

/* --- prk ---------------------------------------------------------------------------------------------------------- */

static void diagnose_extract(struct checking *c, const uint8_t *yours, const uint8_t *client, const uint8_t *server,
                             const uint8_t *z, size_t z_len)
{
    uint8_t salt[64], swapped[64], prk[HKDF_PRK_LEN];
    size_t zeros = 0;
    memcpy(salt, client, 32);
    memcpy(salt + 32, server, 32);
    memcpy(swapped, server, 32);
    memcpy(swapped + 32, client, 32);
    hkdf_extract(prk, swapped, sizeof swapped, z, z_len);
    if (memcmp(prk, yours, sizeof prk) == 0)
        check_hint(c, "the salt is client_random before server_random");
    hkdf_extract(prk, z, z_len, salt, sizeof salt);
    if (memcmp(prk, yours, sizeof prk) == 0)
        check_hint(c, "salt and ikm are swapped: Z is the ikm");
    hkdf_extract(prk, client, 32, z, z_len);
    if (memcmp(prk, yours, sizeof prk) == 0)
        check_hint(c, "the salt is both randoms, not the client's alone");
    while (zeros < z_len && z[zeros] == 0)
        zeros++;
    hkdf_extract(prk, salt, sizeof salt, z + zeros, z_len - zeros);
    if (zeros > 0 && memcmp(prk, yours, sizeof prk) == 0)
        check_hint(c, "leading zeros of Z belong to it: without them its length tells something of it");
}

static size_t ask_extract(struct checking *c, const uint8_t *client, const uint8_t *server, const uint8_t *z,
                          size_t z_len)
{
    ask_begin(c, "key_schedule_extract");
    size_t out = ask_out(c, "prk", HKDF_PRK_LEN);
    ask_in(c, "client_random", client, KEY_SCHEDULE_RANDOM_LEN);
    ask_in(c, "server_random", server, KEY_SCHEDULE_RANDOM_LEN);
    ask_secret(c, "z", z, z_len);
    ask_number(c, "z_len", z_len);
    return out;
}

static void extracts(struct checking *c, size_t zeros)
{
    static const size_t lengths[] = {256, 384, 512};
    uint8_t client[KEY_SCHEDULE_RANDOM_LEN], server[sizeof client], z[Z_MAX], right[HKDF_PRK_LEN];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        rng_fill(&c->rng, client, sizeof client);
        rng_fill(&c->rng, server, sizeof server);
        rng_fill(&c->rng, z, lengths[i]);
        z[0] |= 1;
        memset(z, 0, zeros);
        key_schedule_extract(right, client, server, z, lengths[i]);
        size_t out = ask_extract(c, client, server, z, lengths[i]);
        if (!ask(c))
            return;
        if (!expect_bytes(c, out, right, sizeof right, "prk")) {
            diagnose_extract(c, ask_bytes(c, out), client, server, z, lengths[i]);
            return;
        }
    }
}

static void check_extract(struct checking *c)
{
    extracts(c, 0);
}

static void check_extract_zeros(struct checking *c)
{
    extracts(c, 2);
}

/* --- The secrets -------------------------------------------------------------------------------------------------- */

static void expand(uint8_t out[32], const uint8_t *prk, const char *label, size_t label_len, const uint8_t *t,
                   bool after)
{
    uint8_t info[64];
    memcpy(info + (after ? 0 : 32), label, label_len);
    memcpy(info + (after ? label_len : 0), t, 32);
    if (!after)
        memmove(info + 32, label, label_len);
    hkdf_expand(out, 32, prk, info, label_len + 32);
}

static void diagnose_secret(struct checking *c, const uint8_t *yours, const uint8_t *prk, const uint8_t *t,
                            const char *own, const char *other)
{
    uint8_t secret[32];
    const char *elsewhere = dialect_own_label(own + strlen(DIALECT_HKDF " "));
    if (elsewhere != NULL) {
        expand(secret, prk, elsewhere, strlen(elsewhere), t, true);
        if (memcmp(secret, yours, sizeof secret) == 0)
            check_hint(c, DIALECT_HKDF_HINT, own);
    }
    expand(secret, prk, own, strlen(own) + 1, t, true);
    if (memcmp(secret, yours, sizeof secret) == 0)
        check_hint(c, "an info of HKDF has no zero byte after the label");
    expand(secret, prk, own, strlen(own), t, false);
    if (memcmp(secret, yours, sizeof secret) == 0)
        check_hint(c, "the label comes before T");
    expand(secret, prk, other, strlen(other), t, true);
    if (memcmp(secret, yours, sizeof secret) == 0)
        check_hint(c, "the two secrets are swapped, or the same: each direction has a label of its own");
    hkdf_expand(secret, sizeof secret, prk, own, strlen(own));
    if (memcmp(secret, yours, sizeof secret) == 0)
        check_hint(c, "T is missing in the info: both sides' keys must depend on all that they saw");
    expand(secret, t, own, strlen(own), prk, true);
    if (memcmp(secret, yours, sizeof secret) == 0)
        check_hint(c, "prk and T are swapped");
}

static void ask_secrets(struct checking *c, const uint8_t *prk, const uint8_t *t)
{
    ask_begin(c, "key_schedule_secrets");
    ask_out(c, "c_secret", RECORD_SECRET_LEN);
    ask_out(c, "s_secret", RECORD_SECRET_LEN);
    ask_secret(c, "prk", prk, HKDF_PRK_LEN);
    ask_in(c, "transcript", t, SHA256_DIGEST_LEN);
}

static void check_one_secret(struct checking *c, size_t which)
{
    static const char *const labels[] = {DIALECT_HKDF " client", DIALECT_HKDF " server"};
    static const char *const names[] = {"c_secret", "s_secret"};
    uint8_t prk[HKDF_PRK_LEN], t[SHA256_DIGEST_LEN], right[2][RECORD_SECRET_LEN];
    rng_fill(&c->rng, prk, sizeof prk);
    rng_fill(&c->rng, t, sizeof t);
    key_schedule_secrets(right[0], right[1], prk, t);
    ask_secrets(c, prk, t);
    if (!ask(c))
        return;
    if (!expect_bytes(c, which, right[which], RECORD_SECRET_LEN, names[which]))
        diagnose_secret(c, ask_bytes(c, which), prk, t, labels[which], labels[1 - which]);
}

static void check_c_secret(struct checking *c)
{
    check_one_secret(c, 0);
}

static void check_s_secret(struct checking *c)
{
    check_one_secret(c, 1);
}

/* Z, prk and the secrets decide no branch and no address. */
static void timing(struct checking *c)
{
    uint8_t client[KEY_SCHEDULE_RANDOM_LEN] = {1}, server[KEY_SCHEDULE_RANDOM_LEN] = {2}, z[256], prk[HKDF_PRK_LEN],
            t[SHA256_DIGEST_LEN] = {3};
    expect_new_path(c, "a Z that begins with zeros");
    for (int i = 0; i < 3; i++) {
        rng_fill(&c->rng, z, sizeof z);
        memset(z, 0, i == 0 ? 3 : 0);
        ask_extract(c, client, server, z, sizeof z);
        if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another Z"))
            return;
    }
    expect_new_path(c, "one prk");
    for (int i = 0; i < 2; i++) {
        rng_fill(&c->rng, prk, sizeof prk);
        ask_secrets(c, prk, t);
        if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another prk"))
            return;
    }
}

static const struct check checks[] = {
    {"C without names", 1, check_context},
    {"C with names", 1, check_context_names},
    {"T", 2, check_transcript},
    {"prk", 1, check_extract},
    {"prk of a Z that begins with zeros", 1, check_extract_zeros},
    {"the client's secret", 1, check_c_secret},
    {"the server's secret", 1, check_s_secret},
    {NULL, 0, NULL},
};

const struct exercise exercise_key_schedule = {
    .number = "14",
    .stem = "key_schedule",
    .title = "the handshake's key schedule",
    .files = {"key_schedule.c"},
    .needs = {"sha256", "hmac", "hkdf"},
    .given = "hkdf hmac sha256 sha256_ref sha256_choice_ref bytes ct",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
