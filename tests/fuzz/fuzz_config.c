/* SPDX-License-Identifier: MIT */
/* Any bytes as a client's configuration file, under several command lines. Findings besides a crash: a value that is
 * taken and breaks its rules; one that is the account's of the file's server, and is taken for another server or user;
 * a file that says something else with a byte order mark, CR LF and blanks around its lines; a refusal in other than
 * one line, or one that names a line which is not to blame: the file must be refused in the same words without what
 * follows that line, and be taken without the line itself, but for what belongs to a server that is named further on. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/client/arguments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 4096
#define OTHER_HOST "elsewhere.example"
#define OTHER_USER "somebody-else"
#define HOME "/home/x/.glasschat"
#define ARGV_MAX 8

static int parse(struct arguments *a, const char *target, const char *text, size_t len, char why[static WHY_LEN])
{
    char *argv[ARGV_MAX] = {"glasschat", "--home", HOME};
    int argc = 3;
    if (target != NULL)
        argv[argc++] = (char *)(uintptr_t)target;
    return arguments_parse_with(a, argc, argv, text, len, why);
}

static bool same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

static void expect_same(const struct arguments *a, const struct arguments *b)
{
    assert(strcmp(a->server.host, b->server.host) == 0 && strcmp(a->server.port, b->server.port) == 0);
    assert(strcmp(a->user, b->user) == 0 && a->rule == b->rule && memcmp(a->pin, b->pin, sizeof a->pin) == 0);
    assert(same_text(a->password_file, b->password_file) && same_text(a->ca, b->ca));
    assert(same_text(a->user_ca, b->user_ca) && same_text(a->identity_password_file, b->identity_password_file));
    assert(a->suites_len == b->suites_len && a->groups_len == b->groups_len);
    assert(a->explain == b->explain && a->explain_full == b->explain_full);
    assert(a->rooms_len == b->rooms_len && memcmp(a->rooms, b->rooms, sizeof a->rooms) == 0);
}

static void check_path(const char *path)
{
    assert(path == NULL || path[0] == '/');
}

/* What no file can bring about. */
static void check_values(const struct arguments *a)
{
    assert(a->user[0] == '\0' || name_valid(a->user, strlen(a->user)));
    assert(!a->help && !a->version && !a->new_account && !a->remember);
    assert(a->email == NULL && a->record == NULL && strcmp(a->home, HOME) == 0);
    check_path(a->password_file);
    check_path(a->ca);
    check_path(a->user_ca);
    check_path(a->identity_password_file);
    assert((a->rule == TRUST_CA) == (a->ca != NULL));
    for (size_t i = 0; i < a->rooms_len; i++)
        assert(name_room_valid(a->rooms[i], strlen(a->rooms[i])));
}

static void check_elsewhere(const struct arguments *found, const char *text, size_t len)
{
    struct arguments a;
    char why[WHY_LEN];
    assert(parse(&a, OTHER_HOST, text, len, why) == 0);
    check_values(&a);
    if (strcmp(found->server.host, OTHER_HOST) == 0 && strcmp(found->server.port, ARGUMENTS_DEFAULT_PORT) == 0)
        return;
    assert(strcmp(a.server.host, OTHER_HOST) == 0 && a.user[0] == '\0' && a.rule == TRUST_KNOWN && a.rooms_len == 0);
    assert(a.password_file == NULL && a.identity_password_file == NULL && a.user_ca == NULL);
}

static void check_other_user(const struct arguments *found, const char *text, size_t len)
{
    struct arguments a;
    char why[WHY_LEN], target[sizeof OTHER_USER + SOCK_NAME_LEN];
    if (found->user[0] == '\0' || strcmp(found->user, OTHER_USER) == 0)
        return;
    size_t at = (size_t)snprintf(target, sizeof target, "%s@", OTHER_USER);
    sock_print(target + at, &found->server);
    assert(parse(&a, target, text, len, why) == 0);
    check_values(&a);
    assert(strcmp(a.user, OTHER_USER) == 0 && a.password_file == NULL && a.identity_password_file == NULL);
    assert(a.rule == found->rule && same_text(a.ca, found->ca) && memcmp(a.pin, found->pin, sizeof a.pin) == 0);
}

/* As other systems' editors would write it. */
static void check_rewritten(const struct arguments *found, const char *text, size_t len)
{
    struct arguments a;
    char why[WHY_LEN], *other = malloc(4 * len + 16);
    size_t n = 3;
    assert(other != NULL);
    memcpy(other, "\xef\xbb\xbf", 3);
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    for (size_t i = 0; i < len; i++) {
        if (i == 0 || text[i - 1] == '\n')
            other[n++] = '\t';
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) {
            other[n++] = ' ';
            other[n++] = '\r';
        }
        other[n++] = text[i];
    }
    assert(parse(&a, NULL, other, n, why) == 0);
    expect_same(&a, found);
    free(other);
}

/* Bytes up to the end of line `number`, from 1. */
static size_t up_to(const char *text, size_t len, size_t number)
{
    size_t at = 0;
    for (; number > 0 && at < len; number--) {
        const char *end = memchr(text + at, '\n', len - at);
        at = end != NULL ? (size_t)(end - text) + 1 : len;
    }
    assert(number == 0);
    return at;
}

static void check_refused(const char *text, size_t len, const char *why)
{
    struct arguments a;
    char again[WHY_LEN];
    size_t number;
    assert(strlen(why) > 0 && strlen(why) < WHY_LEN - 1 && strchr(why, '\n') == NULL);
    if (sscanf(why, HOME "/config line %zu: ", &number) != 1) {
        assert(strstr(why, "which server?") != NULL);
        return;
    }
    assert(number >= 1);
    assert(parse(&a, NULL, text, up_to(text, len, number), again) != 0 && strcmp(again, why) == 0);
    if (parse(&a, NULL, text, up_to(text, len, number - 1), again) != 0)
        assert(strstr(again, "which server?") != NULL || strstr(again, "belongs to a server") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[WHY_LEN];
    struct arguments a;
    if (size > INPUT_MAX)
        return 0;
    char *text = malloc(size + 1); /* with the NUL that the file's reader puts there */
    assert(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (parse(&a, NULL, text, size, why) != 0) {
        check_refused(text, size, why);
    } else {
        check_values(&a);
        assert(a.server.host[0] != '\0');
        check_elsewhere(&a, text, size);
        check_other_user(&a, text, size);
        check_rewritten(&a, text, size);
    }
    free(text);
    return 0;
}
