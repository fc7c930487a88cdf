/* SPDX-License-Identifier: MIT */
/* CBC explained: each row of SP 800-38A's examples, whole texts, padding of every kind. */
#include "app/workbench/explain/explain_cbc.h"

#include "app/workbench/explain/explain_pkcs7.h"
#include "app/workbench/explain/show.h"
#include "crypto/cbc.h"
#include "crypto/pkcs7.h"
#include "tests/explained.h"
#include "tests/fill.h"
#include "tests/test.h"

#define MOST (SHOW_INPUT_MAX + 1)

/* A message and all that is said of it. */
struct message {
    uint8_t key[32], iv[16], plaintext[MOST + 16], ciphertext[MOST + 16];
    struct explain_cbc e;
};

static void point(struct message *m, size_t key_len, size_t text_len)
{
    m->e = (struct explain_cbc){m->key, key_len, m->iv, m->plaintext, m->ciphertext, .text_len = text_len};
}

static char *explain(const struct message *m)
{
    struct explained x;
    assert_int_equal(explain_cbc(explained_begin(&x), &m->e), 0);
    explained_end(&x);
    return x.text;
}

static void read_message(struct vec *v, struct message *m)
{
    size_t key_len, len;
    const uint8_t *key = vec_hex(v, "key", &key_len), *plaintext = vec_hex(v, "plaintext", &len);
    memcpy(m->key, key, key_len);
    memcpy(m->iv, vec_hex_n(v, "iv", 16), 16);
    memcpy(m->plaintext, plaintext, len);
    memcpy(m->ciphertext, vec_hex_n(v, "ciphertext", len), len);
    point(m, key_len, len);
    m->e.blocks = len / 16;
    m->e.decrypt = strcmp(vec_text(v, "direction"), "decrypt") == 0;
}

/* The row of the field's i-th block is among these. */
static void check_row(struct vec *v, const char *field, size_t i, const char *name, const char *rows)
{
    char row[100], block[33];
    hex_encode(block, vec_hex_n(v, field, 64) + 16 * i, 16);
    snprintf(row, sizeof row, "\n  %-16s%s", name, block);
    explained_has(rows, row);
}

static void test_published_blocks(void **state)
{
    (void)state;
    struct vec *v = vec_open("explain_cbc");
    while (vec_next(v)) {
        struct message m;
        read_message(v, &m);
        for (m.e.block = 1; m.e.block <= m.e.blocks; m.e.block++) {
            char *text = explain(&m), heading[20];
            snprintf(heading, sizeof heading, "\nBlock #%zu\n", m.e.block);
            const char *rows = strstr(text, heading);
            assert_non_null(rows);
            check_row(v, "plaintext", m.e.block - 1, "Plaintext", rows);
            check_row(v, "input_block", m.e.block - 1, "Input Block", rows);
            check_row(v, "output_block", m.e.block - 1, "Output Block", rows);
            check_row(v, "ciphertext", m.e.block - 1, "Ciphertext", rows);
            free(text);
        }
    }
    vec_close(v);
}

/* As crypto/cbc.h encrypts so many bytes with padding. */
static void make(struct message *m, size_t text_len, bool decrypt)
{
    struct aes_key k;
    fill(m, sizeof *m, (uint32_t)text_len + 1);
    point(m, text_len % 2 ? 16 : 32, text_len);
    m->e.padding = true;
    m->e.decrypt = decrypt;
    m->e.blocks = pkcs7_pad(m->plaintext, text_len) / 16;
    aes_key_init(&k, m->key, m->e.key_len);
    cbc_encrypt(&k, m->iv, m->ciphertext, m->plaintext, m->e.blocks);
}

static const char *const padding_heading[] = {"\nPadding (RFC 5652", "\nTaking the padding off (RFC 5652"};

/* The result is that of the whole message, whichever block is shown; the padding is shown with the last one. */
static void check_parts(struct message *m)
{
    char *whole = explain(m), hex[67], result[100];
    const uint8_t *out = m->e.decrypt ? m->plaintext : m->ciphertext;
    size_t out_len = m->e.decrypt ? m->e.text_len : 16 * m->e.blocks;
    hex_encode(hex, out, out_len < 32 ? out_len : 32);
    snprintf(result, sizeof result, "\nResult\n  %-12s%s\n", m->e.decrypt ? "Plaintext" : "Ciphertext",
             out_len == 0 ? "(empty)" : hex);
    explained_has(whole, result);
    for (m->e.block = 1; m->e.block <= m->e.blocks; m->e.block++) {
        char *part = explain(m);
        explained_has(part, result);
        assert_int_equal(strstr(part, padding_heading[m->e.decrypt]) != NULL, m->e.block == m->e.blocks);
        for (char *row = strtok(part, "\n"); row != NULL; row = strtok(NULL, "\n"))
            explained_has(whole, row);
        free(part);
    }
    free(whole);
}

static void test_every_length(void **state)
{
    (void)state;
    struct message m;
    for (size_t len = 0; len <= 50; len++)
        for (int decrypt = 0; decrypt <= 1; decrypt++) {
            make(&m, len, decrypt);
            check_parts(&m);
        }
}

static void test_wrong_padding_has_no_result(void **state)
{
    (void)state;
    struct message m;
    struct aes_key k;
    make(&m, 20, true);
    aes_key_init(&k, m.key, m.e.key_len);
    m.plaintext[31] = 0x11;
    cbc_encrypt(&k, m.iv, m.ciphertext, m.plaintext, 2);
    m.e.text_len = EXPLAIN_PKCS7_WRONG;
    char *text = explain(&m);
    explained_has(text, "\nBlock #2\n");
    explained_has(text, "good is 0: the padding is wrong. There is none of value 11.\n");
    assert_null(strstr(text, "Result"));
    assert_null(strstr(text, "openssl"));
    free(text);
}

