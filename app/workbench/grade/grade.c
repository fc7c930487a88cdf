/* SPDX-License-Identifier: MIT */
/* The exercises come in their order, so that what one stands on has its result before it. Each check gets a process and
 * values of its own: what one of them breaks is no matter of the next. */
#include "app/workbench/grade/grade.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "app/workbench/check/ask.h"
#include "app/workbench/check/asked.h"
#include "app/workbench/check/single_step.h"
#include "app/workbench/rng_fixed.h"
#include "crypto/hmac.h"

#define ANSWER_MS 5000
#define HASTY_MS 1000
#define PROBE_MS 60000
/* Of time that passes, for all checks of an exercise; and in the tools, of which each is slower. So much processor time
 * each runner may have: less would tell slow code from code that is slow where all is asked again. */
#define EXERCISE_SECONDS 240
#define TOOL_SECONDS 1200

/* What is the same for all checks of one exercise. */
struct grading {
    const struct grade_options *options;
    struct submission *submission;
    struct grade_exercise *result;
    uint8_t *request, *answer;
    struct asked *asked;
    bool hasty; /* something took too long already: the next answers of this exercise get less time */
    struct timespec begun, tools_begun; /* the first call of its checks; of those in a tool */
};

/* --- One check ---------------------------------------------------------------------------------------------------- */

/* The values of a check are drawn from the teacher's secret, the student and the check's name: nobody else's work has
 * answers for them, and they are the same when it is graded again. */
static void seed(struct rng *rng, const struct grade_options *o, const struct exercise *e, const char *check)
{
    uint8_t tag[HMAC_TAG_LEN];
    struct hmac_key key;
    struct hmac h;
    hmac_key_init(&key, o->secret, o->secret_len);
    hmac_init(&h, &key);
    const char *parts[] = {"glasschat grade", o->student, e->stem, check};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        hmac_update(&h, parts[i], strlen(parts[i]) + 1);
    hmac_final(&h, tag);
    hmac_key_wipe(&key);
    rng_fixed_init(rng, tag, sizeof tag);
}

/* A program and its arguments, for each mode. */
struct command {
    const char *argv[12];
};

/* Nothing is suppressed: what is secret here is no modulus, of which GMP would tell something. */
static void command_for(struct command *k, enum check_mode mode, const char *runner)
{
    static const char *const valgrind[] = {"valgrind", "-q", "--vgdb=no", "--error-limit=no", "--leak-check=no"};
    size_t n = 0;
    for (size_t i = 0; mode == CHECK_VALGRIND && i < sizeof valgrind / sizeof *valgrind; i++)
        k->argv[n++] = valgrind[i];
    k->argv[n++] = runner;
    k->argv[n] = NULL;
}

static bool in_tool(enum check_mode mode)
{
    return mode == CHECK_VALGRIND || mode == CHECK_SANITIZED;
}

/* valgrind writes a file of its own, and a sanitizer wants all addresses there are. */
static struct child_bounds bounds_for(enum check_mode mode)
{
    return in_tool(mode) ? (struct child_bounds){.cpu_seconds = TOOL_SECONDS, .file = (size_t)1 << 20}
                         : (struct child_bounds){.cpu_seconds = EXERCISE_SECONDS, .memory = (size_t)256 << 20};
}

static struct box box_for(const struct submission *s, enum check_mode mode, const char *runner)
{
    return (struct box){.kind = in_tool(mode) ? BOX_TOOL : BOX_RUNNER, .scratch = s->tool, .program = runner};
}

/* What asks: the request and the answer stand in the memory of all checks, the rest is made for each. */
static struct checking *checking_make(const struct grading *g, enum check_mode mode)
{
    struct checking *c = calloc(1, sizeof *c);
    struct path *paths = calloc(2, sizeof *paths);
    if (c == NULL || paths == NULL || single_step_make(&paths[0]) != 0 || single_step_make(&paths[1]) != 0) {
        fputs("glass: no memory\n", stderr);
        exit(1);
    }
    *c = (struct checking){.mode = mode, .request = g->request, .answer = g->answer, .first = paths, .now = paths + 1};
    c->milliseconds = g->hasty ? HASTY_MS : ANSWER_MS;
    c->seconds = in_tool(mode) ? TOOL_SECONDS : EXERCISE_SECONDS;
    c->begun = in_tool(mode) ? g->tools_begun : g->begun;
    c->child = (struct child){.requests = -1, .answers = -1, .printed = -1}; /* one that asks nothing starts none */
    c->asked = g->asked;
    c->bounds = bounds_for(mode);
    if (in_tool(mode)) /* which is slow */
        c->milliseconds *= 10;
    return c;
}

