/* Connections counted by address. */
#include "app/server/address.h"

#include "tests/test.h"

static void test_counts(void **state)
{
    (void)state;
    static struct address_table table;
    uint8_t key[SOCK_KEY_LEN] = {0};
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 5000; i++) {
            memcpy(key, &i, sizeof i);
            assert_int_equal(address_count(&table, key), round);
            assert_int_equal(address_add(&table, key), 0);
        }
    }
    for (unsigned round = 3; round > 0; round--) {
        for (unsigned i = 0; i < 5000; i++) {
            memcpy(key, &i, sizeof i);
            assert_int_equal(address_count(&table, key), round);
            address_remove(&table, key);
        }
    }
    for (size_t i = 0; i < ADDRESS_BUCKETS; i++)
        assert_null(table.buckets[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts)};
    return RUN(tests);
}
