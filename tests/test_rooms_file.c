/* SPDX-License-Identifier: MIT */
/* The lines of the file of sealed rooms: which are read, which are wrong, and that one is changed without touching
 * another. */
#include "app/peer/rooms_file.h"

#include "tests/rooms_lines.h"

static struct rooms_file_room got[4];
static size_t got_len;
static char why[WHY_LEN];

static void take(void *arg, const struct rooms_file_room *room)
{
    assert_ptr_equal(arg, got);
    if (got_len < 4)
        got[got_len] = *room;
    got_len++;
}

/* 0, or the number of the line that is wrong. */
static size_t parse(const char *text, size_t len)
{
    size_t line = 0;
    got_len = 0;
    int failed = rooms_file_parse(text, len, take, got, &line);
    return failed == 0 ? 0 : line;
}

/* Freed by the caller; ends in a NUL. */
static char *rewrite(const char *text, size_t text_len, const struct rooms_file_room *room)
{
    size_t len;
    *why = '\0';
    char *out = rooms_file_rewrite(text, text_len, room, &len, why);
    if (out == NULL)
        return NULL;
    char *ended = realloc(out, len + 1);
    assert_non_null(ended);
    ended[len] = '\0';
    assert_int_equal(strlen(ended), len);
    return ended;
}

static void expect_rewritten(const char *before, const struct rooms_file_room *room, const char *after)
{
    char *text = rewrite(before, strlen(before), room);
    if (text == NULL)
        fail_msg("%s", why);
    assert_string_equal(text, after);
    free(text);
}

static void expect_refused(const char *before, const struct rooms_file_room *room, const char *words)
{
    assert_null(rewrite(before, strlen(before), room));
    if (strstr(why, words) == NULL)
        fail_msg("%s", why);
}

/* Texts in one, freed by the caller. */
static char *join(const char *a, const char *b, const char *c)
{
    size_t len = strlen(a) + strlen(b) + strlen(c) + 1;
    char *text = malloc(len);
    assert_non_null(text);
    snprintf(text, len, "%s%s%s", a, b, c);
    return text;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

static void test_a_known_line(void **state)
{
    static const char *const words[] = {"asked", "in", "left", "out", "stopped", "closed"};
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct rooms_file_room room = make_room(1, (uint32_t)i, (enum sealed_room_state)i);
        char *text = join(ROOMS_HEAD, line_of_room(&room, words[i]), "");
        expect_rewritten("", &room, text);
        assert_int_equal(parse(text, strlen(text)), 0);
        assert_int_equal(got_len, 1);
        assert_int_equal(got[0].state, i);
        assert_string_equal(got[0].founder, "alice");
        assert_int_equal(got[0].certificate_len, room.certificate_len);
        assert_memory_equal(got[0].certificate, room.certificate, room.certificate_len);
        assert_true(room_list_same(&got[0].list, &room.list));
        assert_int_equal(got[0].has_before, i > 0);
        assert_true(i == 0 || room_list_same(&got[0].before, &room.before));
        free(text);
    }
}

static void test_nothing(void **state)
{
    static const char *const texts[] = {"", "\n", "# a comment", "\n\n#\n", "\r\n# x\r\n", "\xef\xbb\xbf"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(parse(texts[i], strlen(texts[i])), 0);
        assert_int_equal(got_len, 0);
    }
}

/* What editors make of a file. */
static void test_ends_of_lines(void **state)
{
    struct rooms_file_room one = make_room(1, 0, SEALED_ROOM_IN), two = make_room(2, 1, SEALED_ROOM_OUT);
    char *a = join("\xef\xbb\xbf", line_of_room(&one, "in"), "");
    (void)state;
    a[strlen(a) - 1] = '\0';
    char *b = join(a, "\r\n\r\n# mine\r\n", line_of_room(&two, "out"));
    b[strlen(b) - 1] = '\0'; /* and the last line has none */
    assert_int_equal(parse(b, strlen(b)), 0);
    assert_int_equal(got_len, 2);
    assert_int_equal(got[0].list.room[0], 1);
    assert_int_equal(got[1].list.room[0], 2);
    free(a);
    free(b);
}

