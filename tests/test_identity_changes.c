/* SPDX-License-Identifier: MIT */
/* Changes of identities on disk: a program killed at any step, a disk that fails at any step, two clients at once. What
 * must hold: whichever password the server believes, it opens the identity that the user has. */
#include "tests/identities.h"

/* What a child does, and with what. */
struct job {
    void **state;
    struct identity id; /* what is to be written */
    const uint8_t *password;
    size_t password_len;
    enum identity_copy keep;
    int again_at; /* a second try fails at that step; 0: there is none */
    int result;
};

static void do_save(void *arg)
{
    struct job *j = arg;
    char why[WHY_LEN] = "";
    struct identity_files f = files(j->state);
    j->result = identity_save(&f, &j->id, j->password, j->password_len, &rng, why);
    assert_int_equal(j->result != 0, *why != '\0');
}

static void do_replace(void *arg)
{
    struct job *j = arg;
    char why[WHY_LEN] = "";
    struct identity_files f = files(j->state);
    j->result = identity_replace(&f, &j->id, j->password, j->password_len, &rng, why);
    assert_int_equal(j->result != 0, *why != '\0');
}

/* Under the old password, as a client does that has logged in: the second copy, and what is to be kept then. */
static void do_change(void *arg)
{
    struct job *j = arg;
    char why[WHY_LEN] = "";
    struct identity id;
    struct identity_files f = files(j->state);
    j->result = identity_load(&f, &id, OLD, why) == IDENTITY_OK ? 0 : -1;
    if (j->result == 0)
        j->result = identity_save_next(&f, &id, j->password, j->password_len, &rng, why);
    if (j->result == 0 && j->keep == IDENTITY_NEXT)
        j->result = identity_settle(&f, IDENTITY_NEXT, why);
    assert_int_equal(j->result != 0, *why != '\0');
    identity_files_close(&f);
}

static bool opens(void **state, const struct identity *expected, const uint8_t *password, size_t len)
{
    struct identity id;
    if (look(state, &id, password, len) != IDENTITY_OK)
        return false;
    assert_same_identity(&id, expected);
    return true;
}

