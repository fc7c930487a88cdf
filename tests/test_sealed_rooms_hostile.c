/* SPDX-License-Identifier: MIT */
/* Three in a sealed room whose founder changes its list, and a server that drops, keeps, repeats and reorders what it
 * relays and passes on, and lies about who is there. Whatever it does: a line is shown to nobody who is not on the list
 * that it was sealed to, to nobody twice, and in the order in which its sender said it; no list goes back; nobody sees
 * two histories of an honest founder; and when it stops, all who are on the list talk with each other again. */
#include "app/peer/sealed_rooms.h"

#include "tests/fill.h"
#include "tests/home_disk.h"
#include "tests/members.h"
#include "tests/test.h"

#define MEMBERS 3
#define SAID_MAX 600
#define OLD_MAX 64

static struct members t;
static char why[WHY_LEN];

/* --- Drawing ------------------------------------------------------------------------------------------------------ */

static uint32_t drawn_seed, drawn_n;

static size_t draw(size_t bound)
{
    uint32_t x;
    fill(&x, sizeof x, drawn_seed * 7919 + drawn_n++);
    return x % bound;
}

/* --- What must hold ----------------------------------------------------------------------------------------------- */

/* A line as it went to the server: by whom, and on whose list. */
static struct said {
    struct member *by;
    bool on_list[MEMBERS];
    bool shown[MEMBERS];
} said[SAID_MAX];
static size_t typed_len;
static size_t looked_at[MEMBERS];
static long newest[MEMBERS][MEMBERS]; /* of each sender, the last line shown to each */
static uint32_t n_of[MEMBERS];
static size_t shown_len;

static struct sealed_room *room_of(const struct member *m)
{
    return sealed_rooms_find(&m->rooms, MEMBERS_ROOM);
}

static void note_said(struct member *m, long n)
{
    const struct sealed_room *r = room_of(m);
    assert_true(n >= 0 && n < SAID_MAX && r != NULL && said[n].by == m);
    for (size_t i = 0; i < MEMBERS; i++)
        said[n].on_list[i] = room_list_find(&r->list, t.each[i]->user->name) != NULL;
}

/* Of one sender's lines the server can hold back the last ones of a key, and pass them on once the next key is in use:
 * they are marked. */
static bool is_marked(const char *line)
{
    const char *marks = strstr(line, " (marks ");
    return marks != NULL &&
           (strtol(marks + strlen(" (marks "), NULL, 10) & (SEALED_MARK_MISSING | SEALED_MARK_ANEW)) != 0;
}

static void check_line(size_t to, size_t from, long n, bool marked)
{
    assert_true(n >= 0 && n < SAID_MAX && said[n].by == t.each[from]);
    if (said[n].shown[to])
        fail_msg("seed %u: %ld was shown to %s twice", drawn_seed, n, t.each[to]->user->name);
    if (!said[n].on_list[to])
        fail_msg("seed %u: %ld was shown to %s", drawn_seed, n, t.each[to]->user->name);
    if (n <= newest[to][from] && !marked)
        fail_msg("seed %u: %ld was shown to %s after %ld", drawn_seed, n, t.each[to]->user->name, newest[to][from]);
    said[n].shown[to] = true;
    if (n > newest[to][from])
        newest[to][from] = n;
    shown_len++;
}

/* What this member was told since the last time. */
static void look(size_t to)
{
    const struct user *u = t.each[to]->user;
    for (; looked_at[to] < u->log_len; looked_at[to]++) {
        const char *line = u->log[looked_at[to]], *rest = line + strlen("line " MEMBERS_ROOM " ");
        for (size_t from = 0; from < MEMBERS; from++) {
            const char *name = t.each[from]->user->name;
            if (strncmp(line, "line ", 5) == 0 && strncmp(rest, name, strlen(name)) == 0)
                check_line(to, from, strtol(rest + strlen(name) + 2, NULL, 10), is_marked(line));
        }
        if (strncmp(line, "said ", 5) == 0)
            note_said(t.each[to], strtol(line + strlen("said " MEMBERS_ROOM ": "), NULL, 10));
        assert_true(strncmp(line, "stopped ", 8) != 0 && strncmp(line, "complain ", 9) != 0);
    }
}

