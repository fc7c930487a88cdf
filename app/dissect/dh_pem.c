/* SPDX-License-Identifier: MIT */
/* Each is a DER structure around one number, and both name the group by its prime and its generator: programs recognise
 * RFC 7919's by these. DER is written from the back to the front, so a function's last line is what stands first. */
#include "app/dissect/dh_pem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base64.h"
#include "crypto/ct.h"
#include "crypto/der.h"

#define DER_CAP 1280 /* p and y of 512 bytes each, and less than 256 around them */
#define LINE_LEN 64  /* RFC 7468 section 2 */

static const uint8_t dh_key_agreement[] = {/* OBJECT IDENTIFIER 1.2.840.113549.1.3.1 */
                                           0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01};
static const uint8_t generator = 2;

/* AlgorithmIdentifier: SEQUENCE { dhKeyAgreement, SEQUENCE { p, g } }. */
static void put_algorithm(struct der_writer *w, const struct dh_group *g)
{
    size_t before = w->len;
    der_put_integer(w, &generator, 1);
    der_put_integer(w, g->p, g->p_len);
    der_put_header(w, DER_SEQUENCE, w->len - before);
    der_put(w, dh_key_agreement, sizeof dh_key_agreement);
    der_put_header(w, DER_SEQUENCE, w->len - before);
}

/* "-----BEGIN LABEL-----", base64 in lines, "-----END LABEL-----". */
static size_t wrap(char *out, size_t cap, const char *label, const struct der_writer *w)
{
    char body[BASE64_LEN(DER_CAP) + 1], *at = out, *end = out + cap;
    size_t body_len = base64_encoded_len(w->len), lines = (body_len + LINE_LEN - 1) / LINE_LEN;
    size_t len = strlen("-----BEGIN -----\n-----END -----\n") + 2 * strlen(label) + body_len + lines;
    if (cap <= len)
        return 0;
    base64_encode(body, w->end - w->len, w->len);
    at += snprintf(at, (size_t)(end - at), "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < body_len; i += LINE_LEN)
        at += snprintf(at, (size_t)(end - at), "%.*s\n", LINE_LEN, body + i);
    snprintf(at, (size_t)(end - at), "-----END %s-----\n", label);
    ct_wipe(body, sizeof body);
    return len;
}

/* PrivateKeyInfo: SEQUENCE { 0, algorithm, OCTET STRING { x } }. */
size_t dh_pem_private(char *out, size_t cap, const struct dh_group *g, const uint8_t *x, size_t x_len)
{
    static const uint8_t version = 0;
    uint8_t der[DER_CAP];
    assert(x_len > 0 && x_len <= g->x_len);
    struct der_writer w = der_writer(der, sizeof der);
    der_put_integer(&w, x, x_len);
    der_put_header(&w, DER_OCTET_STRING, w.len);
    put_algorithm(&w, g);
    der_put_integer(&w, &version, 1);
    der_put_header(&w, DER_SEQUENCE, w.len);
    size_t len = wrap(out, cap, "PRIVATE KEY", &w);
    ct_wipe(der, sizeof der);
    return len;
}

/* SubjectPublicKeyInfo: SEQUENCE { algorithm, BIT STRING { y } }, whose first byte says that no bit of the last is
 * unused. */
size_t dh_pem_public(char *out, size_t cap, const struct dh_group *g, const uint8_t *y, size_t y_len)
{
    static const uint8_t unused = 0;
    uint8_t der[DER_CAP];
    assert(y_len > 0 && y_len <= g->p_len);
    struct der_writer w = der_writer(der, sizeof der);
    der_put_integer(&w, y, y_len);
    der_put(&w, &unused, 1);
    der_put_header(&w, DER_BIT_STRING, w.len);
    put_algorithm(&w, g);
    der_put_header(&w, DER_SEQUENCE, w.len);
    return wrap(out, cap, "PUBLIC KEY", &w);
}
