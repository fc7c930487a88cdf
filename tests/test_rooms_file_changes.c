/* SPDX-License-Identifier: MIT */
/* The file of sealed rooms on disk: nothing is lost, even if several write at the same time, a program is killed, or a
 * disk fails. */
#include "tests/home_disk.h"
#include "tests/rooms_lines.h"

#define NAME "alice@chat.example:7447"
#define FILE_OF ROOMS_FILE_FOLDER "/" NAME

static char why[WHY_LEN];
static struct rooms_file_room got[ROOMS_FILE_ROOMS_MAX];
static size_t got_len;

static void take(void *arg, const struct rooms_file_room *room)
{
    (void)arg;
    assert_true(got_len < ROOMS_FILE_ROOMS_MAX);
    got[got_len++] = *room;
}

static struct rooms_file file_of(void **state)
{
    *why = '\0';
    got_len = 0;
    return (struct rooms_file){.home = scratch_path(state), .name = NAME};
}

static int load(void **state)
{
    const struct rooms_file f = file_of(state);
    return rooms_file_load(&f, take, NULL, why);
}

static int save(void **state, const struct rooms_file_room *room)
{
    const struct rooms_file f = file_of(state);
    return rooms_file_save(&f, room, why);
}

static void expect_saved(void **state, const struct rooms_file_room *room)
{
    if (save(state, room) != 0)
        fail_msg("%s", why);
}

/* That room alone is there, with that list. */
static void expect_one(void **state, uint8_t room, uint32_t n)
{
    if (load(state) != 0)
        fail_msg("%s", why);
    assert_int_equal(got_len, 1);
    assert_int_equal(got[0].list.room[0], room);
    assert_int_equal(got[0].list.n, n);
}

static void test_saved_then_loaded(void **state)
{
    static struct rooms_file_room one, two;
    const struct rooms_file f = file_of(state);
    assert_int_equal(rooms_file_load(&f, take, NULL, why), 0); /* there is none, and looking makes nothing */
    assert_int_equal(got_len, 0);
    assert_false(is_there(state, ROOMS_FILE_FOLDER));
    one = make_room(1, 0, SEALED_ROOM_IN);
    two = make_room(2, 4, SEALED_ROOM_ASKED);
    expect_saved(state, &one);
    expect_saved(state, &two);
    one = make_room(1, 1, SEALED_ROOM_OUT);
    expect_saved(state, &one);
    assert_int_equal(load(state), 0);
    assert_int_equal(got_len, 2);
    assert_int_equal(got[0].state, SEALED_ROOM_OUT);
    assert_int_equal(got[0].list.n, 1);
    assert_true(got[0].has_before && got[0].before.n == 0);
    assert_int_equal(got[1].state, SEALED_ROOM_ASKED);
    assert_true(room_list_same(&got[1].list, &two.list));
    assert_mode(state, ROOMS_FILE_FOLDER, 0700);
    assert_mode(state, FILE_OF, 0600);
    assert_mode(state, FILE_OF ".lock", 0600);
}

/* Each account at each server has a file of its own. */
static void test_accounts_are_apart(void **state)
{
    const struct rooms_file other = {.home = scratch_path(state), .name = "alice@other.example:7447"};
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN);
    expect_saved(state, &room);
    got_len = 0;
    assert_int_equal(rooms_file_load(&other, take, NULL, why), 0);
    assert_int_equal(got_len, 0);
}

/* --- What others have done to it ---------------------------------------------------------------------------------- */

static void test_a_damaged_file_is_not_written_over(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN);
    static const char more[] = "\n+exam in\n";
    char words[100];
    size_t len;
    expect_saved(state, &room);
    char *text = scratch_read(state, FILE_OF, &len), *damaged = malloc(len + sizeof more);
    assert_non_null(damaged);
    memcpy(damaged, text, len);
    memcpy(damaged + len, more, sizeof more);
    scratch_write(state, FILE_OF, damaged, len + sizeof more - 1);
    assert_int_equal(load(state), -1);
    snprintf(words, sizeof words, "/%s, line 4 is damaged: mend or remove that line", FILE_OF);
    assert_non_null(strstr(why, words));
    room = make_room(2, 0, SEALED_ROOM_IN);
    assert_int_equal(save(state, &room), -1);
    assert_non_null(strstr(why, words));
    free(text);
    text = scratch_read(state, FILE_OF, &len);
    assert_string_equal(text, damaged);
    free(text);
    free(damaged);
}

