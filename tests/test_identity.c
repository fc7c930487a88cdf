/* SPDX-License-Identifier: MIT */
/* Identities on disk: what is found there, and what is refused. Crashes, full disks and two clients at once are in
 * test_identity_changes.c. */
#include <dirent.h>

#include "crypto/pem.h"
#include "net/sock.h"
#include "tests/aborts.h"
#include "tests/identities.h"

static void test_create(void **state)
{
    struct identity id;
    struct certificate c;
    (void)state;
    assert_int_equal(identity_create(&id, "alice", KEYS_NOW, &rng), 0);
    assert_int_equal(certificate_decode(&c, id.certificate, id.certificate_len), NET_OK);
    assert_int_equal(c.role, CERTIFICATE_USER);
    assert_string_equal(c.name, "alice");
    assert_memory_equal(c.modulus, id.key.n, sizeof c.modulus);
    assert_int_equal(certificate_verify_self(&c), NET_OK);
    assert_true(certificate_valid_at(&c, KEYS_NOW));
    assert_true(certificate_valid_at(&c, KEYS_NOW + UINT64_C(10) * 365 * 86400));
    assert_false(certificate_valid_at(&c, KEYS_NOW - 1));
    identity_wipe(&id);
    for (size_t i = 0; i < sizeof id; i++)
        assert_int_equal(((const uint8_t *)&id)[i], 0);
}

static void test_save_then_load(void **state)
{
    struct identity id;
    assert_finds(state, keys_identity("alice"), OLD);
    assert_int_equal(look(state, &id, NEW), IDENTITY_WRONG_PASSWORD);
    assert_int_equal(look(state, &id, (const uint8_t *)"", 0), IDENTITY_WRONG_PASSWORD);
    assert_mode(state, IDENTITY_FOLDER, 0700);
    assert_mode(state, KEY, 0600);
    assert_mode(state, CERTIFICATE, 0600);
    assert_false(is_there(state, NEXT));
}

static void test_nothing_is_kept_here(void **state)
{
    struct identity id;
    char why[WHY_LEN] = "";
    struct identity_files f;
    assert_int_equal(look(state, &id, OLD), IDENTITY_NONE); /* no folder yet */
    assert_false(is_there(state, IDENTITY_FOLDER));
    save(state, keys_identity("alice"), OLD);
    identity_files_init(&f, scratch_path(state), SERVER, "bob");
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_NONE);
    assert_non_null(strstr(why, "/identities has no key for bob@chat.example:7447"));
    f = files_at(state, "chat.example:7448");
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_NONE);
    assert_false(is_there(state, IDENTITY_FOLDER "/bob@" SERVER ".lock"));
}

/* A key that is there is lost by no second registration. */
static void test_save_writes_over_nothing(void **state)
{
    char why[WHY_LEN] = "";
    struct identity other = other_key();
    struct identity_files f = files(state);
    assert_int_equal(identity_save(&f, &other, NEW, &rng, why), -1);
    assert_non_null(strstr(why, ".key: is there already, and was not changed"));
    assert_finds(state, keys_identity("alice"), OLD);
}

/* --- Names of files ----------------------------------------------------------------------------------------------- */

static size_t count_files(void **state, const char *folder)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", scratch_path(state), folder);
    DIR *d = opendir(path);
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

/* Hosts may have any sign in them: as a part of a path, of a pattern, of a hidden file. */
static void test_no_name_leaves_the_folder(void **state)
{
    static const char *const typed[] = {
        "../../x:1",           "/etc/x:1",         "a/b:1",   "..:1x", ".hidden:1", "a%b:1", "*:1", "~:1", "[::1]:7447",
        "[fe80::1%../../x]:1", "[fe80::1%eth0]:1", "x.key:1", "a@b:1"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        struct sock_name name;
        char server[SOCK_NAME_LEN], why[WHY_LEN] = "";
        struct identity id;
        if (sock_parse(&name, typed[i], "7447") != 0)
            continue;
        sock_print(server, &name);
        struct identity_files f = files_at(state, server);
        assert_null(strchr(f.name, '/'));
        assert_non_null(strstr(f.name, "alice@"));
        if (identity_save(&f, keys_identity("alice"), OLD, &rng, why) != 0)
            fail_msg("%s", why);
        assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_OK);
        identity_files_close(&f);
        n++;
    }
    assert_true(n >= 8);
    assert_int_equal(count_files(state, IDENTITY_FOLDER), 3 * n); /* each server has its own */
    assert_int_equal(count_files(state, "."), 1);
}

