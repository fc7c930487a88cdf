/* Asks the processor once. What it answers never changes, so the answer is kept in one atomic word: whoever comes first
 * writes it, and two who come at once write the same. It is the only mutable static here, and it holds no choice: which
 * backend a key uses stands in the key. */
#include "crypto/cpu.h"

#include <stdatomic.h>

#define KNOWN 0x80000000u /* set once asked, so that 0 means: not asked yet */

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

#define BIT(word, n) (((word) >> (n)) & 1)

/* XCR0 bits 1, 2 (xmm, ymm) and 5 to 7 (mask registers, both halves of zmm): without them the system would lose them
 * when it switches threads, whatever CPUID says. */
static int system_saves_zmm(void)
{
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 0xe6) == 0xe6;
}

static unsigned ask(void)
{
    unsigned a, b, c, d, found = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return 0;
    int sse41 = BIT(c, 19), aes = BIT(c, 25), osxsave = BIT(c, 27);
    if (aes && sse41)
        found |= CPU_AES_NI;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return found;
    if (BIT(b, 29) && sse41)
        found |= CPU_SHA_NI;
    if (BIT(b, 16) && BIT(b, 30) && BIT(b, 31) && osxsave && system_saves_zmm()) {
        found |= CPU_AVX512;
        if (BIT(c, 9))
            found |= CPU_VAES;
    }
    return found;
}

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

static unsigned ask(void)
{
    unsigned long hwcap = getauxval(AT_HWCAP);
    unsigned found = 0;
    if ((hwcap & (1ul << 3)) != 0) /* HWCAP_AES */
        found |= CPU_ARM_AES;
    if ((hwcap & (1ul << 6)) != 0) /* HWCAP_SHA2 */
        found |= CPU_ARM_SHA2;
    return found;
}

#elif defined(__aarch64__) && defined(__APPLE__)

static unsigned ask(void)
{
    return CPU_ARM_AES | CPU_ARM_SHA2; /* every 64-bit Apple processor has both */
}

#else

static unsigned ask(void)
{
    return 0;
}

#endif

unsigned cpu_features(void)
{
    static atomic_uint features;
    unsigned known = atomic_load_explicit(&features, memory_order_relaxed);
    if (known == 0) {
        known = ask() | KNOWN;
        atomic_store_explicit(&features, known, memory_order_relaxed);
    }
    return known & ~KNOWN;
}
