/* SPDX-License-Identifier: MIT */
/* In which order relays are sent and answered, how many there may be, and what is left of a call that has failed. */
#define _GNU_SOURCE /* memmem */
#include "app/peer/relays.h"

#include "net/frame.h"
#include "tests/aborts.h"
#include "tests/fill.h"
#include "tests/test.h"
#include "tests/watched_malloc.h"

static struct relays r;

static int begin(void **state)
{
    (void)state;
    relays_init(&r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    relays_free(&r);
    return 0;
}

/* The number of a call, from one digit. */
static const uint8_t *call(int n)
{
    static const uint8_t calls[][MESSAGE_CALL_LEN + 1] = {"call number  000", "call number  001", "call number  002",
                                                          "call number  003"};
    return calls[n];
}

/* A frame of two bytes, its type and something to know it by. */
static int add(const char *to, int n, enum frame_type type, int mark)
{
    uint8_t frame[2] = {(uint8_t)type, (uint8_t)mark};
    int failed = relays_add(&r, to, call(n), frame, sizeof frame);
    memset(frame, 0xff, sizeof frame); /* it is the caller's again */
    return failed;
}

static void add_record(const char *to, int n, int mark)
{
    assert_int_equal(add(to, n, FRAME_RECORD, mark), 0);
}

static void assert_message(const struct message *m, const char *to, int n, int mark)
{
    assert_int_equal(m->type, MESSAGE_RELAY);
    assert_string_equal(m->relay.name, to);
    assert_memory_equal(m->relay.call, call(n), MESSAGE_CALL_LEN);
    assert_int_equal(m->relay.frame.len, 2);
    assert_int_equal(m->relay.frame.data[1], mark);
}

/* The next one is this, where that call is urgent; without a name none is. */
static void assert_next_urgent(const char *urgent, int urgent_n, const char *to, int n, int mark)
{
    struct message m;
    assert_true(relays_next(&r, urgent, urgent != NULL ? call(urgent_n) : NULL, &m));
    assert_message(&m, to, n, mark);
}

static void assert_next(const char *to, int n, int mark)
{
    assert_next_urgent(NULL, 0, to, n, mark);
}

static void assert_none_next(void)
{
    struct message m;
    assert_false(relays_next(&r, NULL, NULL, &m));
}

static void assert_answered(const char *to, int n, int mark)
{
    struct relay *relay = relays_answered(&r);
    assert_string_equal(relay->to, to);
    assert_memory_equal(relay->call, call(n), MESSAGE_CALL_LEN);
    assert_int_equal(relay->len, 2);
    assert_int_equal(relay->frame[1], mark);
    free(relay);
}

static void assert_lengths(size_t unsent, size_t unanswered)
{
    assert_int_equal(r.unsent_len, unsent);
    assert_int_equal(r.unanswered_len, unanswered);
}

/* --- Orders ------------------------------------------------------------------------------------------------------- */

static void test_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    assert_none_next();
    add_record("bob", 0, 1);
    add_record("carol", 1, 2);
    add_record("bob", 0, 3);
    assert_lengths(3, 0);
    assert_next("bob", 0, 1);
    assert_next("carol", 1, 2);
    assert_lengths(1, 2);
    assert_answered("bob", 0, 1);
    assert_next("bob", 0, 3);
    assert_none_next();
    add_record("carol", 2, 4);
    assert_answered("carol", 1, 2);
    assert_answered("bob", 0, 3);
    assert_lengths(1, 0);
    assert_next("carol", 2, 4);
    assert_answered("carol", 2, 4);
    assert_lengths(0, 0);
    assert_none_next();
}

