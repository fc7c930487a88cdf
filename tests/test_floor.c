/* app/server/floor: what a budget lets through in a time, and who goes next where many wait. */
#include "app/server/floor.h"

#include "tests/test.h"

enum { RATE = 10000, TEXT = 2000 - FLOOR_AROUND }; /* five texts a second */

static struct speech *speech_of(void *owner)
{
    struct speech *speech = calloc(1, sizeof *speech);
    assert_non_null(speech);
    speech->owner = owner;
    speech->len = TEXT;
    return speech;
}

static void test_a_budget(void **state)
{
    (void)state;
    struct budget b = {0};
    size_t taken = 0;
    for (int64_t now = 50000000; now <= 60000000; now += 1000)
        while (budget_open(&b, now)) {
            budget_take(&b, RATE, 2000, now);
            taken += 2000;
        }
    /* ten seconds, what may come at once, and the one that goes over */
    assert_int_equal(taken, 10 * RATE + 4 * RATE + 2000);
    assert_true(budget_open(&b, 60200000));
    budget_take(&b, RATE, 2000, 200000000); /* what was not used for long is not saved up */
    assert_int_equal(b.paid_at, 200200000);
}

/* Says all that may be said, and counts it by owner. */
static void hear(struct floor *f, int64_t now, size_t said[], uint64_t shares[])
{
    struct speech *speech;
    while ((speech = floor_next(f, RATE, now)) != NULL) {
        size_t *owner = speech->owner;
        said[*owner]++;
        floor_wait(f, &shares[*owner], speech); /* it has the next ready at once */
    }
}

static void forget_all(struct floor *f)
{
    while (f->first != NULL) {
        struct speech *speech = f->first;
        floor_withdraw(speech);
        free(speech);
    }
}

static void test_those_who_never_stop_get_the_same(void **state)
{
    (void)state;
    struct floor f = {0};
    size_t said[4] = {0}, owners[4] = {0, 1, 2, 3};
    uint64_t shares[4] = {0};
    f.budget.paid_at = 100000000;
    for (size_t i = 0; i < 4; i++)
        floor_wait(&f, &shares[i], speech_of(&owners[i]));
    for (int64_t now = 90000000; now <= 130000000; now += 20000)
        hear(&f, now, said, shares);
    for (size_t i = 0; i < 4; i++)
        assert_in_range(said[i], 42, 43); /* 34 seconds of 5 */
    forget_all(&f);
}

/* Whoever said little is next, however many wait; whoever leaves and joins to be that isn't. */
static void test_who_said_least_is_next(void **state)
{
    (void)state;
    struct floor f = {0};
    size_t said[20] = {0}, owners[20];
    uint64_t shares[20] = {0}, honest = 0, newcomer;
    f.budget.paid_at = 100000000;
    for (size_t i = 0; i < 20; i++) {
        owners[i] = i;
        floor_wait(&f, &shares[i], speech_of(&owners[i]));
    }
    for (int64_t now = 90000000; now <= 120000000; now += 20000)
        hear(&f, now, said, shares);
    struct speech *late = speech_of(&newcomer), *his = speech_of(&honest);
    newcomer = floor_newcomer(&f);
    floor_wait(&f, &newcomer, late);
    floor_wait(&f, &honest, his);
    size_t before_his = 0, before_late = 0;
    for (const struct speech *s = f.first; s != his; s = s->next)
        before_his++;
    for (const struct speech *s = f.first; s != late; s = s->next)
        before_late++;
    assert_true(before_his < 20);
    assert_true(his->start == f.clock);
    assert_true(before_late >= 20);
    forget_all(&f);
}

static void test_nobody_goes_before_those_who_wait(void **state)
{
    (void)state;
    struct floor f = {0};
    uint64_t shares[3] = {0};
    size_t owner = 0;
    for (size_t i = 0; i < 21; i++)
        assert_true(floor_take(&f, &shares[0], 2000, RATE, 10000000));
    assert_false(floor_take(&f, &shares[1], 2000, RATE, 10000000));
    struct speech *first = speech_of(&owner), *second = speech_of(&owner);
    floor_wait(&f, &shares[1], first);
    floor_wait(&f, &shares[0], second);
    assert_false(floor_take(&f, &shares[2], 2000, RATE, 90000000)); /* there is room, and others wait */
    assert_ptr_equal(floor_next(&f, RATE, 90000000), first);
    floor_withdraw(second);
    assert_null(floor_next(&f, RATE, 90000000));
    assert_true(floor_take(&f, &shares[2], 2000, RATE, 90000000));
    free(first);
    free(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_budget),
        cmocka_unit_test(test_those_who_never_stop_get_the_same),
        cmocka_unit_test(test_who_said_least_is_next),
        cmocka_unit_test(test_nobody_goes_before_those_who_wait),
    };
    return RUN(tests);
}
