/* SPDX-License-Identifier: MIT */
/* Exercise 15: the ratchet of a call (docs/protocol.md, 8.4). A conversation's steps are drawn, with all that follows
 * from them; the runner makes the calls of one side in a row, and shows what it has after each. Diffie-Hellman is
 * played there (run_ratchet.c). */
#include <stdio.h>
#include <string.h>

#include "app/workbench/check/expect.h"
#include "app/workbench/exercises/dh_checks.h"
#include "app/workbench/exercises/dh_numbers.h"
#include "app/workbench/exercises/exercise.h"
#include "app/workbench/exercises/ratchet_mistakes.h"
#include "net/ratchet.h"

#define STEPS_MAX 6
#define CALLS_MAX (4 * STEPS_MAX + 2)
#define SLOT_LEN 128 /* as run_ratchet.c fills it */
#define NEEDLE 32

enum { SHOWN, PAYLOAD }; /* the outputs */

/* One side of a conversation. */
static struct scene {
    const struct dh_group *group;
    bool caller;
    size_t steps;
    struct dh_key_pair pair[STEPS_MAX]; /* of step n; of the peer's the y counts */
    uint8_t root[STEPS_MAX][32], z[STEPS_MAX][DH_PUBLIC_MAX_LEN];
    struct stepped_right right[STEPS_MAX];
    char calls[CALLS_MAX + 1]; /* what is asked: a letter each, as run_ratchet.c has them */
    uint8_t payloads[STEPS_MAX * RATCHET_STEP_MAX];
    size_t payloads_len;
    bool good; /* the peer's values are */
} scene;

/* --- The scene ---------------------------------------------------------------------------------------------------- */

static bool is_own(size_t n)
{
    return (n % 2 == 0) == scene.caller;
}

static struct stepped stepped(size_t n)
{
    return (struct stepped){.root = scene.root[n - 1], .z = scene.z[n], .z_len = scene.group->p_len, .n = n};
}

/* Z and what follows from it, of the side that has the exponent; zeros: how many Z begins with, where the peer's value
 * is made for that. */
static void draw_step(struct checking *c, size_t n, size_t zeros)
{
    struct dh_key_pair *own = &scene.pair[is_own(n) ? n : n - 1], *peers = &scene.pair[is_own(n) ? n - 1 : n];
    if (zeros > 0) {
        do {
            rng_fill(&c->rng, scene.z[n], scene.group->p_len);
            memset(scene.z[n], 0, zeros);
            scene.z[n][zeros] |= 1;
        } while (dh_check_public(scene.group, scene.z[n], scene.group->p_len) != 0);
        dh_peer_for(peers->y, scene.group, own->x, scene.z[n]);
    }
    if (dh_derive(scene.z[n], own, peers->y, scene.group->p_len) != 0)
        check_not_graded(c, "no Z could be made");
    const struct stepped s = stepped(n);
    ratchet_mistakes_right(&scene.right[n], &s);
    memcpy(scene.root[n], scene.right[n].root, 32);
}

static void add_calls(const char *letters)
{
    size_t len = strlen(scene.calls);
    snprintf(scene.calls + len, sizeof scene.calls - len, "%s", letters);
}

static void add_payload(const uint8_t *payload, size_t len)
{
    if (len > 0)
        memcpy(scene.payloads + scene.payloads_len, payload, len);
    scene.payloads_len += len;
}

static size_t write_payload(uint8_t payload[RATCHET_STEP_MAX], const uint8_t *y)
{
    bytes_store_be16(payload, (uint16_t)scene.group->p_len);
    memcpy(payload + 2, y, scene.group->p_len);
    return 2 + scene.group->p_len;
}

/* A conversation of so many steps, and the calls of one side: make, work, payload, done; or take, work, done. */
static void draw(struct checking *c, int group, bool caller, size_t steps, size_t zeros)
{
    uint8_t payload[RATCHET_STEP_MAX];
    scene = (struct scene){.group = dh_group(group), .caller = caller, .steps = steps, .calls = "i", .good = true};
    rng_fill(&c->rng, scene.root[0], 32);
    for (size_t n = 0; n < steps; n++)
        dh_draw_pair(c, &scene.pair[n], scene.group);
    for (size_t n = 1; n < steps; n++)
        draw_step(c, n, n == 1 ? zeros : 0);
    for (size_t n = 0; n < steps; n++) {
        add_calls(is_own(n) ? "mwpd" : "twd");
        if (!is_own(n))
            add_payload(payload, write_payload(payload, scene.pair[n].y));
    }
}

