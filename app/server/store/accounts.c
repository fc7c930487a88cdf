/* SPDX-License-Identifier: MIT */
/* A tree of slots by name. A change waits in a queue; one job at a time writes the whole queue, and when it is done its
 * changes become visible and are acknowledged, in their order. All memory that a change needs is allocated before it is
 * written, so that what is on disk can always be made visible. */
#include "app/server/store/accounts.h"

#include <assert.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/log.h"
#include "app/server/store/journal.h"
#include "crypto/ct.h"

#define HEADER "glasschat accounts 1"
#define DEAD_LEAST 500                     /* lines that later ones have replaced: fewer are not worth a compaction */
#define DEAD_BYTES_LEAST ((size_t)4 << 20) /* or as many bytes of them: some lines are twenty times as long as others */
#define NAMES_FOR_ONE 2 /* for each account allowed: a deleted one's name is kept, and these are bounded too */
#define BATCH_MAX 1024  /* changes written together: many new accounts at once must not take all memory */

struct change {
    struct account account;
    accounts_done *done;
    void *arg;
    struct slot *slot;
    size_t line_len; /* set once it is text */
    struct change *next;
};

struct slot {
    struct account account;       /* as it is on disk. First: a slot's key is the name that it starts with */
    bool on_disk;                 /* else the name is only reserved, by the change that is under way */
    size_t line_len;              /* in the file, with checksum and end */
    bool changing;                /* a change of it is in the queue or in the batch */
    struct slot *previous, *next; /* of all */
};

