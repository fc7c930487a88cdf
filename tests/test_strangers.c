/* SPDX-License-Identifier: MIT */
/* app/server/strangers: who gives way, by what he said, how long he has been there, and of whose addresses there are
 * many. */
#include "app/server/strangers.h"

#include <stdlib.h>

#include "crypto/bytes.h"
#include "tests/test.h"

#define MOST 2048

static struct strangers all;
static struct stranger crowd[MOST];
static size_t crowd_len;

/* The first 64 bits of an IPv6 address. */
static const uint64_t home = UINT64_C(0x20010db812340000), elsewhere = UINT64_C(0x20010db8ffff0000);

static struct stranger *come(uint64_t key, enum stranger_said said)
{
    uint8_t bytes[SOCK_KEY_LEN];
    struct stranger *s = &crowd[crowd_len++];
    assert_true(crowd_len <= MOST);
    bytes_store_be64(bytes, key);
    assert_int_equal(strangers_add(&all, s, bytes), 0);
    s->said = said;
    return s;
}

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < crowd_len; i++)
        strangers_remove(&crowd[i]);
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

static struct stranger *take_weakest(void)
{
    struct stranger *s = strangers_weakest(&all, NULL, 0);
    assert_non_null(s);
    strangers_remove(s);
    strangers_remove(s); /* any number of times */
    return s;
}

static void test_of_one_address_who_said_least_and_is_oldest(void **state)
{
    (void)state;
    assert_null(strangers_weakest(&all, NULL, 0));
    struct stranger *tries = come(home, STRANGER_TRIES), *finished = come(home, STRANGER_FINISHED);
    struct stranger *hello = come(home, STRANGER_HELLO), *newer_hello = come(home, STRANGER_HELLO);
    struct stranger *silent = come(home, STRANGER_NOTHING), *newer = come(home, STRANGER_NOTHING);
    struct stranger *const order[] = {silent, newer, hello, newer_hello, finished, tries};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_ptr_equal(take_weakest(), order[i]);
    assert_null(strangers_weakest(&all, NULL, 0));
}

/* Whatever a flood says, and it has said all that can be said: as long as the flooded address has more than the others,
 * it is one of its own that gives way, and not who has only just come. */
static void flood_of(size_t addresses, uint64_t step, size_t each, size_t give_way)
{
    struct stranger *honest = come(elsewhere, STRANGER_NOTHING);
    for (size_t i = 0; i < each; i++)
        for (size_t a = 0; a < addresses; a++)
            (void)come(home + a * step, STRANGER_TRIES);
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
    struct stranger *honest = come(0xc0000201, STRANGER_NOTHING); /* 192.0.2.1 */
    for (size_t i = 0; i < 250; i++)
        (void)come(0xcb007101 + i, STRANGER_FINISHED); /* each of 203.0.113.0/24 */
    for (size_t i = 0; i < 249; i++)
        assert_ptr_not_equal(take_weakest(), honest);
}

/* Alone in its networks, each weighs the same: of an IPv6 address and an IPv4 address the older gives way. */
static void test_ipv4_beside_ipv6(void **state)
{
    (void)state;
    struct stranger *first = come(0xc0000201, STRANGER_NOTHING), *second = come(elsewhere, STRANGER_NOTHING);
    struct stranger *third = come(0xc6336401, STRANGER_NOTHING);
    assert_ptr_equal(take_weakest(), first);
    assert_ptr_equal(take_weakest(), second);
    assert_ptr_equal(take_weakest(), third);
}

/* A /24 full of addresses, 4 + 3 * 250 each, is more than 107 of one address alone, 7 * 107, and less than 108. */
static void test_what_a_24_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < 250; i++)
        (void)come(0xcb007101 + i, STRANGER_NOTHING);
    for (size_t i = 0; i < 107; i++)
        (void)come(0xc0000201, STRANGER_NOTHING);
    assert_int_equal(strangers_weakest(&all, NULL, 0)->key[4], 0xcb);
    (void)come(0xc0000201, STRANGER_NOTHING);
    assert_int_equal(strangers_weakest(&all, NULL, 0)->key[4], 0xc0);
}

/* Somebody in the network next door to a flood, or in the same one, is not the flood. */
static void test_neighbours(void **state)
{
    (void)state;
    struct stranger *same_56 = come(home + 1, STRANGER_NOTHING), *same_48 = come(home + 0x100, STRANGER_NOTHING);
    for (size_t i = 0; i < 500; i++)
        (void)come(home, STRANGER_FINISHED);
    for (size_t i = 0; i < 498; i++) {
        struct stranger *s = take_weakest();
        assert_ptr_not_equal(s, same_56);
        assert_ptr_not_equal(s, same_48);
    }
}

static void test_inside_a_network(void **state)
{
    (void)state;
    uint8_t key[SOCK_KEY_LEN];
    struct stranger *near[ADDRESS_LEVELS] = {come(home, STRANGER_TRIES), come(home + 1, STRANGER_TRIES),
                                             come(home + 0x100, STRANGER_TRIES)};
    for (size_t i = 0; i < 9; i++)
        (void)come(elsewhere, STRANGER_NOTHING);
    bytes_store_be64(key, home);
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++) {
        struct stranger *s = strangers_weakest(&all, key, level);
        assert_true(s == near[0] || s == near[1] || s == near[2]);
        for (unsigned wider = level + 1; wider < ADDRESS_LEVELS; wider++)
            assert_ptr_not_equal(s, near[wider]);
    }
    bytes_store_be64(key, home + 0x10000);
    assert_null(strangers_weakest(&all, key, ADDRESS_LEVELS - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_of_one_address_who_said_least_and_is_oldest, clear),
        cmocka_unit_test_teardown(test_floods, clear),
        cmocka_unit_test_teardown(test_ipv4, clear),
        cmocka_unit_test_teardown(test_ipv4_beside_ipv6, clear),
        cmocka_unit_test_teardown(test_what_a_24_counts, clear),
        cmocka_unit_test_teardown(test_neighbours, clear),
        cmocka_unit_test_teardown(test_inside_a_network, clear),
    };
    return RUN(tests);
}
