/* SPDX-License-Identifier: MIT */
/* Lines in a sealed room: to whom those are sealed that wait, and for whom they wait; what is opened of those that the
 * server holds back, repeats and changes; and what is kept of all of them. */
#include "app/peer/sealed_rooms.h"

#include "tests/members.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct members t;
static char why[WHY_LEN];

/* --- Lines that wait ---------------------------------------------------------------------------------------------- */

static void test_somebody_added_while_a_line_waits(void **state)
{
    (void)state;
    member_remove(&t.alice, "carol");
    members_run(&t);
    members_forget(&t);
    t.bob.full = true; /* his lines wait */
    member_say(&t.bob, "carol is a fool");
    members_run(&t);
    member_invite(&t.alice, "carol");
    members_run(&t);
    t.bob.full = false;
    members_run(&t);
    user_expect(USER(&t.bob), "listed +exam 4: alice bob carol", "unsaid +exam: carol is a fool (", NULL);
}

static void test_somebody_removed_while_a_line_waits(void **state)
{
    (void)state;
    t.bob.full = true;
    member_say(&t.bob, "to whoever is left");
    members_run(&t);
    member_remove(&t.alice, "carol");
    members_run(&t);
    t.bob.full = false;
    members_run(&t);
    assert_int_equal(user_told(USER(&t.alice), "line +exam bob: to whoever is left"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam bob: to whoever is left"), 0);
}

/* --- Who is there, and who is not --------------------------------------------------------------------------------- */

static void test_somebody_who_is_not_there(void **state)
{
    (void)state;
    member_restart(&t.carol); /* and is in no room */
    USER(&t.carol)->here = false;
    member_say(&t.alice, "one");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    member_say(&t.alice, "two");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 1);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: two"), 1);
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: carol"), 1);
    USER(&t.carol)->here = true;
    member_enter(&t.carol);
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.alice, "three");
    members_run(&t);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: three"), 1);
}

/* The server tells of somebody's coming later than they come. */
static void test_who_has_just_come_is_not_left_out(void **state)
{
    struct sealed_room *r = member_room(&t.alice);
    (void)state;
    for (size_t i = 0; i < r->others_len; i++)
        r->others[i].here = r->others[i].was_here = false;
    member_say(&t.alice, "one");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: "), 0);
    members_wait(&t, CALL_CONFIRM_MS);
    member_say(&t.alice, "two");
    members_run(&t);
    user_expect(USER(&t.alice), "said +exam: one", "left out +exam: bob carol", "said +exam: two", NULL);
}

static bool may_carol_read(void)
{
    const struct sealed_room *r = member_room(&t.alice);
    return sealed_rooms_may_read(&t.alice.rooms, r, room_list_find(&r->list, "carol"), t.users.now);
}

/* Her program is gone, or she is kept from acknowledging a key, and the server goes on saying that she is there. */
static void test_who_never_acknowledges(void **state)
{
    (void)state;
    member_cut_off(&t.carol);
    member_room(&t.alice)->mine.i = SENDER_KEY_MESSAGES; /* the next line has another key */
    member_say(&t.alice, "one");
    members_run(&t);
    members_wait(&t, CALL_CONFIRM_MS - 1);
    assert_true(may_carol_read());
    user_expect(USER(&t.alice), "said +exam: one", NULL);
    members_wait(&t, 1);
    assert_false(may_carol_read());
    user_expect(USER(&t.alice), "left out +exam: carol", NULL);
    members_wait(&t, CALL_CONFIRM_MS);
    assert_false(may_carol_read());
    t.users.meddle = NULL;
    member_say(&t.alice, "two");
    members_run(&t);
    members_wait(&t, 2 * CALL_CONFIRM_MS);
    member_say(&t.alice, "three");
    members_run(&t);
    members_wait(&t, 2 * CALL_CONFIRM_MS);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: three"), 1);
    assert_true(may_carol_read());
    assert_int_equal(user_told(USER(&t.alice), "left out +exam: "), 1);
}

/* Whoever is there and never answers keeps a line for its time, once; and the lines after it not at all. */
static void test_a_member_who_stalls(void **state)
{
    (void)state;
    member_restart(&t.alice);
    member_restart(&t.carol);
    USER(&t.carol)->slow = true;
    t.carol.in = true;
    member_enter(&t.alice); /* and calls both */
    members_run(&t);
    members_wait(&t, CALLS_EMPTY_MS);
    member_say(&t.alice, "one");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 0);
    members_wait(&t, SEALED_ROOMS_LINE_MS);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 1);
    member_say(&t.alice, "two");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: two"), 1);
    USER(&t.carol)->slow = false;
    (void)user_work_end(USER(&t.carol));
}