static void checking_free(struct checking *c)
{
    struct path *paths = c->first < c->now ? c->first : c->now;
    single_step_free(&paths[0]);
    single_step_free(&paths[1]);
    free(paths);
    rng_wipe(&c->rng);
    free(c);
}

static void run_check(struct grading *g, enum check_mode mode, const char *runner, const char *name,
                      void (*run)(struct checking *c), struct check_outcome *outcome)
{
    struct command command;
    struct box box = box_for(g->submission, mode, runner);
    struct checking *c = checking_make(g, mode);
    command_for(&command, mode, runner);
    c->argv = command.argv;
    c->box = &box;
    seed(&c->rng, g->options, g->result->exercise, name);
    run(c);
    ask_end(c);
    if (mode == CHECK_PLAIN && g->asked != NULL)
        asked_end_check(g->asked, c->outcome.verdict == CHECK_PASSED);
    submission_clear_tool(g->submission);
    *(in_tool(mode) ? &g->tools_begun : &g->begun) = c->begun;
    g->hasty = g->hasty || c->outcome.kind == CHECK_TOO_LONG;
    *outcome = c->outcome;
    checking_free(c);
}

/* --- One exercise ------------------------------------------------------------------------------------------------- */

_Static_assert(sizeof((struct check_outcome){0}.what) <= SUBMISSION_WHY_MAX, "a reason fits");

static enum grade_state state_of(enum submission_news news)
{
    switch (news) {
    case SUBMISSION_MISSING:
        return GRADE_MISSING;
    case SUBMISSION_WRONG:
        return GRADE_WRONG;
    case SUBMISSION_FAULT:
        return GRADE_NOT_GRADED;
    default:
        return GRADE_DONE;
    }
}

static void add_points(struct grade_exercise *x, const struct check_outcome *outcome, unsigned points)
{
    if (outcome->verdict == CHECK_PASSED)
        x->points += points;
    if (outcome->verdict == CHECK_NOT_GRADED) {
        x->state = GRADE_NOT_GRADED;
        memcpy(x->why, outcome->what, sizeof outcome->what);
    }
}

static struct check_outcome another_answer(const struct asked_call *call)
{
    struct check_outcome o = {.verdict = CHECK_FAILED, .kind = CHECK_WRONG_RESULT, .inputs = call->inputs};
    memcpy(o.call, call->text, sizeof o.call);
    memcpy(o.input, call->input, sizeof o.input);
    snprintf(o.where, sizeof o.where, "%.*s", (int)strcspn(call->text, "("), call->text);
    snprintf(o.what, sizeof o.what, "gives another answer when the same call is made once more, in another order");
    snprintf(o.hint, sizeof o.hint,
             "a variable that was never set, or something that is kept from one call to the next");
    return o;
}

static void take_points(struct grade_exercise *x, size_t check, struct check_outcome why)
{
    if (x->check[check].verdict != CHECK_PASSED)
        return;
    x->points -= x->exercise->checks[check].points;
    x->check[check] = why;
}

/* All calls of all checks that were passed, once more in another order: what was only right by the order of the
 * questions was not right. */
static void run_again(struct grading *g, const char *runner)
{
    struct grade_exercise *x = g->result;
    struct check_outcome again;
    if (g->asked == NULL || g->asked->kept == 0)
        return;
    run_check(g, CHECK_PLAIN, runner, "again", ask_again, &again);
    if (again.verdict == CHECK_NOT_GRADED)
        add_points(x, &again, 0);
    for (size_t i = 0; i < g->asked->kept; i++)
        if (g->asked->call[i].differs && g->asked->call[i].check < x->checks)
            take_points(x, g->asked->call[i].check, another_answer(&g->asked->call[i]));
    for (size_t i = 0; i < x->checks && again.verdict == CHECK_FAILED; i++)
        take_points(x, i, again);
}

