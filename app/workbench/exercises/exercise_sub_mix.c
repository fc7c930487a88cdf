/* SPDX-License-Identifier: MIT */
/* Exercise 02: the state, SubBytes and MixColumns (FIPS 197, 3.4, 5.1 and 5.3). The S-box is a table and leaks by
 * design: there is no timing. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/dialect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/aes_ref.h"

typedef void step(uint8_t state[4][4]);

static void square_place(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, row %zu, column %zu", what, i / 4, i % 4);
}

/* --- The state ---------------------------------------------------------------------------------------------------- */

static void hint_rows(struct checking *c, const uint8_t *yours, const uint8_t *in)
{
    if (c->outcome.kind == CHECK_WRONG_BYTES && memcmp(yours, in, 16) == 0)
        check_hint(c, "a block fills the state column by column (3.4); yours goes row by row");
}

static void check_load(struct checking *c)
{
    uint8_t in[16], state[4][4];
    rng_fill(&c->rng, in, sizeof in);
    aes_ref_state_load(state, in);
    ask_begin(c, "aes_ref_state_load");
    ask_out(c, "state", 16);
    ask_in(c, "in", in, 16);
    if (ask(c) && !expect_equal(c, ask_bytes(c, 0), (const uint8_t *)state, 16, "the state", square_place))
        hint_rows(c, ask_bytes(c, 0), in);
}

static void check_store(struct checking *c)
{
    uint8_t out[16], state[4][4];
    rng_fill(&c->rng, (uint8_t *)state, 16);
    aes_ref_state_store(out, state);
    ask_begin(c, "aes_ref_state_store");
    ask_out(c, "out", 16);
    ask_in(c, "state", state, 16);
    if (ask(c) && !expect_bytes(c, 0, out, 16, "the block"))
        hint_rows(c, ask_bytes(c, 0), (const uint8_t *)state);
}

/* --- The boxes ---------------------------------------------------------------------------------------------------- */

static void box_of(step *right, uint8_t box[256])
{
    for (int x = 0; x < 256; x++)
        box[x] = (uint8_t)x;
    for (int x = 0; x < 256; x += 16) {
        uint8_t state[4][4];
        memcpy(state, box + x, 16);
        right(state);
        memcpy(box + x, state, 16);
    }
}

static void box_place(char *place, size_t cap, const char *what, size_t x)
{
    snprintf(place, cap, "%s at x = %02zx", what, x);
}

static void diagnose_box(struct checking *c, const uint8_t *yours, const uint8_t *right, const uint8_t *other)
{
    size_t same = 0, wrong = 0, unchanged = 0;
    for (size_t x = 0; x < 256; x++) {
        same += (yours[x] ^ right[x]) == (yours[0] ^ right[0]);
        wrong += yours[x] != right[x];
        unchanged += yours[x] == x;
    }
    if (memcmp(yours, other, 256) == 0)
        check_hint(c,
                   "this is the other table: SubBytes takes the S-box (figure 7), InvSubBytes the inverse (figure 14)");
    else if (unchanged == 256)
        check_hint(c, "the state was left as it was");
    else if (dialect_is_fips_sbox(yours, right, 256))
        check_hint(c, DIALECT_SBOX_HINT, "SubBytes", DIALECT_SBOX);
    else if (dialect_is_fips_inverse(yours, right))
        check_hint(c, DIALECT_SBOX_HINT, "InvSubBytes", DIALECT_SBOX);
    else if (same == 256)
        check_hint(c, "every entry is xored with %02x too much: the affine transformation's constant is %02x (5.1.1)",
                   yours[0] ^ right[0], DIALECT_SBOX);
    else if (wrong < 8)
        check_hint(c, "only %zu of 256 entries are wrong: mistyped?", wrong);
}

static void substitute(struct checking *c, const char *function, step *right, step *other, const char *what)
{
    uint8_t yours[256], box[256], other_box[256];
    box_of(right, box);
    box_of(other, other_box);
    for (size_t x = 0; x < 256; x += 16) {
        uint8_t state[16];
        for (size_t i = 0; i < 16; i++)
            state[i] = (uint8_t)(x + i);
        ask_begin(c, function);
        ask_inout(c, "state", state, 16);
        if (!ask(c))
            return;
        memcpy(yours + x, ask_bytes(c, 0), 16);
    }
    if (!expect_equal(c, yours, box, 256, what, box_place))
        diagnose_box(c, yours, box, other_box);
}

static void check_sub_bytes(struct checking *c)
{
    substitute(c, "SubBytes", SubBytes, InvSubBytes, "the S-box");
}

