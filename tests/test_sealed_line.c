/* SPDX-License-Identifier: MIT */
/* A line opens with the Z under which it was sealed, and with no other; whatever else comes is refused. */
#include "app/workbench/attacks/sealed_line.h"

#include "app/workbench/rng_fixed.h"
#include "tests/test.h"

static void test_there_and_back(void **state)
{
    (void)state;
    static const char *const lines[] = {"", "x", "0123456789abcdef0123456789abcdef"};
    uint8_t z[256] = {0}, frame[SEALED_LINE_MAX];
    struct rng rng;
    rng_fixed_init(&rng, "line", 4);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[LAB_SECRET_MAX + 1] = "none";
        size_t len = 0;
        sealed_line_make(frame, &len, &rng, lines[i], z, sizeof z);
        assert_true(len <= sizeof frame);
        z[255] ^= 1;
        assert_false(sealed_line_open(text, frame, len, z, sizeof z));
        assert_string_equal(text, "none");
        z[255] ^= 1;
        assert_false(sealed_line_open(text, frame, len, z + 1, sizeof z - 1)); /* all of Z counts, its zeros too */
        assert_true(sealed_line_open(text, frame, len, z, sizeof z));
        assert_string_equal(text, lines[i]);
    }
}

static void test_what_is_no_line(void **state)
{
    (void)state;
    uint8_t z[4] = {1, 2, 3, 4}, frame[SEALED_LINE_MAX + 64] = {0};
    char text[LAB_SECRET_MAX + 1];
    size_t frame_len = 0;
    struct rng rng;
    rng_fixed_init(&rng, "line", 4);
    sealed_line_make(frame, &frame_len, &rng, "hello", z, sizeof z);
    for (size_t len = 0; len <= sizeof frame; len++)
        assert_int_equal(sealed_line_open(text, frame, len, z, sizeof z), len == frame_len);
    for (size_t i = 0; i < frame_len; i++) {
        frame[i] ^= 1;
        assert_false(sealed_line_open(text, frame, frame_len, z, sizeof z));
        frame[i] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_no_line),
    };
    return RUN(tests);
}
