/* SPDX-License-Identifier: MIT */
/* A copy of the table goes to a worker, which makes the text and writes it; meanwhile the table goes on. */
#include "app/server/ratelimit_file.h"

#include <stdlib.h>
#include <string.h>

#include "app/server/clock.h"
#include "app/server/log.h"
#include "app/server/server.h"
#include "crypto/ct.h"

#define FILE_NAME "delays"

/* Version 1 counted wrong codes here, by the account's name. They are taken over as if all had been wrong when the last
 * was. */
static void take_codes_of_1(struct server *s, const char *name, char letter, enum login_failures_place place)
{
    int64_t last = 0;
    uint32_t n = ratelimit_take_of_1(s->ratelimit, letter, name, strlen(name), s->now, &last);
    for (uint32_t i = 0; i < n && i < s->limits->max_wrong_codes; i++)
        if (!login_failures_locked(s->codes, name, place, s->now))
            login_failures_wrong(s->codes, name, place, s->limits->max_wrong_codes, last);
}

static void take_over(struct server *s)
{
    size_t len = 0;
    const struct account **list = accounts_list(s->accounts, &len);
    for (size_t i = 0; list != NULL && i < len; i++)
        if (list[i]->totp != NULL) {
            take_codes_of_1(s, list[i]->name, 'c', LOGIN_FAILURES_ELSEWHERE);
            take_codes_of_1(s, list[i]->name, 'd', LOGIN_FAILURES_INSIDE);
        }
    free(list);
}

void ratelimit_file_load(struct server *s, const struct datadir *dir)
{
    struct ratelimit_file *d = &s->ratelimit_file;
    char *text = NULL;
    size_t len = 0;
    d->dir = dir;
    int result = datadir_load(dir, FILE_NAME, &text, &len, RATELIMIT_TEXT_MAX, d->error);
    if (result == 0 && ratelimit_read(s->ratelimit, text, len, s->now, clock_now()) != 0)
        result = datadir_fail(d->error, dir, FILE_NAME, "is damaged");
    d->written = ratelimit_changes(s->ratelimit);
    if (result == 0)
        take_over(s); /* a change: the file that is there would be taken over once more at the next start */
    if (result < 0)
        log_event(LOG_WARN, "the delays of before are forgotten", "error", d->error, NULL);
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
        d->failed = datadir_fail(d->error, d->dir, FILE_NAME, "can't be written: not enough memory") != 0;
    else
        d->failed = datadir_save(d->dir, FILE_NAME, text, len, d->error) != 0;
    if (text != NULL)
        ct_wipe(text, len);
    free(text);
}

static void finish(struct job *job)
{
    struct ratelimit_file *d = (struct ratelimit_file *)(void *)job;
    if (d->failed && !d->told)
        log_event(LOG_ERROR, "delays not written: a restart would forget them", "error", d->error, NULL);
    d->told = d->failed;
    if (!d->failed) /* else it is tried again, though nothing else may change */
        d->written = ratelimit_changes(d->copy);
    ratelimit_free(d->copy);
    d->copy = NULL;
}

/* False where there is nothing new, one is being written, or there is no memory. */
static bool take_copy(struct server *s)
{
    struct ratelimit_file *d = &s->ratelimit_file;
    if (d->copy != NULL || ratelimit_changes(s->ratelimit) == d->written)
        return false;
    d->copy = ratelimit_copy(s->ratelimit);
    d->copied = s->now;
    d->job = (struct job){.run = run, .finish = finish};
    return d->copy != NULL;
}

void ratelimit_file_settle(struct server *s)
{
    struct ratelimit_file *d = &s->ratelimit_file;
    if (d->due == 0 && (ratelimit_changes(s->ratelimit) != d->written || login_failures_changed(s->codes)))
        d->due = s->now + (int64_t)RATELIMIT_FILE_SECONDS * 1000;
    if (d->due == 0 || s->now < d->due || d->copy != NULL)
        return;
    d->due = 0;
    login_failures_flush(s->codes);
    if (take_copy(s))
        worker_submit(s->workers, &d->job);
}

void ratelimit_file_save(struct server *s)
{
    if (!take_copy(s))
        return;
    run(&s->ratelimit_file.job, &s->rng);
    finish(&s->ratelimit_file.job);
}

int64_t ratelimit_file_wait(const struct server *s, int64_t otherwise)
{
    const struct ratelimit_file *d = &s->ratelimit_file;
    if (d->copy != NULL || d->due == 0)
        return otherwise;
    int64_t wait = d->due > s->now ? d->due - s->now : 0;
    return otherwise < 0 || wait < otherwise ? wait : otherwise;
}
