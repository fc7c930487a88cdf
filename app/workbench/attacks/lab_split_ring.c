/* SPDX-License-Identifier: MIT */
/* Two of a ring see to it that the others have different keys, and all that the others can check is right.
 *
 * Alice says a word to bob, mallory and trudy, under the key of all four. She says it because bob hears it as well; the
 * other two want it without him.
 *
 * A party comes to K by a walk round the ring, where each X is a step. Mallory sends X_m d and trudy X_t / d, so that
 * the product of all X is still 1. Every A between the two is off by d then; how many of these a walk comes by hangs on
 * where it began. With seats i and j of n for the two, whoever sits at seat k has
 *
 *      K d^e      e = ((j - k) mod n) - ((i - k) mod n)
 *
 * which is K d^(j-i) on one side of the two, and K d^(j-i-n) on the other. Where the two are neighbours nobody sits
 * between them: so they send false values to bob alone, and true ones to alice. Each is signed, and well so: they are
 * the parties that they say they are.
 *
 * The real code is the same exchange with its last round. The two know both keys, and can make the HMAC that each side
 * waits for; what they can't make is the other side's signature. */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/sealed_line.h"
#include "app/workbench/labs/ring_unconfirmed.h"
#include "crypto/bignum.h"
#include "crypto/ct.h"
#include "crypto/ring.h"
#include "crypto/rsa.h"

enum { ALICE, BOB, MALLORY, TRUDY, PARTIES };

static const char *const known[PARTIES] = {"alice", "bob", "mallory", "trudy"};

/* Who sits where, and to whom the two lie. */
struct formation {
    const char *what;
    size_t seat[PARTIES];
    bool to_alice;
};

static const struct formation formations[] = {
    {"Apart: alice, mallory, bob and trudy, in this order. To everybody the same.", {0, 2, 1, 3}, true},
    {"Neighbours: alice, bob, mallory and trudy, in this order. To bob other values than to alice.",
     {0, 1, 2, 3},
     false},
};
#define FORMATIONS (sizeof formations / sizeof *formations)

static struct rsa_private private_key[PARTIES]; /* made once in a process: it takes time */
static struct rsa_public public_key[PARTIES];

struct attack {
    struct rng *rng;
    struct steps *steps;
    uint64_t sent;
    const struct formation *f;
    struct ring party[PARTIES]; /* by who it is, not by seat */
    struct ring_keys keys[PARTIES];
    struct ring_keys stolen[PARTIES]; /* what the two work out that alice and bob have */
    uint8_t d[DH_PUBLIC_MAX_LEN];
    uint8_t k[DH_PUBLIC_MAX_LEN]; /* the true one, which the two have as parties */
};

static void make_keys(struct rng *rng)
{
    static bool made;
    for (size_t i = 0; i < PARTIES && !made; i++) {
        rsa_generate(&private_key[i], rng);
        rsa_public_of(&public_key[i], &private_key[i]);
    }
    made = true;
}

/* --- Arithmetic --------------------------------------------------------------------------------------------------- */

/* r = r d^e mod p */
static void multiply(uint8_t *r, const struct dh_group *g, const uint8_t *d, int e)
{
    mp_limb_t p[BIGNUM_MAX_LIMBS], x[BIGNUM_MAX_LIMBS], y[BIGNUM_MAX_LIMBS];
    const mp_size_t n = (mp_size_t)BIGNUM_LIMBS(g->p_len);
    bignum_from_bytes(p, g->p, g->p_len);
    bignum_from_bytes(x, r, g->p_len);
    bignum_from_bytes(y, d, g->p_len);
    if (e < 0)
        (void)!bignum_invert_public(y, y, p, n); /* p is a prime */
    for (int left = e < 0 ? -e : e; left > 0; left--)
        bignum_mulm(x, x, y, p, n);
    bignum_to_bytes(r, g->p_len, x);
}

/* What the lie does to the walk that begins at this party's seat. */
static int exponent(const struct formation *f, size_t who)
{
    const size_t k = f->seat[who], i = f->seat[MALLORY], j = f->seat[TRUDY];
    return (int)((j + PARTIES - k) % PARTIES) - (int)((i + PARTIES - k) % PARTIES);
}

/* --- The exchange ------------------------------------------------------------------------------------------------- */

/* Everybody has all z, and an X of their own. */
static int begin(struct attack *a)
{
    const char *names[PARTIES];
    int refused = 0;
    for (size_t i = 0; i < PARTIES; i++)
        names[a->f->seat[i]] = known[i];
    for (size_t i = 0; i < PARTIES; i++)
        refused |= ring_begin(&a->party[i], dh_group(DH_FFDHE2048), names, PARTIES, a->f->seat[i], a->rng);
    for (size_t i = 0; i < PARTIES && !refused; i++)
        for (size_t j = 0; j < PARTIES; j++)
            if (j != i)
                refused |= ring_take_z(&a->party[i], a->f->seat[j], a->party[j].own.y, a->party[j].group->p_len);
    for (size_t i = 0; i < PARTIES && !refused; i++)
        ring_second(&a->party[i]);
    return refused;
}

