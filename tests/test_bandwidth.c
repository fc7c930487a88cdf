/* SPDX-License-Identifier: MIT */
/* app/server/bandwidth: how much a budget lets through, and who goes next where many wait. */
#include "app/server/bandwidth.h"

#include "tests/test.h"

enum { RATE = 10000, TEXT = 2000 - BANDWIDTH_AROUND }; /* five texts a second */

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
    /* ten seconds' worth, what may come at once, and the one that goes over */
    assert_int_equal(taken, 10 * RATE + 4 * RATE + 2000);
    assert_true(budget_open(&b, 60200000));
    budget_take(&b, RATE, 2000, 200000000); /* a long silence saves nothing up */
    assert_int_equal(b.paid_at, 200200000);
}

static const uint8_t *address(uint8_t n)
{
    static uint8_t key[SOCK_KEY_LEN];
    memset(key, n, sizeof key);
    return key;
}

/* Seats that have been there for as long as the room has. */
static void sit_down(struct bandwidth *f, struct bandwidth_seat seats[], size_t n, uint8_t from)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(bandwidth_join(f, &seats[i], address(from)), 0);
        seats[i].share = seats[i].party->share = 0;
    }
}

static void leave_all(struct bandwidth *f, struct bandwidth_seat seats[], size_t n)
{
    while (f->first != NULL) {
        struct speech *speech = f->first->first;
        bandwidth_withdraw(speech);
        free(speech);
    }
    for (size_t i = 0; i < n; i++)
        bandwidth_leave(&seats[i]);
}

/* Says all that may be said, and counts it by owner. */
static void hear(struct bandwidth *f, int64_t now, size_t said[], struct bandwidth_seat seats[])
{
    struct speech *speech;
    while ((speech = bandwidth_next(f, RATE, now)) != NULL) {
        size_t *owner = speech->owner;
        said[*owner]++;
        bandwidth_wait(f, &seats[*owner], speech); /* the next one is ready at once */
    }
}

/* All of them want to say more than they may, from a time at which the room has said all that it may. */
static void never_stop(struct bandwidth *f, size_t owners[], size_t said[], struct bandwidth_seat seats[], size_t n)
{
    f->budget.paid_at = 100000000;
    for (size_t i = 0; i < n; i++) {
        owners[i] = i;
        bandwidth_wait(f, &seats[i], speech_of(&owners[i]));
    }
    for (int64_t now = 90000000; now <= 130000000; now += 20000)
        hear(f, now, said, seats);
}

static void test_those_who_never_stop_get_the_same(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    struct bandwidth_seat seats[4];
    size_t said[4] = {0}, owners[4];
    sit_down(&f, seats, 4, 1);
    never_stop(&f, owners, said, seats, 4);
    for (size_t i = 0; i < 4; i++)
        assert_in_range(said[i], 42, 43); /* 34 seconds, 5 texts in each */
    leave_all(&f, seats, 4);
    assert_null(f.parties);
}

/* At one address or at many. */
static void test_few_of_an_address_get_the_same_as_others(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    struct bandwidth_seat seats[4];
    size_t said[4] = {0}, owners[4];
    sit_down(&f, seats, 3, 1);
    sit_down(&f, seats + 3, 1, 2);
    never_stop(&f, owners, said, seats, 4);
    for (size_t i = 0; i < 4; i++)
        assert_in_range(said[i], 41, 44);
    leave_all(&f, seats, 4);
}

/* However many accounts an address has. */
static void test_an_address_has_the_part_of_sixteen(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    static struct bandwidth_seat seats[301];
    static size_t said[301], owners[301];
    size_t all = 0;
    sit_down(&f, seats, 300, 1);
    sit_down(&f, seats + 300, 1, 2);
    never_stop(&f, owners, said, seats, 301);
    for (size_t i = 0; i < 300; i++) {
        assert_in_range(said[i], 0, 1);
        all += said[i];
    }
    assert_in_range(said[300], all / BANDWIDTH_PARTS, all / BANDWIDTH_PARTS + 1);
    leave_all(&f, seats, 301);
}

static size_t speaks_after(const struct bandwidth *f, const struct speech *speech)
{
    size_t n = 0;
    for (const struct bandwidth_party *p = f->first; p != speech->party; p = p->next_waiting)
        n++;
    for (const struct speech *s = speech->party->first; s != speech; s = s->next)
        n++;
    return n;
}

/* A member who said little is next, however many wait; one who leaves and joins again to be next is not. */
static void test_the_one_who_said_least_is_next(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    struct bandwidth_seat seats[22];
    size_t said[22] = {0}, owners[22];
    sit_down(&f, seats, 22, 1);
    never_stop(&f, owners, said, seats, 20);
    bandwidth_leave(&seats[21]);
    assert_int_equal(bandwidth_join(&f, &seats[21], address(1)), 0);
    struct speech *late = speech_of(&owners[21]), *waiting = speech_of(&owners[20]);
    bandwidth_wait(&f, &seats[21], late);
    bandwidth_wait(&f, &seats[20], waiting);
    assert_true(speaks_after(&f, waiting) < 20);
    assert_true(waiting->start == f.first->clock);
    assert_true(speaks_after(&f, late) >= 20);
    leave_all(&f, seats, 22);
}

