/* SPDX-License-Identifier: MIT */
/* The pictures of the walkthrough: each is drawn from values that the project's own code computes here and now, so that
 * no number in a picture was typed.
 *
 * Standard:    of each picture, the standard of what it shows; SVG 1.1 (draw.h).
 * Use it:      for (const struct figure *f = figures; f->name != NULL; f++)  puts(f->name);
 *              if (figures_write(stdout, "aes") != 0)  there is no such picture
 * Timing:      of no interest: the values are published, or made up from fixed seeds.
 * Read next:   figure_aes.c and its neighbours, a file for each; tests/test_figure.c, which compares what is drawn with
 *              docs/walkthrough/figures. `make figures` writes that folder anew.
 */
#ifndef APP_WORKBENCH_FIGURES_FIGURE_H
#define APP_WORKBENCH_FIGURES_FIGURE_H

#include <stdio.h>

#include "crypto/bytes.h"

/* How glasschat hashes passwords: VERIFIER_ITERATIONS of app/server/store, which no other program may include.
 * tests/test_figure_values.c compares them. */
#define FIGURE_ITERATIONS 600000

struct figure {
    const char *name;
    const char *chapter; /* of docs/walkthrough, without its number */
    int height;          /* of the page; its width is DRAW_WIDTH */
    const char *title;   /* the heading, and the SVG's <title> */
    const char *what;    /* what can be seen, in a sentence: the SVG's <desc>, and what a screen reader says */
    void (*draw)(FILE *to);
};

/* In the order of the chapters; a name of NULL ends it. */
extern const struct figure figures[];

/* Writes the picture of that name; -1 where there is none. Whether `to` took everything is the caller's to see. */
MUST_USE int figures_write(FILE *to, const char *name);

/* What is inside each page; figure.c has the table. */
void figure_bytes(FILE *to);
void figure_timing(FILE *to);
void figure_aes(FILE *to);
void figure_cbc(FILE *to);
void figure_pkcs7(FILE *to);
void figure_sha256(FILE *to);
void figure_hmac(FILE *to);
void figure_etm(FILE *to);
void figure_hkdf(FILE *to);
void figure_pbkdf2(FILE *to);
void figure_rng(FILE *to);
void figure_dh(FILE *to);
void figure_rsa(FILE *to);
void figure_pem(FILE *to);
void figure_totp(FILE *to);
void figure_base64(FILE *to);
void figure_record(FILE *to);
void figure_handshake(FILE *to);
void figure_session(FILE *to);
void figure_trust(FILE *to);
void figure_store(FILE *to);
void figure_server(FILE *to);
void figure_line(FILE *to);
void figure_ratchet(FILE *to);
void figure_ring(FILE *to);
void figure_sealed(FILE *to);
void figure_bignum(FILE *to);

#endif
