/* SPDX-License-Identifier: MIT */
/* A power has three numbers and a result, and each of the four can be got wrong: a mistake is a choice for each. */
#include "app/workbench/exercises/dh_numbers.h"

#include <gmp.h>
#include <string.h>

enum order { BIG = 1, LITTLE = -1 };

static void import(mpz_t r, const uint8_t *bytes, size_t len, enum order order)
{
    mpz_import(r, len, order, 1, 1, 0, bytes);
}

static size_t bytes_of(const mpz_t n)
{
    return mpz_sgn(n) == 0 ? 0 : (mpz_sizeinbase(n, 2) + 7) / 8;
}

/* n < 256^len */
static void export(uint8_t *out, size_t len, const mpz_t n)
{
    memset(out, 0, len);
    mpz_export(out + len - bytes_of(n), NULL, BIG, 1, 1, 0, n);
}

void dh_near(uint8_t *y, const struct dh_group *g, bool from_p, long k)
{
    mpz_t n;
    mpz_init(n);
    if (from_p)
        import(n, g->p, g->p_len, BIG);
    if (k >= 0)
        mpz_add_ui(n, n, (unsigned long)k);
    else
        mpz_sub_ui(n, n, (unsigned long)-k);
    export(y, g->p_len, n);
    mpz_clear(n);
}

void dh_peer_for(uint8_t *peer, const struct dh_group *g, const uint8_t *x, const uint8_t *z)
{
    mpz_t p, q, e, r;
    mpz_inits(p, q, e, r, NULL);
    import(p, g->p, g->p_len, BIG);
    import(e, x, g->x_len, BIG);
    import(r, z, g->p_len, BIG);
    mpz_tdiv_q_2exp(q, p, 1);
    mpz_invert(e, e, q);
    mpz_powm(r, r, e, p);
    export(peer, g->p_len, r);
    mpz_clears(p, q, e, r, NULL);
}

/* --- Mistakes ----------------------------------------------------------------------------------------------------- */

enum base { BASE_RIGHT, BASE_LITTLE, BASE_WORDS, BASE_2, BASE_3, BASE_5, BASE_X, BASE_Y };
enum exponent { X_RIGHT, X_LITTLE, X_WORDS, X_FIRST_32, X_LAST_32, X_BITS, X_WHOLE, X_MINUS, X_PLUS, X_BASE, X_Y, X_1 };
enum modulus { P_RIGHT, P_LITTLE, P_Q, P_MINUS };
enum form { FORM_RIGHT, FORM_LITTLE, FORM_WORDS, FORM_LEFT, FORM_PRODUCT };
enum of { OF_BOTH, OF_Y, OF_Z };

