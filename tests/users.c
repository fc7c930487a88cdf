/* SPDX-License-Identifier: MIT */
/* A user here is what a client does with its calls; the server is one queue, so that the order of all is known. */
#include "tests/users.h"

#include <stdarg.h>
#include <sys/stat.h>

#include "app/workbench/rng_fixed.h"
#include "tests/test.h"

bool users_inside;
uint64_t users_unix_time = KEYS_NOW;

#define INSIDE(calls) (users_inside = true, calls, users_inside = false)

static const uint8_t fast_groups[] = {DH_FFDHE2048};
static const uint8_t first_suite[] = {SUITE_AES128};

/* --- What a user is told ------------------------------------------------------------------------------------------ */

void user_note(struct user *u, const char *format, ...)
{
    va_list args;
    assert_true(u->log_len < USERS_LOG_MAX);
    va_start(args, format);
    vsnprintf(u->log[u->log_len++], USERS_LINE_LEN, format, args);
    va_end(args);
}

static void on_opened(void *arg, const struct call *call, bool first)
{
    user_note(arg, "opened %s%s", call->peer, first ? " (first)" : "");
}

static void on_text(void *arg, const struct call *call, const uint8_t *text, size_t len)
{
    user_note(arg, "text %s: %.*s", call->peer, (int)len, (const char *)text);
}

static void on_confirmed(void *arg, const struct call *call, const uint8_t *text, size_t len)
{
    user_note(arg, "confirmed %s: %.*s", call->peer, (int)len, (const char *)text);
}

static void on_unconfirmed(void *arg, const char *peer, const uint8_t *text, size_t len)
{
    user_note(arg, "unconfirmed %s: %.*s", peer, (int)len, (const char *)text);
}

static void on_unsaid(void *arg, const char *peer, const uint8_t *text, size_t len, const char *why)
{
    user_note(arg, "unsaid %s: %.*s (%s)", peer, (int)len, (const char *)text, why);
}

static void on_cut(void *arg, const char *peer, const char *why)
{
    user_note(arg, "cut %s (%s)", peer, why);
}

static void on_refused(void *arg, const char *line)
{
    user_note(arg, "refused (%s)", line);
}

static bool is_line(const char *line, const char *expected)
{
    size_t len = strlen(expected);
    if (expected[len - 1] == '(' || expected[len - 1] == ' ')
        return strncmp(line, expected, len) == 0;
    return strcmp(line, expected) == 0;
}

void user_expect(struct user *u, ...)
{
    const char *line;
    va_list lines;
    va_start(lines, u);
    while ((line = va_arg(lines, const char *)) != NULL) {
        const char *told = u->log_read < u->log_len ? u->log[u->log_read++] : "nothing more";
        if (!is_line(told, line))
            fail_msg("%s was told: %s\nand not: %s", u->name, told, line);
    }
    va_end(lines);
    if (u->log_read < u->log_len)
        fail_msg("%s was told as well: %s", u->name, u->log[u->log_read]);
}

size_t user_told(const struct user *u, const char *line)
{
    size_t n = 0;
    for (size_t i = 0; i < u->log_len; i++)
        n += is_line(u->log[i], line);
    return n;
}

size_t user_calls(const struct user *u, enum call_phase phase)
{
    size_t n = 0;
    for (const struct call *call = u->calls.list; call != NULL; call = call->next)
        n += call->phase == phase;
    return n;
}

/* --- Users -------------------------------------------------------------------------------------------------------- */

const struct identity *user_identity(const char *name, enum certificate_role role, const char *key)
{
    static struct identity made[64];
    static char names[64][NAME_MAX_LEN + 8];
    static size_t made_len;
    char wanted[NAME_MAX_LEN + 8];
    struct rng rng;
    struct certificate c = {.role = role, .not_before = KEYS_NOW - 1000, .not_after = KEYS_NOW + 1000};
    snprintf(c.name, sizeof c.name, "%s", name);
    snprintf(wanted, sizeof wanted, "%d%.3s%s", (int)role, key, name);
    for (size_t i = 0; i < made_len; i++)
        if (strcmp(names[i], wanted) == 0)
            return &made[i];
    assert_true(made_len < 64);
    struct identity *id = &made[made_len];
    memcpy(names[made_len++], wanted, sizeof wanted);
    rng_fixed_init(&rng, "certificate", 11);
    keys_private(&id->key, key);
    assert_int_equal(certificate_sign_self(&c, &id->key, &rng), NET_OK);
    id->certificate_len = certificate_encode(id->certificate, &c);
    return id;
}

