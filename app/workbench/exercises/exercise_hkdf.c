/* SPDX-License-Identifier: MIT */
/* Exercise 09: HKDF-SHA-256 (RFC 5869). A wrong answer is compared with what the usual mistakes give. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

#define SECRET_MAX 300 /* of a salt and of ikm */
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* RFC 5869, appendix A: A.1 and A.3 have the same ikm, and in A.2 the bytes count on. */
struct published {
    size_t ikm_len, salt_len, info_len, okm_len;
    uint8_t ikm, salt, info, step; /* the first byte of each, and by how much the bytes of ikm rise */
};

static const struct published published[] = {
    {22, 13, 10, 42, 0x0b, 0x00, 0xf0, 0},
    {80, 80, 80, 82, 0x00, 0x60, 0xb0, 1},
    {22, 0, 0, 42, 0x0b, 0x00, 0x00, 0},
};

static void count_on(uint8_t *out, size_t len, uint8_t from, uint8_t step)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(from + i * step);
}

/* --- Extract ------------------------------------------------------------------------------------------------------ */

static void diagnose_extract(struct checking *c, const uint8_t *yours, const uint8_t *salt, size_t salt_len,
                             const uint8_t *ikm, size_t ikm_len)
{
    uint8_t guess[HKDF_PRK_LEN];
    hmac_tag(guess, ikm, ikm_len, salt, salt_len);
    if (memcmp(guess, yours, sizeof guess) == 0)
        check_hint(c, "salt and ikm are swapped: PRK = HMAC(salt, IKM), the salt is the key");
    sha256_digest(guess, ikm, ikm_len);
    if (memcmp(guess, yours, sizeof guess) == 0)
        check_hint(c, "this is the hash of ikm: PRK = HMAC(salt, IKM), also where there is no salt");
    if (ikm_len >= sizeof guess && memcmp(ikm, yours, sizeof guess) == 0)
        check_hint(c, "this is ikm as it was: PRK = HMAC(salt, IKM), also where there is no salt");
    hmac_tag(guess, NULL, 0, ikm, ikm_len);
    if (salt_len > 0 && memcmp(guess, yours, sizeof guess) == 0)
        check_hint(c, "the salt was not used");
    if (salt_len > HKDF_PRK_LEN) {
        hmac_tag(guess, salt, HKDF_PRK_LEN, ikm, ikm_len);
        if (memcmp(guess, yours, sizeof guess) == 0)
            check_hint(c, "only the salt's first 32 bytes were used: it may have any length");
    }
}

/* The answer stands in the argument 0. */
static bool prk_right(struct checking *c, const uint8_t *salt, size_t salt_len, const uint8_t *ikm, size_t ikm_len)
{
    uint8_t right[HKDF_PRK_LEN];
    hkdf_extract(right, salt, salt_len, ikm, ikm_len);
    if (expect_bytes(c, 0, right, sizeof right, "PRK"))
        return true;
    diagnose_extract(c, ask_bytes(c, 0), salt, salt_len, ikm, ikm_len);
    return false;
}

static bool extracts(struct checking *c, const uint8_t *salt, size_t salt_len, const uint8_t *ikm, size_t ikm_len)
{
    ask_begin(c, "hkdf_extract");
    ask_out(c, "prk", HKDF_PRK_LEN);
    if (salt_len > 0)
        ask_in(c, "salt", salt, salt_len);
    else
        ask_null(c, "salt");
    ask_secret(c, "ikm", ikm, ikm_len);
    return ask(c) && prk_right(c, salt, salt_len, ikm, ikm_len);
}

static void check_extract(struct checking *c)
{
    static const uint16_t lengths[][2] = {{32, 32}, {1, 0}, {13, 22}, {33, 1}, {64, 256}, {65, 64}, {100, 300}};
    uint8_t salt[SECRET_MAX], ikm[SECRET_MAX];
    for (size_t i = 0; i < COUNT(lengths); i++) {
        rng_fill(&c->rng, salt, sizeof salt);
        rng_fill(&c->rng, ikm, sizeof ikm);
        if (!extracts(c, salt, lengths[i][0], ikm, lengths[i][1]))
            return;
    }
    ask_begin(c, "hkdf_extract");
    ask_inout(c, "prk", ikm, 100);
    ask_in(c, "salt", salt, 32);
    ask_within(c, "ikm", 0, 0);
    if (ask(c) && !prk_right(c, salt, 32, ikm, 100) && c->outcome.hint[0] == '\0')
        check_hint(c, "prk may be in ikm: all of it has to be read before prk is written");
}

