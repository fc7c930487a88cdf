/* SPDX-License-Identifier: MIT */
/* What the tests of dissect share: each dissection that they make is one of which everything holds that holds of any
 * (dissected.h), and can be compared with how it looks, a line for each field.
 *
 * Use it:      FRAME("\4\1\0\2\3\0");  EXPECT_TEXT("code", "3, bad_hello");  EXPECT("0+6 Alert frame: 6 bytes\n" ...);
 */
#ifndef TESTS_DISSECT_EXPECT_H
#define TESTS_DISSECT_EXPECT_H

#include "net/record.h"
#include "tests/dissected.h"
#include "tests/test.h"
#include "tests/vec.h"

static struct dissection d;
static uint8_t bytes[FRAME_MAX_LEN + 100];

/* A line for each field: indented by its depth, where it is and how long, its name, its text. */
static inline const char *shown(void)
{
    static char lines[20000];
    size_t n = 0;
    for (size_t i = 0; i < d.count; i++) {
        const struct dissect_field *f = &d.field[i];
        n += (size_t)snprintf(lines + n, sizeof lines - n, "%*s%zu+%zu %s: %s%s\n", 2 * (int)f->depth, "", f->at,
                              f->len, f->name, f->text, f->leaf && f->secret ? " (secret)" : "");
        if (n >= sizeof lines)
            return "too many fields to be shown\n";
    }
    return lines;
}

static inline void expect_whole(size_t len)
{
    const char *fault = dissected_fault(&d, len);
    if (fault != NULL)
        fail_msg("%s, in:\n%s", fault, shown());
}

static inline void frame(const uint8_t *p, size_t len)
{
    dissect_frame(&d, p, len);
    expect_whole(len);
}

static inline void plaintext(const uint8_t *p, size_t len, bool padded)
{
    dissect_plaintext(&d, p, len, padded);
    expect_whole(len);
}

/* Bytes that are written as a string with its escapes. */
#define FRAME(s) frame((const uint8_t *)(s), sizeof(s) - 1)
#define PLAINTEXT(s) plaintext((const uint8_t *)(s), sizeof(s) - 1, false)
#define PADDED(s) plaintext((const uint8_t *)(s), sizeof(s) - 1, true)

/* The message of this record in bytes, as a plaintext; returns its length. */
static inline size_t message_of(struct vec *v)
{
    size_t len;
    const uint8_t *message = vec_hex(v, "message", &len);
    bytes[0] = CONTENT_APPLICATION;
    memcpy(bytes + 1, message, len);
    return 1 + len;
}

/* The first field of this name. */
static inline const struct dissect_field *find(const char *name)
{
    for (size_t i = 0; i < d.count; i++)
        if (strcmp(d.field[i].name, name) == 0)
            return &d.field[i];
    fail_msg("there is no field %s in:\n%s", name, shown());
    return NULL;
}

#define EXPECT(expected) assert_string_equal(shown(), expected)
#define EXPECT_TEXT(name, expected) assert_string_equal(find(name)->text, expected)

static inline bool is_malformed(void)
{
    return dissected_malformed(&d, DISSECTED_DEPTH_MAX);
}

/* The fields of a record that others test. */
static inline void pass_over(struct vec *v)
{
    /* clang-format off */
    static const char *const others[] = {
        "kind", "client_name", "server_name", "group", "suite", "client_seed", "server_seed", "client_private",
        "client_salt", "server_private", "server_salt", "C", "signed_hash", "T", "Z", "prk", "c_secret", "s_secret",
        "c_enc_key", "c_mac_key", "s_enc_key", "s_mac_key", "client_suites", "client_groups", "server_suites",
        "server_groups", "client_public", "client_certificate", "client_signature", "server_public",
        "server_certificate", "server_signature", "client_random", "server_random", "client_finished_iv",
        "server_finished_iv", "client_finished", "server_finished", "client_hello", "server_hello", "secret",
        "sequence", "content_type", "payload", "iv", "enc_key", "mac_key", "plaintext", "next_secret", "frame",
        "expect", "from", "what", "key", "issuer_key", "role", "certificate_name", "not_before", "not_after", "seed",
        "fingerprint", "salt", "issuer", "code", "data"};
    /* clang-format on */
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (vec_has(v, others[i]))
            (void)vec_text(v, others[i]);
}

#endif
