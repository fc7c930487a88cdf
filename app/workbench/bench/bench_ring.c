/* SPDX-License-Identifier: MIT */
/* What the exchange of many costs one of its parties, from the exponent to the keys, beside an exchange of two with
 * each of the others. Signatures are in neither.
 *
 * What the others send depends on the party's own z; so it draws the same exponent in each run, and they are played
 * once. */
#include <stdlib.h>
#include <string.h>

#include "app/workbench/args.h"
#include "app/workbench/bench/bench.h"
#include "app/workbench/played_ring.h"
#include "app/workbench/rng_fixed.h"

static const char seed[] = "one of the ring";

/* What one party has when all have sent everything. */
static void run_ring(struct bench_subject *s, size_t calls)
{
    static struct ring r;
    const struct ring *done = s->context;
    const struct dh_group *g = done->group;
    static char text[RING_MAX][4];
    const char *names[RING_MAX];
    int failed = 0;
    for (size_t i = 0; i < done->n; i++) {
        snprintf(text[i], sizeof text[i], "%u", (unsigned)(i % 100));
        names[i] = text[i];
    }
    for (; calls > 0; calls--) {
        struct ring_keys keys;
        struct rng rng;
        rng_fixed_init(&rng, seed, sizeof seed - 1);
        failed |= ring_begin(&r, g, names, done->n, 0, &rng);
        for (size_t i = 1; i < done->n; i++)
            failed |= ring_take_z(&r, i, done->z[i], g->p_len);
        ring_second(&r);
        for (size_t i = 1; i < done->n; i++)
            failed |= ring_take_x(&r, i, done->x[i], g->p_len);
        failed |= ring_finish(&keys, &r);
    }
    if (failed)
        args_fail("a good value was refused");
}

static void run_pairs(struct bench_subject *s, size_t calls)
{
    const struct ring *done = s->context;
    int failed = 0;
    for (; calls > 0; calls--) {
        struct dh_key_pair own;
        struct rng rng;
        uint8_t z[DH_PUBLIC_MAX_LEN];
        rng_fixed_init(&rng, seed, sizeof seed - 1);
        dh_generate(&own, done->group, &rng);
        for (size_t i = 1; i < done->n; i++)
            failed |= dh_derive(z, &own, done->z[i], done->group->p_len);
    }
    if (failed)
        args_fail("a good value was refused");
}

/* As party 0 has it, with the exponent that it draws. */
static struct ring *play(struct bench *b, size_t n)
{
    struct played_ring p;
    struct rng rng;
    struct ring *done = malloc(sizeof *done);
    rng_fixed_init(&rng, seed, sizeof seed - 1);
    played_ring_begin(&p, dh_group(DH_FFDHE3072), n, &rng);
    played_ring_first(&p);
    played_ring_second(&p);
    if (done != NULL)
        *done = p.party[0];
    played_ring_end(&p);
    return bench_keep(b, done, free);
}

void bench_ring(struct bench *b, const char *name)
{
    static const struct {
        const char *primitive;
        size_t n;
    } rings[] = {{"ring 3072 of 4", 4}, {"ring 3072 of 16", 16}, {"ring 3072 of 64", 64}};
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
        if (name == NULL || strncmp(rings[i].primitive, name, strlen(name)) == 0) {
            struct ring *done = play(b, rings[i].n);
            bench_add(b, rings[i].primitive, "one of its parties", 0, run_ring)->context = done;
            bench_add(b, rings[i].primitive, "dh with each", 0, run_pairs)->context = done;
        }
}
