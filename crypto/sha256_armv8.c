/* SPDX-License-Identifier: MIT */
/* SHA-256 on ARMv8's crypto extension. SHA256H and SHA256H2 are four rounds together: the one makes the new a to d, the
 * other the new e to h, each from both old halves. SHA256SU0 and SU1 compute four words of the schedule. Each half is
 * one register, as the standard orders them.
 */
#include "crypto/cpu.h"
#include "crypto/sha256_impl.h"

#if CPU_ARM_BACKENDS

#include <arm_neon.h>

#include "crypto/sha256_ref.h"

static bool usable(void)
{
    return (cpu_features() & CPU_ARM_SHA2) != 0;
}

/* Rounds 4q to 4q+3; w[q % 4] holds their words, and is then replaced by those of sixteen rounds later. */
#define FOUR_ROUNDS(q)                                                                                                 \
    do {                                                                                                               \
        uint32x4_t wk = vaddq_u32(w[(q) % 4], vld1q_u32(&sha256_K[4 * (q)])), before = abcd;                           \
        abcd = vsha256hq_u32(abcd, efgh, wk);                                                                          \
        efgh = vsha256h2q_u32(efgh, before, wk);                                                                       \
        if ((q) < 12)                                                                                                  \
            w[(q) % 4] = vsha256su1q_u32(vsha256su0q_u32(w[(q) % 4], w[((q) + 1) % 4]), w[((q) + 2) % 4],              \
                                         w[((q) + 3) % 4]);                                                            \
    } while (0)

static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    uint32x4_t H0 = vld1q_u32(h), H1 = vld1q_u32(h + 4);
    for (; blocks > 0; blocks--, data += SHA256_BLOCK_LEN) {
        uint32x4_t abcd = H0, efgh = H1, w[4];
        for (size_t i = 0; i < 4; i++)
            w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
        FOUR_ROUNDS(0);
        FOUR_ROUNDS(1);
        FOUR_ROUNDS(2);
        FOUR_ROUNDS(3);
        FOUR_ROUNDS(4);
        FOUR_ROUNDS(5);
        FOUR_ROUNDS(6);
        FOUR_ROUNDS(7);
        FOUR_ROUNDS(8);
        FOUR_ROUNDS(9);
        FOUR_ROUNDS(10);
        FOUR_ROUNDS(11);
        FOUR_ROUNDS(12);
        FOUR_ROUNDS(13);
        FOUR_ROUNDS(14);
        FOUR_ROUNDS(15);
        H0 = vaddq_u32(H0, abcd);
        H1 = vaddq_u32(H1, efgh);
    }
    vst1q_u32(h, H0);
    vst1q_u32(h + 4, H1);
}

const struct sha256_impl sha256_armv8 = {.name = "armv8", .usable = usable, .compress = compress};

#endif