static void run_checks(struct grading *g, const char *runner)
{
    struct grade_exercise *x = g->result;
    for (const struct check *k = x->exercise->checks; k->name != NULL; k++) {
        assert(x->checks < GRADE_CHECKS_MAX);
        struct check_outcome *outcome = &x->check[x->checks++];
        run_check(g, CHECK_PLAIN, runner, k->name, k->run, outcome);
        add_points(x, outcome, k->points);
    }
}

/* What does not work yet leaks nothing either: the points for constant time and for memory are for right answers. */
static bool right_answers(const struct grade_exercise *x, struct check_outcome *outcome)
{
    if (x->sound)
        return true;
    *outcome = (struct check_outcome){.verdict = CHECK_NOT_RUN};
    snprintf(outcome->what, sizeof outcome->what, "right answers first");
    return false;
}

/* The file and line of an address, from the debugging information; empty where it can't be told. */
static void place_of(const struct grading *g, const char *runner, uint64_t address, char *place, size_t cap)
{
    char text[32];
    const char *argv[] = {"addr2line", "-s", "-e", runner, text, NULL};
    struct child child;
    struct box box = {.kind = BOX_COMPILER, .scratch = g->submission->scratch, .kit = g->options->kit};
    struct child_bounds bounds = {.cpu_seconds = 10, .memory = (size_t)1 << 30};
    place[0] = '\0';
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)address);
    if (child_start(&child, (char *const *)(uintptr_t)argv, &bounds, &box) != 0)
        return;
    (void)child_finish(&child, 10000);
    child_end(&child);
    if (child.status == 0 && strchr(child.output, '?') == NULL)
        snprintf(place, cap, "%.*s", (int)strcspn(child.output, " \n"), child.output);
}

/* This machine builds such runners, as was tried before anything: what does not build is what was handed in. */
static void not_built(struct check_outcome *outcome, enum submission_news news, const char *how, const char *why)
{
    bool fault = news == SUBMISSION_FAULT;
    *outcome = (struct check_outcome){.verdict = fault ? CHECK_NOT_GRADED : CHECK_FAILED, .kind = CHECK_NOTHING};
    snprintf(outcome->what, sizeof outcome->what, "it does not build %s: %.300s", how, why);
}

/* Follows the secrets under valgrind. What an exercise stands on is given here: it is known not to leak. */
static void watch(struct grading *g)
{
    struct grade_exercise *x = g->result;
    char runner[BOX_PATH_MAX], why[SUBMISSION_WHY_MAX] = "";
    enum submission_news news = submission_link(g->submission, x->exercise, false, SUBMISSION_WATCHED, runner, why);
    if (news == SUBMISSION_OK)
        run_check(g, CHECK_VALGRIND, runner, "timing", x->exercise->timing, &x->timing);
    else
        not_built(&x->timing, news, "for valgrind", why);
}

/* Counts the instructions. What may leak is this exercise's own code: what it stands on is given here too. */
static void count(struct grading *g, bool own, char *runner)
{
    struct grade_exercise *x = g->result;
    char why[SUBMISSION_WHY_MAX] = "";
    enum submission_news news = SUBMISSION_OK;
    if (own)
        news = submission_link(g->submission, x->exercise, false, SUBMISSION_PLAIN, runner, why);
    if (news == SUBMISSION_OK)
        run_check(g, CHECK_STEPS, runner, "timing", x->exercise->timing, &x->timing);
    else
        not_built(&x->timing, news, "with what is given", why);
}

/* runner is the plain one; where the student's own work was in it, another one's name takes its place. */
static void run_timing(struct grading *g, bool own, char *runner)
{
    struct grade_exercise *x = g->result;
    const struct exercise *e = x->exercise;
    if (!right_answers(x, &x->timing))
        return;
    if (x->timing.verdict == CHECK_PASSED && e->count_steps && single_step_possible())
        count(g, own, runner);
    if (x->timing.verdict == CHECK_PASSED)
        watch(g);
    if (x->timing.address != 0) {
        char place[80];
        place_of(g, runner, x->timing.address, place, sizeof place);
        if (place[0] != '\0')
            snprintf(x->timing.where, sizeof x->timing.where, "%s", place);
    }
    add_points(x, &x->timing, e->timing_points);
}

