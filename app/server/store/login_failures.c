/* SPDX-License-Identifier: MIT */
/* A tree of slots by name, as in accounts.c, and a list of those that have changed. One job at a time writes all of
 * these, and then what waited for it goes on; what comes meanwhile waits for the next. */
#include "app/server/store/login_failures.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/store/journal.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define HEADER "glasschat codes 1"
#define NOTHING "-\tnothing" /* a line about a name that no account has */
#define ZEROS "\t0 0\t0 0 0\t0 0 0\t0 0 0\t00000000000000000000000000000000" /* login_failures_encode of nothing */
#define COUNT "\t%9" SCNu32 " %9" SCNu32 " %19" SCNu64
#define FILE_LINE_MAX (LOGIN_FAILURES_LINE_MAX + JOURNAL_CHECKSUM_LEN + 1)
#define GROWN_LEAST 500 /* fewer new lines are not worth a compaction */
#define DOUBLINGS 5     /* of an hour: 1, 2, 4, 8, 16 */

struct slot {
    struct login_failures_record record;  /* first: a slot's key is the name that it starts with */
    int64_t until[LOGIN_FAILURES_PLACES]; /* on the loop's clock; in the past: not locked */
    bool changed;
    struct slot *next, *next_changed, *next_batch;
};

struct login_failures {
    struct job job; /* first, so that run and finish can cast back */
    struct worker_pool *pool;
    struct journal journal;       /* while busy, the worker's, and so is result */
    void *by_name;                /* of struct slot */
    struct slot *slots;           /* all */
    struct slot *changed, *batch; /* not written; being written */
    size_t changed_len, batch_lines;
    struct login_failures_waiter *waiting, **waiting_end, *served;
    bool busy, closed;
    bool removed;    /* some name since the file was written anew; */
    bool leaves_out; /* and what is under way leaves such names out */
    char *text;      /* the batch as text */
    size_t text_len;
    enum journal_result result;   /* of the lines of a batch, or of a compaction */
    enum journal_result left_out; /* of leaving removed names out of the file, where leaves_out */
    size_t lines;                 /* in the file */
    size_t compacted;             /* of these a compaction left so many */
    size_t compact_at;
    int64_t now; /* when it was opened */
};

/* --- As text ------------------------------------------------------------------------------------------------------ */

void login_failures_encode(char text[LOGIN_FAILURES_LINE_MAX], const struct login_failures_record *r)
{
    char home[2 * TOTP_SEAL_MARK_LEN + 1];
    int len = snprintf(text, LOGIN_FAILURES_LINE_MAX, "%s\t%" PRIu32 " %" PRIu32, r->name, r->failed, r->known);
    for (size_t i = 0; i < LOGIN_FAILURES_PLACES; i++)
        len += snprintf(text + len, LOGIN_FAILURES_LINE_MAX - (size_t)len, "\t%" PRIu32 " %" PRIu32 " %" PRIu64,
                        r->at[i].run, r->at[i].all, r->at[i].until);
    hex_encode(home, r->home, sizeof r->home);
    snprintf(text + len, LOGIN_FAILURES_LINE_MAX - (size_t)len, "\t%s", home);
}

/* What was read is valid where writing it again gives the same text. */
int login_failures_decode(struct login_failures_record *r, const char *text)
{
    char home[2 * TOTP_SEAL_MARK_LEN + 1], again[LOGIN_FAILURES_LINE_MAX];
    struct login_failures_count *at = r->at;
    size_t len;
    memset(r, 0, sizeof *r);
    int found = sscanf(text, "%32[^\t]\t%9" SCNu32 " %9" SCNu32 COUNT COUNT COUNT "\t%32s", r->name, &r->failed,
                       &r->known, &at[0].run, &at[0].all, &at[0].until, &at[1].run, &at[1].all, &at[1].until,
                       &at[2].run, &at[2].all, &at[2].until, home);
    if (found != 13 || !name_valid(r->name, strlen(r->name)) ||
        hex_decode(r->home, sizeof r->home, &len, home, strlen(home)) != 0 || len != sizeof r->home)
        return -1;
    login_failures_encode(again, r);
    return strcmp(again, text) == 0 ? 0 : -1;
}

/* journal_idle */
static bool says_nothing(const char *text, size_t len)
{
    const char *tab = memchr(text, '\t', len);
    size_t rest = tab != NULL ? len - (size_t)(tab - text) : 0;
    bool zeros = rest == strlen(ZEROS) && memcmp(tab, ZEROS, rest) == 0;
    return zeros || (len == strlen(NOTHING) && memcmp(text, NOTHING, len) == 0);
}