/* Its name is not enough, nor is its number; and answers come in the order in which they were sent. */
static void test_an_urgent_call_goes_first(void **state)
{
    (void)state;
    add_record("bob", 0, 1);
    add_record("carol", 0, 2);
    add_record("bob", 1, 3);
    add_record("dave", 2, 4);
    add_record("bob", 1, 5);
    assert_next_urgent("bob", 1, "bob", 1, 3);
    assert_next_urgent("bob", 1, "bob", 1, 5); /* the last of the queue */
    add_record("carol", 0, 6);
    assert_next_urgent("bob", 1, "bob", 0, 1); /* it has none any more */
    assert_next_urgent("dave", 2, "dave", 2, 4);
    assert_next("carol", 0, 2);
    assert_next_urgent("carol", 0, "carol", 0, 6); /* the only one */
    add_record("bob", 0, 7);
    assert_next_urgent("carol", 0, "bob", 0, 7);
    assert_answered("bob", 1, 3);
    assert_answered("bob", 1, 5);
    assert_answered("bob", 0, 1);
    assert_answered("dave", 2, 4);
    assert_answered("carol", 0, 2);
    assert_answered("carol", 0, 6);
    assert_answered("bob", 0, 7);
    assert_lengths(0, 0);
}

static void test_an_empty_frame(void **state)
{
    struct message m;
    (void)state;
    assert_int_equal(relays_add(&r, "bob", call(0), NULL, 0), 0);
    assert_true(relays_next(&r, NULL, NULL, &m));
    assert_string_equal(m.relay.name, "bob");
    assert_int_equal(m.relay.frame.len, 0);
    struct relay *relay = relays_answered(&r);
    assert_int_equal(relay->len, 0);
    free(relay);
}

static void test_the_longest_name_and_frame(void **state)
{
    static uint8_t frame[MESSAGE_FRAME_MAX];
    char name[NAME_MAX_LEN + 1];
    struct message m, later;
    (void)state;
    memset(name, 'n', NAME_MAX_LEN);
    name[NAME_MAX_LEN] = '\0';
    fill(frame, sizeof frame, 1);
    assert_int_equal(relays_add(&r, name, call(3), frame, sizeof frame), 0);
    add_record("bob", 0, 1);
    assert_true(relays_next(&r, NULL, NULL, &m) && relays_next(&r, NULL, NULL, &later));
    relays_drop(&r, name, call(3));
    assert_string_equal(m.relay.name, name);
    assert_int_equal(m.relay.frame.len, sizeof frame);
    assert_memory_equal(m.relay.frame.data, frame, sizeof frame); /* until it is answered */
}

/* --- Bounds ------------------------------------------------------------------------------------------------------- */

static void test_no_more_than_so_many_are_unanswered(void **state)
{
    struct message m;
    (void)state;
    for (int i = 0; i < RELAYS_UNANSWERED_MAX + 2; i++)
        add_record("bob", 0, i);
    for (int i = 0; i < RELAYS_UNANSWERED_MAX; i++)
        assert_next("bob", 0, i);
    assert_none_next();
    assert_false(relays_next(&r, "bob", call(0), &m)); /* however urgent it is */
    assert_lengths(2, RELAYS_UNANSWERED_MAX);
    assert_answered("bob", 0, 0);
    assert_next("bob", 0, RELAYS_UNANSWERED_MAX);
    assert_none_next();
    assert_answered("bob", 0, 1);
    assert_lengths(1, RELAYS_UNANSWERED_MAX - 1);
}

static void test_no_more_than_so_many_wait(void **state)
{
    (void)state;
    for (int i = 0; i < RELAYS_UNSENT_MAX; i++)
        add_record(i % 2 ? "bob" : "carol", 0, i % 256);
    assert_int_equal(add("bob", 0, FRAME_RECORD, 7), -1);
    assert_int_equal(relays_add(&r, "dave", call(1), NULL, 0), -1);
    assert_lengths(RELAYS_UNSENT_MAX, 0);
    assert_next("carol", 0, 0); /* which makes room for one */
    add_record("dave", 1, 8);
    assert_int_equal(add("bob", 0, FRAME_RECORD, 9), -1);
    relays_drop(&r, "bob", call(0)); /* and this, for half of them */
    assert_lengths(RELAYS_UNSENT_MAX / 2, 1);
    for (int i = 0; i < RELAYS_UNSENT_MAX / 2; i++)
        add_record("bob", 0, i % 256);
    assert_int_equal(add("bob", 0, FRAME_RECORD, 10), -1);
    assert_next_urgent("dave", 1, "dave", 1, 8);
    assert_next_urgent("bob", 0, "bob", 0, 0);
}