static uint64_t unix_time(void)
{
    return users_unix_time;
}

static void start_calls(struct user *u)
{
    const struct calls_hooks hooks = {
        .arg = u,
        .opened = on_opened,
        .text = on_text,
        .confirmed = on_confirmed,
        .unconfirmed = on_unconfirmed,
        .unsaid = on_unsaid,
        .cut = on_cut,
        .refused = on_refused,
    };
    char why[WHY_LEN];
    assert_int_equal(peers_load(&u->peers, u->home, "chat.example:7447", why), 0);
    calls_init(&u->calls, &u->config, &hooks);
}

static void begin(struct users *t, struct user *u, const char *folder, const char *name, const char *key)
{
    u->all = t;
    u->name = name;
    u->here = true;
    u->identity = user_identity(name, CERTIFICATE_USER, key);
    snprintf(u->home, sizeof u->home, "%s/%s", folder, name);
    (void)mkdir(u->home, 0700);
    u->config = (struct calls_config){
        .me = name,
        .identity = u->identity,
        .peers = &u->peers,
        .suites = first_suite,
        .suites_len = sizeof first_suite,
        .groups = fast_groups,
        .groups_len = sizeof fast_groups,
        .unix_time = unix_time,
    };
    rng_init(&u->work_rng);
    start_calls(u);
}

void users_begin(struct users *t, const char *folder)
{
    memset(t, 0, sizeof *t);
    t->now = 1000;
    t->end = &t->first;
    users_unix_time = KEYS_NOW;
    begin(t, &t->alice, folder, "alice", "alice");
    begin(t, &t->bob, folder, "bob", "bob");
    begin(t, &t->carol, folder, "carol", "authority");
    t->each[0] = &t->alice;
    t->each[1] = &t->bob;
    t->each[2] = &t->carol;
}

static void end_work(struct user *u)
{
    if (u->at_work != NULL)
        INSIDE(calls_worked(&u->calls, u->at_work, u->all->now));
    u->at_work = NULL;
}

void user_restart(struct user *u)
{
    end_work(u);
    calls_free(&u->calls);
    peers_free(&u->peers);
    start_calls(u);
}

void users_end(struct users *t)
{
    struct users_frame *f;
    for (size_t i = 0; t->each[i] != NULL; i++) {
        end_work(t->each[i]);
        calls_free(&t->each[i]->calls);
        peers_free(&t->each[i]->peers);
        rng_wipe(&t->each[i]->work_rng);
    }
    while ((f = users_take(t)) != NULL)
        users_free_frame(f);
}

void user_say(struct user *u, const char *peer, const char *text)
{
    INSIDE(calls_say(&u->calls, u->all->now, peer, (const uint8_t *)text, strlen(text)));
}

/* --- Computing ---------------------------------------------------------------------------------------------------- */

bool user_work_begin(struct user *u)
{
    if (u->at_work != NULL || (u->at_work = calls_next_work(&u->calls)) == NULL)
        return false;
    call_work(u->at_work, &u->work_rng);
    return true;
}

bool user_work_end(struct user *u)
{
    struct call *call = u->at_work;
    u->at_work = NULL;
    if (call != NULL)
        INSIDE(calls_worked(&u->calls, call, u->all->now));
    return call != NULL;
}

/* --- The server --------------------------------------------------------------------------------------------------- */

static struct user *find(struct users *t, const char *name)
{
    for (size_t i = 0; t->each[i] != NULL; i++)
        if (strcmp(t->each[i]->name, name) == 0)
            return t->each[i];
    return NULL;
}

/* The bytes are another block of their very length, so that a sanitizer sees what is read behind them. */
static uint8_t *copy(const uint8_t *bytes, size_t len)
{
    uint8_t *copied = malloc(len);
    assert_true(copied != NULL || len == 0);
    if (len > 0)
        memcpy(copied, bytes, len);
    return copied;
}