static void run_sanitized(struct grading *g, bool own)
{
    struct grade_exercise *x = g->result;
    const struct exercise *e = x->exercise;
    char runner[BOX_PATH_MAX], why[SUBMISSION_WHY_MAX] = "";
    if (!right_answers(x, &x->memory))
        return;
    enum submission_news news = submission_link(g->submission, e, own, SUBMISSION_SANITIZED, runner, why);
    if (news != SUBMISSION_OK)
        not_built(&x->memory, news, "with the sanitizers", why);
    for (const struct check *k = e->checks; k->name != NULL && x->memory.verdict == CHECK_PASSED; k++)
        run_check(g, CHECK_SANITIZED, runner, k->name, k->run, &x->memory);
    add_points(x, &x->memory, e->memory_points);
}

static void run_all(struct grading *g, bool own, char *runner)
{
    struct grade_exercise *x = g->result;
    const struct grade_options *o = g->options;
    const struct exercise *e = x->exercise;
    run_checks(g, runner);
    if (o->ct && e->timing != NULL) /* unwatched, to see whether it answers otherwise where it is watched */
        run_check(g, CHECK_PLAIN, runner, "timing", e->timing, &x->timing);
    run_again(g, runner);
    x->sound = x->points == exercise_points(e, false, false);
    if (o->ct && e->timing != NULL && x->state == GRADE_DONE)
        run_timing(g, own, runner);
    if (o->sanitize && x->state == GRADE_DONE)
        run_sanitized(g, own);
}

/* ground: what it stands on and does not work; NULL as a rule. */
static void grade_exercise(struct grading *g, const struct grade_exercise *ground)
{
    struct grade_exercise *x = g->result;
    const struct exercise *e = x->exercise;
    char runner[BOX_PATH_MAX];
    if (ground != NULL) {
        x->state = ground->state == GRADE_NOT_GRADED ? GRADE_NOT_GRADED : GRADE_NOT_RUN;
        snprintf(x->why, sizeof x->why, "%s first", ground->exercise->stem);
        return;
    }
    bool own = g->options->own && e->needs[0] != NULL;
    x->state = state_of(submission_link(g->submission, e, own, SUBMISSION_PLAIN, runner, x->why));
    if (x->state != GRADE_DONE)
        return;
    g->asked = calloc(1, sizeof *g->asked); /* without memory for it, one trick less is found out */
    run_all(g, own, runner);
    if (g->asked != NULL)
        asked_free(g->asked);
    free(g->asked);
    g->asked = NULL;
}

/* --- What it stands on -------------------------------------------------------------------------------------------- */

static const struct grade_exercise *graded(const struct grade_result *r, const char *stem)
{
    for (size_t i = 0; i < r->exercises; i++)
        if (strcmp(r->exercise[i].exercise->stem, stem) == 0)
            return &r->exercise[i];
    return NULL;
}

/* The first exercise that e stands on and that does not work; NULL where there is none, or all is given. What was not
 * asked for is graded here for that alone, and kept in `ground`. */
static const struct grade_exercise *missing_ground(struct grading g, const struct grade_result *r,
                                                   struct grade_result *ground, const struct exercise *e)
{
    struct grade_options plain = *g.options;
    plain.ct = plain.sanitize = false;
    g.options = &plain;
    for (size_t i = 0; plain.own && e->needs[i] != NULL; i++) {
        const struct exercise *need = exercise_find(e->needs[i]);
        const struct grade_exercise *x = graded(r, e->needs[i]);
        if (x == NULL)
            x = graded(ground, e->needs[i]);
        if (x == NULL && need != NULL && !plain.trusts) { /* what is no exercise is given */
            g.result = &ground->exercise[ground->exercises++];
            g.result->exercise = need;
            g.hasty = false;
            g.begun = g.tools_begun = (struct timespec){0};
            grade_exercise(&g, missing_ground(g, r, ground, need));
            x = g.result;
        }
        if (x != NULL && !x->sound)
            return x;
    }
    return NULL;
}

/* --- All of it ---------------------------------------------------------------------------------------------------- */