/* What anybody else may have written, or may read, is of no use. */
static void test_whose_file_it_is(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN), newer = make_room(1, 1, SEALED_ROOM_IN);
    expect_saved(state, &room);
    assert_int_equal(fchmodat(scratch_fd(state), ROOMS_FILE_FOLDER, 0770, 0), 0);
    assert_int_equal(load(state), -1);
    assert_int_equal(save(state, &newer), -1);
    assert_int_equal(fchmodat(scratch_fd(state), ROOMS_FILE_FOLDER, 0700, 0), 0);
    assert_int_equal(fchmodat(scratch_fd(state), FILE_OF, 0620, 0), 0);
    assert_int_equal(load(state), -1);
    assert_int_equal(save(state, &newer), -1);
    assert_int_equal(fchmodat(scratch_fd(state), FILE_OF, 0600, 0), 0);
    expect_one(state, 1, 0);
}

static void test_links_are_refused(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN), newer = make_room(1, 1, SEALED_ROOM_IN);
    size_t len;
    expect_saved(state, &room);
    assert_int_equal(renameat(scratch_fd(state), FILE_OF, scratch_fd(state), "elsewhere"), 0);
    assert_int_equal(symlinkat("../elsewhere", scratch_fd(state), FILE_OF), 0);
    char *before = scratch_read(state, "elsewhere", &len);
    assert_int_equal(load(state), -1);
    assert_int_equal(save(state, &newer), -1);
    char *text = scratch_read(state, "elsewhere", &len);
    assert_string_equal(text, before);
    free(text);
    free(before);
}

static void test_a_link_in_the_place_of_the_folder(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN);
    assert_int_equal(mkdirat(scratch_fd(state), "elsewhere", 0700), 0);
    assert_int_equal(symlinkat("elsewhere", scratch_fd(state), ROOMS_FILE_FOLDER), 0);
    assert_int_equal(save(state, &room), -1);
    assert_int_equal(load(state), -1);
    assert_false(is_there(state, "elsewhere/" NAME));
}

static void test_a_link_in_the_new_file_s_place(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN);
    size_t len;
    expect_saved(state, &room);
    scratch_write(state, "elsewhere", "left", 4);
    assert_int_equal(symlinkat("../elsewhere", scratch_fd(state), FILE_OF ".new"), 0);
    room = make_room(1, 1, SEALED_ROOM_IN);
    expect_saved(state, &room);
    char *text = scratch_read(state, "elsewhere", &len);
    assert_string_equal(text, "left");
    free(text);
    expect_one(state, 1, 1);
}

static void test_a_file_of_the_greatest_length(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN);
    expect_saved(state, &room);
    char *text = malloc(ROOMS_FILE_MAX);
    assert_non_null(text);
    memset(text, '#', ROOMS_FILE_MAX);
    scratch_write(state, FILE_OF, text, ROOMS_FILE_MAX);
    assert_int_equal(save(state, &room), -1); /* or nothing could be read any more */
    assert_non_null(strstr(why, strerror(EFBIG)));
    assert_int_equal(load(state), 0);
    assert_int_equal(got_len, 0);
    free(text);
}

/* So many of the longest lines that there can be are still read again. */
static void test_the_longest_lines(void **state)
{
    static struct rooms_file_room room;
    static struct rng rng;
    const struct identity *alice = user_identity("alice", CERTIFICATE_USER, "alice");
    rng_init(&rng);
    disk.is_memory = true;
    for (uint8_t i = 0; i < ROOMS_FILE_ROOMS_MAX; i++) {
        room = make_room((uint8_t)(i + 1), 1, SEALED_ROOM_STOPPED);
        room.list.count = ROOM_LIST_MEMBERS_MAX;
        for (size_t m = 1; m < ROOM_LIST_MEMBERS_MAX; m++)
            snprintf(room.list.members[m].name, sizeof room.list.members[m].name, "m%031zu", m);
        assert_int_equal(room_list_sign(&room.list, &alice->key, &rng), 0);
        room.before = room.list;
        room.list.n = 2;
        assert_int_equal(room_list_sign(&room.list, &alice->key, &rng), 0);
        expect_saved(state, &room);
    }
    disk.is_memory = false;
    assert_int_equal(load(state), 0);
    assert_int_equal(got_len, ROOMS_FILE_ROOMS_MAX);
    assert_true(room_list_same(&got[ROOMS_FILE_ROOMS_MAX - 1].list, &room.list));
}

/* --- Two clients -------------------------------------------------------------------------------------------------- */

#define WRITERS 3
#define EACH 5

