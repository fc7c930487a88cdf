/* SPDX-License-Identifier: MIT */
/* Known signatures are told with their values, and those that are refused with the step of RFC 8017 that refuses
 * them. */
#include "app/workbench/explain/explain_rsa.h"

#include "crypto/rng.h"
#include "crypto/sha256.h"
#include "tests/explained.h"
#include "tests/rsa_key.h"
#include "tests/test.h"

static const struct explain_rsa_files no_files = {.key = "-"};

/* The check that refuses, by what the record says is wrong: the first words of its `why`. */
static const char *check_of(const char *why)
{
    static const char *const checks[][2] = {
        {"the modulus is too short", "n sound?"},
        {"right but for n: not below the modulus", "s < n?"},
        {"not below the modulus", "s < n?"},
        {"signature is n-1", "is it bc?"},
        {"signature is n", "s < n?"},
        {"EM would be", "is it bc?"},
        {"signature is", "is it bc?"},
        {"signed with key 1", "is it bc?"},
        {"the negative of a signature", "is it bc?"},
        {"another encoding", "is it bc?"},
        {"PKCS #1 v1.5 signature", "is it bc?"},
        {"the last byte of EM is not bc", "is it bc?"},
        {"last byte in em modified", "is it bc?"},
        {"EM has more than 3,071 bits", "is it 0?"},
        {"bit 7 of masked_db not cleared", "is it 0?"},
        {"PS is not all zeros", "all zeros?"},
        {"s_len changed to 33", "all zeros?"}, /* 01 comes too soon */
        {"s_len changed to 350", "all zeros?"},
        {"first byte of ps modified", "all zeros?"},
        {"last byte of ps modified", "all zeros?"},
        {"all bytes of ps changed", "all zeros?"},
        {"shifted salt", "all zeros?"},
        {"including garbage", "all zeros?"},
        {"first byte of masked_db changed to 0", "all zeros?"},
        {"no 01 before the salt", "then 01?"},
        {"s_len changed to", "then 01?"}, /* shorter ones: it comes too late */
        {"ps followed by 0", "then 01?"},
        {"hash", "H' = H?"},
        {"H", "H' = H?"},
        {"first byte of m_hash", "H' = H?"},
        {"last byte of m_hash", "H' = H?"},
        {"all bits in m_hash", "H' = H?"},
        {"byte 0 in zero padding", "H' = H?"}, /* of M' */
        {"byte 7 in zero padding", "H' = H?"},
        {"all bytes in zero padding", "H' = H?"},
        {"first byte of hash h", "H' = H?"},
        {"last byte of hash h", "H' = H?"},
        {"all bytes of h", "H' = H?"},
        {"all bits of h", "H' = H?"},
        {"all bits in hash h", "H' = H?"},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strncmp(checks[i][0], why, strlen(checks[i][0])) == 0)
            return checks[i][1];
    fail_msg("why = %s: which check is that?", why);
    return NULL;
}

/* Those whose salt has another length: the record's name says which. */
static const char *check_of_salt(const char *name)
{
    return strtoul(name + strlen("a salt of "), NULL, 10) > 32 ? "all zeros?" : "then 01?";
}

static void check_refusal(struct vec *v, const struct rsa_public *pub, const uint8_t *msg, size_t msg_len,
                          const uint8_t *sig)
{
    const char *why = vec_text(v, "why");
    bool salt = strcmp(why, "valid, but for another salt length") == 0;
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_rsa_verify(to, pub, msg, msg_len, sig, RSA_SIGNATURE_LEN, &no_files), -1);
    const char *at = explained_end(&x);
    assert_string_equal(explained_next(&at, salt ? check_of_salt(vec_name(v)) : check_of(why)), "refused");
    assert_null(strstr(at, "passed\n"));
    assert_null(strstr(at, "refused\n"));
    assert_null(strstr(at, "  $ "));
    explained_free(&x);
}

/* DB xor dbMask must be what EM begins with, but for its first bit. */
static void expect_mask(const uint8_t db[static 351], const uint8_t db_mask[static 351], const uint8_t em[static 384])
{
    assert_int_equal((db[0] ^ db_mask[0]) & 0x7f, em[0]);
    for (size_t i = 1; i < 351; i++)
        assert_int_equal(db[i] ^ db_mask[i], em[i]);
}

