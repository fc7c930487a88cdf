/* SPDX-License-Identifier: MIT */
/* A certificate, wherever it stands: in a ServerHello, in a user's Finished, in a message. */
#include <string.h>

#include "app/dissect/dissect_impl.h"
#include "crypto/ct.h"
#include "net/certificate.h"
#include "net/fingerprint.h"

#define VERSION 1

/* clang-format off */
static const struct dissect_about about_version = {"version", "7.1",
    "There is one version, with one algorithm and no extensions: where nothing can be chosen, nobody can be made to "
    "choose worse."};
static const struct dissect_about about_role = {"role", "7.1",
    "What the key is for: a user's certificate is refused where a server's is needed, and the other way round."};
static const struct dissect_about about_name = {"name", "7.1",
    "The host or the account that the key is for; worth as much as the word of whoever signed it."};
static const struct dissect_about about_not_before = {"not_before", "7.1",
    "The first second of its validity, which counts for a server's under --ca alone, and for a user's when it is "
    "registered or shown."};
static const struct dissect_about about_not_after = {"not_after", "7.1",
    "The last second of its validity: where that counts, whoever stole the key can't use this certificate after it."};
static const struct dissect_about about_modulus = {"modulus", "7.1",
    "The public key, together with the exponent " DISSECT_NUMBER(RSA_E) "; its fingerprint is what clients and people "
    "compare."};
static const struct dissect_about about_issuer = {"issuer", "7.2",
    "The fingerprint of the key that signed; where it is this key itself, nobody but its owner vouches for it."};
static const struct dissect_about about_signature = {"signature", "7.1",
    "By the issuer, over a label and all bytes of the certificate before it; because of the label, no signature made "
    "for something else fits here."};
/* clang-format on */

static void take_name(struct dissect_reader *r)
{
    size_t len = dissect_length(r, "length of name", 1);
    struct dissect_field *f = dissect_take(r, &about_name, len);
    bool valid = f != NULL && len >= 1;
    for (size_t i = 0; valid && i < len; i++)
        valid = dissect_bytes(r, f)[i] >= '!' && dissect_bytes(r, f)[i] <= '~';
    dissect_show(r, f, valid, "a name");
}

/* Returns the time, and says where it is before another. */
static uint64_t take_time(struct dissect_reader *r, const struct dissect_about *about, uint64_t not_before)
{
    char text[CERTIFICATE_TIME_LEN];
    uint64_t seconds;
    struct dissect_field *f = dissect_number(r, about, 8, &seconds);
    certificate_print_time(text, seconds);
    dissect_say(f, "%s%s", text, seconds < not_before ? ", before not_before" : "");
    return seconds;
}

/* The key, and its fingerprint, which nothing in the certificate says. */
static struct dissect_field *take_modulus(struct dissect_reader *r, uint8_t fp[static CERTIFICATE_FINGERPRINT_LEN])
{
    char text[FINGERPRINT_TEXT_LEN];
    struct rsa_public key;
    struct dissect_field *f = dissect_take(r, &about_modulus, RSA_MODULUS_LEN);
    if (f == NULL)
        return NULL;
    memcpy(key.n, dissect_bytes(r, f), sizeof key.n);
    certificate_fingerprint(fp, key.n);
    fingerprint_print(text, fp);
    if (rsa_public_check(&key) == 0)
        dissect_say(f, "%d bytes, key %s", RSA_MODULUS_LEN, text);
    else
        dissect_say(f, "%d bytes, but not an odd number of %d bits", RSA_MODULUS_LEN, 8 * RSA_MODULUS_LEN);
    return f;
}

static void take_keys(struct dissect_reader *r)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN];
    char text[FINGERPRINT_TEXT_LEN];
    struct dissect_field *f = NULL;
    if (take_modulus(r, fp) != NULL)
        f = dissect_take(r, &about_issuer, sizeof fp);
    if (f == NULL)
        return;
    fingerprint_print(text, dissect_bytes(r, f));
    dissect_say(f, "%s, %s", text, ct_equal(fp, dissect_bytes(r, f), sizeof fp) ? "this key itself" : "another key");
}

static void take_fields(struct dissect_reader *r)
{
    static const char *const roles[] = {"unknown", "server", "user"};
    uint64_t version, role;
    dissect_number(r, &about_version, 1, &version);
    if (version != VERSION)
        dissect_malformed(r, "there is no version %u", (unsigned)version);
    struct dissect_field *f = dissect_number(r, &about_role, 1, &role);
    dissect_say(f, "%u, %s", (unsigned)role, roles[role <= CERTIFICATE_USER ? role : 0]);
    take_name(r);
    uint64_t not_before = take_time(r, &about_not_before, 0);
    take_time(r, &about_not_after, not_before);
    take_keys(r);
    dissect_say(dissect_take(r, &about_signature, RSA_SIGNATURE_LEN), "%d bytes of RSASSA-PSS", RSA_SIGNATURE_LEN);
    dissect_end(r);
}

void dissect_certificate(struct dissect_reader *r, const char *note, bool may_be_none)
{
    const struct dissect_about about = {"certificate", "7.1", note};
    size_t len = dissect_length(r, "length of certificate", 2);
    if (len == 0 && may_be_none) {
        dissect_say(dissect_take(r, &about, 0), "none");
        return;
    }
    struct dissect_reader inside = dissect_enter(r, &about, len);
    take_fields(&inside);
}

void dissect_signature(struct dissect_reader *r, const struct dissect_about *about)
{
    size_t len = dissect_length(r, "length of signature", 2);
    if (len != RSA_SIGNATURE_LEN)
        dissect_malformed(r, "a signature has %d bytes, and not %zu", RSA_SIGNATURE_LEN, len);
    dissect_say(dissect_take(r, about, RSA_SIGNATURE_LEN), "%d bytes of RSASSA-PSS", RSA_SIGNATURE_LEN);
}
