/* SPDX-License-Identifier: MIT */
/* Known files of OpenSSL's and of others, and some of them cut off and changed in every place. */
#include "crypto/pem.h"

#include "crypto/base64.h"
#include "crypto/rng.h"
#include "tests/rsa_key.h"
#include "tests/test.h"
#include "tests/vec.h"

#define DER_MAX 6144
#define TEXT_MAX 16384

static const char *const result_names[PEM_RESULTS] = {
    [PEM_OK] = "ok",
    [PEM_MALFORMED] = "malformed",
    [PEM_NEEDS_PASSWORD] = "needs password",
    [PEM_WRONG_PASSWORD] = "wrong password",
    [PEM_SEVERAL] = "several",
    [PEM_RSA_SIZE] = "rsa size",
    [PEM_RSA_E] = "rsa e",
    [PEM_RSA_PRIMES] = "rsa primes",
    [PEM_RSA_PSS] = "rsa pss",
    [PEM_EC] = "ec",
    [PEM_EDWARDS] = "edwards",
    [PEM_X25519] = "x25519",
    [PEM_DSA] = "dsa",
    [PEM_DH] = "dh",
    [PEM_UNKNOWN] = "unknown",
    [PEM_SCRYPT] = "scrypt",
    [PEM_PBES1] = "pbes1",
    [PEM_DES] = "des",
    [PEM_CIPHER] = "cipher",
    [PEM_HASH] = "hash",
    [PEM_KDF] = "kdf",
    [PEM_ITERATIONS] = "iterations",
    [PEM_PROC_TYPE] = "proc-type",
    [PEM_PRIVATE] = "private",
    [PEM_PUBLIC] = "public",
    [PEM_OPENSSH] = "openssh",
    [PEM_CERTIFICATE] = "certificate",
    [PEM_OTHER] = "other",
    [PEM_PUTTY] = "putty",
    [PEM_MICROSOFT] = "microsoft",
    [PEM_DER] = "der",
    [PEM_PKCS12] = "pkcs12",
    [PEM_UTF16] = "utf-16",
};

static size_t read_file(char *text, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "vectors/pem/%s", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("no file %s", path);
    size_t len = fread(text, 1, TEXT_MAX - 1, f);
    fclose(f);
    text[len] = '\0';
    return len;
}

/* DER into PEM, in another way than pem.c does it. */
static size_t wrap(char *text, const char *label, const uint8_t *der, size_t der_len)
{
    static char body[TEXT_MAX];
    base64_encode(body, der, der_len);
    size_t len = (size_t)sprintf(text, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < strlen(body); i += 64)
        len += (size_t)sprintf(text + len, "%.64s\n", body + i);
    return len + (size_t)sprintf(text + len, "-----END %s-----\n", label);
}

static size_t unwrap(uint8_t *der, const char *text)
{
    static char body[TEXT_MAX];
    size_t len = 0, der_len;
    for (const char *p = strchr(text, '\n') + 1; *p != '-'; p++)
        if (*p != '\n')
            body[len++] = *p;
    assert_int_equal(base64_decode(der, DER_MAX, &der_len, body, len), 0);
    return der_len;
}

/* From a block of exactly the text's length, so that a sanitizer sees a read past its end. */
static enum pem_result decode_private(struct rsa_private *key, const char *text, size_t len, const char *password)
{
    char *exact = malloc(len + (len == 0));
    memcpy(exact, text, len);
    enum pem_result result = pem_decode_private(key, exact, len, (const uint8_t *)password,
                                                password == NULL ? 0 : strlen(password));
    free(exact);
    return result;
}

static enum pem_result decode_public(struct rsa_public *pub, const char *text, size_t len)
{
    char *exact = malloc(len + (len == 0));
    memcpy(exact, text, len);
    enum pem_result result = pem_decode_public(pub, exact, len);
    free(exact);
    return result;
}

/* Encrypting with the salt and IV of the record must give the file. */
static const uint8_t *serve[2];

static void serve_salt_then_iv(struct rng *rng, uint8_t *out, size_t len)
{
    (void)rng;
    assert_int_equal(len, 16);
    assert_non_null(serve[0]);
    memcpy(out, serve[0], len);
    serve[0] = serve[1];
    serve[1] = NULL;
}

