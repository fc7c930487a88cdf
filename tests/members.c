/* SPDX-License-Identifier: MIT */
/* The server's room is one flag for each member; what is sealed goes to all who are in it, in the order of the server's
 * one queue. */
#include "tests/members.h"

#include "tests/scratch.h"
#include "tests/test.h"

/* --- What a member is told ---------------------------------------------------------------------------------------- */

static struct user *user_of(void *arg)
{
    return ((struct member *)arg)->user;
}

static void on_asked(void *arg, const struct sealed_room *r)
{
    user_note(user_of(arg), "asked %s by %s", r->list.name, r->founder);
}

static void on_name_taken(void *arg, const char *room, const char *founder)
{
    user_note(user_of(arg), "name taken %s by %s", room, founder);
}

static void on_listed(void *arg, const struct sealed_room *r)
{
    char names[USERS_LINE_LEN - 40] = "";
    for (size_t i = 0; i < r->list.count; i++) {
        size_t len = strlen(names);
        snprintf(names + len, sizeof names - len, " %s", r->list.members[i].name);
    }
    user_note(user_of(arg), "listed %s %u:%s", r->list.name, r->list.n, names);
}

static void on_stopped(void *arg, const struct sealed_room *r)
{
    user_note(user_of(arg), "stopped %s", r->list.name);
}

static void on_line(void *arg, const struct sealed_room *r, const struct sealed_line *line)
{
    char marks[24] = "";
    if (line->marks != 0)
        snprintf(marks, sizeof marks, " (marks %u)", line->marks);
    user_note(user_of(arg), "line %s %s: %.*s%s", r->list.name, line->statement.sender,
              (int)(line->statement.text_len < 60 ? line->statement.text_len : 60), (const char *)line->statement.text,
              marks);
}

static void on_said(void *arg, const struct sealed_room *r, const struct sealed_statement *s)
{
    user_note(user_of(arg), "said %s: %.*s", r->list.name, (int)(s->text_len < 60 ? s->text_len : 60),
              (const char *)s->text);
}

static void on_unopened(void *arg, const struct sealed_room *r, const char *sender)
{
    user_note(user_of(arg), "unopened %s %s", r->list.name, sender);
}

static void on_unsaid(void *arg, const struct sealed_room *r, const uint8_t *text, size_t len, const char *why)
{
    user_note(user_of(arg), "unsaid %s: %.*s (%s)", r->list.name, (int)(len < 60 ? len : 60), (const char *)text, why);
}

static void on_left_out(void *arg, const struct sealed_room *r, const char *const *names, size_t n)
{
    char all[USERS_LINE_LEN - 60] = "";
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(all);
        snprintf(all + len, sizeof all - len, " %s", names[i]);
    }
    user_note(user_of(arg), "left out %s:%s", r->list.name, all);
}

static void on_uninvited(void *arg, const struct sealed_room *r, const char *peer, const char *why)
{
    user_note(user_of(arg), "uninvited %s %s (%s)", r->list.name, peer, why);
}

static void on_complain(void *arg, const char *why)
{
    user_note(user_of(arg), "complain (%s)", why);
}

/* --- The server --------------------------------------------------------------------------------------------------- */

static bool may_send(void *arg)
{
    return !((struct member *)arg)->full;
}

static bool send_sealed(void *arg, const char *room, const uint8_t *sealed, size_t len)
{
    struct member *m = arg;
    assert_true(len >= MESSAGE_SEALED_MIN && len <= MESSAGE_SEALED_MAX);
    if (m->in)
        users_take_sealed(&m->all->users, m->user, room, sealed, len);
    else
        m->not_sent++;
    return true;
}

/* struct members begins with its users. */
static struct members *members_of(struct users *u)
{
    return (struct members *)u;
}

static struct member *member_of(struct user *u)
{
    struct members *t = members_of(u->all);
    for (size_t i = 0; t->each[i] != NULL; i++)
        if (t->each[i]->user == u)
            return t->each[i];
    return NULL;
}

static void broadcast(struct users *u, const struct users_frame *f)
{
    struct members *t = members_of(u);
    uint8_t *bytes = malloc(f->len); /* of its very length, for the sanitizers */
    assert_non_null(bytes);
    memcpy(bytes, f->frame, f->len);
    for (size_t i = 0; t->each[i] != NULL; i++) {
        struct member *m = t->each[i];
        struct message out = {.type = MESSAGE_SEALED, .sealed = {.time = ++t->time, .sealed = {bytes, f->len}}};
        snprintf(out.sealed.room, sizeof out.sealed.room, "%s", f->to_name);
        snprintf(out.sealed.sender, sizeof out.sealed.sender, "%s", f->from->name);
        if (m->in && !m->deaf && m->user != f->from)
            sealed_rooms_sealed(&m->rooms, u->now, &out);
    }
    free(bytes);
}