static void start_again(void **state)
{
    static const char *const all[] = {KEY, NEXT, CERTIFICATE, KEY ".new", NEXT ".new", CERTIFICATE ".new"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        (void)unlinkat(scratch_fd(state), all[i], 0);
    save(state, keys_identity("alice"), OLD);
}

static void log_in_and_settle(void **state, const uint8_t *password, size_t len)
{
    char why[WHY_LEN] = "";
    struct identity id;
    struct identity_files f = files(state);
    assert_int_equal(identity_load(&f, &id, password, len, why), IDENTITY_OK);
    assert_int_equal(identity_settle(&f, f.opened, why), 0);
    identity_files_close(&f);
}

/* --- Killed ------------------------------------------------------------------------------------------------------- */

static void test_killed_while_saving(void **state)
{
    struct job j = {
        .state = state, .id = *keys_identity("alice"), .password = (const uint8_t *)"the old one", .password_len = 11};
    struct identity id;
    int step = 1;
    for (; killed_at(step, do_save, &j); step++) {
        enum identity_result result = look(state, &id, OLD);
        assert_true(result == IDENTITY_NONE || result == IDENTITY_OK);
        do_save(&j); /* and the next try succeeds, if it was not done */
        assert_int_equal(j.result == 0, result == IDENTITY_NONE);
        assert_finds(state, &j.id, OLD);
        assert_false(is_there(state, KEY ".new"));
        assert_int_equal(unlinkat(scratch_fd(state), KEY, 0), 0);
    }
    assert_true(step > 8); /* two files, each removed aside, written, synced, renamed and its folder synced */
}

/* Before the server is asked both passwords must open it, and whatever was left, none of it stands in the way. */
static void test_killed_while_changing_the_password(void **state)
{
    struct job j = {.state = state, .password = (const uint8_t *)"the new one", .password_len = 11};
    int step = 1;
    for (; killed_at(step, do_change, &j); step++) {
        assert_finds(state, keys_identity("alice"), OLD);
        (void)opens(state, keys_identity("alice"), NEW);
        log_in_and_settle(state, OLD); /* the server has not been asked */
        assert_false(is_there(state, NEXT));
        start_again(state);
    }
    assert_true(step > 4);
    assert_finds(state, keys_identity("alice"), OLD);
    assert_finds(state, keys_identity("alice"), NEW);
}

/* The server has taken the new password: from then on it opens, whenever the program is killed. */
static void test_killed_while_settling(void **state)
{
    struct job j = {.state = state, .password = (const uint8_t *)"the new one", .password_len = 11};
    int asked = 1;
    while (killed_at(asked, do_change, &j))
        asked++;
    j.keep = IDENTITY_NEXT;
    start_again(state);
    int step = asked;
    for (; killed_at(step, do_change, &j); step++) {
        assert_finds(state, keys_identity("alice"), NEW);
        log_in_and_settle(state, NEW);
        assert_false(is_there(state, NEXT));
        assert_false(opens(state, keys_identity("alice"), OLD));
        start_again(state);
    }
    assert_true(step > asked);
    assert_finds(state, keys_identity("alice"), NEW);
}

static void test_killed_while_replacing(void **state)
{
    struct job j = {.state = state, .id = other_key(), .password = (const uint8_t *)"the new one", .password_len = 11};
    int step = 1, old = 0, new = 0;
    for (; killed_at(step, do_replace, &j); step++) {
        bool is_old = opens(state, keys_identity("alice"), OLD), is_new = opens(state, &j.id, NEW);
        assert_int_equal(is_old + is_new, 1);
        old += is_old;
        new += is_new;
        if (is_new)
            log_in_and_settle(state, NEW);
        else
            log_in_and_settle(state, OLD);
        assert_int_equal(is_new, opens(state, &j.id, NEW));
        assert_false(is_there(state, NEXT));
        start_again(state);
    }
    assert_true(old > 4 && new >= 1);
    assert_finds(state, &j.id, NEW);
    assert_false(is_there(state, NEXT));
}

/* Killed when the new identity counted, and lay in the second copy's place: a password is changed from there. */
static void test_a_password_after_a_replacement_that_was_killed(void **state)
{
    char why[WHY_LEN] = "";
    struct identity id;
    struct job j = {.state = state, .id = other_key(), .password = (const uint8_t *)"the new one", .password_len = 11};
    int last = 1;
    while (killed_at(last, do_replace, &j))
        last++;
    int step = last - 1;
    do {
        start_again(state);
        assert_true(killed_at(step--, do_replace, &j));
    } while (!is_there(state, NEXT));
    struct identity_files f = files(state);
    assert_int_equal(identity_load(&f, &id, NEW, why), IDENTITY_OK);
    assert_int_equal(f.opened, IDENTITY_NEXT);
    assert_int_equal(identity_save_next(&f, &id, (const uint8_t *)"a third", 7, &rng, why), 0);
    identity_files_close(&f); /* killed before the server answered */
    assert_finds(state, &j.id, NEW);
    assert_finds(state, &j.id, (const uint8_t *)"a third", 7);
}

/* --- A disk that fails -------------------------------------------------------------------------------------------- */

/* Each step fails once, as on a full disk: it is said, and what was there can be opened. */
static void fails_everywhere(struct job *j, void (*change)(void *), bool (*holds)(struct job *))
{
    int step = 1;
    for (bool failed = true; failed; step++) {
        start_again(j->state);
        disk_fails_at(step, ENOSPC);
        change(j);
        failed = disk_works();
        assert_int_equal(j->result, failed ? -1 : 0);
        if (failed && !holds(j))
            fail_msg("step %d", step);
    }
    assert_true(step > 5);
}

static bool old_opens(struct job *j)
{
    return opens(j->state, keys_identity("alice"), OLD);
}

static bool new_opens(struct job *j)
{
    return opens(j->state, keys_identity("alice"), NEW);
}

static bool one_of_both_opens(struct job *j)
{
    return opens(j->state, keys_identity("alice"), OLD) != opens(j->state, &j->id, NEW);
}

static bool old_or_new_opens(struct job *j)
{
    return old_opens(j) || new_opens(j);
}

static void test_a_disk_that_fails(void **state)
{
    struct job j = {.state = state, .id = other_key(), .password = (const uint8_t *)"the new one", .password_len = 11};
    fails_everywhere(&j, do_change, old_opens);
    j.keep = IDENTITY_NEXT;
    fails_everywhere(&j, do_change, old_or_new_opens);
    fails_everywhere(&j, do_replace, one_of_both_opens);
}

/* The first copy is under the old password; the second, under the new one, is what the server's password opens. */
static void make_two_copies(void **state)
{
    struct job j = {.state = state, .password = (const uint8_t *)"the new one", .password_len = 11};
    start_again(state);
    do_change(&j);
    assert_int_equal(j.result, 0);
}

/* A login that could not settle, then a password that the server does not take. */
static void change_after_login(void *arg)
{
    struct job *j = arg;
    char why[WHY_LEN] = "";
    struct identity id;
    struct identity_files f = files(j->state);
    assert_int_equal(identity_load(&f, &id, NEW, why), IDENTITY_OK);
    j->result = identity_settle(&f, f.opened, why);
    disk.fails_at = 0;
    assert_int_equal(identity_save_next(&f, &id, (const uint8_t *)"a third", 7, &rng, why), 0);
    assert_int_equal(identity_settle(&f, IDENTITY_FIRST, why), 0);
    identity_files_close(&f);
}

static void test_a_login_that_could_not_settle(void **state)
{
    struct job j = {.state = state};
    int step = 1;
    for (bool failed = true; failed; step++) {
        make_two_copies(state);
        disk_fails_at(step, EROFS);
        change_after_login(&j);
        failed = j.result != 0;
        if (!opens(state, keys_identity("alice"), NEW))
            fail_msg("step %d", step);
        assert_false(opens(state, keys_identity("alice"), OLD));
    }
    assert_int_equal(step, 4); /* the rename, the folder's sync, and neither */
}

/* The same, and another client has settled meanwhile. */
static void test_a_login_that_another_client_has_settled(void **state)
{
    char why[WHY_LEN] = "";
    struct identity id;
    struct identity_files f = files(state);
    make_two_copies(state);
    assert_int_equal(identity_load(&f, &id, NEW, why), IDENTITY_OK);
    disk_fails_at(1, EROFS);
    assert_int_equal(identity_settle(&f, f.opened, why), -1);
    assert_true(disk_works());
    log_in_and_settle(state, NEW);
    assert_int_equal(identity_save_next(&f, &id, (const uint8_t *)"a third", 7, &rng, why), 0);
    assert_int_equal(identity_settle(&f, IDENTITY_FIRST, why), 0);
    assert_finds(state, keys_identity("alice"), NEW);
}

/* After a login that could not settle: only the second copy opens, and is not to be written over either. */
static void replace_after_login(void *arg)
{
    struct job *j = arg;
    char why[WHY_LEN] = "";
    struct identity id;
    struct identity_files f = files(j->state);
    assert_int_equal(identity_load(&f, &id, NEW, why), IDENTITY_OK);
    assert_int_equal(f.opened, IDENTITY_NEXT);
    j->result = identity_replace(&f, &j->id, NEW, &rng, why);
    if (j->result != 0 && j->again_at != 0) {
        struct identity third = key_of("server");
        (void)disk_works();
        disk_fails_at(j->again_at, EROFS);
        j->result = identity_replace(&f, &third, NEW, &rng, why);
    }
    identity_files_close(&f);
}

static void test_a_replacement_after_a_login_that_could_not_settle(void **state)
{
    struct job j = {.state = state, .id = other_key()};
    struct identity id;
    disk.is_memory = true;
    for (int step = 1; make_two_copies(state), killed_at(step, replace_after_login, &j); step++)
        if (look(state, &id, NEW) != IDENTITY_OK)
            fail_msg("killed at step %d", step);
    bool first_failed = true;
    for (int step = 1; first_failed; step++) {
        bool failed = true;
        for (j.again_at = 1; failed; j.again_at++) {
            make_two_copies(state);
            disk_fails_at(step, EROFS);
            replace_after_login(&j);
            first_failed = disk.fails_at == j.again_at;
            failed = j.result != 0;
            (void)disk_works();
            if (look(state, &id, NEW) != IDENTITY_OK)
                fail_msg("steps %d and %d", step, j.again_at);
        }
    }
    disk.is_memory = false;
}

/* Nothing is left behind by what did not fit. */
static void test_a_full_disk_leaves_nothing(void **state)
{
    struct job j = {.state = state, .password = (const uint8_t *)"the new one", .password_len = 11};
    disk_fails_at(2, ENOSPC); /* the write itself */
    do_change(&j);
    assert_true(disk_works());
    assert_int_equal(j.result, -1);
    assert_false(is_there(state, NEXT));
    assert_false(is_there(state, NEXT ".new"));
    assert_finds(state, keys_identity("alice"), OLD);
    assert_int_equal(look(state, &j.id, NEW), IDENTITY_WRONG_PASSWORD);
}

/* --- Two clients -------------------------------------------------------------------------------------------------- */

/* One is between its new password and the server's answer: another that logs in removes and changes nothing. */
static void test_nobody_removes_the_copy_that_another_needs(void **state)
{
    char why[WHY_LEN] = "";
    struct identity id, other;
    struct identity_files f = files(state), g = files(state);
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_OK);
    assert_int_equal(identity_save_next(&f, &id, NEW, &rng, why), 0);
    assert_int_equal(identity_load(&g, &other, OLD, why), IDENTITY_OK);
    assert_int_equal(identity_settle(&g, g.opened, why), 0);
    assert_true(is_there(state, NEXT));
    assert_int_equal(identity_save_next(&g, &other, (const uint8_t *)"another", 7, &rng, why), -1);
    assert_non_null(strstr(why, ".lock: another program does not let go of it"));
    assert_int_equal(identity_settle(&f, IDENTITY_NEXT, why), 0);
    assert_finds(state, keys_identity("alice"), NEW);
    assert_false(is_there(state, NEXT));
    assert_int_equal(identity_load(&g, &other, NEW, why), IDENTITY_OK); /* now it is the other's turn */
    assert_int_equal(identity_save_next(&g, &other, OLD, &rng, why), 0);
    assert_int_equal(identity_settle(&g, IDENTITY_FIRST, why), 0); /* the server said no */
    assert_finds(state, keys_identity("alice"), NEW);
    assert_int_equal(look(state, &other, OLD), IDENTITY_WRONG_PASSWORD);
}

