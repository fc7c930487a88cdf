/* SPDX-License-Identifier: MIT */
/* The frames of the handshake that are not Records. Where a value has its place but not its meaning, as a public value
 * of another group's length, its text says so. */
#include <stdio.h>

#include "app/dissect/dissect_impl.h"
#include "crypto/dh_group.h"
#include "net/hello.h"

/* A list of numbers of one byte, each of them a part. */
struct list {
    struct dissect_about about;
    const char *length_name;
    struct dissect_about entry;
    const char *(*meaning)(uint8_t number);
    size_t min;
};

/* --- What they are for -------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct dissect_about about_client_random = {"client_random", "4.2",
    "Fresh for each connection, so that the keys are new even if everything else repeats."};
static const struct list suites = {
    {"suites", "4.2", "The ciphers that the client can use, preferred first; the server signs the list, so nobody in "
        "between can shorten it unnoticed."}, "length of suites",
    {"suite", "3.2", "A cipher, and what authenticates its messages; the server passes over a number that it doesn't "
        "know."},
    dissect_suite, 1};
static const struct list groups = {
    {"groups", "4.2", "The groups that the client can use, preferred first; the server signs the list, so nobody in "
        "between can shorten it unnoticed."}, "length of groups",
    {"group", "3.1", "A prime for the Diffie-Hellman exchange; the server passes over a number that it doesn't know."},
    dissect_group, 1};
static const struct dissect_about about_group = {"group", "4.2",
    "The group of client_public; it must be the first of the list that the server allows, and the list is signed, so "
    "nobody can push the two to a weaker one unnoticed."};
static const struct dissect_about about_client_public = {"client_public", "4.2",
    "2 to the power of the private exponent, modulo the group's prime; the exponent is fresh and soon wiped, so a "
    "server's key that is stolen later opens no recording."};
static const struct dissect_about about_server_random = {"server_random", "4.4",
    "Fresh for each connection, so that a recorded ClientHello that is sent again does not lead to the same keys."};
static const struct dissect_about about_suite = {"suite", "4.4",
    "The server's choice among the client's suites; it is signed, so nobody in between can put another in its place "
    "unnoticed."};
static const struct dissect_about about_server_public = {"server_public", "4.4",
    "2 to the power of the server's private exponent; the client refuses what is not from 2 to p-2, as Z could be "
    "guessed, and what is no square, as Z would tell whether the client's exponent is even."};
static const char note_certificate[] =
    "Which key the server claims to have; anybody can send a copy of it, so it proves nothing without the signature "
    "that follows.";
static const struct dissect_about about_signature = {"signature", "4.4",
    "With the certificate's key, over a label and a hash of C and both hellos up to here: proves that whoever answers "
    "has that key, and got this very ClientHello."};
static const struct dissect_about about_code = {"code", "2.3",
    "Why the server refuses; as anybody can forge it, a client does no more than try once again, with another of its "
    "own groups."};
static const struct list alert_data = {
    {"data", "2.3", "What the server allows, preferred first, where it refused the group or the suite; a second try "
        "because of a forged Alert is refused again."},
    "length of data", {"number", "2.3", "A number that means nothing with this code."}, NULL, 0};
static const struct dissect_about about_allowed_group = {"group", "3.1", "A group that the server allows."};
static const struct dissect_about about_allowed_suite = {"suite", "3.2", "A suite that the server allows."};
/* clang-format on */

/* --- Their parts -------------------------------------------------------------------------------------------------- */

static void take_entries(struct dissect_reader *r, const struct list *list, size_t len)
{
    char numbers[HELLO_LIST_MAX * sizeof "255, "] = "";
    size_t n = 0;
    struct dissect_reader inside = dissect_enter(r, &list->about, len);
    while (!inside.stopped && inside.at < inside.end) {
        uint64_t number;
        struct dissect_field *f = dissect_number(&inside, &list->entry, 1, &number);
        dissect_say(f, "%u, %s", (unsigned)number, list->meaning != NULL ? list->meaning((uint8_t)number) : "unknown");
        n += (size_t)snprintf(numbers + n, sizeof numbers - n, "%s%u", n > 0 ? ", " : "", (unsigned)number);
    }
    if (!inside.stopped)
        dissect_say(inside.whole, "%s", numbers);
}

static void take_list(struct dissect_reader *r, const struct list *list)
{
    size_t len = dissect_length(r, list->length_name, 1);
    if (len > HELLO_LIST_MAX || len < list->min)
        dissect_malformed(r, "%s has %zu to %d numbers, and not %zu", list->about.name, list->min, HELLO_LIST_MAX, len);
    else if (len == 0)
        dissect_say(dissect_take(r, &list->about, 0), "none");
    else
        take_entries(r, list, len);
}

static void take_random(struct dissect_reader *r, const struct dissect_about *about)
{
    dissect_say(dissect_take(r, about, HELLO_RANDOM_LEN), "%d random bytes", HELLO_RANDOM_LEN);
}

/* A public value; group is NULL where it isn't known. */
static void take_public(struct dissect_reader *r, const struct dissect_about *about, const char *length_name,
                        const struct dh_group *group)
{
    size_t len = dissect_length(r, length_name, 2);
    struct dissect_field *f = dissect_take(r, about, len);
    if (group != NULL && len == group->p_len)
        dissect_say(f, "%zu bytes, as long as the prime of %s", len, group->name);
    else if (group != NULL)
        dissect_say(f, "%zu byte%s, but the prime of %s has %zu", len, len == 1 ? "" : "s", group->name, group->p_len);
}

/* --- The frames --------------------------------------------------------------------------------------------------- */

void dissect_client_hello(struct dissect_reader *r)
{
    uint64_t group;
    take_random(r, &about_client_random);
    take_list(r, &suites);
    take_list(r, &groups);
    struct dissect_field *f = dissect_number(r, &about_group, 1, &group);
    dissect_say(f, "%u, %s", (unsigned)group, dissect_group((uint8_t)group));
    take_public(r, &about_client_public, "length of client_public", dh_group((int)group));
}

void dissect_server_hello(struct dissect_reader *r)
{
    uint64_t suite;
    take_random(r, &about_server_random);
    struct dissect_field *f = dissect_number(r, &about_suite, 1, &suite);
    dissect_say(f, "%u, %s", (unsigned)suite, dissect_suite((uint8_t)suite));
    take_public(r, &about_server_public, "length of server_public", NULL);
    dissect_certificate(r, note_certificate, false);
    dissect_signature(r, &about_signature);
}

void dissect_alert(struct dissect_reader *r)
{
    static const char *const names[] = {"unknown", "group_not_allowed", "suite_not_allowed", "bad_hello", "busy"};
    struct list data = alert_data;
    uint64_t code;
    struct dissect_field *f = dissect_number(r, &about_code, 1, &code);
    dissect_say(f, "%u, %s", (unsigned)code, names[code < sizeof names / sizeof *names ? code : 0]);
    if (code == ALERT_GROUP_NOT_ALLOWED) {
        data.entry = about_allowed_group;
        data.meaning = dissect_group;
    } else if (code == ALERT_SUITE_NOT_ALLOWED) {
        data.entry = about_allowed_suite;
        data.meaning = dissect_suite;
    }
    take_list(r, &data);
}