static void sum_up(struct grade_result *r, struct grade_exercise *x)
{
    x->points_max = exercise_points(x->exercise, r->ct, r->sanitize);
    if (x->state == GRADE_NOT_GRADED) {
        r->not_graded = true;
        x->points = x->points_max = 0;
    }
    x->passed = x->state == GRADE_DONE && x->points == x->points_max;
    r->points += x->points;
    r->points_max += x->points_max;
    r->passed += x->passed;
}

/* Whether a runner runs here that is asked nothing, and so ends by itself. */
static bool ends_well(struct submission *s, enum check_mode mode, const char *runner, char *why)
{
    static const char *const what[] = {[CHECK_PLAIN] = "a runner",
                                       [CHECK_SANITIZED] = "a runner with the sanitizers, which --sanitize needs,",
                                       [CHECK_VALGRIND] = "valgrind, which --ct needs,"};
    struct command command;
    struct child child;
    struct child_bounds bounds = bounds_for(mode);
    struct box box = box_for(s, mode, runner);
    command_for(&command, mode, runner);
    if (child_start(&child, (char *const *)(uintptr_t)command.argv, &bounds, &box) != 0) {
        snprintf(why, SUBMISSION_WHY_MAX, "%s can't be started: %s", what[mode], strerror(errno));
        return false;
    }
    (void)child_finish(&child, PROBE_MS);
    child_end(&child);
    submission_clear_tool(s);
    if (WIFEXITED(child.status) && WEXITSTATUS(child.status) == 0)
        return true;
    snprintf(why, SUBMISSION_WHY_MAX, "%s does not work on this machine: %.*s", what[mode],
             (int)strcspn(child.output, "\n"), child.output);
    return false;
}

/* Nothing is graded where an empty runner can't be built, or does not run in the tool that was asked for: that is no
 * fault of the student's. */
static bool can_grade(struct submission *s, const struct grade_options *o, const struct exercise *const *list,
                      char *why)
{
    bool timing = false;
    for (size_t i = 0; list[i] != NULL; i++)
        timing = timing || list[i]->timing != NULL;
    const struct {
        bool wanted;
        enum submission_build build;
        enum check_mode mode;
    } ways[] = {{true, SUBMISSION_PLAIN, CHECK_PLAIN},
                {o->ct && timing, SUBMISSION_WATCHED, CHECK_VALGRIND},
                {o->sanitize, SUBMISSION_SANITIZED, CHECK_SANITIZED}};
    char runner[BOX_PATH_MAX];
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i].wanted && (submission_probe(s, ways[i].build, runner, why) != SUBMISSION_OK ||
                               !ends_well(s, ways[i].mode, runner, why)))
            return false;
    return true;
}

static size_t length(const struct exercise *const *list)
{
    size_t n = 0;
    while (list[n] != NULL)
        n++;
    return n;
}

int grade_submission(struct grade_result *r, const struct grade_options *options, const char *folder)
{
    struct submission submission;
    *r = (struct grade_result){.student = options->student,
                               .box = box_says(),
                               .ct = options->ct,
                               .sanitize = options->sanitize,
                               .steps = single_step_possible()};
    if (submission_open(&submission, folder, options->kit, options->cc) != 0)
        return -1;
    uint8_t *memory = malloc(2 * (WIRE_LEN_MAX + 4));
    struct grade_result *ground = calloc(1, sizeof *ground);
    bool room = memory != NULL && ground != NULL;
    char why[SUBMISSION_WHY_MAX] = "";
    const struct exercise *const *list = options->only[0] != NULL ? options->only : exercises;
    bool can = can_grade(&submission, options, list, why);
    for (size_t i = 0; room && list[i] != NULL; i++) {
        struct grade_exercise *x = &r->exercise[r->exercises];
        struct grading g = {.options = options,
                            .submission = &submission,
                            .result = x,
                            .request = memory,
                            .answer = memory + WIRE_LEN_MAX + 4};
        if (options->progress != NULL)
            options->progress(list[i], i, length(list));
        x->exercise = list[i];
        if (!can) {
            x->state = GRADE_NOT_GRADED;
            memcpy(x->why, why, sizeof x->why);
        } else {
            grade_exercise(&g, missing_ground(g, r, ground, list[i]));
        }
        sum_up(r, x);
        r->exercises++;
    }
    submission_close(&submission);
    free(ground);
    free(memory);
    return room ? 0 : -1;
}
