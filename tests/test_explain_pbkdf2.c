/* SPDX-License-Identifier: MIT */
/* The explanation of PBKDF2-HMAC-SHA-256: RFC 7914's answers, chains of few and many links, and how it is laid out. */
#include "app/workbench/explain/explain_pbkdf2.h"

#include "crypto/pbkdf2.h"
#include "tests/aborts.h"
#include "tests/explained.h"
#include "tests/test.h"
#include "tests/vec.h"

static void test_vectors(void **state)
{
    (void)state;
    struct vec *v = vec_open("pbkdf2");
    while (vec_next(v)) {
        struct explained e;
        size_t password_len, salt_len, dk_len;
        const uint8_t *password = vec_hex(v, "password", &password_len), *salt = vec_hex(v, "salt", &salt_len);
        const uint8_t *dk = vec_hex(v, "dk", &dk_len);
        uint32_t c = (uint32_t)vec_number(v, "iterations");
        uint8_t shown[64];
        explain_pbkdf2(explained_begin(&e), password, password_len, salt, salt_len, c, dk_len);
        explained_end(&e);
        vec_check(v, "password", shown, explained_value(&e, "P, password", shown, sizeof shown));
        vec_check(v, "salt", shown, explained_value(&e, "S, salt", shown, sizeof shown));
        vec_check(v, "dk", shown, explained_value(&e, "DK", shown, sizeof shown));
        assert_int_equal(explained_value(&e, "T_1", shown, sizeof shown), 32);
        assert_memory_equal(shown, dk, 32);
        assert_int_equal(explained_value(&e, "T_2", shown, sizeof shown), 32);
        assert_memory_equal(shown, dk + 32, 32);
        explained_free(&e);
    }
    vec_close(v);
}

/* Which links are shown of chains of 1 to 5: the first three and the last, and the xor before each but the first. */
static void test_links(void **state)
{
    (void)state;
    static const char *const names[] = {"U_1", "U_2", "U_3", "...", "U_c"};
    static const uint8_t shown[6] = {0, 1, 3, 7, 7 + 16, 7 + 8 + 16}; /* a bit for each name */
    for (uint32_t c = 1; c <= 5; c++) {
        struct explained e;
        size_t sums = 0;
        explain_pbkdf2(explained_begin(&e), (const uint8_t *)"p", 1, (const uint8_t *)"s", 1, c, 32);
        explained_end(&e);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            char row[16];
            snprintf(row, sizeof row, "\n  %s  ", names[i]);
            assert_int_equal(strstr(e.text, row) != NULL, shown[c] >> i & 1);
        }
        for (const char *at = e.text; (at = strstr(at, "\n  xor so far  ")) != NULL; at++)
            sums++;
        assert_int_equal(sums, c <= 2 ? 0 : c == 3 ? 1 : 2);
        explained_free(&e);
    }
}

/* Neither password nor salt: and still there is a key. */
static void test_nothing(void **state)
{
    (void)state;
    struct explained e;
    uint8_t shown[32], dk[20];
    explain_pbkdf2(explained_begin(&e), NULL, 0, NULL, 0, 2, sizeof dk);
    explained_end(&e);
    pbkdf2_derive(dk, sizeof dk, NULL, 0, NULL, 0, 2);
    assert_int_equal(explained_value(&e, "DK", shown, sizeof shown), sizeof dk);
    assert_memory_equal(shown, dk, sizeof dk);
    explained_has_line(e.text, "  P, password (empty)");
    explained_has_line(e.text, "  S||INT(1)   00000001");
    explained_free(&e);
}