static const struct mistake {
    enum of of;
    enum base base;
    enum exponent x;
    enum modulus p;
    enum form form;
    const char *hint;
} mistakes[] = {
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_RIGHT, FORM_LEFT,
     "the leading zeros were dropped and the number stands at the left: it has p_len bytes, with zeros in front"},
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_RIGHT, FORM_LITTLE, "your result is right but little-endian: it is big-endian"},
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_RIGHT, FORM_WORDS,
     "your result is right but its words are in the wrong order: GMP has the lowest limb first, the wire the highest"},
    {OF_BOTH, BASE_RIGHT, X_LITTLE, P_RIGHT, FORM_RIGHT, "x is big-endian: you read it as little-endian"},
    {OF_BOTH, BASE_RIGHT, X_WORDS, P_RIGHT, FORM_RIGHT, "the words of x are in the wrong order: x is big-endian"},
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_LITTLE, FORM_RIGHT, "p is big-endian: you read it as little-endian"},
    {OF_BOTH, BASE_RIGHT, X_LITTLE, P_LITTLE, FORM_LITTLE, "every number here is big-endian: yours are little-endian"},
    {OF_BOTH, BASE_LITTLE, X_LITTLE, P_LITTLE, FORM_LITTLE, "every number here is big-endian: yours are little-endian"},
    {OF_Z, BASE_LITTLE, X_RIGHT, P_RIGHT, FORM_RIGHT, "the peer's value is big-endian: you read it as little-endian"},
    {OF_Z, BASE_WORDS, X_RIGHT, P_RIGHT, FORM_RIGHT, "the words of the peer's value are in the wrong order"},
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_Q, FORM_RIGHT,
     "you reduced modulo q: powers are taken modulo p, q is their order"},
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_MINUS, FORM_RIGHT, "you reduced modulo p - 1: powers are taken modulo p"},
    {OF_BOTH, BASE_X, X_BASE, P_RIGHT, FORM_RIGHT, "base and exponent are swapped: x is the exponent"},
    {OF_Z, BASE_2, X_RIGHT, P_RIGHT, FORM_RIGHT, "Z is the peer's value to the x: yours is 2^x, which is your own y"},
    {OF_Z, BASE_Y, X_RIGHT, P_RIGHT, FORM_RIGHT, "Z is the peer's value to the x: you took your own y to the x"},
    {OF_Z, BASE_RIGHT, X_Y, P_RIGHT, FORM_RIGHT, "the exponent is x, which is secret: you took y, which is public"},
    {OF_Z, BASE_2, X_BASE, P_RIGHT, FORM_RIGHT, "Z is the peer's value to the x: yours is 2 to the peer's value"},
    {OF_Z, BASE_RIGHT, X_1, P_RIGHT, FORM_RIGHT, "Z is the peer's value to the x: yours is the peer's value itself"},
    {OF_Y, BASE_3, X_RIGHT, P_RIGHT, FORM_RIGHT, "the generator is 2 in each group of RFC 7919: yours is 3"},
    {OF_Y, BASE_5, X_RIGHT, P_RIGHT, FORM_RIGHT, "the generator is 2 in each group of RFC 7919: yours is 5"},
    {OF_Y, BASE_X, X_1, P_RIGHT, FORM_RIGHT, "y is 2^x: yours is x, which is secret"},
    {OF_BOTH, BASE_RIGHT, X_RIGHT, P_RIGHT, FORM_PRODUCT, "you multiplied by x: x is an exponent"},
    {OF_BOTH, BASE_RIGHT, X_BITS, P_RIGHT, FORM_RIGHT,
     "only x_len bits of x counted: the exponent has 8 x_len bits, as x_len is in bytes"},
    {OF_BOTH, BASE_RIGHT, X_FIRST_32, P_RIGHT, FORM_RIGHT, "only the first 32 bytes of x counted: it has g->x_len"},
    {OF_BOTH, BASE_RIGHT, X_LAST_32, P_RIGHT, FORM_RIGHT, "only the last 32 bytes of x counted: it has g->x_len"},
    {OF_BOTH, BASE_RIGHT, X_WHOLE, P_RIGHT, FORM_RIGHT,
     "you read all 48 bytes of the array x: of these g->x_len are the exponent"},
    {OF_BOTH, BASE_RIGHT, X_MINUS, P_RIGHT, FORM_RIGHT, "you multiplied one time too few: yours is the power x - 1"},
    {OF_BOTH, BASE_RIGHT, X_PLUS, P_RIGHT, FORM_RIGHT, "you multiplied one time too many: yours is the power x + 1"},
};

struct power {
    const struct dh_group *g;
    const uint8_t *base, *x; /* p_len and x_len bytes */
};

/* r = 2^x */
static void raise_two(mpz_t r, const mpz_t x, const mpz_t p)
{
    mpz_t two;
    mpz_init_set_ui(two, 2);
    mpz_powm(r, two, x, p);
    mpz_clear(two);
}

/* The last word first, each of them as it is. */
static void import_words(mpz_t r, const uint8_t *bytes, size_t len)
{
    mpz_import(r, len / 8, LITTLE, 8, 1, 0, bytes);
}

