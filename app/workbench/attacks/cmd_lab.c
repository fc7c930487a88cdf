/* SPDX-License-Identifier: MIT */
/* glass lab NAME: an attack on a weak twin, which succeeds, and the same attack on the real code, which does not. */
#include <stdio.h>
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/attacks/cmd_treacherous.h"
#include "app/workbench/attacks/flag.h"
#include "app/workbench/attacks/lab.h"
#include "app/workbench/attacks/lab_mutants.h"
#include "app/workbench/attacks/step_view.h"
#include "app/workbench/attacks/target.h"
#include "app/workbench/commands.h"
#include "app/workbench/io.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/bytes.h"
#include "crypto/ct.h"

#define USAGE "glass lab [NAME] [OPTION]..., see --help"
#define PORT "7450"
#define STUDENT_MAX 64

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
                                   "For a class, where each student has a flag to find:\n"
                                   "  --target HOST:PORT  let others attack the twin, as its page says; port 7450\n"
                                   "  --secret-file FILE  a teacher's secret, of which the flags are made\n"
                                   "  --student ID        whose flag it is\n"
                                   "  --once              end with the first connection\n"
                                   "  --check FLAG        say whether it is that student's flag for this lab\n"
                                   "\n"
                                   "`glass lab mutants` prints a file of this project with one line broken, to find\n"
                                   "the bug in, drawn for each student: with --secret-file, --student and\n"
                                   "  --source DIR        where the source tree is; here\n"
                                   "With --check LINE it says whether that is the line.\n"
                                   "\n"
                                   "`glass lab treacherous` is a server that betrays its users: see its --help.\n"
                                   "\n"
                                   "docs/labs has a page for each.\n";

struct options {
    bool step, all, twin_only, real_only;
    const char *seed, *target, *secret_file, *student, *check, *source;
    bool once;
};