static void check_no_salt(struct checking *c)
{
    static const uint8_t lengths[] = {22, 0, 32, 64, 200};
    uint8_t ikm[SECRET_MAX];
    for (size_t i = 0; i < sizeof lengths; i++) {
        rng_fill(&c->rng, ikm, sizeof ikm);
        if (!extracts(c, NULL, 0, ikm, lengths[i]))
            return;
    }
}

/* --- Expand ------------------------------------------------------------------------------------------------------- */

/* T(i) = HMAC(PRK, T(i-1) || info || i), made wrongly. */
struct expand_mistake {
    bool zero_T0;                       /* T(0) is 32 zeros */
    bool no_chain, no_info, first_info; /* T(i-1) missing; info missing; info only in T(1) */
    bool counter_first, no_counter, ascii, same, wide;
    uint8_t first; /* the first counter */
    const char *hint;
};

static const struct expand_mistake expand_mistakes[] = {
    {.first = 0, .hint = "the counter begins with 1: T(1) = HMAC(PRK, info || 01)"},
    {.first = 1, .zero_T0 = true, .hint = "T(0) is empty, and not 32 zero bytes"},
    {.first = 0, .zero_T0 = true, .hint = "T(0) is empty, not 32 zero bytes; and the counter begins with 1"},
    {.first = 1, .no_counter = true, .hint = "the counter after info is missing: T(1) = HMAC(PRK, info || 01)"},
    {.first = 1,
     .counter_first = true,
     .hint = "the order is T(i-1), info, counter; here the counter comes before info"},
    {.first = 1, .no_info = true, .hint = "info is missing: T(i) = HMAC(PRK, T(i-1) || info || i)"},
    {.first = 1, .ascii = true, .hint = "the counter is the byte 01, and not the digit '1'"},
    {.first = 1, .wide = true, .hint = "the counter is one byte, and not four"},
    {.first = 1, .no_chain = true, .hint = "T(i-1) is missing: T(2) = HMAC(PRK, T(1) || info || 02)"},
    {.first = 1, .first_info = true, .hint = "info stands in every T(i), not only in T(1)"},
    {.first = 1, .same = true, .hint = "the counter stays 1: T(2) ends in 02"},
};

static void expand_wrongly(uint8_t *okm, size_t okm_len, const uint8_t *prk, const uint8_t *info, size_t info_len,
                           const struct expand_mistake *m)
{
    static const uint8_t zeros[HMAC_TAG_LEN];
    uint8_t T[HMAC_TAG_LEN] = {0};
    struct hmac_key key;
    struct hmac h;
    hmac_key_init(&key, prk, HKDF_PRK_LEN);
    for (unsigned i = 0; okm_len > 0; i++) {
        uint8_t counter = (uint8_t)((m->ascii ? 0x30u : 0u) + m->first + (m->same ? 0u : i));
        size_t take = okm_len < sizeof T ? okm_len : sizeof T;
        hmac_init(&h, &key);
        hmac_update(&h, T, (i > 0 && !m->no_chain) || m->zero_T0 ? sizeof T : 0);
        hmac_update(&h, &counter, m->counter_first);
        hmac_update(&h, info, m->no_info || (m->first_info && i > 0) ? 0 : info_len);
        hmac_update(&h, zeros, m->wide ? 3 : 0);
        hmac_update(&h, &counter, !m->counter_first && !m->no_counter);
        hmac_final(&h, T);
        memcpy(okm, T, take);
        okm += take;
        okm_len -= take;
    }
}

static void diagnose_expand(struct checking *c, const uint8_t *yours, size_t okm_len, const uint8_t *prk,
                            const uint8_t *info, size_t info_len)
{
    uint8_t guess[HKDF_OKM_MAX];
    for (size_t i = 0; i < COUNT(expand_mistakes) && okm_len >= 16; i++) {
        expand_wrongly(guess, okm_len, prk, info, info_len, &expand_mistakes[i]);
        if (memcmp(guess, yours, okm_len) == 0) {
            check_hint(c, "%s", expand_mistakes[i].hint);
            return;
        }
    }
    size_t at = c->outcome.at + c->outcome.difference;
    if (at >= okm_len / 32 * 32 && at > 0)
        check_hint(c, "the last T(i) is wrong: %zu of its bytes are wanted", okm_len - okm_len / 32 * 32);
}

