/* SPDX-License-Identifier: MIT */
/* For the tests of identities on disk: alice's and bob's, saved and opened in few words. */
#ifndef TESTS_IDENTITIES_H
#define TESTS_IDENTITIES_H

#include "app/peer/identity.h"
#include "tests/home_disk.h"
#include "tests/keys.h"

#define SERVER "chat.example:7447"
#define FILES IDENTITY_FOLDER "/alice@" SERVER
#define KEY FILES ".key"
#define NEXT FILES ".key.next"
#define CERTIFICATE FILES ".certificate"
#define OLD (const uint8_t *)"the old one", 11
#define NEW (const uint8_t *)"the new one", 11

static struct rng rng;

static inline struct identity_files files_at(void **state, const char *server)
{
    struct identity_files f;
    identity_files_init(&f, scratch_path(state), server, "alice");
    f.iterations = 1;
    return f;
}

static inline struct identity_files files(void **state)
{
    return files_at(state, SERVER);
}

/* Another's key with alice's name. */
static inline struct identity key_of(const char *who)
{
    struct identity id = *keys_identity(who);
    struct certificate c = {.role = CERTIFICATE_USER, .name = "alice", .not_before = 1, .not_after = UINT64_MAX};
    assert_int_equal(certificate_sign_self(&c, &id.key, &rng), NET_OK);
    id.certificate_len = certificate_encode(id.certificate, &c);
    return id;
}

static inline struct identity other_key(void)
{
    return key_of("bob");
}

static inline void assert_same_identity(const struct identity *one, const struct identity *other)
{
    assert_memory_equal(&one->key, &other->key, sizeof one->key);
    assert_int_equal(one->certificate_len, other->certificate_len);
    assert_memory_equal(one->certificate, other->certificate, one->certificate_len);
}

/* What a fresh program finds. */
static inline enum identity_result look(void **state, struct identity *id, const uint8_t *password, size_t len)
{
    char why[WHY_LEN] = "";
    struct identity_files f = files(state);
    enum identity_result result = identity_load(&f, id, password, len, why);
    assert_true(result == IDENTITY_OK || *why != '\0');
    identity_files_close(&f);
    return result;
}

static inline void assert_finds(void **state, const struct identity *expected, const uint8_t *password, size_t len)
{
    struct identity id;
    assert_int_equal(look(state, &id, password, len), IDENTITY_OK);
    assert_same_identity(&id, expected);
}

static inline void save(void **state, const struct identity *id, const uint8_t *password, size_t len)
{
    char why[WHY_LEN] = "";
    struct identity_files f = files(state);
    if (identity_save(&f, id, password, len, &rng, why) != 0)
        fail_msg("%s", why);
    identity_files_close(&f);
}

static inline int with_alice(void **state)
{
    rng_init(&rng);
    if (scratch_make(state) != 0)
        return -1;
    save(state, keys_identity("alice"), OLD);
    return 0;
}

#define WITH_ALICE(test) cmocka_unit_test_setup_teardown(test, with_alice, scratch_remove)

#endif