static void check_inv_sub_bytes(struct checking *c)
{
    substitute(c, "InvSubBytes", InvSubBytes, SubBytes, "the inverse S-box");
}

/* --- The columns -------------------------------------------------------------------------------------------------- */

/* How columns are multiplied, rightly or not: a[0..3] as in 4.3; what xtime takes off; rows in their place. */
struct mixing {
    uint8_t a[4], reduction;
    bool rows;
    const char *hint;
};

static uint8_t multiply(uint8_t a, uint8_t b, uint8_t reduction)
{
    uint8_t product = 0;
    for (; b != 0; b >>= 1) {
        if (b & 1)
            product ^= a;
        a = (uint8_t)(a << 1 ^ (a & 0x80 ? reduction : 0));
    }
    return product;
}

static uint8_t *cell(uint8_t *state, const struct mixing *m, int r, int column)
{
    return state + (m->rows ? 4 * column + r : 4 * r + column);
}

static void mix(uint8_t *state, const struct mixing *m)
{
    for (int column = 0; column < 4; column++) {
        uint8_t s[4];
        for (int r = 0; r < 4; r++)
            s[r] = *cell(state, m, r, column);
        for (int r = 0; r < 4; r++) {
            uint8_t sum = 0;
            for (int k = 0; k < 4; k++)
                sum ^= multiply(s[(r + k) % 4], m->a[(4 - k) % 4], m->reduction);
            *cell(state, m, r, column) = sum;
        }
    }
}

static void diagnose_mix(struct checking *c, const uint8_t *yours, const uint8_t *before, const uint8_t forward[4],
                         const uint8_t backward[4])
{
    const uint8_t *f = forward, *b = backward;
    const struct mixing mistakes[] = {
        {{f[0], f[1], f[2], f[3]}, 0x1b, true, "these are the rows: it is the columns that are mixed"},
        {{f[0], f[3], f[2], f[1]}, 0x1b, false, "the coefficients turn the other way: the matrix is transposed"},
        {{f[0], f[1], f[2], f[3]}, 0, false, "times x without the reduction: where bit 7 falls out, xor 1b (4.2.1)"},
        {{b[0], b[1], b[2], b[3]}, 0x1b, false, "MixColumns and InvMixColumns are swapped"},
    };
    uint8_t wrong[16];
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        memcpy(wrong, before, 16);
        mix(wrong, &mistakes[i]);
        if (memcmp(wrong, yours, 16) == 0)
            check_hint(c, "%s", mistakes[i].hint);
    }
    if (memcmp(yours, before, 16) == 0)
        check_hint(c, "the state was left as it was");
}

static const uint8_t forward[4] = {0x02, 0x01, 0x01, 0x03}, backward[4] = {0x0e, 0x09, 0x0d, 0x0b};

/* FIPS 197 appendix B, round 1; then random states. */
static void columns(struct checking *c, bool inverse)
{
    uint8_t before[16] = {0xd4, 0xe0, 0xb8, 0x1e, 0xbf, 0xb4, 0x41, 0x27,
                          0x5d, 0x52, 0x11, 0x98, 0x30, 0xae, 0xf1, 0xe5};
    for (int i = 0; i < 6; i++) {
        uint8_t state[4][4];
        memcpy(state, before, 16);
        (inverse ? InvMixColumns : MixColumns)(state);
        ask_begin(c, inverse ? "InvMixColumns" : "MixColumns");
        ask_inout(c, "state", before, 16);
        if (!ask(c))
            return;
        if (!expect_equal(c, ask_bytes(c, 0), (const uint8_t *)state, 16, "the state", square_place)) {
            diagnose_mix(c, ask_bytes(c, 0), before, inverse ? backward : forward, inverse ? forward : backward);
            return;
        }
        rng_fill(&c->rng, before, sizeof before);
    }
}

static void check_mix_columns(struct checking *c)
{
    columns(c, false);
}

static void check_inv_mix_columns(struct checking *c)
{
    columns(c, true);
}

static const struct check checks[] = {
    {"a block into the state", 1, check_load},
    {"the state into a block", 1, check_store},
    {"SubBytes", 2, check_sub_bytes},
    {"InvSubBytes", 1, check_inv_sub_bytes},
    {"MixColumns", 2, check_mix_columns},
    {"InvMixColumns", 2, check_inv_mix_columns},
    {NULL, 0, NULL},
};

const struct exercise exercise_sub_mix = {
    .number = "02",
    .stem = "sub_mix",
    .title = "AES: SubBytes and MixColumns",
    .files = {"aes_ref.c"},
    .given = "ct",
    .checks = checks,
    .memory_points = 1,
};
