/* SPDX-License-Identifier: MIT */
/* The steps of crypto/bignum_ifma.c on paper: a digit has ten values instead of 2^52, and a window two bits instead of
 * five. */
#include "app/workbench/explain/explain_bignum.h"

#include <assert.h>
#include <inttypes.h>

#include "app/workbench/explain/show.h"

#define WINDOW 2
#define ENTRIES (1 << WINDOW)

/* What a product needs to know of the modulus. */
struct modulus {
    uint64_t m, R, R2, minus_inverse; /* R2: R^2 mod m; minus_inverse: -1/m mod 10 */
    int digits;                       /* of R, but for its 1 */
};

uint64_t explain_bignum_power(uint64_t modulus, uint64_t base, uint64_t exponent)
{
    uint64_t power = 1 % modulus;
    for (uint64_t i = 0; i < exponent; i++)
        power = power * base % modulus;
    return power;
}

static void modulus_init(struct modulus *k, uint64_t m)
{
    *k = (struct modulus){.m = m, .R = 1};
    while (k->R <= 4 * m) {
        k->R *= 10;
        k->digits++;
    }
    k->R2 = k->R % m * (k->R % m) % m;
    while (k->minus_inverse * m % 10 != 9)
        k->minus_inverse++;
}

/* --- The product -------------------------------------------------------------------------------------------------- */

/* One row: acc + a b_i, and the multiple of m that makes its last digit 0, which is dropped. */
static uint64_t row(FILE *to, const struct modulus *k, uint64_t acc, uint64_t a, uint64_t b_i)
{
    uint64_t sum = acc + a * b_i, y = sum % 10 * k->minus_inverse % 10, whole = sum + y * k->m;
    if (to != NULL)
        fprintf(to,
                "  %9" PRIu64 " + %9" PRIu64 " x %" PRIu64 " = %10" PRIu64 "   y = %" PRIu64 "   %10" PRIu64
                " -> %9" PRIu64 "\n",
                acc, a, b_i, sum, y, whole, whole / 10);
    return whole / 10;
}

/* a b / R mod m, below 2m; the rows are shown where to is not NULL. */
static uint64_t multiply(FILE *to, const struct modulus *k, uint64_t a, uint64_t b)
{
    uint64_t acc = 0;
    if (to != NULL)
        fprintf(to, "  %9s   %9s     %12s   %5s   %10s    %9s\n", "so far", "a", "+ a b_i", "", "+ y m", "/ 10");
    for (int i = 0; i < k->digits; i++, b /= 10)
        acc = row(to, k, acc, a, b % 10);
    assert(b == 0 && acc < 2 * k->m);
    return acc;
}

/* The same in a line. */
static uint64_t multiply_told(FILE *to, const struct modulus *k, const char *what, uint64_t a, uint64_t b)
{
    uint64_t r = multiply(NULL, k, a, b);
    show_text(to, what, "%" PRIu64 " x %" PRIu64 " / R = %" PRIu64, a, b, r);
    return r;
}

/* --- The power ---------------------------------------------------------------------------------------------------- */

static void show_modulus(FILE *to, const struct modulus *k)
{
    show_heading(to, "What is known of m");
    show_text(to, "R", "%" PRIu64 ", the first power of 10 that is more than 4m", k->R);
    show_text(to, "-1/m", "%" PRIu64 " modulo 10, as %" PRIu64 " x %" PRIu64 " = %" PRIu64 " ends in 9",
              k->minus_inverse, k->m, k->minus_inverse, k->m * k->minus_inverse);
    show_text(to, "R^2 mod m", "%" PRIu64 ", the only division by m in all this", k->R2);
    show_note(
        to, "A product by rows comes out divided by R. So numbers are kept multiplied by R, in Montgomery's form: the "
            "product of two such has one R too many, and one R is what it loses.");
}

static uint64_t show_into_form(FILE *to, const struct modulus *k, uint64_t base)
{
    show_heading(to, "The base into Montgomery's form: base x R^2 / R");
    show_note(to,
              "Each row adds a times a digit of b, the last digit first; then y times m, which makes the sum's last "
              "digit 0: y is that digit times -1/m, modulo 10. Then the 0 is dropped.");
    uint64_t form = multiply(to, k, base, k->R2);
    show_text(to, "form", "%" PRIu64 " = %" PRIu64 " x R mod m, or m more: below 2m is enough", form, base);
    assert(form % k->m == base * (k->R % k->m) % k->m);
    return form;
}

