/* SPDX-License-Identifier: MIT */
/* The server's command line. */
#include "app/server/options.h"

#include "app/server/store/verifier.h"
#include "crypto/bignum_impl.h"
#include "crypto/dh.h"
#include "tests/test.h"

#define ARGS_MAX 8

static int parse(struct options *o, char *why, ...)
{
    char *argv[ARGS_MAX + 2] = {(char *)(uintptr_t) "glasschatd"};
    int argc = 1;
    va_list args;
    va_start(args, why);
    while (argc < ARGS_MAX && (argv[argc] = va_arg(args, char *)) != NULL)
        argc++;
    va_end(args);
    return options_parse(o, argc, argv, why);
}

static void test_defaults(void **state)
{
    (void)state;
    struct options o;
    char why[WHY_LEN];
    assert_int_equal(parse(&o, why, NULL), 0);
    assert_string_equal(o.listen.host, "127.0.0.1");
    assert_string_equal(o.listen.port, "7447");
    assert_string_equal(o.data, "./glasschat-data");
    assert_false(o.console || o.help || o.version);
    assert_int_equal(o.log_level, LOG_INFO);
    assert_int_equal(o.log_format, LOG_TEXT);
    assert_null(o.log_file);
    assert_false(o.no_sandbox);
    assert_int_equal(o.pbkdf2_iterations, VERIFIER_ITERATIONS);
    assert_int_equal(o.groups_len, 2);
    assert_null(memchr(o.groups, DH_FFDHE2048, o.groups_len));
    assert_int_equal(o.limits.handshake_seconds, 10);
    assert_int_equal(o.limits.login_seconds, 60);
}

static void test_values(void **state)
{
    (void)state;
    struct options o;
    char why[WHY_LEN];
    assert_int_equal(parse(&o, why, "--listen", "[::1]:0", "--data=/x", "--console", "--log-level=debug", NULL), 0);
    assert_string_equal(o.listen.host, "::1");
    assert_string_equal(o.listen.port, "0");
    assert_string_equal(o.data, "/x");
    assert_true(o.console);
    assert_int_equal(o.log_level, LOG_DEBUG);
    assert_int_equal(parse(&o, why, "--max-clients=7", "--idle-seconds", "9", "--pbkdf2-iterations=1000", NULL), 0);
    assert_int_equal(o.limits.max_clients, 7);
    assert_int_equal(o.limits.idle_seconds, 9);
    assert_int_equal(o.pbkdf2_iterations, 1000);
    assert_int_equal(
        parse(&o, why, "--allow-group=ffdhe2048", "--allow-group", "ffdhe4096", "--allow-group", "ffdhe2048", NULL), 0);
    assert_int_equal(o.groups_len, 2);
    assert_int_equal(o.groups[0], DH_FFDHE2048);
    assert_int_equal(o.groups[1], DH_FFDHE4096);
    assert_int_equal(parse(&o, why, "--log-file", "/x/log", "--log-format=json", "--sandbox=off", NULL), 0);
    assert_true(o.no_sandbox);
    assert_string_equal(o.log_file, "/x/log");
    assert_int_equal(o.log_format, LOG_JSON);
    assert_int_equal(parse(&o, why, "--listen=127.0.0.1:0", NULL), 0);
    assert_string_equal(o.listen.port, "0");
    assert_int_equal(parse(&o, why, "--listen=0.0.0.0", NULL), 0);
    assert_string_equal(o.listen.host, "0.0.0.0");
    assert_int_equal(parse(&o, why, "-h", "--version", NULL), 0);
    assert_true(o.help && o.version);
}

static void assert_complains(const char *first, const char *second, const char *expected)
{
    struct options o;
    char why[WHY_LEN] = "";
    assert_int_equal(parse(&o, why, first, second, NULL), -1);
    assert_string_equal(why, expected);
}

