/* SPDX-License-Identifier: MIT */
/* A copy of the table goes to a worker, which makes the text and writes it; meanwhile the table goes on. */
#include "app/server/store/ratelimit_file.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/store/accounts.h"
#include "app/server/store/login_failures.h"
#include "crypto/ct.h"

#define FILE_NAME "delays"

/* Version 1 counted wrong codes here, by the account's name. They are taken over as if all had come at the time of the
 * last. */
static void take_codes_of_1(const struct ratelimit_file *d, const char *name, char letter,
                            enum login_failures_place place)
{
    int64_t last = 0;
    uint32_t n = ratelimit_take_of_1(d->ratelimit, letter, name, strlen(name), *d->now, &last);
    for (uint32_t i = 0; i < n && i < d->max_wrong_codes; i++)
        if (!login_failures_locked(d->login_failures, name, place, *d->now))
            login_failures_wrong(d->login_failures, name, place, d->max_wrong_codes, last);
}

static void take_over(const struct ratelimit_file *d)
{
    size_t len = 0;
    const struct account **list = accounts_list(d->accounts, &len);
    for (size_t i = 0; list != NULL && i < len; i++)
        if (list[i]->totp != NULL) {
            take_codes_of_1(d, list[i]->name, 'c', LOGIN_FAILURES_ELSEWHERE);
            take_codes_of_1(d, list[i]->name, 'd', LOGIN_FAILURES_INSIDE);
        }
    free(list);
}

void ratelimit_file_load(struct ratelimit_file *d)
{
    char *text = NULL;
    size_t len = 0;
    int result = datadir_load(d->dir, FILE_NAME, &text, &len, RATELIMIT_TEXT_MAX, d->why);
    if (result == 0 && ratelimit_read(d->ratelimit, text, len, *d->now, clock_now()) != 0)
        result = datadir_fail(d->why, d->dir, FILE_NAME, "is damaged");
    d->written = ratelimit_changes(d->ratelimit);
    if (result == 0)
        take_over(d); /* counts as a change, or the old file would be taken over once more at the next start */
    if (result < 0)
        log_event(LOG_WARN, "the delays of before are forgotten", "error", d->why, NULL);
    if (text != NULL)
        ct_wipe(text, len);
    free(text);
}

/* On a worker; or, at the end, on the only thread that is left. */
static void run(struct job *job, struct rng *rng)
{
    struct ratelimit_file *d = (struct ratelimit_file *)(void *)job;
    size_t len = 0;
    (void)rng;
    char *text = ratelimit_write(d->copy, &len, d->copied, clock_now());
    if (text == NULL)
        d->failed = datadir_fail(d->why, d->dir, FILE_NAME, "can't be written: not enough memory") != 0;
    else
        d->failed = datadir_save(d->dir, FILE_NAME, text, len, d->why) != 0;
    if (text != NULL)
        ct_wipe(text, len);
    free(text);
}

static void finish(struct job *job)
{
    struct ratelimit_file *d = (struct ratelimit_file *)(void *)job;
    if (d->failed && !d->told)
        log_event(LOG_ERROR, "delays not written: a restart would forget them", "error", d->why, NULL);
    d->told = d->failed;
    if (!d->failed) /* else it is tried again, even if nothing else changes */
        d->written = ratelimit_changes(d->copy);
    ratelimit_free(d->copy);
    d->copy = NULL;
}

/* False where there is nothing new, one is being written, or there is no memory. */
static bool take_copy(struct ratelimit_file *d)
{
    if (d->copy != NULL || ratelimit_changes(d->ratelimit) == d->written)
        return false;
    d->copy = ratelimit_copy(d->ratelimit);
    d->copied = *d->now;
    d->job = (struct job){.run = run, .finish = finish};
    return d->copy != NULL;
}

void ratelimit_file_end_turn(struct ratelimit_file *d)
{
    if (d->due == 0 && (ratelimit_changes(d->ratelimit) != d->written || login_failures_changed(d->login_failures)))
        d->due = *d->now + (int64_t)RATELIMIT_FILE_SECONDS * 1000;
    if (d->due == 0 || *d->now < d->due || d->copy != NULL)
        return;
    d->due = 0;
    login_failures_flush(d->login_failures);
    if (take_copy(d))
        worker_submit(d->workers, &d->job);
}

void ratelimit_file_save(struct ratelimit_file *d, struct rng *rng)
{
    if (!take_copy(d))
        return;
    run(&d->job, rng);
    finish(&d->job);
}

int64_t ratelimit_file_wait(const struct ratelimit_file *d, int64_t otherwise)
{
    if (d->copy != NULL || d->due == 0)
        return otherwise;
    int64_t wait = d->due > *d->now ? d->due - *d->now : 0;
    return otherwise < 0 || wait < otherwise ? wait : otherwise;
}
