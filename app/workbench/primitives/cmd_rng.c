/* SPDX-License-Identifier: MIT */
/* glass rng LENGTH [--hex] [--seed TEXT [--explain]] : bytes of the system's generator, or of a seed's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_rng.h"
#include "app/workbench/io.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define USAGE "glass rng LENGTH [--hex] [--seed TEXT [--explain]]"
#define LENGTH_MAX ((size_t)1 << 30)

static size_t read_length(const char *text, size_t max)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || n > max)
        args_wrong(max == LENGTH_MAX ? "LENGTH is a number from 0 to 1073741824"
                                     : "LENGTH is a number from 0 to 65536 with --explain",
                   USAGE);
    return (size_t)n;
}

/* A chunk at a time, so that any length does with little memory. */
static void write_bytes(struct rng *rng, size_t len, bool hex)
{
    static uint8_t bytes[IO_CHUNK];
    static char digits[2 * IO_CHUNK + 1];
    for (size_t left = len, n; left > 0; left -= n) {
        n = left < sizeof bytes ? left : sizeof bytes;
        rng_fill(rng, bytes, n);
        if (hex)
            hex_encode(digits, bytes, n);
        io_write(hex ? (const uint8_t *)digits : bytes, hex ? 2 * n : n);
    }
    if (hex)
        io_write((const uint8_t *)"\n", 1);
    ct_wipe(bytes, sizeof bytes);
    ct_wipe(digits, sizeof digits);
}

int cmd_rng(struct args *args)
{
    const char *seed = NULL;
    bool hex = false, explain = false;
    struct rng rng;
    const struct args_option options[] = {{"hex", NULL, &hex}, {"seed", &seed, NULL}, {"explain", NULL, &explain}, {0}};
    args_parse(args, options, 1, 1, USAGE);
    if (explain && seed == NULL)
        args_wrong("--explain is for a stream that has a --seed", USAGE);
    if (seed != NULL && strlen(seed) > RNG_FIXED_SEED_MAX)
        args_wrong("--seed takes at most 64 bytes", USAGE);
    size_t len = read_length(args->value[0], explain ? EXPLAIN_RNG_MAX : LENGTH_MAX);
    if (explain) {
        explain_rng(stdout, seed, strlen(seed), len);
        return STATUS_DONE;
    }
    if (seed != NULL)
        rng_fixed_init(&rng, seed, strlen(seed));
    else
        rng_init(&rng);
    write_bytes(&rng, len, hex);
    rng_wipe(&rng);
    return STATUS_DONE;
}
