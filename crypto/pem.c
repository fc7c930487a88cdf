/* SPDX-License-Identifier: MIT */
/* A key file is an onion: text around base64 (PEM), around DER, in which, for an encrypted key, more DER says how the
 * password becomes a key and what that decrypts to (pbes2.c), which is DER again: PKCS#8, which names the kind of key,
 * around the numbers of PKCS#1.
 *
 *      PrivateKeyInfo          ::= SEQUENCE { INTEGER 0 or 1, SEQUENCE { rsaEncryption, NULL },
 *                                             OCTET STRING { RSAPrivateKey },
 *                                             [0] { attributes }, [1] { RSAPublicKey } }, both OPTIONAL
 *      RSAPrivateKey           ::= SEQUENCE { 0, n, e, d, p, q, dP, dQ, qInv }, or { 1, ..., { more primes } }
 *      SubjectPublicKeyInfo    ::= SEQUENCE { SEQUENCE { rsaEncryption, NULL }, BIT STRING { RSAPublicKey } }
 *      RSAPublicKey            ::= SEQUENCE { n, e }
 *
 * Reading peels one layer a function and refuses at the first thing that is out of order. What is in order and no key
 * of ours is named: each table has a row for what a file may turn out to be. An encrypted file carries no tag: that the
 * padding and the DER inside are right, and that the numbers fit each other, is the only sign that the password was.
 */
#include "crypto/pem.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/der.h"
#include "crypto/pbes2.h"
#include "crypto/pem_text.h"

#define DER_MAX_LEN (PEM_MAX_LEN / 4 * 3) /* of what is written */

/* SEQUENCE { rsaEncryption 1.2.840.113549.1.1.1, NULL } as it stands in a file. */
static const uint8_t rsa_algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                        0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
static const uint8_t exponent[] = {0x01, 0x00, 0x01}; /* RSA_E */
static const uint8_t no_unused_bits = 0;              /* a BIT STRING's first byte counts those of its last */

/* --- What is named ------------------------------------------------------------------------------------------------ */

/* Object identifiers of kinds of keys, without tag and length. */
static const struct {
    const uint8_t oid[10];
    size_t len;
    enum pem_result result;
} kinds[] = {
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}, 9, PEM_MALFORMED}, /* rsaEncryption, and not NULL */
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a}, 9, PEM_RSA_PSS},
    {{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}, 7, PEM_EC},
    {{0x2b, 0x65, 0x70}, 3, PEM_EDWARDS},
    {{0x2b, 0x65, 0x71}, 3, PEM_EDWARDS},
    {{0x2b, 0x65, 0x6e}, 3, PEM_X25519},
    {{0x2b, 0x65, 0x6f}, 3, PEM_X25519},
    {{0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01}, 7, PEM_DSA},
    {{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01}, 9, PEM_DH}, /* PKCS#3 */
    {{0x2a, 0x86, 0x48, 0xce, 0x3e, 0x02, 0x01}, 7, PEM_DH},             /* X9.42 */
};

/* An AlgorithmIdentifier: PEM_OK for rsaEncryption, the name of another kind of key, or PEM_MALFORMED. */
static enum pem_result read_algorithm(struct der *in)
{
    struct der other, oid;
    if (der_expect(in, rsa_algorithm, sizeof rsa_algorithm) == 0)
        return PEM_OK;
    if (der_take(in, DER_SEQUENCE, &other) != 0 || der_take(&other, DER_OID, &oid) != 0)
        return PEM_MALFORMED;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct der rest = oid;
        if (der_expect(&rest, kinds[i].oid, kinds[i].len) == 0 && der_end(&rest))
            return kinds[i].result;
    }
    return PEM_UNKNOWN;
}

static const char pkcs8[] = "PRIVATE KEY", pkcs8_encrypted[] = "ENCRYPTED PRIVATE KEY", pkcs1[] = "RSA PRIVATE KEY";
static const char public_info[] = "PUBLIC KEY", pkcs1_public[] = "RSA PUBLIC KEY";

