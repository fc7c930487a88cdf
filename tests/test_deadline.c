/* SPDX-License-Identifier: MIT */
/* Deadlines: first in, first out, and any of them taken out or moved. */
#include "app/server/base/deadline.h"

#include "tests/test.h"

static void test_order(void **state)
{
    (void)state;
    struct deadline_queue q;
    struct deadline d[4] = {0};
    deadline_queue_init(&q, 100);
    assert_int_equal(deadline_wait(&q, 0, -1), -1);
    assert_int_equal(deadline_wait(&q, 0, 7), 7);
    for (int i = 0; i < 4; i++)
        deadline_set(&q, &d[i], i);
    assert_int_equal(deadline_wait(&q, 3, -1), 97);
    assert_int_equal(deadline_wait(&q, 3, 50), 50);
    assert_int_equal(deadline_wait(&q, 500, 50), 0);
    assert_null(deadline_expired(&q, 99));
    assert_ptr_equal(deadline_expired(&q, 100), &d[0]);
    assert_null(deadline_expired(&q, 100));
    deadline_set(&q, &d[1], 100); /* anew: now the last */
    deadline_cancel(&d[2]);
    deadline_cancel(&d[2]);
    assert_ptr_equal(deadline_expired(&q, 1000), &d[3]);
    assert_ptr_equal(deadline_expired(&q, 1000), &d[1]);
    assert_null(deadline_expired(&q, 1000));
}

static void test_moves_between_queues(void **state)
{
    (void)state;
    struct deadline_queue a, b;
    struct deadline d[3] = {0};
    deadline_queue_init(&a, 10);
    deadline_queue_init(&b, 20);
    for (int i = 0; i < 3; i++)
        deadline_set(&a, &d[i], 0);
    deadline_set(&b, &d[1], 0); /* from the middle */
    deadline_set(&b, &d[2], 0); /* from the end */
    deadline_set(&b, &d[0], 0); /* the only one */
    assert_null(deadline_expired(&a, 1000));
    assert_ptr_equal(deadline_expired(&b, 20), &d[1]);
    assert_ptr_equal(deadline_expired(&b, 20), &d[2]);
    deadline_cancel(&d[0]);
    assert_null(deadline_expired(&b, 1000));
    deadline_set(&a, &d[0], 5);
    assert_ptr_equal(deadline_expired(&a, 15), &d[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order), cmocka_unit_test(test_moves_between_queues)};
    return RUN(tests);
}
