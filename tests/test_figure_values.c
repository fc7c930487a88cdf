/* SPDX-License-Identifier: MIT */
/* The values in the walkthrough's pictures: those of the standards, where they have an example; else what follows from
 * the definitions, worked out here by another way than the picture takes. */
#include "app/workbench/figures/figure.h"

#include <stdio.h>
#include <string.h>

#include "app/server/store/account.h"
#include "app/server/store/journal.h"
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/aes_ref.h"
#include "crypto/bytes.h"
#include "crypto/dh.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/rsa.h"
#include "crypto/sha256.h"
#include "net/certificate.h"
#include "tests/pictures.h"
#include "tests/test.h"

/* Goes to the record of that name; whatever the ones before it hold is not asked about. */
static struct vec *record(const char *stem, const char *name)
{
    static const char *const fields[] = {"key",        "w",   "plaintext", "ciphertext", "blocks", "rounds",
                                         "digest",     "msg", "tag",       "ikm",        "salt",   "info",
                                         "prk",        "okm", "count",     "truncated",  "hotp",   "password",
                                         "iterations", "dk",  "kernel",    "skip",       "served", "hs"};
    struct vec *v = vec_open(stem);
    while (vec_next(v)) {
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (vec_has(v, fields[i]))
                (void)vec_text(v, fields[i]);
        if (strcmp(vec_name(v), name) == 0)
            return v;
    }
    fail_msg("%s has no record '%s'", stem, name);
    return NULL;
}

/* The words come as a whole text, from *at on; *at is moved behind them. */
static void expect_next(const char **at, const char *words)
{
    char whole[100];
    snprintf(whole, sizeof whole, ">%s</text>", words);
    const char *found = strstr(*at, whole);
    if (found == NULL)
        fail_msg("'%s' is not where it should be", words);
    *at = found + strlen(whole);
}

static void expect_fold(const char **at, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    expect_next(at, draw_fold(fold, data, len));
}

static void test_aes_is_the_standard_s_example(void **state)
{
    (void)state;
    static const char *const steps[] = {"start", "s_box", "s_row", "m_col", "output", "k_sch"};
    struct vec *v = record("aes", "cipher example, round 1");
    const char *at = picture("aes");
    for (size_t i = 0; i < 6; i++) {
        const uint8_t *block = vec_hex_n(v, steps[i], 16);
        for (size_t j = 0; j < 16; j++) { /* row by row: FIPS 197 counts them by columns */
            char hex[3];
            hex_encode(hex, block + j / 4 + j % 4 * 4, 1);
            expect_next(&at, hex);
        }
    }
    vec_close(v);
}

/* FIPS 180-2 appendix B.2, the line of t = 0. */
static void test_sha256_is_the_standard_s_example(void **state)
{
    (void)state;
    static const char *const after[] = {"5d6aebb1", "6a09e667", "bb67ae85", "3c6ef372",
                                        "fa2a4606", "510e527f", "9b05688c", "1f83d9ab"};
    static const char *const words[] = {"61626364", "62636465", "6a6b6c6d", "80000000", "00000000"};
    const char *at = picture("sha256");
    for (size_t i = 0; i < 5; i++)
        expect_next(&at, words[i]);
    assert_non_null(strstr(at, ">eb8012ad</text>")); /* 00205000 + 6a6b6c6d + 1f91f2dc + 61626364 */
    at = strstr(at, "Round 0");
    for (size_t i = 0; i < 8; i++)
        expect_next(&at, after[i]);
}

static void test_hmac_and_hkdf_are_the_rfcs_examples(void **state)
{
    (void)state;
    struct vec *v = record("hmac", "a key shorter than the tag");
    const char *at = picture("hmac");
    expect_fold(&at, vec_hex_n(v, "tag", 32), 32);
    vec_close(v);
    v = record("hkdf", "basic");
    at = picture("hkdf");
    const uint8_t *okm = vec_hex_n(v, "okm", 42);
    expect_fold(&at, vec_hex_n(v, "prk", 32), 32);
    expect_fold(&at, okm, 32);
    expect_fold(&at, okm, 42);
    vec_close(v);
}