/* What a block is by its label: PEM_OK for one that is asked for. */
static const struct {
    const char *label;
    enum pem_result when_private, when_public; /* asked for */
} labels[] = {
    {pkcs8, PEM_OK, PEM_PRIVATE},
    {pkcs8_encrypted, PEM_OK, PEM_PRIVATE},
    {pkcs1, PEM_OK, PEM_PRIVATE},
    {public_info, PEM_PUBLIC, PEM_OK},
    {pkcs1_public, PEM_PUBLIC, PEM_OK},
    {"EC PRIVATE KEY", PEM_EC, PEM_EC},
    {"DSA PRIVATE KEY", PEM_DSA, PEM_DSA},
    {"OPENSSH PRIVATE KEY", PEM_OPENSSH, PEM_OPENSSH},
    {"CERTIFICATE", PEM_CERTIFICATE, PEM_CERTIFICATE},
    {"X509 CERTIFICATE", PEM_CERTIFICATE, PEM_CERTIFICATE},
    {"TRUSTED CERTIFICATE", PEM_CERTIFICATE, PEM_CERTIFICATE},
};

/* How a file begins that isn't PEM. */
static const struct {
    const char *begins;
    size_t len;
    enum pem_result result;
} others[] = {
    {"ssh-", 4, PEM_OPENSSH},
    {"ecdsa-sha2-", 11, PEM_OPENSSH},
    {"---- BEGIN SSH2 ", 16, PEM_OPENSSH},
    {"PuTTY-User-Key-File-", 20, PEM_PUTTY},
    {"\x1e\xf1\xb5\xb0", 4, PEM_MICROSOFT}, /* PVK */
    {"\x07\x02\0\0", 4, PEM_MICROSOFT},     /* MSBLOB, private */
    {"\x06\x02\0\0", 4, PEM_MICROSOFT},     /* and public */
    {"\xff\xfe", 2, PEM_UTF16},
    {"\xfe\xff", 2, PEM_UTF16},
};

/* A file without a block. DER is known by its outer SEQUENCE, which is as long as the file, and what stands first in
 * it: PKCS#12 has version 3, keys have 0 or 1, or a modulus, or a SEQUENCE. */
static enum pem_result name_other(const char *text, size_t len)
{
    struct der in = {(const uint8_t *)text, len}, inside, n;
    uint32_t version;
    if (der_take(&in, DER_SEQUENCE, &inside) == 0 && der_end(&in) && !der_end(&inside)) {
        if (der_small(&inside, &version) == 0)
            return version == 3 ? PEM_PKCS12 : PEM_DER;
        return der_integer(&inside, &n) == 0 || der_next_is(&inside, DER_SEQUENCE) ? PEM_DER : PEM_MALFORMED;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (len >= others[i].len && ct_equal(text, others[i].begins, others[i].len))
            return others[i].result;
    return PEM_MALFORMED;
}

static enum pem_result name_block(const struct pem_block *b, bool private)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (pem_block_is(b, labels[i].label))
            return private ? labels[i].when_private : labels[i].when_public;
    return PEM_OTHER;
}

/* Whether of two blocks that aren't asked for it is this one that the user meant. */
static bool is_worth_more(enum pem_result is, enum pem_result than)
{
    return is == PEM_OK || (is != PEM_OTHER && (is != PEM_CERTIFICATE || than == PEM_OTHER));
}

/* Finds the one block that is asked for: PEM_OK. Else what the file holds instead, a key before anything else; a block
 * that is damaged, wherever it is, makes the file damaged. */
static enum pem_result find_block(struct pem_block *b, const char *text, size_t len, bool private)
{
    struct pem_text t = {text, len};
    struct pem_block here;
    enum pem_result result = PEM_MALFORMED;
    int found;
    while ((found = pem_text_next(&t, &here)) > 0) {
        enum pem_result is = name_block(&here, private);
        if (is == PEM_OK && result == PEM_OK)
            return PEM_SEVERAL;
        if (result == PEM_OK || (result != PEM_MALFORMED && !is_worth_more(is, result)))
            continue;
        *b = here;
        result = is;
    }
    if (found < 0)
        return PEM_MALFORMED;
    return result == PEM_MALFORMED ? name_other(text, len) : result;
}

/* The bytes of a block; what isn't asked for has to be sound as far as that can be told before it is named. */
static enum pem_result open_block(uint8_t der[static PEM_BLOCK_MAX_CHARS], struct der *in, const struct pem_block *b,
                                  enum pem_result named)
{
    static const uint8_t openssh[] = "openssh-key-v1"; /* with its NUL */
    struct der rest, inside;
    if (pem_block_begins(b, "Proc-Type:"))
        return named == PEM_OK ? PEM_PROC_TYPE : named;
    if (named == PEM_OTHER)
        return named;
    if (pem_block_decode(der, &in->len, b) != 0)
        return PEM_MALFORMED;
    rest = *in;
    if (named == PEM_OPENSSH)
        return der_expect(&rest, openssh, sizeof openssh) == 0 ? named : PEM_MALFORMED;
    return der_take(&rest, DER_SEQUENCE, &inside) == 0 && der_end(&rest) ? named : PEM_MALFORMED;
}