static void ask_scene(struct checking *c, const char *function)
{
    uint8_t x[STEPS_MAX * DH_PRIVATE_MAX_LEN], y[STEPS_MAX * DH_PUBLIC_MAX_LEN], z[STEPS_MAX * DH_PUBLIC_MAX_LEN];
    size_t own = 0, x_len = scene.group->x_len, p_len = scene.group->p_len;
    for (size_t n = 0; n < scene.steps; n++)
        if (is_own(n)) {
            memcpy(x + own * x_len, scene.pair[n].x, x_len);
            memcpy(y + own * p_len, scene.pair[n].y, p_len);
            own++;
        }
    for (size_t n = 1; n < scene.steps; n++)
        memcpy(z + (n - 1) * p_len, scene.z[n], p_len);
    ask_begin(c, function);
    ask_out(c, "state", SLOT_LEN * strlen(scene.calls));
    ask_out(c, "payload", RATCHET_STEP_MAX);
    ask_in(c, "calls", scene.calls, strlen(scene.calls));
    ask_number(c, "caller", scene.caller);
    ask_number(c, "group", scene.group->id);
    ask_secret(c, "root", scene.root[0], 32);
    ask_secret(c, "x", x, own * x_len);
    ask_in(c, "y", y, own * p_len);
    ask_secret(c, "Z", z, scene.steps > 1 ? (scene.steps - 1) * p_len : 0);
    ask_in(c, "steps", scene.payloads, scene.payloads_len);
    ask_number(c, "good", scene.good);
}

/* --- What is shown ------------------------------------------------------------------------------------------------ */

static const uint8_t *slot(const struct checking *c, size_t i)
{
    return ask_bytes(c, SHOWN) + SLOT_LEN * i;
}

/* Where the nth of those calls is. */
static size_t at_call(char which, size_t nth)
{
    for (size_t i = 0; scene.calls[i] != '\0'; i++)
        if (scene.calls[i] == which && nth-- == 0)
            return i;
    return 0;
}

static bool is_number(struct checking *c, uint64_t yours, uint64_t right, const char *what, size_t n)
{
    char where[80];
    snprintf(where, sizeof where, "%s step %zu", what, n);
    return yours == right || !check_compares(c) ||
           check_failed(c, CHECK_WRONG_RESULT, where, "yours %lld, should be %lld", (long long)yours, (long long)right);
}

static bool is_bytes(struct checking *c, const uint8_t *yours, const uint8_t *right, size_t len, const char *what,
                     size_t n)
{
    char name[80];
    snprintf(name, sizeof name, "%s of step %zu", what, n);
    return expect_equal(c, yours, right, len, name, NULL);
}

static const char fresh_wanted[] = "each step of one's own is a fresh value: dh_generate, in ratchet_work";

/* Whether that call made a pair. */
static bool drew(const uint8_t *shown)
{
    return strpbrk((const char *)shown + 20, "gp") != NULL;
}

/* Root and secret after step n was worked on. */
static bool follows(struct checking *c, size_t n)
{
    const uint8_t *shown = slot(c, at_call('w', n));
    const struct stepped s = n > 0 ? stepped(n) : (struct stepped){.n = 0};
    const char *hint = NULL;
    if (n == 0) {
        if (is_bytes(c, shown + 32, scene.root[0], 32, "the root", n))
            return true;
        check_hint(c, "step 0 mixes nothing in: the root stays that of ratchet_init");
        return false;
    }
    if (!is_bytes(c, shown + 64, scene.right[n].secret, 32, "the secret", n))
        hint = ratchet_mistake_in_secret(&s, shown + 64);
    else if (!is_bytes(c, shown + 32, scene.right[n].root, 32, "the root", n))
        hint = ratchet_mistake_in_root(&s, shown + 32);
    if (c->outcome.verdict != CHECK_PASSED && is_own(n) && !drew(shown))
        check_hint(c, "%s", fresh_wanted);
    else if (hint != NULL)
        check_hint(c, "%s", hint);
    return c->outcome.verdict == CHECK_PASSED;
}

/* --- The checks --------------------------------------------------------------------------------------------------- */

static bool turn_right(struct checking *c, size_t call, size_t n, bool due)
{
    const uint8_t *shown = slot(c, call);
    if (!is_number(c, shown[16], due, "whether a step of one's own is due after", n) ||
        !is_number(c, shown[17], !due, "whether a step of the peer may come after", n)) {
        check_hint(c, "the caller makes step 0; after a step it is the other side's turn, and never two of one side");
        return false;
    }
    return true;
}