/* Said is looked at before lines, as it is in one's own log. */
static void check(void)
{
    for (size_t i = 0; i < MEMBERS; i++)
        look(i);
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct sealed_room *r = room_of(t.each[i]);
        if (r == NULL || !r->kept)
            continue;
        assert_true(r->list.n >= n_of[i]);
        n_of[i] = r->list.n;
    }
}

/* --- The server --------------------------------------------------------------------------------------------------- */

static struct users_frame old[OLD_MAX];
static size_t old_len;

static void keep(const struct users_frame *f)
{
    struct users_frame *o = &old[old_len < OLD_MAX ? old_len++ : draw(OLD_MAX)];
    free(o->frame);
    *o = *f;
    o->frame = malloc(f->len + 1);
    assert_non_null(o->frame);
    memcpy(o->frame, f->frame, f->len);
}

static void forget_old(void)
{
    while (old_len > 0)
        free(old[--old_len].frame);
    memset(old, 0, sizeof old);
}

/* To some of them alone. */
static void pass_to_some(const struct users_frame *f)
{
    for (size_t i = 0; i < MEMBERS; i++)
        t.each[i]->deaf = draw(2) == 0;
    users_relay(&t.users, f);
    for (size_t i = 0; i < MEMBERS; i++)
        t.each[i]->deaf = false;
}

/* As another's: the server stamps what it likes. */
static void stamp_another(struct users_frame *f)
{
    if (f->sealed)
        f->from = t.each[draw(MEMBERS)]->user;
    users_relay(&t.users, f);
}

static bool meddle(struct users *u, struct users_frame *f)
{
    size_t what = draw(24);
    check();
    keep(f);
    if (what == 0)
        return false;
    if (what == 1)
        users_relay(u, f);
    if (what == 2)
        users_relay(u, &old[draw(old_len)]);
    if (what == 3 && f->len > 0)
        f->frame[draw(f->len)] ^= (uint8_t)(1U << draw(8));
    if (what == 4) {
        pass_to_some(f);
        return false;
    }
    if (what == 5 && f->sealed) {
        stamp_another(f);
        return false;
    }
    return true;
}

/* --- What happens ------------------------------------------------------------------------------------------------- */

static void say(struct member *m)
{
    char text[20];
    const struct sealed_room *r = room_of(m);
    if (r == NULL || typed_len >= SAID_MAX)
        return;
    said[typed_len] = (struct said){.by = m};
    snprintf(text, sizeof text, "%zu", typed_len++);
    member_say(m, text);
}

static void change(void)
{
    struct member *m = t.each[1 + draw(MEMBERS - 1)];
    if (draw(2) == 0)
        (void)!sealed_rooms_remove(&t.alice.rooms, t.users.now, room_of(&t.alice), m->user->name, why);
    else
        (void)!sealed_rooms_invite(&t.alice.rooms, t.users.now, room_of(&t.alice), m->user->name, why);
}

/* As a client does: whoever has accepted enters, whoever is out goes. */
static void come_and_go(struct member *m)
{
    struct sealed_room *r = room_of(m);
    if (r != NULL && r->state == SEALED_ROOM_ASKED)
        member_accept(m);
    else if (r != NULL && r->state == SEALED_ROOM_IN && !m->in)
        member_enter(m);
    else if (m->in && draw(6) == 0)
        member_exit(m);
}

static void lie(struct member *m)
{
    sealed_rooms_here(&m->rooms, MEMBERS_ROOM, t.each[draw(MEMBERS)]->user->name, draw(2) == 0, draw(2) == 0);
}

