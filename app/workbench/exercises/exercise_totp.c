/* SPDX-License-Identifier: MIT */
/* Exercise 11: TOTP (RFC 4226 and RFC 6238). */
#include <inttypes.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/exercise.h"
#include "app/workbench/exercises/totp_mistakes.h"
#include "crypto/totp.h"

#define KEY_MAX 100

static const uint8_t rfc_key[20] = "12345678901234567890";

/* --- One code ----------------------------------------------------------------------------------------------------- */

static void ask_code(struct checking *c, const uint8_t *key, size_t key_len, uint64_t step, unsigned digits)
{
    ask_begin(c, "totp_code");
    ask_secret(c, "key", key, key_len);
    ask_number(c, "step", step);
    ask_number(c, "digits", digits);
}

static bool code_right(struct checking *c, const uint8_t *key, size_t key_len, uint64_t step, unsigned digits)
{
    uint8_t HS[20];
    ask_code(c, key, key_len, step, digits);
    if (!ask(c) || expect_result(c, totp_code(key, key_len, step, digits), "the code"))
        return c->outcome.verdict == CHECK_PASSED;
    const char *hint = totp_mistake_in_code(c->result, key, key_len, step, digits);
    totp_mistakes_HS(HS, key, key_len, step);
    if (hint != NULL)
        check_hint(c, "%s", hint);
    else
        check_hint(c, "HS, the HMAC-SHA-1, begins with %02x%02x and ends in %02x: is yours so?", HS[0], HS[1], HS[19]);
    return false;
}

/* RFC 4226, appendix D, and as many random steps. */
static void check_hotp(struct checking *c)
{
    uint8_t random[4];
    for (uint64_t count = 0; count < 10; count++)
        if (!code_right(c, rfc_key, sizeof rfc_key, count, 6))
            return;
    for (int i = 0; i < 20; i++) {
        rng_fill(&c->rng, random, sizeof random);
        if (!code_right(c, rfc_key, sizeof rfc_key, bytes_load_be32(random), 6))
            return;
    }
}

/* RFC 6238, appendix B, whose second code begins with a zero. */
static void check_digits(struct checking *c)
{
    static const uint64_t times[] = {59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000};
    for (unsigned digits = 8; digits >= 6; digits--)
        for (size_t i = 0; i < sizeof times / sizeof *times; i++)
            if (!code_right(c, rfc_key, sizeof rfc_key, times[i] / TOTP_PERIOD, digits))
                return;
}

/* Around a block of SHA-1, above which a key is hashed. */
static void check_key_lengths(struct checking *c)
{
    static const size_t lengths[] = {20, 1, 10, 32, 63, 64, 65, KEY_MAX, 0};
    uint8_t key[KEY_MAX];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        rng_fill(&c->rng, key, sizeof key);
        if (!code_right(c, key, lengths[i], 1 + i, 6))
            return;
    }
}

static void check_64_bits(struct checking *c)
{
    static const uint64_t steps[] = {1, UINT32_MAX, 1ull << 32, (1ull << 32) + 1, 1ull << 63, UINT64_MAX};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (!code_right(c, rfc_key, sizeof rfc_key, steps[i], 6))
            return;
}

/* --- Verifying ---------------------------------------------------------------------------------------------------- */

struct login {
    uint8_t key[TOTP_KEY_LEN];
    uint64_t now, last_step;
    uint32_t code;
};

static uint32_t code_of(const struct login *l, uint64_t step)
{
    return totp_code(l->key, sizeof l->key, step, TOTP_DIGITS);
}

/* A key of which no two of the seven codes around now are the same, so that a code is that of one step alone. */
static void draw_key(struct checking *c, struct login *l)
{
    bool same = true;
    uint64_t first = l->now / TOTP_PERIOD < 3 ? 0 : l->now / TOTP_PERIOD - 3;
    while (same) {
        rng_fill(&c->rng, l->key, sizeof l->key);
        same = false;
        for (uint64_t i = 0; i < 7; i++)
            for (uint64_t k = 0; k < i; k++)
                same = same || code_of(l, first + i) == code_of(l, first + k);
    }
}

