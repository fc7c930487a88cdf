/* SPDX-License-Identifier: MIT */
/* What the processor has: the answer stays, follows from what was asked, and is what the system says; and each backend
 * runs exactly where its instructions exist: every other test would just skip one that never runs. */
#include "crypto/cpu.h"

#include "crypto/aes_impl.h"
#include "crypto/bignum_impl.h"
#include "crypto/etm_impl.h"
#include "crypto/pbkdf2_impl.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_many_impl.h"
#include "tests/test.h"

#define WORD(n) (1u << (n))

static void test_the_answer_stays(void **state)
{
    (void)state;
    unsigned first = cpu_features();
    for (int i = 0; i < 100; i++)
        assert_int_equal(cpu_features(), first);
}

static void test_what_is_wide_comes_with_its_registers(void **state)
{
    (void)state;
    if ((cpu_features() & (CPU_VAES | CPU_IFMA)) != 0)
        assert_true((cpu_features() & CPU_AVX512) != 0);
}

/* --- What follows from the answers -------------------------------------------------------------------------------- */

/* A processor with everything, on a system that saves everything. */
static const struct cpu_x86_answers all_x86 = {
    .leaf1_ecx = WORD(19) | WORD(25) | WORD(27),                       /* SSE4.1, AES-NI, OSXSAVE */
    .leaf7_ebx = WORD(16) | WORD(21) | WORD(29) | WORD(30) | WORD(31), /* AVX512F, _IFMA, SHA, AVX512BW, AVX512VL */
    .leaf7_ecx = WORD(9),                                              /* VAES */
    .xcr0_low = 0xe7,
};

static void test_x86_has_all(void **state)
{
    (void)state;
    const struct cpu_x86_answers none = {0, 0, 0, 0};
    assert_int_equal(cpu_x86_features(&all_x86), CPU_AES_NI | CPU_SHA_NI | CPU_AVX512 | CPU_VAES | CPU_IFMA);
    assert_int_equal(cpu_x86_features(&none), 0);
}

/* One bit less at a time: what needs that bit is gone, and all the rest is there. */
static void test_x86_lacks_one(void **state)
{
    (void)state;
    static const struct {
        struct cpu_x86_answers without;
        unsigned lost;
    } cases[] = {
        {{.leaf1_ecx = WORD(19)}, CPU_AES_NI | CPU_SHA_NI},
        {{.leaf1_ecx = WORD(25)}, CPU_AES_NI},
        {{.leaf1_ecx = WORD(27)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.leaf7_ebx = WORD(16)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.leaf7_ebx = WORD(29)}, CPU_SHA_NI},
        {{.leaf7_ebx = WORD(30)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.leaf7_ebx = WORD(31)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.leaf7_ebx = WORD(21)}, CPU_IFMA},
        {{.leaf7_ecx = WORD(9)}, CPU_VAES},
        {{.xcr0_low = WORD(0)}, 0},
        {{.xcr0_low = WORD(1)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.xcr0_low = WORD(2)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.xcr0_low = WORD(5)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.xcr0_low = WORD(6)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
        {{.xcr0_low = WORD(7)}, CPU_AVX512 | CPU_VAES | CPU_IFMA},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cpu_x86_answers x = all_x86;
        x.leaf1_ecx &= ~cases[i].without.leaf1_ecx;
        x.leaf7_ebx &= ~cases[i].without.leaf7_ebx;
        x.leaf7_ecx &= ~cases[i].without.leaf7_ecx;
        x.xcr0_low &= ~cases[i].without.xcr0_low;
        unsigned all = CPU_AES_NI | CPU_SHA_NI | CPU_AVX512 | CPU_VAES | CPU_IFMA;
        if (cpu_x86_features(&x) != (all & ~cases[i].lost))
            fail_msg("case %zu: %x", i, cpu_x86_features(&x));
    }
}

static void test_arm(void **state)
{
    (void)state;
    assert_int_equal(cpu_arm_features(0), 0);
    assert_int_equal(cpu_arm_features(1ul << 3), CPU_ARM_AES);
    assert_int_equal(cpu_arm_features(1ul << 6), CPU_ARM_SHA2);
    assert_int_equal(cpu_arm_features(~(1ul << 3 | 1ul << 6)), 0);
    assert_int_equal(cpu_arm_features(~0ul), CPU_ARM_AES | CPU_ARM_SHA2);
}

/* --- What the system says ----------------------------------------------------------------------------------------- */

/* The line of /proc/cpuinfo that lists what Linux lets programs use, with a blank around each word; NULL where there is
 * none, or where it speaks of another processor than the one that runs this. */
static const char *system_says(void)
{
    static char line[16384];
    const char *emulator = getenv("EMULATOR");
    FILE *f = emulator == NULL || *emulator == '\0' ? fopen("/proc/cpuinfo", "r") : NULL;
    char *end = NULL;
    while (f != NULL && end == NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0)
            end = strchr(line, '\n');
    if (f != NULL)
        fclose(f);
    if (end != NULL)
        *end = ' ';
    return end != NULL ? line : NULL;
}

static bool all_said(const char *said, const char *words)
{
    char word[16];
    for (int n; sscanf(words, "%13s%n", word + 1, &n) == 1; words += n) {
        word[0] = ' ';
        strcat(word, " ");
        if (strstr(said, word) == NULL)
            return false;
    }
    return true;
}

/* A word there and not here would be a backend left out; the other way round, one that meets illegal instructions. */
static void test_linux_says_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        unsigned feature;
    } rows[] = {
#if defined(__x86_64__) || defined(__i386__)
        {"aes sse4_1", CPU_AES_NI},
        {"sha_ni sse4_1", CPU_SHA_NI},
        {"avx512f avx512bw avx512vl", CPU_AVX512},
        {"avx512f avx512bw avx512vl vaes", CPU_VAES},
        {"avx512f avx512bw avx512vl avx512ifma", CPU_IFMA},
#elif defined(__aarch64__)
        {"aes", CPU_ARM_AES},
        {"sha2", CPU_ARM_SHA2},
#else
        {"", 0},
#endif
    };
    const char *said = system_says();
    if (said == NULL) {
        printf("skipped: cpu (no /proc/cpuinfo of this processor to compare with)\n");
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].feature != 0 && ((cpu_features() & rows[i].feature) != 0) != all_said(said, rows[i].words))
            fail_msg("%s: %s", rows[i].words, all_said(said, rows[i].words) ? "left out" : "not there");
}