/* --- Slots -------------------------------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct slot *find(const struct login_failures *f, const char *name)
{
    struct slot *const *node = tfind(name, &f->by_name, compare_names);
    return node == NULL ? NULL : *node;
}

static struct slot *find_or_add(struct login_failures *f, const char *name)
{
    struct slot *slot = find(f, name);
    if (slot != NULL || (slot = calloc(1, sizeof *slot)) == NULL)
        return slot;
    memcpy(slot->record.name, name, strlen(name) + 1);
    for (size_t i = 0; i < LOGIN_FAILURES_PLACES; i++)
        slot->until[i] = f->now;
    if (tsearch(slot, &f->by_name, compare_names) == NULL) {
        free(slot);
        return NULL;
    }
    slot->next = f->slots;
    f->slots = slot;
    return slot;
}

/* The file is rewritten when it has twice the lines that it would have then, and some more. */
static size_t compaction_threshold(size_t least)
{
    return 2 * least + GROWN_LEAST;
}

static size_t count_slots(const struct login_failures *f)
{
    size_t n = 0;
    for (const struct slot *slot = f->slots; slot != NULL; slot = slot->next)
        n++;
    return n;
}

static void mark_changed(struct login_failures *f, struct slot *slot)
{
    if (slot->changed)
        return;
    slot->changed = true;
    slot->next_changed = f->changed;
    f->changed = slot;
    f->changed_len++;
}

static void grow(uint32_t *n)
{
    if (*n < 999999999) /* as many digits as are read */
        ++*n;
}

/* journal_take: one line while loading. What is left of a lock is never more than the longest lock, so that however the
 * clock is set, nobody is locked out for good. */
static int take_line(void *arg, const char *text)
{
    struct login_failures *f = arg;
    struct login_failures_record record;
    uint64_t unix_now = clock_now();
    f->lines++;
    if (strcmp(text, NOTHING) == 0)
        return 0;
    struct slot *slot = login_failures_decode(&record, text) == 0 ? find_or_add(f, record.name) : NULL;
    if (slot == NULL)
        return -1;
    slot->record = record;
    for (size_t i = 0; i < LOGIN_FAILURES_PLACES; i++) {
        uint64_t left = record.at[i].until > unix_now ? record.at[i].until - unix_now : 0;
        slot->until[i] = f->now + 1000 * (int64_t)(left < LOGIN_FAILURES_LOCK_MOST ? left : LOGIN_FAILURES_LOCK_MOST);
    }
    return 0;
}

struct login_failures *login_failures_open(int dir_fd, struct worker_pool *pool, int64_t now, size_t *torn_bytes,
                                           char why[static WHY_LEN])
{
    struct login_failures *f = calloc(1, sizeof *f);
    if (f == NULL) {
        why_say(why, "codes can't be loaded: out of memory");
        return NULL;
    }
    f->pool = pool;
    f->now = now;
    f->waiting_end = &f->waiting;
    if (journal_open(&f->journal, dir_fd, "codes", HEADER, take_line, f, torn_bytes, why) == 0) {
        f->compact_at = compaction_threshold(count_slots(f));
        return f;
    }
    f->journal.fd = -1;
    login_failures_close(f);
    return NULL;
}

/* --- Counting ----------------------------------------------------------------------------------------------------- */

uint32_t login_failures_lock(const struct login_failures_count *count, uint32_t free_codes)
{
    if (count->all >= LOGIN_FAILURES_ALL)
        return LOGIN_FAILURES_LOCK_MOST;
    if (count->run < free_codes)
        return 0;
    uint32_t doublings = count->run - free_codes;
    return doublings < DOUBLINGS ? (uint32_t)LOGIN_FAILURES_LOCK_LEAST << doublings : LOGIN_FAILURES_LOCK_MOST;
}

enum login_failures_place login_failures_place(const struct login_failures *f, const char *name,
                                               const uint8_t mark[static TOTP_SEAL_MARK_LEN])
{
    static const uint8_t none[TOTP_SEAL_MARK_LEN];
    const struct slot *slot = find(f, name);
    const uint8_t *home = slot != NULL ? slot->record.home : none;
    return !ct_equal(home, none, sizeof none) && ct_equal(home, mark, sizeof none) ? LOGIN_FAILURES_HOME
                                                                                   : LOGIN_FAILURES_ELSEWHERE;
}

bool login_failures_locked(struct login_failures *f, const char *name, enum login_failures_place place, int64_t now)
{
    const struct slot *slot = find_or_add(f, name);
    return slot == NULL || slot->until[place] > now;
}

uint32_t login_failures_wrong(struct login_failures *f, const char *name, enum login_failures_place place,
                              uint32_t free_codes, int64_t now)
{
    struct slot *slot = find(f, name);
    assert(slot != NULL);
    struct login_failures_count *count = &slot->record.at[place];
    grow(&count->run);
    grow(&count->all);
    uint32_t lock = login_failures_lock(count, free_codes);
    slot->until[place] = now + 1000 * (int64_t)lock;
    count->until = lock > 0 ? clock_now() + lock : 0;
    mark_changed(f, slot);
    return lock;
}

