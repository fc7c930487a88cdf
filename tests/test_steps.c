/* SPDX-License-Identifier: MIT */
/* The record of an attack: what is kept of each step, and what of too many. What it looks like on paper is in
 * tests/integration/test_labs.py. */
#include "app/workbench/attacks/steps.h"

#include "tests/test.h"

static void test_a_step(void **state)
{
    (void)state;
    struct steps s;
    uint8_t sent[STEP_BYTES + 36];
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)i;
    steps_init(&s);
    steps_unknown(&s, 3);
    steps_ask(&s, 7, sent, sizeof sent);
    steps_answer(&s, true, NULL, 0);
    steps_know(&s, 1, 0x41);
    assert_false(s.step[0].is_known[1]);
    steps_say(&s, "%d and %s", 1, "2");
    assert_int_equal(s.count, 1);
    const struct step *step = &s.step[0];
    assert_int_equal(step->query, 7);
    assert_int_equal(step->sent.len, sizeof sent);
    assert_memory_equal(step->sent.kept, sent, STEP_BYTES - 16);
    assert_memory_equal(step->sent.kept + STEP_BYTES - 16, sent + sizeof sent - 16, 16);
    assert_int_equal(step->back.len, 0);
    assert_true(step->refused);
    assert_string_equal(step->said, "1 and 2");
    assert_int_equal(step->known_len, 3);
    assert_true(step->is_known[1] && !step->is_known[0] && !step->is_known[2]);
    assert_int_equal(step->known[1], 0x41);
    steps_wipe(&s);
}

/* What is known of one side says nothing of the other; what was known before stays in its step. */
static void test_the_other_side(void **state)
{
    (void)state;
    struct steps s;
    steps_init(&s);
    steps_know_all(&s, "abc", 3);
    steps_think(&s, "one");
    steps_result(&s, "fell");
    steps_turn_to(&s, LAB_REAL);
    steps_think(&s, "two");
    steps_result(&s, "stood");
    assert_int_equal(s.step[0].side, LAB_TWIN);
    assert_int_equal(s.step[0].known_len, 3);
    assert_int_equal(s.step[1].side, LAB_REAL);
    assert_int_equal(s.step[1].known_len, 0);
    assert_string_equal(s.result[LAB_TWIN], "fell");
    assert_string_equal(s.result[LAB_REAL], "stood");
    steps_wipe(&s);
}

/* Words, bytes and steps beyond what is kept: no more of them, and the last one that is kept stays as it was. */
static void test_too_much(void **state)
{
    (void)state;
    struct steps s;
    steps_init(&s);
    steps_think(&s, "%0500d", 1);
    assert_int_equal(strlen(s.step[0].said), STEP_WORDS - 1);
    uint8_t many[STEP_KNOWN + 1] = {0};
    steps_know_all(&s, many, sizeof many);
    assert_int_equal(s.known_len, STEP_KNOWN);
    for (uint64_t n = 1; n <= STEPS_MAX + 9; n++)
        steps_ask(&s, n, (const uint8_t *)"q", 1);
    steps_answer(&s, true, NULL, 0);
    steps_say(&s, "late");
    assert_int_equal(s.count, STEPS_MAX);
    assert_int_equal(s.lost, 10);
    assert_int_equal(s.step[STEPS_MAX - 1].query, STEPS_MAX - 1);
    assert_false(s.step[STEPS_MAX - 1].refused);
    assert_string_equal(s.step[STEPS_MAX - 1].said, "");
    steps_wipe(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_step),
        cmocka_unit_test(test_the_other_side),
        cmocka_unit_test(test_too_much),
    };
    return RUN(tests);
}