static void go_on(struct user *u)
{
    sealed_rooms_go_on(&member_of(u)->rooms, u->all->now);
}

static void tell_presence(struct member *m, bool here)
{
    struct members *t = m->all;
    for (size_t i = 0; t->each[i] != NULL; i++)
        if (t->each[i] != m && t->each[i]->in)
            sealed_rooms_here(&t->each[i]->rooms, MEMBERS_ROOM, m->user->name, here, false);
}

void member_enter(struct member *m)
{
    struct members *t = m->all;
    m->in = true;
    sealed_rooms_entered(&m->rooms, MEMBERS_ROOM, true);
    for (size_t i = 0; t->each[i] != NULL; i++)
        if (t->each[i] != m && t->each[i]->in)
            sealed_rooms_here(&m->rooms, MEMBERS_ROOM, t->each[i]->user->name, true, true);
    tell_presence(m, true);
}

void member_exit(struct member *m)
{
    m->in = false;
    sealed_rooms_entered(&m->rooms, MEMBERS_ROOM, false);
    tell_presence(m, false);
}

/* --- What it keeps back ------------------------------------------------------------------------------------------- */

static bool withhold(struct users *u, struct users_frame *f)
{
    return f->sealed || f->to != members_of(u)->apart;
}

static bool cut_off(struct users *u, struct users_frame *f)
{
    return withhold(u, f) && (f->sealed || f->from != members_of(u)->apart);
}

void member_withhold(struct member *m)
{
    m->all->apart = m->user;
    m->all->users.meddle = withhold;
}

void member_cut_off(struct member *m)
{
    m->all->apart = m->user;
    m->all->users.meddle = cut_off;
}

static struct users_frame *stolen;

static bool steal(struct users *u, struct users_frame *f)
{
    (void)u;
    if (!f->sealed || stolen != NULL)
        return true;
    stolen = malloc(sizeof *stolen);
    assert_non_null(stolen);
    *stolen = *f;
    stolen->frame = malloc(f->len);
    assert_non_null(stolen->frame);
    memcpy(stolen->frame, f->frame, f->len);
    return false;
}

struct users_frame *member_steal(struct member *m, const char *text)
{
    stolen = NULL;
    m->all->users.meddle = steal;
    member_say(m, text);
    members_run(m->all);
    m->all->users.meddle = NULL;
    assert_non_null(stolen);
    return stolen;
}

/* --- Members ------------------------------------------------------------------------------------------------------ */

static bool given(void *arg, const struct call *call, const uint8_t *payload, size_t len)
{
    return sealed_rooms_given(&member_of(arg)->rooms, call, payload, len);
}

static bool is_member(void *arg, const char *peer)
{
    return sealed_rooms_is_member(&member_of(arg)->rooms, peer);
}

static void taken(void *arg, const struct call *call)
{
    sealed_rooms_taken(&member_of(arg)->rooms, call);
}

static void unreached(void *arg, const char *peer, const char *why)
{
    sealed_rooms_unreached(&member_of(arg)->rooms, peer, why);
}

static void start(struct member *m)
{
    char why[WHY_LEN];
    struct user *u = m->user;
    const struct sealed_rooms_config config = {
        .me = u->name,
        .identity = u->identity,
        .peers = &u->peers,
        .file = {.home = u->home, .name = m->file},
    };
    const struct sealed_rooms_hooks hooks = {
        .arg = m,
        .asked = on_asked,
        .name_taken = on_name_taken,
        .listed = on_listed,
        .stopped = on_stopped,
        .line = on_line,
        .said = on_said,
        .unopened = on_unopened,
        .unsaid = on_unsaid,
        .left_out = on_left_out,
        .uninvited = on_uninvited,
        .complain = on_complain,
        .may_send = may_send,
        .send = send_sealed,
    };
    sealed_rooms_init(&m->rooms, &config, &hooks, &u->calls);
    u->calls.hooks.given = given;
    u->calls.hooks.taken = taken;
    u->calls.hooks.is_member = is_member;
    u->calls.hooks.unreached = unreached;
    if (sealed_rooms_load(&m->rooms, why) != 0)
        fail_msg("%s", why);
}

void member_restart(struct member *m)
{
    if (m->in)
        member_exit(m);
    sealed_rooms_free(&m->rooms);
    user_restart(m->user);
    start(m);
}

static bool pass_over(void *arg, const struct call *call, const uint8_t *payload, size_t len)
{
    (void)arg, (void)call, (void)payload, (void)len;
    return true;
}

void member_pass_over(struct member *m)
{
    m->user->calls.hooks.given = pass_over;
}

