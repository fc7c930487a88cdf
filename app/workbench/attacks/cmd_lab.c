/* SPDX-License-Identifier: MIT */
/* glass lab NAME: an attack on a weak twin, which succeeds, and the same attack on the real code, which does not. */
#include <stdio.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/step_view.h"
#include "app/workbench/commands.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"

#define USAGE "glass lab [NAME] [OPTION]..., see --help"

static const char help_head[] = "usage: glass lab NAME [OPTION]...\n"
                                "\n"
                                "A weak twin of a part of this project and an attack that really succeeds; then\n"
                                "the same attack on the real code, which stands. The status is 0 where it was so.\n"
                                "NAME is one of these, without which they are listed:\n";

static const char help_options[] = "\n"
                                   "  --step        go through the attack on a terminal, forwards and back\n"
                                   "  --all         print each step, not only those that tell something\n"
                                   "  --twin-only   leave the real code alone\n"
                                   "  --real-only   leave the twin alone\n"
                                   "  --seed TEXT   the same random values in each run with this text\n"
                                   "\n"
                                   "docs/labs has a page for each.\n";

struct options {
    bool step, all, twin_only, real_only;
    const char *seed;
};

static void print_labs(void)
{
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++)
        display_line(stdout, "  %-16s  %s", (*lab)->name, (*lab)->what);
}

static void print_help(void)
{
    fputs(help_head, stdout);
    print_labs();
    fputs(help_options, stdout);
}

static bool asks_for_help(const struct args *args)
{
    for (int i = 0; i < args->count; i++)
        if (strcmp(args->value[i], "--help") == 0)
            return true;
    return false;
}

/* A line that nobody can have known before. */
static void make_secret(char secret[static LAB_SECRET_MAX + 1], struct rng *rng)
{
    uint8_t random[4];
    char hex[2 * sizeof random + 1];
    rng_fill(rng, random, sizeof random);
    hex_encode(hex, random, sizeof random);
    snprintf(secret, LAB_SECRET_MAX + 1, "swordfish-%s", hex);
}

static int run_side(const struct lab *lab, enum lab_side side, struct rng *rng, struct steps *steps)
{
    char secret[LAB_SECRET_MAX + 1];
    make_secret(secret, rng);
    return lab_run(lab, side, rng, secret, steps);
}

static const char *const whom[] = {[LAB_TWIN] = "against the weak twin", [LAB_REAL] = "against the real code"};

static void print_verdict(const struct steps *steps, enum lab_side side, int won)
{
    static const char *const verdict[2] = {"stood", "fell"};
    const char *result = steps->result[side];
    display_line(stdout, "%s: %s%s%s", side == LAB_TWIN ? "twin" : "real", won < 0 ? "not tried" : verdict[won],
                 result[0] != '\0' ? ": " : "", result);
}

static int run(const struct lab *lab, const struct options *o)
{
    struct rng rng;
    struct steps steps;
    int won[2] = {1, 0};
    bool wanted[2] = {!o->real_only, !o->twin_only};
    if (o->seed != NULL)
        rng_fixed_init(&rng, o->seed, strlen(o->seed));
    else
        rng_init(&rng);
    steps_init(&steps);
    display_line(stdout, "%s: %s", lab->name, lab->what);
    for (enum lab_side side = LAB_TWIN; side <= LAB_REAL; side++)
        if (wanted[side])
            won[side] = run_side(lab, side, &rng, &steps);
    bool view = o->step && step_view_can();
    if (view)
        step_view(&steps, lab->name);
    for (enum lab_side side = LAB_TWIN; side <= LAB_REAL && !view; side++)
        if (wanted[side]) {
            putchar('\n');
            display_line(stdout, "%s, %s", whom[side], side == LAB_TWIN ? lab->twin : lab->real);
            steps_print(&steps, side, o->all);
        }
    putchar('\n');
    for (enum lab_side side = LAB_TWIN; side <= LAB_REAL; side++)
        if (wanted[side])
            print_verdict(&steps, side, won[side]);
    steps_wipe(&steps);
    rng_wipe(&rng);
    return won[LAB_TWIN] == 1 && won[LAB_REAL] == 0 ? STATUS_DONE : STATUS_FAILED;
}

int cmd_lab(struct args *args)
{
    struct options o = {0};
    const struct args_option options[] = {{"step", NULL, &o.step},           {"all", NULL, &o.all},
                                          {"twin-only", NULL, &o.twin_only}, {"real-only", NULL, &o.real_only},
                                          {"seed", &o.seed, NULL},           {0}};
    if (asks_for_help(args)) {
        print_help();
        return STATUS_DONE;
    }
    args_parse(args, options, 0, 1, USAGE);
    if (args->count == 0) {
        print_labs();
        return STATUS_DONE;
    }
    if (o.twin_only && o.real_only)
        args_wrong("--twin-only and --real-only leave nothing", USAGE);
    if (o.seed != NULL && strlen(o.seed) > RNG_FIXED_SEED_MAX)
        args_wrong("--seed is longer than 64 bytes", USAGE);
    const struct lab *lab = lab_find(args->value[0]);
    if (lab == NULL)
        args_wrong("there is no lab of that name; `glass lab` lists them", USAGE);
    return run(lab, &o);
}
