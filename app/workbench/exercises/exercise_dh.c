/* SPDX-License-Identifier: MIT */
/* Exercise 12: DH in the groups of RFC 7919 (SP 800-56A rev. 3), with GMP. */
#include <string.h>

#include "app/workbench/exercises/dh_checks.h"
#include "app/workbench/exercises/dh_numbers.h"
#include "app/workbench/exercises/exercise.h"
#include "crypto/bytes.h"

/* OpenSSL's ffdhe2048-1 and ffdhe2048-2: their Z begins with two zero bytes. */
static const uint8_t x_1[32] = {0x00, 0x00, 0x00, 0x01, 0x94, 0x6b, 0x98, 0x86, 0x50, 0x5f, 0x6b,
                                0x1a, 0xf0, 0xe3, 0xbf, 0xd3, 0xc3, 0x14, 0x62, 0x2f, 0xb5, 0x2f,
                                0x4e, 0x22, 0xa6, 0xdb, 0x8b, 0xca, 0xea, 0x9b, 0x86, 0xfa};
static const uint8_t x_2[32] = {0x00, 0x00, 0x00, 0x01, 0x18, 0x35, 0x92, 0x2d, 0x87, 0xef, 0xc4,
                                0x68, 0x88, 0x0a, 0x2b, 0x68, 0x1c, 0xc4, 0x5b, 0xad, 0x56, 0x35,
                                0x13, 0x59, 0x80, 0x9a, 0x45, 0xec, 0x93, 0x28, 0xcb, 0xcf};

/* --- Pairs -------------------------------------------------------------------------------------------------------- */

void dh_draw_pair(struct checking *c, struct dh_key_pair *pair, const struct dh_group *g)
{
    uint8_t x[DH_PRIVATE_MAX_LEN];
    rng_fill(&c->rng, x, sizeof x);
    x[0] |= 1;
    if (dh_pair_from_private(pair, g, x, g->x_len) != 0)
        check_not_graded(c, "no pair could be made");
}

static bool ask_pair(struct checking *c, const struct dh_group *g, const uint8_t *x, size_t x_len)
{
    ask_begin(c, "dh_pair_from_private");
    ask_out(c, "pair.x", g->x_len);
    ask_out(c, "pair.y", g->p_len);
    ask_out(c, "pair.group", 8);
    ask_number(c, "group", g->id);
    ask_secret(c, "x", x, x_len);
    return ask(c);
}

/* A public value or Z against what is right; base is NULL for a public value. */
static bool power_right(struct checking *c, size_t arg, const uint8_t *right, const struct dh_group *g,
                        const uint8_t *base, const uint8_t *x, const char *what)
{
    if (expect_bytes(c, arg, right, g->p_len, what))
        return true;
    const char *hint = dh_mistake_in_power(ask_bytes(c, arg), g, base, x);
    if (hint != NULL && c->outcome.kind == CHECK_WRONG_BYTES)
        check_hint(c, "%s", hint);
    return false;
}

static bool group_right(struct checking *c, const struct dh_group *g)
{
    if (expect_number(c, 2, g->id, "pair.group"))
        return true;
    check_hint(c, "the pair must remember its group: pair->group = g");
    return false;
}

static bool pair_right(struct checking *c, const struct dh_group *g, const uint8_t *x)
{
    struct dh_key_pair right;
    if (dh_pair_from_private(&right, g, x, g->x_len) != 0)
        return check_not_graded(c, "no pair could be made");
    return ask_pair(c, g, x, g->x_len) && expect_result(c, 0, "the result for a good x") &&
           expect_bytes(c, 0, right.x, g->x_len, "pair.x") && power_right(c, 1, right.y, g, NULL, x, "y") &&
           group_right(c, g);
}

/* A known answer, then random exponents, then one with all bits set. */
static void check_y(struct checking *c)
{
    struct dh_key_pair pair;
    uint8_t ones[DH_PRIVATE_MAX_LEN];
    memset(ones, 0xff, sizeof ones);
    if (!pair_right(c, dh_group(DH_FFDHE2048), x_1) || !pair_right(c, dh_group(DH_FFDHE2048), x_2))
        return;
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++) {
        const struct dh_group *g = dh_group(id);
        dh_draw_pair(c, &pair, g);
        if (!pair_right(c, g, pair.x) || !pair_right(c, g, ones))
            return;
    }
}

