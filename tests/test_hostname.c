/* SPDX-License-Identifier: MIT */
/* One spelling for each host: tables by hand, and the system's own reading of the same texts beside ours. */
#include "net/hostname.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include "tests/test.h"

static void assert_folds(const char *text, const char *folded)
{
    char out[HOSTNAME_LEN], again[HOSTNAME_LEN];
    if (hostname_fold(out, text, strlen(text)) != 0)
        fail_msg("%s is refused", text);
    assert_string_equal(out, folded);
    assert_int_equal(hostname_fold(again, out, strlen(out)), 0);
    assert_string_equal(again, out);
}

static void test_known_answers(void **state)
{
    (void)state;
    struct vec *v = vec_open("hostname");
    while (vec_next(v)) {
        char out[HOSTNAME_LEN] = "";
        size_t len;
        const char *typed = (const char *)vec_hex(v, "typed", &len);
        if (hostname_fold(out, typed, len) != (vec_rejects(v) ? -1 : 0))
            fail_msg("%s was %s", vec_name(v), *out == '\0' ? "refused" : "not refused");
        if (!vec_rejects(v))
            vec_check(v, "folded", (const uint8_t *)out, strlen(out));
    }
    vec_close(v);
}

static void test_names(void **state)
{
    (void)state;
    assert_folds("localhost", "localhost");
    assert_folds("LocalHost", "localhost");
    assert_folds("LOCALHOST.", "localhost");
    assert_folds("ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789_", "abcdefghijklmnopqrstuvwxyz-0123456789_");
    assert_folds("@[Z`a{z", "@[z`a{z"); /* what stands beside the letters */
    assert_folds("XN--BCHER-KVA.example", "xn--bcher-kva.example");
    assert_folds("no..such..name", "no..such..name"); /* nobody has it, and the name service says so */
    assert_folds("1.2.3.4.5", "1.2.3.4.5");
    assert_folds("256.1.1.1", "256.1.1.1");
    assert_folds("08", "08"); /* no octal number */
    assert_folds("0X", "0x");
    assert_folds("1..2", "1..2");
    assert_folds(".1", ".1");
    assert_folds("4294967296", "4294967296");
    assert_folds("127.0.0.1%1", "127.0.0.1%1");
}

static void test_ipv4(void **state)
{
    (void)state;
    static const char *const loopback[] = {"127.0.0.1",    "127.1",      "127.0.1",        "127.0.0.1.",   "0x7f.1",
                                           "0X7F.0.0.0x1", "2130706433", "0x7f000001",     "017700000001", "0177.1",
                                           "0177.0.0.01",  "127.0x1",    "000177.0000.0.1"};
    for (size_t i = 0; i < sizeof loopback / sizeof *loopback; i++)
        assert_folds(loopback[i], "127.0.0.1");
    assert_folds("0", "0.0.0.0");
    assert_folds("255.16777215", "255.255.255.255");
    assert_folds("255.16777216", "255.16777216"); /* no address, so a name */
    assert_folds("1.2.65535", "1.2.255.255");
    assert_folds("1.2.65536", "1.2.65536");
    assert_folds("4294967295", "255.255.255.255");
    assert_folds("0xabcdefAB", "171.205.239.171");
}

