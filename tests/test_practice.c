/* SPDX-License-Identifier: MIT */
/* What practice does next, with saves, keys, results and the clock played to it. On a terminal, with the grader and
 * real files: tests/integration/test_practice.py. */
#include "app/workbench/practice/practice.h"

#include <string.h>

#include "tests/test.h"

static const struct check checks[] = {{"the first", 1, NULL}, {"the second", 2, NULL}, {NULL, 0, NULL}};
static const struct exercise one = {.number = "01", .stem = "one", .files = {"shared.c"}, .checks = checks};
static const struct exercise two = {
    .number = "02", .stem = "two", .files = {"shared.c"}, .needs = {"one"}, .checks = checks};
static const struct exercise three = {
    .number = "03", .stem = "three", .files = {"three.c"}, .needs = {"one", "two"}, .checks = checks};
static const struct exercise *const list[] = {&one, &two, &three, NULL};

static uint8_t digests[GRADE_EXERCISES_MAX][SHA256_DIGEST_LEN];

/* A machine at its start: these marks, nothing passed. */
static struct practice begun(uint64_t a, uint64_t b, uint64_t c)
{
    struct practice p;
    practice_init(&p, list);
    practice_begin(&p, (uint64_t[]){a, b, c}, p.count, 1000);
    return p;
}

static void look(struct practice *p, uint64_t a, uint64_t b, uint64_t c, int64_t now)
{
    practice_look(p, (uint64_t[]){a, b, c}, now);
}

/* What would be graded: a letter for each exercise. */
static const char *listed(const struct practice *p)
{
    static char text[GRADE_EXERCISES_MAX + 1];
    const struct exercise *graded[GRADE_EXERCISES_MAX + 1];
    size_t n = practice_list(p, graded);
    for (size_t i = 0; i < n; i++)
        text[i] = graded[i]->number[1];
    text[n] = '\0';
    return text;
}

/* A result with one letter for each exercise that is graded: p passed, 1 or 2 the check that failed, b does not build,
 * m missing, n not graded. */
static enum practice_act graded(struct practice *p, const char *letters, int64_t now)
{
    static struct grade_result r;
    const struct exercise *these[GRADE_EXERCISES_MAX + 1];
    r = (struct grade_result){.exercises = practice_list(p, these)};
    assert_int_equal(r.exercises, strlen(letters));
    for (size_t i = 0; i < r.exercises; i++) {
        struct grade_exercise *x = &r.exercise[i];
        *x = (struct grade_exercise){.exercise = these[i], .checks = 2, .passed = letters[i] == 'p'};
        x->state = letters[i] == 'b'   ? GRADE_WRONG
                   : letters[i] == 'm' ? GRADE_MISSING
                   : letters[i] == 'n' ? GRADE_NOT_GRADED
                                       : GRADE_DONE;
        if (letters[i] == '1' || letters[i] == '2')
            x->check[letters[i] - '1'].verdict = CHECK_FAILED;
    }
    return practice_graded(p, &r, digests, now);
}

static void test_begins_where_nothing_is_passed(void **state)
{
    (void)state;
    struct practice p = begun(0, 0, 0);
    assert_int_equal(p.at, 0);
    assert_int_equal(practice_tick(&p, 1000000), PRACTICE_WAIT);
    p = begun(5, 5, 0);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_GRADE);
    assert_string_equal(listed(&p), "1");
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_WAIT);
}

/* Each step of a save moves the moment on; only after the last one comes the grader. */
static void test_a_save_settles(void **state)
{
    (void)state;
    struct practice p = begun(0, 0, 0);
    look(&p, 1, 1, 0, 2000);
    assert_int_equal(practice_left(&p, 2000, 1000), PRACTICE_SETTLE_MS);
    assert_int_equal(practice_left(&p, 2000, 50), 50);
    assert_int_equal(practice_tick(&p, 2199), PRACTICE_WAIT);
    look(&p, 0, 0, 0, 2199); /* renamed away */
    look(&p, 2, 2, 0, 2250);
    assert_int_equal(practice_tick(&p, 2449), PRACTICE_WAIT);
    look(&p, 2, 2, 0, 2450);
    assert_int_equal(practice_tick(&p, 2450), PRACTICE_GRADE);
    assert_int_equal(practice_left(&p, 2450, 1000), 1000);
    assert_int_equal(practice_left(&(struct practice){.due = 5}, 9, 1000), 0);
}

