/* SPDX-License-Identifier: MIT */
/* AES explained: every figure of FIPS 197's appendices A, B and C in its place, and whole texts of single rounds. */
#include "app/workbench/explain/explain_aes.h"

#include "crypto/aes.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"

static char *explain(const uint8_t *key, size_t key_len, const uint8_t *in, bool decrypt, int round)
{
    uint8_t out[16];
    struct aes_key k;
    aes_key_init(&k, key, key_len);
    (decrypt ? aes_decrypt : aes_encrypt)(&k, out, in, 1);
    struct explain_aes e = {key, key_len, in, out, decrypt, round};
    struct explained x;
    assert_int_equal(explain_aes(explained_begin(&x), &e), 0);
    explained_end(&x);
    return x.text;
}

/* The first row that begins with this number, without more than one blank between two words. */
static void take_row(char *out, size_t cap, const char *text, unsigned number)
{
    char start[16];
    snprintf(start, sizeof start, "\n  %-4u", number);
    const char *at = strstr(text, start);
    assert_non_null(at);
    size_t len = 0;
    for (at += strlen(start); *at != '\n'; at++)
        if (*at != ' ' || (len > 0 && out[len - 1] != ' ')) {
            assert_true(len + 1 < cap);
            out[len++] = *at;
        }
    out[len] = '\0';
}

static void check_table(struct vec *v)
{
    size_t key_len;
    const uint8_t *key = vec_hex(v, "key", &key_len), in[16] = {0};
    unsigned Nk = (unsigned)key_len / 4, rows = (unsigned)vec_number(v, "rows");
    char *text = explain(key, key_len, in, false, EXPLAIN_AES_ALL);
    for (unsigned i = Nk; i < Nk + rows; i++) {
        char field[8], row[100];
        snprintf(field, sizeof field, "%u", i);
        take_row(row, sizeof row, text, i);
        assert_string_equal(row, vec_text(v, field));
    }
    free(text);
}

static void check_line(struct vec *v, const char *text, unsigned round, const char *field, const char *name)
{
    char line[100];
    snprintf(line, sizeof line, "\n  round[%2u].%-8s %s\n", round, name, vec_text(v, field));
    explained_has(text, line);
}