struct accounts {
    struct job job; /* first, so that run and finish can cast back */
    struct worker_pool *pool;
    struct journal journal; /* while there is a batch, the worker's, and so is result */
    void *by_name;          /* of struct slot */
    size_t sealed;          /* accounts on disk that have a second factor */
    uint32_t iterations;    /* the most that any password's hash has taken so far */
    struct slot *slots;     /* all, newest first */
    size_t lines, names;    /* in the file, and how many names they are about */
    size_t live_bytes;      /* bytes of the last line for each name */
    size_t compact_at;      /* after a compaction that failed: not before there are so many lines */
    size_t count, limit;    /* accounts that are not deleted, new ones under way counted */
    struct change *queue, **queue_end;
    bool busy;            /* a job of ours is under way: it writes the batch, or compacts */
    struct change *batch; /* what the job writes */
    size_t batch_len;     /* how many changes */
    char *text;           /* the batch as text */
    size_t text_len;
    enum journal_result result; /* of the job */
    size_t compacted;           /* the lines that a compaction left */
    bool closed;                /* a job's result was JOURNAL_CLOSED */
    int error;                  /* errno of the last that failed */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct slot *find(const struct accounts *a, const char *name)
{
    struct slot *const *node = tfind(name, &a->by_name, compare_names);
    return node == NULL ? NULL : *node;
}

/* The slot of that name, made where there is none; NULL where there is no memory. While loading most names are new: one
 * search finds and adds. */
static struct slot *find_or_add(struct accounts *a, const char *name)
{
    struct slot *slot = calloc(1, sizeof *slot);
    if (slot == NULL)
        return NULL;
    memcpy(slot->account.name, name, strlen(name) + 1);
    struct slot *const *node = tsearch(slot, &a->by_name, compare_names);
    if (node == NULL || *node != slot) {
        free(slot);
        return node == NULL ? NULL : *node;
    }
    slot->next = a->slots;
    if (slot->next != NULL)
        slot->next->previous = slot;
    a->slots = slot;
    return slot;
}

static void drop(struct accounts *a, struct slot *slot)
{
    tdelete(slot, &a->by_name, compare_names);
    *(slot->previous != NULL ? &slot->previous->next : &a->slots) = slot->next;
    if (slot->next != NULL)
        slot->next->previous = slot->previous;
    account_wipe(&slot->account);
    free(slot);
}

static bool is_live(const struct slot *slot)
{
    return slot->on_disk && !slot->account.deleted;
}

/* Puts another account in a slot, with all that it owns. */
static void replace(struct accounts *a, struct slot *slot, const struct account *account, size_t line_len)
{
    a->live_bytes += line_len - slot->line_len;
    slot->line_len = line_len;
    a->sealed += (size_t)(account->totp != NULL) - (size_t)(slot->account.totp != NULL);
    account_wipe(&slot->account);
    slot->account = *account;
    if (account->password.iterations > a->iterations)
        a->iterations = account->password.iterations;
    a->names += (size_t)!slot->on_disk;
    slot->on_disk = true;
}

/* journal_take: one line while loading. Nothing follows a name's deletion. */
static int take_line(void *arg, const char *text)
{
    struct accounts *a = arg;
    struct account account;
    if (account_decode(&account, text) != 0)
        return -1;
    struct slot *slot = find_or_add(a, account.name);
    if (slot == NULL || slot->account.deleted) {
        account_wipe(&account);
        return -1;
    }
    a->count += (size_t)!account.deleted - (size_t)is_live(slot);
    a->lines++;
    replace(a, slot, &account, strlen(text) + JOURNAL_CHECKSUM_LEN + 1);
    return 0;
}

static void start_next_job(struct accounts *a);

struct accounts *accounts_open(int dir_fd, struct worker_pool *pool, size_t limit, size_t *torn_bytes,
                               char why[static WHY_LEN])
{
    struct accounts *a = calloc(1, sizeof *a);
    if (a == NULL) {
        why_say(why, "accounts can't be loaded: out of memory");
        return NULL;
    }
    a->pool = pool;
    a->limit = limit;
    a->queue_end = &a->queue;
    if (journal_open(&a->journal, dir_fd, "accounts", HEADER, take_line, a, torn_bytes, why) != 0) {
        a->journal.fd = -1;
        accounts_close(a);
        return NULL;
    }
    if (pool != NULL)
        start_next_job(a);
    return a;
}

const struct account *accounts_find(const struct accounts *a, const char *name)
{
    const struct slot *slot = find(a, name);
    return slot != NULL && is_live(slot) ? &slot->account : NULL;
}

bool accounts_taken(const struct accounts *a, const char *name)
{
    return find(a, name) != NULL;
}

bool accounts_changing(const struct accounts *a, const char *name)
{
    const struct slot *slot = find(a, name);
    return slot != NULL && slot->changing;
}

bool accounts_deleted(const void *accounts, const char *name)
{
    const struct slot *slot = find(accounts, name);
    return slot != NULL && slot->on_disk && slot->account.deleted;
}

size_t accounts_count(const struct accounts *a)
{
    return a->count;
}

size_t accounts_sealed(const struct accounts *a)
{
    return a->sealed;
}

uint32_t accounts_iterations(const struct accounts *a)
{
    return a->iterations;
}

size_t accounts_room(const struct accounts *a)
{
    size_t names = NAMES_FOR_ONE * a->limit;
    size_t left = a->count < a->limit ? a->limit - a->count : 0, left_names = a->names < names ? names - a->names : 0;
    return left < left_names ? left : left_names;
}

static int compare_accounts(const void *a, const void *b)
{
    const struct account *const *one = a, *const *other = b;
    return strcmp((*one)->name, (*other)->name);
}

const struct account **accounts_list(const struct accounts *a, size_t *len)
{
    size_t n = 0;
    for (const struct slot *slot = a->slots; slot != NULL; slot = slot->next)
        n += (size_t)is_live(slot);
    const struct account **list = malloc((n + 1) * sizeof *list);
    *len = 0;
    if (list == NULL)
        return NULL;
    for (const struct slot *slot = a->slots; slot != NULL; slot = slot->next)
        if (is_live(slot))
            list[(*len)++] = &slot->account;
    qsort(list, *len, sizeof *list, compare_accounts);
    return list;
}

/* On a worker. */
static void write_batch(struct job *job, struct rng *rng)
{
    struct accounts *a = (struct accounts *)job;
    (void)rng;
    a->result = journal_append(&a->journal, a->text, a->text_len);
}

/* Makes a change visible, or forgets it, and calls its done. The count includes it already. */
static void finish_change(struct accounts *a, struct change *change)
{
    struct slot *slot = change->slot;
    enum accounts_result result = a->result == JOURNAL_DONE     ? ACCOUNTS_DONE
                                  : a->result == JOURNAL_FAILED ? ACCOUNTS_FAILED
                                                                : ACCOUNTS_CLOSED;
    slot->changing = false;
    if (result == ACCOUNTS_DONE) {
        replace(a, slot, &change->account, change->line_len);
    } else {
        a->count += (size_t)is_live(slot) - (size_t)!change->account.deleted;
        account_wipe(&change->account);
        if (!slot->on_disk)
            drop(a, slot);
    }
    change->done(change->arg, result);
    ct_wipe(change, sizeof *change);
    free(change);
}

static void log_result(struct accounts *a, const char *failed)
{
    a->error = a->journal.error;
    if (a->result == JOURNAL_FAILED)
        log_event(LOG_ERROR, failed, "error", strerror(a->journal.error), NULL);
    if (a->result == JOURNAL_CLOSED && !a->closed)
        log_event(LOG_ERROR, "accounts closed", "error", strerror(a->journal.error), "now",
                  "what is on disk is unknown: no changes are taken until the server is started again", NULL);
    a->closed = a->result == JOURNAL_CLOSED;
}

/* On the loop's thread. What the callbacks put goes to the queue: the batch is over once all of them have been
 * called. */
static void finish_batch(struct job *job)
{
    struct accounts *a = (struct accounts *)job;
    log_result(a, "accounts not written");
    if (a->text != NULL)
        ct_wipe(a->text, a->text_len);
    free(a->text);
    if (a->result == JOURNAL_DONE)
        a->lines += a->batch_len;
    struct change *change = a->batch, *next;
    for (; change != NULL; change = next) {
        next = change->next;
        finish_change(a, change);
    }
    a->batch = NULL;
    start_next_job(a);
}

/* The lines of a batch; NULL where there is no memory for them. */
static char *lines_of(struct change *batch, size_t changes, size_t *len)
{
    char *lines = malloc(changes * JOURNAL_LINE_MAX);
    *len = 0;
    for (struct change *c = batch; lines != NULL && c != NULL; c = c->next) {
        char text[ACCOUNT_LINE_MAX];
        account_encode(text, &c->account);
        int failed = journal_line(lines + *len, JOURNAL_LINE_MAX, &c->line_len, text);
        assert(!failed); /* ACCOUNT_LINE_MAX and a checksum are less than JOURNAL_LINE_MAX */
        *len += c->line_len;
        ct_wipe(text, sizeof text);
    }
    return lines;
}

static void start_batch(struct accounts *a)
{
    struct change **end = &a->queue;
    for (a->batch_len = 0; a->batch_len < BATCH_MAX && *end != NULL; a->batch_len++)
        end = &(*end)->next;
    a->batch = a->queue;
    a->queue = *end;
    *end = NULL;
    if (a->queue == NULL)
        a->queue_end = &a->queue;
    a->job = (struct job){.run = write_batch, .finish = finish_batch};
    a->text = lines_of(a->batch, a->batch_len, &a->text_len);
    if (a->text == NULL) {
        a->journal.error = a->closed ? a->journal.error : ENOMEM;
        a->result = a->closed ? JOURNAL_CLOSED : JOURNAL_FAILED;
        finish_batch(&a->job);
    } else {
        worker_submit(a->pool, &a->job);
    }
}

/* On a worker. */
static void compact(struct job *job, struct rng *rng)
{
    struct accounts *a = (struct accounts *)job;
    (void)rng;
    a->result = journal_compact(&a->journal, NULL, &a->compacted);
}

static void finish_compaction(struct job *job)
{
    struct accounts *a = (struct accounts *)job;
    char before[LOG_NUMBER_MAX], after[LOG_NUMBER_MAX];
    log_result(a, "accounts not compacted");
    if (a->result == JOURNAL_DONE) {
        log_event(LOG_INFO, "accounts compacted", "lines_before", log_number(before, a->lines), "lines_after",
                  log_number(after, a->compacted), NULL);
        a->lines = a->compacted;
    } else {
        a->compact_at = 2 * a->lines;
    }
    start_next_job(a);
}

/* The file is rewritten when more than half of it is no longer of use. */
static bool should_compact(const struct accounts *a)
{
    size_t dead = a->lines - a->names, bytes = (size_t)a->journal.end, dead_bytes = bytes - a->live_bytes;
    int many = dead >= DEAD_LEAST && dead > a->names;
    int much = dead_bytes >= DEAD_BYTES_LEAST && dead_bytes > a->live_bytes;
    return !a->closed && (many || much) && a->lines >= a->compact_at;
}

/* Starts what is to be done next, where nothing is under way any more. */
static void start_next_job(struct accounts *a)
{
    a->busy = true;
    if (should_compact(a)) {
        a->job = (struct job){.run = compact, .finish = finish_compaction};
        worker_submit(a->pool, &a->job);
    } else if (a->queue != NULL) {
        start_batch(a);
    } else {
        a->busy = false;
    }
}

/* Puts a change into the queue; -1 where there is no memory. */
static int enqueue(struct accounts *a, const struct account *account, accounts_done *done, void *arg)
{
    struct change *change = calloc(1, sizeof *change);
    int copied = change != NULL && account_copy(&change->account, account) == 0;
    struct slot *slot = copied ? find_or_add(a, account->name) : NULL;
    if (slot == NULL) {
        if (copied)
            account_wipe(&change->account);
        free(change);
        return -1;
    }
    assert(!slot->changing && !slot->account.deleted);
    change->done = done;
    change->arg = arg;
    change->slot = slot;
    slot->changing = true;
    a->count += (size_t)!account->deleted - (size_t)is_live(slot);
    *a->queue_end = change;
    a->queue_end = &change->next;
    return 0;
}

static void fail_for_memory(struct accounts *a, accounts_done *done, void *arg)
{
    a->error = ENOMEM;
    done(arg, ACCOUNTS_FAILED);
}

int accounts_why(const struct accounts *a)
{
    return a->error;
}

void accounts_put(struct accounts *a, const struct account *account, accounts_done *done, void *arg)
{
    bool is_new = accounts_find(a, account->name) == NULL;
    if (a->closed)
        done(arg, ACCOUNTS_CLOSED);
    else if (is_new && !account->deleted && accounts_room(a) == 0)
        done(arg, ACCOUNTS_FULL);
    else if (enqueue(a, account, done, arg) != 0)
        fail_for_memory(a, done, arg);
    else if (!a->busy)
        start_next_job(a);
}

void accounts_close(struct accounts *a)
{
    assert(!a->busy && a->queue == NULL);
    while (a->slots != NULL)
        drop(a, a->slots);
    if (a->journal.fd >= 0)
        journal_close(&a->journal);
    free(a);
}
