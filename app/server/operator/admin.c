/* SPDX-License-Identifier: MIT */
/* A table of verbs. Who is to be added is kept until all are known to be good, and then goes to the accounts some at a
 * time, so that the loop is not kept from its clients; a change of one account is a copy of it with the change in. */
#include "app/server/operator/admin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "crypto/ct.h"

#define PUT_AT_ONCE 1024 /* as many as accounts.c writes together */
#define ONE_TOO_MANY "is one too many: see --max-accounts"
#define LISTED_LINE_MAX (NAME_MAX_LEN + EMAIL_MAX_LEN + 100)

struct admin_entry {
    struct admin *admin;
    struct account account;
    size_t number; /* from 1 */
    struct admin_entry *next;
};

static void say(struct admin *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line of the answer; a request has few, but for list, which looks for room first. */
static void say(struct admin *k, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(k->out + k->out_len, ADMIN_OUT_MAX - k->out_len - 1, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= ADMIN_OUT_MAX - k->out_len - 1)
        return;
    k->out_len += (size_t)len;
    k->out[k->out_len++] = '\n';
}

/* The answer is complete. */
static void finish(struct admin *k)
{
    k->busy = false;
    if (!k->in_request && k->calls->answered != NULL)
        k->calls->answered(k->arg); /* k may be gone when this returns */
}

/* closed: of the file nothing can be said any more; error is an errno. */
static void unwritten(char why[static WHY_LEN], bool closed, int error)
{
    char cause[ERRNO_ADVICE_LEN];
    if (closed)
        why_say(why,
                "can't be written: the disk failed (%.60s), and what is on it is unknown; "
                "start the server again",
                strerror(error));
    else {
        errno_advice_print(cause, error);
        why_say(why, "can't be written: %s", cause);
    }
}

static void why_of(const struct admin *k, char why[static WHY_LEN], enum accounts_result result)
{
    if (result == ACCOUNTS_FULL)
        why_say(why, "%s", ONE_TOO_MANY);
    else
        unwritten(why, result == ACCOUNTS_CLOSED, accounts_why(k->accounts));
}

/* --- Adding ------------------------------------------------------------------------------------------------------- */

static void forget_entries(struct admin *k)
{
    struct admin_entry *next;
    for (struct admin_entry *e = k->entries; e != NULL; e = next) {
        next = e->next;
        account_wipe(&e->account);
        free(e);
    }
    k->entries = k->next_entry = NULL;
    k->entries_end = &k->entries;
    k->entries_len = k->added = k->failed = 0;
}

/* The first failure is the one that is told. */
static void fail_entry(struct admin *k, size_t number, const char *why)
{
    if (k->failed != 0)
        return;
    k->failed = number;
    why_say(k->why, "%s", why);
}

static void add(struct admin *k, char *text)
{
    struct account account;
    k->entries_len++;
    if (k->failed != 0)
        return;
    if (account_decode(&account, text) != 0) {
        fail_entry(k, k->entries_len, "is no account");
        return;
    }
    struct admin_entry *e = calloc(1, sizeof *e);
    if (e == NULL || account.deleted || name_reserved(account.name) || k->entries_len > accounts_room(k->accounts)) {
        fail_entry(k, k->entries_len,
                   e == NULL                     ? "does not fit: out of memory"
                   : account.deleted             ? "is no account"
                   : name_reserved(account.name) ? "has a name that nobody may have"
                                                 : ONE_TOO_MANY);
        account_wipe(&account);
        free(e);
        return;
    }
    *e = (struct admin_entry){.admin = k, .account = account, .number = k->entries_len};
    *k->entries_end = e;
    k->entries_end = &e->next;
}

static void added_all(struct admin *k)
{
    char number[LOG_NUMBER_MAX];
    if (k->failed != 0)
        say(k, "error %zu %zu %s", k->failed, k->added, k->why);
    else
        say(k, "ok %zu", k->added);
    if (k->added > 0)
        log_event(LOG_INFO, "accounts added by the operator", "accounts", log_number(number, k->added), NULL);
    forget_entries(k);
    finish(k);
}

static void put_some(struct admin *k);

static void one_less(struct admin *k)
{
    if (--k->pending > 0)
        return;
    if (k->failed != 0 || k->next_entry == NULL)
        added_all(k);
    else
        put_some(k);
}

static void entry_done(void *arg, enum accounts_result result)
{
    struct admin_entry *e = arg;
    struct admin *k = e->admin;
    char why[WHY_LEN];
    if (result == ACCOUNTS_DONE) {
        k->added++;
    } else {
        why_of(k, why, result);
        fail_entry(k, e->number, why);
    }
    one_less(k);
}

static void put_some(struct admin *k)
{
    k->pending = 1;
    for (size_t i = 0; i < PUT_AT_ONCE && k->next_entry != NULL && k->failed == 0; i++) {
        struct admin_entry *e = k->next_entry;
        if (accounts_taken(k->accounts, e->account.name)) { /* since it was looked at, or twice among these */
            fail_entry(k, e->number, "is taken");
            break;
        }
        k->next_entry = e->next;
        k->pending++;
        accounts_put(k->accounts, &e->account, entry_done, e);
    }
    one_less(k);
}

static void commit(struct admin *k, char *rest)
{
    (void)rest;
    for (struct admin_entry *e = k->entries; e != NULL && k->failed == 0; e = e->next)
        if (accounts_taken(k->accounts, e->account.name))
            fail_entry(k, e->number, "is taken");
    k->busy = true;
    if (k->failed != 0) {
        added_all(k);
        return;
    }
    k->next_entry = k->entries;
    put_some(k);
}

/* --- Listing ------------------------------------------------------------------------------------------------------ */

static void list_one(struct admin *k, const struct account *a)
{
    struct login_failures_state state = {0, 0};
    char until[24] = "-";
    if (k->login_failures != NULL)
        state = login_failures_state(k->login_failures, a->name, k->now);
    if (state.left > 0)
        snprintf(until, sizeof until, "%" PRIu64, clock_now() + state.left);
    say(k, "%s\t%s\t%" PRIu64 "\t%s\t%s\t%" PRIu32 "\t%s", a->name, a->email, a->created, a->locked ? "locked" : "-",
        a->totp != NULL ? "totp" : "-", state.wrong, until);
}

static void list_some(struct admin *k, char *rest)
{
    (void)rest;
    while (k->listed_at < k->listed_len) {
        const struct account *a = k->listed[k->listed_at];
        if (k->out_len + LISTED_LINE_MAX > ADMIN_OUT_MAX - 10) {
            say(k, "more");
            return;
        }
        k->listed_at++;
        if (!a->deleted)
            list_one(k, a);
    }
    free(k->listed);
    k->listed = NULL;
    k->listed_len = k->listed_at = 0;
    say(k, "ok");
}

static void list(struct admin *k, char *rest)
{
    free(k->listed);
    k->listed = accounts_list(k->accounts, &k->listed_len);
    k->listed_at = 0;
    if (k->listed == NULL)
        say(k, "error there is not enough memory");
    else
        list_some(k, rest);
}

/* --- Changing one ------------------------------------------------------------------------------------------------- */

static void done(struct admin *k)
{
    say(k, k->had_totp ? "ok totp" : "ok");
    finish(k);
}

static void login_failures_written(void *arg)
{
    struct admin *k = arg;
    bool removed = k->forget == login_failures_remove;
    enum journal_result result = removed ? k->waiter.left_out : k->waiter.written;
    char why[WHY_LEN];
    if (result == JOURNAL_DONE) {
        done(k);
        return;
    }
    unwritten(why, result == JOURNAL_CLOSED, k->waiter.why);
    say(k,
        removed ? "error %s is removed, but its name stays in DATA/codes, which %s"
                : "error %s is changed, but the end of the lock on its codes %s",
        k->name, why);
    finish(k);
}

/* CAUTION: what an answer says is on disk, the end of a lock of codes too: test_what_the_operator_ends_is_on_disk. */
static void changed(void *arg, enum accounts_result result)
{
    struct admin *k = arg;
    if (result != ACCOUNTS_DONE) {
        char why[WHY_LEN];
        why_of(k, why, result);
        say(k, "error %s %s", k->name, why);
        finish(k);
        return;
    }
    log_event(LOG_INFO, k->event, "user", k->name, NULL);
    if (k->ends_session && k->calls->end_session != NULL)
        k->calls->end_session(k->arg, k->name);
    if (k->login_failures == NULL || k->forget == NULL) {
        done(k);
        return;
    }
    k->forget(k->login_failures, k->name);
    k->waiter = (struct login_failures_waiter){.done = login_failures_written, .arg = k};
    login_failures_write(k->login_failures, &k->waiter);
}

/* A copy of that account, to be changed; where there can't be one the answer is given. */
static int copy_of(struct admin *k, struct account *account, const char *name)
{
    const struct account *found = accounts_find(k->accounts, name);
    if (found == NULL)
        say(k, "error there is no account of the name %s; `glasschatd account list` shows all",
            name_valid(name, strlen(name)) ? name : "that was given");
    else if (accounts_changing(k->accounts, name))
        say(k, "error %s is being changed at this moment: try again", name);
    else if (account_copy(account, found) != 0)
        say(k, "error there is not enough memory");
    else
        return 0;
    return -1;
}

/* forget: what is to become of its codes; or NULL. */
static void put(struct admin *k, struct account *account, const char *event, bool ends_session,
                void (*forget)(struct login_failures *c, const char *name))
{
    k->forget = forget;
    memcpy(k->name, account->name, sizeof k->name);
    k->event = event;
    k->ends_session = ends_session;
    k->busy = true;
    accounts_put(k->accounts, account, changed, k);
    account_wipe(account);
}

static void lock(struct admin *k, char *name)
{
    struct account account;
    if (copy_of(k, &account, name) != 0)
        return;
    account.locked = true;
    put(k, &account, "account locked by the operator", true, NULL);
}

static void unlock(struct admin *k, char *name)
{
    struct account account;
    if (copy_of(k, &account, name) != 0)
        return;
    account.locked = false;
    put(k, &account, "account unlocked by the operator", false, login_failures_clear);
}

/* Whoever needs a new password has mostly lost the telephone with the codes too. */
static void reset(struct admin *k, char *rest)
{
    struct account account;
    char *text = rest + strcspn(rest, " ");
    if (*text != '\0')
        *text++ = '\0';
    if (copy_of(k, &account, rest) != 0)
        return;
    if (verifier_decode(&account.password, text) != 0) {
        say(k, "error that is no password's hash");
        account_wipe(&account);
        return;
    }
    k->had_totp = account.totp != NULL;
    if (account.totp != NULL)
        ct_wipe(account.totp, sizeof *account.totp);
    free(account.totp);
    account.totp = NULL;
    put(k, &account, "password reset by the operator", true, login_failures_clear);
}

static void remove_account(struct admin *k, char *name)
{
    struct account account, removed = {.deleted = true};
    if (copy_of(k, &account, name) != 0)
        return;
    memcpy(removed.name, account.name, sizeof removed.name);
    account_wipe(&account);
    put(k, &removed, "account removed by the operator", true, login_failures_remove);
}

/* --- The rest ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *verb;
    void (*run)(struct admin *k, char *rest);
    bool alone; /* nothing follows it */
} verbs[] = {
    {"add", add, false},   {"commit", commit, true},  {"list", list, true},    {"next", list_some, true},
    {"lock", lock, false}, {"unlock", unlock, false}, {"reset", reset, false}, {"remove", remove_account, false},
};

#define VERBS (sizeof verbs / sizeof *verbs)

void admin_init(struct admin *k, struct accounts *accounts, const struct admin_calls *calls, void *arg)
{
    memset(k, 0, sizeof *k);
    k->accounts = accounts;
    k->calls = calls;
    k->arg = arg;
    forget_entries(k);
}

void admin_request(struct admin *k, const char *line)
{
    char copy[ADMIN_LINE_MAX];
    size_t len = strlen(line), i = 0;
    k->had_totp = false;
    if (len >= sizeof copy) {
        say(k, "error that line is too long");
        return;
    }
    memcpy(copy, line, len + 1);
    char *rest = copy + strcspn(copy, " ");
    bool alone = *rest == '\0';
    if (!alone)
        *rest++ = '\0';
    while (i < VERBS && (strcmp(copy, verbs[i].verb) != 0 || alone != verbs[i].alone))
        i++;
    k->in_request = true;
    if (i < VERBS)
        verbs[i].run(k, rest);
    else
        say(k, "error there is no such request");
    k->in_request = false;
    ct_wipe(copy, sizeof copy);
}

void admin_free(struct admin *k)
{
    forget_entries(k);
    free(k->listed);
    ct_wipe(k, sizeof *k);
}
