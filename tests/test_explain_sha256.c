/* SPDX-License-Identifier: MIT */
/* The explanation of SHA-256: the tables of FIPS 180-2, every round by itself, and how it is laid out. */
#include "app/workbench/explain/explain_sha256.h"

#include <stdlib.h>

#include "crypto/bytes.h"
#include "crypto/sha256.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/vec.h"

#define ROW 32       /* bytes of a to h */
#define ROWS_MAX 128 /* of two blocks */

/* The eight words after a row's name; returns where the text goes on. */
static const char *take_words(uint8_t out[ROW], const char *text)
{
    for (size_t i = 0; i < 8; i++) {
        char *end;
        bytes_store_be32(out + 4 * i, (uint32_t)strtoul(text, &end, 16));
        text = end;
    }
    return text;
}

/* The rows of all tables in a text, "t =  0: 5d6aebcd ...", which must be numbered from 0 to 63 again and again. */
static size_t take_tables(uint8_t *rows, const char *text)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, "\nt = ")) != NULL; n++) {
        char *end;
        assert_true(n < ROWS_MAX);
        assert_int_equal(strtoul(at + strlen("\nt = "), &end, 10), n % 64);
        assert_int_equal(*end, ':');
        at = take_words(rows + ROW * n, end + 1);
        assert_int_equal(*at, '\n');
    }
    return n;
}

/* a to h where they stand behind one another: "  a = 21da9a9b   b = ...". */
static const char *take_variables(uint8_t out[ROW], const char *text)
{
    for (size_t i = 0; i < 8; i++) {
        char name[] = "  ? = ";
        name[2] = "abcdefgh"[i];
        text = strstr(text, name);
        assert_non_null(text);
        bytes_store_be32(out + 4 * i, (uint32_t)strtoul(text + strlen(name), NULL, 16));
    }
    return text;
}

/* Every round by itself: it begins where the one before ended (the first rounds of blocks apart), and ends with the
 * table's row. */
static void check_each_round(const uint8_t *msg, size_t msg_len, const uint8_t *rows, size_t blocks)
{
    for (size_t n = 0; n < 64 * blocks; n++) {
        struct explained e;
        uint8_t before[ROW], after[ROW];
        explain_sha256_round(explained_begin(&e), msg, msg_len, 1 + n / 64, n % 64);
        explained_end(&e);
        const char *text = take_variables(before, strstr(e.text, "\nBefore it\n"));
        take_variables(after, strstr(text, "\nAfter it: "));
        assert_memory_equal(after, rows + ROW * n, ROW);
        if (n % 64 > 0)
            assert_memory_equal(before, rows + ROW * (n - 1), ROW);
        explained_free(&e);
    }
}

/* A record with the tables: the message is what the padding leaves of its blocks. */
static void check_tables(struct vec *v)
{
    struct explained e;
    size_t len;
    const uint8_t *blocks = vec_hex(v, "blocks", &len);
    size_t msg_len = (size_t)bytes_load_be64(blocks + len - 8) / 8;
    uint8_t rows[ROW * ROWS_MAX], padded[128], digest[SHA256_DIGEST_LEN];
    explain_sha256(explained_begin(&e), blocks, msg_len);
    explained_end(&e);
    vec_check(v, "blocks", padded, explained_value(&e, "padded", padded, sizeof padded));
    vec_check(v, "rounds", rows, ROW * take_tables(rows, e.text));
    vec_check(v, "digest", digest, explained_value(&e, "digest", digest, sizeof digest));
    check_each_round(blocks, msg_len, rows, len / SHA256_BLOCK_LEN);
    explained_free(&e);
}

/* A message, however often it is repeated, that is short enough to be explained. */
static void check_digest(struct vec *v)
{
    static uint8_t message[EXPLAIN_SHA256_MAX];
    struct explained e;
    size_t len;
    const uint8_t *msg = vec_hex(v, "msg", &len);
    uint64_t times = vec_has(v, "repeat") ? vec_number(v, "repeat") : 1;
    uint8_t shown[2048], digest[SHA256_DIGEST_LEN];
    vec_hex(v, "digest", &(size_t){0});
    if (times * len > sizeof shown)
        return;
    for (size_t i = 0; i < times; i++)
        memcpy(message + len * i, msg, len);
    len *= (size_t)times;
    explain_sha256(explained_begin(&e), message, len);
    explained_end(&e);
    assert_int_equal(explained_value(&e, "message", shown, sizeof shown), len);
    assert_memory_equal(shown, message, len);
    vec_check(v, "digest", digest, explained_value(&e, "digest", digest, sizeof digest));
    explained_free(&e);
}

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("sha256");
    while (vec_next(v))
        if (vec_has(v, "rounds"))
            check_tables(v);
        else
            check_digest(v);
    vec_close(v);
}

