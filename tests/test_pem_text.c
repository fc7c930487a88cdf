/* SPDX-License-Identifier: MIT */
/* Blocks of text, as RFC 7468 lets them be laid out, and as they may not be. */
#include "crypto/pem_text.h"

#include "tests/fill.h"
#include "tests/test.h"

#define MOST 4096

static uint8_t bytes[PEM_BLOCK_MAX_CHARS];

/* Reads all blocks of a text that begins and ends where its memory does; how many there are, -1 after a damaged one, -2
 * where one of label X has another content than "any carnal pleas" (RFC 4648's example, cut). */
static int count(const char *text, size_t len)
{
    static const char content[] = "any carnal pleas";
    char *exact = malloc(len + (len == 0));
    memcpy(exact, text, len);
    struct pem_text t = {exact, len};
    struct pem_block b;
    int found, n = 0;
    while ((found = pem_text_next(&t, &b)) > 0 && n >= 0) {
        size_t out_len;
        bool good = !pem_block_is(&b, "X") || (pem_block_decode(bytes, &out_len, &b) == 0 &&
                                               out_len == sizeof content - 1 && memcmp(bytes, content, out_len) == 0);
        n = good ? n + 1 : -2;
    }
    free(exact);
    return n == -2 ? -2 : found < 0 ? -1 : n;
}

#define BEGIN "-----BEGIN X-----"
#define END "-----END X-----"
#define BODY "YW55IGNhcm5hbCBwbGVhcw=="
#define BLOCK BEGIN "\n" BODY "\n" END "\n"

static void test_one_block_however_it_is_laid_out(void **state)
{
    static const char *const texts[] = {
        BLOCK,
        BEGIN "\r\n" BODY "\r\n" END "\r\n",
        BEGIN "\r" BODY "\r" END "\r",
        BEGIN "\n" BODY "\n" END,
        BEGIN BODY END,
        BEGIN "  \n\n" BODY "\n\n" END "  \n",
        BEGIN "\nYW55\nIGNh\r\ncm5h\rbCBw\n\nbGVhcw==\n" END "\n",
        BEGIN "\nY\nW55IGNhcm5hbCBwbGVhcw=\n=\n" END "\n",
        BEGIN "\n  YW55 IGNhcm5h\tbCBw\v\fbGVhcw= = \n" END "\n",
        "\n \t\r\n" BLOCK "\n\t \r",
        "  " BEGIN "\n  " BODY "\n  " END "\n",
        "\xef\xbb\xbf" BLOCK,
        "\xef\xbb\xbf\r\n" BLOCK,
        "Subject: a key\nIssuer: -----\n-----\nBEGIN X\n" BLOCK "and after it\n-----END Y-----\n",
        "x" BEGIN "\n" BLOCK,
        "- " BEGIN "\n\r-" BEGIN "\n" BLOCK,
        BLOCK "\xff\xfe\n x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (count(texts[i], strlen(texts[i])) != 1)
            fail_msg("text %zu: %d", i, count(texts[i], strlen(texts[i])));
    assert_int_equal(count(BLOCK "\0x", sizeof BLOCK + 1), 1);
    assert_int_equal(count("\0\n" BLOCK, sizeof BLOCK + 1), 1);
}

static void test_several_and_none(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "x",
                                       "\xef\xbb\xbf",
                                       "----BEGIN X-----\n",
                                       "-----BEGIN\n",
                                       "-----begin X-----\n",
                                       "x" BLOCK "\n",
                                       " \xef\xbb\xbf" BLOCK};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(count(none[i], strlen(none[i])), 0);
    static const char three[] = BLOCK "x\n-----BEGIN A LONG LABEL-----\n!!\n-----END A LONG LABEL-----\n" BLOCK;
    assert_int_equal(count(three, strlen(three)), 3);
}

static void test_a_damaged_block(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        BEGIN,
        BEGIN "\n" BODY "\n",
        BEGIN "\n" BODY "\n-----END Y-----\n",
        BEGIN "\n" BODY "\n-----END X----\n",
        BEGIN "\n" BODY "\n-----END X\n",
        BEGIN "\n" BODY "\n-----END  X-----\n",
        BEGIN "\n" BODY "\n-----END XX-----\n",
        BEGIN "\n" BODY "\n----END X-----\n",
        BEGIN "\n" BEGIN "\n" BODY "\n" END "\n",
        "-----BEGIN X----\n" BODY "\n" END "\n",
        "-----BEGIN X\n-----\n" BODY "\n" END "\n",
        BLOCK BEGIN "\n",
    };
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++)
        if (count(damaged[i], strlen(damaged[i])) != -1)
            fail_msg("text %zu: %d", i, count(damaged[i], strlen(damaged[i])));
    for (size_t len = strlen(BEGIN "\n"); len < strlen(BLOCK) - 1; len++) /* and cut off anywhere */
        assert_int_equal(count(BLOCK, len), -1);
    char label[100];
    memset(label, 'L', sizeof label - 1);
    for (size_t len = 60; len < 70; len++) { /* no label is as long */
        char text[300];
        label[len] = '\0';
        snprintf(text, sizeof text, "-----BEGIN %s-----\n-----END %s-----\n", label, label);
        assert_int_equal(count(text, strlen(text)), len <= 64 ? 1 : -1);
        label[len] = 'L';
    }
}