/* 2^6 = 64 = 2 * 23 + 18, 2^9 = 512 = 22 * 23 + 6, 6^6 = 46656 = 2028 * 23 + 12. */
static void test_dh_comes_to_the_same(void **state)
{
    (void)state;
    const char *at = picture("dh");
    expect_next(&at, "private x = 6");
    expect_next(&at, "Z = 6^6 = 12");
    const char *z = at;
    char real[20];
    snprintf(real, sizeof real, "%.14s", strchr(strstr(z, "hex\">"), '>') + 1);
    expect_next(&at, "private x' = 9");
    expect_next(&at, "Z = 18^9 = 12");
    expect_next(&at, real);
    expect_next(&at, "y = 2^x = 18");
    expect_next(&at, "y' = 2^x' = 6");
}

/* protocol.md, 6.1: 4 + 16 + 16 k + 32; the plaintext is a type, five letters, and ten bytes of value ten. */
/* On paper: 46 x 7 = 322, and 6 x 233 = 1398 more is 1720; and so on (tests/test_explain_bignum.c has the same). */
static void test_the_product_is_right(void **state)
{
    (void)state;
    static const char *const steps[] = {"0",    "322", "1720", "172", "172", "586",
                                        "2450", "245", "245",  "291", "990", "99"};
    const char *at = picture("bignum");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        expect_next(&at, steps[i]);
}

/* Out of the secrets that are written down here: each X is what leads from one to the next, K is their product, and who
 * walks over a false step, bob's or dave's, is off by 3. */
static void test_the_ring_comes_to_the_same(void **state)
{
    (void)state;
    static const unsigned a[4] = {4, 12, 6, 16}; /* 3^3, 8^7, 13^6, 18^8 modulo 23 */
    const char *at = picture("ring");
    char words[20];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(words, sizeof words, "A = %u", a[i]);
        expect_next(&at, words);
        for (unsigned x = 1; x < 23; x++)
            if (a[i] * x % 23 == a[(i + 1) % 4]) {
                snprintf(words, sizeof words, "X = %u", x);
                expect_next(&at, words);
            }
    }
    expect_next(&at, "K = 8");
    assert_int_equal(a[0] * a[1] * a[2] * a[3] % 23, 8);
    static const unsigned walks[2][5] = {{4, 12, 6 * 3, 16 * 3 % 23, 8 * 9 % 23}, {6, 16, 9, 4, 6}};
    assert_int_equal(walks[1][2] * 3 % 23, a[0]);
    assert_int_equal(walks[1][3] * 3 % 23, a[1]);
    assert_int_equal(walks[1][4] * 9 % 23, 8);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned n = 0; n < 5; n++) {
            snprintf(words, sizeof words, "%u", walks[i][n]);
            expect_next(&at, words);
        }
}

static void test_a_record_has_its_layout(void **state)
{
    (void)state;
    const char *at = picture("record");
    expect_next(&at, "01");
    expect_next(&at, "68");
    expect_next(&at, "6f");
    for (int i = 0; i < 10; i++)
        expect_next(&at, "0a");
    expect_next(&at, "03");
    expect_next(&at, "01");
    expect_next(&at, "00");
    expect_next(&at, "40");
    expect_next(&at, "0000000000000001");
    expect_next(&at, "The whole frame has 68 bytes for a payload of 5.");
}

/* 4.2 and 4.4: 4 + 32 + 3 + 3 + 1 + 2 + 384; and with a certificate of 1074 - 255 + 9 bytes 4 + 32 + 1 + 2 + 384 + 2 +
 * 828 + 386. */
static void test_the_handshake_has_its_lengths(void **state)
{
    (void)state;
    const char *at = picture("handshake");
    expect_next(&at, "ClientHello, 429 bytes");
    expect_next(&at, "ServerHello, 1639 bytes");
    expect_next(&at, "Record: Finished, 68 bytes");
    expect_next(&at, "Record: Finished, 68 bytes");
    expect_next(&at, "Record: \"hello\", 68 bytes");
}