/* --- What is opened ----------------------------------------------------------------------------------------------- */

/* Bob believes a new key of alice's: what comes under the one before is not shown any more. */
static void test_a_key_that_is_not_believed_any_more(void **state)
{
    struct peers *p = &USER(&t.bob)->peers;
    (void)state;
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, "alice") == 0)
            p->list[i].fingerprint[0] ^= 1;
    member_say(&t.alice, "hello");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: hello"), 0);
    assert_int_equal(user_told(USER(&t.bob), "unopened +exam alice"), 1);
    assert_int_equal(user_told(USER(&t.carol), "line +exam alice: hello"), 1);
}

static void test_lines_withheld_and_out_of_order(void **state)
{
    (void)state;
    struct users_frame *stolen = member_steal(&t.alice, "one");
    member_say(&t.alice, "two");
    members_run(&t);
    users_relay(&t.users, stolen); /* later than it was said */
    users_relay(&t.users, stolen);
    user_expect(USER(&t.bob), "line +exam alice: two", "unopened +exam alice", NULL);
    member_say(&t.alice, "three");
    members_run(&t);
    user_expect(USER(&t.bob), "line +exam alice: three", NULL);
    users_free_frame(stolen);
}

/* It withholds alice's line from carol alone: bob's next one, which has seen it, is marked there. */
static void test_a_line_withheld_from_one(void **state)
{
    (void)state;
    member_say(&t.bob, "first");
    members_run(&t);
    t.carol.deaf = true;
    member_say(&t.alice, "carol is not to know");
    members_run(&t);
    t.carol.deaf = false;
    members_forget(&t);
    member_say(&t.bob, "she should");
    members_run(&t);
    user_expect(USER(&t.carol), "line +exam bob: she should (marks 8)", NULL);
    user_expect(USER(&t.alice), "line +exam bob: she should", NULL);
}

static void flip_each(const struct users_frame *f)
{
    uint8_t *bytes = malloc(f->len);
    assert_non_null(bytes);
    for (size_t i = 0; i < f->len; i++) {
        struct message m = {.type = MESSAGE_SEALED, .sealed = {.room = MEMBERS_ROOM, .sender = "alice"}};
        memcpy(bytes, f->frame, f->len);
        bytes[i] ^= (uint8_t)(1u << (i % 8));
        m.sealed.sealed = (struct message_bytes){bytes, f->len};
        sealed_rooms_sealed(&t.bob.rooms, t.users.now, &m);
    }
    free(bytes);
}

static void test_each_byte_of_a_message(void **state)
{
    (void)state;
    struct users_frame *stolen = member_steal(&t.alice, "hello");
    members_forget(&t);
    flip_each(stolen);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: hello"), 0);
    members_wait(&t, SEALED_ROOM_BEFORE_MS); /* what was held is given up */
    members_forget(&t);
    users_relay(&t.users, stolen);
    user_expect(USER(&t.bob), "line +exam alice: hello", NULL); /* nothing was lost by it */
    users_free_frame(stolen);
}

/* As the server passes it on to bob, between two turns. */
static void push_sealed(struct member *from, const char *text)
{
    static struct sealed_statement s;
    uint8_t out[SEALED_MAX];
    size_t len;
    assert_int_equal(sealed_room_seal(member_room(from), USER(from)->identity, (const uint8_t *)text, strlen(text),
                                      &from->rooms.rng, &s, out, &len),
                     0);
    struct message m = {.type = MESSAGE_SEALED, .sealed = {.time = ++t.time, .sealed = {out, len}}};
    snprintf(m.sealed.room, sizeof m.sealed.room, "%s", MEMBERS_ROOM);
    snprintf(m.sealed.sender, sizeof m.sealed.sender, "%s", USER(from)->name);
    sealed_rooms_sealed(&t.bob.rooms, t.users.now, &m);
}

/* Its key comes behind it, and in the same turn the next line. */
static void test_what_is_held_comes_first(void **state)
{
    (void)state;
    struct sealed_room *r = member_room(&t.alice);
    r->mine.i = SENDER_KEY_MESSAGES;
    sealed_room_draw_key(r, t.users.now, true, &t.alice.rooms.rng);
    uint8_t payload[SENDER_KEY_LEN];
    sender_key_encode(payload, &r->mine);
    push_sealed(&t.alice, "one");
    const struct call *call = calls_live(&USER(&t.bob)->calls, "alice");
    assert_non_null(call);
    assert_true(sealed_rooms_given(&t.bob.rooms, call, payload, sizeof payload));
    push_sealed(&t.alice, "two");
    sealed_rooms_go_on(&t.bob.rooms, t.users.now);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: one"), 1);
}

