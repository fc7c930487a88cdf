/* SPDX-License-Identifier: MIT */
/* Known files of OpenSSL's, and each of them cut off and changed in every place. */
#include "crypto/pem.h"

#include "crypto/base64.h"
#include "crypto/rng.h"
#include "tests/rsa_key.h"
#include "tests/test.h"
#include "tests/vec.h"

#define DER_MAX 6144
#define TEXT_MAX 16384

static const char *const result_names[] = {"ok", "malformed", "needs password", "wrong password", "not rsa3072"};

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

/* Line ends, white space around, and everything else that the text may not have. */
static void the_text(void **state)
{
    (void)state;
    static char text[TEXT_MAX], other[2 * TEXT_MAX];
    struct rsa_public pub;
    size_t len = read_file(text, "key1-public.pem"), n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            other[n++] = '\r';
        other[n++] = text[i];
    }
    assert_int_equal(decode_public(&pub, other, n), PEM_OK);
    n = (size_t)sprintf(other, " \t\r\n\n%s\n\n  \t\r\n", text);
    assert_int_equal(decode_public(&pub, other, n), PEM_OK);
    assert_int_equal(decode_public(&pub, text, len - 1), PEM_OK); /* no newline at the end */
    static const char *const around[][2] = {{"x", ""}, {"", "x"}, {"x\n", ""}, {"", "\nx"}, {"", "-"}, {"-", ""}};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        n = (size_t)sprintf(other, "%s%s%s", around[i][0], text, around[i][1]);
        assert_int_equal(decode_public(&pub, other, n), PEM_MALFORMED);
    }
    n = (size_t)sprintf(other, "%s%s", text, text);
    assert_int_equal(decode_public(&pub, other, n), PEM_MALFORMED); /* two keys */
    memcpy(other, text, len + 1);
    other[len] = '\0'; /* a NUL at the end is no white space */
    assert_int_equal(decode_public(&pub, other, len + 1), PEM_MALFORMED);
}

/* Lines are of 64 characters, but for the last, and there is nothing in them that doesn't belong. */
static void the_lines(void **state)
{
    (void)state;
    static char text[TEXT_MAX], other[2 * TEXT_MAX];
    struct rsa_public pub;
    size_t len = read_file(text, "key1-public.pem"), n;
    char *line = strchr(text, '\n') + 1;
    static const char *const inside[] = {"\n", " ", "=", "\r\r", "-", "A", "AAAA"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        for (size_t at = 0; at <= 64; at += 16) {
            n = (size_t)sprintf(other, "%.*s%s%s", (int)(line - text) + (int)at, text, inside[i], line + at);
            assert_int_equal(decode_public(&pub, other, n), PEM_MALFORMED);
        }
    char *tail = strstr(text, "\n-----END");
    n = (size_t)(tail - text); /* the last two lines made one */
    while (text[n - 1] != '\n')
        n--;
    n = (size_t)sprintf(other, "%.*s%s", (int)n - 1, text, text + n);
    assert_int_equal(decode_public(&pub, other, n), PEM_MALFORMED);
    memset(other, ' ', sizeof other); /* longer than any key */
    memcpy(other, text, len);
    assert_int_equal(decode_public(&pub, other, PEM_MAX_LEN), PEM_OK);
    assert_int_equal(decode_public(&pub, other, PEM_MAX_LEN + 1), PEM_MALFORMED);
}

/* Every beginning of a file, as text and as DER. */
static void every_truncation(void **state)
{
    (void)state;
    static const char *const files[] = {"key1.pem", "key1-utf8.pem", "key1-public.pem"};
    static const char *const labels[] = {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PUBLIC KEY"};
    static char text[TEXT_MAX], cut[TEXT_MAX];
    static uint8_t der[DER_MAX];
    struct rsa_private key;
    struct rsa_public pub;
    for (size_t f = 0; f < 3; f++) {
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
 * crash. A public key has no such redundancy; of it only what is not n must be refused. */
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
            assert_int_not_equal(decode_private(&key, text, wrap(text, "PRIVATE KEY", der, der_len), NULL), PEM_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(writing),
        cmocka_unit_test(numbers_of_every_length),
        cmocka_unit_test(the_text),
        cmocka_unit_test(the_lines),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_change),
        cmocka_unit_test(every_change_of_an_encrypted_key),
    };
    return RUN(tests);
}
