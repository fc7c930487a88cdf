/* SPDX-License-Identifier: MIT */
/* glass bignum [--modulus M] [--base A] [--exponent E] [--explain] : A^E mod M, of small decimal numbers; with
 * --explain every row of every product, as it can be done on paper. */
#include <inttypes.h>
#include <stdio.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_bignum.h"

#define USAGE "glass bignum [--modulus M] [--base A] [--exponent E] [--explain]"

/* What is shown where nothing is chosen: small enough for a page. */
enum { MODULUS = 233, BASE = 46, EXPONENT = 13 };

static uint64_t number(const char *value, uint64_t otherwise, uint64_t min, uint64_t max, const char *option)
{
    return value == NULL ? otherwise : args_number(value, min, max, option, USAGE);
}

int cmd_bignum(struct args *args)
{
    const char *modulus = NULL, *base = NULL, *exponent = NULL;
    bool explain = false;
    const struct args_option options[] = {{"modulus", &modulus, NULL},
                                          {"base", &base, NULL},
                                          {"exponent", &exponent, NULL},
                                          {"explain", NULL, &explain},
                                          {0}};
    args_parse(args, options, 0, 0, USAGE);
    uint64_t m = number(modulus, MODULUS, 3, EXPLAIN_BIGNUM_MODULUS_MAX, "modulus");
    uint64_t a = number(base, BASE % m, 0, m - 1, "base");
    uint64_t e = number(exponent, EXPONENT, 0, EXPLAIN_BIGNUM_EXPONENT_MAX, "exponent");
    if (m % 2 == 0 || m % 5 == 0)
        args_wrong("--modulus must end in 1, 3, 7 or 9: what has a factor in common with 10 has no inverse modulo 10",
                   USAGE);
    if (explain)
        explain_bignum(stdout, m, a, e);
    else
        printf("%" PRIu64 "\n", explain_bignum_power(m, a, e));
    return STATUS_DONE;
}
