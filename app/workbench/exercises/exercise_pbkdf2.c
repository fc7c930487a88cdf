/* SPDX-License-Identifier: MIT */
/* Exercise 10: PBKDF2-HMAC-SHA-256 (RFC 8018, section 5.2). */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/bytes.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"

#define LONGEST 200
#define DK_MAX 100

struct inputs {
    size_t password_len, salt_len;
    uint8_t password[LONGEST], salt[LONGEST];
    uint32_t c;
};

static void random_inputs(struct checking *c, struct inputs *in, size_t password_len, size_t salt_len, uint32_t count)
{
    *in = (struct inputs){.password_len = password_len, .salt_len = salt_len, .c = count};
    rng_fill(&c->rng, in->password, password_len);
    rng_fill(&c->rng, in->salt, salt_len);
}

static void text_inputs(struct inputs *in, const char *password, const char *salt, uint32_t count)
{
    *in = (struct inputs){.password_len = strlen(password), .salt_len = strlen(salt), .c = count};
    memcpy(in->password, password, in->password_len);
    memcpy(in->salt, salt, in->salt_len);
}

/* --- What went wrong ---------------------------------------------------------------------------------------------- */

/* How the standard can be misread. */
struct mistake {
    uint32_t first, by;   /* the number of the first block, and by how much it grows */
    int32_t more;         /* iterations too many */
    bool little, before;  /* INT(i) in the other byte order; before the salt */
    bool last_only;       /* the chain's last U alone */
    bool swapped, salted; /* password and salt; the salt goes into every U */
    const char *hint;
};

static const struct mistake mistakes[] = {
    {.first = 0, .by = 1, .hint = "the first block is INT(1), not INT(0)"},
    {.first = 1, .by = 0, .hint = "block 2 is made with INT(2): yours is block 1 once more"},
    {.first = 1, .by = 1, .little = true, .hint = "INT(i): yours is little-endian, the standard's is big-endian"},
    {.first = 1, .by = 1, .before = true, .hint = "U_1 is the HMAC of S || INT(i): yours has INT(i) before the salt"},
    {.first = 1, .by = 1, .more = 1, .hint = "an iteration too many: U_1 is the first of the c"},
    {.first = 1, .by = 1, .more = -1, .hint = "an iteration too few: U_1 is the first of the c, U_c the last"},
    {.first = 1, .by = 1, .last_only = true, .hint = "T is U_1 xor ... xor U_c: yours is U_c alone"},
    {.first = 1, .by = 1, .swapped = true, .hint = "password and salt are swapped: the password is HMAC's key"},
    {.first = 1, .by = 1, .salted = true, .hint = "the salt goes into U_1 alone: U_2 is the HMAC of U_1"},
};

/* U = HMAC(P, what), which may hold U. */
static void U_of(uint8_t U[HMAC_TAG_LEN], const struct inputs *in, bool swapped, const uint8_t *what, size_t len)
{
    if (swapped)
        hmac_tag(U, in->salt, in->salt_len, what, len);
    else
        hmac_tag(U, in->password, in->password_len, what, len);
}

/* Block i as the mistake makes it. */
static void block_with(uint8_t T[HMAC_TAG_LEN], const struct mistake *m, const struct inputs *in, uint32_t i)
{
    uint8_t U[HMAC_TAG_LEN], what[LONGEST + HMAC_TAG_LEN], INT[4];
    const uint8_t *salt = m->swapped ? in->password : in->salt;
    size_t salt_len = m->swapped ? in->password_len : in->salt_len;
    (m->little ? bytes_store_le32 : bytes_store_be32)(INT, i);
    memcpy(what + (m->before ? 4 : 0), salt, salt_len);
    memcpy(what + (m->before ? 0 : salt_len), INT, 4);
    U_of(U, in, m->swapped, what, salt_len + 4);
    memcpy(T, U, sizeof U);
    memset(T, 0, m->more < 0 && in->c == 1 ? sizeof U : 0);
    for (int64_t c = 1; c < (int64_t)in->c + m->more; c++) {
        size_t from = m->salted ? salt_len : 0;
        memcpy(what, salt, from);
        memcpy(what + from, U, sizeof U);
        U_of(U, in, m->swapped, what, from + sizeof U);
        bytes_xor(T, T, U, sizeof U);
        if (m->last_only)
            memcpy(T, U, sizeof U);
    }
}

static bool is_from(const struct mistake *m, const struct inputs *in, const uint8_t *yours, size_t len)
{
    uint8_t T[HMAC_TAG_LEN];
    for (size_t done = 0; done < len; done += sizeof T) {
        block_with(T, m, in, m->first + m->by * (uint32_t)(done / sizeof T));
        if (memcmp(T, yours + done, len - done < sizeof T ? len - done : sizeof T) != 0)
            return false;
    }
    return true;
}

