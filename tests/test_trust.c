/* SPDX-License-Identifier: MIT */
/* Which server is believed under each rule, and which is not. One authority and one server key serve all tests, as keys
 * take a while to make. */
#include "net/trust.h"

#include <ctype.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/pem.h"
#include "crypto/rng.h"
#include "net/fingerprint.h"
#include "net/known.h"
#include "tests/scratch.h"
#include "tests/test.h"

static struct rsa_private authority, server_key, other_key;
static struct rng random_source;
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
    rng_init(&random_source);
    rsa_generate(&authority, &random_source);
    rsa_generate(&server_key, &random_source);
    rsa_generate(&other_key, &random_source);
    self_signed = make(&server_key, &server_key, &random_source);
    other = make(&other_key, &other_key, &random_source);
    certified = make(&server_key, &authority, &random_source);
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
    char why[WHY_LEN];
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

static void test_no_second_first_meeting(void **state)
{
    char why[WHY_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    t.again = true;
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), -1);
    assert_non_null(strstr(why, "REFUSED: the server's key is not known here any more"));
    assert_false(t.first_use);
    assert_int_equal(trust_remember(&t, why), 0);
    assert_int_equal(faccessat(scratch_fd(state), KNOWN_FILE, F_OK, 0), -1);
}

static void test_a_changed_key_is_refused_and_not_written(void **state)
{
    char why[WHY_LEN];
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
    char why[WHY_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    scratch_write(state, KNOWN_FILE, "chat.example:7447 SHA256:x\n", 27);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), -1);
    assert_false(t.first_use);
    assert_non_null(strstr(why, "line 1"));
}

/* Meets the server that shows this certificate, and remembers what should be remembered. */
static int meet(struct trust *t, const struct certificate *shown)
{
    char why[WHY_LEN];
    if (trust_decide(t, shown, 1, why) != 0) {
        assert_non_null(strstr(why, "CHANGED"));
        return -1;
    }
    assert_int_equal(trust_remember(t, why), 0);
    return 0;
}

static void assert_known(void **state, const struct rsa_private *key)
{
    char why[WHY_LEN];
    struct known_server k;
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    certificate_fingerprint(fp, key->n);
    assert_int_equal(known_find(scratch_path(state), "chat.example:7447", &k, why), KNOWN_FOUND);
    assert_memory_equal(k.fp, fp, sizeof fp);
}