static void fill_table(FILE *to, const struct modulus *k, uint64_t table[static ENTRIES], uint64_t base)
{
    static const char *const names[ENTRIES] = {"base^0", "base^1", "base^2", "base^3"};
    table[1] = show_into_form(to, k, base);
    show_heading(to, "The window's table: all that two bits of the exponent can ask for");
    table[0] = multiply_told(to, k, names[0], k->R2, 1);
    show_text(to, names[1], "%" PRIu64, table[1]);
    for (int i = 2; i < ENTRIES; i++)
        table[i] = multiply_told(to, k, names[i], table[i - 1], table[1]);
}

/* Reads every entry, and keeps one by a mask: entry 2 of 4 by 0 0 all-ones 0. */
static uint64_t look_up(FILE *to, const uint64_t table[static ENTRIES], uint64_t u)
{
    uint64_t found = 0;
    char masks[4 * ENTRIES + 1] = "";
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint64_t mask = 0 - (uint64_t)(i == u);
        found |= table[i] & mask;
        snprintf(masks + 4 * i, sizeof masks - 4 * i, " %s ", mask == 0 ? "--" : "##");
    }
    show_text(to, "look up", "entry %" PRIu64 " by the masks%s= %" PRIu64, u, masks, found);
    return found;
}

static uint64_t raise(FILE *to, const struct modulus *k, const uint64_t table[static ENTRIES], uint64_t exponent)
{
    int windows = 1;
    while (exponent >> (WINDOW * windows) != 0)
        windows++;
    show_heading(to, "The exponent, two bits at a time: two squarings and a product each");
    show_note(to,
              "Every entry of the table is read; a mask of ones (##) keeps the wanted one, zeros (--) the others out.");
    uint64_t power = table[0];
    for (int at = windows - 1; at >= 0; at--) {
        uint64_t u = exponent >> (WINDOW * at) & (ENTRIES - 1);
        show_note(to, "Bits %d and %d are %" PRIu64 "%" PRIu64 ":", 2 * at + 1, 2 * at, u >> 1, u & 1);
        for (int i = 0; i < WINDOW; i++)
            power = multiply_told(to, k, "square", power, power);
        power = multiply_told(to, k, "multiply", power, look_up(to, table, u));
    }
    return power;
}

void explain_bignum(FILE *to, uint64_t modulus, uint64_t base, uint64_t exponent)
{
    struct modulus k;
    uint64_t table[ENTRIES];
    assert(modulus >= 3 && modulus <= EXPLAIN_BIGNUM_MODULUS_MAX && modulus % 2 != 0 && modulus % 5 != 0);
    assert(base < modulus && exponent <= EXPLAIN_BIGNUM_EXPONENT_MAX);
    modulus_init(&k, modulus);
    show_note(to, "A power modulo m by Montgomery's products, in decimal digits (Handbook of Applied Cryptography, "
                  "algorithms 14.36 and 14.82)");
    show_heading(to, "What goes in");
    show_text(to, "m", "%" PRIu64, modulus);
    show_text(to, "base", "%" PRIu64, base);
    show_text(to, "exponent", "%" PRIu64, exponent);
    show_modulus(to, &k);
    fill_table(to, &k, table, base);
    uint64_t power = raise(to, &k, table, exponent);
    show_heading(to, "Out of Montgomery's form: the product with 1");
    uint64_t result = multiply(to, &k, power, 1);
    if (result >= modulus)
        show_note(to, "That is m or more, so m is subtracted, once and only here.");
    result -= result >= modulus ? modulus : 0;
    assert(result == explain_bignum_power(modulus, base, exponent));
    show_text(to, "result", "%" PRIu64 "^%" PRIu64 " mod %" PRIu64 " = %" PRIu64, base, exponent, modulus, result);
    show_heading(to, "The same by Python");
    show_command(to, "python3 -c 'print(pow(%" PRIu64 ", %" PRIu64 ", %" PRIu64 "))'", base, exponent, modulus);
}