/* What FIPS 180-2, appendix B.2, prints beside its tables: the words, and the sums at the end of each block. */
static void test_words_and_sums(void **state)
{
    (void)state;
    static const char msg[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    struct explained e;
    explain_sha256(explained_begin(&e), (const uint8_t *)msg, strlen(msg));
    explained_end(&e);
    explained_has_line(e.text, "  H0 = 6a09e667   H1 = bb67ae85   H2 = 3c6ef372   H3 = a54ff53a");
    explained_has_line(e.text, "  W0  = 61626364   W1  = 62636465   W2  = 63646566   W3  = 64656667");
    explained_has_line(e.text, "  W12 = 6d6e6f70   W13 = 6e6f7071   W14 = 80000000   W15 = 00000000");
    explained_has_line(e.text, "  H0 = 6a09e667 + 1bdc6f6f = 85e655d6");
    explained_has_line(e.text, "  H7 = 5be0cd19 + 962d8621 = f20e533a");
    explained_has_line(e.text, "  W12 = 00000000   W13 = 00000000   W14 = 00000000   W15 = 000001c0");
    explained_has_line(e.text, "  H0 = 85e655d6 + 9ea7148b = 248d6a61");
    explained_has_line(e.text, "  H7 = f20e533a + 27ccb387 = 19db06c1");
    explained_free(&e);
}

/* The whole of one round; a to h are appendix B.1's of FIPS 180-2, what lies between was computed by Python. */
static void test_a_round_is_laid_out(void **state)
{
    (void)state;
    struct explained e;
    explain_sha256_round(explained_begin(&e), (const uint8_t *)"abc", 3, 1, 18);
    explained_end(&e);
    assert_string_equal(e.text, "Round t = 18 of block 1 of 1 of SHA-256 (FIPS 180-4, 6.2.2). Sums are modulo\n"
                                "2^32; ROTR rotates to the right, SHR shifts.\n"
                                "\n"
                                "Before it\n"
                                "  a = c2fbd9d1   b = 21da9a9b   c = b0fa238e   d = c0645fde\n"
                                "  e = 846ee454   f = 8034229c   g = 07590dcd   h = 0b92f20c\n"
                                "\n"
                                "W18, by the message schedule (step 1)\n"
                                "W18 = sigma1(W16) + W11 + sigma0(W3) + W2\n"
                                "  W16         61626380\n"
                                "  sigma1(W16) 7da86405 = ROTR17 31c030b1 ^ ROTR19 4c700c2c ^ SHR10 00185898\n"
                                "  W11         00000000\n"
                                "  W3          00000000\n"
                                "  sigma0(W3)  00000000 = ROTR7 00000000 ^ ROTR18 00000000 ^ SHR3 00000000\n"
                                "  W2          00000000\n"
                                "  W18         7da86405\n"
                                "\n"
                                "T1 = h + Sigma1(e) + Ch(e,f,g) + K18 + W18\n"
                                "  h           0b92f20c\n"
                                "  Sigma1(e)   eff31c0f = ROTR6 5211bb91 ^ ROTR11 8a908ddc ^ ROTR25 37722a42\n"
                                "  Ch(e,f,g)   8335299d = (e & f) ^ (~e & g)\n"
                                "  K18         0fc19dc6\n"
                                "  W18         7da86405\n"
                                "  T1          0c253983\n"
                                "\n"
                                "T2 = Sigma0(a) + Maj(a,b,c)\n"
                                "  Sigma0(a)   5157a6a1 = ROTR2 70bef674 ^ ROTR13 ce8e17de ^ ROTR22 ef67470b\n"
                                "  Maj(a,b,c)  a0fa9b9b = (a & b) ^ (a & c) ^ (b & c)\n"
                                "  T2          f252423c\n"
                                "\n"
                                "After it: h = g, g = f, f = e, e = d + T1, d = c, c = b, b = a, a = T1 + T2\n"
                                "  a = fe777bbf   b = c2fbd9d1   c = 21da9a9b   d = b0fa238e\n"
                                "  e = cc899961   f = 846ee454   g = 8034229c   h = 07590dcd\n");
    explained_free(&e);
}

/* A word of the block itself has no sum. */
static void test_a_word_of_the_block(void **state)
{
    (void)state;
    struct explained e;
    explain_sha256_round(explained_begin(&e), (const uint8_t *)"abc", 3, 1, 15);
    explained_end(&e);
    assert_non_null(strstr(e.text, "\nW15, by the message schedule (step 1)\n"
                                   "It is the block's, its bytes 60 to 63.\n"
                                   "  W15         00000018\n\n"));
    explained_free(&e);
}

/* What comes in which order, and the rows that have no published figures. */
static void test_the_order(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "SHA-256 (FIPS 180-4), laid out as the examples in appendix B of FIPS 180-2\n\nThe padded message (5.1.1)\n",
        "After the 448 bits of the message: a bit 1, 511 bits 0, and the number 448 in 64\nbits.\n  message     00000",
        "\nThe initial hash value (5.3.3)\n  H0 = ",
        "\nBlock 1 of 2: the message schedule (6.2.2, step 1)\n",
        "\nBlock 1 of 2: a to h after each round (steps 2 and 3)\n",
        "\n            a        b        c        d        e        f        g        h\nt =  0: ",
        "\nBlock 1 of 2: the hash value after it (step 4)\n  H0 = ",
        "\nBlock 2 of 2: the message schedule (6.2.2, step 1)\n",
        "\nBlock 2 of 2: the hash value after it (step 4)\n  H0 = ",
        "\nThe digest: H0 to H7 in a row\n  digest      d4817aa5",
        "\nThe same by OpenSSL\n  $ echo 0000000000",
        "0000 | basenc -d --base16 | openssl dgst -sha256\n",
    };
    struct explained e;
    explain_sha256(explained_begin(&e), (const uint8_t[56]){0}, 56);
    explained_end(&e);
    const char *at = e.text;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *found = strstr(at, parts[i]);
        if (found == NULL)
            fail_msg("not found, in its turn: %s", parts[i]);
        at = found + 1;
    }
    explained_free(&e);
}

