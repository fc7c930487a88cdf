/* SPDX-License-Identifier: MIT */
/* Nobody lies here, so that nothing is refused. */
#include "app/workbench/played_ring.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/workbench/args.h"
#include "crypto/ct.h"

/* The names that such stories have; then p11, p12, ... */
static void name_them(struct played_ring *p)
{
    static const char *const known[] = {"alice", "bob",   "carol", "dave", "erin",
                                        "frank", "grace", "heidi", "ivan", "judy"};
    for (size_t i = 0; i < p->n; i++) {
        p->name[i] = p->text[i];
        if (i < sizeof known / sizeof *known)
            snprintf(p->text[i], sizeof p->text[i], "%s", known[i]);
        else
            snprintf(p->text[i], sizeof p->text[i], "p%zu", i + 1);
    }
}

void played_ring_begin(struct played_ring *p, const struct dh_group *g, size_t n, struct rng *rng)
{
    assert(n >= RING_MIN && n <= RING_MAX);
    p->n = n;
    p->party = calloc(n, sizeof *p->party);
    if (p->party == NULL)
        args_fail("no memory for %zu parties", n);
    name_them(p);
    for (size_t i = 0; i < n; i++) {
        int refused = ring_begin(&p->party[i], g, p->name, n, i, rng);
        assert(!refused);
        (void)refused;
    }
}

void played_ring_first(struct played_ring *p)
{
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++)
            if (j != i && ring_take_z(&p->party[i], j, p->party[j].own.y, p->party[j].group->p_len) != 0)
                args_fail("a good z was refused: two have drawn the same exponent");
}

void played_ring_second(struct played_ring *p)
{
    for (size_t i = 0; i < p->n; i++)
        ring_second(&p->party[i]);
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++)
            if (j != i && ring_take_x(&p->party[i], j, p->party[j].x[j], p->party[j].group->p_len) != 0)
                args_fail("a good X was refused");
}

void played_ring_end(struct played_ring *p)
{
    ct_wipe(p->party, p->n * sizeof *p->party);
    free(p->party);
}
