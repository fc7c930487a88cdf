/* SPDX-License-Identifier: MIT */
/* A server that drops, repeats, reorders and changes what it relays. Whatever it does: what is shown was said, once and
 * in its order; what is confirmed was shown; each text ends in one way, confirmed, not confirmed or not said; other
 * calls go on; and when it stops, so do the two whom it troubled. */
#include "app/peer/calls.h"

#include "crypto/bytes.h"
#include "tests/fill.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/users.h"

static struct users t;

/* --- What was said, and what must hold of it ---------------------------------------------------------------------- */

static struct said {
    struct user *by, *to;
    char text[16];
    bool forgotten; /* its speaker's program was ended: nobody is left to be told */
} said[400];
static size_t said_len;

static void say(struct user *by, struct user *to)
{
    assert_true(said_len < 400);
    struct said *s = &said[said_len];
    *s = (struct said){.by = by, .to = to};
    snprintf(s->text, sizeof s->text, "%zu", said_len++);
    user_say(by, to->name, s->text);
}

static size_t told(const struct user *u, const char *what, const struct user *other, const char *text)
{
    char line[USERS_LINE_LEN];
    snprintf(line, sizeof line, "%s %s: %s%s", what, other->name, text, strcmp(what, "unsaid") == 0 ? " (" : "");
    return user_told(u, line);
}

/* The number of the text in a line "text peer: number"; -1: it is another line. */
static long shown(const struct user *u, size_t i, const struct user *from)
{
    char head[40];
    int len = snprintf(head, sizeof head, "text %s: ", from->name);
    return strncmp(u->log[i], head, (size_t)len) == 0 ? strtol(u->log[i] + len, NULL, 10) : -1;
}

static void check_what_is_shown(const struct user *u, const struct user *from)
{
    long last = -1;
    for (size_t i = 0; i < u->log_len; i++) {
        long n = shown(u, i, from);
        if (n < 0)
            continue;
        assert_true((size_t)n < said_len && said[n].by == from && said[n].to == u);
        assert_true(n > last); /* so none is shown twice, either */
        last = n;
    }
}

static void check_how_each_ends(void)
{
    for (size_t i = 0; i < said_len; i++) {
        const struct said *s = &said[i];
        size_t confirmed = told(s->by, "confirmed", s->to, s->text);
        size_t unconfirmed = told(s->by, "unconfirmed", s->to, s->text);
        size_t unsaid = told(s->by, "unsaid", s->to, s->text);
        size_t is_shown = told(s->to, "text", s->by, s->text);
        if (!s->forgotten && confirmed + unconfirmed + unsaid != 1)
            fail_msg("%s was told %zu, %zu and %zu times of %s", s->by->name, confirmed, unconfirmed, unsaid, s->text);
        assert_true(confirmed + unconfirmed + unsaid <= 1);
        assert_true(confirmed <= is_shown);
        assert_true(unsaid + is_shown <= 1);
    }
}

static void check(void)
{
    check_what_is_shown(&t.alice, &t.bob);
    check_what_is_shown(&t.bob, &t.alice);
    check_how_each_ends();
    for (size_t i = 0; t.each[i] != NULL; i++)
        assert_false(calls_wait_for_texts(&t.each[i]->calls));
}

static void forget_what_was_said(void)
{
    for (size_t i = 0; t.each[i] != NULL; i++)
        t.each[i]->log_len = t.each[i]->log_read = 0;
    said_len = 0;
}

/* The server has stopped: what is said in a call that only one side has left is lost, and everything after it is
 * heard. */
static void expect_all_is_well(void)
{
    forget_what_was_said();
    say(&t.alice, &t.bob);
    say(&t.carol, &t.bob);
    users_run(&t);
    say(&t.bob, &t.alice);
    users_run(&t);
    users_wait(&t, CALL_CONFIRM_MS);
    check();
    forget_what_was_said();
    say(&t.alice, &t.bob);
    users_run(&t);
    say(&t.bob, &t.alice);
    say(&t.carol, &t.bob);
    users_run(&t);
    for (size_t i = 0; i < said_len; i++)
        assert_int_equal(told(said[i].by, "confirmed", said[i].to, said[i].text), 1);
    check();
}

static int begin(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    users_begin(&t, scratch_path(state));
    forget_what_was_said();
    say(&t.carol, &t.bob);
    users_run(&t);
    return 0;
}

static int end(void **state)
{
    users_end(&t);
    return scratch_remove(state);
}

