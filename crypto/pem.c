/* SPDX-License-Identifier: MIT */
/* A key file is an onion: text around base64 (PEM), around DER, in which, for an encrypted key, more DER says how the
 * password becomes a key and what that decrypts to, which is DER again: PKCS#8, which names the kind of key, around the
 * numbers of PKCS#1.
 *
 *      EncryptedPrivateKeyInfo ::= SEQUENCE {
 *                                      SEQUENCE { id-PBES2, SEQUENCE {
 *                                          SEQUENCE { id-PBKDF2, SEQUENCE { salt, iterations, [keyLength,] prf } },
 *                                          SEQUENCE { aes-CBC, iv } } },
 *                                      OCTET STRING { encrypted PrivateKeyInfo } }
 *      PrivateKeyInfo          ::= SEQUENCE { INTEGER 0, SEQUENCE { rsaEncryption, NULL },
 *                                             OCTET STRING { RSAPrivateKey } }
 *      RSAPrivateKey           ::= SEQUENCE { 0, n, e, d, p, q, dP, dQ, qInv }
 *      SubjectPublicKeyInfo    ::= SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { SEQUENCE { n, e } } }
 *
 * Reading peels one layer a function and refuses at the first thing that is out of order. An encrypted file carries no
 * tag: that the padding and the DER inside are right, and that the numbers fit each other, is the only sign that the
 * password was.
 */
#include "crypto/pem.h"

#include <assert.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/base64.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/der.h"
#include "crypto/pbkdf2.h"
#include "crypto/pkcs7.h"
#include "crypto/rng.h"

#define DER_MAX_LEN (PEM_MAX_LEN / 4 * 3)
#define SALT_LEN 16
#define SALT_MAX_LEN 64
#define LINE_LEN 64 /* RFC 7468 section 2 */