/* The whole of a short one, computed by Python. */
static void test_layout(void **state)
{
    (void)state;
    struct explained e;
    explain_pbkdf2(explained_begin(&e), (const uint8_t *)"passwd", 6, (const uint8_t *)"salt", 4, 5, 40);
    explained_end(&e);
    assert_string_equal(e.text, "PBKDF2 (RFC 8018, 5.2), where PRF(P, x) is HMAC-SHA-256 of x with the password\n"
                                "as its key\n"
                                "\n"
                                "What goes in\n"
                                "  P, password 706173737764\n"
                                "  S, salt     73616c74\n"
                                "  c           5 iterations\n"
                                "  dkLen       40 bytes\n"
                                "  l           2 blocks of hLen = 32 bytes\n"
                                "U_1 = PRF(P, S || INT(i)), the block's number i in 4 bytes; then U_j = PRF(P,\n"
                                "U_j-1).\n"
                                "\n"
                                "T_1 = U_1 ^ U_2 ^ ... ^ U_c\n"
                                "  S||INT(1)   73616c7400000001\n"
                                "  U_1         55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\n"
                                "  U_2         78ed2be7389560c1dcc9c75d2f30b0311a5e863e1943641878cfbc5c3db4b6d6\n"
                                "  xor so far  2d412f896e76685e30df569f0a740634e31f031f749d607d9e44210bffb91a6a\n"
                                "  U_3         bf9e73c5b9af68f53b9d65f1ac63cc95305b0fa64f13efcda1a7921c7e7e39a6\n"
                                "  xor so far  92df5c4cd7d900ab0b42336ea617caa1d3440cb93b8e8fb03fe3b31781c723cc\n"
                                "  ...         U_4 likewise\n"
                                "  U_c         6a5d03e9104391585da507f1f065f97a392be05581fa1764cb3a95faa7e1d3ef\n"
                                "  T_1         3045b724caae564464b876de85f08fad414eff2f7bb9110747e5e6fa1c30d321\n"
                                "\n"
                                "T_2 = U_1 ^ U_2 ^ ... ^ U_c\n"
                                "  S||INT(2)   73616c7400000002\n"
                                "  U_1         49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783\n"
                                "  U_2         ffba69cc36f1d445804f9364248e85ca4a74c847294fba912ef103d5b067f8a3\n"
                                "  xor so far  b670f500c78862001959f7d7b9f96afb3605700298acb14427e0239463c66f20\n"
                                "  U_3         174b71b70819bf6c1925d0313224f1d63dca41be2c180f022a19920b442f019f\n"
                                "  xor so far  a13b84b7cf91dd6c007c27e68bdd9b2d0bcf31bcb4b4be460df9b19f27e96ebf\n"
                                "  ...         U_4 likewise\n"
                                "  U_c         1a5763be03beacb3ee1baf886ce0bac0754af25c7d85a13afbbc05d81ac6cd9a\n"
                                "  T_2         9f29870c5a4707265a7f9b940be6cd6ac527ab8f1e9e9e7ed27c4cdcac45419d\n"
                                "\n"
                                "DK: the first dkLen bytes of T_1 || T_2 || ...\n"
                                "  DK          3045b724caae564464b876de85f08fad414eff2f7bb9110747e5e6fa1c30d321\n"
                                "              9f29870c5a470726\n"
                                "\n"
                                "The same by OpenSSL\n"
                                "  $ openssl kdf -keylen 40 -kdfopt digest:SHA256 -kdfopt hexpass:706173737764 -kdfopt "
                                "hexsalt:73616c74 -kdfopt iter:5 PBKDF2\n");
    explained_free(&e);
}

static uint8_t longest[EXPLAIN_PBKDF2_MAX + 1];

static void password_too_long(void)
{
    explain_pbkdf2(stdout, longest, sizeof longest, NULL, 0, 1, 32);
}

static void salt_too_long(void)
{
    explain_pbkdf2(stdout, NULL, 0, longest, sizeof longest, 1, 32);
}

static void key_too_long(void)
{
    explain_pbkdf2(stdout, NULL, 0, NULL, 0, 1, sizeof longest);
}

static void no_key(void)
{
    explain_pbkdf2(stdout, NULL, 0, NULL, 0, 1, 0);
}

static void no_iteration(void)
{
    explain_pbkdf2(stdout, NULL, 0, NULL, 0, 0, 32);
}

static void test_bounds(void **state)
{
    (void)state;
    static uint8_t shown[EXPLAIN_PBKDF2_MAX], dk[EXPLAIN_PBKDF2_MAX];
    struct explained e;
    explain_pbkdf2(explained_begin(&e), longest, EXPLAIN_PBKDF2_MAX, longest, EXPLAIN_PBKDF2_MAX, 1, sizeof dk);
    explained_end(&e);
    pbkdf2_derive(dk, sizeof dk, longest, EXPLAIN_PBKDF2_MAX, longest, EXPLAIN_PBKDF2_MAX, 1);
    assert_int_equal(explained_value(&e, "DK", shown, sizeof shown), sizeof dk);
    assert_memory_equal(shown, dk, sizeof dk);
    explained_free(&e);
    assert_true(aborts(password_too_long));
    assert_true(aborts(salt_too_long));
    assert_true(aborts(key_too_long));
    assert_true(aborts(no_key));
    assert_true(aborts(no_iteration));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_links),  cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_layout),  cmocka_unit_test(test_bounds),
    };
    return RUN(tests);
}