static void test_another_padding_is_not_explained(void **state)
{
    (void)state;
    for (int decrypt = 0; decrypt <= 1; decrypt++) {
        struct message m;
        struct explained x;
        make(&m, 40, decrypt);
        m.e.text_len--;
        assert_int_equal(explain_cbc(explained_begin(&x), &m.e), -1);
        assert_null(strstr(explained_end(&x), "Result"));
        explained_free(&x);
    }
}

/* A byte of the text, of the ciphertext, of the padding that is not what the steps lead to. */
static void test_another_result_is_not_explained(void **state)
{
    (void)state;
    for (int decrypt = 0; decrypt <= 1; decrypt++)
        for (int what = 0; what < 3; what++) {
            struct message m;
            make(&m, 40, decrypt);
            *(what == 0 ? &m.plaintext[20] : what == 1 ? &m.ciphertext[47] : &m.plaintext[47]) ^= 1;
            struct explained x;
            assert_int_equal(explain_cbc(explained_begin(&x), &m.e), -1);
            assert_string_equal(explained_end(&x), "");
            explained_free(&x);
        }
}

/* What is too long for a command comes from standard input. */
static void test_a_long_message(void **state)
{
    (void)state;
    struct message m;
    for (size_t len = SHOW_INPUT_MAX; len <= SHOW_INPUT_MAX + 1; len++) {
        make(&m, len, false);
        char *text = explain(&m);
        explained_has(text,
                      len == SHOW_INPUT_MAX
                          ? "\n  $ echo "
                          : "\nThe same by OpenSSL, of the same standard input:\n  $ openssl enc -aes-128-cbc -K ");
        free(text);
    }
}

static void unhex(uint8_t *out, size_t len, const char *hex)
{
    size_t got;
    assert_int_equal(hex_decode(out, len, &got, hex, strlen(hex)), 0);
    assert_int_equal(got, len);
}

/* The first two blocks of F.2.1 and of F.2.2. */
static void test_whole_texts(void **state)
{
    (void)state;
    struct message m;
    unhex(m.key, 16, "2b7e151628aed2a6abf7158809cf4f3c");
    unhex(m.iv, 16, "000102030405060708090a0b0c0d0e0f");
    unhex(m.plaintext, 32, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
    unhex(m.ciphertext, 32, "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
    point(&m, 16, 32);
    m.e.blocks = 2;
    m.e.block = 2;
    char *text = explain(&m);
    assert_string_equal(text, "\n"
                              "CBC-AES128, encryption (SP 800-38A, 6.2; as appendix F.2)\n"
                              "A block of plaintext is xored with the ciphertext before it, and goes through\n"
                              "AES: C_j = E(P_j xor C_{j-1}). The first block has none before it, the IV stands\n"
                              "in.\n"
                              "  Key         2b7e151628aed2a6abf7158809cf4f3c\n"
                              "  IV          000102030405060708090a0b0c0d0e0f\n"
                              "\n"
                              "Block #2\n"
                              "  Plaintext       ae2d8a571e03ac9c9eb76fac45af8e51\n"
                              "  xor Ciphertext  7649abac8119b246cee98e9b12e9197d  of block #1\n"
                              "  Input Block     d86421fb9f1a1eda505ee1375746972c\n"
                              "  Output Block    5086cb9b507219ee95db113a917678b2  through AES-128\n"
                              "  Ciphertext      5086cb9b507219ee95db113a917678b2\n"
                              "\n"
                              "Result\n"
                              "  Ciphertext  7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\n"
                              "The same by OpenSSL:\n"
                              "  $ echo 6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51 | basenc -d "
                              "--base16 | openssl enc -aes-128-cbc -nopad -K 2b7e151628aed2a6abf7158809cf4f3c -iv "
                              "000102030405060708090a0b0c0d0e0f | basenc --base16 -w 0\n");
    free(text);
    m.e.decrypt = true;
    m.e.block = 1;
    text = explain(&m);
    assert_string_equal(text, "\n"
                              "CBC-AES128, decryption (SP 800-38A, 6.2; as appendix F.2)\n"
                              "A block of ciphertext goes back through AES; what comes out, xor the ciphertext\n"
                              "before it, is the plaintext: P_j = D(C_j) xor C_{j-1}. The first block has none\n"
                              "before it, the IV stands in.\n"
                              "  Key         2b7e151628aed2a6abf7158809cf4f3c\n"
                              "  IV          000102030405060708090a0b0c0d0e0f\n"
                              "\n"
                              "Block #1\n"
                              "  Ciphertext      7649abac8119b246cee98e9b12e9197d\n"
                              "  Input Block     7649abac8119b246cee98e9b12e9197d\n"
                              "  Output Block    6bc0bce12a459991e134741a7f9e1925  back through AES-128\n"
                              "  xor IV          000102030405060708090a0b0c0d0e0f\n"
                              "  Plaintext       6bc1bee22e409f96e93d7e117393172a\n"
                              "\n"
                              "Result\n"
                              "  Plaintext   6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\n"
                              "The same by OpenSSL:\n"
                              "  $ echo 7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2 | basenc -d "
                              "--base16 | openssl enc -aes-128-cbc -d -nopad -K 2b7e151628aed2a6abf7158809cf4f3c -iv "
                              "000102030405060708090a0b0c0d0e0f | basenc --base16 -w 0\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_blocks),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_wrong_padding_has_no_result),
        cmocka_unit_test(test_another_padding_is_not_explained),
        cmocka_unit_test(test_another_result_is_not_explained),
        cmocka_unit_test(test_a_long_message),
        cmocka_unit_test(test_whole_texts),
    };
    return RUN(tests);
}
