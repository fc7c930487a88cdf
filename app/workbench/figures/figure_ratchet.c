/* SPDX-License-Identifier: MIT */
/* Three steps of a call's ratchet, made and taken by both sides: what crosses the wire, and what follows from it. */
#include <assert.h>
#include <string.h>

#include "app/workbench/figures/draw.h"
#include "app/workbench/figures/figure.h"
#include "app/workbench/rng_fixed.h"
#include "net/ratchet.h"

#define STEPS 3
#define LEFT 20
#define MIDDLE 270
#define RIGHT 520
#define WIDTH 220
#define HIGH 58
#define STEP_HIGH 218          /* what is drawn of one step */
#define BLOCK (STEP_HIGH + 24) /* from one step to the next */

/* What was traced of a step; root 0 is that of the handshake. */
struct step {
    uint8_t public[DH_PUBLIC_MAX_LEN], z[DH_PUBLIC_MAX_LEN], t[HKDF_PRK_LEN], root[HKDF_PRK_LEN];
    uint8_t secret[RECORD_SECRET_LEN];
    size_t z_len;
};

static void note(void *arg, const char *name, const uint8_t *data, size_t len)
{
    struct step *s = arg;
    if (strcmp(name, "step_public") == 0)
        memcpy(s->public, data, len);
    else if (strcmp(name, "step_Z") == 0)
        memcpy(s->z, data, s->z_len = len);
    else if (strcmp(name, "step_t") == 0)
        memcpy(s->t, data, len);
    else if (strcmp(name, "root") == 0)
        memcpy(s->root, data, len);
}

/* One side makes the step and the other takes it: both have the same then. */
static void carry(struct ratchet *from, struct ratchet *to, struct rng *rng, struct step *s)
{
    uint8_t payload[RATCHET_STEP_MAX];
    struct trace trace = {.event = note, .arg = s};
    from->trace = &trace;
    ratchet_make(from);
    ratchet_work(from, rng);
    from->trace = NULL;
    size_t len = ratchet_payload(from, payload);
    int taken = ratchet_take(to, payload, len);
    ratchet_work(to, rng);
    assert(taken == 0 && !to->failed && memcmp(from->secret, to->secret, sizeof to->secret) == 0);
    (void)taken;
    memcpy(s->secret, from->secret, sizeof s->secret);
    ratchet_done(from);
    ratchet_done(to);
}

static void play(struct step step[static STEPS])
{
    static const char seed[] = "the ratchet of the pictures";
    const struct dh_group *group = dh_group(DH_FFDHE2048);
    struct ratchet alice, bob;
    struct rng rng;
    rng_fixed_init(&rng, seed, sizeof seed - 1);
    rng_fill(&rng, step[0].root, sizeof step[0].root);
    ratchet_init(&alice, group, true, step[0].root, NULL);
    ratchet_init(&bob, group, false, step[0].root, NULL);
    for (int n = 0; n < STEPS; n++)
        carry(n % 2 == 0 ? &alice : &bob, n % 2 == 0 ? &bob : &alice, &rng, &step[n]);
    ratchet_wipe(&alice);
    ratchet_wipe(&bob);
}

static void value(FILE *to, int x, int y, const char *name, int n, const uint8_t *data, size_t len)
{
    char fold[DRAW_FOLD_LEN];
    draw_box(to, x, y, WIDTH, HIGH, DRAW_SECRET, "~%s %d, %zu bytes\n#%s", name, n, len, draw_fold(fold, data, len));
}

static void wire(FILE *to, int n, int y, const struct step *s)
{
    char fold[DRAW_FOLD_LEN];
    const int line = y + 27;
    draw_text(to, MIDDLE, line + 5, "bold", "alice");
    draw_text(to, RIGHT + WIDTH, line + 5, "end bold", "bob");
    draw_box(to, 360, y, 290, 54, DRAW_WIRE, "~step %d: y = 2^x, of a fresh x\n#%s", n,
             draw_fold(fold, s->public, s->z_len));
    if (n % 2 == 0) {
        draw_arrow(to, 322, line, 358, line);
        draw_arrow(to, 650, line, 696, line);
    } else {
        draw_arrow(to, 700, line, 652, line);
        draw_arrow(to, 360, line, 324, line);
    }
}

/* Below the step: root and Z make t, and t makes the next root and the secret. */
static void mix(FILE *to, int n, int y, const struct step *s)
{
    char fold[DRAW_FOLD_LEN];
    draw_arrow(to, RIGHT + WIDTH / 2, y - 18, RIGHT + WIDTH / 2, y - 2);
    value(to, RIGHT, y, "Z", n, s->z, s->z_len);
    draw_arrow(to, RIGHT, y + 29, MIDDLE + WIDTH + 2, y + 29);
    draw_box(to, MIDDLE, y, WIDTH, HIGH, DRAW_SECRET, "~t %d: Extract(root, Z)\n#%s", n,
             draw_fold(fold, s->t, sizeof s->t));
    const int below = y + HIGH + 30, line = below + 29;
    draw_line(to, MIDDLE + WIDTH / 2, y + HIGH, MIDDLE + WIDTH / 2, line);
    draw_arrow(to, MIDDLE + WIDTH / 2, line, LEFT + WIDTH + 2, line);
    draw_arrow(to, MIDDLE + WIDTH / 2, line, RIGHT - 2, line);
    draw_text(to, MIDDLE + WIDTH / 2 - 12, line - 8, "end small", "next root");
    draw_text(to, MIDDLE + WIDTH / 2 + 12, line - 8, "small", "ratchet || %d", n);
    value(to, LEFT, below, "root", n, s->root, sizeof s->root);
    draw_box(to, RIGHT, below, WIDTH, HIGH, DRAW_GOOD, "~%s's secret, step %d\n#%s", n % 2 == 0 ? "alice" : "bob", n,
             draw_fold(fold, s->secret, sizeof s->secret));
}

void figure_ratchet(FILE *to)
{
    static struct step step[STEPS];
    uint8_t root_0[HKDF_PRK_LEN];
    play(step);
    memcpy(root_0, step[0].root, sizeof root_0);
    step[0].z_len = step[1].z_len;
    wire(to, 0, 64, &step[0]);
    draw_text(to, LEFT, 180, "small", "of the handshake:");
    value(to, LEFT, 206, "root", 0, root_0, sizeof root_0);
    draw_arrow(to, LEFT + WIDTH, 235, MIDDLE - 2, 235);
    for (int n = 1; n < STEPS; n++) {
        const int y = 134 + (n - 1) * BLOCK;
        wire(to, n, y, &step[n]);
        mix(to, n, y + 72, &step[n]);
        if (n > 1)
            draw_bent(
                to, 3,
                (const int[]){LEFT + WIDTH / 2, y - BLOCK + STEP_HIGH, LEFT + WIDTH / 2, y + 101, MIDDLE - 2, y + 101});
    }
    const int y = 134 + (STEPS - 1) * BLOCK + 16;
    draw_text(to, LEFT, y, "small", "Once t 1 is there, root 0, Z 1 and alice's x of step 0 are wiped;");
    draw_text(to, LEFT, y + 24, "small", "once t 2 is there, root 1, Z 2 and bob's x of step 1.");
    draw_text(to, LEFT, y + 48, "small",
              "A secret seals one Record, and Expand(secret, \"glasschat/1 update\") the next.");
}
