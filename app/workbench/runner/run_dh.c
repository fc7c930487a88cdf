/* SPDX-License-Identifier: MIT */
/* The functions of crypto/dh.h, for the runner; and crypto/rng.h, whose bytes are here those that the grader chose.
 *
 * A peer's value lies at the very end of a page that nothing follows: GMP's own functions are not built with the
 * sanitizers, and read beyond a short value unseen elsewhere. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/workbench/runner/runner.h"
#include "crypto/dh.h"
#include "crypto/rng.h"

/* --- The random generator ----------------------------------------------------------------------------------------- */

static struct {
    const uint8_t *bytes;
    size_t len, next;         /* next: the byte to be given; after the last comes the first */
    uint64_t by_key, by_fill; /* bytes drawn so far by either function */
} told;

static void give(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    for (size_t i = 0; i < len; i++)
        out[i] = told.bytes[told.next++ % told.len];
}

void rng_init(struct rng *rng)
{
    memset(rng, 0, sizeof *rng);
}

void rng_system(uint8_t *out, size_t len)
{
    for (size_t n; len > 0; out += n, len -= n) {
        n = len < 256 ? len : 256; /* the most that one call gives */
        if (getentropy(out, n) != 0)
            _exit(1);
    }
}

/* A generator that is not the one that was given knows nothing of the grader's bytes. */
static void draw(struct rng *rng, uint8_t *out, size_t len, uint64_t *count)
{
    if (rng->source == NULL) {
        rng_system(out, len);
        return;
    }
    rng->source(rng, out, len);
    *count += len;
}

void rng_key(struct rng *rng, uint8_t *out, size_t len)
{
    draw(rng, out, len, &told.by_key);
}

void rng_fill(struct rng *rng, uint8_t *out, size_t len)
{
    draw(rng, out, len, &told.by_fill);
}

void rng_wipe(struct rng *rng)
{
    memset(rng, 0, sizeof *rng);
}

/* --- DH ----------------------------------------------------------------------------------------------------------- */

/* A copy of p whose last byte is the last of a page, and the next page can't be read. */
static const uint8_t *at_the_edge(const uint8_t *p, size_t len)
{
    static uint8_t *pages;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (pages == NULL) {
        pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED || mprotect(pages + page, page, PROT_NONE) != 0)
            _exit(RUNNER_CONFUSED);
    }
    if (len > page)
        _exit(RUNNER_CONFUSED);
    if (len > 0)
        memcpy(pages + page - len, p, len);
    return pages + page - len;
}

/* The first three arguments of whatever makes a pair: x, y and the group's number. */
static struct dh_key_pair pair_before(const struct runner_call *c)
{
    struct dh_key_pair pair = {.group = NULL};
    memcpy(pair.x, c->arg[0].p, c->arg[0].len);
    memcpy(pair.y, c->arg[1].p, c->arg[1].len);
    return pair;
}

static void pair_after(const struct runner_call *c, const struct dh_key_pair *pair, const struct dh_group *g)
{
    memcpy(c->arg[0].p, pair->x, c->arg[0].len);
    memcpy(c->arg[1].p, pair->y, c->arg[1].len);
    bytes_store_be64(c->arg[2].p, pair->group == g ? (uint64_t)g->id : 0);
}

/* arg[3] gets how many bytes rng_key gave, and rng_fill. */
static uint64_t run_generate(struct runner_call *c)
{
    struct rng rng = {.source = give};
    struct dh_key_pair pair = pair_before(c);
    const struct dh_group *g = dh_group((int)c->arg[4].n);
    told.bytes = c->arg[5].p;
    told.len = c->arg[5].len;
    told.next = 0;
    told.by_key = told.by_fill = 0;
    dh_generate(&pair, g, &rng);
    pair_after(c, &pair, g);
    bytes_store_be64(c->arg[3].p, told.by_key);
    bytes_store_be64(c->arg[3].p + 8, told.by_fill);
    return 0;
}

static uint64_t run_pair_from_private(struct runner_call *c)
{
    struct dh_key_pair pair = pair_before(c);
    const struct dh_group *g = dh_group((int)c->arg[3].n);
    int result = dh_pair_from_private(&pair, g, c->arg[4].p, c->arg[4].len);
    pair_after(c, &pair, g);
    return (uint64_t)(int64_t)result;
}

static uint64_t run_check_public(struct runner_call *c)
{
    const uint8_t *y = at_the_edge(c->arg[1].p, c->arg[1].len);
    return (uint64_t)(int64_t)dh_check_public(dh_group((int)c->arg[0].n), y, c->arg[1].len);
}

static uint64_t run_derive(struct runner_call *c)
{
    struct dh_key_pair pair = {.group = dh_group((int)c->arg[1].n)};
    memcpy(pair.x, c->arg[2].p, c->arg[2].len);
    memcpy(pair.y, c->arg[3].p, c->arg[3].len);
    const uint8_t *peer = at_the_edge(c->arg[4].p, c->arg[4].len);
    return (uint64_t)(int64_t)dh_derive(c->arg[0].p, &pair, peer, c->arg[4].len);
}

static uint64_t run_wipe(struct runner_call *c)
{
    static struct dh_key_pair pair;
    pair = pair_before(c);
    dh_wipe(&pair);
    memcpy(c->arg[0].p, pair.x, c->arg[0].len);
    memcpy(c->arg[1].p, pair.y, c->arg[1].len);
    return 0;
}

const struct runner_function runner_functions[] = {
    {"dh_generate", run_generate},
    {"dh_pair_from_private", run_pair_from_private},
    {"dh_check_public", run_check_public},
    {"dh_derive", run_derive},
    {"dh_wipe", run_wipe},
    {NULL, NULL},
};