/* A file that stays away is told of, and then there are no hints for what it was. */
static void test_a_file_that_goes(void **state)
{
    (void)state;
    struct practice p = begun(1, 1, 0);
    (void)practice_tick(&p, 1000);
    (void)graded(&p, "1", 1000);
    look(&p, 0, 0, 0, 2000);
    assert_int_equal(practice_tick(&p, 2200), PRACTICE_MISSING);
    assert_int_equal(practice_key(&p, 'h', 2200), PRACTICE_HINT);
    assert_int_equal(p.hint, 0);
    assert_int_equal(practice_key(&p, 's', 2200), PRACTICE_TAKE);
    look(&p, 3, 3, 0, 3000);
    assert_int_equal(practice_tick(&p, 3200), PRACTICE_GRADE);
    assert_int_equal(practice_key(&p, 's', 3200), PRACTICE_WAIT);
}

static void test_another_file_is_no_matter(void **state)
{
    (void)state;
    struct practice p = begun(0, 0, 0);
    look(&p, 0, 0, 7, 2000);
    assert_int_equal(practice_tick(&p, 9000), PRACTICE_WAIT);
}

static void test_passing_goes_on(void **state)
{
    (void)state;
    struct practice p = begun(1, 1, 0);
    (void)practice_tick(&p, 1000);
    digests[0][0] = 7;
    assert_int_equal(graded(&p, "p", 1000), PRACTICE_GO);
    assert_true(p.work[0].passed);
    assert_int_equal(p.work[0].digest[0], 7);
    assert_int_equal(p.at, 1);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_GRADE); /* its file is there already */
    assert_string_equal(listed(&p), "2");
    assert_int_equal(graded(&p, "p", 1000), PRACTICE_GO);
    assert_int_equal(p.at, 2);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_WAIT);
    look(&p, 1, 1, 1, 2000);
    assert_int_equal(practice_tick(&p, 2200), PRACTICE_GRADE);
    assert_int_equal(graded(&p, "p", 2200), PRACTICE_GO);
    assert_int_equal(p.at, p.count);
    assert_int_equal(practice_tick(&p, 99999), PRACTICE_WAIT);
}

/* Whoever goes to an exercise by a key stays there, whether what it stands on works or not, and if it is passed. */
static void test_going_there_oneself(void **state)
{
    (void)state;
    struct practice p = begun(1, 1, 1);
    (void)practice_tick(&p, 1000);
    (void)graded(&p, "p", 1000);
    assert_int_equal(practice_key(&p, 'n', 1000), PRACTICE_GO);
    assert_int_equal(p.at, 2);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_GRADE);
    const char *letters = strlen(listed(&p)) == 2 ? "11" : "1";
    assert_int_equal(graded(&p, letters, 1000), PRACTICE_WAIT);
    assert_int_equal(p.at, 2);
    (void)practice_key(&p, 'p', 1000);
    (void)practice_key(&p, 'p', 1000);
    assert_int_equal(p.at, 0);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_GRADE);
    assert_int_equal(graded(&p, "p", 1000), PRACTICE_WAIT);
    assert_int_equal(p.at, 0);
}

/* What changed while it was graded is not what was graded. */
static void test_changed_while_graded(void **state)
{
    (void)state;
    struct practice p = begun(1, 1, 0);
    struct grade_result r = {.exercises = 1, .exercise = {{.exercise = &one, .passed = true}}};
    (void)practice_tick(&p, 1000);
    assert_int_equal(practice_graded(&p, &r, NULL, 1000), PRACTICE_WAIT);
    assert_false(p.work[0].passed);
    assert_int_equal(p.at, 0);
}

static void test_three_hints(void **state)
{
    (void)state;
    struct practice p = begun(1, 1, 0);
    assert_int_equal(practice_key(&p, 'h', 1000), PRACTICE_HINT);
    assert_int_equal(p.hint, 0);
    (void)practice_tick(&p, 1000);
    assert_int_equal(graded(&p, "2", 1000), PRACTICE_WAIT);
    for (unsigned i = 1; i <= PRACTICE_HINTS; i++) {
        assert_int_equal(practice_key(&p, 'h', 1000), PRACTICE_HINT);
        assert_int_equal(p.hint, i);
        (void)graded(&p, "2", 1000); /* the same again: the hints go on */
    }
    assert_int_equal(practice_key(&p, 'h', 1000), PRACTICE_NO_HINT);
    assert_int_equal(p.work[0].hints, PRACTICE_HINTS);
    (void)graded(&p, "1", 1000); /* another failure: from the first */
    assert_int_equal(practice_key(&p, 'h', 1000), PRACTICE_HINT);
    assert_int_equal(p.hint, 1);
    assert_int_equal(p.work[0].hints, PRACTICE_HINTS + 1);
}