/* --- The backends ------------------------------------------------------------------------------------------------- */

/* What each needs, in Linux's words; those that run everywhere need none. */
static const struct needs {
    const char *primitive, *backend, *words;
    bool built;
} needs[] = {
    {"aes", "vaes", "aes sse4_1 vaes avx512f avx512bw avx512vl", CPU_X86_BACKENDS},
    {"aes", "ni", "aes sse4_1", CPU_X86_BACKENDS},
    {"aes", "armv8", "aes", CPU_ARM_BACKENDS},
    {"aes", "bitslice", "", true},
    {"aes", "ref", "", true},
    {"sha256", "ni", "sha_ni sse4_1", CPU_X86_BACKENDS},
    {"sha256", "armv8", "sha2", CPU_ARM_BACKENDS},
    {"sha256", "unrolled", "", true},
    {"sha256", "ref", "", true},
    {"sha256_many", "x16", "avx512f avx512bw avx512vl", CPU_X86_BACKENDS},
    {"sha256_many", "x2", "sha_ni sse4_1", CPU_X86_BACKENDS},
    {"sha256_many", "portable", "", true},
    {"etm", "ni", "aes sha_ni sse4_1", CPU_X86_BACKENDS},
    {"etm", "portable", "", true},
    {"pbkdf2", "ni", "sha_ni sse4_1", CPU_X86_BACKENDS},
    {"pbkdf2", "portable", "", true},
    {"bignum", "gmp", "", true},
    {"bignum", "ifma", "avx512f avx512bw avx512vl avx512ifma", CPU_X86_BACKENDS},
};

#define NEEDS (sizeof needs / sizeof *needs)

static bool met[NEEDS];

static void check_backend(const char *primitive, const char *backend, bool usable)
{
    const char *said = system_says();
    for (size_t i = 0; i < NEEDS; i++)
        if (strcmp(needs[i].primitive, primitive) == 0 && strcmp(needs[i].backend, backend) == 0) {
            met[i] = true;
            bool known = *needs[i].words == '\0' || said != NULL;
            if (known && usable != (*needs[i].words == '\0' || all_said(said, needs[i].words)))
                fail_msg("%s %s: usable() is %d where Linux %s: %s", primitive, backend, usable,
                         usable ? "does not say" : "says", needs[i].words);
            return;
        }
    fail_msg("%s %s: this test does not know what it needs", primitive, backend);
}

static void test_backends_run_where_their_instructions_are(void **state)
{
    (void)state;
    if (system_says() == NULL)
        printf("skipped: fast backends (no /proc/cpuinfo of this processor to compare with)\n");
    for (size_t i = 0; aes_impls[i] != NULL; i++)
        check_backend("aes", aes_impls[i]->name, aes_impls[i]->usable());
    for (size_t i = 0; sha256_impls[i] != NULL; i++)
        check_backend("sha256", sha256_impls[i]->name, sha256_impls[i]->usable());
    for (size_t i = 0; sha256_many_impls[i] != NULL; i++)
        check_backend("sha256_many", sha256_many_impls[i]->name, sha256_many_impls[i]->usable());
    for (size_t i = 0; etm_impls[i] != NULL; i++)
        check_backend("etm", etm_impls[i]->name, etm_impls[i]->usable());
    for (size_t i = 0; pbkdf2_impls[i] != NULL; i++)
        check_backend("pbkdf2", pbkdf2_impls[i]->name, pbkdf2_impls[i]->usable());
    for (size_t i = 0; bignum_impls[i] != NULL; i++)
        check_backend("bignum", bignum_impls[i]->name, bignum_impls[i]->usable());
    for (size_t i = 0; i < NEEDS; i++)
        if (met[i] != needs[i].built)
            fail_msg("%s %s: %s the list", needs[i].primitive, needs[i].backend, met[i] ? "in" : "not in");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_stays),
        cmocka_unit_test(test_what_is_wide_comes_with_its_registers),
        cmocka_unit_test(test_x86_has_all),
        cmocka_unit_test(test_x86_lacks_one),
        cmocka_unit_test(test_arm),
        cmocka_unit_test(test_linux_says_the_same),
        cmocka_unit_test(test_backends_run_where_their_instructions_are),
    };
    return RUN(tests);
}
