/* SPDX-License-Identifier: MIT */
/* A comparison that stops at the first wrong byte lets a tag be found byte by byte, with 256 tries for each.
 *
 *      question   tag [32], for the request that anybody can read          empty: that request
 *      answer     yes: the tag is right, and what the server says; either way first a byte, how far the comparison read
 *
 * That byte stands for what an attacker with a clock has after enough calls (glass bench timing shows how many), or
 * with a cache to look at. It is counted and not timed (reads.h), so that nothing here depends on how busy the machine
 * is. The clock's own picture is shown beside it, and decides nothing. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/reads.h"
#include "app/workbench/labs/equal_early.h"
#include "crypto/ct.h"
#include "crypto/hmac.h"

#define REQUEST "open the door"
#define TAG_LEN HMAC_TAG_LEN
#define CALLS 20000 /* that are timed together */
#define BAR 24

typedef int (*equal_function)(const void *a, const void *b, size_t len);

struct world {
    equal_function equal;
    uint8_t tag[TAG_LEN];
    char secret[LAB_SECRET_MAX + 1];
};

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    uint8_t key[32];
    w->equal = side == LAB_TWIN ? lab_equal_early : ct_equal;
    snprintf(w->secret, sizeof w->secret, "%s", secret);
    rng_key(rng, key, sizeof key);
    hmac_tag(w->tag, key, sizeof key, REQUEST, strlen(REQUEST));
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    const struct world *w = world;
    if (question_len == 0) {
        *out_len = (size_t)snprintf((char *)out, LAB_ANSWER_MAX, "%s", REQUEST);
        return 0;
    }
    if (question_len != TAG_LEN)
        return -1;
    out[0] = (uint8_t)reads_count(w->equal, question, w->tag, TAG_LEN);
    bool right = w->equal(question, w->tag, TAG_LEN) != 0;
    *out_len = 1 + (right ? (size_t)snprintf((char *)out + 1, LAB_ANSWER_MAX - 1, "%s", w->secret) : 0);
    return right ? 0 : -1;
}

/* --- The picture -------------------------------------------------------------------------------------------------- */

/* Nanoseconds of a call whose first `right` bytes are right: the shortest of five batches. */
static double time_call(equal_function equal, size_t right)
{
    uint8_t a[TAG_LEN] = {0}, b[TAG_LEN] = {0};
    double best = 1e9;
    volatile int sink = 0;
    if (right < TAG_LEN)
        b[right] = 1;
    for (int batch = 0; batch < 5; batch++) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        for (int i = 0; i < CALLS; i++)
            sink = equal(a, b, TAG_LEN);
        clock_gettime(CLOCK_MONOTONIC, &to);
        double ns = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / CALLS;
        best = ns < best ? ns : best;
    }
    (void)sink;
    return best;
}

static void draw_picture(struct steps *steps, equal_function equal)
{
    double ns[5], most = 0;
    char text[STEP_WORDS] = "";
    size_t len = 0;
    for (size_t i = 0; i < 5; i++) {
        ns[i] = time_call(equal, 8 * i);
        most = ns[i] > most ? ns[i] : most;
    }
    for (size_t i = 0; i < 5; i++) {
        char bar[BAR + 1];
        int bar_len = (int)(ns[i] / most * BAR);
        memset(bar, '#', (size_t)bar_len);
        bar[bar_len] = '\0';
        len += (size_t)snprintf(text + len, sizeof text - len, "\n%2zu bytes right: %6.1f ns  %s", 8 * i, ns[i], bar);
    }
    steps_think(steps, "The clock's picture, which decides nothing:%s", text);
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* Finds byte number `at` of the tag. False where all 256 values look alike. */
static bool find_byte(struct oracle *o, uint8_t tag[static TAG_LEN], size_t at)
{
    for (unsigned guess = 0; guess < 256; guess++) {
        tag[at] = (uint8_t)guess;
        bool right = lab_ask(o, tag, TAG_LEN) == 0;
        uint8_t read = o->answer[0];
        if (read <= at + 1 && !right) {
            if (at == 0 && guess < 2)
                steps_say(o->steps, "tag[0] = %02x: the comparison reads %u byte. Wrong.", guess, read);
            continue;
        }
        if (at == 0 && guess == 0 && read == TAG_LEN)
            return false; /* it always reads everything, or the first guess was a wonder */
        steps_know(o->steps, at, (uint8_t)guess);
        steps_say(o->steps, "tag[%zu] = %02x: it reads on, %u bytes. So %zu are right.", at, guess, read, at + 1);
        return true;
    }
    return false;
}

/* Where every answer reads all: shows that it is so for each value of a byte. */
static void try_all_of_a_byte(struct oracle *o, uint8_t tag[static TAG_LEN])
{
    unsigned alike = 0;
    for (unsigned guess = 0; guess < 256; guess++) {
        tag[0] = (uint8_t)guess;
        (void)lab_ask(o, tag, TAG_LEN);
        alike += o->answer[0] == TAG_LEN;
        if (guess < 2)
            steps_say(o->steps, "tag[0] = %02x: the comparison reads %u bytes.", guess, o->answer[0]);
    }
    steps_result(o->steps, "the comparison reads all %d bytes whatever is wrong: %u of 256 guesses look the same",
                 TAG_LEN, alike);
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    uint8_t tag[TAG_LEN] = {0};
    draw_picture(o->steps, o->steps->side == LAB_TWIN ? lab_equal_early : ct_equal);
    lab_listen(o);
    steps_unknown(o->steps, TAG_LEN);
    steps_say(o->steps, "A tag is wanted for this. There are 2^256.");
    for (size_t at = 0; at < TAG_LEN; at++)
        if (!find_byte(o, tag, at)) {
            try_all_of_a_byte(o, tag);
            return;
        }
    if (o->answer_len < 2 || o->answer_len - 1 > LAB_SECRET_MAX)
        return;
    memcpy(found, o->answer + 1, o->answer_len - 1);
    found[o->answer_len - 1] = '\0';
    steps_result(o->steps, "a tag of %d bytes forged with %llu tries instead of 2^255", TAG_LEN,
                 (unsigned long long)o->asked);
}

const struct lab lab_compare_timing = {
    .name = "compare-timing",
    .what = "a comparison stops early: a tag is forged byte by byte",
    .twin = "app/workbench/labs/equal_early.c",
    .real = "crypto/ct.c: ct_equal",
    .hello = "tag[32]: ok where it is right; first a byte, how far the comparison read",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
