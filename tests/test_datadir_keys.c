/* SPDX-License-Identifier: MIT */
/* The keys in the server's folder: the identity that is made once and kept, its renewal, and the key of the store. */
#include "app/server/store/datadir.h"

#include <signal.h>

#include "crypto/pem.h"
#include "tests/datadir_scratch.h"
#include "tests/rsa_key.h"

#define NOW 1795246990ull

static int load_identity(const struct datadir *d, struct identity *identity, char error[static WHY_LEN])
{
    struct datadir copy = *d;
    struct rng rng;
    rng_init(&rng);
    int result = datadir_identity(&copy, identity, "chat.example", NOW, &rng, error);
    rng_wipe(&rng);
    return result;
}

static void assert_identity(const struct datadir *d, struct identity *identity)
{
    char error[WHY_LEN];
    if (load_identity(d, identity, error) != 0)
        fail_msg("%s", error);
}

static void assert_no_identity(const struct datadir *d, const char *file, const char *why)
{
    static const struct identity nothing;
    struct identity identity;
    char error[WHY_LEN] = "";
    memset(&identity, 0x55, sizeof identity);
    assert_int_equal(load_identity(d, &identity, error), -1);
    if (strstr(error, file) == NULL || strstr(error, why) == NULL || strchr(error, '\n') != NULL)
        fail_msg("says: %s", error);
    assert_memory_equal(&identity, &nothing, sizeof identity);
}

static void write_file(const struct datadir *d, const char *file, const void *data, size_t len)
{
    int fd = openat(d->fd, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
}

static void assert_file_is(const struct datadir *d, const char *file, const void *data, size_t len)
{
    char found[PEM_MAX_LEN + 1];
    int fd = openat(d->fd, file, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, found, sizeof found), len);
    assert_memory_equal(found, data, len);
    close(fd);
}

/* A folder with a key that is not made here, which would take a second. */
static struct datadir open_with_key(void **state, struct rsa_private *key)
{
    char pem[PEM_MAX_LEN];
    struct datadir d = open_data(state);
    rsa_key(key, 1);
    assert_int_equal(pem_encode_private(pem, sizeof pem, key), 0);
    write_file(&d, "server.key", pem, strlen(pem));
    return d;
}

static void write_certificate(const struct datadir *d, const struct rsa_private *key, enum certificate_role role)
{
    struct certificate c = {.role = role, .name = "chat.example", .not_after = NOW};
    uint8_t bytes[CERTIFICATE_MAX_LEN];
    struct rng rng;
    rng_init(&rng);
    assert_int_equal(certificate_sign_self(&c, key, &rng), NET_OK);
    write_file(d, "server.certificate", bytes, certificate_encode(bytes, &c));
}

static void test_the_first_start_makes_it_and_the_next_keeps_it(void **state)
{
    struct identity first, second;
    struct datadir d = open_data(state);
    write_file(&d, "server.key.new", "what a crash has left", 21);
    assert_identity(&d, &first);
    assert_int_equal(mode_of(d.fd, "server.key"), 0600);
    assert_int_equal(mode_of(d.fd, "server.certificate"), 0600);
    assert_false(exists(d.fd, "server.key.new"));
    assert_false(exists(d.fd, "server.certificate.new"));
    assert_identity(&d, &second);
    assert_memory_equal(&second.key, &first.key, sizeof first.key);
    assert_int_equal(second.certificate_len, first.certificate_len);
    assert_memory_equal(second.certificate, first.certificate, first.certificate_len);
    datadir_close(&d);
}

static void test_a_missing_certificate_is_made(void **state)
{
    struct identity identity;
    struct rsa_private key;
    struct certificate c;
    struct datadir d = open_with_key(state, &key);
    assert_identity(&d, &identity);
    assert_memory_equal(&identity.key, &key, sizeof key);
    assert_int_equal(certificate_decode(&c, identity.certificate, identity.certificate_len), NET_OK);
    assert_int_equal(certificate_verify_self(&c), NET_OK);
    assert_int_equal(c.role, CERTIFICATE_SERVER);
    assert_string_equal(c.name, "chat.example");
    assert_true(certificate_valid_at(&c, NOW - 3600)); /* a client whose clock is behind */
    assert_true(certificate_valid_at(&c, NOW + 9ull * 365 * 86400));
    assert_false(certificate_valid_at(&c, NOW + 11ull * 365 * 86400));
    assert_file_is(&d, "server.certificate", identity.certificate, identity.certificate_len);
    datadir_close(&d);
}

