/* SPDX-License-Identifier: MIT */
/* Diffie-Hellman that takes any public value: who sends 1 knows Z, whatever the other's x is.
 *
 *      question   the attacker's public value [256]                    empty: the server's, y [256]
 *      answer     yes and a line sealed under Z = question^x (sealed_line.h); no: the value is refused
 *
 * 1^x = 1, 0^x = 0, and (p-1)^x is 1 or p-1, as x is even or odd. In a real chat it is a man in the middle who sends
 * it, to both ends: both agree on a Z that he knows, and no signature over the exchange is wrong if what is signed is
 * what went over the wire.
 *
 * The real code is dh_derive (crypto/dh.h), which looks at a value first. */
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/sealed_line.h"
#include "app/workbench/labs/dh_unchecked.h"
#include "crypto/dh.h"

#define GROUP DH_FFDHE2048
#define LEN 256

struct world {
    enum lab_side side;
    struct dh_key_pair pair;
    struct rng *rng;
    char secret[LAB_SECRET_MAX + 1];
};

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    w->side = side;
    w->rng = rng;
    memcpy(w->secret, secret, strlen(secret) + 1);
    dh_generate(&w->pair, dh_group(GROUP), rng);
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    const struct world *w = world;
    uint8_t z[LEN];
    if (question_len == 0) {
        memcpy(out, w->pair.y, LEN);
        *out_len = LEN;
        return 0;
    }
    if (question_len != LEN)
        return -1;
    if (w->side == LAB_TWIN)
        lab_dh_unchecked(z, w->pair.group, w->pair.x, question);
    else if (dh_derive(z, &w->pair, question, question_len) != 0)
        return -1;
    sealed_line_make(out, out_len, w->rng, w->secret, z, sizeof z);
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* A number near 0 or p: from + add. */
static void make_value(uint8_t value[static LEN], const uint8_t *from, int add)
{
    memset(value, 0, LEN);
    if (from != NULL)
        memcpy(value, from, LEN);
    int carry = add;
    for (size_t i = LEN; i-- > 0 && carry != 0;) {
        int sum = value[i] + carry;
        value[i] = (uint8_t)sum;
        carry = sum < 0 ? -1 : sum >> 8;
    }
}

/* What Z can be when a value is sent: at most two. */
struct choice {
    const char *name, *why;
    bool near_p;
    int add;
    int z_add[2]; /* Z itself: 0, 1, or -1 for p - 1 */
};

static const struct choice choices[] = {
    {"1", "Z = 1^x = 1", false, 1, {1, 1}},
    {"p - 1", "Z = (p-1)^x is 1 or p - 1", true, -1, {1, -1}},
    {"0", "Z = 0^x = 0", false, 0, {0, 0}},
    {"p", "p = 0 mod p, so Z = 0", true, 0, {0, 0}},
    {"p + 1", "p + 1 = 1 mod p, so Z = 1", true, 1, {1, 1}},
};
enum { CHOICES = sizeof choices / sizeof *choices };

static bool try_choice(struct oracle *o, const struct choice *c, char found[static LAB_SECRET_MAX + 1])
{
    const uint8_t *p = dh_group(GROUP)->p;
    uint8_t value[LEN], z[LEN];
    make_value(value, c->near_p ? p : NULL, c->add);
    if (lab_ask(o, value, sizeof value) != 0) {
        steps_say(o->steps, "Sent %s. Refused: it is not in the group that 2 generates.", c->name);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        make_value(z, c->z_add[i] < 0 ? p : NULL, c->z_add[i]);
        if (sealed_line_open(found, o->answer, o->answer_len, z, sizeof z)) {
            steps_say(o->steps, "Sent %s: %s. The line opens with Z = %s.", c->name, c->why,
                      c->z_add[i] < 0    ? "p - 1"
                      : c->z_add[i] == 0 ? "0"
                                         : "1");
            return true;
        }
    }
    steps_say(o->steps, "Sent %s: %s. But the line does not open.", c->name, c->why);
    return false;
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    size_t read = 0;
    lab_listen(o);
    steps_say(o->steps, "The server's y. To find x from it would take 2^112 steps.");
    for (size_t i = 0; i < CHOICES; i++)
        read += try_choice(o, &choices[i], found);
    if (read > 0)
        steps_result(o->steps, "%zu of %d values led to a Z that is known beforehand", read, CHOICES);
    else
        steps_result(o->steps, "dh_derive refuses all %d: they are not above 1 and below p - 1", CHOICES);
}

const struct lab lab_public_key_one = {
    .name = "public-key-one",
    .what = "a server takes any public value: the attacker chooses Z",
    .twin = "app/workbench/labs/dh_unchecked.c",
    .real = "crypto/dh.c: dh_derive",
    .hello = "y[256], your public value: ok and a line sealed under Z",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