/* A part of the old identity must not get among the new one's files. */
static void test_an_identity_that_another_client_has_replaced(void **state)
{
    char why[WHY_LEN] = "";
    struct identity id, new = other_key();
    struct certificate c;
    struct identity_files f = files(state), g = files(state);
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_OK);
    assert_int_equal(identity_settle(&f, f.opened, why), 0);
    assert_int_equal(identity_replace(&g, &new, NEW, &rng, why), 0);
    assert_int_equal(identity_save_next(&f, &id, OLD, &rng, why), -1);
    assert_non_null(strstr(why, "was changed just now: log in again"));
    assert_int_equal(certificate_decode(&c, id.certificate, id.certificate_len), NET_OK);
    assert_int_equal(identity_set_certificate(&f, &id, &c, why), -1);
    assert_non_null(strstr(why, "was changed just now: log in again"));
    assert_finds(state, &new, NEW);
}

/* A link where a file is written aside leads nowhere. */
static void test_what_stands_in_a_new_file_s_place(void **state)
{
    size_t len;
    struct job j = {.state = state, .id = other_key(), .password = (const uint8_t *)"the new one", .password_len = 11};
    scratch_write(state, "elsewhere", "left", 4);
    assert_int_equal(symlinkat("../elsewhere", scratch_fd(state), NEXT ".new"), 0);
    assert_int_equal(symlinkat("../elsewhere", scratch_fd(state), CERTIFICATE ".new"), 0);
    do_replace(&j);
    assert_int_equal(j.result, 0);
    assert_finds(state, &j.id, NEW);
    char *text = scratch_read(state, "elsewhere", &len);
    assert_string_equal(text, "left");
    free(text);
}

static int with_rng(void **state)
{
    rng_init(&rng);
    return scratch_make(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_killed_while_saving, with_rng, scratch_remove),
        WITH_ALICE(test_killed_while_changing_the_password),
        WITH_ALICE(test_killed_while_settling),
        WITH_ALICE(test_killed_while_replacing),
        WITH_ALICE(test_a_password_after_a_replacement_that_was_killed),
        WITH_ALICE(test_a_disk_that_fails),
        WITH_ALICE(test_a_login_that_could_not_settle),
        WITH_ALICE(test_a_login_that_another_client_has_settled),
        WITH_ALICE(test_a_replacement_after_a_login_that_could_not_settle),
        WITH_ALICE(test_a_full_disk_leaves_nothing),
        WITH_ALICE(test_nobody_removes_the_copy_that_another_needs),
        WITH_ALICE(test_an_identity_that_another_client_has_replaced),
        WITH_ALICE(test_what_stands_in_a_new_file_s_place),
    };
    return RUN(tests);
}
