/* SPDX-License-Identifier: MIT */
/* The key schedule by itself: the values of whole handshakes (vectors/handshake.txt, which tests/protocol_check.py
 * computes again from docs/protocol.md), each step once more over bytes that are put together here, and that everything
 * that goes in counts. */
#include "net/key_schedule.h"

#include "crypto/hmac.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define LEN 32 /* of all that comes out */

/* --- Known answers ------------------------------------------------------------------------------------------------ */

/* What a handshake has besides: test_handshake.c looks at these. */
static void pass_over(struct vec *v)
{
    static const char *const others[] = {
        "client_suites",   "client_groups",      "server_suites",      "server_groups",   "group",
        "suite",           "client_seed",        "server_seed",        "client_private",  "client_public",
        "client_salt",     "client_certificate", "client_signature",   "client_finished", "client_finished_iv",
        "server_private",  "server_public",      "server_certificate", "server_salt",     "server_signature",
        "server_finished", "server_finished_iv", "c_enc_key",          "c_mac_key",       "s_enc_key",
        "s_mac_key"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (vec_has(v, others[i]))
            (void)vec_text(v, others[i]);
}

static void check_hashes(struct vec *v)
{
    uint8_t context[LEN], digest[LEN];
    size_t client_len, server_len, unsigned_len = 2 + 384; /* the signature and its length */
    const uint8_t *client = vec_hex(v, "client_hello", &client_len), *server = vec_hex(v, "server_hello", &server_len);
    key_schedule_context(context, (uint8_t)vec_number(v, "kind"), vec_text(v, "client_name"),
                         vec_text(v, "server_name"));
    vec_check(v, "C", context, LEN);
    key_schedule_transcript(digest, context, client, client_len, server, server_len - unsigned_len);
    vec_check(v, "signed_hash", digest, LEN);
    key_schedule_transcript(digest, context, client, client_len, server, server_len);
    vec_check(v, "T", digest, LEN);
}

static void check_secrets(struct vec *v)
{
    uint8_t prk[LEN], c_secret[LEN], s_secret[LEN];
    size_t z_len;
    const uint8_t *z = vec_hex(v, "Z", &z_len);
    key_schedule_extract(prk, vec_hex_n(v, "client_random", LEN), vec_hex_n(v, "server_random", LEN), z, z_len);
    vec_check(v, "prk", prk, LEN);
    key_schedule_secrets(c_secret, s_secret, vec_hex_n(v, "prk", LEN), vec_hex_n(v, "T", LEN));
    vec_check(v, "c_secret", c_secret, LEN);
    vec_check(v, "s_secret", s_secret, LEN);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("handshake");
    while (vec_next(v)) {
        check_hashes(v);
        check_secrets(v);
        pass_over(v);
    }
    vec_close(v);
}

/* --- Each step, once more ----------------------------------------------------------------------------------------- */

static void expect_context(uint8_t kind, const char *client, const char *server)
{
    uint8_t bytes[20 + 1 + 2 * 256], expected[LEN], got[LEN];
    size_t n = 0;
    memcpy(bytes, "glasschat/1 context", 20);
    n += 20;
    bytes[n++] = kind;
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? client : server;
        size_t len = name != NULL ? strlen(name) : 0;
        bytes[n++] = (uint8_t)len;
        for (size_t k = 0; k < len; k++)
            bytes[n++] = (uint8_t)name[k];
    }
    sha256_digest(expected, bytes, n);
    key_schedule_context(got, kind, client, server);
    assert_memory_equal(got, expected, LEN);
}

static void test_names_of_all_lengths(void **state)
{
    char longest[256];
    (void)state;
    memset(longest, 'n', 255);
    longest[255] = '\0';
    expect_context(1, NULL, NULL);
    expect_context(1, "", "");
    expect_context(2, "a", "b");
    expect_context(2, "", "b");
    expect_context(2, longest, "b");
    expect_context(2, "a", longest);
    expect_context(2, longest, longest);
    expect_context(255, "a", "b");
}

static char too_long[257];

static void give_a_long_name(void)
{
    uint8_t context[LEN];
    key_schedule_context(context, 2, "a", too_long);
}

/* A length of one byte can't say 256. */
static void test_a_name_that_is_too_long(void **state)
{
    (void)state;
    memset(too_long, 'n', 256);
    assert_true(aborts(give_a_long_name));
}