static void check_refuse_x(struct checking *c)
{
    uint8_t x[DH_PRIVATE_MAX_LEN + 1];
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++) {
        const struct dh_group *g = dh_group(id);
        const size_t lengths[] = {g->x_len - 1, g->x_len + 1, 0, id == DH_LAST_GROUP ? 32 : 48};
        memset(x, 0, sizeof x);
        x[g->x_len - 1] = 1;
        if (!ask_pair(c, g, x, g->x_len) || !expect_result(c, 0, "the result for x = 1"))
            return;
        x[g->x_len - 1] = 0;
        if (!ask_pair(c, g, x, g->x_len))
            return;
        if (!expect_result(c, -1, "the result for x = 0")) {
            check_hint(c, "x = 0 is refused: its public value is 1, and whoever sees that knows x");
            return;
        }
        rng_fill(&c->rng, x, sizeof x);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            if (!ask_pair(c, g, x, lengths[i]))
                return;
            if (!expect_result(c, -1, "the result for an x of another length")) {
                check_hint(c, "an x of %s has %zu bytes, and this one %zu", g->name, g->x_len, lengths[i]);
                return;
            }
        }
    }
}

/* --- Fresh pairs -------------------------------------------------------------------------------------------------- */

#define TOLD_LEN 256 /* bytes that the rng has to give */

/* What is probably the matter with an x that is not the first x_len of the bytes told. */
static void hint_x(struct checking *c, const struct dh_group *g, const uint8_t *told)
{
    const uint8_t *x = ask_bytes(c, 0), *drawn = ask_bytes(c, 3);
    const size_t len = g->x_len, by_key = (size_t)bytes_load_be64(drawn), by_fill = (size_t)bytes_load_be64(drawn + 8);
    size_t reversed = 0, same = 0;
    for (size_t i = 0; i < len; i++) {
        reversed += x[i] == told[len - 1 - i];
        same += x[i] == told[i];
    }
    if (by_key + by_fill == 0)
        check_hint(c, "nothing was drawn from the rng that was given: x is what rng_key(rng, ...) gives");
    else if (by_key + by_fill < len)
        check_hint(c, "%zu bytes were drawn: an x of %s has %zu", by_key + by_fill, g->name, len);
    else if (reversed == len)
        check_hint(c, "x is what rng_key gives, byte by byte in that order");
    else if (same + 2 >= len)
        check_hint(c, "bits of the first or the last byte were set or cleared: here every bit of x is random");
    else if (by_key > len && by_key < TOLD_LEN && memcmp(x, told + by_key - len, len) == 0)
        check_hint(c, "%zu bytes were drawn and the last ones kept: draw no more than x has", by_key);
    else
        check_hint(c, "x is the %zu bytes that rng_key gives, as they are: nothing is reduced or mixed in", len);
}

static bool ask_generate(struct checking *c, const struct dh_group *g, uint8_t told[static TOLD_LEN])
{
    rng_fill(&c->rng, told, TOLD_LEN);
    ask_begin(c, "dh_generate");
    ask_out(c, "pair.x", g->x_len);
    ask_out(c, "pair.y", g->p_len);
    ask_out(c, "pair.group", 8);
    ask_out(c, "drawn", 16);
    ask_number(c, "group", g->id);
    ask_secret(c, "rng", told, TOLD_LEN);
    return ask(c);
}

static bool generate_right(struct checking *c, const struct dh_group *g)
{
    uint8_t told[TOLD_LEN];
    struct dh_key_pair right;
    if (!ask_generate(c, g, told))
        return false;
    if (!expect_bytes(c, 0, told, g->x_len, "pair.x")) {
        hint_x(c, g, told);
        return false;
    }
    if (!expect_number(c, 3, g->x_len, "the bytes drawn by rng_key")) {
        check_hint(c, "x lives long: it is drawn by rng_key, once, and no more than its %zu bytes", g->x_len);
        return false;
    }
    if (dh_pair_from_private(&right, g, told, g->x_len) != 0)
        return check_not_graded(c, "no pair could be made");
    return power_right(c, 1, right.y, g, NULL, told, "y") && group_right(c, g);
}