/* Takes the DER out of the one block that is asked for. */
static enum pem_result unwrap(uint8_t der[static PEM_BLOCK_MAX_CHARS], struct der *in, struct pem_block *b,
                              const char *text, size_t len, bool private)
{
    if (len > PEM_FILE_MAX_LEN)
        return PEM_MALFORMED;
    enum pem_result result = find_block(b, text, len, private);
    bool has_block = result == PEM_OK || (result != PEM_SEVERAL && result != PEM_MALFORMED && b->label != NULL);
    return has_block ? open_block(der, in, b, result) : result;
}

/* --- The numbers, RFC 8017 appendix A.1 --------------------------------------------------------------------------- */

static bool is_of_our_size(const struct der *n)
{
    ct_public(n->data, n->len); /* the modulus */
    return n->len == RSA_MODULUS_LEN && n->data[0] >= 0x80;
}

static bool is_our_e(const struct der *e)
{
    struct der rest = *e;
    return der_expect(&rest, exponent, sizeof exponent) == 0 && der_end(&rest);
}

/* RSAPublicKey. */
static enum pem_result read_rsa_public(struct rsa_public *pub, struct der in)
{
    struct der rsa, n, e;
    if (der_take(&in, DER_SEQUENCE, &rsa) != 0 || !der_end(&in) || der_integer(&rsa, &n) != 0 ||
        der_integer(&rsa, &e) != 0 || !der_end(&rsa))
        return PEM_MALFORMED;
    if (!is_of_our_size(&n))
        return PEM_RSA_SIZE;
    if (!is_our_e(&e))
        return PEM_RSA_E;
    struct rsa_public found;
    if (der_number(found.n, sizeof found.n, &n) != 0 || rsa_public_check(&found) != 0)
        return PEM_MALFORMED;
    *pub = found;
    return PEM_OK;
}

/* A number modulo the largest prime below 2^16: enough to notice that a number of any size was damaged. */
#define SMALL_PRIME 65521

static uint32_t modulo(const struct der *number)
{
    uint32_t r = 0;
    for (size_t i = 0; i < number->len; i++)
        r = (r << 8 | number->data[i]) % SMALL_PRIME;
    return r;
}

/* The numbers of an RSAPrivateKey in their order, and the product of the primes that come after them, as `modulo` has
 * it. */
enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };
struct numbers {
    struct der of[NUMBERS];
    uint32_t version, more_primes;
};

/* OtherPrimeInfos: each a prime, an exponent, a coefficient. */
static int read_more_primes(struct numbers *k, struct der *rsa)
{
    struct der all, one, prime, other;
    k->more_primes = 1;
    if (k->version == 0)
        return 0;
    if (der_take(rsa, DER_SEQUENCE, &all) != 0 || der_end(&all))
        return -1;
    while (!der_end(&all)) {
        if (der_take(&all, DER_SEQUENCE, &one) != 0 || der_integer(&one, &prime) != 0 ||
            der_integer(&one, &other) != 0 || der_integer(&one, &other) != 0 || !der_end(&one))
            return -1;
        k->more_primes = k->more_primes * modulo(&prime) % SMALL_PRIME;
    }
    return 0;
}

/* Whether n is the product of its primes, of whatever size they are. */
static bool product_fits(const struct numbers *k)
{
    uint32_t product = modulo(&k->of[P]) * modulo(&k->of[Q]) % SMALL_PRIME * k->more_primes % SMALL_PRIME;
    int same = product == modulo(&k->of[N]);
    ct_public(&same, sizeof same); /* the verdict */
    return same;
}

static int copy_numbers(struct rsa_private *key, const struct numbers *k)
{
    const struct {
        uint8_t *out;
        size_t len;
    } to[NUMBERS] = {
        [N] = {key->n, sizeof key->n},         [D] = {key->d, sizeof key->d},    [P] = {key->p, sizeof key->p},
        [Q] = {key->q, sizeof key->q},         [DP] = {key->dp, sizeof key->dp}, [DQ] = {key->dq, sizeof key->dq},
        [QINV] = {key->qinv, sizeof key->qinv}};
    for (size_t i = 0; i < NUMBERS; i++)
        if (to[i].out != NULL && der_number(to[i].out, to[i].len, &k->of[i]) != 0)
            return -1;
    return 0;
}

