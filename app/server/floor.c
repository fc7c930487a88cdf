/* SPDX-License-Identifier: MIT */
/* Two lists in order, one in the other: those who wait are few, and each waits with one text at a time. */
#include "app/server/floor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- Budgets ------------------------------------------------------------------------------------------------------ */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool budget_open(const struct budget *b, int64_t now)
{
    return b->paid_at <= now + FLOOR_BURST_US;
}

void budget_take(struct budget *b, uint32_t rate, size_t bytes, int64_t now)
{
    b->paid_at = later(b->paid_at, now) + (int64_t)bytes * 1000000 / rate;
}

/* --- Members ------------------------------------------------------------------------------------------------------ */

static struct floor_party *find(const struct floor *f, const uint8_t *address)
{
    struct floor_party *p = f->parties;
    while (p != NULL && memcmp(p->address, address, SOCK_KEY_LEN) != 0)
        p = p->next;
    return p;
}

static struct floor_party *party_new(struct floor *f, const uint8_t *address)
{
    struct floor_party *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    memcpy(p->address, address, SOCK_KEY_LEN);
    p->floor = f;
    p->share = f->clock + FLOOR_COST_MAX;
    p->next = f->parties;
    p->link = &f->parties;
    f->parties = p;
    if (p->next != NULL)
        p->next->link = &p->next;
    return p;
}

int floor_join(struct floor *f, struct floor_seat *seat, const uint8_t address[static SOCK_KEY_LEN])
{
    struct floor_party *p = find(f, address);
    if (p == NULL)
        p = party_new(f, address);
    if (p == NULL)
        return -1;
    p->members++;
    seat->party = p;
    seat->share = p->clock + FLOOR_COST_MAX;
    return 0;
}

void floor_leave(struct floor_seat *seat)
{
    struct floor_party *p = seat->party;
    if (--p->members > 0)
        return;
    assert(p->first == NULL);
    *p->link = p->next;
    if (p->next != NULL)
        p->next->link = p->link;
    free(p);
}

/* --- Turns -------------------------------------------------------------------------------------------------------- */

/* The place at which the next text begins; the share then ends behind it. */
static uint64_t begin(uint64_t clock, uint64_t *share, size_t cost)
{
    uint64_t start = *share > clock ? *share : clock;
    *share = start + cost;
    return start;
}

/* What a text of a member costs the party. */
static size_t of_party(const struct floor_party *p, size_t cost)
{
    return cost / (p->members < FLOOR_PARTS ? p->members : FLOOR_PARTS);
}

bool floor_take(struct floor *f, struct floor_seat *seat, size_t cost, uint32_t rate, int64_t now)
{
    struct floor_party *p = seat->party;
    if (f->first != NULL || !budget_open(&f->budget, now))
        return false;
    budget_take(&f->budget, rate, cost, now);
    p->clock = begin(p->clock, &seat->share, cost);
    f->clock = begin(f->clock, &p->share, of_party(p, cost));
    return true;
}

static void party_wait(struct floor *f, struct floor_party *p)
{
    struct floor_party **link = &f->first;
    p->start = p->share > f->clock ? p->share : f->clock;
    while (*link != NULL && (*link)->start <= p->start)
        link = &(*link)->behind;
    p->behind = *link;
    *link = p;
}

void floor_wait(struct floor *f, struct floor_seat *seat, struct speech *speech)
{
    struct floor_party *p = seat->party;
    struct speech **link = &p->first;
    if (p->first == NULL)
        party_wait(f, p);
    speech->start = begin(p->clock, &seat->share, floor_cost(speech->len));
    while (*link != NULL && (*link)->start <= speech->start)
        link = &(*link)->next;
    speech->next = *link;
    speech->party = p;
    *link = speech;
}

struct speech *floor_next(struct floor *f, uint32_t rate, int64_t now)
{
    struct floor_party *p = f->first;
    if (p == NULL || !budget_open(&f->budget, now))
        return NULL;
    struct speech *speech = p->first;
    budget_take(&f->budget, rate, floor_cost(speech->len), now);
    f->clock = p->start;
    p->share = p->start + of_party(p, floor_cost(speech->len));
    p->clock = speech->start;
    f->first = p->behind;
    p->first = speech->next;
    if (p->first != NULL)
        party_wait(f, p);
    return speech;
}

void floor_withdraw(struct speech *speech)
{
    struct floor_party *p = speech->party, **party_link = &p->floor->first;
    struct speech **link = &p->first;
    while (*link != speech)
        link = &(*link)->next;
    *link = speech->next;
    if (p->first != NULL)
        return;
    while (*party_link != p)
        party_link = &(*party_link)->behind;
    *party_link = p->behind;
}