static bool wipe_right(struct checking *c)
{
    static const uint8_t zeros[DH_PRIVATE_MAX_LEN];
    ask_begin(c, "dh_wipe");
    ask_inout(c, "pair.x", NULL, DH_PRIVATE_MAX_LEN);
    ask_inout(c, "pair.y", NULL, DH_PUBLIC_MAX_LEN);
    if (!ask(c))
        return false;
    if (expect_bytes(c, 0, zeros, sizeof zeros, "pair.x after dh_wipe"))
        return true;
    if (memcmp(ask_bytes(c, 0), ask_sent(c, 0), sizeof zeros) == 0)
        check_hint(c, "x is still there: wipe sizeof *pair bytes; sizeof pair is a pointer's");
    else
        check_hint(c, "a part of x is still there: wipe sizeof *pair bytes");
    return false;
}

static void check_fresh(struct checking *c)
{
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++)
        if (!generate_right(c, dh_group(id)) || !generate_right(c, dh_group(id)))
            return;
    wipe_right(c);
}

/* --- Z ------------------------------------------------------------------------------------------------------------ */

static bool ask_derive(struct checking *c, const struct dh_key_pair *pair, const uint8_t *peer, size_t peer_len)
{
    ask_begin(c, "dh_derive");
    ask_out(c, "z", pair->group->p_len);
    ask_number(c, "group", pair->group->id);
    ask_secret(c, "pair.x", pair->x, pair->group->x_len);
    ask_in(c, "pair.y", pair->y, pair->group->p_len);
    ask_in(c, "peer", peer, peer_len);
    return ask(c);
}

static bool z_right(struct checking *c, const struct dh_key_pair *pair, const uint8_t *peer)
{
    uint8_t z[DH_PUBLIC_MAX_LEN];
    const struct dh_group *g = pair->group;
    if (dh_derive(z, pair, peer, g->p_len) != 0)
        return check_not_graded(c, "no Z could be made");
    return ask_derive(c, pair, peer, g->p_len) && expect_result(c, 0, "the result for a good value") &&
           power_right(c, 0, z, g, peer, pair->x, "Z");
}

static void check_z(struct checking *c)
{
    struct dh_key_pair ours, theirs;
    for (int i = 0; i < 6; i++) {
        const struct dh_group *g = dh_group(DH_FIRST_GROUP + i % 3);
        dh_draw_pair(c, &ours, g);
        dh_draw_pair(c, &theirs, g);
        if (!z_right(c, &ours, theirs.y))
            return;
    }
}

/* A number in the subgroup that begins with so many zeros and no more. */
static void draw_short(struct checking *c, const struct dh_group *g, size_t zeros, uint8_t *z)
{
    do {
        rng_fill(&c->rng, z, g->p_len);
        memset(z, 0, zeros);
        z[zeros] |= 1;
    } while (dh_check_public(g, z, g->p_len) != 0);
}

/* 2^x below p has as many leading zeros as x leaves: so a small x makes a y with some. */
static void check_zeros(struct checking *c)
{
    static const size_t zeros[] = {1, 2, 8, 9};
    struct dh_key_pair pair;
    uint8_t z[DH_PUBLIC_MAX_LEN], peer[DH_PUBLIC_MAX_LEN];
    for (size_t i = 0; i < 12; i++) {
        const struct dh_group *g = dh_group(DH_FIRST_GROUP + (int)i % 3);
        size_t n = zeros[i / 3];
        draw_short(c, g, n, z);
        dh_draw_pair(c, &pair, g);
        dh_peer_for(peer, g, pair.x, z);
        uint8_t x[DH_PRIVATE_MAX_LEN] = {0};
        bytes_store_be16(x + g->x_len - 2, (uint16_t)(8 * (g->p_len - n) - 1));
        if (!z_right(c, &pair, peer) || !pair_right(c, g, x))
            return;
    }
    if (dh_pair_from_private(&pair, dh_group(DH_FFDHE2048), x_2, sizeof x_2) != 0)
        return;
    memcpy(peer, pair.y, sizeof peer);
    if (dh_pair_from_private(&pair, dh_group(DH_FFDHE2048), x_1, sizeof x_1) == 0)
        z_right(c, &pair, peer);
}

