/* SPDX-License-Identifier: MIT */
/* Fingerprints as text. */
#include "net/fingerprint.h"

#include "tests/test.h"

#define FP_A "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="

static void test_fingerprints_have_one_form(void **state)
{
    (void)state;
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], back[CERTIFICATE_FINGERPRINT_LEN] = {0};
    char text[FINGERPRINT_TEXT_LEN];
    memset(fp, 1, sizeof fp);
    fingerprint_print(text, fp);
    assert_string_equal(text, FP_A);
    assert_int_equal(fingerprint_parse(back, FP_A, strlen(FP_A)), 0);
    assert_memory_equal(back, fp, sizeof fp);
    /* clang-format off */
    static const char *const bad[] = {
        "", "SHA256:",
        "sha256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
        "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF=", "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= ",
        "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB", "SHA256 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="};
    /* clang-format on */
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(fingerprint_parse(back, bad[i], strlen(bad[i])), -1);
    for (size_t len = 0; len < strlen(FP_A); len++)
        assert_int_equal(fingerprint_parse(back, FP_A, len), -1);
    assert_memory_equal(back, fp, sizeof fp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fingerprints_have_one_form),
    };
    return RUN(tests);
}
