/* Who is believed under each rule, and who isn't. One authority and one server key serve all tests: they take a
 * while. */
#include "net/trust.h"

#include <locale.h>
#include <strings.h>
#include <unistd.h>

#include "crypto/pem.h"
#include "crypto/rng.h"
#include "net/known.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct rsa_private authority, server_key, other_key;
static struct certificate self_signed, other, certified;

static struct certificate make(const struct rsa_private *key, const struct rsa_private *issuer, struct rng *rng)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "chat.example", .not_before = 1000, .not_after = 2000};
    memcpy(c.modulus, key->n, sizeof c.modulus);
    assert_int_equal(issuer == key ? certificate_sign_self(&c, key, rng) : certificate_sign(&c, issuer, rng), NET_OK);
    return c;
}

static int make_keys(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng);
    rsa_generate(&authority, &rng);
    rsa_generate(&server_key, &rng);
    rsa_generate(&other_key, &rng);
    self_signed = make(&server_key, &server_key, &rng);
    other = make(&other_key, &other_key, &rng);
    certified = make(&server_key, &authority, &rng);
    rng_wipe(&rng);
    return 0;
}

static struct trust trust_in(enum trust_rule rule, void **state)
{
    struct trust t = {.rule = rule, .home = rule == TRUST_KNOWN ? scratch_path(state) : "/nonexistent"};
    assert_int_equal(sock_parse(&t.server, "chat.example", "7447"), 0);
    certificate_fingerprint(t.pin, server_key.n);
    rsa_public_of(&t.authority, &authority);
    return t;
}

static void test_known_servers_pin_on_first_use(void **state)
{
    char why[TRUST_WHY_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), 0);
    assert_true(t.first_use);
    /* Deciding writes nothing: the server has not shown yet that it has the key. */
    assert_int_equal(faccessat(scratch_fd(state), KNOWN_FILE, F_OK, 0), -1);
    assert_int_equal(trust_remember(&t, why), 0);

    t = trust_in(TRUST_KNOWN, state);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), 0);
    assert_false(t.first_use);
    assert_int_equal(trust_decide(&t, &certified, 1, why), 0); /* the same key */
}

static void test_a_changed_key_is_refused_and_not_written(void **state)
{
    char why[TRUST_WHY_LEN];
    size_t len;
    struct trust t = trust_in(TRUST_KNOWN, state);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), 0);
    assert_int_equal(trust_remember(&t, why), 0);
    char *before = scratch_read(state, KNOWN_FILE, &len);

    assert_int_equal(trust_decide(&t, &other, 1, why), -1);
    assert_non_null(strstr(why, "CHANGED"));
    assert_non_null(strstr(why, "chat.example:7447"));
    assert_false(t.first_use);
    assert_int_equal(trust_remember(&t, why), 0);
    char *after = scratch_read(state, KNOWN_FILE, &len);
    assert_string_equal(after, before);
    free(before);
    free(after);
    /* Another port is another server. */
    assert_int_equal(sock_parse(&t.server, "chat.example:7448", "7447"), 0);
    assert_int_equal(trust_decide(&t, &other, 1, why), 0);
    assert_true(t.first_use);
}

static void test_a_damaged_file_is_no_first_use(void **state)
{
    char why[TRUST_WHY_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    scratch_write(state, KNOWN_FILE, "chat.example:7447 SHA256:x\n", 27);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), -1);
    assert_false(t.first_use);
    assert_non_null(strstr(why, "line 1"));
}

static void test_pin(void **state)
{
    char why[TRUST_WHY_LEN];
    struct trust t = trust_in(TRUST_PIN, state);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), 0);
    assert_int_equal(trust_decide(&t, &certified, 1, why), 0);
    assert_false(t.first_use);
    assert_int_equal(trust_decide(&t, &other, 1, why), -1);
    assert_non_null(strstr(why, "--pin"));
    t.pin[31] ^= 1;
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), -1);
}

