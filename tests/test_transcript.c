/* SPDX-License-Identifier: MIT */
/* What a member of a sealed room keeps of it: the newest lines and what they need, in bounded memory, of which nothing
 * is left; and the file that it makes of them. */
#define _GNU_SOURCE /* memmem */
#include "app/peer/transcript.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fill.h"
#include "tests/scratch.h"
#include "tests/test.h"
#include "tests/transcript_room.h"
#include "tests/watched_malloc.h"

static struct transcript_room r;
static char why[WHY_LEN];

static int begin(void **state)
{
    (void)state;
    transcript_room_begin(&r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    memory.watched = false;
    memory.left = -1;
    transcript_free(&r.t);
    return 0;
}

/* The whole file is the same before and after. */
static void assert_same_text(const char *before, size_t before_len)
{
    size_t len;
    char *text = transcript_room_text(&r, &len);
    assert_int_equal(len, before_len);
    assert_memory_equal(text, before, len);
    free(text);
}

/* --- What is kept ------------------------------------------------------------------------------------------------- */

static void test_what_is_kept_is_what_was_signed(void **state)
{
    (void)state;
    uint8_t bytes[SEALED_STATEMENT_MAX], hash[SHA256_DIGEST_LEN];
    transcript_room_list(&r, "alice bob");
    struct sealed_statement s = transcript_room_said(&r, "bob", "hello");
    transcript_room_keep(&r, &s);
    const struct transcript_line *line = transcript_at(&r.t, 0);
    size_t len = sealed_statement_encode(bytes, &s);
    sealed_statement_hash(hash, &s);
    assert_int_equal(line->len, len);
    assert_memory_equal(line->bytes, bytes, len);
    assert_memory_equal(line->hash, hash, sizeof hash);
    assert_string_equal(line->certificate->name, "bob");
    assert_int_equal(line->list->n, 1);
    assert_int_equal(transcript_find(&r.t, hash), 1);
    hash[0] ^= 1;
    assert_int_equal(transcript_find(&r.t, hash), 0);
}

static void test_what_no_line_needs_goes(void **state)
{
    (void)state;
    assert_true(r.t.list_count == 1 && r.t.certificate_count == 1);
    for (int i = 0; i < 5; i++)
        transcript_room_list(&r, "alice bob carol");
    assert_true(r.t.list_count == 2 && r.t.lists[0]->n == 0 && r.t.lists[1]->n == 5);
    transcript_room_say(&r, "carol", "one");
    transcript_room_list(&r, "alice bob");
    transcript_room_list(&r, "alice bob");
    assert_int_equal(r.t.list_count, 3);
    assert_true(r.t.lists[0]->n == 0 && r.t.lists[1]->n == 5 && r.t.lists[2]->n == 7);
    assert_int_equal(r.t.certificate_count, 2);
    assert_string_equal(r.t.certificates[0]->name, "alice");
    assert_string_equal(r.t.certificates[1]->name, "carol");
    r.is_unsigned = true;
    for (int i = 0; i < TRANSCRIPT_LINES; i++)
        transcript_room_say(&r, "bob", "two");
    assert_int_equal(r.t.count, TRANSCRIPT_LINES);
    assert_true(r.t.list_count == 2 && r.t.lists[0]->n == 0 && r.t.lists[1]->n == 7);
    assert_int_equal(r.t.certificate_count, 2);
    assert_string_equal(r.t.certificates[1]->name, "bob");
}

/* A list that came, and no line was said to it, is there no more when a line comes that was said to it. */
static void test_a_line_brings_its_list(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    struct sealed_statement s = transcript_room_said(&r, "bob", "late");
    struct room_list older = r.list;
    transcript_room_list(&r, "alice bob carol");
    transcript_room_list(&r, "alice carol");
    assert_int_equal(r.t.list_count, 2);
    const struct identity *id = &transcript_room_member(&r, "bob")->id;
    assert_int_equal(transcript_add(&r.t, &s, &older, id->certificate, id->certificate_len), 0);
    assert_int_equal(r.t.list_count, 3);
    assert_int_equal(r.t.lists[1]->n, 1);
    assert_ptr_equal(transcript_at(&r.t, 0)->list, r.t.lists[1]);
}

static void test_the_newest_are_kept(void **state)
{
    (void)state;
    char text[16];
    size_t blocks = 0;
    const char *names[] = {"alice", "bob", "carol"};
    r.is_unsigned = true;
    transcript_room_list(&r, "alice bob carol");
    for (int i = 0; i < 3 * TRANSCRIPT_LINES; i++) {
        snprintf(text, sizeof text, "line %d", i);
        transcript_room_say(&r, names[i % 3], text);
        if (i == TRANSCRIPT_LINES + 1)
            blocks = memory.live;
        assert_true(r.t.certificate_count <= 3 && r.t.list_count == 2);
    }
    assert_int_equal(memory.live, blocks);
    assert_int_equal(r.t.count, TRANSCRIPT_LINES);
    for (size_t i = 0; i < TRANSCRIPT_LINES; i++) {
        struct sealed_statement s;
        const struct transcript_line *line = transcript_at(&r.t, i);
        assert_int_equal(sealed_statement_decode(&s, line->bytes, line->len), 0);
        snprintf(text, sizeof text, "line %zu", 2 * TRANSCRIPT_LINES + i);
        assert_int_equal(s.text_len, strlen(text));
        assert_memory_equal(s.text, text, s.text_len);
    }
}

/* A founder who never stops to sign lists, and each member says something to each. */
static void test_lists_do_not_grow(void **state)
{
    (void)state;
    r.is_unsigned = true;
    for (int i = 0; i < TRANSCRIPT_LINES + 200; i++) {
        transcript_room_list(&r, i % 2 == 0 ? "alice bob" : "alice bob carol");
        transcript_room_say(&r, "bob", "hello");
        assert_true(r.t.list_count <= TRANSCRIPT_LISTS);
    }
    assert_int_equal(r.t.count, TRANSCRIPT_LINES);
    assert_int_equal(r.t.list_count, TRANSCRIPT_LINES + 1);
    transcript_room_list(&r, "alice");
    assert_int_equal(r.t.list_count, TRANSCRIPT_LISTS);
    transcript_room_list(&r, "alice");
    assert_int_equal(r.t.list_count, TRANSCRIPT_LISTS);
}

/* --- What is refused ---------------------------------------------------------------------------------------------- */

static void assert_not_kept(const struct sealed_statement *s, const char *whose)
{
    size_t len;
    char *before = transcript_room_text(&r, &len);
    const struct identity *id = &transcript_room_member(&r, whose)->id;
    assert_int_equal(transcript_add(&r.t, s, &r.list, id->certificate, id->certificate_len), -1);
    assert_same_text(before, len);
    free(before);
}

static void test_a_line_stands_once(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    struct sealed_statement one = transcript_room_said(&r, "bob", "one"), two = transcript_room_said(&r, "bob", "two");
    transcript_room_keep(&r, &two);
    assert_not_kept(&two, "bob");
    assert_not_kept(&one, "bob"); /* it comes too late */
    two.i = 2;
    transcript_room_keep(&r, &two);
    struct sealed_statement hers = transcript_room_said(&r, "alice", "three");
    memcpy(hers.key_id, two.key_id, sizeof hers.key_id); /* bob's does not count for her */
    transcript_room_keep(&r, &hers);
    transcript_room_next_list(&r, "alice bob");
    struct sealed_statement other = transcript_room_said(&r, "bob", "four");
    memcpy(other.key_id, two.key_id, sizeof other.key_id);
    other.i = 3;
    assert_not_kept(&other, "bob"); /* the key is of another list */
}

static void test_a_line_that_does_not_fit(void **state)
{
    (void)state;
    transcript_room_list(&r, "alice bob");
    const struct sealed_statement good = transcript_room_said(&r, "bob", "one");
    struct sealed_statement s = good;
    s.room[0] ^= 1;
    assert_not_kept(&s, "bob");
    s = good, s.list[0] ^= 1;
    assert_not_kept(&s, "bob");
    s = good, s.i = SENDER_KEY_MESSAGES;
    assert_not_kept(&s, "bob");
    s = good, s.text[0] = '\033';
    assert_not_kept(&s, "bob");
    s = good, s.text_len = 0;
    assert_not_kept(&s, "bob");
    assert_not_kept(&good, "alice");
    s = good, memcpy(s.sender, "carol", 6);
    assert_not_kept(&s, "carol");
    s = good, memcpy(s.sender, "carol", 6);
    assert_not_kept(&s, "bob");
    transcript_room_member(&r, "bob")->id.certificate[1] = CERTIFICATE_SERVER;
    assert_not_kept(&good, "bob");
    transcript_room_member(&r, "bob")->id.certificate_len--;
    assert_not_kept(&good, "bob");
}

static void assert_list_not_kept(const struct room_list *l)
{
    size_t len;
    char *before = transcript_room_text(&r, &len);
    assert_int_equal(transcript_add_list(&r.t, l), -1);
    assert_same_text(before, len);
    free(before);
}

static void test_lists_that_do_not_follow_each_other(void **state)
{
    (void)state;
    struct room_list other = r.list, newest;
    const struct identity *founder = &transcript_room_member(&r, "alice")->id;
    transcript_room_list(&r, "alice bob");
    newest = r.list;
    memcpy(other.name, "+rung", 6);
    assert_int_equal(room_list_sign(&other, &founder->key, &r.rng), 0);
    assert_list_not_kept(&other); /* of another room, by its name */
    memcpy(other.name, newest.name, sizeof other.name);
    other.room[0] ^= 1;
    assert_int_equal(room_list_sign(&other, &founder->key, &r.rng), 0);
    assert_list_not_kept(&other); /* and by its number */
    r.list.n = 0;
    memset(r.list.before, 0, sizeof r.list.before);
    transcript_room_next_list(&r, "alice carol"); /* a second one of number 1 */
    assert_list_not_kept(&r.list);
    transcript_room_next_list(&r, "alice carol"); /* number 2 of that history */
    assert_list_not_kept(&r.list);
    transcript_room_next_list(&r, "bob carol"); /* signed by alice, but not hers */
    assert_list_not_kept(&r.list);
    r.list = newest;
    transcript_room_next_list(&r, "alice");
    transcript_room_next_list(&r, "");
    assert_int_equal(transcript_add_list(&r.t, &r.list), 0); /* a list was missed, and the room is closed */
    assert_int_equal(transcript_add_list(&r.t, &r.list), 0); /* nothing new */
    assert_int_equal(r.t.list_count, 2);
}

static void test_a_room_that_is_none(void **state)
{
    (void)state;
    static struct transcript t;
    const struct identity *alice = &transcript_room_member(&r, "alice")->id, *bob = &r.member[1].id;
    assert_int_equal(transcript_init(&t, &r.list, bob->certificate, bob->certificate_len), -1);
    assert_true(all_zero(&t, sizeof t));
    assert_int_equal(transcript_init(&t, &r.list, alice->certificate, alice->certificate_len - 1), -1);
    assert_true(all_zero(&t, sizeof t));
    transcript_free(&t);
}

/* --- Memory ------------------------------------------------------------------------------------------------------- */

static void test_memory_that_runs_out(void **state)
{
    (void)state;
    size_t len, blocks;
    if (!MALLOC_IS_OURS)
        skip();
    transcript_room_list(&r, "alice bob");
    struct room_list older = r.list;
    struct sealed_statement s = transcript_room_said(&r, "bob", "one");
    transcript_room_next_list(&r, "alice bob carol");
    assert_int_equal(transcript_add_list(&r.t, &r.list), 0);
    char *before = transcript_room_text(&r, &len);
    const struct identity *id = &r.member[1].id;
    blocks = memory.live;
    for (long after = 0; after < 3; after++) { /* the certificate, the line, the list */
        memory.left = after;
        assert_int_equal(transcript_add(&r.t, &s, &older, id->certificate, id->certificate_len), -1);
        memory.left = -1;
        assert_int_equal(memory.live, blocks);
        assert_same_text(before, len);
    }
    assert_int_equal(transcript_add(&r.t, &s, &older, id->certificate, id->certificate_len), 0);
    free(before);
    memory.left = 0;
    assert_null(transcript_write(&r.t, &len));
    memory.left = 0;
    assert_int_equal(transcript_save(&r.t, "/nowhere/at/all", why), -1);
    assert_non_null(strstr(why, "memory"));
    transcript_room_next_list(&r, "alice");
    memory.left = 0;
    assert_int_equal(transcript_add_list(&r.t, &r.list), -1);
    assert_int_equal(r.t.list_count, 3);
}

static void test_nothing_is_left_of_what_goes(void **state)
{
    (void)state;
    if (!MALLOC_IS_OURS)
        skip();
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", memory_word);
    r.is_unsigned = true;
    memory_watch();
    for (int i = 0; i < TRANSCRIPT_LINES; i++)
        transcript_room_say(&r, "bob", i % 2 == 0 ? memory_word : "x");
    transcript_free(&r.t);
    assert_int_equal(memory.freed_with_secret, 0);
    assert_true(all_zero(&r.t, sizeof r.t));
}

/* --- The file ----------------------------------------------------------------------------------------------------- */

static const char *in_scratch(void **state, const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", scratch_path(state), name);
    return path;
}

static int begin_scratch(void **state)
{
    return begin(state) != 0 ? -1 : scratch_make(state);
}

static int end_scratch(void **state)
{
    return end(state) != 0 ? -1 : scratch_remove(state);
}

static void test_it_is_its_owners_alone(void **state)
{
    size_t len, saved_len;
    struct stat st;
    transcript_room_list(&r, "alice bob");
    transcript_room_say(&r, "bob", "hello");
    char *text = transcript_room_text(&r, &len);
    mode_t before = umask(0777);
    memory_watch();
    memory_add_secret(text);
    int failed = transcript_save(&r.t, in_scratch(state, "file"), why);
    memory.watched = false;
    umask(before);
    assert_int_equal(failed, 0);
    assert_int_equal(memory.freed_with_secret, 0);
    assert_int_equal(stat(in_scratch(state, "file"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    char *saved = scratch_read(state, "file", &saved_len);
    assert_int_equal(saved_len, len);
    assert_memory_equal(saved, text, len);
    free(saved);
    free(text);
}

static void assert_not_saved(const char *path, const char *because)
{
    assert_int_equal(transcript_save(&r.t, path, why), -1);
    if (strstr(why, because) == NULL || strncmp(why, path, strlen(path)) != 0)
        fail_msg("%s", why);
}

static void test_what_is_there_stays(void **state)
{
    size_t len;
    scratch_write(state, "file", "mine", 4);
    assert_int_equal(symlinkat("file", scratch_fd(state), "link"), 0);
    assert_int_equal(symlinkat("nothing", scratch_fd(state), "dangling"), 0);
    static const char *const there[] = {"file", "link", "dangling", "."};
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        assert_not_saved(in_scratch(state, there[i]), "there already, and stays as it is");
    char *text = scratch_read(state, "file", &len);
    assert_int_equal(len, 4);
    assert_string_equal(text, "mine");
    free(text);
    assert_int_equal(access(in_scratch(state, "nothing"), F_OK), -1);
    assert_not_saved(in_scratch(state, "no/file"), "No such file or directory");
}

static void test_a_part_of_it_is_not_left(void **state)
{
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    int failed = transcript_save(&r.t, in_scratch(state, "file"), why);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(failed, -1);
    assert_non_null(strstr(why, "File too large"));
    assert_int_equal(access(in_scratch(state, "file"), F_OK), -1);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, begin, end)
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, begin_scratch, end_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_what_is_kept_is_what_was_signed),
        IN_ROOM(test_what_no_line_needs_goes),
        IN_ROOM(test_a_line_brings_its_list),
        IN_ROOM(test_the_newest_are_kept),
        IN_ROOM(test_lists_do_not_grow),
        IN_ROOM(test_a_line_stands_once),
        IN_ROOM(test_a_line_that_does_not_fit),
        IN_ROOM(test_lists_that_do_not_follow_each_other),
        IN_ROOM(test_a_room_that_is_none),
        IN_ROOM(test_memory_that_runs_out),
        IN_ROOM(test_nothing_is_left_of_what_goes),
        IN_SCRATCH(test_it_is_its_owners_alone),
        IN_SCRATCH(test_what_is_there_stays),
        IN_SCRATCH(test_a_part_of_it_is_not_left),
    };
    return RUN(tests);
}
