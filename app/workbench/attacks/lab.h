/* SPDX-License-Identifier: MIT */
/* A lab: a weak twin and the real code behind the same questions, and one attack that is tried on both.
 *
 * Use it:      const struct lab *lab = lab_find("padding-oracle");
 *              if (lab_run(lab, LAB_TWIN, &rng, secret, &steps) == 1) ...       the attack learned the secret
 *              if (lab_run(lab, LAB_REAL, &rng, secret, &steps) == 0) ...       it did not
 * Timing:      of no interest: everything here is made to be found out.
 * Read next:   lab_padding_oracle.c, a whole lab; target.h, a lab's twin as a service; docs/labs/README.md.
 *
 * In every lab the attacker is after the same thing, a line of text: `secret`. The defender has it in a sealed message,
 * or gives it to whoever seems to be allowed. So the attack has won where it returns that line, and nowhere else.
 *
 * A question is some bytes, and an answer is yes or no with some bytes. The empty question stands for listening: its
 * answer is what went over the wire and anybody has. What the bytes mean is each lab's own: its page in docs/labs says
 * it, as the same questions can be asked over a socket.
 */
#ifndef APP_WORKBENCH_ATTACKS_LAB_H
#define APP_WORKBENCH_ATTACKS_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/workbench/attacks/steps.h"
#include "crypto/bytes.h"
#include "crypto/rng.h"

#define LAB_QUESTION_MAX 1024
#define LAB_ANSWER_MAX 1024
#define LAB_SECRET_MAX 32 /* bytes of the line that an attack is after; at least 1, all of them from ' ' to '~' */

struct lab;

/* The defender, as the attacker sees it, and what the attacker has beside it. */
struct oracle {
    const struct lab *lab;
    void *world;         /* the defender's own: no attack looks into it */
    struct rng *rng;     /* the attacker's */
    struct steps *steps; /* where what it does is recorded */
    uint64_t asked;
    uint8_t answer[LAB_ANSWER_MAX]; /* the last one */
    size_t answer_len;
};

struct lab {
    const char *name;
    const char *what;        /* what is wrong and what comes of it, in at most 59 bytes */
    const char *twin, *real; /* what is attacked: a file, a function */
    const char *hello;       /* what a target says first, about its questions; NULL: there is no target */

    /* A lab that asks questions has these. make sets up a defender in world, world_len zero bytes, with the twin or the
     * real code; secret has at most LAB_SECRET_MAX bytes and a NUL. The world may be copied, and both go on from there:
     * a target gives each connection its own. answer returns 0 for yes, -1 for no. attack writes the secret to found,
     * or what it takes for it, with a NUL. */
    size_t world_len;
    void (*make)(void *world, enum lab_side side, struct rng *rng, const char *secret);
    int (*answer)(void *world, const uint8_t *question, size_t question_len, uint8_t answer[static LAB_ANSWER_MAX],
                  size_t *answer_len);
    void (*attack)(struct oracle *o, char found[static LAB_SECRET_MAX + 1]);

    /* One that needs processes and wires has this in the place of attack, with what lab_run returns; make and answer
     * are for its target then. */
    int (*run)(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps);
};

/* Each from its own lab_<name>.c; and all of them, where NULL ends the table. */
extern const struct lab lab_small_prime, lab_public_key_one, lab_small_subgroup, lab_man_in_the_middle, lab_bit_flip,
    lab_iv_reuse, lab_padding_oracle, lab_length_extension, lab_replay, lab_stolen_memory, lab_compare_timing,
    lab_rsa_fault, lab_key_swap, lab_call_replay, lab_withheld_ack, lab_split_ring, lab_withheld_removal;
extern const struct lab *const lab_all[];

/* NULL where there is none of that name. */
const struct lab *lab_find(const char *name);

/* Sets up a defender and attacks it. 1: the attack learned the secret; 0: it did not; -1: it could not be tried, and
 * what was recorded last says why. */
MUST_USE int lab_run(const struct lab *lab, enum lab_side side, struct rng *rng, const char *secret,
                     struct steps *steps);

/* --- For attacks -------------------------------------------------------------------------------------------------- */

/* Asks, and records the question and its answer. 0: yes; -1: no. The answer is in o->answer. */
int lab_ask(struct oracle *o, const uint8_t *question, size_t question_len);

/* Asks the empty question. */
void lab_listen(struct oracle *o);

#endif
