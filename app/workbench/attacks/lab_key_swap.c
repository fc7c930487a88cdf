/* SPDX-License-Identifier: MIT */
/* A server shows each of two users a key of its own in the place of the other's. Nothing in a first call tells.
 *
 * Against users who believe the first key and compare nothing, mallory is between them and reads. Against users who
 * compare their safety number before they say what matters, it is the same server with the same keys: the two numbers
 * differ, and nothing is said. The cryptography is the real one both times; what is weak in the twin is what people
 * do. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/scene.h"

struct attack {
    struct steps *steps;
    char read[SCENE_TEXT_MAX];
};

/* Mallory reads, and says it to the other. */
static void heard(struct scene *s, int end, const char *text)
{
    struct attack *a = s->arg;
    if (end == SCENE_ALICE || end == SCENE_BOB)
        return;
    int other = end == SCENE_AS_BOB ? SCENE_AS_ALICE : SCENE_AS_BOB;
    memcpy(a->read, text, sizeof a->read);
    steps_think(a->steps, "Mallory, as %s, is told \"%s\", and says it on.", s->end[end].name, text);
    (void)!call_say(s->end[other].call, (const uint8_t *)text, strlen(text), s->now);
}

static void show_number(struct attack *a, const char *whose, const char *number)
{
    char half[2][SAFETY_SHOWN_LEN];
    safety_print(half[0], number, 0, 6);
    safety_print(half[1], number, 6, 6);
    steps_think(a->steps, "On %s screen:\n  %s\n  %s", whose, half[0], half[1]);
}

/* Whether the two see the same digits. */
static bool compare(struct scene *s, struct attack *a)
{
    char number[2][SAFETY_LEN];
    scene_number(s, SCENE_ALICE, number[0]);
    scene_number(s, SCENE_BOB, number[1]);
    show_number(a, "alice's", number[0]);
    show_number(a, "bob's", number[1]);
    return safety_equal(number[0], number[1]);
}

static int run(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    static struct scene s;
    struct attack a = {.steps = steps};
    scene_begin(&s, rng);
    s.heard = heard;
    s.arg = &a;
    scene_part(&s);
    scene_call(&s);
    steps_think(steps,
                "Alice calls bob. Mallory answers as bob, with a certificate in bob's name for a key of her own, "
                "and calls bob as alice. Both calls are open: new, not compared.");
    scene_say(&s, SCENE_ALICE, "is it you?");
    scene_say(&s, SCENE_BOB, "it is me");
    bool says = side == LAB_TWIN || compare(&s, &a);
    if (says)
        scene_say(&s, SCENE_ALICE, secret);
    bool won = strcmp(a.read, secret) == 0;
    if (won) {
        steps_know_all(steps, secret, strlen(secret));
        steps_think(steps, "Mallory has the secret line, and bob has it too.");
    }
    steps_result(steps, won ? "each talks to mallory, and all looks as it should: the line was passed on to bob as well"
                            : "the two numbers differ, so somebody is in between: alice says nothing more");
    scene_end_all(&s);
    return won;
}

const struct lab lab_key_swap = {
    .name = "key-swap",
    .what = "a server shows its own keys, and nobody compares them",
    .twin = "two who compare nothing",
    .real = "two who compare their safety number, app/peer/safety.c",
    .run = run,
};
