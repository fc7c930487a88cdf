/* SPDX-License-Identifier: MIT */
/* glass grade: what was handed in, graded. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/terminal/progress_row.h"
#include "app/workbench/commands.h"
#include "app/workbench/grade/class.h"
#include "app/workbench/grade/kit.h"
#include "app/workbench/grade/report.h"
#include "app/workbench/io.h"
#include "crypto/ct.h"

/* Something could not be graded, through no fault of the student: do it again. */
enum { STATUS_NOT_GRADED = 3 };

static const char usage[] =
    "glass grade [--exercise WORDS] [--given] [--ct] [--sanitize] [--detail full|actual|none] "
    "[--form text|json|junit|gradescope] [--json] [--student ID] [--secret-file FILE] [--kit DIR] [--cc PROGRAM] "
    "[--class DIR --results DIR [--jobs N]] [--list] [FOLDER]";

static enum report_detail detail_of(const char *word)
{
    if (word == NULL || strcmp(word, "full") == 0)
        return REPORT_FULL;
    if (strcmp(word, "actual") == 0)
        return REPORT_ACTUAL;
    if (strcmp(word, "none") == 0)
        return REPORT_NONE;
    args_wrong("--detail is full, actual or none", usage);
}

static void list_exercises(FILE *f)
{
    for (size_t i = 0; exercises[i] != NULL; i++) {
        const struct exercise *e = exercises[i];
        fprintf(f, "%s %-14s %3u points  %s\n", e->number, e->stem, exercise_points(e, true, true), e->title);
    }
}

static void progress(const struct exercise *e, size_t done, size_t of)
{
    char what[64];
    snprintf(what, sizeof what, "grading %s %s", e->number, e->stem);
    progress_row_what(what);
    progress_row_at(done, of);
}

/* What was asked for, as words. */
struct asked {
    const char *exercise, *detail, *secret_file, *kit, *student, *cc, *form, *class, *results, *jobs;
    bool given, ct, sanitize, json, list;
};

static void parse(struct args *args, struct asked *a)
{
    struct args_option options[] = {
        {"exercise", &a->exercise, NULL},
        {"detail", &a->detail, NULL},
        {"secret-file", &a->secret_file, NULL},
        {"kit", &a->kit, NULL},
        {"student", &a->student, NULL},
        {"cc", &a->cc, NULL},
        {"form", &a->form, NULL},
        {"class", &a->class, NULL},
        {"results", &a->results, NULL},
        {"jobs", &a->jobs, NULL},
        {"given", NULL, &a->given},
        {"ct", NULL, &a->ct},
        {"sanitize", NULL, &a->sanitize},
        {"json", NULL, &a->json},
        {"list", NULL, &a->list},
        {NULL, NULL, NULL},
    };
    args_parse(args, options, 0, 1, usage);
    if (a->list)
        return;
    if ((args->count == 1) == (a->class != NULL))
        args_wrong("one folder is wanted, or a class", usage);
    if (a->class != NULL && a->results == NULL)
        args_wrong("--results is missing, a folder for what comes of the class", usage);
}

/* Those that the words name, in the table's order: what one stands on comes first. None: all. */
static void choose(struct grade_options *o, const char *words)
{
    bool named[GRADE_EXERCISES_MAX] = {false};
    for (const char *at = words + strspn(words, " "); *at != '\0'; at += strspn(at, " ")) {
        char word[32];
        size_t len = strcspn(at, " "), i = 0;
        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word), at);
        while (exercises[i] != NULL && !exercise_is(exercises[i], word))
            i++;
        if (exercises[i] == NULL)
            args_wrong("there is no such exercise; --list lists them", usage);
        named[i] = true;
        at += len;
    }
    for (size_t i = 0, n = 0; exercises[i] != NULL; i++)
        if (named[i])
            o->only[n++] = exercises[i];
}

/* Fills in what is borrowed for as long as the program runs. */
static void prepare(struct grade_options *o, const struct asked *a, uint8_t secret[static TEACHER_SECRET_MAX])
{
    static struct kit kit;
    *o = (struct grade_options){.own = !a->given, .ct = a->ct, .sanitize = a->sanitize, .progress = progress};
    choose(o, a->exercise != NULL ? a->exercise : "");
    o->student = a->student != NULL ? a->student : "0";
    kit_find(&kit, a->kit, a->cc);
    o->kit = kit.folder;
    o->cc = kit.cc;
    if (a->secret_file != NULL) {
        o->secret = secret;
        o->secret_len = io_read_teacher_secret(a->secret_file, secret);
    }
}

typedef void report_write(FILE *f, const struct grade_result *r, enum report_detail detail);

static report_write *form_of(const struct asked *a)
{
    static const struct {
        const char *name;
        report_write *write;
    } forms[] = {
        {"text", report_text}, {"json", report_json}, {"junit", report_junit}, {"gradescope", report_gradescope}};
    const char *form = a->form != NULL ? a->form : a->json ? "json" : "text";
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, form) == 0)
            return forms[i].write;
    args_wrong("--form is text, json, junit or gradescope", usage);
}

/* By the signal, as whoever waits for this program expects. */
static void end_by(int signal)
{
    (void)sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    (void)raise(signal);
}

static int grade(const struct grade_options *o, const struct asked *a, const char *folder)
{
    static struct grade_result result;
    enum report_detail detail = detail_of(a->detail);
    report_write *write = form_of(a);
    child_catch_signals();
    if (a->class != NULL) {
        unsigned jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
        jobs = a->jobs != NULL ? (unsigned)args_number(a->jobs, 1, 64, "jobs", usage) : jobs;
        return class_grade(o, a->class, a->results, detail, jobs);
    }
    progress_row_begin("grading", "exercises");
    int failed = grade_submission(&result, o, folder);
    progress_row_end();
    if (failed)
        args_fail("%s can't be graded: %s", folder, strerror(errno));
    if (child_interrupted())
        end_by(child_interrupted());
    write(stdout, &result, detail);
    if (result.not_graded)
        return STATUS_NOT_GRADED;
    return result.passed == result.exercises ? STATUS_DONE : STATUS_FAILED;
}

int cmd_grade(struct args *args)
{
    struct asked a = {0};
    struct grade_options o;
    uint8_t secret[TEACHER_SECRET_MAX];
    parse(args, &a);
    if (a.list) {
        (a.json ? report_exercises : list_exercises)(stdout);
        return STATUS_DONE;
    }
    prepare(&o, &a, secret);
    int status = grade(&o, &a, args->value[0]);
    ct_wipe(secret, sizeof secret);
    return status;
}