static void diagnose(struct checking *c, const struct inputs *in, size_t out, size_t len)
{
    const uint8_t *yours = ask_bytes(c, out), *before = ask_sent(c, out);
    size_t i = c->outcome.at + c->outcome.difference, last = len / HMAC_TAG_LEN * HMAC_TAG_LEN;
    for (size_t k = 0; k < sizeof mistakes / sizeof *mistakes; k++)
        if (is_from(&mistakes[k], in, yours, len)) {
            check_hint(c, "%s", mistakes[k].hint);
            return;
        }
    if (i == last && i > 0 && memcmp(yours + last, before + last, len - last) == 0)
        check_hint(c, "the last block was not written: of it the first %zu byte%s wanted", len - last,
                   len - last > 1 ? "s are" : " is");
    else if (i >= HMAC_TAG_LEN && i % HMAC_TAG_LEN == 0)
        check_hint(c, "the blocks before are right; this one begins with INT(%zu)", i / HMAC_TAG_LEN + 1);
}

/* --- The checks --------------------------------------------------------------------------------------------------- */

static size_t ask_derive(struct checking *c, const struct inputs *in, size_t len)
{
    ask_begin(c, "pbkdf2_derive");
    size_t out = ask_out(c, "out", len);
    ask_secret(c, "password", in->password, in->password_len);
    ask_in(c, "salt", in->salt, in->salt_len);
    ask_number(c, "iterations", in->c);
    return out;
}

static void block_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, byte %zu, which is byte %zu of block %zu", what, i, i % HMAC_TAG_LEN,
             i / HMAC_TAG_LEN + 1);
}

static bool derives(struct checking *c, const struct inputs *in, size_t len)
{
    uint8_t right[DK_MAX];
    size_t out = ask_derive(c, in, len);
    pbkdf2_derive(right, len, in->password, in->password_len, in->salt, in->salt_len, in->c);
    if (!ask(c))
        return false;
    if (expect_equal(c, ask_bytes(c, out), right, len, "the key", block_of))
        return true;
    diagnose(c, in, out, len);
    return false;
}

static void check_one(struct checking *c)
{
    struct inputs in;
    text_inputs(&in, "passwd", "salt", 1); /* RFC 7914, section 11: the first half */
    for (size_t i = 0; i < 4 && derives(c, &in, 32); i++)
        random_inputs(c, &in, 8 + i, 16, 1);
}

static void check_many(struct checking *c)
{
    static const uint32_t counts[] = {2, 3, 4, 1000, 4096};
    struct inputs in;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        text_inputs(&in, "password", "salt", counts[i]);
        if (!derives(c, &in, 32))
            return;
        random_inputs(c, &in, 12, 16, counts[i]);
        if (!derives(c, &in, 32))
            return;
    }
}

static void check_blocks(struct checking *c)
{
    struct inputs in;
    text_inputs(&in, "passwd", "salt", 1); /* RFC 7914, section 11 */
    if (!derives(c, &in, 64))
        return;
    random_inputs(c, &in, 10, 16, 1);
    (void)(derives(c, &in, 64) && derives(c, &in, 96));
}

static void check_cut(struct checking *c)
{
    static const size_t lengths[] = {33, 40, 63, 65, DK_MAX, 31, 20, 1, 0};
    struct inputs in;
    random_inputs(c, &in, 10, 16, 1);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (!derives(c, &in, lengths[i]))
            return;
}

static void check_lengths(struct checking *c)
{
    static const size_t lengths[][2] = {{0, 16}, {1, 0}, {63, 8}, {64, 52}, {65, 60}, {130, 64}, {200, 200}};
    struct inputs in;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        random_inputs(c, &in, lengths[i][0], lengths[i][1], 1);
        if (!derives(c, &in, 32))
            return;
    }
}

/* The password decides no branch and no address; salt, iterations and lengths may. */
static void timing(struct checking *c)
{
    struct inputs in;
    expect_new_path(c, "one password");
    for (int i = 0; i < 3; i++) {
        random_inputs(c, &in, 12, 16, 2);
        memset(in.password, 0, i == 0 ? 12 : 0);
        memset(in.salt, 1, 16);
        ask_derive(c, &in, 32);
        if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another one of that length"))
            return;
    }
}

static const struct check checks[] = {
    {"one iteration", 2, check_one},
    {"many iterations", 2, check_many},
    {"more than one block", 2, check_blocks},
    {"a last block that is cut", 1, check_cut},
    {"passwords and salts of other lengths", 1, check_lengths},
    {NULL, 0, NULL},
};

const struct exercise exercise_pbkdf2 = {
    .number = "10",
    .stem = "pbkdf2",
    .title = "PBKDF2",
    .files = {"pbkdf2.c"},
    .needs = {"sha256", "hmac"},
    .given = "bytes ct hmac sha256 sha256_ref sha256_choice_ref",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
