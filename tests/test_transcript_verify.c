/* SPDX-License-Identifier: MIT */
/* A transcript that somebody hands in: what holds comes back as it was written; where something was edited, cut or
 * moved, the first line that is wrong is named; and what is missing has to be said. */
#include "app/peer/transcript.h"

#include "tests/transcript_file.h"

/* --- What holds --------------------------------------------------------------------------------------------------- */

static void test_a_room_holds(void **state)
{
    (void)state;
    static struct transcript t;
    size_t len;
    static const size_t last[] = {0, 0, 2, 0, 1, 3}, seen[] = {0, 1, 1, 3, 4, 5};
    talk();
    char *text = transcript_room_text(&r, &len);
    assert_int_equal(transcript_verify(&t, text, len, why), 0);
    assert_int_equal(t.count, 6);
    assert_true(t.certificate_count == 3 && t.list_count == 3);
    assert_string_equal(t.name, "+ring");
    assert_memory_equal(t.room, r.t.room, sizeof t.room);
    for (size_t i = 0; i < t.count; i++) {
        struct transcript_links k;
        const struct transcript_line *line = transcript_at(&t, i), *kept = transcript_at(&r.t, i);
        transcript_links(&k, &t, i);
        assert_true(k.last == last[i] && k.seen == seen[i] && !k.gap && !k.anew && !k.unseen);
        assert_int_equal(line->len, kept->len);
        assert_memory_equal(line->bytes, kept->bytes, kept->len);
        assert_memory_equal(line->certificate->issuer, line->certificate->fingerprint, 32);
    }
    transcript_free(&t);
    free(text);
    struct lines l = lines_of_room();
    assert_int_equal(l.count, LINES);
    free(l.text);
}

static void test_rooms_of_few_words(void **state)
{
    (void)state;
    assert_room_holds(); /* nobody said anything */
    transcript_room_list(&r, "alice bob");
    assert_room_holds();
    transcript_room_list(&r, "");
    assert_room_holds();
}

/* --- Edited, cut, moved ------------------------------------------------------------------------------------------- */

static void test_each_line_that_is_cut_or_moved(void **state)
{
    (void)state;
    talk();
    struct lines l = lines_of_room();
    size_t order[LINES + 1];
    for (size_t cut = 1; cut <= LINES; cut++) {
        for (size_t i = 1, n = 0; i <= LINES; i++)
            if (i != cut)
                order[n++] = i;
        unsigned long refused = verify_lines(&l, order, LINES - 1);
        if (refused < cut)
            fail_msg("without line %zu, line %lu is refused: %s", cut, refused, why);
    }
    for (size_t twice = 1; twice <= LINES; twice++) {
        for (size_t i = 0; i <= LINES; i++)
            order[i] = i < twice ? i + 1 : i;
        unsigned long refused = verify_lines(&l, order, LINES + 1);
        if (refused != twice + 1)
            fail_msg("with line %zu twice, line %lu is refused: %s", twice, refused, why);
    }
    for (size_t one = 1; one <= LINES; one++)
        for (size_t other = one + 1; other <= LINES; other++) {
            for (size_t i = 0; i < LINES; i++)
                order[i] = i + 1 == one ? other : i + 1 == other ? one : i + 1;
            unsigned long refused = verify_lines(&l, order, LINES);
            if (refused < one || refused > LINES)
                fail_msg("with %zu and %zu in each other's place, line %lu is refused: %s", one, other, refused, why);
        }
    free(l.text);
}

/* Two lines of which neither has seen the other have no order, and both orders hold. */
static void test_what_has_no_order(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_member(&r, "bob")->next.seen[0] = 0;
    struct sealed_statement one = transcript_room_said(&r, "alice", "one");
    struct sealed_statement two = transcript_room_member(&r, "bob")->next;
    two.text_len = 1, two.text[0] = '2';
    transcript_room_sign(&r, &two, "bob");
    transcript_room_keep(&r, &one);
    transcript_room_keep(&r, &two);
    struct lines l = lines_of_room();
    static const size_t order[] = {1, 2, 3, 4, 5, 6, 7, 9, 8, 10};
    assert_int_equal(l.count, 10);
    assert_int_equal(verify_lines(&l, order, 10), 0);
    free(l.text);
}

static void test_each_end_that_is_cut(void **state)
{
    (void)state;
    size_t len, number = 1;
    talk();
    char *text = transcript_room_text(&r, &len);
    for (size_t n = 0; n < len; n += n + 500 < len ? 37 : 1) {
        number = 1;
        for (size_t i = 0; i < n; i++)
            number += text[i] == '\n';
        assert_refused(text, n, number, "cut");
    }
    free(text);
}

/* Whether that character of a certificate's line has to do with so many bytes, the first of them so far behind the
 * name. */
static bool is_of(size_t number, size_t at, size_t from, size_t len)
{
    size_t first = 3 + r.t.certificates[number - 4]->bytes[2] + from, words = sizeof "certificate " - 1;
    return at >= words + first / 3 * 4 && at < words + (first + len + 2) / 3 * 4;
}

/* With another key or issuer a certificate is one that somebody else has signed, which can't be checked. Then the lines
 * tell that need that key, and of the issuer nobody: it is shown. */
