/* SPDX-License-Identifier: MIT */
/* The weak twins give the right answers: what is wrong with them is the time alone. */
#include "app/workbench/labs/aes_tables.h"
#include "app/workbench/labs/equal_early.h"
#include "app/workbench/labs/unpad_early.h"
#include "crypto/aes.h"
#include "crypto/ct.h"
#include "crypto/pkcs7.h"
#include "tests/test.h"

static void test_equal_early(void **state)
{
    (void)state;
    uint8_t a[32] = {1, 2, 3}, b[32] = {1, 2, 3};
    for (size_t len = 0; len <= sizeof a; len++)
        assert_int_equal(lab_equal_early(a, b, len), 1);
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 1;
        for (size_t len = 0; len <= sizeof a; len++)
            assert_int_equal(lab_equal_early(a, b, len), ct_equal(a, b, len));
        b[i] ^= 1;
    }
}

/* Every last byte before every number of bytes of its value. */
static void test_unpad_early(void **state)
{
    (void)state;
    uint8_t buf[32];
    for (unsigned last = 0; last < 256; last++)
        for (size_t run = 1; run <= sizeof buf; run++) {
            memset(buf, (int)last ^ 0x55, sizeof buf);
            memset(buf + sizeof buf - run, (int)last, run);
            for (size_t len = 0; len <= sizeof buf; len++) {
                size_t weak = 99, strong = 99;
                int answer = pkcs7_unpad(&strong, buf + sizeof buf - len, len);
                assert_int_equal(lab_unpad_early(&weak, buf + sizeof buf - len, len), answer);
                assert_int_equal(weak, strong);
            }
        }
}

static void test_aes_tables(void **state)
{
    (void)state;
    static struct lab_aes_tables weak;
    struct aes_key strong;
    uint8_t key[16], block[16] = {0}, out[16], right[16];
    for (int i = 0; i < 100; i++) { /* each key is what the last one made of the block */
        memcpy(key, block, sizeof key);
        lab_aes_tables_init(&weak, key);
        aes_key_init(&strong, key, sizeof key);
        block[i % 16] ^= (uint8_t)i;
        lab_aes_tables_encrypt(&weak, out, block);
        aes_encrypt(&strong, right, block, 1);
        assert_memory_equal(out, right, sizeof out);
        memcpy(block, out, sizeof block);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_early),
        cmocka_unit_test(test_unpad_early),
        cmocka_unit_test(test_aes_tables),
    };
    return RUN(tests);
}