static void begin(struct members *t, struct member *m, struct user *u)
{
    *m = (struct member){.all = t, .user = u};
    snprintf(m->file, sizeof m->file, "%s@chat.example:7447", u->name);
    start(m);
}

static void begin_all(struct members *t, const char *folder)
{
    memset(t, 0, sizeof *t);
    users_begin(&t->users, folder);
    t->each[0] = &t->alice;
    t->each[1] = &t->bob;
    t->each[2] = &t->carol;
    begin(t, &t->alice, &t->users.alice);
    begin(t, &t->bob, &t->users.bob);
    begin(t, &t->carol, &t->users.carol);
    t->users.go_on = go_on;
    t->users.broadcast = broadcast;
}

static void end_all(struct members *t)
{
    for (size_t i = 0; t->each[i] != NULL; i++)
        sealed_rooms_free(&t->each[i]->rooms);
    t->users.go_on = NULL;
    for (size_t i = 0; t->each[i] != NULL; i++)
        t->each[i]->user->calls.hooks.given = NULL;
    users_end(&t->users);
}

struct sealed_room *member_room(struct member *m)
{
    struct sealed_room *r = sealed_rooms_find(&m->rooms, MEMBERS_ROOM);
    assert_non_null(r);
    return r;
}

struct sealed_other *member_other(struct member *m, const char *name)
{
    struct sealed_room *r = member_room(m);
    for (size_t i = 0; i < r->others_len; i++)
        if (strcmp(r->others[i].name, name) == 0)
            return &r->others[i];
    fail_msg("%s is not known", name);
    return NULL;
}

size_t members_count_rooms(const struct sealed_rooms *rs)
{
    size_t n = 0;
    for (const struct sealed_room *r = rs->list; r != NULL; r = r->next)
        n++;
    return n;
}

void member_found(struct member *m)
{
    char why[WHY_LEN];
    if (sealed_rooms_found(&m->rooms, MEMBERS_ROOM, why) != 0)
        fail_msg("%s", why);
    member_enter(m);
}

void member_invite(struct member *m, const char *peer)
{
    char why[WHY_LEN];
    if (sealed_rooms_invite(&m->rooms, m->all->users.now, member_room(m), peer, why) != 0)
        fail_msg("%s", why);
}

void member_remove(struct member *m, const char *peer)
{
    char why[WHY_LEN];
    if (sealed_rooms_remove(&m->rooms, m->all->users.now, member_room(m), peer, why) != 0)
        fail_msg("%s", why);
}

void member_accept(struct member *m)
{
    char why[WHY_LEN];
    if (sealed_rooms_accept(&m->rooms, member_room(m), why) != 0)
        fail_msg("%s", why);
    member_enter(m);
}

void member_sign(struct member *m, const char *peer, const uint8_t *fingerprint)
{
    static struct room_list l;
    struct sealed_room *r = member_room(m);
    assert_int_equal(sealed_room_next_list(&l, r, peer, fingerprint, m->user->identity, &m->rooms.rng), 0);
    sealed_room_take(r, &l, m->all->users.now);
}

void member_sign_another(struct member *m)
{
    member_sign(m, "nobody", NULL);
    members_run(m->all);
}

void member_say(struct member *m, const char *text)
{
    sealed_rooms_say(&m->rooms, m->all->users.now, member_room(m), (const uint8_t *)text, strlen(text));
}

/* --- All ---------------------------------------------------------------------------------------------------------- */

void members_run(struct members *t)
{
    users_run(&t->users);
    users_run(&t->users); /* what waited until all relays were with the server */
}

void members_wait(struct members *t, int64_t ms)
{
    users_wait(&t->users, ms);
    members_run(t);
}

void members_forget(struct members *t)
{
    for (size_t i = 0; t->each[i] != NULL; i++)
        t->each[i]->user->log_read = t->each[i]->user->log_len;
}

static void meet(struct members *t)
{
    member_found(&t->alice);
    member_invite(&t->alice, "bob");
    member_invite(&t->alice, "carol");
    members_run(t);
    member_accept(&t->bob);
    members_run(t);
    member_accept(&t->carol);
    members_run(t);
    members_forget(t);
}

/* --- As a test's set-up ------------------------------------------------------------------------------------------- */

static struct members *begun; /* of the test that runs; state is the folder's then */

int members_set_up(void **state)
{
    begun = *state;
    assert_int_equal(scratch_make(state), 0);
    begin_all(begun, scratch_path(state));
    return 0;
}

int members_set_up_met(void **state)
{
    assert_int_equal(members_set_up(state), 0);
    meet(begun);
    return 0;
}

int members_tear_down(void **state)
{
    end_all(begun);
    return scratch_remove(state);
}
