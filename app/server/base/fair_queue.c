/* SPDX-License-Identifier: MIT */
/* A tree, as deep as there are kinds of networks: each place in it is an address or a network, with its account and a
 * list of the waiting places inside it. All places of a depth are in a hash table, where they stay while they are
 * remembered; in the tree they are only while they wait. */
#include "app/server/base/fair_queue.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/address.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define BUCKET_BITS 12
#define BUCKETS (1 << BUCKET_BITS)
#define FADE 64          /* each second takes this part of an account away */
#define ENOUGH 16        /* an address charged with so many slow jobs takes turns with those that have more */
#define QUICK_GUESS 1000 /* microseconds, until jobs have been measured */
#define SLOW_GUESS 100000

/* What one address has waiting. */
struct lane {
    struct job_list quick, slow;
    size_t quick_taken; /* past a slow one that waits */
};

struct fair_queue_place {
    struct depth *depth;              /* where it is found; NULL: nowhere */
    struct fair_queue_place *chained; /* in its bucket */
    struct fair_queue_place *around;  /* the network that it is in */
    struct fair_queue_place *inside, *beside,
        **link;                 /* those in it that wait; the next of those in the network around it,
                                                 * and what points to this one */
    uint64_t used, second;      /* its account, and until when it has faded */
    uint64_t since;             /* its number among those that began to wait, or had a turn */
    size_t jobs, waiting, slow; /* put and not done; of them those not taken; those that are slow */
    uint8_t network[SOCK_KEY_LEN];
    struct lane lane; /* of an address */
};

struct depth {
    struct fair_queue_place *buckets[BUCKETS];
    size_t idle;            /* those that have no jobs */
    uint64_t floor, second; /* what an account begins with, and until when that has faded */
};

struct fair_queue {
    struct lane own;
    struct fair_queue_place world;
    struct depth depths[ADDRESS_LEVELS];          /* by the levels of address.h */
    struct fair_queue_place rest[ADDRESS_LEVELS]; /* shared by those for which there is no memory */
    size_t remembered;
    uint64_t seed, began; /* began: how many began to wait, or had a turn */
    uint64_t cost[2];     /* of a quick job and of a slow one, as they were lately */
};

/* --- Jobs of one address ------------------------------------------------------------------------------------------ */

/* How many of a list could run together with this job; counts no further than it matters. */
static size_t count_alike(const struct job_list *list, const struct job *job)
{
    size_t n = 0;
    for (const struct job *j = list->first; j != NULL && n < job->many_least; j = j->next)
        n += j->run_many == job->run_many;
    return n;
}

/* Takes the first job of a list and, where that is worth it, those that can run with it. Returns how many. */
static size_t list_take_many(struct job_list *list, struct job *jobs[JOB_MANY_MAX], bool together)
{
    struct job *first = jobs[0] = job_list_take(list);
    if (first == NULL)
        return 0;
    if (!together || first->run_many == NULL || 1 + count_alike(list, first) < first->many_least)
        return 1;
    size_t n = 1;
    for (struct job *j = list->first, *next; j != NULL && n < JOB_MANY_MAX; j = next) {
        next = j->next;
        if (j->run_many == first->run_many) {
            job_list_remove(list, j);
            jobs[n++] = j;
        }
    }
    return n;
}

static void lane_clear(struct lane *lane)
{
    job_list_clear(&lane->quick);
    job_list_clear(&lane->slow);
}

/* A hundred passwords to be hashed must not keep handshakes waiting, nor many handshakes a password for ever. */
static size_t lane_take(struct lane *lane, struct job *jobs[JOB_MANY_MAX], bool together)
{
    if (lane->slow.first == NULL || (lane->quick.first != NULL && lane->quick_taken < FAIR_QUEUE_QUICK_FIRST)) {
        lane->quick_taken += lane->slow.first != NULL;
        return list_take_many(&lane->quick, jobs, together);
    }
    lane->quick_taken = 0;
    return list_take_many(&lane->slow, jobs, together);
}

/* --- Accounts ----------------------------------------------------------------------------------------------------- */

/* In whole seconds, so that it comes to the same however often it is done; and in the end to nothing. */
static void fade(uint64_t *used, uint64_t *second, uint64_t now)
{
    uint64_t until = now / 1000000;
    for (; *second<until && * used> 0; ++*second)
        *used -= (*used + FADE - 1) / FADE;
    *second = until;
}

static void place_fade(struct fair_queue_place *p, uint64_t now)
{
    fade(&p->used, &p->second, now);
}