/* --- One frame of a conversation ---------------------------------------------------------------------------------- */

enum trouble { DROP, TWICE, SWAP, FLIP, CUT, TROUBLES };

static enum trouble trouble;
static size_t which, place; /* frame of the conversation, counted from the first; and byte of it */
static size_t frames;
static struct users_frame *kept; /* SWAP: it comes behind the next one */

static void change(struct users_frame *f)
{
    size_t at = place % f->len;
    if (trouble == FLIP)
        f->frame[at] ^= (uint8_t)(1U << place % 8);
    else if (f->len > FRAME_HEADER_LEN) {
        f->len = FRAME_HEADER_LEN + place % (f->len - FRAME_HEADER_LEN);
        bytes_store_be16(f->frame + 2, (uint16_t)(f->len - FRAME_HEADER_LEN));
    }
}

static bool make_trouble(struct users *all, struct users_frame *f)
{
    struct users_frame *before = kept;
    if (frames++ != which || f->len == 0) {
        kept = NULL;
        users_relay(all, f);
        if (before != NULL) {
            users_relay(all, before);
            users_free_frame(before);
        }
        return false;
    }
    if (trouble == TWICE)
        users_relay(all, f);
    if (trouble == FLIP || trouble == CUT)
        change(f);
    if (trouble == SWAP) {
        kept = malloc(sizeof *kept);
        assert_non_null(kept);
        *kept = *f;
        kept->frame = malloc(f->len);
        assert_non_null(kept->frame);
        memcpy(kept->frame, f->frame, f->len);
    }
    return trouble != DROP && trouble != SWAP;
}

/* Calls are made, texts follow each other and cross, and both say good-bye. */
static void converse(void)
{
    say(&t.alice, &t.bob);
    users_run(&t);
    say(&t.bob, &t.alice);
    users_run(&t);
    say(&t.alice, &t.bob);
    say(&t.bob, &t.alice);
    users_run(&t);
    calls_leave(&t.alice.calls, t.now, "bob");
    users_run(&t);
    calls_leave(&t.bob.calls, t.now, "alice");
    users_run(&t);
}

static void converse_with_trouble(void)
{
    const struct call *carols = t.carol.calls.list;
    forget_what_was_said();
    frames = 0;
    t.meddle = make_trouble;
    converse();
    t.meddle = NULL;
    if (kept != NULL) {
        users_relay(&t, kept);
        users_free_frame(kept);
        kept = NULL;
    }
    for (int i = 0; i < 3; i++)
        users_wait(&t, CALL_OPEN_MS);
    check();
    assert_ptr_equal(t.carol.calls.list, carols);
    assert_int_equal(user_calls(&t.carol, CALL_IS_OPEN), 1);
    assert_int_equal(user_calls(&t.bob, CALL_IS_OPEN), 1);
    assert_int_equal(user_calls(&t.bob, CALL_HALF_OPEN), 0);
    assert_null(t.alice.calls.list);
}

static void test_a_conversation_with_trouble(void **state)
{
    (void)state;
    which = SIZE_MAX;
    converse_with_trouble();
    size_t all = frames;
    assert_in_range(all, 14, 30);
    for (which = 0; which < all; which++)
        for (trouble = 0; trouble < FLIP; trouble++)
            converse_with_trouble();
    expect_all_is_well();
}

/* Bytes all over the frames, another one in each. */
static void test_a_conversation_with_changed_frames(void **state)
{
    (void)state;
    for (which = 0; which < 20; which++)
        for (int i = 0; i < 3; i++) {
            place = which * 131 + (size_t)i * 67;
            trouble = i == 0 ? CUT : FLIP;
            converse_with_trouble();
        }
    expect_all_is_well();
}

/* --- Drawn schedules ---------------------------------------------------------------------------------------------- */

static uint32_t drawn_seed, drawn_n;

static size_t draw(size_t bound)
{
    uint32_t x;
    fill(&x, sizeof x, drawn_seed * 7919 + drawn_n++);
    return x % bound;
}

#define OLD_MAX 64

static struct users_frame old[OLD_MAX]; /* what was relayed, to be sent again */
static size_t old_len;

static void keep(const struct users_frame *f)
{
    struct users_frame *o = &old[old_len < OLD_MAX ? old_len++ : draw(OLD_MAX)];
    free(o->frame);
    *o = *f;
    o->frame = malloc(f->len + 1);
    assert_non_null(o->frame);
    if (f->len > 0)
        memcpy(o->frame, f->frame, f->len);
}

