/* SPDX-License-Identifier: MIT */
/* Transcripts that nobody saved: forged, put together of what was signed elsewhere, or by a member of ill will, and
 * larger than any can be. */
#include "app/peer/transcript.h"

#include <stdio.h>

#include "crypto/base64.h"
#include "tests/transcript_file.h"

/* --- Forged ------------------------------------------------------------------------------------------------------- */

static void test_another_key_says_nothing(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob carol");
    transcript_room_say(&r, "alice", "good morning");
    struct sealed_statement s = transcript_room_said(&r, "bob", "I owe carol a hundred");
    struct sealed_statement by_carol = s, altered = s, bit = s;
    transcript_room_sign(&r, &by_carol, "carol");
    transcript_room_keep(&r, &by_carol);
    assert_room_refused(9, "key did not sign it");
    transcript_free(&r.t);
    begin(state);
    transcript_room_list(&r, "alice bob carol");
    transcript_room_say(&r, "alice", "good morning");
    altered.text[0] = 'U';
    transcript_room_keep(&r, &altered);
    assert_room_refused(9, "key did not sign it");
    transcript_free(&r.t);
    begin(state);
    transcript_room_list(&r, "alice bob carol");
    transcript_room_say(&r, "alice", "good morning");
    bit.signature[100] ^= 1;
    transcript_room_keep(&r, &bit);
    assert_room_refused(9, "key did not sign it");
}

static void test_a_list_that_is_not_the_founders(void **state)
{
    (void)state;
    transcript_room_next_list(&r, "alice bob");
    assert_int_equal(room_list_sign(&r.list, &transcript_room_member(&r, "bob")->id.key, &r.rng), 0);
    assert_int_equal(transcript_add_list(&r.t, &r.list), 0);
    assert_room_refused(6, "founder");
}

static void test_a_founder_with_a_made_up_key(void **state)
{
    (void)state;
    static struct transcript t;
    talk();
    struct lines l = lines_of_room();
    static const size_t order[] = {1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}; /* bob's is the first */
    assert_int_equal(verify_lines(&l, order, LINES), 7);
    assert_int_equal(transcript_verify(&t, "", 0, why), -1);
    free(l.text);
}

static void test_a_certificate_that_its_key_did_not_sign(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", "hello");
    struct transcript_certificate *bobs = r.t.certificates[1];
    bobs->bytes[bobs->len - 1] ^= 1;
    assert_room_refused(5, "its own key signed it, and that key did not");
    memset(bobs->bytes + bobs->len - RSA_SIGNATURE_LEN - 32, 7, 32); /* an authority's, which nobody has here */
    assert_room_holds();
    bobs->bytes[1] = CERTIFICATE_SERVER;
    assert_room_refused(5, "no user's certificate");
    bobs->bytes[1] = 7;
    assert_room_refused(5, "no certificate");
}

/* --- What can't be kept, and stands in a file all the same -------------------------------------------------------- */

/* A line behind what is kept, fitting or not. */
static void keep_anyway(struct sealed_statement *s, const char *whose)
{
    uint8_t bytes[SEALED_STATEMENT_MAX];
    struct sealed_statement good = transcript_room_said(&r, whose, "good");
    transcript_room_keep(&r, &good);
    transcript_room_sign(&r, s, whose);
    struct transcript_line **place = &r.t.lines[r.t.count - 1], *made;
    size_t len = sealed_statement_encode(bytes, s);
    made = malloc(sizeof *made + len);
    assert_non_null(made);
    *made = **place;
    made->len = len;
    memcpy(made->bytes, bytes, len);
    memcpy(made->prev, s->prev, sizeof made->prev);
    memcpy(made->seen, s->seen, sizeof made->seen);
    free(*place);
    *place = made;
}

static void assert_line_refused(struct sealed_statement s, const char *whose, const char *because)
{
    keep_anyway(&s, whose);
    assert_room_refused(9, because);
    transcript_free(&r.t);
    begin(NULL);
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", "one");
}