static void test_both_byte_orders(void **state)
{
    (void)state;
    static const char *const cells[] = {"12", "34", "56", "78", "78", "56", "34", "12"};
    const char *at = picture("bytes");
    for (size_t i = 0; i < 8; i++)
        expect_next(&at, cells[i]);
}

static void test_what_a_comparison_looks_at(void **state)
{
    (void)state;
    const char *at = picture("timing");
    expect_next(&at, "1 looked at: not equal");
    expect_next(&at, "8 looked at: not equal");
    expect_next(&at, "4 looked at: not equal");
    expect_next(&at, "8 looked at: not equal");
    expect_next(&at, "8 looked at: equal");
    expect_next(&at, "8 looked at: equal");
}

/* The first block by the standard as printed: E(P1 xor IV). '1' is 31, and 39, one bit more, is '9'. */
static void test_cbc_flips_one_bit(void **state)
{
    (void)state;
    static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                    0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
    uint8_t block[16] = {'m', 'e', 'e', 't', ' ', 'm', 'e', ' ', 'a', 't', ' ', '1', '0', ':', '0', '0'};
    uint8_t w[AES_REF_W_LEN];
    const char *at = picture("cbc");
    for (uint8_t i = 0; i < 16; i++)
        block[i] ^= i;
    KeyExpansion(w, key, 4, 10);
    Cipher(block, block, w, 10);
    expect_next(&at, "meet me at 10:00");
    expect_fold(&at, block, 16);
    expect_next(&at, "pay bob euros 10");
    expect_next(&at, "and not one more");
    block[14] ^= 0x08;
    expect_fold(&at, block, 16);
    expect_next(&at, "pay bob euros 90");
    expect_next(&at, "and not one more");
}

static void test_each_padding(void **state)
{
    (void)state;
    const char *at = picture("pkcs7");
    for (unsigned n = 1; n <= 16; n++) {
        char hex[3];
        snprintf(hex, sizeof hex, "%02x", n);
        if (n < 16)
            expect_next(&at, "61");
        for (unsigned i = 0; i < n; i++)
            expect_next(&at, hex);
    }
}

static void test_a_changed_bit_is_refused_wherever_it_is(void **state)
{
    (void)state;
    const char *at = picture("etm");
    for (int i = 0; i < 4; i++)
        expect_next(&at, "refused");
    expect_next(&at, "Untouched: opened, decrypted, and only then unpadded.");
}

static void test_pbkdf2_rng_and_totp_are_published(void **state)
{
    (void)state;
    struct vec *v = record("pbkdf2", "one iteration");
    const uint8_t *dk = vec_hex_n(v, "dk", 64);
    const char *at = picture("pbkdf2");
    expect_fold(&at, dk, 32); /* U_1, and T after it */
    expect_fold(&at, dk, 32);
    assert_int_equal(FIGURE_ITERATIONS, VERIFIER_ITERATIONS);
    expect_next(&at, "... and on, 600,000 links in glasschat: then T is what is stored.");
    vec_close(v);
    v = record("rng", "counter block 2 under the zero key");
    char served[20];
    snprintf(served, sizeof served, ">%.8s..", vec_text(v, "served"));
    assert_non_null(strstr(picture("rng"), served));
    vec_close(v);
    v = record("totp", "count 1"); /* the step of second 59 */
    at = picture("totp");
    expect_next(&at, vec_text(v, "truncated"));
    expect_next(&at, vec_text(v, "hotp"));
    vec_close(v);
}

/* Out of a real signature come zeros, 01 and bc only if every step before was right. */
static void test_the_signature_opens(void **state)
{
    (void)state;
    static const char *const parts[] = {"salt, 32", "SHA-256", "zeros, 318", "00..00", "01", "salt, 32", "bc"};
    const char *at = picture("rsa");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        expect_next(&at, parts[i]);
}