static void unlock(struct slot *slot, size_t place, int64_t now)
{
    slot->record.at[place].run = 0;
    slot->record.at[place].until = 0;
    slot->until[place] = now;
}

void login_failures_right(struct login_failures *f, const char *name, enum login_failures_place place,
                          const uint8_t mark[static TOTP_SEAL_MARK_LEN])
{
    struct slot *slot = find_or_add(f, name);
    if (slot == NULL)
        return;
    unlock(slot, place, f->now);
    if (place == LOGIN_FAILURES_ELSEWHERE) {
        memcpy(slot->record.home, mark, TOTP_SEAL_MARK_LEN);
        unlock(slot, LOGIN_FAILURES_HOME, f->now);
    }
    mark_changed(f, slot);
}

void login_failures_failed(struct login_failures *f, const char *name, bool known)
{
    struct slot *slot = find_or_add(f, name);
    if (slot == NULL)
        return;
    grow(&slot->record.failed);
    if (known)
        grow(&slot->record.known);
    mark_changed(f, slot);
}

struct login_failures_told login_failures_told(struct login_failures *f, const char *name)
{
    struct slot *slot = find(f, name);
    if (slot == NULL || slot->record.failed == 0)
        return (struct login_failures_told){0, 0};
    struct login_failures_told told = {slot->record.failed, slot->record.known};
    slot->record.failed = slot->record.known = 0;
    mark_changed(f, slot);
    return told;
}

void login_failures_clear(struct login_failures *f, const char *name)
{
    struct slot *slot = find(f, name);
    if (slot == NULL)
        return;
    for (size_t i = 0; i < LOGIN_FAILURES_PLACES; i++) {
        unlock(slot, i, f->now);
        slot->record.at[i].all = 0;
    }
    mark_changed(f, slot);
}

/* The last line appended is zeros: a crash before the name is left out of the file brings nothing back. */
void login_failures_remove(struct login_failures *f, const char *name)
{
    struct slot *slot = find(f, name);
    if (slot == NULL)
        return;
    login_failures_clear(f, name);
    slot->record.failed = slot->record.known = 0;
    ct_wipe(slot->record.home, sizeof slot->record.home);
    f->removed = true;
}

void login_failures_remove_all(struct login_failures *f, bool (*is_gone)(const void *arg, const char *name),
                               const void *arg)
{
    for (const struct slot *slot = f->slots; slot != NULL; slot = slot->next)
        if (is_gone(arg, slot->record.name))
            login_failures_remove(f, slot->record.name);
}

