/* SPDX-License-Identifier: MIT */
/* A table of verbs. Accounts to be added are kept until all are known to be good, and then put into the store some at a
 * time, so that the loop is not kept from its clients; to change one account, a changed copy of it is put. */
#include "app/server/operator/admin.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/server/base/clock.h"
#include "app/server/base/errno_advice.h"
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

static void say(struct admin *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds a line to the answer; an answer has few, except list's, which checks for room first. */
static void say(struct admin *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(a->out + a->out_len, ADMIN_OUT_MAX - a->out_len - 1, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= ADMIN_OUT_MAX - a->out_len - 1)
        return;
    a->out_len += (size_t)len;
    a->out[a->out_len++] = '\n';
}

/* The answer is complete. */
static void finish(struct admin *a)
{
    a->busy = false;
    if (!a->in_request && a->calls->answered != NULL)
        a->calls->answered(a->arg); /* a may be gone when this returns */
}

/* closed: what is in the file is unknown from now on; error is an errno. */
static void why_unwritten(char why[static WHY_LEN], bool closed, int error)
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

static void why_of(const struct admin *a, char why[static WHY_LEN], enum accounts_result result)
{
    if (result == ACCOUNTS_FULL)
        why_say(why, "%s", ONE_TOO_MANY);
    else
        why_unwritten(why, result == ACCOUNTS_CLOSED, accounts_why(a->accounts));
}

/* --- Adding ------------------------------------------------------------------------------------------------------- */

static void forget_entries(struct admin *a)
{
    struct admin_entry *next;
    for (struct admin_entry *e = a->entries; e != NULL; e = next) {
        next = e->next;
        account_wipe(&e->account);
        free(e);
    }
    a->entries = a->next_entry = NULL;
    a->entries_end = &a->entries;
    a->entries_len = a->added = a->failed = 0;
}

/* The first failure is the one that is reported. */
static void fail_entry(struct admin *a, size_t number, const char *why)
{
    if (a->failed != 0)
        return;
    a->failed = number;
    why_say(a->why, "%s", why);
}

static void add(struct admin *a, char *text)
{
    struct account account;
    a->entries_len++;
    if (a->failed != 0)
        return;
    if (account_decode(&account, text) != 0) {
        fail_entry(a, a->entries_len, "is no account");
        return;
    }
    struct admin_entry *e = calloc(1, sizeof *e);
    if (e == NULL || account.deleted || name_reserved(account.name) || a->entries_len > accounts_room(a->accounts)) {
        fail_entry(a, a->entries_len,
                   e == NULL                     ? "does not fit: out of memory"
                   : account.deleted             ? "is no account"
                   : name_reserved(account.name) ? "has a name that nobody may have"
                                                 : ONE_TOO_MANY);
        account_wipe(&account);
        free(e);
        return;
    }
    *e = (struct admin_entry){.admin = a, .account = account, .number = a->entries_len};
    *a->entries_end = e;
    a->entries_end = &e->next;
}

static void added_all(struct admin *a)
{
    char number[LOG_NUMBER_MAX];
    if (a->failed != 0)
        say(a, "error %zu %zu %s", a->failed, a->added, a->why);
    else
        say(a, "ok %zu", a->added);
    if (a->added > 0)
        log_event(LOG_INFO, "accounts added by the operator", "accounts", log_number(number, a->added), NULL);
    forget_entries(a);
    finish(a);
}

static void put_some(struct admin *a);

static void drop_pending(struct admin *a)
{
    if (--a->pending > 0)
        return;
    if (a->failed != 0 || a->next_entry == NULL)
        added_all(a);
    else
        put_some(a);
}

static void entry_done(void *arg, enum accounts_result result)
{
    struct admin_entry *e = arg;
    struct admin *a = e->admin;
    char why[WHY_LEN];
    if (result == ACCOUNTS_DONE) {
        a->added++;
    } else {
        why_of(a, why, result);
        fail_entry(a, e->number, why);
    }
    drop_pending(a);
}

static void put_some(struct admin *a)
{
    a->pending = 1;
    for (size_t i = 0; i < PUT_AT_ONCE && a->next_entry != NULL && a->failed == 0; i++) {
        struct admin_entry *e = a->next_entry;
        if (accounts_taken(a->accounts, e->account.name)) { /* since it was checked, or twice among these */
            fail_entry(a, e->number, "is taken");
            break;
        }
        a->next_entry = e->next;
        a->pending++;
        accounts_put(a->accounts, &e->account, entry_done, e);
    }
    drop_pending(a);
}

static void commit(struct admin *a, char *rest)
{
    (void)rest;
    for (struct admin_entry *e = a->entries; e != NULL && a->failed == 0; e = e->next)
        if (accounts_taken(a->accounts, e->account.name))
            fail_entry(a, e->number, "is taken");
    a->busy = true;
    if (a->failed != 0) {
        added_all(a);
        return;
    }
    a->next_entry = a->entries;
    put_some(a);
}

/* --- Listing ------------------------------------------------------------------------------------------------------ */

static void list_one(struct admin *a, const struct account *account)
{
    struct login_failures_state state = {0, 0};
    char until[24] = "-";
    if (a->login_failures != NULL)
        state = login_failures_state(a->login_failures, account->name, a->now);
    if (state.left > 0)
        snprintf(until, sizeof until, "%" PRIu64, clock_now() + state.left);
    say(a, "%s\t%s\t%" PRIu64 "\t%s\t%s\t%" PRIu32 "\t%s", account->name, account->email, account->created,
        account->locked ? "locked" : "-", account->totp != NULL ? "totp" : "-", state.wrong, until);
}

static void list_some(struct admin *a, char *rest)
{
    (void)rest;
    while (a->listed_at < a->listed_len) {
        const struct account *account = a->listed[a->listed_at];
        if (a->out_len + LISTED_LINE_MAX > ADMIN_OUT_MAX - 10) {
            say(a, "more");
            return;
        }
        a->listed_at++;
        if (!account->deleted)
            list_one(a, account);
    }
    free(a->listed);
    a->listed = NULL;
    a->listed_len = a->listed_at = 0;
    say(a, "ok");
}

static void list(struct admin *a, char *rest)
{
    free(a->listed);
    a->listed = accounts_list(a->accounts, &a->listed_len);
    a->listed_at = 0;
    if (a->listed == NULL)
        say(a, "error there is not enough memory");
    else
        list_some(a, rest);
}

/* --- Changing one ------------------------------------------------------------------------------------------------- */

static void done(struct admin *a)
{
    say(a, a->had_totp ? "ok totp" : "ok");
    finish(a);
}

static void forgotten(void *arg)
{
    struct admin *a = arg;
    bool removed = a->forget == login_failures_remove;
    enum journal_result result = removed ? a->waiter.left_out : a->waiter.written;
    char why[WHY_LEN];
    if (result == JOURNAL_DONE) {
        done(a);
        return;
    }
    why_unwritten(why, result == JOURNAL_CLOSED, a->waiter.error);
    say(a,
        removed ? "error %s is removed, but its name stays in DATA/codes, which %s"
                : "error %s is changed, but the end of the lock on its codes %s",
        a->name, why);
    finish(a);
}

/* CAUTION: what an answer says is on disk, the end of a lock of codes too: test_what_the_operator_ends_is_on_disk. */
static void changed(void *arg, enum accounts_result result)
{
    struct admin *a = arg;
    if (result != ACCOUNTS_DONE) {
        char why[WHY_LEN];
        why_of(a, why, result);
        say(a, "error %s %s", a->name, why);
        finish(a);
        return;
    }
    log_event(LOG_INFO, a->event, "user", a->name, NULL);
    if (a->ends_session && a->calls->end_session != NULL)
        a->calls->end_session(a->arg, a->name);
    if (a->login_failures == NULL || a->forget == NULL) {
        done(a);
        return;
    }
    a->forget(a->login_failures, a->name);
    a->waiter = (struct login_failures_waiter){.done = forgotten, .arg = a};
    login_failures_write(a->login_failures, &a->waiter);
}

/* Makes a copy of that account, to be changed; where it can't, it gives the answer. */
static int copy_of(struct admin *a, struct account *account, const char *name)
{
    const struct account *found = accounts_find(a->accounts, name);
    if (found == NULL)
        say(a, "error there is no account of the name %s; `glasschatd account list` shows all",
            name_valid(name, strlen(name)) ? name : "that was given");
    else if (accounts_changing(a->accounts, name))
        say(a, "error %s is being changed at this moment: try again", name);
    else if (account_copy(account, found) != 0)
        say(a, "error there is not enough memory");
    else
        return 0;
    return -1;
}

/* forget: what to do with its login failures; or NULL. */
static void put(struct admin *a, struct account *account, const char *event, bool ends_session,
                void (*forget)(struct login_failures *c, const char *name))
{
    a->forget = forget;
    memcpy(a->name, account->name, sizeof a->name);
    a->event = event;
    a->ends_session = ends_session;
    a->busy = true;
    accounts_put(a->accounts, account, changed, a);
    account_wipe(account);
}

static void lock(struct admin *a, char *name)
{
    struct account account;
    if (copy_of(a, &account, name) != 0)
        return;
    account.locked = true;
    put(a, &account, "account locked by the operator", true, NULL);
}

static void unlock(struct admin *a, char *name)
{
    struct account account;
    if (copy_of(a, &account, name) != 0)
        return;
    account.locked = false;
    put(a, &account, "account unlocked by the operator", false, login_failures_clear);
}

/* A user who needs a new password has usually lost the telephone with the codes too. */
static void reset(struct admin *a, char *rest)
{
    struct account account;
    char *text = rest + strcspn(rest, " ");
    if (*text != '\0')
        *text++ = '\0';
    if (copy_of(a, &account, rest) != 0)
        return;
    if (verifier_decode(&account.password, text) != 0) {
        say(a, "error that is no password's hash");
        account_wipe(&account);
        return;
    }
    a->had_totp = account.totp != NULL;
    if (account.totp != NULL)
        ct_wipe(account.totp, sizeof *account.totp);
    free(account.totp);
    account.totp = NULL;
    put(a, &account, "password reset by the operator", true, login_failures_clear);
}

static void remove_account(struct admin *a, char *name)
{
    struct account account, removed = {.deleted = true};
    if (copy_of(a, &account, name) != 0)
        return;
    memcpy(removed.name, account.name, sizeof removed.name);
    account_wipe(&account);
    put(a, &removed, "account removed by the operator", true, login_failures_remove);
}

/* --- The server --------------------------------------------------------------------------------------------------- */

static void say_line(void *admin, const char *line)
{
    say(admin, "%s", line);
}

static void status(struct admin *a, char *rest)
{
    (void)rest;
    if (a->calls->status == NULL) {
        say(a, "error no server runs here");
        return;
    }
    a->calls->status(a->arg, say_line, a);
    say(a, "ok");
}

/* --- The rest ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *verb;
    void (*run)(struct admin *a, char *rest);
    bool alone; /* nothing may follow the verb */
} verbs[] = {
    {"add", add, false},      {"commit", commit, true},  {"list", list, true},    {"next", list_some, true},
    {"lock", lock, false},    {"unlock", unlock, false}, {"reset", reset, false}, {"remove", remove_account, false},
    {"status", status, true},
};

#define VERBS (sizeof verbs / sizeof *verbs)

void admin_init(struct admin *a, struct accounts *accounts, const struct admin_calls *calls, void *arg)
{
    memset(a, 0, sizeof *a);
    a->accounts = accounts;
    a->calls = calls;
    a->arg = arg;
    forget_entries(a);
}

void admin_request(struct admin *a, const char *line)
{
    char copy[ADMIN_LINE_MAX];
    size_t len = strlen(line), i = 0;
    a->had_totp = false;
    if (len >= sizeof copy) {
        say(a, "error that line is too long");
        return;
    }
    memcpy(copy, line, len + 1);
    char *rest = copy + strcspn(copy, " ");
    bool alone = *rest == '\0';
    if (!alone)
        *rest++ = '\0';
    while (i < VERBS && (strcmp(copy, verbs[i].verb) != 0 || alone != verbs[i].alone))
        i++;
    a->in_request = true;
    if (i < VERBS)
        verbs[i].run(a, rest);
    else
        say(a, "error there is no such request");
    a->in_request = false;
    ct_wipe(copy, sizeof copy);
}

void admin_free(struct admin *a)
{
    forget_entries(a);
    free(a->listed);
    ct_wipe(a, sizeof *a);
}
