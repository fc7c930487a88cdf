/* SPDX-License-Identifier: MIT */
/* getaddrinfo can't be told to stop. So a try that nobody wants any more is left alone with memory of its own, and ends
 * with the process. */
#include "app/client/dial.h"

#include <stdlib.h>

#include "crypto/ct.h"

static void run(void *arg, struct rng *rng)
{
    struct dial *d = arg;
    (void)rng; /* the link has its own */
    d->connected = server_link_open(&d->link, &d->arguments, &d->trust, NULL, d->why) == 0;
}

/* CAUTION: a server that is met for the first time now is not the one from before, and gets no password; nor is its key
 * kept, which nobody has compared: tests/integration/test_reconnect.py: test_a_key_that_is_forgotten. */
struct dial *dial_begin(const struct arguments *a, const struct trust *trust)
{
    struct dial *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    background_init(&d->background);
    d->arguments = *a;
    d->trust = *trust;
    d->trust.home = d->arguments.home;
    d->trust.again = true;
    d->trust.first_use = d->trust.renewed = d->trust.bare = false;
    if (background_begin(&d->background, run, d) != 0)
        run(d, NULL);
    return d;
}

int dial_fd(const struct dial *d)
{
    return background_fd(&d->background);
}

bool dial_done(struct dial *d)
{
    return !d->background.busy || background_done(&d->background);
}

void dial_free(struct dial *d)
{
    background_end(&d->background);
    ct_wipe(d, sizeof *d); /* the link's keys, which were copied */
    free(d);
}