/* Two hosts of 255 bytes that differ in the last one, and one that is just short enough to be read. */
static void test_long_names(void **state)
{
    char server[SOCK_NAME_LEN], why[WHY_LEN] = "";
    struct identity id;
    for (int last = 'a'; last <= 'b'; last++) {
        memset(server, 'x', 254);
        snprintf(server + 254, sizeof server - 254, "%c:65535", last);
        struct identity_files f = files_at(state, server);
        assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_NONE);
        assert_int_equal(identity_save(&f, keys_identity("alice"), OLD, &rng, why), 0);
        assert_int_equal(strlen(f.name), strlen("alice@") + 64);
        identity_files_close(&f);
    }
    struct identity_files f;
    memset(server, 'x', 90);
    snprintf(server + 90, sizeof server - 90, ":65");
    for (int longer = 0; longer <= 2; longer++) {
        identity_files_init(&f, scratch_path(state), server, "abcdefghijklmnopqrstuvwxyz012345");
        assert_int_equal(strchr(f.name, ':') != NULL, longer < 2);
        f.iterations = 1;
        assert_int_equal(identity_save(&f, keys_identity("alice"), OLD, &rng, why), 0);
        strcat(server, "5");
    }
}

static void init_no_user(void)
{
    struct identity_files f;
    identity_files_init(&f, "/tmp", SERVER, "../x");
}

static void init_no_server(void)
{
    struct identity_files f;
    identity_files_init(&f, "/tmp", "5", "alice");
}

static void test_wrong_use(void **state)
{
    (void)state;
    assert_true(aborts(init_no_user));
    assert_true(aborts(init_no_server));
}

/* --- Files that are not right ------------------------------------------------------------------------------------- */

static void assert_damaged(void **state, const char *words)
{
    char why[WHY_LEN] = "";
    struct identity id;
    struct identity_files f = files(state);
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_DAMAGED);
    if (strstr(why, words) == NULL || strstr(why, scratch_path(state)) != why)
        fail_msg("%s\nis not about: %s", why, words);
    identity_files_close(&f);
}

/* Whatever byte is changed or missing, no other identity comes out. What may pass is bytes from first to last alone. */
static void hurt(void **state, const char *file, bool sealed, size_t first, size_t last)
{
    size_t len;
    struct identity id;
    char *whole = scratch_read(state, file, &len), *text = malloc(len);
    assert_non_null(text);
    for (size_t i = 0; i < 2 * len; i++) {
        memcpy(text, whole, len);
        text[i % len] ^= (char)(1 << i % 8);
        scratch_write(state, file, text, i < len ? len : i - len);
        enum identity_result result = look(state, &id, OLD);
        if (result == IDENTITY_OK && i >= first && i < last)
            assert_memory_equal(&id.key, &keys_identity("alice")->key, sizeof id.key);
        else if (result == IDENTITY_OK)
            assert_same_identity(&id, keys_identity("alice"));
        else
            assert_true(result == IDENTITY_DAMAGED || (sealed && result == IDENTITY_WRONG_PASSWORD));
    }
    scratch_write(state, file, whole, len);
    free(text);
    free(whole);
    assert_finds(state, keys_identity("alice"), OLD);
}

static void test_a_key_with_any_byte_changed_or_missing(void **state)
{
    hurt(state, KEY, true, 0, 0);
}

/* With another issuer it says that an authority has signed it, which is its readers' to check. */
static void test_a_certificate_with_any_byte_changed_or_missing(void **state)
{
    size_t issuer = keys_identity("alice")->certificate_len - RSA_SIGNATURE_LEN - CERTIFICATE_FINGERPRINT_LEN;
    hurt(state, CERTIFICATE, false, issuer, issuer + CERTIFICATE_FINGERPRINT_LEN);
}

static void test_the_certificate_must_be_this_key_s_and_this_user_s(void **state)
{
    const struct identity *bob = keys_identity("bob"), *server = keys_identity("server");
    struct identity other = other_key();
    assert_int_equal(unlinkat(scratch_fd(state), CERTIFICATE, 0), 0);
    assert_damaged(state, ".certificate: is missing, and its key is there");
    scratch_write(state, CERTIFICATE, bob->certificate, bob->certificate_len);
    assert_damaged(state, ".certificate: it is not made out to alice");
    scratch_write(state, CERTIFICATE, server->certificate, server->certificate_len);
    assert_damaged(state, ".certificate: it is a server's, not a user's");
    scratch_write(state, CERTIFICATE, other.certificate, other.certificate_len);
    assert_damaged(state, ".certificate: is another key's");
}

static void test_a_key_that_is_not_sealed_is_refused(void **state)
{
    char pem[PEM_MAX_LEN + 1];
    assert_int_equal(pem_encode_private(pem, sizeof pem, &keys_identity("alice")->key), 0);
    scratch_write(state, KEY, pem, strlen(pem));
    assert_damaged(state, ".key: is damaged, or is no key that is sealed under a password");
}