static void check_inverse_round(struct vec *v, const char *text)
{
    static const char *const names[] = {"iinput", "istart", "is_row", "is_box", "ik_sch", "ik_add", "ioutput"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (vec_has(v, names[i]))
            check_line(v, text, (unsigned)vec_number(v, "round"), names[i], names[i]);
}

static void test_tables_and_inverse_cipher(void **state)
{
    (void)state;
    struct vec *v = vec_open("explain_aes");
    char *text = NULL;
    size_t tables = 0, rounds = 0;
    while (vec_next(v)) {
        if (vec_has(v, "rows")) {
            check_table(v);
            tables++;
            continue;
        }
        if (vec_has(v, "key")) {
            size_t key_len;
            const uint8_t *key = vec_hex(v, "key", &key_len);
            free(text);
            text = explain(key, key_len, vec_hex_n(v, "iinput", 16), true, EXPLAIN_AES_ALL);
        }
        check_inverse_round(v, text);
        rounds++;
    }
    free(text);
    vec_close(v);
    assert_int_equal(tables, 2);
    assert_int_equal(rounds, 11 + 15);
}

/* The examples whose rounds are in vectors/aes.txt, after the blocks. */
static struct example {
    char name[64];
    char *text;
} examples[5];
static size_t example_count;

static const char *text_of_example(const char *name, unsigned *round)
{
    for (size_t i = 0; i < example_count; i++) {
        size_t len = strlen(examples[i].name);
        if (strncmp(name, examples[i].name, len) == 0 && sscanf(name + len, ", round %u", round) == 1)
            return examples[i].text;
    }
    fail_msg("there is no block for the record %s", name);
    return NULL;
}

/* The four rows of a round, each with a row of the five squares. */
static void check_squares(struct vec *v, const char *text, unsigned round)
{
    static const char *const fields[] = {"start", "s_box", "s_row", "m_col", "k_sch"};
    char rows[500];
    size_t len = 0;
    for (size_t r = 0; r < 4; r++) {
        char number[8] = "";
        if (r == 0)
            snprintf(number, sizeof number, "%u", round);
        len += (size_t)snprintf(rows + len, sizeof rows - len, "\n  %-5s", number);
        for (size_t i = 0; i < 5; i++)
            if (vec_has(v, fields[i])) {
                const uint8_t *b = vec_hex_n(v, fields[i], 16);
                len += (size_t)snprintf(rows + len, sizeof rows - len, "   %02x %02x %02x %02x", b[r], b[r + 4],
                                        b[r + 8], b[r + 12]);
            } else {
                len += (size_t)snprintf(rows + len, sizeof rows - len, "%14s", "");
            }
    }
    explained_has(text, rows);
}

static void check_round(struct vec *v)
{
    unsigned round = 0;
    const char *text = text_of_example(vec_name(v), &round);
    check_squares(v, text, round);
    check_line(v, text, round, "start", "start");
    check_line(v, text, round, "s_box", "s_box");
    check_line(v, text, round, "s_row", "s_row");
    if (vec_has(v, "m_col"))
        check_line(v, text, round, "m_col", "m_col");
    check_line(v, text, round, "k_sch", "k_sch");
    if (vec_has(v, "m_col"))
        check_line(v, text, round + 1, "output", "start");
    else
        check_line(v, text, round, "output", "output");
}

/* Each block of the record, both ways; the text of the first one's encryption is kept. */
static void check_blocks(struct vec *v)
{
    size_t key_len, len;
    const uint8_t *key = vec_hex(v, "key", &key_len);
    const uint8_t *plaintext = vec_hex(v, "plaintext", &len);
    const uint8_t *ciphertext = vec_hex_n(v, "ciphertext", len);
    if (key_len == AES192_KEY_LEN) /* not explained, and used for other tools' key files alone */
        return;
    assert_true(example_count < sizeof examples / sizeof *examples);
    struct example *kept = &examples[example_count++];
    snprintf(kept->name, sizeof kept->name, "%s", vec_name(v));
    for (size_t at = 0; at < len; at += 16)
        for (int decrypt = 0; decrypt <= 1; decrypt++) {
            char hex[33], result[100];
            char *text = explain(key, key_len, (decrypt ? ciphertext : plaintext) + at, decrypt, EXPLAIN_AES_ALL);
            hex_encode(hex, (decrypt ? plaintext : ciphertext) + at, 16);
            snprintf(result, sizeof result, "\nResult\n  output      %s\n", hex);
            explained_has(text, result);
            if (at == 0 && !decrypt)
                kept->text = text;
            else
                free(text);
        }
}

static void test_blocks_and_rounds(void **state)
{
    (void)state;
    struct vec *v = vec_open("aes");
    size_t rounds = 0;
    while (vec_next(v)) {
        if (vec_has(v, "w")) {
            vec_text(v, "key"); /* test_aes's; here it is the table that is compared */
            vec_text(v, "w");
        } else if (vec_has(v, "s_box")) {
            check_round(v);
            rounds++;
        } else {
            check_blocks(v);
        }
    }
    vec_close(v);
    for (size_t i = 0; i < example_count; i++)
        free(examples[i].text);
    assert_int_equal(example_count, 5);
    assert_int_equal(rounds, 10 + 10 + 14);
}

static void expect(const char *key_hex, const char *in_hex, bool decrypt, int round, const char *want)
{
    uint8_t key[32], in[16];
    size_t key_len, in_len;
    assert_int_equal(hex_decode(key, sizeof key, &key_len, key_hex, strlen(key_hex)), 0);
    assert_int_equal(hex_decode(in, sizeof in, &in_len, in_hex, strlen(in_hex)), 0);
    char *text = explain(key, key_len, in, decrypt, round);
    assert_string_equal(text, want);
    free(text);
}

#define KEY_A3 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define KEY_B "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_C3 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_the_first_round_of_appendix_b(void **state)
{
    (void)state;
    expect(KEY_B, "3243f6a8885a308d313198a2e0370734", false, 1,
           "\n"
           "AES-128: a key of Nk = 4 words, Nr = 10 rounds\n"
           "  key         2b7e151628aed2a6abf7158809cf4f3c\n"
           "  input       3243f6a8885a308d313198a2e0370734\n"
           "\n"
           "KeyExpansion (FIPS 197, 5.2; the table of appendix A)\n"
           "The first Nk = 4 words are the key. Each further word is temp XOR w[i-Nk], temp\n"
           "being the word before it; where i is a multiple of Nk, RotWord, SubWord and XOR\n"
           "with Rcon[i/Nk] change temp first. Round r takes the words w[4r] to w[4r+3].\n"
           "\n"
           "  i   temp      After     After     Rcon      After XOR w[i-Nk]   w[i]=\n"
           "                RotWord() SubWord() [i/Nk]    with Rcon           temp XOR\n"
           "                                                                  w[i-Nk]\n"
           "  4   09cf4f3c  cf4f3c09  8a84eb01  01000000  8b84eb01  2b7e1516  a0fafe17\n"
           "  5   a0fafe17                                          28aed2a6  88542cb1\n"
           "  6   88542cb1                                          abf71588  23a33939\n"
           "  7   23a33939                                          09cf4f3c  2a6c7605\n"
           "\n"
           "Cipher (FIPS 197, 5.1; the squares of appendix B)\n"
           "The 16 bytes of a block fill a square, the state, column by column. SubBytes\n"
           "replaces each byte, ShiftRows turns row r by r places to the left, MixColumns\n"
           "mixes each column; what that gives, XOR the round key (AddRoundKey), is the\n"
           "start of the next round. The last round has no MixColumns.\n"
           "\n"
           "  Round   Start of      After         After         After         Round Key\n"
           "  Number  Round         SubBytes      ShiftRows     MixColumns    Value\n"
           "\n"
           "  1       19 a0 9a e9   d4 e0 b8 1e   d4 e0 b8 1e   04 e0 48 28   a0 88 23 2a\n"
           "          3d f4 c6 f8   27 bf b4 41   bf b4 41 27   66 cb f8 06   fa 54 a3 6c\n"
           "          e3 e2 8d 48   11 98 5d 52   5d 52 11 98   81 19 d3 26   fe 2c 39 76\n"
           "          be 2b 2a 08   ae f1 e5 30   30 ae f1 e5   e5 9a 7a 4c   17 b1 39 05\n"
           "\n"
           "The same in lines, the state column by column (appendix C)\n"
           "  round[ 1].start    193de3bea0f4e22b9ac68d2ae9f84808\n"
           "  round[ 1].s_box    d42711aee0bf98f1b8b45de51e415230\n"
           "  round[ 1].s_row    d4bf5d30e0b452aeb84111f11e2798e5\n"
           "  round[ 1].m_col    046681e5e0cb199a48f8d37a2806264c\n"
           "  round[ 1].k_sch    a0fafe1788542cb123a339392a6c7605\n"
           "\n"
           "Result\n"
           "  output      3925841d02dc09fbdc118597196a0b32\n"
           "The same by OpenSSL:\n"
           "  $ echo 3243F6A8885A308D313198A2E0370734 | basenc -d --base16 | openssl enc -aes-128-ecb -nopad -K "
           "2b7e151628aed2a6abf7158809cf4f3c | basenc --base16\n");
}

static void test_decryption_with_words_of_the_key(void **state)
{
    (void)state;
    expect(KEY_C3, "8ea2b7ca516745bfeafc49904b496089", true, 14,
           "\n"
           "AES-256: a key of Nk = 8 words, Nr = 14 rounds\n"
           "  key         000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
           "  input       8ea2b7ca516745bfeafc49904b496089\n"
           "\n"
           "KeyExpansion (FIPS 197, 5.2; the table of appendix A)\n"
           "The first Nk = 8 words are the key. Each further word is temp XOR w[i-Nk], temp\n"
           "being the word before it; where i is a multiple of Nk, RotWord, SubWord and XOR\n"
           "with Rcon[i/Nk] change temp first, and where i is 4 more than a multiple,\n"
           "SubWord alone does. The last round key comes first: round r takes the words\n"
           "w[4(Nr-r)] to w[4(Nr-r)+3].\n"
           "  w0 = 00010203     w1 = 04050607     w2 = 08090a0b     w3 = 0c0d0e0f\n"
           "\n"
           "InvCipher (FIPS 197, 5.3; squares like those of appendix B)\n"
           "The 16 bytes of a block fill a square, the state, column by column. InvShiftRows\n"
           "turns row r by r places to the right, InvSubBytes replaces each byte,\n"
           "AddRoundKey is XOR with the round key; InvMixColumns of what that gives is the\n"
           "start of the next round. The last round has no InvMixColumns.\n"
           "\n"
           "  Round   Start of      After         After         Round Key     After\n"
           "  Number  Round         InvShiftRows  InvSubBytes   Value         AddRoundKey\n"
           "\n"
           "  14      63 09 cd ba   63 09 cd ba   00 40 80 c0   00 04 08 0c\n"
           "          53 60 70 ca   ca 53 60 70   10 50 90 d0   01 05 09 0d\n"
           "          e0 e1 b7 d0   b7 d0 e0 e1   20 60 a0 e0   02 06 0a 0e\n"
           "          8c 04 51 e7   04 51 e7 8c   30 70 b0 f0   03 07 0b 0f\n"
           "\n"
           "  output  00 44 88 cc\n"
           "          11 55 99 dd\n"
           "          22 66 aa ee\n"
           "          33 77 bb ff\n"
           "\n"
           "The same in lines, the state column by column (appendix C)\n"
           "  round[14].istart   6353e08c0960e104cd70b751bacad0e7\n"
           "  round[14].is_row   63cab7040953d051cd60e0e7ba70e18c\n"
           "  round[14].is_box   00102030405060708090a0b0c0d0e0f0\n"
           "  round[14].ik_sch   000102030405060708090a0b0c0d0e0f\n"
           "  round[14].ioutput  00112233445566778899aabbccddeeff\n"
           "\n"
           "Result\n"
           "  output      00112233445566778899aabbccddeeff\n"
           "The same by OpenSSL:\n"
           "  $ echo 8EA2B7CA516745BFEAFC49904B496089 | basenc -d --base16 | openssl enc -aes-256-ecb -d -nopad -K "
           "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f | basenc --base16\n");
}

/* SubWord alone stands in its own column: a row of appendix A.3. */
static void test_a_word_that_is_only_substituted(void **state)
{
    (void)state;
    uint8_t key[32], in[16] = {0};
    size_t key_len;
    assert_int_equal(hex_decode(key, sizeof key, &key_len, KEY_A3, strlen(KEY_A3)), 0);
    char *text = explain(key, key_len, in, false, 3);
    explained_has(text, "\n  12  2067fcde            b785b01d                      1f352c07  a8b09c1a\n");
    free(text);
}

static void check_parts(const uint8_t *key, size_t key_len, const uint8_t *in, bool decrypt)
{
    char *whole = explain(key, key_len, in, decrypt, EXPLAIN_AES_ALL);
    for (unsigned round = 0; round <= explain_aes_rounds(key_len); round++) {
        char *part = explain(key, key_len, in, decrypt, (int)round);
        for (char *row = strtok(part, "\n"); row != NULL; row = strtok(NULL, "\n"))
            explained_has(whole, row);
        free(part);
    }
    free(whole);
}

static void test_a_round_is_a_part_of_the_whole(void **state)
{
    (void)state;
    uint8_t key[32], in[16];
    fill(key, sizeof key, 1);
    fill(in, sizeof in, 2);
    for (size_t key_len = 16; key_len <= 32; key_len += 16)
        for (int decrypt = 0; decrypt <= 1; decrypt++)
            check_parts(key, key_len, in, decrypt);
}

static void test_another_result_is_not_explained(void **state)
{
    (void)state;
    uint8_t key[16] = {0}, in[16] = {0}, out[16] = {0};
    struct explain_aes e = {.key = key, .key_len = sizeof key, .in = in, .out = out, .round = EXPLAIN_AES_ALL};
    struct explained x;
    assert_int_equal(explain_aes(explained_begin(&x), &e), -1);
    assert_string_equal(explained_end(&x), "");
    explained_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables_and_inverse_cipher),       cmocka_unit_test(test_blocks_and_rounds),
        cmocka_unit_test(test_the_first_round_of_appendix_b),   cmocka_unit_test(test_decryption_with_words_of_the_key),
        cmocka_unit_test(test_a_word_that_is_only_substituted), cmocka_unit_test(test_a_round_is_a_part_of_the_whole),
        cmocka_unit_test(test_another_result_is_not_explained),
    };
    return RUN(tests);
}
