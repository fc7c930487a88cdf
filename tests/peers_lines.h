/* SPDX-License-Identifier: MIT */
/* For the tests of the peers' file: what may stand in it, and certificates to be decided on. */
#ifndef TESTS_PEERS_LINES_H
#define TESTS_PEERS_LINES_H

#include "app/peer/peers.h"
#include "net/fingerprint.h"
#include "tests/home_disk.h"
#include "tests/keys.h"

#define FP_A "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define FP_B "SHA256:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define SERVER "chat.example:7447"
#define OTHER "[::1]:7447"

static struct rng rng;

/* Of a user of that name with who's key, signed by by. */
static inline struct certificate certificate_by(const char *by, const char *name, const char *who)
{
    struct certificate c = {.role = CERTIFICATE_USER, .not_before = KEYS_NOW - 1000, .not_after = KEYS_NOW + 1000};
    snprintf(c.name, sizeof c.name, "%s", name);
    memcpy(c.modulus, keys_identity(who)->key.n, sizeof c.modulus);
    assert_int_equal(certificate_sign(&c, &keys_identity(by)->key, &rng), NET_OK);
    return c;
}

static inline void assert_key(const uint8_t *fingerprint, const struct certificate *c)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fp, c->modulus);
    assert_memory_equal(fingerprint, fp, sizeof fp);
}

/* A line at SERVER with the certificate's key; valid until the next but one is asked for. */
static inline const char *line_of(const char *name, const char *state, const struct certificate *c)
{
    static char text[2][300];
    static int turn;
    char key[FINGERPRINT_TEXT_LEN];
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    turn ^= 1;
    certificate_fingerprint(fp, c->modulus);
    fingerprint_print(key, fp);
    snprintf(text[turn], sizeof text[turn], "%s %s %s %s\n", SERVER, name, state, key);
    return text[turn];
}

/* What a program finds in such a file. */
static inline struct peers load(void **state, const char *text)
{
    char why[WHY_LEN] = "";
    struct peers p;
    scratch_write(state, PEERS_FILE, text, strlen(text));
    if (peers_load(&p, scratch_path(state), SERVER, why) != 0)
        fail_msg("%s", why);
    return p;
}

#endif
