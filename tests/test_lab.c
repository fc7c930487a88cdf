/* SPDX-License-Identifier: MIT */
/* Each lab: its attack learns the secret of the weak twin and not that of the real code. Nothing here knows how. */
#include "app/workbench/attacks/lab.h"

#include "app/workbench/rng_fixed.h"
#include "tests/test.h"

/* What it says of a side ends in a sentence, and nothing was too much to be kept. */
static void check_record(const struct steps *steps)
{
    assert_true(steps->count > 0);
    assert_int_equal(steps->lost, 0);
    assert_int_not_equal(steps->result[LAB_TWIN][0], '\0');
    assert_int_not_equal(steps->result[LAB_REAL][0], '\0');
    assert_string_not_equal(steps->result[LAB_TWIN], steps->result[LAB_REAL]);
}

static void check_lab(const struct lab *lab, struct rng *rng, const char *secret)
{
    struct steps steps;
    steps_init(&steps);
    assert_int_equal(lab_run(lab, LAB_TWIN, rng, secret, &steps), 1);
    assert_int_equal(lab_run(lab, LAB_REAL, rng, secret, &steps), 0);
    check_record(&steps);
    steps_wipe(&steps);
}

/* With the shortest and the longest secret, and one like those of `glass lab`. */
static void test_the_twin_falls_and_the_real_code_stands(void **state)
{
    (void)state;
    static const char *const secrets[] = {"swordfish-01234567", "x", "flag{0123456789abcdef} and more."};
    assert_int_equal(strlen(secrets[2]), LAB_SECRET_MAX);
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++)
        for (unsigned i = 0; i < sizeof secrets / sizeof *secrets; i++) {
            struct rng rng;
            rng_fixed_init(&rng, &i, sizeof i);
            print_message("%s, %s\n", (*lab)->name, secrets[i]);
            check_lab(*lab, &rng, secrets[i]);
        }
}

/* The same with the system's randomness: no lab lives of a seed. */
static void test_with_any_randomness(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng);
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++)
        check_lab(*lab, &rng, "swordfish-89abcdef");
    rng_wipe(&rng);
}

static void ask(const struct lab *lab, const void *world, const uint8_t *question, size_t len)
{
    uint8_t answer[LAB_ANSWER_MAX];
    size_t answer_len = 0;
    void *copy = malloc(lab->world_len);
    assert_non_null(copy);
    memcpy(copy, world, lab->world_len);
    int result = lab->answer(copy, question, len, answer, &answer_len);
    assert_true(result == 0 || result == -1);
    assert_true(answer_len <= sizeof answer);
    free(copy);
}

/* Questions of every length, all zeros, all ones and random: an answer, and no more than fits. */
static void test_any_question(void **state)
{
    (void)state;
    uint8_t question[LAB_QUESTION_MAX];
    struct rng rng;
    rng_fixed_init(&rng, "questions", 9);
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++)
        for (enum lab_side side = LAB_TWIN; side <= LAB_REAL && (*lab)->make != NULL; side++) {
            void *world = calloc(1, (*lab)->world_len);
            assert_non_null(world);
            (*lab)->make(world, side, &rng, "swordfish-01234567");
            for (size_t len = 0; len <= sizeof question; len += len < 70 ? 1 : 53) {
                memset(question, 0, len);
                ask(*lab, world, question, len);
                memset(question, 0xff, len);
                ask(*lab, world, question, len);
                rng_fill(&rng, question, len);
                ask(*lab, world, question, len);
            }
            ask(*lab, world, question, sizeof question);
            free(world);
        }
}

static void test_names(void **state)
{
    (void)state;
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++) {
        assert_ptr_equal(lab_find((*lab)->name), *lab);
        assert_true((*lab)->run != NULL || (*lab)->attack != NULL);
        assert_true(strlen((*lab)->name) <= 17); /* the list's columns */
        assert_true(strlen((*lab)->what) <= 59);
    }
    assert_null(lab_find(""));
    assert_null(lab_find("padding"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_twin_falls_and_the_real_code_stands),
        cmocka_unit_test(test_with_any_randomness),
        cmocka_unit_test(test_any_question),
        cmocka_unit_test(test_names),
    };
    return RUN(tests);
}