static void test_a_renewed_key_is_believed_and_remembered(void **state)
{
    char why[WHY_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    struct certificate renewed = make(&other_key, &server_key, &random_source);
    assert_int_equal(meet(&t, &self_signed), 0);
    /* Deciding alone changes nothing: anybody who copied the new certificate can show it. */
    assert_int_equal(trust_decide(&t, &renewed, 999999, why), 0); /* its dates say nothing without an authority */
    assert_true(t.renewed);
    assert_memory_equal(t.before, t.pin, sizeof t.before);
    assert_known(state, &server_key);
    assert_int_equal(trust_remember(&t, why), 0);
    assert_known(state, &other_key);

    assert_int_equal(meet(&t, &renewed), 0);
    assert_false(t.renewed);
    assert_int_equal(meet(&t, &self_signed), -1); /* there is no way back */
    struct certificate back = make(&server_key, &authority, &random_source);
    assert_int_equal(meet(&t, &back), -1);
    struct certificate again = make(&authority, &other_key, &random_source);
    assert_int_equal(meet(&t, &again), 0);
    assert_known(state, &authority);
    assert_int_equal(meet(&t, &renewed), -1);
}

static void test_a_renewed_key_and_its_forgeries(void **state)
{
    struct trust t = trust_in(TRUST_KNOWN, state);
    assert_int_equal(meet(&t, &self_signed), 0);
    /* Self-signed, and certified by a key that is known of another server. */
    assert_int_equal(meet(&t, &other), -1);
    assert_int_equal(sock_parse(&t.server, "other.example", "7447"), 0);
    struct certificate authoritys = make(&authority, &authority, &random_source);
    assert_int_equal(meet(&t, &authoritys), 0);
    assert_int_equal(sock_parse(&t.server, "chat.example", "7447"), 0);
    struct certificate by_other = make(&other_key, &authority, &random_source);
    assert_int_equal(meet(&t, &by_other), -1);
    /* The known key's fingerprint as issuer, and another's signature. */
    struct certificate forged = by_other;
    memcpy(forged.issuer, self_signed.issuer, sizeof forged.issuer);
    assert_int_equal(meet(&t, &forged), -1);
    memcpy(forged.signature, self_signed.signature, sizeof forged.signature);
    assert_int_equal(meet(&t, &forged), -1);
    /* Right, but for one bit of what is signed, or of the key. */
    struct certificate renewed = make(&other_key, &server_key, &random_source);
    forged = renewed;
    forged.not_after++;
    assert_int_equal(meet(&t, &forged), -1);
    forged = renewed;
    forged.modulus[200] ^= 1;
    assert_int_equal(meet(&t, &forged), -1);
    /* Two renewals without a meeting: the one in between is not there to be checked. */
    struct certificate second = make(&authority, &other_key, &random_source);
    assert_int_equal(meet(&t, &second), -1);
    /* Signed by the known key, for another server. */
    struct certificate elsewhere = renewed;
    strcpy(elsewhere.name, "other.example");
    assert_int_equal(certificate_sign(&elsewhere, &server_key, &random_source), NET_OK);
    assert_int_equal(meet(&t, &elsewhere), -1);
    /* A user's certificate renews nothing. */
    char why[WHY_LEN];
    struct certificate user = renewed;
    struct rsa_public key;
    user.role = CERTIFICATE_USER;
    assert_int_equal(certificate_sign(&user, &server_key, &random_source), NET_OK);
    rsa_public_of(&key, &server_key);
    assert_int_equal(certificate_verify(&user, &key), NET_OK);
    assert_int_equal(trust_decide(&t, &user, 1, why), -1);
    assert_known(state, &server_key);
    assert_int_equal(meet(&t, &renewed), 0);
}

/* The certificate that is remembered may have any name: a renewal has the same one, or that of the host asked for. */
static void test_whose_renewal_it_is(void **state)
{
    struct trust t = trust_in(TRUST_KNOWN, state);
    struct certificate first = self_signed, renewed = make(&other_key, &server_key, &random_source);
    strcpy(first.name, "the:cellar");
    assert_int_equal(certificate_sign_self(&first, &server_key, &random_source), NET_OK);
    assert_int_equal(meet(&t, &first), 0);
    strcpy(renewed.name, "THE:CELLAR");
    assert_int_equal(certificate_sign(&renewed, &server_key, &random_source), NET_OK);
    assert_int_equal(meet(&t, &renewed), -1);
    strcpy(renewed.name, "the:cellar");
    assert_int_equal(certificate_sign(&renewed, &server_key, &random_source), NET_OK);
    assert_int_equal(meet(&t, &renewed), 0);
    struct certificate named = make(&authority, &other_key, &random_source);
    strcpy(named.name, "Chat.Example.");
    assert_int_equal(certificate_sign(&named, &other_key, &random_source), NET_OK);
    assert_int_equal(meet(&t, &named), 0);
    assert_true(t.renewed);
}

/* What version 1.0 wrote has no key that a signature could be checked with, until the server is met again. */
static void test_an_old_line(void **state)
{
    char fp[FINGERPRINT_TEXT_LEN], line[200], why[WHY_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    struct certificate renewed = make(&other_key, &server_key, &random_source);
    fingerprint_print(fp, t.pin);
    snprintf(line, sizeof line, "CHAT.example.:7447 %s\n", fp);
    scratch_write(state, KNOWN_FILE, line, strlen(line));
    assert_int_equal(meet(&t, &renewed), -1);
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), 0);
    assert_false(t.first_use);
    size_t len;
    char *text = scratch_read(state, KNOWN_FILE, &len);
    assert_string_equal(text, line); /* the server has not shown yet that it has the key */
    free(text);
    assert_int_equal(trust_remember(&t, why), 0);
    assert_int_equal(meet(&t, &renewed), 0);
    assert_true(t.renewed);
}

/* A line that can't be given its certificate holds all the same; failing to remember a renewed key is an error. */
static void test_a_home_that_cant_be_written(void **state)
{
    char why[WHY_LEN], line[200], fp[FINGERPRINT_TEXT_LEN];
    struct trust t = trust_in(TRUST_KNOWN, state);
    fingerprint_print(fp, t.pin);
    snprintf(line, sizeof line, "chat.example:7447 %s\n", fp);
    scratch_write(state, KNOWN_FILE, line, strlen(line));
    assert_int_equal(mkdirat(scratch_fd(state), KNOWN_FILE ".new", 0700), 0);
    assert_int_equal(meet(&t, &self_signed), 0);
    assert_known(state, &server_key);
    assert_int_equal(unlinkat(scratch_fd(state), KNOWN_FILE ".new", AT_REMOVEDIR), 0);
    assert_int_equal(meet(&t, &self_signed), 0);
    assert_int_equal(mkdirat(scratch_fd(state), KNOWN_FILE ".new", 0700), 0);
    struct certificate renewed = make(&other_key, &server_key, &random_source);
    assert_int_equal(trust_decide(&t, &renewed, 1, why), 0);
    assert_int_equal(trust_remember(&t, why), -1);
    assert_non_null(strstr(why, KNOWN_FILE ": "));
    assert_known(state, &server_key);
}

