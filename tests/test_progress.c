/* SPDX-License-Identifier: MIT */
/* What is remembered: what is written is read again, and of anything else what makes sense counts. Links, pipes and
 * folders in its place: tests/integration/test_practice.py. */
#include "app/workbench/practice/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/test.h"

#define DIGEST "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct practice nothing(void)
{
    struct practice p;
    practice_init(&p, exercises);
    return p;
}

/* The number of the first wrong line of a text. */
static size_t parse(struct practice *p, const char *text, size_t *at)
{
    *p = nothing();
    return progress_parse(p, text, strlen(text), at);
}

static void test_lines(void **state)
{
    (void)state;
    struct practice p;
    size_t at, pkcs7;
    assert_int_equal(parse(&p, "# words\n\nat hmac\npassed pkcs7 " DIGEST "\nhints pkcs7 12", &at), 0);
    pkcs7 = practice_find(&p, "pkcs7");
    assert_int_equal(at, practice_find(&p, "hmac"));
    assert_true(p.work[pkcs7].passed);
    assert_int_equal(p.work[pkcs7].digest[31], 31);
    assert_int_equal(p.work[pkcs7].hints, 12);
    assert_int_equal(parse(&p, "", &at), 0);
    assert_int_equal(at, p.count);
}

static void test_lines_that_make_no_sense(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "at",
        "at nothing",
        "at hmac hmac",
        "passed pkcs7",
        "passed pkcs7 " DIGEST "00",
        "passed pkcs7 0g",
        "passed nothing " DIGEST,
        "passed pkcs7 " DIGEST " more",
        "hints pkcs7 -1",
        "hints pkcs7 1000000",
        "hints pkcs7 1x",
        "unheard pkcs7 1",
        "   ",
        "\r",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[400];
        struct practice p;
        size_t at;
        snprintf(text, sizeof text, "hints hmac 3\n%s\nhints hkdf 4\n", wrong[i]);
        assert_int_equal(parse(&p, text, &at), 2);
        assert_int_equal(at, p.count);
        assert_false(p.work[practice_find(&p, "pkcs7")].passed);
        assert_int_equal(p.work[practice_find(&p, "pkcs7")].hints, 0);
        assert_int_equal(p.work[practice_find(&p, "hmac")].hints, 3);
        assert_int_equal(p.work[practice_find(&p, "hkdf")].hints, 4);
    }
}

/* A line may be long, have no end, or a NUL in it. */
static void test_bytes_of_any_kind(void **state)
{
    (void)state;
    static char text[5000];
    size_t at;
    struct practice p = nothing();
    memset(text, 'x', sizeof text);
    assert_int_equal(progress_parse(&p, text, sizeof text, &at), 1);
    memset(text, '\0', sizeof text);
    assert_int_equal(progress_parse(&p, text, sizeof text, &at), 1);
    assert_int_equal(progress_parse(&p, "hints hmac 3\0", 13, &at), 1);
    for (unsigned seed = 0; seed < 200; seed++) {
        srandom(seed);
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)(random() % 4 == 0 ? '\n' : random() % 256);
        (void)progress_parse(&p, text, sizeof text, &at);
        assert_in_range(at, 0, p.count);
    }
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    char name[] = "/tmp/glasschat-progress-XXXXXX", why[PROGRESS_WHY_MAX];
    assert_non_null(mkdtemp(name));
    int folder = open(name, O_RDONLY | O_DIRECTORY);
    assert_true(folder >= 0);
    struct practice p = nothing(), q = nothing();
    size_t at;
    progress_read(&q, folder, &at, why); /* there is none yet */
    assert_string_equal(why, "");
    assert_int_equal(at, q.count);
    for (size_t i = 0; i < p.count; i++) {
        p.work[i].passed = i % 2 == 0;
        p.work[i].hints = i == 3 ? 99999999 : (unsigned)i;
        memset(p.work[i].digest, (int)i, SHA256_DIGEST_LEN);
    }
    p.at = 5;
    assert_int_equal(progress_write(&p, folder, why), 0);
    progress_read(&q, folder, &at, why);
    assert_string_equal(why, "");
    assert_int_equal(at, 5);
    for (size_t i = 0; i < p.count; i++) {
        assert_int_equal(q.work[i].passed, p.work[i].passed);
        assert_int_equal(q.work[i].hints, i == 3 ? 999999 : (unsigned)i);
        if (p.work[i].passed)
            assert_memory_equal(q.work[i].digest, p.work[i].digest, SHA256_DIGEST_LEN);
    }
    assert_int_equal(unlinkat(folder, PROGRESS_FILE, 0), 0);
    assert_int_equal(rmdir(name), 0);
    assert_int_equal(progress_write(&p, folder, why), -1); /* the folder is gone */
    assert_non_null(strstr(why, "can't be written"));
    close(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_lines_that_make_no_sense),
        cmocka_unit_test(test_bytes_of_any_kind),
        cmocka_unit_test(test_what_is_written_is_read),
    };
    return RUN(tests);
}