/* p is the modulus, for BASE_Y. */
static void take_base(mpz_t r, const struct power *w, enum base how, const mpz_t p)
{
    if (how == BASE_WORDS)
        import_words(r, w->base, w->g->p_len);
    else if (how == BASE_X || how == BASE_Y)
        import(r, w->x, w->g->x_len, BIG);
    else if (how == BASE_RIGHT || how == BASE_LITTLE)
        import(r, w->base, w->g->p_len, how == BASE_LITTLE ? LITTLE : BIG);
    else
        mpz_set_ui(r, how == BASE_2 ? 2 : how == BASE_3 ? 3 : 5);
    if (how == BASE_Y)
        raise_two(r, r, p);
}

static void take_modulus(mpz_t r, const struct power *w, enum modulus how)
{
    import(r, w->g->p, w->g->p_len, how == P_LITTLE ? LITTLE : BIG);
    if (how == P_MINUS || how == P_Q)
        mpz_sub_ui(r, r, 1);
    if (how == P_Q)
        mpz_tdiv_q_2exp(r, r, 1);
}

/* p is the modulus, for X_Y. */
static void take_exponent(mpz_t r, const struct power *w, enum exponent how, const mpz_t p)
{
    const size_t len = w->g->x_len;
    import(r, w->x, len, how == X_LITTLE ? LITTLE : BIG);
    if (how == X_WORDS)
        import_words(r, w->x, len);
    else if (how == X_FIRST_32)
        mpz_tdiv_q_2exp(r, r, 8 * (len - 32));
    else if (how == X_LAST_32)
        mpz_tdiv_r_2exp(r, r, 8 * 32);
    else if (how == X_BITS)
        mpz_tdiv_r_2exp(r, r, len);
    else if (how == X_WHOLE)
        mpz_mul_2exp(r, r, 8 * (DH_PRIVATE_MAX_LEN - len));
    else if (how == X_MINUS)
        mpz_sub_ui(r, r, 1);
    else if (how == X_PLUS)
        mpz_add_ui(r, r, 1);
    else if (how == X_BASE)
        import(r, w->base, w->g->p_len, BIG);
    else if (how == X_1)
        mpz_set_ui(r, 1);
    if (how == X_Y)
        raise_two(r, r, p);
}

/* Whether `yours` is r as that form has it. */
static bool is_in_form(const uint8_t *yours, size_t len, const mpz_t r, enum form form)
{
    uint8_t right[DH_PUBLIC_MAX_LEN], other[DH_PUBLIC_MAX_LEN];
    size_t used = bytes_of(r);
    export(right, len, r);
    for (size_t i = 0; i < len; i++)
        other[i] = form == FORM_LITTLE  ? right[len - 1 - i]
                   : form == FORM_WORDS ? right[len - 8 - i / 8 * 8 + i % 8]
                                        : 0;
    if (form == FORM_LEFT)
        return used > 0 && used < len && memcmp(yours, right + len - used, used) == 0;
    return memcmp(yours, form == FORM_LITTLE || form == FORM_WORDS ? other : right, len) == 0;
}

static bool is_mistake(const uint8_t *yours, const struct power *w, const struct mistake *m)
{
    mpz_t base, x, p, r;
    mpz_inits(base, x, p, r, NULL);
    take_modulus(p, w, m->p);
    take_base(base, w, m->base, p);
    take_exponent(x, w, m->x, p);
    if (m->form == FORM_PRODUCT) {
        mpz_mul(r, base, x);
        mpz_mod(r, r, p);
    } else {
        mpz_powm(r, base, x, p);
    }
    bool same = is_in_form(yours, w->g->p_len, r, m->form);
    mpz_clears(base, x, p, r, NULL);
    return same;
}

const char *dh_mistake_in_power(const uint8_t *yours, const struct dh_group *g, const uint8_t *base, const uint8_t *x)
{
    uint8_t two[DH_PUBLIC_MAX_LEN];
    dh_near(two, g, false, 2);
    struct power w = {.g = g, .base = base != NULL ? base : two, .x = x};
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (mistakes[i].of != (base != NULL ? OF_Y : OF_Z) && is_mistake(yours, &w, &mistakes[i]))
            return mistakes[i].hint;
    return NULL;
}