static void byte_of_T(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, byte %zu: T(%zu), byte %zu", what, i, i / 32 + 1, i % 32);
}

static bool expands(struct checking *c, const uint8_t prk[32], const uint8_t *info, size_t info_len, size_t okm_len)
{
    uint8_t right[HKDF_OKM_MAX];
    ask_begin(c, "hkdf_expand");
    ask_out(c, "okm", okm_len);
    ask_secret(c, "prk", prk, HKDF_PRK_LEN);
    ask_in(c, "info", info, info_len);
    if (!ask(c))
        return false;
    hkdf_expand(right, okm_len, prk, info, info_len);
    if (expect_equal(c, ask_bytes(c, 0), right, okm_len, "OKM", byte_of_T))
        return true;
    diagnose_expand(c, ask_bytes(c, 0), okm_len, prk, info, info_len);
    return false;
}

static bool expands_random(struct checking *c, size_t info_len, size_t okm_len)
{
    uint8_t prk[HKDF_PRK_LEN], info[HKDF_INFO_MAX];
    rng_fill(&c->rng, prk, sizeof prk);
    rng_fill(&c->rng, info, sizeof info);
    return expands(c, prk, info, info_len, okm_len);
}

static void check_published(struct checking *c)
{
    uint8_t ikm[80], salt[80], info[80], prk[HKDF_PRK_LEN];
    for (size_t i = 0; i < COUNT(published); i++) {
        const struct published *p = &published[i];
        count_on(ikm, p->ikm_len, p->ikm, p->step);
        count_on(salt, p->salt_len, p->salt, 1);
        count_on(info, p->info_len, p->info, 1);
        hkdf_extract(prk, salt, p->salt_len, ikm, p->ikm_len);
        if (!extracts(c, salt, p->salt_len, ikm, p->ikm_len) || !expands(c, prk, info, p->info_len, p->okm_len))
            return;
    }
}

static void check_one_block(struct checking *c)
{
    for (size_t info_len = 1; info_len <= HKDF_INFO_MAX; info_len += 7)
        if (!expands_random(c, info_len, 32))
            return;
    expands_random(c, 0, 32);
}

static void check_blocks(struct checking *c)
{
    for (size_t blocks = 2; blocks <= 8; blocks++)
        if (!expands_random(c, 10, 32 * blocks))
            return;
}

static void check_last_block(struct checking *c)
{
    for (size_t len = 0; len <= 100; len++)
        if (!expands_random(c, 10, len))
            return;
}

static void check_limits(struct checking *c)
{
    if (expands_random(c, HKDF_INFO_MAX, 100) && expands_random(c, 0, 100) && expands_random(c, 9, HKDF_OKM_MAX - 1) &&
        !expands_random(c, HKDF_INFO_MAX, HKDF_OKM_MAX))
        check_hint(c, "255 blocks of 32 bytes are allowed: the counter is 255 then");
}

/* What is secret: ikm and PRK. The salt and info are not. */
static void timing(struct checking *c)
{
    uint8_t ikm[64], salt[32];
    rng_fill(&c->rng, salt, sizeof salt);
    for (size_t what = 0; what < 3; what++) {
        expect_new_path(c, "some secret");
        for (size_t i = 0; i < 2; i++) {
            rng_fill(&c->rng, ikm, sizeof ikm);
            bool asked = what == 0   ? extracts(c, salt, sizeof salt, ikm, sizeof ikm)
                         : what == 1 ? extracts(c, NULL, 0, ikm, sizeof ikm)
                                     : expands(c, ikm, salt, 10, 64);
            if (!asked || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another secret"))
                return;
        }
    }
}

static const struct check checks[] = {
    {"extract", 1, check_extract},
    {"extract without a salt", 1, check_no_salt},
    {"expand: one block, with its info", 1, check_one_block},
    {"expand: several blocks", 2, check_blocks},
    {"expand: any length", 1, check_last_block},
    {"expand: the longest info, 255 blocks", 1, check_limits},
    {"the values of RFC 5869", 1, check_published},
    {NULL, 0, NULL},
};

const struct exercise exercise_hkdf = {
    .number = "09",
    .stem = "hkdf",
    .title = "HKDF",
    .files = {"hkdf.c"},
    .needs = {"sha256", "hmac"},
    .given = "bytes ct hmac sha256 sha256_ref sha256_choice_ref",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
