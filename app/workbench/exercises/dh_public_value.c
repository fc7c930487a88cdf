/* SPDX-License-Identifier: MIT */
/* Exercise 12, the peer's public value: its range, its length, and the subgroup that it must be in. */
#include <string.h>

#include "app/workbench/exercises/dh_checks.h"
#include "app/workbench/exercises/dh_numbers.h"

bool dh_ask_check(struct checking *c, const struct dh_group *g, const uint8_t *y, size_t y_len)
{
    ask_begin(c, "dh_check_public");
    ask_number(c, "group", g->id);
    ask_in(c, "y", y, y_len);
    return ask(c);
}

static bool taken(struct checking *c, const struct dh_group *g, const uint8_t *y, const char *what)
{
    return dh_ask_check(c, g, y, g->p_len) && expect_result(c, 0, what);
}

static bool refused(struct checking *c, const struct dh_group *g, const uint8_t *y, size_t y_len, const char *what,
                    const char *hint)
{
    if (!dh_ask_check(c, g, y, y_len))
        return false;
    if (expect_result(c, -1, what))
        return true;
    check_hint(c, "%s", hint);
    return false;
}

/* 2 and 4 are squares and as small as a good value gets. */
static bool range_right(struct checking *c, const struct dh_group *g)
{
    static const struct {
        bool from_p;
        long k;
        const char *what, *hint;
    } bad[] = {
        {false, 1, "the result for y = 1", "1 to whatever power is 1: 1 < y, so 2 is the least that is taken"},
        {false, 0, "the result for y = 0", "0 to whatever power is 0: 1 < y, so 2 is the least that is taken"},
        {true, -1, "the result for y = p - 1", "the powers of p - 1 are 1 and p - 1: y < p - 1"},
        {true, 0, "the result for y = p", "p is 0 modulo p: y < p - 1"},
        {true, 1, "the result for y = p + 1", "p + 1 is 1 modulo p: y < p - 1"},
        {true, 2, "the result for y = p + 2", "a value has one form: p + 2 is 2 modulo p, and y < p - 1"},
        {true, 4, "the result for y = p + 4", "a value has one form: p + 4 is 4 modulo p, and y < p - 1"},
    };
    uint8_t y[DH_PUBLIC_MAX_LEN];
    dh_near(y, g, false, 2);
    if (!taken(c, g, y, "the result for y = 2"))
        return false;
    dh_near(y, g, false, 4);
    if (!taken(c, g, y, "the result for y = 4"))
        return false;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        dh_near(y, g, bad[i].from_p, bad[i].k);
        if (!refused(c, g, y, g->p_len, bad[i].what, bad[i].hint))
            return false;
    }
    return true;
}

/* Numbers that would be good at the right length: 4 with zeros in front of it, or without them. */
static bool lengths_right(struct checking *c, const struct dh_group *g)
{
    const size_t lengths[] = {g->p_len - 1, g->p_len + 1, g->p_len + 8, g->p_len - 8, 1, 0};
    uint8_t y[DH_PUBLIC_MAX_LEN + 8];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memset(y, 0, sizeof y);
        if (lengths[i] > 0)
            y[lengths[i] - 1] = 4;
        if (!refused(c, g, y, lengths[i], "the result for a y of another length",
                     "a public value has p_len bytes, no more and no less, whatever number they are")) {
            if (c->outcome.kind == CHECK_CRASHED || c->outcome.kind == CHECK_MEMORY)
                check_hint(c, "compare y_len with p_len before a byte of y is read");
            return false;
        }
    }
    return true;
}

void dh_check_range(struct checking *c)
{
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++)
        if (!range_right(c, dh_group(id)) || !lengths_right(c, dh_group(id)))
            return;
}

void dh_negate(uint8_t *y, const struct dh_group *g)
{
    int borrow = 0;
    for (size_t i = g->p_len; i-- > 0;) {
        int d = g->p[i] - y[i] - borrow;
        y[i] = (uint8_t)d;
        borrow = d < 0;
    }
}

/* A random good value, and whether it would be refused if its bytes were read the other way round. */
static bool draw_good(struct checking *c, const struct dh_group *g, uint8_t *y)
{
    struct dh_key_pair pair;
    uint8_t reversed[DH_PUBLIC_MAX_LEN];
    dh_draw_pair(c, &pair, g);
    memcpy(y, pair.y, g->p_len);
    for (size_t i = 0; i < g->p_len; i++)
        reversed[i] = y[g->p_len - 1 - i];
    return dh_check_public(g, reversed, g->p_len) != 0;
}

/* A good value was refused: is 4 refused as well, which is good in either order of its bytes? */
static void hint_refused(struct checking *c, const struct dh_group *g)
{
    struct check_outcome first = c->outcome;
    uint8_t four[DH_PUBLIC_MAX_LEN];
    dh_near(four, g, false, 4);
    c->outcome = (struct check_outcome){.verdict = CHECK_PASSED};
    bool four_taken = dh_ask_check(c, g, four, g->p_len) && (int64_t)c->result == 0;
    c->outcome = first;
    if (four_taken)
        check_hint(c, "this y is a power of 2 modulo p, so y^q = 1; do you read it, and p, as big-endian?");
    else
        check_hint(c, "every value is refused: good are those of p_len bytes with 1 < y < p - 1 and y^q = 1");
}

void dh_check_subgroup(struct checking *c)
{
    static const char no_square[] =
        "this y is no square modulo p: y^q is p - 1, not 1, and Z would tell x's lowest bit";
    uint8_t y[DH_PUBLIC_MAX_LEN];
    for (int i = 0; i < 12; i++) {
        const struct dh_group *g = dh_group(DH_FIRST_GROUP + i % 3);
        while (i % 2 == 0 && !draw_good(c, g, y))
            ; /* half of them are */
        if (i % 2 != 0)
            (void)draw_good(c, g, y);
        if (!taken(c, g, y, "the result for a good y")) {
            if (c->outcome.kind == CHECK_WRONG_RESULT)
                hint_refused(c, g);
            return;
        }
        dh_negate(y, g);
        if (!refused(c, g, y, g->p_len, "the result for a y outside of the subgroup", no_square))
            return;
    }
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++) {
        dh_near(y, dh_group(id), true, -2); /* the greatest that the range leaves */
        if (!refused(c, dh_group(id), y, dh_group(id)->p_len, "the result for y = p - 2", no_square))
            return;
    }
}