static bool order_right(struct checking *c, bool caller)
{
    draw(c, DH_FFDHE2048, caller, STEPS_MAX, 0);
    ask_scene(c, "ratchet, call after call");
    if (!ask(c))
        return false;
    if (!is_number(c, slot(c, 0)[16], caller, "whether one's own is due, before", 0)) {
        check_hint(c, "the caller makes step 0, and the callee waits for it");
        return false;
    }
    for (size_t n = 0; n < STEPS_MAX; n++) {
        if (!is_number(c, bytes_load_be64(slot(c, at_call('w', n)) + 8), n, "n of", n)) {
            check_hint(c, "the first step is step 0, and each step after it counts one on, whoever makes it");
            return false;
        }
        if (!turn_right(c, at_call('d', n), n, !is_own(n)))
            return false;
    }
    return true;
}

static void check_order(struct checking *c)
{
    if (order_right(c, true))
        order_right(c, false);
}

/* The first step that came after one's own: the caller's second call, in each group. */
static void take_steps(struct checking *c, size_t zeros)
{
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++) {
        draw(c, id, true, 2, zeros);
        ask_scene(c, "ratchet_take and ratchet_work");
        if (!ask(c))
            return;
        if (!is_number(c, bytes_load_be64(slot(c, at_call('t', 0))), 0,
                       "what ratchet_take returns for a good payload of", 1))
            return;
        if (!is_number(c, slot(c, at_call('w', 1))[18], 0, "failed, of a good value of", 1) || !follows(c, 0) ||
            !follows(c, 1))
            return;
    }
}

static void check_take(struct checking *c)
{
    take_steps(c, 0);
}

static bool fresh(struct checking *c, size_t own)
{
    size_t len = scene.group->p_len, payload_len = (size_t)bytes_load_be64(slot(c, at_call('p', 0)));
    uint8_t right[RATCHET_STEP_MAX];
    write_payload(right, scene.pair[own].y);
    if (!is_number(c, payload_len, 2 + len, "the length of the payload of", own))
        return false;
    if (!is_bytes(c, ask_bytes(c, PAYLOAD), right, 2 + len, "the payload", own)) {
        check_hint(c, "%s",
                   !drew(slot(c, at_call('w', own))) ? fresh_wanted
                   : memcmp(ask_bytes(c, PAYLOAD) + 2, right + 2, len) == 0
                       ? "the length before the value has two bytes, big-endian, and counts the value alone"
                       : "the payload is the length and the y of the pair that was made, whole");
        return false;
    }
    return true;
}

static void check_make(struct checking *c)
{
    for (int id = DH_FIRST_GROUP; id <= DH_LAST_GROUP; id++)
        for (int caller = 0; caller < 2; caller++) {
            draw(c, id, caller, 2 - (size_t)caller, 0); /* the caller's step 0, the callee's step 1 */
            ask_scene(c, "ratchet_make and ratchet_work");
            if (!ask(c) || !fresh(c, caller ? 0 : 1) || !follows(c, 0) || (!caller && !follows(c, 1)))
                return;
        }
}

/* A turn later: what is kept of a step must be what the next one needs. */
static void check_chain(struct checking *c)
{
    for (int caller = 0; caller < 2; caller++) {
        draw(c, DH_FFDHE2048, caller, STEPS_MAX, 0);
        ask_scene(c, "ratchet, call after call");
        for (size_t n = 0; n < STEPS_MAX; n++)
            if ((n == 0 && !ask(c)) || !follows(c, n))
                return;
    }
}

static void check_zeros(struct checking *c)
{
    take_steps(c, 1);
    if (c->outcome.verdict == CHECK_PASSED)
        take_steps(c, 9);
}

/* --- What is refused ---------------------------------------------------------------------------------------------- */

/* A good one, as whoever refuses everything refuses nothing in particular. */
static bool good_shape_taken(struct checking *c)
{
    draw(c, DH_FFDHE2048, true, 2, 0);
    scene.calls[at_call('t', 0) + 1] = '\0';
    ask_scene(c, "ratchet_take");
    return ask(c) && is_number(c, bytes_load_be64(slot(c, at_call('t', 0))), 0,
                               "what ratchet_take returns for a good payload of", 1);
}