static void test_each_byte_that_is_changed(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "alice", "hello Bob");
    transcript_room_say(&r, "bob", "hello");
    struct lines l = lines_of_room();
    size_t len = (size_t)(l.line[l.count - 1] + l.len[l.count - 1] - l.text);
    for (size_t number = 1; number <= l.count; number++)
        for (size_t at = 0; at < l.len[number - 1]; at++) {
            char *c = l.line[number - 1] + at, before = *c;
            *c = before == 'A' ? 'B' : 'A';
            unsigned long refused = verify(l.text, len);
            bool is_key = (number == 4 || number == 5) && is_of(number, at, 16, RSA_MODULUS_LEN);
            bool is_issuer = (number == 4 || number == 5) && is_of(number, at, 16 + RSA_MODULUS_LEN, 32);
            if (refused != number && !(is_key && refused > number) && !(is_issuer && refused == 0))
                fail_msg("byte %zu of line %zu: line %lu is refused: %s", at, number, refused, why);
            *c = before;
        }
    free(l.text);
}

static void test_white_space_counts(void **state)
{
    (void)state;
    size_t len;
    static const char blanks[] = " \t\r\n";
    talk();
    struct lines l = lines_of_room();
    char *text = transcript_room_text(&r, &len), *more = malloc(len + 1);
    assert_non_null(more);
    for (size_t number = 1; number <= l.count; number++)
        for (const char *blank = blanks; *blank != '\0'; blank++) {
            size_t at = (size_t)(l.line[number - 1] - l.text);
            memcpy(more, text, at);
            more[at] = *blank;
            memcpy(more + at + 1, text + at, len - at);
            assert_int_equal(verify(more, len + 1), number);
            at += l.len[number - 1] - 1; /* before its end */
            memcpy(more, text, at);
            more[at] = *blank;
            memcpy(more + at + 1, text + at, len - at);
            assert_true(verify(more, len + 1) >= number);
        }
    free(more);
    free(text);
    free(l.text);
}

/* --- What is missing ---------------------------------------------------------------------------------------------- */

static void expect_links(size_t at, size_t last, size_t seen, bool gap, bool anew, bool unseen)
{
    struct transcript_links k;
    transcript_links(&k, &r.t, at);
    if (k.last != last || k.seen != seen || k.gap != gap || k.anew != anew || k.unseen != unseen)
        fail_msg("line %zu: last %zu, seen %zu,%s%s%s", at + 1, k.last, k.seen, k.gap ? " gap" : "",
                 k.anew ? " anew" : "", k.unseen ? " unseen" : "");
}

/* Lines that whoever saved it never got, so that the file says so; a mark that is left out or added is refused. */
static void test_what_is_missing_is_marked(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "alice", "one");
    transcript_room_said(&r, "bob", "lost");
    transcript_room_say(&r, "alice", "two"); /* had seen it */
    transcript_room_say(&r, "bob", "three");
    transcript_room_said(&r, "alice", "lost");
    transcript_room_said(&r, "bob", "lost");
    transcript_room_say(&r, "alice", "four");
    expect_links(0, 0, 0, false, false, false);
    expect_links(1, 1, 0, false, false, true);
    expect_links(2, 0, 2, true, false, false);
    expect_links(3, 2, 0, true, false, true);
    assert_room_holds();
    assert_refused_with("said unseen ", "said ", 9, "had seen a line that is not above it");
    assert_refused_with("said gap unseen ", "said unseen ", 11, "something between");
    assert_refused_with("said gap unseen ", "said gap ", 11, "had seen a line that is not above it");
    assert_refused_with("said gap ", "said ", 10, "something between");
    assert_refused_with("said gap unseen ", "said unseen gap ", 11, "base64");
    assert_refused_with("said gap ", "said gap unseen ", 10, "are missing, and they are there");
    assert_refused_with("said ", "said gap ", 8, "are missing, and they are there");
}

static void test_who_began_anew(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", "one");
    struct sealed_statement *next = &transcript_room_member(&r, "bob")->next;
    memset(next->prev, 0, sizeof next->prev);
    transcript_room_say(&r, "bob", "two");
    expect_links(1, 1, 0, false, true, false);
    assert_room_holds();
}

/* prev and seen that name lines which are there, but not where they should be. */
static void test_who_contradicts_the_lines_above(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", "one");
    transcript_room_say(&r, "bob", "two");
    struct sealed_statement *next = &transcript_room_member(&r, "bob")->next;
    memcpy(next->prev, transcript_at(&r.t, 0)->hash, sizeof next->prev); /* after one, once more */
    memcpy(next->seen, transcript_at(&r.t, 1)->hash, sizeof next->seen); /* and has seen one's own */
    transcript_room_say(&r, "bob", "three");
    expect_links(2, 2, 0, true, false, true);
    assert_room_holds();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_a_room_holds),
        IN_ROOM(test_rooms_of_few_words),
        IN_ROOM(test_each_line_that_is_cut_or_moved),
        IN_ROOM(test_what_has_no_order),
        IN_ROOM(test_each_end_that_is_cut),
        IN_ROOM(test_each_byte_that_is_changed),
        IN_ROOM(test_white_space_counts),
        IN_ROOM(test_what_is_missing_is_marked),
        IN_ROOM(test_who_began_anew),
        IN_ROOM(test_who_contradicts_the_lines_above),
    };
    return RUN(tests);
}
