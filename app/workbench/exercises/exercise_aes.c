/* SPDX-License-Identifier: MIT */
/* Exercise 04: AES's rounds (FIPS 197, 5.1 and 5.3). Where a ciphertext is wrong the student's own steps are asked for
 * on the right states, round by round; where each of them is right, Cipher is compared with what the usual mistakes
 * give. The table leaks by design: there is no timing. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/dialect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/aes_ref.h"

/* --- One step ----------------------------------------------------------------------------------------------------- */

typedef void step(uint8_t state[4][4]);

/* Asks for a step on a state and compares it as a block: byte r + 4c is row r, column c. The right state after it is
 * left in state. round_key is NULL but for AddRoundKey. */
static bool step_right(struct checking *c, const char *function, step *right, uint8_t state[4][4],
                       const uint8_t *round_key, const char *what)
{
    uint8_t yours[4][4], yours_block[16], right_block[16], before[16];
    memcpy(before, state, 16);
    ask_begin(c, function);
    size_t arg = ask_inout(c, "state", state, 16);
    ask_shows_block(c);
    if (round_key != NULL) {
        ask_in(c, "round_key", round_key, 16);
        AddRoundKey(state, round_key);
    } else {
        right(state);
    }
    if (!ask(c))
        return false;
    memcpy(yours, ask_bytes(c, arg), 16);
    aes_ref_state_store(yours_block, yours);
    aes_ref_state_store(right_block, state);
    if (expect_equal(c, yours_block, right_block, 16, what, NULL))
        return true;
    if (right == SubBytes && dialect_is_fips_sbox(yours_block, right_block, 16))
        check_hint(c, DIALECT_SBOX_HINT, "SubBytes", DIALECT_SBOX);
    if (memcmp(yours, before, 16) == 0)
        check_hint(c, "%s left the state as it was", function);
    return false;
}

static void hint_shift(struct checking *c, step *other, uint8_t state[4][4])
{
    uint8_t yours[16], turned[4][4], columns[4][4];
    memcpy(yours, ask_bytes(c, 0), 16);
    memcpy(turned, state, 16);
    other(turned);
    for (int r = 0; r < 4; r++)
        for (int k = 0; k < 4; k++)
            columns[k][r] = state[r][k];
    (other == InvShiftRows ? ShiftRows : InvShiftRows)(columns);
    for (int r = 0; r < 4; r++)
        for (int k = 0; k < 4; k++)
            state[r][k] = columns[k][r];
    if (memcmp(yours, turned, 16) == 0)
        check_hint(c, "the rows move the other way");
    else if (memcmp(yours, state, 16) == 0)
        check_hint(c, "these are the columns; it is the rows that move: state[r][c] is row r, column c");
    else if (memcmp(yours, ask_sent(c, 0), 4) != 0)
        check_hint(c, "row 0 stays where it is; row r moves r places");
}

static void shift(struct checking *c, const char *function, step *right, step *other)
{
    uint8_t state[4][4], before[4][4];
    for (int i = 0; i < 3; i++) {
        rng_fill(&c->rng, (uint8_t *)state, 16);
        memcpy(before, state, 16);
        if (step_right(c, function, right, state, NULL, function))
            continue;
        if (c->outcome.kind == CHECK_WRONG_BYTES && c->outcome.hint[0] == '\0')
            hint_shift(c, other, before);
        return;
    }
}

static void check_shift_rows(struct checking *c)
{
    shift(c, "ShiftRows", ShiftRows, InvShiftRows);
}

static void check_inv_shift_rows(struct checking *c)
{
    shift(c, "InvShiftRows", InvShiftRows, ShiftRows);
}

static void check_add_round_key(struct checking *c)
{
    uint8_t state[4][4], key[16], before[16], rows[16];
    for (int i = 0; i < 3; i++) {
        rng_fill(&c->rng, (uint8_t *)state, 16);
        rng_fill(&c->rng, key, sizeof key);
        memcpy(before, state, 16);
        if (step_right(c, "AddRoundKey", NULL, state, key, "AddRoundKey"))
            continue;
        for (size_t k = 0; k < 16; k++)
            rows[k] = before[k] ^ key[k];
        if (c->outcome.kind == CHECK_WRONG_BYTES && memcmp(ask_bytes(c, 0), rows, 16) == 0)
            check_hint(c, "a round key fills its square column by column, as a block does (3.4)");
        return;
    }
}

/* --- The rounds, step by step ------------------------------------------------------------------------------------- */

static bool round_step(struct checking *c, unsigned round, const char *function, step *right, uint8_t state[4][4],
                       const uint8_t *round_key)
{
    char what[40];
    snprintf(what, sizeof what, "round %u, %s", round, function);
    return step_right(c, function, right, state, round_key, what);
}