static struct users_frame *queue(struct users *t, struct user *from, const char *to, const uint8_t *bytes, size_t len)
{
    struct users_frame *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->from = from;
    snprintf(f->to_name, sizeof f->to_name, "%s", to);
    f->len = len;
    f->frame = copy(bytes, len);
    *t->end = f;
    t->end = &f->next;
    t->relayed++;
    return f;
}

static void take_relay(struct users *t, struct user *from, const struct message *m)
{
    struct users_frame *f = queue(t, from, m->relay.name, m->relay.frame.data, m->relay.frame.len);
    f->to = find(t, m->relay.name);
    memcpy(f->call, m->relay.call, sizeof f->call);
}

void users_take_sealed(struct users *t, struct user *from, const char *room, const uint8_t *sealed, size_t len)
{
    queue(t, from, room, sealed, len)->sealed = true;
}

static void answer(struct users *t, struct user *u, const struct message *m)
{
    const struct user *to = find(t, m->relay.name);
    if (u->error != MESSAGE_E_NONE)
        INSIDE(calls_answered(&u->calls, t->now, u->error, "the server says no"));
    else if (to == NULL || !to->here)
        INSIDE(calls_answered(&u->calls, t->now, MESSAGE_E_NOT_HERE, "not here"));
    else
        INSIDE(calls_answered(&u->calls, t->now, MESSAGE_E_NONE, NULL));
}

bool user_go(struct user *u)
{
    struct users *t = u->all;
    struct message m;
    bool moved = false;
    if (t->go_on != NULL)
        t->go_on(u);
    while (calls_next_relay(&u->calls, &m)) {
        moved = true;
        take_relay(t, u, &m);
        if (!u->unanswered)
            answer(t, u, &m);
    }
    if (!u->slow && user_work_begin(u))
        moved = user_work_end(u);
    return moved;
}

void user_relayed(struct user *u, const char *from, const uint8_t *call, const uint8_t *frame, size_t len)
{
    uint8_t *bytes = copy(frame, len);
    struct message m = {.type = MESSAGE_RELAYED};
    snprintf(m.relayed.name, sizeof m.relayed.name, "%s", from);
    memcpy(m.relayed.call, call, sizeof m.relayed.call);
    m.relayed.frame = (struct message_bytes){bytes, len};
    INSIDE(calls_relayed(&u->calls, u->all->now, &m));
    free(bytes);
}

void users_relay(struct users *t, const struct users_frame *f)
{
    if (f->sealed && t->broadcast != NULL)
        t->broadcast(t, f);
    else if (f->to != NULL && f->to->here)
        user_relayed(f->to, f->from->name, f->call, f->frame, f->len);
}

struct users_frame *users_take(struct users *t)
{
    struct users_frame *f = t->first;
    if (f == NULL)
        return NULL;
    t->first = f->next;
    if (t->first == NULL)
        t->end = &t->first;
    return f;
}

void users_free_frame(struct users_frame *f)
{
    free(f->frame);
    free(f);
}

bool users_turn(struct users *t)
{
    bool moved = false;
    for (size_t i = 0; t->each[i] != NULL; i++)
        moved = user_go(t->each[i]) || moved;
    struct users_frame *f = users_take(t);
    if (f == NULL)
        return moved;
    if (t->meddle == NULL || t->meddle(t, f))
        users_relay(t, f);
    users_free_frame(f);
    return true;
}

void users_run(struct users *t)
{
    while (users_turn(t))
        continue;
}

void users_talk(struct users *t)
{
    user_say(&t->alice, "bob", "hello");
    users_run(t);
    user_say(&t->bob, "alice", "hello");
    users_run(t);
    t->alice.log_read = t->alice.log_len;
    t->bob.log_read = t->bob.log_len;
}

const struct call *user_open_call(const struct user *u, const char *peer)
{
    const struct call *call = u->calls.list;
    while (call != NULL && (call->phase != CALL_IS_OPEN || strcmp(call->peer, peer) != 0))
        call = call->next;
    return call;
}

void users_wait(struct users *t, int64_t ms)
{
    t->now += ms;
    for (size_t i = 0; t->each[i] != NULL; i++)
        INSIDE(calls_tick(&t->each[i]->calls, t->now));
    users_run(t);
}