static void check_writing(struct vec *v, const struct rsa_private *key, const char *text, const char *password)
{
    char out[PEM_MAX_LEN + 1];
    struct rng rng;
    rng_init(&rng);
    rng.source = serve_salt_then_iv;
    serve[0] = vec_hex_n(v, "salt", 16);
    serve[1] = vec_hex_n(v, "iv", 16);
    assert_int_equal(pem_encode_private_encrypted(out, sizeof out, key, (const uint8_t *)password, strlen(password),
                                                  (uint32_t)vec_number(v, "iterations"), &rng),
                     0);
    assert_string_equal(out, text);
    rng_wipe(&rng);
}

static void swap(uint8_t a[RSA_PRIME_LEN], uint8_t b[RSA_PRIME_LEN])
{
    uint8_t t[RSA_PRIME_LEN];
    memcpy(t, a, sizeof t);
    memcpy(a, b, sizeof t);
    memcpy(b, t, sizeof t);
}

/* The same key, its primes the other way round: qinv is another number then, which rsa_private_check has checked. */
static void swap_primes(struct rsa_private *key, const struct rsa_private *found)
{
    swap(key->p, key->q);
    swap(key->dp, key->dq);
    memcpy(key->qinv, found->qinv, sizeof key->qinv);
    assert_int_equal(rsa_private_check(found), 0);
}

static void check_result(struct vec *v, const char *kind, const char *text, size_t len)
{
    const char *password = vec_has(v, "password") ? vec_text(v, "password") : NULL;
    bool public = strcmp(kind, "public") == 0, rejects = vec_rejects(v);
    struct rsa_private key, want;
    struct rsa_public pub, want_pub;
    memset(&key, 0x5a, sizeof key);
    memset(&pub, 0x5a, sizeof pub);
    want = key;
    want_pub = pub;
    if (!rejects) {
        rsa_key(&want, (int)vec_number(v, "key"));
        rsa_public_of(&want_pub, &want);
    }
    enum pem_result answer = public ? decode_public(&pub, text, len) : decode_private(&key, text, len, password);
    if (vec_has(v, "primes") && strcmp(vec_text(v, "primes"), "swapped") == 0)
        swap_primes(&want, &key);
    const char *result = result_names[answer];
    const char *expected = rejects ? vec_text(v, "result") : "ok";
    if (strcmp(result, expected) != 0)
        fail_msg("%s: %s, should be %s", vec_name(v), result, expected);
    if (public) /* a refusal leaves what was there */
        assert_memory_equal(&pub, &want_pub, sizeof pub);
    else
        assert_memory_equal(&key, &want, sizeof key);
    if (vec_has(v, "salt"))
        check_writing(v, &key, text, password);
}

static void vectors(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    struct vec *v = vec_open("pem");
    while (vec_next(v)) {
        const char *kind = vec_text(v, "kind");
        size_t len;
        if (vec_has(v, "file")) {
            len = read_file(text, vec_text(v, "file"));
        } else if (vec_has(v, "raw")) {
            const uint8_t *raw = vec_hex(v, "raw", &len);
            memcpy(text, raw, len);
        } else {
            size_t der_len;
            const uint8_t *der = vec_hex(v, "der", &der_len);
            len = wrap(text, strcmp(kind, "public") == 0 ? "PUBLIC KEY" : "ENCRYPTED PRIVATE KEY", der, der_len);
        }
        check_result(v, kind, text, len);
    }
    vec_close(v);
}

/* What is written is what OpenSSL writes, and can be read back. */
static void writing(void **state)
{
    (void)state;
    static char text[TEXT_MAX], out[PEM_MAX_LEN + 1];
    struct rsa_private key, again;
    struct rsa_public pub;
    struct rng rng;
    rng_init(&rng);
    rsa_key(&key, 1);
    rsa_public_of(&pub, &key);
    size_t len = read_file(text, "key1.pem");
    assert_int_equal(pem_encode_private(out, len, &key), -1); /* no room for the NUL */
    assert_int_equal(pem_encode_private(out, len + 1, &key), 0);
    assert_string_equal(out, text);
    len = read_file(text, "key1-public.pem");
    assert_int_equal(pem_encode_public(out, len, &pub), -1);
    assert_int_equal(pem_encode_public(out, len + 1, &pub), 0);
    assert_string_equal(out, text);
    const uint8_t *password = (const uint8_t *)"a\0b";
    assert_int_equal(pem_encode_private_encrypted(out, 2000, &key, password, 3, 10, &rng), -1);
    assert_int_equal(pem_encode_private_encrypted(out, sizeof out, &key, password, 3, 10, &rng), 0);
    assert_int_equal(pem_decode_private(&again, out, strlen(out), password, 3), PEM_OK);
    assert_memory_equal(&again, &key, sizeof key);
    assert_int_equal(pem_decode_private(&again, out, strlen(out), password, 1), PEM_WRONG_PASSWORD);
    assert_int_equal(pem_decode_private(&again, out, strlen(out), NULL, 0), PEM_NEEDS_PASSWORD);
    assert_int_equal(pem_encode_private_encrypted(text, sizeof text, &key, password, 3, 10, &rng), 0);
    assert_string_not_equal(text, out); /* another salt, another IV */
    rng_wipe(&rng);
}