/* Each is signed by its sender's own key: what a member of ill will may hand in. */
static void test_lines_that_no_member_kept(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", "one");
    struct sealed_statement good = transcript_room_member(&r, "bob")->next, s;
    good.text_len = 3;
    memcpy(good.text, "two", 3);
    s = good, s.i = SENDER_KEY_MESSAGES;
    assert_line_refused(s, "bob", "beyond what a sender key seals");
    s = good, s.i = 0;
    assert_line_refused(s, "bob", "does not come after the line above it");
    s = good, s.room[3] ^= 1;
    assert_line_refused(s, "bob", "said in another room");
    s = good, s.list[3] ^= 1;
    assert_line_refused(s, "bob", "a list that is not among those above");
    s = good, memcpy(s.list, r.t.lists[0]->hash, sizeof s.list);
    assert_line_refused(s, "bob", "its sender is not on the list");
    s = good, s.text[1] = 0x1b;
    assert_line_refused(s, "bob", "what no text may have");
    s = good, memcpy(s.text, "\xe2\x80\xae", 3);
    assert_line_refused(s, "bob", "what no text may have");
    s = good, s.text_len = 0;
    assert_line_refused(s, "bob", "what no text may have");
    s = good, memcpy(s.sender, "carol", 6);
    assert_line_refused(s, "bob", "its sender is not on the list");
}

/* Of alice, who is on both lists, there is one key of each. */
static void test_a_sender_key_of_another_list(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "alice", "one");
    struct sealed_statement s = transcript_room_member(&r, "alice")->next;
    memcpy(s.list, r.t.lists[0]->hash, sizeof s.list);
    s.text_len = 1, s.text[0] = '2';
    keep_anyway(&s, "alice");
    assert_room_refused(8, "was drawn for another list");
}

static void test_lists_out_of_order(void **state)
{
    (void)state;
    talk();
    struct transcript_list *first = r.t.lists[0];
    r.t.lists[0] = r.t.lists[1], r.t.lists[1] = first;
    assert_room_refused(8, "out of order");
    r.t.lists[1] = r.t.lists[0], r.t.lists[0] = first;
    struct transcript_certificate *bobs = r.t.certificates[1];
    r.t.certificates[1] = r.t.certificates[2], r.t.certificates[2] = bobs;
    assert_room_refused(6, "out of order");
    r.t.certificates[2] = r.t.certificates[1], r.t.certificates[1] = bobs;
    assert_room_holds();
}

static void test_what_no_line_needs(void **state)
{
    (void)state;
    talk();
    r.t.certificates[2]->lines = r.t.certificates[1]->lines = 0;
    r.is_unsigned = false;
    size_t count = r.t.count;
    r.t.count = 1; /* alice's alone */
    assert_room_refused(5, "nothing below was said with this certificate's key");
    r.t.count = count;
    r.t.certificates[2]->lines = 1, r.t.certificates[1]->lines = 3;
    transcript_room_next_list(&r, "alice bob");
    assert_int_equal(transcript_add_list(&r.t, &r.list), 0);
    transcript_room_next_list(&r, "alice");
    r.t.lists[3]->lines = 1; /* it would go */
    assert_int_equal(transcript_add_list(&r.t, &r.list), 0);
    assert_room_refused(10, "nothing below was said to this list");
}

static void test_other_numbers_at_the_end(void **state)
{
    (void)state;
    size_t len;
    talk();
    char *text = transcript_room_text(&r, &len);
    static const char *const ends[] = {"end 3 3 5\n", "end 3 3 7\n",  "end 2 3 6\n",   "end 3 4 6\n", "end 3 3 6 \n",
                                       "end 3 3\n",   "end 03 3 6\n", "end 3 3 6\n\n", "ende\n",      "end\n"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char *changed = malloc(len + 8);
        assert_non_null(changed);
        memcpy(changed, text, len - 10);
        memcpy(changed + len - 10, ends[i], strlen(ends[i]) + 1);
        assert_in_range(verify(changed, len - 10 + strlen(ends[i])), LINES, LINES + 1);
        free(changed);
    }
    free(text);
}

/* --- Put together ------------------------------------------------------------------------------------------------ */

static char *put(char *p, const char *words, const uint8_t *bytes, size_t len)
{
    p += sprintf(p, "%s", words);
    base64_encode(p, bytes, len);
    p += BASE64_LEN(len);
    *p++ = '\n';
    return p;
}

/* The head and the founder's certificate; the room to write the rest to. */
static char *begin_long(char **text)
{
    size_t len;
    char *begins = transcript_room_text(&r, &len);
    *text = malloc(TRANSCRIPT_TEXT_MAX);
    assert_non_null(*text);
    len = (size_t)(strstr(begins, "list ") - begins);
    memcpy(*text, begins, len);
    free(begins);
    return *text + len;
}

/* Lists that one founder has signed: refused at the last of them. */
static void assert_lists_refused(const struct room_list *lists, size_t count, const char *because)
{
    char *text, *p = begin_long(&text);
    for (size_t i = 0; i < count; i++)
        p = put(p, "list ", lists[i].bytes, lists[i].len);
    assert_refused(text, (size_t)(p - text), 4 + count, because);
    free(text);
}

