/* SPDX-License-Identifier: MIT */
/* For the tests of messages of sealed rooms: alice's first line, sealed under her key; and opening what came. */
#ifndef TESTS_ROOM_LINES_H
#define TESTS_ROOM_LINES_H

#include "app/peer/sealed.h"
#include "app/workbench/rng_fixed.h"
#include "tests/fill.h"
#include "tests/keys.h"
#include "tests/test.h"

static struct rng rng;
static struct sender_key alices;              /* as it is drawn */
static struct sealed_statement hello, opened; /* alice's first line; what was opened last */
static struct sender_key next;
static uint8_t message[SEALED_MAX]; /* hello, sealed */
static size_t message_len;

static inline struct rsa_public public_of(const char *who)
{
    struct rsa_public pub;
    rsa_public_of(&pub, &keys_identity(who)->key);
    return pub;
}

/* A statement under a key as it stands, not signed yet. */
static inline void say(struct sealed_statement *s, const struct sender_key *k, const char *sender, const char *text)
{
    memset(s, 0, sizeof *s);
    memcpy(s->room, k->room, sizeof s->room);
    memcpy(s->list, k->list, sizeof s->list);
    snprintf(s->sender, sizeof s->sender, "%s", sender);
    memcpy(s->key_id, k->id, sizeof s->key_id);
    s->i = k->i;
    s->text_len = strlen(text);
    memcpy(s->text, text, s->text_len);
}

static inline void sign(struct sealed_statement *s, const char *who)
{
    assert_int_equal(sealed_statement_sign(s, &keys_identity(who)->key, &rng), 0);
}

static inline size_t seal(uint8_t out[static SEALED_MAX], const struct sealed_statement *s, const struct sender_key *k)
{
    size_t len;
    assert_int_equal(sealed_seal(out, SEALED_MAX, &len, s, k, &rng), 0);
    return len;
}

static inline int set_up(void **state)
{
    (void)state;
    uint8_t room[ROOM_LIST_ID_LEN], list[ROOM_LIST_HASH_LEN];
    fill(room, sizeof room, 1);
    fill(list, sizeof list, 2);
    rng_fixed_init(&rng, "sealed", 6);
    sender_key_draw(&alices, room, list, &rng);
    say(&hello, &alices, "alice", "hello");
    sign(&hello, "alice");
    message_len = seal(message, &hello, &alices);
    return 0;
}

static inline void assert_same(const struct sealed_statement *a, const struct sealed_statement *b)
{
    assert_memory_equal(a->room, b->room, sizeof a->room);
    assert_memory_equal(a->list, b->list, sizeof a->list);
    assert_string_equal(a->sender, b->sender);
    assert_memory_equal(a->key_id, b->key_id, sizeof a->key_id);
    assert_int_equal(a->i, b->i);
    assert_memory_equal(a->prev, b->prev, sizeof a->prev);
    assert_memory_equal(a->seen, b->seen, sizeof a->seen);
    assert_int_equal(a->text_len, b->text_len);
    assert_memory_equal(a->text, b->text, a->text_len);
    assert_memory_equal(a->signature, b->signature, sizeof a->signature);
}

/* Opens what is in memory that ends where it does, so that a sanitizer sees a byte read too many. */
static inline int open_as(const uint8_t *in, size_t in_len, const char *sender, const struct sender_key *k,
                          const char *signer)
{
    struct rsa_public pub = public_of(signer);
    uint8_t *exact = malloc(in_len + (in_len == 0));
    assert_non_null(exact);
    memcpy(exact, in, in_len);
    int result = sealed_open(&opened, &next, exact, in_len, sender, k, &pub);
    free(exact);
    return result;
}

static inline void expect_refused(const uint8_t *in, size_t in_len, const char *sender, const struct sender_key *k,
                                  const char *signer)
{
    static struct sealed_statement untouched;
    struct sender_key key_untouched;
    memset(&untouched, 0x55, sizeof untouched);
    memset(&key_untouched, 0x55, sizeof key_untouched);
    memset(&opened, 0x55, sizeof opened);
    memset(&next, 0x55, sizeof next);
    assert_int_equal(open_as(in, in_len, sender, k, signer), -1);
    assert_memory_equal(&opened, &untouched, sizeof opened);
    assert_memory_equal(&next, &key_untouched, sizeof next);
}

/* A test with that line before it. */
#define TEST(f) cmocka_unit_test_setup(f, set_up)

#endif
