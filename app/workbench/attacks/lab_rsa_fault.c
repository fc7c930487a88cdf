/* SPDX-License-Identifier: MIT */
/* One wrong signature gives an RSA key away: Boneh, DeMillo and Lipton, 1997, as Lenstra shortened it.
 *
 *      question   00 || message: sign it (all but ORDER)               empty: the public modulus n [384]
 *                 01 || message || signature [384]: obey it
 *      answer     yes and the signature, or what is said to the order; no: refused
 *
 * The signer works modulo p and modulo q apart, and puts the halves together. The memory is bad: now and then a bit of
 * dp is read wrongly. Then s is right modulo q and wrong modulo p, so q divides s^e - EM and p does not: q is
 * gcd(s^e - EM, n), and with it all is known.
 *
 * The real code is rsa_pss_sign (crypto/rsa.h) with the same faults in the same place. It verifies before it answers.
 * (Its encoding is random as well, so that EM would not be known.) */
#include <stdio.h>
#include <string.h>

#include "app/workbench/attacks/lab.h"
#include "app/workbench/labs/rsa_unchecked.h"
#include "crypto/bignum.h"
#include "crypto/rsa.h"

#define ORDER "open the door"
#define SAYS "open, and the word is "
#define SIGN 0
#define OBEY 1
#define FAULTY_EVERY 8  /* signatures, on average */
#define FAULTY_AFTER 16 /* at the latest */
#define TRIES 64
#define SAID_FIRST 1

enum { N = BIGNUM_LIMBS(RSA_MODULUS_LEN), HALF = BIGNUM_LIMBS(RSA_PRIME_LEN) };

struct world {
    enum lab_side side;
    struct rsa_private key;
    unsigned good; /* signatures since the last fault */
    struct rng *rng;
    char secret[LAB_SECRET_MAX + 1];
};

/* Making a key takes as long as all the rest: one for the process, as one defender has. */
static void get_key(struct rsa_private *key, struct rng *rng)
{
    static struct rsa_private made;
    static bool is_made;
    if (!is_made)
        rsa_generate(&made, rng);
    is_made = true;
    *key = made;
}

static void make(void *world, enum lab_side side, struct rng *rng, const char *secret)
{
    struct world *w = world;
    w->side = side;
    w->rng = rng;
    memcpy(w->secret, secret, strlen(secret) + 1);
    get_key(&w->key, rng);
}

/* A signature on a machine whose memory is bad. */
static int sign(struct world *w, uint8_t sig[static RSA_SIGNATURE_LEN], const uint8_t *msg, size_t msg_len)
{
    struct rsa_private key = w->key;
    uint8_t luck[3];
    rng_fill(w->rng, luck, sizeof luck);
    if (luck[0] % FAULTY_EVERY == 0 || ++w->good == FAULTY_AFTER) {
        key.dp[luck[1] % RSA_PRIME_LEN] ^= (uint8_t)(1 << luck[2] % 8);
        w->good = 0;
    }
    if (w->side == LAB_REAL)
        return rsa_pss_sign(sig, &key, msg, msg_len, w->rng);
    lab_rsa_sign(sig, &key, msg, msg_len);
    return 0;
}

static int verify(enum lab_side side, const struct rsa_public *pub, const uint8_t *msg, size_t msg_len,
                  const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    return side == LAB_REAL ? rsa_pss_verify(pub, msg, msg_len, sig) : lab_rsa_verify(pub, msg, msg_len, sig);
}

static bool is_order(const uint8_t *msg, size_t msg_len)
{
    return msg_len == strlen(ORDER) && memcmp(msg, ORDER, msg_len) == 0;
}

static int obey(const struct world *w, const uint8_t *order, size_t len, uint8_t out[static LAB_ANSWER_MAX],
                size_t *out_len)
{
    struct rsa_public pub;
    if (len < RSA_SIGNATURE_LEN)
        return -1;
    rsa_public_of(&pub, &w->key);
    size_t msg_len = len - RSA_SIGNATURE_LEN;
    if (verify(w->side, &pub, order, msg_len, order + msg_len) != 0)
        return -1;
    bool opens = is_order(order, msg_len);
    *out_len = (size_t)snprintf((char *)out, LAB_ANSWER_MAX, "%s%s", opens ? SAYS : "what?", opens ? w->secret : "");
    return 0;
}

static int answer(void *world, const uint8_t *question, size_t question_len, uint8_t out[static LAB_ANSWER_MAX],
                  size_t *out_len)
{
    struct world *w = world;
    if (question_len == 0) {
        memcpy(out, w->key.n, RSA_MODULUS_LEN);
        *out_len = RSA_MODULUS_LEN;
        return 0;
    }
    if (question[0] == OBEY)
        return obey(w, question + 1, question_len - 1, out, out_len);
    if (question[0] != SIGN || is_order(question + 1, question_len - 1) ||
        sign(w, out, question + 1, question_len - 1) != 0)
        return -1;
    *out_len = RSA_SIGNATURE_LEN;
    return 0;
}

/* --- The attack --------------------------------------------------------------------------------------------------- */

/* prime = gcd(sig^e - EM, n); false where that is 1 or n. */
static bool find_prime(mp_limb_t prime[static HALF], const struct rsa_public *pub, const uint8_t *msg, size_t msg_len,
                       const uint8_t sig[static RSA_SIGNATURE_LEN])
{
    uint8_t opened[RSA_MODULUS_LEN], em[RSA_MODULUS_LEN];
    mp_limb_t n[N], a[N], b[N], g[N];
    lab_rsa_open(opened, pub, sig);
    lab_rsa_encode(em, msg, msg_len);
    bignum_from_bytes(n, pub->n, sizeof pub->n);
    bignum_from_bytes(a, opened, sizeof opened);
    bignum_from_bytes(b, em, sizeof em);
    bignum_subm(a, a, b, n, N);
    mp_size_t len = N;
    while (len > 0 && a[len - 1] == 0)
        len--;
    if (len == 0 || mpn_gcd(g, n, N, a, len) != HALF)
        return false;
    memcpy(prime, g, HALF * sizeof *prime);
    return true;
}

