/* SPDX-License-Identifier: MIT */
/* For the tests of transcripts that are handed in: the file of a made-up room, as lines, and what its check says. */
#ifndef TESTS_TRANSCRIPT_FILE_H
#define TESTS_TRANSCRIPT_FILE_H

#include <stdlib.h>
#include <string.h>

#include "app/peer/transcript.h"
#include "tests/test.h"
#include "tests/transcript_room.h"

static struct transcript_room r;
static char why[WHY_LEN];

static inline int begin(void **state)
{
    (void)state;
    transcript_room_begin(&r);
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    transcript_free(&r.t);
    return 0;
}

/* The number of the line that is refused; 0: all holds, and it is written again as it was. */
static inline unsigned long verify(const char *text, size_t len)
{
    static struct transcript t, none;
    unsigned long number = 0;
    char *exact = malloc(len > 0 ? len : 1); /* so that a sanitizer sees a read behind it */
    assert_non_null(exact);
    memcpy(exact, text, len);
    if (transcript_verify(&t, exact, len, why) == 0) {
        size_t again_len;
        char *again = transcript_write(&t, &again_len);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, text, len);
        free(again);
        transcript_free(&t);
    } else {
        assert_memory_equal(&t, &none, sizeof t);
        if (sscanf(why, "line %lu: ", &number) != 1 || number == 0)
            fail_msg("%s", why);
    }
    free(exact);
    return number;
}

static inline void assert_refused(const char *text, size_t len, unsigned long number, const char *because)
{
    unsigned long got = verify(text, len);
    if (got != number || strstr(why, because) == NULL)
        fail_msg("line %lu should be refused, '%s', and not %lu: %s", number, because, got, got == 0 ? "none" : why);
}

/* What is kept of the room, as a file: refused at that line. */
static inline void assert_room_refused(unsigned long number, const char *because)
{
    size_t len;
    char *text = transcript_room_text(&r, &len);
    assert_refused(text, len, number, because);
    free(text);
}

static inline void assert_room_holds(void)
{
    size_t len;
    char *text = transcript_room_text(&r, &len);
    if (verify(text, len) != 0)
        fail_msg("%s", why);
    free(text);
}

/* The text of the file with those words instead of these, of which there must be some. */
static inline void assert_refused_with(const char *words, const char *instead, unsigned long number,
                                       const char *because)
{
    size_t len;
    char *text = transcript_room_text(&r, &len), *changed = malloc(len + 100);
    char *at = strstr(text, words);
    assert_true(changed != NULL && at != NULL);
    size_t before = (size_t)(at - text), after = len - before - strlen(words);
    memcpy(changed, text, before);
    memcpy(changed + before, instead, strlen(instead) + 1);
    memcpy(changed + before + strlen(instead), at + strlen(words), after);
    assert_refused(changed, before + strlen(instead) + after, number, because);
    free(changed);
    free(text);
}

/* Lines 1 to 3 are the head, 4 to 6 the certificates, 7 to 9 the lists, 10 to 15 what was said, 16 the end. */
static inline void talk(void)
{
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "alice", "hello Bob");
    transcript_room_say(&r, "bob", "hello");
    transcript_room_say(&r, "bob", "who else is here?");
    transcript_room_list(&r, "alice bob carol");
    transcript_room_say(&r, "carol", "I am");
    transcript_room_say(&r, "alice", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d\nto you");
    transcript_room_say(&r, "bob", "good bye");
}

enum { FIRST_SAID = 10, LAST_SAID = 15, LINES = 16 };

#define LINES_MAX 64

struct lines {
    char *text;
    size_t count;
    char *line[LINES_MAX]; /* with its end */
    size_t len[LINES_MAX];
};

static inline struct lines lines_of_room(void)
{
    struct lines l = {.count = 0};
    size_t len;
    l.text = transcript_room_text(&r, &len);
    for (char *p = l.text; p < l.text + len; p += l.len[l.count++]) {
        assert_true(l.count < LINES_MAX);
        l.line[l.count] = p;
        l.len[l.count] = (size_t)(strchr(p, '\n') + 1 - p);
    }
    return l;
}

/* These lines of it, whose numbers begin at 1. */
static inline unsigned long verify_lines(const struct lines *l, const size_t *numbers, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += l->len[numbers[i] - 1];
    char *text = malloc(len + 1), *p = text;
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) {
        memcpy(p, l->line[numbers[i] - 1], l->len[numbers[i] - 1]);
        p += l->len[numbers[i] - 1];
    }
    unsigned long refused = verify(text, len);
    free(text);
    return refused;
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, begin, end)

#endif