static void print_labs(void)
{
    for (const struct lab *const *lab = lab_all; *lab != NULL; lab++)
        display_line(stdout, "  %-17s  %s", (*lab)->name, (*lab)->what);
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

static void make_rng(struct rng *rng, const char *seed)
{
    if (seed != NULL)
        rng_fixed_init(rng, seed, strlen(seed));
    else
        rng_init(rng);
}

static void show(const struct lab *lab, const struct options *o, const struct steps *steps, const bool wanted[static 2])
{
    if (o->step && step_view_can()) {
        step_view(steps, lab->name);
        return;
    }
    for (enum lab_side side = LAB_TWIN; side <= LAB_REAL; side++)
        if (wanted[side]) {
            putchar('\n');
            display_line(stdout, "%s, %s", whom[side], side == LAB_TWIN ? lab->twin : lab->real);
            steps_print(steps, side, o->all);
        }
}

static int run(const struct lab *lab, const struct options *o)
{
    struct rng rng;
    struct steps steps;
    int won[2] = {1, 0};
    const bool wanted[2] = {!o->real_only, !o->twin_only};
    make_rng(&rng, o->seed);
    steps_init(&steps);
    display_line(stdout, "%s: %s", lab->name, lab->what);
    for (enum lab_side side = LAB_TWIN; side <= LAB_REAL; side++)
        if (wanted[side])
            won[side] = run_side(lab, side, &rng, &steps);
    show(lab, o, &steps, wanted);
    putchar('\n');
    for (enum lab_side side = LAB_TWIN; side <= LAB_REAL; side++)
        if (wanted[side])
            print_verdict(&steps, side, won[side]);
    steps_wipe(&steps);
    rng_wipe(&rng);
    return won[LAB_TWIN] == 1 && won[LAB_REAL] == 0 ? STATUS_DONE : STATUS_FAILED;
}

/* --- For a class -------------------------------------------------------------------------------------------------- */

/* The teacher's secret, from a file and never from the command line, which everybody on the machine sees. */
static size_t read_teacher(uint8_t teacher[static TEACHER_SECRET_MAX], const struct options *o)
{
    args_need(o->student, "student", USAGE);
    if (*o->student == '\0' || strlen(o->student) > STUDENT_MAX)
        args_wrong("--student takes 1 to 64 bytes", USAGE);
    return io_read_teacher_secret(args_need(o->secret_file, "secret-file", USAGE), teacher);
}

static int check(const struct lab *lab, const struct options *o)
{
    uint8_t teacher[TEACHER_SECRET_MAX];
    size_t len = read_teacher(teacher, o);
    bool right = flag_matches(o->check, teacher, len, lab->name, o->student);
    ct_wipe(teacher, sizeof teacher);
    if (!right)
        args_fail("that is not the flag of %s for %s", o->student, lab->name);
    display_line(stdout, "%s has solved %s", o->student, lab->name);
    return STATUS_DONE;
}

static int serve(const struct lab *lab, const struct options *o)
{
    uint8_t teacher[TEACHER_SECRET_MAX];
    char flag[FLAG_LEN + 1], why[WHY_LEN];
    struct rng rng;
    struct sock_name where;
    if (lab->hello == NULL)
        args_wrong("this lab has no target", USAGE);
    if (sock_parse(&where, o->target, PORT) != 0)
        args_wrong("--target takes HOST or HOST:PORT", USAGE);
    size_t len = read_teacher(teacher, o);
    flag_make(flag, teacher, len, lab->name, o->student);
    ct_wipe(teacher, sizeof teacher);
    const struct target_options options = {.lab = lab, .where = &where, .flag = flag, .once = o->once};
    make_rng(&rng, o->seed);
    int result = target_serve(&options, &rng, why);
    rng_wipe(&rng);
    ct_wipe(flag, sizeof flag);
    if (result != 0)
        args_fail("%s", why);
    return STATUS_DONE;
}

static int run_mutants(const struct options *o)
{
    uint8_t teacher[TEACHER_SECRET_MAX];
    if (o->step || o->all || o->twin_only || o->real_only || o->seed != NULL || o->target != NULL || o->once)
        args_wrong("mutants takes --secret-file, --student, --source and --check", USAGE);
    size_t len = read_teacher(teacher, o);
    const struct lab_mutants_options options = {
        .source = o->source != NULL ? o->source : ".", .student = o->student, .check = o->check};
    int status = lab_mutants(&options, teacher, len);
    ct_wipe(teacher, sizeof teacher);
    return status;
}

static void check_options(const struct options *o)
{
    bool class = o->target != NULL || o->check != NULL;
    if (o->twin_only && o->real_only)
        args_wrong("--twin-only and --real-only leave nothing", USAGE);
    if (o->target != NULL && o->check != NULL)
        args_wrong("--target or --check, not both", USAGE);
    if (class && (o->step || o->all || o->twin_only || o->real_only))
        args_wrong("--target and --check run no attack: --step, --all, --twin-only and --real-only are for one", USAGE);
    if (!class && (o->secret_file != NULL || o->student != NULL || o->once))
        args_wrong("--secret-file, --student and --once go with --target or --check", USAGE);
    if (o->source != NULL)
        args_wrong("--source goes with mutants", USAGE);
    if (o->seed != NULL && strlen(o->seed) > RNG_FIXED_SEED_MAX)
        args_wrong("--seed is longer than 64 bytes", USAGE);
}

int cmd_lab(struct args *args)
{
    struct options o = {0};
    /* clang-format off */
    const struct args_option options[] = {
        {"step", NULL, &o.step}, {"all", NULL, &o.all}, {"twin-only", NULL, &o.twin_only},
        {"real-only", NULL, &o.real_only}, {"once", NULL, &o.once}, {"seed", &o.seed, NULL},
        {"target", &o.target, NULL}, {"secret-file", &o.secret_file, NULL}, {"student", &o.student, NULL},
        {"check", &o.check, NULL}, {"source", &o.source, NULL}, {0}};
    /* clang-format on */
    if (args->count > 0 && strcmp(args->value[0], "treacherous") == 0) {
        args->count--;
        args->value++;
        return cmd_treacherous(args);
    }
    if (asks_for_help(args)) {
        print_help();
        return STATUS_DONE;
    }
    args_parse(args, options, 0, 1, USAGE);
    if (args->count == 0) {
        print_labs();
        return STATUS_DONE;
    }
    if (strcmp(args->value[0], "mutants") == 0)
        return run_mutants(&o);
    check_options(&o);
    const struct lab *lab = lab_find(args->value[0]);
    if (lab == NULL)
        args_wrong("there is no lab of that name; `glass lab` lists them", USAGE);
    if (o.check != NULL)
        return check(lab, &o);
    return o.target != NULL ? serve(lab, &o) : run(lab, &o);
}
