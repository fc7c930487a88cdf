/* SPDX-License-Identifier: MIT */
/* Asks the processor once. What it answers never changes, so the answer is kept in one atomic word: whichever thread
 * comes first writes it, and two that come at once write the same. It is the only mutable static here, and it holds no
 * choice: which backend a key uses stands in the key. */
#include "crypto/cpu.h"

#include <stdatomic.h>

#define KNOWN 0x80000000u /* set once asked, so that 0 means: not asked yet */

#define BIT(word, n) (((word) >> (n)) & 1)

/* XCR0 bits 1, 2 (xmm, ymm) and 5 to 7 (mask registers, both halves of zmm): without them the system would lose them
 * when it switches threads, whatever CPUID says. */
#define XCR0_ZMM 0xe6u

unsigned cpu_x86_features(const struct cpu_x86_answers *x)
{
    unsigned found = 0;
    int sse41 = BIT(x->leaf1_ecx, 19), osxsave = BIT(x->leaf1_ecx, 27);
    if (BIT(x->leaf1_ecx, 25) && sse41)
        found |= CPU_AES_NI;
    if (BIT(x->leaf7_ebx, 29) && sse41)
        found |= CPU_SHA_NI;
    int avx512 = BIT(x->leaf7_ebx, 16) && BIT(x->leaf7_ebx, 30) && BIT(x->leaf7_ebx, 31);
    if (!avx512 || !osxsave || (x->xcr0_low & XCR0_ZMM) != XCR0_ZMM)
        return found;
    found |= CPU_AVX512;
    if (BIT(x->leaf7_ecx, 9))
        found |= CPU_VAES;
    if (BIT(x->leaf7_ebx, 21))
        found |= CPU_IFMA;
    return found;
}

unsigned cpu_arm_features(unsigned long hwcap)
{
    unsigned found = 0;
    if (BIT(hwcap, 3)) /* HWCAP_AES */
        found |= CPU_ARM_AES;
    if (BIT(hwcap, 6)) /* HWCAP_SHA2 */
        found |= CPU_ARM_SHA2;
    return found;
}

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

static unsigned ask(void)
{
    struct cpu_x86_answers x = {0, 0, 0, 0};
    unsigned a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d))
        x.leaf1_ecx = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        x.leaf7_ebx = b;
        x.leaf7_ecx = c;
    }
    if (BIT(x.leaf1_ecx, 27)) { /* else XGETBV itself is an illegal instruction */
        __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
        x.xcr0_low = a;
    }
    return cpu_x86_features(&x);
}

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

static unsigned ask(void)
{
    return cpu_arm_features(getauxval(AT_HWCAP));
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
