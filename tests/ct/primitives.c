/* SPDX-License-Identifier: MIT */
/* The rest of crypto/ that does without big numbers, with whichever backends the library picks under this engine. */
#include <stdint.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/base32.h"
#include "crypto/base64.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"
#include "crypto/pkcs7.h"
#include "crypto/prf.h"
#include "crypto/rng.h"
#include "crypto/sha1.h"
#include "crypto/sha512.h"
#include "crypto/totp.h"
#include "tests/ct/check.h"
#include "tests/ct/secret.h"

/* The answer is public at the boundary, as the caller acts on it. */
static void equal(const void *arg)
{
    uint8_t a[48], b[48];
    (void)arg;
    for (size_t same = 0; same < sizeof a; same++) {
        check_secret(a, sizeof a);
        memcpy(b, a, sizeof b);
        b[same] ^= 1;
        int verdict = ct_equal(a, b, sizeof a);
        check_output(&verdict, 1);
    }
}

static void masks(const void *arg)
{
    uint32_t a, b, found[6];
    (void)arg;
    check_secret(&a, sizeof a);
    check_secret(&b, sizeof b);
    found[0] = ct_is_zero(a);
    found[1] = ct_eq(a, b);
    found[2] = ct_lt(a, b);
    found[3] = ct_select(found[2], a, b);
    found[4] = ct_mask(a & 1);
    found[5] = ct_in_range(a >> 1, b >> 1, 1u << 30);
    check_output(found, sizeof found);
}

/* Every length of padding, and wrong ones: the message's length stays secret. */
static void pkcs7(const void *arg)
{
    (void)arg;
    for (size_t len = 17; len <= 33; len++) {
        uint8_t buf[48];
        check_secret(buf, len);
        size_t padded = pkcs7_pad(buf, len), found = 0;
        secret_mark(buf, padded);
        check_that(pkcs7_unpad(&found, buf, padded) == 0, "good padding was refused");
        check_output(&found, 1);
        buf[padded - 1] ^= 0x40;
        secret_mark(buf, padded);
        check_that(pkcs7_unpad(&found, buf, padded) != 0, "wrong padding was taken");
        check_output(buf, padded);
    }
}

static void hex(const void *arg)
{
    uint8_t key[32];
    char text[65];
    size_t len;
    (void)arg;
    check_secret(key, sizeof key);
    hex_encode(text, key, sizeof key);
    check_that(hex_decode(key, sizeof key, &len, text, 64) == 0, "hex");
    check_output(text, 64);
    check_output(key, sizeof key);
}

static void base64(const void *arg)
{
    (void)arg;
    for (size_t n = 30; n <= 32; n++) {
        uint8_t key[33];
        char text[BASE64_LEN(sizeof key) + 1];
        size_t len, padding = n % 3 == 0 ? 0 : 3 - n % 3;
        check_secret(key, n);
        base64_encode(text, key, n);
        check_that(base64_decode(key, sizeof key, &len, text, base64_encoded_len(n)) == 0, "base64");
        check_output(text, base64_encoded_len(n) - padding);
        check_output(key, n);
    }
}

static void base32(const void *arg)
{
    static const size_t padding[] = {0, 6, 4, 3, 1};
    (void)arg;
    for (size_t n = 20; n < 25; n++) {
        uint8_t key[25];
        char text[BASE32_LEN(sizeof key) + 1];
        size_t len;
        check_secret(key, n);
        base32_encode(text, key, n);
        check_that(base32_decode(key, sizeof key, &len, text, BASE32_LEN(n)) == 0, "base32");
        check_output(text, BASE32_LEN(n) - padding[n % 5]);
        check_output(key, n);
    }
}

static void hmac(const void *arg)
{
    static const size_t lens[] = {1, 32, 64, 65, 200};
    (void)arg;
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        uint8_t key[200], msg[100], tag[HMAC_TAG_LEN];
        check_secret(key, lens[i]);
        check_fill(msg, sizeof msg);
        hmac_tag(tag, key, lens[i], msg, sizeof msg);
        check_output(tag, sizeof tag);
    }
}

static void hkdf(const void *arg)
{
    uint8_t salt[64], z[256], prk[HKDF_PRK_LEN], okm[100];
    (void)arg;
    check_fill(salt, sizeof salt);
    check_secret(z, sizeof z);
    hkdf_extract(prk, salt, sizeof salt, z, sizeof z);
    hkdf_expand(okm, sizeof okm, prk, "info", 4);
    check_output(prk, sizeof prk);
    check_output(okm, sizeof okm);
}

static void pbkdf2(const void *arg)
{
    uint8_t password[70], salt[16], out[48];
    (void)arg;
    for (size_t len = 8; len <= sizeof password; len += sizeof password - 8) {
        check_secret(password, len);
        check_fill(salt, sizeof salt);
        pbkdf2_derive(out, sizeof out, password, len, salt, sizeof salt, 20);
        check_output(out, sizeof out);
    }
}