/* Somebody who has compared the fingerprint needs no editor: --pin with --remember. */
static void test_a_pin_that_is_remembered(void **state)
{
    struct trust known = trust_in(TRUST_KNOWN, state), t = trust_in(TRUST_PIN, state);
    char why[WHY_LEN];
    t.home = known.home;
    assert_int_equal(meet(&known, &other), 0);
    assert_int_equal(meet(&t, &self_signed), 0);
    assert_known(state, &other_key); /* a pin alone is for one connection */
    t.remember = true;
    assert_int_equal(trust_decide(&t, &other, 1, why), -1); /* the pin is exact, whatever is known */
    assert_int_equal(trust_decide(&t, &self_signed, 1, why), 0);
    assert_known(state, &other_key);
    assert_int_equal(trust_remember(&t, why), 0);
    assert_known(state, &server_key);
    assert_int_equal(meet(&known, &self_signed), 0);
    assert_int_equal(meet(&known, &other), -1);
}

static void test_pin(void **state)
{
    char why[WHY_LEN];
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
    char why[WHY_LEN];
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

/* Even where the locale says that I and i are two different letters, a host's name has no case. */
static void test_it_speaks_turkish(void **state)
{
    char why[WHY_LEN], command[400];
    snprintf(command, sizeof command, "localedef -i tr_TR -f ISO-8859-9 %s/tr_TR 2>/dev/null", scratch_path(state));
    setenv("LOCPATH", scratch_path(state), 1);
    if (system(command) == -1 || setlocale(LC_ALL, "tr_TR") == NULL) {
        puts("skipped: a Turkish locale (localedef, or what it reads, is not installed)");
        return;
    }
    assert_int_not_equal(tolower('I'), 'i');
    struct trust t = trust_in(TRUST_CA, state);
    struct certificate c = certified;
    strcpy(c.name, "IRMIK.example");
    assert_int_equal(certificate_sign(&c, &authority, &random_source), NET_OK);
    assert_int_equal(sock_parse(&t.server, "irmik.example.", "7447"), 0);
    assert_int_equal(trust_decide(&t, &c, 1500, why), 0);
    setlocale(LC_ALL, "C");
}

static void test_a_user_is_no_server(void **state)
{
    char why[WHY_LEN];
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
    assert_int_equal(trust_authority(&t.authority, (const uint8_t *)pem, strlen(pem)), 0);
    assert_memory_equal(t.authority.n, authority.n, sizeof authority.n);

    uint8_t certificate[CERTIFICATE_MAX_LEN];
    size_t len = certificate_encode(certificate, &other);
    assert_int_equal(trust_authority(&t.authority, certificate, len), 0);
    assert_memory_equal(t.authority.n, other_key.n, sizeof other_key.n);

    assert_int_equal(trust_authority(&t.authority, certificate, len - 1), -1);
    assert_int_equal(trust_authority(&t.authority, (const uint8_t *)pem, strlen(pem) / 2), -1);
    assert_int_equal(trust_authority(&t.authority, (const uint8_t *)"", 0), -1);
    assert_memory_equal(t.authority.n, other_key.n, sizeof other_key.n);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_known_servers_pin_on_first_use),
        WITH_FOLDER(test_no_second_first_meeting),
        WITH_FOLDER(test_a_changed_key_is_refused_and_not_written),
        WITH_FOLDER(test_a_damaged_file_is_no_first_use),
        WITH_FOLDER(test_a_renewed_key_is_believed_and_remembered),
        WITH_FOLDER(test_a_renewed_key_and_its_forgeries),
        WITH_FOLDER(test_whose_renewal_it_is),
        WITH_FOLDER(test_an_old_line),
        WITH_FOLDER(test_a_home_that_cant_be_written),
        WITH_FOLDER(test_a_pin_that_is_remembered),
        WITH_FOLDER(test_pin),
        WITH_FOLDER(test_authority),
        WITH_FOLDER(test_it_speaks_turkish),
        WITH_FOLDER(test_a_user_is_no_server),
        cmocka_unit_test(test_authority_files),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