/* First the bytes, then the name: a name that shows before its bytes are safe would be an empty file after a crash. */
static void test_what_is_written_is_synced(void **state)
{
    struct identity identity;
    struct rsa_private key;
    struct datadir d = open_with_key(state, &key);
    memset(sync_state.calls, 0, sizeof sync_state.calls);
    assert_identity(&d, &identity);
    assert_string_equal(sync_state.calls, "fd");
    assert_int_equal(unlinkat(d.fd, "server.certificate", 0), 0);
    sync_state.fails = 1;
    assert_no_identity(&d, "server.certificate", "can't be written");
    assert_false(exists(d.fd, "server.certificate"));
    datadir_close(&d);
}

static void test_a_damaged_key_is_refused_and_left(void **state)
{
    struct rsa_private key;
    char pem[PEM_MAX_LEN], damaged[PEM_MAX_LEN];
    struct datadir d = open_with_key(state, &key);
    assert_int_equal(pem_encode_private(pem, sizeof pem, &key), 0);
    size_t len = strlen(pem);
    for (size_t at = 0; at < len; at += 97) {
        memcpy(damaged, pem, len);
        damaged[at] ^= 2;
        write_file(&d, "server.key", damaged, len);
        assert_no_identity(&d, "server.key", "put back a copy");
        assert_file_is(&d, "server.key", damaged, len);
    }
    write_file(&d, "server.key", pem, len / 2);
    assert_no_identity(&d, "server.key", "put back a copy");
    write_file(&d, "server.key", "", 0);
    assert_no_identity(&d, "server.key", "put back a copy");
    memset(damaged, '\n', sizeof damaged);
    write_file(&d, "server.key", damaged, sizeof damaged);
    assert_no_identity(&d, "server.key", "put back a copy");
    assert_false(exists(d.fd, "server.certificate"));
    datadir_close(&d);
}

static void test_a_key_open_to_others_is_refused(void **state)
{
    struct rsa_private key;
    struct datadir d = open_with_key(state, &key);
    assert_int_equal(fchmodat(d.fd, "server.key", 0640, 0), 0);
    assert_no_identity(&d, "server.key", "chmod it to 600");
    assert_int_equal(fchmodat(d.fd, "server.key", 0600, 0), 0);
    assert_int_equal(renameat(d.fd, "server.key", d.fd, "elsewhere"), 0);
    assert_int_equal(symlinkat("elsewhere", d.fd, "server.key"), 0);
    assert_no_identity(&d, "server.key", "");
    datadir_close(&d);
}

static void test_a_certificate_that_does_not_fit_is_refused_and_left(void **state)
{
    struct rsa_private key, other;
    struct datadir d = open_with_key(state, &key);
    rsa_key(&other, 2);
    write_certificate(&d, &other, CERTIFICATE_SERVER);
    assert_no_identity(&d, "server.certificate", "for another key");
    write_certificate(&d, &key, CERTIFICATE_USER);
    assert_no_identity(&d, "server.certificate", "no server's certificate");
    write_file(&d, "server.certificate", "nonsense", 8);
    assert_no_identity(&d, "server.certificate", "no server's certificate");
    assert_file_is(&d, "server.certificate", "nonsense", 8);
    write_certificate(&d, &key, CERTIFICATE_SERVER);
    struct identity identity;
    assert_identity(&d, &identity);
    datadir_close(&d);
}

/* A lost key is no reason to make another: all who have pinned the old one would be warned of an impostor. */
static void test_a_certificate_without_a_key_is_refused(void **state)
{
    struct rsa_private key;
    struct datadir d = open_with_key(state, &key);
    write_certificate(&d, &key, CERTIFICATE_SERVER);
    assert_int_equal(unlinkat(d.fd, "server.key", 0), 0);
    assert_no_identity(&d, "server.key", "is missing");
    assert_false(exists(d.fd, "server.key"));
    datadir_close(&d);
}