/* The place's, and those of the networks around it; what was charged before is taken back. */
static void charge(struct fair_queue_place *p, uint64_t us, uint64_t before, uint64_t now)
{
    for (; p->around != NULL; p = p->around) {
        place_fade(p, now);
        p->used += us;
        p->used -= before < p->used ? before : p->used;
    }
}

/* --- Places ------------------------------------------------------------------------------------------------------- */

/* The link that points to this place, or the empty one at the end of its chain. */
static struct fair_queue_place **find(struct fair_queue *f, unsigned level, const uint8_t network[SOCK_KEY_LEN])
{
    uint64_t mixed = bytes_load_be64(network) * (f->seed | 1); /* its upper bits depend on all bits */
    struct fair_queue_place **link = &f->depths[level].buckets[mixed >> (64 - BUCKET_BITS)];
    while (*link != NULL && !ct_equal((*link)->network, network, SOCK_KEY_LEN))
        link = &(*link)->chained;
    return link;
}

/* Twice the mean of the accounts that have no jobs: at least half of these have no more. */
static uint64_t small_account(struct depth *depth, uint64_t now)
{
    uint64_t total = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct fair_queue_place *p = depth->buckets[i]; p != NULL; p = p->chained)
            if (p->jobs == 0) {
                place_fade(p, now);
                total += p->used;
            }
    return 2 * (total / depth->idle) + 1;
}

/* CAUTION: without the floor, an address that did much is new again as soon as it has had enough places taken to be
 * dropped itself; tests/test_fair_queue.c: test_the_past_is_not_washed_out. */
static void forget_small_accounts(struct depth *depth, uint64_t now)
{
    uint64_t most = small_account(depth, now);
    fade(&depth->floor, &depth->second, now);
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct fair_queue_place **link = &depth->buckets[i]; *link != NULL;) {
            struct fair_queue_place *p = *link;
            if (p->jobs > 0 || p->used > most) {
                link = &p->chained;
                continue;
            }
            depth->floor = p->used > depth->floor ? p->used : depth->floor;
            *link = p->chained;
            free(p);
            depth->idle--;
        }
}

/* NULL where there is no memory. */
static struct fair_queue_place *find_or_add(struct fair_queue *f, unsigned level, const uint8_t *network, uint64_t now)
{
    struct depth *depth = &f->depths[level];
    struct fair_queue_place *p = *find(f, level, network);
    if (p != NULL)
        return p;
    if (depth->idle > f->remembered)
        forget_small_accounts(depth, now);
    p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    *find(f, level, network) = p;
    p->depth = depth;
    depth->idle++;
    memcpy(p->network, network, SOCK_KEY_LEN);
    lane_clear(&p->lane);
    fade(&depth->floor, &depth->second, now);
    p->used = depth->floor;
    p->second = depth->second;
    return p;
}

/* Of an address, with those around it. */
static struct fair_queue_place *place_of(struct fair_queue *f, const uint8_t *address, uint64_t now)
{
    struct fair_queue_place *around = &f->world;
    for (unsigned level = ADDRESS_LEVELS; level-- > 0;) {
        uint8_t network[SOCK_KEY_LEN];
        address_network(network, address, level);
        struct fair_queue_place *p = find_or_add(f, level, network, now);
        if (p == NULL)
            return &f->rest[0];
        p->around = around;
        around = p;
    }
    return around;
}

/* --- Turns -------------------------------------------------------------------------------------------------------- */

static bool goes_before(const struct fair_queue_place *a, const struct fair_queue_place *b, uint64_t enough)
{
    bool both = a->used >= enough && b->used >= enough;
    return a->used != b->used && !both ? a->used < b->used : a->since < b->since;
}

static struct fair_queue_place *first_inside(struct fair_queue_place *network, uint64_t enough, uint64_t now)
{
    struct fair_queue_place *first = NULL;
    for (struct fair_queue_place *p = network->inside; p != NULL; p = p->beside) {
        place_fade(p, now);
        if (first == NULL || goes_before(p, first, enough))
            first = p;
    }
    return first;
}

/* The address whose turn it is; NULL where none waits. */
static struct fair_queue_place *first_of_all(struct fair_queue *f, uint64_t now)
{
    struct fair_queue_place *p = &f->world;
    for (unsigned level = 0; level < ADDRESS_LEVELS && p != NULL; level++)
        p = first_inside(p, ENOUGH * f->cost[true], now);
    return p;
}