/* What was passed and has changed is graded with the rest; broken, it is where one is again. */
static void test_passed_work_that_changed(void **state)
{
    (void)state;
    struct practice p = begun(1, 1, 0);
    (void)graded(&p, "p", 1000);
    assert_int_equal(p.at, 1);
    look(&p, 2, 2, 0, 2000);
    assert_int_equal(practice_tick(&p, 2200), PRACTICE_GRADE);
    assert_string_equal(listed(&p), "12");
    assert_int_equal(graded(&p, "p1", 2200), PRACTICE_WAIT);
    assert_int_equal(p.at, 1);
    assert_false(p.work[0].stale);
    look(&p, 3, 3, 0, 3000);
    (void)practice_tick(&p, 3200);
    assert_int_equal(graded(&p, "11", 3200), PRACTICE_WAIT);
    assert_false(p.work[0].passed);
    assert_int_equal(p.at, 0);
    assert_int_equal(p.failure, 0);
    assert_int_equal(practice_key(&p, 'h', 3200), PRACTICE_HINT);
    assert_int_equal(p.hint, 1);
}

/* Code that does not build just now takes nothing away that was passed, and neither does the grader's own fault. */
static void test_a_slip_of_the_pen(void **state)
{
    (void)state;
    for (const char *how = "bmn"; *how != '\0'; how++) {
        struct practice p = begun(1, 1, 0);
        (void)graded(&p, "p", 1000);
        look(&p, 2, 2, 0, 2000);
        (void)practice_tick(&p, 2200);
        assert_int_equal(graded(&p, (char[]){*how, *how, '\0'}, 2200), PRACTICE_WAIT);
        assert_true(p.work[0].passed && p.work[0].stale);
        assert_int_equal(p.at, 1);
        assert_string_equal(listed(&p), "12");
    }
}

/* What was remembered, and does not fit the files any more. */
static void test_begins_with_what_changed(void **state)
{
    (void)state;
    struct practice p;
    practice_init(&p, list);
    p.work[0].passed = p.work[0].stale = p.work[1].passed = true;
    practice_begin(&p, (uint64_t[]){1, 1, 0}, p.count, 1000);
    assert_int_equal(p.at, 2);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_GRADE);
    assert_string_equal(listed(&p), "1");
    assert_int_equal(graded(&p, "p", 1000), PRACTICE_WAIT);
    assert_int_equal(p.at, 2);
}

/* One that stands on what is not passed: the grader is asked for both, and says which comes first. */
static void test_one_that_was_chosen(void **state)
{
    (void)state;
    struct practice p;
    practice_init(&p, list);
    assert_int_equal(practice_find(&p, "three"), 2);
    assert_int_equal(practice_find(&p, "03"), 2);
    assert_int_equal(practice_find(&p, "03-three"), 2);
    assert_int_equal(practice_find(&p, "03-two"), p.count);
    assert_int_equal(practice_find(&p, "03-"), p.count);
    assert_int_equal(practice_find(&p, "four"), p.count);
    practice_begin(&p, (uint64_t[]){1, 1, 1}, 2, 1000);
    assert_string_equal(listed(&p), "123");
    p.work[0].passed = true;
    assert_string_equal(listed(&p), "23");
    p.given = true;
    assert_string_equal(listed(&p), "3");
}

static void test_keys(void **state)
{
    (void)state;
    struct practice p = begun(0, 0, 0);
    assert_int_equal(practice_key(&p, 'p', 1000), PRACTICE_GO);
    assert_int_equal(p.at, 2);
    assert_int_equal(practice_key(&p, 'n', 1000), PRACTICE_GO);
    assert_int_equal(p.at, 0);
    assert_int_equal(practice_key(&p, '\n', 1000), PRACTICE_WAIT);
    assert_int_equal(practice_tick(&p, 1000), PRACTICE_MISSING);
    look(&p, 1, 1, 0, 2000);
    assert_int_equal(practice_key(&p, '\n', 2001), PRACTICE_WAIT);
    assert_int_equal(practice_tick(&p, 2001), PRACTICE_GRADE);
    for (int key = 0; key < 256; key++) {
        bool ends = key == 'q' || key == 4;
        assert_int_equal(practice_key(&p, key, 3000) == PRACTICE_END, ends);
        assert_in_range(p.at, 0, p.count - 1);
    }
    assert_int_equal(practice_key(&p, -1, 3000), PRACTICE_WAIT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_begins_where_nothing_is_passed),
        cmocka_unit_test(test_a_save_settles),
        cmocka_unit_test(test_a_file_that_goes),
        cmocka_unit_test(test_another_file_is_no_matter),
        cmocka_unit_test(test_passing_goes_on),
        cmocka_unit_test(test_going_there_oneself),
        cmocka_unit_test(test_changed_while_graded),
        cmocka_unit_test(test_three_hints),
        cmocka_unit_test(test_passed_work_that_changed),
        cmocka_unit_test(test_a_slip_of_the_pen),
        cmocka_unit_test(test_begins_with_what_changed),
        cmocka_unit_test(test_one_that_was_chosen),
        cmocka_unit_test(test_keys),
    };
    return RUN(tests);
}
