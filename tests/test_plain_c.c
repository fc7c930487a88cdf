/* SPDX-License-Identifier: MIT */
/* What goes beyond C, and what only looks like it. */
#include "app/workbench/grade/plain_c.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static bool is_there(const char *text)
{
    char place[PLAIN_C_PLACE_MAX];
    return not_plain_c(text, strlen(text), place) != NULL;
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
        "__attribute__((section(\".z,\\\"aw\\\"\\n.incbin \\\"x\\\"\"))) int z;",
        "int f(void) __attribute__((__weakref__ ((\"z\" \"\\n.include\"))));",
        "__attribute__((symver(\"f@V1\", \"g\\n\"))) int f(void);",
        "__asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(1));",
        "int f(void) { __asm__(\"syscall\"); return 0; }",
        "int f(void) { { } if (0) __asm__(\"syscall\"); return 0; }",
        "void up(const void *, unsigned long) __asm__(\"__asan_unpoison_memory_region\") __attribute__((weak));",
        "__attribute__((section(\".interp\"), used)) static const char interp[] = \"/nonexistent\";",
        "__attribute__((section(\"\" \".interp\"))) int z;",
        "__attribute__((__section__(\".text.x\"))) const char z[] = \"\\xc3\";",
        "__attribute__((section(\"words\"))) int z;",
        "#pragma clang section bss=\".interp\"\n",
        "#ident \"x\"",
        " # ident \"x\"",
        "int a;\n#pragma GCC pch_preprocess \"x\"\n",
        "__attribute__((no_sanitize_address)) int f(void);",
        "const char *__asan_default_options(void);",
        "asm(u8\"\");",
        "asm(\"\"",
        "asm(",
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
        "int g(void) { } extern int f(int) __asm__ (\"\" \"__isoc99_f\");",
        "int f(void) { __asm__ volatile(\"\"); __asm__(\"\" \"\" : : : \"memory\"); }",
        "char *s = \"asm(\\\".incbin\\\")\";",
        "#pragma asm(\".incbin\")\nint x;",
        "char c = 'asm';",
        "asm",
        "int asm; struct { int asm; } x$asm;",
        "asm goto(\"\" : : : : l);",
        "int section(const char *); int y = section(words);",
        "__attribute__((section(\".data.x\"))) int z; int f(void) __attribute__((alias(\"g\")));",
        "# 1 \"a file\" 3 4\n  #pragma once\n",
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
        char place[PLAIN_C_PLACE_MAX];
        (void)not_plain_c(copy + 1, len, place);
        free(copy);
    }
}

static void test_place(void **state)
{
    static const struct {
        const char *text, *place;
    } of[] = {
        {"# 1 \"/tmp/a b/x.c\"\n# 7 \"/tmp/a b/x.c\" 2\nasm(\"a b\");", "x.c:7"},
        {"# 7 \"x.c\"\nint a;\n\n  int b; asm(\"a b\");", "x.c:9"},
        {"# 7 \"x.c\"\nint a;\n#ident \"x\"\n", "x.c:8"},
        {"# 1 \"<built-in>\"\n# 3 \"/usr/include/y.h\" 1 3 4\nasm(\"a b\");\n# 2 \"x.c\" 2\n", "y.h:3"},
        {"asm(\"a b\");", ""},
        {"# 7 \nasm(\"a b\");", ""},
        {"# 7 \"x\nasm(\"a b\");", ""},
        {"# 7 \"/\"\nasm(\"a b\");", ":7"},
        {"\n\nasm(\"a b\");", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char place[PLAIN_C_PLACE_MAX];
        assert_non_null(not_plain_c(of[i].text, strlen(of[i].text), place));
        assert_string_equal(place, of[i].place);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there),
        cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