static void wait_more(struct fair_queue *f, struct fair_queue_place *p)
{
    for (; p->around != NULL; p = p->around)
        if (p->waiting++ == 0) {
            p->since = f->began++;
            p->beside = p->around->inside;
            p->link = &p->around->inside;
            *p->link = p;
            if (p->beside != NULL)
                p->beside->link = &p->beside;
        }
}

static void wait_less(struct fair_queue_place *p, size_t n)
{
    for (; p->around != NULL; p = p->around)
        if ((p->waiting -= n) == 0) {
            *p->link = p->beside;
            if (p->beside != NULL)
                p->beside->link = p->link;
        }
}

/* They stand after those that have as much and had no turn since. */
static void had_turn(struct fair_queue *f, struct fair_queue_place *p)
{
    for (; p->around != NULL; p = p->around)
        p->since = f->began++;
}

static void count_jobs(struct fair_queue_place *p, int more, bool slow)
{
    for (; p->around != NULL; p = p->around) {
        bool was_idle = p->jobs == 0;
        p->jobs += (size_t)more;
        p->slow += slow ? (size_t)more : 0;
        if (p->depth != NULL)
            p->depth->idle += (size_t)(p->jobs == 0) - (size_t)was_idle;
    }
}

/* --- From outside ------------------------------------------------------------------------------------------------- */

struct fair_queue *fair_queue_new(size_t remembered, uint64_t seed)
{
    struct fair_queue *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->remembered = remembered;
    f->seed = seed;
    f->cost[false] = QUICK_GUESS;
    f->cost[true] = SLOW_GUESS;
    lane_clear(&f->own);
    lane_clear(&f->rest[0].lane);
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++)
        f->rest[level].around = level + 1 < ADDRESS_LEVELS ? &f->rest[level + 1] : &f->world;
    return f;
}

void fair_queue_free(struct fair_queue *f)
{
    assert(f->world.inside == NULL && f->own.quick.first == NULL && f->own.slow.first == NULL);
    for (unsigned level = 0; level < ADDRESS_LEVELS; level++)
        for (size_t i = 0; i < BUCKETS; i++)
            while (f->depths[level].buckets[i] != NULL) {
                struct fair_queue_place *p = f->depths[level].buckets[i];
                f->depths[level].buckets[i] = p->chained;
                free(p);
            }
    free(f);
}

void fair_queue_put(struct fair_queue *f, struct job *job, uint64_t now)
{
    struct fair_queue_place *place = job->place = job->address != NULL ? place_of(f, job->address, now) : NULL;
    struct lane *lane = place != NULL ? &place->lane : &f->own;
    job_list_append(job->slow ? &lane->slow : &lane->quick, job);
    job->waiting = place != NULL;
    job->withdrawn = false;
    if (place == NULL)
        return;
    wait_more(f, place);
    count_jobs(place, 1, job->slow);
}

bool fair_queue_withdraw(struct job *job)
{
    if (!job->waiting)
        return false;
    struct lane *lane = &job->place->lane;
    job_list_remove(job->slow ? &lane->slow : &lane->quick, job);
    job->waiting = false;
    job->withdrawn = true;
    wait_less(job->place, 1);
    count_jobs(job->place, -1, job->slow);
    return true;
}

size_t fair_queue_take(struct fair_queue *f, struct job *jobs[JOB_MANY_MAX], uint64_t now)
{
    size_t n = lane_take(&f->own, jobs, true);
    struct fair_queue_place *place = n == 0 ? first_of_all(f, now) : NULL;
    if (place == NULL)
        return n;
    n = lane_take(&place->lane, jobs, 2 * place->used >= f->cost[true]);
    had_turn(f, place);
    wait_less(place, n);
    for (size_t i = 0; i < n; i++) {
        jobs[i]->waiting = false;
        jobs[i]->charged = f->cost[jobs[i]->slow];
        charge(place, jobs[i]->charged, 0, now);
    }
    return n;
}

void fair_queue_done(struct fair_queue *f, struct job *const jobs[], size_t n, uint64_t took, uint64_t now)
{
    if (jobs[0]->place == NULL)
        return;
    uint64_t each = took / n, *cost = &f->cost[jobs[0]->slow];
    *cost = (3 * *cost + each) / 4 + 1;
    for (size_t i = 0; i < n; i++) {
        charge(jobs[i]->place, each, jobs[i]->charged, now);
        count_jobs(jobs[i]->place, -1, jobs[i]->slow);
    }
}

size_t fair_queue_slow_of(struct fair_queue *f, const uint8_t address[static SOCK_KEY_LEN])
{
    const struct fair_queue_place *p = *find(f, 0, address);
    return p != NULL ? p->slow : f->rest[0].slow;
}