static void test_ipv6(void **state)
{
    (void)state;
    assert_folds("::1", "::1");
    assert_folds("0::1", "::1");
    assert_folds("0:0:0:0:0:0:0:1", "::1");
    assert_folds("0000:0000:0000:0000:0000:0000:0000:0001", "::1");
    assert_folds("::0.0.0.1", "::1");
    assert_folds("::", "::");
    assert_folds("2001:DB8::0:1", "2001:db8::1");
    assert_folds("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");   /* the first of two that are as long */
    assert_folds("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");         /* the longest */
    assert_folds("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); /* a single one is written out */
    assert_folds("1::", "1::");
    assert_folds("FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_folds("::ffff:127.0.0.1", "127.0.0.1");
    assert_folds("::FFFF:7f00:1", "127.0.0.1");
    assert_folds("::127.0.0.1", "::7f00:1"); /* "compatible", which is something else */
    assert_folds("64:ff9b::192.0.2.1", "64:ff9b::c000:201");
}

static void test_zones(void **state)
{
    (void)state;
    assert_folds("FE80::0:1%eth0", "fe80::1%eth0");
    assert_folds("fe80::1%Eth0", "fe80::1%Eth0"); /* interfaces have a case */
    assert_folds("fe80::1%2", "fe80::1%2");
    assert_folds("::1%1", "::1");
    assert_folds("2001:db8::1%eth0", "2001:db8::1");
    assert_folds("::ffff:10.0.0.1%1", "10.0.0.1");
}

static void test_what_is_no_host(void **state)
{
    (void)state;
    /* clang-format off */
    static const char *const bad[] = {
        "#",
        "#chat.example",
        "", ".", "..", "a..", "::1.", ":", ":::", "1:2", "::12345", "::1::", "[::1]:1", "fe80::1%", "a b", "a\tb",
        "h\x7f", "b\xc3\xbcro", "\xff", "::1\xa0", " ::1", "::ffff:127.1", "::127.0.0.256", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "fe80::1%0123456789012345678901234567890123456789012345678901234567890123"};
    /* clang-format on */
    char out[HOSTNAME_LEN] = "left";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (hostname_fold(out, bad[i], strlen(bad[i])) != -1)
            fail_msg("%s is taken", bad[i]);
    assert_int_equal(hostname_fold(out, "a\0b", 3), -1);
    char longest[HOSTNAME_MAX + 1];
    memset(longest, 'h', sizeof longest);
    assert_int_equal(hostname_fold(out, longest, sizeof longest), -1);
    assert_string_equal(out, "left");
    assert_int_equal(hostname_fold(out, longest, HOSTNAME_MAX), 0);
    assert_int_equal(strlen(out), HOSTNAME_MAX);
}

static void test_same(void **state)
{
    (void)state;
    assert_true(hostname_same("I.example", "i.EXAMPLE."));
    assert_true(hostname_same("0x7f.1", "::ffff:127.0.0.1"));
    assert_false(hostname_same("localhost", "127.0.0.1"));
    assert_false(hostname_same("a", "ab"));
    assert_false(hostname_same("", ""));
    assert_false(hostname_same("\xc4\xb1", "\xc4\xb1"));
}

/* The address that the system makes of a text: its family and bytes; -1 where it makes none. */
static int system_address(const char *text, uint8_t address[static 16])
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *found;
    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        return -1;
    int family = found->ai_family;
    memset(address, 0, 16);
    if (family == AF_INET)
        memcpy(address, &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr, 4);
    else
        memcpy(address, &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr, 16);
    freeaddrinfo(found);
    return family;
}

static const char *pick(const char *const *from, size_t count, unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return from[(*seed >> 16) % count];
}

/* What the system takes for an IPv4 address becomes the dotted quad of the same one; what it doesn't take does not. */
static void test_ipv4_as_the_system_reads_it(void **state)
{
    (void)state;
    static const char *const number[] = {"0",        "1",        "08",         "010",        "0x",
                                         "0xfF",     "255",      "256",        "65535",      "65536",
                                         "16777215", "16777216", "4294967295", "4294967296", "99999999999999999999",
                                         "",         "f",        "0x0g",       "-1"};
    unsigned seed = 7, addresses = 0;
    for (int i = 0; i < 20000; i++) {
        char text[120], out[HOSTNAME_LEN];
        uint8_t before[16], after[16];
        size_t count = sizeof number / sizeof *number, parts = 1 + (size_t)i % 5;
        snprintf(text, sizeof text, "%s", pick(number, count, &seed));
        for (size_t p = 1; p < parts; p++) {
            strcat(text, ".");
            strcat(text, pick(number, count, &seed));
        }
        int family = system_address(text, before);
        if (hostname_fold(out, text, strlen(text)) != 0 || text[strlen(text) - 1] == '.')
            continue;
        assert_int_equal(system_address(out, after), family);
        if (family == AF_INET) {
            struct in_addr in;
            assert_int_equal(inet_pton(AF_INET, out, &in), 1);
            assert_memory_equal(before, after, sizeof before);
            addresses++;
        }
    }
    assert_true(addresses > 1000);
}

/* Every pattern of zero groups: the same address, and text as inet_ntop writes it; but for that of musl, which shortens
 * another of several runs of zeros than RFC 5952 says. */
static void test_ipv6_as_the_system_writes_it(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        char text[64] = "", theirs[HOSTNAME_LEN];
        struct in6_addr in;
        for (unsigned i = 0; i < 8; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? ":" : "",
                     (pattern >> i & 1) != 0 ? "0A1" : "0000");
        assert_int_equal(inet_pton(AF_INET6, text, &in), 1);
        inet_ntop(AF_INET6, &in, theirs, sizeof theirs);
#if defined __linux__ && !defined __GLIBC__
        char musl[HOSTNAME_LEN];
        strcpy(musl, theirs);
        assert_int_equal(hostname_fold(theirs, musl, strlen(musl)), 0);
#endif
        if (strchr(theirs, '.') == NULL) /* they write ::a1:a1 as ::0.161.0.161 */
            assert_folds(text, theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_what_is_no_host),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_ipv4_as_the_system_reads_it),
        cmocka_unit_test(test_ipv6_as_the_system_writes_it),
    };
    return RUN(tests);
}