static void test_links_and_what_others_can_change(void **state)
{
    assert_int_equal(renameat(scratch_fd(state), KEY, scratch_fd(state), "elsewhere"), 0);
    assert_int_equal(symlinkat("../elsewhere", scratch_fd(state), KEY), 0);
    assert_damaged(state, ".key: is a link");
    assert_int_equal(renameat(scratch_fd(state), "elsewhere", scratch_fd(state), KEY), 0);
    assert_int_equal(fchmodat(scratch_fd(state), KEY, 0660, 0), 0);
    assert_damaged(state, ".key: can be changed by other users");
    assert_int_equal(fchmodat(scratch_fd(state), KEY, 0600, 0), 0);
    assert_int_equal(fchmodat(scratch_fd(state), IDENTITY_FOLDER, 0770, 0), 0);
    assert_damaged(state, "/identities: can be changed by other users");
    assert_int_equal(fchmodat(scratch_fd(state), IDENTITY_FOLDER, 0700, 0), 0);
    assert_finds(state, keys_identity("alice"), OLD);
    assert_int_equal(renameat(scratch_fd(state), IDENTITY_FOLDER, scratch_fd(state), "moved"), 0);
    assert_int_equal(symlinkat("moved", scratch_fd(state), IDENTITY_FOLDER), 0);
    assert_damaged(state, "/identities: ");
}

/* --- Another certificate ------------------------------------------------------------------------------------------ */

static struct certificate signed_by(const char *who, const char *name, enum certificate_role role, const char *whose)
{
    struct certificate c = {.role = role, .not_before = 1, .not_after = UINT64_MAX};
    snprintf(c.name, sizeof c.name, "%s", name);
    memcpy(c.modulus, keys_identity(whose)->key.n, sizeof c.modulus);
    assert_int_equal(certificate_sign(&c, &keys_identity(who)->key, &rng), NET_OK);
    return c;
}

static void test_a_certificate_of_an_authority(void **state)
{
    char why[WHY_LEN] = "";
    struct identity id;
    struct certificate c = signed_by("authority", "alice", CERTIFICATE_USER, "alice"), found;
    struct identity_files f = files(state);
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_OK);
    assert_int_equal(identity_set_certificate(&f, &id, &c, why), 0);
    identity_files_close(&f);
    assert_finds(state, &id, OLD);
    assert_int_equal(certificate_decode(&found, id.certificate, id.certificate_len), NET_OK);
    assert_memory_equal(&found, &c, sizeof c);
}

static void test_certificates_that_are_refused(void **state)
{
    char why[WHY_LEN] = "";
    struct identity id;
    struct certificate wrong[] = {signed_by("alice", "alice", CERTIFICATE_USER, "alice"),
                                  signed_by("authority", "alice", CERTIFICATE_SERVER, "alice"),
                                  signed_by("authority", "alicf", CERTIFICATE_USER, "alice"),
                                  signed_by("authority", "alice", CERTIFICATE_USER, "bob"),
                                  signed_by("bob", "alice", CERTIFICATE_USER, "bob")};
    static const char *const words[] = {"its signature is wrong", "it is a server's", "it is not made out to alice",
                                        "it is another key's", "it is another key's"};
    struct identity_files f = files(state);
    wrong[0].not_after--;
    assert_int_equal(identity_load(&f, &id, OLD, why), IDENTITY_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(identity_set_certificate(&f, &id, &wrong[i], why), -1);
        assert_non_null(strstr(why, words[i]));
        assert_same_identity(&id, keys_identity("alice"));
    }
    identity_files_close(&f);
    assert_finds(state, keys_identity("alice"), OLD);
}

static int with_rng(void **state)
{
    rng_init(&rng);
    return scratch_make(state);
}

int main(void)
{
#define EMPTY(test) cmocka_unit_test_setup_teardown(test, with_rng, scratch_remove)
    const struct CMUnitTest tests[] = {
        EMPTY(test_create),
        WITH_ALICE(test_save_then_load),
        EMPTY(test_nothing_is_kept_here),
        WITH_ALICE(test_save_writes_over_nothing),
        EMPTY(test_no_name_leaves_the_folder),
        EMPTY(test_long_names),
        cmocka_unit_test(test_wrong_use),
        WITH_ALICE(test_a_key_with_any_byte_changed_or_missing),
        WITH_ALICE(test_a_certificate_with_any_byte_changed_or_missing),
        WITH_ALICE(test_the_certificate_must_be_this_key_s_and_this_user_s),
        WITH_ALICE(test_a_key_that_is_not_sealed_is_refused),
        WITH_ALICE(test_links_and_what_others_can_change),
        WITH_ALICE(test_a_certificate_of_an_authority),
        WITH_ALICE(test_certificates_that_are_refused),
    };
    return RUN(tests);
}