/* --- Lines that are wrong ----------------------------------------------------------------------------------------- */

static char word[7][ROOMS_LINE_MAX];

static void split_line(const char *line)
{
    memset(word, 0, sizeof word);
    assert_int_equal(
        sscanf(line, "%8191s %8191s %8191s %8191s %8191s %8191s", word[0], word[1], word[2], word[3], word[4], word[5]),
        6);
}

static void expect_wrong(const char *line)
{
    struct rooms_file_room room = make_room(9, 0, SEALED_ROOM_IN);
    char *text = join("# mine\n\n", line_of_room(&room, "in"), line);
    if (parse(text, strlen(text)) != 4)
        fail_msg("is not wrong: %.100s", line);
    assert_int_equal(got_len, 1);
    free(text);
}

/* A line with one word replaced; then the one with the right word must be right. */
static void expect_wrong_word(size_t at, const char *wrong)
{
    static char line[7 * ROOMS_LINE_MAX];
    size_t len = 0;
    for (size_t i = 0; i < 6; i++)
        len += (size_t)snprintf(line + len, sizeof line - len, "%s%s", i == at ? wrong : word[i], i < 5 ? " " : "\n");
    expect_wrong(line);
}

static void test_words_that_are_wrong(void **state)
{
    static struct rooms_file_room room;
    char text[ROOMS_LINE_MAX];
    (void)state;
    room = make_room(1, 2, SEALED_ROOM_IN);
    split_line(line_of_room(&room, "in"));
    static const char *const wrong[][2] = {
        {"0", "+other"}, {"0", "exam"},   {"0", "+exa"},  {"0", "+exam+"}, {"1", "IN"},     {"1", "i"},
        {"1", "inn"},    {"1", "banned"}, {"2", "bob"},   {"2", "alic"},   {"2", "alice1"}, {"2", "al ce"},
        {"3", "-"},      {"3", "AAAA"},   {"3", "====="}, {"4", "-"},      {"4", "AAAA"},   {"4", "*"},
        {"5", "--"},     {"5", "AAAA"},   {"5", "*"},     {"5", "-\t"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_wrong_word((size_t)(wrong[i][0][0] - '0'), wrong[i][1]);
    for (size_t i = 3; i < 6; i++) { /* cut, and with something behind it */
        snprintf(text, sizeof text, "%.*s", (int)strlen(word[i]) - 4, word[i]);
        expect_wrong_word(i, text);
        snprintf(text, sizeof text, "%.8900sAAAA", word[i]);
        expect_wrong_word(i, text);
    }
    snprintf(text, sizeof text, "%s", word[4]);
    expect_wrong_word(5, text); /* before itself */
}

static void test_the_list_before_is_the_room_s_and_older(void **state)
{
    static struct rooms_file_room room;
    (void)state;
    room = make_room(1, 2, SEALED_ROOM_IN);
    make_list(&room.before, 2, 1, false);
    expect_wrong(line_of_room(&room, "in"));
    make_list(&room.before, 1, 2, true);
    expect_wrong(line_of_room(&room, "in"));
    make_list(&room.before, 1, 3, false);
    expect_wrong(line_of_room(&room, "in"));
    make_list(&room.before, 1, 0, false); /* what is between was missed */
    const char *line = line_of_room(&room, "in");
    assert_int_equal(parse(line, strlen(line)), 0);
}

static void test_blanks(void **state)
{
    struct rooms_file_room room = make_room(1, 1, SEALED_ROOM_IN);
    static char line[ROOMS_LINE_MAX + 2];
    const char *right = line_of_room(&room, "in");
    (void)state;
    snprintf(line, sizeof line, " %s", right);
    expect_wrong(line);
    for (const char *p = right; (p = strchr(p, ' ')) != NULL; p++) {
        int len = (int)(p - right);
        snprintf(line, sizeof line, "%.*s  %s", len, right, p + 1); /* two */
        expect_wrong(line);
        snprintf(line, sizeof line, "%.*s\t%s", len, right, p + 1);
        expect_wrong(line);
        snprintf(line, sizeof line, "%.*s\n", len, right); /* less words */
        expect_wrong(line);
        snprintf(line, sizeof line, "%.*s \n", len, right);
        expect_wrong(line);
    }
    snprintf(line, sizeof line, "%.*s \n", (int)strlen(right) - 1, right);
    expect_wrong(line);
    snprintf(line, sizeof line, "%.*s -\n", (int)strlen(right) - 1, right);
    expect_wrong(line);
    snprintf(line, sizeof line, "%.*s\r\r\n", (int)strlen(right) - 1, right);
    expect_wrong(line);
}

/* A certificate of another name, and one that is none of a user of that name. */
static void test_whose_certificate_it_is(void **state)
{
    static struct rooms_file_room room;
    const struct identity *bob = user_identity("bob", CERTIFICATE_USER, "bob");
    (void)state;
    room = make_room(1, 0, SEALED_ROOM_IN);
    memcpy(room.certificate, bob->certificate, bob->certificate_len);
    room.certificate_len = bob->certificate_len;
    expect_wrong(line_of_room(&room, "in"));
}

/* --- Changing ----------------------------------------------------------------------------------------------------- */

/* Comments, empty lines, other rooms' lines and ends of lines stay as they are, byte for byte. */
static void test_all_other_lines_stay(void **state)
{
    static struct rooms_file_room one, other, newer;
    static char before[4 * ROOMS_LINE_MAX], after[4 * ROOMS_LINE_MAX];
    (void)state;
    one = make_room(1, 0, SEALED_ROOM_IN);
    other = make_room(2, 5, SEALED_ROOM_OUT);
    newer = make_room(1, 1, SEALED_ROOM_IN);
    char *others = join("# mine\r\n\r\n", line_of_room(&other, "out"), "");
    others[strlen(others) - 1] = '\0';
    snprintf(before, sizeof before, "%s\r\n%s#\n\n# no end", others, line_of_room(&one, "in"));
    snprintf(after, sizeof after, "%s\r\n%s#\n\n# no end", others, line_of_room(&newer, "in"));
    expect_rewritten(before, &newer, after);
    snprintf(before, sizeof before, "%s", others);
    snprintf(after, sizeof after, "%s\n%s", others, line_of_room(&newer, "in"));
    expect_rewritten(before, &newer, after); /* behind a line without its end */
    free(others);
}

static void test_a_byte_order_mark_hides_no_room(void **state)
{
    static struct rooms_file_room one, newer;
    (void)state;
    one = make_room(1, 0, SEALED_ROOM_IN);
    newer = make_room(1, 1, SEALED_ROOM_IN);
    char *text = join("\xef\xbb\xbf", line_of_room(&one, "in"), "");
    expect_rewritten(text, &newer, line_of_room(&newer, "in"));
    free(text);
}

static void test_lists_go_forward_alone(void **state)
{
    static struct rooms_file_room one, older, twin, left;
    (void)state;
    one = make_room(1, 3, SEALED_ROOM_IN);
    older = make_room(1, 2, SEALED_ROOM_IN);
    twin = make_room(1, 3, SEALED_ROOM_IN);
    left = make_room(1, 3, SEALED_ROOM_LEFT);
    make_list(&twin.list, 1, 3, true);
    char *text = join("", line_of_room(&one, "in"), "");
    expect_refused(text, &older, "has taken a newer list of +exam meanwhile");
    expect_refused(text, &twin, "has taken a newer list of +exam meanwhile");
    memcpy(left.list.bytes, one.list.bytes, one.list.len); /* RSA-PSS signs anew each time */
    left.before = one.before;
    expect_rewritten(text, &left, line_of_room(&left, "left")); /* the same list */
    free(text);
}

/* Another client, which has not seen the other history, goes on in vain. */
static void test_a_room_that_is_stopped_stays_so(void **state)
{
    static struct rooms_file_room stopped, same, newer;
    (void)state;
    stopped = make_room(1, 3, SEALED_ROOM_STOPPED);
    same = stopped;
    same.state = SEALED_ROOM_LEFT;
    newer = make_room(1, 4, SEALED_ROOM_IN);
    char *text = join("", line_of_room(&stopped, "stopped"), "");
    expect_refused(text, &same, "has seen two histories of +exam");
    expect_refused(text, &newer, "has seen two histories of +exam");
    expect_rewritten(text, &stopped, text);
    free(text);
}

/* Two lines of one room, which somebody has copied: the newer counts, and one is left. */
static void test_a_room_that_stands_there_twice(void **state)
{
    static struct rooms_file_room one, two, newer;
    (void)state;
    one = make_room(1, 0, SEALED_ROOM_IN);
    two = make_room(1, 2, SEALED_ROOM_IN);
    newer = make_room(1, 3, SEALED_ROOM_IN);
    char *text = join(line_of_room(&one, "in"), line_of_room(&two, "in"), "");
    expect_rewritten(text, &newer, line_of_room(&newer, "in"));
    newer = make_room(1, 1, SEALED_ROOM_IN);
    expect_refused(text, &newer, "has taken a newer list");
    free(text);
}

/* --- A full file -------------------------------------------------------------------------------------------------- */

/* So many rooms that one is in, but for one in the middle of them. */
static char *fill(enum sealed_room_state state, const char *its_word, const char **its_line)
{
    static char line[ROOMS_LINE_MAX];
    char *text = calloc(ROOMS_FILE_ROOMS_MAX + 1, ROOMS_LINE_MAX);
    assert_non_null(text);
    for (uint8_t i = 0; i < ROOMS_FILE_ROOMS_MAX; i++) {
        bool is_it = i == ROOMS_FILE_ROOMS_MAX / 2;
        struct rooms_file_room room = make_room((uint8_t)(i + 1), 0, is_it ? state : SEALED_ROOM_IN);
        const char *each = line_of_room(&room, is_it ? its_word : "in");
        if (is_it)
            snprintf(line, sizeof line, "%s", each);
        strcat(text, each);
    }
    *its_line = line;
    return text;
}

static void expect_full(enum sealed_room_state state, const char *its_word)
{
    static struct rooms_file_room one_more, newer;
    const char *its_line;
    char *text = fill(state, its_word, &its_line);
    one_more = make_room(200, 0, SEALED_ROOM_IN);
    newer = make_room(1, 1, SEALED_ROOM_IN);
    expect_refused(text, &one_more, "64 sealed rooms are kept already");
    char *changed = rewrite(text, strlen(text), &newer); /* what is there can be changed */
    assert_non_null(changed);
    free(changed);
    free(text);
}

static void test_a_full_file(void **state)
{
    (void)state;
    expect_full(SEALED_ROOM_IN, "in");
    expect_full(SEALED_ROOM_ASKED, "asked");
    expect_full(SEALED_ROOM_STOPPED, "stopped");
}

static void expect_place(enum sealed_room_state state, const char *its_word)
{
    static struct rooms_file_room one_more;
    const char *its_line;
    char *text = fill(state, its_word, &its_line), *at = strstr(text, its_line);
    one_more = make_room(200, 0, SEALED_ROOM_IN);
    assert_non_null(at);
    char *rest = join(at + strlen(its_line), line_of_room(&one_more, "in"), "");
    *at = '\0';
    char *after = join(text, rest, "");
    *at = *its_line;
    expect_rewritten(text, &one_more, after);
    free(rest);
    free(after);
    free(text);
}

/* What one is not in any more makes place. */
static void test_a_full_file_with_a_room_that_is_over(void **state)
{
    (void)state;
    expect_place(SEALED_ROOM_OUT, "out");
    expect_place(SEALED_ROOM_CLOSED, "closed");
    expect_place(SEALED_ROOM_LEFT, "left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_line),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_ends_of_lines),
        cmocka_unit_test(test_words_that_are_wrong),
        cmocka_unit_test(test_the_list_before_is_the_room_s_and_older),
        cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_whose_certificate_it_is),
        cmocka_unit_test(test_all_other_lines_stay),
        cmocka_unit_test(test_a_byte_order_mark_hides_no_room),
        cmocka_unit_test(test_lists_go_forward_alone),
        cmocka_unit_test(test_a_room_that_is_stopped_stays_so),
        cmocka_unit_test(test_a_room_that_stands_there_twice),
        cmocka_unit_test(test_a_full_file),
        cmocka_unit_test(test_a_full_file_with_a_room_that_is_over),
    };
    return RUN(tests);
}
