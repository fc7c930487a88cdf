/* SPDX-License-Identifier: MIT */
/* app/server/base/errno_advice: the cause comes first, and each known one is followed by something to do. */
#include "app/server/base/errno_advice.h"

#include <errno.h>

#include "tests/test.h"

static void test_a_cause_and_what_to_do(void **state)
{
    static const struct {
        int why;
        const char *what;
    } known[] = {
        {ENOSPC, "room on the disk"}, {EFBIG, "ulimit -f"},  {EMFILE, "ulimit -n"},
        {EAGAIN, "ulimit -u"},        {ENOMEM, "ulimit -v"}, {EROFS, "for writing"},
    };
    char text[ERRNO_ADVICE_LEN];
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t cause = strlen(strerror(known[i].why));
        errno_advice_print(text, known[i].why);
        assert_memory_equal(text, strerror(known[i].why), cause);
        assert_memory_equal(text + cause, "; ", 2);
        assert_non_null(strstr(text + cause, known[i].what));
    }
}

static void test_another_cause_is_named_alone(void **state)
{
    char text[ERRNO_ADVICE_LEN];
    (void)state;
    errno_advice_print(text, ELOOP);
    assert_string_equal(text, strerror(ELOOP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cause_and_what_to_do),
        cmocka_unit_test(test_another_cause_is_named_alone),
    };
    return RUN(tests);
}
