/* SPDX-License-Identifier: MIT */
/* What a server does to calls as a whole: it answers them, makes them, and says who they are from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/labs/misdeed.h"
#include "crypto/bytes.h"
#include "net/fingerprint.h"
#include "net/frame.h"
#include "net/hello.h"

static bool is_hello(const struct message *m)
{
    return m->relayed.frame.len > 0 && m->relayed.frame.data[0] == FRAME_CLIENT_HELLO;
}

/* --- In between --------------------------------------------------------------------------------------------------- */

/* Each time that this is chosen it is another key. */
void misdeed_swap_begin(struct misdeeds *d)
{
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    char key[FINGERPRINT_TEXT_LEN];
    impostor_end(&d->impostor);
    rsa_generate(&d->key, &d->t->rng);
    impostor_begin(&d->impostor, d->t, &d->key);
    certificate_fingerprint(fingerprint, d->key.n);
    fingerprint_print(key, fingerprint);
    display_line(stdout, "mallory has the key %s", key);
}

bool misdeed_swap(struct misdeeds *d, const char *to, const struct message *m)
{
    return m->type != MESSAGE_RELAYED || !impostor_hear(&d->impostor, to, m);
}

/* --- Whose it is -------------------------------------------------------------------------------------------------- */

/* And what is sent to the second comes to the first, so that the two can answer each other. */
bool misdeed_rename(struct misdeeds *d, const char *to, const struct message *m)
{
    const char *from = m->relayed.name;
    if (m->type == MESSAGE_SAID && strcmp(m->said.sender, d->word[0]) == 0) {
        struct message other = *m;
        memcpy(other.said.sender, d->word[1], sizeof other.said.sender);
        treacherous_push(d->t, treacherous_find(d->t, to), &other);
        return false;
    }
    if (m->type != MESSAGE_RELAYED)
        return true;
    if (strcmp(from, d->word[0]) == 0)
        from = d->word[1];
    else if (strcmp(to, d->word[1]) == 0)
        to = d->word[0];
    else
        return true;
    treacherous_hand_over(d->t, to, from, m->relayed.call, m->relayed.frame.data, m->relayed.frame.len);
    return false;
}

bool misdeed_reroute(struct misdeeds *d, const char *to, const struct message *m)
{
    const char *from = m->relayed.name;
    if (m->type != MESSAGE_RELAYED)
        return true;
    if (strcmp(to, d->word[0]) == 0)
        to = d->word[1];
    else if (strcmp(from, d->word[1]) == 0)
        from = d->word[0];
    else
        return true;
    treacherous_hand_over(d->t, to, from, m->relayed.call, m->relayed.frame.data, m->relayed.frame.len);
    return false;
}

/* Under another number, as a hello with a number in use would be passed over. */
bool misdeed_reflect(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t call[MESSAGE_CALL_LEN];
    if (m->type != MESSAGE_RELAYED)
        return true;
    misdeed_other_number(call, m->relayed.call);
    treacherous_hand_over(d->t, m->relayed.name, to, call, m->relayed.frame.data, m->relayed.frame.len);
    treacherous_hand_over(d->t, m->relayed.name, m->relayed.name, call, m->relayed.frame.data, m->relayed.frame.len);
    return false;
}

bool misdeed_deny(struct misdeeds *d, const char *to, const struct message *m)
{
    if (m->type != MESSAGE_RELAYED || strcmp(m->relayed.name, d->word[0]) != 0 || m->relayed.frame.len == 0)
        return true;
    treacherous_hand_over(d->t, m->relayed.name, to, m->relayed.call, NULL, 0);
    return false;
}

/* To both sides of each call that there was since this was done last. */
void misdeed_end(struct misdeeds *d)
{
    for (struct misdeed_frame *f = d->kept.first; f != NULL; f = f->next) {
        if (!f->ended) {
            treacherous_hand_over(d->t, f->to, f->from, f->call, NULL, 0);
            treacherous_hand_over(d->t, f->from, f->to, f->call, NULL, 0);
        }
        f->ended = true;
    }
}