/* --- Receipts ----------------------------------------------------------------------------------------------------- */

static void test_what_was_said_is_saved(void **state)
{
    static struct transcript read;
    char path[400];
    size_t len;
    member_say(&t.alice, "one");
    members_run(&t);
    member_say(&t.bob, "two");
    members_run(&t);
    member_remove(&t.alice, "carol");
    members_run(&t);
    member_say(&t.alice, "three");
    members_run(&t);
    snprintf(path, sizeof path, "%s/receipts", scratch_path(state));
    assert_int_equal(sealed_rooms_save(member_room(&t.bob), path, why), 0);
    char *text = scratch_read(state, "receipts", &len);
    assert_int_equal(transcript_verify(&read, text, len, why), 0);
    assert_int_equal(read.count, 3);
    assert_int_equal(read.list_count, 2);
    assert_string_equal(transcript_at(&read, 0)->certificate->name, "alice");
    assert_string_equal(transcript_at(&read, 1)->certificate->name, "bob");
    transcript_free(&read);
    free(text);
    assert_int_equal(sealed_rooms_save(member_room(&t.bob), path, why), -1); /* is there already */
}

/* alice's room, bob's own, and alice's again. */
static void test_the_room_in_which_something_was_said_last(void **state)
{
    (void)state;
    struct sealed_room *alices = member_room(&t.bob);
    member_say(&t.alice, "one");
    members_run(&t);
    member_remove(&t.alice, "bob");
    members_run(&t);
    members_wait(&t, 1000);
    member_found(&t.bob);
    struct sealed_room *own = member_room(&t.bob);
    member_say(&t.bob, "two");
    members_run(&t);
    assert_int_equal(sealed_rooms_close(&t.bob.rooms, t.users.now, own, why), 0);
    members_run(&t);
    assert_ptr_equal(sealed_rooms_find_said(&t.bob.rooms, MEMBERS_ROOM), own);
    members_wait(&t, 1000);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    members_run(&t);
    member_say(&t.alice, "I owe bob ten");
    members_run(&t);
    assert_int_equal(user_told(USER(&t.bob), "line +exam alice: I owe bob ten"), 1);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, alices, why), 0);
    assert_true(alices->receipts.count > 0);
    assert_ptr_equal(sealed_rooms_find_said(&t.bob.rooms, MEMBERS_ROOM), alices);
}

#define MET(test) MEMBERS_TEST_MET(test, &t)

/* Of a room that is over: also when its founder asks about another of its name, and that is declined. */
static void test_receipts_of_an_older_room(void **state)
{
    (void)state;
    member_say(&t.alice, "I owe bob ten");
    members_run(&t);
    const struct sealed_room *first = member_room(&t.bob);
    assert_int_equal(sealed_rooms_close(&t.alice.rooms, t.users.now, member_room(&t.alice), why), 0);
    members_run(&t);
    assert_ptr_equal(sealed_rooms_find_said(&t.bob.rooms, MEMBERS_ROOM), first);
    member_found(&t.alice);
    member_invite(&t.alice, "bob");
    members_run(&t);
    struct sealed_room *second = member_room(&t.bob);
    assert_int_equal(second->state, SEALED_ROOM_ASKED);
    assert_ptr_equal(sealed_rooms_find_said(&t.bob.rooms, MEMBERS_ROOM), first);
    assert_int_equal(sealed_rooms_leave(&t.bob.rooms, second, why), 0);
    members_run(&t);
    assert_ptr_equal(sealed_rooms_find_said(&t.bob.rooms, MEMBERS_ROOM), first);
    member_invite(&t.alice, "bob");
    members_run(&t);
    member_accept(&t.bob);
    assert_ptr_equal(sealed_rooms_find_said(&t.bob.rooms, MEMBERS_ROOM), second);
    assert_null(sealed_rooms_find_said(&t.bob.rooms, "+other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MET(test_somebody_added_while_a_line_waits),
        MET(test_somebody_removed_while_a_line_waits),
        MET(test_somebody_who_is_not_there),
        MET(test_who_has_just_come_is_not_left_out),
        MET(test_who_never_acknowledges),
        MET(test_a_member_who_stalls),
        MET(test_a_key_that_is_not_believed_any_more),
        MET(test_lines_withheld_and_out_of_order),
        MET(test_a_line_withheld_from_one),
        MET(test_each_byte_of_a_message),
        MET(test_what_is_held_comes_first),
        MET(test_what_was_said_is_saved),
        MET(test_the_room_in_which_something_was_said_last),
        MET(test_receipts_of_an_older_room),
    };
    return RUN(tests);
}