static void test_wrong_usage(void **state)
{
    (void)state;
    assert_complains("--nope", NULL, "unknown option '--nope': see glasschatd --help");
    assert_complains("nope", NULL, "unexpected argument 'nope': see glasschatd --help");
    assert_complains("--console=1", NULL, "unknown option '--console=1': see glasschatd --help");
    assert_complains("--listen", NULL, "--listen needs a value: see glasschatd --help");
    assert_complains("--listen", "::1", "--listen takes HOST:PORT, as 127.0.0.1:7447 or [::1]:7447, not '::1'");
    assert_complains("--listen", "0", "--listen takes HOST:PORT, and '0' is no host: as 127.0.0.1:0");
    assert_complains("--listen=7500", NULL, "--listen takes HOST:PORT, and '7500' is no host: as 127.0.0.1:7500");
    assert_complains("--listen", "", "--listen takes HOST:PORT, as 127.0.0.1:7447 or [::1]:7447, not ''");
    assert_complains("--listen=127.0.0.1", "--listen=127.0.0.1",
                     "--listen is given twice, and there is one address: [::]:PORT is every one, IPv4 too");
    assert_complains("--data", "", "--data takes a directory");
    assert_complains("--log-level", "loud", "--log-level takes error, warn, info or debug, not 'loud'");
    assert_complains("--log-format", "xml", "--log-format takes text or json, not 'xml'");
    assert_complains("--sandbox", "no", "--sandbox takes on or off, not 'no'");
    assert_complains("--log-file", "", "--log-file takes a file");
    assert_complains("--allow-group", "modp1024",
                     "--allow-group takes ffdhe2048, ffdhe3072 or ffdhe4096, not 'modp1024'");
    assert_complains("--bignum", "openssl", "--bignum takes gmp or ifma, not 'openssl'");
    const char *const numbers[] = {"0", "", "-1", "1000001", "99999999999", "7x", " 7", "0x7"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char expected[WHY_LEN];
        snprintf(expected, sizeof expected, "--max-clients takes a number from 1 to 1000000, not '%s'", numbers[i]);
        assert_complains("--max-clients", numbers[i], expected);
    }
}

static void test_accounts(void **state)
{
    (void)state;
    struct options o;
    char why[WHY_LEN];
    assert_int_equal(parse(&o, why, "account", "lock", "--data=/x", "alice", NULL), 0);
    assert_true(o.account);
    assert_int_equal(o.words_len, 2);
    assert_string_equal(o.words[0], "lock");
    assert_string_equal(o.words[1], "alice");
    assert_string_equal(o.data, "/x");
    assert_int_equal(parse(&o, why, "account", "add", "--from", "-", NULL), 0);
    assert_string_equal(o.from, "-");
    assert_int_equal(parse(&o, why, "account", "add", "alice", "a@b.c", "--password-file", "p", NULL), 0);
    assert_string_equal(o.password_file, "p");
    assert_int_equal(parse(&o, why, "account", "a", "b", "c", "account", NULL), -1);
    assert_complains("lock", "account", "unexpected argument 'lock': see glasschatd --help");
    assert_complains("--from", "x", "--from and --password-file go with `glasschatd account`");
}

static void test_status(void **state)
{
    (void)state;
    struct options o;
    char why[WHY_LEN];
    assert_int_equal(parse(&o, why, "--data=/x", "status", NULL), 0);
    assert_true(o.status && !o.json && !o.account && !o.key);
    assert_string_equal(o.data, "/x");
    assert_int_equal(parse(&o, why, "status", "--json", NULL), 0);
    assert_true(o.status && o.json);
    assert_complains("status", "account", "unexpected argument 'account': see glasschatd --help");
    assert_int_equal(parse(&o, why, "account", "list", "--json", NULL), -1);
    assert_string_equal(why, "--json goes with `glasschatd status`");
    assert_int_equal(parse(&o, why, "key", "status", NULL), 0); /* a word of that command */
    assert_true(o.key && !o.status);
}

static void test_key(void **state)
{
    (void)state;
    struct options o;
    char why[WHY_LEN];
    assert_int_equal(parse(&o, why, "key", "renew", "--data=/x", NULL), 0);
    assert_true(o.key);
    assert_false(o.account);
    assert_int_equal(o.words_len, 1);
    assert_string_equal(o.words[0], "renew");
    assert_int_equal(parse(&o, why, "account", "key", NULL), 0);
    assert_true(o.account && !o.key);
    assert_int_equal(parse(&o, why, "key", "account", NULL), 0);
    assert_true(o.key && !o.account);
    assert_complains("renew", "key", "unexpected argument 'renew': see glasschatd --help");
    assert_int_equal(parse(&o, why, "key", "renew", "--from", "x", NULL), -1);
}

/* What is asked for by name is used, or refused: never something else in its place. */
static void test_big_numbers(void **state)
{
    (void)state;
    struct options o;
    char why[WHY_LEN];
    assert_int_equal(parse(&o, why, NULL, NULL), 0);
    assert_null(o.bignum);
    assert_int_equal(parse(&o, why, "--bignum", "gmp", NULL), 0);
    assert_ptr_equal(o.bignum, &bignum_gmp);
    const struct bignum_impl *ifma = bignum_impl_by_name("ifma");
    if (ifma != NULL && ifma->usable()) {
        assert_int_equal(parse(&o, why, "--bignum", "ifma", NULL), 0);
        assert_ptr_equal(o.bignum, ifma);
    } else {
        assert_complains("--bignum", "ifma",
                         "--bignum ifma: this processor lacks the AVX-512 IFMA instructions; leave it at gmp");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults),    cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_big_numbers), cmocka_unit_test(test_wrong_usage),
                                       cmocka_unit_test(test_accounts),    cmocka_unit_test(test_status),
                                       cmocka_unit_test(test_key)};
    return RUN(tests);
}