static void expect_digest(const char **at, const char *name, const void *data, size_t len)
{
    uint8_t want[SHA256_DIGEST_LEN], got[SHA256_DIGEST_LEN];
    sha256_digest(want, data, len);
    assert_int_equal(explained_bytes(at, name, got, sizeof got), sizeof want);
    assert_memory_equal(got, want, sizeof want);
}

static void check_good(const struct rsa_public *pub, const uint8_t *msg, size_t msg_len, const uint8_t *sig)
{
    uint8_t em[384], db[351], db_mask[351], m_prime[72];
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_rsa_verify(to, pub, msg, msg_len, sig, RSA_SIGNATURE_LEN, &no_files), 0);
    const char *at = explained_end(&x);
    assert_null(strstr(at, "refused\n"));
    assert_int_equal(explained_bytes(&at, "EM", em, sizeof em), sizeof em);
    expect_digest(&at, "mHash", msg, msg_len);
    assert_int_equal(explained_bytes(&at, "dbMask", db_mask, sizeof db_mask), sizeof db_mask);
    assert_int_equal(explained_bytes(&at, "DB", db, sizeof db), sizeof db);
    expect_mask(db, db_mask, em);
    assert_int_equal(explained_bytes(&at, "M'", m_prime, sizeof m_prime), sizeof m_prime);
    assert_memory_equal(m_prime + 40, db + 319, 32);
    expect_digest(&at, "H'", m_prime, sizeof m_prime);
    assert_string_equal(explained_next(&at, "H' = H?"), "passed");
    explained_free(&x);
}

/* Records with a salt: what the signer shows. */
static void check_signing(struct vec *v, const struct rsa_public *pub, const uint8_t *msg, size_t msg_len,
                          const uint8_t *sig)
{
    uint8_t em[384], db[351], db_mask[351];
    struct explained x;
    FILE *to = explained_begin(&x);
    explain_rsa_sign(to, pub, msg, msg_len, sig, &no_files);
    const char *at = explained_end(&x);
    expect_digest(&at, "mHash", msg, msg_len);
    explained_check(v, "salt", &at, "salt");
    assert_int_equal(explained_bytes(&at, "DB", db, sizeof db), sizeof db);
    assert_int_equal(db[318], 0x01);
    assert_memory_equal(db + 319, vec_hex_n(v, "salt", 32), 32);
    assert_int_equal(explained_bytes(&at, "dbMask", db_mask, sizeof db_mask), sizeof db_mask);
    assert_int_equal(explained_bytes(&at, "EM", em, sizeof em), sizeof em);
    expect_mask(db, db_mask, em);
    explained_check(v, "sig", &at, "S");
    explained_free(&x);
}

/* Records with `n` are keys. The others name theirs: 1, 2, or the last public one. */
static void check_record(struct vec *v, const struct rsa_private key[static 2], struct rsa_public *last)
{
    struct rsa_public pub = *last;
    if (vec_has(v, "n")) {
        memcpy(last->n, vec_hex_n(v, "n", sizeof last->n), sizeof last->n);
        return;
    }
    size_t msg_len;
    const char *name = vec_text(v, "key");
    const uint8_t *msg = vec_hex(v, "msg", &msg_len), *sig = vec_hex_n(v, "sig", RSA_SIGNATURE_LEN);
    if (name[0] == '1' || name[0] == '2')
        rsa_public_of(&pub, &key[name[0] - '1']);
    if (vec_rejects(v))
        check_refusal(v, &pub, msg, msg_len, sig);
    else
        check_good(&pub, msg, msg_len, sig);
    if (vec_has(v, "salt"))
        check_signing(v, &pub, msg, msg_len, sig);
}

