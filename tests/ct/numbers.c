/* SPDX-License-Identifier: MIT */
/* The exponents of Diffie-Hellman, of two and of many, RSA's private keys, and the files that they are kept in. Below
 * them is GMP: tests/ct/gmp.supp lists where it branches or indexes by a secret, and why that is acceptable.
 *
 * Left out: rsa_generate. It throws candidates away until one is prime, and shows how many, and at which division. It
 * runs once in a key's life, before anybody can talk to its owner (docs/constant-time.md). */
#include <stdint.h>
#include <string.h>

#include "crypto/bignum.h"
#include "crypto/dh.h"
#include "crypto/dh_impl.h"
#include "crypto/pem.h"
#include "crypto/ring.h"
#include "crypto/rsa.h"
#include "tests/ct/check.h"
#include "tests/ct/secret.h"
#include "tests/keys.h"

/* All of a key but the modulus. */
static void secret_key(struct rsa_private *key)
{
    *key = keys_identity("server")->key;
    secret_mark(key, sizeof *key);
    secret_publish(key->n, sizeof key->n);
}

static void bignum(const void *arg)
{
    enum { LEN = 256, LIMBS = BIGNUM_LIMBS(LEN) };
    uint8_t bytes[LEN];
    mp_limb_t m[LIMBS], a[LIMBS], b[LIMBS], r[2 * LIMBS];
    (void)arg;
    check_fill(m, sizeof m);
    m[0] |= 1;
    m[LIMBS - 1] |= GMP_NUMB_MASK / 2 + 1;
    check_secret(bytes, sizeof bytes);
    bignum_from_bytes(a, bytes, LEN);
    check_secret(b, sizeof b);
    bignum_mulm(r, a, b, m, LIMBS);
    bignum_subm(r, r, a, m, LIMBS);
    bignum_powm(a, r, LIMBS, b, 256, m, LIMBS);
    bignum_to_bytes(bytes, LEN, a);
    check_output(bytes, LEN);
    int less = bignum_less(a, b, LIMBS);
    check_output(&less, 1);
}

/* Both sides: pairs made from secret exponents, the public values published, Z. */
static void dh(const void *arg)
{
    const struct dh_group *group = dh_group((int)*(const enum dh_group_id *)arg);
    struct dh_key_pair mine, theirs;
    struct rng random;
    uint8_t x[DH_PRIVATE_MAX_LEN], z[DH_PUBLIC_MAX_LEN];
    check_rng(&random);
    dh_generate(&mine, group, &random);
    check_output(mine.y, group->p_len);
    check_secret(x, group->x_len);
    check_that(dh_pair_from_private(&theirs, group, x, group->x_len) == 0, "an exponent was refused");
    check_output(theirs.y, group->p_len);
    check_that(dh_derive(z, &mine, theirs.y, group->p_len) == 0, "a public value was refused");
    check_output(z, group->p_len);
    check_that(dh_derive_with(&bignum_gmp, z, &theirs, mine.y, group->p_len) == 0, "a public value was refused");
    check_output(z, group->p_len);
}

static void carry(struct ring party[static 3], bool is_x)
{
    for (size_t i = 0; i < 3; i++) {
        if (is_x)
            ring_second(&party[i]);
        check_output(is_x ? party[i].x[i] : party[i].own.y, party[i].group->p_len);
        secret_publish(party[i].z[i], party[i].group->p_len);
    }
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            if (j != i)
                check_that((is_x ? ring_take_x(&party[i], j, party[j].x[j], party[j].group->p_len)
                                 : ring_take_z(&party[i], j, party[j].own.y, party[j].group->p_len)) == 0,
                           "a public value was refused");
}

/* Three parties, and a confirmation: the keys hang on all three exponents. */
static void ring(const void *arg)
{
    static const char *const names[] = {"alice", "bob", "carol"};
    static struct ring party[3];
    const struct rsa_private *key = &keys_identity("server")->key;
    struct ring_keys keys, theirs;
    struct rsa_public pub;
    struct rng random;
    uint8_t sig[RSA_SIGNATURE_LEN];
    (void)arg;
    check_rng(&random);
    rsa_public_of(&pub, key);
    for (size_t i = 0; i < 3; i++)
        check_that(ring_begin(&party[i], dh_group(DH_FFDHE2048), names, 3, i, &random) == 0, "a ring was refused");
    carry(party, false);
    carry(party, true);
    check_that(ring_finish(&keys, &party[0]) == 0 && ring_finish(&theirs, &party[1]) == 0, "a product was not 1");
    check_that(ring_confirm(sig, &party[0], &keys, key, &random) == 0, "a signature failed");
    check_output(sig, sizeof sig);
    check_that(ring_confirmed(&party[1], &theirs, 0, &pub, sig) == 0, "a confirmation was refused");
    check_output(keys.key, sizeof keys.key);
}