/* RSAPrivateKey. With e = 65537 alone all of it can be checked. */
static enum pem_result read_rsa_private(struct rsa_private *key, struct der in)
{
    struct der rsa;
    struct numbers k;
    if (der_take(&in, DER_SEQUENCE, &rsa) != 0 || !der_end(&in) || der_small(&rsa, &k.version) != 0 || k.version > 1)
        return PEM_MALFORMED;
    for (size_t i = 0; i < NUMBERS; i++)
        if (der_integer(&rsa, &k.of[i]) != 0)
            return PEM_MALFORMED;
    if (read_more_primes(&k, &rsa) != 0 || !der_end(&rsa) || !product_fits(&k))
        return PEM_MALFORMED;
    if (k.version == 1)
        return PEM_RSA_PRIMES;
    if (!is_of_our_size(&k.of[N]) || k.of[P].len != RSA_PRIME_LEN || k.of[Q].len != RSA_PRIME_LEN)
        return PEM_RSA_SIZE;
    if (copy_numbers(key, &k) != 0)
        return PEM_MALFORMED;
    bool fits = rsa_private_check(key) == 0;
    if (is_our_e(&k.of[E]))
        return fits ? PEM_OK : PEM_MALFORMED;
    return fits ? PEM_MALFORMED : PEM_RSA_E; /* where all fits 65537, it is e that was damaged */
}

/* What may stand after the key in a PrivateKeyInfo: attributes, of which none is looked at, and, where the version is
 * 1, the public key, which must be the same. (Where the version is 1 it should be there, but nothing depends on it.) */
static enum pem_result read_rest(const struct rsa_private *key, uint32_t version, struct der *info)
{
    struct der attributes, one, bits;
    struct rsa_public pub;
    if (der_next_is(info, DER_CONTEXT_0_OF)) {
        if (der_take(info, DER_CONTEXT_0_OF, &attributes) != 0)
            return PEM_MALFORMED;
        while (!der_end(&attributes))
            if (der_take(&attributes, DER_SEQUENCE, &one) != 0)
                return PEM_MALFORMED;
    }
    if (version == 1 && !der_end(info)) {
        if (der_take(info, DER_CONTEXT_1, &bits) != 0 || der_expect(&bits, &no_unused_bits, 1) != 0 ||
            read_rsa_public(&pub, bits) != PEM_OK || !ct_equal(pub.n, key->n, sizeof pub.n))
            return PEM_MALFORMED;
    }
    return der_end(info) ? PEM_OK : PEM_MALFORMED;
}

