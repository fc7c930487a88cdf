/* SPDX-License-Identifier: MIT */
/* Any bytes as a known-servers file. What it says depends on lines alone: a line that is added at the end and can be
 * read is found there, unless the file was damaged or had the server already. A file that can be read is rewritten so
 * that the server is found in it with its new certificate, and all that belongs to other servers is as it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/fingerprint.h"
#include "net/hostname.h"
#include "net/known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SERVER "new.example:7447"
#define OTHER "127.0.0.1:7447"

static void need(int holds)
{
    if (!holds)
        abort();
}

/* Folding twice changes nothing more, and what comes out is a host again. */
static void fold(const char *text, size_t len)
{
    char once[HOSTNAME_LEN], twice[HOSTNAME_LEN];
    if (hostname_fold(once, text, len) != 0)
        return;
    need(strlen(once) <= HOSTNAME_MAX);
    need(hostname_fold(twice, once, strlen(once)) == 0 && strcmp(once, twice) == 0);
}

static void add_line(const char *data, size_t size, enum known_result before)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {7};
    char text[FINGERPRINT_TEXT_LEN];
    struct known_server found;
    struct known_lines at;
    fingerprint_print(text, fp);
    char *longer = malloc(size + 200);
    need(longer != NULL);
    memcpy(longer, data, size);
    size_t len = size + (size_t)snprintf(longer + size, 200, "\n%s %s\n", SERVER, text);
    enum known_result then = known_search(longer, len, SERVER, &found, &at);
    need(then == KNOWN_FOUND || before != KNOWN_ABSENT);
    need((then == KNOWN_FAILED) == (before == KNOWN_FAILED) || before == KNOWN_FOUND || before == KNOWN_DISAGREES);
    if (before == KNOWN_ABSENT)
        need(memcmp(found.fp, fp, sizeof fp) == 0 && !found.has_certificate);
    free(longer);
}

static void rewrite(const char *data, size_t size)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "x"};
    struct known_server found, other_before, other;
    struct known_lines at;
    size_t len;
    memset(c.modulus, 0xff, sizeof c.modulus);
    enum known_result before = known_search(data, size, OTHER, &other_before, &at);
    char *text = known_rewrite(data, size, SERVER, &c, &len);
    need(text != NULL);
    need(known_search(text, len, SERVER, &found, &at) == KNOWN_FOUND && found.has_certificate);
    need(memcmp(found.certificate.modulus, c.modulus, sizeof c.modulus) == 0);
    need(known_search(text, len, OTHER, &other, &at) == before);
    need(before != KNOWN_FOUND || memcmp(other.fp, other_before.fp, sizeof other.fp) == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct known_server found;
    struct known_lines at = {0};
    const char *text = (const char *)data;
    enum known_result result = known_search(text, size, SERVER, &found, &at);
    need((result == KNOWN_FAILED || result == KNOWN_DISAGREES) == (at.first != 0));
    need((result == KNOWN_DISAGREES) == (at.other != 0));
    fold(text, size);
    add_line(text, size, result);
    if (result != KNOWN_FAILED)
        rewrite(text, size);
    return 0;
}
