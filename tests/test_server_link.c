/* SPDX-License-Identifier: MIT */
/* app/client/server_link: what is left of a connection that failed. */
#include "app/client/server_link.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/test.h"

/* A server that hangs up at once. */
static void *hang_up(void *listener)
{
    struct sock_peer peer;
    struct pollfd p = {.fd = *(int *)listener, .events = POLLIN};
    if (poll(&p, 1, 10000) == 1)
        close(sock_accept(p.fd, &peer));
    return NULL;
}

/* The random generator that made the private exponent could make it again. */
static void test_failure_leaves_no_generator(void **state)
{
    (void)state;
    struct arguments a = {.suites = {SUITE_AES128}, .suites_len = 1, .groups = {DH_FFDHE2048}, .groups_len = 1};
    struct trust trust = {.rule = TRUST_PIN};
    struct server_link l;
    char why[WHY_LEN];
    assert_int_equal(sock_parse(&a.server, "127.0.0.1:0", "0"), 0);
    int listener = sock_listen(&a.server, why);
    assert_true(listener >= 0);
    snprintf(a.server.port, sizeof a.server.port, "%u", (unsigned)sock_local_port(listener));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, hang_up, &listener), 0);
    assert_int_equal(server_link_open(&l, &a, &trust, NULL, why), -1);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < sizeof l.rng; i++)
        assert_int_equal(((const uint8_t *)&l.rng)[i], 0);
    close(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_failure_leaves_no_generator)};
    return RUN(tests);
}
