/* SPDX-License-Identifier: MIT */
/* For people: a line for each check, and below one that failed what was called, where the first difference is, and the
 * bytes around it, as hex beside text. */
#include <string.h>

#include "app/terminal/display.h"
#include "app/workbench/grade/report.h"

#define ROW 16

static const char *verdict_says(enum check_verdict verdict)
{
    switch (verdict) {
    case CHECK_PASSED:
        return "ok";
    case CHECK_FAILED:
        return "FAILED";
    case CHECK_NOT_RUN:
        return "not run";
    default:
        return "not graded";
    }
}

static void write_row(FILE *f, const char *whose, const struct check_outcome *o, const uint8_t *bytes)
{
    size_t row = o->difference / ROW * ROW;
    fprintf(f, "             %-9s%6zu  ", whose, o->at + row);
    for (size_t i = row; i < row + ROW; i++)
        if (i < o->bytes_len)
            fprintf(f, "%02x ", bytes[i]);
        else
            fputs("   ", f);
    fputs(" |", f);
    for (size_t i = row; i < row + ROW && i < o->bytes_len; i++)
        fputc(bytes[i] > 0x20 && bytes[i] < 0x7f ? bytes[i] : bytes[i] == ' ' ? '_' : '.', f);
    fputs("|\n", f);
}

static void write_bytes(FILE *f, const struct check_outcome *o, enum report_detail detail)
{
    if (o->bytes_len == 0)
        return;
    write_row(f, "yours", o, o->yours);
    if (detail == REPORT_FULL)
        write_row(f, "should be", o, o->expected);
    fprintf(f, "%*s^^\n", (int)(30 + 3 * (o->difference % ROW)), "");
    (void)fflush(f); /* on a terminal display_line does not wait for it */
}

static void write_inputs(FILE *f, const struct check_outcome *o)
{
    char text[REPORT_INPUT_MAX];
    for (size_t i = 0; i < o->inputs; i++) {
        report_input(text, &o->input[i]);
        display_line(f, "             %s", text);
    }
}

static void write_failure(FILE *f, const struct check_outcome *o, enum report_detail detail)
{
    if (o->verdict != CHECK_FAILED || detail == REPORT_NONE)
        return;
    if (o->call[0] != '\0')
        display_line(f, "           in %s", o->call);
    write_inputs(f, o);
    char told[REPORT_TOLD_MAX];
    report_told(told, o, detail);
    display_line(f, "           %s", told);
    write_bytes(f, o, detail);
    if (o->hint[0] != '\0' && detail == REPORT_FULL)
        display_line(f, "           %s", o->hint);
}

static void write_check(FILE *f, const struct report_check *check, enum report_detail detail)
{
    const struct check_outcome *o = &check->outcome;
    if (o->verdict == CHECK_NOT_RUN || o->verdict == CHECK_NOT_GRADED)
        display_line(f, "  %-10s %s: %s", verdict_says(o->verdict), check->name, o->what);
    else
        display_line(f, "  %-10s %s  %u/%u", verdict_says(o->verdict), check->name, check->points, check->points_max);
    write_failure(f, o, detail);
}

static void write_exercise(FILE *f, const struct grade_result *r, const struct grade_exercise *x,
                           enum report_detail detail)
{
    const struct exercise *e = x->exercise;
    static const char *const says[] = {[GRADE_DONE] = "",
                                       [GRADE_MISSING] = "",
                                       [GRADE_WRONG] = "can't be built: ",
                                       [GRADE_NOT_RUN] = "not run: ",
                                       [GRADE_NOT_GRADED] = "not graded: "};
    bool done = x->state == GRADE_DONE;
    display_line(f, "%s %-14s %3u/%-3u %s%s", e->number, e->stem, x->points, x->points_max,
                 x->passed ? "passed" : says[x->state], done ? "" : x->why);
    if (!done || x->passed)
        return;
    struct report_check check;
    for (size_t k = 0; report_check(&check, r, x, k); k++)
        write_check(f, &check, detail);
}

/* What this machine can't do, which whoever relies on the verdict should know. */
static void write_machine(FILE *f, const struct grade_result *r)
{
    if (strstr(r->box, "landlock") == NULL || strstr(r->box, "seccomp") == NULL)
        display_line(f, "here the code is kept in by %s: it could read or start what you can", r->box);
    if (r->ct && !r->steps)
        display_line(f, "here no instructions can be counted: an early exit that valgrind does not see was not found");
}

void report_text(FILE *f, const struct grade_result *r, enum report_detail detail)
{
    for (size_t i = 0; i < r->exercises; i++)
        write_exercise(f, r, &r->exercise[i], detail);
    write_machine(f, r);
    display_line(f, "%zu of %zu exercises, %u of %u points", r->passed, r->exercises, r->points, r->points_max);
}

void report_bytes(FILE *f, const struct check_outcome *o)
{
    write_inputs(f, o);
    write_bytes(f, o, REPORT_FULL);
}
