/* A list in order: those who wait are few, and each waits with one text at a time. */
#include "app/server/floor.h"

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

uint64_t floor_newcomer(const struct floor *f)
{
    return f->clock + FLOOR_COST_MAX;
}

/* The place at which this member's next text begins; its share then ends behind it. */
static uint64_t begin(const struct floor *f, uint64_t *share, size_t cost)
{
    uint64_t start = *share > f->clock ? *share : f->clock;
    *share = start + cost;
    return start;
}

bool floor_take(struct floor *f, uint64_t *share, size_t cost, uint32_t rate, int64_t now)
{
    if (f->first != NULL || !budget_open(&f->budget, now))
        return false;
    budget_take(&f->budget, rate, cost, now);
    f->clock = begin(f, share, cost);
    return true;
}

void floor_wait(struct floor *f, uint64_t *share, struct speech *speech)
{
    struct speech **link = &f->first;
    speech->start = begin(f, share, floor_cost(speech->len));
    while (*link != NULL && (*link)->start <= speech->start)
        link = &(*link)->next;
    speech->next = *link;
    speech->floor = f;
    *link = speech;
}

struct speech *floor_next(struct floor *f, uint32_t rate, int64_t now)
{
    struct speech *speech = f->first;
    if (speech == NULL || !budget_open(&f->budget, now))
        return NULL;
    budget_take(&f->budget, rate, floor_cost(speech->len), now);
    f->clock = speech->start;
    f->first = speech->next;
    return speech;
}

void floor_withdraw(struct speech *speech)
{
    struct speech **link = &speech->floor->first;
    while (*link != speech)
        link = &(*link)->next;
    *link = speech->next;
}