static void test_without_memory(void **state)
{
    struct message m;
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    add_record("bob", 0, 1);
    memory.left = 0;
    int failed = add("bob", 0, FRAME_RECORD, 2);
    memory.left = 0;
    bool next = relays_next(&r, NULL, NULL, &m); /* needs none */
    memory.left = -1;
    assert_int_equal(failed, -1);
    assert_true(next);
    assert_message(&m, "bob", 0, 1);
    assert_lengths(0, 1);
    add_record("bob", 0, 3);
    assert_next("bob", 0, 3);
    assert_answered("bob", 0, 1);
    assert_answered("bob", 0, 3);
}

/* --- A call that has failed --------------------------------------------------------------------------------------- */

static void test_of_a_call_that_has_failed_an_alert_is_left(void **state)
{
    (void)state;
    add_record("bob", 0, 1);
    add_record("bob", 1, 2);
    add_record("bob", 0, 3);
    add_record("carol", 0, 4);
    assert_int_equal(add("bob", 0, FRAME_ALERT, 5), 0);
    assert_int_equal(relays_add(&r, "bob", call(0), NULL, 0), 0);
    add_record("bob", 0, 6);
    relays_drop(&r, "dave", call(0)); /* has none */
    relays_drop(&r, "bob", call(2));
    assert_lengths(7, 0);
    relays_drop(&r, "bob", call(0));
    assert_lengths(3, 0);
    add_record("bob", 0, 7); /* of the next call of that number */
    assert_next("bob", 1, 2);
    assert_next("carol", 0, 4);
    assert_next("bob", 0, 5);
    assert_next("bob", 0, 7);
    assert_none_next();
}

static void test_all_that_wait_are_dropped(void **state)
{
    (void)state;
    add_record("bob", 0, 1);
    add_record("bob", 0, 2);
    relays_drop(&r, "bob", call(0));
    assert_lengths(0, 0);
    assert_none_next();
    relays_drop(&r, "bob", call(0));
    add_record("carol", 1, 3);
    assert_next("carol", 1, 3);
}

/* Or each later answer would be taken for that of another relay. */
static void test_what_was_sent_is_answered_whatever_became_of_its_call(void **state)
{
    (void)state;
    add_record("bob", 0, 1);
    add_record("carol", 1, 2);
    add_record("bob", 0, 3);
    add_record("bob", 0, 4);
    for (int i = 0; i < 3; i++)
        assert_next(i == 1 ? "carol" : "bob", i == 1, i + 1);
    relays_drop(&r, "bob", call(0));
    assert_lengths(0, 3);
    add_record("carol", 1, 5);
    assert_next("carol", 1, 5);
    assert_answered("bob", 0, 1);
    assert_answered("carol", 1, 2);
    assert_answered("bob", 0, 3);
    assert_answered("carol", 1, 5);
    assert_lengths(0, 0);
}

/* --- Wrong use, and the end --------------------------------------------------------------------------------------- */

static void answer_one(void)
{
    free(relays_answered(&r));
}

static void test_an_answer_to_nothing_aborts(void **state)
{
    (void)state;
    assert_true(aborts(answer_one));
    add_record("bob", 0, 1);
    assert_true(aborts(answer_one)); /* it was not sent */
    assert_next("bob", 0, 1);
    assert_false(aborts(answer_one));
    answer_one();
    assert_true(aborts(answer_one));
}