static bool steps_right(struct checking *c, const uint8_t *in, const uint8_t *w, unsigned Nr)
{
    uint8_t state[4][4];
    aes_ref_state_load(state, in);
    if (!round_step(c, 0, "AddRoundKey", NULL, state, w))
        return false;
    for (unsigned round = 1; round <= Nr; round++)
        if (!round_step(c, round, "SubBytes", SubBytes, state, NULL) ||
            !round_step(c, round, "ShiftRows", ShiftRows, state, NULL) ||
            (round < Nr && !round_step(c, round, "MixColumns", MixColumns, state, NULL)) ||
            !round_step(c, round, "AddRoundKey", NULL, state, w + 16 * round))
            return false;
    return true;
}

static bool inv_steps_right(struct checking *c, const uint8_t *in, const uint8_t *w, unsigned Nr)
{
    uint8_t state[4][4];
    aes_ref_state_load(state, in);
    if (!round_step(c, Nr, "AddRoundKey", NULL, state, w + 16 * Nr))
        return false;
    for (unsigned round = Nr; round-- > 0;)
        if (!round_step(c, round, "InvShiftRows", InvShiftRows, state, NULL) ||
            !round_step(c, round, "InvSubBytes", InvSubBytes, state, NULL) ||
            !round_step(c, round, "AddRoundKey", NULL, state, w + 16 * round) ||
            (round > 0 && !round_step(c, round, "InvMixColumns", InvMixColumns, state, NULL)))
            return false;
    return true;
}

/* --- What the usual mistakes give --------------------------------------------------------------------------------- */

struct mistake {
    bool mix_last, no_first_key, no_last_key, short_by_one, backwards, by_rows, key_last;
    const char *hint;
};

static const struct mistake mistakes[] = {
    {.mix_last = true, .hint = "the last round has no MixColumns (and no InvMixColumns)"},
    {.no_first_key = true, .hint = "the AddRoundKey before the first round is missing"},
    {.no_last_key = true, .hint = "the last AddRoundKey is missing"},
    {.short_by_one = true, .hint = "one round too few: Nr rounds, and the last of them without MixColumns"},
    {.backwards = true, .hint = "the key schedule is used from the wrong end"},
    {.by_rows = true, .hint = "the block fills the state row by row; it must be column by column (3.4)"},
    {.key_last = true, .hint = "InvCipher adds the round key before InvMixColumns, not after it (figure 12)"},
};

static void transpose(uint8_t block[16])
{
    uint8_t state[4][4];
    aes_ref_state_load(state, block);
    memcpy(block, state, 16);
}

static void add_key(uint8_t state[4][4], const struct mistake *m, const uint8_t *w, unsigned round, unsigned Nr)
{
    AddRoundKey(state, w + 16 * (m->backwards ? Nr - round : round));
}

static void cipher_with(const struct mistake *m, uint8_t out[16], const uint8_t *in, const uint8_t *w, unsigned Nr)
{
    uint8_t state[4][4], block[16];
    memcpy(block, in, 16);
    if (m->by_rows)
        transpose(block);
    aes_ref_state_load(state, block);
    if (!m->no_first_key)
        add_key(state, m, w, 0, Nr);
    for (unsigned round = 1; round <= Nr; round++) {
        if (m->short_by_one && round == Nr - 1)
            continue;
        SubBytes(state);
        ShiftRows(state);
        if (round < Nr || m->mix_last)
            MixColumns(state);
        if (round < Nr || !m->no_last_key)
            add_key(state, m, w, m->short_by_one && round == Nr ? Nr - 1 : round, Nr);
    }
    aes_ref_state_store(out, state);
    if (m->by_rows)
        transpose(out);
}

static void inv_cipher_with(const struct mistake *m, uint8_t out[16], const uint8_t *in, const uint8_t *w, unsigned Nr)
{
    uint8_t state[4][4], block[16];
    memcpy(block, in, 16);
    if (m->by_rows)
        transpose(block);
    aes_ref_state_load(state, block);
    if (!m->no_first_key)
        add_key(state, m, w, Nr, Nr);
    for (unsigned round = m->short_by_one ? Nr - 1 : Nr; round-- > 0;) {
        InvShiftRows(state);
        InvSubBytes(state);
        if (m->key_last && round > 0)
            InvMixColumns(state);
        if (round > 0 || !m->no_last_key)
            add_key(state, m, w, round, Nr);
        if (!m->key_last && (round > 0 || m->mix_last))
            InvMixColumns(state);
    }
    aes_ref_state_store(out, state);
    if (m->by_rows)
        transpose(out);
}

static void diagnose(struct checking *c, bool inverse, const uint8_t *yours, const uint8_t *in, const uint8_t *w,
                     unsigned Nr)
{
    uint8_t wrong[16];
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        (inverse ? inv_cipher_with : cipher_with)(&mistakes[i], wrong, in, w, Nr);
        if (memcmp(wrong, yours, 16) == 0) {
            check_hint(c, "%s", mistakes[i].hint);
            return;
        }
    }
    if (c->outcome.hint[0] == '\0')
        check_hint(c, "each step by itself is right, in every round: look at their order and at the round keys");
}