/* PrivateKeyInfo, RFC 5958 section 2. */
static enum pem_result read_private_info(struct rsa_private *key, struct der in)
{
    struct der info, inner;
    uint32_t version;
    if (der_take(&in, DER_SEQUENCE, &info) != 0 || !der_end(&in) || der_small(&info, &version) != 0 || version > 1)
        return PEM_MALFORMED;
    enum pem_result result = read_algorithm(&info);
    if (result == PEM_MALFORMED || der_take(&info, DER_OCTET_STRING, &inner) != 0)
        return PEM_MALFORMED;
    if (result == PEM_OK)
        result = read_rsa_private(key, inner);
    return result == PEM_OK ? read_rest(key, version, &info) : result;
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

/* --- The encryption ----------------------------------------------------------------------------------------------- */

/* Whether it begins as a PrivateKeyInfo with its padding does, whatever became of the rest: one wrong password in some
 * 2^40 gets so far. */
static bool looks_opened(const uint8_t *plain, size_t len)
{
    struct der in = {plain, len}, info;
    uint32_t version;
    return der_take(&in, DER_SEQUENCE, &info) == 0 && in.len >= 1 && in.len <= 16 && der_small(&info, &version) == 0 &&
           version <= 1;
}

/* With the right password a key comes out, or what was a key: then it is the file that is damaged. */
static enum pem_result decrypt(struct rsa_private *key, const struct pbes2 *e, const uint8_t *password,
                               size_t password_len)
{
    uint8_t plain[PEM_BLOCK_MAX_LEN];
    struct der in = {plain, 0};
    enum pem_result result = PEM_MALFORMED;
    if (pbes2_decrypt(plain, &in.len, e, password, password_len) == 0)
        result = read_private_info(key, in);
    if (result == PEM_MALFORMED && !looks_opened(plain, e->encrypted.len))
        result = PEM_WRONG_PASSWORD;
    ct_wipe(plain, sizeof plain);
    return result;
}

/* --- The public functions ----------------------------------------------------------------------------------------- */

int pem_encode_private(char *out, size_t out_cap, const struct rsa_private *key)
{
    uint8_t der[DER_MAX_LEN];
    struct der_writer w = der_writer(der, sizeof der);
    write_private_info(&w, key);
    int result = pem_text_write(out, out_cap, pkcs8, w.end - w.len, w.len);
    ct_wipe(der, sizeof der);
    return result;
}

int pem_encode_private_encrypted(char *out, size_t out_cap, const struct rsa_private *key, const uint8_t *password,
                                 size_t password_len, uint32_t iterations, struct rng *rng)
{
    uint8_t der[DER_MAX_LEN], plain[DER_MAX_LEN];
    struct der_writer inner = der_writer(plain, sizeof plain), outer = der_writer(der, sizeof der);
    write_private_info(&inner, key);
    memmove(plain, inner.end - inner.len, inner.len); /* the padding comes after it */
    pbes2_write(&outer, plain, inner.len, password, password_len, iterations, rng);
    int result = pem_text_write(out, out_cap, pkcs8_encrypted, outer.end - outer.len, outer.len);
    ct_wipe(plain, sizeof plain); /* the end of it was never encrypted */
    return result;
}

int pem_encode_public(char *out, size_t out_cap, const struct rsa_public *pub)
{
    uint8_t der[DER_MAX_LEN];
    struct der_writer w = der_writer(der, sizeof der);
    der_put_integer(&w, exponent, sizeof exponent);
    der_put_integer(&w, pub->n, sizeof pub->n);
    der_put_header(&w, DER_SEQUENCE, w.len);
    der_put(&w, &no_unused_bits, 1);
    der_put_header(&w, DER_BIT_STRING, w.len);
    der_put(&w, rsa_algorithm, sizeof rsa_algorithm);
    der_put_header(&w, DER_SEQUENCE, w.len);
    return pem_text_write(out, out_cap, public_info, w.end - w.len, w.len);
}

static enum pem_result read_encrypted(struct rsa_private *key, struct der in, const uint8_t *password,
                                      size_t password_len)
{
    struct pbes2 e;
    enum pem_result result = pbes2_read(&e, in);
    if (result == PEM_OK)
        result = password == NULL ? PEM_NEEDS_PASSWORD : decrypt(key, &e, password, password_len);
    return result;
}

enum pem_result pem_decode_private(struct rsa_private *key, const char *pem, size_t pem_len, const uint8_t *password,
                                   size_t password_len)
{
    uint8_t der[PEM_BLOCK_MAX_CHARS];
    struct der in = {der, 0};
    struct pem_block b = {0};
    struct rsa_private found = {.n = {0}};
    enum pem_result result = unwrap(der, &in, &b, pem, pem_len, true);
    if (result == PEM_OK && pem_block_is(&b, pkcs1))
        result = read_rsa_private(&found, in);
    else if (result == PEM_OK && pem_block_is(&b, pkcs8))
        result = read_private_info(&found, in);
    else if (result == PEM_OK)
        result = read_encrypted(&found, in, password, password_len);
    if (result == PEM_OK)
        *key = found;
    ct_wipe(&found, sizeof found);
    ct_wipe(der, sizeof der);
    return result;
}

/* SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7. */
static enum pem_result read_public_info(struct rsa_public *pub, struct der in)
{
    struct der info, bits;
    if (der_take(&in, DER_SEQUENCE, &info) != 0 || !der_end(&in))
        return PEM_MALFORMED;
    enum pem_result result = read_algorithm(&info);
    if (result == PEM_MALFORMED || der_take(&info, DER_BIT_STRING, &bits) != 0 || !der_end(&info) ||
        der_expect(&bits, &no_unused_bits, 1) != 0)
        return PEM_MALFORMED;
    return result == PEM_OK ? read_rsa_public(pub, bits) : result;
}

enum pem_result pem_decode_public(struct rsa_public *pub, const char *pem, size_t pem_len)
{
    uint8_t der[PEM_BLOCK_MAX_CHARS];
    struct der in = {der, 0};
    struct pem_block b = {0};
    enum pem_result result = unwrap(der, &in, &b, pem, pem_len, false);
    if (result == PEM_OK)
        result = pem_block_is(&b, pkcs1_public) ? read_rsa_public(pub, in) : read_public_info(pub, in);
    ct_wipe(der, sizeof der); /* a private key, where there was one instead */
    return result;
}
