/* SPDX-License-Identifier: MIT */
/* Reading peels one layer a function; what each names is looked up in a table, which says what is read and what the
 * rest is called. */
#include "crypto/pbes2.h"

#include <assert.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/cbc.h"
#include "crypto/ct.h"
#include "crypto/pbkdf2.h"
#include "crypto/pkcs7.h"
#include "crypto/prf.h"
#include "crypto/rng.h"

#define SALT_LEN 16

/* Object identifiers as they stand in a file, tag and length included. */
static const uint8_t oid_pbes2[] = {/* 1.2.840.113549.1.5.13 */
                                    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
static const uint8_t oid_pbkdf2[] = {/* 1.2.840.113549.1.5.12 */
                                     0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
static const uint8_t prf_hmac_sha256[] = {/* SEQUENCE { 1.2.840.113549.2.9, NULL } */
                                          0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                          0x86, 0xf7, 0x0d, 0x02, 0x09, 0x05, 0x00};
static const uint8_t oid_aes128_cbc[] = {/* 2.16.840.1.101.3.4.1.2 */
                                         0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02};

/* --- What is named ------------------------------------------------------------------------------------------------ */

/* An object identifier without tag and length, or how it begins, and what that means. */
struct row {
    const uint8_t oid[12];
    size_t len;
    enum pem_result result;
    size_t key_len;
    const struct prf_hash *hash;
};

/* The way of encrypting: RFC 8018 appendix A.3, RFC 7292 appendix C. The last arc of an old one says which cipher. */
static const struct row schemes[] = {
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d}, 9, PEM_OK, 0, NULL},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05}, 8, PEM_PBES1, 0, NULL},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01}, 9, PEM_PBES1, 0, NULL},
};

/* How the password becomes a key: RFC 8018 appendix A.2, RFC 7914 section 7. */
static const struct row kdfs[] = {
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c}, 9, PEM_OK, 0, NULL},
    {{0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b}, 9, PEM_SCRYPT, 0, NULL},
};

/* RFC 8018 appendix B.1.2: id-hmacWithSHA1, 224, 256, 384, 512. */
static const struct row hashes[] = {
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x07}, 8, PEM_OK, 0, &prf_sha1},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x08}, 8, PEM_OK, 0, &prf_sha224},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09}, 8, PEM_OK, 0, &prf_sha256},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0a}, 8, PEM_OK, 0, &prf_sha384},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b}, 8, PEM_OK, 0, &prf_sha512},
};

/* RFC 8018 appendix B.2: aes128-CBC-PAD, 192, 256; desCBC, des-EDE3-CBC, rc2CBC. */
static const struct row ciphers[] = {
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02}, 9, PEM_OK, AES128_KEY_LEN, NULL},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16}, 9, PEM_OK, AES192_KEY_LEN, NULL},
    {{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a}, 9, PEM_OK, AES256_KEY_LEN, NULL},
    {{0x2b, 0x0e, 0x03, 0x02, 0x07}, 5, PEM_DES, 0, NULL},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07}, 8, PEM_DES, 0, NULL},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x02}, 8, PEM_DES, 0, NULL},
};

#define ROWS(array) (sizeof(array) / sizeof *(array))