/* Object identifiers as they stand in a file, tag and length included. */
static const uint8_t rsa_algorithm[] = {/* SEQUENCE { rsaEncryption 1.2.840.113549.1.1.1, NULL } */
                                        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
static const uint8_t oid_pbes2[] = {/* 1.2.840.113549.1.5.13 */
                                    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
static const uint8_t oid_pbkdf2[] = {/* 1.2.840.113549.1.5.12 */
                                     0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
static const uint8_t prf_hmac_sha256[] = {/* SEQUENCE { 1.2.840.113549.2.9, NULL } */
                                          0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                          0x86, 0xf7, 0x0d, 0x02, 0x09, 0x05, 0x00};
static const uint8_t oid_aes128_cbc[] = {/* 2.16.840.1.101.3.4.1.2 */
                                         0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02};
static const uint8_t oid_aes256_cbc[] = {/* 2.16.840.1.101.3.4.1.42 */
                                         0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
static const uint8_t exponent[] = {0x01, 0x00, 0x01}; /* RSA_E */

static const char label_private[] = "PRIVATE KEY";
static const char label_encrypted[] = "ENCRYPTED PRIVATE KEY";
static const char label_public[] = "PUBLIC KEY";

/* The text, RFC 7468. */

/* A place in a text, and what is left of it. */
struct text {
    const char *p;
    size_t len;
};

static int skip(struct text *t, const char *what)
{
    size_t len = strlen(what);
    if (t->len < len || memchr(t->p, '\0', len) != NULL || strncmp(t->p, what, len) != 0)
        return 0;
    t->p += len;
    t->len -= len;
    return 1;
}

static int skip_line_end(struct text *t)
{
    return skip(t, "\n") || skip(t, "\r\n");
}

static void skip_white(struct text *t)
{
    while (skip(t, " ") || skip(t, "\t") || skip(t, "\r") || skip(t, "\n"))
        ;
}

/* Whether a character is that mark, which ends lines and is not in base64. In an unencrypted key's file the characters
 * are secret, and where its lines end is not. */
static int is_mark(char c, char mark)
{
    int same = c == mark;
    ct_public(&same, sizeof same); /* where lines end */
    return same;
}

/* The lines between BEGIN and END, joined: each of 64 characters, but for the last, which has 1 to 64. */
static int join_lines(char *joined, size_t *joined_len, struct text *t)
{
    size_t line;
    *joined_len = 0;
    do {
        for (line = 0; line < t->len && !is_mark(t->p[line], '\r') && !is_mark(t->p[line], '\n'); line++)
            ;
        if (line == 0 || line > LINE_LEN || *joined_len + line > PEM_MAX_LEN)
            return -1;
        memcpy(joined + *joined_len, t->p, line);
        *joined_len += line;
        t->p += line;
        t->len -= line;
        if (!skip_line_end(t))
            return -1;
    } while (line == LINE_LEN && t->len > 0 && !is_mark(t->p[0], '-'));
    return 0;
}

/* Takes the DER out of the one block of that label that the text consists of. */
static int unwrap(uint8_t der[static DER_MAX_LEN], size_t *der_len, const char *label, const char *pem, size_t pem_len)
{
    struct text t = {pem, pem_len};
    char body[PEM_MAX_LEN];
    size_t body_len;
    int result = -1;
    if (pem_len > PEM_MAX_LEN)
        return -1;
    skip_white(&t);
    if (!skip(&t, "-----BEGIN ") || !skip(&t, label) || !skip(&t, "-----") || !skip_line_end(&t))
        return -1;
    if (join_lines(body, &body_len, &t) == 0 && skip(&t, "-----END ") && skip(&t, label) && skip(&t, "-----")) {
        skip_white(&t);
        if (t.len == 0)
            result = base64_decode(der, DER_MAX_LEN, der_len, body, body_len);
    }
    ct_wipe(body, sizeof body);
    return result;
}

/* Appends to a text that is known to have room. */
static char *append(char *out, const char *what, size_t what_len)
{
    memcpy(out, what, what_len);
    return out + what_len;
}

static char *append_boundary(char *out, const char *what, const char *label)
{
    out = append(out, what, strlen(what));
    out = append(out, label, strlen(label));
    return append(out, "-----\n", 6);
}

static int wrap(char *out, size_t out_cap, const char *label, const struct der_writer *w)
{
    char body[PEM_MAX_LEN];
    size_t body_len = base64_encoded_len(w->len);
    size_t lines = (body_len + LINE_LEN - 1) / LINE_LEN;
    size_t boundaries = strlen("-----BEGIN -----\n-----END -----\n") + 2 * strlen(label);
    assert(body_len < sizeof body);
    if (out_cap < boundaries + body_len + lines + 1)
        return -1;
    base64_encode(body, w->end - w->len, w->len);
    out = append_boundary(out, "-----BEGIN ", label);
    for (size_t i = 0; i < body_len; i += LINE_LEN) {
        out = append(out, body + i, body_len - i < LINE_LEN ? body_len - i : LINE_LEN);
        out = append(out, "\n", 1);
    }
    out = append_boundary(out, "-----END ", label);
    *out = '\0';
    ct_wipe(body, sizeof body);
    return 0;
}

/* The numbers, RFC 8017 appendix A.1. */

static int is_rsa3072(const struct der *n, const struct der *e)
{
    struct der rest = *e;
    ct_public(n->data, n->len); /* the modulus */
    return n->len == RSA_MODULUS_LEN && n->data[0] >= 0x80 && der_expect(&rest, exponent, sizeof exponent) == 0 &&
           der_end(&rest);
}

/* RSAPrivateKey. */
static enum pem_result read_rsa_private(struct rsa_private *key, struct der in)
{
    struct der rsa, n, e, d, p, q, dp, dq, qinv;
    uint32_t version;
    if (der_take(&in, DER_SEQUENCE, &rsa) != 0 || !der_end(&in) || der_small(&rsa, &version) != 0 || version != 0)
        return PEM_MALFORMED;
    if (der_integer(&rsa, &n) != 0 || der_integer(&rsa, &e) != 0 || der_integer(&rsa, &d) != 0 ||
        der_integer(&rsa, &p) != 0 || der_integer(&rsa, &q) != 0 || der_integer(&rsa, &dp) != 0 ||
        der_integer(&rsa, &dq) != 0 || der_integer(&rsa, &qinv) != 0 || !der_end(&rsa))
        return PEM_MALFORMED;
    if (!is_rsa3072(&n, &e) || p.len != RSA_PRIME_LEN || q.len != RSA_PRIME_LEN)
        return PEM_NOT_RSA3072;
    if (der_number(key->n, sizeof key->n, &n) != 0 || der_number(key->d, sizeof key->d, &d) != 0 ||
        der_number(key->p, sizeof key->p, &p) != 0 || der_number(key->q, sizeof key->q, &q) != 0 ||
        der_number(key->dp, sizeof key->dp, &dp) != 0 || der_number(key->dq, sizeof key->dq, &dq) != 0 ||
        der_number(key->qinv, sizeof key->qinv, &qinv) != 0)
        return PEM_MALFORMED;
    return rsa_private_check(key) == 0 ? PEM_OK : PEM_MALFORMED;
}

/* An AlgorithmIdentifier: rsaEncryption, or a sound one of another kind of key. */
static enum pem_result read_algorithm(struct der *in)
{
    struct der other;
    if (der_expect(in, rsa_algorithm, sizeof rsa_algorithm) == 0)
        return PEM_OK;
    return der_take(in, DER_SEQUENCE, &other) == 0 ? PEM_NOT_RSA3072 : PEM_MALFORMED;
}

/* PrivateKeyInfo, RFC 5958 section 2 (version 0, no attributes). key is set only at PEM_OK. */
static enum pem_result read_private_info(struct rsa_private *key, struct der in)
{
    struct der info, inner;
    struct rsa_private found;
    uint32_t version;
    if (der_take(&in, DER_SEQUENCE, &info) != 0 || !der_end(&in) || der_small(&info, &version) != 0 || version != 0)
        return PEM_MALFORMED;
    enum pem_result result = read_algorithm(&info);
    if (result != PEM_OK)
        return result;
    if (der_take(&info, DER_OCTET_STRING, &inner) != 0 || !der_end(&info))
        return PEM_MALFORMED;
    result = read_rsa_private(&found, inner);
    if (result == PEM_OK)
        *key = found;
    ct_wipe(&found, sizeof found);
    return result;
}

static void write_private_info(struct der_writer *w, const struct rsa_private *key)
{
    static const uint8_t zero = 0;
    size_t start = w->len;
    der_put_integer(w, key->qinv, sizeof key->qinv);
    der_put_integer(w, key->dq, sizeof key->dq);
    der_put_integer(w, key->dp, sizeof key->dp);
    der_put_integer(w, key->q, sizeof key->q);
    der_put_integer(w, key->p, sizeof key->p);
    der_put_integer(w, key->d, sizeof key->d);
    der_put_integer(w, exponent, sizeof exponent);
    der_put_integer(w, key->n, sizeof key->n);
    der_put_integer(w, &zero, 1);
    der_put_header(w, DER_SEQUENCE, w->len - start);
    der_put_header(w, DER_OCTET_STRING, w->len - start);
    der_put(w, rsa_algorithm, sizeof rsa_algorithm);
    der_put_integer(w, &zero, 1);
    der_put_header(w, DER_SEQUENCE, w->len - start);
}

/* The encryption, RFC 8018 appendix A. */

/* What an EncryptedPrivateKeyInfo says. The slices point into it. */
struct pbes2 {
    struct der salt, iv, encrypted;
    uint32_t iterations;
    size_t key_len;
};

/* PBKDF2-params: salt, iterations, perhaps the key's length, and the hash, which by default would be SHA-1. */
static int read_kdf(struct pbes2 *e, uint32_t *key_len, struct der in)
{
    struct der params;
    if (der_expect(&in, oid_pbkdf2, sizeof oid_pbkdf2) != 0 || der_take(&in, DER_SEQUENCE, &params) != 0 ||
        !der_end(&in) || der_take(&params, DER_OCTET_STRING, &e->salt) != 0 || e->salt.len == 0 ||
        e->salt.len > SALT_MAX_LEN || der_small(&params, &e->iterations) != 0)
        return -1;
    if (e->iterations < 1 || e->iterations > PEM_ITERATIONS_MAX)
        return -1;
    *key_len = 0;
    if (params.len > 0 && params.data[0] == DER_INTEGER && (der_small(&params, key_len) != 0 || *key_len == 0))
        return -1;
    return der_expect(&params, prf_hmac_sha256, sizeof prf_hmac_sha256) == 0 && der_end(&params) ? 0 : -1;
}

static int read_cipher(struct pbes2 *e, struct der in)
{
    if (der_expect(&in, oid_aes128_cbc, sizeof oid_aes128_cbc) == 0)
        e->key_len = AES128_KEY_LEN;
    else if (der_expect(&in, oid_aes256_cbc, sizeof oid_aes256_cbc) == 0)
        e->key_len = AES256_KEY_LEN;
    else
        return -1;
    return der_take(&in, DER_OCTET_STRING, &e->iv) == 0 && e->iv.len == AES_BLOCK_LEN && der_end(&in) ? 0 : -1;
}

static int read_pbes2(struct pbes2 *e, struct der in)
{
    struct der info, algorithm, params, kdf, cipher;
    uint32_t key_len;
    if (der_take(&in, DER_SEQUENCE, &info) != 0 || !der_end(&in) || der_take(&info, DER_SEQUENCE, &algorithm) != 0 ||
        der_take(&info, DER_OCTET_STRING, &e->encrypted) != 0 || !der_end(&info))
        return -1;
    if (der_expect(&algorithm, oid_pbes2, sizeof oid_pbes2) != 0 || der_take(&algorithm, DER_SEQUENCE, &params) != 0 ||
        !der_end(&algorithm) || der_take(&params, DER_SEQUENCE, &kdf) != 0 ||
        der_take(&params, DER_SEQUENCE, &cipher) != 0 || !der_end(&params))
        return -1;
    if (read_kdf(e, &key_len, kdf) != 0 || read_cipher(e, cipher) != 0)
        return -1;
    if (key_len != 0 && key_len != e->key_len)
        return -1;
    return e->encrypted.len > 0 && e->encrypted.len % AES_BLOCK_LEN == 0 ? 0 : -1;
}

static void password_key(struct aes_key *aes, size_t key_len, const uint8_t *password, size_t password_len,
                         const struct der *salt, uint32_t iterations)
{
    uint8_t key[AES256_KEY_LEN];
    pbkdf2_derive(key, key_len, password, password_len, salt->data, salt->len, iterations);
    aes_key_init(aes, key, key_len);
    ct_wipe(key, sizeof key);
}

/* Whatever goes wrong once the password is in use is put down to the password. */
static enum pem_result decrypt(struct rsa_private *key, const struct pbes2 *e, const uint8_t *password,
                               size_t password_len)
{
    uint8_t plain[DER_MAX_LEN];
    struct der in = {plain, 0};
    struct aes_key aes;
    enum pem_result result = PEM_WRONG_PASSWORD;
    password_key(&aes, e->key_len, password, password_len, &e->salt, e->iterations);
    cbc_decrypt(&aes, e->iv.data, plain, e->encrypted.data, e->encrypted.len / AES_BLOCK_LEN);
    int unpadded = pkcs7_unpad(&in.len, plain, e->encrypted.len) == 0;
    ct_public(&in.len, sizeof in.len); /* the length of a key's DER, which tells what DER's lengths tell */
    if (unpadded) {
        result = read_private_info(key, in);
        if (result == PEM_MALFORMED)
            result = PEM_WRONG_PASSWORD;
    }
    aes_key_wipe(&aes);
    ct_wipe(plain, sizeof plain);
    return result;
}

/* The AlgorithmIdentifier of PBES2 in front of what w holds. */
static void write_pbes2(struct der_writer *w, const uint8_t salt[static SALT_LEN], uint32_t iterations,
                        const uint8_t iv[static AES_BLOCK_LEN])
{
    uint8_t count[4];
    size_t start = w->len;
    bytes_store_be32(count, iterations);
    der_put(w, iv, AES_BLOCK_LEN);
    der_put_header(w, DER_OCTET_STRING, AES_BLOCK_LEN);
    der_put(w, oid_aes128_cbc, sizeof oid_aes128_cbc);
    der_put_header(w, DER_SEQUENCE, w->len - start);
    size_t kdf = w->len;
    der_put(w, prf_hmac_sha256, sizeof prf_hmac_sha256);
    der_put_integer(w, count, sizeof count);
    der_put(w, salt, SALT_LEN);
    der_put_header(w, DER_OCTET_STRING, SALT_LEN);
    der_put_header(w, DER_SEQUENCE, w->len - kdf);
    der_put(w, oid_pbkdf2, sizeof oid_pbkdf2);
    der_put_header(w, DER_SEQUENCE, w->len - kdf);
    der_put_header(w, DER_SEQUENCE, w->len - start);
    der_put(w, oid_pbes2, sizeof oid_pbes2);
    der_put_header(w, DER_SEQUENCE, w->len - start);
}

/* The public functions. */

int pem_encode_private(char *out, size_t out_cap, const struct rsa_private *key)
{
    uint8_t der[DER_MAX_LEN];
    struct der_writer w = der_writer(der, sizeof der);
    write_private_info(&w, key);
    int result = wrap(out, out_cap, label_private, &w);
    ct_wipe(der, sizeof der);
    return result;
}

int pem_encode_private_encrypted(char *out, size_t out_cap, const struct rsa_private *key, const uint8_t *password,
                                 size_t password_len, uint32_t iterations, struct rng *rng)
{
    uint8_t der[DER_MAX_LEN], plain[DER_MAX_LEN], salt[SALT_LEN], iv[AES_BLOCK_LEN];
    const struct der salt_slice = {salt, sizeof salt};
    struct der_writer inner = der_writer(plain, sizeof plain), outer = der_writer(der, sizeof der);
    struct aes_key aes;
    assert(iterations >= 1 && iterations <= PEM_ITERATIONS_MAX);
    rng_key(rng, salt, sizeof salt);
    rng_fill(rng, iv, sizeof iv);

    write_private_info(&inner, key);
    memmove(plain, inner.end - inner.len, inner.len); /* the padding comes after it */
    size_t len = pkcs7_pad(plain, inner.len);
    password_key(&aes, AES128_KEY_LEN, password, password_len, &salt_slice, iterations);
    cbc_encrypt(&aes, iv, plain, plain, len / AES_BLOCK_LEN);

    der_put(&outer, plain, len);
    der_put_header(&outer, DER_OCTET_STRING, len);
    write_pbes2(&outer, salt, iterations, iv);
    der_put_header(&outer, DER_SEQUENCE, outer.len);
    int result = wrap(out, out_cap, label_encrypted, &outer);
    aes_key_wipe(&aes);
    ct_wipe(plain, sizeof plain); /* the end of it was never encrypted */
    return result;
}

int pem_encode_public(char *out, size_t out_cap, const struct rsa_public *pub)
{
    static const uint8_t no_unused_bits = 0;
    uint8_t der[DER_MAX_LEN];
    struct der_writer w = der_writer(der, sizeof der);
    der_put_integer(&w, exponent, sizeof exponent);
    der_put_integer(&w, pub->n, sizeof pub->n);
    der_put_header(&w, DER_SEQUENCE, w.len);
    der_put(&w, &no_unused_bits, 1);
    der_put_header(&w, DER_BIT_STRING, w.len);
    der_put(&w, rsa_algorithm, sizeof rsa_algorithm);
    der_put_header(&w, DER_SEQUENCE, w.len);
    return wrap(out, out_cap, label_public, &w);
}

enum pem_result pem_decode_private(struct rsa_private *key, const char *pem, size_t pem_len, const uint8_t *password,
                                   size_t password_len)
{
    uint8_t der[DER_MAX_LEN];
    struct der in = {der, 0};
    struct pbes2 e;
    enum pem_result result = PEM_MALFORMED;
    if (unwrap(der, &in.len, label_private, pem, pem_len) == 0)
        result = read_private_info(key, in);
    else if (unwrap(der, &in.len, label_encrypted, pem, pem_len) == 0 && read_pbes2(&e, in) == 0)
        result = password == NULL ? PEM_NEEDS_PASSWORD : decrypt(key, &e, password, password_len);
    ct_wipe(der, sizeof der);
    return result;
}

/* SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7. A BIT STRING's first byte counts the bits not used in its last. */
enum pem_result pem_decode_public(struct rsa_public *pub, const char *pem, size_t pem_len)
{
    static const uint8_t no_unused_bits = 0;
    uint8_t der[DER_MAX_LEN];
    struct der in = {der, 0}, info, bits, rsa, n, e;
    if (unwrap(der, &in.len, label_public, pem, pem_len) != 0 || der_take(&in, DER_SEQUENCE, &info) != 0 ||
        !der_end(&in))
        return PEM_MALFORMED;
    enum pem_result result = read_algorithm(&info);
    if (result != PEM_OK)
        return result;
    if (der_take(&info, DER_BIT_STRING, &bits) != 0 || !der_end(&info) || der_expect(&bits, &no_unused_bits, 1) != 0 ||
        der_take(&bits, DER_SEQUENCE, &rsa) != 0 || !der_end(&bits) || der_integer(&rsa, &n) != 0 ||
        der_integer(&rsa, &e) != 0 || !der_end(&rsa))
        return PEM_MALFORMED;
    if (!is_rsa3072(&n, &e))
        return PEM_NOT_RSA3072;
    struct rsa_public found;
    if (der_number(found.n, sizeof found.n, &n) != 0 || rsa_public_check(&found) != 0)
        return PEM_MALFORMED;
    *pub = found;
    return PEM_OK;
}