/* A key with small numbers in it: DER leaves out leading zeros, and they come back. */
static void numbers_of_every_length(void **state)
{
    (void)state;
    char text[PEM_MAX_LEN + 1];
    struct rsa_public pub = {{0}}, again;
    memset(pub.n, 0, sizeof pub.n);
    pub.n[0] = 0x80;
    pub.n[383] = 1;
    assert_int_equal(pem_encode_public(text, sizeof text, &pub), 0);
    assert_int_equal(decode_public(&again, text, strlen(text)), PEM_OK);
    assert_memory_equal(&again, &pub, sizeof pub);
}

/* What stands around a key, and how it is laid out, says nothing; test_pem_text.c has all of it. */
static void the_text(void **state)
{
    (void)state;
    static char text[TEXT_MAX], other[3 * TEXT_MAX];
    struct rsa_public pub;
    size_t len = read_file(text, "key1-public.pem");
    static const char *const around[][2] = {{"words\n", ""},      {"", "words"}, {"\xef\xbb\xbf", ""},
                                            {" \t\r\n", "\r\n "}, {"\n\r", "-"}, {"-----\n", "-"},
                                            {"Bag: 1\r", "\n-"}};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        size_t n = (size_t)sprintf(other, "%s%s%s", around[i][0], text, around[i][1]);
        assert_int_equal(decode_public(&pub, other, n), PEM_OK);
    }
    assert_int_equal(decode_public(&pub, text, len - 1), PEM_OK); /* no newline at the end */
    static const char *const spoilt[] = {"x", "-", "x-----BEGIN PUBLIC KEY-----\n", "-----BEGIN PUBLIC KEY-----\n"};
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) { /* none of them begins a line and a block */
        size_t n = (size_t)sprintf(other, "%s%s", spoilt[i], i == 2 ? text + 27 : text);
        assert_int_equal(decode_public(&pub, other, n), PEM_MALFORMED);
    }
    memset(other, ' ', sizeof other); /* longer than any file that is read */
    memcpy(other, text, len);
    assert_int_equal(decode_public(&pub, other, PEM_FILE_MAX_LEN), PEM_OK);
    assert_int_equal(decode_public(&pub, other, PEM_FILE_MAX_LEN + 1), PEM_MALFORMED);
}

static size_t join(char *out, const char *const files[], size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += read_file(out + len, files[i]);
    return len;
}

/* The key that is asked for is found among others things, and one that stands there twice is not guessed at. */
static void several_blocks(void **state)
{
    (void)state;
    static char text[6 * TEXT_MAX];
    struct rsa_private key;
    struct rsa_public pub;
    static const char *const mixed[] = {"request.pem", "certificate.pem", "key1.pem", "key1-public.pem"};
    size_t len = join(text, mixed, 4);
    assert_int_equal(decode_private(&key, text, len, NULL), PEM_OK);
    assert_int_equal(decode_public(&pub, text, len), PEM_OK);
    assert_memory_equal(pub.n, key.n, sizeof pub.n);
    assert_int_equal(decode_private(&key, text, len - 5, NULL), PEM_MALFORMED); /* whichever block is damaged */
    static const char *const twice[] = {"key1.pem", "certificate.pem", "pkcs1.pem"};
    assert_int_equal(decode_private(&key, text, join(text, twice, 3), NULL), PEM_SEVERAL);
    assert_int_equal(decode_public(&pub, text, join(text, twice, 3)), PEM_PRIVATE);
    static const char *const others[] = {"request.pem", "certificate.pem", "ec-traditional.pem", "certificate.pem"};
    assert_int_equal(decode_private(&key, text, join(text, others, 4), NULL), PEM_EC);
    assert_int_equal(decode_private(&key, text, join(text, others, 2), NULL), PEM_CERTIFICATE);
}

