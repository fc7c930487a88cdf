/* What the processor has: the answer stays, fits together, and is no more than the system says. */
#include "crypto/cpu.h"

#include "crypto/aes_impl.h"
#include "crypto/etm_impl.h"
#include "crypto/sha256_impl.h"
#include "tests/test.h"

static void test_the_answer_stays(void **state)
{
    (void)state;
    unsigned first = cpu_features();
    for (int i = 0; i < 100; i++)
        assert_int_equal(cpu_features(), first);
}

static void test_wide_aes_comes_with_its_registers(void **state)
{
    (void)state;
    if ((cpu_features() & CPU_VAES) != 0)
        assert_true((cpu_features() & CPU_AVX512) != 0);
}

/* Linux prints what it lets programs use. A word there and not here would be a backend left out; the other way round,
 * one that dies of an illegal instruction. */
static void test_linux_says_the_same(void **state)
{
    (void)state;
#if defined(__linux__) && defined(__x86_64__)
    static const struct {
        const char *word;
        unsigned feature;
    } words[] = {{" aes ", CPU_AES_NI}, {" sha_ni ", CPU_SHA_NI}, {" vaes ", CPU_VAES}, {" avx512bw ", CPU_AVX512}};
    static char line[16384];
    FILE *f = fopen("/proc/cpuinfo", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL && strncmp(line, "flags", 5) != 0)
        continue;
    fclose(f);
    assert_non_null(strchr(line, '\n'));
    *strchr(line, '\n') = ' ';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal((cpu_features() & words[i].feature) != 0, strstr(line, words[i].word) != NULL);
#else
    printf("skipped: cpu (no /proc/cpuinfo to compare with)\n");
#endif
}

static void test_the_portable_backends_always_run(void **state)
{
    (void)state;
    assert_true(aes_bitslice.usable() && aes_ref.usable() && sha256_ref.usable() && etm_portable.usable());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_stays),
        cmocka_unit_test(test_wide_aes_comes_with_its_registers),
        cmocka_unit_test(test_linux_says_the_same),
        cmocka_unit_test(test_the_portable_backends_always_run),
    };
    return RUN(tests);
}