static void prf(const void *arg)
{
    static const struct prf_hash *const all[] = {&prf_sha1, &prf_sha224, &prf_sha256, &prf_sha384, &prf_sha512};
    uint8_t password[140], salt[16], out[48];
    (void)arg;
    for (size_t i = 0; i < 2 * sizeof all / sizeof *all; i++) {
        size_t len = i % 2 == 0 ? 8 : sizeof password; /* more than a block of any */
        check_secret(password, len);
        check_fill(salt, sizeof salt);
        prf_pbkdf2(out, sizeof out, all[i / 2], password, len, salt, sizeof salt, 5);
        check_output(out, sizeof out);
        prf_hmac(out, all[0], password, len, salt, sizeof salt);
        check_output(out, SHA1_DIGEST_LEN);
    }
}

static void sha512(const void *arg)
{
    uint8_t msg[300], digest[SHA512_DIGEST_LEN];
    struct sha512 s;
    (void)arg;
    check_secret(msg, sizeof msg);
    sha512_init(&s);
    sha512_update(&s, msg, sizeof msg);
    sha512_final(&s, digest);
    check_output(digest, sizeof digest);
}

/* The key length that no backend's own check has: aes_key_init picks one that takes it. */
static void aes192(const void *arg)
{
    uint8_t key[AES192_KEY_LEN], block[2 * AES_BLOCK_LEN];
    struct aes_key k;
    (void)arg;
    check_secret(key, sizeof key);
    check_secret(block, sizeof block);
    aes_key_init(&k, key, sizeof key);
    aes_encrypt(&k, block, block, 2);
    aes_decrypt(&k, block, block, 1);
    check_output(block, sizeof block);
    aes_key_wipe(&k);
}

static void sha1(const void *arg)
{
    uint8_t msg[150], digest[SHA1_DIGEST_LEN];
    (void)arg;
    check_secret(msg, sizeof msg);
    sha1_digest(digest, msg, sizeof msg);
    check_output(digest, sizeof digest);
}

/* The key and the code that was typed are secret; which step matched is what totp_verify tells. */
static void totp(const void *arg)
{
    uint8_t key[TOTP_KEY_LEN];
    uint64_t step = 0;
    (void)arg;
    check_secret(key, sizeof key);
    uint32_t code = totp_code(key, sizeof key, 1000, TOTP_DIGITS);
    check_that(totp_verify(&step, key, sizeof key, 1001 * TOTP_PERIOD, 0, code) == 0, "a right code was refused");
    check_that(totp_verify(&step, key, sizeof key, 1005 * TOTP_PERIOD, 0, code) != 0, "an old code was taken");
    check_output(&code, 2);
}

/* The state is secret, whatever the kernel gave. */
static void rng(const void *arg)
{
    struct rng r;
    uint8_t out[300];
    (void)arg;
    rng_init(&r);
    secret_mark(r.key, sizeof r.key);
    for (size_t i = 0; i < 10; i++) { /* goes through the buffer more than twice */
        rng_fill(&r, out, sizeof out);
        check_output(out, sizeof out);
    }
    check_output(r.key, sizeof r.key);
    rng_wipe(&r);
}

/* Arithmetic on masks. The memory sanitizer follows no carry from one bit to the next, and so loses what it should
 * watch here: these are for valgrind alone, which is enough: the compilers' code for them is the same with every
 * backend. */
static void check_masks(void)
{
    check_run(CHECK_CODE, "ct", "equal", equal, NULL);
    check_run(CHECK_CODE, "ct", "masks", masks, NULL);
    check_run(CHECK_CODE, "pkcs7", "pad, unpad", pkcs7, NULL);
    check_run(CHECK_CODE, "bytes", "hex", hex, NULL);
    check_run(CHECK_CODE, "base64", "encode, decode", base64, NULL);
    check_run(CHECK_CODE, "base32", "encode, decode", base32, NULL);
    check_run(CHECK_CODE, "totp", "code, verify", totp, NULL);
}

void check_primitives(void)
{
    if (strcmp(secret_engine(), "valgrind") == 0)
        check_masks();
    check_run(CHECK_CODE, "hmac", "tag", hmac, NULL);
    check_run(CHECK_CODE, "hkdf", "extract, expand", hkdf, NULL);
    check_run(CHECK_CODE, "pbkdf2", "derive", pbkdf2, NULL);
    check_run(CHECK_CODE, "sha1", "digest", sha1, NULL);
    check_run(CHECK_CODE, "sha512", "digest", sha512, NULL);
    check_run(CHECK_CODE, "prf", "hmac, pbkdf2", prf, NULL);
    check_run(CHECK_CODE, "aes", "192 bits", aes192, NULL);
    check_run(CHECK_CODE, "rng", "fill", rng, NULL);
}
