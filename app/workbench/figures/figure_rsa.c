/* SPDX-License-Identifier: MIT */
/* The signature of the example's ServerHello, opened up: s^e mod n is EM, and what EM is made of comes out of it as the
 * verifier takes it apart. The arrows show how the signer put it together. */
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"
#include "crypto/bignum.h"
#include "crypto/rsa.h"
#include "net/certificate.h"
#include "net/hello.h"

#define H_LEN 32
#define SALT_LEN 32
#define DB_LEN (RSA_MODULUS_LEN - H_LEN - 1)
#define N BIGNUM_LIMBS(RSA_MODULUS_LEN)

static const char label[] = "glasschat/1 server hello"; /* and its zero byte */

/* EM = s^e mod n (RFC 8017, 5.2.2). */
static void open_signature(uint8_t em[static RSA_MODULUS_LEN], const uint8_t modulus[static RSA_MODULUS_LEN],
                           const uint8_t signature[static RSA_SIGNATURE_LEN])
{
    static const mp_limb_t e = RSA_E;
    mp_limb_t n[N], s[N], m[N];
    bignum_from_bytes(n, modulus, RSA_MODULUS_LEN);
    bignum_from_bytes(s, signature, RSA_SIGNATURE_LEN);
    bignum_powm(m, s, N, &e, 17, n, N);
    bignum_to_bytes(em, RSA_MODULUS_LEN, m);
}

/* DB = maskedDB xor MGF1(H), its topmost bit cleared (RFC 8017, 9.1.2). */
static void unmask(uint8_t db[static DB_LEN], const uint8_t em[static RSA_MODULUS_LEN])
{
    uint8_t seed[H_LEN + 4], mask[SHA256_DIGEST_LEN];
    memcpy(seed, em + DB_LEN, H_LEN);
    for (uint32_t at = 0; at < DB_LEN; at += sizeof mask) {
        bytes_store_be32(seed + H_LEN, at / (uint32_t)sizeof mask);
        sha256_digest(mask, seed, sizeof seed);
        bytes_xor(db + at, em + at, mask, DB_LEN - at < sizeof mask ? DB_LEN - at : sizeof mask);
    }
    db[0] &= 0x7f;
}

static void value(FILE *to, int x, int y, int w, enum draw_role role, const char *name, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, x, y, w, 58, role, "%s, %zu\n#%s", name, len, draw_fold(fold, data, len));
}

/* H = SHA-256(eight zero bytes || mHash || salt). */
static void first_half(FILE *to, const uint8_t *salt, const uint8_t m_hash[static SHA256_DIGEST_LEN])
{
    draw_box(to, 20, 96, 160, 58, DRAW_FAINT, "zeros, 8\n#00..00");
    value(to, 180, 96, 250, DRAW_PLAIN, "SHA-256(message)", m_hash, SHA256_DIGEST_LEN);
    value(to, 430, 96, 190, DRAW_SECRET, "salt", salt, SALT_LEN);
    draw_text(to, 20, 78, "small", "names with lengths in bytes");
    draw_bracket(to, 20, 160, 600, 10);
    draw_bent(to, 3, (const int[]){520, 170, 520, 198, 558, 198});
    draw_box(to, 560, 178, 180, 40, DRAW_STEP, "SHA-256");
}

static void second_half(FILE *to, const uint8_t *db, const uint8_t *em, const uint8_t *signature)
{
    const uint8_t *salt = db + DB_LEN - SALT_LEN;
    draw_box(to, 20, 250, 150, 58, DRAW_FAINT, "zeros, %d\n#%02x..%02x", DB_LEN - SALT_LEN - 1, db[0], salt[-2]);
    draw_box(to, 170, 250, 44, 58, DRAW_PLAIN, "#%02x", salt[-1]);
    value(to, 214, 250, 186, DRAW_SECRET, "salt", salt, SALT_LEN);
    draw_text(to, 20, 240, "small", "DB, %d", DB_LEN);
    draw_arrow(to, 210, 308, 210, 335);
    draw_sign(to, 210, 352, "\u2295");
    draw_box(to, 420, 332, 120, 40, DRAW_STEP, "MGF1");
    draw_arrow(to, 420, 352, 227, 352);
    draw_bent(to, 3, (const int[]){610, 270, 480, 270, 480, 330});
    draw_arrow(to, 610, 218, 610, 404);
    draw_arrow(to, 210, 368, 210, 404);
    value(to, 20, 406, 380, DRAW_WIRE, "maskedDB", em, DB_LEN);
    value(to, 400, 406, 270, DRAW_WIRE, "H", em + DB_LEN, H_LEN);
    draw_box(to, 670, 406, 70, 58, DRAW_WIRE, "#%02x", em[RSA_MODULUS_LEN - 1]);
    draw_text(to, 20, 396, "small", "EM, %d", RSA_MODULUS_LEN);
    draw_bracket(to, 20, 470, 720, 10);
    draw_arrow(to, 380, 480, 380, 504);
    draw_box(to, 20, 506, 330, 58, DRAW_STEP, "EM^d mod n\n~only who has d can do this");
    draw_box(to, 410, 506, 330, 58, DRAW_GOOD, "signature, %d\n#%02x%02x%02x%02x..%02x%02x", RSA_SIGNATURE_LEN,
             signature[0], signature[1], signature[2], signature[3], signature[382], signature[383]);
    draw_arrow(to, 350, 535, 408, 535);
}

void figure_rsa(FILE *to)
{
    struct example *e = example_new();
    const struct example_value *frame = example_value(e, HANDSHAKE_CLIENT, "server_hello", 0);
    uint8_t em[RSA_MODULUS_LEN], db[DB_LEN], m_hash[SHA256_DIGEST_LEN], message[sizeof label + SHA256_DIGEST_LEN];
    struct hello_server hello;
    struct certificate c;
    if (hello_decode_server(&hello, frame->data, frame->len) == NET_OK &&
        certificate_decode(&c, hello.certificate, hello.certificate_len) == NET_OK) {
        memcpy(message, label, sizeof label);
        memcpy(message + sizeof label, example_value(e, HANDSHAKE_SERVER, "signed_hash", 0)->data, SHA256_DIGEST_LEN);
        sha256_digest(m_hash, message, sizeof message);
        open_signature(em, c.modulus, hello.signature);
        unmask(db, em);
        first_half(to, db + DB_LEN - SALT_LEN, m_hash);
        second_half(to, db, em, hello.signature);
    }
    example_free(e);
}