static int renew(struct datadir *d, struct identity *fresh, uint8_t before[CERTIFICATE_FINGERPRINT_LEN],
                 char error[static WHY_LEN])
{
    struct rng rng;
    rng_init(&rng);
    int result = datadir_renew(d, fresh, before, "elsewhere", NOW, &rng, error);
    rng_wipe(&rng);
    return result;
}

static void test_a_renewed_key_is_signed_by_the_old_one(void **state)
{
    struct rsa_private key;
    struct rsa_public old;
    struct identity fresh, loaded;
    struct certificate c;
    uint8_t before[CERTIFICATE_FINGERPRINT_LEN], fp[CERTIFICATE_FINGERPRINT_LEN];
    char error[WHY_LEN];
    struct datadir d = open_with_key(state, &key);
    assert_identity(&d, &loaded); /* which makes its certificate, for chat.example */
    memset(sync_state.calls, 0, sizeof sync_state.calls);
    assert_int_equal(renew(&d, &fresh, before, error), 0);
    assert_string_equal(sync_state.calls, "fdfddf");
    rsa_public_of(&old, &key);
    certificate_fingerprint(fp, old.n);
    assert_memory_equal(before, fp, sizeof fp);
    assert_int_equal(certificate_decode(&c, fresh.certificate, fresh.certificate_len), NET_OK);
    assert_int_equal(certificate_verify(&c, &old), NET_OK);
    assert_int_equal(c.role, CERTIFICATE_SERVER);
    assert_string_equal(c.name, "chat.example");
    assert_true(certificate_valid_at(&c, NOW - 3600));
    assert_memory_not_equal(c.modulus, old.n, sizeof old.n);
    assert_identity(&d, &loaded);
    assert_memory_equal(&loaded.key, &fresh.key, sizeof fresh.key);
    assert_memory_equal(c.modulus, fresh.key.n, sizeof c.modulus);
    assert_file_is(&d, "server.certificate", fresh.certificate, fresh.certificate_len);
    assert_int_equal(mode_of(d.fd, "server.key"), 0600);
    assert_int_equal(mode_of(d.fd, "server.certificate"), 0600);
    datadir_close(&d);
}

/* The old key's bytes go with it, but not those of a copy that the operator made, not even of a hard link. */
static void test_the_old_key_is_wiped(void **state)
{
    char pem[PEM_MAX_LEN], found[PEM_MAX_LEN];
    static const char zeros[PEM_MAX_LEN];
    struct rsa_private key;
    struct identity fresh;
    uint8_t before[CERTIFICATE_FINGERPRINT_LEN];
    char error[WHY_LEN];
    struct datadir d = open_with_key(state, &key);
    assert_int_equal(pem_encode_private(pem, sizeof pem, &key), 0);
    int fd = openat(d.fd, "server.key", O_RDONLY);
    assert_int_equal(renew(&d, &fresh, before, error), 0);
    assert_int_equal(read(fd, found, sizeof found), strlen(pem));
    assert_memory_equal(found, zeros, strlen(pem));
    close(fd);
    assert_int_equal(linkat(d.fd, "server.key", d.fd, "copy", 0), 0);
    assert_int_equal(pem_encode_private(pem, sizeof pem, &fresh.key), 0);
    assert_int_equal(renew(&d, &fresh, before, error), 0);
    assert_file_is(&d, "copy", pem, strlen(pem));
    datadir_close(&d);
}

/* A key that another tool wrote, words and all, is taken, and wiped like any other. */
static void test_a_key_with_words_around_it(void **state)
{
    char pem[PEM_FILE_MAX_LEN + 2], found[PEM_FILE_MAX_LEN + 2];
    static const char zeros[PEM_FILE_MAX_LEN];
    struct rsa_private key;
    struct identity fresh;
    uint8_t before[CERTIFICATE_FINGERPRINT_LEN];
    char error[WHY_LEN];
    struct datadir d = open_with_key(state, &key);
    memset(pem, 'w', sizeof pem);
    char *at = pem + sizeof pem - 4000;
    at[-1] = '\n';
    assert_int_equal(pem_encode_private(at, 4000, &key), 0);
    *strchr(at, '\0') = '\n';
    write_file(&d, "server.key", pem, PEM_FILE_MAX_LEN);
    assert_identity(&d, &fresh);
    assert_memory_equal(&fresh.key, &key, sizeof key);
    int fd = openat(d.fd, "server.key", O_RDONLY);
    assert_int_equal(renew(&d, &fresh, before, error), 0);
    assert_int_equal(read(fd, found, sizeof found), PEM_FILE_MAX_LEN);
    assert_memory_equal(found, zeros, PEM_FILE_MAX_LEN);
    close(fd);
    assert_int_equal(unlinkat(d.fd, "server.certificate", 0), 0);
    write_file(&d, "server.key", pem, PEM_FILE_MAX_LEN + 1);
    assert_no_identity(&d, "server.key", "");
    datadir_close(&d);
}

