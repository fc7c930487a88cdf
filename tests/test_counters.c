/* SPDX-License-Identifier: MIT */
/* app/server/base/counters: ends by their causes, however many there are. (What counts where is seen from outside, by
 * tests/integration/test_ops_status.py.) */
#include "app/server/base/counters.h"

#include <stdio.h>

#include "tests/test.h"

static void test_causes_are_counted_by_their_words(void **state)
{
    (void)state;
    struct counters counters = {0};
    char same[] = "slow", also[] = "slow";
    counters_ended(&counters, same);
    counters_ended(&counters, "gone");
    counters_ended(&counters, also);
    assert_string_equal(counters.ends[0].cause, "slow");
    assert_int_equal(counters.ends[0].connections, 2);
    assert_string_equal(counters.ends[1].cause, "gone");
    assert_int_equal(counters.ends[1].connections, 1);
    assert_null(counters.ends[2].cause);
    assert_int_equal(counters.ended, 3);
}

static void test_more_causes_than_there_is_room_for(void **state)
{
    (void)state;
    struct counters counters = {0};
    static char causes[COUNTERS_CAUSES + 5][12];
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < COUNTERS_CAUSES + 5; i++) {
            snprintf(causes[i], sizeof causes[i], "cause %zu", i);
            counters_ended(&counters, causes[i]);
        }
    for (size_t i = 0; i < COUNTERS_CAUSES - 1; i++) {
        assert_string_equal(counters.ends[i].cause, causes[i]);
        assert_int_equal(counters.ends[i].connections, 2);
    }
    assert_string_equal(counters.ends[COUNTERS_CAUSES - 1].cause, "others");
    assert_int_equal(counters.ends[COUNTERS_CAUSES - 1].connections, 2 * 6);
    assert_int_equal(counters.ended, 2 * (COUNTERS_CAUSES + 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes_are_counted_by_their_words),
        cmocka_unit_test(test_more_causes_than_there_is_room_for),
    };
    return RUN(tests);
}
