/* SPDX-License-Identifier: MIT */
/* What this processor has: the instruction sets that the fast backends need.
 *
 * Standard:    Intel SDM vol. 2A, CPUID (leaves 1, 7); vol. 1, 13.3 (XGETBV: does the system save the registers?).
 *              Arm ARM, ID_AA64ISAR0_EL1 as Linux hands it on in AT_HWCAP.
 * Use it:      if ((cpu_features() & CPU_AES_NI) != 0) ...
 * Timing:      depends on nothing secret.
 * Read next:   aes_impl.h and sha256_impl.h, whose `usable` ask here.
 */
#ifndef CRYPTO_CPU_H
#define CRYPTO_CPU_H

/* Which backends are compiled in at all. GLASSCHAT_PORTABLE leaves only the portable ones, so that a file of theirs
 * that was replaced really is what runs. */
#if defined(__x86_64__) && !defined(GLASSCHAT_PORTABLE)
#define CPU_X86_BACKENDS 1
#else
#define CPU_X86_BACKENDS 0
#endif
#if defined(__AARCH64EL__) && !defined(GLASSCHAT_PORTABLE)
#define CPU_ARM_BACKENDS 1
#else
#define CPU_ARM_BACKENDS 0
#endif

enum cpu_feature {
    CPU_AES_NI = 1,    /* x86: AES-NI with SSE4.1 */
    CPU_SHA_NI = 2,    /* x86: the SHA extensions with SSE4.1 */
    CPU_AVX512 = 4,    /* x86: AVX-512 F, BW and VL, and the system saves zmm registers */
    CPU_VAES = 8,      /* x86: AES on zmm registers; only together with CPU_AVX512 */
    CPU_ARM_AES = 16,  /* aarch64: FEAT_AES */
    CPU_ARM_SHA2 = 32, /* aarch64: FEAT_SHA256 */
    CPU_IFMA = 64      /* x86: AVX-512 IFMA; only together with CPU_AVX512 */
};

/* The set of cpu_feature bits that this processor and this system have, asked once and remembered: under a hypervisor
 * CPUID costs tens of thousands of cycles. Any thread may call it at any time. */
unsigned cpu_features(void);

/* What an x86 processor and its system answer: CPUID's leaf 1 and leaf 7 (0 where there is no such leaf), and the low
 * half of XCR0 (0 where leaf 1 says that XGETBV can't be asked). */
struct cpu_x86_answers {
    unsigned leaf1_ecx, leaf7_ebx, leaf7_ecx, xcr0_low;
};

/* What follows from such answers, and from Linux's AT_HWCAP on aarch64. On every machine, so that every machine's tests
 * see what the others make of theirs. */
unsigned cpu_x86_features(const struct cpu_x86_answers *x);
unsigned cpu_arm_features(unsigned long hwcap);

#endif
