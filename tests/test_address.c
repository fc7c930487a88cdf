/* SPDX-License-Identifier: MIT */
/* Connections counted by address. */
#include "app/server/base/address.h"

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

/* An IPv6 address is in a /64, a /56 and a /48, an IPv4 address in a /24; neighbours outside are told apart. */
static void test_networks(void **state)
{
    (void)state;
    const struct {
        uint8_t key[SOCK_KEY_LEN], network[ADDRESS_LEVELS][SOCK_KEY_LEN];
    } of[] = {
        {{0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78},
         {{0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78},
          {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0},
          {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0, 0}}},
        {{0, 0, 0, 0, 192, 0, 2, 1},
         {{0, 0, 0, 0, 192, 0, 2, 1}, {0, 0, 0, 0, 192, 0, 2, 0}, {0, 0, 0, 0, 192, 0, 2, 0}}},
        {{0, 0, 0, 0, 0, 0, 0, 0}, {{0}, {0}, {0}}}, /* ::1 */
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
            uint8_t network[SOCK_KEY_LEN];
            memset(network, 0xff, sizeof network);
            address_network(network, of[i].key, level);
            assert_memory_equal(network, of[i].network[level], SOCK_KEY_LEN);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_networks)};
    return RUN(tests);
}