/* A payload of another shape: -1, and nothing is changed. */
static bool shape_refused(struct checking *c, const uint8_t *payload, size_t len, const char *hint)
{
    draw(c, DH_FFDHE2048, true, 2, 0);
    strcpy(scene.calls, "imwpdt");
    scene.payloads_len = 0;
    add_payload(payload, len);
    ask_scene(c, "ratchet_take");
    if (!ask(c))
        return false;
    const uint8_t *before = slot(c, at_call('d', 0)), *after = slot(c, at_call('t', 0));
    if (!is_number(c, bytes_load_be64(after), (uint64_t)-1, "what ratchet_take returns for a bad payload of", 1)) {
        check_hint(c, "%s", hint);
        return false;
    }
    if (memcmp(before + 8, after + 8, SLOT_LEN - 8) == 0 || !check_compares(c))
        return true;
    return check_failed(c, CHECK_TOUCHED, "struct ratchet",
                        "was changed by a payload that is no step: check, then copy");
}

static void check_shape(struct checking *c)
{
    uint8_t payload[RATCHET_STEP_MAX + 8];
    const size_t p_len = dh_group(DH_FFDHE2048)->p_len;
    if (!good_shape_taken(c))
        return;
    memset(payload, 0, sizeof payload);
    size_t len = write_payload(payload, scene.pair[1].y);
    static const char length[] = "a step has two bytes of length and the value, no byte more and none less";
    if (!shape_refused(c, payload, len - 1, length) || !shape_refused(c, payload, len + 1, length))
        return;
    static const char counts[] = "the two bytes before the value say how long it is: big-endian, and as long as p";
    bytes_store_be16(payload, (uint16_t)(p_len - 1));
    if (!shape_refused(c, payload, len, counts))
        return;
    bytes_store_be16(payload, (uint16_t)(p_len + 1));
    if (!shape_refused(c, payload, len, counts))
        return;
    bytes_store_be16(payload, (uint16_t)(384));
    if (!shape_refused(c, payload, len, counts))
        return;
    for (size_t few = 0; few < 3; few++)
        if (!shape_refused(c, payload, few, length))
            return;
}

/* A value that dh_check_public refuses, as step n. */
static bool value_refused(struct checking *c, size_t n)
{
    static const char *const hints[] = {
        "step 0's value goes into Z of step 1: it is checked when it comes, though nothing is computed of it yet",
        "dh_derive returns -1 for what is no value: failed says so, and there is no Z then",
    };
    draw(c, DH_FFDHE2048, n % 2 != 0, n + 1, 0);
    scene.good = false;
    scene.calls[strlen(scene.calls) - 1] = '\0'; /* no ratchet_done: the session ends */
    ask_scene(c, "ratchet_take and ratchet_work");
    if (!ask(c))
        return false;
    const uint8_t *before = slot(c, at_call('t', 0)), *after = slot(c, at_call('w', n));
    if (!is_number(c, after[18], 1, "failed, of a value that is none, of", n)) {
        check_hint(c, "%s", hints[n]);
        return false;
    }
    if (strpbrk((const char *)after + 20, "cCr") == NULL && check_compares(c))
        return check_failed(c, CHECK_WRONG_RESULT, "failed", "neither dh_check_public nor dh_derive was asked");
    if (is_bytes(c, after + 32, before + 32, 32, "the root after a refused value", n))
        return true;
    check_hint(c, "dh_derive gave no Z: nothing is derived then");
    return false;
}

static void check_values(struct checking *c)
{
    if (value_refused(c, 0))
        value_refused(c, 1);
}

/* --- What is kept ------------------------------------------------------------------------------------------------- */

static bool is_gone(struct checking *c, const uint8_t *shown, size_t n, const char *what, const char *hint)
{
    if (is_number(c, bytes_load_be64(shown + 96), 0, what, n))
        return true;
    check_hint(c, "%s", hint);
    return false;
}

static void check_wiped(struct checking *c)
{
    static const uint8_t zero[32];
    draw(c, DH_FFDHE2048, true, 2, 0);
    add_calls("x");
    ask_scene(c, "ratchet_done and ratchet_wipe");
    if (!ask(c) ||
        !is_gone(c, slot(c, at_call('w', 1)), 1, "bytes of latest.x that are left after",
                 "one's exponent is wiped when the peer's step has been worked on: whoever steals it opens that turn"))
        return;
    if (!is_bytes(c, slot(c, at_call('d', 1)) + 64, zero, 32, "after ratchet_done the secret", 1)) {
        check_hint(c, "whoever took the secret to its direction has it: ratchet_done wipes this one");
        return;
    }
    is_gone(c, slot(c, at_call('x', 0)), 1, "bytes that are left after ratchet_wipe, after",
            "wipe sizeof *r bytes; sizeof r is a pointer's");
}

#define NEEDLES 6