static void test_blocks(void **state)
{
    (void)state;
    assert_int_equal(explain_sha256_blocks(0), 1);
    assert_int_equal(explain_sha256_blocks(55), 1);
    assert_int_equal(explain_sha256_blocks(56), 2);
    assert_int_equal(explain_sha256_blocks(119), 2);
    assert_int_equal(explain_sha256_blocks(120), 3);
}

static uint8_t longest[EXPLAIN_SHA256_MAX + 1];

static void too_long(void)
{
    explain_sha256(stdout, longest, sizeof longest);
}

static void no_block(void)
{
    explain_sha256_round(stdout, longest, 3, 0, 0);
}

static void no_such_block(void)
{
    explain_sha256_round(stdout, longest, 55, 2, 0);
}

static void no_such_round(void)
{
    explain_sha256_round(stdout, longest, 3, 1, 64);
}

/* The longest is explained to its end. */
static void test_bounds(void **state)
{
    (void)state;
    struct explained e;
    uint8_t shown[SHA256_DIGEST_LEN], digest[SHA256_DIGEST_LEN];
    fill(longest, sizeof longest, 1);
    explain_sha256(explained_begin(&e), longest, EXPLAIN_SHA256_MAX);
    explained_end(&e);
    sha256_digest(digest, longest, EXPLAIN_SHA256_MAX);
    assert_int_equal(explained_value(&e, "digest", shown, sizeof shown), sizeof digest);
    assert_memory_equal(shown, digest, sizeof digest);
    explained_free(&e);
    assert_true(aborts(too_long));
    assert_true(aborts(no_block));
    assert_true(aborts(no_such_block));
    assert_true(aborts(no_such_round));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_words_and_sums),
        cmocka_unit_test(test_a_round_is_laid_out),
        cmocka_unit_test(test_a_word_of_the_block),
        cmocka_unit_test(test_the_order),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_bounds),
    };
    return RUN(tests);
}
