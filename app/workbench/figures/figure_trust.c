/* SPDX-License-Identifier: MIT */
/* The three rules of trust in a server, and what each says of the example's server: trust_decide is asked. The rule of
 * known servers has a file behind it and is drawn by its words alone. */
#include <stdbool.h>
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/example.h"
#include "app/workbench/figures/figure.h"
#include "net/fingerprint.h"
#include "net/hello.h"
#include "net/trust.h"

#define WIDTH 230
#define STEP 245

/* The next box of a column. */
static int verdict(FILE *to, int column, int y, bool believed, const char *when)
{
    draw_box(to, 20 + column * STEP, y, WIDTH, 58, believed ? DRAW_GOOD : DRAW_BAD, "~%s:\n%s", when,
             believed ? "believed" : "refused");
    return y + 68;
}

static void head(FILE *to, int column, const char *option, const char *what)
{
    draw_arrow(to, 20 + column * STEP + WIDTH / 2, 134, 20 + column * STEP + WIDTH / 2, 168);
    draw_box(to, 20 + column * STEP, 170, WIDTH, 62, DRAW_STEP, "%s\n~%s", option, what);
}

static bool believes(struct trust *t, const struct certificate *c, uint64_t now)
{
    char why[WHY_LEN];
    return trust_decide(t, c, now, why) == 0;
}

static void ask(FILE *to, const struct certificate *c)
{
    struct trust pin = {.rule = TRUST_PIN}, ca = {.rule = TRUST_CA};
    certificate_fingerprint(pin.pin, c->modulus);
    strcpy(ca.server.host, c->name);
    memcpy(ca.authority.n, c->modulus, sizeof ca.authority.n); /* it signed itself: the smallest authority */
    int y = verdict(to, 0, 250, believes(&pin, c, c->not_before), "this fingerprint");
    pin.pin[0] ^= 1;
    (void)verdict(to, 0, y, believes(&pin, c, c->not_before), "any other");
    y = verdict(to, 1, 250, believes(&ca, c, c->not_before), "signed, host, time right");
    y = verdict(to, 1, y, believes(&ca, c, c->not_after + 1), "its time is over");
    strcpy(ca.server.host, "elsewhere.example");
    y = verdict(to, 1, y, believes(&ca, c, c->not_before), "for another host");
    ca.authority.n[0] ^= 1;
    (void)verdict(to, 1, y, believes(&ca, c, c->not_before), "signed by another key");
}

void figure_trust(FILE *to)
{
    struct example *e = example_new();
    const struct example_value *frame = example_value(e, HANDSHAKE_CLIENT, "server_hello", 0);
    struct hello_server hello;
    struct certificate c;
    char shown[FINGERPRINT_TEXT_LEN];
    uint8_t fingerprint[CERTIFICATE_FINGERPRINT_LEN];
    if (hello_decode_server(&hello, frame->data, frame->len) == NET_OK &&
        certificate_decode(&c, hello.certificate, hello.certificate_len) == NET_OK) {
        certificate_fingerprint(fingerprint, c.modulus);
        fingerprint_print(shown, fingerprint);
        draw_box(to, 20, 64, 720, 70, DRAW_WIRE, "the server's certificate, for %s; its key is\n#%s", c.name, shown);
        head(to, 0, "--pin SHA256:...", "one key, given by hand");
        head(to, 1, "--ca FILE", "whom an authority signs");
        head(to, 2, "neither", "the file of known servers");
        ask(to, &c);
        int y = verdict(to, 2, 250, true, "met for the first time");
        y = verdict(to, 2, y, true, "the key of the last time");
        y = verdict(to, 2, y, true, "a renewal signed by it");
        (void)verdict(to, 2, y, false, "any other");
    }
    example_free(e);
}
