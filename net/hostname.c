/* SPDX-License-Identifier: MIT */
/* A text with a colon can only be an IPv6 address; of the others, what inet_aton would take is an IPv4 address, since
 * that is what getaddrinfo asks first, and the rest is a name. inet_aton itself is not called: it is not POSIX's, and
 * stops at a blank. */
#include "net/hostname.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define GROUPS 8 /* of an IPv6 address, 16 bits each */
#define DOTTED_LEN 16
#define ZONE_MAX 64 /* bytes with the %: an interface's name has far fewer */

/* --- IPv4 --------------------------------------------------------------------------------------------------------- */

/* Whatever the locale: 36 for what is no digit at all. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 36;
}

/* One number as in C, decimal, 0 octal or 0x hexadecimal, to its first byte that is none of its digits. -1: there is no
 * number, or it is over 32 bits. */
static int read_number(const char **at, uint64_t *value)
{
    const char *p = *at;
    unsigned base = 10;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
        base = 16;
        p += 2;
    } else if (p[0] == '0') {
        base = 8;
    }
    const char *first = p;
    for (*value = 0; digit_value(*p) < base; p++) {
        *value = *value * base + digit_value(*p);
        if (*value > UINT32_MAX)
            return -1;
    }
    *at = p;
    return p > first ? 0 : -1;
}

/* One to four numbers with dots between; the last one fills all the bytes that are left. */
static int read_ipv4(const char *text, uint32_t *address)
{
    uint64_t value;
    uint32_t above = 0;
    for (unsigned left = 4;; left--) {
        if (read_number(&text, &value) != 0)
            return -1;
        if (*text == '\0') {
            *address = above | (uint32_t)value;
            return value >> (8 * left) == 0 ? 0 : -1;
        }
        if (*text++ != '.' || value > 255 || left == 1)
            return -1;
        above |= (uint32_t)value << (8 * (left - 1));
    }
}

static void print_ipv4(char out[static DOTTED_LEN], uint32_t address)
{
    snprintf(out, DOTTED_LEN, "%u.%u.%u.%u", (unsigned)(address >> 24), (unsigned)(address >> 16 & 255),
             (unsigned)(address >> 8 & 255), (unsigned)(address & 255));
}

/* --- IPv6 --------------------------------------------------------------------------------------------------------- */

/* The longest run of zero groups, the first of several; RFC 5952 section 4.2 shortens none of one. */
static void longest_zeros(const unsigned group[static GROUPS], size_t *start, size_t *len)
{
    *start = *len = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        size_t end = i;
        while (end < GROUPS && group[end] == 0)
            end++;
        if (end - i > *len && end - i > 1) {
            *start = i;
            *len = end - i;
        }
    }
}

static void print_ipv6(char out[static INET6_ADDRSTRLEN], const unsigned group[static GROUPS])
{
    size_t start, zeros, len = 0;
    longest_zeros(group, &start, &zeros);
    for (size_t i = 0; i < GROUPS; i++) {
        if (zeros > 0 && i == start) {
            len += (size_t)snprintf(out + len, INET6_ADDRSTRLEN - len, "::");
            i += zeros - 1;
            continue;
        }
        bool first = i == 0 || (zeros > 0 && i == start + zeros);
        len += (size_t)snprintf(out + len, INET6_ADDRSTRLEN - len, first ? "%x" : ":%x", group[i]);
    }
}

/* text has a colon. */
static int fold_ipv6(char out[static HOSTNAME_LEN], const char *text)
{
    char address[INET6_ADDRSTRLEN], folded[INET6_ADDRSTRLEN];
    struct in6_addr in;
    const char *zone = strchr(text, '%');
    size_t len = zone != NULL ? (size_t)(zone - text) : strlen(text);
    if (len >= sizeof address || (zone != NULL && (zone[1] == '\0' || strlen(zone) > ZONE_MAX)))
        return -1;
    memcpy(address, text, len);
    address[len] = '\0';
    if (inet_pton(AF_INET6, address, &in) != 1)
        return -1;
    unsigned group[GROUPS];
    for (size_t i = 0; i < GROUPS; i++)
        group[i] = (unsigned)in.s6_addr[2 * i] << 8 | in.s6_addr[2 * i + 1];
    if (IN6_IS_ADDR_V4MAPPED(&in)) {
        print_ipv4(out, (uint32_t)group[6] << 16 | (uint32_t)group[7]);
        return 0;
    }
    print_ipv6(folded, group);
    snprintf(out, HOSTNAME_LEN, "%s%s", folded, zone != NULL && IN6_IS_ADDR_LINKLOCAL(&in) ? zone : "");
    return 0;
}

/* --- Both, and names ---------------------------------------------------------------------------------------------- */

static bool printable(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '!' || text[i] > '~')
            return false;
    return true;
}

int hostname_fold(char out[static HOSTNAME_LEN], const char *text, size_t text_len)
{
    char name[HOSTNAME_LEN];
    uint32_t address;
    if (text_len == 0 || text_len > HOSTNAME_MAX || !printable(text, text_len) || *text == '#')
        return -1; /* a number sign begins a comment, in /etc/hosts and in the file of known servers */
    memcpy(name, text, text_len);
    name[text_len] = '\0';
    if (strchr(name, ':') != NULL)
        return fold_ipv6(out, name);
    if (name[text_len - 1] == '.')
        name[--text_len] = '\0';
    if (text_len == 0 || name[text_len - 1] == '.')
        return -1;
    if (read_ipv4(name, &address) == 0) {
        print_ipv4(out, address);
        return 0;
    }
    for (size_t i = 0; i <= text_len; i++)
        out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
    return 0;
}

bool hostname_same(const char *one, const char *other)
{
    char a[HOSTNAME_LEN], b[HOSTNAME_LEN];
    return hostname_fold(a, one, strlen(one)) == 0 && hostname_fold(b, other, strlen(other)) == 0 && strcmp(a, b) == 0;
}
