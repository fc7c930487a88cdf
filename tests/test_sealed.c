/* SPDX-License-Identifier: MIT */
/* Messages of a sealed room. */
#include "app/peer/sealed.h"

#include "app/workbench/rng_fixed.h"
#include "tests/keys.h"
#include "tests/test.h"

static void test_there_and_back(void **state)
{
    (void)state;
    struct rng rng;
    struct room_list l = {.name = "+ring", .count = 2, .members = {{"bob", {0}}, {"alice", {1}}}}, got;
    struct rsa_public pub;
    struct sender_key k, next;
    rng_fixed_init(&rng, "a", 1);
    const struct identity *id = keys_identity("bob");
    certificate_fingerprint(l.members[0].fingerprint, id->key.n);
    rsa_public_of(&pub, &id->key);
    assert_int_equal(room_list_sign(&l, &id->key, &rng), 0);
    assert_int_equal(room_list_decode(&got, l.bytes, l.len), 0);
    assert_int_equal(room_list_verify(&got, &pub), 0);
    assert_memory_equal(&got, &l, sizeof l);
    sender_key_draw(&k, l.room, l.hash, &rng);
    uint8_t bytes[SENDER_KEY_LEN], out[SEALED_MAX];
    sender_key_encode(bytes, &k);
    struct sender_key theirs;
    assert_int_equal(sender_key_decode(&theirs, bytes, sizeof bytes), 0);
    sender_key_advance(&k);
    static struct sealed_statement s = {.sender = "bob", .text = "hello", .text_len = 5}, opened;
    memcpy(s.room, k.room, sizeof s.room);
    memcpy(s.list, k.list, sizeof s.list);
    memcpy(s.key_id, k.id, sizeof s.key_id);
    s.i = 1;
    assert_int_equal(sealed_statement_sign(&s, &id->key, &rng), 0);
    size_t len;
    assert_int_equal(sealed_seal(out, sizeof out, &len, &s, &k, &rng), 0);
    assert_int_equal(sealed_open(&opened, &next, out, len, "bob", &theirs, &pub), 0);
    assert_memory_equal(&opened, &s, sizeof s);
    sender_key_advance(&k);
    assert_memory_equal(&next, &k, sizeof k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_there_and_back)};
    return RUN(tests);
}
