/* SPDX-License-Identifier: MIT */
/* What the main thread changes, and the background reads. */
#include "app/client/direct.h"

#include <stdatomic.h>
#include <time.h>

#include "tests/scratch.h"
#include "tests/test.h"

static atomic_bool computed;

static void compute(void *arg, struct rng *rng)
{
    const struct timespec a_while = {.tv_nsec = 50000000};
    (void)arg;
    (void)rng;
    nanosleep(&a_while, NULL);
    atomic_store(&computed, true);
}

/* A handshake in the background writes the certificate into its ServerHello. */
static void test_nobody_computes_with_a_certificate_that_is_changed(void **state)
{
    static struct screen screen;
    static struct direct d;
    const struct certificate carol_s = {.role = CERTIFICATE_USER, .name = "carol"};
    char why[WHY_LEN];
    direct_init(&d, &screen, "alice", "chat.example:7447", NULL, NULL, NULL);
    own_identity_locate(&d.own, scratch_path(state), "chat.example:7447", "alice");
    assert_int_equal(background_begin(&d.background, compute, NULL), 0);
    assert_int_equal(direct_set_certificate(&d, &carol_s, why), -1);
    assert_true(atomic_load(&computed));
    direct_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody_computes_with_a_certificate_that_is_changed, scratch_make,
                                        scratch_remove),
    };
    return RUN(tests);
}