static void test_two_histories(void **state)
{
    (void)state;
    static struct room_list lists[3];
    const struct identity *alice = &transcript_room_member(&r, "alice")->id;
    lists[0] = r.list;
    transcript_room_next_list(&r, "alice bob");
    lists[1] = r.list;
    lists[2] = r.list, lists[2].count = 1;
    assert_int_equal(room_list_sign(&lists[2], &alice->key, &r.rng), 0);
    assert_lists_refused(lists, 3, "has signed another list of that number");
    lists[2].n = 2, memcpy(lists[2].before, lists[0].hash, sizeof lists[2].before);
    assert_int_equal(room_list_sign(&lists[2], &alice->key, &r.rng), 0);
    assert_lists_refused(lists, 3, "does not follow the list of the number before");
    lists[2] = lists[1], lists[2].n = 2, memcpy(lists[2].before, lists[1].hash, sizeof lists[2].before);
    memcpy(lists[2].name, "+rung", 6);
    assert_int_equal(room_list_sign(&lists[2], &alice->key, &r.rng), 0);
    assert_lists_refused(lists, 3, "a list of another room");
    memcpy(lists[2].name, "+ring", 6), memcpy(lists[2].members[0].name, "aline", 6);
    assert_int_equal(room_list_sign(&lists[2], &alice->key, &r.rng), 0);
    assert_lists_refused(lists, 3, "its first member is not the founder");
}

/* The head says another room than the first list does, and the list is signed. */
static void test_another_room_in_the_head(void **state)
{
    (void)state;
    assert_refused_with(" +ring", " +rung", 3, "the first list, which is signed, has another room or name");
}

static void test_too_many_certificates(void **state)
{
    (void)state;
    struct certificate c = {.role = CERTIFICATE_USER, .not_after = 1, .modulus = {0x80}, .issuer = {1}};
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    char *text, *p = begin_long(&text);
    c.modulus[RSA_MODULUS_LEN - 1] = 1;
    for (size_t i = 0; i < TRANSCRIPT_CERTIFICATES; i++) { /* and the founder's is there */
        snprintf(c.name, sizeof c.name, "a%04zu", i);
        p = put(p, "certificate ", bytes, certificate_encode(bytes, &c));
    }
    assert_refused(text, (size_t)(p - text), 4 + TRANSCRIPT_CERTIFICATES, "more certificates than");
    free(text);
}

static void test_too_many_lists(void **state)
{
    (void)state;
    char *text, *p = begin_long(&text);
    p = put(p, "list ", r.list.bytes, r.list.len);
    for (size_t i = 0; i < TRANSCRIPT_LISTS; i++) {
        transcript_room_next_list(&r, "alice");
        p = put(p, "list ", r.list.bytes, r.list.len);
    }
    assert_refused(text, (size_t)(p - text), 5 + TRANSCRIPT_LISTS, "more lists than");
    free(text);
}

static void test_too_many_lines(void **state)
{
    (void)state;
    uint8_t bytes[SEALED_STATEMENT_MAX];
    char *text, *p = begin_long(&text);
    p = put(p, "list ", r.list.bytes, r.list.len);
    for (size_t i = 0; i <= TRANSCRIPT_LINES; i++) {
        struct sealed_statement s = transcript_room_said(&r, "alice", "x");
        p = put(p, "said ", bytes, sealed_statement_encode(bytes, &s));
    }
    assert_refused(text, (size_t)(p - text), 6 + TRANSCRIPT_LINES, "more lines than");
    free(text);
}

static void test_too_long(void **state)
{
    (void)state;
    static struct transcript t;
    assert_int_equal(transcript_verify(&t, "", TRANSCRIPT_TEXT_MAX + 1, why), -1);
    assert_non_null(strstr(why, "longer than a transcript can be"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_another_key_says_nothing),
        IN_ROOM(test_a_list_that_is_not_the_founders),
        IN_ROOM(test_a_founder_with_a_made_up_key),
        IN_ROOM(test_a_certificate_that_its_key_did_not_sign),
        IN_ROOM(test_lines_that_no_member_kept),
        IN_ROOM(test_a_sender_key_of_another_list),
        IN_ROOM(test_lists_out_of_order),
        IN_ROOM(test_what_no_line_needs),
        IN_ROOM(test_other_numbers_at_the_end),
        IN_ROOM(test_two_histories),
        IN_ROOM(test_another_room_in_the_head),
        IN_ROOM(test_too_many_certificates),
        IN_ROOM(test_too_many_lists),
        IN_ROOM(test_too_many_lines),
        cmocka_unit_test(test_too_long),
    };
    return RUN(tests);
}