static void test_frames_of_all_lengths(void **state)
{
    uint8_t bytes[LEN + 2 * 600], expected[LEN], got[LEN];
    (void)state;
    fill(bytes, sizeof bytes, 1);
    static const size_t lens[] = {0, 1, 31, 32, 33, 63, 64, 65, 600};
    size_t n = sizeof lens / sizeof *lens;
    for (size_t i = 0; i < n * n; i++) {
        size_t client_len = lens[i / n], server_len = lens[i % n];
        sha256_digest(expected, bytes, LEN + client_len + server_len);
        key_schedule_transcript(got, bytes, bytes + LEN, client_len, bytes + LEN + client_len, server_len);
        assert_memory_equal(got, expected, LEN);
    }
}

/* HKDF-Extract is HMAC(salt, ikm), and one block of HKDF-Expand is HMAC(prk, info || 01). */
static void test_secrets_are_hmacs(void **state)
{
    uint8_t random[2 * LEN], z[512], info[18 + LEN + 1], prk[LEN], c_secret[LEN], s_secret[LEN], expected[LEN];
    (void)state;
    fill(random, sizeof random, 1);
    fill(z, sizeof z, 2);
    fill(info, sizeof info, 3);
    static const size_t z_lens[] = {256, 384, 512};
    for (size_t i = 0; i < 3; i++) {
        key_schedule_extract(prk, random, random + LEN, z, z_lens[i]);
        hmac_tag(expected, random, sizeof random, z, z_lens[i]);
        assert_memory_equal(prk, expected, LEN);
        key_schedule_secrets(c_secret, s_secret, prk, info + 18);
        info[sizeof info - 1] = 1;
        memcpy(info, "glasschat/1 client", 18);
        hmac_tag(expected, prk, LEN, info, sizeof info);
        assert_memory_equal(c_secret, expected, LEN);
        memcpy(info, "glasschat/1 server", 18);
        hmac_tag(expected, prk, LEN, info, sizeof info);
        assert_memory_equal(s_secret, expected, LEN);
    }
    uint8_t in_place[512];
    memcpy(in_place, z, sizeof z);
    key_schedule_extract(in_place, random, random + LEN, in_place, sizeof in_place);
    assert_memory_equal(in_place, prk, LEN);
}

/* --- What goes in counts ------------------------------------------------------------------------------------------ */

static void expect_different_contexts(uint8_t kind, const char *client, const char *server)
{
    uint8_t one[LEN], other[LEN];
    key_schedule_context(one, 2, "anna", "bob");
    key_schedule_context(other, kind, client, server);
    assert_memory_not_equal(one, other, LEN);
}

static void test_no_two_contexts_are_alike(void **state)
{
    (void)state;
    expect_different_contexts(1, "anna", "bob");
    expect_different_contexts(2, "bob", "anna");
    expect_different_contexts(2, "annab", "ob");
    expect_different_contexts(2, "annabob", "");
    expect_different_contexts(2, "", "annabob");
    expect_different_contexts(2, "anna", "Bob");
}

/* Every byte that crossed the wire, or is secret, changes both secrets. */
static void test_every_byte_counts(void **state)
{
    uint8_t in[4 * LEN + 256], prk[LEN], c[2][LEN], s[2][LEN];
    (void)state;
    fill(in, sizeof in, 1);
    for (size_t i = 0; i <= 3 * LEN + 256; i++) {
        size_t n = i == 0 ? 0 : 1;
        if (n == 1)
            in[i - 1] ^= 0x80;
        key_schedule_extract(prk, in, in + LEN, in + 3 * LEN, 256);
        key_schedule_secrets(c[n], s[n], prk, in + 2 * LEN);
        assert_memory_not_equal(c[n], s[n], LEN);
        if (n == 0)
            continue;
        in[i - 1] ^= 0x80;
        assert_memory_not_equal(c[0], c[1], LEN);
        assert_memory_not_equal(s[0], s[1], LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),           cmocka_unit_test(test_names_of_all_lengths),
        cmocka_unit_test(test_a_name_that_is_too_long), cmocka_unit_test(test_frames_of_all_lengths),
        cmocka_unit_test(test_secrets_are_hmacs),       cmocka_unit_test(test_no_two_contexts_are_alike),
        cmocka_unit_test(test_every_byte_counts),
    };
    return RUN(tests);
}
