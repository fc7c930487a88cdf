/* SPDX-License-Identifier: MIT */
/* For the tests of the known-servers file: what may stand in a line of it. */
#ifndef TESTS_KNOWN_LINES_H
#define TESTS_KNOWN_LINES_H

#include "crypto/base64.h"
#include "net/fingerprint.h"
#include "net/known.h"
#include "tests/scratch.h"
#include "tests/test.h"

#define FP_A "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define FP_B "SHA256:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define HEAD "# one line a server: HOST:PORT, the fingerprint of its key, its certificate in base64\n"
#define LINE_MAX_LEN 2000

/* A certificate as it may stand in the file, where nobody verifies its signature. */
static inline struct certificate certificate_of(uint8_t key)
{
    struct certificate c = {.role = CERTIFICATE_SERVER, .name = "chat.example", .not_before = 1, .not_after = 2};
    memset(c.modulus, 0x81 + 2 * key, sizeof c.modulus);
    memset(c.signature, key, sizeof c.signature);
    certificate_fingerprint(c.issuer, c.modulus);
    return c;
}

static inline void fingerprint_of(uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], uint8_t key)
{
    struct certificate c = certificate_of(key);
    certificate_fingerprint(fp, c.modulus);
}

/* " SHA256:..." and, where it is wanted, the certificate: what stands in a line after the server. Two results can
 * be used at a time. */
static inline const char *key_text(uint8_t key, bool with_certificate)
{
    static char text[2][LINE_MAX_LEN];
    static int turn;
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN], bytes[CERTIFICATE_MAX_LEN];
    char *out = text[turn ^= 1];
    struct certificate c = certificate_of(key);
    fingerprint_of(fp, key);
    *out = ' ';
    fingerprint_print(out + 1, fp);
    if (with_certificate) {
        strcat(out, " ");
        base64_encode(out + strlen(out), bytes, certificate_encode(bytes, &c));
    }
    return out;
}

static inline void assert_file(void **state, const char *expected)
{
    size_t len;
    char *text = scratch_read(state, KNOWN_FILE, &len);
    assert_string_equal(text, expected);
    free(text);
}

/* The reason in words, in a line that names the file. */
static inline void assert_why(const char *why, const char *home, const char *file, const char *words)
{
    char begin[400];
    snprintf(begin, sizeof begin, "%s%s%s: ", home, *file != '\0' ? "/" : "", file);
    if (strncmp(why, begin, strlen(begin)) != 0 || strstr(why, words) == NULL || strchr(why, '\n') != NULL)
        fail_msg("%s\nis not %s... %s", why, begin, words);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

#endif
