/* SPDX-License-Identifier: MIT */
/* app/server/base/eviction: who gives way, by what they said, how long they have been there, and how many others come
 * from their address. */
#include "app/server/base/eviction.h"

#include <stdlib.h>

#include "crypto/bytes.h"
#include "tests/test.h"

#define MOST 2048

static struct eviction_list all;
static struct eviction_entry crowd[MOST];
static size_t crowd_len;

/* The first 64 bits of an IPv6 address. */
static const uint64_t home = UINT64_C(0x20010db812340000), elsewhere = UINT64_C(0x20010db8ffff0000);

static struct eviction_entry *come(uint64_t key, enum eviction_said said)
{
    uint8_t bytes[SOCK_KEY_LEN];
    struct eviction_entry *s = &crowd[crowd_len++];
    assert_true(crowd_len <= MOST);
    bytes_store_be64(bytes, key);
    assert_int_equal(eviction_add(&all, s, bytes), 0);
    s->said = said;
    return s;
}

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < crowd_len; i++)
        eviction_remove(&crowd[i]);
    crowd_len = 0;
    memset(crowd, 0, sizeof crowd);
    assert_null(all.first);
    assert_null(all.last);
    assert_int_equal(all.len, 0);
    for (size_t level = 0; level < ADDRESS_LEVELS; level++)
        for (size_t i = 0; i < ADDRESS_BUCKETS; i++)
            assert_null(all.networks.level[level].buckets[i]);
    return 0;
}

static struct eviction_entry *take_weakest(void)
{
    struct eviction_entry *s = eviction_weakest(&all, NULL, 0);
    assert_non_null(s);
    eviction_remove(s);
    eviction_remove(s); /* any number of times */
    return s;
}

static void test_of_one_address_the_oldest_that_said_least(void **state)
{
    (void)state;
    assert_null(eviction_weakest(&all, NULL, 0));
    struct eviction_entry *tries = come(home, EVICTION_TRIES), *finished = come(home, EVICTION_FINISHED);
    struct eviction_entry *hello = come(home, EVICTION_HELLO), *newer_hello = come(home, EVICTION_HELLO);
    struct eviction_entry *silent = come(home, EVICTION_NOTHING), *newer = come(home, EVICTION_NOTHING);
    struct eviction_entry *const order[] = {silent, newer, hello, newer_hello, finished, tries};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_ptr_equal(take_weakest(), order[i]);
    assert_null(eviction_weakest(&all, NULL, 0));
}

/* Even if a flood has said all that can be said: as long as its network has more than the others, one of its own gives
 * way, and not a newcomer. */
static void flood_of(size_t addresses, uint64_t step, size_t each, size_t give_way)
{
    struct eviction_entry *honest = come(elsewhere, EVICTION_NOTHING);
    for (size_t i = 0; i < each; i++)
        for (size_t a = 0; a < addresses; a++)
            (void)come(home + a * step, EVICTION_TRIES);
    for (size_t i = 0; i < give_way; i++)
        assert_ptr_not_equal(take_weakest(), honest);
    clear(NULL);
}

static void test_floods(void **state)
{
    (void)state;
    flood_of(2, 1, 512, 1023);
    flood_of(1000, 1, 1, 999);    /* a thousand /64 of four /56 */
    flood_of(200, 0x100, 5, 999); /* two hundred /56 of one /48 */
    flood_of(40, 0x10000, 2, 40); /* forty /48: until each has as many as the honest one */
}

static void test_ipv4(void **state)
{
    (void)state;
    struct eviction_entry *honest = come(0xc0000201, EVICTION_NOTHING); /* 192.0.2.1 */
    for (size_t i = 0; i < 250; i++)
        (void)come(0xcb007101 + i, EVICTION_FINISHED); /* each of 203.0.113.0/24 */
    for (size_t i = 0; i < 249; i++)
        assert_ptr_not_equal(take_weakest(), honest);
}

/* Alone in its networks, each weighs the same: of an IPv6 address and an IPv4 address, the older gives way. */
static void test_ipv4_beside_ipv6(void **state)
{
    (void)state;
    struct eviction_entry *first = come(0xc0000201, EVICTION_NOTHING), *second = come(elsewhere, EVICTION_NOTHING);
    struct eviction_entry *third = come(0xc6336401, EVICTION_NOTHING);
    assert_ptr_equal(take_weakest(), first);
    assert_ptr_equal(take_weakest(), second);
    assert_ptr_equal(take_weakest(), third);
}

/* A /24 full of addresses, 4 + 3 * 250 each, is more than 107 of one address alone, 7 * 107, and less than 108. */
static void test_what_a_24_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < 250; i++)
        (void)come(0xcb007101 + i, EVICTION_NOTHING);
    for (size_t i = 0; i < 107; i++)
        (void)come(0xc0000201, EVICTION_NOTHING);
    assert_int_equal(eviction_weakest(&all, NULL, 0)->key[4], 0xcb);
    (void)come(0xc0000201, EVICTION_NOTHING);
    assert_int_equal(eviction_weakest(&all, NULL, 0)->key[4], 0xc0);
}

/* Somebody in the network next door to a flood, or in the same one, is not the flood. */
static void test_neighbours(void **state)
{
    (void)state;
    struct eviction_entry *same_56 = come(home + 1, EVICTION_NOTHING), *same_48 = come(home + 0x100, EVICTION_NOTHING);
    for (size_t i = 0; i < 500; i++)
        (void)come(home, EVICTION_FINISHED);
    for (size_t i = 0; i < 498; i++) {
        struct eviction_entry *s = take_weakest();
        assert_ptr_not_equal(s, same_56);
        assert_ptr_not_equal(s, same_48);
    }
}

static void test_inside_a_network(void **state)
{
    (void)state;
    uint8_t key[SOCK_KEY_LEN];
    struct eviction_entry *near[ADDRESS_LEVELS] = {come(home, EVICTION_TRIES), come(home + 1, EVICTION_TRIES),
                                                   come(home + 0x100, EVICTION_TRIES)};
    for (size_t i = 0; i < 9; i++)
        (void)come(elsewhere, EVICTION_NOTHING);
    bytes_store_be64(key, home);
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
        struct eviction_entry *s = eviction_weakest(&all, key, level);
        assert_true(s == near[0] || s == near[1] || s == near[2]);
        for (unsigned wider = level + 1; wider < ADDRESS_LEVELS; wider++)
            assert_ptr_not_equal(s, near[wider]);
    }
    bytes_store_be64(key, home + 0x10000);
    assert_null(eviction_weakest(&all, key, ADDRESS_LEVELS - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_of_one_address_the_oldest_that_said_least, clear),
        cmocka_unit_test_teardown(test_floods, clear),
        cmocka_unit_test_teardown(test_ipv4, clear),
        cmocka_unit_test_teardown(test_ipv4_beside_ipv6, clear),
        cmocka_unit_test_teardown(test_what_a_24_counts, clear),
        cmocka_unit_test_teardown(test_neighbours, clear),
        cmocka_unit_test_teardown(test_inside_a_network, clear),
    };
    return RUN(tests);
}