/* What a party sends in round two: it signs what stands in its own ring. */
static int send_x(struct attack *a, size_t from, struct ring *to, int e)
{
    static struct ring sender;
    uint8_t sig[RSA_SIGNATURE_LEN];
    const size_t seat = a->f->seat[from], len = to->group->p_len;
    sender = a->party[from];
    multiply(sender.x[seat], sender.group, a->d, e);
    if (ring_sign(sig, &sender, &private_key[from], a->rng) != 0 || ring_take_x(to, seat, sender.x[seat], len) != 0 ||
        ring_verify(to, seat, &public_key[from], sig) != 0)
        return -1;
    return 0;
}

/* All X for one party, with what the two lie to it: exponents of d. */
static int deliver(struct attack *a, struct ring *to, size_t who, int mallory, int trudy)
{
    int refused = 0;
    for (size_t from = 0; from < PARTIES; from++)
        if (from != who)
            refused |= send_x(a, from, to, from == MALLORY ? mallory : from == TRUDY ? trudy : 0);
    return refused;
}

static bool is_lied_to(const struct attack *a, size_t who)
{
    return who == BOB || (who == ALICE && a->f->to_alice);
}

/* One alone gets nowhere: on a copy of alice's. */
static void try_alone(struct attack *a)
{
    static struct ring alice;
    uint8_t k[DH_PUBLIC_MAX_LEN];
    alice = a->party[ALICE];
    int refused = deliver(a, &alice, ALICE, 1, 0);
    steps_ask(a->steps, ++a->sent, a->d, alice.group->p_len);
    refused |= ring_secret(k, &alice);
    steps_answer(a->steps, refused != 0, NULL, 0);
    steps_say(a->steps, "Mallory alone: X d for her X, signed, with this d. %s",
              refused ? "The X do not multiply to 1: alice refuses." : "Alice takes it.");
    ct_wipe(&alice, sizeof alice);
    ct_wipe(k, sizeof k);
}

/* Round two. 0 where everybody has taken everything. */
static int lie(struct attack *a)
{
    uint8_t k[DH_PUBLIC_MAX_LEN];
    int refused = deliver(a, &a->party[MALLORY], MALLORY, 0, 0);
    refused |= ring_secret(a->k, &a->party[MALLORY]); /* of the true values, which the two tell each other */
    for (size_t who = ALICE; who <= BOB; who++) {
        const bool lied = is_lied_to(a, who);
        refused |= deliver(a, &a->party[who], who, lied, -(int)lied);
        steps_ask(a->steps, ++a->sent, a->party[who].x[a->f->seat[MALLORY]], a->party[who].group->p_len);
        refused |= ring_secret(k, &a->party[who]);
        steps_answer(a->steps, refused != 0, NULL, 0);
        steps_say(a->steps, "To %s: %s. Signed, and the signatures are right; the X multiply to 1.", known[who],
                  lied ? "X d from mallory, X / d from trudy" : "the true X");
    }
    ct_wipe(k, sizeof k);
    return refused;
}

/* What this party's keys will be, from what the two have sent it and K, which they have as parties. */
static void work_out(struct attack *a, size_t who)
{
    static struct ring view;
    uint8_t k[DH_PUBLIC_MAX_LEN];
    const int e = is_lied_to(a, who) ? exponent(a->f, who) : 0;
    view = a->party[MALLORY];
    multiply(view.x[a->f->seat[MALLORY]], view.group, a->d, is_lied_to(a, who));
    multiply(view.x[a->f->seat[TRUDY]], view.group, a->d, -(int)is_lied_to(a, who));
    memcpy(k, a->k, sizeof k);
    multiply(k, view.group, a->d, e);
    ring_derive(&a->stolen[who], &view, k);
    if (e != 0)
        steps_think(a->steps, "What %s comes to: K d^%d. The two have K, as parties, and so %s's keys.", known[who], e,
                    known[who]);
    else
        steps_think(a->steps, "What %s comes to: K, as the two do.", known[who]);
    ct_wipe(&view, sizeof view);
    ct_wipe(k, sizeof k);
}

/* --- Without the last round --------------------------------------------------------------------------------------- */