static void happen(struct member *m)
{
    size_t what = draw(40);
    if (what < 14)
        say(m);
    else if (what < 18)
        change();
    else if (what < 26)
        come_and_go(m);
    else if (what < 28)
        member_restart(m);
    else if (what == 28 && room_of(m) != NULL && m != &t.alice)
        (void)!sealed_rooms_leave(&m->rooms, room_of(m), why);
    else if (what == 29)
        lie(m);
    else if (what < 33)
        m->user->slow = !m->user->slow;
    else
        members_wait(&t, (int64_t)draw(what < 39 ? 3000 : 40000));
    if (!m->user->slow)
        (void)user_work_end(m->user);
    for (size_t turns = draw(30); turns > 0 && users_turn(&t.users); turns--)
        continue;
    check();
}

/* --- And when it stops -------------------------------------------------------------------------------------------- */

static bool look_on(struct users *u, struct users_frame *f)
{
    (void)u;
    (void)f;
    check();
    return true;
}

static void stop(void)
{
    t.users.meddle = look_on;
    for (size_t i = 0; i < MEMBERS; i++) {
        t.each[i]->user->slow = false;
        (void)user_work_end(t.each[i]->user);
        t.each[i]->full = false;
    }
    for (int i = 0; i < 4; i++)
        members_wait(&t, CALL_OPEN_MS);
    check();
}

static bool is_member(const struct member *m)
{
    const struct sealed_room *r = room_of(m);
    return r != NULL && r->state == SEALED_ROOM_IN && room_list_same(&r->list, &room_of(&t.alice)->list) &&
           room_list_find(&r->list, m->user->name) != NULL;
}

/* bob and carol are members, whatever they were; one whose removal was withheld until the next list believes to be
 * one. */
static void come_together(void)
{
    for (size_t i = 1; i < MEMBERS; i++) {
        struct member *m = t.each[i];
        for (int tries = 0; tries < 4 && !is_member(m); tries++) {
            member_invite(&t.alice, m->user->name);
            members_wait(&t, CALLS_EMPTY_MS);
            members_wait(&t, SEALED_ROOMS_INVITE_MS);
            if (room_of(m) != NULL && room_of(m)->state == SEALED_ROOM_ASKED)
                member_accept(m);
        }
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if (!t.each[i]->in)
            member_enter(t.each[i]);
    for (int i = 0; i < 2; i++)
        members_wait(&t, SEALED_ROOMS_CALL_MS);
    check();
}

/* What is said in a call that only one side has left is lost; what is said after it is heard. */
static void expect_all_is_well(void)
{
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < MEMBERS; i++) {
            say(t.each[i]);
            members_wait(&t, SEALED_ROOMS_LINE_MS);
            members_wait(&t, SEALED_ROOMS_CALL_MS);
        }
        check();
    }
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_true(is_member(t.each[i]));
        for (size_t n = typed_len - MEMBERS; n < typed_len; n++)
            if (said[n].by != t.each[i] && !said[n].shown[i])
                fail_msg("seed %u: %s does not hear %s", drawn_seed, t.each[i]->user->name, said[n].by->user->name);
    }
}

static void forget(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        t.each[i]->user->log_len = t.each[i]->user->log_read = looked_at[i] = 0;
        for (size_t j = 0; j < MEMBERS; j++)
            newest[i][j] = -1;
    }
    typed_len = 0;
}

static void play(uint32_t seed, size_t actions)
{
    drawn_seed = seed;
    drawn_n = 0;
    forget();
    t.users.meddle = meddle;
    for (size_t i = 0; i < actions; i++)
        happen(t.each[draw(MEMBERS)]);
    stop();
    come_together();
    expect_all_is_well();
    forget_old();
}

static uint32_t schedules(void)
{
    const char *n = getenv("SCHEDULES"); /* for whoever wants more of them */
    return n != NULL ? (uint32_t)strtoul(n, NULL, 10) : 12;
}

static void test_drawn_schedules(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= schedules(); seed++)
        play(seed, 100);
    assert_true(shown_len > 10 * schedules()); /* or nothing was tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MEMBERS_TEST_MET(test_drawn_schedules, &t),
    };
    disk.is_memory = true;
    return RUN(tests);
}