/* The base64 itself is as strict as crypto/base64.h, white space apart. */
static void test_what_is_no_base64(void **state)
{
    (void)state;
    static const char *const bodies[] = {"YW55IGNhcm5hbCBwbGVhcw=",
                                         "YW55IGNhcm5hbCBwbGVhcw",
                                         "YW55IGNhcm5hbCBwbGVhcx==",
                                         "YW55-IGNhcm5hbCBwbGVhcw==",
                                         "YW55IGNhcm5hbCBwbGVhcw====",
                                         "YW55_GNhcm5hbCBwbGVhcw==",
                                         "YW55\xc2\xa0IGNhcm5hbCBwbGVhcw==",
                                         "Comment: x\nYW55IGNhcm5hbCBwbGVhcw==",
                                         ""};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        char text[200];
        snprintf(text, sizeof text, BEGIN "\n%s\n" END "\n", bodies[i]);
        assert_int_equal(count(text, strlen(text)), -2);
    }
}

static void test_how_a_body_begins(void **state)
{
    (void)state;
    static const char text[] = BEGIN "\r\n \nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n" END "\n";
    struct pem_text t = {text, strlen(text)};
    struct pem_block b;
    assert_int_equal(pem_text_next(&t, &b), 1);
    assert_true(pem_block_begins(&b, "Proc-Type:"));
    assert_true(pem_block_begins(&b, "P"));
    assert_false(pem_block_begins(&b, "Proc-Typo:"));
    assert_false(pem_block_begins(&b, "DEK-Info:"));
    b.body_len = 8;
    assert_false(pem_block_begins(&b, "Proc-Type:")); /* past its end */
    assert_true(pem_block_is(&b, "X"));
    assert_false(pem_block_is(&b, "XY"));
    assert_false(pem_block_is(&b, ""));
}

/* What is written is read again, in lines of 64; a buffer that is one byte too short is left alone. */
static void test_written_and_read(void **state)
{
    static char text[PEM_BLOCK_MAX_CHARS * 2];
    static uint8_t in[MOST];
    (void)state;
    fill(in, sizeof in, 1);
    for (size_t len = 1; len <= sizeof in; len += len < 200 ? 1 : 487) {
        struct pem_block b;
        size_t out_len;
        assert_int_equal(pem_text_write(text, sizeof text, "SOME LABEL", in, len), 0);
        struct pem_text t = {text, strlen(text)};
        for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
            assert_true(strcspn(line, "\n") <= 64);
        assert_int_equal(pem_text_next(&t, &b), 1);
        assert_true(pem_block_is(&b, "SOME LABEL"));
        assert_int_equal(pem_block_decode(bytes, &out_len, &b), 0);
        assert_int_equal(out_len, len);
        assert_memory_equal(bytes, in, len);
        size_t text_len = strlen(text);
        memset(text, 7, text_len);
        assert_int_equal(pem_text_write(text, text_len, "SOME LABEL", in, len), -1);
        assert_int_equal(text[0], 7);
        assert_int_equal(pem_text_write(text, text_len + 1, "SOME LABEL", in, len), 0);
    }
}

static void test_the_largest_block(void **state)
{
    static char text[PEM_BLOCK_MAX_CHARS + 100];
    (void)state;
    for (size_t more = 0; more <= 4; more += 4) {
        struct pem_block b;
        size_t len = (size_t)sprintf(text, BEGIN "\n"), out_len;
        memset(text + len, 'A', PEM_BLOCK_MAX_CHARS + more);
        len += PEM_BLOCK_MAX_CHARS + more;
        len += (size_t)sprintf(text + len, "\n" END "\n");
        struct pem_text t = {text, len};
        assert_int_equal(pem_text_next(&t, &b), 1);
        assert_int_equal(pem_block_decode(bytes, &out_len, &b), more == 0 ? 0 : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_block_however_it_is_laid_out),
        cmocka_unit_test(test_several_and_none),
        cmocka_unit_test(test_a_damaged_block),
        cmocka_unit_test(test_what_is_no_base64),
        cmocka_unit_test(test_how_a_body_begins),
        cmocka_unit_test(test_written_and_read),
        cmocka_unit_test(test_the_largest_block),
    };
    return RUN(tests);
}
