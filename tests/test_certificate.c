/* SPDX-License-Identifier: MIT */
/* Certificates: known answers; every bit matters; every shape but the right one is refused; who may vouch for whom. */
#include "net/certificate.h"

#include "app/workbench/rng_fixed.h"
#include "tests/keys.h"
#include "tests/test.h"
#include "tests/vec.h"

static struct certificate read_fields(struct vec *v)
{
    struct certificate c = {
        .role = (enum certificate_role)vec_number(v, "role"),
        .not_before = vec_number(v, "not_before"),
        .not_after = vec_number(v, "not_after"),
    };
    snprintf(c.name, sizeof c.name, "%s", vec_text(v, "certificate_name"));
    memcpy(c.modulus, keys_identity(vec_text(v, "key"))->key.n, sizeof c.modulus);
    return c;
}

/* The first 32 bytes that the signer draws are the salt. */
static void check_salt(struct vec *v, const char *seed)
{
    struct rng rng;
    uint8_t salt[32];
    rng_fixed_init(&rng, seed, strlen(seed));
    rng_fill(&rng, salt, sizeof salt);
    vec_check(v, "salt", salt, sizeof salt);
}

static void known_answer(struct vec *v)
{
    struct rng rng;
    struct certificate got, c = read_fields(v);
    uint8_t bytes[CERTIFICATE_MAX_LEN], fp[CERTIFICATE_FINGERPRINT_LEN];
    const char *seed = vec_text(v, "seed");
    const struct rsa_private *issuer = &keys_identity(vec_text(v, "issuer_key"))->key;
    struct rsa_public issuer_public;
    rng_fixed_init(&rng, seed, strlen(seed));
    certificate_fingerprint(fp, c.modulus);
    vec_check(v, "fingerprint", fp, sizeof fp);
    assert_int_equal(certificate_sign(&c, issuer, &rng), NET_OK);
    check_salt(v, seed);
    vec_check(v, "issuer", c.issuer, sizeof c.issuer);
    size_t len = certificate_encode(bytes, &c);
    vec_check(v, "certificate", bytes, len);
    assert_int_equal(certificate_decode(&got, bytes, len), NET_OK);
    uint8_t again[CERTIFICATE_MAX_LEN];
    assert_int_equal(certificate_encode(again, &got), len);
    assert_memory_equal(again, bytes, len);
    rsa_public_of(&issuer_public, issuer);
    assert_int_equal(certificate_verify(&got, &issuer_public), NET_OK);
}

static void known_reject(struct vec *v)
{
    struct certificate c;
    struct rsa_public issuer;
    size_t len;
    const uint8_t *bytes = vec_hex(v, "certificate", &len);
    rsa_public_of(&issuer, &keys_identity(vec_text(v, "issuer_key"))->key);
    enum net_err err = certificate_decode(&c, bytes, len);
    if (err == NET_OK)
        err = certificate_verify(&c, &issuer);
    if (err == NET_OK)
        fail_msg("%s was not refused", vec_name(v));
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("certificate");
    while (vec_next(v)) {
        if (vec_rejects(v))
            known_reject(v);
        else
            known_answer(v);
    }
    vec_close(v);
}

static void test_every_bit_matters(void **state)
{
    (void)state;
    const struct identity *id = keys_identity("server");
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    struct certificate c;
    for (size_t bit = 0; bit < 8 * id->certificate_len; bit++) {
        memcpy(bytes, id->certificate, id->certificate_len);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum net_err err = certificate_decode(&c, bytes, id->certificate_len);
        if (err == NET_OK)
            err = certificate_verify_self(&c);
        assert_int_not_equal(err, NET_OK);
    }
}

static void test_every_other_length_is_malformed(void **state)
{
    (void)state;
    const struct identity *id = keys_identity("server");
    uint8_t bytes[CERTIFICATE_MAX_LEN + 1] = {0};
    struct certificate c, before;
    memset(&before, 0x55, sizeof before);
    memcpy(bytes, id->certificate, id->certificate_len);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        memcpy(&c, &before, sizeof c);
        enum net_err err = certificate_decode(&c, bytes, len);
        assert_int_equal(err, len == id->certificate_len ? NET_OK : NET_ERR_MALFORMED);
        if (err != NET_OK)
            assert_memory_equal(&c, &before, sizeof c);
    }
}