static void test_all_is_freed_and_begins_anew(void **state)
{
    (void)state;
    size_t before = memory.live;
    relays_free(&r);
    for (int i = 0; i < 5; i++)
        add_record("bob", i % 2, i);
    assert_next("bob", 0, 0);
    assert_next("bob", 1, 1);
    relays_drop(&r, "bob", call(0));
    relays_free(&r);
    relays_free(&r); /* any number of times */
    assert_int_equal(memory.live, before);
    assert_lengths(0, 0);
    assert_none_next();
    add_record("carol", 2, 6);
    assert_next("carol", 2, 6);
    assert_answered("carol", 2, 6);
}

/* --- Against a model ---------------------------------------------------------------------------------------------- */

#define MODEL_MAX 64

/* The same as arrays, from which one is taken by moving up those behind it. */
static struct model {
    int name, call, mark;
    bool alert;
} waiting[MODEL_MAX], sent[RELAYS_UNANSWERED_MAX];
static size_t waiting_len, sent_len;

static const char *const names[] = {"bob", "carol"};

static bool model_is(const struct model *m, int name, int n)
{
    return m->name == name && m->call == n;
}

static void both_drop(int name, int n)
{
    size_t kept = 0;
    relays_drop(&r, names[name], call(n));
    for (size_t i = 0; i < waiting_len; i++)
        if (!model_is(&waiting[i], name, n) || waiting[i].alert)
            waiting[kept++] = waiting[i];
    waiting_len = kept;
}

static void both_add(int name, int n, int mark, bool alert)
{
    if (waiting_len == MODEL_MAX)
        return;
    assert_int_equal(add(names[name], n, alert ? FRAME_ALERT : FRAME_RECORD, mark), 0);
    waiting[waiting_len++] = (struct model){name, n, mark, alert};
}

static void both_next(int name, int n, bool urgent)
{
    size_t at = 0;
    if (waiting_len == 0 || sent_len == RELAYS_UNANSWERED_MAX) {
        assert_none_next();
        return;
    }
    while (urgent && at < waiting_len && !model_is(&waiting[at], name, n))
        at++;
    at = at < waiting_len ? at : 0;
    const struct model m = sent[sent_len++] = waiting[at];
    memmove(&waiting[at], &waiting[at + 1], (--waiting_len - at) * sizeof *waiting);
    assert_next_urgent(urgent ? names[name] : NULL, n, names[m.name], m.call, m.mark);
}

static void both_answered(void)
{
    if (sent_len == 0)
        return;
    assert_answered(names[sent[0].name], sent[0].call, sent[0].mark);
    memmove(&sent[0], &sent[1], --sent_len * sizeof *sent);
}

static void test_anything_in_any_order(void **state)
{
    static uint8_t drawn[100000];
    (void)state;
    waiting_len = sent_len = 0;
    fill(drawn, sizeof drawn, 1);
    for (size_t i = 0; i + 2 <= sizeof drawn; i += 2) {
        int what = drawn[i] % 32, name = drawn[i + 1] % 2, n = drawn[i + 1] / 2 % 4;
        if (what < 14)
            both_add(name, n, drawn[i + 1], what == 0);
        else if (what < 22)
            both_next(name, n, what < 18);
        else if (what < 31)
            both_answered();
        else
            both_drop(name, n);
        assert_lengths(waiting_len, sent_len);
    }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_in_the_order_in_which_they_came),
        TEST(test_an_urgent_call_goes_first),
        TEST(test_an_empty_frame),
        TEST(test_the_longest_name_and_frame),
        TEST(test_no_more_than_so_many_are_unanswered),
        TEST(test_no_more_than_so_many_wait),
        TEST(test_without_memory),
        TEST(test_of_a_call_that_has_failed_an_alert_is_left),
        TEST(test_all_that_wait_are_dropped),
        TEST(test_what_was_sent_is_answered_whatever_became_of_its_call),
        TEST(test_an_answer_to_nothing_aborts),
        TEST(test_all_is_freed_and_begins_anew),
        TEST(test_anything_in_any_order),
    };
    return RUN(tests);
}
