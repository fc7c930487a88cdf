/* SPDX-License-Identifier: MIT */
/* The window of 64 bytes that an outcome keeps begins at a multiple of 16, so that a dump shows the rows that any hex
 * viewer would. */
#include "app/workbench/check/expect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/single_step.h"

static bool compares(const struct checking *c)
{
    return check_compares(c) && c->outcome.verdict == CHECK_PASSED;
}

bool expect_result(struct checking *c, int64_t right, const char *what)
{
    int64_t yours = (int64_t)c->result;
    if (!compares(c) || yours == right)
        return c->outcome.verdict == CHECK_PASSED;
    return check_failed(c, CHECK_WRONG_RESULT, what, "yours %" PRId64 ", should be %" PRId64, yours, right);
}

static void keep_window(struct check_outcome *o, const uint8_t *yours, const uint8_t *right, size_t len, size_t i)
{
    o->at = i / 16 * 16;
    o->difference = i - o->at;
    o->bytes_len = len - o->at < CHECK_BYTES_MAX ? len - o->at : CHECK_BYTES_MAX;
    memcpy(o->yours, yours + o->at, o->bytes_len);
    memcpy(o->expected, right + o->at, o->bytes_len);
}

static void byte_of(char *place, size_t cap, const char *what, size_t i)
{
    snprintf(place, cap, "%s, byte %zu", what, i);
}

bool expect_equal(struct checking *c, const uint8_t *yours, const uint8_t *right, size_t len, const char *what,
                  expect_where *where)
{
    char place[sizeof c->outcome.where];
    size_t i = 0;
    if (!compares(c))
        return c->outcome.verdict == CHECK_PASSED;
    while (i < len && yours[i] == right[i])
        i++;
    if (i == len)
        return true;
    (where != NULL ? where : byte_of)(place, sizeof place, what, i);
    check_failed(c, CHECK_WRONG_BYTES, place, "yours %02x, should be %02x", yours[i], right[i]);
    keep_window(&c->outcome, yours, right, len, i);
    return false;
}

bool expect_bytes(struct checking *c, size_t arg, const uint8_t *right, size_t len, const char *what)
{
    if (c->outcome.verdict != CHECK_PASSED)
        return false;
    const uint8_t *yours = ask_bytes(c, arg), *before = ask_sent(c, arg);
    bool same = expect_equal(c, yours, right, len, what, NULL);
    if (!same && c->outcome.kind == CHECK_WRONG_BYTES && len > 0) {
        size_t i = 0;
        while (i < len && yours[i] == before[i])
            i++;
        if (i == len)
            check_hint(c, "%s was not written at all", c->arg[arg].name);
    }
    return same;
}

bool expect_number(struct checking *c, size_t arg, uint64_t right, const char *what)
{
    if (c->outcome.verdict != CHECK_PASSED)
        return false;
    uint64_t yours = bytes_load_be64(ask_bytes(c, arg));
    if (!compares(c) || yours == right)
        return c->outcome.verdict == CHECK_PASSED;
    if (yours == bytes_load_be64(ask_sent(c, arg)))
        return check_failed(c, CHECK_WRONG_RESULT, what, "yours was not set, should be %" PRIu64, right);
    return check_failed(c, CHECK_WRONG_RESULT, what, "yours %" PRIu64 ", should be %" PRIu64, yours, right);
}

bool expect_untouched(struct checking *c, size_t arg, size_t from, const char *why)
{
    if (c->outcome.verdict != CHECK_PASSED)
        return false;
    const uint8_t *yours = ask_bytes(c, arg), *before = ask_sent(c, arg);
    if (!compares(c))
        return true;
    for (size_t i = from; i < c->arg[arg].len; i++)
        if (yours[i] != before[i])
            return check_failed(c, CHECK_TOUCHED, c->arg[arg].name, "%s[%zu] was written: %s", c->arg[arg].name, i,
                                why);
    return true;
}

void expect_new_path(struct checking *c, const char *first)
{
    c->first_says = first;
    if (c->first != NULL)
        c->first->len = 0;
}

bool expect_same_path(struct checking *c, const char *other)
{
    if (c->mode != CHECK_STEPS || c->outcome.verdict != CHECK_PASSED)
        return c->outcome.verdict == CHECK_PASSED;
    if (c->first->len == 0) {
        struct path *swapped = c->first;
        c->first = c->now;
        c->now = swapped;
        c->first_result = c->result;
        return true;
    }
    size_t i = single_step_differ(c->first, c->now);
    if (i == SIZE_MAX || c->result != c->first_result) /* what is returned is no secret */
        return true;
    if (c->first->len != c->now->len)
        check_failed(c, CHECK_LEAKED, c->function,
                     "took %zu instructions for %s and %zu for %s: whoever measures learns which it was", c->first->len,
                     c->first_says, c->now->len, other);
    else
        check_failed(c, CHECK_LEAKED, c->function, "took another way for %s than for %s", other, c->first_says);
    c->outcome.address = i > 0 ? c->now->at[i - 1] : 0;
    check_hint(
        c, "there an if, a loop's end, && or ?: depends on it; masks of crypto/ct.h, gathered with & and |, do not");
    return false;
}

bool expect_published(struct checking *c, size_t most, const char *what)
{
    if (c->outcome.verdict != CHECK_PASSED || c->mode == CHECK_PLAIN || c->published <= most)
        return c->outcome.verdict == CHECK_PASSED;
    return check_failed(c, CHECK_LEAKED, c->function,
                        "declared %u bytes to be public by ct_public; only %s may be, %zu", c->published, what, most);
}
