/* SPDX-License-Identifier: MIT */
/* The table of labs, and what all that ask questions have in common. */
#include "app/workbench/attacks/lab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/ct.h"

/* clang-format off */
const struct lab *const lab_all[] = {
    &lab_small_prime,
    &lab_public_key_one,
    &lab_small_subgroup,
    &lab_man_in_the_middle,
    &lab_bit_flip,
    &lab_iv_reuse,
    &lab_padding_oracle,
    &lab_length_extension,
    &lab_replay,
    &lab_stolen_memory,
    &lab_compare_timing,
    &lab_rsa_fault,
    &lab_key_swap,
    &lab_call_replay,
    &lab_withheld_ack,
    &lab_split_ring,
    &lab_withheld_removal,
    NULL,
};
/* clang-format on */

const struct lab *lab_find(const char *name)
{
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++)
        if (strcmp((*lab)->name, name) == 0)
            return *lab;
    return NULL;
}

int lab_run(const struct lab *lab, enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    assert(strlen(secret) <= LAB_SECRET_MAX);
    steps_turn_to(steps, side);
    if (lab->run != NULL)
        return lab->run(side, rng, secret, steps);
    struct oracle o = {.lab = lab, .world = calloc(1, lab->world_len), .rng = rng, .steps = steps};
    char found[LAB_SECRET_MAX + 1] = "";
    if (o.world == NULL) {
        steps_think(steps, "There is no memory for it.");
        return -1;
    }
    lab->make(o.world, side, rng, secret);
    lab->attack(&o, found);
    ct_wipe(o.world, lab->world_len);
    free(o.world);
    if (strcmp(found, secret) != 0)
        return 0;
    steps_know_all(steps, found, strlen(found));
    steps_think(steps, "The attacker has the secret line.");
    return 1;
}

int lab_ask(struct oracle *o, const uint8_t *question, size_t question_len)
{
    o->answer_len = 0;
    o->asked++;
    steps_ask(o->steps, o->asked, question, question_len);
    int result = o->lab->answer(o->world, question, question_len, o->answer, &o->answer_len);
    assert(o->answer_len <= sizeof o->answer);
    steps_answer(o->steps, result != 0, o->answer, o->answer_len);
    return result;
}

void lab_listen(struct oracle *o)
{
    (void)lab_ask(o, NULL, 0);
}