struct login_failures_state login_failures_state(const struct login_failures *f, const char *name, int64_t now)
{
    struct login_failures_state state = {0, 0};
    const struct slot *slot = find(f, name);
    for (size_t i = 0; slot != NULL && i < LOGIN_FAILURES_PLACES; i++) {
        int64_t left = (slot->until[i] - now + 999) / 1000;
        state.wrong += slot->record.at[i].run;
        if (left > (int64_t)state.left)
            state.left = (uint32_t)left;
    }
    return state;
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static void add_line(struct login_failures *f, const char *text)
{
    size_t len = 0;
    int failed = journal_line(f->text + f->text_len, FILE_LINE_MAX, &len, text);
    assert(!failed);
    f->text_len += len;
}

/* Puts all that has changed into a batch, as text; where nothing has, a line that says so, if somebody waits, as that
 * takes as long. Failed attempts to rewrite the file must not make it grow.
 * -1: no memory, and nothing is taken. */
static int take_batch(struct login_failures *f)
{
    char text[LOGIN_FAILURES_LINE_MAX];
    bool says_so = f->changed == NULL && f->served != NULL;
    f->batch_lines = f->changed_len + says_so;
    f->text_len = 0;
    f->text = malloc((f->batch_lines + 1) * FILE_LINE_MAX); /* never of size 0 */
    if (f->text == NULL)
        return -1;
    if (says_so)
        add_line(f, NOTHING);
    for (struct slot *slot = f->changed; slot != NULL; slot = slot->next_changed) {
        login_failures_encode(text, &slot->record);
        add_line(f, text);
        slot->changed = false;
        slot->next_batch = slot->next_changed;
    }
    f->batch = f->changed;
    f->changed = NULL;
    f->changed_len = 0;
    f->leaves_out = f->removed;
    f->removed = false;
    return 0;
}

static void take_compacted(struct login_failures *f)
{
    f->lines = f->compacted;
    f->compact_at = compaction_threshold(f->lines);
}

/* After the write: what could not be written goes into the next. */
static void release_batch(struct login_failures *f)
{
    bool done = f->result == JOURNAL_DONE, anew = f->leaves_out && f->left_out == JOURNAL_DONE;
    for (struct slot *slot = f->batch; !done && slot != NULL; slot = slot->next_batch)
        mark_changed(f, slot);
    f->lines += done ? f->batch_lines : 0;
    if (anew)
        take_compacted(f);
    f->removed = f->removed || (f->leaves_out && !anew);
    f->leaves_out = false;
    f->batch = NULL;
    free(f->text);
    f->text = NULL;
}

static void log_result(struct login_failures *f, enum journal_result result, const char *failed)
{
    if (result == JOURNAL_FAILED || (result == JOURNAL_CLOSED && !f->closed))
        log_event(LOG_ERROR, failed, "error", strerror(f->journal.error), NULL);
    f->closed = result == JOURNAL_CLOSED;
}

static void log_batch(struct login_failures *f)
{
    log_result(f, f->result, "codes not written: a restart would forget which were wrong");
    if (f->leaves_out && f->result == JOURNAL_DONE)
        log_result(f, f->left_out, "codes not written anew: names of removed accounts are still in it");
}

static void start_next_job(struct login_failures *f);

/* Appends first: what others wait for must not fail where there is no room for a second file. */
static void write_lines(struct login_failures *f)
{
    f->result = f->left_out = journal_append(&f->journal, f->text, f->text_len);
    if (f->result == JOURNAL_DONE && f->leaves_out)
        f->left_out = journal_compact(&f->journal, says_nothing, &f->compacted);
}

/* On a worker. */
static void write_batch(struct job *job, struct rng *rng)
{
    (void)rng;
    write_lines((struct login_failures *)(void *)job);
}

static void finish_batch(struct job *job)
{
    struct login_failures *f = (struct login_failures *)(void *)job;
    log_batch(f);
    release_batch(f);
    int error = f->journal.error; /* the journal is a worker's again once the first waiter has gone on */
    struct login_failures_waiter *waiter = f->served, *next;
    f->served = NULL;
    for (; waiter != NULL; waiter = next) {
        next = waiter->next; /* done may free it */
        waiter->written = f->result;
        waiter->left_out = f->left_out;
        waiter->error = error;
        waiter->done(waiter->arg);
    }
    start_next_job(f);
}

/* On a worker. */
static void compact(struct job *job, struct rng *rng)
{
    struct login_failures *f = (struct login_failures *)(void *)job;
    (void)rng;
    f->result = journal_compact(&f->journal, says_nothing, &f->compacted);
}

static void finish_compaction(struct job *job)
{
    struct login_failures *f = (struct login_failures *)(void *)job;
    log_result(f, f->result, "codes not compacted");
    if (f->result == JOURNAL_DONE)
        take_compacted(f);
    else
        f->compact_at = 2 * f->lines;
    start_next_job(f);
}

static void start_batch(struct login_failures *f)
{
    f->busy = true;
    f->served = f->waiting;
    f->waiting = NULL;
    f->waiting_end = &f->waiting;
    f->job = (struct job){.run = write_batch, .finish = finish_batch};
    if (take_batch(f) == 0) {
        worker_submit(f->pool, &f->job);
        return;
    }
    f->journal.error = f->closed ? f->journal.error : ENOMEM;
    f->result = f->left_out = f->closed ? JOURNAL_CLOSED : JOURNAL_FAILED;
    finish_batch(&f->job);
}

/* Starts what is to be done next, where nothing is under way any more. */
static void start_next_job(struct login_failures *f)
{
    f->busy = false;
    if (!f->closed && f->lines >= f->compact_at) {
        f->busy = true;
        f->job = (struct job){.run = compact, .finish = finish_compaction};
        worker_submit(f->pool, &f->job);
    } else if (f->waiting != NULL) {
        start_batch(f);
    }
}

void login_failures_write(struct login_failures *f, struct login_failures_waiter *waiter)
{
    waiter->next = NULL;
    *f->waiting_end = waiter;
    f->waiting_end = &waiter->next;
    if (!f->busy)
        start_batch(f);
}

bool login_failures_changed(const struct login_failures *f)
{
    return (f->changed != NULL || f->removed) && !f->closed;
}

void login_failures_flush(struct login_failures *f)
{
    if (login_failures_changed(f) && !f->busy)
        start_batch(f);
}

void login_failures_close(struct login_failures *f)
{
    if (f == NULL)
        return;
    assert(!f->busy && f->waiting == NULL);
    if (login_failures_changed(f) && take_batch(f) == 0) {
        write_lines(f);
        log_batch(f);
        release_batch(f);
    }
    while (f->slots != NULL) {
        struct slot *slot = f->slots;
        f->slots = slot->next;
        tdelete(slot, &f->by_name, compare_names);
        free(slot);
    }
    if (f->journal.fd >= 0)
        journal_close(&f->journal);
    free(f);
}