static bool ask_login(struct checking *c, const struct login *l)
{
    ask_begin(c, "totp_verify");
    ask_out(c, "step", 8);
    ask_secret(c, "key", l->key, sizeof l->key);
    ask_number(c, "now", l->now);
    ask_number(c, "last_step", l->last_step);
    ask_number(c, "code", l->code);
    return ask(c);
}

/* Whether the answer is the one of crypto/totp.h, and *step too; `refused` and `taken` say what is probably the matter
 * where a code was refused, or taken, that must not be. */
static bool login_right(struct checking *c, const struct login *l, const char *refused, const char *taken)
{
    uint64_t step = 0, current = l->now / TOTP_PERIOD;
    int right = totp_verify(&step, l->key, sizeof l->key, l->now, l->last_step, l->code);
    if (!ask_login(c, l))
        return false;
    if (!expect_result(c, right, right == 0 ? "the result for a good code" : "the result for a code to be refused")) {
        check_hint(c, "%s", right == 0 ? refused : taken);
        return false;
    }
    if (right != 0)
        return expect_untouched(c, 0, 0, "*step stays as it is where -1 is returned");
    if (expect_number(c, 0, step, "*step"))
        return true;
    uint64_t yours = bytes_load_be64(ask_bytes(c, 0));
    if (yours == current)
        check_hint(c, "*step is the step whose code it is: yours is that of now");
    else if (yours == step * TOTP_PERIOD || yours == l->now)
        check_hint(c, "*step is a number of steps: yours is seconds");
    return false;
}

/* Which of the codes of five steps are taken, the step of now in the middle: "01110" where all is right. */
static bool taken_of_five(struct checking *c, struct login *l, char taken[6])
{
    memset(taken, 0, 6);
    for (uint64_t i = 0; i < 5; i++) {
        l->code = code_of(l, l->now / TOTP_PERIOD + i - 2);
        if (!ask_login(c, l))
            return false;
        taken[i] = c->result == 0 ? '1' : '0';
    }
    return true;
}

static const char *why_window(const char *taken)
{
    static const char *const whys[][2] = {
        {"00000", "every code is refused: is totp_code right, with 6 digits?"},
        {"00100", "the steps before and after that of now count too: clocks differ, and typing takes time"},
        {"01100", "the code of the step after that of now is good too: the phone's clock may be ahead"},
        {"00110", "the code of the step before that of now is good too: typing takes time"},
        {"11100", "T, the step of now, is one too small: it is now / 30, rounded down"},
        {"00111", "T, the step of now, is one too large: it is now / 30, rounded down"},
        {"11111", "one step on each side, no more: each further one is a code more that a guess may hit"},
        {"11110", "one step before that of now is good, no more"},
        {"01111", "one step after that of now is good, no more"},
    };
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++)
        if (strcmp(whys[i][0], taken) == 0)
            return whys[i][1];
    return "good are the codes of now / 30 - 1, now / 30 and now / 30 + 1";
}

static bool window_right(struct checking *c, struct login *l)
{
    char taken[6];
    draw_key(c, l);
    if (!taken_of_five(c, l, taken))
        return false;
    static const uint64_t order[] = {2, 1, 3, 0, 4};
    for (size_t i = 0; i < 5; i++) {
        l->code = code_of(l, l->now / TOTP_PERIOD + order[i] - 2);
        if (!login_right(c, l, why_window(taken), why_window(taken)))
            return false;
    }
    for (uint32_t power = 1; power < 1000000; power *= 10) { /* a digit is wrong */
        l->code = (code_of(l, l->now / TOTP_PERIOD) + power) % 1000000;
        if (!login_right(c, l, "", "one digit of this code is wrong: all six count"))
            return false;
    }
    return true;
}

/* At the first and the last second of a step as well. */
static void check_window(struct checking *c)
{
    static const uint64_t seconds[] = {14, 0, 1, 29};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        struct login l = {.now = UINT64_C(1200000000) + seconds[i]};
        if (!window_right(c, &l))
            return;
    }
}

static const char *why_used(const struct login *l, uint64_t step)
{
    if (l->last_step == step)
        return "a code is good once: its step must be later than last_step";
    return "a step before last_step is over: somebody who looked on could use its code";
}