/* Takes an object identifier off the front: its row, or what one that has no row is called. */
static struct row take_named(struct der *in, const struct row *rows, size_t n, enum pem_result other)
{
    struct der oid;
    if (der_take(in, DER_OID, &oid) != 0)
        return (struct row){.result = PEM_MALFORMED};
    for (size_t i = 0; i < n; i++) {
        struct der rest = oid;
        if (der_expect(&rest, rows[i].oid, rows[i].len) == 0 &&
            (der_end(&rest) || (rows[i].result == PEM_PBES1 && rest.len == 1 && rest.data[0] < 12)))
            return rows[i];
    }
    return (struct row){.result = other};
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

/* The hash, SEQUENCE { OID, NULL }; where nothing is said it is SHA-1. */
static enum pem_result read_prf(struct pbes2 *e, struct der *params)
{
    static const uint8_t null[] = {0x05, 0x00};
    struct der prf;
    if (der_end(params)) {
        e->hash = &prf_sha1;
        return PEM_OK;
    }
    if (der_take(params, DER_SEQUENCE, &prf) != 0 || !der_end(params))
        return PEM_MALFORMED;
    struct row named = take_named(&prf, hashes, ROWS(hashes), PEM_HASH);
    e->hash = named.hash;
    if (named.result != PEM_OK)
        return named.result;
    return der_expect(&prf, null, sizeof null) == 0 && der_end(&prf) ? PEM_OK : PEM_MALFORMED;
}

/* From 1 to PBES2_ITERATIONS_MAX. */
static enum pem_result read_iterations(struct pbes2 *e, struct der *params)
{
    struct der count;
    uint8_t bytes[4];
    if (der_integer(params, &count) != 0 || count.len == 0)
        return PEM_MALFORMED;
    if (der_number(bytes, sizeof bytes, &count) != 0)
        return PEM_ITERATIONS;
    e->iterations = bytes_load_be32(bytes);
    return e->iterations <= PBES2_ITERATIONS_MAX ? PEM_OK : PEM_ITERATIONS;
}

/* PBKDF2-params. *key_len is 0 where they don't say it. */
static enum pem_result read_kdf(struct pbes2 *e, uint32_t *key_len, struct der in)
{
    struct der params;
    struct row named = take_named(&in, kdfs, ROWS(kdfs), PEM_KDF);
    if (named.result != PEM_OK)
        return named.result;
    if (der_take(&in, DER_SEQUENCE, &params) != 0 || !der_end(&in) ||
        der_take(&params, DER_OCTET_STRING, &e->salt) != 0 || e->salt.len == 0)
        return PEM_MALFORMED;
    enum pem_result result = read_iterations(e, &params);
    *key_len = 0;
    if (result == PEM_OK && der_next_is(&params, DER_INTEGER) && (der_small(&params, key_len) != 0 || *key_len == 0))
        result = PEM_MALFORMED;
    return result == PEM_OK ? read_prf(e, &params) : result;
}

static enum pem_result read_cipher(struct pbes2 *e, struct der in)
{
    struct row named = take_named(&in, ciphers, ROWS(ciphers), PEM_CIPHER);
    e->key_len = named.key_len;
    if (named.result != PEM_OK)
        return named.result;
    return der_take(&in, DER_OCTET_STRING, &e->iv) == 0 && e->iv.len == AES_BLOCK_LEN && der_end(&in) ? PEM_OK
                                                                                                      : PEM_MALFORMED;
}

/* PBES2-params. */
static enum pem_result read_params(struct pbes2 *e, struct der *algorithm)
{
    struct der params, kdf, cipher;
    uint32_t key_len;
    if (der_take(algorithm, DER_SEQUENCE, &params) != 0 || !der_end(algorithm) ||
        der_take(&params, DER_SEQUENCE, &kdf) != 0 || der_take(&params, DER_SEQUENCE, &cipher) != 0 ||
        !der_end(&params))
        return PEM_MALFORMED;
    enum pem_result result = read_kdf(e, &key_len, kdf);
    if (result == PEM_OK)
        result = read_cipher(e, cipher);
    if (result != PEM_OK)
        return result;
    if (key_len != 0 && key_len != e->key_len)
        return PEM_MALFORMED;
    return e->encrypted.len > 0 && e->encrypted.len % AES_BLOCK_LEN == 0 ? PEM_OK : PEM_MALFORMED;
}

enum pem_result pbes2_read(struct pbes2 *e, struct der in)
{
    struct der info, algorithm;
    if (der_take(&in, DER_SEQUENCE, &info) != 0 || !der_end(&in) || der_take(&info, DER_SEQUENCE, &algorithm) != 0 ||
        der_take(&info, DER_OCTET_STRING, &e->encrypted) != 0 || !der_end(&info))
        return PEM_MALFORMED;
    struct row named = take_named(&algorithm, schemes, ROWS(schemes), PEM_KDF);
    return named.result == PEM_OK ? read_params(e, &algorithm) : named.result;
}

/* --- The password ------------------------------------------------------------------------------------------------- */

static void password_key(struct aes_key *aes, const struct pbes2 *e, const uint8_t *password, size_t password_len)
{
    uint8_t key[AES256_KEY_LEN];
    if (e->hash == &prf_sha256)
        pbkdf2_derive(key, e->key_len, password, password_len, e->salt.data, e->salt.len, e->iterations);
    else
        prf_pbkdf2(key, e->key_len, e->hash, password, password_len, e->salt.data, e->salt.len, e->iterations);
    aes_key_init(aes, key, e->key_len);
    ct_wipe(key, sizeof key);
}

int pbes2_decrypt(uint8_t *out, size_t *out_len, const struct pbes2 *e, const uint8_t *password, size_t password_len)
{
    struct aes_key aes;
    password_key(&aes, e, password, password_len);
    cbc_decrypt(&aes, e->iv.data, out, e->encrypted.data, e->encrypted.len / AES_BLOCK_LEN);
    int result = pkcs7_unpad(out_len, out, e->encrypted.len);
    ct_public(out_len, sizeof *out_len); /* the length of a key's DER, which tells what DER's lengths tell */
    aes_key_wipe(&aes);
    return result;
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

/* The AlgorithmIdentifier of PBES2 in front of what w holds. */
static void write_algorithm(struct der_writer *w, const struct pbes2 *e)
{
    uint8_t count[4];
    size_t start = w->len;
    bytes_store_be32(count, e->iterations);
    der_put(w, e->iv.data, e->iv.len);
    der_put_header(w, DER_OCTET_STRING, e->iv.len);
    der_put(w, oid_aes128_cbc, sizeof oid_aes128_cbc);
    der_put_header(w, DER_SEQUENCE, w->len - start);
    size_t kdf = w->len;
    der_put(w, prf_hmac_sha256, sizeof prf_hmac_sha256);
    der_put_integer(w, count, sizeof count);
    der_put(w, e->salt.data, e->salt.len);
    der_put_header(w, DER_OCTET_STRING, e->salt.len);
    der_put_header(w, DER_SEQUENCE, w->len - kdf);
    der_put(w, oid_pbkdf2, sizeof oid_pbkdf2);
    der_put_header(w, DER_SEQUENCE, w->len - kdf);
    der_put_header(w, DER_SEQUENCE, w->len - start);
    der_put(w, oid_pbes2, sizeof oid_pbes2);
    der_put_header(w, DER_SEQUENCE, w->len - start);
}

void pbes2_write(struct der_writer *w, uint8_t *plain, size_t plain_len, const uint8_t *password, size_t password_len,
                 uint32_t iterations, struct rng *rng)
{
    uint8_t salt[SALT_LEN], iv[AES_BLOCK_LEN];
    const struct pbes2 e = {{salt, sizeof salt}, {iv, sizeof iv}, {0}, iterations, AES128_KEY_LEN, &prf_sha256};
    struct aes_key aes;
    assert(iterations >= 1 && iterations <= PBES2_ITERATIONS_MAX);
    rng_key(rng, salt, sizeof salt);
    rng_fill(rng, iv, sizeof iv);
    size_t start = w->len, len = pkcs7_pad(plain, plain_len);
    password_key(&aes, &e, password, password_len);
    cbc_encrypt(&aes, iv, plain, plain, len / AES_BLOCK_LEN);
    aes_key_wipe(&aes);
    der_put(w, plain, len);
    der_put_header(w, DER_OCTET_STRING, len);
    write_algorithm(w, &e);
    der_put_header(w, DER_SEQUENCE, w->len - start);
}
