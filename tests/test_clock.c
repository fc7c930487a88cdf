/* SPDX-License-Identifier: MIT */
/* app/server/base/clock: a clock that somebody has set to before 1970. */
#include "app/server/base/clock.h"

#include <time.h>

#include "tests/test.h"

static time_t now;

/* Takes the place of the system's: the program's own comes first when it is linked. */
time_t time(time_t *out)
{
    if (out != NULL)
        *out = now;
    return now;
}

static void test_no_number_below_zero(void **state)
{
    (void)state;
    for (now = -400000000; now <= 0; now += 80000000) {
        assert_false(clock_is_set());
        assert_int_equal(clock_now(), 0);
    }
    now = 1;
    assert_true(clock_is_set());
    assert_int_equal(clock_now(), 1);
    now = 1795254190;
    assert_true(clock_is_set());
    assert_int_equal(clock_now(), 1795254190);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_number_below_zero)};
    return RUN(tests);
}
