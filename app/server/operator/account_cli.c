/* SPDX-License-Identifier: MIT */
/* A verb of the command line becomes requests to the admin, and its answers become what is printed. */
#include "app/server/operator/account_cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/server/base/clock.h"
#include "app/server/base/log.h"
#include "app/server/operator/account_import.h"
#include "app/server/operator/admin.h"
#include "app/server/operator/admin_client.h"
#include "app/server/operator/complain.h"
#include "app/server/operator/password_prompt.h"
#include "app/server/store/account.h"
#include "app/terminal/display.h"
#include "app/terminal/progress_row.h"
#include "crypto/ct.h"

struct task {
    const struct account_cli *asked;
    struct admin_client *admin_client;
    char why[WHY_LEN];
    char line[ADMIN_LINE_MAX]; /* the last one heard */
};

static int wrong_usage(const char *usage)
{
    display_line(stderr, "glasschatd: usage: glasschatd account %s: see glasschatd --help", usage);
    return WRONG_USAGE;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Asks, and hears an answer of one line, which is then in t->line. */
static int ask(struct task *t, const char *request)
{
    if (admin_client_ask(t->admin_client, request, t->why) != 0 ||
        admin_client_hear(t->admin_client, t->line, sizeof t->line, t->why) != 0)
        return complain(t->why);
    if (begins(t->line, "error "))
        return complain(t->line + strlen("error "));
    return DONE;
}

/* --- Adding ------------------------------------------------------------------------------------------------------- */

static void show_progress(size_t done, size_t of)
{
    progress_row_at(done, of);
}

static int hash(struct account_import *r, uint32_t iterations, char why[static WHY_LEN])
{
    progress_row_begin("hashing passwords", "accounts");
    int failed = account_import_hash(r, iterations, show_progress, why);
    progress_row_end();
    return failed;
}

static int send_entry(struct task *t, const struct account_import_entry *e, uint64_t now)
{
    char text[ACCOUNT_LINE_MAX], request[ADMIN_LINE_MAX];
    struct account account = {.created = now, .password = e->verifier};
    snprintf(account.name, sizeof account.name, "%s", e->name);
    if (account_set_email(&account, e->email) != 0) {
        why_say(t->why, "there is not enough memory");
        return -1;
    }
    account_encode(text, &account);
    snprintf(request, sizeof request, "add %s", text);
    account_wipe(&account);
    int failed = admin_client_ask(t->admin_client, request, t->why);
    ct_wipe(text, sizeof text);
    ct_wipe(request, sizeof request);
    return failed;
}

/* Reads the answer to commit: `error <which> <how many were added> <why>`. */
static int told_why_not(const struct account_import *r, const char *from, const char *answer)
{
    size_t which = 0, added = 0;
    int at = 0;
    if (sscanf(answer, "error %zu %zu %n", &which, &added, &at) != 2 || at == 0 || which < 1 || which > r->len)
        return complain(begins(answer, "error ") ? answer + strlen("error ") : answer);
    const struct account_import_entry *e = &r->entries[which - 1];
    char place[400] = "";
    if (e->line > 0)
        snprintf(place, sizeof place, "%.300s line %zu: ", from, e->line);
    if (added == 0)
        display_line(stderr, "glasschatd: %s%s %s; nothing was added", place, e->name, answer + at);
    else
        display_line(stderr, "glasschatd: %s%s %s; %zu of %zu were added: `glasschatd account list` shows them", place,
                     e->name, answer + at, added, r->len);
    return FAILED;
}

static int add_imported(struct task *t, struct account_import *r)
{
    char why[WHY_LEN];
    uint64_t now = clock_now();
    if (t->asked->iterations < VERIFIER_ITERATIONS)
        display_line(stderr, "glasschatd: warning: fewer --pbkdf2-iterations than %d make passwords easier to guess",
                     VERIFIER_ITERATIONS);
    if (hash(r, t->asked->iterations, why) != 0)
        return complain(why);
    for (size_t i = 0; i < r->len; i++)
        if (send_entry(t, &r->entries[i], now) != 0)
            return complain(t->why);
    if (admin_client_ask(t->admin_client, "commit", t->why) != 0 ||
        admin_client_hear(t->admin_client, t->line, sizeof t->line, t->why) != 0)
        return complain(t->why);
    if (!begins(t->line, "ok "))
        return told_why_not(r, t->asked->from != NULL ? account_import_name(t->asked->from) : "", t->line);
    display_line(stdout, "%s account%s added", t->line + strlen("ok "), r->len == 1 ? "" : "s");
    return DONE;
}

static int add(struct task *t)
{
    const struct account_cli *o = t->asked;
    char why[WHY_LEN];
    struct account_import r;
    struct password_prompt p;
    if (o->from != NULL) {
        if (account_import_read(&r, o->from, why) != 0)
            return complain(why);
        if (r.open_to_others)
            display_line(stderr, "glasschatd: warning: %.300s holds passwords and can be read by other users", o->from);
    } else {
        if (password_prompt_get(&p, o->password_file, why) != 0)
            return complain(why);
        int failed = account_import_one(&r, o->words[1], o->words[2], p.bytes, p.len, why);
        password_prompt_wipe(&p);
        if (failed)
            return complain(why);
    }
    int status = add_imported(t, &r);
    account_import_free(&r);
    return status;
}

/* --- The others --------------------------------------------------------------------------------------------------- */

#define WHEN_LEN 40

/* Unix seconds as people read them; anything else stays as it is. */
static const char *when_of(char when[static WHEN_LEN], const char *unix_seconds)
{
    time_t seconds = (time_t)strtoll(unix_seconds, NULL, 10);
    struct tm tm;
    if (*unix_seconds < '0' || *unix_seconds > '9')
        return unix_seconds;
    if (gmtime_r(&seconds, &tm) == NULL || strftime(when, WHEN_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return "";
    return when;
}

/* The admin's line with the times as people read them: the third field, and the last. */
static void print_account(char *line)
{
    char *email = strchr(line, '\t'), *created = email != NULL ? strchr(email + 1, '\t') : NULL;
    char *rest = created != NULL ? strchr(created + 1, '\t') : NULL, *until = strrchr(line, '\t');
    char when[WHEN_LEN], end[WHEN_LEN];
    if (rest == NULL || until <= rest)
        return;
    *created++ = *rest++ = *until++ = '\0';
    display_line(stdout, "%s\t%s\t%s\t%s", line, when_of(when, created), rest, when_of(end, until));
}

static int list(struct task *t)
{
    if (admin_client_ask(t->admin_client, "list", t->why) != 0)
        return complain(t->why);
    for (;;) {
        if (admin_client_hear(t->admin_client, t->line, sizeof t->line, t->why) != 0)
            return complain(t->why);
        if (strcmp(t->line, "ok") == 0)
            return DONE;
        if (begins(t->line, "error "))
            return complain(t->line + strlen("error "));
        if (strcmp(t->line, "more") != 0)
            print_account(t->line);
        else if (admin_client_ask(t->admin_client, "next", t->why) != 0)
            return complain(t->why);
    }
}

static int change(struct task *t, const char *verb, const char *told)
{
    char request[ADMIN_LINE_MAX];
    const char *name = t->asked->words[1];
    if (!name_valid(name, strlen(name))) {
        display_line(stderr, "glasschatd: '%.60s' is no account's name; `glasschatd account list` shows all", name);
        return FAILED;
    }
    snprintf(request, sizeof request, "%s %s", verb, name);
    int status = ask(t, request);
    if (status != DONE)
        return status;
    display_line(stdout, "%s %s", name, told);
    return DONE;
}

static int lock(struct task *t)
{
    return change(t, "lock", "is locked: nobody can log in as it");
}

static int unlock(struct task *t)
{
    return change(t, "unlock", "is unlocked");
}

static int remove_account(struct task *t)
{
    return change(t, "remove", "is removed, and its name is never given out again");
}

static int reset(struct task *t)
{
    char why[WHY_LEN], text[VERIFIER_TEXT_MAX], request[ADMIN_LINE_MAX];
    const char *name = t->asked->words[1];
    struct account_import r;
    struct password_prompt p;
    if (password_prompt_get(&p, t->asked->password_file, why) != 0)
        return complain(why);
    int failed = account_import_one(&r, name, "nobody@example.org", p.bytes, p.len, why);
    password_prompt_wipe(&p);
    if (failed)
        return complain(why);
    failed = account_import_hash(&r, t->asked->iterations, NULL, why);
    verifier_encode(text, &r.entries[0].verifier);
    account_import_free(&r);
    if (failed)
        return complain(why);
    snprintf(request, sizeof request, "reset %s %s", name, text);
    int status = ask(t, request);
    ct_wipe(request, sizeof request);
    if (status != DONE)
        return status;
    display_line(stdout, "%s has a new password%s", name,
                 strcmp(t->line, "ok totp") == 0 ? "; its second factor is ended: it can be enrolled again" : "");
    return DONE;
}

/* --- Which -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *verb, *usage;
    size_t words; /* how many, with the verb, where no --from is given */
    int (*run)(struct task *t);
} verbs[] = {
    {"add", "add --from FILE, or: account add NAME E-MAIL", 3, add},
    {"list", "list", 1, list},
    {"lock", "lock NAME", 2, lock},
    {"unlock", "unlock NAME", 2, unlock},
    {"reset", "reset NAME", 2, reset},
    {"remove", "remove NAME", 2, remove_account},
};

#define VERBS (sizeof verbs / sizeof *verbs)

int account_cli_main(const struct account_cli *asked)
{
    size_t i = 0;
    while (i < VERBS && (asked->words_len == 0 || strcmp(asked->words[0], verbs[i].verb) != 0))
        i++;
    if (i == VERBS)
        return wrong_usage("add|list|lock|unlock|reset|remove ...");
    bool may_read = verbs[i].run == add || verbs[i].run == reset;
    size_t words = asked->from != NULL ? 1 : verbs[i].words;
    if (asked->words_len != words || (asked->from != NULL && verbs[i].run != add) ||
        (asked->password_file != NULL && (!may_read || asked->from != NULL)))
        return wrong_usage(verbs[i].usage);
    log_set_level(LOG_WARN); /* the store's events are for the server's log; here only what went wrong is shown */
    struct task *t = calloc(1, sizeof *t);
    if (t == NULL)
        return complain("there is not enough memory");
    t->asked = asked;
    int status = FAILED;
    if (admin_client_open(&t->admin_client, asked->data, asked->max_accounts, verbs[i].run == add, t->why) != 0)
        complain(t->why);
    else {
        status = verbs[i].run(t);
        admin_client_close(t->admin_client);
    }
    ct_wipe(t, sizeof *t);
    free(t);
    return status;
}
