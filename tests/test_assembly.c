/* SPDX-License-Identifier: MIT */
/* What is assembly, and what only looks like it. */
#include "app/workbench/grade/assembly.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static bool is_there(const char *text)
{
    return assembly_is_there(text, strlen(text));
}

static void test_there(void **state)
{
    static const char *const texts[] = {
        "__asm__(\".incbin \\\"x\\\"\");",
        "int x; asm (\"nop; nop\");",
        "asm volatile\n(\n\"rolq $3, %%rdi\" : : );",
        "__asm inline(\"a\" \"b c\");",
        "__asm__ __volatile__ (\"\" \".include\" \" \\\"x\\\"\");",
        "asm(\"\\n\");",
        "asm goto(\"\" : : : : l);", /* another one than a barrier needs not be understood */
        "asm(u8\"\");",
        "asm(\"\"",
        "asm",
        "char c = '\"'; asm(\".incbin\"); char d = '\"';",
        "char c = '\\''; asm(\".incbin\");",
        "char *s = \"\\\\\"; asm(\".incbin\");",
        "# 1 \"a\"\n#pragma \"\nasm(\".incbin\");",
        "  #pragma '\nasm(\".incbin\");",
        "char *s = \"\nasm(\".incbin\");",
        "a'\nasm(\".incbin\");",
        "int a#b; asm(\".incbin\");",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!is_there(texts[i]))
            fail_msg("not found in: %s", texts[i]);
}

static void test_not_there(void **state)
{
    static const char *const texts[] = {
        "",
        "int basm(int asm_, int asma);",
        "__asm__(\"\" : \"+r\"(x) : : \"memory\"); x = y;",
        "__asm__ __volatile__ ( \"\" ) ;",
        "extern int f(int) __asm__ (\"\" \"__isoc99_f\");",
        "char *s = \"asm(\\\".incbin\\\")\";",
        "#pragma asm(\".incbin\")\nint x;",
        "char c = 'asm';",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (is_there(texts[i]))
            fail_msg("found in: %s", texts[i]);
}

/* Each beginning of a text, in memory of just that length: the sanitizers see a byte read too far. */
static void test_cut_anywhere(void **state)
{
    static const char text[] = "x = 'a' + \"\\\"\"; __asm__ volatile (\"\\n\" \"b\" : \"r\"(x)); asm(\"\\";
    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy + 1, text, len);
        (void)assembly_is_there(copy + 1, len);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there),
        cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