static void test_vectors(void **state)
{
    (void)state;
    struct rsa_private key[2];
    struct rsa_public last = {{0}};
    rsa_key(&key[0], 1);
    rsa_key(&key[1], 2);
    struct vec *v = vec_open("rsa");
    for (int i = 0; i < 2; i++) {
        vec_next(v);
        static const char *const fields[] = {"n", "d", "p", "q", "dp", "dq", "qinv"};
        for (size_t j = 0; j < sizeof fields / sizeof *fields; j++)
            vec_text(v, fields[j]); /* rsa_key has read them */
    }
    while (vec_next(v))
        check_record(v, key, &last);
    vec_close(v);
}

static void test_a_signature_of_another_length(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rsa_public pub;
    const uint8_t sig[RSA_SIGNATURE_LEN + 1] = {1};
    rsa_key(&key, 1);
    rsa_public_of(&pub, &key);
    for (size_t len = 0; len < sizeof sig; len += RSA_SIGNATURE_LEN - 1) {
        struct explained x;
        FILE *to = explained_begin(&x);
        assert_int_equal(explain_rsa_verify(to, &pub, "", 0, sig, len, &no_files), -1);
        const char *at = explained_end(&x);
        assert_string_equal(explained_next(&at, "its length?"), "refused");
        explained_free(&x);
    }
}

/* The commands for a signature of "abc" by key 1. */
static char *commands_for(const struct explain_rsa_files *files)
{
    struct rsa_private key;
    struct rsa_public pub;
    struct rng rng;
    uint8_t sig[RSA_SIGNATURE_LEN];
    rsa_key(&key, 1);
    rsa_public_of(&pub, &key);
    rng_init(&rng);
    assert_int_equal(rsa_pss_sign(sig, &key, "abc", 3, &rng), 0);
    rng_wipe(&rng);
    struct explained x;
    FILE *to = explained_begin(&x);
    assert_int_equal(explain_rsa_verify(to, &pub, "abc", 3, sig, RSA_SIGNATURE_LEN, files), 0);
    const char *first = strstr(explained_end(&x), "  $ ");
    char *commands = strdup(first != NULL ? first : "");
    assert_non_null(commands);
    explained_free(&x);
    return commands;
}

static void expect_in_commands(const struct explain_rsa_files *files, const char *what)
{
    char *commands = commands_for(files);
    if (strstr(commands, what) == NULL)
        fail_msg("no '%s' in: %s", what, commands);
    free(commands);
}

static void test_names_of_files(void **state)
{
    (void)state;
    expect_in_commands(&(struct explain_rsa_files){.key = "a b"}, " -pubin -inkey 'a b' -pkeyopt");
    expect_in_commands(&(struct explain_rsa_files){.key = "k", .message = "it's"},
                       " -verify 'k' -signature /dev/stdin 'it'\\''s'\n");
    expect_in_commands(&(struct explain_rsa_files){.key = "k", .message = "-x"}, " -signature /dev/stdin './-x'\n");
    expect_in_commands(&(struct explain_rsa_files){.key = "k", .private = true, .password = "p", .message = "m"},
                       " -prverify 'k' -passin file:'p' -signature");
    expect_in_commands(&(struct explain_rsa_files){.key = "k", .private = true}, " -verifyrecover -inkey 'k' -pkeyopt");
}

/* No command where it could not be run, or would do something else on the terminal that it is copied from. */
static void test_names_that_no_command_can_have(void **state)
{
    (void)state;
    static char longest[2000];
    memset(longest, 'a', sizeof longest - 1);
    const char *const names[] = {"-", "a\nb", "a\033[2Jb", "\xc3\xa4", longest};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *commands = commands_for(&(struct explain_rsa_files){.key = names[i], .message = "m"});
        assert_string_equal(commands, "");
        free(commands);
        commands = commands_for(&(struct explain_rsa_files){.key = "k", .password = names[i], .message = "m"});
        assert_string_equal(commands, "");
        free(commands);
        commands = commands_for(&(struct explain_rsa_files){.key = "k", .message = names[i]});
        assert_non_null(strstr(commands, "-verifyrecover"));
        assert_null(strstr(commands, "dgst"));
        free(commands);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_a_signature_of_another_length),
        cmocka_unit_test(test_names_of_files),
        cmocka_unit_test(test_names_that_no_command_can_have),
    };
    return RUN(tests);
}
