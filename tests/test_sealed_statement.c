/* SPDX-License-Identifier: MIT */
/* A statement of a sealed room as bytes: what its sender signed, and the signature. */
#include <string.h>

#include "app/peer/sealed.h"
#include "app/workbench/rng_fixed.h"
#include "tests/fill.h"
#include "tests/keys.h"
#include "tests/test.h"

static struct sealed_statement statement(const char *sender, size_t text_len)
{
    struct sealed_statement s = {.i = 7, .text_len = text_len};
    fill(s.room, sizeof s.room, 1);
    fill(s.list, sizeof s.list, 2);
    fill(s.key_id, sizeof s.key_id, 3);
    fill(s.prev, sizeof s.prev, 4);
    fill(s.seen, sizeof s.seen, 5);
    fill(s.signature, sizeof s.signature, 6);
    fill(s.text, text_len, 7);
    memcpy(s.sender, sender, strlen(sender));
    return s;
}

#define LONGEST "a234567890123456789012345678901b"

static void test_there_and_back(void **state)
{
    (void)state;
    const char *names[] = {"a", "alice", LONGEST};
    const size_t lengths[] = {0, 1, 100, TEXT_MAX_LEN};
    uint8_t bytes[SEALED_STATEMENT_MAX];
    for (size_t n = 0; n < 3; n++)
        for (size_t l = 0; l < 4; l++) {
            struct sealed_statement s = statement(names[n], lengths[l]), got;
            size_t len = sealed_statement_encode(bytes, &s);
            assert_int_equal(len, 25 + 16 + 32 + 1 + strlen(names[n]) + 16 + 4 + 32 + 32 + 2 + lengths[l] + 384);
            assert_int_equal(sealed_statement_decode(&got, bytes, len), 0);
            assert_memory_equal(&got, &s, sizeof s);
        }
}

/* Its hash, and what is signed, are the same bytes. */
static void test_what_is_signed_comes_first(void **state)
{
    (void)state;
    struct rng rng;
    struct rsa_public pub;
    uint8_t bytes[SEALED_STATEMENT_MAX], hash[SHA256_DIGEST_LEN], expected[SHA256_DIGEST_LEN];
    struct sealed_statement s = statement("alice", 5);
    const struct identity *id = keys_identity("alice");
    rng_fixed_init(&rng, "a", 1);
    rsa_public_of(&pub, &id->key);
    assert_int_equal(sealed_statement_sign(&s, &id->key, &rng), 0);
    size_t len = sealed_statement_encode(bytes, &s) - RSA_SIGNATURE_LEN;
    assert_int_equal(rsa_pss_verify(&pub, bytes, len, bytes + len), 0);
    sealed_statement_hash(hash, &s);
    sha256_digest(expected, bytes, len);
    assert_memory_equal(hash, expected, sizeof hash);
}

static void assert_refused(const uint8_t *bytes, size_t len)
{
    struct sealed_statement got, before;
    fill(&got, sizeof got, 9);
    before = got;
    assert_int_equal(sealed_statement_decode(&got, bytes, len), -1);
    assert_memory_equal(&got, &before, sizeof got);
}

static void test_every_other_length_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[SEALED_STATEMENT_MAX + 1] = {0};
    struct sealed_statement s = statement("alice", 100);
    size_t len = sealed_statement_encode(bytes, &s);
    for (size_t n = 0; n <= sizeof bytes; n++)
        if (n != len)
            assert_refused(bytes, n);
}

/* What is read is written again as it was: nothing of it has two forms. */
static void test_each_byte_counts(void **state)
{
    (void)state;
    uint8_t bytes[SEALED_STATEMENT_MAX], again[SEALED_STATEMENT_MAX];
    struct sealed_statement s = statement("alice", 20), got;
    size_t len = sealed_statement_encode(bytes, &s), refused = 0;
    for (size_t at = 0; at < len; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1 << bit);
            if (sealed_statement_decode(&got, bytes, len) != 0)
                refused++;
            else
                assert_true(sealed_statement_encode(again, &got) == len && memcmp(again, bytes, len) == 0);
            bytes[at] ^= (uint8_t)(1 << bit);
        }
    assert_true(refused >= 8 * (25 + 1 + 2)); /* the label and both lengths, at least */
}

static void test_a_sender_that_is_no_name_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[SEALED_STATEMENT_MAX];
    struct sealed_statement s = statement("alice", 20);
    size_t len = sealed_statement_encode(bytes, &s), name = 25 + 16 + 32 + 1;
    bytes[name] = 'A';
    assert_refused(bytes, len);
    bytes[name] = '1';
    assert_refused(bytes, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_signed_comes_first),
        cmocka_unit_test(test_every_other_length_is_refused),
        cmocka_unit_test(test_each_byte_counts),
        cmocka_unit_test(test_a_sender_that_is_no_name_is_refused),
    };
    return RUN(tests);
}
