/* SPDX-License-Identifier: MIT */
/* Exercise 03: AES's key schedule (FIPS 197, 5.2). The S-box is a table and leaks by design: there is no timing. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/dialect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/aes_ref.h"

/* --- Words -------------------------------------------------------------------------------------------------------- */

static bool word_right(struct checking *c, const char *function, void right(uint8_t word[static 4]))
{
    uint8_t word[4], before[4], mirrored[4];
    for (int i = 0; i < 8; i++) {
        rng_fill(&c->rng, word, sizeof word);
        memcpy(before, word, sizeof word);
        right(word);
        ask_begin(c, function);
        ask_inout(c, "word", before, 4);
        if (!ask(c))
            return false;
        if (expect_bytes(c, 0, word, 4, "the word"))
            continue;
        if (right == SubWord && dialect_is_fips_sbox(ask_bytes(c, 0), word, 4))
            check_hint(c, DIALECT_SBOX_HINT, "SubWord", DIALECT_SBOX);
        for (size_t k = 0; k < 4; k++)
            mirrored[k] = before[(k + 3) % 4];
        if (right == RotWord && memcmp(ask_bytes(c, 0), mirrored, 4) == 0)
            check_hint(c, "it turns the other way: a0 a1 a2 a3 becomes a1 a2 a3 a0");
        return false;
    }
    return true;
}

static void check_sub_word(struct checking *c)
{
    (void)word_right(c, "SubWord", SubWord);
}

static void check_rot_word(struct checking *c)
{
    (void)word_right(c, "RotWord", RotWord);
}

static void constants(struct checking *c, unsigned from, unsigned to)
{
    for (unsigned i = from; i <= to; i++) {
        char what[20];
        snprintf(what, sizeof what, "Rcon(%u)", i);
        ask_begin(c, "Rcon");
        ask_number(c, "i", i);
        if (!ask(c))
            return;
        if (expect_result(c, Rcon(i), what))
            continue;
        if (i >= 9 && (c->result == 0 || c->result == 1u << (i - 1)))
            check_hint(c, "x^8 is not in the field: it is reduced to 1b (4.2.1)");
        else if (c->result == Rcon(i + 1))
            check_hint(c, "Rcon(i) is x^(i-1): Rcon(1) is 01");
        return;
    }
}

static void check_rcon(struct checking *c)
{
    constants(c, 1, 8);
}

static void check_rcon_reduced(struct checking *c)
{
    constants(c, 9, 10);
}

/* --- KeyExpansion ------------------------------------------------------------------------------------------------- */

struct mistake {
    bool no_rot, no_sub, no_rcon, rcon_late, rcon_raw, no_sub_at_4, rot_at_4, rcon_everywhere;
    const char *hint;
};

static const struct mistake mistakes[] = {
    {.no_rot = true, .hint = "RotWord is left out where i is a multiple of Nk"},
    {.no_sub = true, .hint = "SubWord is left out where i is a multiple of Nk"},
    {.no_rcon = true, .hint = "Rcon is left out where i is a multiple of Nk"},
    {.rcon_late = true, .hint = "the constant is Rcon(i / Nk), which begins with Rcon(1) = 01"},
    {.rcon_raw = true, .hint = "Rcon(9) is not reduced: x^8 becomes 1b"},
    {.no_sub_at_4 = true, .hint = "for keys of 256 bits SubWord is missing where i mod Nk = 4"},
    {.rot_at_4 = true, .hint = "where i mod Nk = 4 there is SubWord alone, without RotWord"},
    {.rcon_everywhere = true, .hint = "the constant is the first byte of its word; the other three are 0"},
};

static void expand_with(const struct mistake *m, uint8_t *w, const uint8_t *key, unsigned Nk, unsigned Nr)
{
    memcpy(w, key, (size_t)4 * Nk);
    for (unsigned i = Nk; i < 4 * (Nr + 1); i++) {
        uint8_t temp[4], rcon = m->rcon_raw && i / Nk > 8 ? 0 : Rcon(i / Nk + m->rcon_late);
        bool first = i % Nk == 0, middle = Nk > 6 && i % Nk == 4;
        memcpy(temp, w + (size_t)4 * (i - 1), 4);
        if ((first && !m->no_rot) || (middle && m->rot_at_4))
            RotWord(temp);
        if ((first && !m->no_sub) || (middle && !m->no_sub_at_4))
            SubWord(temp);
        for (int j = 0; first && !m->no_rcon && j < (m->rcon_everywhere ? 4 : 1); j++)
            temp[j] ^= rcon;
        for (unsigned j = 0; j < 4; j++)
            w[4 * i + j] = (uint8_t)(w[4 * (i - Nk) + j] ^ temp[j]);
    }
}

static void word_place(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s[%zu], byte %zu", what, i / 4, i % 4);
}

static bool schedule_right(struct checking *c, const uint8_t *key, unsigned Nk)
{
    uint8_t right[AES_REF_W_LEN], wrong[AES_REF_W_LEN];
    unsigned Nr = Nk + 6;
    size_t len = (size_t)16 * (Nr + 1);
    KeyExpansion(right, key, Nk, Nr);
    ask_begin(c, "KeyExpansion");
    ask_out(c, "w", len);
    ask_in(c, "key", key, (size_t)4 * Nk);
    ask_number(c, "Nk", Nk);
    ask_number(c, "Nr", Nr);
    if (!ask(c))
        return false;
    const uint8_t *yours = ask_bytes(c, 0);
    if (expect_equal(c, yours, right, len, "w", word_place))
        return true;
    size_t bad = c->outcome.at + c->outcome.difference;
    if (memcmp(yours, ask_sent(c, 0), len) == 0)
        check_hint(c, "w was not written at all");
    else if (bad < (size_t)4 * Nk)
        check_hint(c, "the first Nk words are the key itself");
    else if (memcmp(yours + bad, ask_sent(c, 0) + bad, len - bad) == 0)
        check_hint(c, "from here on nothing was written: w has 4 * (Nr + 1) words");
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        expand_with(&mistakes[i], wrong, key, Nk, Nr);
        if (memcmp(wrong, yours, len) == 0)
            check_hint(c, "%s", mistakes[i].hint);
    }
    return false;
}

/* FIPS 197, appendix A.1. */
static void check_128(struct checking *c)
{
    static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6,
                                    0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c};
    (void)schedule_right(c, key, 4);
}

/* Appendix A.3. */
static void check_256(struct checking *c)
{
    static const uint8_t key[32] = {0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae,
                                    0xf0, 0x85, 0x7d, 0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61,
                                    0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4};
    (void)schedule_right(c, key, 8);
}

static void check_random_keys(struct checking *c)
{
    uint8_t key[32];
    for (int i = 0; i < 8; i++) {
        rng_fill(&c->rng, key, sizeof key);
        if (!schedule_right(c, key, i % 2 ? 8 : 4))
            return;
    }
}

static const struct check checks[] = {
    {"SubWord", 1, check_sub_word},
    {"RotWord", 1, check_rot_word},
    {"Rcon(1) to Rcon(8)", 1, check_rcon},
    {"Rcon(9) and Rcon(10)", 1, check_rcon_reduced},
    {"the schedule of a key of 128 bits", 2, check_128},
    {"the schedule of a key of 256 bits", 2, check_256},
    {"schedules of random keys", 1, check_random_keys},
    {NULL, 0, NULL},
};

const struct exercise exercise_key_expansion = {
    .number = "03",
    .stem = "key_expansion",
    .title = "AES: KeyExpansion",
    .files = {"aes_ref.c"},
    .given = "ct",
    .checks = checks,
    .memory_points = 1,
};