/* --- Another kind of handshake ------------------------------------------------------------------------------------ */

/* A hello is the same in both kinds. So it is given to what answers clients, and its answer given back. */
bool misdeed_kind_1(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t hello[MESSAGE_FRAME_MAX], answer[SESSION_OUT_MAX];
    struct session_buffer out = {.data = answer, .cap = sizeof answer};
    struct handshake_config config;
    struct session_message unexpected;
    struct session s;
    struct handshake hs;
    size_t used;
    if (m->type != MESSAGE_RELAYED || !is_hello(m))
        return true;
    handshake_config_default(&config, HANDSHAKE_SERVER);
    config.identity = d->t->identity;
    session_init(&s, &hs, &config);
    memcpy(hello, m->relayed.frame.data, m->relayed.frame.len);
    (void)session_start(&s);
    if (session_feed(&s, &d->t->rng, 0, hello, m->relayed.frame.len, &used, &out, &unexpected) == SESSION_WORK) {
        session_work(&s, &d->t->rng);
        (void)session_step(&s, &d->t->rng, 0, &out);
    }
    session_wipe(&s);
    for (size_t at = 0, len; at + FRAME_HEADER_LEN <= out.len; at += len) {
        len = FRAME_HEADER_LEN + bytes_load_be16(answer + at + 2);
        treacherous_hand_over(d->t, m->relayed.name, to, m->relayed.call, answer + at, len);
    }
    return false;
}

/* --- Again -------------------------------------------------------------------------------------------------------- */

/* With each frame to somebody, the hello of the call that it is of, under a number that has not been. */
bool misdeed_replay_hello(struct misdeeds *d, const char *to, const struct message *m)
{
    uint8_t call[MESSAGE_CALL_LEN];
    if (m->type != MESSAGE_RELAYED || is_hello(m))
        return true;
    for (const struct misdeed_frame *f = d->kept.first; f != NULL; f = f->next)
        if (f->len > 0 && f->bytes[0] == FRAME_CLIENT_HELLO && strcmp(f->to, to) == 0 &&
            strcmp(f->from, m->relayed.name) == 0) {
            rng_fill(&d->t->rng, call, sizeof call);
            misdeed_repeat(d, f, call);
            break;
        }
    return true;
}

void misdeed_replay_call(struct misdeeds *d)
{
    uint8_t call[MESSAGE_CALL_LEN];
    for (const struct misdeed_frame *f = d->kept.first; f != NULL; f = f->next) {
        misdeed_other_number(call, f->call);
        if (strcmp(f->to, d->word[0]) == 0)
            misdeed_repeat(d, f, call);
    }
}

/* --- Many --------------------------------------------------------------------------------------------------------- */

/* Hellos that cost nothing to make: 4 is a square in every group. */
static size_t make_hello(struct misdeeds *d, uint8_t frame[static HELLO_CLIENT_MAX])
{
    static const uint8_t both[] = {1, 2}, groups[] = {DH_FFDHE3072};
    static uint8_t four[384];
    uint8_t random[32];
    four[sizeof four - 1] = 4;
    rng_fill(&d->t->rng, random, sizeof random);
    const struct hello_client hello = {.random = random,
                                       .suites = both,
                                       .suites_len = sizeof both,
                                       .groups = groups,
                                       .groups_len = sizeof groups,
                                       .group = groups[0],
                                       .public_value = four,
                                       .public_value_len = sizeof four};
    return hello_encode_client(frame, &hello);
}

void misdeed_flood(struct misdeeds *d)
{
    uint8_t frame[HELLO_CLIENT_MAX], call[MESSAGE_CALL_LEN];
    unsigned long n = strtoul(d->word[1], NULL, 10);
    for (unsigned long i = 0; i < n; i++) {
        char name[NAME_MAX_LEN + 1];
        snprintf(name, sizeof name, "nobody%lu", i);
        rng_fill(&d->t->rng, call, sizeof call);
        treacherous_hand_over(d->t, d->word[0], name, call, frame, make_hello(d, frame));
    }
}