/* True where the two have the word, and bob has not. */
static bool hear_unconfirmed(struct attack *a, const char *secret, char found[static LAB_SECRET_MAX + 1])
{
    uint8_t key[PARTIES][RING_KEY_LEN], frame[SEALED_LINE_MAX];
    char heard[LAB_SECRET_MAX + 1];
    size_t len;
    if (lab_ring_unconfirmed(key[ALICE], &a->party[ALICE]) != 0 || lab_ring_unconfirmed(key[BOB], &a->party[BOB]) != 0)
        return false;
    sealed_line_make(frame, &len, a->rng, secret, key[ALICE], RING_KEY_LEN);
    steps_ask(a->steps, ++a->sent, NULL, 0);
    steps_answer(a->steps, false, frame, len);
    bool has = sealed_line_open(found, frame, len, a->stolen[ALICE].key, RING_KEY_LEN);
    bool bob_has = sealed_line_open(heard, frame, len, key[BOB], RING_KEY_LEN);
    steps_say(a->steps, "Alice, to all: a line under her key. %s has it; for bob it %s.",
              has ? "Mallory opens it, and" : "Mallory does not open it, and nobody",
              bob_has ? "opens" : "does not open");
    ct_wipe(key, sizeof key);
    return has && !bob_has;
}

/* --- With it ------------------------------------------------------------------------------------------------------ */

/* What comes to alice as bob's confirmation: made of these values and keys, by whoever has this RSA key. True: she
 * takes it. */
static bool confirm_as_bob(struct attack *a, const struct ring *values, const struct ring_keys *keys, size_t signer,
                           const char *what)
{
    static struct ring made;
    uint8_t sig[RSA_SIGNATURE_LEN];
    made = *values;
    made.self = a->f->seat[BOB];
    if (ring_confirm(sig, &made, keys, &private_key[signer], a->rng) != 0)
        return false;
    steps_ask(a->steps, ++a->sent, sig, sizeof sig);
    bool taken = ring_confirmed(&a->party[ALICE], &a->keys[ALICE], a->f->seat[BOB], &public_key[BOB], sig) == 0;
    steps_answer(a->steps, !taken, NULL, 0);
    steps_say(a->steps, "%s Alice %s it.", what, taken ? "takes" : "refuses");
    return taken;
}

static bool confirm(struct attack *a)
{
    if (ring_finish(&a->keys[ALICE], &a->party[ALICE]) != 0 || ring_finish(&a->keys[BOB], &a->party[BOB]) != 0)
        return false;
    bool taken = confirm_as_bob(a, &a->party[BOB], &a->keys[BOB], BOB, "Bob's own confirmation, under his key.");
    taken |= confirm_as_bob(a, &a->party[ALICE], &a->stolen[ALICE], MALLORY,
                            "The HMAC that alice waits for, which the two can make; signed by mallory.");
    return taken | confirm_as_bob(a, &a->party[ALICE], &a->keys[ALICE], ALICE,
                                  "Alice's own signature of that HMAC, come back as bob's.");
}

/* --- Both --------------------------------------------------------------------------------------------------------- */

static bool split(struct attack *a, enum lab_side side, const char *secret, char found[static LAB_SECRET_MAX + 1])
{
    struct dh_key_pair fresh;
    steps_think(a->steps, "%s", a->f->what);
    if (begin(a) != 0)
        return false;
    dh_generate(&fresh, dh_group(DH_FFDHE2048), a->rng);
    memcpy(a->d, fresh.y, sizeof a->d);
    if (side == LAB_TWIN)
        try_alone(a);
    if (lie(a) != 0)
        return false;
    work_out(a, ALICE);
    work_out(a, BOB);
    return side == LAB_TWIN ? hear_unconfirmed(a, secret, found) : confirm(a);
}

static int run(enum lab_side side, struct rng *rng, const char *secret, struct steps *steps)
{
    static struct attack a; /* a ring is large */
    char found[LAB_SECRET_MAX + 1] = "";
    size_t won = 0;
    make_keys(rng);
    for (size_t i = 0; i < FORMATIONS; i++) {
        a = (struct attack){.rng = rng, .steps = steps, .sent = a.sent * (i > 0), .f = &formations[i]};
        won += split(&a, side, secret, found);
    }
    ct_wipe(&a, sizeof a);
    steps_result(steps, won > 0 ? "one key for alice and another for bob, and all that they could check was right"
                                : "bob's confirmation is under another key than alice's, and nobody can sign for him: "
                                  "she says nothing");
    if (side == LAB_REAL)
        return won > 0;
    if (won < FORMATIONS || strcmp(found, secret) != 0)
        return 0;
    steps_know_all(steps, found, strlen(found));
    steps_think(steps, "The two have the secret line, and bob has not.");
    return 1;
}

const struct lab lab_split_ring = {
    .name = "split-ring",
    .what = "two of a ring give the others different keys",
    .twin = "app/workbench/labs/ring_unconfirmed.c",
    .real = "crypto/ring.c with its confirmation",
    .run = run,
};
