/* SPDX-License-Identifier: MIT */
/* Reading the keys is cheap, signing their certificates is not: each certificate is made at its first use. */
#include "tests/keys.h"

#include "app/workbench/rng_fixed.h"
#include "tests/test.h"
#include "tests/vec.h"

struct entry {
    const char *who, *name;
    enum certificate_role role;
    bool made;
    struct identity identity;
};

static struct entry entries[] = {
    {.who = "server", .name = "chat.example", .role = CERTIFICATE_SERVER},
    {.who = "alice", .name = "alice", .role = CERTIFICATE_USER},
    {.who = "bob", .name = "bob", .role = CERTIFICATE_USER},
    {.who = "authority", .name = "authority", .role = CERTIFICATE_SERVER},
};

static void read_number(struct vec *v, const char *field, uint8_t *out, size_t len)
{
    memcpy(out, vec_hex_n(v, field, len), len);
}

void keys_private(struct rsa_private *key, const char *who)
{
    struct vec *v = vec_open("keys");
    bool found = false;
    while (vec_next(v)) {
        struct rsa_private k;
        read_number(v, "n", k.n, sizeof k.n);
        read_number(v, "d", k.d, sizeof k.d);
        read_number(v, "p", k.p, sizeof k.p);
        read_number(v, "q", k.q, sizeof k.q);
        read_number(v, "dp", k.dp, sizeof k.dp);
        read_number(v, "dq", k.dq, sizeof k.dq);
        read_number(v, "qinv", k.qinv, sizeof k.qinv);
        if (strcmp(vec_name(v), who) == 0) {
            *key = k;
            found = true;
        }
    }
    vec_close(v);
    assert_true(found);
}

static void make(struct entry *e)
{
    struct rng rng;
    struct certificate c = {.role = e->role, .not_before = KEYS_NOW - 15768000, .not_after = KEYS_NOW + 15768000};
    keys_private(&e->identity.key, e->who);
    snprintf(c.name, sizeof c.name, "%s", e->name);
    rng_fixed_init(&rng, e->who, strlen(e->who));
    assert_int_equal(certificate_sign_self(&c, &e->identity.key, &rng), NET_OK);
    e->identity.certificate_len = certificate_encode(e->identity.certificate, &c);
    e->made = true;
}

static struct entry *find(const char *who)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++)
        if (strcmp(entries[i].who, who) == 0)
            return &entries[i];
    fail_msg("no key for %s", who);
    return NULL;
}

const struct identity *keys_identity(const char *who)
{
    struct entry *e = find(who);
    if (!e->made)
        make(e);
    return &e->identity;
}