#define NO_PASSWORD "is encrypted, and the server has no password for it"

static void test_what_the_server_can_not_use_is_named(void **state)
{
    static const char ed25519[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                                  "-----END PRIVATE KEY-----\n";
    static const char *const encrypted[] = {"vectors/pem/enc-scrypt.pem", "vectors/pem/enc-des3.pem",
                                            "vectors/pem/enc-pbes1.pem", "vectors/pem/enc-traditional.pem"};
    struct rsa_private key;
    char pem[PEM_MAX_LEN];
    struct rng rng;
    struct datadir d = open_with_key(state, &key);
    rng_init(&rng);
    assert_int_equal(pem_encode_private_encrypted(pem, sizeof pem, &key, (const uint8_t *)"p", 1, 1, &rng), 0);
    rng_wipe(&rng);
    write_file(&d, "server.key", pem, strlen(pem));
    assert_no_identity(&d, "server.key", NO_PASSWORD);
    for (size_t i = 0; i < sizeof encrypted / sizeof *encrypted; i++) {
        FILE *f = fopen(encrypted[i], "rb");
        assert_non_null(f);
        write_file(&d, "server.key", pem, fread(pem, 1, sizeof pem, f));
        fclose(f);
        assert_no_identity(&d, "server.key", NO_PASSWORD);
    }
    write_file(&d, "server.key", ed25519, strlen(ed25519));
    assert_no_identity(&d, "server.key", "holds an Ed25519 or Ed448 key");
    datadir_close(&d);
}

/* What is left by a renewal that was cut off before the new key was in place, and after. */
static void test_a_renewal_that_was_cut_off(void **state)
{
    struct rsa_private key, other;
    struct identity identity;
    struct datadir d = open_with_key(state, &key);
    rsa_key(&other, 2);
    write_certificate(&d, &other, CERTIFICATE_SERVER);
    assert_int_equal(renameat(d.fd, "server.certificate", d.fd, "server.certificate.renewed"), 0);
    write_certificate(&d, &key, CERTIFICATE_SERVER);
    write_file(&d, "server.key.new", "a key that was never used", 25);
    assert_identity(&d, &identity);
    assert_memory_equal(&identity.key, &key, sizeof key);
    assert_false(exists(d.fd, "server.certificate.renewed"));
    assert_false(exists(d.fd, "server.key.new"));

    assert_int_equal(renameat(d.fd, "server.certificate", d.fd, "server.certificate.renewed"), 0);
    write_certificate(&d, &other, CERTIFICATE_SERVER);
    memset(sync_state.calls, 0, sizeof sync_state.calls);
    assert_identity(&d, &identity);
    assert_string_equal(sync_state.calls, "d");
    assert_memory_equal(&identity.key, &key, sizeof key);
    assert_false(exists(d.fd, "server.certificate.renewed"));
    assert_file_is(&d, "server.certificate", identity.certificate, identity.certificate_len);

    /* Neither fits. */
    write_certificate(&d, &other, CERTIFICATE_SERVER);
    assert_int_equal(linkat(d.fd, "server.certificate", d.fd, "server.certificate.renewed", 0), 0);
    assert_no_identity(&d, "server.certificate", "for another key");
    assert_true(exists(d.fd, "server.certificate.renewed"));
    datadir_close(&d);
}

static void test_nothing_to_renew(void **state)
{
    static const struct identity nothing;
    struct identity fresh = nothing;
    uint8_t before[CERTIFICATE_FINGERPRINT_LEN];
    char error[WHY_LEN];
    struct datadir d = open_data(state);
    assert_int_equal(renew(&d, &fresh, before, error), -1);
    assert_non_null(strstr(error, "server.key: is not there"));
    assert_false(exists(d.fd, "server.key"));
    write_file(&d, "server.key", "nonsense", 8);
    assert_int_equal(renew(&d, &fresh, before, error), -1);
    assert_non_null(strstr(error, "put back a copy"));
    datadir_close(&d);
}

/* A full disk, by a limit on the size of files: reported, and nothing half-written is left for the next start to
 * find. */
static void test_a_full_disk_leaves_nothing(void **state)
{
    struct rsa_private key;
    struct identity identity;
    struct rlimit before, limit;
    struct datadir d = open_with_key(state, &key);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_no_identity(&d, "server.certificate", "File too large; raise");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(exists(d.fd, "server.certificate"));
    assert_false(exists(d.fd, "server.certificate.new"));
    assert_identity(&d, &identity);
    datadir_close(&d);
}

static int totp_seal_key(struct datadir *d, bool something_sealed, struct totp_seal_key *key,
                         char error[static WHY_LEN])
{
    struct rng rng;
    rng_init(&rng);
    return datadir_storage_key(d, key, something_sealed, &rng, error);
}

static void test_the_storage_key_is_made_once(void **state)
{
    struct datadir d = open_data(state);
    struct totp_seal_key made, again;
    struct rng rng;
    char error[WHY_LEN];
    uint8_t secret[TOTP_SEAL_SECRET_LEN] = "12345678901234567890", sealed[TOTP_SEAL_SEALED_LEN];
    rng_init(&rng);
    assert_int_equal(totp_seal_key(&d, 1, &made, error), -1);
    assert_non_null(strstr(error, "storage.key: is missing"));
    assert_false(exists(d.fd, "storage.key"));
    assert_int_equal(totp_seal_key(&d, 0, &made, error), 0);
    assert_int_equal(mode_of(d.fd, "storage.key"), 0600);
    assert_int_equal(totp_seal_key(&d, 1, &again, error), 0);
    totp_seal_seal(&made, sealed, "alice", secret, &rng);
    assert_int_equal(totp_seal_open(&again, secret, "alice", sealed), 0);
    datadir_close(&d);
}

static void test_a_damaged_storage_key_is_refused_and_left(void **state)
{
    static const char *const damaged[] = {
        "",
        "\n",
        "00",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e\n  ",
    };
    struct datadir d = open_data(state);
    struct totp_seal_key key;
    char error[WHY_LEN];
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        write_file(&d, "storage.key", damaged[i], strlen(damaged[i]));
        assert_int_equal(totp_seal_key(&d, 0, &key, error), -1);
        assert_non_null(strstr(error, "is damaged; put back a copy"));
        assert_file_is(&d, "storage.key", damaged[i], strlen(damaged[i]));
    }
    write_file(&d, "storage.key", damaged[3], strlen(damaged[3]));
    assert_int_equal(fchmodat(d.fd, "storage.key", 0644, 0), 0);
    assert_int_equal(totp_seal_key(&d, 0, &key, error), -1);
    assert_non_null(strstr(error, "chmod it to 600"));
    datadir_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_the_first_start_makes_it_and_the_next_keeps_it),
        WITH_FOLDER(test_a_missing_certificate_is_made),
        WITH_FOLDER(test_what_is_written_is_synced),
        WITH_FOLDER(test_a_damaged_key_is_refused_and_left),
        WITH_FOLDER(test_a_key_open_to_others_is_refused),
        WITH_FOLDER(test_a_certificate_that_does_not_fit_is_refused_and_left),
        WITH_FOLDER(test_a_certificate_without_a_key_is_refused),
        WITH_FOLDER(test_a_renewed_key_is_signed_by_the_old_one),
        WITH_FOLDER(test_the_old_key_is_wiped),
        WITH_FOLDER(test_a_key_with_words_around_it),
        WITH_FOLDER(test_what_the_server_can_not_use_is_named),
        WITH_FOLDER(test_a_renewal_that_was_cut_off),
        WITH_FOLDER(test_nothing_to_renew),
        WITH_FOLDER(test_a_full_disk_leaves_nothing),
        WITH_FOLDER(test_the_storage_key_is_made_once),
        WITH_FOLDER(test_a_damaged_storage_key_is_refused_and_left),
    };
    return RUN(tests);
}