/* One of the values that the student's own dh_check_public refuses; what it should refuse is another check's matter. */
static bool derive_refuses(struct checking *c, const struct dh_key_pair *pair, const uint8_t *peer, size_t len,
                           size_t *values)
{
    if (!dh_ask_check(c, pair->group, peer, len))
        return false;
    if (check_compares(c) && (int64_t)c->result == 0)
        return true;
    ++*values;
    if (!ask_derive(c, pair, peer, len))
        return false;
    if (expect_result(c, -1, "the result for a peer's value that dh_check_public refuses"))
        return expect_untouched(c, 0, 0, "where -1 is returned there is no Z, and z stays as it is");
    check_hint(c, "dh_derive asks dh_check_public first: a stranger's value was checked by nobody before");
    return false;
}

static bool refusals_right(struct checking *c, const struct dh_key_pair *pair, const uint8_t *good, size_t *values)
{
    const struct dh_group *g = pair->group;
    static const long near[] = {0, 1, -1, 0, 1};
    uint8_t y[DH_PUBLIC_MAX_LEN + 1] = {0};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        dh_near(y, g, i >= 2, near[i]);
        if (!derive_refuses(c, pair, y, g->p_len, values))
            return false;
    }
    memcpy(y, good, g->p_len);
    dh_negate(y, g);
    if (!derive_refuses(c, pair, y, g->p_len, values))
        return false;
    memcpy(y + 1, good, g->p_len);
    y[0] = 0;
    return derive_refuses(c, pair, y, g->p_len + 1, values) && derive_refuses(c, pair, y + 2, g->p_len - 1, values);
}

static void check_derive_refuses(struct checking *c)
{
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++) {
        struct dh_key_pair ours, theirs;
        size_t values = 0;
        dh_draw_pair(c, &ours, dh_group(id));
        dh_draw_pair(c, &theirs, dh_group(id));
        if (!ask_derive(c, &ours, theirs.y, dh_group(id)->p_len) || !expect_result(c, 0, "the result for a good value"))
            return;
        if (!refusals_right(c, &ours, theirs.y, &values))
            return;
        if (values == 0) {
            check_failed(c, CHECK_WRONG_RESULT, "dh_derive", "dh_check_public refuses nothing, so there is no refusal");
            return;
        }
    }
}

static void hint_leak(struct checking *c)
{
    if (c->outcome.kind == CHECK_LEAKED)
        check_hint(c, "look at every byte of x; mpz_ functions take other steps for other values, mpn_sec_ ones don't");
}

/* Whole powers are too long to count their instructions: valgrind alone follows x and Z. */
static void follow(struct checking *c)
{
    const struct dh_group *g = dh_group(DH_FFDHE2048);
    struct dh_key_pair ours, theirs;
    uint8_t told[TOLD_LEN];
    dh_draw_pair(c, &ours, g);
    dh_draw_pair(c, &theirs, g);
    ours.x[0] = 0; /* as one x in 256 begins */
    if (!ask_pair(c, g, ours.x, g->x_len) || !expect_published(c, 8, "whether x is 0"))
        return;
    if (!ask_derive(c, &ours, theirs.y, g->p_len) || !expect_published(c, 8, "whether the value was refused"))
        return;
    if (ask_generate(c, g, told))
        expect_published(c, 8, "whether x is 0");
}

static void timing(struct checking *c)
{
    follow(c);
    hint_leak(c);
}

static const struct check checks[] = {
    {"y of a known x", 1, check_y},
    {"x = 0, or of another length, is refused", 1, check_refuse_x},
    {"a fresh pair, and its end", 1, check_fresh},
    {"y of another length, or not from 2 to p - 2, is refused", 1, dh_check_range},
    {"y outside of the subgroup is refused", 1, dh_check_subgroup},
    {"Z", 1, check_z},
    {"leading zeros of y and Z stay", 1, check_zeros},
    {"there is no Z of a value that is refused", 1, check_derive_refuses},
    {NULL, 0, NULL},
};

const struct exercise exercise_dh = {
    .number = "12",
    .stem = "dh",
    .title = "DH",
    .files = {"dh.c"},
    .given = "bytes ct bignum dh_group dh_comb",
    .checks = checks,
    .timing = timing,
    .timing_points = 1,
    .memory_points = 1,
};