/* What is named is sound as far as that shows; cut off or with a wrong character it is damaged, and nothing else. */
static void what_is_named_is_sound(void **state)
{
    (void)state;
    static const char *const files[] = {"ec.pem",        "ec-traditional.pem", "ed25519.pem",     "dsa-traditional.pem",
                                        "openssh.pem",   "certificate.pem",    "enc-scrypt.pem",  "enc-des3.pem",
                                        "enc-pbes1.pem", "rsa2048.pem",        "rsa-3primes.pem", "rsa-e3.pem"};
    static char text[TEXT_MAX];
    struct rsa_private key;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        size_t len = read_file(text, files[f]);
        char *end = strstr(text, "\n-----END"); /* of the last block */
        for (char *next; (next = strstr(end + 1, "\n-----END")) != NULL;)
            end = next;
        assert_int_not_equal(decode_private(&key, text, len, "p"), PEM_MALFORMED);
        for (size_t n = (size_t)(end - text) - 64; n < len - 1; n++)
            assert_int_equal(decode_private(&key, text, n, "p"), PEM_MALFORMED);
        end[-9] = '*';
        assert_int_equal(decode_private(&key, text, len, "p"), PEM_MALFORMED);
        memmove(end - 9, end - 5, len - (size_t)(end - 5 - text)); /* four characters less */
        assert_int_equal(decode_private(&key, text, len - 4, "p"), PEM_MALFORMED);
    }
}

/* Any byte of a number that is changed shows in a key of any size, though it is not used. */
static void a_damaged_key_of_another_size(void **state)
{
    (void)state;
    static const char *const files[] = {"rsa2048.pem", "rsa-3primes.pem", "rsa-e3.pem", "rsa-unbalanced.pem"};
    static char text[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        read_file(text, files[f]);
        size_t der_len = unwrap(der, text);
        for (size_t i = 40; i < 250; i++) { /* within n */
            der[i] ^= 0x10;
            assert_int_equal(decode_private(&key, text, wrap(text, "PRIVATE KEY", der, der_len), NULL), PEM_MALFORMED);
            der[i] ^= 0x10;
        }
    }
    read_file(text, "key1.pem");
    size_t der_len = unwrap(der, text);
    der[26 + 396 + 4] ^= 0x02; /* e, to which all the others do not fit then */
    assert_int_equal(decode_private(&key, text, wrap(text, "PRIVATE KEY", der, der_len), NULL), PEM_MALFORMED);
}

/* Every beginning of a file, as text and as DER. */
static void every_truncation(void **state)
{
    (void)state;
    static const char *const files[] = {"key1.pem",  "key1-utf8.pem",     "key1-public.pem",
                                        "pkcs1.pem", "key1-version1.pem", "enc-sha512.pem"};
    static const char *const labels[] = {"PRIVATE KEY",     "ENCRYPTED PRIVATE KEY", "PUBLIC KEY",
                                         "RSA PRIVATE KEY", "PRIVATE KEY",           "ENCRYPTED PRIVATE KEY"};
    static char text[TEXT_MAX], cut[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    struct rsa_public pub;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        size_t len = read_file(text, files[f]), der_len = unwrap(der, text);
        for (size_t n = 0; n < len - 1; n++)
            assert_int_equal(f == 2 ? decode_public(&pub, text, n) : decode_private(&key, text, n, "p"), PEM_MALFORMED);
        for (size_t n = 0; n < der_len; n++) {
            size_t cut_len = wrap(cut, labels[f], der, n);
            assert_int_equal(f == 2 ? decode_public(&pub, cut, cut_len) : decode_private(&key, cut, cut_len, "p"),
                             PEM_MALFORMED);
        }
    }
}

/* One bit changed anywhere in a private key, or one byte that can be a length set to anything: never a key, never a
 * crash; but for its version, which may be 0 or 1. A public key has no such redundancy; of it only what is not n must
 * be refused. */