static void test_names(void **state)
{
    (void)state;
    const struct identity *id = keys_identity("server");
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    struct certificate c;
    for (int character = 0; character < 256; character++) {
        memcpy(bytes, id->certificate, id->certificate_len);
        bytes[5] = (uint8_t)character;
        assert_int_equal(certificate_decode(&c, bytes, id->certificate_len),
                         character >= '!' && character <= '~' ? NET_OK : NET_ERR_MALFORMED);
    }
    assert_int_equal(certificate_decode(&c, id->certificate, id->certificate_len), NET_OK);
    memset(c.name, 'x', CERTIFICATE_NAME_MAX);
    assert_int_equal(certificate_encode(bytes, &c), CERTIFICATE_MAX_LEN);
    assert_int_equal(certificate_decode(&c, bytes, CERTIFICATE_MAX_LEN), NET_OK);
    assert_int_equal(strlen(c.name), CERTIFICATE_NAME_MAX);
}

static void test_validity_is_inclusive(void **state)
{
    (void)state;
    struct certificate c = {.not_before = 1000, .not_after = 2000};
    assert_false(certificate_valid_at(&c, 999));
    assert_true(certificate_valid_at(&c, 1000));
    assert_true(certificate_valid_at(&c, 2000));
    assert_false(certificate_valid_at(&c, 2001));
}

static void test_who_vouches_for_whom(void **state)
{
    (void)state;
    struct rng rng;
    struct certificate c, self;
    struct rsa_public authority, other;
    const struct identity *id = keys_identity("server");
    rng_fixed_init(&rng, "vouch", 5);
    rsa_public_of(&authority, &keys_identity("authority")->key);
    rsa_public_of(&other, &keys_identity("alice")->key);
    assert_int_equal(certificate_decode(&self, id->certificate, id->certificate_len), NET_OK);
    assert_true(certificate_is_self_signed(&self));
    assert_int_equal(certificate_verify_self(&self), NET_OK);
    assert_int_equal(certificate_verify(&self, &authority), NET_ERR_CERTIFICATE);
    c = self;
    assert_int_equal(certificate_sign(&c, &keys_identity("authority")->key, &rng), NET_OK);
    assert_false(certificate_is_self_signed(&c));
    assert_int_equal(certificate_verify(&c, &authority), NET_OK);
    assert_int_equal(certificate_verify(&c, &other), NET_ERR_CERTIFICATE);
    assert_int_equal(certificate_verify_self(&c), NET_ERR_CERTIFICATE);
    /* The authority's signature under a name that it did not sign; and issuer changed to look self-signed. */
    c.name[0] ^= 1;
    assert_int_equal(certificate_verify(&c, &authority), NET_ERR_CERTIFICATE);
    c.name[0] ^= 1;
    memcpy(c.issuer, self.issuer, sizeof c.issuer);
    assert_int_equal(certificate_verify_self(&c), NET_ERR_CERTIFICATE);
    assert_int_equal(certificate_verify(&c, &authority), NET_ERR_CERTIFICATE);
}

static void test_times_are_printed(void **state)
{
    (void)state;
    static const struct {
        uint64_t seconds;
        const char *text;
    } known[] = {
        {0, "1970-01-01T00:00:00Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {978307199, "2000-12-31T23:59:59Z"},
        {1795273445, "2026-11-21T15:04:05Z"},
        {2147483648, "2038-01-19T03:14:08Z"},
        {4107499200, "2100-02-28T12:00:00Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "253402300800"},
        {INT64_MAX, "9223372036854775807"},
        {UINT64_MAX, "18446744073709551615"}, /* and not the second before 1970 */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[CERTIFICATE_TIME_LEN];
        certificate_print_time(text, known[i].seconds);
        assert_string_equal(text, known[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_every_bit_matters),
        cmocka_unit_test(test_every_other_length_is_malformed),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_validity_is_inclusive),
        cmocka_unit_test(test_who_vouches_for_whom),
        cmocka_unit_test(test_times_are_printed),
    };
    return RUN(tests);
}