/* RFC 8017 appendix A.1: rsaEncryption is 06 09 2a 86 48 86 f7 0d 01 01 01. */
static void test_pem_is_opened_to_the_numbers(void **state)
{
    (void)state;
    static const char *const parts[] = {"30",
                                        "82",
                                        "01",
                                        "a2",
                                        "30",
                                        "0d",
                                        "06",
                                        "09",
                                        "2a",
                                        "86",
                                        "48",
                                        "86",
                                        "308201a2",
                                        "SEQUENCE, 418 bytes",
                                        "300d",
                                        "0382018f",
                                        "3082018a",
                                        "02820181",
                                        "INTEGER: n, with a 00 in front, 385 bytes",
                                        "0203",
                                        "INTEGER: e, 3 bytes"};
    const char *at = picture("pem");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        expect_next(&at, parts[i]);
}

/* RFC 4648, section 10: BASE64("foo") is Zm9v. */
static void test_base64_of_foo(void **state)
{
    (void)state;
    static const char *const parts[] = {"number 25", "Z", "number 38", "m", "number 61", "9", "number 47", "v"};
    const char *at = picture("base64");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        expect_next(&at, parts[i]);
}

/* The secrets follow from each other, and the numbers go on. */
static void test_a_key_update(void **state)
{
    (void)state;
    struct example *e = example_new();
    const char *at = picture("session");
    uint8_t secret[32];
    const struct example_value *first = example_value(e, HANDSHAKE_SERVER, "secret", 1);
    expect_fold(&at, first->data, 32);
    hkdf_expand(secret, 32, first->data, "glasschat/1 update", 18);
    expect_fold(&at, secret, 32);
    expect_next(&at, "0: Finished");
    expect_next(&at, "1: \"hello\"");
    expect_next(&at, "2: KeyUpdate");
    expect_next(&at, "3: \"hello\"");
    expect_next(&at, "1: \"welcome\"");
    example_free(e);
}

/* The ratchet of the picture once more, without net/ratchet.h, from the same draws. */
static void test_three_steps(void **state)
{
    (void)state;
    static const char *const labels[] = {"glasschat/1 ratchet\0\0\0\0\0\0\0\1", "glasschat/1 ratchet\0\0\0\0\0\0\0\2"};
    struct dh_key_pair pair[3];
    struct rng rng;
    uint8_t root[2][HKDF_PRK_LEN], z[DH_PUBLIC_MAX_LEN], t[HKDF_PRK_LEN], secret[32];
    rng_fixed_init(&rng, "the ratchet of the pictures", 27);
    rng_fill(&rng, root[0], 32);
    for (size_t n = 0; n < 3; n++)
        dh_generate(&pair[n], dh_group(DH_FFDHE2048), &rng);
    const char *at = picture("ratchet");
    expect_fold(&at, pair[0].y, 256);
    expect_fold(&at, root[0], 32);
    for (size_t n = 1; n < 3; n++) {
        assert_int_equal(dh_derive(z, &pair[n - 1], pair[n].y, 256), 0);
        hkdf_extract(t, root[0], 32, z, 256);
        hkdf_expand(root[1], 32, t, "glasschat/1 next root", 21);
        hkdf_expand(secret, 32, t, labels[n - 1], 27);
        expect_fold(&at, pair[n].y, 256);
        expect_fold(&at, z, 256);
        expect_fold(&at, t, 32);
        expect_fold(&at, root[1], 32);
        expect_fold(&at, secret, 32);
        memcpy(root[0], root[1], 32);
    }
}

/* --- The sealed room ---------------------------------------------------------------------------------------------- */

