/* SPDX-License-Identifier: MIT */
/* The jobs of this user's identity, one after the other, on the test's own thread; its files are in test_identity.c. */
#include "app/client/own_identity.h"

#include "tests/aborts.h"
#include "tests/identities.h"

static const struct secret old_one = {.password = "the old one", .password_len = 11};
static const struct secret new_one = {.password = "the new one", .password_len = 11};
static const struct own_identity none;

static struct own_identity own;

static void begin(void **state)
{
    own_identity_init(&own);
    own_identity_locate(&own, scratch_path(state), SERVER, "alice");
    own.files.iterations = 1;
}

/* Does the job that has begun. */
static void work(enum own_identity_task task, enum identity_result result)
{
    assert_true(own.busy);
    own_identity_work(&own, &rng);
    assert_true(own.busy);
    assert_int_equal(own.job.task, task);
    assert_int_equal(own_identity_worked(&own), task != OWN_IDENTITY_MAKE && task != OWN_IDENTITY_SEAL);
    assert_false(own.busy);
    assert_int_equal(own.job.result, result);
    assert_int_equal(result != IDENTITY_OK || own.job.unsettled, own.job.why[0] != '\0');
    assert_memory_equal(&own.job.secret, &none.job.secret, sizeof own.job.secret);
}

/* What others are told of it, which is nothing while it is not open. */
static void expect_told(enum identity_result result)
{
    struct rsa_public key;
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN], right[CERTIFICATE_FINGERPRINT_LEN];
    bool is_open = result == IDENTITY_OK;
    assert_int_equal(own_identity_is_locked(&own), result == IDENTITY_WRONG_PASSWORD);
    assert_int_equal(own_identity_public(&own, &key), is_open);
    assert_int_equal(own_identity_fingerprint(&own, fingerprint), is_open);
    if (!is_open)
        return;
    certificate_fingerprint(right, keys_identity("alice")->key.n);
    assert_memory_equal(key.n, keys_identity("alice")->key.n, sizeof key.n);
    assert_memory_equal(fingerprint, right, sizeof right);
}

static void open_under(const struct secret *s, enum identity_result result)
{
    assert_true(own_identity_open(&own, s));
    work(OWN_IDENTITY_OPEN, result);
    assert_int_equal(own.result, result);
    assert_int_equal(own_identity_is_open(&own), result == IDENTITY_OK);
    assert_same_identity(&own.identity, result == IDENTITY_OK ? keys_identity("alice") : &none.identity);
    expect_told(result);
}

static void end(void)
{
    own_identity_end(&own);
    assert_int_equal(own.files.lock, -1);
    assert_false(own_identity_is_open(&own));
    assert_memory_equal(&own.identity, &none.identity, sizeof own.identity);
    assert_memory_equal(&own.next, &none.next, sizeof own.next);
    assert_memory_equal(&own.password, &none.password, sizeof own.password);
    assert_memory_equal(&own.job.secret, &none.job.secret, sizeof own.job.secret);
}

/* --- A new one ---------------------------------------------------------------------------------------------------- */

static void test_a_new_account(void **state)
{
    begin(state);
    assert_false(own_identity_open(&own, &old_one));
    assert_int_equal(own.result, IDENTITY_NONE);
    assert_string_equal(own.job.why, "no key of alice is kept here");
    own_identity_make(&own, &old_one);
    work(OWN_IDENTITY_MAKE, IDENTITY_OK);
    assert_false(own.job.kept);
    assert_false(own_identity_is_open(&own));
    struct identity made = own.next;
    size_t len;
    assert_memory_equal(own_identity_next_certificate(&own, &len), made.certificate, made.certificate_len);
    assert_int_equal(len, made.certificate_len);
    assert_true(own_identity_register(&own, &old_one));
    assert_memory_equal(&own.next, &none.next, sizeof own.next);
    assert_false(own_identity_is_open(&own)); /* before it is written */
    work(OWN_IDENTITY_WRITE, IDENTITY_OK);
    assert_true(own_identity_is_open(&own));
    assert_same_identity(&own.identity, &made);
    assert_finds(state, &made, OLD);
    end();
}

static void test_a_key_that_is_kept_is_taken(void **state)
{
    begin(state);
    own_identity_make(&own, &new_one);
    work(OWN_IDENTITY_MAKE, IDENTITY_WRONG_PASSWORD);
    assert_true(own.job.kept); /* and in the way */
    own_identity_make(&own, &old_one);
    work(OWN_IDENTITY_MAKE, IDENTITY_OK);
    assert_same_identity(&own.next, keys_identity("alice"));
    assert_false(own_identity_register(&own, &old_one));
    assert_true(own_identity_is_open(&own));
    assert_same_identity(&own.identity, keys_identity("alice"));
    end();
}

/* As after own_identity_make_another. */
static void replace_by(const struct identity *id, const struct secret *account)
{
    own.next = *id;
    own_identity_close(&own);
    own_identity_replace(&own, account);
}

static void test_another_takes_its_place(void **state)
{
    const struct identity bobs = other_key();
    begin(state);
    open_under(&old_one, IDENTITY_OK);
    replace_by(&bobs, &new_one);
    work(OWN_IDENTITY_REPLACE, IDENTITY_OK);
    assert_true(own_identity_is_open(&own));
    assert_finds(state, &bobs, NEW);
    end();
}

