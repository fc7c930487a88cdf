/* SPDX-License-Identifier: MIT */
/* glass grade: what was handed in, graded. */
#define _GNU_SOURCE /* readlink, realpath */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/workbench/commands.h"
#include "app/workbench/grade/report.h"
#include "app/workbench/io.h"

static const char usage[] =
    "glass grade [--exercise WORD] [--given] [--ct] [--sanitize] [--detail full|actual|none] [--json] [--student ID] "
    "[--secret-file FILE] [--kit DIR] [--cc PROGRAM] FOLDER | --list";

/* The folder `kit` beside this program, where make puts it. */
static const char *own_kit(char path[PATH_MAX])
{
    ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 8);
    if (len < 0)
        return "build/kit";
    path[len] = '\0';
    strcpy(strrchr(path, '/'), "/kit");
    return path;
}

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

static void progress(const struct exercise *e)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "%s %s ...\033[K\r", e->number, e->stem);
}

int cmd_grade(struct args *args)
{
    static struct grade_result result;
    const char *exercise = NULL, *detail = NULL, *secret_file = NULL, *kit = NULL, *student = NULL, *cc = NULL;
    bool given = false, json = false, list = false;
    struct grade_options o = {.progress = progress};
    struct args_option options[] = {
        {"exercise", &exercise, NULL}, {"detail", &detail, NULL},       {"secret-file", &secret_file, NULL},
        {"kit", &kit, NULL},           {"student", &student, NULL},     {"cc", &cc, NULL},
        {"given", NULL, &given},       {"json", NULL, &json},           {"list", NULL, &list},
        {"ct", NULL, &o.ct},           {"sanitize", NULL, &o.sanitize}, {NULL, NULL, NULL},
    };
    char path[PATH_MAX], real[PATH_MAX];
    args_parse(args, options, 0, 1, usage);
    enum report_detail how = detail_of(detail);
    if (exercise != NULL && (o.only[0] = exercise_find(exercise)) == NULL)
        args_wrong("there is no such exercise", usage);
    if (list) {
        (json ? report_exercises : list_exercises)(stdout);
        return STATUS_DONE;
    }
    if (args->count == 0)
        args_wrong("the folder to grade is missing", usage);
    o.own = !given;
    o.cc = cc != NULL ? cc : "cc";
    o.student = student != NULL ? student : "0";
    if (kit == NULL)
        kit = own_kit(path);
    o.kit = realpath(kit, real);
    if (o.kit == NULL)
        args_fail("the grader's kit %s is missing: `make kit` makes it", kit);
    if (secret_file != NULL)
        o.secret = io_read_file(secret_file, 4096, &o.secret_len);
    if (grade_submission(&result, &o, args->value[0]) != 0)
        args_fail("%s can't be graded: %s", args->value[0], strerror(errno));
    (json ? report_json : report_text)(stdout, &result, how);
    return result.passed == result.exercises ? STATUS_DONE : STATUS_FAILED;
}