static void every_change(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    struct rsa_public pub;
    read_file(text, "key1.pem");
    size_t der_len = unwrap(der, text);
    for (size_t i = 0; i < der_len; i++) {
        int values = i < 48 ? 256 : 9;
        for (int k = 1; k < values; k++) {
            uint8_t change = (uint8_t)(values == 256 ? k : 1 << (k - 1));
            der[i] ^= change;
            bool still_one = i == 6 && der[i] == 1;
            assert_int_equal(decode_private(&key, text, wrap(text, "PRIVATE KEY", der, der_len), NULL) == PEM_OK,
                             still_one);
            der[i] ^= change;
        }
    }
    read_file(text, "key1-public.pem");
    der_len = unwrap(der, text);
    size_t n_at = der_len - 5 - RSA_MODULUS_LEN; /* e with its header is the last five bytes */
    for (size_t i = 0; i < der_len; i++)
        for (int k = 1; k < 256; k++) {
            if (i >= n_at && i < n_at + RSA_MODULUS_LEN)
                continue;
            der[i] ^= (uint8_t)k;
            assert_int_not_equal(decode_public(&pub, text, wrap(text, "PUBLIC KEY", der, der_len)), PEM_OK);
            der[i] ^= (uint8_t)k;
        }
}

/* The same for an encrypted one of a single iteration: bits in the key's middle change the key, and no other bit can
 * change unnoticed. */
static void every_change_of_an_encrypted_key(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    read_file(text, "key1-utf8.pem");
    size_t der_len = unwrap(der, text);
    for (size_t i = 0; i < der_len; i++) {
        uint8_t change = (uint8_t)(1 << i % 8);
        der[i] ^= change;
        size_t len = wrap(text, "ENCRYPTED PRIVATE KEY", der, der_len);
        assert_int_not_equal(decode_private(&key, text, len,
                                            "Gr\xc3\xbc\xc3\x9f"
                                            "e"),
                             PEM_OK);
        der[i] ^= change;
    }
}

/* The public key that a file of version 1 repeats must be the key's, and only such a file has one. */
static void a_public_key_that_is_repeated(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    size_t len = read_file(text, "key1-version1.pem"), der_len = unwrap(der, text);
    for (size_t i = der_len - 403; i < der_len; i++) /* it is the last value */
        for (int bit = 0; bit < 8; bit++) {
            der[i] ^= (uint8_t)(1 << bit);
            len = wrap(text, "PRIVATE KEY", der, der_len);
            assert_int_equal(decode_private(&key, text, len, NULL), PEM_MALFORMED);
            der[i] ^= (uint8_t)(1 << bit);
        }
    assert_int_equal(decode_private(&key, text, wrap(text, "PRIVATE KEY", der, der_len), NULL), PEM_OK);
    for (int version = 0; version < 4; version++) {
        der[6] = (uint8_t)version;
        len = wrap(text, "PRIVATE KEY", der, der_len);
        assert_int_equal(decode_private(&key, text, len, NULL), version == 1 ? PEM_OK : PEM_MALFORMED);
    }
}

/* A sound key of version 1 that repeats nothing is one: openssl takes it. */
static void version_1_without_a_public_key(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    read_file(text, "key1.pem");
    size_t der_len = unwrap(der, text);
    for (int version = 0; version < 4; version++) {
        der[6] = (uint8_t)version;
        size_t len = wrap(text, "PRIVATE KEY", der, der_len);
        assert_int_equal(decode_private(&key, text, len, NULL), version <= 1 ? PEM_OK : PEM_MALFORMED);
    }
}

/* With the right password, what is damaged is not called a wrong password, as far as the beginning shows it. */
static void a_damaged_key_that_opens(void **state)
{
    (void)state;
    static char text[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    read_file(text, "enc-sha512.pem");
    size_t der_len = unwrap(der, text);
    for (size_t i = der_len - 1700; i < der_len; i += 100) {
        der[i] ^= 1;
        size_t len = wrap(text, "ENCRYPTED PRIVATE KEY", der, der_len);
        assert_int_equal(decode_private(&key, text, len, "correct horse"), PEM_MALFORMED);
        assert_int_equal(decode_private(&key, text, len, "correct horses"), PEM_WRONG_PASSWORD);
        der[i] ^= 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(writing),
        cmocka_unit_test(numbers_of_every_length),
        cmocka_unit_test(the_text),
        cmocka_unit_test(several_blocks),
        cmocka_unit_test(what_is_named_is_sound),
        cmocka_unit_test(a_damaged_key_of_another_size),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_change),
        cmocka_unit_test(every_change_of_an_encrypted_key),
        cmocka_unit_test(a_public_key_that_is_repeated),
        cmocka_unit_test(version_1_without_a_public_key),
        cmocka_unit_test(a_damaged_key_that_opens),
    };
    return RUN(tests);
}