/* The server does something with the frame that is there, or with those that were. */
static void disturb(void)
{
    struct users_frame *f = users_take(&t);
    if (f == NULL)
        return;
    keep(f);
    switch (draw(6)) {
    case 0:
        break;
    case 1:
        users_relay(&t, f);
        users_relay(&t, f);
        break;
    case 2:
        users_relay(&t, &old[draw(old_len)]);
        users_relay(&t, f);
        break;
    case 3:
        if (f->len > 0)
            f->frame[draw(f->len)] ^= (uint8_t)(1U << draw(8));
        users_relay(&t, f);
        break;
    case 4:
        if (f->to != NULL)
            user_relayed(f->to, f->from->name, f->call, NULL, 0);
        users_relay(&t, f);
        break;
    default: /* to the end of the queue */
        f->next = NULL;
        *t.end = f;
        t.end = &f->next;
        return;
    }
    users_free_frame(f);
}

static void pass_on(void)
{
    struct users_frame *f = users_take(&t);
    if (f == NULL)
        return;
    keep(f);
    users_relay(&t, f);
    users_free_frame(f);
}

static void restart(struct user *u)
{
    user_restart(u);
    for (size_t i = 0; i < said_len; i++)
        said[i].forgotten = said[i].forgotten || said[i].by == u;
}

static void answer(struct user *u)
{
    static const enum message_error errors[] = {MESSAGE_E_NOT_HERE, MESSAGE_E_TRY_LATER};
    if (u->calls.relays.unanswered_len == 0)
        return;
    bool no = draw(25) == 0;
    calls_answered(&u->calls, t.now, no ? errors[draw(2)] : MESSAGE_E_NONE, no ? "no" : NULL);
}

static void happen(struct user *u, struct user *peer, bool hostile)
{
    size_t what = draw(hostile ? 40 : 34);
    if (what < 4)
        say(u, peer);
    else if (what < 14)
        pass_on();
    else if (what < 20)
        (void)user_work_begin(u);
    else if (what < 26)
        (void)user_work_end(u);
    else if (what < 32)
        answer(u);
    else if (what == 32)
        calls_leave(&u->calls, t.now, peer->name);
    else if (what == 33)
        users_wait(&t, (int64_t)draw(4000));
    else if (what < 38)
        disturb();
    else if (what == 38)
        restart(u);
    else
        calls_cut(&u->calls, t.now);
    (void)user_go(&t.alice);
    (void)user_go(&t.bob);
}

static void stop(struct user *u)
{
    u->slow = u->unanswered = false;
    while (user_work_end(u) || u->calls.relays.unanswered_len > 0)
        if (u->calls.relays.unanswered_len > 0)
            calls_answered(&u->calls, t.now, MESSAGE_E_NONE, NULL);
}

static void play(uint32_t seed, bool hostile)
{
    drawn_seed = seed;
    drawn_n = 0;
    forget_what_was_said();
    t.alice.slow = t.bob.slow = t.alice.unanswered = t.bob.unanswered = true;
    for (int i = 0; i < 250; i++) {
        bool alices = draw(2) == 0;
        happen(alices ? &t.alice : &t.bob, alices ? &t.bob : &t.alice, hostile);
    }
    stop(&t.alice);
    stop(&t.bob);
    users_run(&t);
    for (int i = 0; i < 3; i++)
        users_wait(&t, CALL_OPEN_MS);
    check();
    while (old_len > 0)
        free(old[--old_len].frame);
    memset(old, 0, sizeof old);
}

static uint32_t schedules(void)
{
    const char *n = getenv("SCHEDULES"); /* for whoever wants more of them */
    return n != NULL ? (uint32_t)strtoul(n, NULL, 10) : 12;
}

static void test_drawn_schedules(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < schedules(); seed++) {
        play(seed, true);
        expect_all_is_well();
    }
}

/* Without a hostile server, and nobody gone, nothing is lost but by good-byes and slowness. */
static void test_drawn_schedules_of_honest_servers(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < schedules(); seed++) {
        play(seed + 1000000, false);
        expect_all_is_well();
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_conversation_with_trouble),
        TEST(test_a_conversation_with_changed_frames),
        TEST(test_drawn_schedules),
        TEST(test_drawn_schedules_of_honest_servers),
    };
    return RUN(tests);
}