/* The same for addresses: 20 members, each at an address of its own. */
static void test_which_address_said_least_is_next(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    struct bandwidth_seat seats[22];
    size_t said[22] = {0}, owners[22];
    for (uint8_t i = 0; i < 22; i++)
        sit_down(&f, seats + i, 1, i);
    never_stop(&f, owners, said, seats, 20);
    bandwidth_leave(&seats[21]);
    assert_int_equal(bandwidth_join(&f, &seats[21], address(21)), 0);
    struct speech *late = speech_of(&owners[21]), *waiting = speech_of(&owners[20]);
    bandwidth_wait(&f, &seats[21], late);
    bandwidth_wait(&f, &seats[20], waiting);
    assert_true(waiting->party->start == f.clock);
    assert_true(speaks_after(&f, waiting) < 20);
    assert_true(speaks_after(&f, late) >= 20);
    leave_all(&f, seats, 22);
}

/* Hundreds who have said nothing yet ask all at once, and then one at another address. */
static void test_nobody_waits_for_a_round_of_one_address(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    static struct bandwidth_seat seats[301];
    size_t owner = 0;
    sit_down(&f, seats, 300, 1);
    sit_down(&f, seats + 300, 1, 2);
    f.budget.paid_at = 100000000;
    for (size_t i = 0; i < 300; i++)
        bandwidth_wait(&f, &seats[i], speech_of(&owner));
    struct speech *waiting = speech_of(&owner);
    bandwidth_wait(&f, &seats[300], waiting);
    free(bandwidth_next(&f, RATE, 110000000));
    assert_ptr_equal(bandwidth_next(&f, RATE, 120000000), waiting);
    free(waiting);
    leave_all(&f, seats, 301);
}

static void test_nobody_goes_before_those_who_wait(void **state)
{
    (void)state;
    struct bandwidth f = {0};
    struct bandwidth_seat seats[3];
    size_t owner = 0;
    for (uint8_t i = 0; i < 3; i++)
        sit_down(&f, seats + i, 1, i);
    for (size_t i = 0; i < 21; i++)
        assert_true(bandwidth_take(&f, &seats[0], 2000, RATE, 10000000));
    assert_false(bandwidth_take(&f, &seats[1], 2000, RATE, 10000000));
    struct speech *first = speech_of(&owner), *second = speech_of(&owner);
    bandwidth_wait(&f, &seats[1], first);
    bandwidth_wait(&f, &seats[0], second);
    assert_false(bandwidth_take(&f, &seats[2], 2000, RATE, 90000000)); /* there is room, and others wait */
    assert_ptr_equal(bandwidth_next(&f, RATE, 90000000), first);
    bandwidth_withdraw(second);
    assert_null(bandwidth_next(&f, RATE, 90000000));
    assert_true(bandwidth_take(&f, &seats[2], 2000, RATE, 90000000));
    free(first);
    free(second);
    leave_all(&f, seats, 3);
}

/* First, last, in the middle, of one address and of many: the rest go on in their order. */
static void test_one_who_withdraws(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone < 64; gone++) {
        struct bandwidth f = {0};
        struct bandwidth_seat seats[6];
        struct speech *speeches[6], *next;
        size_t owners[6] = {0, 1, 2, 3, 4, 5}, left = 0;
        for (uint8_t i = 0; i < 6; i++)
            sit_down(&f, seats + i, 1, i / 2);
        f.budget.paid_at = 100000000;
        for (size_t i = 0; i < 6; i++)
            bandwidth_wait(&f, &seats[i], speeches[i] = speech_of(&owners[i]));
        for (size_t i = 0; i < 6; i++)
            if (gone >> i & 1) {
                bandwidth_withdraw(speeches[i]);
                free(speeches[i]);
            } else {
                left++;
            }
        while ((next = bandwidth_next(&f, RATE, INT64_C(1000000000) * (int64_t)(10 - left))) != NULL) {
            assert_false(gone >> *(size_t *)next->owner & 1);
            left--;
            free(next);
        }
        assert_int_equal(left, 0);
        leave_all(&f, seats, 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_budget),
        cmocka_unit_test(test_those_who_never_stop_get_the_same),
        cmocka_unit_test(test_few_of_an_address_get_the_same_as_others),
        cmocka_unit_test(test_an_address_has_the_part_of_sixteen),
        cmocka_unit_test(test_the_one_who_said_least_is_next),
        cmocka_unit_test(test_which_address_said_least_is_next),
        cmocka_unit_test(test_nobody_waits_for_a_round_of_one_address),
        cmocka_unit_test(test_nobody_goes_before_those_who_wait),
        cmocka_unit_test(test_one_who_withdraws),
    };
    return RUN(tests);
}
