/* SPDX-License-Identifier: MIT */
/* app/server/base/ratelimit_sources: how often an address, and the networks around it, may fail and register. */
#include "app/server/base/ratelimit_sources.h"

#include "tests/test.h"

#define NOW INT64_C(100000)
#define FREE 5

static struct ratelimit *fresh(void)
{
    struct rng rng;
    rng_init(&rng);
    struct ratelimit *t = ratelimit_new(10000, &rng);
    rng_wipe(&rng);
    assert_non_null(t);
    return t;
}

static uint32_t wait_of(const struct ratelimit *t, const uint8_t address[SOCK_KEY_LEN])
{
    return ratelimit_sources_wait(t, address, FREE, NOW);
}

/* Fails as often as this address is allowed to; returns how often. */
static unsigned use_up(struct ratelimit *t, const uint8_t address[SOCK_KEY_LEN])
{
    unsigned n = 0;
    for (; wait_of(t, address) == 0; n++)
        ratelimit_sources_add(t, RATELIMIT_ADDRESSES, address, NOW);
    return n;
}

static const uint8_t *ipv6(uint8_t site, uint8_t home, uint8_t net)
{
    static uint8_t address[SOCK_KEY_LEN];
    memcpy(address, (const uint8_t[]){0x20, 0x01, 0x0d, 0xb8, 0, site, home, net}, SOCK_KEY_LEN);
    return address;
}

static const uint8_t *ipv4(uint8_t network, uint8_t host)
{
    static uint8_t address[SOCK_KEY_LEN];
    memcpy(address, (const uint8_t[]){0, 0, 0, 0, 10, 1, network, host}, SOCK_KEY_LEN);
    return address;
}

static void test_an_address_slows_down_nobody_else(void **state)
{
    (void)state;
    struct ratelimit *t = fresh();
    assert_int_equal(use_up(t, ipv6(1, 1, 1)), FREE);
    assert_int_equal(use_up(t, ipv6(1, 1, 1)), 0);
    assert_int_equal(wait_of(t, ipv6(1, 1, 2)), 0);
    assert_int_equal(use_up(t, ipv4(1, 1)), FREE);
    assert_int_equal(wait_of(t, ipv4(1, 2)), 0);
    ratelimit_free(t);
}

/* An address that was counted under its own key keeps its count. */
static void test_what_was_counted_before_goes_on(void **state)
{
    (void)state;
    struct ratelimit *t = fresh();
    struct ratelimit_key key = ratelimit_key(t, RATELIMIT_ADDRESSES, ipv4(1, 1), SOCK_KEY_LEN);
    for (int i = 0; i < FREE; i++)
        ratelimit_add(t, &key, NOW);
    assert_int_equal(wait_of(t, ipv4(1, 1)), 1);
    ratelimit_free(t);
}

static void test_a_home(void **state)
{
    (void)state;
    struct ratelimit *t = fresh();
    unsigned n = 0;
    for (unsigned net = 0; net < 256; net++)
        n += use_up(t, ipv6(1, 0, (uint8_t)net)); /* the first of its site, which is another network all the same */
    assert_int_equal(n, 4 * FREE);
    assert_int_equal(wait_of(t, ipv6(1, 1, 0)), 0); /* its neighbour */
    ratelimit_free(t);
}

static void test_a_site(void **state)
{
    (void)state;
    struct ratelimit *t = fresh();
    unsigned n = 0;
    for (unsigned i = 0; i < 65536; i += 64)
        n += use_up(t, ipv6(1, (uint8_t)(i >> 8), (uint8_t)i));
    assert_int_equal(n, 16 * FREE);
    assert_int_equal(wait_of(t, ipv6(2, 0, 0)), 0);
    ratelimit_free(t);
}

static void test_a_network_of_ipv4(void **state)
{
    (void)state;
    struct ratelimit *t = fresh();
    unsigned n = 0;
    for (unsigned host = 0; host < 256; host++)
        n += use_up(t, ipv4(1, (uint8_t)host));
    assert_int_equal(n, 16 * FREE);
    assert_int_equal(wait_of(t, ipv4(2, 1)), 0);
    ratelimit_free(t);
}

/* Registers as often as this address is allowed to; returns how often. */
static unsigned register_all(struct ratelimit *t, const uint8_t address[SOCK_KEY_LEN])
{
    unsigned n = 0;
    for (; !ratelimit_sources_reached(t, RATELIMIT_REGISTRATIONS, address, FREE, NOW); n++)
        ratelimit_sources_add(t, RATELIMIT_REGISTRATIONS, address, NOW);
    return n;
}

static void test_registrations(void **state)
{
    (void)state;
    struct ratelimit *t = fresh();
    unsigned home = 0, site = 0, network = 0;
    assert_int_equal(register_all(t, ipv6(1, 1, 1)), FREE);
    for (unsigned net = 0; net < 256; net++)
        home += register_all(t, ipv6(1, 1, (uint8_t)net));
    assert_int_equal(home, 3 * FREE);
    for (unsigned i = 0; i < 65536; i += 64)
        site += register_all(t, ipv6(1, (uint8_t)(i >> 8), (uint8_t)i));
    assert_int_equal(site, 12 * FREE);
    for (unsigned host = 0; host < 256; host++)
        network += register_all(t, ipv4(1, (uint8_t)host));
    assert_int_equal(network, 16 * FREE);
    assert_int_equal(wait_of(t, ipv4(1, 1)), 0); /* no failures */
    assert_int_equal(register_all(t, ipv6(2, 0, 0)), FREE);
    ratelimit_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_address_slows_down_nobody_else),
        cmocka_unit_test(test_what_was_counted_before_goes_on),
        cmocka_unit_test(test_a_home),
        cmocka_unit_test(test_a_site),
        cmocka_unit_test(test_a_network_of_ipv4),
        cmocka_unit_test(test_registrations),
    };
    return RUN(tests);
}