/* A list of the picture as docs/protocol.md, 9.2, has it: its L. */
static void list_hash(uint8_t l[static 32], const uint8_t room[static 16], uint8_t n, const uint8_t before[static 32],
                      const char *const names[4], const uint8_t *const fingerprints[4])
{
    uint8_t bytes[400];
    size_t len = sizeof "glasschat/1 room list";
    memcpy(bytes, "glasschat/1 room list", len);
    memcpy(bytes + len, room, 16);
    memcpy(bytes + len + 16, "\5+exam\0\0\0", 9);
    bytes[len + 25] = n;
    memcpy(bytes + len + 26, before, 32);
    bytes[len + 58] = 4;
    len += 59;
    for (size_t i = 0; i < 4; i++) {
        size_t name_len = strlen(names[i]);
        bytes[len] = (uint8_t)name_len;
        memcpy(bytes + len + 1, names[i], name_len);
        memcpy(bytes + len + 1 + name_len, fingerprints[i], 32);
        len += 1 + name_len + 32;
    }
    sha256_digest(l, bytes, len);
}

/* Each secret by HMAC alone: HKDF-Expand of 32 bytes is one. */
static void expect_secrets(const char **at, uint8_t secret[static 32], size_t n)
{
    uint8_t next[32];
    char shown[9];
    for (size_t i = 0; i < n; i++) {
        hex_encode(shown, secret, 4);
        expect_next(at, shown);
        hmac_tag(next, secret, 32, (const uint8_t *)"glasschat/1 update\1", 19);
        memcpy(secret, next, 32);
    }
}

/* The room of the picture once more, without app/peer, from the same draws. */
static void test_two_lists_and_a_sender_s_keys(void **state)
{
    (void)state;
    struct rsa_private key;
    struct rng rng;
    uint8_t founder[32], other[4][32], room[16], before[32], l[2][32], id[16], secret[32];
    rng_fixed_init(&rng, "the lists of the pictures", 25);
    rsa_generate(&key, &rng);
    certificate_fingerprint(founder, key.n);
    rng_fill(&rng, other[0], sizeof other);
    rng_fill(&rng, room, sizeof room);
    rng_fill(&rng, before, sizeof before);
    rsa_wipe(&key);
    const uint8_t *const third[] = {founder, other[0], other[1], other[2]};
    const uint8_t *const fourth[] = {founder, other[0], other[2], other[3]};
    list_hash(l[0], room, 3, before, (const char *const[]){"alice", "bob", "carol", "dave"}, third);
    list_hash(l[1], room, 4, l[0], (const char *const[]){"alice", "bob", "dave", "erin"}, fourth);
    const char *at = picture("sealed");
    expect_fold(&at, l[0], 32);
    expect_fold(&at, l[1], 32);
    rng_fixed_init(&rng, "the sender keys of the pictures", 31);
    for (size_t i = 0; i < 2; i++) {
        rng_fill(&rng, id, sizeof id);
        rng_fill(&rng, secret, sizeof secret);
        expect_secrets(&at, secret, i == 0 ? 4 : 2);
    }
}

/* Nobody reads what was said before they were handed a key, and who is removed nothing after it. */
static void test_who_has_which_of_a_sender_s_keys(void **state)
{
    (void)state;
    static const char *const rows[] = {"0rrr0r", "0rrr--", "--2r0r", "----0r", "------"};
    static const char *const names[] = {"alice", "carol", "dave", "erin", "server"};
    const char *at = strstr(picture("sealed"), ">message<");
    for (size_t row = 0; row < 5; row++) {
        expect_next(&at, names[row]);
        for (const char *cell = rows[row]; *cell != '\0'; cell++)
            expect_next(&at, *cell == 'r'   ? "reads"
                             : *cell == '-' ? "nothing"
                             : *cell == '0' ? "secret 0"
                                            : "secret 2");
    }
}

static void test_whom_to_believe(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"believed", "refused",  "believed", "refused",  "refused",
                                           "refused",  "believed", "believed", "believed", "refused"};
    const char *at = picture("trust");
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
        expect_next(&at, verdicts[i]);
}