static void test_another_is_made_beside_the_one_that_is_kept(void **state)
{
    begin(state);
    open_under(&old_one, IDENTITY_OK);
    own_identity_make_another(&own);
    work(OWN_IDENTITY_MAKE, IDENTITY_OK);
    assert_false(own.job.kept);
    assert_true(own_identity_is_open(&own));
    assert_memory_not_equal(own.next.key.n, own.identity.key.n, sizeof own.next.key.n);
    end();
}

/* What can't be written is lost when the program ends: it is not to be used until then. */
static void test_what_is_not_written_is_not_open(void **state)
{
    const struct identity bobs = other_key();
    begin(state);
    open_under(&old_one, IDENTITY_OK);
    replace_by(&bobs, &old_one);
    disk_fails_at(1, EROFS);
    work(OWN_IDENTITY_REPLACE, IDENTITY_DAMAGED);
    assert_true(disk_works());
    assert_false(own_identity_is_open(&own));
    assert_memory_equal(&own.identity, &none.identity, sizeof own.identity);
    assert_finds(state, keys_identity("alice"), OLD);
    end();
}

/* --- Passwords ---------------------------------------------------------------------------------------------------- */

/* Another job meanwhile changes nothing of why it is not open. */
static void test_it_is_unlocked(void **state)
{
    begin(state);
    open_under(&new_one, IDENTITY_WRONG_PASSWORD);
    own_identity_make(&own, &old_one);
    work(OWN_IDENTITY_MAKE, IDENTITY_OK);
    assert_int_equal(own.result, IDENTITY_WRONG_PASSWORD);
    own_identity_unlock(&own, &old_one);
    work(OWN_IDENTITY_OPEN, IDENTITY_OK);
    assert_true(own.job.typed);
    assert_true(own_identity_follows_account(&own));
    end();
}

static void test_a_password_of_its_own(void **state)
{
    const struct identity bobs = other_key();
    begin(state);
    own.password = new_one;
    open_under(&old_one, IDENTITY_WRONG_PASSWORD);
    own_identity_unlock(&own, &old_one); /* what is typed counts beside it */
    work(OWN_IDENTITY_OPEN, IDENTITY_OK);
    assert_false(own_identity_follows_account(&own));
    replace_by(&bobs, &old_one);
    work(OWN_IDENTITY_REPLACE, IDENTITY_OK);
    assert_finds(state, &bobs, NEW);
    end();
}

static void test_it_follows_the_account_s_password(void **state)
{
    struct identity id;
    char why[WHY_LEN];
    for (int changed = 0; changed < 2; changed++) {
        begin(state);
        open_under(&old_one, IDENTITY_OK);
        own_identity_seal(&own, NEW);
        work(OWN_IDENTITY_SEAL, IDENTITY_OK);
        assert_true(own_identity_is_open(&own));
        assert_finds(state, keys_identity("alice"), OLD);
        assert_finds(state, keys_identity("alice"), NEW);
        assert_int_equal(own_identity_settle(&own, changed != 0, why), 0);
        assert_int_equal(look(state, &id, OLD), changed ? IDENTITY_WRONG_PASSWORD : IDENTITY_OK);
        assert_int_equal(look(state, &id, NEW), changed ? IDENTITY_OK : IDENTITY_WRONG_PASSWORD);
        end();
    }
}

/* It is open all the same. */
static void test_a_copy_that_is_not_removed(void **state)
{
    begin(state);
    open_under(&old_one, IDENTITY_OK);
    own_identity_seal(&own, NEW);
    work(OWN_IDENTITY_SEAL, IDENTITY_OK);
    end();
    begin(state);
    disk_fails_at(1, EROFS);
    open_under(&new_one, IDENTITY_OK);
    assert_true(disk_works());
    assert_true(own.job.unsettled);
    end();
}

/* --- A job and the next ------------------------------------------------------------------------------------------- */

static void test_nothing_outlives_its_job(void **state)
{
    static const struct own_identity_job fresh = {.task = OWN_IDENTITY_SEAL};
    begin(state);
    memset(&own.job, 1, sizeof own.job); /* as if all had happened */
    own_identity_seal(&own, OLD);
    assert_memory_equal(own.job.secret.password, old_one.password, old_one.password_len);
    secret_wipe(&own.job.secret);
    assert_int_equal(own.job.task, fresh.task);
    assert_int_equal(own.job.result, fresh.result);
    assert_string_equal(own.job.why, "");
    assert_false(own.job.typed || own.job.may_be_kept || own.job.kept || own.job.unsettled);
    end();
}

static void begin_two(void)
{
    own_identity_unlock(&own, &old_one);
    own_identity_unlock(&own, &old_one);
}

static void test_one_at_a_time(void **state)
{
    begin(state);
    assert_true(aborts(begin_two));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_new_account, scratch_make, scratch_remove),
        WITH_ALICE(test_a_key_that_is_kept_is_taken),
        WITH_ALICE(test_another_takes_its_place),
        WITH_ALICE(test_another_is_made_beside_the_one_that_is_kept),
        WITH_ALICE(test_what_is_not_written_is_not_open),
        WITH_ALICE(test_it_is_unlocked),
        WITH_ALICE(test_a_password_of_its_own),
        WITH_ALICE(test_it_follows_the_account_s_password),
        WITH_ALICE(test_a_copy_that_is_not_removed),
        WITH_ALICE(test_nothing_outlives_its_job),
        WITH_ALICE(test_one_at_a_time),
    };
    return RUN(tests);
}
