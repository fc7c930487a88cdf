/* SPDX-License-Identifier: MIT */
/* Two sorted lists, one inside the other: few members wait, and each with one text at a time. */
#include "app/server/bandwidth.h"

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
    return b->paid_at <= now + BANDWIDTH_BURST_US;
}

void budget_take(struct budget *b, uint32_t rate, size_t bytes, int64_t now)
{
    b->paid_at = later(b->paid_at, now) + (int64_t)bytes * 1000000 / rate;
}

/* --- Members ------------------------------------------------------------------------------------------------------ */

static struct bandwidth_party *find(const struct bandwidth *bw, const uint8_t *address)
{
    struct bandwidth_party *p = bw->parties;
    while (p != NULL && memcmp(p->address, address, SOCK_KEY_LEN) != 0)
        p = p->next;
    return p;
}

static struct bandwidth_party *party_new(struct bandwidth *bw, const uint8_t *address)
{
    struct bandwidth_party *p = calloc(1, sizeof *p);
    if (p == NULL)
        return NULL;
    memcpy(p->address, address, SOCK_KEY_LEN);
    p->bandwidth = bw;
    p->share = bw->clock + BANDWIDTH_COST_MAX;
    p->next = bw->parties;
    p->link = &bw->parties;
    bw->parties = p;
    if (p->next != NULL)
        p->next->link = &p->next;
    return p;
}

int bandwidth_join(struct bandwidth *bw, struct bandwidth_seat *seat, const uint8_t address[static SOCK_KEY_LEN])
{
    struct bandwidth_party *p = find(bw, address);
    if (p == NULL)
        p = party_new(bw, address);
    if (p == NULL)
        return -1;
    p->members++;
    seat->party = p;
    seat->share = p->clock + BANDWIDTH_COST_MAX;
    return 0;
}

void bandwidth_leave(struct bandwidth_seat *seat)
{
    struct bandwidth_party *p = seat->party;
    if (--p->members > 0)
        return;
    assert(p->first == NULL);
    *p->link = p->next;
    if (p->next != NULL)
        p->next->link = p->link;
    free(p);
}

/* --- Turns -------------------------------------------------------------------------------------------------------- */

/* Returns where the next text begins; the share then ends after it. */
static uint64_t begin(uint64_t clock, uint64_t *share, size_t cost)
{
    uint64_t start = *share > clock ? *share : clock;
    *share = start + cost;
    return start;
}

/* What a member's text costs the party. */
static size_t party_cost(const struct bandwidth_party *p, size_t cost)
{
    return cost / (p->members < BANDWIDTH_PARTS ? p->members : BANDWIDTH_PARTS);
}

bool bandwidth_take(struct bandwidth *bw, struct bandwidth_seat *seat, size_t cost, uint32_t rate, int64_t now)
{
    struct bandwidth_party *p = seat->party;
    if (bw->first != NULL || !budget_open(&bw->budget, now))
        return false;
    budget_take(&bw->budget, rate, cost, now);
    p->clock = begin(p->clock, &seat->share, cost);
    bw->clock = begin(bw->clock, &p->share, party_cost(p, cost));
    return true;
}

static void party_wait(struct bandwidth *bw, struct bandwidth_party *p)
{
    struct bandwidth_party **link = &bw->first;
    p->start = p->share > bw->clock ? p->share : bw->clock;
    while (*link != NULL && (*link)->start <= p->start)
        link = &(*link)->next_waiting;
    p->next_waiting = *link;
    *link = p;
}

void bandwidth_wait(struct bandwidth *bw, struct bandwidth_seat *seat, struct speech *speech)
{
    struct bandwidth_party *p = seat->party;
    struct speech **link = &p->first;
    if (p->first == NULL)
        party_wait(bw, p);
    speech->start = begin(p->clock, &seat->share, bandwidth_cost(speech->len));
    while (*link != NULL && (*link)->start <= speech->start)
        link = &(*link)->next;
    speech->next = *link;
    speech->party = p;
    *link = speech;
}

struct speech *bandwidth_next(struct bandwidth *bw, uint32_t rate, int64_t now)
{
    struct bandwidth_party *p = bw->first;
    if (p == NULL || !budget_open(&bw->budget, now))
        return NULL;
    struct speech *speech = p->first;
    budget_take(&bw->budget, rate, bandwidth_cost(speech->len), now);
    bw->clock = p->start;
    p->share = p->start + party_cost(p, bandwidth_cost(speech->len));
    p->clock = speech->start;
    bw->first = p->next_waiting;
    p->first = speech->next;
    if (p->first != NULL)
        party_wait(bw, p);
    return speech;
}

void bandwidth_withdraw(struct speech *speech)
{
    struct bandwidth_party *p = speech->party, **party_link = &p->bandwidth->first;
    struct speech **link = &p->first;
    while (*link != speech)
        link = &(*link)->next;
    *link = speech->next;
    if (p->first != NULL)
        return;
    while (*party_link != p)
        party_link = &(*party_link)->next_waiting;
    *party_link = p->next_waiting;
}
