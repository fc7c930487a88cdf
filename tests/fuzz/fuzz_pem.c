/* SPDX-License-Identifier: MIT */
/* Key files from a stranger. The first byte says how the rest is to be taken: as the text of a file, or as DER that is
 * put into PEM (so that the fuzzer needn't learn base64), or as the inside of an encrypted key under a known password.
 * A crash, a read out of bounds or a hang is a finding, and so is a key that is another when it is written and read
 * again. Of a public key's DER there is one right encoding, and what is written for it must be that.
 *
 * Build and run, from the top of the tree (pbkdf2.c and prf.c are left out: this file has quick ones in their place):
 *      clang -g -O1 -I. -D_DEFAULT_SOURCE -fsanitize=fuzzer,address,undefined -o fuzz_pem tests/fuzz/fuzz_pem.c \
 *            $(find crypto -name '*.c' ! -name pbkdf2.c ! -name prf.c) -lgmp -pthread
 *      ./fuzz_pem -max_total_time=60 -max_len=4096
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/base64.h"
#include "crypto/cbc.h"
#include "crypto/pbkdf2.h"
#include "crypto/pem.h"
#include "crypto/pkcs7.h"

/* prf.c with another name for one function, which is defined below. */
#define prf_pbkdf2 prf_pbkdf2_as_slow_as_it_is
#include "crypto/prf.c"
#undef prf_pbkdf2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_PRIVATE, TEXT_PUBLIC, DER_PRIVATE, DER_ENCRYPTED, DER_PUBLIC, DER_INSIDE, DER_PKCS1, MODES };
static const char *const labels[MODES] = {
    NULL, NULL, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PUBLIC KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY"};

/* Files may ask for ten million iterations; what is fuzzed is the reader. */
void pbkdf2_derive(uint8_t *out, size_t out_len, const uint8_t *password, size_t password_len, const uint8_t *salt,
                   size_t salt_len, uint32_t iterations)
{
    (void)password, (void)password_len, (void)salt, (void)salt_len;
    assert(iterations >= 1 && iterations <= PEM_ITERATIONS_MAX);
    memset(out, 0x42, out_len);
}

void prf_pbkdf2(uint8_t *out, size_t out_len, const struct prf_hash *hash, const uint8_t *password, size_t password_len,
                const uint8_t *salt, size_t salt_len, uint32_t iterations);

void prf_pbkdf2(uint8_t *out, size_t out_len, const struct prf_hash *hash, const uint8_t *password, size_t password_len,
                const uint8_t *salt, size_t salt_len, uint32_t iterations)
{
    assert(prf_tag_len(hash) <= PRF_TAG_MAX_LEN);
    pbkdf2_derive(out, out_len, password, password_len, salt, salt_len, iterations);
}

static size_t wrap(char *pem, const char *label, const uint8_t *der, size_t der_len)
{
    static char body[16384];
    base64_encode(body, der, der_len);
    size_t len = (size_t)sprintf(pem, "-----BEGIN %s-----\n", label), body_len = strlen(body);
    for (size_t i = 0; i < body_len; i += 64)
        len += (size_t)sprintf(pem + len, "%.64s\n", body + i);
    return len + (size_t)sprintf(pem + len, "-----END %s-----\n", label);
}

/* EncryptedPrivateKeyInfo around data: PBES2, PBKDF2 with an empty-looking salt and 1 iteration, AES-128-CBC. */
static size_t encrypt(uint8_t *der, const uint8_t *data, size_t size)
{
    static const uint8_t head[] = {
        0x30, 0x57, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d, 0x30, 0x4a, 0x30, 0x29, 0x06,
        0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c, 0x30, 0x1c, 0x04, 0x08, 1,    2,    3,    4,
        5,    6,    7,    8,    0x02, 0x02, 0x08, 0x00, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
        0x02, 0x09, 0x05, 0x00, 0x30, 0x1d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02, 0x04,
        0x10, 1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,   16};
    uint8_t key_bytes[16];
    struct aes_key key;
    uint8_t *body = der + 4 + sizeof head + 4;
    memcpy(body, data, size);
    size_t len = pkcs7_pad(body, size), all = sizeof head + 4 + len;
    memset(key_bytes, 0x42, sizeof key_bytes);
    aes_key_init(&key, key_bytes, sizeof key_bytes);
    cbc_encrypt(&key, head + sizeof head - 16, body, body, len / 16);
    memcpy(der, (uint8_t[]){0x30, 0x82, (uint8_t)(all >> 8), (uint8_t)all}, 4);
    memcpy(der + 4, head, sizeof head);
    memcpy(der + 4 + sizeof head, (uint8_t[]){0x04, 0x82, (uint8_t)(len >> 8), (uint8_t)len}, 4);
    return 4 + all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char pem[32768], again[PEM_MAX_LEN + 1];
    static uint8_t der[8192];
    struct rsa_private key, key_again;
    struct rsa_public pub, pub_again;
    if (size == 0 || size > 4096)
        return 0;
    int mode = data[0] % MODES;
    data++, size--;
    if (mode == DER_INSIDE) {
        size = encrypt(der, data, size);
        data = der;
    }
    size_t len = size;
    if (labels[mode] == NULL)
        memcpy(pem, data, size);
    else
        len = wrap(pem, labels[mode], data, size);
    char *exact = malloc(len); /* so that a read past its end is seen */
    memcpy(exact, pem, len);
    const uint8_t *password = (const uint8_t *)"fuzz";
    if (mode == TEXT_PUBLIC || mode == DER_PUBLIC) {
        if (pem_decode_public(&pub, exact, len) == PEM_OK) {
            assert(pem_encode_public(again, sizeof again, &pub) == 0);
            assert(mode != DER_PUBLIC || (strlen(again) == len && memcmp(again, exact, len) == 0));
            assert(pem_decode_public(&pub_again, again, strlen(again)) == PEM_OK);
            assert(memcmp(&pub_again, &pub, sizeof pub) == 0);
        }
    } else if (pem_decode_private(&key, exact, len, password, 4) == PEM_OK) {
        assert(rsa_private_check(&key) == 0);
        assert(pem_encode_private(again, sizeof again, &key) == 0);
        assert(pem_decode_private(&key_again, again, strlen(again), NULL, 0) == PEM_OK);
        assert(memcmp(&key_again, &key, sizeof key) == 0);
    }
    free(exact);
    return 0;
}