static void test_authority(void **state)
{
    char why[TRUST_WHY_LEN];
    struct trust t = trust_in(TRUST_CA, state);
    assert_int_equal(trust_decide(&t, &certified, 1000, why), 0);
    assert_int_equal(trust_decide(&t, &certified, 2000, why), 0);
    assert_int_equal(trust_decide(&t, &certified, 999, why), -1);
    assert_non_null(strstr(why, "not valid yet"));
    assert_int_equal(trust_decide(&t, &certified, 2001, why), -1);
    assert_non_null(strstr(why, "expired"));
    assert_int_equal(trust_decide(&t, &self_signed, 1500, why), -1);
    assert_non_null(strstr(why, "--ca"));
    struct certificate forged = certified;
    forged.not_after = 9000;
    assert_int_equal(trust_decide(&t, &forged, 1500, why), -1);
    assert_int_equal(sock_parse(&t.server, "CHAT.example:9", "7447"), 0); /* host names have no case */
    assert_int_equal(trust_decide(&t, &certified, 1500, why), 0);
    static const char *const others[] = {"chat.example.org", "chat.exampl", "hat.example", "chat-example"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(sock_parse(&t.server, others[i], "7447"), 0);
        assert_int_equal(trust_decide(&t, &certified, 1500, why), -1);
        assert_non_null(strstr(why, "is for chat.example"));
    }
}

/* Where I and i are two letters, which every function of the locale says, a host's name has no case all the same. */
static void test_it_speaks_turkish(void **state)
{
    char why[TRUST_WHY_LEN], command[400];
    snprintf(command, sizeof command, "localedef -i tr_TR -f ISO-8859-9 %s/tr_TR 2>/dev/null", scratch_path(state));
    setenv("LOCPATH", scratch_path(state), 1);
    if (system(command) == -1 || setlocale(LC_ALL, "tr_TR") == NULL) {
        puts("skipped: a Turkish locale (localedef, or what it reads, is not installed)");
        return;
    }
    assert_int_not_equal(strcasecmp("I", "i"), 0);
    struct trust t = trust_in(TRUST_CA, state);
    struct certificate c = certified;
    struct rng rng;
    rng_init(&rng);
    strcpy(c.name, "IRMIK.example");
    assert_int_equal(certificate_sign(&c, &authority, &rng), NET_OK);
    rng_wipe(&rng);
    assert_int_equal(sock_parse(&t.server, "irmik.example.", "7447"), 0);
    assert_int_equal(trust_decide(&t, &c, 1500, why), 0);
    setlocale(LC_ALL, "C");
}

static void test_a_user_is_no_server(void **state)
{
    char why[TRUST_WHY_LEN];
    struct certificate user = self_signed;
    user.role = CERTIFICATE_USER;
    static const enum trust_rule rules[] = {TRUST_KNOWN, TRUST_PIN, TRUST_CA};
    for (size_t i = 0; i < 3; i++) {
        struct trust t = trust_in(rules[i], state);
        assert_int_equal(trust_decide(&t, &user, 1500, why), -1);
    }
}

static void test_authority_files(void **state)
{
    (void)state;
    struct trust t = {.rule = TRUST_CA};
    struct rsa_public pub;
    char pem[PEM_MAX_LEN + 1];
    rsa_public_of(&pub, &authority);
    assert_int_equal(pem_encode_public(pem, sizeof pem, &pub), 0);
    assert_int_equal(trust_authority(&t, (const uint8_t *)pem, strlen(pem)), 0);
    assert_memory_equal(t.authority.n, authority.n, sizeof authority.n);

    uint8_t certificate[CERTIFICATE_MAX_LEN];
    size_t len = certificate_encode(certificate, &other);
    assert_int_equal(trust_authority(&t, certificate, len), 0);
    assert_memory_equal(t.authority.n, other_key.n, sizeof other_key.n);

    assert_int_equal(trust_authority(&t, certificate, len - 1), -1);
    assert_int_equal(trust_authority(&t, (const uint8_t *)pem, strlen(pem) / 2), -1);
    assert_int_equal(trust_authority(&t, (const uint8_t *)"", 0), -1);
    assert_memory_equal(t.authority.n, other_key.n, sizeof other_key.n);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_known_servers_pin_on_first_use),
        WITH_FOLDER(test_a_changed_key_is_refused_and_not_written),
        WITH_FOLDER(test_a_damaged_file_is_no_first_use),
        WITH_FOLDER(test_pin),
        WITH_FOLDER(test_authority),
        WITH_FOLDER(test_it_speaks_turkish),
        WITH_FOLDER(test_a_user_is_no_server),
        cmocka_unit_test(test_authority_files),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
