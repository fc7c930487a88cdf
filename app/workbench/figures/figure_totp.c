/* SPDX-License-Identifier: MIT */
/* RFC 6238's first test time, with six digits: the tag, the four bytes that its last one points to, and the code. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "crypto/bytes.h"
#include "crypto/sha1.h"
#include "crypto/totp.h"

static const char key[] = "12345678901234567890";
#define NOW 59

/* HMAC-SHA-1 of the step, whose key is shorter than a block. */
static void hmac_sha1(uint8_t tag[static SHA1_DIGEST_LEN], uint64_t step)
{
    uint8_t block[SHA1_BLOCK_LEN], counter[8];
    struct sha1 s;
    bytes_store_be64(counter, step);
    for (int outer = 0; outer < 2; outer++) {
        memset(block, outer ? 0x5c : 0x36, sizeof block);
        bytes_xor(block, block, (const uint8_t *)key, sizeof key - 1);
        sha1_init(&s);
        sha1_update(&s, block, sizeof block);
        sha1_update(&s, outer ? tag : counter, outer ? SHA1_DIGEST_LEN : sizeof counter);
        sha1_final(&s, tag);
    }
}

static void choose(FILE *to, const uint8_t tag[static SHA1_DIGEST_LEN], unsigned offset)
{
    int first = 20 + (int)offset * DRAW_CELL_W;
    for (unsigned i = 0; i < SHA1_DIGEST_LEN; i++)
        draw_bytes(to, 20 + (int)i * DRAW_CELL_W, 190,
                   i == SHA1_DIGEST_LEN - 1        ? DRAW_SECRET
                   : i >= offset && i < offset + 4 ? DRAW_GOOD
                                                   : DRAW_PLAIN,
                   &tag[i], 1);
    for (unsigned i = 0; i < SHA1_DIGEST_LEN; i++)
        draw_text(to, 38 + (int)i * DRAW_CELL_W, 182, "mid small", "%u", i);
    draw_bracket(to, first + 2, 228, 4 * DRAW_CELL_W - 4, 10);
    draw_bent(to, 3, (const int[]){first + 2 * DRAW_CELL_W, 238, first + 2 * DRAW_CELL_W, 339, 312, 339});
    draw_arrow(to, 722, 222, 722, 260);
    draw_box(to, 570, 262, 170, 48, DRAW_STEP, "%02x mod 16 = %u", tag[SHA1_DIGEST_LEN - 1], offset);
    draw_arrow(to, 570, 286, first + 2 * DRAW_CELL_W + 2, 286);
}

void figure_totp(FILE *to)
{
    uint8_t tag[SHA1_DIGEST_LEN];
    uint64_t step = NOW / TOTP_PERIOD;
    hmac_sha1(tag, step);
    unsigned offset = tag[SHA1_DIGEST_LEN - 1] & 15;
    uint32_t word = bytes_load_be32(tag + offset), truncated = word & 0x7fffffff;
    draw_box(to, 20, 64, 230, 58, DRAW_PLAIN, "time %d s\n~step %d / %d = %u", NOW, NOW, TOTP_PERIOD, (unsigned)step);
    draw_arrow(to, 250, 93, 298, 93);
    draw_box(to, 300, 64, 180, 58, DRAW_STEP, "HMAC-SHA-1\n~of the step");
    draw_box(to, 530, 64, 210, 58, DRAW_SECRET, "the shared secret\n~%zu bytes", sizeof key - 1);
    draw_arrow(to, 530, 93, 482, 93);
    draw_arrow(to, 390, 122, 390, 162);
    draw_text(to, 400, 146, "small", "%d bytes", SHA1_DIGEST_LEN);
    choose(to, tag, offset);
    draw_box(to, 20, 310, 290, 58, DRAW_GOOD, "four bytes from place %u\n#%08x", offset, (unsigned)word);
    draw_arrow(to, 165, 368, 165, 390);
    draw_box(to, 20, 392, 290, 58, DRAW_STEP, "without the topmost bit\n#%u", (unsigned)truncated);
    draw_arrow(to, 310, 421, 438, 421);
    draw_text(to, 374, 410, "mid small", "mod 10\u2076");
    draw_box(to, 440, 392, 300, 58, DRAW_GOOD, "the code\n#%06u",
             (unsigned)totp_code((const uint8_t *)key, sizeof key - 1, step, TOTP_DIGITS));
}