/* The fields put together again are an account that the server would read, with its own checksum. */
static void test_the_account_can_be_read(void **state)
{
    (void)state;
    static const char *const between[] = {"\t", "\t", "\t", ":", ":", "\t"};
    char line[400] = "", expected[400];
    size_t len, field = 0;
    for (const char *at = picture("store"); (at = strstr(at, "class=\"mid hex\">")) != NULL; field++) {
        at = strchr(at, '>') + 1;
        if (field == 6)
            break;
        strncat(line, at, strcspn(at, "<"));
        strcat(line, field < 5 ? between[field] : "");
    }
    struct account account;
    assert_int_equal(account_decode(&account, line), 0);
    assert_string_equal(account.name, "alice");
    assert_int_equal(account.password.iterations, VERIFIER_ITERATIONS);
    assert_true(verifier_check(&account.password, (const uint8_t *)"correct horse", 13));
    account_wipe(&account);
    assert_int_equal(journal_line(expected, sizeof expected, &len, line), 0);
    char *checksum = strrchr(expected, '\t') + 1;
    checksum[strcspn(checksum, "\n")] = '\0';
    const char *at = picture("store");
    expect_next(&at, checksum);
}

/* docs/protocol.md, 10: SAY is 1 + 4 + 1 + 5 + 2 + 5 bytes; SAID has a sender and a time as well, 1 + 3 + 8. */
static void test_a_line_has_its_lengths(void **state)
{
    (void)state;
    static const char *const parts[] = {"5 bytes", "18 bytes", "84 bytes", "08",       "00",      "00",
                                        "00",      "07",       "05",       "6c",       "00",      "05",
                                        "68",      "6f",       "18 bytes", "30 bytes", "84 bytes"};
    const char *at = picture("line");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        expect_next(&at, parts[i]);
}

/* What it draws is what is there: the words of the boxes are files of the server. */
static void test_the_server_s_parts_are_there(void **state)
{
    (void)state;
    static const char *const parts[][2] = {{"poller:", "net/poller.h"},
                                           {"request, chat:", "app/server/chat.h"},
                                           {"fair_queue:", "app/server/base/fair_queue.h"},
                                           {"notify:", "app/server/base/notify.h"},
                                           {"journal:", "app/server/store/journal.h"}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        FILE *f = fopen(parts[i][1], "rb");
        assert_non_null(f);
        fclose(f);
        assert_non_null(strstr(picture("server"), parts[i][0]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_aes_is_the_standard_s_example),
        cmocka_unit_test(test_sha256_is_the_standard_s_example),
        cmocka_unit_test(test_hmac_and_hkdf_are_the_rfcs_examples),
        cmocka_unit_test(test_the_product_is_right),
        cmocka_unit_test(test_dh_comes_to_the_same),
        cmocka_unit_test(test_the_ring_comes_to_the_same),
        cmocka_unit_test(test_a_record_has_its_layout),
        cmocka_unit_test(test_the_handshake_has_its_lengths),
        cmocka_unit_test(test_both_byte_orders),
        cmocka_unit_test(test_what_a_comparison_looks_at),
        cmocka_unit_test(test_cbc_flips_one_bit),
        cmocka_unit_test(test_each_padding),
        cmocka_unit_test(test_a_changed_bit_is_refused_wherever_it_is),
        cmocka_unit_test(test_pbkdf2_rng_and_totp_are_published),
        cmocka_unit_test(test_the_signature_opens),
        cmocka_unit_test(test_pem_is_opened_to_the_numbers),
        cmocka_unit_test(test_base64_of_foo),
        cmocka_unit_test(test_a_key_update),
        cmocka_unit_test(test_three_steps),
        cmocka_unit_test(test_two_lists_and_a_sender_s_keys),
        cmocka_unit_test(test_who_has_which_of_a_sender_s_keys),
        cmocka_unit_test(test_whom_to_believe),
        cmocka_unit_test(test_the_account_can_be_read),
        cmocka_unit_test(test_a_line_has_its_lengths),
        cmocka_unit_test_teardown(test_the_server_s_parts_are_there, pictures_forget),
    };
    return RUN(tests);
}
