/* SPDX-License-Identifier: MIT */
/* app/server/status: ends by their causes, however many there are. (What counts where is seen from outside, by
 * tests/integration/test_ops.py.) */
#include "app/server/status.h"

#include <stdio.h>

#include "tests/test.h"

static void test_causes_are_counted_by_their_words(void **state)
{
    (void)state;
    struct status status = {0};
    char same[] = "slow", also[] = "slow";
    status_ended(&status, same);
    status_ended(&status, "gone");
    status_ended(&status, also);
    assert_string_equal(status.ends[0].cause, "slow");
    assert_int_equal(status.ends[0].connections, 2);
    assert_string_equal(status.ends[1].cause, "gone");
    assert_int_equal(status.ends[1].connections, 1);
    assert_null(status.ends[2].cause);
    assert_int_equal(status.ended, 3);
}

static void test_more_causes_than_there_is_room_for(void **state)
{
    (void)state;
    struct status status = {0};
    static char causes[STATUS_CAUSES + 5][12];
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < STATUS_CAUSES + 5; i++) {
            snprintf(causes[i], sizeof causes[i], "cause %zu", i);
            status_ended(&status, causes[i]);
        }
    for (size_t i = 0; i < STATUS_CAUSES - 1; i++) {
        assert_string_equal(status.ends[i].cause, causes[i]);
        assert_int_equal(status.ends[i].connections, 2);
    }
    assert_string_equal(status.ends[STATUS_CAUSES - 1].cause, "others");
    assert_int_equal(status.ends[STATUS_CAUSES - 1].connections, 2 * 6);
    assert_int_equal(status.ended, 2 * (STATUS_CAUSES + 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes_are_counted_by_their_words),
        cmocka_unit_test(test_more_causes_than_there_is_room_for),
    };
    return RUN(tests);
}