/* Some write rooms of their own, and all of them the lists of one: no line is lost, and that one never goes back. */
static void test_nobody_loses_a_room_to_another(void **state)
{
    pid_t child[WRITERS];
    for (uint8_t w = 0; w < WRITERS; w++) {
        child[w] = fork();
        assert_true(child[w] >= 0);
        if (child[w] == 0) {
            int failed = 0;
            for (uint8_t i = 0; i < EACH; i++) {
                struct rooms_file_room room = make_room((uint8_t)(10 * (w + 1) + i), 0, SEALED_ROOM_IN);
                failed |= save(state, &room) != 0;
                room = make_room(1, i, SEALED_ROOM_IN);
                (void)!save(state, &room); /* somebody may have been faster */
            }
            _exit(failed);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        assert_int_equal(waitpid(child[w], &status, 0), child[w]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(load(state), 0);
    assert_int_equal(got_len, WRITERS * EACH + 1);
    for (size_t i = 0; i < got_len; i++)
        assert_int_equal(got[i].list.n, got[i].list.room[0] == 1 ? EACH - 1 : 0);
}

/* --- Disks that fail, programs that are killed -------------------------------------------------------------------- */

struct change {
    void **state;
    struct rooms_file_room *room;
};

static void save_it(void *arg)
{
    const struct change *c = arg;
    (void)!save(c->state, c->room);
}

/* Before: one room, list 0; and another that must not be lost. */
static void write_before(void **state)
{
    struct rooms_file_room room = make_room(1, 0, SEALED_ROOM_IN);
    char text[2 * ROOMS_LINE_MAX];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", line_of_room(&room, "in"));
    room = make_room(2, 7, SEALED_ROOM_LEFT);
    snprintf(text + len, sizeof text - len, "%s", line_of_room(&room, "left"));
    scratch_write(state, FILE_OF, text, strlen(text));
}

static uint32_t n_on_disk(void **state)
{
    if (load(state) != 0)
        fail_msg("%s", why);
    assert_int_equal(got_len, 2);
    assert_int_equal(got[1].list.n, 7);
    return got[0].list.n;
}

static void test_killed_at_any_step(void **state)
{
    struct rooms_file_room first = make_room(1, 0, SEALED_ROOM_IN), newer = make_room(1, 1, SEALED_ROOM_IN);
    struct change change = {state, &newer};
    int step = 1, before = 0;
    expect_saved(state, &first);
    write_before(state);
    for (; killed_at(step, save_it, &change); step++) {
        before += n_on_disk(state) == 0;
        write_before(state);
        expect_saved(state, &newer); /* what the dead one left stands in nobody's way */
        assert_int_equal(n_on_disk(state), 1);
        assert_false(is_there(state, FILE_OF ".new"));
        write_before(state);
    }
    assert_true(step > 4 && before >= 3);
    assert_int_equal(n_on_disk(state), 1);
}

/* The very first line: it is there, or nothing is. */
static void test_killed_at_any_step_of_the_first(void **state)
{
    struct rooms_file_room first = make_room(1, 0, SEALED_ROOM_IN);
    struct change change = {state, &first};
    for (int step = 1; killed_at(step, save_it, &change); step++) {
        assert_int_equal(load(state), 0);
        assert_true(got_len <= 1);
        (void)unlinkat(scratch_fd(state), FILE_OF, 0);
    }
    expect_one(state, 1, 0);
}

static void test_a_disk_that_fails_at_any_step(void **state)
{
    static const int errors[] = {ENOSPC, EIO};
    struct rooms_file_room first = make_room(1, 0, SEALED_ROOM_IN), newer = make_room(1, 1, SEALED_ROOM_IN);
    expect_saved(state, &first);
    for (size_t e = 0; e < 2; e++) {
        int step = 1, before = 0;
        for (bool failed = true; failed; step++) {
            write_before(state);
            disk_fails_at(step, errors[e]);
            int result = save(state, &newer);
            failed = disk_works();
            assert_int_equal(result, failed ? -1 : 0);
            if (failed)
                assert_non_null(strstr(why, strerror(errors[e])));
            before += n_on_disk(state) == 0;
        }
        assert_true(step > 5 && before >= 3); /* the last step syncs the folder */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_saved_then_loaded),
        WITH_FOLDER(test_accounts_are_apart),
        WITH_FOLDER(test_a_damaged_file_is_not_written_over),
        WITH_FOLDER(test_whose_file_it_is),
        WITH_FOLDER(test_links_are_refused),
        WITH_FOLDER(test_a_link_in_the_place_of_the_folder),
        WITH_FOLDER(test_a_link_in_the_new_file_s_place),
        WITH_FOLDER(test_a_file_of_the_greatest_length),
        WITH_FOLDER(test_the_longest_lines),
        WITH_FOLDER(test_nobody_loses_a_room_to_another),
        WITH_FOLDER(test_killed_at_any_step),
        WITH_FOLDER(test_killed_at_any_step_of_the_first),
        WITH_FOLDER(test_a_disk_that_fails_at_any_step),
    };
    return RUN(tests);
}