/* exponent = e^-1 mod (prime - 1): e k (prime - 1) + 1 has to be a multiple of e for some k below e. */
static void find_exponent(uint8_t exponent[static RSA_PRIME_LEN], const mp_limb_t prime[static HALF])
{
    mp_limb_t prime_1[HALF], t[HALF + 1], quotient[HALF + 1];
    memcpy(prime_1, prime, sizeof prime_1);
    prime_1[0] -= 1; /* it is odd */
    mp_limb_t rest = mpn_mod_1(prime_1, HALF, RSA_E), k = 1, sum = rest;
    for (; (sum + 1) % RSA_E != 0; k++)
        sum = (sum + rest) % RSA_E;
    t[HALF] = mpn_mul_1(t, prime_1, HALF, k);
    (void)mpn_add_1(t, t, HALF + 1, 1);
    (void)mpn_divrem_1(quotient, 0, t, HALF + 1, RSA_E);
    bignum_to_bytes(exponent, RSA_PRIME_LEN, quotient);
}

/* All that a signer needs, from n and one of its primes. */
static int make_key(struct rsa_private *key, const struct rsa_public *pub, const mp_limb_t q[static HALF])
{
    mp_limb_t n[N], p[N - HALF + 1], rest[HALF], qinv[HALF];
    bignum_from_bytes(n, pub->n, sizeof pub->n);
    mpn_tdiv_qr(p, rest, 0, n, N, q, HALF);
    if (bignum_invert_public(qinv, q, p, HALF) != 0)
        return -1;
    bignum_to_bytes(key->p, sizeof key->p, p);
    bignum_to_bytes(key->q, sizeof key->q, q);
    bignum_to_bytes(key->qinv, sizeof key->qinv, qinv);
    find_exponent(key->dp, p);
    find_exponent(key->dq, q);
    return 0;
}

/* Signs the order with a key that was found. */
static void give_order(struct oracle *o, const struct rsa_private *key, char found[static LAB_SECRET_MAX + 1])
{
    uint8_t question[1 + sizeof ORDER - 1 + RSA_SIGNATURE_LEN] = {OBEY};
    size_t len = strlen(ORDER);
    memcpy(question + 1, ORDER, len);
    lab_rsa_sign(question + 1 + len, key, ORDER, len);
    bool obeyed = lab_ask(o, question, sizeof question) == 0;
    steps_say(o->steps, "\"" ORDER "\", signed with the key that was found.");
    if (!obeyed || o->answer_len < strlen(SAYS) || o->answer_len - strlen(SAYS) > LAB_SECRET_MAX)
        return;
    memcpy(found, o->answer + strlen(SAYS), o->answer_len - strlen(SAYS));
    found[o->answer_len - strlen(SAYS)] = '\0';
    steps_result(o->steps, "one faulty signature gave q, and all signatures are the attacker's from then on");
}

/* Whether this signature gives the key away. */
static bool use_signature(struct oracle *o, const struct rsa_public *pub, const uint8_t *msg, size_t msg_len,
                          struct rsa_private *key)
{
    mp_limb_t q[HALF];
    uint8_t shown[RSA_PRIME_LEN];
    if (!find_prime(q, pub, msg, msg_len, o->answer) || make_key(key, pub, q) != 0)
        return false;
    bignum_to_bytes(shown, sizeof shown, q);
    steps_know_all(o->steps, shown, 32);
    steps_say(o->steps, "It does not verify. q = gcd(s^e - EM, n), 1,536 bits that begin so; p = n / q, d = e^-1 mod "
                        "(p-1)(q-1).");
    return true;
}

static void attack(struct oracle *o, char found[static LAB_SECRET_MAX + 1])
{
    struct rsa_public pub;
    struct rsa_private key = {.n = {0}};
    unsigned right = 0, none = 0;
    lab_listen(o);
    memcpy(pub.n, o->answer, sizeof pub.n);
    steps_say(o->steps, "The public key n. The signer signs anything but \"" ORDER "\".");
    for (unsigned i = 1; i <= TRIES; i++) {
        uint8_t question[32] = {SIGN};
        size_t len = (size_t)snprintf((char *)question + 1, sizeof question - 1, "message %u", i);
        if (lab_ask(o, question, 1 + len) != 0) {
            if (none++ < SAID_FIRST)
                steps_say(o->steps, "No signature: the signer saw that it was wrong, and keeps it.");
        } else if (verify(o->steps->side, &pub, question + 1, len, o->answer) == 0) {
            if (right++ < SAID_FIRST)
                steps_say(o->steps, "s^e is what it should be. The attacker asks again.");
        } else if (use_signature(o, &pub, question + 1, len, &key)) {
            give_order(o, &key, found);
            return;
        }
    }
    steps_result(o->steps, "each signature is verified before it leaves: of %d, %u were right and %u were not given",
                 TRIES, right, none);
}

const struct lab lab_rsa_fault = {
    .name = "rsa-fault",
    .what = "a signer does not verify: one fault gives its key away",
    .twin = "app/workbench/labs/rsa_unchecked.c",
    .real = "crypto/rsa.c: rsa_pss_sign",
    .hello = "00 message, to be signed; 01 message signature[384], to be obeyed",
    .world_len = sizeof(struct world),
    .make = make,
    .answer = answer,
    .attack = attack,
};