/* --- Cipher and InvCipher ----------------------------------------------------------------------------------------- */

/* Asks for one block. In place, the argument 0 is both. */
static bool ask_block(struct checking *c, bool inverse, bool in_place, const uint8_t *in, const uint8_t *w, unsigned Nr)
{
    ask_begin(c, inverse ? "InvCipher" : "Cipher");
    if (in_place) {
        ask_inout(c, "out", in, 16);
        ask_within(c, "in", 0, 0);
    } else {
        ask_out(c, "out", 16);
        ask_in(c, "in", in, 16);
    }
    ask_in(c, "w", w, 16 * (Nr + 1));
    ask_number(c, "Nr", Nr);
    return ask(c);
}

static bool block_right(struct checking *c, bool inverse, bool in_place, const uint8_t *in, const uint8_t *key,
                        unsigned Nk)
{
    uint8_t w[AES_REF_W_LEN], right[16];
    unsigned Nr = Nk + 6;
    KeyExpansion(w, key, Nk, Nr);
    (inverse ? InvCipher : Cipher)(right, in, w, Nr);
    if (!ask_block(c, inverse, in_place, in, w, Nr))
        return false;
    if (memcmp(ask_bytes(c, 0), right, 16) == 0 || !check_compares(c))
        return true;
    if (in_place ? !block_right(c, inverse, false, in, key, Nk) /* else it is no matter of the place */
                 : !(inverse ? inv_steps_right : steps_right)(c, in, w, Nr))
        return false;
    if (!ask_block(c, inverse, in_place, in, w, Nr))
        return false;
    if (expect_bytes(c, 0, right, 16, inverse ? "the plaintext" : "the ciphertext"))
        return check_failed(c, CHECK_WRONG_BYTES, inverse ? "the plaintext" : "the ciphertext",
                            "wrong the first time, right the second time: the same block gave two answers");
    if (in_place)
        check_hint(c, "out may be in: read all of in before the first byte of out is written");
    else
        diagnose(c, inverse, ask_bytes(c, 0), in, w, Nr);
    return false;
}

/* FIPS 197, appendix B, then C.1 and C.3. */
static void blocks(struct checking *c, bool inverse, bool in_place, unsigned Nk)
{
    static const uint8_t appendix_b[32] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15,
                                           0x88, 0x09, 0xcf, 0x4f, 0x3c, 0x32, 0x43, 0xf6, 0xa8, 0x88, 0x5a,
                                           0x30, 0x8d, 0x31, 0x31, 0x98, 0xa2, 0xe0, 0x37, 0x07, 0x34};
    uint8_t key[32], in[16];
    if (Nk == 4 && !inverse && !block_right(c, false, in_place, appendix_b + 16, appendix_b, 4))
        return;
    for (size_t i = 0; i < 32; i++) {
        key[i] = (uint8_t)i;
        in[i % 16] = (uint8_t)(0x11 * (i % 16));
    }
    for (int i = 0; i < 4; i++) {
        if (!block_right(c, inverse, in_place, in, key, Nk))
            return;
        rng_fill(&c->rng, key, sizeof key);
        rng_fill(&c->rng, in, sizeof in);
    }
}

static void check_cipher_128(struct checking *c)
{
    blocks(c, false, false, 4);
}

static void check_cipher_256(struct checking *c)
{
    blocks(c, false, false, 8);
}

static void check_inv_cipher_128(struct checking *c)
{
    blocks(c, true, false, 4);
}

static void check_inv_cipher_256(struct checking *c)
{
    blocks(c, true, false, 8);
}

static void check_in_place(struct checking *c)
{
    blocks(c, false, true, 4);
    if (c->outcome.verdict == CHECK_PASSED)
        blocks(c, true, true, 4);
}

static const struct check checks[] = {
    {"ShiftRows", 1, check_shift_rows},
    {"InvShiftRows", 1, check_inv_shift_rows},
    {"AddRoundKey", 1, check_add_round_key},
    {"Cipher with 10 rounds", 2, check_cipher_128},
    {"Cipher with 14 rounds", 1, check_cipher_256},
    {"InvCipher with 10 rounds", 1, check_inv_cipher_128},
    {"InvCipher with 14 rounds", 1, check_inv_cipher_256},
    {"out is in", 1, check_in_place},
    {NULL, 0, NULL},
};

const struct exercise exercise_aes = {
    .number = "04",
    .stem = "aes",
    .title = "AES: Cipher and InvCipher",
    .files = {"aes_ref.c"},
    .needs = {"sub_mix", "key_expansion"},
    .given = "ct",
    .checks = checks,
    .memory_points = 1,
};