/* t, the root before, Z in three places, and the exponent: in that order. */
static void draw_needles(uint8_t needles[NEEDLES][NEEDLE], bool caller)
{
    memcpy(needles[0], scene.right[1].t, NEEDLE);
    memcpy(needles[1], scene.root[0], NEEDLE);
    for (size_t i = 0; i < 3; i++)
        memcpy(needles[2 + i], scene.z[1] + i * 112, NEEDLE);
    memcpy(needles[NEEDLES - 1], scene.pair[caller ? 0 : 1].x, NEEDLE);
}

/* A bit for each needle that was found where it may not be. Who has made a step keeps its exponent, in the struct. */
static bool nothing_left(struct checking *c, uint64_t stack, uint64_t kept, bool caller)
{
    static const char *const hints[NEEDLES] = {
        "t lies in memory after ratchet_work: ct_wipe it, as it gives the secret and the root",
        "the root before lies in memory after ratchet_work: write the next one over it, and copy it nowhere",
        [NEEDLES - 1] = "the exponent lies on the stack after ratchet_work: dh_wipe the pair that was copied",
    };
    for (size_t i = 0; i < NEEDLES; i++)
        if ((stack | (i < NEEDLES - 1 || caller ? kept : 0)) >> i & 1) {
            check_failed(c, CHECK_WRONG_RESULT, "what is left", "secret bytes of step 1 are still in memory");
            check_hint(c, "%s", hints[i] != NULL ? hints[i] : "Z lies in memory after ratchet_work: ct_wipe it");
            return false;
        }
    return true;
}

/* Whoever has no Z leaves none. */
static bool derives(struct checking *c)
{
    ask_scene(c, "ratchet, call after call");
    if (!ask(c))
        return false;
    if (strpbrk((const char *)slot(c, at_call('w', 1)) + 20, "dD") != NULL)
        return true;
    check_failed(c, CHECK_WRONG_RESULT, "Z of step 1", "dh_derive was not asked");
    return check_not_run(c, "no Z was computed, so that there is nothing to be left");
}

/* The stack below is looked through where no tool looks at it as well. */
static void check_left(struct checking *c)
{
    uint8_t needles[NEEDLES][NEEDLE];
    for (int caller = 0; caller < 2 && c->mode == CHECK_PLAIN; caller++) {
        draw(c, DH_FFDHE2048, caller, 2, 0);
        scene.calls[at_call('w', 1) + 1] = '\0';
        if (!derives(c))
            return;
        draw_needles(needles, caller);
        ask_scene(c, "ratchet_work, and what it leaves");
        ask_in(c, "looked for", needles, sizeof needles);
        if (!ask(c) || !nothing_left(c, c->result & UINT32_MAX, c->result >> 32, caller))
            return;
    }
}

/* The values on the wire stay the same: root, x and Z alone are others. */
static void timing(struct checking *c)
{
    for (int caller = 0; caller < 2; caller++) {
        draw(c, DH_FFDHE2048, caller, 2, 0);
        expect_new_path(c, "a Z that begins with zeros");
        for (int i = 0; i < 3; i++) {
            rng_fill(&c->rng, scene.root[0], 32);
            rng_fill(&c->rng, scene.z[1], scene.group->p_len);
            rng_fill(&c->rng, scene.pair[caller ? 0 : 1].x, scene.group->x_len);
            memset(scene.z[1], 0, i == 0 ? 3 : 0);
            ask_scene(c, "ratchet, call after call");
            if (!ask(c) || !expect_published(c, 0, "nothing") || !expect_same_path(c, "another Z"))
                return;
        }
    }
}

static const struct check checks[] = {
    {"whose turn it is, and n", 1, check_order},
    {"a step that came", 2, check_take},
    {"a step of one's own", 2, check_make},
    {"step after step", 1, check_chain},
    {"Z that begins with zeros", 1, check_zeros},
    {"what has not the shape of a step is refused", 1, check_shape},
    {"a value that is none is refused", 1, check_values},
    {"exponent, secret and all are wiped", 1, check_wiped},
    {"t, Z and the root before are wiped", 1, check_left},
    {NULL, 0, NULL},
};

const struct exercise exercise_ratchet = {
    .number = "15",
    .stem = "ratchet",
    .title = "the ratchet of a call",
    .files = {"ratchet.c"},
    .given = "hkdf hmac sha256 sha256_ref sha256_choice_ref bytes ct dh_group trace",
    .checks = checks,
    .timing = timing,
    .count_steps = true,
    .timing_points = 1,
    .memory_points = 1,
};
