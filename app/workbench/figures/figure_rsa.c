/* SPDX-License-Identifier: MIT */
/* The signature of the example's ServerHello, opened up: s^e mod n is EM, and what EM is made of comes out of it as the
 * verifier takes it apart. The arrows show how the signer put it together. */
#include <string.h>

#include "app/workbench/explain/pss.h"
#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"
#include "net/certificate.h"
#include "net/hello.h"

static const char label[] = "glasschat/1 server hello"; /* and its zero byte */

static void value(FILE *to, int x, int y, int w, enum draw_role role, const char *name, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, x, y, w, 58, role, "%s, %zu\n#%s", name, len, draw_fold(fold, data, len));
}

/* H = SHA-256(eight zero bytes || mHash || salt). */
static void first_half(FILE *to, const struct pss *p)
{
    draw_box(to, 20, 96, 160, 58, DRAW_FAINT, "zeros, 8\n#00..00");
    value(to, 180, 96, 250, DRAW_PLAIN, "SHA-256(message)", p->m_hash, sizeof p->m_hash);
    value(to, 430, 96, 190, DRAW_SECRET, "salt", p->salt, sizeof p->salt);
    draw_text(to, 20, 78, "small", "names with lengths in bytes");
    draw_bracket(to, 20, 160, 600, 10);
    draw_bent(to, 3, (const int[]){520, 170, 520, 198, 558, 198});
    draw_box(to, 560, 178, 180, 40, DRAW_STEP, "SHA-256");
}

static void second_half(FILE *to, const struct pss *p, const uint8_t signature[static RSA_SIGNATURE_LEN])
{
    draw_box(to, 20, 250, 150, 58, DRAW_FAINT, "zeros, %d\n#%02x..%02x", PSS_PS_LEN, p->db[0], p->db[PSS_PS_LEN - 1]);
    draw_box(to, 170, 250, 44, 58, DRAW_PLAIN, "#%02x", p->db[PSS_PS_LEN]);
    value(to, 214, 250, 186, DRAW_SECRET, "salt", p->salt, sizeof p->salt);
    draw_text(to, 20, 240, "small", "DB, %d", PSS_DB_LEN);
    draw_arrow(to, 210, 308, 210, 335);
    draw_sign(to, 210, 352, "\u2295");
    draw_box(to, 420, 332, 120, 40, DRAW_STEP, "MGF1");
    draw_arrow(to, 420, 352, 227, 352);
    draw_bent(to, 3, (const int[]){610, 270, 480, 270, 480, 330});
    draw_arrow(to, 610, 218, 610, 404);
    draw_arrow(to, 210, 368, 210, 404);
    value(to, 20, 406, 380, DRAW_WIRE, "maskedDB", p->em, PSS_DB_LEN);
    value(to, 400, 406, 270, DRAW_WIRE, "H", p->em + PSS_DB_LEN, SHA256_DIGEST_LEN);
    draw_box(to, 670, 406, 70, 58, DRAW_WIRE, "#%02x", p->em[PSS_EM_LEN - 1]);
    draw_text(to, 20, 396, "small", "EM, %d", PSS_EM_LEN);
    draw_bracket(to, 20, 470, 720, 10);
    draw_arrow(to, 380, 480, 380, 504);
    draw_box(to, 20, 506, 330, 58, DRAW_STEP, "EM^d mod n\n~only who has d can do this");
    draw_box(to, 410, 506, 330, 58, DRAW_GOOD, "signature, %d\n#%02x%02x%02x%02x..%02x%02x", RSA_SIGNATURE_LEN,
             signature[0], signature[1], signature[2], signature[3], signature[RSA_SIGNATURE_LEN - 2],
             signature[RSA_SIGNATURE_LEN - 1]);
    draw_arrow(to, 350, 535, 408, 535);
}

void figure_rsa(FILE *to)
{
    struct example *e = example_new();
    const struct example_value *frame = example_value(e, HANDSHAKE_CLIENT, "server_hello", 0);
    uint8_t message[sizeof label + SHA256_DIGEST_LEN];
    struct hello_server hello;
    struct certificate c;
    struct rsa_public key;
    struct pss p;
    if (hello_decode_server(&hello, frame->data, frame->len) == NET_OK &&
        certificate_decode(&c, hello.certificate, hello.certificate_len) == NET_OK) {
        memcpy(message, label, sizeof label);
        memcpy(message + sizeof label, example_value(e, HANDSHAKE_SERVER, "signed_hash", 0)->data, SHA256_DIGEST_LEN);
        memcpy(key.n, c.modulus, sizeof key.n);
        pss_open(p.em, &key, hello.signature);
        pss_take_apart(&p, message, sizeof message);
        first_half(to, &p);
        second_half(to, &p, hello.signature);
    }
    example_free(e);
}