static void rsa_sign(const void *arg)
{
    struct rsa_private key;
    struct rsa_public pub;
    struct rng random;
    uint8_t msg[40], sig[RSA_SIGNATURE_LEN];
    (void)arg;
    check_rng(&random);
    secret_key(&key);
    check_fill(msg, sizeof msg);
    check_that(rsa_pss_sign(sig, &key, msg, sizeof msg, &random) == 0, "a signature failed");
    check_output(sig, sizeof sig);
    rsa_public_of(&pub, &key);
    check_that(rsa_pss_verify(&pub, msg, sizeof msg, sig) == 0, "a signature is wrong");
}

static void rsa_check(const void *arg)
{
    struct rsa_private key;
    (void)arg;
    secret_key(&key);
    check_that(rsa_private_check(&key) == 0, "a key is wrong");
    check_output(key.d, sizeof key.d);
}

static void same_key(struct rsa_private *key, struct rsa_private *back)
{
    secret_publish(key, sizeof *key);
    check_output(back->d, sizeof back->d);
    check_output(back->p, sizeof back->p);
    check_output(back->qinv, sizeof back->qinv);
    check_that(memcmp(key->p, back->p, sizeof key->p) == 0, "another key than was written");
}

#define LINE 65 /* of base64, with its end */

/* All between the lines of a PEM text: no character of the base64 there may decide anything. */
static void pem_plain(const void *arg)
{
    struct rsa_private key, back;
    char text[PEM_MAX_LEN];
    (void)arg;
    memset(text, 0, sizeof text);
    secret_key(&key);
    check_that(pem_encode_private(text, sizeof text, &key) == 0, "a key was not written");
    size_t len = strlen("-----BEGIN PRIVATE KEY-----\n");
    check_output(text + len + LINE * 12, LINE - 1); /* in the middle of d */
    secret_publish(text, sizeof text);
    for (size_t at = len; text[at] != '-'; at++)
        if (text[at] != '\n')
            secret_mark(text + at, 1);
    for (len = sizeof text; text[len - 1] == '\0'; len--)
        ;
    check_that(pem_decode_private(&back, text, len, NULL, 0) == PEM_OK, "a key was not read");
    same_key(&key, &back);
}

/* The same key as other programs may lay it out: words above, lines of odd lengths, blanks in them. */
static void pem_lax(const void *arg)
{
    struct rsa_private key, back;
    char text[PEM_MAX_LEN], laid[2 * PEM_MAX_LEN] = "\xef\xbb\xbfKey: x\r\n";
    (void)arg;
    memset(text, 0, sizeof text);
    secret_key(&key);
    check_that(pem_encode_private(text, sizeof text, &key) == 0, "a key was not written");
    secret_publish(text, sizeof text);
    size_t len = strlen("-----BEGIN PRIVATE KEY-----\n"), n = strlen(laid), at;
    memcpy(laid + n, text, len);
    for (n += len, at = len; text[at] != '-'; at++) {
        if (text[at] == '\n')
            continue;
        laid[n] = text[at];
        secret_mark(laid + n++, 1);
        if (at % 7 == 0)
            laid[n++] = at % 2 == 0 ? ' ' : '\r';
    }
    for (; text[at] != '\0'; at++)
        laid[n++] = text[at];
    check_that(pem_decode_private(&back, laid, n, NULL, 0) == PEM_OK, "a key was not read");
    same_key(&key, &back);
}

static void pem_encrypted(const void *arg)
{
    struct rsa_private key, back;
    struct rng random;
    uint8_t password[12];
    char text[PEM_MAX_LEN];
    (void)arg;
    memset(text, 0, sizeof text);
    check_rng(&random);
    secret_key(&key);
    check_secret(password, sizeof password);
    check_that(pem_encode_private_encrypted(text, sizeof text, &key, password, sizeof password, 10, &random) == 0,
               "a key was not written");
    size_t len = strlen("-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    check_output(text + len + LINE * 10, LINE - 1); /* somewhere in the ciphertext */
    secret_publish(text, sizeof text);
    check_that(pem_decode_private(&back, text, strlen(text), password, sizeof password) == PEM_OK,
               "a key was not read");
    same_key(&key, &back);
}

void check_numbers(void)
{
    static const enum dh_group_id groups[] = {DH_FFDHE2048, DH_FFDHE3072, DH_FFDHE4096};
    keys_identity("server");
    check_run(CHECK_CODE, "bignum", "mulm, subm, powm", bignum, NULL);
    check_run(CHECK_CODE, "dh", "ffdhe2048", dh, &groups[0]);
    check_run(CHECK_CODE, "dh", "ffdhe3072", dh, &groups[1]);
    check_run(CHECK_CODE, "dh", "ffdhe4096", dh, &groups[2]);
    check_run(CHECK_CODE, "ring", "three parties", ring, NULL);
    check_run(CHECK_CODE, "rsa", "sign", rsa_sign, NULL);
    check_run(CHECK_CODE, "rsa", "private check", rsa_check, NULL);
    check_run(CHECK_CODE, "pem", "plain", pem_plain, NULL);
    check_run(CHECK_CODE, "pem", "encrypted", pem_encrypted, NULL);
    check_run(CHECK_CODE, "pem", "laid out otherwise", pem_lax, NULL);
}