static const char *why_refused(const struct login *l)
{
    if (l->last_step + 1 < l->now / TOTP_PERIOD)
        return "this code was not used yet: the window comes first, then last_step";
    return "last_step is compared with the step whose code it is: this one is later";
}

/* RFC 6238, 5.2: after a code was taken, it and those before it are worth nothing. */
static void check_once(struct checking *c)
{
    struct login l = {.now = 1200000010};
    const uint64_t current = l.now / TOTP_PERIOD;
    draw_key(c, &l);
    for (uint64_t step = current - 1; step <= current + 1; step++)
        for (l.last_step = current - 3; l.last_step <= current + 2; l.last_step++) {
            l.code = code_of(&l, step);
            if (!login_right(c, &l, why_refused(&l), why_used(&l, step)))
                return;
        }
    /* two steps that have the same code */
    l = (struct login){.now = UINT64_C(40628458) * TOTP_PERIOD, .last_step = 40628458};
    memcpy(l.key, rfc_key, sizeof l.key);
    l.code = code_of(&l, l.last_step);
    login_right(c, &l, "the step after last_step has the same code, and that one was not used yet", "");
}

/* Where subtracting wraps, and where a number of 32 bits ends. */
static void check_times(struct checking *c)
{
    static const uint64_t times[] = {30, 0, 29, 1ull << 31, 1ull << 32, (1ull << 32) + 1000, 20000000000, 1ull << 62};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct login l = {.now = times[i]};
        const uint64_t current = l.now / TOTP_PERIOD, after = current < 2 ? 2 : 3;
        const char *refused = current == 0  ? "the first step has none before it: 0 - 1 is 2^64 - 1"
                              : current > 1 ? "now has 64 bits: a number of 31 bits ends in 2038, one of 32 in 2106"
                                            : "in this step the one before is 0";
        const char *taken = current < 2 ? "step 0 is never later than last_step 0" : refused;
        draw_key(c, &l);
        for (uint64_t step = current + 2 - after; step <= current + 2; step++) {
            l.code = code_of(&l, step);
            if (!login_right(c, &l, refused, taken))
                return;
        }
    }
}

/* --- What may show ------------------------------------------------------------------------------------------------ */

/* Neither the secret nor which of the three codes was nearly right shows; a code of 7 or 8 digits is followed too. */
static void timing(struct checking *c)
{
    struct login l = {.now = 1200000010};
    for (unsigned digits = 6; digits <= 8 && c->mode != CHECK_STEPS; digits++) {
        draw_key(c, &l);
        ask_code(c, l.key, sizeof l.key, digits, digits);
        if (!ask(c) || !expect_published(c, 0, "nothing"))
            return;
    }
    expect_new_path(c, "a code that is refused");
    for (uint32_t i = 0; i < 3; i++) {
        draw_key(c, &l);
        l.code = (code_of(&l, l.now / TOTP_PERIOD + i - 1) + 1 + 1000 * i) % 1000000;
        if (!ask_login(c, &l) || !expect_published(c, 8, "the verdict") ||
            !expect_same_path(c, "another code and another secret"))
            return;
    }
    expect_new_path(c, "a good code");
    for (int i = 0; i < 2; i++) {
        draw_key(c, &l);
        l.code = code_of(&l, l.now / TOTP_PERIOD);
        if (!ask_login(c, &l) || !expect_published(c, 8, "the verdict") || !expect_same_path(c, "another secret"))
            return;
    }
}

static const struct check checks[] = {
    {"six digits of the first steps", 2, check_hotp},
    {"6, 7 and 8 digits", 1, check_digits},
    {"a key of any length", 1, check_key_lengths},
    {"a step of 64 bits", 1, check_64_bits},
    {"the window of three steps", 1, check_window},
    {"no code works twice", 1, check_once},
    {"the first step, and times beyond 2038", 1, check_times},
    {NULL, 0, NULL},
};

const struct exercise exercise_totp = {
    .number = "11",
    .stem = "totp",
    .title = "TOTP",
    .files = {"totp.c"},
    .given = "sha1 bytes ct",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
